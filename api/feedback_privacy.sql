-- What is stored of senders of feedback: given out, erased, and let go when its time is over.

-- name: part.whole     All of it, of the items that follow.
-- shared: each statement that begins so says which rows
select coalesce(json_agg(json_build_object(
         'id', f.id, 'number', f.number, 'kind', f.kind, 'topic_id', f.topic_id, 'title', f.title, 'text', f.text,
         'published_title', f.published_title, 'published_text', f.published_text, 'language', f.language,
         'channel', f.channel, 'status', f.status, 'publication', f.publication,
         'permits_publication', f.permits_publication, 'nickname', f.nickname, 'service', f.service, 'address', f.address,
         'latitude', f.latitude, 'longitude', f.longitude, 'area_id', f.area_id, 'answers', f.answers,
         'findings', f.findings,
         'reply', without_senders(f.municipality, f.id, f.reply, true), 'retain_until', f.retain_until,
         'created_at', rfc3339(f.created_at), 'closed_at', rfc3339(f.closed_at),
         'contact', (select json_build_object('name', c.name, 'email', c.email, 'phone', c.phone, 'purpose', c.purpose,
                                              'retain_until', c.retain_until)
                     from feedback_contact c where c.municipality = f.municipality and c.feedback_id = f.id),
         'contact_views', (select coalesce(json_agg(json_build_object('at', rfc3339(a.at), 'acting_role', a.acting_role) order by a.id), '[]')
                           from audit_entry a
                           where a.municipality = f.municipality and a.resource = 'feedback' and a.resource_id = f.id
                             and a.action = 'feedback_contact'),
         'rating', (select json_build_object('score', r.score, 'text', r.text)
                    from feedback_rating r where r.municipality = f.municipality and r.feedback_id = f.id),
         'messages', (select coalesce(json_agg(json_build_object('kind', m.kind, 'text', message_as_followed(m, f.id), 'due_on', m.due_on,
                                                                  'at', rfc3339(m.created_at)) order by m.id), '[]')
                      from feedback_message m
                      where m.municipality = f.municipality and m.feedback_id = f.id and m.kind <> 'note'),
         'open311', (select json_build_object('account_id', q.account_id, 'media_urls', q.media_urls || (
                                                select coalesce(jsonb_agg(url order by m.id, place), '[]')
                                                from feedback_message m cross join jsonb_array_elements(m.media_urls) with ordinality as u (url, place)
                                                where m.municipality = f.municipality and m.feedback_id = f.id),
                                              'service_object_type', q.service_object_type, 'service_object_id', q.service_object_id)
                     from open311_request q where q.municipality = f.municipality and q.feedback_id = f.id),
         'images', (select coalesce(json_agg(json_build_object('id', i.id, 'alternative_text', i.alternative_text) order by i.id), '[]')
                    from image i where i.municipality = f.municipality and i.feedback_id = f.id and i.deleted_at is null))
       order by f.number), '[]') as feedback
from feedback f

-- name: part.own     Of whoever has the secret.
select l.feedback_id from feedback_link l
where l.municipality = :municipality and l.token_hash = sha256(convert_to(:token, 'UTF8'))

-- name: part.person     Of whoever is reached so.
select s.feedback_id from feedback_of_sender(:municipality, :email, :phone) as s (feedback_id)

-- name: exported_own
-- include: part.whole
where f.municipality = :municipality and f.id in (
-- include: part.own
)
having count(*) > 0

-- name: exported
-- include: part.whole
where f.municipality = :municipality and f.id in (
-- include: part.person
)

-- name: part.noted     Every export and erasure is written down.
-- shared: what follows says about which items
insert into audit_entry (municipality, action, outcome, resource, resource_id, actor_id, acting_role, request_id)
select :municipality, done.action, 'answered', 'feedback', about.feedback_id, :actor, request_setting('role'), request_setting('request')

-- name: part.named
-- shared: of the body alone
select 'required', '/email', 'email' where :email::text is null and :phone::text is null

-- name: export_own.lock     The transaction is shown the secret: contact data asks for it.
-- shared: a setting
select set_config('app.tracking', encode(sha256(convert_to(:token, 'UTF8')), 'hex'), true)

-- name: export_own.apply
-- include: part.noted
from (values ('feedback_export')) as done (action) cross join (
-- include: part.own
) as about

-- name: export_sender.guard
-- include: part.named

-- name: export_sender.apply
-- include: part.noted
from (values ('feedback_export')) as done (action) cross join (
-- include: part.person
) as about

-- name: part.withdraw
-- shared: what follows says which items
update feedback f
set withdrawn_at = coalesce(f.withdrawn_at, :now), permits_publication = false,
    publication = case when f.publication = 'published' and :withdraws_publication::boolean is true then 'withdrawn'
                       else f.publication end

-- name: part.end     What is still open is closed, unless senders of merged items wait for the answer: which is asked of these alone.
-- shared: what follows says which items
update feedback f
set status = case when f.status in ('received', 'in_moderation', 'assigned', 'in_progress', 'answered') then 'closed' else f.status end,
    closed_at = coalesce(f.closed_at, :now)

-- name: part.erase
-- shared: of the items that follow
select anonymised.count as erased, set_config('app.erased', anonymised.count::text, true)
from anonymise_feedback(:municipality, array(

-- name: erase_own.lock
select f.id from feedback f where f.municipality = :municipality and f.id = any (array(
-- include: part.own
)) for update

-- name: erase_own.apply
-- include: part.noted
from (values ('feedback_erasure')) as done (action) cross join (
-- include: part.own
) as about

-- name: erase_own.apply_withdrawal
-- include: part.withdraw
where f.municipality = :municipality and f.id = any (array(
-- include: part.own
))

-- name: erase_own.apply_end
-- include: part.end
where f.municipality = :municipality and not answers_for_others(f) and f.id = any (array(
-- include: part.own
))

-- name: erase_own.apply_words
-- include: part.erase
-- include: part.own
), :now) as anonymised (count)

-- name: erase_sender.lock
select f.id from feedback f where f.municipality = :municipality and f.id = any (array(
-- include: part.person
)) for update

-- name: erase_sender.guard
-- include: part.named

-- name: erase_sender.apply
-- include: part.noted
from (values ('feedback_erasure')) as done (action) cross join (
-- include: part.person
) as about

-- name: erase_sender.apply_withdrawal
-- include: part.withdraw
where f.municipality = :municipality and f.id = any (array(
-- include: part.person
))

-- name: erase_sender.apply_end
-- include: part.end
where f.municipality = :municipality and not answers_for_others(f) and f.id = any (array(
-- include: part.person
))

-- name: erase_sender.apply_words
-- include: part.erase
-- include: part.person
), :now) as anonymised (count)

-- name: part.count
-- shared: what this transaction has done
select coalesce(request_setting('erased')::integer, 0) as erased

-- name: erased_own     Before it is done the secret must be known; afterwards there is none.
-- include: part.count
where request_setting('erased') is not null or exists (
-- include: part.own
)

-- name: erased
-- include: part.count

-- name: apply_retention.apply
select r.contacts, r.texts, r.audit_entries, set_config('app.retention', to_jsonb(r)::text, true)
from apply_retention(:municipality, :now) r

-- name: retention
-- shared: what this transaction has done
select r.contacts, r.texts, r.audit_entries
from jsonb_to_record(coalesce(request_setting('retention'), '{"contacts": 0, "texts": 0, "audit_entries": 0}')::jsonb)
       as r (contacts integer, texts integer, audit_entries integer)
