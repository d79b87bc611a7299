-- The moves of a decision from preparation to the end of its appeal time; the reads are decision's. The worker
-- closes the appeal time.

-- name: part.lock
select id from decision where municipality = :municipality and id = :id for update

-- name: part.secretary
select 'not_your_body', null, null
from decision d
where d.municipality = :municipality and d.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => d.body_id)

-- name: part.languages     What goes on the net is there in the languages it needs.
select 'locale_missing', '/' || part.member, missing.language
from decision d
cross join lateral (
  values ('title', d.title), ('preparer_title', d.preparer_title), ('presenter_title', d.presenter_title),
         ('plain_summary', d.plain_summary), ('how_to_influence', d.how_to_influence),
         ('proposed_decision', d.proposed_decision), ('discussion', d.discussion), ('decision', d.decision)
  union all
  select concat('dialogue/', held.n - 1, '/', said.member), said.words
  from jsonb_array_elements(d.dialogue) with ordinality as held (item, n)
  cross join lateral jsonb_each(held.item) as said (member, words)
  where jsonb_typeof(said.words) = 'object') as part (member, words)
cross join lateral missing_languages(part.words, required_languages(d.municipality, 'decision', d.body_id)) as missing (language)
where d.municipality = :municipality and d.id = :id and part.words is not null

-- name: prepare.lock
-- include: part.lock

-- name: prepare.guard
-- include: part.secretary
union all
select 'wrong_state', next_states('decision', d.status), d.status
from decision d where d.municipality = :municipality and d.id = :id and d.status <> 'initiated'
union all
select 'required', '/' || part.member, part.member
from decision d
cross join lateral (values ('preparer_title', d.preparer_title), ('plain_summary', d.plain_summary),
                           ('how_to_influence', d.how_to_influence)) as part (member, words)
where d.municipality = :municipality and d.id = :id and part.words is null
union all
-- include: part.languages

-- name: prepare.apply
update decision set status = 'in_preparation' where municipality = :municipality and id = :id

-- name: agenda.lock
-- include: part.lock

-- name: agenda.guard
-- include: part.secretary
union all
select 'wrong_state', next_states('decision', d.status), d.status
from decision d where d.municipality = :municipality and d.id = :id and d.status <> 'in_preparation'
union all
select 'required', '/proposed_decision', 'proposed_decision'
from decision d where d.municipality = :municipality and d.id = :id and d.proposed_decision is null
union all
-- include: part.languages

-- name: agenda.apply
update decision
set status = 'on_agenda', agenda_published_at = :now, meeting_day = :meeting_on, date_precision = 'day'
where municipality = :municipality and id = :id

-- name: decide.lock
-- include: part.lock

-- name: decide.guard
-- include: part.secretary
union all
select 'wrong_state', next_states('decision', d.status), d.status
from decision d where d.municipality = :municipality and d.id = :id and d.status <> 'on_agenda'
union all
select 'rule_broken', '/meeting_on', 'meeting_on <= today'
from decision d
where d.municipality = :municipality and d.id = :id and d.status = 'on_agenda'
  and coalesce(:meeting_on, d.meeting_day) > helsinki_date(:now)
union all
select 'personal_data', '/' || said.member, null
from jsonb_each(:body::jsonb) as said (member, words)
where holds_personal_data(said.words::text)

-- name: decide.apply
update decision d
set status = 'decided', meeting_day = coalesce(:meeting_on, d.meeting_day), section_number = :section_number,
    decision_type = coalesce(:decision_type, d.decision_type), discussion = :discussion, decision = :decision,
    outcome = :outcome, personal_details = :personal_details
where d.municipality = :municipality and d.id = :id

-- name: inspect.lock
-- include: part.lock

-- name: inspect.guard
-- include: part.secretary
union all
select 'wrong_state', next_states('decision', d.status), d.status
from decision d where d.municipality = :municipality and d.id = :id and d.status <> 'decided'
union all
select 'rule_broken', '/inspected_on', 'meeting_on <= inspected_on <= today'
from decision d
where d.municipality = :municipality and d.id = :id
  and not :inspected_on::date between d.meeting_day and helsinki_date(:now)

-- name: inspect.apply
update decision set status = 'inspected', inspected_on = :inspected_on where municipality = :municipality and id = :id

-- name: publish.lock
-- include: part.lock

-- name: publish.guard     What is carried over from another system was inspected there.
-- include: part.secretary
union all
select 'wrong_state', next_states('decision', d.status), d.status
from decision d
where d.municipality = :municipality and d.id = :id
  and d.status <> 'inspected' and not (d.status = 'decided' and d.source is not null)
union all
select 'appeal_rule_missing', null, d.decision_type
from decision d
where d.municipality = :municipality and d.id = :id
  and not exists (select from appeal_of(d.municipality, d.id, d.online_on))
union all
-- include: part.languages

-- name: publish.apply     The clock runs from the day the minutes went online: today, unless the record says otherwise.
-- Of a carried-over record that does not say it is not known.
update decision d
set status = 'published', published_at = :now, online_on = minutes.online_on, appeal_kind = minutes.kind,
    appeal_route = minutes.route, appeal_informed_on = minutes.informed_on, appeal_ends_on = minutes.ends_on
from (
  select o.id, day.online_on, a.kind, a.route, a.informed_on, a.ends_on
  from decision o
  cross join lateral (
    select coalesce(o.online_on, case when o.status = 'inspected' then helsinki_date(:now) end) as online_on) as day
  cross join lateral appeal_of(o.municipality, o.id, day.online_on) as a
  where o.municipality = :municipality and o.id = :id) as minutes
where d.municipality = :municipality and d.id = minutes.id

-- name: publish.apply_without_appeal     What cannot be appealed has no appeal time.
update decision set status = 'appeal_closed'
where municipality = :municipality and id = :id and appeal_kind = 'none'

-- name: close.lock
-- include: part.lock

-- name: close.guard     The worker asks none of these: it does only what is due.
-- include: part.secretary
union all
select 'wrong_state', next_states('decision', d.status), d.status
from decision d where d.municipality = :municipality and d.id = :id and d.status <> 'published'
union all
select 'appeal_open', null, d.appeal_ends_on::text
from decision d
where d.municipality = :municipality and d.id = :id and d.status = 'published' and day_end(d.appeal_ends_on) > :now::timestamptz

-- name: close.apply
update decision set status = 'appeal_closed' where municipality = :municipality and id = :id
