-- Corrections: what is wrong in an inspected record, said beside it. Append-only, public with the record.

-- name: select
select c.id, c.decision_id, c.text, c.reason, c.acting_role, c.acting_office, c.source, c.external_id, c.version,
       c.created_at, c.updated_at
from decision_correction c
join decision d on d.municipality = c.municipality and d.id = c.decision_id
where c.municipality = :municipality
  and (d.published_at is not null
       or may(:municipality, :actor, :now,
              '{body_secretary,body_member,presenter,programme_coordinator,participation_coordinator,registrar,admin}',
              body_id => d.body_id))

-- name: create.lock
select id from decision where municipality = :municipality and id = :decision_id for share

-- name: create.guard
select 'reference_not_found', '/decision_id', null
where not exists (select from decision where municipality = :municipality and id = :decision_id)
union all
select 'not_your_body', null, null
from decision d
where d.municipality = :municipality and d.id = :decision_id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => d.body_id)
union all
select 'not_inspected', null, d.status
from decision d
where d.municipality = :municipality and d.id = :decision_id and d.status not in ('inspected', 'published', 'appeal_closed')
union all
select 'locale_missing', '/' || part.member, missing.language
from decision d
cross join lateral (values ('text', :text::jsonb), ('reason', :reason::jsonb)) as part (member, words)
cross join lateral missing_languages(part.words, required_languages(d.municipality, 'decision', d.body_id)) as missing (language)
where d.municipality = :municipality and d.id = :decision_id
union all
select 'personal_data', '/' || part.member, null
from (values ('text', :text), ('reason', :reason)) as part (member, words)
where holds_personal_data(part.words::text)

-- name: create.apply     With the office that corrects, as a transition has it.
insert into decision_correction (municipality, decision_id, text, reason, acting_role, acting_office, source, external_id)
select :municipality, :decision_id, :text, :reason, request_setting('role'),
       (select p.title
        from holder h join responsible_party p on p.municipality = h.municipality and p.id = h.responsible_party_id
        where h.municipality = :municipality and h.person_id = :actor and h.deleted_at is null
          and helsinki_date(:now) between h.starts_on and coalesce(h.ends_on, 'infinity')
        order by h.is_deputy, h.starts_on limit 1),
       :source, :external_id
returning id
