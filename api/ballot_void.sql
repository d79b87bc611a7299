-- Ballots taken out of the count by two vote officers, before it. Which ballot it is the commitment says, what it holds
-- nobody. Domain brief 4.7.

-- name: select     For vote officers alone.
select v.id, v.budget_cycle_id, v.commitment, v.reason, v.status, v.confirmed_at, v.version, v.created_at, v.updated_at
from ballot_void v
where v.municipality = :municipality and may(:municipality, :actor, :now, '{vote_officer}')

-- name: create.guard     A ballot on paper has no leaf of its own, and nobody knows its commitment.
select 'reference_not_found', '/budget_cycle_id', null
where not exists (
  select from budget_cycle c
  where c.municipality = :municipality and c.id = :budget_cycle_id and c.published_at is not null)
union all
select 'voting_not_open', null, null
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.published_at is not null
  and c.status in ('ideas', 'development')
union all
select 'voting_closed', null, null
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.published_at is not null
  and c.status not in ('ideas', 'development', 'voting')
union all
select 'reference_not_found', '/commitment', null
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.status = 'voting' and not exists (
  select from ballot_box b
  where b.municipality = c.municipality and b.budget_cycle_id = c.id and b.commitment = :commitment
    and b.paper_batch_id is null)
union all
select 'ballot_replaced', null, null
from ballot_box b
join ballot_box n on n.municipality = b.municipality and n.budget_cycle_id = b.budget_cycle_id and n.replaces = b.token_hash
where b.municipality = :municipality and b.budget_cycle_id = :budget_cycle_id and b.commitment = :commitment

-- name: create.apply
insert into ballot_void (municipality, budget_cycle_id, commitment, reason, asked_by)
values (:municipality, :budget_cycle_id, :commitment, :reason, :actor)
returning id

-- name: confirm.lock     No ballot is replaced and none counted meanwhile: the log is ours.
select v.id, pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), v.municipality, v.budget_cycle_id::text), 3)) is not null
from ballot_void v
where v.municipality = :municipality and v.id = :id
for update

-- name: confirm.guard
select 'wrong_state', next_states('ballot_void', v.status), v.status
from ballot_void v where v.municipality = :municipality and v.id = :id and v.status <> 'asked'
union all
select 'voting_closed', null, null
from ballot_void v
join budget_cycle c on c.municipality = v.municipality and c.id = v.budget_cycle_id
where v.municipality = :municipality and v.id = :id and v.status = 'asked' and c.status <> 'voting'
union all
select 'second_person_needed', null, null
from ballot_void v
where v.municipality = :municipality and v.id = :id and v.status = 'asked' and v.asked_by = :actor::uuid
union all
select 'ballot_replaced', null, null
from ballot_void v
join ballot_box b on b.municipality = v.municipality and b.budget_cycle_id = v.budget_cycle_id and b.commitment = v.commitment
join ballot_box n on n.municipality = b.municipality and n.budget_cycle_id = b.budget_cycle_id and n.replaces = b.token_hash
where v.municipality = :municipality and v.id = :id and v.status = 'asked'

-- name: confirm.apply
update ballot_void v
set status = 'confirmed', confirmed_at = :now,
    area_id = (select b.area_id from ballot_box b
               join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
               where b.municipality = v.municipality and b.budget_cycle_id = v.budget_cycle_id
                 and b.commitment = v.commitment and c.rules ->> 'area_rule' = 'home_area')
where v.municipality = :municipality and v.id = :id

-- name: confirm.apply_log
select append_evidence(v.municipality, v.budget_cycle_id, 'void ' || v.commitment)
from ballot_void v
where v.municipality = :municipality and v.id = :id
