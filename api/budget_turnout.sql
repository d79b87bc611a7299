-- Turnout of a vote from its marks, for people: by day while it runs, by area, age band, sex and channel once it is over.
-- Groups too small are not shown, nor what would give them back. Domain brief 4.7, 6.

-- name: is_visible
select c.id from budget_cycle c
join budget_vote v on v.municipality = c.municipality and v.budget_cycle_id = c.id
where c.municipality = :municipality and c.id = :id and c.published_at is not null

-- name: select     Of a part with a small group at least two groups are hidden, and together no fewer than the limit: the
-- total then tells of neither. How many voted on paper the books and the log tell, so it keeps no other channel's secret.
with vote as (
  select c.municipality, c.id, c.status = 'voting' as is_open, (c.rules ->> 'smallest_group')::integer as least
  from budget_cycle c
  where c.municipality = :municipality and c.id = :id and c.published_at is not null
), mark as (
  select m.* from voter_mark m where m.municipality = :municipality and m.budget_cycle_id = :id
), counted as (
  select 'day' as part, m.voted_on::text as name, null::uuid as area_id, null::integer as eligible, count(*) as voters
  from mark m group by m.voted_on
  union all
  select 'whole', 'whole', null, (select max(s.eligible) from budget_share s
                                  join area a on a.municipality = s.municipality and a.id = s.area_id
                                  where s.municipality = :municipality and s.budget_cycle_id = :id and a.kind = 'whole'),
         count(*)
  from mark
  union all
  select 'area', coalesce(a.code, 'none'), s.area_id, s.eligible, count(m.voter_key)
  from (select s.area_id, s.eligible from budget_share s
        join area a on a.municipality = s.municipality and a.id = s.area_id and a.kind <> 'whole'
        where s.municipality = :municipality and s.budget_cycle_id = :id
        union all select null, null) as s
  left join mark m on m.area_id is not distinct from s.area_id
  left join area a on a.municipality = :municipality and a.id = s.area_id
  group by a.code, s.area_id, s.eligible
  union all
  select 'age_band', coalesce(m.age_band, 'unknown'), null, null, count(*) from mark m group by m.age_band
  union all
  select 'sex', coalesce(m.sex, 'unknown'), null, null, count(*) from mark m group by m.sex
  union all
  select 'channel', m.channel, null, null, count(*) from mark m group by m.channel
), ranked as (
  select n.*, v.least, v.is_open,
         bool_or(n.voters < v.least) over whole_part as has_small,
         row_number() over rising as place,
         coalesce(sum(n.voters) over (rising rows between unbounded preceding and 1 preceding), 0) as before
  from counted n, vote v
  window whole_part as (partition by n.part, n.part = 'channel' and n.name = 'paper'),
         rising as (partition by n.part, n.part = 'channel' and n.name = 'paper' order by n.voters, n.name)
), shown as (
  select r.*, r.part not in ('day', 'whole') and r.has_small and (r.voters < r.least or r.place <= 2 or r.before < r.least) as is_hidden
  from ranked r
  where r.part = 'day' or not r.is_open
)
select md5(concat_ws(chr(10), t.part, t.name))::uuid as id, t.part, t.name, t.area_id, t.eligible, t.is_hidden as is_suppressed,
       case when not t.is_hidden then t.voters end as voters
from shown t
