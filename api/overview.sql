-- The living programme in one statement: the version in force, each measure's last published light, what
-- changed since the one before, and counts with their denominators. Nothing of an unpublished round is read
-- but the day reports are due.

-- name: select
with visible as (
  select p.* from programme p
  where p.municipality = :municipality and p.id = :id
    and (p.published_at is not null
         or may(:municipality, :actor, :now,
                '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
                body_id => p.managing_body_id, programme_id => p.id))
), in_force as (
  select v.* from visible p
  join programme_version v on v.municipality = p.municipality and v.programme_id = p.id and v.status = 'in_force'
), last_round as (
  select r.* from visible p
  join reporting_round r on r.municipality = p.municipality and r.programme_id = p.id and r.published_at is not null
  order by r.year desc, r.published_at desc limit 1
), scale as (
  select coalesce((select light_scale_id from last_round),
                  (select s.id from light_scale s
                   where s.municipality = :municipality and s.valid_from <= helsinki_date(:now)
                   order by s.number desc limit 1)) as id
), meaning as (
  select l.* from light_meaning l, scale where l.municipality = :municipality and l.light_scale_id = scale.id
), next_due as (
  select coalesce(
    (select min(r.due_on) from visible p
     join reporting_round r on r.municipality = p.municipality and r.programme_id = p.id and r.status = 'open'),
    (select min(day.due_on) from visible p
     cross join lateral (select extract(year from helsinki_date(:now))::integer as this_year) as y
     cross join lateral generate_series(y.this_year - 1, y.this_year) as year
     cross join lateral round_days(round_calendar(p.municipality, p.id), year) as day
     where day.due_on >= helsinki_date(:now))) as due_on
), judged as (
  select m.id as measure_id, a.id as assessment_id, a.light, a.suggested_light, a.justification, a.is_self_assessed, a.assessed_at, a.published_at,
         b.light as light_before, b.has_before
  from in_force v
  join measure m on m.municipality = v.municipality and m.programme_version_id = v.id and m.deleted_at is null
  left join lateral (
    select x.*, r.assessed_at, r.published_at, r.year from assessment x
    join reporting_round r on r.municipality = x.municipality and r.id = x.reporting_round_id and r.published_at is not null
    where x.municipality = m.municipality and x.measure_line_id = m.measure_line_id
    order by r.year desc, x.id desc limit 1) as a on true
  left join lateral (
    select x.light, true as has_before from assessment x
    join reporting_round r on r.municipality = x.municipality and r.id = x.reporting_round_id and r.published_at is not null
    where x.municipality = m.municipality and x.measure_line_id = m.measure_line_id and r.year < a.year and x.light is not null
    order by r.year desc, x.id desc limit 1) as b on true
), shown as (
  select m.id, m.theme_id, m.sort_number, m.measure_line_id, j.light, j.published_at, json_build_object(
    'measure_id', m.id, 'measure_line_id', m.measure_line_id, 'number', m.number, 'title', m.title,
    'status', l.status,
    'lead', (select json_build_object('responsible_party_id', p.id, 'title', p.title)
             from assignment a join responsible_party p on p.municipality = a.municipality and p.id = a.responsible_party_id
             where a.municipality = m.municipality and a.measure_line_id = m.measure_line_id and a.role = 'lead'
               and helsinki_date(:now) between a.starts_on and coalesce(a.ends_on, 'infinity')),
    'parties', (select coalesce(json_agg(json_build_object('responsible_party_id', p.id, 'title', p.title) order by p.position, p.id), '[]')
                from assignment a join responsible_party p on p.municipality = a.municipality and p.id = a.responsible_party_id
                where a.municipality = m.municipality and a.measure_line_id = m.measure_line_id and a.role = 'party'
                  and helsinki_date(:now) between a.starts_on and coalesce(a.ends_on, 'infinity')),
    'assessment_id', j.assessment_id, 'light', j.light, 'light_label', g.label, 'light_symbol', g.symbol, 'justification', j.justification,
    'suggested_light', j.suggested_light, 'is_self_assessed', coalesce(j.is_self_assessed, false),
    'is_priority', exists (
      select from priority p, last_round r
      where p.municipality = m.municipality and p.reporting_round_id = r.id and p.deleted_at is null
        and m.measure_line_id = p.measure_line_id),
    'assessed_on', helsinki_date(j.assessed_at), 'published_at', rfc3339(j.published_at),
    'last_reported_on', (
      select helsinki_date(max(q.submitted_at)) from report_request q
      join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id and r.published_at is not null
      where q.municipality = m.municipality and q.measure_line_id = m.measure_line_id and q.status = 'accepted'),
    'next_due_on', (select due_on from next_due),
    'change', case when j.light is null then null
                   when j.has_before is null then 'first'
                   when j.light = j.light_before then 'same'
                   when g.precedence < (select precedence from meaning where light = j.light_before) then 'better'
                   else 'worse' end,
    'change_message', case when j.light is not null then light_change(
      (select label from meaning where light = j.light_before), g.label, j.light = j.light_before) end) as item
  from judged j
  join measure m on m.municipality = :municipality and m.id = j.measure_id
  join measure_line l on l.municipality = m.municipality and l.id = m.measure_line_id
  left join meaning g on g.light = j.light
)
select (select json_build_object('code', m.code, 'name', m.name) from municipality m where m.code = :municipality) as municipality,
       p.id as programme_id, p.name, p.kind, (select number from in_force) as version_number,
       (select json_build_object('id', r.id, 'name', r.name, 'year', r.year, 'published_at', rfc3339(r.published_at),
                                 'published_on', helsinki_date(r.published_at),
                                 'decision_id', r.assessment_decision_id) from last_round r) as round,
       (select json_agg(json_build_object('light', light, 'precedence', precedence, 'symbol', symbol, 'label', label,
                                          'meaning', meaning.meaning, 'requires_justification', requires_justification)
                        order by precedence) from meaning) as light_scale,
       greatest(p.updated_at, (select updated_at from in_force), (select updated_at from last_round),
                (select max(published_at) from shown),
                (select max(l.updated_at) from shown s join measure_line l on l.municipality = :municipality and l.id = s.measure_line_id)) as fresh_at,
       light_counts(coalesce((select array_agg(light) from shown), '{}')) as counts,
       (select coalesce(json_agg(json_build_object('responsible_party_id', t.id, 'title', t.title, 'counts', t.counts) order by t.position, t.id), '[]')
        from (select q.id, q.title, q.position, light_counts(array_agg(s.light)) as counts
              from shown s
              join assignment a on a.municipality = :municipality and a.measure_line_id = s.measure_line_id
                               and helsinki_date(:now) between a.starts_on and coalesce(a.ends_on, 'infinity')
              join responsible_party q on q.municipality = a.municipality and q.id = a.responsible_party_id
              group by q.id, q.title, q.position) as t) as by_party,
       (select json_agg(json_build_object('light', c.light, 'count', (select count(*) from shown s where coalesce(s.light, 'unassessed') = c.light),
                                          'total', (select count(*) from shown)) order by c.place)
        from unnest(array['green', 'yellow', 'red', 'grey', 'unassessed']) with ordinality as c (light, place)) as by_light,
       (select coalesce(json_agg(json_build_object(
                 'theme_id', t.id, 'number', t.number, 'name', t.name,
                 'counts', light_counts(coalesce((select array_agg(s.light) from shown s where s.theme_id = t.id), '{}')),
                 'measures', (select coalesce(json_agg(s.item order by s.sort_number), '[]') from shown s where s.theme_id = t.id))
               order by t.sort_number), '[]')
        from in_force v join theme t on t.municipality = v.municipality and t.programme_version_id = v.id and t.deleted_at is null) as themes
from visible p
