-- Proposals of a participatory budget: sent, moderated, withdrawn. Public once published. What officials find out
-- is proposal_evaluation.sql, what follows from the vote proposal_project.sql.

-- name: select
select p.id, p.budget_cycle_id, p.number, p.area_id, p.title, p.description, p.categories, p.shown_status as status, p.channel,
       p.place, p.latitude, p.longitude, proposal_authors(p.municipality, p.id) as authors, p.involvement, p.target_group_involved,
       p.sector, coalesce(p.evaluator_id = :actor, false) as is_mine,
       case when (select may(:municipality, :actor, :now, '{participation_coordinator,moderator,evaluator,admin}')) then
         (select json_build_object('issuer', e.issuer, 'subject', e.subject) from person e where e.id = p.evaluator_id)
       end as evaluator,
       p.guessed_cost_cents, p.cost_cents, 'EUR' as currency, p.completion_request, p.refusal_code, p.evaluation,
       p.evaluation_link, p.exclusive_group, p.evaluated_at, p.hidden_reason, p.deviation_reason, p.merged_into_id,
       (select coalesce(json_agg(m.id order by m.number), '[]') from proposal m
        where m.municipality = p.municipality and m.merged_into_id = p.id and m.hidden_at is null) as merged_ids,
       p.merge_consent, p.split_from_id,
       (select count(*) from proposal_support v where v.municipality = p.municipality and v.proposal_id = p.id) as supports,
       p.responsible_party_id, p.starts_on, p.ends_on, p.measure_line_id, p.spent_cents,
       p.cancelled_reason, p.published_at, p.source, p.external_id, p.version, p.created_at, p.updated_at
from proposal p
where p.municipality = :municipality
  and proposal_shown(p, :actor, :actor_issuer, :actor_subject, :now)

-- name: find
select id from proposal
where municipality = :municipality and source = :source and external_id = :external_id

-- name: create.lock     Numbers run without gaps, so proposals of a cycle are made one after the other.
select id from budget_cycle where municipality = :municipality and id = :budget_cycle_id for no key update

-- name: part.phase     By the clock, whether or not anybody has moved the cycle on.
select 'phase_closed', null, rfc3339(c.ideas_end_at)
from wanted w join budget_cycle c on c.municipality = :municipality and c.id = w.budget_cycle_id
where c.published_at is not null and (c.status <> 'ideas' or c.ideas_end_at <= :now)
union all
select 'not_yet_begun', null, rfc3339(c.ideas_start_at)
from wanted w join budget_cycle c on c.municipality = :municipality and c.id = w.budget_cycle_id
where c.status = 'ideas' and c.ideas_start_at > :now

-- name: create.guard     Who may send an idea is the cycle's rule; staff enter ideas of people they have met.
with wanted as (
  select b.budget_cycle_id, b.area_id, coalesce(b.channel, 'online') as channel
  from jsonb_populate_record(null::proposal, :body) b
), sender as (
  select c.rules, c.rules ->> 'ideas_from' as ideas_from, (c.rules ->> 'idea_age')::integer as least_age,
         age_reached(:actor_birth_date, helsinki_date(:now), c.rules ->> 'age_basis') as age,
         coalesce(:actor_residence = :municipality, false) as is_resident
  from wanted w join budget_cycle c on c.municipality = :municipality and c.id = w.budget_cycle_id
  where w.channel = 'online' and c.published_at is not null
)
select 'reference_not_found', '/budget_cycle_id', null
from wanted w
where not exists (
  select from budget_cycle c
  where c.municipality = :municipality and c.id = w.budget_cycle_id and c.published_at is not null)
union all
select 'reference_not_found', '/area_id', null
from wanted w
where not exists (
  select from budget_share s
  where s.municipality = :municipality and s.budget_cycle_id = w.budget_cycle_id and s.area_id = w.area_id)
union all
-- include: part.phase
union all
select 'unauthenticated', null, null
from wanted w left join sender s on true
where :actor_subject::text is null
  and (s.ideas_from <> 'anyone' or s.least_age is not null or :body::jsonb -> 'is_draft' = 'true')
union all
select 'not_resident', null, null
from sender s where :actor_subject::text is not null and s.ideas_from = 'residents' and not s.is_resident
union all
select 'not_member', null, null
from sender s
where :actor_subject::text is not null and s.ideas_from = 'members' and not s.is_resident
  and coalesce(:body::jsonb #> '{authors,0,membership}', 'null') = 'null'
union all
select 'claim_missing', null, 'birth_date'
from sender s where :actor_subject::text is not null and s.least_age is not null and s.age is null
union all
select 'under_age', null, s.least_age::text
from sender s where :actor_subject::text is not null and s.age < s.least_age
union all
select 'insufficient_scope', null, 'participation_coordinator, moderator, evaluator, handler'
from wanted w
where w.channel = 'staff'
  and not may(:municipality, :actor, :now, '{participation_coordinator,moderator,evaluator,handler}')

-- name: create.apply     Whoever sends it signed in is its first author; what an anonymous sender gets to read back
-- is what this transaction has made. A child under 13 cannot agree to names being shown (Data Protection Act 1050/2018 § 5).
with made as (
  insert into proposal (municipality, budget_cycle_id, number, area_id, title, description, categories, status, channel,
                        place, latitude, longitude, involvement, guessed_cost_cents, source, external_id)
  select :municipality, b.budget_cycle_id,
         (select coalesce(max(p.number), 0) + 1 from proposal p
          where p.municipality = :municipality and p.budget_cycle_id = b.budget_cycle_id),
         b.area_id, b.title, b.description, coalesce(b.categories, '[]'),
         case when :body::jsonb -> 'is_draft' = 'true' then 'draft' else 'submitted' end, coalesce(b.channel, 'online'),
         b.place, b.latitude, b.longitude, b.involvement, b.guessed_cost_cents, :source, :external_id
  from jsonb_populate_record(null::proposal, :body) b
  returning id, channel
), named as (
  insert into proposal_author (municipality, proposal_id, position, kind, membership, name, is_name_shown, email, phone,
                               issuer, subject)
  select :municipality, made.id, listed.place, a.kind, a.membership, a.name,
         coalesce(a.is_name_shown, false) and not coalesce(age_reached(:actor_birth_date, helsinki_date(:now), 'on_day') < 13, false),
         a.email, a.phone, case when is_sender then :actor_issuer end, case when is_sender then :actor_subject end
  from made,
       jsonb_array_elements(coalesce(:body::jsonb -> 'authors', '[]')) with ordinality as listed (author, place),
       jsonb_populate_record(null::proposal_author, listed.author) as a,
       lateral (select listed.place = 1 and made.channel = 'online' as is_sender) as who
)
select made.id, set_config('app.made', made.id::text, true) from made

-- name: part.lock
select id from proposal where municipality = :municipality and id = :id for update

-- name: part.lock_with_cycle     The cycle first: no list of the ballot is confirmed on a proposal that goes meanwhile.
select p.id
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id
for share of c for update of p

-- name: part.yours     Its authors, and the coordinator for those who are not signed in.
select 'not_your_proposal', null, null
where not coalesce(wrote_proposal(:municipality, :id, :actor_issuer, :actor_subject), false)
  and not may(:municipality, :actor, :now, '{participation_coordinator}')

-- name: update.lock
-- include: part.lock

-- name: update.guard     An author edits until it is published, and again when officials ask for more.
-- include: part.yours
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p
where p.municipality = :municipality and p.id = :id
  and p.shown_status not in ('draft', 'submitted')
  and (p.shown_status <> 'published'
       or (p.completion_request is null and not may(:municipality, :actor, :now, '{participation_coordinator}')))
union all
select 'rule_broken', '/budget_cycle_id', 'proposal_cycle_fixed'
from proposal p
where p.municipality = :municipality and p.id = :id
  and coalesce((:body::jsonb ->> 'budget_cycle_id')::uuid, p.budget_cycle_id) <> p.budget_cycle_id
union all
select 'personal_data', '/' || part.member, null
from proposal p
cross join lateral jsonb_each_text(merge_patch(to_jsonb(p), :body)) as part (member, words)
where p.municipality = :municipality and p.id = :id and p.shown_status = 'published'
  and part.member in ('title', 'description', 'categories', 'place', 'involvement') and holds_personal_data(part.words)

-- name: update.apply
update proposal m
set (area_id, title, description, categories, place, latitude, longitude, involvement, guessed_cost_cents) =
    (select b.area_id, b.title, b.description, coalesce(b.categories, '[]'), b.place, b.latitude, b.longitude,
            b.involvement, b.guessed_cost_cents
     from jsonb_populate_record(null::proposal, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: submit.lock
-- include: part.lock

-- name: submit.guard
with wanted as (
  select p.budget_cycle_id, p.status from proposal p where p.municipality = :municipality and p.id = :id
)
-- include: part.yours
union all
select 'wrong_state', next_states('proposal', w.status), w.status from wanted w where w.status <> 'draft'
union all
-- include: part.phase

-- name: submit.apply
update proposal set status = 'submitted' where municipality = :municipality and id = :id

-- name: publish.lock
-- include: part.lock_with_cycle

-- name: publish.guard     Nothing joins a list of the ballot that is confirmed, or a vote that is open.
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p where p.municipality = :municipality and p.id = :id and p.shown_status not in ('submitted', 'hidden')
union all
select 'ballot_confirmed', null, rfc3339(c.ballot_confirmed_at)
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id and c.ballot_confirmed_at is not null
  and (p.status in ('submitted', 'published', 'in_evaluation', 'feasible') or (p.status = 'on_ballot' and c.status = 'voting'))
union all
select 'personal_data', '/' || part.member, null
from proposal p
cross join lateral jsonb_each_text(to_jsonb(p)) as part (member, words)
where p.municipality = :municipality and p.id = :id
  and part.member in ('title', 'description', 'categories', 'place', 'involvement') and holds_personal_data(part.words)
union all
select 'personal_data', '/authors/' || (listed.place - 1) || '/name', null
from json_array_elements(proposal_authors(:municipality, :id)) with ordinality as listed (author, place)
where holds_personal_data(listed.author ->> 'name')

-- name: publish.apply     What was hidden is again where it was.
update proposal
set status = case when status = 'submitted' then 'published' else status end,
    published_at = coalesce(published_at, :now), hidden_at = null, hidden_reason = null
where municipality = :municipality and id = :id

-- name: hide.lock
-- include: part.lock_with_cycle

-- name: hide.guard     Whatever its state; what is voted on is cancelled instead.
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :id
  and (p.hidden_at is not null
       or (p.published_at is null and p.status <> 'submitted')
       or (p.status = 'on_ballot' and c.status = 'voting'))

-- name: hide.apply
update proposal set hidden_at = :now, hidden_reason = :reason where municipality = :municipality and id = :id

-- name: withdraw.lock
-- include: part.lock_with_cycle

-- name: withdraw.guard     Until the list of the ballot is confirmed.
-- include: part.yours
union all
select 'wrong_state', next_states('proposal', p.shown_status), p.shown_status
from proposal p
where p.municipality = :municipality and p.id = :id
  and not exists (select from state_move s where s.resource = 'proposal' and s.from_status = p.shown_status and s.to_status = 'withdrawn')

-- name: withdraw.apply
update proposal set status = 'withdrawn' where municipality = :municipality and id = :id

-- name: authors     Who wrote it and how to reach them.
-- restricted: contact data
select a.id, a.proposal_id, a.position, a.kind, a.membership, a.name, a.is_name_shown, a.email, a.phone,
       a.retain_until, a.version, a.created_at, a.updated_at
from proposal_author a
where a.municipality = :municipality

-- name: messages     What the authors were told.
select m.id, m.proposal_id, p.number, m.kind, t.text, m.reason, m.version, m.created_at, m.updated_at
from proposal_message m
join proposal p on p.municipality = m.municipality and p.id = m.proposal_id
join proposal_message_text t on t.kind = m.kind
where m.municipality = :municipality
  and (wrote_proposal(m.municipality, m.proposal_id, :actor_issuer, :actor_subject)
       or may(:municipality, :actor, :now, '{participation_coordinator,moderator,evaluator,privacy_officer,admin}'))
