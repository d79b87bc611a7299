-- Rounds made from a rule, who is told when a party does not answer, and versions that end on their own.

-- A day that falls on none of the working days gives way to the next or the one before, if the calendar says so.
create function shifted_day(day date, shift text) returns date
language sql immutable parallel safe as
$$
select case
         when shift = 'none' or is_working_day(day) then day
         when shift = 'previous' then
           (select day - step from generate_series(1, 10) as step where is_working_day(day - step) order by step limit 1)
         else next_working_day(day)
       end
$$;

-- The last day an inexact date covers.
create function inexact_last_day(first_day date, date_precision text) returns date
language sql immutable parallel safe as
$$
select (first_day + case date_precision when 'year' then interval '1 year - 1 day'
                                        when 'month' then interval '1 month - 1 day' else interval '0' end)::date
$$;

-- Whether the last day of a written date ("2020", "2020-01", "2020-01-31") is over in Finland; null never is.
create function is_over(written text, at timestamptz) returns boolean
language sql stable parallel safe as
$$
select coalesce(inexact_last_day(inexact_first_day(written), inexact_precision(written)) < helsinki_date(at), false)
$$;

-- How the rounds of one programme, of the programmes of a kind, or of all programmes come about every year.
-- `calendar` holds what differs from the municipality's.
create table round_rule (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_id uuid,
  programme_kind text references programme_kind (code),
  name jsonb not null,
  assessing_body_id uuid,
  onward_report_body_id uuid,
  is_active boolean not null default true,
  calendar jsonb not null default '{}',
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint round_rule_programme_exists foreign key (municipality, programme_id) references programme (municipality, id),
  constraint round_rule_assessing_body_exists foreign key (municipality, assessing_body_id) references body (municipality, id),
  constraint round_rule_onward_body_exists foreign key (municipality, onward_report_body_id) references body (municipality, id),
  constraint round_rule_target_one check (num_nonnulls(programme_id, programme_kind) <= 1)
);
create unique index round_rule_target_unique
  on round_rule (municipality, coalesce(programme_id::text, programme_kind, '')) where deleted_at is null;
create unique index round_rule_source_unique on round_rule (municipality, source, external_id)
  where source is not null and deleted_at is null;
select keep_history('round_rule');
call refer_to_living('round_rule', 'assessing_body_id', 'body', 'round_rule_assessing_body_exists');
call refer_to_living('round_rule', 'onward_report_body_id', 'body', 'round_rule_onward_body_exists');

-- The timetable of a round: what the body and the coordinator have agreed on beside the due date.
alter table reporting_round
  add column invite_on date,
  add column assessment_starts_on date,
  add column assessment_ends_on date,
  add column onward_report_on date,
  add column publish_on date,
  add column round_rule_id uuid,
  add constraint reporting_round_rule_exists foreign key (municipality, round_rule_id)
    references round_rule (municipality, id),
  add constraint reporting_round_days_ordered check (invite_on <= due_on),
  add constraint reporting_round_assessment_ordered check (assessment_starts_on <= assessment_ends_on);

-- The rule of a programme: its own, its kind's, the municipality's. No row: it has none.
create function round_rule_of(in_municipality text, in_programme uuid) returns setof round_rule
language sql stable as
$$
select r.*
from programme p
join round_rule r on r.municipality = p.municipality and r.deleted_at is null
                 and (r.programme_id = p.id or r.programme_kind = p.kind
                      or num_nonnulls(r.programme_id, r.programme_kind) = 0)
where p.municipality = in_municipality and p.id = in_programme
order by num_nonnulls(r.programme_id) desc, num_nonnulls(r.programme_kind) desc
limit 1
$$;

-- The calendar a programme's rounds follow: domain brief 5, then the municipality's, then the rule's.
create function round_calendar(in_municipality text, in_programme uuid) returns jsonb
language sql stable as
$$
select '{"plan_ahead_days": 60, "assessment_starts_on": "04-01", "assessment_ends_on": "05-31",
         "onward_report_on": "05-31", "publish_on": "06-30", "escalate_after_days": 14, "shift": "next"}'::jsonb
       || jsonb_strip_nulls(m.calendar)
       || coalesce((select jsonb_strip_nulls(r.calendar) from round_rule_of(in_municipality, in_programme) as r), '{}')
from municipality m where m.code = in_municipality
$$;

-- A calendar's days for the round of a year: all of them lie in the year after it.
create function round_days(calendar jsonb, year integer)
returns table (invite_on date, due_on date, assessment_starts_on date, assessment_ends_on date, onward_report_on date,
               publish_on date) language sql immutable as
$$
select max(day) filter (where member = 'invite_on'), max(day) filter (where member = 'due_on'),
       max(day) filter (where member = 'assessment_starts_on'), max(day) filter (where member = 'assessment_ends_on'),
       max(day) filter (where member = 'onward_report_on'), max(day) filter (where member = 'publish_on')
from jsonb_each_text(calendar) as entry (member, value)
cross join lateral (
  select shifted_day(((year + 1)::text || '-' || value)::date, calendar ->> 'shift') as day where member like '%\_on') as dated
$$;

-- The round a programme's rule asks for at a time, as the body of its creation; no row: none. It is made once:
-- from the rule's day until the due date, for a year in which the programme was in force, and not again when the
-- coordinator has cancelled it.
create function round_to_plan(in_municipality text, in_programme uuid, at timestamptz) returns setof jsonb
language sql stable as
$$
select jsonb_build_object(
         'programme_id', p.id, 'programme_version_id', v.id, 'year', y.year, 'round_rule_id', r.id,
         'name', replace(r.name::text, '{year}', y.year::text)::jsonb, 'assessing_body_id', body.assessing_id,
         'onward_report_body_id', coalesce(r.onward_report_body_id, p.onward_report_body_id))
from programme p
join programme_version v on v.municipality = p.municipality and v.programme_id = p.id and v.status = 'in_force'
cross join lateral round_rule_of(p.municipality, p.id) as r
cross join lateral (select coalesce(r.assessing_body_id, p.managing_body_id) as assessing_id) as body
cross join lateral round_calendar(p.municipality, p.id) as c (calendar)
cross join lateral (
  select extract(year from helsinki_date(at))::integer - back as year from generate_series(0, 1) as back) as y
cross join lateral round_days(c.calendar, y.year) as d
where p.municipality = in_municipality and p.id = in_programme and r.is_active and body.assessing_id is not null
  and helsinki_date(at) between d.invite_on - (c.calendar ->> 'plan_ahead_days')::integer and d.due_on
  and exists (
    select from programme_version o
    where o.municipality = p.municipality and o.programme_id = p.id and o.status in ('in_force', 'superseded', 'expired')
      and o.valid_from_day <= make_date(y.year, 12, 31))
  and not exists (
    select from reporting_round o
    where o.municipality = p.municipality and o.programme_id = p.id and o.year = y.year and o.deleted_at is null)
order by y.year limit 1
$$;

-- A planned round has asked nobody yet: it goes with the version that succeeds its own, and so do the measures
-- that were added to it.
create function move_planned_rounds(in_municipality text, to_version uuid) returns void
language sql as
$$
update reporting_round r
set programme_version_id = v.id,
    added_measure_ids = (
      select coalesce(jsonb_agg(n.id), '[]')
      from jsonb_array_elements_text(r.added_measure_ids) as added (id)
      join measure o on o.municipality = r.municipality and o.id = added.id::uuid
      join measure n on n.municipality = o.municipality and n.programme_version_id = v.id
                    and n.measure_line_id = o.measure_line_id and n.deleted_at is null)
from programme_version v
join programme_version f on f.municipality = v.municipality and f.programme_id = v.programme_id and f.status = 'superseded'
where v.municipality = in_municipality and v.id = to_version and v.status = 'in_force'
  and r.municipality = v.municipality and r.programme_version_id = f.id and r.status = 'planned'
$$;

alter table message
  drop constraint message_kind_known,
  add constraint message_kind_known check (kind in ('invitation', 'reassignment', 'reminder', 'escalation', 'planning'));

-- Who is above a party: told when it does not answer.
alter table responsible_party
  add column superior_party_id uuid,
  add constraint responsible_party_superior_exists foreign key (municipality, superior_party_id)
    references responsible_party (municipality, id);
create index responsible_party_superior on responsible_party (municipality, superior_party_id);
call refer_to_living('responsible_party', 'superior_party_id', 'responsible_party', 'responsible_party_superior_exists');

-- The parties of a municipality are a tree; two changes at once are made one after the other.
create function responsible_party_tree() returns trigger language plpgsql as
$$
begin
  perform pg_advisory_xact_lock(hashtextextended('responsible_party ' || new.municipality, 3));
  if exists (
    with recursive above as (
      select new.superior_party_id as id
      union
      select p.superior_party_id from above a
      join responsible_party p on p.municipality = new.municipality and p.id = a.id and p.id <> new.id
      where p.superior_party_id is not null)
    select from above where id = new.id) then
    raise exception 'a party cannot be above itself' using errcode = '23514', constraint = 'responsible_party_superior_tree';
  end if;
  return new;
end
$$;
create trigger responsible_party_tree before insert or update of superior_party_id on responsible_party
  for each row when (new.superior_party_id is not null) execute function responsible_party_tree();

-- The nearest party above that somebody holds at a time; null when there is none.
create function escalates_to(in_municipality text, party uuid, at timestamptz) returns uuid
language sql stable security definer set search_path = public as
$$
with recursive above as (
  select p.superior_party_id as id, 1 as step
  from responsible_party p where p.municipality = in_municipality and p.id = party
  union all
  select p.superior_party_id, a.step + 1
  from above a join responsible_party p on p.municipality = in_municipality and p.id = a.id
)
select a.id from above a
where exists (
  select from holder h
  where h.municipality = in_municipality and h.responsible_party_id = a.id and h.deleted_at is null
    and helsinki_date(at) between h.starts_on and coalesce(h.ends_on, 'infinity'))
order by a.step limit 1
$$;

-- As in 0006; the days are those of the programme's calendar, not only of the municipality's.
create or replace function reminders_due(in_municipality text, round uuid, at timestamptz, by_hand boolean)
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
  with calendar as (
    select round_calendar(r.municipality, r.programme_id) as days
    from reporting_round r where r.municipality = in_municipality and r.id = round and not by_hand
  ), rule as (
    select distinct 'before_' || n as kind, -n::integer as days
    from calendar c, jsonb_array_elements_text(c.days -> 'reminders_before_days') as n
    union all
    select distinct 'after_' || n, n::integer
    from calendar c, jsonb_array_elements_text(c.days -> 'reminders_after_days') as n
    union all
    select 'escalation', (c.days ->> 'escalate_after_days')::integer
      + coalesce((select max(n::integer) from jsonb_array_elements_text(c.days -> 'reminders_after_days') as n), 0)
    from calendar c
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

-- The worker is woken by a rule and by an approved version too.
create trigger round_rule_wakes after insert or update on round_rule
  for each statement execute function worker_wake();
create trigger programme_version_wakes after update on programme_version
  for each statement execute function worker_wake();
