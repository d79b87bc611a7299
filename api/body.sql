-- Bodies (toimielimet): public.

-- name: select
select id, kind, name, parent_body_id, makes_decisions, statutory_basis, task, meetings_per_year,
       source, external_id, version, created_at, updated_at, deleted_at
from body
where municipality = :municipality

-- name: find
select id from body
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}')

-- name: create.apply
insert into body (municipality, kind, name, parent_body_id, makes_decisions, statutory_basis, task,
                  meetings_per_year, source, external_id)
select :municipality, b.kind, b.name, b.parent_body_id, coalesce(b.makes_decisions, false), b.statutory_basis,
       b.task, b.meetings_per_year, :source, :external_id
from jsonb_populate_record(null::body, :body) b
returning id

-- name: part.yours
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}', body_id => :id)

-- name: update.guard
-- include: part.yours

-- name: update.apply
update body m
set (kind, name, parent_body_id, makes_decisions, statutory_basis, task, meetings_per_year) =
    (select b.kind, b.name, b.parent_body_id, coalesce(b.makes_decisions, false), b.statutory_basis, b.task,
            b.meetings_per_year
     from jsonb_populate_record(null::body, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours
union all
select 'in_use', null, null
where exists (select from body where municipality = :municipality and parent_body_id = :id and deleted_at is null)
   or exists (select from responsible_party where municipality = :municipality and body_id = :id and deleted_at is null)
   or exists (select from decision where municipality = :municipality and body_id = :id)
   or exists (select from programme where municipality = :municipality and :id in (managing_body_id, evaluating_body_id, onward_report_body_id))
   or exists (select from reporting_round where municipality = :municipality and :id in (assessing_body_id, onward_report_body_id))
   or exists (select from body_membership where municipality = :municipality and body_id = :id and deleted_at is null)
   or exists (select from meeting where municipality = :municipality and body_id = :id)
   or exists (select from role_grant where municipality = :municipality and body_id = :id and deleted_at is null)

-- name: delete.apply
update body set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
