-- What was said of a draft, and what was answered: public with its answer, before that seen by those who work on
-- the version. Words stay as they were written, in their own language. Anybody may say something while the
-- consultation is open; nobody's name is asked.

-- name: part.input
select i.id, i.programme_version_id, i.kind, i.text, i.language, i.answer, i.answered_at, i.source, i.external_id,
       i.version, i.created_at, i.updated_at
from consultation_input i
where i.municipality = :municipality

-- name: select
-- include: part.input
  and exists (
    select from programme_version v
    where v.municipality = i.municipality and v.id = i.programme_version_id
      and ((v.published_at is not null and i.answer is not null and not holds_personal_data(i.text))
           or may(:municipality, :actor, :now,
                  '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
                  programme_id => v.programme_id)))

-- name: receipt     What its sender gets back, and nobody else: only the creation reads it.
-- include: part.input
  and i.id = :id

-- name: create.lock
select id from programme_version where municipality = :municipality and id = :programme_version_id for share

-- name: part.version     If the caller may know of it; who works on it may do more.
from programme_version v
cross join lateral (
  select may(:municipality, :actor, :now, '{programme_coordinator,participation_coordinator}',
             programme_id => v.programme_id) as works_on_it) as caller
where v.municipality = :municipality and v.id = :programme_version_id and (v.published_at is not null or caller.works_on_it)

-- name: create.guard     Staff speak, and sources are carried over, through those who work on the version.
select 'reference_not_found', '/programme_version_id', null
where not exists (
  select
  -- include: part.version
)
union all
select 'not_your_body', null, null
-- include: part.version
  and not caller.works_on_it and (:kind = 'staff' or :source::text is not null)
union all
select 'wrong_state', '', v.status
-- include: part.version
  and v.status <> 'consultation'
union all
select 'phase_closed', null, v.consultation_closes_on::text
-- include: part.version
  and not caller.works_on_it and v.status = 'consultation' and v.consultation_closes_on < helsinki_date(:now)
union all
select 'personal_data', '/text', null
-- include: part.version
  and not caller.works_on_it and holds_personal_data(:text)

-- name: create.apply
insert into consultation_input (municipality, programme_version_id, kind, text, language, source, external_id)
values (:municipality, :programme_version_id, :kind, :text, :language, :source, :external_id)
returning id

-- name: answer.guard
select 'not_your_body', null, null
from consultation_input i join programme_version v on v.municipality = i.municipality and v.id = i.programme_version_id
where i.municipality = :municipality and i.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator,participation_coordinator}', programme_id => v.programme_id)
union all
select 'wrong_state', '', v.status
from consultation_input i join programme_version v on v.municipality = i.municipality and v.id = i.programme_version_id
where i.municipality = :municipality and i.id = :id and v.status <> 'consultation'

-- name: answer.apply
update consultation_input set answer = :answer, answered_at = :now where municipality = :municipality and id = :id
