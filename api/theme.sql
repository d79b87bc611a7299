-- Themes of a version: written while the version is a draft.

-- name: select
select t.id, t.programme_id, t.programme_version_id, t.number, t.sort_number, t.name, t.description,
       t.published_at, t.source, t.external_id, t.version, t.created_at, t.updated_at, t.deleted_at
from theme t
where t.municipality = :municipality
  and (t.published_at is not null
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
              programme_id => t.programme_id))

-- name: find
select id from theme
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.lock     Nothing is added to a version while it enters into force.
select id from programme_version where municipality = :municipality and id = :programme_version_id for share

-- name: create.guard
select 'reference_not_found', '/programme_version_id', null
where not exists (select from programme_version v where v.municipality = :municipality and v.id = :programme_version_id)
union all
select 'not_your_body', null, null
from programme_version v
where v.municipality = :municipality and v.id = :programme_version_id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => v.programme_id)
union all
select 'version_frozen', null, v.status
from programme_version v
where v.municipality = :municipality and v.id = :programme_version_id and v.status not in ('draft', 'consultation')

-- name: create.apply
insert into theme (municipality, programme_id, programme_version_id, number, name, description, source, external_id)
select :municipality, v.programme_id, v.id, b.number, b.name, b.description, :source, :external_id
from jsonb_populate_record(null::theme, :body) b
join programme_version v on v.municipality = :municipality and v.id = b.programme_version_id
returning id

-- name: part.draft
select 'not_your_body', null, null
from theme t
where t.municipality = :municipality and t.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => t.programme_id)
union all
select 'version_frozen', null, v.status
from theme t join programme_version v on v.municipality = t.municipality and v.id = t.programme_version_id
where t.municipality = :municipality and t.id = :id and v.status not in ('draft', 'consultation')

-- name: update.guard
-- include: part.draft

-- name: update.apply
update theme m
set (number, name, description) =
    (select b.number, b.name, b.description
     from jsonb_populate_record(null::theme, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.draft
union all
select 'in_use', null, null
where exists (select from measure where municipality = :municipality and theme_id = :id and deleted_at is null)
   or exists (select from event where municipality = :municipality and theme_id = :id)

-- name: delete.apply
update theme set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
