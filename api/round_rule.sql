-- Round rules: how the rounds of programmes come about every year. The worker makes them (round_to_plan in
-- 0009_round_rule.sql); to open one stays the decision of the body and the coordinator's act.

-- name: select
select id, programme_id, programme_kind, name, assessing_body_id, onward_report_body_id, is_active, calendar, source,
       external_id, version, created_at, updated_at, deleted_at
from round_rule
where municipality = :municipality

-- name: find
select id from round_rule
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: part.yours
select 'not_your_body', null, null
from round_rule r
where r.municipality = :municipality and r.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator,admin}', programme_id => r.programme_id)

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator,admin}', programme_id => :programme_id)
union all
select 'locale_missing', '/name', missing.language
from municipality t cross join lateral missing_languages(:name, t.languages) as missing (language)
where t.code = :municipality
union all
select 'rule_broken', '/calendar/due_on', 'invite_on < due_on'
from municipality t
cross join lateral (select t.calendar || jsonb_strip_nulls(coalesce(:calendar::jsonb, '{}')) as merged) as c
where t.code = :municipality and c.merged ->> 'invite_on' >= c.merged ->> 'due_on'

-- name: create.apply
insert into round_rule (municipality, programme_id, programme_kind, name, assessing_body_id, onward_report_body_id,
                        is_active, calendar, source, external_id)
select :municipality, b.programme_id, b.programme_kind, b.name, b.assessing_body_id, b.onward_report_body_id,
       coalesce(b.is_active, true), jsonb_strip_nulls(coalesce(b.calendar, '{}')), :source, :external_id
from jsonb_populate_record(null::round_rule, :body) b
returning id

-- name: update.guard     It must be yours before and after.
-- include: part.yours
union all
select fault.code, fault.pointer, fault.parameter
from round_rule r
join municipality t on t.code = r.municipality
cross join lateral jsonb_populate_record(null::round_rule, merge_patch(to_jsonb(r), :body)) as b
cross join lateral (
  select 'not_your_body', null, null
  where not may(:municipality, :actor, :now, '{programme_coordinator,admin}', programme_id => b.programme_id)
  union all
  select 'locale_missing', '/name', missing.language from missing_languages(b.name, t.languages) as missing (language)
  union all
  select 'rule_broken', '/calendar/due_on', 'invite_on < due_on'
  from (select t.calendar || coalesce(b.calendar, '{}') as merged) as c
  where c.merged ->> 'invite_on' >= c.merged ->> 'due_on') as fault (code, pointer, parameter)
where r.municipality = :municipality and r.id = :id

-- name: update.apply
update round_rule m
set (programme_id, programme_kind, name, assessing_body_id, onward_report_body_id, is_active, calendar) =
    (select b.programme_id, b.programme_kind, b.name, b.assessing_body_id, b.onward_report_body_id,
            coalesce(b.is_active, true), coalesce(b.calendar, '{}')
     from jsonb_populate_record(null::round_rule, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard
-- include: part.yours

-- name: delete.apply
update round_rule set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
