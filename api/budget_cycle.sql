-- Cycles of participatory budgeting (asukasbudjetti) and what opens, changes and ends them. Public from the
-- opening of ideas on. The moves of the vote itself are budget_voting.sql.

-- name: select
select c.id, c.name, c.start_year, c.end_year, c.theme, c.status, c.appropriation_cents, 'EUR' as currency,
       (select coalesce(json_agg(json_build_object('area_id', s.area_id, 'area_name', a.name,
                                                   'appropriation_cents', s.appropriation_cents,
                                                   'eligible', s.eligible,
                                                   'remaining_cents', budget_remaining(c, s)) order by a.kind = 'whole', a.code, a.id), '[]')
        from budget_share s join area a on a.municipality = s.municipality and a.id = s.area_id
        where s.municipality = c.municipality and s.budget_cycle_id = c.id) as shares,
       c.rules, c.criteria, c.confirming_body_id, c.decision_id, c.confirming_decision_id, c.ideas_start_at,
       c.ideas_end_at, c.voting_starts_at, c.voting_ends_at, c.published_at, c.cancelled_reason,
       c.voters_forgotten_at, c.source, c.external_id, c.version, c.created_at, c.updated_at
from budget_cycle c
where c.municipality = :municipality
  and (c.published_at is not null
       or may(:municipality, :actor, :now, 
              '{participation_coordinator,programme_coordinator,vote_officer,evaluator,body_secretary,admin}'))

-- name: find
select id from budget_cycle
where municipality = :municipality and source = :source and external_id = :external_id

-- name: create.guard
-- shared: asks the rules alone
select fault.code, fault.pointer, fault.rule from budget_rules_faults(budget_rules_default() || coalesce(:rules::jsonb, '{}')) as fault

-- name: create.apply
with made as (
  insert into budget_cycle (municipality, name, start_year, end_year, theme, appropriation_cents, rules, criteria,
                            confirming_body_id, decision_id, ideas_start_at, ideas_end_at, voting_starts_at,
                            voting_ends_at, source, external_id)
  select :municipality, b.name, b.start_year, b.end_year, b.theme, b.appropriation_cents,
         budget_rules_default() || coalesce(b.rules, '{}'), coalesce(b.criteria, '[]'), b.confirming_body_id,
         b.decision_id, b.ideas_start_at, b.ideas_end_at, b.voting_starts_at, b.voting_ends_at, :source, :external_id
  from jsonb_populate_record(null::budget_cycle, :body) b
  returning id
), shared as (
  insert into budget_share (municipality, budget_cycle_id, area_id, appropriation_cents, eligible)
  select :municipality, made.id, s.area_id, s.appropriation_cents, s.eligible
  from made, jsonb_to_recordset(coalesce(:shares::jsonb, '[]')) as s (area_id uuid, appropriation_cents bigint, eligible integer)
)
select id from made

-- name: update.lock
select id from budget_cycle where municipality = :municipality and id = :id for update

-- name: update.guard     Running, a cycle keeps its rules; its phases may be lengthened and not shortened.
with change as (
  select c.status, to_jsonb(c) as stored, merge_patch(to_jsonb(c), :body) as wanted,
         (select coalesce(jsonb_agg(to_jsonb(s) - 'municipality' - 'budget_cycle_id' order by s.area_id), '[]')
          from budget_share s where s.municipality = c.municipality and s.budget_cycle_id = c.id) as shares
  from budget_cycle c
  where c.municipality = :municipality and c.id = :id
)
select fault.code, fault.pointer, fault.rule
from change, budget_rules_faults(budget_rules_default() || (change.wanted -> 'rules')) as fault
union all
select 'rules_frozen', '/' || part.member, change.status
from change,
     unnest('{appropriation_cents,rules,criteria,confirming_body_id,decision_id,start_year,end_year,theme}'::text[]) as part (member)
where change.status <> 'planned' and change.wanted -> part.member is distinct from change.stored -> part.member
union all
select 'rules_frozen', '/shares', change.status
from change
where change.status <> 'planned' and jsonb_typeof(:shares::jsonb) = 'array'
  and change.shares is distinct from (
    select coalesce(jsonb_agg(jsonb_build_object('area_id', s.area_id, 'appropriation_cents', s.appropriation_cents,
                                                 'eligible', s.eligible) order by s.area_id), '[]')
    from jsonb_to_recordset(:shares::jsonb) as s (area_id uuid, appropriation_cents bigint, eligible integer))
union all
select 'phase_shortened', '/' || part.member, change.stored ->> part.member
from change
cross join lateral (values ('ideas_start_at', '{ideas,development,voting}'), ('voting_starts_at', '{voting}'),
                           ('ideas_end_at', null), ('voting_ends_at', null)) as part (member, fixed_in)
cross join lateral (select (change.stored ->> part.member)::timestamptz as stored,
                           (change.wanted ->> part.member)::timestamptz as wanted) as times
where change.status in ('ideas', 'development', 'voting')
  and (times.wanted is null
       or times.wanted <> times.stored and change.status = any (part.fixed_in::text[])
       or times.wanted < times.stored and part.fixed_in is null)
union all  -- a vote that begins later ends later by as much
select 'phase_shortened', '/voting_ends_at', change.stored ->> 'voting_ends_at'
from change
cross join lateral jsonb_populate_record(null::budget_cycle, change.stored) as stored
cross join lateral jsonb_populate_record(null::budget_cycle, change.wanted) as wanted
where change.status in ('ideas', 'development') and wanted.voting_ends_at >= stored.voting_ends_at
  and wanted.voting_ends_at - wanted.voting_starts_at < stored.voting_ends_at - stored.voting_starts_at
union all
select 'phase_closed', '/' || part.member, change.stored ->> part.member
from change
cross join lateral (values ('ideas_end_at', 'development'), ('ideas_end_at', 'voting'), ('voting_ends_at', 'voting')) as part (member, state)
where change.status = part.state
  and (change.wanted ->> part.member)::timestamptz > (change.stored ->> part.member)::timestamptz
  and (change.stored ->> part.member)::timestamptz <= :now
union all
select 'wrong_state', null, change.status from change
where change.status in ('counted', 'decided', 'implementation', 'closed', 'cancelled')

-- name: update.apply
update budget_cycle m
set (name, start_year, end_year, theme, appropriation_cents, rules, criteria, confirming_body_id, decision_id,
     ideas_start_at, ideas_end_at, voting_starts_at, voting_ends_at) =
    (select b.name, b.start_year, b.end_year, b.theme, b.appropriation_cents,
            budget_rules_default() || coalesce(b.rules, '{}'), coalesce(b.criteria, '[]'), b.confirming_body_id,
            b.decision_id, b.ideas_start_at, b.ideas_end_at, b.voting_starts_at, b.voting_ends_at
     from jsonb_populate_record(null::budget_cycle, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: update.apply_shares_out
delete from budget_share
where municipality = :municipality and budget_cycle_id = :id and jsonb_typeof(:shares::jsonb) = 'array'

-- name: update.apply_shares_in
insert into budget_share (municipality, budget_cycle_id, area_id, appropriation_cents, eligible)
select :municipality, :id, s.area_id, s.appropriation_cents, s.eligible
from jsonb_to_recordset(case when jsonb_typeof(:shares::jsonb) = 'array' then :shares::jsonb else '[]' end)
  as s (area_id uuid, appropriation_cents bigint, eligible integer)

-- name: open_ideas.lock
-- include: update.lock

-- name: open_ideas.guard
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'planned'
union all
select 'decision_missing', null, 'decision_id'
from budget_cycle c
left join decision d on d.municipality = c.municipality and d.id = c.decision_id
where c.municipality = :municipality and c.id = :id
  and (d.id is null or coalesce(d.outcome, '') not in ('approved', 'approved_amended') or d.body_id is distinct from c.confirming_body_id)
union all
select 'decision_used', '/decision_id', other.name ->> 'fi'
from budget_cycle c
join budget_cycle other on other.municipality = c.municipality and other.decision_id = c.decision_id and other.id <> c.id
where c.municipality = :municipality and c.id = :id and other.published_at is not null
union all
select 'shares_mismatch', '/shares', (c.appropriation_cents - coalesce(total.cents, 0))::text
from budget_cycle c
cross join lateral (
  select sum(s.appropriation_cents) as cents from budget_share s
  where s.municipality = c.municipality and s.budget_cycle_id = c.id) as total
where c.municipality = :municipality and c.id = :id and total.cents is distinct from c.appropriation_cents
union all
select 'required', '/criteria', 'criteria'
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.criteria = '[]'
union all
select 'calendar_missing', '/' || part.member, null
from budget_cycle c
cross join lateral jsonb_each(to_jsonb(c)) as part (member, value)
where c.municipality = :municipality and c.id = :id and part.value = 'null'
  and part.member in ('ideas_start_at', 'ideas_end_at', 'voting_starts_at', 'voting_ends_at')
union all
select 'phase_too_short', '/' || part.member, c.rules ->> 'phase_days_least'
from budget_cycle c
cross join lateral (values
  ('ideas_end_at', c.ideas_start_at, c.ideas_end_at), ('voting_ends_at', c.voting_starts_at, c.voting_ends_at))
  as part (member, first_at, last_at)
where c.municipality = :municipality and c.id = :id
  and helsinki_date(part.last_at) - helsinki_date(part.first_at) + 1 < (c.rules ->> 'phase_days_least')::integer
union all
select 'phase_closed', '/ideas_end_at', rfc3339(c.ideas_end_at)
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.ideas_end_at <= :now
union all
select 'locale_missing', part.pointer, missing.language
from budget_cycle c
cross join lateral (
  select '/name', c.name
  union all select '/theme', c.theme where c.theme is not null
  union all select '/criteria/' || (place - 1), words from jsonb_array_elements(c.criteria) with ordinality as listed (words, place)
) as part (pointer, words)
cross join lateral missing_languages(part.words, required_languages(c.municipality, 'budget_cycle', c.confirming_body_id)) as missing (language)
where c.municipality = :municipality and c.id = :id

-- name: open_ideas.apply
update budget_cycle set status = 'ideas', published_at = :now
where municipality = :municipality and id = :id

-- name: develop.lock
-- include: update.lock

-- name: develop.guard
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'ideas'
union all
select 'phase_open', null, rfc3339(c.ideas_end_at)
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status = 'ideas' and c.ideas_end_at > :now

-- name: develop.apply
update budget_cycle set status = 'development'
where municipality = :municipality and id = :id

-- name: cancel.lock
-- include: update.lock

-- name: cancel.guard
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c
where c.municipality = :municipality and c.id = :id
  and not exists (select from state_move s where s.resource = 'budget_cycle' and s.from_status = c.status and s.to_status = 'cancelled')
union all
select fault.*
from budget_cycle c cross join lateral cycle_decision_faults(c, :decision_id) as fault
where c.municipality = :municipality and c.id = :id
union all
select 'personal_data', '/reason', null where holds_personal_data(:reason::text) and :municipality::text is not null

-- name: cancel.apply_wait     Whoever is writing into the box is let finish.
select pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), :municipality::text, :id::text), 3)) is not null as is_ours,
       set_config('statement_timeout', '10min', true) is not null as may_last

-- name: cancel.apply
update budget_cycle set status = 'cancelled', cancelled_reason = :reason
where municipality = :municipality and id = :id

-- name: cancel.apply_box     What was cast is counted no more, so nobody keeps it.
with closed as (
  select v.municipality, v.budget_cycle_id, close_ballot_box(v.municipality, v.budget_cycle_id) is not null as is_done
  from budget_vote v
  where v.municipality = :municipality and v.budget_cycle_id = :id
)
select append_evidence(closed.municipality, closed.budget_cycle_id, 'cancellation ' || :decision_id) from closed where closed.is_done

-- name: cancel.apply_codes
with asked as (
  delete from desk_request where municipality = :municipality and budget_cycle_id = :id
)
delete from voting_code where municipality = :municipality and budget_cycle_id = :id

-- name: cancel.apply_authors     Contact data is kept six months more.
select keep_authors_until(:municipality, :id, (helsinki_date(:now) + interval '6 months')::date)
