-- Report requests (raportointipyynnöt): seen by the party, by those who run and assess the round, and by
-- all once the round is published.

-- name: select
select q.id, q.reporting_round_id, q.measure_line_id, q.measure_id, m.number as measure_number,
       m.title as measure_title, q.responsible_party_id, q.role, q.status, q.due_on, q.is_late, q.question,
       q.excuse, q.reassigned_from_id, q.reassigned_reason, q.acknowledged_at, q.submitted_at, q.source,
       q.external_id, q.version, q.created_at, q.updated_at
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
join measure m on m.municipality = q.municipality and m.id = q.measure_id
where q.municipality = :municipality
  and (r.published_at is not null
       or (:actor::uuid is not null
           and (q.responsible_party_id = any ((select parties_of(:municipality, :actor, :now))::uuid[])
                or r.id = any ((select rounds_overseen(:municipality, :actor, :now))::uuid[]))))

-- name: part.lock     The round, then the request, as closing and assessing take them.
select q.id
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where q.municipality = :municipality and q.id = :id
for share of r for update of q

-- name: part.coordinator
select 'not_your_body', null, null
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where q.municipality = :municipality and q.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => r.programme_id)
union all
select 'round_wrong_state', null, r.status
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where q.municipality = :municipality and q.id = :id and r.status not in ('open', 'closed', 'in_review')

-- name: acknowledge.lock
-- include: part.lock

-- name: acknowledge.guard
select 'not_your_duty', null, null
from report_request q
where q.municipality = :municipality and q.id = :id
  and not acts_for(:municipality, :actor, :now, q.responsible_party_id)
union all
select 'wrong_state', next_states('report_request', q.status), q.status
from report_request q
where q.municipality = :municipality and q.id = :id and q.status <> 'invited'

-- name: acknowledge.apply
update report_request set status = 'acknowledged', acknowledged_at = :now
where municipality = :municipality and id = :id

-- name: return.lock
-- include: part.lock

-- name: return.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('report_request', q.status), q.status
from report_request q
where q.municipality = :municipality and q.id = :id and q.status <> 'submitted'
union all
select 'due_in_past', '/due_on', :due_on::text
where :due_on::date < helsinki_date(:now) and :municipality::text is not null
union all
select 'personal_data', '/question', m.number
from report_request q join measure m on m.municipality = q.municipality and m.id = q.measure_id
where q.municipality = :municipality and q.id = :id and holds_personal_data(:question::text)

-- name: return.apply_request
update report_request set status = 'returned', question = :question, due_on = :due_on::date
where municipality = :municipality and id = :id

-- name: return.apply_draft     The party goes on from what it said.
insert into report (municipality, report_request_id, revision, reported_status, summary, obstacles, next_step,
                    spent_cents, evidence_links)
select p.municipality, p.report_request_id, p.revision + 1, p.reported_status, p.summary, p.obstacles, p.next_step,
       p.spent_cents, p.evidence_links
from report p
where p.municipality = :municipality and p.report_request_id = :id
order by p.revision desc limit 1

-- name: accept.lock
-- include: part.lock

-- name: accept.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('report_request', q.status), q.status
from report_request q
where q.municipality = :municipality and q.id = :id and q.status <> 'submitted'
union all
select 'wrong_state', next_states('measure_line', l.status), l.status
from report_request q
join measure_line l on l.municipality = q.municipality and l.id = q.measure_line_id
where q.municipality = :municipality and q.id = :id and q.role = 'lead' and l.status = 'stopped'
  and exists (
    select from report p
    where p.municipality = q.municipality and p.report_request_id = q.id and p.submitted_at is not null
      and p.reported_status <> 'stopped'
      and not exists (
        select from report n
        where n.municipality = p.municipality and n.report_request_id = p.report_request_id and n.revision > p.revision))
union all
select 'personal_data', '/' || part.member, m.number
from report_request q
join measure m on m.municipality = q.municipality and m.id = q.measure_id
join lateral (
  select p.* from report p
  where p.municipality = q.municipality and p.report_request_id = q.id and p.submitted_at is not null
  order by p.revision desc limit 1) as p on true
cross join lateral (values
  ('summary', p.summary), ('obstacles', p.obstacles), ('next_step', p.next_step), ('evidence_links', p.evidence_links)) as part (member, words)
where q.municipality = :municipality and q.id = :id and holds_personal_data(part.words::text)

-- name: accept.apply_request
update report_request set status = 'accepted' where municipality = :municipality and id = :id

-- name: accept.apply_line     The lead's word is the measure's status.
update measure_line l
set status = p.reported_status
from report_request q
join lateral (
  select p.reported_status from report p
  where p.municipality = q.municipality and p.report_request_id = q.id and p.submitted_at is not null
  order by p.revision desc limit 1) as p on true
where q.municipality = :municipality and q.id = :id and q.role = 'lead'
  and l.municipality = q.municipality and l.id = q.measure_line_id and l.status <> p.reported_status

-- name: excuse.lock
-- include: part.lock

-- name: excuse.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('report_request', q.status), q.status
from report_request q
where q.municipality = :municipality and q.id = :id
  and q.status not in ('invited', 'acknowledged', 'draft', 'returned', 'missing')
union all
select 'personal_data', '/reason', m.number
from report_request q join measure m on m.municipality = q.municipality and m.id = q.measure_id
where q.municipality = :municipality and q.id = :id and holds_personal_data(:reason::text)

-- name: excuse.apply
update report_request set status = 'excused', excuse = :reason where municipality = :municipality and id = :id
