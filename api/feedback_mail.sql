-- Answers, messages and the question whether the answer helped, e-mailed to senders: the worker's errand, one letter a time
-- (feedback_mail.c).

-- name: select     Whether it has left, for the unit; never whereto.
select m.id, m.feedback_id, m.kind, m.message_id, m.status, m.attempts, m.done_at, m.created_at
from feedback_mail m
join feedback f on f.municipality = m.municipality and f.id = m.feedback_id
where m.municipality = :municipality and (f.id = :id or f.merged_into_id = :id)

-- name: send.lock
select id from feedback_mail where municipality = :municipality and id = :id for update

-- name: send.apply     One attempt.
update feedback_mail set attempts = attempts + 1
where municipality = :municipality and id = :id
returning set_config('app.made', id::text, true)

-- name: letter     No row: it is for nobody any more.
select request_setting('made') as id, l.sender, l.recipient, l.subject, l.body, l.language
from feedback_letter(:municipality, request_setting('made')::uuid) as l

-- name: keep_end     It has left, or never will.
update feedback_mail set status = :outcome, done_at = :now, next_at = null
where municipality = :municipality and id = request_setting('made')::uuid

-- name: keep_refusal     The server does not take this one: three times, hours apart, is enough.
update feedback_mail m
set status = case when m.attempts >= 3 then 'refused' else 'waiting' end,
    done_at = case when m.attempts >= 3 then :now::timestamptz end,
    next_at = case when m.attempts < 3 then :now::timestamptz + errand_wait(m.attempts + 3, 3) end
where m.municipality = :municipality and m.id = request_setting('made')::uuid

-- name: keep_delay     Later; not after five days, when nobody waits for it any more.
update feedback_mail m
set status = case when m.created_at < :now::timestamptz - interval '5 days' then 'expired' else 'waiting' end,
    done_at = case when m.created_at < :now::timestamptz - interval '5 days' then :now::timestamptz end,
    next_at = case when m.created_at >= :now::timestamptz - interval '5 days'
                   then :now::timestamptz + errand_wait(m.attempts, 3) end
where m.municipality = :municipality and m.id = request_setting('made')::uuid

-- name: keep_outage     No server can be reached: all that waits waits on.
update feedback_mail m
set next_at = greatest(m.next_at, made.next_at)
from feedback_mail made
where made.municipality = :municipality and made.id = request_setting('made')::uuid
  and m.municipality = made.municipality and m.status = 'waiting' and made.status = 'waiting'
