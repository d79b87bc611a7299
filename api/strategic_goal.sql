-- Strategic goals: those of a strategy programme, or of the municipality, for a council term. Seen with the strategy.

-- name: select
select g.id, g.programme_id, g.council_term_year, make_date(g.council_term_year, 6, 1) as term_starts_on,
       make_date(g.council_term_year + 4, 5, 31) as term_ends_on, g.title, g.description, g.covers, g.position,
       lpad(g.position::text, 4, '0') as sort_position, g.source, g.external_id, g.version, g.created_at, g.updated_at,
       g.deleted_at
from strategic_goal g
where g.municipality = :municipality and sees_strategy(:municipality, :actor, :now, g.programme_id)

-- name: find
select id from strategic_goal
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.yours
select 'not_your_body', null, null
from strategic_goal g
where g.municipality = :municipality and g.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => g.programme_id)

-- name: part.faults     Of a row as it is to be: `b`.
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => b.programme_id)
union all
select 'locale_missing', '/title', missing.language
from municipality t cross join lateral missing_languages(b.title, t.languages) as missing (language)
where t.code = :municipality

-- name: create.guard
select fault.code, fault.pointer, fault.parameter
from jsonb_populate_record(null::strategic_goal, :body) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where :municipality::text is not null

-- name: create.apply
insert into strategic_goal (municipality, programme_id, council_term_year, title, description, covers, position, source, external_id)
select :municipality, b.programme_id, b.council_term_year, b.title, b.description, coalesce(b.covers, '[]'), coalesce(b.position, 0), :source, :external_id
from jsonb_populate_record(null::strategic_goal, :body) b
returning id

-- name: update.guard     It must be yours before and after.
-- include: part.yours
union all
select fault.code, fault.pointer, fault.parameter
from strategic_goal m
cross join lateral jsonb_populate_record(null::strategic_goal, merge_patch(to_jsonb(m), :body)) as b
cross join lateral (
-- include: part.faults
) as fault (code, pointer, parameter)
where m.municipality = :municipality and m.id = :id

-- name: update.apply
update strategic_goal m
set (programme_id, council_term_year, title, description, covers, position) =
    (select b.programme_id, b.council_term_year, b.title, b.description, coalesce(b.covers, '[]'), coalesce(b.position, 0)
     from jsonb_populate_record(null::strategic_goal, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours
union all
select 'in_use', null, null
where exists (select from operational_goal where municipality = :municipality and strategic_goal_id = :id and deleted_at is null)
   or exists (select from programme where municipality = :municipality and strategic_goal_ids ? :id::uuid::text)

-- name: delete.apply
update strategic_goal set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
