-- Areas (alueet): the municipality's parts, public, in versions. A day's tree is the list of that day.

-- name: part.columns
select a.id, a.kind, a.code, a.name, a.parent_area_id, a.population, a.valid_from, a.valid_to,
       exists (select from area_shape s where s.municipality = a.municipality and s.area_id = a.id) as has_geometry,
       array_position('{whole,major_district,pb_area,urban_area,district,village}'::text[], a.kind) || a.code as sort_kind,
       (select coalesce(json_agg(s.predecessor_id order by s.predecessor_id), '[]') from area_succession s
        where s.municipality = a.municipality and s.successor_id = a.id) as predecessor_ids,
       (select coalesce(json_agg(s.successor_id order by s.successor_id), '[]') from area_succession s
        where s.municipality = a.municipality and s.predecessor_id = a.id) as successor_ids,
       a.source, a.external_id, a.version, a.created_at, a.updated_at, a.deleted_at
from area a
where a.municipality = :municipality

-- name: select
-- include: part.columns

-- name: select_on
-- include: part.columns
  and (:all_times::boolean is true
       or coalesce(:on::date, helsinki_date(:now)) between a.valid_from and coalesce(a.valid_to, 'infinity'))
  and (:lat::float8 is null or area_holds(a.municipality, a.id, :lat, :lon))

-- name: geometry     A geometry of GeoJSON as it stands, outer rings anticlockwise.
select 'MultiPolygon'::text as type, st_asgeojson(st_forcepolygonccw(s.shape), 6)::json -> 'coordinates' as coordinates
from area_shape s
join area a on a.municipality = s.municipality and a.id = s.area_id
where s.municipality = :municipality and s.area_id = :id and a.deleted_at is null

-- name: find
select id from area
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.keeper
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin,participation_coordinator}')

-- name: create.guard
-- include: part.keeper
union all
select 'locale_missing', '/name', missing.language
from municipality t cross join lateral missing_languages(:name, t.languages) as missing (language)
where t.code = :municipality
union all
select fault.code, '/geometry', fault.parameter from shape_faults(:geometry) as fault

-- name: create.apply
with made as (
  insert into area (municipality, kind, code, name, parent_area_id, population, valid_from, valid_to, source, external_id)
  select :municipality, b.kind, b.code, b.name, b.parent_area_id, b.population,
         coalesce(b.valid_from, helsinki_date(:now)), b.valid_to, :source, :external_id
  from jsonb_populate_record(null::area, :body) b
  returning id
), shaped as (
  insert into area_shape (municipality, area_id, shape)
  select :municipality, made.id, read_shape(:geometry) from made where :geometry::jsonb is not null
)
select id from made

-- name: update.guard     A mistake is put right on the day it was made; later, what has begun is history.
-- include: part.keeper
union all
select 'locale_missing', '/name', missing.language
from area a
join municipality t on t.code = a.municipality
cross join lateral missing_languages(merge_patch(to_jsonb(a), :body) -> 'name', t.languages) as missing (language)
where a.municipality = :municipality and a.id = :id
union all
select 'area_begun', null, a.code
from area a
cross join lateral jsonb_populate_record(null::area, merge_patch(to_jsonb(a), :body)) as b
where a.municipality = :municipality and a.id = :id
  and a.valid_from <= helsinki_date(:now) and helsinki_date(a.created_at) < helsinki_date(:now)
  and (row(b.kind, b.code, b.parent_area_id, coalesce(b.valid_from, a.valid_from))
       is distinct from row(a.kind, a.code, a.parent_area_id, a.valid_from)
       or not b.name @> a.name)
union all
select fault.code, '/geometry', fault.parameter from shape_faults(:geometry) as fault

-- name: update.apply
update area m
set (kind, code, name, parent_area_id, population, valid_from, valid_to) =
    (select b.kind, b.code, b.name, b.parent_area_id, b.population, coalesce(b.valid_from, m.valid_from), b.valid_to
     from jsonb_populate_record(null::area, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: update.apply_shape_out
delete from area_shape where municipality = :municipality and area_id = :id and :body::jsonb ? 'geometry'

-- name: update.apply_shape_in
insert into area_shape (municipality, area_id, shape)
select :municipality, :id, read_shape(:geometry) where :geometry::jsonb is not null

-- name: delete.guard
-- include: part.keeper
union all
select 'in_use', null, null
where exists (select from area where municipality = :municipality and parent_area_id = :id and deleted_at is null)
   or exists (select from budget_share where municipality = :municipality and area_id = :id)
   or exists (select from event where municipality = :municipality and area_id = :id)
   or exists (select from area_succession where municipality = :municipality and :id in (predecessor_id, successor_id))

-- name: delete.apply
update area set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id

-- name: part.ended     The areas that end, the parts of them that go on, and what comes after them.
next as materialized (
  select s.n, s.item, uuid_v7() as id from jsonb_array_elements(:successors) with ordinality as s (item, n)
), ended as (
  select a.* from area a
  where a.municipality = :municipality and a.deleted_at is null
    and (a.id = :id or a.id in (select jsonb_array_elements_text(:merged_area_ids::jsonb)::uuid))
), placed as (
  select c.id as part_id, c.code, n.id as successor_id
  from area c
  left join next n on c.id in (select jsonb_array_elements_text(n.item -> 'part_ids')::uuid)
                   or (select count(*) from next) = 1
  where c.municipality = :municipality and c.deleted_at is null and coalesce(c.valid_to, 'infinity') >= :valid_from::date
    and c.parent_area_id in (select id from ended) and c.id not in (select id from ended)
)

-- name: replace.lock
select pg_advisory_xact_lock(hashtextextended('area ' || :municipality, 0))::text as locked

-- name: replace.guard
with
-- include: part.ended
-- include: part.keeper
union all
select 'reference_not_found', '/merged_area_ids', null
from jsonb_array_elements_text(:merged_area_ids::jsonb) as other (id)
where other.id::uuid not in (select id from ended)
union all
select 'area_not_valid', '/valid_from', e.code
from ended e
where not (e.valid_from < :valid_from::date and coalesce(e.valid_to, 'infinity') >= :valid_from::date)
union all
select 'area_part_unplaced', '/successors', p.code
from placed p
group by p.part_id, p.code
having count(p.successor_id) <> 1
union all
select 'reference_not_found', '/successors/' || n.n - 1 || '/part_ids', null
from next n cross join jsonb_array_elements_text(n.item -> 'part_ids') as part (id)
where part.id::uuid not in (select part_id from placed)
union all
select 'locale_missing', '/successors/' || n.n - 1 || '/name', missing.language
from next n
join municipality t on t.code = :municipality
cross join lateral missing_languages(n.item -> 'name', t.languages) as missing (language)
where n.item ? 'name'
union all
select fault.code, '/successors/' || n.n - 1 || '/geometry', fault.parameter
from next n cross join lateral shape_faults(n.item -> 'geometry') as fault

-- name: replace.apply     One statement, so that the tree is judged by what it has become.
with recursive
-- include: part.ended
, moved as ( -- a part that begins later only gets another parent
  select c.id as old_id, case when c.valid_from < :valid_from::date then uuid_v7() else c.id end as id, p.successor_id as parent_id
  from placed p join area c on c.municipality = :municipality and c.id = p.part_id
  union all
  select c.id, case when c.valid_from < :valid_from::date then uuid_v7() else c.id end, m.id
  from moved m
  join area c on c.municipality = :municipality and c.parent_area_id = m.old_id and c.deleted_at is null
             and coalesce(c.valid_to, 'infinity') >= :valid_from::date
  where m.id <> m.old_id and c.id not in (select id from ended)
), one as (
  select (select count(*) from next) = 1 and (select count(*) from ended) = 1 as to_one
), made as (
  insert into area (municipality, id, kind, code, name, parent_area_id, population, valid_from, valid_to, source, external_id)
  select :municipality, n.id, coalesce(n.item ->> 'kind', e.kind), coalesce(n.item ->> 'code', e.code), coalesce(n.item -> 'name', e.name),
         case when n.item ? 'parent_area_id' then (n.item ->> 'parent_area_id')::uuid else e.parent_area_id end,
         case when n.item ? 'population' then nullif(n.item -> 'population', 'null') when one.to_one then e.population end,
         :valid_from::date, e.valid_to,
         coalesce(n.item ->> 'source', case when one.to_one then e.source end),
         coalesce(n.item ->> 'external_id', case when one.to_one then e.external_id end)
  from next n cross join one join ended e on e.id = :id
  union all
  select c.municipality, m.id, c.kind, c.code, c.name, m.parent_id, c.population, :valid_from::date, c.valid_to, c.source, c.external_id
  from moved m join area c on c.municipality = :municipality and c.id = m.old_id
  where m.id <> m.old_id
), shaped as ( -- what has one successor leaves it all its place; parts keep theirs
  insert into area_shape (municipality, area_id, shape)
  select :municipality, n.id, read_shape(n.item -> 'geometry') from next n where jsonb_typeof(n.item -> 'geometry') = 'object'
  union all
  select :municipality, n.id, st_multi(st_union(s.shape))
  from next n cross join ended e join area_shape s on s.municipality = e.municipality and s.area_id = e.id
  where not n.item ? 'geometry' and (select count(*) from next) = 1
  group by n.id
  union all
  select :municipality, m.id, s.shape
  from moved m join area_shape s on s.municipality = :municipality and s.area_id = m.old_id
  where m.id <> m.old_id
), closed as (
  update area a
  set valid_to = :valid_from::date - 1,
      source = case when gone.goes_on then null else a.source end,
      external_id = case when gone.goes_on then null else a.external_id end
  from (select id, one.to_one as goes_on from ended cross join one
        union all
        select old_id, true from moved where id <> old_id) as gone
  where a.municipality = :municipality and a.id = gone.id
), replanted as (
  update area a set parent_area_id = m.parent_id
  from moved m
  where a.municipality = :municipality and a.id = m.old_id and m.id = m.old_id
)
insert into area_succession (municipality, predecessor_id, successor_id)
select :municipality, e.id, n.id from ended e cross join next n
union all
select :municipality, m.old_id, m.id from moved m where m.id <> m.old_id

-- name: population_shares     An appropriation by largest remainders, in steps: a part gets its whole steps, and what is left
-- goes a step each to the largest remainders (equal ones by code). Less than a step goes to the most people.
with asked as (
  select :appropriation_cents::bigint as cents, coalesce(:whole_cents::bigint, 0) as whole_cents,
         coalesce(:round_to::bigint, 1) as step, coalesce(:on::date, helsinki_date(:now)) as day
), area_then as (
  select a.id, a.kind, a.code, a.name, a.population, (a.population ->> 'value')::numeric as people
  from asked q join area a on a.municipality = :municipality and a.deleted_at is null
                          and q.day between a.valid_from and coalesce(a.valid_to, 'infinity')
), part as (
  select a.*, (q.cents - q.whole_cents) / q.step * a.people as claim, nullif(sum(a.people) over (), 0) as everybody
  from asked q cross join area_then a
  where a.kind = coalesce(:kind, 'pb_area')
), ranked as (
  select p.*, div(p.claim, p.everybody) as steps,
         row_number() over (order by mod(p.claim, p.everybody) desc, p.code) as place,
         row_number() over (order by p.people desc, p.code) = 1 as is_largest
  from part p
), share as (
  select w.id, null as code, q.whole_cents::numeric as cents
  from asked q join area_then w on w.kind = 'whole'
  where q.whole_cents > 0
  union all
  select r.id, r.code,
         (r.steps + case when r.place <= (q.cents - q.whole_cents) / q.step - sum(r.steps) over () then 1 else 0 end) * q.step
         + case when r.is_largest then mod(q.cents - q.whole_cents, q.step) else 0 end
  from asked q cross join ranked r
)
select q.cents as appropriation_cents, 'EUR' as currency, q.day as "on",
       (select case when bool_or(s.cents is null) or sum(s.cents) <> q.cents then '[]'
                    else json_agg(json_build_object('area_id', s.id, 'appropriation_cents', s.cents) order by s.code nulls first) end
        from share s) as shares,
       (select coalesce(json_agg(json_build_object('area_id', p.id, 'code', p.code, 'name', p.name, 'population', p.population)
                                 order by p.code), '[]')
        from part p) as areas
from asked q
where exists (select from part)
