-- Programs that speak Open311 for others (open311.sql): made and withdrawn by administrators.

-- name: part.columns     The key we show elsewhere is told to nobody, only that there is one.
-- shared: each statement that begins so says which rows
select c.id, c.name, c.is_test, c.may_post, c.sees_extended, c.permits_publication, c.is_pushed, c.push_url,
       c.push_jurisdiction_id, c.push_api_key is not null as has_push_api_key, c.key_made_at, c.version, c.created_at, c.updated_at, c.deleted_at

-- name: select
-- include: part.columns
from open311_client c
where c.municipality = :municipality

-- name: receipt     The key is the service's to add: it is never stored.
-- include: part.columns
       , null::text as key
from open311_client c
where c.municipality = :municipality

-- name: push     How telling it goes. No version: it changes while nobody changes the client.
select c.id, c.is_pushed, waiting.updates as waiting_count, waiting.given_up as given_up_count,
       coalesce(x.reason, waiting.refusal) as failure, x.failed_at, x.next_at as next_attempt_at, c.deleted_at
from open311_client c
left join open311_push_failure x on x.municipality = c.municipality and x.client_id = c.id
cross join lateral (
  select count(*) filter (where u.given_up_at is null) as updates, count(u.given_up_at) as given_up, max(u.refusal) as refusal
  from open311_push u
  where u.municipality = c.municipality and u.client_id = c.id and u.pushed_at is null
) as waiting
where c.municipality = :municipality

-- name: part.unlimited
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}')

-- name: create.guard
-- include: part.unlimited

-- name: create.apply
with made as (
  insert into open311_client (municipality, name, is_test, may_post, sees_extended, permits_publication, is_pushed, push_url,
                              push_jurisdiction_id, push_api_key)
  select :municipality, b.name, coalesce(b.is_test, false), coalesce(b.may_post, true), coalesce(b.sees_extended, false),
         coalesce(b.permits_publication, false), coalesce(b.is_pushed, false), b.push_url, b.push_jurisdiction_id, b.push_api_key
  from jsonb_populate_record(null::open311_client, :body) b
  returning id
)
select id, set_config('app.made', id::text, true) from made

-- name: key     The hash of its key.
insert into open311_key (municipality, key_hash, client_id)
values (:municipality, sha256(convert_to(:key, 'UTF8')), request_setting('made')::uuid)

-- name: renewed     The new key is the service's to add, as made of its id.
select c.id, c.key_made_at, request_setting('key')::uuid as key_id, null::text as key, c.deleted_at
from open311_client c
where c.municipality = :municipality

-- name: renew.lock
select id from open311_client where municipality = :municipality and id = :id for update

-- name: renew.guard
-- include: part.unlimited

-- name: renew.apply
update open311_client set key_made_at = :now
where municipality = :municipality and id = :id
returning set_config('app.made', id::text, true), set_config('app.key', uuid_v7()::text, true)

-- name: renew.apply_ended
delete from open311_key where municipality = :municipality and client_id = :id and :previous_end_on::date is null

-- name: renew.apply_ending     What ends already does not end later.
update open311_key set ends_on = least(ends_on, :previous_end_on::date)
where municipality = :municipality and client_id = :id and :previous_end_on::date is not null

-- name: renewed_key
-- shared: what this transaction has just made
select request_setting('key') as id

-- name: update.guard
-- include: part.unlimited

-- name: update.apply
update open311_client m
set (name, may_post, sees_extended, permits_publication, is_pushed, push_url, push_jurisdiction_id, push_api_key) =
    (select b.name, b.may_post, b.sees_extended, b.permits_publication, b.is_pushed, b.push_url, b.push_jurisdiction_id, b.push_api_key
     from jsonb_populate_record(null::open311_client, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: update.apply_failure     Who mends an address or a key wants to know at once whether it is right.
delete from open311_push_failure where municipality = :municipality and client_id = :id

-- name: update.apply_attempts
update open311_push set attempts = 0, next_at = null, given_up_at = null
where municipality = :municipality and client_id = :id and pushed_at is null

-- name: delete.guard
-- include: part.unlimited

-- name: delete.apply     Its key opens nothing from now on.
update open311_client set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
