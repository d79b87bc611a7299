-- Seats in bodies (toimielimen jäsenyydet): public, but for a name that is not; what was stays readable.

-- name: part.columns
select m.id, m.body_id,
       case when m.is_name_public
              or may(:municipality, :actor, :now, '{admin,body_secretary,participation_coordinator,privacy_officer}',
                     body_id => m.body_id)
            then m.member_name end as member_name,
       m.is_name_public, m.role, m.represented_group, m.starts_on, m.ends_on,
       array_position('{chair,vice_chair,member,deputy,secretary}'::text[], m.role)::text as sort_role,
       m.source, m.external_id, m.version, m.created_at, m.updated_at, m.deleted_at
from body_membership m
where m.municipality = :municipality

-- name: select
-- include: part.columns

-- name: select_on
-- include: part.columns
  and (:all_times::boolean is true
       or coalesce(:on::date, helsinki_date(:now)) between m.starts_on and coalesce(m.ends_on, 'infinity'))

-- name: find
select id from body_membership
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin,body_secretary}', body_id => :body_id)
union all
select 'locale_missing', gap.pointer, gap.language
from text_gaps(:municipality, jsonb_build_object('represented_group', :represented_group::jsonb)) as gap
union all
select 'personal_data', '/member_name', null
where holds_personal_data(:member_name) and :municipality::text is not null

-- name: create.apply     The young are not shown by name unless somebody says so.
insert into body_membership (municipality, body_id, member_name, is_name_public, role, represented_group, starts_on,
                             ends_on, source, external_id)
select :municipality, b.body_id, b.member_name,
       coalesce(b.is_name_public, not exists (
         select from body o where o.municipality = :municipality and o.id = b.body_id and o.kind = 'youth_council')),
       coalesce(b.role, 'member'), b.represented_group, coalesce(b.starts_on, helsinki_date(:now)), b.ends_on,
       :source, :external_id
from jsonb_populate_record(null::body_membership, :body) b
returning id

-- name: part.yours
select 'not_your_body', null, null
from body_membership m
where m.municipality = :municipality and m.id = :id
  and not may(:municipality, :actor, :now, '{admin,body_secretary}', body_id => m.body_id)

-- name: update.guard
-- include: part.yours
union all
select 'locale_missing', gap.pointer, gap.language
from body_membership m
cross join lateral text_gaps(m.municipality, jsonb_build_object(
  'represented_group', merge_patch(to_jsonb(m), :body) -> 'represented_group')) as gap
where m.municipality = :municipality and m.id = :id
union all
select 'personal_data', '/member_name', null
where holds_personal_data(:member_name) and :municipality::text is not null

-- name: update.apply
update body_membership m
set (member_name, is_name_public, role, represented_group, starts_on, ends_on) =
    (select b.member_name, coalesce(b.is_name_public, m.is_name_public), coalesce(b.role, 'member'), b.represented_group,
            coalesce(b.starts_on, m.starts_on), b.ends_on
     from jsonb_populate_record(null::body_membership, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours

-- name: delete.apply
update body_membership set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
