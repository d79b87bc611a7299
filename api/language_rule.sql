-- Languages a text needs before it is published, by what it belongs to and by body: public.

-- name: select
select id, resource, body_kind, body_id, languages, source, external_id, version, created_at, updated_at, deleted_at
from language_rule
where municipality = :municipality

-- name: find
select id from language_rule
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}', body_id => :body_id)
union all
select 'language_required', '/languages', gap.language
from jsonb_populate_record(null::language_rule, :body::jsonb || jsonb_build_object('municipality', :municipality)) as r
cross join lateral language_rule_gaps(r) as gap (language)

-- name: create.apply
insert into language_rule (municipality, resource, body_kind, body_id, languages, source, external_id)
select :municipality, b.resource, b.body_kind, b.body_id, b.languages, :source, :external_id
from jsonb_populate_record(null::language_rule, :body) b
returning id

-- name: part.yours
select 'not_your_body', null, null
from language_rule r
where r.municipality = :municipality and r.id = :id
  and not may(:municipality, :actor, :now, '{admin}', body_id => r.body_id)

-- name: update.guard
-- include: part.yours
union all
select 'language_required', '/languages', gap.language
from language_rule o
cross join lateral jsonb_populate_record(o, :body::jsonb) as r
cross join lateral language_rule_gaps(r) as gap (language)
where o.municipality = :municipality and o.id = :id

-- name: update.apply
update language_rule m
set (resource, body_kind, body_id, languages) =
    (select b.resource, b.body_kind, b.body_id, b.languages
     from jsonb_populate_record(null::language_rule, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours

-- name: delete.apply
update language_rule set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
