-- Who holds a party, and when: restricted. Row-level security says who sees which rows (migration 0002);
-- nothing here repeats it.

-- name: select
-- restricted: work contacts
select h.id, h.responsible_party_id, p.issuer, p.subject, h.name, h.email, h.is_deputy, h.starts_on, h.ends_on,
       h.source, h.external_id, h.version, h.created_at, h.updated_at, h.deleted_at
from holder h join person p on p.id = h.person_id
where h.municipality = :municipality

-- name: part.unlimited     A holder acts for the party everywhere, so a role limited to a part does not name one.
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator,admin}')

-- name: create.guard
-- include: part.unlimited

-- name: create.apply_person
-- shared: persons belong to no municipality
insert into person (issuer, subject) values (:issuer, :subject)
on conflict (issuer, subject) do nothing

-- name: create.apply
insert into holder (municipality, responsible_party_id, person_id, name, email, is_deputy, starts_on, ends_on,
                    source, external_id)
select :municipality, b.responsible_party_id, p.id, b.name, b.email, coalesce(b.is_deputy, false), b.starts_on,
       b.ends_on, :source, :external_id
from jsonb_populate_record(null::holder, :body) b
join person p on p.issuer = :issuer and p.subject = :subject
returning id

-- name: update.guard
-- include: part.unlimited

-- name: update.apply
update holder m
set (name, email, is_deputy, starts_on, ends_on) =
    (select b.name, b.email, coalesce(b.is_deputy, false), b.starts_on, b.ends_on
     from jsonb_populate_record(null::holder, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.unlimited

-- name: delete.apply
update holder set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
