-- Supports: one a person.

-- name: part.lock
select id from proposal where municipality = :municipality and id = :id for key share

-- name: part.open
select 'supports_not_gathered', null, null
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.rules -> 'gathers_supports' = 'false'
union all
select 'phase_closed', null, rfc3339(c.voting_starts_at)
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.status not in ('ideas', 'development')
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.status in ('ideas', 'development')
  and (p.published_at is null or p.hidden_at is not null)
union all
select 'vote_key_missing', null, null where :municipality::text is not null and :actor_key::text is null

-- name: give.lock
-- include: part.lock

-- name: give.guard
-- include: part.open

-- name: give.apply
insert into proposal_support (municipality, proposal_id, person_key)
values (:municipality, :id, sha256(decode(:actor_key, 'hex') || uuid_send(:id)))
on conflict do nothing

-- name: take_back.lock
-- include: part.lock

-- name: take_back.guard
-- include: part.open

-- name: take_back.apply
delete from proposal_support
where municipality = :municipality and proposal_id = :id
  and person_key = sha256(decode(:actor_key, 'hex') || uuid_send(:id))
