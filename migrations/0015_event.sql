-- Events: where residents, parties and decision-makers meet. Domain brief 4.13.

create table event (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  kind text not null,
  status text not null default 'planned',
  name jsonb not null,
  description jsonb,
  place jsonb,
  area_id uuid,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  how_to_take_part jsonb,
  registration_url text,
  registration_closes_at timestamptz,
  reporting_round_id uuid,
  programme_version_id uuid,
  theme_id uuid,
  budget_cycle_id uuid,
  summary jsonb,
  attendance jsonb,
  published_at timestamptz,
  cancelled_reason jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint event_area_exists foreign key (municipality, area_id) references area (municipality, id),
  constraint event_round_exists foreign key (municipality, reporting_round_id) references reporting_round (municipality, id),
  constraint event_version_exists foreign key (municipality, programme_version_id)
    references programme_version (municipality, id),
  constraint event_theme_exists foreign key (municipality, theme_id) references theme (municipality, id),
  constraint event_cycle_exists foreign key (municipality, budget_cycle_id) references budget_cycle (municipality, id),
  constraint event_kind_known check (kind in (
    'workshop', 'idea_clinic', 'resident_evening', 'exhibition', 'followup_seminar', 'signing', 'training')),
  constraint event_status_known check (status in ('planned', 'published', 'held', 'summarised', 'cancelled')),
  constraint event_times_ordered check (ends_at > starts_at),
  constraint event_registration_before_end check (registration_closes_at <= ends_at)
);
create index event_time on event (municipality, starts_at);
create index event_to_come on event (municipality, ends_at) where status = 'published';
create unique index event_source_unique on event (municipality, source, external_id) where source is not null;

insert into state_move values
  ('event', 'planned', 'published'), ('event', 'planned', 'cancelled'),
  ('event', 'published', 'held'), ('event', 'published', 'cancelled'),
  ('event', 'held', 'summarised');

select keep_history('event');
select keep_transitions('event');
call refer_to_living('event', 'area_id', 'area', 'event_area_exists');
call refer_to_living('event', 'theme_id', 'theme', 'event_theme_exists');

-- The programme an event belongs to by what it is linked to; null when to nothing.
create function event_programme(in_municipality text, round uuid, version_id uuid, theme uuid) returns uuid
language sql stable as
$$
select coalesce(
  (select r.programme_id from reporting_round r where r.municipality = in_municipality and r.id = round),
  (select v.programme_id from programme_version v where v.municipality = in_municipality and v.id = version_id),
  (select t.programme_id from theme t where t.municipality = in_municipality and t.id = theme))
$$;

-- An area with all that lies or lay in it, and what these have replaced.
create function areas_within(in_municipality text, area uuid) returns setof uuid
language sql stable as
$$
with recursive inside as (
  select area as id
  union
  select found.id
  from inside
  cross join lateral (
    select a.id from area a
    where a.municipality = in_municipality and a.parent_area_id = inside.id and a.deleted_at is null
    union all
    select s.predecessor_id from area_succession s
    where s.municipality = in_municipality and s.successor_id = inside.id) as found (id)
)
select id from inside
$$;
