-- What every write shares. The order of the parameters of `settings` is session.c's.

-- name: settings     Who acts and when; read by triggers, policies and request_now().
-- shared: the tenant is one of the settings
select set_config('app.municipality', coalesce(:municipality, ''), true),
       set_config('app.actor', coalesce(:actor, ''), true),
       set_config('app.role', coalesce(:role, ''), true),
       set_config('app.now', :now, true),
       set_config('app.request', :request, true),
       set_config('app.reason', coalesce(:reason, ''), true),
       set_config('app.decision', coalesce(:decision, ''), true)

-- name: made     The id of what an apply has made and told.
-- shared: a setting of the transaction
select request_setting('made') as id

-- name: try_key     False: a request with this key is running now.
select pg_try_advisory_xact_lock(
  hashtextextended(concat_ws(chr(10), :municipality::text, :caller::text, :operation::text, :key::text), 0)) as is_free

-- name: find_key
select body_hash, status, location, etag, body from idempotency
where municipality = :municipality and caller = :caller and operation = :operation and key = :key
  and created_at > :now::timestamptz - interval '24 hours'

-- name: keep_key     And lets a few go that are past their time: answers may hold personal data.
with expired as (
  delete from idempotency i
  using (select municipality, caller, operation, key from idempotency
         where created_at < request_now() - interval '24 hours'
           and (municipality, caller, operation, key) <> (:municipality, :caller, :operation, :key)
         order by created_at limit 8 for update skip locked) as old
  where i.municipality = old.municipality and i.caller = old.caller and i.operation = old.operation and i.key = old.key
)
insert into idempotency (municipality, caller, operation, key, body_hash, status, location, etag, body)
values (:municipality, :caller, :operation, :key, :body_hash, :status, :location, :etag, :reply)
on conflict (municipality, caller, operation, key) do update
set (body_hash, status, location, etag, body, created_at) =
    (excluded.body_hash, excluded.status, excluded.location, excluded.etag, excluded.body, excluded.created_at)
where idempotency.created_at <= excluded.created_at - interval '24 hours'

-- name: begin_many     For many requests at once: an id for the row that each makes, told to triggers (request_of) with whose it
-- is, and whether its key, if it has one, is free.
with item as materialized (
  select i.*, uuid_v7() as id
  from jsonb_to_recordset(:items) as i (n integer, request text, caller text, operation text, key text)
)
select i.n, i.id, set_config('app.requests', (select string_agg(concat(' ', o.id, ' ', o.request), '') from item o), true),
       i.key is null or pg_try_advisory_xact_lock(
         hashtextextended(concat_ws(chr(10), :municipality::text, i.caller, i.operation, i.key), 0)) as is_free
from item i

-- name: find_keys     One look each: a plan made while the table was empty would read all of it ever after.
select k.body_hash, k.status, k.location, k.etag, k.body, i.n
from jsonb_to_recordset(:items) as i (n integer, caller text, operation text, key text)
cross join lateral (
  select body_hash, status, location, etag, body from idempotency
  where municipality = :municipality and caller = i.caller and operation = i.operation and key = i.key
    and created_at > :now::timestamptz - interval '24 hours'
  limit 1) as k

-- name: keep_keys     And lets as many go that are past their time.
with entry as materialized (
  select e.* from jsonb_to_recordset(:items) as e (
    caller text, operation text, key text, body_hash text, status integer, location text, etag text, reply text)
), expired as (
  delete from idempotency i
  using (select municipality, caller, operation, key from idempotency o
         where created_at < request_now() - interval '24 hours'
           and not exists (select from entry e where (o.municipality, o.caller, o.operation, o.key) = (:municipality, e.caller, e.operation, e.key))
         order by created_at limit (select 8 * count(*) from entry) for update skip locked) as old
  where i.municipality = old.municipality and i.caller = old.caller and i.operation = old.operation and i.key = old.key
)
insert into idempotency (municipality, caller, operation, key, body_hash, status, location, etag, body)
select :municipality, e.caller, e.operation, e.key, e.body_hash, e.status, e.location, e.etag, e.reply from entry e
on conflict (municipality, caller, operation, key) do update
set (body_hash, status, location, etag, body, created_at) =
    (excluded.body_hash, excluded.status, excluded.location, excluded.etag, excluded.body, excluded.created_at)
where idempotency.created_at <= excluded.created_at - interval '24 hours'

-- name: lock_address
-- shared: the address holds the tenant
select pg_advisory_xact_lock(hashtextextended(:address, 1)) is not null as is_ours
