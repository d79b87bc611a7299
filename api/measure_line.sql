-- The line of a measure through versions: its status and who is responsible, now and before.

-- name: select
select l.id, l.programme_id, l.status,
       coalesce((select json_agg(json_build_object(
                          'id', a.id, 'responsible_party_id', a.responsible_party_id,
                          'responsible_party_title', p.title, 'role', a.role, 'starts_on', a.starts_on,
                          'ends_on', a.ends_on, 'reason', a.reason) order by a.starts_on, a.id)
                 from assignment a
                 join responsible_party p on p.municipality = a.municipality and p.id = a.responsible_party_id
                 where a.municipality = l.municipality and a.measure_line_id = l.id), '[]') as assignments,
       coalesce((select json_agg(json_build_object('measure_line_id', o.origin_line_id, 'kind', o.kind) order by o.origin_line_id)
                 from line_origin o
                 where o.municipality = l.municipality and o.measure_line_id = l.id), '[]') as origins,
       l.published_at, l.source, l.external_id, l.version, l.created_at, l.updated_at
from measure_line l
where l.municipality = :municipality
  and (l.published_at is not null
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
              programme_id => l.programme_id))

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => :programme_id)

-- name: create.apply
with made as (
  insert into measure_line (municipality, programme_id, source, external_id)
  values (:municipality, :programme_id, :source, :external_id)
  returning id
), assigned as (
  insert into assignment (municipality, measure_line_id, responsible_party_id, role, starts_on, ends_on)
  select :municipality, made.id, a.responsible_party_id, a.role, coalesce(a.starts_on, helsinki_date(:now)), a.ends_on
  from made, jsonb_to_recordset(:assignments) as a (responsible_party_id uuid, role text, starts_on date, ends_on date)
), origins as (
  insert into line_origin (municipality, measure_line_id, origin_line_id, kind)
  select :municipality, made.id, o.measure_line_id, o.kind
  from made, jsonb_to_recordset(coalesce(:origins::jsonb, '[]')) as o (measure_line_id uuid, kind text)
)
select id from made

-- name: part.lock
select id from measure_line where municipality = :municipality and id = :id for update

-- name: part.scope
select 'not_your_body', null, null
from measure_line l
where l.municipality = :municipality and l.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => l.programme_id)

-- name: assign.lock
-- include: part.lock

-- name: assign.guard
-- include: part.scope

-- name: assign.apply
insert into assignment (municipality, measure_line_id, responsible_party_id, role, starts_on, ends_on, reason)
values (:municipality, :id, :responsible_party_id, :role, coalesce(:starts_on, helsinki_date(:now)), :ends_on, :reason)

-- name: assign.apply_touch
update measure_line set updated_at = :now where municipality = :municipality and id = :id

-- name: status.lock
-- include: part.lock

-- name: status.guard
-- include: part.scope
union all
select 'wrong_state', next_states('measure_line', l.status), l.status
from measure_line l
where l.municipality = :municipality and l.id = :id
  and not exists (
    select from state_move s
    where s.resource = 'measure_line' and s.from_status = l.status and s.to_status = :status)
union all
select 'reason_required', '/reason', null
from measure_line l
where l.municipality = :municipality and l.id = :id and trim(coalesce(:reason, '')) = ''
  and (:status = 'stopped' or (l.status = 'completed' and :status = 'in_progress'))

-- name: status.apply
update measure_line set status = :status where municipality = :municipality and id = :id

-- name: replace.lock     Rounds, requests, line: in the order of submitting and closing, which it must not pass.
with running as (
  select r.id
  from reporting_round r
  where r.municipality = :municipality and r.status in ('open', 'closed', 'in_review')
    and exists (select from report_request q
                where q.municipality = r.municipality and q.reporting_round_id = r.id and q.measure_line_id = :id
                  and q.responsible_party_id = :from_party_id)
  for share
), request as (
  select q.id
  from report_request q
  where q.municipality = :municipality and q.measure_line_id = :id and q.responsible_party_id = :from_party_id
    and q.reporting_round_id in (select id from running)
  for update
), line as (
  select id from measure_line where municipality = :municipality and id = :id for update
)
select (select count(*) from request) as requests, (select count(*) from line) as lines

-- name: replace.guard
-- include: part.scope
union all
select 'not_assigned', '/from_party_id', null
where not exists (
  select from assignment a
  where a.municipality = :municipality and a.measure_line_id = :id and a.responsible_party_id = :from_party_id
    and coalesce(:on::date, helsinki_date(:now)) > a.starts_on
    and coalesce(:on::date, helsinki_date(:now)) <= coalesce(a.ends_on, 'infinity'))
union all
select 'personal_data', '/reason', null
where holds_personal_data(:reason::text) and :municipality::text is not null

-- name: replace.apply_end     The old assignment ends the day before its successor begins.
with ended as (
  update assignment a
  set ends_on = coalesce(:on::date, helsinki_date(:now)) - 1, reason = coalesce(:reason::jsonb ->> 'fi', :reason::jsonb ->> 'sv', :reason::jsonb ->> 'en')
  from assignment b
  where a.municipality = :municipality and a.measure_line_id = :id and a.responsible_party_id = :from_party_id
    and coalesce(:on::date, helsinki_date(:now)) > a.starts_on
    and coalesce(:on::date, helsinki_date(:now)) <= coalesce(a.ends_on, 'infinity')
    and b.municipality = a.municipality and b.id = a.id
  returning a.role, b.ends_on
)
select set_config('app.replaced_role', ended.role, true), set_config('app.replaced_until', coalesce(ended.ends_on::text, ''), true)
from ended

-- name: replace.apply_begin
insert into assignment (municipality, measure_line_id, responsible_party_id, role, starts_on, ends_on)
select :municipality, :id, :to_party_id, request_setting('replaced_role'),
       coalesce(:on::date, helsinki_date(:now)), request_setting('replaced_until')::date

-- name: replace.apply_requests     What is still owed goes to the successor with the same due date.
insert into report_request (municipality, reporting_round_id, measure_line_id, measure_id, responsible_party_id, role,
                            status, due_on, question, reassigned_from_id, reassigned_reason, acknowledged_at)
select q.municipality, q.reporting_round_id, q.measure_line_id, q.measure_id, :to_party_id, q.role,
       case when q.status = 'acknowledged' then 'invited' else q.status end, q.due_on, q.question, q.id, :reason, null
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where q.municipality = :municipality and q.measure_line_id = :id and q.responsible_party_id = :from_party_id
  and q.status in ('invited', 'acknowledged', 'draft', 'returned', 'missing')
  and r.status in ('open', 'closed', 'in_review')

-- name: replace.apply_drafts
update report p
set report_request_id = s.id
from report_request s
where s.municipality = :municipality and s.measure_line_id = :id and s.responsible_party_id = :to_party_id
  and p.municipality = s.municipality and p.report_request_id = s.reassigned_from_id and p.submitted_at is null

-- name: replace.apply_reassigned
update report_request q
set status = 'reassigned', reassigned_reason = :reason
from report_request s
where s.municipality = :municipality and s.measure_line_id = :id and s.responsible_party_id = :to_party_id
  and q.municipality = s.municipality and q.id = s.reassigned_from_id and q.status <> 'reassigned'

-- name: replace.apply_message
insert into message (municipality, reporting_round_id, responsible_party_id, kind, subject, text, measures)
select s.municipality, s.reporting_round_id, s.responsible_party_id, 'reassignment',
       '{"fi":"Raportointivelvoite siirtyi teille","sv":"Rapporteringsskyldigheten har övergått till er","en":"A duty to report has moved to you"}',
       :reason,
       json_agg(json_build_object('report_request_id', s.id, 'measure_id', m.id, 'number', m.number,
                                  'title', m.title, 'role', s.role, 'due_on', s.due_on))
from report_request s
join report_request q on q.municipality = s.municipality and q.id = s.reassigned_from_id
join measure m on m.municipality = s.municipality and m.id = s.measure_id
where s.municipality = :municipality and s.measure_line_id = :id and s.responsible_party_id = :to_party_id
  and q.responsible_party_id = :from_party_id
group by s.municipality, s.reporting_round_id, s.responsible_party_id
