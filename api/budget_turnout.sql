-- Turnout of a vote from its marks, for people: by day while it runs, by area, age band, sex and channel once it is over.
-- Groups too small are not shown, nor what would give them back. Domain brief 4.7, 6.

-- name: is_visible
select c.id from budget_cycle c
join budget_vote v on v.municipality = c.municipality and v.budget_cycle_id = c.id
where c.municipality = :municipality and c.id = :id and c.published_at is not null

-- name: select     What hidden_up_to says of a part; one whose total tells in any case is left out. How many voted on paper
-- the books and the log tell, so it keeps no other channel's secret.
with vote as (
  select c as cycle, c.status = 'voting' as is_open, (c.rules ->> 'smallest_group')::bigint as least
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
  select 'age_band', coalesce(m.age_band, 'unknown'), null, null, count(*) from mark m group by m.age_band
  union all
  select 'sex', coalesce(m.sex, 'unknown'), null, null, count(*) from mark m group by m.sex
  union all
  select 'channel', m.channel, null, null, count(*) from mark m group by m.channel
), level as (
  select n.part, n.name = 'paper' as is_paper, hidden_up_to(array_agg(n.voters), v.least) as up_to
  from counted n, vote v
  where n.part not in ('day', 'whole')
  group by n.part, n.name = 'paper', v.least
), shown as (
  select n.part, n.name, n.area_id, n.eligible, n.voters, false as is_hidden
  from counted n, vote v
  where n.part = 'day' or n.part = 'whole' and not v.is_open
  union all
  select n.part, n.name, n.area_id, n.eligible, n.voters, is_hidden(n.voters, l.up_to)
  from counted n
  join level l on l.part = n.part and l.is_paper = (n.name = 'paper') and l.up_to is not null
  join vote v on not v.is_open and (n.part <> 'channel' or vote_channels_tell(v.cycle))
  union all
  select 'area', coalesce(a.code, 'none'), o.area_id, s.eligible, o.voters, o.is_hidden
  from vote v
  cross join lateral vote_area_voters(v.cycle) as o
  left join area a on a.municipality = :municipality and a.id = o.area_id
  left join budget_share s on s.municipality = :municipality and s.budget_cycle_id = :id and s.area_id = o.area_id
  where not v.is_open and a.kind is distinct from 'whole'
)
select md5(concat_ws(chr(10), t.part, t.name))::uuid as id, t.part, t.name, t.area_id, t.eligible, t.is_hidden as is_suppressed,
       case when not t.is_hidden then t.voters end as voters
from shown t
