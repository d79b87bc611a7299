-- Snapshots: each measure of a round as a document with its hash, written when the round closes, when a report
-- comes after that, and when it is published. What was not yet accepted stands only in the former two,
-- which those who run and assess the round may see.

-- name: select
select s.id, s.reporting_round_id, s.measure_line_id, s.occasion, s.sha256, s.document, s.created_at
from snapshot s
join reporting_round r on r.municipality = s.municipality and r.id = s.reporting_round_id
where s.municipality = :municipality
  and ((r.published_at is not null and s.occasion = 'publication')
       or (:actor::uuid is not null
           and r.id = any ((select rounds_overseen(:municipality, :actor, :now))::uuid[])))
