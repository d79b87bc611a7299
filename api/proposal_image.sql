-- Pictures of proposals. Seen with the proposal, by the public only with an alternative text.

-- name: part.shown
from proposal_image i
join proposal p on p.municipality = i.municipality and p.id = i.proposal_id
where i.municipality = :municipality and proposal_shown(p, :actor, :actor_issuer, :actor_subject, :now)
  and (i.alternative_text is not null
       or (:actor_subject::text is not null and wrote_proposal(i.municipality, p.id, :actor_issuer, :actor_subject))
       or may(:municipality, :actor, :now, '{participation_coordinator,moderator,evaluator,privacy_officer,admin}'))

-- name: select
select i.id, i.proposal_id, i.alternative_text, i.alternative_text is not null as has_alternative_text, i.width, i.height,
       i.version, i.created_at, i.updated_at, i.deleted_at
-- include: part.shown

-- name: part.bytes
(select b.image_id, b.full_bytes, b.small_bytes from proposal_image_bytes b where b.municipality = :municipality) as b

-- name: full
select shown.id, b.full_bytes as bytes
from (
  select i.id
-- include: part.shown
) as shown
join
-- include: part.bytes
  on b.image_id = shown.id

-- name: small
select shown.id, b.small_bytes as bytes
from (
  select i.id
-- include: part.shown
) as shown
join
-- include: part.bytes
  on b.image_id = shown.id

-- name: create.lock
select id from proposal where municipality = :municipality and id = :id for update

-- name: create.guard     By whoever may change the proposal, while it may be changed.
with wanted as (
  select p.id, p.status, p.completion_request,
         may(:municipality, :actor, :now, '{participation_coordinator}') as is_coordinator,
         coalesce(wrote_proposal(:municipality, p.id, :actor_issuer, :actor_subject), false) as is_author
  from proposal p
  where p.municipality = :municipality and p.id = :id and proposal_shown(p, :actor, :actor_issuer, :actor_subject, :now)
)
select 'not_found', null, null where not exists (select from wanted)
union all
select 'not_your_proposal', null, null from wanted w where not w.is_author and not w.is_coordinator
union all
select 'wrong_state', next_states('proposal', w.status), w.status
from wanted w
where w.status not in ('draft', 'submitted')
  and (w.status <> 'published' or (w.completion_request is null and not w.is_coordinator))
union all
select 'images_most', null, '5'
from wanted w
where (select count(*) from proposal_image i
       where i.municipality = :municipality and i.proposal_id = w.id and i.deleted_at is null) >= 5

-- name: create.apply
with made as (
  insert into proposal_image (municipality, proposal_id, width, height)
  values (:municipality, :id, :width::integer, :height::integer)
  returning id
)
insert into proposal_image_bytes (municipality, image_id, full_bytes, small_bytes)
select :municipality, made.id, :full_picture::bytea, :small_picture::bytea from made
returning image_id as id

-- name: part.changing     Officials describe and remove at any time; an author while the proposal may be changed.
select p.id, p.status, p.completion_request,
       may(:municipality, :actor, :now, '{participation_coordinator,moderator}') as is_official,
       coalesce(wrote_proposal(:municipality, p.id, :actor_issuer, :actor_subject), false) as is_author
from proposal p join proposal_image i on i.municipality = p.municipality and i.proposal_id = p.id
where i.municipality = :municipality and i.id = :id

-- name: part.refusals
-- shared: of the proposal that part.changing has found
select 'not_your_proposal', null, null from wanted w where not w.is_author and not w.is_official
union all
select 'wrong_state', next_states('proposal', w.status), w.status
from wanted w
where not w.is_official and w.status not in ('draft', 'submitted')
  and (w.status <> 'published' or w.completion_request is null)

-- name: update.guard
with wanted as (
-- include: part.changing
)
-- include: part.refusals
union all
select 'personal_data', '/alternative_text', null where holds_personal_data(:alternative_text)

-- name: update.apply
update proposal_image m
set alternative_text = (select b.alternative_text from jsonb_populate_record(null::proposal_image, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
with wanted as (
-- include: part.changing
)
-- include: part.refusals

-- name: delete.apply
update proposal_image set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id

-- name: delete.apply_bytes
delete from proposal_image_bytes where municipality = :municipality and image_id = :id
