-- Topics of feedback (aiheet): a tree over all that residents give feedback on, public, with the questions that are
-- asked, the unit that answers, and signposts to those whose matter it is.

-- name: part.topics
select t.id, t.parent_topic_id, t.code, t.name, t.description, t.tags, t.position, t.responsible_party_id,
       (select coalesce(json_agg(json_build_object('area_id', r.area_id, 'responsible_party_id', r.responsible_party_id)
                                 order by r.area_id), '[]')
        from feedback_route r
        where r.municipality = t.municipality and r.topic_id = t.id) as routes,
       t.target_working_days, t.publishes_by_default, t.is_listed_at_once, t.questions, t.signpost, t.is_official_matter, t.is_accessibility,
       t.source, t.external_id, t.version, t.created_at, t.updated_at, t.deleted_at
from feedback_topic t
where t.municipality = :municipality

-- name: select
-- include: part.topics

-- name: select_tagged
-- include: part.topics
  and (:tag::text is null or t.tags ? :tag)

-- name: find
select id from feedback_topic
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.texts     Every text a sender reads is there in every language of the municipality.
select 'locale_missing', part.pointer, missing.language
from wanted w
join municipality m on m.code = :municipality
cross join lateral (
  select '/name', w.topic -> 'name'
  union all
  select '/description', w.topic -> 'description' where jsonb_typeof(w.topic -> 'description') = 'object'
  union all
  select '/signpost/name', w.topic #> '{signpost,name}' where jsonb_typeof(w.topic -> 'signpost') = 'object'
  union all
  select '/questions/' || q.place - 1 || '/description', q.question -> 'description'
  from jsonb_array_elements(coalesce(w.topic -> 'questions', '[]')) with ordinality as q (question, place)
  union all
  select '/questions/' || q.place - 1 || '/values/' || v.place - 1 || '/name', v.choice -> 'name'
  from jsonb_array_elements(coalesce(w.topic -> 'questions', '[]')) with ordinality as q (question, place),
       jsonb_array_elements(coalesce(q.question -> 'values', '[]')) with ordinality as v (choice, place)
) as part (pointer, words)
cross join lateral missing_languages(part.words, m.languages) as missing (language)
union all
select fault.code, fault.pointer, fault.parameter
from wanted w cross join lateral feedback_question_faults(w.topic -> 'questions') as fault

-- name: part.routes     One unit an area.
select 'rule_broken', '/routes/' || r.place - 1 || '/area_id', 'route_area_unique'
from jsonb_array_elements(coalesce(:routes::jsonb, '[]')) with ordinality as r (route, place)
where exists (
  select from jsonb_array_elements(:routes::jsonb) with ordinality as o (route, place)
  where o.route -> 'area_id' = r.route -> 'area_id' and o.place < r.place)
union all
select 'reference_not_found', '/routes/' || r.place - 1 || '/area_id', null
from jsonb_array_elements(coalesce(:routes::jsonb, '[]')) with ordinality as r (route, place)
where not exists (
  select from area a
  where a.municipality = :municipality and a.id = (r.route ->> 'area_id')::uuid and a.deleted_at is null)
union all
select 'reference_not_found', '/routes/' || r.place - 1 || '/responsible_party_id', null
from jsonb_array_elements(coalesce(:routes::jsonb, '[]')) with ordinality as r (route, place)
where not exists (
  select from responsible_party p
  where p.municipality = :municipality and p.id = (r.route ->> 'responsible_party_id')::uuid and p.deleted_at is null)

-- name: create.guard
with wanted as (select :body::jsonb as topic)
-- include: part.texts
union all
-- include: part.routes

-- name: create.apply
with made as (
  insert into feedback_topic (municipality, parent_topic_id, code, name, description, tags, position, responsible_party_id,
                              target_working_days, publishes_by_default, is_listed_at_once, questions, signpost, is_official_matter,
                              is_accessibility, source, external_id)
  select :municipality, b.parent_topic_id, b.code, b.name, b.description, coalesce(b.tags, '[]'), coalesce(b.position, 0),
         b.responsible_party_id, coalesce(b.target_working_days, 5), coalesce(b.publishes_by_default, false), coalesce(b.is_listed_at_once, false),
         coalesce(b.questions, '[]'), b.signpost, coalesce(b.is_official_matter, false), coalesce(b.is_accessibility, false),
         :source, :external_id
  from jsonb_populate_record(null::feedback_topic, :body) b
  returning id
), routed as (
  insert into feedback_route (municipality, topic_id, area_id, responsible_party_id)
  select :municipality, made.id, r.area_id, r.responsible_party_id
  from made, jsonb_to_recordset(coalesce(:routes::jsonb, '[]')) as r (area_id uuid, responsible_party_id uuid)
)
select id from made

-- name: update.guard
with wanted as (
  select merge_patch(to_jsonb(t), :body) as topic from feedback_topic t where t.municipality = :municipality and t.id = :id
)
-- include: part.texts
union all
-- include: part.routes

-- name: update.apply
update feedback_topic m
set (parent_topic_id, code, name, description, tags, position, responsible_party_id, target_working_days,
     publishes_by_default, is_listed_at_once, questions, signpost, is_official_matter, is_accessibility) =
    (select b.parent_topic_id, b.code, b.name, b.description, coalesce(b.tags, '[]'), coalesce(b.position, 0),
            b.responsible_party_id, coalesce(b.target_working_days, 5), coalesce(b.publishes_by_default, false), coalesce(b.is_listed_at_once, false),
            coalesce(b.questions, '[]'), b.signpost, coalesce(b.is_official_matter, false), coalesce(b.is_accessibility, false)
     from jsonb_populate_record(null::feedback_topic, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: update.apply_routes_out
delete from feedback_route
where municipality = :municipality and topic_id = :id and :body::jsonb ? 'routes'

-- name: update.apply_routes_in
insert into feedback_route (municipality, topic_id, area_id, responsible_party_id)
select :municipality, :id, r.area_id, r.responsible_party_id
from jsonb_to_recordset(coalesce(:routes::jsonb, '[]')) as r (area_id uuid, responsible_party_id uuid)

-- name: delete.guard     What was sent under it stays under it.
select 'in_use', null, null
where exists (select from feedback_topic where municipality = :municipality and parent_topic_id = :id and deleted_at is null)

-- name: delete.apply
update feedback_topic set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
