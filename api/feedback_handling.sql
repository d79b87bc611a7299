-- What a unit does with feedback: takes it, answers, passes it on, ends it. By the unit's people and the
-- participation coordinator; what a moderator holds is let go by a moderator.

-- name: part.lock
select id from feedback where municipality = :municipality and id = :id for update

-- name: part.unit     Whoever sees it for another reason does not work on it.
select 'not_your_unit', null, null
from feedback f
where f.municipality = :municipality and f.id = :id
  and not coalesce(may(:municipality, :actor, :now, '{participation_coordinator}')
                   or f.responsible_party_id = any (feedback_units(:municipality, :actor, :now)), false)

-- name: assign.lock
-- include: part.lock

-- name: assign.guard
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status not in ('received', 'assigned', 'in_progress')
union all
select 'reference_not_found', '/responsible_party_id', null
where not exists (
  select from responsible_party p
  where p.municipality = :municipality and p.id = :responsible_party_id and p.deleted_at is null)

-- name: assign.apply     Whoever passes it on reads it this once more.
with passed as (
  update feedback set status = 'assigned', responsible_party_id = :responsible_party_id
  where municipality = :municipality and id = :id
  returning id
)
select id, set_config('app.made', id::text, true) from passed

-- name: start.lock
-- include: part.lock

-- name: start.guard
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status <> 'assigned'

-- name: start.apply
update feedback set status = 'in_progress' where municipality = :municipality and id = :id

-- name: answer.lock
-- include: part.lock

-- name: answer.guard     With a reply, or because none was wanted.
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status not in ('assigned', 'in_progress')
union all
select 'required', '/reply', 'reply'
where :reply::text is null and :no_reply_wanted::boolean is not true
union all
select 'personal_data', '/reply', null
where personal_data_kinds(:reply) ? 'identity_code'

-- name: answer.apply
update feedback
set status = 'answered', reply = :reply, no_reply_wanted = coalesce(:no_reply_wanted::boolean, false), answered_at = :now
where municipality = :municipality and id = :id

-- name: close.lock
-- include: part.lock

-- name: close.guard
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status <> 'answered'

-- name: close.apply
update feedback set status = 'closed', closed_at = :now where municipality = :municipality and id = :id

-- name: part.open     What may still be passed on or refused.
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status not in ('received', 'assigned', 'in_progress')
union all
select 'personal_data', '/text', null
where personal_data_kinds(:text) ? 'identity_code'

-- name: part.told     Its sender reads why.
insert into feedback_message (municipality, feedback_id, kind, text)
values (:municipality, :id, 'interim', :text)

-- name: transfer.lock
-- include: part.lock

-- name: transfer.guard     To the authority the topic's signpost names.
-- include: part.unit
union all
-- include: part.open
union all
select 'reference_not_found', '/topic_id', null
where not exists (
  select from feedback_topic t
  where t.municipality = :municipality and t.id = :topic_id and t.deleted_at is null and t.signpost is not null)

-- name: transfer.apply
update feedback f
set status = 'transferred', topic_id = :topic_id, closed_at = :now,
    transferred_to = (select t.signpost from feedback_topic t where t.municipality = f.municipality and t.id = :topic_id)
where f.municipality = :municipality and f.id = :id

-- name: transfer.apply_told
-- include: part.told

-- name: reject.lock
-- include: part.lock

-- name: reject.guard
-- include: part.unit
union all
-- include: part.open

-- name: reject.apply
update feedback set status = 'rejected', closed_at = :now where municipality = :municipality and id = :id

-- name: reject.apply_told
-- include: part.told

-- name: release.lock
-- include: part.lock

-- name: release.guard
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status <> 'in_moderation'

-- name: release.apply     To its unit, with what was found still named.
update feedback set status = case when responsible_party_id is null then 'received' else 'assigned' end
where municipality = :municipality and id = :id
