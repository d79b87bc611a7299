-- Lines a version does not go on with, and why: written while the version is a draft or consulted on.

-- name: select
select d.id, d.programme_version_id, d.measure_line_id, d.reason, d.source, d.external_id, d.version, d.created_at,
       d.updated_at, d.deleted_at
from dropped_measure d
where d.municipality = :municipality
  and exists (
    select from programme_version v
    where v.municipality = d.municipality and v.id = d.programme_version_id
      and (v.published_at is not null
           or may(:municipality, :actor, :now,
                  '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
                  programme_id => v.programme_id)))

-- name: create.guard
select 'reference_not_found', '/programme_version_id', null
where not exists (select from programme_version where municipality = :municipality and id = :programme_version_id)
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
insert into dropped_measure (municipality, programme_version_id, measure_line_id, reason, source, external_id)
values (:municipality, :programme_version_id, :measure_line_id, :reason, :source, :external_id)
returning id

-- name: part.draft
select 'not_your_body', null, null
from dropped_measure d join programme_version v on v.municipality = d.municipality and v.id = d.programme_version_id
where d.municipality = :municipality and d.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => v.programme_id)
union all
select 'version_frozen', null, v.status
from dropped_measure d join programme_version v on v.municipality = d.municipality and v.id = d.programme_version_id
where d.municipality = :municipality and d.id = :id and v.status not in ('draft', 'consultation')

-- name: update.guard
-- include: part.draft

-- name: update.apply
update dropped_measure m
set reason = (select b.reason from jsonb_populate_record(null::dropped_measure, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.draft

-- name: delete.apply
update dropped_measure set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
