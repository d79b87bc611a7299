-- Operational goals: what a strategic goal means in one year, and the measures that carry it.

-- name: select
select o.id, o.strategic_goal_id, o.year, o.title, o.description, o.responsible_party_id, o.measure_line_ids, o.source,
       o.external_id, o.version, o.created_at, o.updated_at, o.deleted_at
from operational_goal o
join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where o.municipality = :municipality and sees_strategy(:municipality, :actor, :now, g.programme_id)

-- name: find
select id from operational_goal
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.yours
select 'not_your_body', null, null
from operational_goal o join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where o.municipality = :municipality and o.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => g.programme_id)

-- name: part.faults     Of a row as it is to be: `b`.
select 'not_your_body', null, null
from strategic_goal g
where g.municipality = :municipality and g.id = b.strategic_goal_id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => g.programme_id)
union all
select 'locale_missing', '/title', missing.language
from municipality t cross join lateral missing_languages(b.title, t.languages) as missing (language)
where t.code = :municipality
union all
select 'reference_not_found', '/measure_line_ids', line.id
from jsonb_array_elements_text(b.measure_line_ids) as line (id)
where not exists (
  select from measure_line l
  where l.municipality = :municipality and l.id = line.id::uuid and l.published_at is not null)

-- name: create.guard
select fault.code, fault.pointer, fault.parameter
from jsonb_populate_record(null::operational_goal, :body) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where :municipality::text is not null

-- name: create.apply
insert into operational_goal (municipality, strategic_goal_id, year, title, description, responsible_party_id, measure_line_ids, source, external_id)
select :municipality, b.strategic_goal_id, b.year, b.title, b.description, b.responsible_party_id, coalesce(lower(b.measure_line_ids::text)::jsonb, '[]'), :source, :external_id
from jsonb_populate_record(null::operational_goal, :body) b
returning id

-- name: update.guard     It must be yours before and after.
-- include: part.yours
union all
select fault.code, fault.pointer, fault.parameter
from operational_goal m
cross join lateral jsonb_populate_record(null::operational_goal, merge_patch(to_jsonb(m), :body)) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where m.municipality = :municipality and m.id = :id

-- name: update.apply
update operational_goal m
set (strategic_goal_id, year, title, description, responsible_party_id, measure_line_ids) =
    (select b.strategic_goal_id, b.year, b.title, b.description, b.responsible_party_id, coalesce(lower(b.measure_line_ids::text)::jsonb, '[]')
     from jsonb_populate_record(null::operational_goal, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours
union all
select 'in_use', null, null
where exists (select from metric where municipality = :municipality and operational_goal_id = :id and deleted_at is null)

-- name: delete.apply
update operational_goal set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
