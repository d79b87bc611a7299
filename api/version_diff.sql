-- What two versions of one programme say differently, measure by measure and theme by theme. Both must be
-- visible; else there is nothing to compare.

-- name: select
with visible as (
  select v.* from programme_version v
  where v.municipality = :municipality and v.id in (:a, :b)
    and (v.published_at is not null
         or may(:municipality, :actor, :now,
                '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
                programme_id => v.programme_id))
)
select f.programme_id, f.id as from_version_id, f.number as from_number, t.id as to_version_id, t.number as to_number,
       (select coalesce(json_agg(json_build_object(
                 'number', coalesce(o.number, n.number), 'name_before', o.name, 'name_after', n.name,
                 'change', case when o.id is null then 'added' when n.id is null then 'dropped'
                                when o.name is distinct from n.name or o.description is distinct from n.description then 'changed'
                                else 'continued' end) order by coalesce(o.sort_number, n.sort_number)), '[]')
        from (select * from theme where municipality = :municipality and programme_version_id = f.id and deleted_at is null) o
        full join (select * from theme where municipality = :municipality and programme_version_id = t.id and deleted_at is null) n
          on n.number = o.number) as themes,
       (select coalesce(json_agg(json_build_object(
                 'measure_line_id', l.measure_line_id, 'lineage', l.lineage,
                 'measure_before_id', l.before_id, 'measure_after_id', l.after_id,
                 'number_before', o.number, 'number_after', n.number, 'title_before', o.title, 'title_after', n.title,
                 'changed_members', l.changed_members, 'reason', l.reason,
                 'origin_line_ids', (select coalesce(json_agg(x.origin_line_id order by x.origin_line_id), '[]') from line_origin x
                                     where x.municipality = :municipality and x.measure_line_id = l.measure_line_id))
               order by coalesce(n.sort_number, o.sort_number), l.measure_line_id), '[]')
        from version_lineage(:municipality, f.id, t.id) l
        left join measure o on o.municipality = :municipality and o.id = l.before_id
        left join measure n on n.municipality = :municipality and n.id = l.after_id) as measures
from visible f join visible t on t.programme_id = f.programme_id
where f.id = :a and t.id = :b
