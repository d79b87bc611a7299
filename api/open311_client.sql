-- Programs that speak Open311 for others (open311.sql): made and withdrawn by administrators.

-- name: select
select c.id, c.name, c.is_test, c.may_post, c.sees_extended, c.permits_publication, c.version, c.created_at, c.updated_at, c.deleted_at
from open311_client c
where c.municipality = :municipality

-- name: receipt     The key is the service's to add: it is never stored.
select c.id, c.name, c.is_test, c.may_post, c.sees_extended, c.permits_publication, c.version, c.created_at, c.updated_at,
       null::text as key
from open311_client c
where c.municipality = :municipality

-- name: part.unlimited
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}')

-- name: create.guard
-- include: part.unlimited

-- name: create.apply
with made as (
  insert into open311_client (municipality, name, is_test, may_post, sees_extended, permits_publication)
  select :municipality, b.name, coalesce(b.is_test, false), coalesce(b.may_post, true), coalesce(b.sees_extended, false),
         coalesce(b.permits_publication, false)
  from jsonb_populate_record(null::open311_client, :body) b
  returning id
)
select id, set_config('app.made', id::text, true) from made

-- name: made
-- shared: what this transaction has just made
select request_setting('made') as id

-- name: key     The hash of its key.
insert into open311_key (municipality, key_hash, client_id)
values (:municipality, sha256(convert_to(:key, 'UTF8')), request_setting('made')::uuid)

-- name: update.guard
-- include: part.unlimited

-- name: update.apply
update open311_client m
set (name, may_post, sees_extended, permits_publication) =
    (select b.name, b.may_post, b.sees_extended, b.permits_publication
     from jsonb_populate_record(null::open311_client, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.unlimited

-- name: delete.apply     Its key opens nothing from now on.
update open311_client set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
