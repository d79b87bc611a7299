-- Merging and splitting: nothing that was written and nobody who wrote it is lost.

-- name: merge.lock     The cycle first: no list of the ballot is confirmed on a proposal that goes meanwhile.
select p.id
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id in (:id, :into_id)
order by p.id
for share of c for update of p

-- name: merge.guard
select 'not_your_evaluation', null, null
from proposal p where p.municipality = :municipality and p.id = :id and not evaluates_proposal(p, :actor, :now)
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p
where p.municipality = :municipality and p.id = :id and p.shown_status not in ('published', 'in_evaluation', 'feasible')
union all
select 'reference_not_found', '/into_id', null
where not exists (
  select from proposal p
  join proposal o on o.municipality = p.municipality and o.budget_cycle_id = p.budget_cycle_id
  where p.municipality = :municipality and p.id = :id and o.id = :into_id and o.id <> p.id
    and o.shown_status in ('published', 'in_evaluation', 'feasible'))
union all
select 'personal_data', '/consent', null
where holds_personal_data(:consent::text) and :municipality::text is not null

-- name: merge.apply     What had been merged into it goes along, so that authors are one step away.
update proposal set merged_into_id = :into_id where municipality = :municipality and merged_into_id = :id

-- name: merge.apply_itself
update proposal set status = 'merged', merged_into_id = :into_id, merge_consent = :consent
where municipality = :municipality and id = :id

-- name: split.lock     The parts get the cycle's next numbers.
select p.id
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id for no key update of c for update of p

-- name: split.guard     What its area cannot pay for may be split even when that was found out.
select 'not_your_proposal', null, null
from proposal p
where p.municipality = :municipality and p.id = :id and not evaluates_proposal(p, :actor, :now)
  and not coalesce(wrote_proposal(:municipality, :id, :actor_issuer, :actor_subject), false)
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p
where p.municipality = :municipality and p.id = :id
  and p.shown_status not in ('submitted', 'published', 'in_evaluation')
  and (p.shown_status <> 'not_feasible' or p.refusal_code <> 'over_area_budget')
union all
select 'ballot_confirmed', null, rfc3339(c.ballot_confirmed_at)
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.ballot_confirmed_at is not null
union all
select 'reference_not_found', '/parts/' || (listed.place - 1) || '/area_id', null
from jsonb_array_elements(:parts::jsonb) with ordinality as listed (part, place)
where coalesce(listed.part -> 'area_id', 'null') <> 'null'
  and not exists (
    select from proposal p
    join budget_share s on s.municipality = p.municipality and s.budget_cycle_id = p.budget_cycle_id
    where p.municipality = :municipality and p.id = :id and s.area_id = (listed.part ->> 'area_id')::uuid)

-- name: split.apply
with made as (
  insert into proposal (municipality, budget_cycle_id, number, area_id, title, description, categories, status, channel,
                        place, latitude, longitude, involvement, guessed_cost_cents, split_from_id)
  select p.municipality, p.budget_cycle_id,
         (select max(o.number) from proposal o where o.municipality = p.municipality and o.budget_cycle_id = p.budget_cycle_id)
           + listed.place,
         coalesce((listed.part ->> 'area_id')::uuid, p.area_id), listed.part -> 'title', listed.part -> 'description',
         p.categories, 'submitted', p.channel, p.place, p.latitude, p.longitude, p.involvement,
         (listed.part ->> 'guessed_cost_cents')::bigint, p.id
  from proposal p, jsonb_array_elements(:parts::jsonb) with ordinality as listed (part, place)
  where p.municipality = :municipality and p.id = :id
  returning 1
)
select count(*) as parts from made

-- name: split.apply_authors
select copy_authors(p.municipality, :id, p.id)
from proposal p
where p.municipality = :municipality and p.split_from_id = :id

-- name: split.apply_itself
update proposal set status = 'withdrawn' where municipality = :municipality and id = :id
