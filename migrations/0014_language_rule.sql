-- Which languages a text needs before it is published, by what it belongs to and by body: Language Act 423/2003.

create table language_rule (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  resource text not null,
  body_kind text,
  body_id uuid,
  languages jsonb not null,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint language_rule_body_exists foreign key (municipality, body_id) references body (municipality, id),
  constraint language_rule_resource_known check (resource in ('budget_cycle', 'decision', 'programme_version', 'reporting_round')),
  -- what holds for the decisions of every other body than the council is the municipality's minutes_languages
  constraint language_rule_scope_known check (
    num_nonnulls(body_kind, body_id) between (resource = 'decision')::integer and (resource <> 'programme_version')::integer)
);
create unique index language_rule_scope_unique on language_rule (municipality, resource, body_kind, body_id)
  nulls not distinct where deleted_at is null;
create unique index language_rule_source_unique on language_rule (municipality, source, external_id)
  where source is not null and deleted_at is null;
select keep_history('language_rule');
call refer_to_living('language_rule', 'body_id', 'body', 'language_rule_body_exists');

-- A council's agenda and minutes, and programmes, are in all languages of the municipality; a rule only adds to them.
create function needs_all_languages(resource text, body_kind text) returns boolean
language sql immutable parallel safe as
$$ select resource = 'programme_version' or (resource = 'decision' and body_kind is not distinct from 'council') $$;

-- The languages of the municipality that a rule may not leave out and does.
create function language_rule_gaps(rule language_rule) returns setof text
language sql stable as
$$
select missing.language
from municipality m
left join body b on b.municipality = m.code and b.id = rule.body_id
cross join lateral jsonb_array_elements_text(m.languages) as missing (language)
where m.code = rule.municipality and needs_all_languages(rule.resource, coalesce(rule.body_kind, b.kind))
  and not rule.languages ? missing.language
$$;

-- The body's rule goes before its kind's, and that before the general one.
create function required_languages(in_municipality text, of_resource text, in_body uuid) returns jsonb
language sql stable as
$$
select case when needs_all_languages(of_resource, b.kind)
            then (select jsonb_agg(distinct needed.language)
                  from jsonb_array_elements_text(m.languages || coalesce(r.languages, '[]')) as needed (language))
            else coalesce(r.languages, case when of_resource = 'decision' then m.minutes_languages end, m.languages) end
from municipality m
left join body b on b.municipality = m.code and b.id = in_body
left join lateral (
  select o.languages from language_rule o
  where o.municipality = m.code and o.resource = of_resource and o.deleted_at is null
    and (o.body_id is null or o.body_id = b.id) and (o.body_kind is null or o.body_kind = b.kind)
  order by o.body_id is null, o.body_kind is null limit 1) as r on true
where m.code = in_municipality
$$;

-- As it was, with the languages a programme needs.
create or replace function version_text_gaps(in_municipality text, version_id uuid)
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
cross join lateral missing_languages(part.words, required_languages(t.code, 'programme_version', null)) as missing (language)
where t.code = in_municipality and part.words is not null
$$;
