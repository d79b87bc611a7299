-- Feedback of residents (palaute): sent by anybody, routed by topic and place, followed by a secret link. Public is
-- only what was published, in the words that were let through.

-- name: part.columns     `sees.is_inside`: the sender, the unit and those who oversee feedback.
-- shared: each statement that begins so says which rows
select f.id, f.number, f.kind, f.topic_id, case when sees.is_inside then f.is_topic_suggested end as is_topic_suggested,
       case when sees.is_inside then f.title else f.published_title end as title,
       case when sees.is_inside then f.text else f.published_text end as text,
       case when sees.is_inside then f.published_title end as published_title,
       case when sees.is_inside then f.published_text end as published_text,
       f.language, f.channel, f.status, f.publication,
       case when sees.is_inside then f.permits_publication end as permits_publication,
       case when sees.is_inside or not f.withheld ? 'nickname' then f.nickname end as nickname,
       case when sees.is_inside or not f.withheld ? 'service' then f.service end as service,
       case when sees.is_inside or not (f.is_residential or f.withheld ? 'address') then f.address end as address,
       case when sees.is_inside then f.latitude else f.public_latitude end as latitude,
       case when sees.is_inside then f.longitude else f.public_longitude end as longitude,
       f.is_residential, f.area_id, f.responsible_party_id,
       case when sees.is_inside then f.answers end as answers,
       case when sees.is_inside then f.findings end as findings,
       f.is_accessibility, f.due_on, f.reply, f.no_reply_wanted, f.answered_at, f.closed_at,
       case when sees.is_inside then f.withdrawn_at end as withdrawn_at,
       f.published_at, case when sees.is_inside then f.withheld end as withheld,
       (select count(*) from feedback_me_too o where o.municipality = f.municipality and o.feedback_id = f.id) as me_too_count,
       f.transferred_to,
       case when f.status = 'transferred' or (sees.is_inside and f.is_topic_suggested) then (
              select official_guidance(t, case f.status when 'transferred' then 'official_matter' else 'official_matter_likely' end)
              from feedback_topic t where t.municipality = f.municipality and t.id = f.topic_id and t.is_official_matter) end as guidance,
       case when sees.is_inside then f.merged_into_id end as merged_into_id,
       case when sees.is_inside then (
         select r.media_urls from open311_request r where r.municipality = f.municipality and r.feedback_id = f.id) end as media_urls,
       case when sees.is_inside then f.source end as source, case when sees.is_inside then f.external_id end as external_id,
       f.version, f.created_at, f.updated_at

-- name: part.visible
-- include: part.columns
       , f.point as sort_point
from feedback f
cross join lateral (
  select coalesce(f.id::text = request_setting('made'), false)
         or feedback_inside(f, (select oversees_feedback(:municipality, :actor, :now)), (select feedback_units(:municipality, :actor, :now))::uuid[]) as is_inside) as sees
where f.municipality = :municipality and (f.publication = 'published' or sees.is_inside)

-- name: select
-- include: part.visible

-- name: listed     Of a topic with all below it.
-- include: part.visible
  and (:topic::text is null or f.topic_id = any ((select feedback_topics_below(:municipality, :topic))::uuid[]))

-- name: receipt     What its sender gets back, and nobody else: only the creation reads it. The token is the
-- service's to add: it is never stored.
-- include: part.columns
       , null::text as tracking_token
from feedback f cross join (select true as is_inside) as sees
where f.municipality = :municipality and f.id = :id

-- name: receipts     The same for many.
-- include: part.columns
       , null::text as tracking_token, i.n as sort_n
from jsonb_to_recordset(:items) as i (n integer, id uuid)
cross join lateral (select o.* from feedback o where o.municipality = :municipality and o.id = i.id limit 1) as f
cross join (select true as is_inside) as sees

-- name: part.by_token
f.municipality = :municipality and f.id = (
  select l.feedback_id from feedback_link l
  where l.municipality = :municipality and l.token_hash = sha256(convert_to(:token, 'UTF8')))

-- name: tracked     What its sender sees later, by the secret of the link: of what was merged, what becomes of its case from then on.
-- include: part.columns
       , (select coalesce(json_agg(json_build_object('status', t.to_status, 'at', rfc3339(t.at)) order by t.at, t.id), '[]')
          from transition t
          where t.municipality = f.municipality and t.resource = 'feedback' and t.resource_id = f.id) as moves,
       (select coalesce(json_agg(json_build_object(
                          'kind', m.kind, 'due_on', m.due_on, 'at', rfc3339(m.created_at),
                          'text', message_as_followed(m, f.id))
                                 order by m.id), '[]')
        from feedback_message m
        where m.municipality = f.municipality
          and ((m.feedback_id = f.id and m.kind <> 'note')
               or (m.feedback_id = f.merged_into_id
                   and (m.kind = 'reply'
                        or m.kind = 'interim'
                           and m.created_at >= (select max(t.at) from transition t
                                                where t.municipality = f.municipality and t.resource = 'feedback'
                                                  and t.resource_id = f.id and t.to_status = 'merged'))))) as messages,
       (select json_build_object('number', c.number, 'status', c.status)
        from feedback c where c.municipality = f.municipality and c.id = f.merged_into_id) as merged_into,
       (select json_build_object('score', g.score, 'text', g.text)
        from feedback_rating g where g.municipality = f.municipality and g.feedback_id = f.id) as rating
from (
  select k.* from feedback f cross join lateral feedback_as_followed(f) as k where
  -- include: part.by_token
) as f cross join (select true as is_inside) as sees

-- name: part.staff     Who may enter what somebody told them.
may(:municipality, :actor, :now, '{handler,moderator,participation_coordinator,registrar,admin}')
or coalesce(array_length(parties_of(:municipality, :actor, :now), 1), 0) > 0

-- name: part.one     What one request sends, and a client of Open311 beside it.
-- shared: what follows names it
wanted as (
  select 1 as n, null::uuid as own_id, :language::text as asked_in, nullif(:body::jsonb -> 'contact', 'null') as contact,
         concat_ws(' ', :body::jsonb ->> 'service_object_type', :body::jsonb ->> 'service_object_id') as object_words, b.*
  from jsonb_populate_record(null::feedback, :body) b
)

-- name: part.each     What many send at once.
-- shared: what follows names it
wanted as (
  select i.n, i.id as own_id, i.language as asked_in, nullif(i.body -> 'contact', 'null') as contact, null::text as object_words, b.*
  from jsonb_to_recordset(:items) as i (n integer, id uuid, language text, body jsonb)
  cross join jsonb_populate_record(null::feedback, i.body) b
)

-- name: part.guard     Rows of code, pointer, parameter, and whose.
, topic as (
  select w.n, t.* from wanted w join feedback_topic t on t.municipality = :municipality and t.id = w.topic_id and t.deleted_at is null
)
select 'reference_not_found', '/topic_id', null, w.n
from wanted w where w.topic_id is not null and not exists (select from topic t where t.n = w.n)
union all
select 'reference_not_found', '/area_id', null, w.n
from wanted w
where w.area_id is not null and not exists (select from area a where a.municipality = :municipality and a.id = w.area_id and a.deleted_at is null)
union all
select 'topic_elsewhere', '/topic_id',
       signpost_text(t.signpost, w.asked_in), w.n
from wanted w join topic t on t.n = w.n where t.signpost is not null and not t.is_official_matter
union all
select fault.code, fault.pointer, fault.parameter, w.n
from wanted w left join topic t on t.n = w.n
cross join lateral feedback_answer_faults(t.questions, w.answers) as fault
union all
select 'geometry_outside', '/latitude', w.longitude || ', ' || w.latitude, w.n
from wanted w
where not st_coveredby(st_setsrid(st_makepoint(w.longitude::float8, w.latitude::float8), 4326), st_makeenvelope(19, 59, 32, 71, 4326))
union all
select 'insufficient_scope', null, 'admin, handler, moderator, participation_coordinator, party_reporter, registrar', w.n
from wanted w
where (coalesce(w.channel, 'web') <> 'web' or w.source is not null) and request_setting('client') is null
  and not (
  -- include: part.staff
  )

-- name: part.create     Topic, area and unit where none was said; what is found in the words decides who sees them first.
, placed as materialized (
  select w.*, coalesce(w.own_id, uuid_v7()) as new_id,
         coalesce(w.topic_id, suggested_topic(:municipality, concat_ws(' ', w.title, w.text, w.service, w.address),
                                              topics_near(:municipality, w.latitude::float8, w.longitude::float8))) as chosen_topic_id,
         coalesce(w.area_id, area_at(:municipality, helsinki_date(:now), w.latitude::float8, w.longitude::float8)) as chosen_area_id,
         finding_kinds(concat_ws(' ', w.title, w.text, w.nickname, w.service, w.address, w.answers::text, w.object_words)) as kinds
  from wanted w
), routed as materialized (
  -- what is only taken for an official matter is guided and left to a person
  select p.*, t as topic, coalesce(t.is_official_matter, false) and p.topic_id is not null as is_official,
         feedback_unit(:municipality, p.chosen_topic_id, p.chosen_area_id) as unit_id
  from placed p
  left join feedback_topic t on t.municipality = :municipality and t.id = p.chosen_topic_id
), made as (
  insert into feedback (municipality, id, kind, topic_id, is_topic_suggested, title, text, language, channel, status, publication,
                        permits_publication, nickname, service, address, latitude, longitude, is_residential, area_id,
                        responsible_party_id, answers, findings, is_accessibility, due_on, closed_at, transferred_to,
                        source, external_id)
  select :municipality, r.new_id, r.kind, r.chosen_topic_id, r.topic_id is null, r.title, r.text, r.language, coalesce(r.channel, 'web'),
         case when r.is_official then 'transferred' when r.kinds <> '[]' then 'in_moderation'
              when r.unit_id is null then 'received' else 'assigned' end,
         case when coalesce(r.permits_publication, false) and (r.topic).publishes_by_default and r.kinds = '[]' then 'proposed'
              else 'not_public' end,
         coalesce(r.permits_publication, false), r.nickname, r.service, r.address, r.latitude, r.longitude,
         coalesce(r.is_residential, false), r.chosen_area_id, r.unit_id, coalesce(r.answers, '{}'), r.kinds,
         coalesce((r.topic).is_accessibility, false), feedback_due_on(r.topic, helsinki_date(:now)),
         case when r.is_official then :now::timestamptz end, case when r.is_official then (r.topic).signpost end,
         r.source, r.external_id
  from routed r
  returning id, status
), reached as (
  -- by the item's id: what follows of it (request_of) is the item's request's
  insert into feedback_contact (municipality, feedback_id, id, name, email, phone, retain_until)
  select :municipality, made.id, made.id, c.name, c.email, c.phone,
         case when made.status = 'transferred' then (helsinki_date(:now) + interval '6 months')::date end
  from made
  join routed r on r.new_id = made.id
  cross join jsonb_to_record(r.contact) as c (name text, email text, phone text)
  where r.contact is not null
)

-- name: create.guard
with
-- include: part.one
-- include: part.guard

-- name: create.apply     What its sender gets to read back is what this transaction has made.
with
-- include: part.one
-- include: part.create
select made.id, set_config('app.made', made.id::text, true) from made

-- name: create_many.guard
with
-- include: part.each
-- include: part.guard

-- name: create_many.apply
with
-- include: part.each
-- include: part.create
select made.id from made

-- name: create_many.apply_links
insert into feedback_link (municipality, feedback_id, token_hash)
select :municipality, i.id, sha256(convert_to(i.secret, 'UTF8')) from jsonb_to_recordset(:items) as i (id uuid, secret text)

-- name: link     The hash of the link's secret.
insert into feedback_link (municipality, feedback_id, token_hash)
values (:municipality, request_setting('made')::uuid, sha256(convert_to(:token, 'UTF8')))

-- name: part.own     The item itself and, once it was merged, its case.
-- shared: of the one municipality that what follows names
select o.* from feedback_link l join feedback o on o.municipality = l.municipality and o.id = l.feedback_id
where l.municipality = :municipality and l.token_hash = sha256(convert_to(:token, 'UTF8'))

-- name: part.case     What its sender goes on with: the case, where it was merged into one.
f.municipality = :municipality and f.id = (
  select coalesce(own.merged_into_id, own.id) from (
-- include: part.own
) as own)

-- name: part.lock
select f.id from feedback f where f.municipality = :municipality and f.id in (
  select unnest(array[own.id, own.merged_into_id]) from (
-- include: part.own
) as own)
order by f.id for update

-- name: add.lock
-- include: part.lock

-- name: add.guard
select fault.code, fault.pointer, fault.parameter
from feedback f cross join lateral feedback_addition_faults(f) as fault
where
-- include: part.by_token

-- name: add.apply
insert into feedback_message (municipality, feedback_id, kind, text)
select :municipality, f.id, 'addition', :text from feedback f where
-- include: part.by_token

-- name: withdraw.lock
-- include: part.lock

-- name: withdraw.guard
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
where f.withdrawn_at is not null and
-- include: part.by_token

-- name: withdraw.apply     Whatever became of it, it is not public any more; what nobody has answered is closed, unless senders
-- of merged items wait for the answer too.
update feedback f
set withdrawn_at = :now, permits_publication = false,
    publication = case when f.publication = 'published' then 'withdrawn' else 'not_public' end,
    status = case when f.status in ('received', 'in_moderation', 'assigned', 'in_progress', 'answered') and not answers_for_others(f)
                  then 'closed' else f.status end,
    closed_at = case when answers_for_others(f) then f.closed_at else coalesce(f.closed_at, :now) end
where
-- include: part.by_token

-- name: withdraw.apply_message
insert into feedback_message (municipality, feedback_id, kind, text)
select :municipality, f.id, 'withdrawal', :text from feedback f where
-- include: part.by_token

-- name: reopen.lock
-- include: part.lock

-- name: reopen.guard
select fault.code, fault.pointer, fault.parameter
from feedback f cross join lateral feedback_reopening_faults(f, :now) as fault
where
-- include: part.by_token

-- name: reopen.apply     Target times begin anew.
update feedback f
set status = 'reopened', closed_at = null,
    due_on = feedback_target(f, helsinki_date(:now))
where
-- include: part.case

-- name: reopen.apply_unit     Back to the unit that had it.
update feedback f set status = case when f.responsible_party_id is null then 'received' else 'assigned' end
where
-- include: part.case

-- name: reopen.apply_message
insert into feedback_message (municipality, feedback_id, kind, text)
select :municipality, f.id, 'reopening', :text from feedback f where
-- include: part.by_token

-- name: contact     Seen by the unit, moderators and the privacy officer.
-- restricted: contact data
select c.id, c.feedback_id, c.name, c.email, c.phone, c.purpose, c.retain_until, c.version, c.created_at, c.updated_at
from feedback_contact c
where c.municipality = :municipality and c.feedback_id = :id

-- name: view_contact     Every look is written down before it is answered.
insert into audit_entry (municipality, action, outcome, resource, resource_id, actor_id, acting_role, request_id)
values (:municipality, 'feedback_contact', 'answered', 'feedback', :id, :actor, request_setting('role'), request_setting('request'))

-- name: rate.lock
-- include: part.lock

-- name: rate.guard     Once, when it was answered and is closed; of what was merged, when its case is.
select 'wrong_state', next_states('feedback', f.status), f.status
from feedback f
left join feedback c on c.municipality = f.municipality and c.id = f.merged_into_id
where (coalesce(c.status, f.status) <> 'closed' or coalesce(c.answered_at, f.answered_at) is null) and
-- include: part.by_token
union all
select 'already_rated', null, null
from feedback_rating g
join feedback f on f.municipality = g.municipality and f.id = g.feedback_id
where
-- include: part.by_token

-- name: rate.apply
insert into feedback_rating (municipality, feedback_id, score, text)
select :municipality, f.id, :score::smallint, :text from feedback f where
-- include: part.by_token
