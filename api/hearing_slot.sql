-- Hearing slots: a party's time with the assessing body, in one of its meetings, while a round runs. Seen by those
-- who run and assess the round and by the party; by everybody once the round is published.

-- name: select
select s.id, s.meeting_id, s.reporting_round_id, s.responsible_party_id, p.title as responsible_party_title,
       s.starts_at, s.ends_at, s.status, s.dialogue_note, s.cancelled_reason, s.source, s.external_id, s.version,
       s.created_at, s.updated_at
from hearing_slot s
join responsible_party p on p.municipality = s.municipality and p.id = s.responsible_party_id
where s.municipality = :municipality
  and exists (
    select from reporting_round r
    where r.municipality = s.municipality and r.id = s.reporting_round_id
      and (r.published_at is not null
           or (:actor::uuid is not null
               and (oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)
                    or s.responsible_party_id = any ((select parties_of(:municipality, :actor, :now))::uuid[])))))

-- name: find
select id from hearing_slot
where municipality = :municipality and source = :source and external_id = :external_id

-- name: create.lock
select id from meeting where municipality = :municipality and id = :meeting_id for share

-- name: create.guard
select 'reference_not_found', '/reporting_round_id', null
where not exists (select from reporting_round where municipality = :municipality and id = :reporting_round_id)
union all
select 'reference_not_found', '/meeting_id', null
where not exists (select from meeting where municipality = :municipality and id = :meeting_id)
union all
select 'not_your_body', null, null
from reporting_round r
where r.municipality = :municipality and r.id = :reporting_round_id
  and not may(:municipality, :actor, :now, '{body_secretary,programme_coordinator}',
              body_id => r.assessing_body_id, programme_id => r.programme_id)
union all
select 'round_wrong_state', null, r.status
from reporting_round r
where r.municipality = :municipality and r.id = :reporting_round_id and r.status not in ('open', 'closed', 'in_review')
union all
select 'party_not_in_round', '/responsible_party_id', null
from reporting_round r
where r.municipality = :municipality and r.id = :reporting_round_id and r.status in ('open', 'closed', 'in_review')
  and not exists (
    select from report_request q
    where q.municipality = r.municipality and q.reporting_round_id = r.id and q.responsible_party_id = :responsible_party_id)
union all
select 'meeting_wrong_state', null, m.status
from meeting m
where m.municipality = :municipality and m.id = :meeting_id and m.status <> 'planned'
union all
select 'meeting_of_another_body', '/meeting_id', null
from meeting m join reporting_round r on r.municipality = m.municipality and r.id = :reporting_round_id
where m.municipality = :municipality and m.id = :meeting_id and m.body_id is distinct from r.assessing_body_id
union all
select 'slot_outside_meeting', '/starts_at', to_char(:starts_at::timestamptz at time zone 'Europe/Helsinki', 'HH24:MI')
from meeting m
where m.municipality = :municipality and m.id = :meeting_id and :ends_at::timestamptz > :starts_at::timestamptz
  and not tstzrange(m.starts_at, m.ends_at) @> tstzrange(:starts_at, :ends_at)

-- name: create.apply
insert into hearing_slot (municipality, meeting_id, reporting_round_id, responsible_party_id, starts_at, ends_at, source,
                          external_id)
values (:municipality, :meeting_id, :reporting_round_id, :responsible_party_id, :starts_at, :ends_at, :source, :external_id)
returning id

-- name: part.lock     The meeting's row too: neither moves out of the other's time.
select s.id
from hearing_slot s join meeting m on m.municipality = s.municipality and m.id = s.meeting_id
where s.municipality = :municipality and s.id = :id
for update of s for share of m

-- name: part.yours
select 'not_your_body', null, null
from hearing_slot s join reporting_round r on r.municipality = s.municipality and r.id = s.reporting_round_id
where s.municipality = :municipality and s.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary,programme_coordinator}',
              body_id => r.assessing_body_id, programme_id => r.programme_id)

-- name: update.lock
-- include: part.lock

-- name: update.guard     Its time may change until it is held, its note from then on.
-- include: part.yours
union all
select 'wrong_state', next_states('hearing_slot', s.status), s.status
from hearing_slot s
cross join lateral jsonb_populate_record(null::hearing_slot, merge_patch(to_jsonb(s), :body)) as b
where s.municipality = :municipality and s.id = :id
  and (s.status = 'cancelled'
       or (s.status = 'held' and (b.starts_at, b.ends_at) is distinct from (s.starts_at, s.ends_at))
       or (s.status <> 'held' and b.dialogue_note is not null))
union all
select 'slot_outside_meeting', '/starts_at', to_char(b.starts_at at time zone 'Europe/Helsinki', 'HH24:MI')
from hearing_slot s
cross join lateral jsonb_populate_record(null::hearing_slot, merge_patch(to_jsonb(s), :body)) as b
join meeting m on m.municipality = s.municipality and m.id = s.meeting_id
where s.municipality = :municipality and s.id = :id and b.ends_at > b.starts_at
  and not tstzrange(m.starts_at, m.ends_at) @> tstzrange(b.starts_at, b.ends_at)
union all
select 'locale_missing', gap.pointer, gap.language
from hearing_slot s
cross join lateral text_gaps(s.municipality, jsonb_build_object(
  'dialogue_note', merge_patch(to_jsonb(s), :body) -> 'dialogue_note')) as gap
where s.municipality = :municipality and s.id = :id
union all
select 'personal_data', '/dialogue_note', null
from hearing_slot s cross join lateral merge_patch(to_jsonb(s), :body) as changed
where s.municipality = :municipality and s.id = :id and holds_personal_data(changed ->> 'dialogue_note')

-- name: update.apply
update hearing_slot m
set (starts_at, ends_at, dialogue_note) =
    (select b.starts_at, b.ends_at, b.dialogue_note
     from jsonb_populate_record(null::hearing_slot, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: book.lock
-- include: part.lock

-- name: book.guard
select 'not_your_duty', null, null
from hearing_slot s
where s.municipality = :municipality and s.id = :id and not acts_for(:municipality, :actor, :now, s.responsible_party_id)
union all
select 'wrong_state', next_states('hearing_slot', s.status), s.status
from hearing_slot s where s.municipality = :municipality and s.id = :id and s.status <> 'offered'
union all
select 'already_begun', null, to_char(s.starts_at at time zone 'Europe/Helsinki', 'FMDD.FMMM.YYYY HH24:MI')
from hearing_slot s
where s.municipality = :municipality and s.id = :id and s.status = 'offered' and s.starts_at <= :now

-- name: book.apply
update hearing_slot set status = 'booked' where municipality = :municipality and id = :id

-- name: hold.lock
-- include: part.lock

-- name: hold.guard
-- include: part.yours
union all
select 'wrong_state', next_states('hearing_slot', s.status), s.status
from hearing_slot s where s.municipality = :municipality and s.id = :id and s.status <> 'booked'
union all
select 'not_yet_begun', null, to_char(s.starts_at at time zone 'Europe/Helsinki', 'FMDD.FMMM.YYYY HH24:MI')
from hearing_slot s
where s.municipality = :municipality and s.id = :id and s.status = 'booked' and s.starts_at > :now
union all
select 'locale_missing', gap.pointer, gap.language
from text_gaps(:municipality, jsonb_build_object('dialogue_note', :dialogue_note::jsonb)) as gap
union all
select 'personal_data', '/dialogue_note', null
where holds_personal_data(:dialogue_note::text) and :municipality::text is not null

-- name: hold.apply
update hearing_slot set status = 'held', dialogue_note = :dialogue_note
where municipality = :municipality and id = :id

-- name: cancel.lock
-- include: part.lock

-- name: cancel.guard     Also by the party, which may no longer need it.
select 'not_your_duty', null, null
from hearing_slot s join reporting_round r on r.municipality = s.municipality and r.id = s.reporting_round_id
where s.municipality = :municipality and s.id = :id
  and not acts_for(:municipality, :actor, :now, s.responsible_party_id)
  and not may(:municipality, :actor, :now, '{body_secretary,programme_coordinator}',
              body_id => r.assessing_body_id, programme_id => r.programme_id)
union all
select 'wrong_state', next_states('hearing_slot', s.status), s.status
from hearing_slot s where s.municipality = :municipality and s.id = :id and s.status not in ('offered', 'booked')

-- name: cancel.apply
update hearing_slot set status = 'cancelled', cancelled_reason = :reason
where municipality = :municipality and id = :id
