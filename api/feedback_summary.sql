-- Summaries of feedback: what a unit or a division has heard in a time and does about it, in words for staff, residents and
-- stakeholders. Public from publication on, but for the words to staff. Domain brief 4.8.

-- name: select
select s.id, s.responsible_party_id, s.sector, s.starts_on, s.ends_on, s.status, s.title,
       case when sees.is_staff then s.text_for_staff end as text_for_staff, s.text_for_residents, s.text_for_stakeholders,
       s.actions, s.counts, s.published_at, s.source, s.external_id, s.version, s.created_at, s.updated_at, s.deleted_at
from feedback_summary s
cross join lateral (
  select (select oversees_feedback(:municipality, :actor, :now))
         or cardinality((select feedback_units(:municipality, :actor, :now))::uuid[]) > 0 as is_staff,
         (select oversees_feedback(:municipality, :actor, :now))
         or feedback_summary_units(s) && (select feedback_units(:municipality, :actor, :now))::uuid[]
         or writes_feedback_summary(s.municipality, :actor, :now, s.responsible_party_id, s.sector) as is_inside) as sees
where s.municipality = :municipality and (s.published_at is not null or sees.is_inside)

-- name: find
select id from feedback_summary
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.lock
select id from feedback_summary where municipality = :municipality and id = :id for update

-- name: part.writer
select 'not_your_unit', null, null
from feedback_summary s
where s.municipality = :municipality and s.id = :id
  and not writes_feedback_summary(s.municipality, :actor, :now, s.responsible_party_id, s.sector)

-- name: part.draft
select 'wrong_state', next_states('feedback_summary', s.status), s.status
from feedback_summary s
where s.municipality = :municipality and s.id = :id and s.status <> 'draft'

-- name: create.guard     A sector is one that units have.
select 'not_your_unit', null, null
where not writes_feedback_summary(:municipality, :actor, :now, :responsible_party_id, :sector)
union all
select 'reference_not_found', '/sector', null
where :sector::text is not null and not exists (
  select from responsible_party p where p.municipality = :municipality and p.sector = :sector and p.deleted_at is null)

-- name: create.apply
insert into feedback_summary (municipality, responsible_party_id, sector, starts_on, ends_on, title, text_for_staff,
                              text_for_residents, text_for_stakeholders, actions, source, external_id)
select :municipality, b.responsible_party_id, b.sector, b.starts_on, b.ends_on, b.title, b.text_for_staff, b.text_for_residents,
       b.text_for_stakeholders, coalesce(b.actions, '[]'), :source, :external_id
from jsonb_populate_record(null::feedback_summary, :body) b
returning id

-- name: update.lock
-- include: part.lock

-- name: update.guard     What is published stays as it is; nobody gives one to a unit that is not theirs.
-- include: part.writer
union all
-- include: part.draft
union all
select 'not_your_unit', null, null
from feedback_summary s
cross join lateral jsonb_populate_record(null::feedback_summary, merge_patch(to_jsonb(s), :body)) as b
where s.municipality = :municipality and s.id = :id
  and not writes_feedback_summary(s.municipality, :actor, :now, b.responsible_party_id, b.sector)
union all
select 'reference_not_found', '/sector', null
where :sector::text is not null and not exists (
  select from responsible_party p where p.municipality = :municipality and p.sector = :sector and p.deleted_at is null)

-- name: update.apply
update feedback_summary s
set (responsible_party_id, sector, starts_on, ends_on, title, text_for_staff, text_for_residents, text_for_stakeholders, actions) =
    (select b.responsible_party_id, b.sector, b.starts_on, b.ends_on, b.title, b.text_for_staff, b.text_for_residents,
            b.text_for_stakeholders, coalesce(b.actions, '[]')
     from jsonb_populate_record(null::feedback_summary, merge_patch(to_jsonb(s), :body)) b)
where s.municipality = :municipality and s.id = :id and s.version = :version and s.deleted_at is null
returning id

-- name: delete.lock
-- include: part.lock

-- name: delete.guard     What was published stays.
-- include: part.writer
union all
-- include: part.draft

-- name: delete.apply
update feedback_summary set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id

-- name: publish.lock     One after another: what is told depends on what was told before.
select id, pg_advisory_xact_lock(hashtextextended('feedback_summary ' || :municipality, 0))
from feedback_summary where municipality = :municipality and id = :id for update

-- name: publish.guard     Once its time is over, for all three audiences, with a plan, and with nobody's data; by who writes it, or a moderator.
select 'not_your_unit', null, null
where not may(:municipality, :actor, :now, '{moderator}') and exists (
-- include: part.writer
)
union all
-- include: part.draft
union all
select fault.code, fault.pointer, fault.parameter
from let_through_faults(:harmless, :reason, may(:municipality, :actor, :now, '{moderator}')) as fault
union all
select 'phase_open', next_states('feedback_summary', s.status), to_char(s.ends_on, 'FMDD.FMMM.YYYY')
from feedback_summary s
where s.municipality = :municipality and s.id = :id and s.ends_on >= helsinki_date(:now)
union all
select 'required', '/' || part.member, part.member
from feedback_summary s
cross join (values ('text_for_staff'), ('text_for_residents'), ('text_for_stakeholders'), ('actions')) as part (member)
where s.municipality = :municipality and s.id = :id and coalesce(to_jsonb(s) -> part.member, 'null') in ('null', '[]')
union all
select 'locale_missing', gap.pointer, gap.language
from feedback_summary s
cross join lateral text_gaps(s.municipality, jsonb_build_object(
  'title', s.title, 'text_for_residents', s.text_for_residents, 'text_for_stakeholders', s.text_for_stakeholders)) as gap
where s.municipality = :municipality and s.id = :id
union all
select 'personal_data', '/' || part.member, null
from feedback_summary s
cross join (values ('title'), ('text_for_staff'), ('text_for_residents'), ('text_for_stakeholders'), ('actions')) as part (member)
where s.municipality = :municipality and s.id = :id
  and exists (
    select from jsonb_array_elements_text(personal_data_kinds(translate(to_jsonb(s) ->> part.member, '"', ' '))) as found (kind)
    where found.kind <> 'health' and not coalesce(found.kind <> 'identity_code' and :harmless::jsonb ? found.kind, false))

-- name: publish.apply     With the numbers of this moment, for good.
update feedback_summary s
set status = 'published', published_at = :now, counts = feedback_summary_counts(s),
    party_ids = case when not divides_what_was_told(s) then feedback_summary_units(s) end
where s.municipality = :municipality and s.id = :id
