-- What was said of a draft, and what was answered: public with the version, before that seen by those who work
-- on it. Words stay as they were written, in their own language.

-- name: select
select i.id, i.programme_version_id, i.kind, i.text, i.language, i.answer, i.answered_at, i.source, i.external_id,
       i.version, i.created_at, i.updated_at
from consultation_input i
join programme_version v on v.municipality = i.municipality and v.id = i.programme_version_id
where i.municipality = :municipality
  and ((v.published_at is not null and i.answer is not null and not holds_personal_data(i.text))
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
              programme_id => v.programme_id))

-- name: create.lock
select id from programme_version where municipality = :municipality and id = :programme_version_id for share

-- name: create.guard
select 'reference_not_found', '/programme_version_id', null
where not exists (select from programme_version where municipality = :municipality and id = :programme_version_id)
union all
select 'not_your_body', null, null
from programme_version v
where v.municipality = :municipality and v.id = :programme_version_id
  and not may(:municipality, :actor, :now, '{programme_coordinator,participation_coordinator}', programme_id => v.programme_id)
union all
select 'wrong_state', '', v.status
from programme_version v
where v.municipality = :municipality and v.id = :programme_version_id and v.status <> 'consultation'

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
