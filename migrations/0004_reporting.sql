-- Who reports what to whom: light scales, rounds, requests, reports, assessments, priorities, messages.

create table light_scale (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  number integer not null,
  valid_from date not null,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint light_scale_number_unique unique (municipality, number)
);

-- The meaning of one light in one version of the scale. Never changed: a new meaning is a new scale.
create table light_meaning (
  municipality text not null references municipality (code),
  light_scale_id uuid not null,
  light text not null,
  precedence integer not null,
  symbol text not null,
  label jsonb not null,
  meaning jsonb not null,
  requires_justification boolean not null,
  primary key (municipality, light_scale_id, light),
  constraint light_meaning_scale_exists foreign key (municipality, light_scale_id)
    references light_scale (municipality, id),
  constraint light_meaning_light_known check (light in ('green', 'yellow', 'red', 'grey')),
  constraint light_meaning_precedence_unique unique (municipality, light_scale_id, precedence)
);
revoke update on light_scale, light_meaning from elinvoima_service;

create table reporting_round (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_id uuid not null,
  programme_version_id uuid not null,
  year integer not null,
  name jsonb not null,
  status text not null default 'planned',
  due_on date not null,
  grace_days integer not null,
  added_measure_ids jsonb not null default '[]',
  light_scale_id uuid,
  assessing_body_id uuid not null,
  onward_report_body_id uuid,
  start_decision_id uuid,
  assessment_decision_id uuid,
  onward_decision_id uuid,
  opened_at timestamptz,
  closed_at timestamptz,
  assessed_at timestamptz,
  presented_at timestamptz,
  published_at timestamptz,
  cancelled_reason jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint reporting_round_version_exists foreign key (municipality, programme_version_id, programme_id)
    references programme_version (municipality, id, programme_id),
  constraint reporting_round_scale_exists foreign key (municipality, light_scale_id)
    references light_scale (municipality, id),
  constraint reporting_round_assessing_body_exists foreign key (municipality, assessing_body_id)
    references body (municipality, id),
  constraint reporting_round_onward_body_exists foreign key (municipality, onward_report_body_id)
    references body (municipality, id),
  constraint reporting_round_start_decision_exists foreign key (municipality, start_decision_id)
    references decision (municipality, id),
  constraint reporting_round_assessment_decision_exists foreign key (municipality, assessment_decision_id)
    references decision (municipality, id),
  constraint reporting_round_onward_decision_exists foreign key (municipality, onward_decision_id)
    references decision (municipality, id),
  constraint reporting_round_status_known check (status in (
    'planned', 'open', 'closed', 'in_review', 'assessed', 'presented', 'published', 'cancelled'))
);
create unique index reporting_round_year_unique on reporting_round (municipality, programme_id, year)
  where deleted_at is null and status <> 'cancelled';
create unique index reporting_round_source_unique on reporting_round (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- The scope, frozen at opening; the state of each measure, frozen at closing as a plain JSON document.
create table round_measure (
  municipality text not null references municipality (code),
  reporting_round_id uuid not null,
  measure_line_id uuid not null,
  measure_id uuid not null,
  theme_id uuid not null,
  is_added boolean not null default false,
  snapshot jsonb,
  primary key (municipality, reporting_round_id, measure_line_id),
  constraint round_measure_round_exists foreign key (municipality, reporting_round_id)
    references reporting_round (municipality, id),
  constraint round_measure_measure_exists foreign key (municipality, measure_id) references measure (municipality, id),
  constraint round_measure_line_exists foreign key (municipality, measure_line_id)
    references measure_line (municipality, id),
  constraint round_measure_theme_exists foreign key (municipality, theme_id) references theme (municipality, id)
);

-- One party's duty to report on one measure in one round.
create table report_request (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  reporting_round_id uuid not null,
  measure_line_id uuid not null,
  measure_id uuid not null,
  responsible_party_id uuid not null,
  role text not null,
  status text not null default 'invited',
  due_on date not null,
  is_late boolean not null default false,
  question jsonb,
  excuse jsonb,
  reassigned_from_id uuid,
  reassigned_reason jsonb,
  acknowledged_at timestamptz,
  submitted_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint report_request_scope_exists foreign key (municipality, reporting_round_id, measure_line_id)
    references round_measure (municipality, reporting_round_id, measure_line_id),
  constraint report_request_measure_exists foreign key (municipality, measure_id) references measure (municipality, id),
  constraint report_request_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  constraint report_request_origin_exists foreign key (municipality, reassigned_from_id)
    references report_request (municipality, id),
  constraint report_request_role_known check (role in ('lead', 'party')),
  constraint report_request_status_known check (status in (
    'invited', 'acknowledged', 'draft', 'submitted', 'returned', 'accepted', 'missing', 'excused', 'reassigned'))
);
create index report_request_due on report_request (municipality, due_on, id);
create index report_request_party on report_request (municipality, responsible_party_id, status, due_on);
create index report_request_updated_at on report_request (municipality, updated_at, id);
-- a party may get back what it once gave away
create unique index report_request_pair_unique
  on report_request (municipality, reporting_round_id, measure_line_id, responsible_party_id) where status <> 'reassigned';
create unique index report_request_source_unique on report_request (municipality, source, external_id)
  where source is not null;

-- What a party says. One draft at a time; once submitted a row never changes, a new revision is a new row.
create table report (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  report_request_id uuid not null,
  revision integer not null default 1,
  reported_status text not null,
  summary jsonb,
  obstacles jsonb,
  next_step jsonb,
  spent_cents bigint,
  evidence_links jsonb not null default '[]',
  own_light text,
  is_late boolean not null default false,
  submitted_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint report_request_exists foreign key (municipality, report_request_id)
    references report_request (municipality, id),
  constraint report_revision_unique unique (municipality, report_request_id, revision),
  constraint report_status_known check (reported_status in (
    'not_started', 'in_progress', 'completed', 'on_hold', 'stopped')),
  constraint report_spent_positive check (spent_cents >= 0)
);
create unique index report_draft_unique on report (municipality, report_request_id) where submitted_at is null;
create unique index report_source_unique on report (municipality, source, external_id)
  where source is not null and deleted_at is null;

create function report_frozen() returns trigger language plpgsql as
$$
begin
  if old.submitted_at is not null then
    raise exception 'a submitted report does not change' using errcode = '23514', constraint = 'report_submitted_frozen';
  end if;
  return new;
end
$$;
create trigger report_frozen before update on report for each row execute function report_frozen();

-- The body's light on a measure, beside the suggestion and how it came about. Append-only; the last counts.
create table assessment (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  reporting_round_id uuid not null,
  measure_line_id uuid not null,
  measure_id uuid not null,
  light_scale_id uuid not null,
  suggested_light text,
  suggestion jsonb not null,
  light text,
  is_unassessed boolean not null,
  is_overridden boolean not null,
  is_self_assessed boolean not null,
  justification jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint assessment_scope_exists foreign key (municipality, reporting_round_id, measure_line_id)
    references round_measure (municipality, reporting_round_id, measure_line_id),
  constraint assessment_measure_exists foreign key (municipality, measure_id) references measure (municipality, id),
  constraint assessment_light_exists foreign key (municipality, light_scale_id, light)
    references light_meaning (municipality, light_scale_id, light),
  -- unassessed is not a light
  constraint assessment_light_or_none check (is_unassessed = (light is null))
);
create index assessment_line on assessment (municipality, measure_line_id, id desc);
create index assessment_round on assessment (municipality, reporting_round_id, measure_line_id, id desc);
create unique index assessment_source_unique on assessment (municipality, source, external_id)
  where source is not null;
revoke update on assessment from elinvoima_service;

create table priority (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  reporting_round_id uuid not null,
  measure_line_id uuid,
  theme_id uuid,
  reason jsonb not null,
  carried_from_id uuid,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint priority_round_exists foreign key (municipality, reporting_round_id)
    references reporting_round (municipality, id),
  constraint priority_line_exists foreign key (municipality, measure_line_id) references measure_line (municipality, id),
  constraint priority_theme_exists foreign key (municipality, theme_id) references theme (municipality, id),
  constraint priority_origin_exists foreign key (municipality, carried_from_id) references priority (municipality, id),
  constraint priority_target_one check (num_nonnulls(measure_line_id, theme_id) = 1)
);
create unique index priority_target_unique
  on priority (municipality, reporting_round_id, coalesce(measure_line_id, theme_id)) where deleted_at is null;
create unique index priority_source_unique on priority (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- What a party is told, stored before anybody delivers it.
create table message (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  reporting_round_id uuid not null,
  responsible_party_id uuid not null,
  kind text not null,
  subject jsonb not null,
  text jsonb not null,
  measures jsonb not null,
  delivery text not null default 'stored',
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint message_round_exists foreign key (municipality, reporting_round_id)
    references reporting_round (municipality, id),
  constraint message_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  constraint message_kind_known check (kind in ('invitation', 'reassignment')),
  constraint message_delivery_known check (delivery in ('stored', 'sent', 'failed'))
);
create unique index message_invitation_unique on message (municipality, reporting_round_id, responsible_party_id)
  where kind = 'invitation';

-- The actor holds a party that has a request in the round.
create function reports_in_round(in_municipality text, actor uuid, at timestamptz, round uuid)
returns boolean language plpgsql stable security definer set search_path = public as
$$
begin
  return exists (
    select from holder h
    join report_request q on q.municipality = h.municipality and q.responsible_party_id = h.responsible_party_id
    where h.municipality = in_municipality and h.person_id = actor and h.deleted_at is null
      and helsinki_date(at) between h.starts_on and coalesce(h.ends_on, 'infinity')
      and q.reporting_round_id = round);
end
$$;

-- Who may see the inside of a round before it is published, the reporting parties apart.
create function oversees_round(in_municipality text, actor uuid, at timestamptz, programme_id uuid, body_id uuid)
returns boolean language sql stable parallel safe as
$$
select may(in_municipality, actor, at,
           '{programme_coordinator,presenter,body_secretary,body_member,privacy_officer,admin}',
           body_id => oversees_round.body_id, programme_id => oversees_round.programme_id)
$$;

-- All rounds of which that is so: in a list asked once, as (select rounds_overseen(…)).
create function rounds_overseen(in_municipality text, actor uuid, at timestamptz)
returns uuid[] language plpgsql stable parallel safe as
$$
begin
  return array(
    select r.id from reporting_round r
    where r.municipality = in_municipality
      and oversees_round(in_municipality, actor, at, r.programme_id, r.assessing_body_id));
end
$$;

select keep_history('light_scale', 'reporting_round', 'report_request', 'report', 'assessment', 'priority', 'message');
select keep_transitions('reporting_round', 'report_request');

call refer_to_living('reporting_round', 'assessing_body_id', 'body', 'reporting_round_assessing_body_exists');
call refer_to_living('reporting_round', 'onward_report_body_id', 'body', 'reporting_round_onward_body_exists');

-- The date a round's suggestions look at: its last day (due date and grace), or a later report's own day.
create function round_reference_on(due_on date, grace_days integer, closed_at timestamptz, submitted_at timestamptz)
returns date language sql immutable parallel safe as
$$ select greatest(coalesce(helsinki_date(closed_at), due_on + grace_days), helsinki_date(submitted_at)) $$;

-- How a measure's suggested light comes about: one row for each goal and each submitted report of the
-- line in the round. The measure's own status is not asked; a line without reports has no suggestion.
create function suggestion_rows(in_municipality text, round uuid, line uuid)
returns table (responsible_party_id uuid, goal integer, status text, light text)
language sql stable as
$$
select q.responsible_party_id, g.n, coalesce(g.status, p.reported_status),
       light_of(coalesce(g.status, p.reported_status), g.window_kind, g.start_year, g.end_year, m.start_due_on,
                round_reference_on(r.due_on, r.grace_days, r.closed_at, p.submitted_at))
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
join measure m on m.municipality = q.municipality and m.id = q.measure_id
join goal g on g.municipality = m.municipality and g.measure_id = m.id
join lateral (
  select p.reported_status, p.submitted_at from report p
  where p.municipality = q.municipality and p.report_request_id = q.id and p.submitted_at is not null
  order by p.revision desc limit 1) as p on true
where q.municipality = in_municipality and q.reporting_round_id = round and q.measure_line_id = line
  and q.status in ('submitted', 'accepted', 'returned')
$$;

-- The worst of the rows by the scale's precedence; null without rows.
create function suggested_light(in_municipality text, round uuid, line uuid) returns text
language sql stable as
$$
select s.light
from suggestion_rows(in_municipality, round, line) s
join reporting_round r on r.municipality = in_municipality and r.id = round
join light_meaning l on l.municipality = in_municipality and l.light_scale_id = r.light_scale_id and l.light = s.light
order by l.precedence desc limit 1
$$;

-- How many of each light, of those without one, and of all: the denominator always stands beside the parts.
create function light_counts(lights text[]) returns json
language sql immutable parallel safe as
$$
select json_build_object(
  'green', count(*) filter (where light = 'green'), 'yellow', count(*) filter (where light = 'yellow'),
  'red', count(*) filter (where light = 'red'), 'grey', count(*) filter (where light = 'grey'),
  'unassessed', count(*) filter (where light is null), 'total', count(*))
from unnest(lights) as light
$$;

-- What came of a light since the one before it, in words.
create function light_change(old_label jsonb, new_label jsonb, is_same boolean) returns jsonb
language sql immutable parallel safe as
$$
select case
         when old_label is null then '{"fi":"Ensimmäinen arvio","sv":"Första bedömningen","en":"First assessment"}'
         when is_same then '{"fi":"Ennallaan","sv":"Oförändrat","en":"Unchanged"}'
         else jsonb_build_object('fi', concat('Oli ', old_label ->> 'fi', ', nyt ', new_label ->> 'fi'),
                                 'sv', concat('Var ', old_label ->> 'sv', ', nu ', new_label ->> 'sv'),
                                 'en', concat('Was ', old_label ->> 'en', ', now ', new_label ->> 'en'))
       end
$$;
