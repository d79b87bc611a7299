-- Metrics: how an operational goal is measured. The numbers of the years are metric_value.

-- name: select
select m.id, m.operational_goal_id, m.name, m.method, m.unit, m.baseline, m.baseline_year, m.target, m.target_year,
       m.source, m.external_id, m.version, m.created_at, m.updated_at, m.deleted_at
from metric m
join operational_goal o on o.municipality = m.municipality and o.id = m.operational_goal_id
join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where m.municipality = :municipality and sees_strategy(:municipality, :actor, :now, g.programme_id)

-- name: find
select id from metric
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.yours
select 'not_your_body', null, null
from metric m
join operational_goal o on o.municipality = m.municipality and o.id = m.operational_goal_id
join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where m.municipality = :municipality and m.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => g.programme_id)

-- name: part.faults     Of a row as it is to be: `b`.
select 'not_your_body', null, null
from operational_goal o join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where o.municipality = :municipality and o.id = b.operational_goal_id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => g.programme_id)
union all
select 'locale_missing', '/name', missing.language
from municipality t cross join lateral missing_languages(b.name, t.languages) as missing (language)
where t.code = :municipality

-- name: create.guard
select fault.code, fault.pointer, fault.parameter
from jsonb_populate_record(null::metric, :body) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where :municipality::text is not null

-- name: create.apply
insert into metric (municipality, operational_goal_id, name, method, unit, baseline, baseline_year, target, target_year, source, external_id)
select :municipality, b.operational_goal_id, b.name, b.method, b.unit, b.baseline, b.baseline_year, b.target, b.target_year, :source, :external_id
from jsonb_populate_record(null::metric, :body) b
returning id

-- name: update.guard     It must be yours before and after.
-- include: part.yours
union all
select fault.code, fault.pointer, fault.parameter
from metric m
cross join lateral jsonb_populate_record(null::metric, merge_patch(to_jsonb(m), :body)) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where m.municipality = :municipality and m.id = :id

-- name: update.apply
update metric m
set (operational_goal_id, name, method, unit, baseline, baseline_year, target, target_year) =
    (select b.operational_goal_id, b.name, b.method, b.unit, b.baseline, b.baseline_year, b.target, b.target_year
     from jsonb_populate_record(null::metric, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours
union all
select 'in_use', null, null
where exists (select from metric_value where municipality = :municipality and metric_id = :id and deleted_at is null)

-- name: delete.apply
update metric set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
