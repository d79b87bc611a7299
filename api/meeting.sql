-- Meetings of bodies (kokoukset): public from the day they are planned.

-- name: select
select m.id, m.body_id, m.starts_at, m.ends_at, m.place, m.agenda_note, m.status, m.dialogue_note, m.cancelled_reason,
       m.source, m.external_id, m.version, m.created_at, m.updated_at
from meeting m
where m.municipality = :municipality

-- name: find
select id from meeting
where municipality = :municipality and source = :source and external_id = :external_id

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{body_secretary,admin}', body_id => :body_id)
union all
select 'locale_missing', gap.pointer, gap.language
from text_gaps(:municipality, jsonb_build_object('place', :place::jsonb, 'agenda_note', :agenda_note::jsonb)) as gap

-- name: create.apply
insert into meeting (municipality, body_id, starts_at, ends_at, place, agenda_note, source, external_id)
select :municipality, b.body_id, b.starts_at, b.ends_at, b.place, b.agenda_note, :source, :external_id
from jsonb_populate_record(null::meeting, :body) b
returning id

-- name: part.lock
select id from meeting where municipality = :municipality and id = :id for update

-- name: part.yours
select 'not_your_body', null, null
from meeting m
where m.municipality = :municipality and m.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary,admin}', body_id => m.body_id)

-- name: update.lock
-- include: part.lock

-- name: update.guard
-- include: part.yours
union all
select 'wrong_state', next_states('meeting', m.status), m.status
from meeting m cross join lateral merge_patch(to_jsonb(m), :body) as changed
where m.municipality = :municipality and m.id = :id
  and (m.status = 'cancelled' or (m.status = 'planned' and changed ->> 'dialogue_note' is not null))
union all
select 'locale_missing', gap.pointer, gap.language
from meeting m
cross join lateral merge_patch(to_jsonb(m), :body) as changed
cross join lateral text_gaps(m.municipality, jsonb_build_object(
  'place', changed -> 'place', 'agenda_note', changed -> 'agenda_note', 'dialogue_note', changed -> 'dialogue_note')) as gap
where m.municipality = :municipality and m.id = :id
union all
select 'personal_data', '/dialogue_note', null
from meeting m cross join lateral merge_patch(to_jsonb(m), :body) as changed
where m.municipality = :municipality and m.id = :id and holds_personal_data(changed ->> 'dialogue_note')
union all
select 'slot_outside_meeting', '/starts_at', to_char(s.starts_at at time zone 'Europe/Helsinki', 'HH24:MI')
from meeting m
cross join lateral jsonb_populate_record(null::meeting, merge_patch(to_jsonb(m), :body)) as b
join hearing_slot s on s.municipality = m.municipality and s.meeting_id = m.id and s.status <> 'cancelled'
where m.municipality = :municipality and m.id = :id
  and not tstzrange(b.starts_at, b.ends_at) @> tstzrange(s.starts_at, s.ends_at)

-- name: update.apply
update meeting m
set (starts_at, ends_at, place, agenda_note, dialogue_note) =
    (select b.starts_at, b.ends_at, b.place, b.agenda_note, b.dialogue_note
     from jsonb_populate_record(null::meeting, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: hold.lock
-- include: part.lock

-- name: hold.guard
-- include: part.yours
union all
select 'wrong_state', next_states('meeting', m.status), m.status
from meeting m where m.municipality = :municipality and m.id = :id and m.status <> 'planned'
union all
select 'not_yet_begun', null, to_char(m.starts_at at time zone 'Europe/Helsinki', 'FMDD.FMMM.YYYY HH24:MI')
from meeting m where m.municipality = :municipality and m.id = :id and m.status = 'planned' and m.starts_at > :now
union all
select 'locale_missing', gap.pointer, gap.language
from text_gaps(:municipality, jsonb_build_object('dialogue_note', :dialogue_note::jsonb)) as gap
union all
select 'personal_data', '/dialogue_note', null
where holds_personal_data(:dialogue_note::text) and :municipality::text is not null

-- name: hold.apply
update meeting set status = 'held', dialogue_note = :dialogue_note
where municipality = :municipality and id = :id

-- name: cancel.lock
-- include: part.lock

-- name: cancel.guard
-- include: part.yours
union all
select 'wrong_state', next_states('meeting', m.status), m.status
from meeting m where m.municipality = :municipality and m.id = :id and m.status <> 'planned'

-- name: cancel.apply_slots     Nobody waits for a meeting that is not.
update hearing_slot set status = 'cancelled', cancelled_reason = :reason
where municipality = :municipality and meeting_id = :id and status in ('offered', 'booked')

-- name: cancel.apply
update meeting set status = 'cancelled', cancelled_reason = :reason
where municipality = :municipality and id = :id
