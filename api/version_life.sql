-- The moves of a version from draft into force; the reads are programme_version's. The worker begins a version
-- when its day does; one carried over from before the service enters by programme_version.enter.

-- name: part.lock
select id from programme_version where municipality = :municipality and id = :id for update

-- name: part.coordinator
select 'not_your_body', null, null
from programme_version v
where v.municipality = :municipality and v.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => v.programme_id)

-- name: copy.lock
-- include: part.lock

-- name: copy.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v where v.municipality = :municipality and v.id = :id and v.status <> 'draft'
union all
select 'version_not_empty', null, null
where exists (select from theme where municipality = :municipality and programme_version_id = :id and deleted_at is null)
union all
select 'reference_not_found', '/from_version_id', null
from programme_version v
where v.municipality = :municipality and v.id = :id
  and not exists (
    select from programme_version o
    where o.municipality = v.municipality and o.programme_id = v.programme_id and o.id = :from_version_id and o.id <> v.id)

-- name: copy.apply_themes
insert into theme (municipality, programme_id, programme_version_id, number, name, description)
select t.municipality, t.programme_id, :id, t.number, t.name, t.description
from theme t
where t.municipality = :municipality and t.programme_version_id = :from_version_id and t.deleted_at is null

-- name: copy.apply_measures     The lines go on; texts, goals and themes are copied.
insert into measure (municipality, programme_id, programme_version_id, measure_line_id, theme_id, number, title,
                     description, start_due_on, links)
select m.municipality, m.programme_id, :id, m.measure_line_id, n.id, m.number, m.title, m.description,
       m.start_due_on, m.links
from measure m
join theme o on o.municipality = m.municipality and o.id = m.theme_id
join theme n on n.municipality = m.municipality and n.programme_version_id = :id and n.number = o.number and n.deleted_at is null
where m.municipality = :municipality and m.programme_version_id = :from_version_id and m.deleted_at is null

-- name: copy.apply_goals
insert into goal (municipality, measure_id, n, text, window_kind, start_year, end_year, note, cycles, status)
select g.municipality, n.id, g.n, g.text, g.window_kind, g.start_year, g.end_year, g.note, g.cycles, g.status
from measure o
join measure n on n.municipality = o.municipality and n.programme_version_id = :id and n.measure_line_id = o.measure_line_id
join goal g on g.municipality = o.municipality and g.measure_id = o.id
where o.municipality = :municipality and o.programme_version_id = :from_version_id and o.deleted_at is null

-- name: consult.lock
-- include: part.lock

-- name: consult.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v where v.municipality = :municipality and v.id = :id and v.status <> 'draft'
union all
select 'due_in_past', '/closes_on', :closes_on::text
where :closes_on::date < helsinki_date(:now) and :municipality::text is not null
union all
select 'statement_request_missing', '/bodies/' || b.id, b.name ->> 'fi'
from body b
where b.municipality = :municipality and b.deleted_at is null
  and b.kind in ('youth_council', 'elderly_council', 'disability_council')
  and not exists (
    select from statement_request s
    where s.municipality = b.municipality and s.programme_version_id = :id and s.body_id = b.id)
union all
select 'locale_missing', gap.pointer, gap.language from version_text_gaps(:municipality, :id) as gap
union all
select 'text_missing', gap.pointer, gap.name from required_text_gaps(:municipality, :id) as gap

-- name: consult.apply_version     Who is asked can read: public from now on, whatever becomes of it.
update programme_version
set status = 'consultation', consultation_closes_on = :closes_on, published_at = coalesce(published_at, :now)
where municipality = :municipality and id = :id

-- name: consult.apply_publish
select publish_version(:municipality, :id, :now) is null as is_done

-- name: submit.lock
-- include: part.lock

-- name: submit.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v where v.municipality = :municipality and v.id = :id and v.status <> 'consultation'
union all
select 'consultation_open', null, v.consultation_closes_on::text
from programme_version v
where v.municipality = :municipality and v.id = :id and v.consultation_closes_on >= helsinki_date(:now)
union all
select 'answer_missing', '/consultation_inputs/' || i.id, null
from consultation_input i
where i.municipality = :municipality and i.programme_version_id = :id and i.answer is null
union all
select 'lead_missing', '/measures/' || m.number, m.number
from measure m
where m.municipality = :municipality and m.programme_version_id = :id and m.deleted_at is null
  and not exists (
    select from assignment a
    where a.municipality = m.municipality and a.measure_line_id = m.measure_line_id and a.role = 'lead'
      and coalesce(a.ends_on, 'infinity') >= helsinki_date(:now))
union all
select 'drop_reason_missing', '/measures/' || o.number, o.number
from programme_version v
cross join lateral (select version_before(v.municipality, v.id) as id offset 0) as f
cross join lateral version_lineage(v.municipality, f.id, v.id) as l
join measure o on o.municipality = v.municipality and o.id = l.before_id
where v.municipality = :municipality and v.id = :id and l.lineage = 'dropped' and l.reason is null
union all
select 'locale_missing', gap.pointer, gap.language from version_text_gaps(:municipality, :id) as gap
union all
select 'locale_missing', '/summary', missing.language
from missing_languages(:summary::jsonb, required_languages(:municipality, 'programme_version', null)) as missing (language)
union all
select 'text_missing', gap.pointer, gap.name from required_text_gaps(:municipality, :id) as gap
union all
-- Local Government Act 410/2015 § 37: the strategy covers both
select 'strategy_incomplete', '/strategic_goals', subject.code
from programme_version v
join programme p on p.municipality = v.municipality and p.id = v.programme_id
cross join (values ('participation'), ('vitality')) as subject (code)
where v.municipality = :municipality and v.id = :id and p.kind = 'city_strategy'
  and not exists (
    select from strategic_goal g
    where g.municipality = p.municipality and g.programme_id = p.id and g.deleted_at is null and g.covers ? subject.code)

-- name: submit.apply
update programme_version set status = 'submitted', consultation_summary = :summary
where municipality = :municipality and id = :id

-- name: part.decided
select 'not_your_body', null, null
from programme_version v
left join decision d on d.municipality = v.municipality and d.id = :decision_id
where v.municipality = :municipality and v.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => d.body_id, programme_id => v.programme_id)
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v where v.municipality = :municipality and v.id = :id and v.status <> 'submitted'
union all
select 'reference_not_found', '/decision_id', null
where not exists (select from decision where municipality = :municipality and id = :decision_id)

-- name: approve.lock
-- include: part.lock

-- name: approve.guard
-- include: part.decided
union all
select 'decision_missing', null, 'decision_id'
from decision d
where d.municipality = :municipality and d.id = :decision_id
  and (coalesce(d.outcome, '') not in ('approved', 'approved_amended') or d.section_number is null or d.register_number is null)
union all
select 'body_not_competent', '/decision_id', coalesce(b.name ->> 'fi', '–')
from programme_version v
join programme p on p.municipality = v.municipality and p.id = v.programme_id
join decision d on d.municipality = v.municipality and d.id = :decision_id
left join body b on b.municipality = d.municipality and b.id = d.body_id
where v.municipality = :municipality and v.id = :id
  and (b.id is null or not b.makes_decisions
       or (v.level = 'minor' and not approves_version(v.municipality, p.id, b.id, 'minor')))
union all
select 'major_approval_required', '/decision_id', v.number
from programme_version v
join decision d on d.municipality = v.municipality and d.id = :decision_id
join body b on b.municipality = d.municipality and b.id = d.body_id
where v.municipality = :municipality and v.id = :id and b.makes_decisions
  and not approves_version(v.municipality, v.programme_id, b.id, 'major')
  and (v.level = 'major'
       or version_before(v.municipality, v.id) is null
       or exists (
         -- a minor version updates measures only: its themes are those of the version before
         select from (select version_before(v.municipality, v.id) as id offset 0) as f
         where f.id is not null
           and ((select jsonb_agg(jsonb_build_array(t.number, t.name, t.description) order by t.number) from theme t
                 where t.municipality = v.municipality and t.programme_version_id = v.id and t.deleted_at is null)
                is distinct from
                (select jsonb_agg(jsonb_build_array(t.number, t.name, t.description) order by t.number) from theme t
                 where t.municipality = v.municipality and t.programme_version_id = f.id and t.deleted_at is null))))

union all
select 'rule_broken', '/valid_to', 'valid_to >= valid_from'
where :valid_to::date < :valid_from::date and :municipality::text is not null
union all
select 'rule_broken', '/valid_from', 'valid_from >= meeting_on'
from decision d
where d.municipality = :municipality and d.id = :decision_id and :valid_from::date < d.meeting_day

-- name: approve.apply
update programme_version v
set status = 'approved', decision_id = d.id, approved_day = d.meeting_day, approved_precision = d.date_precision,
    valid_from_day = :valid_from::date, valid_from_precision = 'day',
    valid_to_day = :valid_to::date, valid_to_precision = case when :valid_to::date is not null then 'day' end
from decision d
where v.municipality = :municipality and v.id = :id and d.municipality = v.municipality and d.id = :decision_id

-- name: return.lock
-- include: part.lock

-- name: return.guard
-- include: part.decided
union all
select 'decision_missing', null, 'decision_id'
from decision d
where d.municipality = :municipality and d.id = :decision_id and coalesce(d.outcome, 'approved') in ('approved', 'approved_amended')

-- name: return.apply
update programme_version set status = 'returned', returned_reason = :reason
where municipality = :municipality and id = :id

-- name: revise.lock
-- include: part.lock

-- name: revise.guard
-- include: part.coordinator
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v where v.municipality = :municipality and v.id = :id and v.status <> 'returned'

-- name: revise.apply
update programme_version set status = 'draft' where municipality = :municipality and id = :id

-- name: withdraw.lock
-- include: part.lock

-- name: withdraw.guard     What is in force ends by a decision of a body that may approve such a version.
-- include: part.coordinator
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v
where v.municipality = :municipality and v.id = :id
  and v.status not in ('draft', 'consultation', 'returned', 'approved', 'in_force')
union all
select 'decision_missing', null, 'decision_id'
from programme_version v
left join decision d on d.municipality = v.municipality and d.id = :decision_id
where v.municipality = :municipality and v.id = :id and v.status = 'in_force'
  and (d.id is null or coalesce(d.outcome, '') not in ('approved', 'approved_amended')
       or not coalesce(approves_version(v.municipality, v.programme_id, d.body_id, v.level), false))

-- name: withdraw.apply
update programme_version
set status = 'withdrawn', withdrawn_reason = :reason,
    valid_to_day = case when status = 'in_force' then helsinki_date(:now) else valid_to_day end,
    valid_to_precision = case when status = 'in_force' then 'day' else valid_to_precision end
where municipality = :municipality and id = :id

-- name: begin.lock     The programme's row too: two versions cannot enter at once.
select p.id
from programme_version v join programme p on p.municipality = v.municipality and p.id = v.programme_id
where v.municipality = :municipality and v.id = :id
for update

-- name: begin.guard     The worker asks none of these: it does only what is due.
-- include: part.coordinator
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v where v.municipality = :municipality and v.id = :id and v.status <> 'approved'
union all
select 'not_yet_valid', null, v.valid_from_day::text
from programme_version v
where v.municipality = :municipality and v.id = :id and v.status = 'approved' and v.valid_from_day > helsinki_date(:now)
union all
select 'version_overtaken', null, v.number
from programme_version v
where v.municipality = :municipality and v.id = :id and v.status = 'approved' and is_overtaken(v.municipality, v.id)

-- name: begin.apply_supersede     Never two in force.
update programme_version o
set status = 'superseded', valid_to_day = v.valid_from_day, valid_to_precision = v.valid_from_precision
from programme_version v
where v.municipality = :municipality and v.id = :id
  and o.municipality = v.municipality and o.programme_id = v.programme_id and o.status = 'in_force'

-- name: begin.apply_version
update programme_version set status = 'in_force', published_at = coalesce(published_at, :now)
where municipality = :municipality and id = :id

-- name: begin.apply_publish
select publish_version(:municipality, :id, :now) is null as is_done

-- name: begin.apply_rounds
select move_planned_rounds(:municipality, :id) is null as is_done

-- name: expire.lock     The programme's row too: no successor begins meanwhile.
select p.id
from programme_version v join programme p on p.municipality = v.municipality and p.id = v.programme_id
where v.municipality = :municipality and v.id = :id
for update

-- name: expire.guard     The worker asks none of these: it does only what is due.
-- include: part.coordinator
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v where v.municipality = :municipality and v.id = :id and v.status <> 'in_force'
union all
select 'still_valid', null, coalesce(inexact_text(v.valid_to_day, v.valid_to_precision), '–')
from programme_version v
where v.municipality = :municipality and v.id = :id and v.status = 'in_force'
  and coalesce(inexact_last_day(v.valid_to_day, v.valid_to_precision) >= helsinki_date(:now), true)
union all
select 'successor_approved', null, n.number
from programme_version v
join programme_version n on n.municipality = v.municipality and n.programme_id = v.programme_id and n.status = 'approved'
where v.municipality = :municipality and v.id = :id and n.valid_from_day <= helsinki_date(:now)
  and not is_overtaken(n.municipality, n.id)

-- name: expire.apply_version
update programme_version set status = 'expired' where municipality = :municipality and id = :id

-- name: expire.apply_rounds     They stay bound to it and say what has become of it.
update reporting_round set updated_at = :now
where municipality = :municipality and programme_version_id = :id
