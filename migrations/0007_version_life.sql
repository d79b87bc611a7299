-- The life of a version between draft and force: consultation with statements and inputs, submission,
-- approval or return; what became of each measure; errata beside approved text. Domain brief 4.1.

alter table programme_version
  add column consultation_closes_on date,
  add column consultation_summary jsonb,
  add column returned_reason jsonb,
  add column withdrawn_reason jsonb;

delete from state_move where resource = 'programme_version';
insert into state_move values
  ('programme_version', 'draft', 'consultation'), ('programme_version', 'draft', 'withdrawn'),
  ('programme_version', 'consultation', 'submitted'), ('programme_version', 'consultation', 'withdrawn'),
  ('programme_version', 'submitted', 'approved'), ('programme_version', 'submitted', 'returned'),
  ('programme_version', 'returned', 'draft'), ('programme_version', 'returned', 'withdrawn'),
  ('programme_version', 'approved', 'in_force'), ('programme_version', 'approved', 'withdrawn'),
  ('programme_version', 'in_force', 'superseded'), ('programme_version', 'in_force', 'expired'),
  ('programme_version', 'in_force', 'withdrawn');

-- Why a measure changed, when it did.
alter table measure add column change_reason jsonb;

-- An influence body is asked before a version is submitted (Local Government Act 410/2015 §§ 26–28).
create table statement_request (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_version_id uuid not null,
  body_id uuid not null,
  status text not null default 'sent',
  question jsonb,
  due_on date not null,
  statement jsonb,
  answered_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint statement_request_version_exists foreign key (municipality, programme_version_id)
    references programme_version (municipality, id),
  constraint statement_request_body_exists foreign key (municipality, body_id) references body (municipality, id),
  constraint statement_request_body_unique unique (municipality, programme_version_id, body_id),
  constraint statement_request_status_known check (status in ('sent', 'answered', 'declined', 'overdue'))
);
create unique index statement_request_source_unique on statement_request (municipality, source, external_id)
  where source is not null;
insert into state_move values
  ('statement_request', 'sent', 'answered'), ('statement_request', 'sent', 'declined'),
  ('statement_request', 'sent', 'overdue'), ('statement_request', 'overdue', 'answered');

-- What residents, companies, associations and staff said of a draft, in their own words, and the answer.
create table consultation_input (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_version_id uuid not null,
  kind text not null,
  text text not null,
  language text not null,
  answer jsonb,
  answered_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint consultation_input_version_exists foreign key (municipality, programme_version_id)
    references programme_version (municipality, id),
  constraint consultation_input_kind_known check (kind in ('resident', 'company', 'association', 'staff'))
);
create index consultation_input_of_version on consultation_input (municipality, programme_version_id, id);
create unique index consultation_input_source_unique on consultation_input (municipality, source, external_id)
  where source is not null;

-- A line of the version before that the new one does not go on with.
create table dropped_measure (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  programme_version_id uuid not null,
  measure_line_id uuid not null,
  reason jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint dropped_measure_version_exists foreign key (municipality, programme_version_id)
    references programme_version (municipality, id),
  constraint dropped_measure_line_exists foreign key (municipality, measure_line_id)
    references measure_line (municipality, id)
);
create unique index dropped_measure_line_unique
  on dropped_measure (municipality, programme_version_id, measure_line_id) where deleted_at is null;
create unique index dropped_measure_source_unique on dropped_measure (municipality, source, external_id)
  where source is not null and deleted_at is null;

-- Approved text does not change; what is wrong in it is said beside it.
create table erratum (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  measure_id uuid not null,
  member text not null,
  text jsonb not null,
  reason jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint erratum_measure_exists foreign key (municipality, measure_id) references measure (municipality, id),
  constraint erratum_member_known check (member in ('title', 'description'))
);
create index erratum_of_measure on erratum (municipality, measure_id, id);
create unique index erratum_source_unique on erratum (municipality, source, external_id) where source is not null;
revoke update on erratum from elinvoima_service;

select keep_history('statement_request', 'consultation_input', 'dropped_measure', 'erratum');
select keep_transitions('statement_request');

-- An erratum is an edit of its measure as it is shown: the measure's version follows.
create function erratum_changed() returns trigger language plpgsql as
$$
begin
  update measure set updated_at = request_now() where municipality = new.municipality and id = new.measure_id;
  return null;
end
$$;
create trigger erratum_bumps_measure after insert on erratum for each row execute function erratum_changed();

-- Two versions beside each other: each line of either with what became of it. `from_version` may be null:
-- then all is new.
create function version_lineage(in_municipality text, from_version uuid, to_version uuid)
returns table (measure_line_id uuid, lineage text, before_id uuid, after_id uuid, changed_members jsonb, reason jsonb)
language sql stable as
$$
with old as (
  select m.* from measure m
  where m.municipality = in_municipality and m.programme_version_id = from_version and m.deleted_at is null
), new as (
  select m.* from measure m
  where m.municipality = in_municipality and m.programme_version_id = to_version and m.deleted_at is null
), goals as (
  select g.measure_id, jsonb_agg(to_jsonb(g) - 'measure_id' - 'municipality' order by g.n) as list
  from goal g where g.municipality = in_municipality and g.measure_id in (select id from old union select id from new)
  group by g.measure_id
), origin as (
  select o.* from line_origin o
  where o.municipality = in_municipality and o.measure_line_id in (select n.measure_line_id from new n)
)
select n.measure_line_id,
       case when o.id is not null and c.members = '[]' then 'continued'
            when o.id is not null then 'changed'
            when exists (select from origin x where x.measure_line_id = n.measure_line_id)
              then (select min(x.kind) from origin x where x.measure_line_id = n.measure_line_id)
            else 'added' end,
       o.id, n.id, c.members, n.change_reason
from new n
left join old o on o.measure_line_id = n.measure_line_id
cross join lateral (
  select coalesce(jsonb_agg(d.member order by d.member), '[]') as members
  from (values ('title', o.title, n.title), ('description', o.description, n.description),
               ('number', to_jsonb(o.number), to_jsonb(n.number)), ('start_due_on', to_jsonb(o.start_due_on), to_jsonb(n.start_due_on)),
               ('goals', (select list from goals g where g.measure_id = o.id), (select list from goals g where g.measure_id = n.id))
       ) as d (member, was, is_now)
  where o.id is not null and d.was is distinct from d.is_now) as c
union all
select o.measure_line_id,
       case when exists (select from origin x where x.origin_line_id = o.measure_line_id)
              then (select min(x.kind) from origin x where x.origin_line_id = o.measure_line_id)
            else 'dropped' end,
       o.id, null, '[]', d.reason
from old o
left join dropped_measure d on d.municipality = o.municipality and d.programme_version_id = to_version
                           and d.measure_line_id = o.measure_line_id and d.deleted_at is null
where not exists (select from new n where n.measure_line_id = o.measure_line_id)
$$;

-- The texts of a version that are there, but not in every language of the municipality.
create function version_text_gaps(in_municipality text, version_id uuid)
returns table (pointer text, language text) language sql stable as
$$
select part.pointer, missing.language
from municipality t
cross join lateral (
  select '/programme/name', p.name
  from programme_version v join programme p on p.municipality = v.municipality and p.id = v.programme_id
  where v.municipality = t.code and v.id = version_id
  union all
  select '/themes/' || h.number || '/' || w.member, w.words
  from theme h cross join lateral (values ('name', h.name), ('description', h.description)) as w (member, words)
  where h.municipality = t.code and h.programme_version_id = version_id and h.deleted_at is null
  union all
  select '/measures/' || m.number || '/' || w.member, w.words
  from measure m cross join lateral (values ('title', m.title), ('description', m.description)) as w (member, words)
  where m.municipality = t.code and m.programme_version_id = version_id and m.deleted_at is null
  union all
  select '/measures/' || m.number || '/goals/' || g.n || '/text', g.text
  from measure m join goal g on g.municipality = m.municipality and g.measure_id = m.id
  where m.municipality = t.code and m.programme_version_id = version_id and m.deleted_at is null
) as part (pointer, words)
cross join lateral missing_languages(part.words, t.languages) as missing (language)
where t.code = in_municipality and part.words is not null
$$;

-- What is in force is public: the programme, the version's themes and measures, and their lines.
create function publish_version(in_municipality text, version_id uuid, at timestamptz) returns void
language sql as
$$
update programme p set published_at = coalesce(p.published_at, at)
from programme_version v
where v.municipality = in_municipality and v.id = version_id and p.municipality = v.municipality and p.id = v.programme_id;
-- a round stays bound to its version and says what has become of it
update reporting_round r set updated_at = at
from programme_version v
where v.municipality = in_municipality and v.id = version_id and r.municipality = v.municipality and r.programme_id = v.programme_id;
update theme set published_at = at
where municipality = in_municipality and programme_version_id = version_id and published_at is null;
update measure_line l set published_at = at
from measure m
where m.municipality = in_municipality and m.programme_version_id = version_id and m.deleted_at is null
  and l.municipality = m.municipality and l.id = m.measure_line_id and l.published_at is null;
update measure set published_at = at
where municipality = in_municipality and programme_version_id = version_id and published_at is null
$$;
