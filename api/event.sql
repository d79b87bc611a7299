-- Events (tapahtumat): public from publication on, also when cancelled afterwards.

-- name: select
select e.id, e.kind, e.status, e.name, e.description, e.place, e.area_id, e.starts_at, e.ends_at, e.how_to_take_part,
       e.registration_url, e.registration_closes_at, e.reporting_round_id, e.programme_version_id, e.theme_id, e.budget_cycle_id,
       e.summary, coalesce(e.attendance, '[]') as attendance, e.published_at, e.cancelled_reason, e.source, e.external_id, e.version,
       e.created_at, e.updated_at
from event e
where e.municipality = :municipality
  and (e.published_at is not null
       or (:actor::uuid is not null
           and may(:municipality, :actor, :now,
                   '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
                   programme_id => event_programme(e.municipality, e.reporting_round_id, e.programme_version_id, e.theme_id))))

-- name: find
select id from event
where municipality = :municipality and source = :source and external_id = :external_id

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin,participation_coordinator,programme_coordinator}',
              programme_id => event_programme(:municipality, :reporting_round_id, :programme_version_id, :theme_id))

-- name: create.apply
insert into event (municipality, kind, name, description, place, area_id, starts_at, ends_at, how_to_take_part,
                   registration_url, registration_closes_at, reporting_round_id, programme_version_id, theme_id,
                   budget_cycle_id, source, external_id)
select :municipality, b.kind, b.name, b.description, b.place, b.area_id, b.starts_at, b.ends_at, b.how_to_take_part,
       b.registration_url, b.registration_closes_at, b.reporting_round_id, b.programme_version_id, b.theme_id,
       b.budget_cycle_id, :source, :external_id
from jsonb_populate_record(null::event, :body) b
returning id

-- name: part.lock
select id from event where municipality = :municipality and id = :id for update

-- name: part.yours
select 'not_your_body', null, null
from event e
where e.municipality = :municipality and e.id = :id
  and not may(:municipality, :actor, :now, '{admin,participation_coordinator,programme_coordinator}',
              programme_id => event_programme(e.municipality, e.reporting_round_id, e.programme_version_id, e.theme_id))

-- name: update.lock
-- include: part.lock

-- name: update.guard     What was is not rewritten: only the account of it, once there is one.
-- include: part.yours
union all
select 'not_your_body', null, null
from event e
cross join lateral jsonb_populate_record(null::event, merge_patch(to_jsonb(e), :body)) as b
where e.municipality = :municipality and e.id = :id
  and not may(:municipality, :actor, :now, '{admin,participation_coordinator,programme_coordinator}',
              programme_id => event_programme(e.municipality, b.reporting_round_id, b.programme_version_id, b.theme_id))
union all
select 'wrong_state', next_states('event', e.status), e.status
from event e
cross join lateral jsonb_populate_record(null::event, merge_patch(to_jsonb(e), :body)) as b
where e.municipality = :municipality and e.id = :id
  and (e.status = 'cancelled'
       or (e.status in ('held', 'summarised')
           and to_jsonb(b) - '{summary,attendance}'::text[] <> to_jsonb(e) - '{summary,attendance}'::text[])
       or (e.status <> 'summarised' and (b.summary, b.attendance) is distinct from (e.summary, e.attendance)))
union all
select 'required', '/summary', 'summary'
from event e cross join lateral merge_patch(to_jsonb(e), :body) as changed
where e.municipality = :municipality and e.id = :id and e.status = 'summarised' and changed ->> 'summary' is null
union all
select 'locale_missing', gap.pointer, gap.language
from event e
cross join lateral merge_patch(to_jsonb(e), :body) as changed
cross join lateral text_gaps(e.municipality, jsonb_build_object(
  'name', changed -> 'name', 'description', changed -> 'description', 'place', changed -> 'place',
  'how_to_take_part', changed -> 'how_to_take_part', 'summary', changed -> 'summary')) as gap
where e.municipality = :municipality and e.id = :id and e.published_at is not null
union all
select 'personal_data', '/' || part.member, null
from event e
cross join lateral merge_patch(to_jsonb(e), :body) as changed
cross join (values ('summary'), ('attendance')) as part (member)
where e.municipality = :municipality and e.id = :id and holds_personal_data(changed ->> part.member)

-- name: update.apply
update event m
set (kind, name, description, place, area_id, starts_at, ends_at, how_to_take_part, registration_url,
     registration_closes_at, reporting_round_id, programme_version_id, theme_id, budget_cycle_id, summary, attendance) =
    (select b.kind, b.name, b.description, b.place, b.area_id, b.starts_at, b.ends_at, b.how_to_take_part,
            b.registration_url, b.registration_closes_at, b.reporting_round_id, b.programme_version_id, b.theme_id,
            b.budget_cycle_id, b.summary, b.attendance
     from jsonb_populate_record(null::event, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: publish.lock
-- include: part.lock

-- name: publish.guard
-- include: part.yours
union all
select 'wrong_state', next_states('event', e.status), e.status
from event e where e.municipality = :municipality and e.id = :id and e.status <> 'planned'
union all
select 'locale_missing', gap.pointer, gap.language
from event e
cross join lateral text_gaps(e.municipality, jsonb_build_object(
  'name', e.name, 'description', e.description, 'place', e.place, 'how_to_take_part', e.how_to_take_part)) as gap
where e.municipality = :municipality and e.id = :id

-- name: publish.apply
update event set status = 'published', published_at = :now
where municipality = :municipality and id = :id

-- name: hold.lock
-- include: part.lock

-- name: hold.guard
-- include: part.yours
union all
select 'wrong_state', next_states('event', e.status), e.status
from event e where e.municipality = :municipality and e.id = :id and e.status <> 'published'
union all
select 'not_yet_begun', null, to_char(e.starts_at at time zone 'Europe/Helsinki', 'FMDD.FMMM.YYYY HH24:MI')
from event e where e.municipality = :municipality and e.id = :id and e.status = 'published' and e.starts_at > :now

-- name: hold.apply
update event set status = 'held' where municipality = :municipality and id = :id

-- name: summarise.lock
-- include: part.lock

-- name: summarise.guard
-- include: part.yours
union all
select 'wrong_state', next_states('event', e.status), e.status
from event e where e.municipality = :municipality and e.id = :id and e.status <> 'held'
union all
select 'attendance_missing', '/attendance', null
from event e
where e.municipality = :municipality and e.id = :id and e.kind = 'training'
  and coalesce(jsonb_array_length(:attendance::jsonb), 0) = 0
union all
select 'locale_missing', gap.pointer, gap.language
from text_gaps(:municipality, jsonb_build_object('summary', :summary::jsonb)) as gap
union all
select 'personal_data', '/' || part.member, null
from (values ('summary', :summary::text), ('attendance', :attendance::text)) as part (member, words)
where holds_personal_data(part.words) and :municipality::text is not null

-- name: summarise.apply
update event set status = 'summarised', summary = :summary, attendance = :attendance
where municipality = :municipality and id = :id

-- name: cancel.lock
-- include: part.lock

-- name: cancel.guard
-- include: part.yours
union all
select 'wrong_state', next_states('event', e.status), e.status
from event e where e.municipality = :municipality and e.id = :id and e.status not in ('planned', 'published')

-- name: cancel.apply
update event set status = 'cancelled', cancelled_reason = :reason
where municipality = :municipality and id = :id
