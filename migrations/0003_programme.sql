-- What is promised: programmes, their versions, themes, measures with goals, and the line of a measure
-- through versions with its assignments.

create table programme_kind (
  code text primary key,
  name jsonb not null
);
insert into programme_kind (code, name) values
  ('vitality_programme', '{"fi":"elinvoimaohjelma","sv":"livskraftsprogram","en":"vitality programme"}'),
  ('participation_model', '{"fi":"osallisuusmalli","sv":"delaktighetsmodell","en":"participation model"}'),
  ('city_strategy', '{"fi":"kaupunkistrategia","sv":"stadsstrategi","en":"city strategy"}'),
  ('communications', '{"fi":"viestintäohjelma","sv":"kommunikationsprogram","en":"communications programme"}'),
  ('international', '{"fi":"kansainvälisyysohjelma","sv":"internationellt program","en":"international programme"}'),
  ('wellbeing_plan', '{"fi":"hyvinvointisuunnitelma","sv":"välfärdsplan","en":"wellbeing plan"}'),
  ('events', '{"fi":"tapahtumaohjelma","sv":"evenemangsprogram","en":"events programme"}'),
  ('influence_body_action_plan', '{"fi":"vaikuttamistoimielimen toimintasuunnitelma","sv":"påverkansorganets verksamhetsplan","en":"action plan of an influence body"}'),
  ('association_and_volunteering_plan', '{"fi":"järjestö- ja vapaaehtoistyön suunnitelma","sv":"plan för förenings- och frivilligarbete","en":"association and volunteering plan"}');
revoke insert, update on programme_kind from elinvoima_service;

create table programme (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  kind text not null references programme_kind (code),
  name jsonb not null,
  purpose jsonb not null default '[]',
  principles jsonb not null default '[]',
  strategy_link jsonb,
  objective_chain jsonb not null default '[]',
  managing_body_id uuid,
  coordinating_party_id uuid,
  evaluating_body_id uuid,
  onward_report_body_id uuid,
  review_cycle jsonb,
  published_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint programme_managing_body_exists foreign key (municipality, managing_body_id) references body (municipality, id),
  constraint programme_coordinating_party_exists foreign key (municipality, coordinating_party_id)
    references responsible_party (municipality, id),
  constraint programme_evaluating_body_exists foreign key (municipality, evaluating_body_id) references body (municipality, id),
  constraint programme_onward_body_exists foreign key (municipality, onward_report_body_id) references body (municipality, id)
);
create unique index programme_source_unique on programme (municipality, source, external_id)
  where source is not null and deleted_at is null;

alter table role_grant
  add constraint role_grant_programme_exists foreign key (municipality, programme_id)
  references programme (municipality, id);

create table programme_version (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_id uuid not null,
  number text not null,
  status text not null default 'draft',
  level text not null,
  prepared_in integer,
  prepared_by jsonb,
  change_note jsonb,
  decision_id uuid,
  approved_day date,
  approved_precision text,
  valid_from_day date,
  valid_from_precision text,
  valid_to_day date,
  valid_to_precision text,
  published_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint programme_version_programme_exists foreign key (municipality, programme_id)
    references programme (municipality, id),
  constraint programme_version_decision_exists foreign key (municipality, decision_id)
    references decision (municipality, id),
  constraint programme_version_number_form check (number ~ '^\d+\.\d+$'),
  constraint programme_version_number_unique unique (municipality, programme_id, number),
  constraint programme_version_programme_unique unique (municipality, id, programme_id),
  constraint programme_version_level_known check (level in ('major', 'minor')),
  constraint programme_version_status_known check (status in (
    'draft', 'consultation', 'submitted', 'returned', 'approved', 'in_force', 'superseded', 'expired', 'withdrawn'))
);
create unique index programme_version_in_force_unique on programme_version (municipality, programme_id)
  where status = 'in_force';
create unique index programme_version_source_unique on programme_version (municipality, source, external_id)
  where source is not null and deleted_at is null;

create table theme (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_id uuid not null,
  programme_version_id uuid not null,
  number text not null,
  sort_number text collate "C" not null generated always as (number_sort_key(number)) stored,
  name jsonb not null,
  description jsonb,
  published_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint theme_version_exists foreign key (municipality, programme_version_id, programme_id)
    references programme_version (municipality, id, programme_id),
  constraint theme_version_unique unique (municipality, id, programme_version_id)
);
create unique index theme_number_unique on theme (municipality, programme_version_id, number) where deleted_at is null;
create unique index theme_source_unique on theme (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- The line of a measure through versions: status, assignments, lights and reports belong to it.
create table measure_line (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_id uuid not null,
  status text not null default 'not_started',
  published_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint measure_line_programme_exists foreign key (municipality, programme_id) references programme (municipality, id),
  constraint measure_line_programme_unique unique (municipality, id, programme_id),
  constraint measure_line_status_known check (status in (
    'not_started', 'in_progress', 'completed', 'on_hold', 'stopped'))
);
create unique index measure_line_source_unique on measure_line (municipality, source, external_id)
  where source is not null and deleted_at is null;
create index measure_line_programme on measure_line (municipality, programme_id, id);

create table line_origin (
  municipality text not null references municipality (code),
  measure_line_id uuid not null,
  origin_line_id uuid not null,
  kind text not null,
  primary key (municipality, measure_line_id, origin_line_id),
  constraint line_origin_line_exists foreign key (municipality, measure_line_id) references measure_line (municipality, id),
  constraint line_origin_origin_exists foreign key (municipality, origin_line_id) references measure_line (municipality, id),
  constraint line_origin_kind_known check (kind in ('merged', 'split'))
);

create table assignment (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  measure_line_id uuid not null,
  responsible_party_id uuid not null,
  role text not null,
  starts_on date not null,
  ends_on date,
  reason text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint assignment_line_exists foreign key (municipality, measure_line_id) references measure_line (municipality, id),
  constraint assignment_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  constraint assignment_role_known check (role in ('lead', 'party')),
  constraint assignment_dates_ordered check (ends_on >= starts_on),
  constraint assignment_lead_unique exclude using gist (
    municipality with =, measure_line_id with =, daterange(starts_on, ends_on, '[]') with &&) where (role = 'lead'),
  constraint assignment_party_unique exclude using gist (
    municipality with =, measure_line_id with =, responsible_party_id with =,
    daterange(starts_on, ends_on, '[]') with &&)
);
create index assignment_line on assignment (municipality, measure_line_id);
create index assignment_party on assignment (municipality, responsible_party_id);

create table measure (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_id uuid not null,
  programme_version_id uuid not null,
  measure_line_id uuid not null,
  theme_id uuid not null,
  number text not null,
  sort_number text collate "C" not null generated always as (number_sort_key(number)) stored,
  title jsonb not null,
  description jsonb,
  start_due_on date,
  links jsonb not null default '[]',
  published_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint measure_version_exists foreign key (municipality, programme_version_id, programme_id)
    references programme_version (municipality, id, programme_id),
  constraint measure_theme_exists foreign key (municipality, theme_id, programme_version_id)
    references theme (municipality, id, programme_version_id),
  constraint measure_line_exists foreign key (municipality, measure_line_id, programme_id)
    references measure_line (municipality, id, programme_id)
);
create unique index measure_number_unique on measure (municipality, programme_version_id, number) where deleted_at is null;
create unique index measure_line_in_version_unique on measure (municipality, programme_version_id, measure_line_id)
  where deleted_at is null;
create unique index measure_source_unique on measure (municipality, source, external_id)
  where source is not null and deleted_at is null;
create index measure_line_measures on measure (municipality, measure_line_id);
create index measure_sort_number on measure (municipality, sort_number, id);
create index measure_updated_at on measure (municipality, updated_at, id);
create index measure_number on measure (municipality, number, id);
create index measure_programme on measure (municipality, programme_id, sort_number, id);
create index measure_theme on measure (municipality, theme_id, sort_number, id);
create index measure_version on measure (municipality, programme_version_id, sort_number, id);

create table goal (
  municipality text not null references municipality (code),
  measure_id uuid not null,
  n integer not null,
  text jsonb not null,
  window_kind text not null,
  start_year integer,
  end_year integer,
  note jsonb,
  cycles jsonb,
  status text,
  primary key (municipality, measure_id, n),
  constraint goal_measure_exists foreign key (municipality, measure_id) references measure (municipality, id),
  constraint goal_window_known check (window_kind in (
    'fixed', 'cyclic', 'pilot', 'continuous', 'undated', 'as_applicable')),
  constraint goal_window_years check (
    case window_kind
      when 'fixed' then start_year is not null and end_year is not null
      when 'continuous' then start_year is null and end_year is null
      when 'undated' then start_year is null and end_year is null
      when 'as_applicable' then start_year is null and end_year is null
      else (start_year is null) = (end_year is null)
    end),
  constraint goal_years_ordered check (end_year >= start_year),
  constraint goal_status_known check (status in ('not_started', 'in_progress', 'completed', 'on_hold', 'stopped'))
);
grant delete on goal to elinvoima_service;

-- domain: a round for a year covers a goal whose window overlaps it, or that has no years.
create function goal_in_year(start_year integer, end_year integer, year integer)
returns boolean language sql immutable parallel safe as
$$ select start_year is null or (start_year <= year and end_year >= year) $$;

-- One status in one window on a reference date: domain brief 4.3, the table of suggested lights.
create function light_of(status text, window_kind text, start_year integer, end_year integer,
                         start_due_on date, reference_on date)
returns text language sql immutable parallel safe as
$$
select case
         when status = 'stopped' then 'red'
         when status = 'on_hold' then 'yellow'
         when status = 'completed' then 'green'
         when status = 'in_progress' then
           case when reference_on > make_date(end_year, 12, 31) then 'yellow' else 'green' end
         when window_kind in ('undated', 'as_applicable') then 'grey'
         when window_kind = 'pilot' and start_year is null then 'grey'
         when reference_on < coalesce(start_due_on, make_date(start_year, 1, 1)) then 'grey'
         else 'red'
       end
$$;

select keep_history('programme', 'programme_version', 'theme', 'measure_line', 'assignment', 'measure');
select keep_transitions('programme_version', 'measure_line');

call refer_to_living('programme', 'managing_body_id', 'body', 'programme_managing_body_exists');
call refer_to_living('programme', 'coordinating_party_id', 'responsible_party', 'programme_coordinating_party_exists');
call refer_to_living('programme', 'evaluating_body_id', 'body', 'programme_evaluating_body_exists');
call refer_to_living('programme', 'onward_report_body_id', 'body', 'programme_onward_body_exists');
call refer_to_living('assignment', 'responsible_party_id', 'responsible_party', 'assignment_party_exists');
call refer_to_living('measure', 'theme_id', 'theme', 'measure_theme_exists');

-- An assignment's edit is an edit of its line: the line's version follows. (Goals are written only with
-- their measure.)
create function assignment_changed() returns trigger language plpgsql as
$$
begin
  update measure_line set updated_at = request_now()
  where municipality = new.municipality and id = new.measure_line_id;
  return null;
end
$$;
create trigger assignment_bumps_line after update on assignment for each row execute function assignment_changed();

-- A line shows the titles of its parties: another title is another state of the line, or its tag would lie.
create function party_renamed() returns trigger language plpgsql as
$$
begin
  update measure_line l set updated_at = request_now()
  where l.municipality = new.municipality
    and l.id in (select a.measure_line_id from assignment a
                 where a.municipality = new.municipality and a.responsible_party_id = new.id);
  return null;
end
$$;
create trigger responsible_party_renames_lines after update on responsible_party
  for each row when (new.title is distinct from old.title) execute function party_renamed();
