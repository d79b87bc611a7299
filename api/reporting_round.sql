-- Reporting rounds (raportointikierrokset): domain brief 4.3. Public once published; before that seen by
-- those who run, decide and report.

-- name: select
select r.id, r.programme_id, r.programme_version_id, v.number as programme_version_number,
       v.status as programme_version_status, r.year, r.name, r.status, r.invite_on, r.due_on, r.grace_days,
       r.assessment_starts_on, r.assessment_ends_on, r.onward_report_on, r.publish_on, r.round_rule_id,
       r.added_measure_ids, r.light_scale_id, r.assessing_body_id, r.onward_report_body_id, r.start_decision_id,
       r.assessment_decision_id, r.onward_decision_id, r.opened_at, r.closed_at, r.assessed_at, r.presented_at,
       r.published_at, r.cancelled_reason, r.source, r.external_id, r.version, r.created_at, r.updated_at
from reporting_round r
join programme_version v on v.municipality = r.municipality and v.id = r.programme_version_id
where r.municipality = :municipality
  and (r.published_at is not null
       or (:actor::uuid is not null
           and (oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)
                or reports_in_round(:municipality, :actor, :now, r.id))))

-- name: find
select id from reporting_round
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.lock     No version begins or ends meanwhile, and two workers make one round.
select id from programme where municipality = :municipality and id = :programme_id for update

-- name: create.guard     The worker asks none of these: it does only what is due.
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => :programme_id)
union all
select 'reference_not_found', '/programme_version_id', null
where not exists (
  select from programme_version
  where municipality = :municipality and id = :programme_version_id and programme_id = :programme_id)

-- name: create.apply     Without a due date the timetable is the programme's calendar's.
insert into reporting_round (municipality, programme_id, programme_version_id, year, name, invite_on, due_on, grace_days,
                             assessment_starts_on, assessment_ends_on, onward_report_on, publish_on, round_rule_id,
                             added_measure_ids, assessing_body_id, onward_report_body_id, start_decision_id,
                             source, external_id)
select :municipality, b.programme_id, b.programme_version_id, b.year, b.name,
       coalesce(b.invite_on, d.invite_on), coalesce(b.due_on, d.due_on),
       coalesce(b.grace_days, (c.calendar ->> 'grace_days')::integer),
       coalesce(b.assessment_starts_on, d.assessment_starts_on), coalesce(b.assessment_ends_on, d.assessment_ends_on),
       coalesce(b.onward_report_on, d.onward_report_on), coalesce(b.publish_on, d.publish_on), b.round_rule_id,
       coalesce(lower(b.added_measure_ids::text)::jsonb, '[]'),
       b.assessing_body_id, b.onward_report_body_id, b.start_decision_id, :source, :external_id
from jsonb_populate_record(null::reporting_round, :body) b
cross join lateral round_calendar(:municipality, b.programme_id) as c (calendar)
left join lateral round_days(c.calendar, b.year) as d on b.due_on is null
returning id

-- name: create.apply_notice     The worker made it from a rule: the body is to decide to start.
insert into message (municipality, reporting_round_id, responsible_party_id, kind, subject, text, measures)
select r.municipality, r.id, p.coordinating_party_id, 'planning', r.name,
       jsonb_build_object(
         'fi', 'Kierros on suunniteltu. Toimielin päättää aloittamisesta; kutsut lähetetään ' || to_char(r.invite_on, 'FMDD.FMMM.YYYY') || '.',
         'sv', 'Rundan är planerad. Organet beslutar om att inleda den; kallelserna sänds ' || to_char(r.invite_on, 'FMDD.FMMM.YYYY') || '.',
         'en', 'The round is planned. The body decides to start it; the invitations go out on ' || to_char(r.invite_on, 'FMDD.FMMM.YYYY') || '.'),
       '[]'
from reporting_round r
join programme p on p.municipality = r.municipality and p.id = r.programme_id
where r.municipality = :municipality and r.programme_id = :programme_id and r.year = :year and r.status = 'planned'
  and :actor::uuid is null

-- name: part.lock
select id from reporting_round where municipality = :municipality and id = :id for update

-- name: part.coordinator
select 'not_your_body', null, null
from reporting_round r
where r.municipality = :municipality and r.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => r.programme_id)

-- name: update.lock
-- include: part.lock

-- name: update.guard
-- include: part.coordinator
union all
select 'round_wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status <> 'planned'

-- name: update.apply
update reporting_round m
set (name, invite_on, due_on, grace_days, assessment_starts_on, assessment_ends_on, onward_report_on, publish_on,
     added_measure_ids, assessing_body_id, onward_report_body_id, start_decision_id) =
    (select b.name, b.invite_on, coalesce(b.due_on, m.due_on), coalesce(b.grace_days, m.grace_days),
            b.assessment_starts_on, b.assessment_ends_on, b.onward_report_on, b.publish_on,
            coalesce(lower(b.added_measure_ids::text)::jsonb, '[]'), b.assessing_body_id, b.onward_report_body_id, b.start_decision_id
     from jsonb_populate_record(null::reporting_round, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: open.lock     The lines too: whom it asks and a replacement of a party do not pass each other.
with round as (
  select r.id, r.programme_version_id from reporting_round r
  where r.municipality = :municipality and r.id = :id
  for update
), line as (
  select l.id
  from round r
  join measure m on m.municipality = :municipality and m.programme_version_id = r.programme_version_id
  join measure_line l on l.municipality = m.municipality and l.id = m.measure_line_id
  for share of l
)
select (select count(*) from round) as rounds, (select count(*) from line) as lines

-- name: open.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status <> 'planned'
union all
select 'decision_missing', null, 'start_decision_id'
from reporting_round r
left join decision d on d.municipality = r.municipality and d.id = r.start_decision_id
where r.municipality = :municipality and r.id = :id
  and (d.id is null or coalesce(d.outcome, '') not in ('approved', 'approved_amended') or d.body_id is distinct from r.assessing_body_id)
union all
select 'version_not_in_force', null, v.status
from reporting_round r
join programme_version v on v.municipality = r.municipality and v.id = r.programme_version_id
where r.municipality = :municipality and r.id = :id and v.status <> 'in_force'
union all
select 'due_in_past', '/due_on', r.due_on::text
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.due_on < helsinki_date(:now)
union all
select 'not_in_scope', '/added_measure_ids', added.id
from reporting_round r
cross join lateral jsonb_array_elements_text(r.added_measure_ids) as added (id)
where r.municipality = :municipality and r.id = :id
  and not exists (
    select from measure m
    where m.municipality = r.municipality and m.id = added.id::uuid and m.deleted_at is null
      and m.programme_version_id = r.programme_version_id)
union all
select 'scope_empty', null, r.year::text
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.added_measure_ids = '[]'
  and not exists (
    select from measure m join goal g on g.municipality = m.municipality and g.measure_id = m.id
    where m.municipality = r.municipality and m.programme_version_id = r.programme_version_id
      and m.deleted_at is null and goal_in_year(g.start_year, g.end_year, r.year))
union all
select 'lead_missing', '/measures/' || m.number, m.number
from reporting_round r
join measure m on m.municipality = r.municipality and m.programme_version_id = r.programme_version_id and m.deleted_at is null
where r.municipality = :municipality and r.id = :id
  and (r.added_measure_ids ? m.id::text
       or exists (select from goal g where g.municipality = m.municipality and g.measure_id = m.id
                                       and goal_in_year(g.start_year, g.end_year, r.year)))
  and not exists (
    select from assignment a
    where a.municipality = m.municipality and a.measure_line_id = m.measure_line_id and a.role = 'lead'
      and helsinki_date(:now) between a.starts_on and coalesce(a.ends_on, 'infinity'))
union all
select 'locale_missing', '/name', missing.language
from reporting_round r
cross join lateral missing_languages(
  r.name, required_languages(r.municipality, 'reporting_round', r.assessing_body_id)) as missing (language)
where r.municipality = :municipality and r.id = :id

-- name: open.apply_round
update reporting_round r
set status = 'open', opened_at = :now,
    light_scale_id = (select s.id from light_scale s
                      where s.municipality = r.municipality and s.valid_from <= helsinki_date(:now)
                      order by s.number desc limit 1)
where r.municipality = :municipality and r.id = :id

-- name: open.apply_scope     A measure with an undated goal and one for the year is in once.
insert into round_measure (municipality, reporting_round_id, measure_line_id, measure_id, theme_id, is_added)
select m.municipality, r.id, m.measure_line_id, m.id, m.theme_id, not falls.in_year
from reporting_round r
join measure m on m.municipality = r.municipality and m.programme_version_id = r.programme_version_id and m.deleted_at is null
cross join lateral (
  select exists (select from goal g where g.municipality = m.municipality and g.measure_id = m.id
                                      and goal_in_year(g.start_year, g.end_year, r.year)) as in_year) as falls
where r.municipality = :municipality and r.id = :id
  and (falls.in_year or r.added_measure_ids ? m.id::text)

-- name: open.apply_requests     One request per party and measure.
insert into report_request (municipality, reporting_round_id, measure_line_id, measure_id, responsible_party_id, role, due_on)
select s.municipality, s.reporting_round_id, s.measure_line_id, s.measure_id, a.responsible_party_id, a.role, r.due_on
from round_measure s
join reporting_round r on r.municipality = s.municipality and r.id = s.reporting_round_id
join measure m on m.municipality = s.municipality and m.id = s.measure_id
join assignment a on a.municipality = s.municipality and a.measure_line_id = s.measure_line_id
where s.municipality = :municipality and s.reporting_round_id = :id
  and helsinki_date(:now) between a.starts_on and coalesce(a.ends_on, 'infinity')
order by m.sort_number, a.role

-- name: open.apply_messages     One message per party, listing its measures.
insert into message (municipality, reporting_round_id, responsible_party_id, kind, subject, text, measures)
select q.municipality, q.reporting_round_id, q.responsible_party_id, 'invitation', r.name,
       jsonb_build_object(
         'fi', 'Raportoikaa vastuullanne olevista toimenpiteistä viimeistään ' || to_char(r.due_on, 'FMDD.FMMM.YYYY') || '.',
         'sv', 'Rapportera om de åtgärder ni ansvarar för senast ' || to_char(r.due_on, 'FMDD.FMMM.YYYY') || '.',
         'en', 'Report on the measures you are responsible for by ' || to_char(r.due_on, 'FMDD.FMMM.YYYY') || '.'),
       jsonb_agg(jsonb_build_object('report_request_id', q.id, 'measure_id', m.id, 'number', m.number,
                                    'title', m.title, 'role', q.role, 'due_on', q.due_on) order by m.sort_number)
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
join measure m on m.municipality = q.municipality and m.id = q.measure_id
where q.municipality = :municipality and q.reporting_round_id = :id
group by q.municipality, q.reporting_round_id, q.responsible_party_id, r.name, r.due_on

-- name: open.apply_priorities     What the last published round singled out goes on.
insert into priority (municipality, reporting_round_id, measure_line_id, theme_id, reason, carried_from_id)
select p.municipality, r.id, p.measure_line_id, t.id, p.reason, p.id
from reporting_round r
join lateral (
  select o.id from reporting_round o
  where o.municipality = r.municipality and o.programme_id = r.programme_id and o.status = 'published' and o.year < r.year
  order by o.year desc limit 1) as last_round on true
join priority p on p.municipality = r.municipality and p.reporting_round_id = last_round.id and p.deleted_at is null
left join theme old on old.municipality = p.municipality and old.id = p.theme_id
left join theme t on t.municipality = p.municipality and t.programme_version_id = r.programme_version_id
                 and t.number = old.number and t.deleted_at is null
where r.municipality = :municipality and r.id = :id and (p.measure_line_id is not null or t.id is not null)

-- name: open.apply_waiting     What came after the last round's assessment is the answer to this one's requests.
select take_waiting_reports(:municipality, :id, null) as taken

-- name: close.lock
-- include: part.lock

-- name: close.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status <> 'open'

-- name: close.apply_round
update reporting_round set status = 'closed', closed_at = :now
where municipality = :municipality and id = :id

-- name: close.apply_requests
update report_request set status = 'missing'
where municipality = :municipality and reporting_round_id = :id
  and status in ('invited', 'acknowledged', 'draft', 'returned')

-- name: close.apply_snapshots     Each measure's state as a plain JSON document.
update round_measure s
set snapshot = json_build_object(
      'number', m.number, 'title', m.title, 'theme_number', t.number, 'status', l.status,
      'goals', (select coalesce(json_agg(json_build_object(
                         'n', g.n, 'text', g.text,
                         'window', json_build_object('kind', g.window_kind, 'start_year', g.start_year,
                                                     'end_year', g.end_year, 'note', g.note, 'cycles', g.cycles),
                         'status', g.status) order by g.n), '[]')
                from goal g where g.municipality = m.municipality and g.measure_id = m.id),
      'assignments', (select coalesce(json_agg(json_build_object(
                               'id', a.id, 'responsible_party_id', a.responsible_party_id,
                               'responsible_party_title', p.title, 'role', a.role, 'starts_on', a.starts_on,
                               'ends_on', a.ends_on, 'reason', a.reason) order by a.starts_on, a.id), '[]')
                      from assignment a
                      join responsible_party p on p.municipality = a.municipality and p.id = a.responsible_party_id
                      where a.municipality = l.municipality and a.measure_line_id = l.id),
      'requests', (select coalesce(json_agg(json_build_object(
                            'responsible_party_id', q.responsible_party_id, 'role', q.role, 'status', q.status,
                            'is_late', q.is_late, 'reported_status', p.reported_status,
                            -- public with the round; what was not accepted yet was not looked through
                            'summary', case when q.status = 'accepted' then p.summary end)
                          order by q.role, q.id), '[]')
                   from report_request q
                   left join lateral (
                     select p.reported_status, p.summary from report p
                     where p.municipality = q.municipality and p.report_request_id = q.id and p.submitted_at is not null
                     order by p.revision desc limit 1) as p on true
                   where q.municipality = s.municipality and q.reporting_round_id = s.reporting_round_id
                     and q.measure_line_id = s.measure_line_id))
from measure m
join theme t on t.municipality = m.municipality and t.id = m.theme_id
join measure_line l on l.municipality = m.municipality and l.id = m.measure_line_id
where s.municipality = :municipality and s.reporting_round_id = :id
  and m.municipality = s.municipality and m.id = s.measure_id

-- name: close.apply_documents
select take_snapshots(:municipality, :id, null, 'closing', :now) as taken

-- name: review.lock
-- include: part.lock

-- name: review.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status <> 'closed'

-- name: review.apply
update reporting_round set status = 'in_review' where municipality = :municipality and id = :id

-- name: part.words     What the body says: it does not change any more when the round is assessed, and then is published.
  select concat('/assessments/', m.number, '/justification'), m.number, a.justification
  from round_measure s
  join measure m on m.municipality = s.municipality and m.id = s.measure_id
  join lateral (
    select a.justification from assessment a
    where a.municipality = s.municipality and a.reporting_round_id = s.reporting_round_id
      and a.measure_line_id = s.measure_line_id
    order by a.id desc limit 1) as a on a.justification is not null
  where s.municipality = :municipality and s.reporting_round_id = :id
  union all
  select concat('/priorities/', p.id, '/reason'), coalesce(m.number, t.number), p.reason
  from priority p
  join reporting_round r on r.municipality = p.municipality and r.id = p.reporting_round_id
  left join measure m on m.municipality = p.municipality and m.programme_version_id = r.programme_version_id
                     and m.measure_line_id = p.measure_line_id and m.deleted_at is null
  left join theme t on t.municipality = p.municipality and t.id = p.theme_id
  where p.municipality = :municipality and p.reporting_round_id = :id and p.deleted_at is null

-- name: assess.lock
-- include: part.lock

-- name: assess.guard
select 'not_your_body', null, null
from reporting_round r
where r.municipality = :municipality and r.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => r.assessing_body_id)
union all
select 'wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status <> 'in_review'
union all
select 'body_not_competent', '/decision_id', coalesce(b.name ->> 'fi', '–')
from reporting_round r
join decision d on d.municipality = r.municipality and d.id = :decision_id
left join body b on b.municipality = d.municipality and b.id = d.body_id
where r.municipality = :municipality and r.id = :id and d.body_id is distinct from r.assessing_body_id
union all
select 'decision_missing', null, 'decision_id'
from decision d where d.municipality = :municipality and d.id = :decision_id and d.outcome is null
union all
select 'assessment_missing', '/measures/' || m.number, m.number
from round_measure s join measure m on m.municipality = s.municipality and m.id = s.measure_id
where s.municipality = :municipality and s.reporting_round_id = :id
  and not exists (
    select from assessment a
    where a.municipality = s.municipality and a.reporting_round_id = s.reporting_round_id
      and a.measure_line_id = s.measure_line_id)

union all
select 'locale_missing', words.pointer, missing.language
from reporting_round r
cross join lateral (
-- include: part.words
) as words (pointer, number, text)
cross join lateral missing_languages(
  words.text, required_languages(r.municipality, 'reporting_round', r.assessing_body_id)) as missing (language)
where r.municipality = :municipality and r.id = :id
union all
select 'personal_data', words.pointer, words.number
from (
-- include: part.words
) as words (pointer, number, text)
where holds_personal_data(words.text::text)

-- name: assess.apply
update reporting_round set status = 'assessed', assessed_at = :now, assessment_decision_id = :decision_id
where municipality = :municipality and id = :id

-- name: present.lock
-- include: part.lock

-- name: present.guard
select 'not_your_body', null, null
from reporting_round r
where r.municipality = :municipality and r.id = :id
  and not may(:municipality, :actor, :now, '{presenter}', body_id => r.assessing_body_id, programme_id => r.programme_id)
union all
select 'wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status <> 'assessed'
union all
select 'body_not_competent', '/decision_id', coalesce(b.name ->> 'fi', '–')
from reporting_round r
join decision d on d.municipality = r.municipality and d.id = :decision_id
left join body b on b.municipality = d.municipality and b.id = d.body_id
where r.municipality = :municipality and r.id = :id
  and r.onward_report_body_id is not null and d.body_id is distinct from r.onward_report_body_id
union all
select 'decision_missing', null, 'decision_id'
from decision d where d.municipality = :municipality and d.id = :decision_id and d.outcome is null

-- name: present.apply
update reporting_round set status = 'presented', presented_at = :now, onward_decision_id = :decision_id
where municipality = :municipality and id = :id

-- name: publish.lock
-- include: part.lock

-- name: publish.guard
-- include: part.coordinator
union all
select 'not_presented', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status = 'assessed'
union all
select 'wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status not in ('assessed', 'presented')

-- name: publish.apply_round
update reporting_round set status = 'published', published_at = :now
where municipality = :municipality and id = :id

-- name: publish.apply_documents
select take_snapshots(:municipality, :id, null, 'publication', :now) as taken

-- name: cancel.lock
-- include: part.lock

-- name: cancel.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status not in ('planned', 'open')

-- name: cancel.apply
update reporting_round set status = 'cancelled', cancelled_reason = :reason
where municipality = :municipality and id = :id

-- name: remind.lock
-- include: part.lock

-- name: remind.guard
-- include: part.coordinator
union all
select 'round_wrong_state', null, r.status
from reporting_round r
where r.municipality = :municipality and r.id = :id and r.status not in ('open', 'closed', 'in_review')

-- name: remind.apply_parties     One message per party, with all it still owes in the round; every rule is logged.
-- Without an actor it is the worker's, and the calendar's rules say who is due.
with due as (
  select d.* from reminders_due(:municipality, :id, :now, :actor::uuid is not null) as d where d.kind <> 'escalation'
), told as (
  insert into message (municipality, reporting_round_id, responsible_party_id, kind, subject, text, measures)
  select q.municipality, q.reporting_round_id, q.responsible_party_id, 'reminder', r.name,
         case when min(q.due_on) < helsinki_date(:now)
              then jsonb_build_object(
                'fi', 'Määräpäivä ' || to_char(min(q.due_on), 'FMDD.FMMM.YYYY') || ' on mennyt. Raportoikaa viipymättä.',
                'sv', 'Tidsfristen ' || to_char(min(q.due_on), 'FMDD.FMMM.YYYY') || ' har gått ut. Rapportera utan dröjsmål.',
                'en', 'The due date ' || to_char(min(q.due_on), 'FMDD.FMMM.YYYY') || ' has passed. Report without delay.')
              else jsonb_build_object(
                'fi', 'Muistutus: raportoikaa viimeistään ' || to_char(min(q.due_on), 'FMDD.FMMM.YYYY') || '.',
                'sv', 'Påminnelse: rapportera senast ' || to_char(min(q.due_on), 'FMDD.FMMM.YYYY') || '.',
                'en', 'Reminder: report by ' || to_char(min(q.due_on), 'FMDD.FMMM.YYYY') || '.') end,
         jsonb_agg(jsonb_build_object('report_request_id', q.id, 'measure_id', m.id, 'number', m.number,
                                      'title', m.title, 'role', q.role, 'due_on', q.due_on) order by m.sort_number)
  from report_request q
  join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
  join measure m on m.municipality = q.municipality and m.id = q.measure_id
  where q.municipality = :municipality and q.reporting_round_id = :id
    and q.status in ('invited', 'acknowledged', 'draft', 'returned')
    and q.responsible_party_id in (select d.responsible_party_id from due d)
  group by q.municipality, q.reporting_round_id, q.responsible_party_id, r.name
  returning id, responsible_party_id
)
insert into reminder (municipality, reporting_round_id, report_request_id, kind, due_on, sent_on, message_id)
select :municipality, :id, d.report_request_id, d.kind, d.due_on, helsinki_date(:now), t.id
from due d join told t on t.responsible_party_id = d.responsible_party_id

-- name: remind.apply_escalation     What nobody answered for long, to the nearest party above that somebody holds, else
-- to the programme's coordinating party: one message each.
with due as (
  select d.*, coalesce(escalates_to(:municipality, d.responsible_party_id, :now), g.coordinating_party_id) as told_id
  from reminders_due(:municipality, :id, :now, :actor::uuid is not null) as d
  join reporting_round r on r.municipality = :municipality and r.id = :id
  join programme g on g.municipality = r.municipality and g.id = r.programme_id
  where d.kind = 'escalation'
), told as (
  insert into message (municipality, reporting_round_id, responsible_party_id, kind, subject, text, measures)
  select r.municipality, r.id, d.told_id, 'escalation', r.name,
         jsonb_build_object(
           'fi', 'Raportti puuttuu yhä: ' || string_agg(distinct p.title ->> 'fi', ', ') || '.',
           'sv', 'Rapport saknas fortfarande: ' || string_agg(distinct coalesce(p.title ->> 'sv', p.title ->> 'fi'), ', ') || '.',
           'en', 'Report still missing: ' || string_agg(distinct coalesce(p.title ->> 'en', p.title ->> 'fi'), ', ') || '.'),
         jsonb_agg(jsonb_build_object('report_request_id', q.id, 'measure_id', m.id, 'number', m.number,
                                      'title', m.title, 'role', q.role, 'due_on', q.due_on) order by m.sort_number)
  from due d
  join report_request q on q.municipality = :municipality and q.id = d.report_request_id
  join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
  join measure m on m.municipality = q.municipality and m.id = q.measure_id
  join responsible_party p on p.municipality = q.municipality and p.id = q.responsible_party_id
  group by r.municipality, r.id, d.told_id, r.name
  returning id, responsible_party_id
)
insert into reminder (municipality, reporting_round_id, report_request_id, kind, due_on, sent_on, message_id)
select :municipality, :id, d.report_request_id, d.kind, d.due_on, helsinki_date(:now), t.id
from due d join told t on t.responsible_party_id is not distinct from d.told_id
