-- Batches of ballot papers: what an urn held, declared and entered by one person, confirmed by another. The papers have
-- no names; what was entered lies here until it goes into the box, and nobody can read it again. Domain brief 4.7.

-- name: select     For vote officers alone.
select b.id, b.budget_cycle_id, b.area_id, b.reference, b.declared_count, b.entered_count, b.spoiled_count, b.status,
       b.discard_reason, b.sha256, b.leaf_position, b.confirmed_at, b.version, b.created_at, b.updated_at
from paper_batch b
where b.municipality = :municipality and may(:municipality, :actor, :now, '{vote_officer}')

-- name: create.lock     Nobody counts meanwhile.
select id from budget_cycle where municipality = :municipality and id = :budget_cycle_id for share

-- name: create.guard     From the opening of the vote until the body confirms its result; once it is counted no more papers than
-- are missing.
select 'reference_not_found', '/budget_cycle_id', null
where not exists (
  select from budget_cycle c
  where c.municipality = :municipality and c.id = :budget_cycle_id and c.published_at is not null)
union all
select 'identification_not_accepted', null, null
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.published_at is not null
  and not c.rules -> 'identification' ? 'paper'
union all
select 'voting_not_open', null, null
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.published_at is not null
  and (c.status in ('ideas', 'development') or c.voting_starts_at > :now and c.status = 'voting')
union all
select 'voting_closed', null, null
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.published_at is not null
  and c.status not in ('ideas', 'development', 'voting', 'counted')
union all
select 'papers_unmarked', '/declared_count', missing.count::text
from budget_cycle c
cross join lateral papers_missing(c, :area_id::uuid) as missing (count)
where c.municipality = :municipality and c.id = :budget_cycle_id and c.status = 'counted'
  and c.rules -> 'identification' ? 'paper' and :declared_count::integer > missing.count
union all
select 'required', '/area_id', 'area_id'
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.rules ->> 'area_rule' = 'home_area'
  and :area_id::uuid is null
union all
select 'area_rule', '/area_id', c.rules ->> 'area_rule'
from budget_cycle c
where c.municipality = :municipality and c.id = :budget_cycle_id and c.rules ->> 'area_rule' <> 'home_area'
  and :area_id::uuid is not null
union all
select 'reference_not_found', '/area_id', null
where :area_id::uuid is not null and not exists (
  select from budget_share s
  join area a on a.municipality = s.municipality and a.id = s.area_id and a.kind <> 'whole'
  where s.municipality = :municipality and s.budget_cycle_id = :budget_cycle_id and s.area_id = :area_id::uuid)

-- name: create.apply
insert into paper_batch (municipality, budget_cycle_id, area_id, reference, declared_count, officers)
values (:municipality, :budget_cycle_id, :area_id, :reference, :declared_count, array[:actor::uuid])
returning id

-- name: part.lock     Nobody counts or cancels the vote meanwhile.
select b.id
from paper_batch b join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
where b.municipality = :municipality and b.id = :id
for share of c for update of b

-- name: part.open     While a batch is open its vote is neither counted nor its result confirmed, only cancelled perhaps.
select 'wrong_state', next_states('paper_batch', b.status), b.status
from paper_batch b
where b.municipality = :municipality and b.id = :id and b.status <> 'open'

-- name: part.running
select 'voting_closed', null, null
from paper_batch b
join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
where b.municipality = :municipality and b.id = :id and b.status = 'open' and c.status not in ('voting', 'counted')

-- name: enter.lock
-- include: part.lock

-- name: enter.guard
-- include: part.open
union all
-- include: part.running

-- name: enter.apply
update paper_batch
set entered_count = entered_count + jsonb_array_length(:ballots::jsonb),
    spoiled_count = spoiled_count + coalesce(:spoiled_count::integer, 0),
    officers = case when :actor::uuid = any (officers) then officers else officers || :actor::uuid end
where municipality = :municipality and id = :id

-- name: keep
insert into paper_ballot (municipality, paper_batch_id, area_id, proposals, points, ballot)
select :municipality, :id, r.area_id, r.proposals::integer[], r.points::integer[], r.ballot
from jsonb_to_recordset(:rows::jsonb) as r (area_id uuid, proposals text, points text, ballot text)

-- name: confirm.lock     One batch at a time, so that two late ones are not the same missing papers.
select b.id
from paper_batch b join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
where b.municipality = :municipality and b.id = :id
for update of c, b

-- name: confirm.guard     By somebody else than who declared or entered it, and every paper accounted for. Of a late batch the
-- results before and after tell what it held, so it is not of a few.
-- include: part.open
union all
-- include: part.running
union all
select 'second_person_needed', null, null
from paper_batch b
where b.municipality = :municipality and b.id = :id and b.status = 'open' and :actor::uuid = any (b.officers)
union all
select 'papers_miscounted', null, b.entered_count + b.spoiled_count || ' / ' || b.declared_count
from paper_batch b
where b.municipality = :municipality and b.id = :id and b.status = 'open'
  and b.entered_count + b.spoiled_count <> b.declared_count
union all
select 'papers_unmarked', null, missing.count::text
from paper_batch b
join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
cross join lateral papers_missing(c, b.area_id) as missing (count)
where b.municipality = :municipality and b.id = :id and b.status = 'open' and c.status = 'counted'
  and b.entered_count + b.spoiled_count > missing.count
union all
select 'papers_too_few', null, c.rules ->> 'smallest_group'
from paper_batch b
join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
where b.municipality = :municipality and b.id = :id and b.status = 'open' and c.status = 'counted'
  and b.entered_count < (c.rules ->> 'smallest_group')::integer

-- name: confirm.apply     What goes into the box and the log follows, within the same transaction.
update paper_batch set status = 'confirmed', confirmed_at = :now
where municipality = :municipality and id = :id

-- name: cycle
select b.budget_cycle_id, b.area_id from paper_batch b where b.municipality = :municipality and b.id = :id

-- name: box
select box_paper_batch(:municipality, :id, :salt) is null as is_done

-- name: discard.lock
-- include: part.lock

-- name: discard.guard
-- include: part.open

-- name: discard.apply
update paper_batch set status = 'discarded', discard_reason = :reason
where municipality = :municipality and id = :id

-- name: discard.apply_ballots
select drop_paper_ballots(:municipality, :id)

-- name: opening     None once the voters are forgotten, nor of so few ballots that it would show what single people chose: whoever
-- has the salt finds those of a small batch in the published file.
select b.budget_cycle_id, b.sha256, b.leaf_position, l.line
from paper_batch b
join evidence_leaf l on l.municipality = b.municipality and l.budget_cycle_id = b.budget_cycle_id
                     and l.position = b.leaf_position
join budget_secret s on s.municipality = b.municipality and s.budget_cycle_id = b.budget_cycle_id
join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
where b.municipality = :municipality and b.id = :id and b.entered_count >= (c.rules ->> 'smallest_group')::integer
