-- The paper a round goes to the board with: counts, reds and yellows with reasons, missing reports by
-- party, priorities, decisions. Seen by whoever may see the round's inside.

-- name: part.scope
with visible as (
  select r.* from reporting_round r
  where r.municipality = :municipality and r.id = :id
    and (r.published_at is not null
         or (:actor::uuid is not null
             and oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)))
), judged as (
  select s.measure_line_id, m.id as measure_id, m.number, m.sort_number, m.title, t.id as theme_id, t.number as theme_number,
         a.light, g.label as light_label, g.precedence, a.light is null as is_unassessed,
         coalesce(a.suggested_light, suggested_light(s.municipality, r.id, s.measure_line_id)) as suggested_light,
         coalesce(a.is_overridden, false) as is_overridden, coalesce(a.is_self_assessed, false) as is_self_assessed,
         a.justification, r.light_scale_id
  from visible r
  join round_measure s on s.municipality = r.municipality and s.reporting_round_id = r.id
  join measure m on m.municipality = s.municipality and m.id = s.measure_id
  join theme t on t.municipality = s.municipality and t.id = s.theme_id
  left join lateral (
    select a.* from assessment a
    where a.municipality = s.municipality and a.reporting_round_id = s.reporting_round_id
      and a.measure_line_id = s.measure_line_id
    order by a.id desc limit 1) as a on true
  left join light_meaning g on g.municipality = r.municipality and g.light_scale_id = r.light_scale_id and g.light = a.light
)

-- name: select
-- include: part.scope
, asked as (
  select q.*, p.title as party_title, p.position as party_position, o.reported_status, o.own_light, o.summary
  from visible r
  join report_request q on q.municipality = r.municipality and q.reporting_round_id = r.id and q.status <> 'reassigned'
  join responsible_party p on p.municipality = q.municipality and p.id = q.responsible_party_id
  left join lateral (
    select o.reported_status, o.own_light, o.summary from report o
    where o.municipality = q.municipality and o.report_request_id = q.id and o.submitted_at is not null
      and (r.published_at is null or q.status = 'accepted')
    order by o.revision desc limit 1) as o on true
), paper as (
  select j.sort_number, j.light, json_build_object(
    'measure_id', j.measure_id, 'number', j.number, 'title', j.title, 'theme_number', j.theme_number,
    'light', j.light, 'light_label', j.light_label, 'is_unassessed', j.is_unassessed,
    'suggested_light', j.suggested_light,
    'suggested_light_label', (select label from light_meaning g where g.municipality = :municipality
                              and g.light_scale_id = j.light_scale_id and g.light = j.suggested_light),
    'is_overridden', j.is_overridden, 'is_self_assessed', j.is_self_assessed, 'justification', j.justification,
    'own_views', (select coalesce(json_agg(json_build_object(
                    'responsible_party_id', q.responsible_party_id, 'title', q.party_title, 'role', q.role,
                    'status', q.status, 'is_late', q.is_late, 'reported_status', q.reported_status,
                    'own_light', q.own_light, 'summary', q.summary) order by q.role, q.party_position, q.id), '[]')
                  from asked q where q.measure_line_id = j.measure_line_id)) as item
  from judged j
)
select (select json_build_object('code', m.code, 'name', m.name) from municipality m where m.code = :municipality) as municipality,
       (select json_build_object('id', p.id, 'name', p.name, 'version_number', v.number)
        from programme p join programme_version v on v.municipality = p.municipality and v.id = r.programme_version_id
        where p.municipality = :municipality and p.id = r.programme_id) as programme,
       (select json_build_object('id', b.id, 'name', b.name) from body b
        where b.municipality = :municipality and b.id = r.assessing_body_id) as assessing_body,
       (select json_build_object('id', b.id, 'name', b.name) from body b
        where b.municipality = :municipality and b.id = r.onward_report_body_id) as onward_report_body,
       r.id as reporting_round_id, r.name, r.year, r.status, r.due_on,
       (select coalesce(json_agg(json_build_object('light', g.light, 'precedence', g.precedence, 'symbol', g.symbol, 'label', g.label,
                                                   'meaning', g.meaning, 'requires_justification', g.requires_justification)
                                 order by g.precedence), '[]')
        from light_meaning g where g.municipality = :municipality and g.light_scale_id = r.light_scale_id) as light_scale,
       light_counts(coalesce((select array_agg(light) from judged), '{}')) as counts,
       (select json_build_object('total', count(*), 'accepted', count(*) filter (where status = 'accepted'),
                                 'submitted', count(*) filter (where status = 'submitted'),
                                 'late', count(*) filter (where is_late), 'missing', count(*) filter (where status = 'missing'),
                                 'excused', count(*) filter (where status = 'excused')) from asked) as requests,
       (select coalesce(json_agg(json_build_object('theme_id', t.id, 'number', t.number, 'name', t.name, 'counts', c.counts) order by t.sort_number), '[]')
        from (select theme_id, light_counts(array_agg(light)) as counts from judged group by theme_id) as c
        join theme t on t.municipality = :municipality and t.id = c.theme_id) as by_theme,
       (select coalesce(json_agg(json_build_object(
                 'responsible_party_id', c.id, 'title', c.title, 'counts', c.counts, 'requests', c.requests,
                 'on_time', c.on_time, 'late', c.late, 'missing', c.missing) order by c.position, c.id), '[]')
        from (select q.responsible_party_id as id, q.party_title as title, q.party_position as position,
                     light_counts(array_agg(j.light)) as counts, count(*) as requests,
                     count(*) filter (where q.status in ('submitted', 'accepted') and not q.is_late) as on_time,
                     count(*) filter (where q.is_late) as late, count(*) filter (where q.status = 'missing') as missing
              from asked q join judged j on j.measure_line_id = q.measure_line_id
              group by q.responsible_party_id, q.party_title, q.party_position) as c) as by_party,
       (select coalesce(json_agg(item order by light, sort_number), '[]') from paper where light in ('red', 'yellow')) as reds_and_yellows,
       (select coalesce(json_agg(item order by sort_number), '[]') from paper) as measures,
       (select coalesce(json_agg(json_build_object('responsible_party_id', c.id, 'title', c.title, 'measures', c.measures) order by c.position, c.id), '[]')
        from (select q.responsible_party_id as id, q.party_title as title, q.party_position as position,
                     json_agg(json_build_object('measure_id', j.measure_id, 'number', j.number, 'title', j.title) order by j.sort_number) as measures
              from asked q join judged j on j.measure_line_id = q.measure_line_id
              where q.status = 'missing'
              group by q.responsible_party_id, q.party_title, q.party_position) as c) as missing_reports,
       (select coalesce(json_agg(json_build_object(
                 'id', p.id, 'measure_number', j.number, 'theme_number', t.number, 'name', coalesce(j.title, t.name),
                 'reason', p.reason, 'is_carried_in', p.carried_from_id is not null) order by p.id), '[]')
        from priority p
        left join judged j on j.measure_line_id = p.measure_line_id
        left join theme t on t.municipality = p.municipality and t.id = p.theme_id
        where p.municipality = :municipality and p.reporting_round_id = r.id and p.deleted_at is null
          and coalesce(j.title, t.name) is not null) as priorities,
       (select json_build_object('decision_id', d.id, 'body_id', d.body_id, 'meeting_on', inexact_text(d.meeting_day, d.date_precision),
                                 'section_number', d.section_number, 'register_number', d.register_number,
                                 'title', d.title, 'decision', d.decision)
        from decision d where d.municipality = :municipality and d.id = r.assessment_decision_id
          and (d.published_at is not null
               or may(:municipality, :actor, :now,
                      '{body_secretary,body_member,presenter,programme_coordinator,participation_coordinator,registrar,admin}',
                      body_id => d.body_id))) as assessment_decision,
       (select json_build_object('decision_id', d.id, 'body_id', d.body_id, 'meeting_on', inexact_text(d.meeting_day, d.date_precision),
                                 'section_number', d.section_number, 'register_number', d.register_number,
                                 'title', d.title, 'decision', d.decision)
        from decision d where d.municipality = :municipality and d.id = r.onward_decision_id
          and (d.published_at is not null
               or may(:municipality, :actor, :now,
                      '{body_secretary,body_member,presenter,programme_coordinator,participation_coordinator,registrar,admin}',
                      body_id => d.body_id))) as onward_decision
from visible r

-- name: rows     The CSV: one row per measure. A round that may not be seen has none, and none is 404.
-- include: part.scope
select j.number, j.title, j.theme_number, j.light, j.light_label, j.is_unassessed, j.suggested_light,
       g.label as suggested_light_label, j.is_overridden, j.is_self_assessed, j.justification,
       (select string_agg(coalesce(p.title ->> :language, p.title ->> 'fi', p.title ->> 'sv', p.title ->> 'en'), '; ' order by p.position)
        from report_request q join responsible_party p on p.municipality = q.municipality and p.id = q.responsible_party_id
        where q.municipality = :municipality and q.reporting_round_id = :id and q.measure_line_id = j.measure_line_id
          and q.status = 'missing') as missing_reports
from judged j
left join light_meaning g on g.municipality = :municipality and g.light_scale_id = j.light_scale_id and g.light = j.suggested_light
order by j.sort_number
