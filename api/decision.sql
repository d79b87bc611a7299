-- Decisions (päätökset) and the matters they come from: recorded by a secretary, either as a matter that begins or
-- as what was decided. The moves are decision_life's. What is inspected does not change.

-- name: part.effects     What was decided by it and what became of that, as far as it may be seen.
  select t.to_status, 'programme_version', '/programme-versions/', v.id,
         (select jsonb_object_agg(n.key, concat(n.value, ' ', v.number)) from jsonb_each_text(p.name) as n), v.status
  from transition t
  join programme_version v on v.municipality = t.municipality and v.id = t.resource_id
  join programme p on p.municipality = v.municipality and p.id = v.programme_id
  where t.municipality = d.municipality and t.decision_id = d.id and t.from_status is not null
    and (v.published_at is not null
         or may(:municipality, :actor, :now,
                '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
                programme_id => v.programme_id))
  union all
  select made.effect, 'reporting_round', '/reporting-rounds/', r.id, r.name, r.status
  from (select 'started' as effect, s.id from reporting_round s
        where s.municipality = d.municipality and s.start_decision_id = d.id
        union all
        select t.to_status, t.resource_id from transition t
        where t.municipality = d.municipality and t.decision_id = d.id and t.from_status is not null) as made
  join reporting_round r on r.municipality = d.municipality and r.id = made.id
  where r.published_at is not null
     or (:actor::uuid is not null and oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id))
  union all
  select made.effect, 'budget_cycle', '/budget-cycles/', c.id, c.name, c.status
  from (select 'started' as effect, s.id from budget_cycle s
        where s.municipality = d.municipality and s.decision_id = d.id
        union all
        select 'ballot_confirmed', s.id from budget_cycle s
        where s.municipality = d.municipality and s.ballot_decision_id = d.id
        union all
        select t.to_status, t.resource_id from transition t
        where t.municipality = d.municipality and t.decision_id = d.id and t.from_status is not null) as made
  join budget_cycle c on c.municipality = d.municipality and c.id = made.id
  where c.published_at is not null
     or may(:municipality, :actor, :now,
            '{participation_coordinator,programme_coordinator,vote_officer,evaluator,body_secretary,admin}')
  union all
  select 'prioritised', 'priority', '/priorities/', p.id, coalesce(m.title, h.name), null
  from reporting_round r
  join priority p on p.municipality = r.municipality and p.reporting_round_id = r.id and p.deleted_at is null
  left join round_measure s on s.municipality = p.municipality and s.reporting_round_id = r.id
                           and s.measure_line_id = p.measure_line_id
  left join measure m on m.municipality = s.municipality and m.id = s.measure_id
  left join theme h on h.municipality = p.municipality and h.id = p.theme_id
  where r.municipality = d.municipality and r.assessment_decision_id = d.id
    and (r.published_at is not null
         or (:actor::uuid is not null and oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)))

-- name: select     A matter is public from its beginning, member by member: the proposal with the agenda, the record
-- once it is published, necessary personal data only while the appeal time runs.
select d.id, d.body_id, inexact_text(d.meeting_day, d.date_precision) as meeting_on,
       case when who.sees_record then d.section_number end as section_number, d.register_number, d.title, d.decision_type,
       d.preparer_title, case when who.sees_proposal then d.presenter_title end as presenter_title,
       d.plain_summary, d.how_to_influence, d.influence_until, d.dialogue,
       case when who.sees_proposal then d.proposed_decision end as proposed_decision,
       case when who.sees_record then d.discussion end as discussion,
       case when who.sees_record then d.decision end as decision,
       case when who.sees_record then d.outcome end as outcome,
       case when who.is_insider or d.status = 'published' then d.personal_details end as personal_details,
       d.status, d.initiated_at, d.agenda_published_at, d.inspected_on, d.online_on,
       case when d.appeal_kind is not null
            then json_build_object('kind', d.appeal_kind, 'route', d.appeal_route, 'informed_on', d.appeal_informed_on,
                                   'ends_on', d.appeal_ends_on) end as appeal,
       coalesce((select json_agg(json_build_object('id', c.id, 'text', c.text, 'reason', c.reason,
                                                   'acting_role', c.acting_role, 'acting_office', c.acting_office,
                                                   'created_at', rfc3339(c.created_at)) order by c.id)
                 from decision_correction c
                 where c.municipality = d.municipality and c.decision_id = d.id and who.sees_record), '[]') as corrections,
       coalesce((select json_agg(json_build_object('effect', e.effect, 'resource', e.resource, 'id', e.id,
                                                   'url', concat('/v1/', d.municipality, e.path, e.id), 'name', e.name,
                                                   'status', e.status) order by e.resource, e.id, e.effect)
                 from (
-- include: part.effects
                 ) as e (effect, resource, path, id, name, status)), '[]') as effects,
       d.published_at, d.source, d.external_id, d.version, d.created_at, d.updated_at
from decision d
cross join lateral (
  select is_insider, is_insider or d.published_at is not null as sees_record,
         is_insider or d.published_at is not null or d.status not in ('initiated', 'in_preparation') as sees_proposal
  from (select may(:municipality, :actor, :now,
                   '{body_secretary,body_member,presenter,programme_coordinator,participation_coordinator,registrar,admin}',
                   body_id => d.body_id) as is_insider) as asked) as who
where d.municipality = :municipality
  and (d.published_at is not null or d.initiated_at is not null or who.is_insider)

-- name: find
select id from decision
where municipality = :municipality and source = :source and external_id = :external_id

-- name: part.record     What holds however a record is written.
select 'body_not_competent', '/body_id', b.name ->> 'fi'
from body b where b.municipality = :municipality and b.id = :body_id and not b.makes_decisions
union all
select 'register_number_form', '/register_number', :register_number
from municipality m where m.code = :municipality and not :register_number ~ m.register_number_pattern
union all
select 'rule_broken', '/online_on', 'online_on <= today' where :online_on::date > helsinki_date(:now)
union all
select 'personal_data', '/' || said.member, null
from jsonb_each(:body::jsonb - '{how_to_influence,external_id}'::text[]) as said (member, words)
where holds_personal_data(said.words::text)

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{body_secretary}', body_id => :body_id)
union all
select 'rule_broken', '/meeting_on', 'meeting_on <= today'
where :outcome::text is not null and :decision::text is not null
  and inexact_first_day(:meeting_on) > helsinki_date(:now)
union all
-- include: part.record

-- name: create.apply
insert into decision (municipality, body_id, meeting_day, date_precision, section_number, register_number, title,
                      decision_type, preparer_title, presenter_title, plain_summary, how_to_influence, influence_until,
                      dialogue, proposed_decision, discussion, decision, outcome, personal_details, online_on, status,
                      initiated_at, source, external_id)
select :municipality, b.body_id, inexact_first_day(:meeting_on), inexact_precision(:meeting_on), b.section_number,
       b.register_number, b.title, coalesce(b.decision_type, 'merits'), b.preparer_title, b.presenter_title,
       b.plain_summary, b.how_to_influence, b.influence_until, coalesce(b.dialogue, '[]'), b.proposed_decision,
       b.discussion, b.decision, b.outcome, b.personal_details, b.online_on,
       case when b.decision is null then 'initiated' else 'decided' end,
       case when b.decision is null then :now::timestamptz end, :source, :external_id
from jsonb_populate_record(null::decision, :body) b
returning id

-- name: update.guard
select 'wrong_state', next_states('decision', d.status), d.status
from decision d
where d.municipality = :municipality and d.id = :id and d.status in ('inspected', 'published', 'appeal_closed')
union all
select 'not_your_body', null, null
from decision d
where d.municipality = :municipality and d.id = :id
  and not (may(:municipality, :actor, :now, '{body_secretary}', body_id => d.body_id)
           and may(:municipality, :actor, :now, '{body_secretary}', body_id => coalesce(:body_id, d.body_id)))
union all
select 'in_use', '/outcome', d.outcome
from decision d
where d.municipality = :municipality and d.id = :id and :body::jsonb ? 'outcome' and :outcome::text is distinct from d.outcome
  and (exists (select from transition t where t.municipality = d.municipality and t.decision_id = d.id)
       or exists (select from reporting_round r where r.municipality = d.municipality and r.start_decision_id = d.id
                                                  and r.status <> 'planned')
       or exists (select from budget_cycle c where c.municipality = d.municipality and c.decision_id = d.id
                                               and c.status <> 'planned'))
union all
-- include: part.record

-- name: update.apply
update decision m
set (body_id, meeting_day, date_precision, section_number, register_number, title, decision_type, preparer_title,
     presenter_title, plain_summary, how_to_influence, influence_until, dialogue, proposed_decision, discussion, decision,
     outcome, personal_details, online_on) =
    (select b.body_id, coalesce(inexact_first_day(:meeting_on), m.meeting_day),
            coalesce(inexact_precision(:meeting_on), m.date_precision), b.section_number, b.register_number, b.title,
            coalesce(b.decision_type, 'merits'), b.preparer_title, b.presenter_title, b.plain_summary, b.how_to_influence,
            b.influence_until, coalesce(b.dialogue, '[]'), b.proposed_decision, b.discussion, b.decision, b.outcome,
            b.personal_details, b.online_on
     from jsonb_populate_record(null::decision, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id
