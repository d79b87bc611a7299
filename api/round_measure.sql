-- The scope of a round: each measure with its lights and how reporting went.

-- name: select
select s.measure_line_id as id, s.measure_id, s.theme_id, m.number, m.sort_number, m.title, s.is_added,
       v.suggested_light, vs.label as suggested_light_label, v.light, vl.label as light_label,
       v.light is null as is_unassessed,
       (select count(*) from report_request q
        where q.municipality = s.municipality and q.reporting_round_id = s.reporting_round_id
          and q.measure_line_id = s.measure_line_id and q.status <> 'reassigned') as requests,
       (select count(*) from report_request q
        where q.municipality = s.municipality and q.reporting_round_id = s.reporting_round_id
          and q.measure_line_id = s.measure_line_id and q.status = 'accepted') as accepted,
       (select count(*) from report_request q
        where q.municipality = s.municipality and q.reporting_round_id = s.reporting_round_id
          and q.measure_line_id = s.measure_line_id and q.status = 'missing') as missing,
       s.snapshot
from round_measure s
join reporting_round r on r.municipality = s.municipality and r.id = s.reporting_round_id
join measure m on m.municipality = s.municipality and m.id = s.measure_id
left join lateral (
  select a.light, a.suggested_light from assessment a
  where a.municipality = s.municipality and a.reporting_round_id = s.reporting_round_id
    and a.measure_line_id = s.measure_line_id
  order by a.id desc limit 1) as v on true
left join light_meaning vl on vl.municipality = r.municipality and vl.light_scale_id = r.light_scale_id and vl.light = v.light
left join light_meaning vs on vs.municipality = r.municipality and vs.light_scale_id = r.light_scale_id and vs.light = v.suggested_light
where s.municipality = :municipality and s.reporting_round_id = :id
  and (r.published_at is not null
       or (:actor::uuid is not null
           and oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)))

-- name: is_visible
select r.id from reporting_round r
where r.municipality = :municipality and r.id = :id
  and (r.published_at is not null
       or (:actor::uuid is not null
           and oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)))
