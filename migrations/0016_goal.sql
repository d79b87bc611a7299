-- What each kind of programme asks for, and the chain from strategic goal over yearly operational goal to metric.

-- Of a kind by default: which bodies approve a major and a minor version, which texts a version has before it is
-- consulted on, and after how many months the measures are reviewed. Body kinds; managing_body is the programme's own.
alter table programme_kind
  add column major_body_kinds jsonb not null default '["council"]',
  add column minor_body_kinds jsonb not null default '["managing_body"]',
  add column required_texts jsonb not null default '[]',
  add column review_every_months integer default 12;
update programme_kind set review_every_months = 48, required_texts = '["purpose"]' where code = 'city_strategy';
update programme_kind set required_texts = '["purpose", "principles"]' where code = 'participation_model';

-- The same as a municipality has decided it.
create table programme_kind_rule (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  code text not null references programme_kind (code),
  major_body_kinds jsonb not null,
  minor_body_kinds jsonb not null,
  required_texts jsonb not null,
  review_every_months integer,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint programme_kind_rule_code_unique unique (municipality, code)
);
select keep_history('programme_kind_rule');

-- A municipality has every kind from its first day.
create function municipality_kinds() returns trigger language plpgsql as
$$
begin
  insert into programme_kind_rule (municipality, code, major_body_kinds, minor_body_kinds, required_texts, review_every_months)
  select new.code, k.code, k.major_body_kinds, k.minor_body_kinds, k.required_texts, k.review_every_months
  from programme_kind k order by k.code;
  return null;
end
$$;
create trigger municipality_kinds after insert on municipality for each row execute function municipality_kinds();
insert into programme_kind_rule (municipality, code, major_body_kinds, minor_body_kinds, required_texts, review_every_months)
select m.code, k.code, k.major_body_kinds, k.minor_body_kinds, k.required_texts, k.review_every_months
from municipality m, programme_kind k order by m.code, k.code;

-- A goal of the strategy (Local Government Act 410/2015 § 37) for a council term, which lasts four years from 1 June
-- of the election year; of a strategy programme, or of the municipality.
create table strategic_goal (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_id uuid,
  council_term_year integer not null,
  title jsonb not null,
  description jsonb,
  covers jsonb not null default '[]',
  position integer not null default 0,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint strategic_goal_programme_exists foreign key (municipality, programme_id) references programme (municipality, id),
  constraint strategic_goal_term_form check (council_term_year % 4 = 1)
);
create unique index strategic_goal_source_unique on strategic_goal (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- What is aimed at in one year, and the measures that carry it. Beside it stands a measure's own `goal`.
create table operational_goal (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  strategic_goal_id uuid not null,
  year integer not null,
  title jsonb not null,
  description jsonb,
  responsible_party_id uuid,
  measure_line_ids jsonb not null default '[]',
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint operational_goal_strategic_exists foreign key (municipality, strategic_goal_id)
    references strategic_goal (municipality, id),
  constraint operational_goal_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id)
);
create index operational_goal_of_goal on operational_goal (municipality, strategic_goal_id, year);
create unique index operational_goal_source_unique on operational_goal (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- Numbers are kept as they were written: a decimal text, never a floating-point number.
create function is_decimal(written text) returns boolean
language sql immutable parallel safe as
$$ select written ~ '^-?\d{1,15}(\.\d{1,6})?$' $$;

create table metric (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  operational_goal_id uuid not null,
  name jsonb not null,
  method jsonb,
  unit jsonb,
  baseline text,
  baseline_year integer,
  target text,
  target_year integer,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint metric_goal_exists foreign key (municipality, operational_goal_id) references operational_goal (municipality, id),
  constraint metric_numbers_decimal check (is_decimal(baseline) and is_decimal(target))
);
create index metric_of_goal on metric (municipality, operational_goal_id);
create unique index metric_source_unique on metric (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- A metric's number of one year. What is missing is null and says why; it never is 0.
create table metric_value (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  metric_id uuid not null,
  year integer not null,
  value text,
  missing_reason jsonb,
  data_source jsonb,
  as_of date,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint metric_value_metric_exists foreign key (municipality, metric_id) references metric (municipality, id),
  constraint metric_value_decimal check (is_decimal(value)),
  constraint metric_value_or_reason check ((value is null) = (missing_reason is not null))
);
create unique index metric_value_year_unique on metric_value (municipality, metric_id, year) where deleted_at is null;
create unique index metric_value_source_unique on metric_value (municipality, source, external_id)
  where source is not null and deleted_at is null;

select keep_history('strategic_goal', 'operational_goal', 'metric', 'metric_value');
call refer_to_living('operational_goal', 'strategic_goal_id', 'strategic_goal', 'operational_goal_strategic_exists');
call refer_to_living('operational_goal', 'responsible_party_id', 'responsible_party', 'operational_goal_party_exists');
call refer_to_living('metric', 'operational_goal_id', 'operational_goal', 'metric_goal_exists');
call refer_to_living('metric_value', 'metric_id', 'metric', 'metric_value_metric_exists');

alter table programme add column strategic_goal_ids jsonb not null default '[]';

-- A goal is seen with the strategy it belongs to; one of the municipality itself is public.
create function sees_strategy(in_municipality text, actor uuid, at timestamptz, strategy uuid) returns boolean
language plpgsql stable parallel safe as
$$
begin
  return strategy is null or exists (
    select from programme p
    where p.municipality = in_municipality and p.id = strategy
      and (p.published_at is not null
           or may(in_municipality, actor, at,
                  '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
                  body_id => p.managing_body_id, programme_id => p.id)));
end
$$;

-- What its kind asks of a version and is not there at all. (What is there in too few languages: version_text_gaps.)
create function required_text_gaps(in_municipality text, version_id uuid) returns table (pointer text, name text)
language sql stable as
$$
with asked as (
  select v.id, p.purpose, p.principles, p.strategy_link, p.strategic_goal_ids, text.name
  from programme_version v
  join programme p on p.municipality = v.municipality and p.id = v.programme_id
  join programme_kind_rule k on k.municipality = p.municipality and k.code = p.kind
  cross join lateral jsonb_array_elements_text(k.required_texts) as text (name)
  where v.municipality = in_municipality and v.id = version_id
)
select '/programme/' || a.name, a.name from asked a
where (a.name = 'purpose' and a.purpose = '[]') or (a.name = 'principles' and a.principles = '[]')
   or (a.name = 'strategy_link' and a.strategy_link is null)
   or (a.name = 'strategic_goals' and a.strategic_goal_ids = '[]')
union all
select '/themes/' || t.number || '/description', a.name
from asked a
join theme t on t.municipality = in_municipality and t.programme_version_id = a.id and t.deleted_at is null
where a.name = 'theme_description' and t.description is null
union all
select '/measures/' || m.number || '/description', a.name
from asked a
join measure m on m.municipality = in_municipality and m.programme_version_id = a.id and m.deleted_at is null
where a.name = 'measure_description' and m.description is null
$$;

-- When the measures of a programme are next to be reviewed: its kind's rhythm after the version in force began, or
-- after the last round that is published was assessed.
create function review_due_on(in_municipality text, in_programme uuid) returns date
language sql stable as
$$
select (greatest(v.valid_from_day, max(helsinki_date(r.assessed_at))) + make_interval(months => k.review_every_months))::date
from programme p
join programme_kind_rule k on k.municipality = p.municipality and k.code = p.kind
join programme_version v on v.municipality = p.municipality and v.programme_id = p.id and v.status = 'in_force'
left join reporting_round r on r.municipality = p.municipality and r.programme_id = p.id and r.published_at is not null
where p.municipality = in_municipality and p.id = in_programme
group by v.valid_from_day, k.review_every_months
$$;

-- Whether a body approves versions of a level: what may approve a major one may approve a minor one too.
create function approves_version(in_municipality text, in_programme uuid, in_body uuid, level text) returns boolean
language sql stable as
$$
select k.major_body_kinds ? b.kind or (k.major_body_kinds ? 'managing_body' and b.id is not distinct from p.managing_body_id)
       or (level = 'minor'
           and (k.minor_body_kinds ? b.kind or (k.minor_body_kinds ? 'managing_body' and b.id is not distinct from p.managing_body_id)))
from programme p
join programme_kind_rule k on k.municipality = p.municipality and k.code = p.kind
join body b on b.municipality = p.municipality and b.id = in_body
where p.municipality = in_municipality and p.id = in_programme
$$;
