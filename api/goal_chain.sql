-- The strategic goals that a programme serves, down to the numbers, in one statement: those it names, those its measures
-- carry and, of a strategy, its own.

-- name: select
with visible as (
  select p.* from programme p
  where p.municipality = :municipality and p.id = :id and sees_strategy(:municipality, :actor, :now, p.id)
), line as (
  select l.id, m.number, m.sort_number, m.title
  from visible p
  join measure_line l on l.municipality = p.municipality and l.programme_id = p.id and l.published_at is not null
  left join programme_version v on v.municipality = p.municipality and v.programme_id = p.id and v.status = 'in_force'
  left join measure m on m.municipality = l.municipality and m.programme_version_id = v.id and m.measure_line_id = l.id
                     and m.deleted_at is null
), operational as (
  select o.*, (select coalesce(json_agg(json_build_object('measure_line_id', l.id, 'number', l.number, 'title', l.title)
                                        order by l.sort_number, l.id), '[]')
               from line l where o.measure_line_ids ? l.id::text) as measures
  from operational_goal o where o.municipality = :municipality and o.deleted_at is null
), strategic as (
  select g.* from visible p
  join strategic_goal g on g.municipality = p.municipality and g.deleted_at is null
  where (p.strategic_goal_ids ? g.id::text or g.programme_id = p.id
         or exists (select from operational o where o.strategic_goal_id = g.id and json_array_length(o.measures) > 0))
    and sees_strategy(:municipality, :actor, :now, g.programme_id)
)
select p.id as programme_id, p.name, p.kind, (
  select coalesce(json_agg(json_build_object(
           'id', g.id, 'programme_id', g.programme_id, 'council_term_year', g.council_term_year, 'title', g.title,
           'description', g.description, 'covers', g.covers, 'operational_goals', (
             select coalesce(json_agg(json_build_object(
                      'id', o.id, 'year', o.year, 'title', o.title, 'description', o.description,
                      'responsible_party_id', o.responsible_party_id, 'measures', o.measures, 'metrics', (
                        select coalesce(json_agg(json_build_object(
                                 'id', m.id, 'name', m.name, 'method', m.method, 'unit', m.unit,
                                 'baseline', m.baseline, 'baseline_year', m.baseline_year,
                                 'target', m.target, 'target_year', m.target_year, 'values', (
                                   select coalesce(json_agg(json_build_object(
                                            'year', v.year, 'value', v.value, 'missing_reason', v.missing_reason,
                                            'data_source', v.data_source, 'as_of', v.as_of) order by v.year), '[]')
                                   from metric_value v
                                   where v.municipality = m.municipality and v.metric_id = m.id and v.deleted_at is null))
                               order by m.id), '[]')
                        from metric m
                        where m.municipality = o.municipality and m.operational_goal_id = o.id and m.deleted_at is null))
                    order by o.year, o.id), '[]')
             from operational o where o.strategic_goal_id = g.id))
         order by g.council_term_year, g.position, g.id), '[]')
  from strategic g) as strategic_goals
from visible p
