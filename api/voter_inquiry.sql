-- Questions about one voter: whether they took part, which a vote officer may know, and what they chose, which nobody
-- may. Each is written down before it is answered.

-- name: note
insert into audit_entry (municipality, action, outcome, resource, resource_id, actor_id, acting_role, request_id)
values (:municipality, :action, :outcome, 'budget_cycle', :id, :actor, :acting_role, :request_id)

-- name: voted     Nothing once the voters are forgotten, be it just now.
select exists (
  select from voter_mark m
  where m.municipality = s.municipality and m.budget_cycle_id = s.budget_cycle_id
    and m.voter_key = decode(:voter_key, 'hex')) as has_voted
from budget_secret s
where s.municipality = :municipality and s.budget_cycle_id = :id

-- name: select     For the privacy officer alone.
select a.id, a.action, a.outcome, a.resource, a.resource_id, p.issuer, p.subject, a.acting_role, a.request_id, a.at
from audit_entry a
left join person p on p.id = a.actor_id
where a.municipality = :municipality and may(:municipality, :actor, :now, '{privacy_officer}')
