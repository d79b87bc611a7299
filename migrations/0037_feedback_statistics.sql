-- Numbers of feedback that give nobody away: those for everybody, and those that summaries tell. Domain brief 4.8, 6.

-- Feedback received in a time, of some units or (null) of all, as it was at a moment: by topic, unit, area, month, kind and
-- accessibility. What was merged counts under the topic of its case. A cell of 1 to 4 is null, and of its fellows, from the
-- smallest up, so many that five items are. Fellows are the cells of its part; for topics those of one unit (all units that are
-- null are one) and one class, for everybody knows whose a topic is and whether it is of accessibility. Classes are not told
-- where a unit has 1 to 4 of one. All that is told are then sums of groups of at least five.
-- Nor do numbers that summaries told give any back (the year less its quarters). A cell is null, too, when 1 to 4 of it are in
-- none of them, and a topic when one inside has withheld it; towards five counts what is in no whole that was told. Months are
-- not told where a unit that told its numbers, or all the others, have 1 to 4 in one.
create function feedback_statistics(in_municipality text, first_on date, last_on date, units uuid[], until timestamptz)
returns table (part text, code text, name jsonb, topic_id uuid, responsible_party_id uuid, area_id uuid, received bigint, cases bigint,
               answered bigint, published bigint, transferred bigint, median_answer_working_days text, is_suppressed boolean)
language sql stable set work_mem = '64MB' as
$$
with measure (measure, bit) as (
  values ('received', 1), ('cases', 2), ('answered', 4), ('published', 8), ('transferred', 16)
), told as materialized (
  select s.id, s.party_ids, s.starts_on, s.ends_on, s.counts, day_end(s.starts_on - 1) as starts_at, day_end(s.ends_on) as ends_at
  from feedback_summary s
  where s.municipality = in_municipality and s.party_ids is not null and s.starts_on >= first_on and s.ends_on <= last_on
    and (units is null or s.party_ids <@ units)
), nested as (
  -- each with those that hold it; of two of the same time and units the elder holds the other
  select t.id, o.id as holder_id
  from told t
  join told o on o.id <> t.id and o.party_ids @> t.party_ids and o.starts_on <= t.starts_on and o.ends_on >= t.ends_on
    and (o.id < t.id or not (o.party_ids <@ t.party_ids and o.starts_on = t.starts_on and o.ends_on = t.ends_on))
), said as materialized (
  select t.id, concat(g.part, ' ', g.code) as cell, m.measure, (g.counts ->> m.measure)::bigint as n
  from told t
  cross join lateral (
    select 'whole' as part, 'whole' as code, t.counts as counts
    union all
    select 'unit', t.party_ids[1]::text, t.counts where cardinality(t.party_ids) = 1
    union all
    select 'month', to_char(t.starts_on, 'YYYY-MM'), t.counts where to_char(t.starts_on, 'YYYY-MM') = to_char(t.ends_on, 'YYYY-MM')
    union all
    select 'topic', coalesce(topic ->> 'topic_id', 'none'), topic from jsonb_array_elements(t.counts -> 'topics') as topic
  ) as g
  cross join measure m
), known as (
  -- what the widest of nested summaries show of a cell, and whether one withholds it that told a whole
  select s.cell, s.measure, coalesce(sum(s.n) filter (where w.id is null), 0) as shown,
         bool_or(s.n is null and s.id in (select o.id from said o where o.cell = 'whole whole' and o.measure = s.measure and o.n is not null))
           as is_withheld
  from said s
  left join (
    select distinct n.id, o.cell, o.measure from nested n join said o on o.id = n.holder_id and o.n is not null
  ) as w on w.id = s.id and w.cell = s.cell and w.measure = s.measure
  group by s.cell, s.measure
), told_time as (
  -- when a unit is in a whole that was told, of each measure
  select party_id, coalesce(range_agg(r.told) filter (where t.counts ->> 'received' is not null), '{}') as received,
         coalesce(range_agg(r.told) filter (where t.counts ->> 'cases' is not null), '{}') as cases,
         coalesce(range_agg(r.told) filter (where t.counts ->> 'answered' is not null), '{}') as answered,
         coalesce(range_agg(r.told) filter (where t.counts ->> 'published' is not null), '{}') as published,
         coalesce(range_agg(r.told) filter (where t.counts ->> 'transferred' is not null), '{}') as transferred
  from told t
  cross join lateral (select tstzrange(t.starts_at, t.ends_at) as told) as r
  cross join lateral unnest(t.party_ids) as party_id
  group by party_id
), calendar as materialized (
  select array(select d.n::integer from working_day_numbers(first_on, greatest(last_on, helsinki_date(until))) as d order by d.day) as days,
         array(select day_end(m::date - 1) from generate_series(first_on::timestamp, last_on, '1 month') as m order by m) as months
), item as (
  -- states: 1 received, 2 a case, 4 answered, 8 published, 16 transferred; told: in a whole that was told of them
  select coalesce(c.topic_id, f.topic_id) as topic_id, f.responsible_party_id as party_id, f.area_id, f.kind, f.is_accessibility,
         width_bucket(f.created_at, k.months) as month, w.party_id as teller,
         1 + 2 * (f.merged_into_id is null)::integer + 4 * a.is_answered::integer
         + 8 * (f.publication = 'published' and coalesce(f.published_at < until, true))::integer
         + 16 * (coalesce(c.status, f.status) = 'transferred' and coalesce(coalesce(c.closed_at, f.closed_at) < until, true))::integer as states,
         case when w.party_id is null then 0
              else (f.created_at <@ w.received)::integer + 2 * (f.created_at <@ w.cases)::integer + 4 * (f.created_at <@ w.answered)::integer
                   + 8 * (f.created_at <@ w.published)::integer + 16 * (f.created_at <@ w.transferred)::integer end as told,
         case when a.is_answered and f.merged_into_id is null
              then k.days[helsinki_date(f.first_answered_at) - first_on + 1] - k.days[helsinki_date(f.created_at) - first_on + 1] end as days
  from feedback f
  cross join calendar k
  left join feedback c on c.municipality = f.municipality and c.id = f.merged_into_id
  left join told_time w on w.party_id = f.responsible_party_id
  cross join lateral (
    select coalesce(c.status, f.status) in ('answered', 'closed')
           and coalesce(case when f.merged_into_id is null then f.first_answered_at else c.first_answered_at end < until, false) as is_answered) as a
  where f.municipality = in_municipality and f.created_at >= day_end(first_on - 1) and f.created_at < day_end(last_on)
    and (units is null or f.responsible_party_id = any (units))
), grouped as materialized (
  -- the items once, and everything else over these
  select i.topic_id, i.party_id, i.is_accessibility, i.area_id, i.kind, i.month, i.teller, i.states, i.told, i.days, count(*) as n,
         case when grouping(i.topic_id) = 0 then 'topic' when grouping(i.area_id) = 0 then 'area' else 'month' end as by
  from item i
  group by grouping sets ((i.topic_id, i.party_id, i.is_accessibility, i.states, i.told, i.days), (i.area_id, i.kind, i.states, i.told, i.days),
                          (i.month, i.teller, i.states, i.told, i.days))
), counted as materialized (
  select r.part, r.key, r.topic_id, r.party_id, r.area_id, g.states, g.states & ~g.told as outside, g.days, sum(g.n) as n
  from grouped g
  cross join lateral (
    values ('month', 'whole', 'whole', null::uuid, null::uuid, null::uuid),
           ('month', 'month', to_char(first_on + (g.month - 1) * interval '1 month', 'YYYY-MM'), null, null, null),
           ('area', 'area', coalesce(g.area_id::text, 'none'), null, null, g.area_id), ('area', 'kind', g.kind, null, null, null),
           ('topic', 'topic', coalesce(g.topic_id::text, 'none'), g.topic_id, null, null),
           ('topic', 'unit', coalesce(g.party_id::text, 'none'), null, g.party_id, null),
           ('topic', 'accessibility', case when g.is_accessibility then 'accessibility' else 'other' end, null, null, null)
  ) as r (by, part, key, topic_id, party_id, area_id)
  where r.by = g.by
  group by r.part, r.key, r.topic_id, r.party_id, r.area_id, g.states, outside, g.days
), measured as materialized (
  select c.part, c.key, c.topic_id, c.party_id, c.area_id, m.measure, coalesce(sum(c.n) filter (where c.states & m.bit > 0), 0)::bigint as n,
         coalesce(sum(c.n) filter (where c.outside & m.bit > 0), 0) as outside
  from counted c
  cross join measure m
  group by c.part, c.key, c.topic_id, c.party_id, c.area_id, m.measure
), middle as (
  -- of at least five answered cases: the one in the middle, or the mean of the two
  select d.part, d.key, trim_scale(round(avg(d.days), 1))::text as days
  from (
    select c.part, c.key, c.days, sum(c.n) as n, sum(sum(c.n)) over (partition by c.part, c.key order by c.days) as up_to,
           sum(sum(c.n)) over (partition by c.part, c.key) as cases
    from counted c
    where c.days is not null
    group by c.part, c.key, c.days
  ) as d
  where d.cases >= 5 and d.cases between 2 * (d.up_to - d.n) and 2 * d.up_to
  group by d.part, d.key
), home as materialized (
  -- whose a topic is: where most of it lies
  select distinct on (g.topic_id) coalesce(g.topic_id::text, 'none') as key, coalesce(g.party_id::text, 'none') as unit,
         case when g.is_accessibility then 'accessibility' else 'other' end as class
  from grouped g
  where g.by = 'topic'
  group by g.topic_id, g.party_id, g.is_accessibility
  order by g.topic_id, sum(g.n) desc, g.party_id, g.is_accessibility
), cell as materialized (
  -- what counts towards five: of what may have been told in part, what is in no whole that was told
  select m.part, m.key, m.measure, h.unit, h.class, greatest(m.n - coalesce(k.shown, 0), 0) as unknown,
         case when m.part in ('area', 'kind', 'month') then m.n else m.outside end as weight,
         m.n < 5 or m.n - coalesce(k.shown, 0) between 1 and 4 or (m.part not in ('area', 'kind') and m.outside between 1 and 4)
         or (m.part = 'topic' and coalesce(k.is_withheld, false)) as is_small
  from measured m
  left join known k on k.measure = m.measure and k.cell = concat(m.part, ' ', m.key)
  left join home h on m.part = 'topic' and h.key = m.key
  where m.n > 0
), around as (
  -- all but topics; no more of a cell is unknown than of its topics
  select c.part, c.key, c.measure, least(c.weight, c.unknown, t.unknown) as weight, c.is_small or coalesce(t.unknown between 1 and 4, false) as is_small
  from cell c
  left join lateral (
    select sum(o.unknown) as unknown from cell o
    where o.part = 'topic' and o.measure = c.measure
      and case c.part when 'whole' then true when 'unit' then o.unit = c.key when 'accessibility' then o.class = c.key end) as t on true
  where c.part <> 'topic'
), around_withheld as materialized (
  select p.part, p.key, p.measure
  from (
    select a.*, bool_or(a.is_small) over fellows as has_small, sum(a.weight) over fellows as enough,
           sum(a.weight) over (fellows order by a.weight = 0, a.weight, a.key) - a.weight as before
    from around a
    window fellows as (partition by a.part, a.measure)
  ) as p
  where p.is_small or (p.has_small and (p.enough < 5 or (p.before < 5 and p.weight > 0)))
  union
  -- months cut what units told of a time
  select 'month', c.key, c.measure
  from cell c
  where c.part = 'month' and c.measure in (
    select m.measure
    from grouped g
    cross join measure m
    where g.by = 'month' and exists (select from told)
    group by m.measure, g.teller, g.month
    having sum(g.n) filter (where g.states & m.bit > 0) between 1 and 4)
), fellow as materialized (
  select c.*, case when (c.unit, c.measure) not in (select w.key, w.measure from around_withheld w where w.part = 'unit') then c.unit end as told_unit
  from cell c
  where c.part = 'topic'
), without_class as materialized (
  select w.measure from around_withheld w where w.part = 'accessibility'
  union
  select f.measure from fellow f group by f.measure, f.told_unit, f.class
  having sum(f.unknown) between 1 and 4 or sum(f.weight) between 1 and 4
), topic_withheld as (
  select p.part, p.key, p.measure
  from (
    select t.*, bool_or(t.has_small and t.enough < 5) over (partition by t.measure) as has_too_few,
           sum(t.weight) over (partition by t.measure order by t.weight = 0, t.weight, t.key) - t.weight as before_all
    from (
      select f.*, bool_or(f.is_small and f.weight > 0) over fellows as has_small, sum(f.weight) over fellows as enough,
             sum(f.weight) over (fellows order by f.weight = 0, f.weight, f.key) - f.weight as before
      from (select o.*, case when o.measure not in (select w.measure from without_class w) then o.class end as told_class from fellow o) as f
      window fellows as (partition by f.measure, f.told_unit, f.told_class)
    ) as t
  ) as p
  where p.is_small or (p.has_small and p.before < 5 and p.weight > 0) or (p.has_too_few and p.before_all < 5)
), withheld as materialized (
  select c.part, c.key, c.measure
  from cell c
  where (c.part, c.key, c.measure) in (select w.part, w.key, w.measure from around_withheld w
                                       union all select w.part, w.key, w.measure from topic_withheld w)
     or (c.part = 'accessibility' and c.measure in (select w.measure from without_class w))
     or c.measure in (select w.measure from around_withheld w where w.part = 'whole')
), row as (
  select m.part, m.key, m.topic_id, m.party_id, m.area_id, jsonb_object_agg(m.measure, case when w.key is null then m.n end) as counts,
         bool_or(w.key is not null) as is_suppressed
  from measured m
  left join withheld w on w.part = m.part and w.key = m.key and w.measure = m.measure
  group by m.part, m.key, m.topic_id, m.party_id, m.area_id
)
select r.part, coalesce(t.code, r.key), coalesce(t.name, p.title, a.name), r.topic_id, r.party_id, r.area_id, (r.counts ->> 'received')::bigint,
       (r.counts ->> 'cases')::bigint, (r.counts ->> 'answered')::bigint, (r.counts ->> 'published')::bigint,
       (r.counts ->> 'transferred')::bigint, case when r.counts ->> 'answered' is not null then m.days end, r.is_suppressed
from row r
left join middle m on m.part = r.part and m.key = r.key
left join feedback_topic t on t.municipality = in_municipality and t.id = r.topic_id
left join responsible_party p on p.municipality = in_municipality and p.id = r.party_id
left join area a on a.municipality = in_municipality and a.id = r.area_id
$$;

-- The units a summary is about.
create function feedback_summary_units(item feedback_summary) returns uuid[]
language sql stable as
$$
select array(select p.id from responsible_party p
             where p.municipality = item.municipality and (p.id = item.responsible_party_id or p.sector = item.sector))
$$;

-- Whether its numbers would divide what was told already: of a part of the time, or of some of the units, of a summary that has
-- told its own.
create function divides_what_was_told(item feedback_summary) returns boolean
language sql stable as
$$
select exists (
  select from feedback_summary o
  where o.municipality = item.municipality and o.party_ids && feedback_summary_units(item)
    and o.starts_on <= item.ends_on and o.ends_on >= item.starts_on
    and not (o.party_ids <@ feedback_summary_units(item) and o.starts_on >= item.starts_on and o.ends_on <= item.ends_on))
$$;

create function feedback_summary_counts(item feedback_summary) returns jsonb
language sql stable as
$$
with counted as (
  select s.*
  from feedback_statistics(item.municipality, item.starts_on, item.ends_on, feedback_summary_units(item), request_now()) as s
  where not divides_what_was_told(item)
), told as (
  select c.part, c.code, jsonb_build_object(
           'received', c.received, 'cases', c.cases, 'answered', c.answered, 'published', c.published, 'transferred', c.transferred,
           'median_answer_working_days', c.median_answer_working_days, 'is_suppressed', c.is_suppressed)
         || case when c.part = 'topic' then jsonb_build_object('topic_id', c.topic_id, 'name', c.name) else '{}' end as counts
  from counted c
)
select coalesce((select t.counts from told t where t.part = 'whole'),
                jsonb_build_object('received', none.n, 'cases', none.n, 'answered', none.n, 'published', none.n, 'transferred', none.n,
                                   'median_answer_working_days', null, 'is_suppressed', none.n is null))
       || jsonb_build_object('topics', (select coalesce(jsonb_agg(t.counts order by t.code), '[]') from told t where t.part = 'topic'))
from (select case when not divides_what_was_told(item) then 0 end as n) as none
$$;

-- Who writes about a unit's or a division's feedback.
create function writes_feedback_summary(in_municipality text, actor uuid, at timestamptz, party uuid, of_sector text) returns boolean
language sql stable as
$$
select may(in_municipality, actor, at, '{participation_coordinator}')
    or coalesce(party = any (feedback_units(in_municipality, actor, at)), false)
    or (of_sector is not null and may(in_municipality, actor, at, '{handler}', sector => of_sector))
$$;
