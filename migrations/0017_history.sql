-- What was, so that it can be shown to be so: snapshots with a hash, and what the history of a measure and the
-- comparison of rounds are read from. Domain brief 4, 4.1, 4.3.

-- Keys are ordered by UTF-16 code units (RFC 8785 3.2.3): that is by code point, but for what lies between the
-- surrogates and U+FFFF, which comes after what is beyond. To be compared in collation "C".
create function utf16_sort_key(words text) returns text
language sql immutable strict parallel safe as
$$
select case when octet_length(words) = length(words) then words
            else regexp_replace(words, '([\uE000-\uFFFF])', U&'\+10FFFF\\1', 'g') end
$$;

-- RFC 8785. What jsonb writes of a text, a boolean and null is canonical already. Whole numbers only, and only
-- those that a double holds exactly: others would need ECMAScript's way of writing, and no document has any.
create function canonical_json(value jsonb) returns text
language plpgsql immutable strict parallel safe as
$$
begin
  case jsonb_typeof(value)
    when 'object' then
      return (select '{' || coalesce(string_agg(to_jsonb(key)::text || ':' || canonical_json(member), ','
                                                order by utf16_sort_key(key) collate "C"), '') || '}'
              from jsonb_each(value) as members (key, member));
    when 'array' then
      return (select '[' || coalesce(string_agg(canonical_json(item), ',' order by place), '') || ']'
              from jsonb_array_elements(value) with ordinality as items (item, place));
    when 'number' then
      if value::numeric <> trunc(value::numeric) or abs(value::numeric) > 9007199254740991 then
        raise exception '% has no canonical form here', value;
      end if;
      return trunc(value::numeric)::text;
    else
      return value::text;
  end case;
end
$$;

-- Of the bytes as they are. (Said to be immutable, which convert_to is not only because conversions can be redefined.)
create function document_sha256(document json) returns text
language sql immutable strict parallel safe as
$$ select encode(sha256(convert_to(document::text, 'UTF8')), 'hex') $$;

-- A measure in a round, as a plain JSON document, when the round closed, when a report came after that, and as
-- it was published. Whoever has the document can compute the hash. Append-only.
create table snapshot (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  reporting_round_id uuid not null,
  measure_line_id uuid not null,
  occasion text not null,
  -- json, not jsonb: the bytes of the text are what was hashed
  document json not null,
  sha256 text not null generated always as (document_sha256(document)) stored,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint snapshot_scope_exists foreign key (municipality, reporting_round_id, measure_line_id)
    references round_measure (municipality, reporting_round_id, measure_line_id),
  constraint snapshot_occasion_known check (occasion in ('closing', 'report', 'publication'))
);
create index snapshot_of_round on snapshot (municipality, reporting_round_id, id);
create index snapshot_of_line on snapshot (municipality, measure_line_id, id);
create index snapshot_of_hash on snapshot (municipality, sha256);
create trigger snapshot_changed after insert on snapshot for each row execute function row_changed();
revoke update on snapshot from elinvoima_service;

-- A decision as a document refers to it: what stands in a decision that is not published is not told.
create function decision_reference(in_municipality text, decision uuid) returns jsonb
language sql stable as
$$
select jsonb_build_object(
  'decision_id', d.id, 'body_id', p.body_id, 'section_number', p.section_number, 'register_number', p.register_number,
  'meeting_on', inexact_text(p.meeting_day, p.date_precision))
from decision d
left join decision p on p.municipality = d.municipality and p.id = d.id and p.published_at is not null
where d.municipality = in_municipality and d.id = decision_reference.decision
$$;

-- Takes a snapshot of each measure of a round, or of one. Published are only accepted reports. How many were taken.
create function take_snapshots(in_municipality text, round uuid, line uuid, in_occasion text, at timestamptz) returns bigint
language sql as
$$
with taken as (
  insert into snapshot (municipality, reporting_round_id, measure_line_id, occasion, document)
  select s.municipality, s.reporting_round_id, s.measure_line_id, in_occasion, canonical_json(jsonb_build_object(
    'municipality', s.municipality, 'occasion', in_occasion, 'taken_at', rfc3339(at), 'measure_line_id', s.measure_line_id,
    'status', l.status,
    'round', jsonb_build_object(
      'id', r.id, 'year', r.year, 'name', r.name, 'due_on', r.due_on, 'programme_id', r.programme_id,
      'programme_version_id', r.programme_version_id, 'programme_version_number', v.number),
    'measure', jsonb_build_object(
      'id', m.id, 'number', m.number, 'title', m.title, 'description', m.description,
      'theme_number', h.number, 'theme_name', h.name,
      'goals', (select coalesce(jsonb_agg(jsonb_build_object(
                         'n', g.n, 'text', g.text, 'status', g.status,
                         'window', jsonb_build_object('kind', g.window_kind, 'start_year', g.start_year,
                                                      'end_year', g.end_year, 'note', g.note, 'cycles', g.cycles))
                       order by g.n), '[]')
                from goal g where g.municipality = m.municipality and g.measure_id = m.id),
      'errata', (select coalesce(jsonb_agg(jsonb_build_object(
                          'id', e.id, 'member', e.member, 'text', e.text, 'reason', e.reason,
                          'created_at', rfc3339(e.created_at)) order by e.id), '[]')
                 from erratum e where e.municipality = m.municipality and e.measure_id = m.id)),
    'parties', (select coalesce(jsonb_agg(jsonb_build_object(
                         'responsible_party_id', a.responsible_party_id, 'title', p.title, 'role', a.role)
                       order by a.role, p.position, a.id), '[]')
                from assignment a
                join responsible_party p on p.municipality = a.municipality and p.id = a.responsible_party_id
                where a.municipality = s.municipality and a.measure_line_id = s.measure_line_id
                  and helsinki_date(at) between a.starts_on and coalesce(a.ends_on, 'infinity')),
    'reports', (select coalesce(jsonb_agg(jsonb_build_object(
                         'responsible_party_id', q.responsible_party_id, 'title', p.title, 'role', q.role,
                         'request_status', q.status, 'due_on', q.due_on, 'is_late', q.is_late,
                         'submitted_at', rfc3339(o.submitted_at), 'revision', o.revision,
                         'reported_status', o.reported_status, 'summary', o.summary, 'obstacles', o.obstacles,
                         'next_step', o.next_step, 'spent_cents', o.spent_cents,
                         'evidence_links', coalesce(o.evidence_links, '[]'), 'own_light', o.own_light)
                       order by q.role, p.position, q.id), '[]')
                from report_request q
                join responsible_party p on p.municipality = q.municipality and p.id = q.responsible_party_id
                left join lateral (
                  select o.* from report o
                  where o.municipality = q.municipality and o.report_request_id = q.id and o.submitted_at is not null
                    and (in_occasion <> 'publication' or q.status = 'accepted')
                  order by o.revision desc limit 1) as o on true
                where q.municipality = s.municipality and q.reporting_round_id = s.reporting_round_id
                  and q.measure_line_id = s.measure_line_id),
    'assessment', (select jsonb_build_object(
                            'light', a.light, 'light_label', x.label, 'is_unassessed', a.is_unassessed,
                            'suggested_light', a.suggested_light, 'suggested_light_label', y.label,
                            'suggestion', a.suggestion, 'is_overridden', a.is_overridden,
                            'is_self_assessed', a.is_self_assessed, 'justification', a.justification)
                   from assessment a
                   left join light_meaning x on x.municipality = a.municipality and x.light_scale_id = a.light_scale_id
                                            and x.light = a.light
                   left join light_meaning y on y.municipality = a.municipality and y.light_scale_id = a.light_scale_id
                                            and y.light = a.suggested_light
                   where a.municipality = s.municipality and a.reporting_round_id = s.reporting_round_id
                     and a.measure_line_id = s.measure_line_id
                   order by a.id desc limit 1),
    'priorities', (select coalesce(jsonb_agg(jsonb_build_object(
                            'reason', p.reason, 'of', case when p.theme_id is null then 'measure' else 'theme' end)
                          order by p.id), '[]')
                   from priority p
                   where p.municipality = s.municipality and p.reporting_round_id = s.reporting_round_id
                     and p.deleted_at is null and (p.measure_line_id = s.measure_line_id or p.theme_id = s.theme_id)),
    'assessment_decision', decision_reference(r.municipality, r.assessment_decision_id),
    'onward_decision', decision_reference(r.municipality, r.onward_decision_id)))::json
  from reporting_round r
  join programme_version v on v.municipality = r.municipality and v.id = r.programme_version_id
  join round_measure s on s.municipality = r.municipality and s.reporting_round_id = r.id
  join measure m on m.municipality = s.municipality and m.id = s.measure_id
  join theme h on h.municipality = s.municipality and h.id = s.theme_id
  join measure_line l on l.municipality = s.municipality and l.id = s.measure_line_id
  where r.municipality = in_municipality and r.id = round
    and (take_snapshots.line is null or s.measure_line_id = take_snapshots.line)
  order by m.sort_number
  returning id
)
select count(*) from taken
$$;

-- The office a person acted for at a time: as holder rather than as deputy, in the office held longest.
create function office_of(in_municipality text, actor uuid, at timestamptz) returns jsonb
language plpgsql stable security definer set search_path = public as
$$
begin
  if actor is null then
    return null;
  end if;
  return (
    select p.title
    from holder h join responsible_party p on p.municipality = h.municipality and p.id = h.responsible_party_id
    where h.municipality = in_municipality and h.person_id = actor and h.deleted_at is null
      and helsinki_date(at) between h.starts_on and coalesce(h.ends_on, 'infinity')
    order by h.is_deputy, h.starts_on limit 1);
end
$$;

-- The request that a row is written by: one writer may write for several in a transaction, and says whose is which as
-- ` row request row request …`.
create function request_of(id uuid) returns text
language sql stable parallel safe as
$$
select coalesce(nullif(split_part(split_part(request_setting('requests'), ' ' || id || ' ', 2), ' ', 1), ''), request_setting('request'))
$$;

create or replace function row_moved() returns trigger language plpgsql security definer set search_path = public as
$$
declare
  actor uuid := request_setting('actor')::uuid;
  before_status text;
begin
  if tg_op = 'UPDATE' then
    before_status := old.status;
    if new.status = old.status then
      return null;
    end if;
  end if;
  insert into transition (municipality, resource, resource_id, from_status, to_status, reason, decision_id,
                          actor_id, acting_role, acting_office, request_id)
  values (new.municipality, tg_table_name, new.id, before_status, new.status, request_setting('reason'),
          request_setting('decision')::uuid, actor, request_setting('role'),
          office_of(new.municipality, actor, request_now()), request_of(new.id));
  return null;
end
$$;

-- As before, but a new row is not made JSON, with all it holds, for three of its columns.
create or replace function row_changed() returns trigger language plpgsql as
$$
declare
  what text := 'created';
  before_row jsonb;
  after_row jsonb;
  changed jsonb;
begin
  if tg_op = 'UPDATE' then
    before_row := to_jsonb(old);
    after_row := to_jsonb(new);
    what := case when after_row ->> 'deleted_at' is not null and before_row ->> 'deleted_at' is null then 'deleted' else 'updated' end;
    select jsonb_agg(key order by key) into changed
    from jsonb_each(after_row) as n
    where n.value is distinct from before_row -> n.key and n.key not in ('version', 'updated_at');
  end if;
  insert into change (municipality, resource, id, version, what, members, actor_id, request_id)
  values (new.municipality, tg_table_name, new.id, new.version, what, changed, request_setting('actor')::uuid, request_of(new.id));
  return null;
end
$$;

-- A measure's history asks for its line's requests, and a comparison for what a line became.
create index report_request_line on report_request (municipality, measure_line_id);
create index line_origin_of on line_origin (municipality, origin_line_id);
