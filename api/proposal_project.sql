-- The project that follows a selected proposal, and the end of the cycle it belongs to.

-- name: part.lock
select id from proposal where municipality = :municipality and id = :id for update

-- name: plan.lock
-- include: part.lock

-- name: plan.guard
select 'wrong_state', next_states('proposal', p.status), p.status
from proposal p where p.municipality = :municipality and p.id = :id and p.status not in ('selected', 'in_progress')

-- name: plan.apply
update proposal
set responsible_party_id = :responsible_party_id, starts_on = :starts_on, ends_on = :ends_on,
    measure_line_id = :measure_line_id, spent_cents = :spent_cents
where municipality = :municipality and id = :id

-- name: start.lock
-- include: part.lock

-- name: start.guard
select 'wrong_state', next_states('proposal', p.status), p.status
from proposal p where p.municipality = :municipality and p.id = :id and p.status <> 'selected'
union all
select 'project_missing', null, p.number::text
from proposal p
where p.municipality = :municipality and p.id = :id and p.status = 'selected' and p.responsible_party_id is null

-- name: start.apply
update proposal set status = 'in_progress' where municipality = :municipality and id = :id

-- name: complete.lock
-- include: part.lock

-- name: complete.guard
select 'wrong_state', next_states('proposal', p.status), p.status
from proposal p where p.municipality = :municipality and p.id = :id and p.status <> 'in_progress'

-- name: complete.apply
update proposal set status = 'completed', spent_cents = :spent_cents where municipality = :municipality and id = :id

-- name: cancel.lock     The cycle first, as its own moves do: it is not counted meanwhile.
select p.id
from budget_cycle c join proposal p on p.municipality = c.municipality and p.budget_cycle_id = c.id
where p.municipality = :municipality and p.id = :id
for share of c for update of p

-- name: cancel.guard     What is voted on while the vote is open; after it, what it chose.
select 'wrong_state', next_states('proposal', p.status), p.status
from proposal p
join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id
  and p.status not in ('selected', 'in_progress') and not (p.shown_status = 'on_ballot' and c.status = 'voting')
union all
select 'personal_data', '/reason', null
from proposal p where p.municipality = :municipality and p.id = :id and holds_personal_data(:reason::text)

-- name: cancel.apply     What has been spent stays spent; the rest is the area's again.
update proposal set status = 'cancelled', cancelled_reason = :reason where municipality = :municipality and id = :id

-- name: cancel.apply_log     Ballots that have it stay as they are.
select append_evidence(p.municipality, p.budget_cycle_id,
                       concat_ws(' ', 'withdrawal', p.number,
                                 encode(sha256(convert_to(canonical_json(p.cancelled_reason), 'UTF8')), 'hex')))
from proposal p
join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.status = 'voting'

-- name: part.lock_cycle
select id from budget_cycle where municipality = :municipality and id = :id for update

-- name: implement.lock
-- include: part.lock_cycle

-- name: implement.guard
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'decided'
union all
select 'project_missing', '/proposals/' || p.number, p.number::text
from proposal p
where p.municipality = :municipality and p.budget_cycle_id = :id and p.status = 'selected' and p.responsible_party_id is null

-- name: implement.apply
update budget_cycle set status = 'implementation' where municipality = :municipality and id = :id

-- name: close.lock
-- include: part.lock_cycle

-- name: close.guard
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'implementation'
union all
select 'open_projects', '/proposals/' || p.number, p.status
from proposal p
where p.municipality = :municipality and p.budget_cycle_id = :id and p.status in ('selected', 'in_progress')

-- name: close.apply
update budget_cycle set status = 'closed' where municipality = :municipality and id = :id

-- name: close.apply_authors     Contact data is kept six months more.
select keep_authors_until(:municipality, :id, (helsinki_date(:now) + interval '6 months')::date)

-- name: close.apply_ballots
select forget_ballots(:municipality, :id)

-- name: forget_authors.lock
-- include: part.lock_cycle

-- name: forget_authors.guard     Once, and not before the time has gone.
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c
where c.municipality = :municipality and c.id = :id and authors_kept_until(c.municipality, c.id) is null
union all
select 'retention_running', null, authors_kept_until(c.municipality, c.id)::text
from budget_cycle c
where c.municipality = :municipality and c.id = :id and authors_kept_until(c.municipality, c.id) >= helsinki_date(:now)

-- name: forget_authors.apply
select forget_authors(:municipality, :id, helsinki_date(:now))
