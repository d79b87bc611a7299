-- The body's lights: append-only; the last of a measure in a round counts and is the one that is seen.
-- Every assessment keeps the scale it was made under, the suggestion and how that came about.

-- name: select
select a.id, a.reporting_round_id, a.measure_line_id, a.measure_id, a.light_scale_id, a.suggested_light,
       s.label as suggested_light_label, a.suggestion, a.light, l.label as light_label, a.is_unassessed,
       a.is_overridden, a.is_self_assessed, a.justification, a.source, a.external_id, a.version, a.created_at,
       a.updated_at
from assessment a
join reporting_round r on r.municipality = a.municipality and r.id = a.reporting_round_id
left join light_meaning l on l.municipality = a.municipality and l.light_scale_id = a.light_scale_id and l.light = a.light
left join light_meaning s on s.municipality = a.municipality and s.light_scale_id = a.light_scale_id and s.light = a.suggested_light
where a.municipality = :municipality
  and not exists (
    select from assessment n
    where n.municipality = a.municipality and n.reporting_round_id = a.reporting_round_id
      and n.measure_line_id = a.measure_line_id and n.id > a.id)
  and (r.published_at is not null
       or (:actor::uuid is not null
           and r.id = any ((select rounds_overseen(:municipality, :actor, :now))::uuid[])))

-- name: create.lock     The measure's row too: of two lights given at once one is the later.
select s.measure_line_id
from reporting_round r
left join lateral (
  select s.measure_line_id from round_measure s
  where s.municipality = r.municipality and s.reporting_round_id = r.id and s.measure_id = :measure_id
  for update) as s on true
where r.municipality = :municipality and r.id = :reporting_round_id
for share of r

-- name: create.guard
select 'reference_not_found', '/reporting_round_id', null
where not exists (select from reporting_round where municipality = :municipality and id = :reporting_round_id)
union all
select 'not_your_body', null, null
from reporting_round r
where r.municipality = :municipality and r.id = :reporting_round_id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => r.assessing_body_id)
union all
select 'round_wrong_state', next_states('reporting_round', r.status), r.status
from reporting_round r
where r.municipality = :municipality and r.id = :reporting_round_id and r.status <> 'in_review'
union all
select 'not_in_scope', '/measure_id', null
where not exists (
  select from round_measure
  where municipality = :municipality and reporting_round_id = :reporting_round_id and measure_id = :measure_id)
union all
select 'light_missing', '/light', null
where (:light::text is null) <> coalesce(:is_unassessed::boolean, false) and :municipality::text is not null
union all
select 'justification_required', '/justification', coalesce(l.light, 'unassessed')
from reporting_round r
left join light_meaning l on l.municipality = r.municipality and l.light_scale_id = r.light_scale_id and l.light = :light
left join round_measure s on s.municipality = r.municipality and s.reporting_round_id = r.id and s.measure_id = :measure_id
where r.municipality = :municipality and r.id = :reporting_round_id and r.light_scale_id is not null
  and not exists (select from jsonb_each_text(:justification::jsonb) as words (language, text) where trim(words.text) <> '')
  and (l.requires_justification
       or coalesce(:is_unassessed::boolean, false)
       or :light is distinct from suggested_light(:municipality, r.id, s.measure_line_id))

-- name: create.apply
insert into assessment (municipality, reporting_round_id, measure_line_id, measure_id, light_scale_id,
                        suggested_light, suggestion, light, is_unassessed, is_overridden, is_self_assessed,
                        justification, source, external_id)
select s.municipality, r.id, s.measure_line_id, s.measure_id, r.light_scale_id, suggested.light,
       coalesce((select jsonb_agg(jsonb_build_object('responsible_party_id', w.responsible_party_id, 'goal', w.goal,
                                                     'status', w.status, 'light', w.light)
                                  order by w.responsible_party_id, w.goal)
                 from suggestion_rows(s.municipality, r.id, s.measure_line_id) w), '[]'),
       :light::text, coalesce(:is_unassessed, false),
       :light::text is not null and suggested.light is not null and :light::text <> suggested.light,
       exists (select from assignment a
               join responsible_party p on p.municipality = a.municipality and p.id = a.responsible_party_id
               where a.municipality = s.municipality and a.measure_line_id = s.measure_line_id
                 and p.body_id = r.assessing_body_id
                 and helsinki_date(:now) between a.starts_on and coalesce(a.ends_on, 'infinity')),
       :justification, :source, :external_id
from round_measure s
join reporting_round r on r.municipality = s.municipality and r.id = s.reporting_round_id
cross join lateral (select suggested_light(s.municipality, r.id, s.measure_line_id) as light) as suggested
where s.municipality = :municipality and s.reporting_round_id = :reporting_round_id and s.measure_id = :measure_id
returning id
