-- The Open311 face of feedback (GeoReport v2): the same rows, in the words of the clients there are. Each read is one JSON
-- document; open311.c writes it as XML or JSON. Members that are null are left out.

-- name: jurisdiction
-- shared: finds the municipality; without a name there must be no other
select m.code from municipality m
where m.code = :jurisdiction_id or m.domain = lower(:jurisdiction_id)
   or (:jurisdiction_id::text is null and (select count(*) from municipality) = 1)

-- name: services     Topics; what belongs to another authority is no service.
select coalesce(json_agg(json_build_object(
         'service_code', t.code, 'service_name', n.name,
         'description', coalesce(text_in(t.description, :language), ''), 'metadata', t.questions <> '[]', 'type', 'realtime',
         'keywords', coalesce((select string_agg(tag, ',' order by place) from jsonb_array_elements_text(t.tags) with ordinality as g (tag, place)), ''),
         'group', coalesce(text_in(p.name, :language), '')) order by t.position, t.code), '[]') as answer
from feedback_topic t
join open311_service_names(:municipality, :language) n on n.topic_id = t.id
left join feedback_topic p on p.municipality = t.municipality and p.id = t.parent_topic_id and p.deleted_at is null
where t.municipality = :municipality and t.deleted_at is null and t.signpost is null

-- name: definition
select json_build_object('service_code', t.code, 'attributes', coalesce((
         select json_agg(json_build_object(
                  'variable', q -> 'variable', 'code', q ->> 'code', 'datatype', q ->> 'datatype', 'required', q -> 'required',
                  'datatype_description', coalesce(text_in(q -> 'datatype_description', :language), ''), 'order', q -> 'order',
                  'description', text_in(q -> 'description', :language), 'values', coalesce((
                    select json_agg(json_build_object('key', c ->> 'key', 'name', text_in(c -> 'name', :language)) order by place)
                    from jsonb_array_elements(q -> 'values') with ordinality as v (c, place)), '[]')) order by (q ->> 'order')::integer)
         from jsonb_array_elements(t.questions) as q), '[]')) as answer
from feedback_topic t
where t.municipality = :municipality and t.code = :service_code and t.deleted_at is null and t.signpost is null

-- name: part.row     What is public of an item, to its client also that it is there and what becomes of it, to its sender all
-- that was sent. Addresses of pictures that were sent are for the sender alone: nobody has looked at what stands there. Public
-- are the pictures that somebody has let through.
select f.id, f.created_at,
       json_strip_nulls(json_build_object(
         'service_request_id', f.number::text, 'status', open311_status(f.status), 'status_notes', coalesce(told.notes, ''),
         'service_name', coalesce(n.name, ''), 'service_code', coalesce(t.code, ''),
         'description', coalesce(told.text, ''), 'agency_responsible', coalesce(case when told.is_answered then text_in(p.title, :language) end, ''),
         'service_notice', coalesce(case when told.is_answered then signpost_text((k.f).transferred_to, :language) end, ''),
         'requested_datetime', open311_time(f.created_at), 'updated_datetime', open311_time(told.updated_at),
         'expected_datetime', open311_time((((k.f).due_on + 1)::timestamp at time zone 'Europe/Helsinki') - interval '1 second'),
         'address', coalesce(nullif(place.address, place.address_id), ''), 'address_id', coalesce(place.address_id, ''), 'zipcode', coalesce(substring(place.address from '\m\d{5}\M'), ''),
         'lat', place.latitude, 'long', place.longitude,
         'media_url', coalesce(pictures.urls ->> 0, ''),
         'extended_attributes', case when :extensions::boolean then json_build_object(
           'title', coalesce(told.title, ''), 'media_urls', pictures.urls,
           'service_object_type', coalesce(case when told.has_object then r.service_object_type end, ''),
           'service_object_id', coalesce(case when told.has_object then r.service_object_id end, ''),
           'detailed_status', case when c.sees_extended then open311_word(f.status, f.withdrawn_at is not null) end) end)) as entry
from feedback f
left join feedback_topic t on t.municipality = f.municipality and t.id = f.topic_id
left join open311_service_names(:municipality, :language) n on n.topic_id = f.topic_id
left join responsible_party p on p.municipality = f.municipality and p.id = f.responsible_party_id
left join open311_request r on r.municipality = f.municipality and r.feedback_id = f.id
left join open311_client_of(:municipality, :api_key) c on true
cross join lateral (
  select coalesce(r.client_id = c.id, false) as is_client,
         coalesce(f.id = (select l.feedback_id from feedback_link l
                          where l.municipality = :municipality and l.token_hash = sha256(convert_to(:token, 'UTF8'))), false) as is_sender
) as who
cross join lateral (
  -- what was merged follows its case, for who sent it
  select case when who.is_sender or who.is_client then feedback_as_followed(f) else f end as f
) as k
left join lateral (
  -- what was said last to its sender
  select m.created_at as at,
         case when who.is_sender then message_as_followed(m, f.id) else told_to_others(f, m.text) end as text
  from feedback_message m
  where (who.is_sender or who.is_client) and m.municipality = f.municipality and m.kind = 'interim'
    and (m.feedback_id = f.id or m.feedback_id = f.merged_into_id) and open311_follows(f, m.feedback_id, m.created_at)
  order by m.id desc
  limit 1
) as said on true
cross join lateral (
  select who.is_sender or f.publication = 'published' as is_shown, who.is_sender or who.is_client or f.publication = 'published' as is_answered,
         who.is_sender or (f.publication = 'published' and not f.withheld ? 'service_object') as has_object,
         case when said.at > coalesce((k.f).answered_at, '-infinity') then said.text
              when who.is_client and not who.is_sender and (f.publication <> 'published' or f.merged_into_id is not null)
                then told_to_others(f, (k.f).reply)
              when who.is_sender or f.publication = 'published' then (k.f).reply end as notes,
         case when who.is_sender then f.text when f.publication = 'published' then f.published_text end as text,
         case when who.is_sender then f.title when f.publication = 'published' then f.published_title end as title,
         greatest(open311_updated_at(k.f), said.at) as updated_at
) as told
cross join lateral (
  select case when known.address then f.address end as address,
         case when known.address and finding_kinds(r.address_id) = '[]' then r.address_id end as address_id,
         round(case when who.is_sender then f.latitude when told.is_shown then f.public_latitude end::numeric, 6) as latitude,
         round(case when who.is_sender then f.longitude when told.is_shown then f.public_longitude end::numeric, 6) as longitude
  from (select who.is_sender or (told.is_shown and not f.is_residential and not f.withheld ? 'address') as address) as known
) as place
cross join lateral (
  select coalesce(case when who.is_sender then r.media_urls end, '[]')
         || coalesce(jsonb_agg(concat(:service_url::text, '/v1/', f.municipality, '/feedback-images/', i.id, '/full') order by i.id), '[]') as urls
  from image i
  where i.municipality = f.municipality and i.feedback_id = f.id and i.deleted_at is null and f.publication = 'published'
    and i.alternative_text is not null and i.is_publishable
) as pictures
where f.municipality = :municipality and (open311_listed(f, t) or who.is_sender or who.is_client or c.sees_extended)

-- name: part.numbers     What is no number names nothing.
-- shared: a piece
array(select n::bigint from unnest(string_to_array(:service_request_id, ',')) as n where n ~ '^\d{1,18}$')

-- name: request
select json_agg(x.entry) as answer
from (
-- include: part.row
  and f.number = any (
-- include: part.numbers
)) as x

-- name: requests     Newest first; null over a span of more than 90 days. By its number also what only who asks may follow.
-- Rows are made of what is chosen alone.
with chosen as materialized (
  select f.id
  from feedback f
  where :service_request_id::text is not null and f.municipality = :municipality and f.number = any (
-- include: part.numbers
  )
  union all
  (select f.id
   from feedback f
   left join feedback_topic t on t.municipality = f.municipality and t.id = f.topic_id
   where :service_request_id::text is null and f.municipality = :municipality and open311_listed(f, t)
     and f.created_at >= coalesce(open311_since(:start_date), case when coalesce(open311_since(:updated_after), open311_until(:updated_before)) is null
                                                    then coalesce(open311_until(:end_date), :now::timestamptz) - interval '90 days'
                                                    else '-infinity'::timestamptz end)
     and f.created_at <= coalesce(open311_until(:end_date), case when coalesce(open311_since(:updated_after), open311_until(:updated_before)) is null
                                                  then open311_since(:start_date) + interval '90 days' end, 'infinity'::timestamptz)
     -- what was closed before that has not changed since, unless it was published later
     and f.updated_at >= coalesce(open311_since(:updated_after), '-infinity'::timestamptz)
     and greatest(open311_updated_at(f), f.published_at) >= coalesce(open311_since(:updated_after), '-infinity'::timestamptz)
     and greatest(open311_updated_at(f), f.published_at) <= coalesce(open311_until(:updated_before), 'infinity'::timestamptz)
     and (:service_code::text is null or t.code = any (string_to_array(:service_code, ',')))
     and (:status::text is null or open311_status(f.status) = any (string_to_array(:status, ',')))
     and (:bbox::text is null or (f.publication = 'published' and f.public_point::geometry && (
            select st_makeenvelope(b[1]::float8, b[2]::float8, b[3]::float8, b[4]::float8, 4326) from string_to_array(:bbox, ',') as b)))
     and (:lat::text is null or :long::text is null
          or (f.publication = 'published' and st_dwithin(f.public_point::geography,
                st_setsrid(st_makepoint(:long::float8, :lat::float8), 4326)::geography, coalesce(:radius::float8, 1000))))
     and (:agency_responsible::text is null or (f.publication = 'published' and :agency_responsible in (
            select value
            from responsible_party p cross join jsonb_each_text(p.title)
            where p.municipality = f.municipality and p.id = f.responsible_party_id)))
     and (coalesce(:service_object_type::text, :service_object_id::text) is null
          or (f.publication = 'published' and not f.withheld ? 'service_object' and exists (
            select from open311_request r
            where r.municipality = f.municipality and r.feedback_id = f.id
              and (:service_object_type::text is null or r.service_object_type = :service_object_type)
              and (:service_object_id::text is null or r.service_object_id = :service_object_id))))
   order by f.created_at desc, f.id desc
   limit coalesce(:page_size::integer, 1000) offset (coalesce(:page::integer, 1) - 1) * coalesce(:page_size::integer, 1000))
)
select case when open311_spans_too_much(:start_date, :end_date) then null
            else coalesce(json_agg(x.entry order by x.created_at desc, x.id desc), '[]') end as answer
from (
-- include: part.row
  and f.id = any (array(select id from chosen))
) as x

-- name: token     Of those who were told one: every request is answered with its number.
select json_agg(json_build_object('service_request_id', f.number::text, 'token', :token::text)) as answer
from open311_request r join feedback f on f.municipality = r.municipality and f.id = r.feedback_id
where r.municipality = :municipality and r.token_hash = sha256(convert_to(:token, 'UTF8'))

-- name: part.window
-- shared: a condition
between coalesce(open311_since(:start_date), coalesce(open311_until(:end_date), :now::timestamptz) - interval '2 hours')
    and coalesce(open311_until(:end_date), :now::timestamptz) + interval '1 second' - interval '1 microsecond'

-- name: updates     The moves a client may learn of: of what is public, of what it sent, or of all; and what else was said to the
-- senders of what it sent.
select coalesce((
         select json_agg(json_build_object(
                  'update_id', x.id::text, 'service_request_id', x.number::text, 'status', x.status,
                  'updated_datetime', open311_time(x.at), 'description', coalesce(x.said, ''), 'media_url', '') order by x.at, x.id)
         from (
           (select t.at, open311_update_id(f.id, t.resource_id, t.id) as id, f.number,
                   case when t.resource_id = f.id then open311_word(t.to_status, coalesce(f.withdrawn_at <= t.at, false))
                        else open311_word_at(f, t.at) end as status,
                   case when r.client_id = c.id then open311_said_with_move(f, t)
                        when t.to_status = 'answered' and f.publication = 'published' then f.reply end as said
            from transition t
            cross join lateral (
              select t.resource_id as id union all
              select d.id from feedback d where d.municipality = t.municipality and d.merged_into_id = t.resource_id) as told
            join feedback f on f.municipality = t.municipality and f.id = told.id
            left join feedback_topic o on o.municipality = f.municipality and o.id = f.topic_id
            left join open311_request r on r.municipality = f.municipality and r.feedback_id = f.id
            where t.municipality = c.municipality and t.resource = 'feedback' and t.from_status is not null and t.at
-- include: part.window
              and (r.client_id = c.id or (f.id = t.resource_id and (open311_listed(f, o) or c.sees_extended)))
              and open311_is_told(f, t)
            order by t.at, t.id
            limit 1000)
           union all
           (select m.created_at, open311_update_id(f.id, m.feedback_id, m.id), f.number, open311_word_at(f, m.created_at), open311_said(f, m)
            from feedback_message m
            cross join lateral (
              select m.feedback_id as id union all
              select d.id from feedback d where d.municipality = m.municipality and d.merged_into_id = m.feedback_id) as told
            join feedback f on f.municipality = m.municipality and f.id = told.id
            join open311_request r on r.municipality = f.municipality and r.feedback_id = f.id and r.client_id = c.id
            where m.municipality = c.municipality and m.kind = 'interim' and m.created_at
-- include: part.window
              and open311_follows(f, m.feedback_id, m.created_at) and not open311_went_with_move(m)
            order by m.created_at, m.id
            limit 1000)
           order by at, id
           limit 1000) as x), '[]') as answer
from open311_client_of(:municipality, :api_key) c

-- name: intake     Who sends, under what; no row: nobody we know.
select c.id, c.is_test, c.may_post, c.permits_publication, t.id as topic_id, m.languages ->> 0 as language,
       (select json_agg(q ->> 'code') from jsonb_array_elements(t.questions) as q where (q ->> 'variable')::boolean) as asked
from municipality m
join open311_client_of(m.code, :api_key) c on true
left join feedback_topic t on t.municipality = m.code and t.code = :service_code and t.deleted_at is null
where m.code = :municipality

-- name: enter     Tells the transaction who speaks for the sender; what comes twice waits for its first.
-- shared: settings of the transaction
select set_config('app.client', :client_id, true),
       pg_advisory_xact_lock(hashtextextended(:client_id || encode(open311_fingerprint(:body), 'hex'), 0))

-- name: part.recent     What the client has sent within the hour, the same at the same place.
select r.feedback_id from open311_request r
where r.municipality = :municipality and r.client_id = :client_id::uuid and r.fingerprint = open311_fingerprint(:body)
  and r.created_at > :now::timestamptz - interval '1 hour'

-- name: keep     Not when the same was sent within the hour.
insert into open311_request (municipality, feedback_id, client_id, fingerprint, account_id, address_id, media_urls, service_object_type,
                             service_object_id)
select :municipality, request_setting('made')::uuid, :client_id, open311_fingerprint(:body), :account_id, :address_id, coalesce(:media_url::jsonb, '[]'), :service_object_type, :service_object_id
where not exists (
-- include: part.recent
)
returning feedback_id

-- name: first     What was sent within the hour.
select f.number
from feedback f
where f.municipality = :municipality and f.id in (
-- include: part.recent
)

-- name: part.named
f.municipality = :municipality and f.number = (case when :service_request_id ~ '^\d{1,18}$' then :service_request_id end)::bigint

-- name: update.lock
select f.id from feedback f where
-- include: part.named
for update

-- name: part.known     The items a client may know of, and whether it sent them.
select f as item, coalesce(r.client_id = :client_id::uuid, false) as is_own
from feedback f
left join feedback_topic t on t.municipality = f.municipality and t.id = f.topic_id
left join open311_request r on r.municipality = f.municipality and r.feedback_id = f.id
where (open311_listed(f, t) or r.client_id = :client_id::uuid) and f.anonymised_at is null and
-- include: part.named

-- name: part.kept
select from open311_update u where u.municipality = :municipality and u.client_id = :client_id::uuid and u.update_id = :update_id

-- name: update.guard     Of its own items alone, and of none that was forgotten; of what is not public nobody else learns that it is there.
-- Within the limits of a sender; what was kept already is no new one.
with known as (
-- include: part.known
)
select 'not_found', '/service_request_id', null where not exists (select from known)
union all
select 'api_key_invalid', null, null from known where not is_own
union all
select fault.code, fault.pointer, fault.parameter
from known k
cross join lateral (select open311_reopens(k.item, :status, :updated_datetime) as reopens) as its
cross join lateral (
  select f.* from feedback_reopening_faults(k.item, :now) as f where its.reopens
  union all
  select f.* from feedback_addition_faults(k.item) as f where not its.reopens
) as fault
where k.is_own and not exists (
-- include: part.kept
)
union all
select 'images_most', null, '5'
from known k
where k.is_own and (select count(*) from image i
                    where i.municipality = :municipality and i.feedback_id = (k.item).id and i.deleted_at is null) + :picture_count::integer > 5
  and :picture_count::integer > 0 and not exists (
-- include: part.kept
)

-- name: update.apply     A repetition adds nothing.
with told as (
  insert into open311_update (municipality, client_id, update_id, feedback_id)
  select :municipality, :client_id, :update_id, f.id
  from feedback f where
-- include: part.named
  on conflict (municipality, client_id, update_id) do nothing
  returning feedback_id
)
select set_config('app.told', 'true', true) from told

-- name: update.apply_reopen
update feedback f set status = 'reopened', closed_at = null, due_on = feedback_target(f, helsinki_date(:now))
where request_setting('told') is not null and open311_reopens(f, :status, :updated_datetime) and
-- include: part.named

-- name: update.apply_unit     Back to the unit that had it.
update feedback f set status = case when f.responsible_party_id is null then 'received' else 'assigned' end
where f.status = 'reopened' and
-- include: part.named

-- name: update.apply_said     After it was opened anew, so that it waits for a moderator where something is found in this.
insert into feedback_message (municipality, feedback_id, kind, text, client_status, media_urls)
select :municipality, f.id, 'addition', :description, :status, coalesce(:media_url::jsonb, '[]')
from feedback f
where request_setting('told') is not null and
-- include: part.named

-- name: update_made     The item of an update that is no repetition: its pictures are kept with it.
select u.feedback_id
from open311_update u
where request_setting('told') is not null and u.municipality = :municipality and u.client_id = :client_id and u.update_id = :update_id

-- name: update_receipt
select u.id from open311_update u
where u.municipality = :municipality and u.client_id = :client_id and u.update_id = :update_id
