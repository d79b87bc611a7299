-- Two rounds of one programme beside each other, measure by measure through their lines. Both must be visible
-- from the inside; else there is nothing to compare. A state is explicit when the round itself gave it: the lead's
-- accepted report, the body's light or its word that there is none. Else it is what the line had when the round
-- was assessed, or the light that stood before.

-- name: part.state     Each line that either round asked about, in the words of each round's version.
with pair as (
  select f.id as from_id, t.id as to_id
  from reporting_round f
  join reporting_round t on t.municipality = f.municipality and t.id = :b and t.programme_id = f.programme_id
  where f.municipality = :municipality and f.id = :a
    and (f.published_at is not null
         or (:actor::uuid is not null
             and oversees_round(:municipality, :actor, :now, f.programme_id, f.assessing_body_id)))
    and (t.published_at is not null
         or (:actor::uuid is not null
             and oversees_round(:municipality, :actor, :now, t.programme_id, t.assessing_body_id)))
), side as (
  select s.is_after, r.*, v.number as version_number
  from pair
  cross join lateral (values (false, pair.from_id), (true, pair.to_id)) as s (is_after, round_id)
  join reporting_round r on r.municipality = :municipality and r.id = s.round_id
  join programme_version v on v.municipality = r.municipality and v.id = r.programme_version_id
), asked_about as (
  select distinct s.measure_line_id
  from side join round_measure s on s.municipality = side.municipality and s.reporting_round_id = side.id
), state as materialized (
  select side.is_after, side.municipality, side.id as round_id, m.measure_line_id, m.id as measure_id, m.theme_id,
         m.number, m.sort_number, m.title, s.measure_line_id is not null as is_in_scope,
         coalesce(said.reported_status, moved.to_status, l.status) as status, said.reported_status is not null as is_status_explicit,
         coalesce(given.light, stood.light) as light, given.id is not null as is_light_explicit
  from side
  join measure m on m.municipality = side.municipality and m.programme_version_id = side.programme_version_id
                and m.deleted_at is null
  join asked_about on asked_about.measure_line_id = m.measure_line_id
  join measure_line l on l.municipality = m.municipality and l.id = m.measure_line_id
  left join round_measure s on s.municipality = m.municipality and s.reporting_round_id = side.id
                           and s.measure_line_id = m.measure_line_id
  left join lateral (
    select o.reported_status
    from report_request q
    join report o on o.municipality = q.municipality and o.report_request_id = q.id and o.submitted_at is not null
    where q.municipality = m.municipality and q.reporting_round_id = side.id and q.measure_line_id = m.measure_line_id
      and q.role = 'lead' and q.status = 'accepted'
    order by o.revision desc limit 1) as said on true
  left join lateral (
    select t.to_status from transition t
    where t.municipality = m.municipality and t.resource = 'measure_line' and t.resource_id = m.measure_line_id
      and t.at <= coalesce(side.assessed_at, :now)
    order by t.at desc, t.id desc limit 1) as moved on true
  left join lateral (
    select a.id, a.light from assessment a
    where a.municipality = m.municipality and a.reporting_round_id = side.id and a.measure_line_id = m.measure_line_id
    order by a.id desc limit 1) as given on true
  left join lateral (
    select a.light from assessment a
    join reporting_round e on e.municipality = a.municipality and e.id = a.reporting_round_id and e.year < side.year
                          and (e.published_at is not null or e.id = :a)
    where given.id is null and a.municipality = m.municipality and a.measure_line_id = m.measure_line_id
    order by e.year desc, a.id desc limit 1) as stood on true
), line as (
  select f.measure_line_id, f.status as status_before, t.status as status_after, f.is_status_explicit and t.is_status_explicit as is_status_explicit,
         f.light as light_before, t.light as light_after, f.is_light_explicit and t.is_light_explicit as is_light_explicit
  from state f join state t on t.measure_line_id = f.measure_line_id and t.is_after
  where not f.is_after
)

-- name: part.rounds
-- shared: of part.state, which names it
       (select json_build_object('id', r.id, 'name', r.name, 'year', r.year, 'status', r.status,
                                 'programme_version_number', r.version_number) from side r where not r.is_after) as from_round,
       (select json_build_object('id', r.id, 'name', r.name, 'year', r.year, 'status', r.status,
                                 'programme_version_number', r.version_number) from side r where r.is_after) as to_round

-- name: matrix
-- include: part.state
, cell as (
  select c.of, c.before, c.after, json_build_object(
           'before', c.before, 'after', c.after, 'explicit', count(*) filter (where c.is_explicit),
           'inherited', count(*) filter (where not c.is_explicit),
           'explicit_line_ids', coalesce(json_agg(line.measure_line_id order by line.measure_line_id) filter (where c.is_explicit), '[]'),
           'inherited_line_ids', coalesce(json_agg(line.measure_line_id order by line.measure_line_id) filter (where not c.is_explicit), '[]')
         ) as item
  from line
  cross join lateral (values
    ('status', status_before, status_after, is_status_explicit),
    ('light', coalesce(light_before, 'unassessed'), coalesce(light_after, 'unassessed'), is_light_explicit)
  ) as c (of, before, after, is_explicit)
  group by c.of, c.before, c.after
), kin as (
  select s.is_after, s.measure_line_id, o.kind, o.origin_line_id as kin_id
  from state s join line_origin o on o.municipality = s.municipality and o.measure_line_id = s.measure_line_id
  where s.is_after
  union all
  select s.is_after, s.measure_line_id, o.kind, o.measure_line_id
  from state s
  join line_origin o on o.municipality = s.municipality and o.origin_line_id = s.measure_line_id
  join side t on t.is_after
  join measure m on m.municipality = s.municipality and m.programme_version_id = t.programme_version_id
                and m.measure_line_id = o.measure_line_id and m.deleted_at is null
  where not s.is_after
), apart as (
  select coalesce((select min(k.kind) from kin k where k.is_after = s.is_after and k.measure_line_id = s.measure_line_id),
                  case when s.is_after then 'added' else 'dropped' end) as lineage, s.*
  from state s
  where not exists (select from line where line.measure_line_id = s.measure_line_id)
)
select
-- include: part.rounds
       ,
       json_build_object('both', (select count(*) from line),
                         'added', count(*) filter (where lineage = 'added'), 'dropped', count(*) filter (where lineage = 'dropped'),
                         'merged', count(*) filter (where lineage = 'merged'), 'split', count(*) filter (where lineage = 'split')) as lines,
       (select coalesce(json_agg(item order by before, after), '[]') from cell where of = 'status') as statuses,
       (select coalesce(json_agg(item order by before, after), '[]') from cell where of = 'light') as lights,
       coalesce(json_agg(json_build_object(
         'lineage', lineage, 'is_after', is_after, 'measure_line_id', measure_line_id, 'measure_id', measure_id, 'number', number,
         'title', title, 'status', status, 'is_status_inherited', not is_status_explicit, 'light', light,
         'is_light_inherited', not is_light_explicit,
         'kin_line_ids', (select coalesce(json_agg(k.kin_id order by k.kin_id), '[]') from kin k
                          where k.is_after = apart.is_after and k.measure_line_id = apart.measure_line_id))
         order by is_after, sort_number) filter (where lineage is not null), '[]') as apart
from pair left join apart on true
group by pair.from_id

-- name: figures     Of what each round asked about: `member` says which line counts for the whole, for its theme and
-- for each party that was asked. Themes are the same by number. A change is that between two lights of the body; from
-- and to grey, which is no judgement, nothing gets better or worse.
-- include: part.state
, asked as (
  select side.is_after, q.measure_line_id, q.responsible_party_id::text as party,
         case when q.status in ('missing', 'excused') then q.status
              when q.status not in ('submitted', 'accepted') then 'pending'
              when q.is_late then 'late' else 'on_time' end as outcome
  from side
  join report_request q on q.municipality = side.municipality and q.reporting_round_id = side.id and q.status <> 'reassigned'
), member as (
  select s.is_after, 'all' as kind, '' as key, s.measure_line_id from state s where s.is_in_scope
  union all
  select s.is_after, 'theme', t.number, s.measure_line_id
  from state s join theme t on t.municipality = s.municipality and t.id = s.theme_id
  where s.is_in_scope
  union all
  select distinct q.is_after, 'party', q.party, q.measure_line_id from asked q
), judged as (
  select m.is_after, m.kind, m.key, light_counts(array_agg(case when s.is_light_explicit then s.light end)) as lights,
         count(*) filter (where s.status = 'completed') as completed
  from member m join state s on s.is_after = m.is_after and s.measure_line_id = m.measure_line_id
  group by m.is_after, m.kind, m.key
), reported as (
  select m.is_after, m.kind, m.key, count(*) filter (where q.outcome = 'on_time') as on_time,
         count(*) filter (where q.outcome = 'late') as late, count(*) filter (where q.outcome = 'missing') as missing,
         count(*) filter (where q.outcome = 'pending') as pending, count(*) filter (where q.outcome = 'excused') as excused
  from member m
  left join asked q on q.is_after = m.is_after and q.measure_line_id = m.measure_line_id
                   and (m.kind <> 'party' or q.party = m.key)
  group by m.is_after, m.kind, m.key
), figure as (
  select is_after, kind, key, json_build_object(
           'lights', lights, 'completed', completed,
           'reports', json_build_object(
             'on_time', on_time, 'late', late, 'missing', missing, 'due', on_time + late + missing,
             'pending', pending, 'excused', excused,
             'punctuality_percent', round(100.0 * on_time / nullif(on_time + late + missing, 0), 1))) as item
  from judged join reported using (is_after, kind, key)
), step as (
  select l.measure_line_id,
         case when l.light_before = l.light_after then 0
              when 'grey' not in (l.light_before, l.light_after) then o.precedence - w.precedence end as up
  from line l
  join side r on r.is_after
  join light_meaning w on w.municipality = r.municipality and w.light_scale_id = r.light_scale_id and w.light = l.light_before
  join light_meaning o on o.municipality = r.municipality and o.light_scale_id = r.light_scale_id and o.light = l.light_after
  where l.is_light_explicit
), changed as (
  select kind, key, json_build_object(
           'better', count(*) filter (where up < 0), 'worse', count(*) filter (where up > 0),
           'same', count(*) filter (where up = 0), 'not_comparable', count(*) filter (where up is null)) as item
  from member left join step using (measure_line_id)
  where is_after
  group by kind, key
), beside as (
  select kind, key, f.item as before, t.item as after, c.item as changes
  from (select * from figure where not is_after) f
  full join (select * from figure where is_after) t using (kind, key)
  left join changed c using (kind, key)
), theme_name as (
  select distinct on (t.number) t.number, t.sort_number, t.name
  from side join theme t on t.municipality = side.municipality and t.programme_version_id = side.programme_version_id
                        and t.deleted_at is null
  order by t.number, side.is_after desc
)
select
-- include: part.rounds
       ,
       (select before from beside where kind = 'all') as before,
       (select after from beside where kind = 'all') as after,
       (select changes from beside where kind = 'all') as changes,
       (select coalesce(json_agg(json_build_object('number', t.number, 'name', t.name, 'before', b.before, 'after', b.after,
                                                   'changes', b.changes) order by t.sort_number), '[]')
        from beside b join theme_name t on t.number = b.key
        where b.kind = 'theme') as by_theme,
       (select coalesce(json_agg(json_build_object('responsible_party_id', p.id, 'title', p.title, 'before', b.before,
                                                   'after', b.after, 'changes', b.changes) order by p.position, p.id), '[]')
        from beside b join responsible_party p on p.municipality = :municipality and p.id = b.key::uuid
        where b.kind = 'party') as by_party
from pair
