-- Roles given to persons: seen and changed by administrators; a person's own roles need no list.

-- name: select
select g.id, p.issuer, p.subject, g.role, g.body_id, g.programme_id, g.sector, g.starts_on, g.ends_on,
       g.source, g.external_id, g.version, g.created_at, g.updated_at, g.deleted_at
from role_grant g join person p on p.id = g.person_id
where g.municipality = :municipality

-- name: part.unlimited     Who is limited to a body, programme or sector could reach beyond it by giving roles.
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}')

-- name: create.guard
-- include: part.unlimited

-- name: create.apply_person
-- shared: persons belong to no municipality
insert into person (issuer, subject) values (:issuer, :subject)
on conflict (issuer, subject) do nothing

-- name: create.apply
insert into role_grant (municipality, person_id, role, body_id, programme_id, sector, starts_on, ends_on, source,
                        external_id)
select :municipality, p.id, b.role, b.body_id, b.programme_id, b.sector,
       coalesce(b.starts_on, helsinki_date(:now)), b.ends_on, :source, :external_id
from jsonb_populate_record(null::role_grant, :body) b
join person p on p.issuer = :issuer and p.subject = :subject
returning id

-- name: update.guard
-- include: part.unlimited

-- name: update.apply
update role_grant m
set (starts_on, ends_on) =
    (select b.starts_on, b.ends_on
     from jsonb_populate_record(null::role_grant, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.unlimited

-- name: delete.apply
update role_grant set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
