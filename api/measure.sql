-- Measures (toimenpiteet) as a version states them: written while the version is a draft. Goals are rows,
-- each with its own window, written with their measure.

-- name: select
select m.id, m.programme_id, m.programme_version_id, m.measure_line_id, m.theme_id, m.number, m.sort_number,
       m.title, m.description,
       (select json_agg(json_build_object(
                 'n', g.n, 'text', g.text,
                 'window', json_build_object('kind', g.window_kind, 'start_year', g.start_year,
                                             'end_year', g.end_year, 'note', g.note, 'cycles', g.cycles),
                 'status', g.status) order by g.n)
        from goal g where g.municipality = m.municipality and g.measure_id = m.id) as goals,
       m.start_due_on, m.links, m.change_reason,
       coalesce((select json_agg(json_build_object('id', e.id, 'member', e.member, 'text', e.text, 'reason', e.reason,
                                                   'created_at', rfc3339(e.created_at)) order by e.id)
                 from erratum e where e.municipality = m.municipality and e.measure_id = m.id), '[]') as errata,
       m.published_at, m.source, m.external_id, m.version, m.created_at, m.updated_at,
       m.deleted_at
from measure m
where m.municipality = :municipality
  and (m.published_at is not null
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
              programme_id => m.programme_id))

-- name: find
select id from measure
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.lock     Nothing is added to a version while it enters into force.
select id from programme_version where municipality = :municipality and id = :programme_version_id for share

-- name: create.guard
select 'reference_not_found', '/programme_version_id', null
where not exists (select from programme_version v where v.municipality = :municipality and v.id = :programme_version_id)
union all
select 'not_your_body', null, null
from programme_version v
where v.municipality = :municipality and v.id = :programme_version_id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => v.programme_id)
union all
select 'version_frozen', null, v.status
from programme_version v
where v.municipality = :municipality and v.id = :programme_version_id and v.status not in ('draft', 'consultation')
union all
select 'assignments_on_line', '/assignments', null
where :measure_line_id::uuid is not null and :assignments::jsonb is not null

-- name: create.apply
with new_line as (
  insert into measure_line (municipality, programme_id)
  select :municipality, v.programme_id from programme_version v
  where v.municipality = :municipality and v.id = :programme_version_id and :measure_line_id::uuid is null
  returning id
), line as (
  select coalesce(:measure_line_id::uuid, (select id from new_line)) as id
), assigned as (
  insert into assignment (municipality, measure_line_id, responsible_party_id, role, starts_on, ends_on)
  select :municipality, line.id, a.responsible_party_id, a.role, coalesce(a.starts_on, helsinki_date(:now)), a.ends_on
  from line, jsonb_to_recordset(coalesce(:assignments::jsonb, '[]'))
    as a (responsible_party_id uuid, role text, starts_on date, ends_on date)
), made as (
  insert into measure (municipality, programme_id, programme_version_id, measure_line_id, theme_id, number, title,
                       description, start_due_on, links, change_reason, source, external_id)
  select :municipality, v.programme_id, v.id, line.id, b.theme_id, b.number, b.title, b.description,
         b.start_due_on, coalesce(b.links, '[]'), b.change_reason, :source, :external_id
  from line, jsonb_populate_record(null::measure, :body) b
  join programme_version v on v.municipality = :municipality and v.id = b.programme_version_id
  returning id
), aims as (
  insert into goal (municipality, measure_id, n, text, window_kind, start_year, end_year, note, cycles, status)
  select :municipality, made.id, g.n, g.text, g."window" ->> 'kind', (g."window" ->> 'start_year')::integer,
         (g."window" ->> 'end_year')::integer, nullif(g."window" -> 'note', 'null'),
         nullif(g."window" -> 'cycles', 'null'), g.status
  from made, jsonb_to_recordset(:body::jsonb -> 'goals') as g (n integer, text jsonb, "window" jsonb, status text)
)
select id from made

-- name: part.draft
select 'not_your_body', null, null
from measure m
where m.municipality = :municipality and m.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => m.programme_id)
union all
select 'version_frozen', null, v.status
from measure m join programme_version v on v.municipality = m.municipality and v.id = m.programme_version_id
where m.municipality = :municipality and m.id = :id and v.status not in ('draft', 'consultation')

-- name: update.guard
-- include: part.draft

-- name: replace.guard     A PUT may repeat the assignments as they are; changing them belongs to the line.
-- include: part.draft
union all
select 'assignments_on_line', '/assignments', null
from measure m
where m.municipality = :municipality and m.id = :id and jsonb_typeof(:assignments::jsonb) = 'array'
  and exists (
    (select a.responsible_party_id, a.role from jsonb_to_recordset(:assignments::jsonb) as a (responsible_party_id uuid, role text)
     except
     select a.responsible_party_id, a.role from assignment a
     where a.municipality = m.municipality and a.measure_line_id = m.measure_line_id))

-- name: part.apply
update measure m
set (theme_id, number, title, description, start_due_on, links, change_reason) =
    (select b.theme_id, b.number, b.title, b.description, b.start_due_on, coalesce(b.links, '[]'), b.change_reason
     from jsonb_populate_record(null::measure, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: part.goals_out
delete from goal
where municipality = :municipality and measure_id = :id and jsonb_typeof(:body::jsonb -> 'goals') = 'array'

-- name: part.goals_in
insert into goal (municipality, measure_id, n, text, window_kind, start_year, end_year, note, cycles, status)
select :municipality, :id, g.n, g.text, g."window" ->> 'kind', (g."window" ->> 'start_year')::integer,
       (g."window" ->> 'end_year')::integer, nullif(g."window" -> 'note', 'null'),
       nullif(g."window" -> 'cycles', 'null'), g.status
from jsonb_to_recordset(case when jsonb_typeof(:body::jsonb -> 'goals') = 'array' then :body::jsonb -> 'goals' else '[]' end)
  as g (n integer, text jsonb, "window" jsonb, status text)

-- name: update.apply
-- include: part.apply

-- name: update.apply_goals_out
-- include: part.goals_out

-- name: update.apply_goals_in
-- include: part.goals_in

-- name: replace.apply
-- include: part.apply

-- name: replace.apply_goals_out
-- include: part.goals_out

-- name: replace.apply_goals_in
-- include: part.goals_in

-- name: delete.guard
-- include: part.draft

-- name: delete.apply
update measure set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
