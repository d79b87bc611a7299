-- The moves of a vote: its list confirmed, opened, counted, its result corrected and confirmed, its voters forgotten. Casting is
-- ballot.sql, what was counted budget_result.sql.

-- name: part.lock
select id from budget_cycle where municipality = :municipality and id = :id for update

-- name: part.areas     Something to vote on in each: feasible until the list is confirmed, on it from then on.
select 'area_without_proposals', '/shares', a.name ->> 'fi'
from budget_share s
join budget_cycle c on c.municipality = s.municipality and c.id = s.budget_cycle_id
join area a on a.municipality = s.municipality and a.id = s.area_id
where s.municipality = :municipality and s.budget_cycle_id = :id and c.status = 'development'
  and not exists (
    select from proposal p
    where p.municipality = s.municipality and p.budget_cycle_id = s.budget_cycle_id and p.area_id = s.area_id
      and p.shown_status = case when c.ballot_confirmed_at is null then 'feasible' else 'on_ballot' end and p.deleted_at is null)

-- name: confirm_ballot.lock
-- include: part.lock

-- name: confirm_ballot.guard     By a body's or office holder's decision; the list then stands.
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'development'
union all
select 'ballot_confirmed', null, rfc3339(c.ballot_confirmed_at)
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.ballot_confirmed_at is not null
union all
select 'decision_missing', null, 'decision_id'
where not exists (
  select from decision d
  where d.municipality = :municipality and d.id = :decision_id and d.outcome in ('approved', 'approved_amended'))
union all
select 'decision_used', '/decision_id', c.name ->> 'fi'
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.decision_id = :decision_id
union all
select 'evaluation_missing', '/proposals/' || p.number, p.status
from proposal p
where p.municipality = :municipality and p.budget_cycle_id = :id and p.deleted_at is null
  and p.shown_status in ('submitted', 'published', 'in_evaluation')
union all
-- include: part.areas

-- name: confirm_ballot.apply
update budget_cycle set ballot_decision_id = :decision_id, ballot_confirmed_at = :now
where municipality = :municipality and id = :id

-- name: confirm_ballot.apply_proposals
update proposal set status = 'on_ballot'
where municipality = :municipality and budget_cycle_id = :id and shown_status = 'feasible' and deleted_at is null

-- name: open_voting.lock
-- include: part.lock

-- name: open_voting.guard
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'development'
union all
select 'ballot_unconfirmed', null, null
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.ballot_confirmed_at is null
union all
select 'phase_closed', null, rfc3339(c.voting_ends_at)
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.voting_ends_at <= :now
union all
select 'phase_too_short', '/voting_ends_at', c.rules ->> 'phase_days_least'
from budget_cycle c
where c.municipality = :municipality and c.id = :id and c.status = 'development' and c.voting_ends_at > :now
  and helsinki_date(c.voting_ends_at) - helsinki_date(greatest(c.voting_starts_at, :now)) + 1 < (c.rules ->> 'phase_days_least')::integer
union all
select 'vote_key_missing', null, null where :seal_id::text is null
union all
-- include: part.areas

-- name: open_voting.apply
update budget_cycle set status = 'voting'
where municipality = :municipality and id = :id

-- name: open_voting.apply_secret
insert into budget_secret (municipality, budget_cycle_id) values (:municipality, :id)

-- name: open_voting.apply_frozen     The lot is drawn here: its seed orders proposals by a hash anybody can repeat.
with lot as (
  select encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex') as seed
), drawn as (
  select p.id, p.number, p.area_id, p.title, p.cost_cents, p.categories, p.exclusive_group,
         encode(sha256(convert_to(lot.seed || ' ' || p.number, 'UTF8')), 'hex') as place
  from lot, proposal p
  where p.municipality = :municipality and p.budget_cycle_id = :id and p.shown_status = 'on_ballot' and p.deleted_at is null
), frozen as (
  select canonical_json(jsonb_build_object(
    'budget_cycle_id', c.id, 'municipality', c.municipality, 'name', c.name, 'rules', c.rules, 'decision_id', c.decision_id,
    'ballot_decision_id', c.ballot_decision_id, 'appropriation_cents', c.appropriation_cents,
    'voting_year', extract(year from helsinki_date(c.voting_starts_at))::integer, 'opened_at', rfc3339(:now),
    'lot_seed', lot.seed, 'officers', :officers::jsonb,
    'lot', (select jsonb_agg(d.number order by d.place) from drawn d),
    'areas', (select jsonb_agg(jsonb_build_object(
                'area_id', s.area_id, 'kind', a.kind, 'code', a.code, 'name', a.name,
                'appropriation_cents', s.appropriation_cents, 'eligible', s.eligible) order by s.area_id)
              from budget_share s join area a on a.municipality = s.municipality and a.id = s.area_id
              where s.municipality = c.municipality and s.budget_cycle_id = c.id),
    'projects', (select jsonb_agg(jsonb_build_object(
                   'proposal_id', d.id, 'number', d.number, 'area_id', d.area_id, 'title', d.title,
                   'cost_cents', d.cost_cents, 'categories', d.categories,
                   'exclusive_group', d.exclusive_group) order by d.number)
                 from drawn d))) as text
  from lot, budget_cycle c
  where c.municipality = :municipality and c.id = :id
)
insert into budget_vote (municipality, budget_cycle_id, frozen, frozen_sha256, seal_id, origin, officers)
select :municipality, :id, f.text, encode(sha256(convert_to(f.text, 'UTF8')), 'hex'), :seal_id,
       :log_origin || '/v1/' || :municipality || '/budget-cycles/' || :id, :officers
from frozen f

-- name: open_voting.apply_log
select begin_evidence(:municipality, :id, 'freeze ' || v.frozen_sha256), open_ballot_box(:municipality, :id)
from budget_vote v
where v.municipality = :municipality and v.budget_cycle_id = :id

-- name: count.lock
-- include: part.lock

-- name: count.guard     The box closes by its time; nobody closes it earlier, and nobody counts before.
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'voting'
union all
select 'phase_open', null, rfc3339(c.voting_ends_at)
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status = 'voting' and c.voting_ends_at > :now
union all
select 'paper_batch_open', null, b.reference
from paper_batch b
join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
where b.municipality = :municipality and b.budget_cycle_id = :id and b.status = 'open' and c.status = 'voting'

-- name: count.apply_wait     Whoever is writing into the box is let finish; a hundred thousand ballots take longer than a request may.
select pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), :municipality::text, :id::text), 3)) is not null as is_ours,
       set_config('statement_timeout', '10min', true) is not null as may_last,
       set_config('idle_in_transaction_session_timeout', '10min', true) is not null as may_think

-- name: count.apply
update budget_cycle set status = 'counted'
where municipality = :municipality and id = :id

-- name: count.apply_box
with closed as (
  select close_ballot_box(:municipality, :id) as ballots
)
select append_evidence(:municipality, :id, 'closing ' || closed.ballots) from closed

-- name: count.apply_codes     Nobody votes with them any more.
with asked as (
  delete from desk_request where municipality = :municipality and budget_cycle_id = :id
)
delete from voting_code where municipality = :municipality and budget_cycle_id = :id

-- name: correct.lock
-- include: part.lock

-- name: correct.guard     Until the body has confirmed the result.
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'counted'
union all
select 'locale_missing', gap.pointer, gap.language
from text_gaps(:municipality, jsonb_build_object('reason', :reason::jsonb)) as gap
union all
select 'personal_data', '/reason', null where holds_personal_data(:reason::text)
union all
select 'reference_not_found', '/area_ids/' || (listed.place - 1), null
from jsonb_array_elements_text(:area_ids::jsonb) with ordinality as listed (id, place)
where not exists (
  select from budget_share s
  where s.municipality = :municipality and s.budget_cycle_id = :id and s.area_id = listed.id::uuid)

-- name: correct.apply     The count itself follows, within the same transaction.
select pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), :municipality::text, :id::text), 3)) is not null as is_ours,
       set_config('idle_in_transaction_session_timeout', '10min', true) is not null as may_think

-- name: confirm.lock
-- include: part.lock

-- name: confirm.guard     The vote advises, the body decides; what it decides otherwise it explains. No paper is left over, and
-- none found late and not counted.
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'counted'
union all
select 'paper_batch_open', null, b.reference
from paper_batch b
join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id
where b.municipality = :municipality and b.budget_cycle_id = :id and b.status = 'open' and c.status = 'counted'
union all
select 'result_outdated', null, a.name ->> 'fi'
from budget_cycle c
cross join lateral vote_areas(c) as counted
join area a on a.municipality = c.municipality and a.id = counted.area_id
where c.municipality = :municipality and c.id = :id and c.status = 'counted' and counted.ballots <> counted.file_rows
union all
select fault.*
from budget_cycle c cross join lateral cycle_decision_faults(c, :decision_id) as fault
where c.municipality = :municipality and c.id = :id
union all
select 'choice_unknown', '/deviations/' || (deviation.place - 1) || '/proposal_id', deviation.row ->> 'proposal_id'
from jsonb_array_elements(coalesce(:deviations::jsonb, '[]')) with ordinality as deviation (row, place)
where not exists (
  select from proposal p
  where p.municipality = :municipality and p.budget_cycle_id = :id and p.status = 'on_ballot'
    and p.id = (deviation.row ->> 'proposal_id')::uuid)
union all
select 'choice_repeated', '/deviations/' || (deviation.place - 1) || '/proposal_id', deviation.row ->> 'proposal_id'
from (select row, place, row_number() over (partition by lower(row ->> 'proposal_id') order by place) as nth
      from jsonb_array_elements(coalesce(:deviations::jsonb, '[]')) with ordinality as listed (row, place)) as deviation
where deviation.nth > 1
union all
select 'reason_required', '/deviations/' || (deviation.place - 1) || '/reason', null
from jsonb_array_elements(coalesce(:deviations::jsonb, '[]')) with ordinality as deviation (row, place)
where coalesce(deviation.row -> 'reason', 'null') = 'null'
union all
select 'locale_missing', gap.pointer, gap.language
from jsonb_array_elements(coalesce(:deviations::jsonb, '[]')) with ordinality as deviation (row, place)
cross join lateral text_gaps(:municipality, jsonb_build_object('deviations/' || (deviation.place - 1) || '/reason', deviation.row -> 'reason')) as gap
union all
select 'personal_data', '/deviations/' || (deviation.place - 1) || '/reason', null
from jsonb_array_elements(coalesce(:deviations::jsonb, '[]')) with ordinality as deviation (row, place)
where holds_personal_data(deviation.row ->> 'reason') and :municipality::text is not null

-- name: confirm.apply
update budget_cycle set status = 'decided', confirming_decision_id = :decision_id
where municipality = :municipality and id = :id

-- name: confirm.apply_proposals     What won by number, but for what the body decided otherwise.
with won as (
  select s.area_id, winner.number
  from budget_share s
  cross join lateral (
    select r.result from budget_result r
    where r.municipality = s.municipality and r.budget_cycle_id = s.budget_cycle_id and r.area_id = s.area_id
    order by r.revision desc limit 1) as newest
  cross join lateral json_array_elements_text(newest.result -> 'winners') as winner (number)
  where s.municipality = :municipality and s.budget_cycle_id = :id
), deviating as (
  select (row ->> 'proposal_id')::uuid as id, (row ->> 'is_selected')::boolean as is_selected, row -> 'reason' as reason
  from jsonb_array_elements(coalesce(:deviations::jsonb, '[]')) as deviation (row)
)
update proposal p
set status = case when coalesce((select d.is_selected from deviating d where d.id = p.id),
                                exists (select from won where won.number = p.number::text))
                  then 'selected' else 'not_selected' end,
    deviation_reason = (select d.reason from deviating d where d.id = p.id)
where p.municipality = :municipality and p.budget_cycle_id = :id and p.status = 'on_ballot'

-- name: confirm.apply_log
select append_evidence(:municipality, :id, 'confirmation ' || :decision_id)

-- name: forget_voters.lock
-- include: part.lock

-- name: forget_voters.guard     Once, and not before every appeal has ended.
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c
where c.municipality = :municipality and c.id = :id
  and (c.voters_forgotten_at is not null or voters_forgotten_from(c) is null)
union all
select 'retention_running', null, voters_forgotten_from(c)::text
from budget_cycle c
where c.municipality = :municipality and c.id = :id and c.voters_forgotten_at is null
  and helsinki_date(:now) < voters_forgotten_from(c)

-- name: forget_voters.apply
update budget_cycle set voters_forgotten_at = :now
where municipality = :municipality and id = :id

-- name: forget_voters.apply_secret     Without it no mark and no code can be traced to anybody, by whatever key.
delete from budget_secret where municipality = :municipality and budget_cycle_id = :id

-- name: forget_voters.apply_register
delete from voter_register where municipality = :municipality and budget_cycle_id = :id

-- name: forget_voters.apply_codes
with asked as (
  delete from desk_request where municipality = :municipality and budget_cycle_id = :id
)
delete from voting_code where municipality = :municipality and budget_cycle_id = :id
