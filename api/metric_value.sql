-- Metric values: the number of one year, or why it is missing.

-- name: select
select v.id, v.metric_id, v.year, v.value, v.missing_reason, v.data_source, v.as_of, v.source, v.external_id, v.version,
       v.created_at, v.updated_at, v.deleted_at
from metric_value v
join metric t on t.municipality = v.municipality and t.id = v.metric_id
join operational_goal o on o.municipality = t.municipality and o.id = t.operational_goal_id
join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where v.municipality = :municipality and sees_strategy(:municipality, :actor, :now, g.programme_id)

-- name: find
select id from metric_value
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.yours
select 'not_your_body', null, null
from metric_value v
join metric t on t.municipality = v.municipality and t.id = v.metric_id
join operational_goal o on o.municipality = t.municipality and o.id = t.operational_goal_id
join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where v.municipality = :municipality and v.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => g.programme_id)

-- name: part.faults     Of a row as it is to be: `b`.
select 'not_your_body', null, null
from metric t
join operational_goal o on o.municipality = t.municipality and o.id = t.operational_goal_id
join strategic_goal g on g.municipality = o.municipality and g.id = o.strategic_goal_id
where t.municipality = :municipality and t.id = b.metric_id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => g.programme_id)
union all
select 'value_missing', '/missing_reason', null where b.value is null and b.missing_reason is null
union all
select 'rule_broken', '/missing_reason', 'value' where b.value is not null and b.missing_reason is not null

-- name: create.guard
select fault.code, fault.pointer, fault.parameter
from jsonb_populate_record(null::metric_value, :body) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where :municipality::text is not null

-- name: create.apply
insert into metric_value (municipality, metric_id, year, value, missing_reason, data_source, as_of, source, external_id)
select :municipality, b.metric_id, b.year, b.value, b.missing_reason, b.data_source, b.as_of, :source, :external_id
from jsonb_populate_record(null::metric_value, :body) b
returning id

-- name: update.guard     It must be yours before and after.
-- include: part.yours
union all
select fault.code, fault.pointer, fault.parameter
from metric_value m
cross join lateral jsonb_populate_record(null::metric_value, merge_patch(to_jsonb(m), :body)) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where m.municipality = :municipality and m.id = :id

-- name: update.apply
update metric_value m
set (metric_id, year, value, missing_reason, data_source, as_of) =
    (select b.metric_id, b.year, b.value, b.missing_reason, b.data_source, b.as_of
     from jsonb_populate_record(null::metric_value, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours

-- name: delete.apply
update metric_value set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
