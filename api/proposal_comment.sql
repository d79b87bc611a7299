-- Comments on proposals: public once a moderator has let them through, closed when voting opens.

-- name: select
select m.id, m.proposal_id, m.parent_comment_id, m.text, m.language, m.name, m.role, m.status, m.hidden_reason, m.source,
       m.external_id, m.version, m.created_at, m.updated_at
from proposal_comment m
join proposal p on p.municipality = m.municipality and p.id = m.proposal_id
where m.municipality = :municipality
  and ((m.status = 'visible' and p.hidden_at is null)
       or (m.issuer = :actor_issuer and m.subject = :actor_subject)
       or may(:municipality, :actor, :now, '{participation_coordinator,moderator,evaluator,privacy_officer,admin}'))

-- name: create.guard
select 'reference_not_found', '/proposal_id', null
where not exists (
  select from proposal p
  where p.municipality = :municipality and p.id = :proposal_id and p.published_at is not null and p.hidden_at is null)
union all
select 'phase_closed', null, rfc3339(c.voting_starts_at)
from proposal p join budget_cycle c on c.municipality = p.municipality and c.id = p.budget_cycle_id
where p.municipality = :municipality and p.id = :proposal_id and p.published_at is not null
  and c.status not in ('ideas', 'development')

-- name: create.apply
insert into proposal_comment (municipality, proposal_id, parent_comment_id, text, language, name, role, issuer, subject,
                              source, external_id)
values (:municipality, :proposal_id, :parent_comment_id, :text, :language, :name,
        case when wrote_proposal(:municipality, :proposal_id, :actor_issuer, :actor_subject) then 'author'
             when may(:municipality, :actor, :now, '{evaluator}') then 'evaluator'
             else 'other' end,
        :actor_issuer, :actor_subject, :source, :external_id)
returning id

-- name: part.lock
select id from proposal_comment where municipality = :municipality and id = :id for update

-- name: publish.lock
-- include: part.lock

-- name: publish.guard
select 'wrong_state', next_states('proposal_comment', m.status), m.status
from proposal_comment m where m.municipality = :municipality and m.id = :id and m.status = 'visible'
union all
select 'personal_data', '/' || part.member, null
from proposal_comment m
cross join lateral (values ('text', m.text), ('name', m.name)) as part (member, words)
where m.municipality = :municipality and m.id = :id and holds_personal_data(part.words)

-- name: publish.apply
update proposal_comment set status = 'visible', hidden_reason = null where municipality = :municipality and id = :id

-- name: hide.lock
-- include: part.lock

-- name: hide.guard
select 'wrong_state', next_states('proposal_comment', m.status), m.status
from proposal_comment m where m.municipality = :municipality and m.id = :id and m.status = 'hidden'

-- name: hide.apply
update proposal_comment set status = 'hidden', hidden_reason = :reason where municipality = :municipality and id = :id
