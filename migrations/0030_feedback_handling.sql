-- Handling of feedback: cases of several items, targets that were told anew, who has taken an item, what its sender thinks
-- of the answer, and what divisions say about it. Domain brief 4.8, 5.

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
