-- Every change of a status: from what to what, when, why, by which decision, in which role and for which
-- office. Written by triggers, never changed. The person behind the office stays in the database.

-- name: select
select t.id, t.resource, t.resource_id, t.from_status, t.to_status, t.reason, t.decision_id, t.acting_role,
       t.acting_office, t.at
from transition t
where t.municipality = :municipality
  and may(:municipality, :actor, :now,
          '{programme_coordinator,presenter,body_secretary,privacy_officer,registrar,admin}')
