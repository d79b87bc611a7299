-- Every change of a status: from what to what, when, why, by which decision, in which role and for which
-- office. Written by triggers, never changed. The person behind the office stays in the database. Those of feedback are
-- seen by who sees the item as it was sent.

-- name: select
select t.id, t.resource, t.resource_id, t.from_status, t.to_status, t.reason, t.decision_id, t.acting_role,
       t.acting_office, t.at
from transition t
where t.municipality = :municipality
  and may(:municipality, :actor, :now,
          '{programme_coordinator,presenter,body_secretary,privacy_officer,registrar,admin}')
  and (t.resource not in ('feedback', 'feedback_publication') or (select oversees_feedback(:municipality, :actor, :now))
       or exists (
         select from feedback f
         where f.municipality = t.municipality and f.id = t.resource_id
           and feedback_inside(f, false, (select feedback_units(:municipality, :actor, :now))::uuid[])))
