-- What officials find out about a proposal: assigned, taken up, returned, evaluated, estimated anew. The estimate is what is
-- voted on and counted, so it stands still once voting is open.

-- name: part.lock     The cycle first: no vote is opened on an estimate that changes meanwhile.
select p.id
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id
for share of c for update of p

-- name: part.yours
select 'not_your_evaluation', null, null
from proposal p where p.municipality = :municipality and p.id = :id and not evaluates_proposal(p, :actor, :now)

-- name: part.open     Until the list of the ballot is confirmed.
select 'ballot_confirmed', null, rfc3339(c.ballot_confirmed_at)
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.ballot_confirmed_at is not null

-- name: part.said     What is said of it is public.
select 'personal_data', '/reason', null
where holds_personal_data(:reason::text) and :municipality::text is not null

-- name: part.unfrozen
select 'cost_frozen', null, c.status
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.status not in ('ideas', 'development')

-- name: part.cost     An idea costs as much as the cycle asks for, and no more than its area has.
select 'below_min_cost', '/cost_cents', c.rules ->> 'min_cost_cents'
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and :cost_cents::bigint < (c.rules ->> 'min_cost_cents')::bigint
union all
select 'over_area_budget', '/cost_cents', least((c.rules ->> 'max_cost_cents')::bigint, s.appropriation_cents)::text
from proposal p
join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
join budget_share s on s.municipality = p.municipality and s.budget_cycle_id = c.id and s.area_id = p.area_id
where p.municipality = :municipality and p.id = :id
  and :cost_cents::bigint > least((c.rules ->> 'max_cost_cents')::bigint, s.appropriation_cents)

-- name: assign.lock
-- include: part.lock

-- name: assign.guard     To somebody who may evaluate what is of that sector.
-- include: part.open
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p
where p.municipality = :municipality and p.id = :id
  and p.shown_status not in ('submitted', 'published', 'in_evaluation', 'feasible', 'not_feasible')
union all
select 'reference_not_found', '/evaluator', null
where :evaluator::jsonb is not null
  and not exists (
    select from person e
    where e.issuer = :evaluator::jsonb ->> 'issuer' and e.subject = :evaluator::jsonb ->> 'subject'
      and may(:municipality, e.id, :now, '{evaluator}', sector => :sector))

-- name: assign.apply
update proposal
set sector = :sector,
    evaluator_id = (select e.id from person e
                    where e.issuer = :evaluator::jsonb ->> 'issuer' and e.subject = :evaluator::jsonb ->> 'subject')
where municipality = :municipality and id = :id

-- name: take_up.lock
-- include: part.lock

-- name: take_up.guard
-- include: part.yours
union all
-- include: part.open
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p
where p.municipality = :municipality and p.id = :id and p.shown_status not in ('published', 'feasible', 'not_feasible')
union all
select 'supports_too_few', null, c.rules ->> 'supports_least'
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.rules -> 'gathers_supports' = 'true'
  and (c.rules ->> 'supports_least')::integer
      > (select count(*) from proposal_support v where v.municipality = p.municipality and v.proposal_id = p.id)

-- name: take_up.apply
update proposal set status = 'in_evaluation', completion_request = null where municipality = :municipality and id = :id

-- name: return.lock
-- include: part.lock

-- name: return.guard
-- include: part.yours
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p where p.municipality = :municipality and p.id = :id and p.shown_status <> 'in_evaluation'
union all
select 'personal_data', '/question', null
where holds_personal_data(:question::text) and :municipality::text is not null

-- name: return.apply
update proposal set status = 'published', completion_request = :question where municipality = :municipality and id = :id

-- name: evaluate.lock
-- include: part.lock

-- name: evaluate.guard
-- include: part.yours
union all
-- include: part.unfrozen
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p where p.municipality = :municipality and p.id = :id and p.shown_status <> 'in_evaluation'
union all
select checked.*
from (
  -- include: part.cost
) as checked (code, pointer, parameter)
where :result::text = 'feasible'
union all
select 'required', '/' || need.member, need.member
from (values ('cost_cents', :result::text = 'feasible' and :cost_cents::bigint is null),
             ('refusal_code', :result::text = 'not_feasible' and :refusal_code::text is null),
             ('link', :result::text = 'not_feasible' and :refusal_code::text = 'already_planned' and :link::text is null))
  as need (member, is_missing)
where need.is_missing and :municipality::text is not null
union all
select 'target_group_not_involved', '/target_group_involved', c.rules -> 'target_group' ->> 'fi'
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and :result::text = 'feasible'
  and c.rules -> 'target_group_must_be_involved' = 'true' and :target_group_involved::boolean is not true
union all
select 'locale_missing', gap.pointer, gap.language
from text_gaps(:municipality, jsonb_build_object('reason', :reason::jsonb)) as gap
union all
-- include: part.said

-- name: evaluate.apply
update proposal
set status = :result, cost_cents = :cost_cents, evaluation = :reason, evaluation_link = :link,
    exclusive_group = :exclusive_group,
    refusal_code = case when :result = 'not_feasible' then :refusal_code end,
    target_group_involved = :target_group_involved, evaluated_at = :now
where municipality = :municipality and id = :id

-- name: estimate.lock
-- include: part.lock

-- name: estimate.guard
-- include: part.yours
union all
-- include: part.unfrozen
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p
join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and p.shown_status not in ('feasible', 'on_ballot')
  and c.status in ('ideas', 'development')
union all
-- include: part.cost
union all
-- include: part.said

-- name: estimate.apply
update proposal set cost_cents = :cost_cents, evaluation = :reason, evaluated_at = :now
where municipality = :municipality and id = :id
