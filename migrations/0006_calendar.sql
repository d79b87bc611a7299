-- The Finnish calendar as rules, what was reminded of and when, and reports that came after the assessment.

-- Anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8), in whole numbers only.
create function easter_sunday(year integer) returns date
language plpgsql immutable strict parallel safe as
$$
declare
  a integer := year % 19;
  b integer := year / 100;
  c integer := year % 100;
  h integer := (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  l integer := (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  m integer := (a + 11 * h + 22 * l) / 451;
  n integer := h + l - 7 * m + 114;
begin
  return make_date(year, n / 31, n % 31 + 1);
end
$$;

-- The public holiday a day is, by a stable name; null when it is none. Sundays are not named: they need no table.
create function public_holiday(day date) returns text
language plpgsql immutable strict parallel safe as
$$
declare
  month_day text := to_char(day, 'MM-DD');
  is_saturday boolean := extract(isodow from day) = 6;
  from_easter integer := day - easter_sunday(extract(year from day)::integer);
begin
  return case
    when month_day = '01-01' then 'new_year'
    when month_day = '01-06' then 'epiphany'
    when month_day = '05-01' then 'may_day'
    when month_day = '12-06' then 'independence_day'
    when month_day = '12-25' then 'christmas_day'
    when month_day = '12-26' then 'second_christmas_day'
    when from_easter = -2 then 'good_friday'
    when from_easter = 0 then 'easter_sunday'
    when from_easter = 1 then 'easter_monday'
    when from_easter = 39 then 'ascension_day'
    when from_easter = 49 then 'pentecost'
    when is_saturday and month_day between '06-20' and '06-26' then 'midsummer_day'
    when is_saturday and month_day between '10-31' and '11-06' then 'all_saints_day'
  end;
end
$$;

-- Two eves are no public holidays and yet nobody's working days, nor the last day of a statutory time limit.
create function is_free_eve(day date) returns boolean
language sql immutable strict parallel safe as
$$ select to_char(day, 'MM-DD') = '12-24' or public_holiday(day + 1) is not distinct from 'midsummer_day' $$;

create function is_working_day(day date) returns boolean
language sql immutable strict parallel safe as
$$ select extract(isodow from day) < 6 and public_holiday(day) is null and not is_free_eve(day) $$;

-- The n-th working day after a day, which itself is not counted; n from 1. Five free days in a row are the most.
create function working_days_after(day date, n integer) returns date
language sql immutable strict parallel safe as
$$
select day + step from generate_series(1, 2 * n + 10) as step
where is_working_day(day + step)
order by step offset n - 1 limit 1
$$;

create function next_working_day(day date) returns date
language sql immutable strict parallel safe as
$$ select working_days_after(day, 1) $$;

-- The last day of a statutory time limit: the day it starts from is not counted, months end on the same day
-- number or the month's last day, and a last day that is free gives way to the next working day.
create function time_limit_end(start_on date, months integer default 0, days integer default 0) returns date
language sql immutable strict parallel safe as
$$
select case when is_working_day(last_on) then last_on else next_working_day(last_on) end
from (select (start_on + make_interval(months => months, days => days))::date as last_on) as counted
$$;

-- The instant a day is over in Finland: the end of a deadline that names only a day. 23 or 25 hours after the
-- day before on the two days the clocks change.
create function day_end(day date) returns timestamptz
language sql immutable strict parallel safe as
$$ select (day + 1)::timestamp at time zone 'Europe/Helsinki' $$;

-- Nobody is written to on Sundays and public holidays.
create function is_sending_day(day date) returns boolean
language sql immutable strict parallel safe as
$$ select extract(isodow from day) < 7 and public_holiday(day) is null $$;

create function sending_day(day date) returns date
language sql immutable strict parallel safe as
$$ select case when is_sending_day(day) then day else next_working_day(day) end $$;

-- What was reminded of. A rule speaks once of one due date; a returned report has a new one.
create table reminder (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  reporting_round_id uuid not null,
  report_request_id uuid not null,
  kind text not null,
  due_on date not null,
  sent_on date not null,
  message_id uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint reminder_round_exists foreign key (municipality, reporting_round_id)
    references reporting_round (municipality, id),
  constraint reminder_request_exists foreign key (municipality, report_request_id)
    references report_request (municipality, id),
  constraint reminder_message_exists foreign key (municipality, message_id) references message (municipality, id),
  constraint reminder_kind_known check (kind ~ '^(before_\d+|after_\d+|escalation|manual_\d{4}-\d\d-\d\d)$'),
  constraint reminder_rule_unique unique (municipality, reporting_round_id, report_request_id, kind, due_on)
);
create trigger reminder_changed after insert on reminder for each row execute function row_changed();
revoke update on reminder from elinvoima_service;

alter table message
  drop constraint message_kind_known,
  add constraint message_kind_known check (kind in ('invitation', 'reassignment', 'reminder', 'escalation'));
-- What goes to the coordinator of a programme that names no party for it has no party.
alter table message alter column responsible_party_id drop not null;

-- Whom a round's calendar says to remind at a time, and by which rule: requests that nothing came of and whose
-- rule's day has come since they were last asked. By hand: all of them, once a day. Asked for every running round
-- whenever the worker looks, so holidays are reckoned by due date, and what is logged goes before the rest is asked.
create function reminders_due(in_municipality text, round uuid, at timestamptz, by_hand boolean)
returns table (report_request_id uuid, responsible_party_id uuid, kind text, due_on date)
language plpgsql stable as
$$
declare
  today date := helsinki_date(at);
begin
  if not by_hand and not is_sending_day(today) then
    return;
  end if;
  return query
  with rule as (
    select distinct 'before_' || days as kind, -days::integer as days
    from municipality m, jsonb_array_elements_text(m.calendar -> 'reminders_before_days') as days
    where m.code = in_municipality and not by_hand
    union all
    select distinct 'after_' || days, days::integer
    from municipality m, jsonb_array_elements_text(m.calendar -> 'reminders_after_days') as days
    where m.code = in_municipality and not by_hand
    union all
    select 'escalation', coalesce(max(days::integer), 0) + coalesce((m.calendar ->> 'escalate_after_days')::integer, 14)
    from municipality m
    left join jsonb_array_elements_text(m.calendar -> 'reminders_after_days') as days on true
    where m.code = in_municipality and not by_hand
    group by m.calendar
    union all
    select 'manual_' || today, null where by_hand
  ), occasion as materialized (
    select d.due_on, rule.kind, sending_day(d.due_on + rule.days) as sends_on
    from (select distinct q.due_on from report_request q
          where q.municipality = in_municipality and q.reporting_round_id = round) as d
    cross join rule
  ), candidate as materialized (
    select q.id, q.responsible_party_id, o.kind, q.due_on, o.sends_on
    from reporting_round r
    join report_request q on q.municipality = r.municipality and q.reporting_round_id = r.id
    join occasion o on o.due_on = q.due_on
                   and (q.status in ('invited', 'acknowledged', 'draft', 'returned')
                        or (q.status = 'missing' and o.kind = 'escalation'))
    where r.municipality = in_municipality and r.id = round and r.status in ('open', 'closed', 'in_review')
      and (by_hand or o.sends_on <= today)
      and not exists (
        select from reminder d
        where d.municipality = in_municipality and d.reporting_round_id = round and d.report_request_id = q.id
          and d.kind = o.kind and d.due_on = q.due_on)
  )
  select c.id, c.responsible_party_id, c.kind, c.due_on
  from candidate c
  where by_hand
     or c.sends_on > (select helsinki_date(max(t.at)) from transition t
                      where t.municipality = in_municipality and t.resource_id = c.id
                        and (t.from_status is null or t.to_status = 'returned'));
end
$$;

-- A worker that waits is woken when a round changes.
create function worker_wake() returns trigger language plpgsql as
$$
begin
  notify elinvoima_work;
  return null;
end
$$;
create trigger reporting_round_wakes after insert or update on reporting_round
  for each statement execute function worker_wake();

-- A report that comes after the assessment: it leaves the request it was written for and waits for the next
-- round's. Where it came from stays.
alter table report
  add column origin_request_id uuid,
  alter column report_request_id drop not null,
  add constraint report_origin_exists foreign key (municipality, origin_request_id)
    references report_request (municipality, id),
  add constraint report_request_or_origin check (num_nonnulls(report_request_id, origin_request_id) > 0);
create index report_waiting on report (municipality, origin_request_id) where report_request_id is null;

-- What was said does not change; what waited gets its place.
create or replace function report_frozen() returns trigger language plpgsql as
$$
declare
  place text[] := '{report_request_id,revision,own_light,version,updated_at}';
begin
  if old.submitted_at is not null
     and (old.report_request_id is not null or to_jsonb(new) - place <> to_jsonb(old) - place) then
    raise exception 'a submitted report does not change' using errcode = '23514', constraint = 'report_submitted_frozen';
  end if;
  return new;
end
$$;

-- The party's own view: the worst of its status over the measure's goals, in the words of the round's scale.
create function own_light(in_municipality text, request uuid, reported_status text, submitted_at timestamptz)
returns text language sql stable as
$$
select v.light
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
join measure m on m.municipality = q.municipality and m.id = q.measure_id
join goal g on g.municipality = m.municipality and g.measure_id = m.id
cross join lateral (
  select light_of(coalesce(g.status, own_light.reported_status), g.window_kind, g.start_year, g.end_year, m.start_due_on,
                  round_reference_on(r.due_on, r.grace_days, r.closed_at, own_light.submitted_at)) as light) as v
join light_meaning l on l.municipality = r.municipality and l.light_scale_id = r.light_scale_id and l.light = v.light
where q.municipality = in_municipality and q.id = request
order by l.precedence desc limit 1
$$;

-- Gives waiting reports to the requests of a later running round that have no report of their own: all that wait
-- for this round, or this one report. The last of several counts. How many were taken.
create function take_waiting_reports(in_municipality text, in_round uuid, in_report uuid) returns bigint
language sql as
$$
with place as (
  select distinct on (p.id) p.id, q.id as request_id, p.submitted_at
  from report p
  join report_request o on o.municipality = p.municipality and o.id = p.origin_request_id
  join reporting_round e on e.municipality = o.municipality and e.id = o.reporting_round_id
  join report_request q on q.municipality = o.municipality and q.measure_line_id = o.measure_line_id
                       and q.responsible_party_id = o.responsible_party_id
                       and q.status in ('invited', 'acknowledged', 'missing')
  join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
                        and r.status in ('open', 'closed', 'in_review') and r.year > e.year
  where p.municipality = in_municipality and p.report_request_id is null
    and (r.id = in_round or p.id = in_report)
  order by p.id, r.year
), numbered as (
  select place.*, row_number() over (partition by request_id order by submitted_at, id)
                  + (select coalesce(max(o.revision), 0) from report o
                     where o.municipality = in_municipality and o.report_request_id = place.request_id) as revision
  from place
), taken as (
  update report p
  set report_request_id = n.request_id, revision = n.revision,
      own_light = own_light(p.municipality, n.request_id, p.reported_status, p.submitted_at)
  from numbered n
  where p.municipality = in_municipality and p.id = n.id
  returning p.report_request_id, p.submitted_at
), answered as (
  update report_request q
  set status = 'submitted', is_late = true, submitted_at = t.submitted_at
  from (select report_request_id, max(submitted_at) as submitted_at from taken group by report_request_id) as t
  where q.municipality = in_municipality and q.id = t.report_request_id
)
select count(*) from taken
$$;
