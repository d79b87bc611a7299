-- Statements asked of influence bodies on a version: public once the version is; before that seen by those who
-- work on it and by the members of the influence bodies.

-- name: select
select s.id, s.programme_version_id, s.body_id, s.status, s.question, s.due_on, s.statement, s.answered_at,
       s.source, s.external_id, s.version, s.created_at, s.updated_at
from statement_request s
join programme_version v on v.municipality = s.municipality and v.id = s.programme_version_id
where s.municipality = :municipality
  and (v.published_at is not null
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,influence_member,admin}',
              body_id => s.body_id, programme_id => v.programme_id))

-- name: create.guard
select 'reference_not_found', '/programme_version_id', null
where not exists (select from programme_version where municipality = :municipality and id = :programme_version_id)
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
select 'not_an_influence_body', '/body_id', b.name ->> 'fi'
from body b
where b.municipality = :municipality and b.id = :body_id
  and b.kind not in ('youth_council', 'elderly_council', 'disability_council')

-- name: create.apply
insert into statement_request (municipality, programme_version_id, body_id, question, due_on, source, external_id)
values (:municipality, :programme_version_id, :body_id, :question, :due_on, :source, :external_id)
returning id

-- name: answer.lock
select id from statement_request where municipality = :municipality and id = :id for update

-- name: answer.guard
select 'not_your_body', null, null
from statement_request s
where s.municipality = :municipality and s.id = :id
  and not may(:municipality, :actor, :now, '{influence_member}', body_id => s.body_id)
union all
select 'wrong_state', next_states('statement_request', s.status), s.status
from statement_request s where s.municipality = :municipality and s.id = :id and s.status not in ('sent', 'overdue')

-- name: answer.apply     No statement is an answer too: the body declines.
update statement_request
set status = case when :statement::jsonb is null then 'declined' else 'answered' end, statement = :statement, answered_at = :now
where municipality = :municipality and id = :id

-- name: lapse.lock
-- include: answer.lock

-- name: lapse.guard     The process may go on; the record says that there was no statement.
select 'not_your_body', null, null
from statement_request s
join programme_version v on v.municipality = s.municipality and v.id = s.programme_version_id
where s.municipality = :municipality and s.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => v.programme_id)
union all
select 'wrong_state', next_states('statement_request', s.status), s.status
from statement_request s where s.municipality = :municipality and s.id = :id and s.status <> 'sent'
union all
select 'phase_open', null, s.due_on::text
from statement_request s
where s.municipality = :municipality and s.id = :id and s.status = 'sent' and day_end(s.due_on) > :now

-- name: lapse.apply
update statement_request set status = 'overdue' where municipality = :municipality and id = :id
