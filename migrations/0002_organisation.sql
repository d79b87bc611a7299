-- Who there is: bodies, responsible parties and their dated holders, and what bodies have decided.

create table body (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  kind text not null,
  name jsonb not null,
  parent_body_id uuid,
  makes_decisions boolean not null default false,
  statutory_basis text,
  task jsonb,
  meetings_per_year integer,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint body_parent_exists foreign key (municipality, parent_body_id) references body (municipality, id),
  constraint body_kind_known check (kind in (
    'council', 'executive', 'committee', 'sub_committee', 'management_team', 'working_group', 'office_holder',
    'youth_council', 'elderly_council', 'disability_council')),
  -- Local Government Act 410/2015 §§ 26–28: influence bodies are heard, they do not decide.
  constraint body_influence_undecided check (
    not makes_decisions or kind not in ('management_team', 'working_group', 'youth_council', 'elderly_council', 'disability_council'))
);
create unique index body_source_unique on body (municipality, source, external_id)
  where source is not null and deleted_at is null;

create table responsible_party (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  kind text not null,
  title jsonb not null,
  body_id uuid,
  sector text,
  position integer not null default 0,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint responsible_party_body_exists foreign key (municipality, body_id) references body (municipality, id),
  constraint responsible_party_kind_known check (kind in ('office', 'unit', 'body', 'company')),
  constraint responsible_party_body_given check ((kind = 'body') = (body_id is not null))
);
create unique index responsible_party_source_unique on responsible_party (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- The natural person behind a party, with dates: a restricted work contact (kept for the service and 2 years).
create table holder (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  responsible_party_id uuid not null,
  person_id uuid not null references person (id),
  name text,
  email text,
  is_deputy boolean not null default false,
  starts_on date not null,
  ends_on date,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint holder_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  constraint holder_dates_ordered check (ends_on >= starts_on),
  constraint holder_term_unique exclude using gist (
    municipality with =, responsible_party_id with =, person_id with =,
    daterange(starts_on, ends_on, '[]') with &&) where (deleted_at is null)
);
create index holder_person on holder (municipality, person_id) where deleted_at is null;
create unique index holder_source_unique on holder (municipality, source, external_id)
  where source is not null and deleted_at is null;

create table decision (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  body_id uuid,
  meeting_day date not null,
  date_precision text not null,
  meeting_year integer not null generated always as (extract(year from meeting_day)::integer) stored,
  section_number integer,
  register_number text,
  title jsonb not null,
  preparer_title jsonb,
  presenter_title jsonb,
  proposed_decision jsonb,
  discussion jsonb,
  decision jsonb not null,
  outcome text not null,
  status text not null default 'decided',
  published_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint decision_body_exists foreign key (municipality, body_id) references body (municipality, id),
  constraint decision_precision_known check (date_precision in ('day', 'month', 'year')),
  constraint decision_outcome_known check (outcome in (
    'approved', 'approved_amended', 'returned', 'tabled', 'noted', 'rejected')),
  constraint decision_status_known check (status in (
    'initiated', 'in_preparation', 'on_agenda', 'decided', 'inspected', 'published', 'appeal_closed')),
  -- An unknown body is a gap of the sources that were carried over, never a way to record a new decision.
  constraint decision_body_given check (body_id is not null or source is not null),
  constraint decision_section_unique unique (municipality, body_id, meeting_year, section_number)
);
create unique index decision_source_unique on decision (municipality, source, external_id)
  where source is not null;
create index decision_register_number on decision (municipality, register_number);

alter table role_grant
  add constraint role_grant_body_exists foreign key (municipality, body_id) references body (municipality, id);

-- The states of the domain brief's section 4, as data: what may follow what.
create table state_move (
  resource text not null,
  from_status text not null,
  to_status text not null,
  primary key (resource, from_status, to_status)
);
revoke insert, update on state_move from elinvoima_service;
insert into state_move values
  ('decision', 'decided', 'published'),
  ('programme_version', 'draft', 'in_force'), ('programme_version', 'draft', 'superseded'),
  ('programme_version', 'in_force', 'superseded'),
  ('measure_line', 'not_started', 'in_progress'), ('measure_line', 'not_started', 'stopped'),
  ('measure_line', 'in_progress', 'completed'), ('measure_line', 'in_progress', 'on_hold'),
  ('measure_line', 'in_progress', 'stopped'), ('measure_line', 'on_hold', 'in_progress'),
  ('measure_line', 'on_hold', 'stopped'), ('measure_line', 'completed', 'in_progress'),
  ('reporting_round', 'planned', 'open'), ('reporting_round', 'planned', 'cancelled'),
  ('reporting_round', 'open', 'closed'), ('reporting_round', 'open', 'cancelled'),
  ('reporting_round', 'closed', 'in_review'), ('reporting_round', 'in_review', 'assessed'),
  ('reporting_round', 'assessed', 'presented'), ('reporting_round', 'presented', 'published'),
  ('report_request', 'invited', 'acknowledged'), ('report_request', 'invited', 'draft'),
  ('report_request', 'invited', 'excused'), ('report_request', 'acknowledged', 'draft'),
  ('report_request', 'acknowledged', 'excused'), ('report_request', 'draft', 'submitted'),
  ('report_request', 'draft', 'excused'), ('report_request', 'submitted', 'accepted'),
  ('report_request', 'submitted', 'returned'), ('report_request', 'returned', 'submitted'),
  ('report_request', 'returned', 'excused'), ('report_request', 'missing', 'submitted'),
  ('report_request', 'missing', 'excused');

create function next_states(of_resource text, status text) returns text
language sql stable parallel safe as
$$
select coalesce(string_agg(to_status, ',' order by to_status), '') from state_move
where resource = of_resource and from_status = status
$$;

-- After a status changed (or a row was made with one): a transition, with the office that acted.
create function row_moved() returns trigger language plpgsql security definer set search_path = public as
$$
declare
  actor uuid := request_setting('actor')::uuid;
  office jsonb;
  before_status text;
begin
  if tg_op = 'UPDATE' then
    before_status := old.status;
    if new.status = old.status then
      return null;
    end if;
  end if;
  select p.title into office
  from holder h join responsible_party p on p.municipality = h.municipality and p.id = h.responsible_party_id
  where h.municipality = new.municipality and h.person_id = actor and h.deleted_at is null
    and helsinki_date(request_now()) between h.starts_on and coalesce(h.ends_on, 'infinity')
  order by h.is_deputy, h.starts_on limit 1;
  insert into transition (municipality, resource, resource_id, from_status, to_status, reason, decision_id,
                          actor_id, acting_role, acting_office, request_id)
  values (new.municipality, tg_table_name, new.id, before_status, new.status, request_setting('reason'),
          request_setting('decision')::uuid, actor, request_setting('role'), office, request_setting('request'));
  return null;
end
$$;

-- Gives tables the trigger above.
create function keep_transitions(variadic tables text[]) returns void language plpgsql as
$$
declare
  name text;
begin
  foreach name in array tables loop
    execute format('create trigger %1$s_moved after insert or update of status on %1$I for each row execute function row_moved()', name);
  end loop;
end
$$;

select keep_history('body', 'responsible_party', 'holder', 'decision');
select keep_transitions('decision');

-- Deletion is soft, so a foreign key does not see it: what was deleted is not referred to anew. Arguments:
-- column, table it refers to, the foreign key in whose name it is refused.
create function reference_alive() returns trigger language plpgsql as
$$
declare
  is_gone boolean;
begin
  execute format('select deleted_at is not null from %I where municipality = $1 and id = $2', tg_argv[1])
  into is_gone using new.municipality, (to_jsonb(new) ->> tg_argv[0])::uuid;
  if is_gone then
    raise exception '% refers to a deleted row', tg_argv[0] using errcode = '23503', constraint = tg_argv[2];
  end if;
  return new;
end
$$;

create procedure refer_to_living(of_table text, in_column text, target text, foreign_key text) language plpgsql as
$$
begin
  execute format('create trigger %1$s_%2$s_alive before insert or update of %2$s on %1$s '
                 'for each row execute function reference_alive(%2$L, %3$L, %4$L)',
                 of_table, in_column, target, foreign_key);
end
$$;
call refer_to_living('body', 'parent_body_id', 'body', 'body_parent_exists');
call refer_to_living('responsible_party', 'body_id', 'body', 'responsible_party_body_exists');
call refer_to_living('holder', 'responsible_party_id', 'responsible_party', 'holder_party_exists');
call refer_to_living('decision', 'body_id', 'body', 'decision_body_exists');
call refer_to_living('role_grant', 'body_id', 'body', 'role_grant_body_exists');

-- Names and addresses of holders are seen by coordinators, administrators, the privacy officer and the
-- holder; the statement names the tenant too. The functions below answer only yes or no about them.
alter table holder enable row level security;
create policy holder_visible on holder for select to elinvoima_service using (
  municipality = request_setting('municipality')
  and (person_id = request_setting('actor')::uuid
       or may(municipality, request_setting('actor')::uuid, request_now(),
              '{programme_coordinator,participation_coordinator,admin,privacy_officer}')));
create policy holder_insert on holder for insert to elinvoima_service
  with check (municipality = request_setting('municipality'));
create policy holder_update on holder for update to elinvoima_service
  using (municipality = request_setting('municipality'));

-- An office's holder acts for the office: from the dated row, not from the token.
create function acts_for(in_municipality text, actor uuid, at timestamptz, party uuid)
returns boolean language plpgsql stable security definer set search_path = public as
$$
begin
  return exists (
    select from holder h
    where h.municipality = in_municipality and h.person_id = actor and h.responsible_party_id = party
      and h.deleted_at is null
      and helsinki_date(at) between h.starts_on and coalesce(h.ends_on, 'infinity'));
end
$$;

-- All that a person acts for: in a list this is asked once, as (select parties_of(…)), acts_for by every row.
create function parties_of(in_municipality text, actor uuid, at timestamptz)
returns uuid[] language plpgsql stable security definer set search_path = public as
$$
begin
  return array(
    select h.responsible_party_id from holder h
    where h.municipality = in_municipality and h.person_id = actor and h.deleted_at is null
      and helsinki_date(at) between h.starts_on and coalesce(h.ends_on, 'infinity'));
end
$$;

-- The roles a person holds in a municipality now: one row each; one row with a null role when the person
-- is known and holds none.
create function actor_roles(in_municipality text, in_issuer text, in_subject text, at timestamptz)
returns table (person_id uuid, role text) language sql stable security definer set search_path = public as
$$
select p.id, held.role
from person p
left join lateral (
  select g.role from role_grant g
  where g.municipality = in_municipality and g.person_id = p.id and g.deleted_at is null
    and helsinki_date(at) between g.starts_on and coalesce(g.ends_on, 'infinity')
  union
  select 'party_reporter' from holder h
  where h.municipality = in_municipality and h.person_id = p.id and h.deleted_at is null
    and helsinki_date(at) between h.starts_on and coalesce(h.ends_on, 'infinity')) as held on true
where p.issuer = in_issuer and p.subject = in_subject
$$;
