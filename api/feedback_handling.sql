-- What a unit does with feedback: takes it, answers, passes it on, ends it. By the unit's people and the
-- participation coordinator; what a moderator holds is let go by a moderator.

-- name: part.lock
select id from feedback where municipality = :municipality and id = :id for update

-- name: part.text     Identity codes are not written by staff either.
-- shared: the words alone
select 'personal_data', '/text', null
where personal_data_kinds(:text) ? 'identity_code'

-- name: part.reason
-- shared: the words alone
select 'personal_data', '/reason', null
where personal_data_kinds(:reason) ? 'identity_code'

-- name: part.unit     Whoever sees it for another reason does not work on it.
select 'not_your_unit', null, null
from feedback f
where f.municipality = :municipality and f.id = :id
  and not feedback_worked_by(f, :actor, :now)

-- name: assign.lock
-- include: part.lock

-- name: assign.guard     To a topic of the municipality's own; to another authority's it is transferred.
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status not in ('received', 'assigned', 'in_progress')
union all
select 'reference_not_found', '/topic_id', null
where :topic_id::uuid is not null and not exists (
  select from feedback_topic t
  where t.municipality = :municipality and t.id = :topic_id and t.deleted_at is null and t.signpost is null)
union all
select 'reference_not_found', '/responsible_party_id', null
where not exists (
  select from responsible_party p
  where p.municipality = :municipality and p.id = :responsible_party_id and p.deleted_at is null)
union all
-- include: part.reason

-- name: assign.apply     Whoever passes it on reads it this once more.
with passed as (
  update feedback set status = 'assigned', responsible_party_id = :responsible_party_id
  where municipality = :municipality and id = :id
  returning id
)
select id, set_config('app.made', id::text, true) from passed

-- name: assign.apply_topic     With the topic its target, from the day the target times began; a later one that was told stays.
with begun as (
  select max(t.at) as at
  from transition t
  where t.municipality = :municipality and t.resource = 'feedback' and t.resource_id = :id and t.to_status = 'reopened'
), chosen as (
  select t.id, t.is_accessibility, feedback_due_on(t, helsinki_date(coalesce(b.at, f.created_at))) as due_on
  from feedback f
  join feedback_topic t on t.municipality = f.municipality and t.id = :topic_id
  cross join begun b
  where f.municipality = :municipality and f.id = :id
)
update feedback f
set topic_id = c.id, is_topic_suggested = false, is_accessibility = c.is_accessibility, target_on = c.due_on,
    due_on = greatest(case when f.due_on > f.target_on then f.due_on end, c.due_on)
from chosen c
where f.municipality = :municipality and f.id = :id

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
select 'rule_broken', '/no_reply_wanted', 'reply_or_none'
where :reply::text is not null and :no_reply_wanted::boolean
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
-- include: part.text

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
set status = 'transferred', topic_id = :topic_id, is_topic_suggested = false, closed_at = :now,
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

-- name: release.apply     To its unit, and to who works on it there, with what was found still named.
update feedback
set status = case when responsible_party_id is null then 'received' when taken_by_id is null then 'assigned' else 'in_progress' end
where municipality = :municipality and id = :id

-- name: return.lock
-- include: part.lock

-- name: return.guard
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status not in ('assigned', 'in_progress')
union all
-- include: part.reason

-- name: return.apply     To the coordinator, and read this once more.
with returned as (
  update feedback set status = 'received', responsible_party_id = null
  where municipality = :municipality and id = :id
  returning id
)
select id, set_config('app.made', id::text, true) from returned

-- name: inform.lock
-- include: part.lock

-- name: inform.guard     A target is told anew before or after it was missed, and only a later one: a day on which somebody
-- is there, within a year.
-- include: part.unit
union all
-- include: part.open
union all
select 'rule_broken', '/due_on', rule.name
from feedback f
cross join lateral (values
  ('due_on_later', :due_on::date <= greatest(f.due_on, helsinki_date(:now))), ('due_on_working_day', not is_working_day(:due_on::date)),
  ('due_on_within_a_year', :due_on::date > helsinki_date(:now) + interval '1 year')) as rule (name, is_broken)
where f.municipality = :municipality and f.id = :id and rule.is_broken

-- name: inform.apply
insert into feedback_message (municipality, feedback_id, kind, text, due_on)
values (:municipality, :id, 'interim', :text, :due_on)

-- name: inform.apply_target
update feedback set due_on = :due_on
where municipality = :municipality and id = :id and :due_on::date is not null

-- name: note.lock
-- include: part.lock

-- name: note.guard     Nothing is said of what has been forgotten, but for a case that others still wait for.
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.anonymised_at is not null
  and f.status in ('closed', 'rejected', 'merged', 'transferred')
union all
-- include: part.text

-- name: note.apply     Among staff: neither its sender nor anybody else reads it.
insert into feedback_message (municipality, feedback_id, kind, text)
values (:municipality, :id, 'note', :text)

-- name: reopen.lock
-- include: part.lock

-- name: reopen.guard     What its sender has taken back only where others follow it, for as long as they do.
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id
  and (f.status not in ('answered', 'closed')
       or (coalesce(f.withdrawn_at, f.anonymised_at) is not null
           and not (answers_for_others(f)
                    and coalesce(helsinki_date(f.closed_at) + interval '6 months' >= helsinki_date(:now), true))))
union all
-- include: part.reason

-- name: reopen.apply     Target times begin anew.
update feedback f
set status = 'reopened', closed_at = null, due_on = feedback_target(f, helsinki_date(:now))
where f.municipality = :municipality and f.id = :id

-- name: reopen.apply_unit     Back to the unit that had it.
update feedback set status = case when responsible_party_id is null then 'received' else 'assigned' end
where municipality = :municipality and id = :id

-- name: reopen.apply_message     Its sender reads why.
insert into feedback_message (municipality, feedback_id, kind, text)
values (:municipality, :id, 'reopening', :reason)

-- name: part.case     Another item that whoever merges sees.
select c.*
from feedback c
where c.municipality = :municipality and c.id = :into_id and c.id <> :id
  and feedback_inside(c, oversees_feedback(:municipality, :actor, :now), feedback_units(:municipality, :actor, :now))

-- name: merge.lock     One after another: what had been merged into the one is locked by nobody else's merging.
with turn as materialized (select pg_advisory_xact_lock(hashtextextended('feedback_merge ' || :municipality, 0)))
select f.id from turn cross join feedback f
where f.municipality = :municipality and f.id in (:id, :into_id) order by f.id for update of f

-- name: merge.guard     Into a case that still is one.
-- include: part.unit
union all
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status not in ('received', 'assigned', 'in_progress')
union all
select 'reference_not_found', '/into_id', null
where not exists (
-- include: part.case
)
union all
select 'case_not_open', '/into_id', concat_ws(' → ', c.number || ' (' || c.status || ')', k.number)
from (
-- include: part.case
) as c
left join feedback k on k.municipality = c.municipality and k.id = c.merged_into_id
where c.status not in ('received', 'assigned', 'in_progress', 'answered')

-- name: merge.apply     What had been merged into it goes along, so that a case is one step away.
update feedback set merged_into_id = :into_id where municipality = :municipality and merged_into_id = :id

-- name: merge.apply_itself     Its answer is the case's from now on: one of its own stays among what was said, and is public no more.
update feedback
set status = 'merged', merged_into_id = :into_id, reply = null, no_reply_wanted = false, answered_at = null
where municipality = :municipality and id = :id

-- name: merge.apply_case     What is published and would name its sender is looked at anew.
update feedback c set publication = 'proposed'
where c.municipality = :municipality and c.id = :into_id and c.publication = 'published'
  and exists (select from publication_names(c, false))

-- name: is_inside     For what only staff reads of it.
select f.id
from feedback f
where f.municipality = :municipality and f.id = :id
  and feedback_inside(f, oversees_feedback(:municipality, :actor, :now), feedback_units(:municipality, :actor, :now))

-- name: messages     All that was said, notes among staff too, and what senders of merged items said.
select m.id, m.feedback_id, m.kind, m.text, m.client_status, m.media_urls, m.due_on, m.created_at, m.updated_at
from feedback_message m
join feedback f on f.municipality = m.municipality and f.id = m.feedback_id
where m.municipality = :municipality and (f.id = :id or f.merged_into_id = :id)

-- name: assignments
select a.id, a.feedback_id, a.from_party_id, a.to_party_id, a.reason, a.at
from feedback_assignment a
where a.municipality = :municipality and a.feedback_id = :id

-- name: ratings     Of the item and of those merged into it.
select g.id, g.feedback_id, g.score, g.text, g.created_at, g.updated_at
from feedback_rating g
join feedback f on f.municipality = g.municipality and f.id = g.feedback_id
where g.municipality = :municipality and (f.id = :id or f.merged_into_id = :id)
