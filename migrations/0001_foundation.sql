-- What every tenant table stands on: clock, ids, merge-patch, identity, permission, change log.
-- A request tells the database who acts and when through settings of its transaction (app.*); triggers
-- write versions, change rows and transitions, so that no statement can forget them.

create extension if not exists btree_gist;

do $$
begin
  if not exists (select from pg_roles where rolname = 'elinvoima_service') then
    create role elinvoima_service nologin;
  end if;
end
$$;

grant usage on schema public to elinvoima_service;
-- Deletion is soft; the few tables whose rows really go say so where they are made.
alter default privileges in schema public grant select, insert, update on tables to elinvoima_service;
alter default privileges in schema public grant usage on sequences to elinvoima_service;

-- Which migrations have run; the program refuses a database of another version.
create table schema_migration (
  number integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
);
revoke insert, update on schema_migration from elinvoima_service;

create function request_setting(name text) returns text
language sql stable parallel safe as
$$ select nullif(current_setting('app.' || name, true), '') $$;

-- The request's one clock; outside a request (psql, tests) the wall clock. Not clock_timestamp(), which is
-- volatile: this could then not be inlined, and would be parsed and planned anew by every statement that asks.
create function request_now() returns timestamptz
language sql stable parallel safe as
$$ select coalesce(request_setting('now')::timestamptz, date_trunc('milliseconds', statement_timestamp())) $$;

-- RFC 9562 version 7, method 3: 48 bits of Unix milliseconds, 12 of their fraction, then random bits, so that
-- what comes later sorts later, also within a millisecond.
create function uuid_v7() returns uuid
language sql volatile parallel safe as
$$
select (overlay(lpad(to_hex((extract(epoch from clock_timestamp()) * 4096000)::bigint), 15, '0') placing '7' from 13 for 0)
        || right(gen_random_uuid()::text, 17))::uuid
$$;

-- stable, as to_char is: else it is not inlined
create function rfc3339(at timestamptz) returns text
language sql stable parallel safe as
$$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

create function helsinki_date(at timestamptz) returns date
language sql immutable parallel safe as
$$ select (at at time zone 'Europe/Helsinki')::date $$;

-- An inexact date travels as "2020", "2020-01" or "2020-01-31"; it is stored as its first day and a precision.
create function inexact_first_day(written text) returns date
language sql immutable parallel safe as
$$ select (written || substring('-01-01' from length(written) - 3))::date $$;

create function inexact_precision(written text) returns text
language sql immutable parallel safe as
$$ select case length(written) when 4 then 'year' when 7 then 'month' when 10 then 'day' end $$;

create function inexact_text(first_day date, date_precision text) returns text
language sql stable parallel safe as
$$
select case date_precision
         when 'year' then to_char(first_day, 'YYYY')
         when 'month' then to_char(first_day, 'YYYY-MM')
         else to_char(first_day, 'YYYY-MM-DD')
       end
$$;

-- RFC 7396.
create function merge_patch(target jsonb, patch jsonb) returns jsonb
language sql immutable parallel safe as
$$
select case
         when jsonb_typeof(patch) is distinct from 'object' then patch
         else (
           select coalesce(jsonb_object_agg(k, case when patch ? k then merge_patch(t -> k, patch -> k) else t -> k end), '{}')
           from (select case when jsonb_typeof(target) = 'object' then target else '{}' end as t) as base,
                lateral (select jsonb_object_keys(t) union select jsonb_object_keys(patch)) as keys (k)
           where not (patch ? k and jsonb_typeof(patch -> k) = 'null'))
       end
$$;

-- "2.4.6" ordered by its parts.
create function number_sort_key(number text) returns text
language sql immutable parallel safe as
$$
select string_agg(case when part ~ '^\d+$' then lpad(part, 8, '0') else part end, '.' order by place)
from regexp_split_to_table(number, '\.') with ordinality as parts (part, place)
$$;

-- The languages of a localised text that are wanted and not there.
create function missing_languages(localised jsonb, wanted jsonb) returns setof text
language sql immutable parallel safe as
$$
select wish from jsonb_array_elements_text(wanted) as wishes (wish)
where coalesce(trim(localised ->> wish), '') = ''
$$;

-- Personal data that must not be published: identity codes (with their check character's alphabet), e-mail addresses.
create function holds_personal_data(words text) returns boolean
language sql immutable parallel safe as
$$
select words ~ '\m[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]\M'
    or words ~* '[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+'
$$;

-- Whether a text can be matched against at all; null for null.
create function is_pattern(pattern text) returns boolean
language plpgsql immutable strict parallel safe as
$$
begin
  return ('' ~ pattern) is not null;
exception when invalid_regular_expression then
  return false;
end
$$;

create table municipality (
  code text primary key,
  name jsonb not null,
  designation text not null default 'municipality',
  region jsonb,
  languages jsonb not null,
  minutes_languages jsonb,
  register_number_pattern text,
  calendar jsonb not null,
  population jsonb,
  population_15_plus jsonb,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  constraint municipality_code_form check (code ~ '^\d{3}$'),
  constraint municipality_designation_known check (designation in ('city', 'municipality')),
  constraint municipality_languages_some check (jsonb_array_length(languages) > 0)
);

-- A person as an issuer knows them. Grants and holders refer to it; it belongs to no municipality.
create table person (
  id uuid primary key default uuid_v7(),
  issuer text not null,
  subject text not null,
  created_at timestamptz not null default request_now(),
  constraint person_subject_unique unique (issuer, subject)
);

create table role_grant (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  person_id uuid not null references person (id),
  role text not null,
  body_id uuid,
  programme_id uuid,
  sector text,
  starts_on date not null default helsinki_date(request_now()),
  ends_on date,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint role_grant_dates_ordered check (ends_on >= starts_on)
);
create index role_grant_person on role_grant (municipality, person_id) where deleted_at is null;
-- `source is not null`, here and below: else the planner takes this index, all of one municipality, for a way
-- to rows that are asked for by id, as long as a table is too young to have statistics.
create unique index role_grant_source_unique on role_grant (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- Who did what to which row, in the same transaction. Member names only, never values: erasure stays possible.
create table change (
  municipality text not null,
  position bigint generated always as identity,
  transaction xid8 not null default pg_current_xact_id(),
  at timestamptz not null default request_now(),
  resource text not null,
  id uuid not null,
  version integer not null,
  what text not null,
  members jsonb,
  actor_id uuid,
  request_id text,
  primary key (municipality, position, at)
) partition by range (at);
create index change_item on change (municipality, resource, id);

create table change_earlier partition of change for values from (minvalue) to ('2026-01-01');
do $$
declare
  month date := '2026-01-01';
begin
  while month < '2031-01-01' loop
    execute format('create table change_%s partition of change for values from (%L) to (%L)',
                   to_char(month, 'YYYY_MM'), month, month + interval '1 month');
    month := month + interval '1 month';
  end loop;
end
$$;
create table change_later partition of change default;

-- Every change of a status, with the person and office that made it and why. Append-only.
create table transition (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  resource text not null,
  resource_id uuid not null,
  from_status text,
  to_status text not null,
  reason text,
  decision_id uuid,
  actor_id uuid,
  acting_role text,
  acting_office jsonb,
  at timestamptz not null default request_now(),
  request_id text,
  primary key (municipality, id)
);
create index transition_item on transition (municipality, resource, resource_id, id);

-- Answers to requests that carried an Idempotency-Key, kept 24 h.
create table idempotency (
  municipality text not null references municipality (code),
  caller text not null,
  operation text not null,
  key text not null,
  body_hash text not null,
  status integer not null,
  location text,
  etag text,
  body text,
  created_at timestamptz not null default request_now(),
  primary key (municipality, caller, operation, key)
);
-- not by municipality first: that would look as good as the primary key while the table has no statistics
create index idempotency_age on idempotency (created_at);
grant delete on idempotency to elinvoima_service;

revoke update on change, transition, person from elinvoima_service;

-- Before an update: the version counts up, and the time of the change is the request's.
create function row_touch() returns trigger language plpgsql as
$$
begin
  new.version := old.version + 1;
  new.updated_at := request_now();
  return new;
end
$$;

-- After a write: one change row.
create function row_changed() returns trigger language plpgsql as
$$
declare
  after_row jsonb := to_jsonb(new);
  before_row jsonb;
  changed jsonb;
begin
  if tg_op = 'UPDATE' then
    before_row := to_jsonb(old);
    select jsonb_agg(key order by key) into changed
    from jsonb_each(after_row) as n
    where n.value is distinct from before_row -> n.key and n.key not in ('version', 'updated_at');
  end if;
  insert into change (municipality, resource, id, version, what, members, actor_id, request_id)
  values (after_row ->> 'municipality', tg_table_name, (after_row ->> 'id')::uuid,
          coalesce((after_row ->> 'version')::integer, 1),
          case when tg_op = 'INSERT' then 'created'
               when after_row ->> 'deleted_at' is not null and before_row ->> 'deleted_at' is null then 'deleted'
               else 'updated' end,
          changed, request_setting('actor')::uuid, request_setting('request'));
  return null;
end
$$;

-- Gives tables the two triggers above.
create function keep_history(variadic tables text[]) returns void language plpgsql as
$$
declare
  name text;
begin
  foreach name in array tables loop
    execute format('create trigger %1$s_touch before update on %1$I for each row execute function row_touch()', name);
    execute format('create trigger %1$s_changed after insert or update on %1$I for each row execute function row_changed()', name);
  end loop;
end
$$;

create function municipality_changed() returns trigger language plpgsql as
$$
begin
  insert into change (municipality, resource, id, version, what, actor_id, request_id)
  values (new.code, 'municipality', '00000000-0000-0000-0000-000000000000', new.version, lower(tg_op) || 'd',
          request_setting('actor')::uuid, request_setting('request'));
  return null;
end
$$;

create trigger municipality_touch before update on municipality for each row execute function row_touch();
create trigger municipality_changed after insert or update on municipality
  for each row execute function municipality_changed();
select keep_history('role_grant');

-- What a grant is limited to is tested here and nowhere else. A limit that the row has no value for does
-- not match: a grant for one body says nothing about rows of no body.
-- plpgsql, like the other functions of this kind: it keeps the plan, where a function in SQL that cannot be
-- inlined is parsed and planned by every statement that calls it.
create function may(in_municipality text, actor uuid, at timestamptz, roles text[],
                    body_id uuid default null, programme_id uuid default null, sector text default null)
returns boolean language plpgsql stable parallel safe as
$$
begin
  if actor is null then
    return false;
  end if;
  return exists (
    select from role_grant g
    where g.municipality = in_municipality
      and g.person_id = actor
      and g.role = any (roles)
      and g.deleted_at is null
      and helsinki_date(at) between g.starts_on and coalesce(g.ends_on, 'infinity')
      and (g.body_id is null or g.body_id = may.body_id)
      and (g.programme_id is null or g.programme_id = may.programme_id)
      and (g.sector is null or g.sector = may.sector));
end
$$;
