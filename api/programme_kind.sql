-- Programme kinds as the municipality has them: which bodies approve, which texts are asked for, how often measures
-- are reviewed. Every municipality has every kind; only its rules change.

-- name: select
select r.id, r.code, k.name, r.major_body_kinds, r.minor_body_kinds, r.required_texts, r.review_every_months, r.version,
       r.created_at, r.updated_at
from programme_kind_rule r join programme_kind k on k.code = r.code
where r.municipality = :municipality

-- name: update.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}')

-- name: update.apply
update programme_kind_rule m
set (major_body_kinds, minor_body_kinds, required_texts, review_every_months) =
    (select b.major_body_kinds, b.minor_body_kinds, b.required_texts, b.review_every_months
     from jsonb_populate_record(null::programme_kind_rule, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id
