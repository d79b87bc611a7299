-- Publication of feedback: a state of its own, the unit's decision beside the sender's permission. What is published is
-- the words let through, with the answer; what was sent stays apart.

-- name: findings     What was found and where, for who decides about it.
select f.id,
       (select coalesce(json_agg(json_build_object('member', part.name, 'kind', p.kind, 'start', p.start, 'length', p.length, 'words', p.found)
                                 order by part.place, p.start, p.kind), '[]')
        from (values (1, 'title', f.title), (2, 'text', f.text), (3, 'nickname', f.nickname), (4, 'service', f.service),
                     (5, 'address', f.address), (6, 'answers', f.answers::text), (7, 'reply', f.reply),
                     (8, 'service_object_type', r.service_object_type), (9, 'service_object_id', r.service_object_id)) as part (place, name, words)
        cross join lateral finding_places(part.words) as p) as places
from feedback f
left join open311_request r on r.municipality = f.municipality and r.feedback_id = f.id
where f.municipality = :municipality and f.id = :id
  and feedback_inside(f, oversees_feedback(:municipality, :actor, :now), feedback_units(:municipality, :actor, :now))

-- name: part.lock
select id from feedback where municipality = :municipality and id = :id for update

-- name: refuse.lock
-- include: part.lock

-- name: refuse.guard
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status <> 'in_moderation'
union all
select 'personal_data', '/text', null
where personal_data_kinds(:text) ? 'identity_code'

-- name: refuse.apply
update feedback set status = 'rejected', closed_at = :now where municipality = :municipality and id = :id

-- name: refuse.apply_told     Its sender reads why.
insert into feedback_message (municipality, feedback_id, kind, text)
values (:municipality, :id, 'interim', :text)

-- name: part.decides     Whoever only sees it decides nothing.
select 'not_your_unit', null, null
from feedback f
where f.municipality = :municipality and f.id = :id
  and not (may(:municipality, :actor, :now, '{moderator}') or feedback_worked_by(f, :actor, :now))

-- name: part.permitted
select 'no_permission', '/permits_publication', null
from feedback f
where f.municipality = :municipality and f.id = :id and not f.permits_publication
union all
select 'moderation_pending', '/status', f.status
from feedback f
where f.municipality = :municipality and f.id = :id and f.status = 'in_moderation'

-- name: part.worded     What was forgotten before it was public has no words left.
select 'wrong_state', next_states('feedback_publication', f.publication), f.publication
from feedback f
where f.municipality = :municipality and f.id = :id and coalesce(f.published_text, f.text) is null

-- name: redact.lock
-- include: part.lock

-- name: redact.guard     What is published does not change under its readers.
-- include: part.decides
union all
select 'wrong_state', next_states('feedback_publication', f.publication), f.publication
from feedback f
where f.municipality = :municipality and f.id = :id and f.publication = 'published'
union all
-- include: part.worded
union all
select 'personal_data', part.pointer, null
from (values ('/published_title', :published_title::text), ('/published_text', :published_text::text)) as part (pointer, words)
where personal_data_kinds(part.words) ? 'identity_code' and :municipality::text is not null

-- name: redact.apply     Words of which one part has been edited are edited: publishing them does not bring the other's original back.
update feedback f
set published_title = case when :body::jsonb ? 'published_title' then :published_title else f.published_title end,
    published_text = coalesce(:published_text, f.published_text, case when :body::jsonb ? 'published_title' then f.text end),
    withheld = coalesce(:withheld::jsonb, f.withheld)
where f.municipality = :municipality and f.id = :id

-- name: propose.lock
-- include: part.lock

-- name: propose.guard
-- include: part.decides
union all
select 'wrong_state', next_states('feedback_publication', f.publication), f.publication
from feedback f
where f.municipality = :municipality and f.id = :id and f.publication not in ('not_public', 'withdrawn')
union all
-- include: part.worded
union all
-- include: part.permitted

-- name: propose.apply
update feedback set publication = 'proposed' where municipality = :municipality and id = :id

-- name: publish.lock
-- include: part.lock

-- name: publish.guard     With its answer; what was held or has findings by a moderator.
-- include: part.decides
union all
select fault.code, fault.pointer, fault.parameter
from let_through_faults(:harmless, :reason, may(:municipality, :actor, :now, '{moderator}')) as fault
union all
select 'wrong_state', next_states('feedback_publication', f.publication), f.publication
from feedback f
where f.municipality = :municipality and f.id = :id and f.publication = 'published'
union all
-- include: part.worded
union all
-- include: part.permitted
union all
select 'reply_missing', '/reply', null
from feedback f
where f.municipality = :municipality and f.id = :id and f.reply is null
union all
select 'insufficient_scope', '/findings', 'moderator'
from feedback f
where f.municipality = :municipality and f.id = :id and f.findings <> '[]' and not may(:municipality, :actor, :now, '{moderator}')
union all
select 'personal_data', fault.pointer, null
from feedback f
cross join lateral jsonb_populate_record(f, case when f.published_text is null
                                                 then jsonb_build_object('published_title', f.title, 'published_text', f.text)
                                                 else '{}' end) as shown
cross join lateral (
  select pointer from publication_faults(shown, may(:municipality, :actor, :now, '{moderator}'), :harmless)
  union
  select pointer from publication_names(shown, may(:municipality, :actor, :now, '{moderator}'))) as fault
where f.municipality = :municipality and f.id = :id

-- name: publish.apply     What nobody has edited goes as it came.
update feedback f
set publication = 'published', published_at = :now,
    published_title = case when f.published_text is null then f.title else f.published_title end,
    published_text = coalesce(f.published_text, f.text)
where f.municipality = :municipality and f.id = :id

-- name: unpublish.lock
-- include: part.lock

-- name: unpublish.guard
-- include: part.decides
union all
select 'wrong_state', next_states('feedback_publication', f.publication), f.publication
from feedback f
where f.municipality = :municipality and f.id = :id and f.publication not in ('proposed', 'published')
union all
select 'personal_data', '/reason', null
where personal_data_kinds(:reason) ? 'identity_code' and :municipality::text is not null

-- name: unpublish.apply     The words it was published in stay, to be corrected.
update feedback set publication = 'withdrawn' where municipality = :municipality and id = :id

-- name: feed_head     What a feed is about.
-- shared: a municipality is read by its code
select m.name as municipality,
       (select t.name from feedback_topic t
        where t.municipality = m.code and t.deleted_at is null and (t.code = :topic or t.id::text = :topic_id)
        order by t.code = :topic desc limit 1) as topic,
       (select a.name from area a where a.municipality = m.code and a.id::text = :area_id) as area
from municipality m
where m.code = :municipality

-- name: part.known     What everybody may know of: what is published, and of what is open the place and topic, where
-- its sender and its topic let it be published and nothing was found in it. All else is not told, nor that it exists.
-- shared: each statement that includes it says which rows
(f.publication = 'published'
 or (f.publication = 'proposed' and f.permits_publication and f.findings = '[]' and t.publishes_by_default
     and f.fresh_at = 'infinity'))

-- name: nearby     Open or ended within 60 days, by the point everybody may know. A topic at a time, so that the index gives
-- the nearest of each.
select f.id, case when f.publication = 'published' then f.number end as number,
       case when f.publication = 'published' then f.kind end as kind,
       f.topic_id,
       case when f.publication = 'published' then f.published_title end as title,
       case when f.publication = 'published' then f.published_text end as text,
       case when f.publication = 'published' then f.reply end as reply,
       f.status, f.publication = 'published' as is_published, f.public_latitude as latitude, f.public_longitude as longitude,
       f.distance_m, (select count(*) from feedback_me_too o where o.municipality = f.municipality and o.feedback_id = f.id) as me_too_count
from (select st_setsrid(st_makepoint(:lon::float8, :lat::float8), 4326)::geography as point) as place
cross join feedback_topic t
cross join lateral (
  select f.*, round(st_distance(f.public_point, place.point))::integer as distance_m
  from feedback f
  where f.municipality = :municipality and f.topic_id = t.id and f.publication in ('proposed', 'published')
    and st_dwithin(f.public_point, place.point, coalesce(:radius_m::integer, 200))
    and f.fresh_at >= :now::timestamptz - interval '60 days'
    and
-- include: part.known
  order by f.public_point <-> place.point
  limit 200) as f
where t.municipality = :municipality
  and (:topic::text is null or t.id = any ((select feedback_topics_below(:municipality, :topic))::uuid[]))

-- name: said     How many have said the same. The token is the service's to add: it is never stored.
select f.id, (select count(*) from feedback_me_too o where o.municipality = f.municipality and o.feedback_id = f.id) as me_too_count,
       request_setting('me_too')::uuid as me_too_id, null::text as tracking_token
from feedback f
join feedback_topic t on t.municipality = f.municipality and t.id = f.topic_id
where f.municipality = :municipality and f.id = :id and
-- include: part.known

-- name: me_too.guard     What has ended is sent anew.
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.municipality = :municipality and f.id = :id
  and f.status not in ('received', 'assigned', 'in_progress', 'reopened', 'answered')

-- name: me_too.apply
with made as (
  insert into feedback_me_too (municipality, feedback_id) values (:municipality, :id) returning id
)
select set_config('app.me_too', made.id::text, true) from made

-- name: me_too_made
-- shared: what this transaction has just made
select request_setting('me_too') as id

-- name: me_too_link     The hash of a secret that reads, and does nothing else.
insert into feedback_me_too_link (municipality, feedback_id, token_hash)
select m.municipality, m.feedback_id, sha256(convert_to(:token, 'UTF8'))
from feedback_me_too m
where m.municipality = :municipality and m.id = request_setting('me_too')::uuid

-- name: followed     What whoever said the same sees later: what became of it, or of the case it was merged into, and the answer.
-- Of the other's words only those that are published. For six months after the end, as long as the sender's name is known,
-- to be left out.
select f.number, f.topic_id, f.status,
       case when f.publication = 'published' then f.published_title end as title,
       case when f.publication = 'published' then f.published_text end as text,
       c.due_on, case when c.publication = 'published' then c.reply when not taken.is_back then told_to_others(c, c.reply) end as reply,
       c.no_reply_wanted, c.answered_at, c.closed_at, c.transferred_to,
       (select coalesce(json_agg(json_build_object('status', t.to_status, 'at', rfc3339(t.at)) order by t.at, t.id), '[]')
        from transition t
        where t.municipality = f.municipality and t.resource = 'feedback' and t.resource_id = f.id) as moves,
       (select coalesce(json_agg(json_build_object('kind', m.kind, 'text', told_to_others(c, m.text), 'due_on', m.due_on,
                                                   'at', rfc3339(m.created_at)) order by m.id), '[]')
        from feedback_message m
        where m.municipality = c.municipality and m.feedback_id = c.id and m.kind in ('interim', 'reply')
          and not taken.is_back) as messages,
       (select json_build_object('number', c.number, 'status', c.status) where f.merged_into_id is not null) as merged_into,
       (select count(*) from feedback_me_too o where o.municipality = f.municipality and o.feedback_id = f.id) as me_too_count
from feedback_me_too_link l
join feedback f on f.municipality = l.municipality and f.id = l.feedback_id
join feedback c on c.municipality = f.municipality and c.id = coalesce(f.merged_into_id, f.id)
-- taken back by who works on it, for what it says; its sender's withdrawal takes no answer from others
cross join lateral (select c.publication = 'withdrawn' and c.withdrawn_at is null as is_back) as taken
where l.municipality = :municipality and l.token_hash = sha256(convert_to(:token, 'UTF8'))
  and coalesce((helsinki_date(c.closed_at) + interval '6 months')::date >= helsinki_date(:now), true)
