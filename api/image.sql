-- Pictures of proposals and of feedback. Seen with what they belong to; by the public only with an alternative text,
-- those of feedback once somebody who has looked for persons on them has let them.

-- name: part.columns
-- shared: each statement that begins so says which rows
i.alternative_text, i.alternative_text is not null as has_alternative_text, i.width, i.height, i.version, i.created_at,
i.updated_at, i.deleted_at

-- name: part.full
select b.image_id as id, b.full_bytes as bytes from (select * from image_bytes b where b.municipality = :municipality) as b

-- name: part.small
select b.image_id as id, b.small_bytes as bytes from (select * from image_bytes b where b.municipality = :municipality) as b

-- name: part.remove
update image set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id

-- name: part.remove_bytes
delete from image_bytes where municipality = :municipality and image_id = :id

-- name: part.keep_bytes
insert into image_bytes (municipality, image_id, full_bytes, small_bytes)
select :municipality, made.id, :full_picture::bytea, :small_picture::bytea from made
returning image_id as id

-- name: part.proposal_shown
from image i
join proposal p on p.municipality = i.municipality and p.id = i.proposal_id
where i.municipality = :municipality and proposal_shown(p, :actor, :actor_issuer, :actor_subject, :now)
  and (i.alternative_text is not null
       or (:actor_subject::text is not null and wrote_proposal(i.municipality, p.id, :actor_issuer, :actor_subject))
       or may(:municipality, :actor, :now, '{participation_coordinator,moderator,evaluator,privacy_officer,admin}'))

-- name: proposal_select
select i.id, i.proposal_id,
-- include: part.columns
-- include: part.proposal_shown

-- name: proposal_full
-- include: part.full
where b.image_id in (
  select i.id
-- include: part.proposal_shown
)

-- name: proposal_small
-- include: part.small
where b.image_id in (
  select i.id
-- include: part.proposal_shown
)

-- name: proposal_create.lock
select id from proposal where municipality = :municipality and id = :id for update

-- name: proposal_create.guard     By whoever may change the proposal, while it may be changed.
with wanted as (
  select p.id, p.shown_status as status, p.completion_request,
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
where (select count(*) from image i
       where i.municipality = :municipality and i.proposal_id = w.id and i.deleted_at is null) >= 5

-- name: proposal_create.apply
with made as (
  insert into image (municipality, proposal_id, width, height)
  values (:municipality, :id, :width::integer, :height::integer)
  returning id
)
-- include: part.keep_bytes

-- name: part.changing     Officials describe and remove at any time; an author while the proposal may be changed.
select p.id, p.shown_status as status, p.completion_request,
       may(:municipality, :actor, :now, '{participation_coordinator,moderator}') as is_official,
       coalesce(wrote_proposal(:municipality, p.id, :actor_issuer, :actor_subject), false) as is_author
from proposal p join image i on i.municipality = p.municipality and i.proposal_id = p.id
where i.municipality = :municipality and i.id = :id

-- name: part.refusals
-- shared: of the proposal that part.changing has found
select 'not_your_proposal', null, null from wanted w where not w.is_author and not w.is_official
union all
select 'wrong_state', next_states('proposal', w.status), w.status
from wanted w
where not w.is_official and w.status not in ('draft', 'submitted')
  and (w.status <> 'published' or w.completion_request is null)

-- name: proposal_update.guard
with wanted as (
-- include: part.changing
)
-- include: part.refusals
union all
select 'personal_data', '/alternative_text', null where holds_personal_data(:alternative_text)

-- name: proposal_update.apply
update image m
set alternative_text = (
  select b.alternative_text from jsonb_populate_record(null::image, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: proposal_delete.guard
with wanted as (
-- include: part.changing
)
-- include: part.refusals

-- name: proposal_delete.apply
-- include: part.remove

-- name: proposal_delete.apply_bytes
-- include: part.remove_bytes

-- name: part.feedback_shown     Who asks is looked up once, not for every row.
from image i
join feedback f on f.municipality = i.municipality and f.id = i.feedback_id
where i.municipality = :municipality
  and ((f.publication = 'published' and i.alternative_text is not null and i.is_publishable)
       or feedback_inside(f, (select oversees_feedback(:municipality, :actor, :now)), (select feedback_units(:municipality, :actor, :now))::uuid[])
       or exists (
         select from feedback_link l
         where l.municipality = f.municipality and l.feedback_id = f.id
           and l.token_hash = sha256(convert_to(:tracking_token, 'UTF8'))))

-- name: feedback_select
select i.id, i.feedback_id, i.is_publishable, i.shows_persons,
-- include: part.columns
-- include: part.feedback_shown

-- name: feedback_full
-- include: part.full
where b.image_id in (
  select i.id
-- include: part.feedback_shown
)

-- name: feedback_small
-- include: part.small
where b.image_id in (
  select i.id
-- include: part.feedback_shown
)

-- name: feedback_create.lock
select id from feedback where municipality = :municipality and id = :id for update

-- name: feedback_create.guard     By its sender and by whoever works on it, while it is worked on.
with wanted as (
  select f.id, f.status,
         feedback_seen(f, null, :tracking_token, :now) or feedback_worked_by(f, :actor, :now) as is_own
  from feedback f
  where f.municipality = :municipality and f.id = :id
    and (f.publication = 'published' or feedback_seen(f, :actor, :tracking_token, :now))
)
select 'not_found', null, null where not exists (select from wanted)
union all
select 'not_your_unit', null, null from wanted w where not w.is_own
union all
select 'wrong_state', next_states('feedback', w.status), w.status
from wanted w
where w.status not in ('received', 'in_moderation', 'assigned', 'in_progress', 'answered', 'reopened')
union all
select 'images_most', null, '5'
from wanted w
where (select count(*) from image i
       where i.municipality = :municipality and i.feedback_id = w.id and i.deleted_at is null) >= 5

-- name: feedback_create.apply
with made as (
  insert into image (municipality, feedback_id, width, height, shows_persons)
  values (:municipality, :id, :width::integer, :height::integer, :shows_persons::boolean)
  returning id
)
-- include: part.keep_bytes

-- name: part.held     Of a picture that shows persons the item is for a moderator to look at; what a unit works on, or has
-- added to, stays with the unit.
-- shared: what follows says which item
update feedback f
set findings = case when f.findings ? 'persons' then f.findings else f.findings || '["persons"]' end,
    status = case when f.status in ('received', 'assigned') and not feedback_worked_by(f, :actor, :now) then 'in_moderation'
                  else f.status end

-- name: feedback_create.apply_persons
-- include: part.held
where f.municipality = :municipality and f.id = (select i.feedback_id from image i where i.municipality = :municipality and i.id = :id)
  and :shows_persons::boolean is true

-- name: part.officials
select i.feedback_id, i.alternative_text, i.shows_persons, may(:municipality, :actor, :now, '{moderator}') as is_moderator,
       may(:municipality, :actor, :now, '{moderator}') or feedback_worked_by(f, :actor, :now) as is_official,
       feedback_seen(f, null, :tracking_token, :now) as is_sender
from feedback f join image i on i.municipality = f.municipality and i.feedback_id = f.id
where i.municipality = :municipality and i.id = :id

-- name: part.not_official
-- shared: of the item that part.officials has found
select 'not_your_unit', null, null from wanted w where not w.is_official and not w.is_sender

-- name: feedback_update.guard     A sender says what it shows, and persons too; that it may be seen is for those who work on it to
-- say, and where it shows persons for a moderator.
with wanted as (
-- include: part.officials
)
-- include: part.not_official
union all
select 'insufficient_scope', null, 'participation_coordinator, moderator, handler'
from wanted w where w.is_sender and not w.is_official and :is_publishable::boolean is true
union all
select 'insufficient_scope', null, 'moderator'
from wanted w
where not w.is_moderator
  and (w.shows_persons and :body::jsonb ? 'shows_persons' and :shows_persons::boolean is not true
       or w.is_official and :is_publishable::boolean is true and coalesce(:shows_persons::boolean, w.shows_persons, false))
union all
select 'personal_data', '/alternative_text', null
from wanted w
cross join lateral (select all_texts(case when :body::jsonb ? 'alternative_text' then :body::jsonb -> 'alternative_text'
                                          else w.alternative_text end) as words) as said
where (:body::jsonb ? 'alternative_text' or :is_publishable::boolean is true)
  and (exists (select from jsonb_array_elements_text(finding_kinds(said.words)) as found (kind)
               where not (w.is_official and found.kind in ('health', 'insult', 'threat') or w.is_moderator and found.kind <> 'identity_code'))
       -- whom others are is for officials alone to learn
       or names_sender(:municipality, case when w.is_official then feedback_case(:municipality, w.feedback_id) else array[w.feedback_id] end,
                       said.words, w.is_moderator))

-- name: feedback_update.apply     What its sender writes is looked at anew before anybody else reads it.
update image m
set (alternative_text, is_publishable, shows_persons) = (
  select b.alternative_text, b.is_publishable and w.is_official, b.shows_persons
  from jsonb_populate_record(null::image, merge_patch(to_jsonb(m), :body)) b cross join (
-- include: part.officials
  ) as w)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: feedback_update.apply_persons
-- include: part.held
where f.municipality = :municipality and f.id = (select i.feedback_id from image i where i.municipality = :municipality and i.id = :id)
  and :shows_persons::boolean is true

-- name: feedback_delete.guard
with wanted as (
-- include: part.officials
)
-- include: part.not_official

-- name: feedback_delete.apply
-- include: part.remove

-- name: feedback_delete.apply_bytes
-- include: part.remove_bytes
