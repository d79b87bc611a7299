-- Versions of programmes: made as drafts, public from the opening of their consultation on. The moves to approval and
-- into force are version_life's; `enter` is for a version carried over from before the service (it has a source), which
-- brings its own history.

-- name: select
select v.id, v.programme_id, v.number, v.level, v.status, v.prepared_in, v.prepared_by, v.change_note,
       v.consultation_closes_on, v.consultation_summary, v.returned_reason, v.withdrawn_reason,
       v.decision_id, inexact_text(v.approved_day, v.approved_precision) as approved_on,
       inexact_text(v.valid_from_day, v.valid_from_precision) as valid_from,
       inexact_text(v.valid_to_day, v.valid_to_precision) as valid_to,
       v.published_at, v.source, v.external_id, v.version, v.created_at, v.updated_at
from programme_version v
where v.municipality = :municipality
  and (v.published_at is not null
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
              programme_id => v.programme_id))

-- name: find
select id from programme_version
where municipality = :municipality and source = :source and external_id = :external_id

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => :programme_id)

-- name: create.apply
insert into programme_version (municipality, programme_id, number, level, prepared_in, prepared_by, change_note,
                               source, external_id)
select :municipality, b.programme_id, b.number, case when b.number like '%.0' then 'major' else 'minor' end,
       b.prepared_in, b.prepared_by, b.change_note, :source, :external_id
from jsonb_populate_record(null::programme_version, :body) b
returning id

-- name: update.guard
select 'not_your_body', null, null
from programme_version v
where v.municipality = :municipality and v.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => v.programme_id)
union all
select 'version_frozen', next_states('programme_version', v.status), v.status
from programme_version v
where v.municipality = :municipality and v.id = :id and v.status not in ('draft', 'consultation')

-- name: update.apply
update programme_version m
set (prepared_in, prepared_by, change_note) =
    (select b.prepared_in, b.prepared_by, b.change_note
     from jsonb_populate_record(null::programme_version, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: enter.lock     The programme's row too: two versions cannot enter at once.
select p.id
from programme_version v join programme p on p.municipality = v.municipality and p.id = v.programme_id
where v.municipality = :municipality and v.id = :id
for update

-- name: enter.guard
select 'not_your_body', null, null
from programme_version v
left join decision d on d.municipality = v.municipality and d.id = :decision_id
where v.municipality = :municipality and v.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => d.body_id, programme_id => v.programme_id)
union all
select 'wrong_state', next_states('programme_version', v.status), v.status
from programme_version v
where v.municipality = :municipality and v.id = :id and v.status <> 'draft'
union all
select 'not_yet_valid', '/valid_from', :valid_from::text
where inexact_first_day(:valid_from::text) > helsinki_date(:now) and :municipality::text is not null
union all
select 'rule_broken', '/valid_to', 'valid_to >= valid_from'
where inexact_first_day(:valid_to::text) < inexact_first_day(:valid_from::text) and :municipality::text is not null
union all
select 'not_carried_over', null, null
from programme_version v where v.municipality = :municipality and v.id = :id and v.source is null
union all
select 'decision_missing', null, 'decision_id'
from programme_version v
where v.municipality = :municipality and v.id = :id
  and :decision_id::uuid is null and (v.source is null or :approved_on::text is null)
union all
select 'decision_missing', null, 'decision_id'
from decision d
where d.municipality = :municipality and d.id = :decision_id and coalesce(d.outcome, '') not in ('approved', 'approved_amended')
union all
select 'reference_not_found', '/decision_id', null
where :decision_id::uuid is not null
  and not exists (select from decision where municipality = :municipality and id = :decision_id)
union all
select 'body_not_competent', '/decision_id', b.name ->> 'fi'
from decision d join body b on b.municipality = d.municipality and b.id = d.body_id
where d.municipality = :municipality and d.id = :decision_id and not b.makes_decisions
union all
select 'lead_missing', '/measures/' || m.number, m.number
from measure m
where m.municipality = :municipality and m.programme_version_id = :id and m.deleted_at is null
  and not exists (
    select from assignment a
    where a.municipality = m.municipality and a.measure_line_id = m.measure_line_id and a.role = 'lead'
      and coalesce(a.ends_on, 'infinity') >= helsinki_date(:now))
union all
select 'locale_missing', gap.pointer, gap.language from version_text_gaps(:municipality, :id) as gap

-- name: enter.apply_supersede
update programme_version o
set status = 'superseded', valid_to_day = inexact_first_day(:valid_from), valid_to_precision = inexact_precision(:valid_from)
from programme_version v
where v.municipality = :municipality and v.id = :id
  and o.municipality = v.municipality and o.programme_id = v.programme_id and o.status = 'in_force'
  and not is_over(:valid_to, :now)

-- name: enter.apply_version
update programme_version v
set status = case when is_over(:valid_to, :now) then 'superseded' else 'in_force' end,
    decision_id = :decision_id,
    approved_day = coalesce(inexact_first_day(:approved_on), d.meeting_day),
    approved_precision = coalesce(inexact_precision(:approved_on), d.date_precision),
    valid_from_day = inexact_first_day(:valid_from), valid_from_precision = inexact_precision(:valid_from),
    valid_to_day = inexact_first_day(:valid_to), valid_to_precision = inexact_precision(:valid_to),
    published_at = :now
from (select :decision_id::uuid as id) as wish
left join decision d on d.municipality = :municipality and d.id = wish.id
where v.municipality = :municipality and v.id = :id

-- name: enter.apply_publish
select publish_version(:municipality, :id, :now) is null as is_done

-- name: enter.apply_rounds
select move_planned_rounds(:municipality, :id) is null as is_done
