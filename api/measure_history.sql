-- What became of a measure by time: its line's status and assignments, lights, reports, its texts over versions,
-- and errata. Each entry is seen by whoever may see what it is read from; a status that changed is public with
-- its line, why it did is told to those who may read transitions.

-- name: is_visible
select m.id from measure m
where m.municipality = :municipality and m.id = :id and m.deleted_at is null
  and (m.published_at is not null
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
              programme_id => m.programme_id))

-- name: select     What had an effect for a day has it from that day's start. A reason that was given as one plain
-- text is taken for the municipality's first language.
with line as (
  select l.id, l.municipality, may(:municipality, :actor, :now,
           '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
           programme_id => l.programme_id) as sees_drafts,
         may(:municipality, :actor, :now,
             '{programme_coordinator,presenter,body_secretary,privacy_officer,registrar,admin}') as sees_reasons,
         t.languages ->> 0 as language
  from measure m
  join measure_line l on l.municipality = m.municipality and l.id = m.measure_line_id
  join municipality t on t.code = m.municipality
  where m.municipality = :municipality and m.id = :id
), status as (
  select t.id, t.at, 'status'::text as kind,
         case when t.from_status is not null then json_build_object('status', t.from_status) end as before,
         json_build_object('status', t.to_status) as after, null::uuid as reporting_round_id,
         null::uuid as programme_version_id, t.decision_id, t.acting_role, t.acting_office,
         case when line.sees_reasons and t.reason is not null then jsonb_build_object(line.language, t.reason) end as reason
  from line
  join transition t on t.municipality = line.municipality and t.resource = 'measure_line' and t.resource_id = line.id
), assigned as (
  select a.*, line.language, json_build_object('responsible_party_id', a.responsible_party_id,
                                               'responsible_party_title', p.title, 'role', a.role) as state
  from line
  join assignment a on a.municipality = line.municipality and a.measure_line_id = line.id
  join responsible_party p on p.municipality = a.municipality and p.id = a.responsible_party_id
), assignment as (
  select a.id, day_end(a.starts_on - 1) as at, 'assignment'::text, null::json, a.state, null::uuid, null::uuid, null::uuid,
         'programme_coordinator'::text,
         (select office_of(c.municipality, c.actor_id, c.at) from change c
          where c.municipality = a.municipality and c.resource = 'assignment' and c.id = a.id and c.at = a.created_at
          order by c.position limit 1),
         case when a.updated_at = a.created_at and a.reason is not null then jsonb_build_object(a.language, a.reason) end
  from assigned a
  union all
  select md5(a.id || ' ends')::uuid, day_end(a.ends_on), 'assignment'::text, a.state, null::json, null::uuid, null::uuid, null::uuid,
         'programme_coordinator'::text,
         (select office_of(c.municipality, c.actor_id, c.at) from change c
          where c.municipality = a.municipality and c.resource = 'assignment' and c.id = a.id and c.at = a.updated_at
          order by c.position desc limit 1),
         case when a.updated_at > a.created_at and a.reason is not null then jsonb_build_object(a.language, a.reason) end
  from assigned a
  where a.ends_on is not null
), light as (
  select a.id, a.created_at, 'light'::text,
         lag(v.state) over (order by r.year), v.state, r.id, r.programme_version_id, r.assessment_decision_id,
         'body_secretary'::text, b.name, a.justification
  from line
  join assessment a on a.municipality = line.municipality and a.measure_line_id = line.id
  join reporting_round r on r.municipality = a.municipality and r.id = a.reporting_round_id
  join body b on b.municipality = r.municipality and b.id = r.assessing_body_id
  left join light_meaning g on g.municipality = a.municipality and g.light_scale_id = a.light_scale_id and g.light = a.light
  cross join lateral (select json_build_object('light', a.light, 'light_label', g.label) as state) as v
  where not exists (
      select from assessment n
      where n.municipality = a.municipality and n.reporting_round_id = a.reporting_round_id
        and n.measure_line_id = a.measure_line_id and n.id > a.id)
    and (r.published_at is not null
         or (:actor::uuid is not null
             and oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)))
), report as (
  select o.id, o.submitted_at, 'report'::text,
         lag(v.state) over (partition by q.responsible_party_id order by r.year, o.revision), v.state,
         r.id, r.programme_version_id, null::uuid, 'party_reporter'::text, p.title, null::jsonb
  from line
  join report_request q on q.municipality = line.municipality and q.measure_line_id = line.id
  join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
  join responsible_party p on p.municipality = q.municipality and p.id = q.responsible_party_id
  join report o on o.municipality = q.municipality and o.report_request_id = q.id and o.submitted_at is not null
  cross join lateral (select json_build_object(
    'responsible_party_id', p.id, 'responsible_party_title', p.title, 'role', q.role,
    'reported_status', o.reported_status, 'summary', o.summary) as state) as v
  where (r.published_at is not null and q.status = 'accepted'
         and not exists (select from report n
                         where n.municipality = o.municipality and n.report_request_id = o.report_request_id
                           and n.revision > o.revision))
     or (:actor::uuid is not null
         and (q.responsible_party_id = any ((select parties_of(:municipality, :actor, :now))::uuid[])
              or oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id)))
), stated as (
  select m.*, m.published_at is not null as is_published, v.decision_id, v.number as version_number,
         json_build_object(
           'programme_version_number', v.number, 'number', m.number, 'title', m.title, 'description', m.description,
           'goals', (select coalesce(json_agg(json_build_object(
                              'n', g.n, 'text', g.text,
                              'window', json_build_object('kind', g.window_kind, 'start_year', g.start_year,
                                                          'end_year', g.end_year, 'note', g.note, 'cycles', g.cycles),
                              'status', g.status) order by g.n), '[]')
                     from goal g where g.municipality = m.municipality and g.measure_id = m.id)) as state
  from line
  join measure m on m.municipality = line.municipality and m.measure_line_id = line.id and m.deleted_at is null
  join programme_version v on v.municipality = m.municipality and v.id = m.programme_version_id
  where m.published_at is not null or line.sees_drafts
), text as (
  select m.id, coalesce(m.published_at, m.created_at), 'text'::text,
         lag(m.state) over (order by string_to_array(m.version_number, '.')::integer[]), m.state,
         null::uuid, m.programme_version_id, m.decision_id, t.acting_role, t.acting_office, m.change_reason
  from stated m
  left join lateral (
    select t.acting_role, t.acting_office from transition t
    where t.municipality = m.municipality and t.resource = 'programme_version' and t.resource_id = m.programme_version_id
      and t.to_status = 'in_force'
    order by t.id desc limit 1) as t on true
), erratum as (
  select e.id, e.created_at, 'erratum'::text,
         json_build_object(e.member, case e.member when 'title' then m.title else m.description end),
         json_build_object(e.member, e.text), null::uuid, m.programme_version_id, null::uuid, 'programme_coordinator'::text,
         (select office_of(c.municipality, c.actor_id, c.at) from change c
          where c.municipality = e.municipality and c.resource = 'erratum' and c.id = e.id and c.at = e.created_at
          order by c.position limit 1),
         e.reason
  from stated m
  join erratum e on e.municipality = m.municipality and e.measure_id = m.id
  where m.is_published
)
select e.* from (
  select * from status
  union all select * from assignment
  union all select * from light
  union all select * from report
  union all select * from text
  union all select * from erratum) as e
where e.at <= :now
