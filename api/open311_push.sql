-- Telling clients of Open311 what became of what they sent: the worker's errand, one move a time (open311_push.c).

-- name: push.apply     One attempt.
update open311_push set attempts = attempts + 1
where municipality = :municipality and id = :id
returning set_config('app.made', id::text, true)

-- name: told     Whereto, and what is said of it now. A text is obligatory there.
select c.push_url, c.push_jurisdiction_id, c.push_api_key, u.id as update_id, f.number as service_request_id,
       case when t.resource_id = f.id then open311_word(t.to_status, coalesce(f.withdrawn_at <= t.at, false)) else open311_word_at(f, e.at) end as status,
       open311_time(e.at) as updated_datetime,
       coalesce(nullif(case when t.id is null then open311_said(f, m) else open311_said_with_move(f, t) end, ''),
                (select text_in(g.text, f.language) from feedback_text g where g.kind = 'open311_update')) as description
from open311_push u
join open311_client c on c.municipality = u.municipality and c.id = u.client_id
join feedback f on f.municipality = u.municipality and f.id = u.feedback_id
left join transition t on t.municipality = u.municipality and t.id = u.transition_id
left join feedback_message m on m.municipality = u.municipality and m.id = u.message_id
cross join lateral (select coalesce(t.at, m.created_at) as at) as e
where u.municipality = :municipality and u.id = request_setting('made')::uuid

-- name: part.attempted
u.municipality = :municipality and u.id = request_setting('made')::uuid

-- name: keep_delivery     It has arrived, so what comes next need not wait.
with told as (
  update open311_push u set pushed_at = :now, refusal = null where
  -- include: part.attempted
  returning u.municipality, u.client_id
)
delete from open311_push_failure x using told where x.municipality = told.municipality and x.client_id = told.client_id

-- name: keep_refusal     This move is not taken; ten times is enough. Others are.
update open311_push u
set refusal = :reason, next_at = :now::timestamptz + errand_wait(u.attempts, 4),
    given_up_at = case when u.attempts >= 10 then :now::timestamptz end
where
-- include: part.attempted

-- name: keep_failure     Nothing can be told: all that waits for this client waits on.
insert into open311_push_failure as x (municipality, client_id, failures, reason, failed_at, next_at)
select u.municipality, u.client_id, 1, :reason, :now, :now::timestamptz + errand_wait(1, 2)
from open311_push u where
-- include: part.attempted
on conflict (municipality, client_id) do update
set failures = x.failures + 1, reason = excluded.reason, next_at = excluded.failed_at + errand_wait(x.failures + 1, 2)
