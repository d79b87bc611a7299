-- Messages to responsible parties: seen by the party's holders and by coordinators.

-- name: select
select g.id, g.reporting_round_id, g.responsible_party_id, g.kind, g.subject, g.text, g.measures, g.delivery,
       g.version, g.created_at, g.updated_at
from message g
join reporting_round r on r.municipality = g.municipality and r.id = g.reporting_round_id
where g.municipality = :municipality
  and (may(:municipality, :actor, :now, '{programme_coordinator,admin}', programme_id => r.programme_id)
       or acts_for(:municipality, :actor, :now, g.responsible_party_id))
