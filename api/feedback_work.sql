-- Work on feedback: what waits for a unit, and how much of it each has.

-- name: select     What is still to be answered, of one's units; of all for those who oversee feedback.
select f.id, f.number, f.kind, f.topic_id, f.title, f.text, f.language, f.channel, f.status, f.area_id, f.responsible_party_id,
       coalesce(f.taken_by_id = :actor::uuid, false) as is_mine, f.is_accessibility, f.target_on, f.due_on,
       f.due_on < helsinki_date(:now) as is_overdue, f.take_up_on,
       f.status <> 'in_progress' and f.take_up_on < helsinki_date(:now) as is_take_up_overdue,
       (select count(*) from feedback d where d.municipality = f.municipality and d.merged_into_id = f.id) as merged_count,
       f.version, f.created_at, f.updated_at
from feedback f
where f.municipality = :municipality and f.status in ('received', 'in_moderation', 'assigned', 'in_progress')
  and feedback_inside(f, (select oversees_feedback(:municipality, :actor, :now)), (select feedback_units(:municipality, :actor, :now))::uuid[])

-- name: load     Open items are those of today; a unit's inflow is what was given to it in the time, from wherever. What waits
-- for a unit stands under an id of its own, which is nobody's.
with time as (
  select coalesce(:from::date, l.last_on - 30) as first_on, l.last_on, helsinki_date(:now) as today, md5('none')::uuid as nobody
  from (select coalesce(:to::date, greatest(:from::date, helsinki_date(:now))) as last_on) as l
), item as (
  select f.id, coalesce(f.responsible_party_id, t.nobody) as unit_id, f.status not in ('answered', 'closed') as is_open,
         f.due_on < t.today as is_overdue, f.status <> 'in_progress' and f.take_up_on < t.today as is_take_up_overdue, t.today - helsinki_date(f.created_at) as age,
         helsinki_date(f.created_at) as received_on, helsinki_date(f.answered_at) as answered_on,
         helsinki_date(f.first_answered_at) as first_answered_on, f.target_on, g.score
  from feedback f
  cross join time t
  left join feedback_rating g on g.municipality = f.municipality and g.feedback_id = f.id
  where f.municipality = :municipality and f.merged_into_id is null
    and (f.status in ('received', 'in_moderation', 'assigned', 'in_progress')
         or (f.status in ('answered', 'closed')
             and f.answered_at >= day_end(t.first_on - 1) and f.answered_at < day_end(t.last_on)))
), calendar as materialized (
  select d.*
  from (select min(i.received_on) as first_on, max(i.answered_on) as last_on from item i where not i.is_open) as t
  cross join lateral working_day_numbers(t.first_on, t.last_on) as d
), given as (
  select a.to_party_id as unit_id, count(distinct a.feedback_id) as n
  from feedback_assignment a, time t
  where a.municipality = :municipality and a.to_party_id is distinct from a.from_party_id and a.to_party_id is not null
    and a.at >= day_end(t.first_on - 1) and a.at < day_end(t.last_on)
  group by a.to_party_id
), unit as (
  select u.unit_id
  from (select i.unit_id from item i union select g.unit_id from given g) as u
  where (select oversees_feedback(:municipality, :actor, :now))
     or u.unit_id = any ((select feedback_units(:municipality, :actor, :now))::uuid[])
)
select u.unit_id as id, nullif(u.unit_id, t.nobody) as responsible_party_id, t.first_on, t.last_on,
       coalesce(max(g.n), 0) as received,
       count(i.id) filter (where not i.is_open) as answered,
       count(i.id) filter (where not i.is_open and i.answered_on <= i.target_on) as answered_in_time,
       trim_scale(round(percentile_cont(0.5) within group (
         order by case when not i.is_open then after.n - before.n end)::numeric, 1))::text as median_answer_working_days,
       count(i.id) filter (where i.is_open) as open,
       count(i.id) filter (where i.is_open and i.is_overdue) as overdue,
       count(i.id) filter (where i.is_open and i.is_take_up_overdue) as take_up_overdue,
       max(i.age) filter (where i.is_open) as oldest_open_days,
       trim_scale(round(percentile_cont(0.5) within group (order by case when i.is_open then i.age end)::numeric, 1))::text
         as median_open_days,
       count(i.score) filter (where not i.is_open) as ratings,
       trim_scale(round(avg(i.score) filter (where not i.is_open), 1))::text as mean_rating
from unit u
cross join time t
left join item i on i.unit_id = u.unit_id
left join calendar before on before.day = i.received_on
left join calendar after on after.day = i.first_answered_on
left join given g on g.unit_id = u.unit_id
group by u.unit_id, t.nobody, t.first_on, t.last_on
