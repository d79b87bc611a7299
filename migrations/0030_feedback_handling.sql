-- Handling of feedback: cases of several items, targets that were told anew, who has taken an item, what its sender thinks
-- of the answer, numbers for staff and for everybody, and summaries of divisions. Domain brief 4.8, 5.

insert into state_move values
  ('feedback', 'assigned', 'received'), ('feedback', 'in_progress', 'received'),
  ('feedback', 'in_progress', 'in_moderation'), ('feedback', 'in_moderation', 'in_progress');

-- due_on may be told anew; target_on is what was due when the target times began, take_up_on the fifth working day after it, by
-- which somebody works on the item. Who has taken an item is a name for nobody but themselves. answered_at is that of the last
-- answer, and times to the answer are counted to the first.
alter table feedback
  add column target_on date,
  add column take_up_on date,
  add column taken_by_id uuid,
  add column first_answered_at timestamptz,
  add constraint feedback_taker_exists foreign key (taken_by_id) references person (id);
create index feedback_to_close on feedback (municipality, answered_at) where status = 'answered';
update feedback
set target_on = due_on, take_up_on = working_days_after(helsinki_date(created_at), 5), first_answered_at = answered_at;
alter table feedback alter column target_on set not null, alter column take_up_on set not null;

-- What is reopened goes back to its unit; where that is no more, to the one that has its topic and area now.
create function feedback_worked_on() returns trigger language plpgsql as
$$
begin
  if new.status = 'reopened' and exists (
    select from responsible_party p
    where p.municipality = new.municipality and p.id = new.responsible_party_id and p.deleted_at is not null) then
    new.responsible_party_id := feedback_unit(new.municipality, new.topic_id, new.area_id);
  end if;
  if tg_op = 'INSERT' or new.status = 'reopened' then
    new.target_on := new.due_on;
    new.take_up_on := working_days_after(helsinki_date(request_now()), 5);
  end if;
  if tg_op = 'UPDATE' and (new.responsible_party_id is distinct from old.responsible_party_id or new.status = 'assigned') then
    new.taken_by_id := null;
  elsif tg_op = 'UPDATE' and new.status = 'in_progress' and old.status = 'assigned' then
    new.taken_by_id := request_setting('actor')::uuid;
  end if;
  new.first_answered_at := coalesce(new.first_answered_at, new.answered_at);
  return new;
end
$$;
create trigger feedback_is_worked_on before insert or update on feedback for each row execute function feedback_worked_on();

-- A day's target for an item whose target times begin anew.
create function feedback_target(item feedback, day date) returns date
language sql stable as
$$
select coalesce((select feedback_due_on(t, day) from feedback_topic t where t.municipality = item.municipality and t.id = item.topic_id),
                working_days_after(day, 5))
$$;

-- The answer that was not enough stays among what was said, for another takes its place.
create function feedback_reply_kept() returns trigger language plpgsql as
$$
begin
  insert into feedback_message (municipality, feedback_id, kind, text, created_at)
  values (new.municipality, new.id, 'reply', new.reply, coalesce(new.answered_at, request_now()));
  return null;
end
$$;
create trigger feedback_keeps_reply after update of status on feedback
  for each row when (new.status = 'reopened' and new.reply is not null) execute function feedback_reply_kept();

-- Why its sender may not add to an item: only as long as somebody works on it, or on the case it was merged into, and not for ever.
create function feedback_addition_faults(item feedback) returns table (code text, pointer text, parameter text)
language plpgsql stable as
$$
begin
  return query
  select 'wrong_state', next_states('feedback', c.status), c.status
  from feedback c
  where c.municipality = item.municipality and c.id = coalesce(item.merged_into_id, item.id)
    and c.status not in ('received', 'in_moderation', 'assigned', 'in_progress', 'answered', 'reopened')
  union all
  select 'additions_most', null, '50'
  where (select count(*) from feedback_message m
         where m.municipality = item.municipality and m.feedback_id = item.id and m.kind = 'addition') >= 50;
end
$$;

-- Why its sender may not reopen it, or the case it was merged into: only what was answered or closed, for a time; afterwards a new
-- one is sent.
create function feedback_reopening_faults(item feedback, at timestamptz) returns table (code text, pointer text, parameter text)
language plpgsql stable as
$$
declare
  days integer := coalesce((select (m.calendar ->> 'feedback_reopen_days')::integer from municipality m where m.code = item.municipality), 30);
begin
  return query
  select fault.*
  from feedback c
  cross join lateral (
    select 'wrong_state', next_states('feedback', c.status), c.status
    where c.status not in ('answered', 'closed') or item.withdrawn_at is not null
    union all
    select 'reopening_late', null, days::text
    where c.status in ('answered', 'closed') and helsinki_date(coalesce(c.closed_at, c.answered_at)) + days < helsinki_date(at)) as fault
  where c.municipality = item.municipality and c.id = coalesce(item.merged_into_id, item.id);
end
$$;

-- What a sender tells later is looked at like what was sent: what is still to be answered waits for a moderator, the case with what
-- was merged into it. Whoever works on it gives a reason. By a trigger, so that no move can forget it.
create function feedback_told_more() returns trigger language plpgsql as
$$
declare
  kinds jsonb := finding_kinds(new.text);
begin
  if kinds <> '[]' and request_setting('reason') is null then
    update feedback f
    set findings = (select jsonb_agg(distinct kind) from jsonb_array_elements(f.findings || kinds) as found (kind)),
        status = case when f.status in ('received', 'assigned', 'in_progress') then 'in_moderation' else f.status end
    from feedback told
    where told.municipality = new.municipality and told.id = new.feedback_id
      and f.municipality = told.municipality and f.id in (told.id, told.merged_into_id);
  end if;
  return null;
end
$$;
create trigger feedback_is_told_more after insert on feedback_message
  for each row when (new.kind in ('addition', 'reopening', 'withdrawal')) execute function feedback_told_more();

-- The new target that an interim message tells.
alter table feedback_message add column due_on date;

-- What its sender thought of the answer: asked once.
create table feedback_rating (
  municipality text not null references municipality (code),
  feedback_id uuid not null,
  id uuid not null default uuid_v7(),
  score smallint not null,
  text text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, feedback_id),
  constraint feedback_rating_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id),
  constraint feedback_rating_score_known check (score between 1 and 5)
);
select keep_history('feedback_rating');

-- Each day with the number of working days up to it: two of them subtracted are the working days from one to the other.
create function working_day_numbers(first_day date, last_day date) returns table (day date, n bigint)
language sql immutable strict parallel safe as
$$
select first_day + step, count(*) filter (where is_working_day(first_day + step)) over (order by step)
from generate_series(0, last_day - first_day) as step
$$;

-- What a unit or a division says about its feedback of a time, to staff, residents and stakeholders, and what it will do.
create table feedback_summary (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  responsible_party_id uuid,
  sector text,
  starts_on date not null,
  ends_on date not null,
  status text not null default 'draft',
  title jsonb not null,
  text_for_staff jsonb,
  text_for_residents jsonb,
  text_for_stakeholders jsonb,
  -- the action plan: [{text, responsible_party_id, due_on}]
  actions jsonb not null default '[]',
  -- as they were on publication
  counts jsonb,
  -- the units whose numbers it told; null while it is a draft, and where the numbers were withheld
  party_ids uuid[],
  published_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint feedback_summary_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  constraint feedback_summary_of_one check (num_nonnulls(responsible_party_id, sector) = 1),
  constraint feedback_summary_days_ordered check (ends_on >= starts_on),
  constraint feedback_summary_counted check ((status = 'published') = (counts is not null and published_at is not null))
);
create index feedback_summary_time on feedback_summary (municipality, ends_on, id);
create unique index feedback_summary_source_unique on feedback_summary (municipality, source, external_id)
  where source is not null and deleted_at is null;
select keep_history('feedback_summary');
select keep_transitions('feedback_summary');
insert into state_move values ('feedback_summary', 'draft', 'published');
call refer_to_living('feedback_summary', 'responsible_party_id', 'responsible_party', 'feedback_summary_party_exists');
call keep_search('feedback_summary', 'title, text_for_residents, text_for_stakeholders, actions, sector', 'r.sector',
  'jsonb_build_array(r.title, r.text_for_residents, r.text_for_stakeholders) || jsonb_path_query_array(r.actions, ''$[*].text'')');

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
