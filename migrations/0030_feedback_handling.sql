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

-- Feedback received in a time, of some units or (null) of all, by topic, unit, month, kind and accessibility. Cells of 1 to 4
-- are null; in a part with such a cell at least two are, and together no fewer than 5, so that the total gives none back.
-- Nor do summaries that have told their numbers of a part of the time (the year less its quarters): a cell is null, too, when
-- what no summary has shown of it is 1 to 4, or is what one summary has withheld.
create function feedback_statistics(in_municipality text, first_on date, last_on date, units uuid[])
returns table (part text, code text, name jsonb, topic_id uuid, responsible_party_id uuid, received bigint, cases bigint,
               answered bigint, published bigint, transferred bigint, median_answer_working_days text, is_suppressed boolean)
language sql stable as
$$
with told as materialized (
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
    select 'topic', topic ->> 'topic_id', topic from jsonb_array_elements(t.counts -> 'topics') as topic
  ) as g
  cross join (values ('received'), ('cases'), ('answered'), ('published'), ('transferred')) as m (measure)
), known as (
  -- of nested summaries the widest that shows a cell, and of those that withhold it the narrowest
  select s.cell, s.measure, coalesce(sum(s.n) filter (where w.id is null), 0) as shown, bool_or(s.n is null) as is_withheld,
         count(*) filter (where s.n is null and s.id not in (select n.holder_id from nested n)) as withheld
  from said s
  left join (
    select distinct n.id, o.cell, o.measure from nested n join said o on o.id = n.holder_id and o.n is not null
  ) as w on w.id = s.id and w.cell = s.cell and w.measure = s.measure
  group by s.cell, s.measure
), item as (
  select not exists (
           select from told t
           where f.responsible_party_id = any (t.party_ids) and f.created_at >= t.starts_at and f.created_at < t.ends_at) as is_outside,
         f.topic_id, f.responsible_party_id, f.kind, f.is_accessibility,
         to_char(f.created_at at time zone 'Europe/Helsinki', 'YYYY-MM') as month,
         (f.merged_into_id is null)::integer as cases,
         (coalesce(c.status, f.status) in ('answered', 'closed') and coalesce(c.answered_at, f.answered_at) is not null)::integer as answered,
         (f.publication = 'published')::integer as published, (f.status = 'transferred')::integer as transferred,
         helsinki_date(f.created_at) as received_on, helsinki_date(coalesce(c.first_answered_at, f.first_answered_at)) as answered_on
  from feedback f
  left join feedback c on c.municipality = f.municipality and c.id = f.merged_into_id
  where f.municipality = in_municipality and f.created_at >= day_end(first_on - 1) and f.created_at < day_end(last_on)
    and (units is null or f.responsible_party_id = any (units))
), calendar as materialized (
  select d.* from working_day_numbers(first_on, (select max(i.answered_on) from item i)) as d
), counted as (
  select g.part, g.code, g.topic_id, g.party_id, count(*) as received, sum(i.cases) as cases, sum(i.answered) as answered,
         sum(i.published) as published, sum(i.transferred) as transferred, count(*) filter (where i.is_outside) as outside,
         trim_scale(round(percentile_cont(0.5) within group (
           order by case when i.answered = 1 then after.n - before.n end)::numeric, 1))::text as median
  from item i
  left join calendar before on before.day = i.received_on
  left join calendar after on after.day = i.answered_on
  left join feedback_topic t on t.municipality = in_municipality and t.id = i.topic_id
  cross join lateral (values
    ('whole', 'whole', null::uuid, null::uuid), ('topic', coalesce(t.code, 'none'), t.id, null),
    ('unit', coalesce(i.responsible_party_id::text, 'none'), null, i.responsible_party_id), ('month', i.month, null, null),
    ('kind', i.kind, null, null), ('accessibility', case when i.is_accessibility then 'accessibility' else 'other' end, null, null)
  ) as g (part, code, topic_id, party_id)
  group by g.part, g.code, g.topic_id, g.party_id
), ranked as (
  select c.part, c.code, c.topic_id, cell.measure, cell.n, w.is_withheld,
         bool_or(w.is_withheld) over whole_part as has_withheld, row_number() over rising as place,
         bool_or(w.is_withheld and c.part = 'whole') over (partition by cell.measure) as is_whole_withheld,
         coalesce(sum(cell.n) over (rising rows between unbounded preceding and 1 preceding), 0) as before
  from counted c
  cross join lateral (values ('received', c.received), ('cases', c.cases), ('answered', c.answered), ('published', c.published),
                             ('transferred', c.transferred)) as cell (measure, n)
  left join known k on k.measure = cell.measure
    and k.cell = concat(c.part, ' ', case when c.part = 'topic' then c.topic_id::text else c.code end)
  cross join lateral (
    select cell.n < 5 or cell.n - coalesce(k.shown, 0) between 1 and 4
           or coalesce(k.is_withheld and k.withheld <= 1 and c.outside < 5, false) as is_withheld) as w
  where cell.n > 0
  window whole_part as (partition by c.part, cell.measure),
         rising as (partition by c.part, cell.measure order by cell.n, c.code, c.topic_id)
), hidden as (
  select r.part, r.code, r.topic_id, array_agg(r.measure) as measures
  from ranked r
  where r.is_whole_withheld or (r.has_withheld and (r.is_withheld or r.place <= 2 or r.before < 5))
  group by r.part, r.code, r.topic_id
)
select c.part, c.code, coalesce(t.name, p.title), c.topic_id, c.party_id,
       case when not 'received' = any (h.no) then c.received end, case when not 'cases' = any (h.no) then c.cases end,
       case when not 'answered' = any (h.no) then c.answered end, case when not 'published' = any (h.no) then c.published end,
       case when not 'transferred' = any (h.no) then c.transferred end,
       case when not 'answered' = any (h.no) then c.median end, h.no <> '{}'
from counted c
left join feedback_topic t on t.municipality = in_municipality and t.id = c.topic_id
left join responsible_party p on p.municipality = in_municipality and p.id = c.party_id
cross join lateral (
  select coalesce((select o.measures from hidden o
                   where o.part = c.part and o.code = c.code and o.topic_id is not distinct from c.topic_id), '{}') as no) as h
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
  select s.* from feedback_statistics(item.municipality, item.starts_on, item.ends_on, feedback_summary_units(item)) as s
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
