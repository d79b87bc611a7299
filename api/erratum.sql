-- Errata: what is wrong in approved text, said beside it. Append-only, public with the measure.

-- name: select
select e.id, e.measure_id, e.member, e.text, e.reason, e.source, e.external_id, e.version, e.created_at, e.updated_at
from erratum e
where e.municipality = :municipality
  and exists (select from measure m where m.municipality = e.municipality and m.id = e.measure_id and m.published_at is not null)

-- name: create.guard
select 'reference_not_found', '/measure_id', null
where not exists (select from measure where municipality = :municipality and id = :measure_id and deleted_at is null)
union all
select 'not_your_body', null, null
from measure m
where m.municipality = :municipality and m.id = :measure_id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => m.programme_id)
union all
select 'not_published', null, null
from measure m join programme_version v on v.municipality = m.municipality and v.id = m.programme_version_id
where m.municipality = :municipality and m.id = :measure_id and v.approved_day is null

-- name: create.apply
insert into erratum (municipality, measure_id, member, text, reason, source, external_id)
values (:municipality, :measure_id, :member, :text, :reason, :source, :external_id)
returning id
