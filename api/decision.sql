-- Decisions (päätökset): recorded by a secretary, then published. Append-only: a published record does
-- not change.

-- name: select
select d.id, d.body_id, inexact_text(d.meeting_day, d.date_precision) as meeting_on, d.section_number,
       d.register_number, d.title, d.preparer_title, d.presenter_title, d.proposed_decision, d.discussion,
       d.decision, d.outcome, d.status, d.published_at, d.source, d.external_id, d.version, d.created_at,
       d.updated_at
from decision d
where d.municipality = :municipality
  and (d.published_at is not null
       or may(:municipality, :actor, :now,
              '{body_secretary,body_member,presenter,programme_coordinator,participation_coordinator,registrar,admin}',
              body_id => d.body_id))

-- name: find
select id from decision
where municipality = :municipality and source = :source and external_id = :external_id

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{body_secretary}', body_id => :body_id)
union all
select 'body_not_competent', '/body_id', b.name ->> 'fi'
from body b where b.municipality = :municipality and b.id = :body_id and not b.makes_decisions
union all
select 'register_number_form', '/register_number', :register_number
from municipality m where m.code = :municipality and not :register_number ~ m.register_number_pattern

-- name: create.apply
insert into decision (municipality, body_id, meeting_day, date_precision, section_number, register_number, title,
                      preparer_title, presenter_title, proposed_decision, discussion, decision, outcome, source,
                      external_id)
select :municipality, b.body_id, inexact_first_day(:meeting_on), inexact_precision(:meeting_on), b.section_number,
       b.register_number, b.title, b.preparer_title, b.presenter_title, b.proposed_decision, b.discussion,
       b.decision, b.outcome, :source, :external_id
from jsonb_populate_record(null::decision, :body) b
returning id

-- name: update.guard
select 'wrong_state', next_states('decision', d.status), d.status
from decision d where d.municipality = :municipality and d.id = :id and d.status <> 'decided'
union all
select 'not_your_body', null, null
from decision d
where d.municipality = :municipality and d.id = :id
  and not (may(:municipality, :actor, :now, '{body_secretary}', body_id => d.body_id)
           and may(:municipality, :actor, :now, '{body_secretary}', body_id => :body_id))
union all
select 'body_not_competent', '/body_id', b.name ->> 'fi'
from body b where b.municipality = :municipality and b.id = :body_id and not b.makes_decisions
union all
select 'register_number_form', '/register_number', :register_number
from municipality m where m.code = :municipality and not :register_number ~ m.register_number_pattern

-- name: update.apply
update decision m
set (body_id, meeting_day, date_precision, section_number, register_number, title, preparer_title,
     presenter_title, proposed_decision, discussion, decision, outcome) =
    (select b.body_id, inexact_first_day(:meeting_on), inexact_precision(:meeting_on), b.section_number,
            b.register_number, b.title, b.preparer_title, b.presenter_title, b.proposed_decision, b.discussion,
            b.decision, b.outcome
     from jsonb_populate_record(null::decision, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: publish.lock
select id from decision where municipality = :municipality and id = :id for update

-- name: publish.guard
select 'not_your_body', null, null
from decision d
where d.municipality = :municipality and d.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => d.body_id)
union all
select 'wrong_state', next_states('decision', d.status), d.status
from decision d where d.municipality = :municipality and d.id = :id and d.status <> 'decided'
union all
select 'locale_missing', '/' || part.member, missing.language
from decision d
join municipality m on m.code = d.municipality
left join body b on b.municipality = d.municipality and b.id = d.body_id
cross join lateral (values
  ('title', d.title), ('preparer_title', d.preparer_title), ('presenter_title', d.presenter_title),
  ('proposed_decision', d.proposed_decision), ('discussion', d.discussion), ('decision', d.decision)) as part (member, words)
cross join lateral missing_languages(part.words,
  case when b.kind = 'council' then m.languages else coalesce(m.minutes_languages, m.languages) end) as missing (language)
where d.municipality = :municipality and d.id = :id and part.words is not null

-- name: publish.apply
update decision set status = 'published', published_at = :now
where municipality = :municipality and id = :id
