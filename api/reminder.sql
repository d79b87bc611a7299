-- What was reminded of, by which rule and in which message: seen by the party's holders and by coordinators.
-- Written with the message (reporting_round.sql, remind), never changed.

-- name: select
select d.id, d.reporting_round_id, d.report_request_id, q.responsible_party_id, d.kind, d.due_on, d.sent_on,
       d.message_id, d.created_at
from reminder d
join report_request q on q.municipality = d.municipality and q.id = d.report_request_id
join reporting_round r on r.municipality = d.municipality and r.id = d.reporting_round_id
where d.municipality = :municipality
  and (may(:municipality, :actor, :now, '{programme_coordinator,admin}', programme_id => r.programme_id)
       or acts_for(:municipality, :actor, :now, q.responsible_party_id))
