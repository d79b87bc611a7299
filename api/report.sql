-- Reports: a draft is its party's own; submitted it is seen by those who run and assess the round, and
-- once accepted, its last revision by all when the round is published. What came after the assessment waits
-- with no request, and so with no round, until the next round asks.

-- name: select
select p.id, p.report_request_id, q.reporting_round_id, q.measure_line_id, q.responsible_party_id, p.revision,
       p.reported_status, p.summary, p.obstacles, p.next_step, p.spent_cents, 'EUR'::text as currency,
       p.evidence_links, p.own_light, l.label as own_light_label, p.is_late, p.submitted_at, p.source,
       p.external_id, p.version, p.created_at, p.updated_at
from report p
join report_request q on q.municipality = p.municipality and q.id = p.report_request_id
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
left join light_meaning l on l.municipality = r.municipality and l.light_scale_id = r.light_scale_id
                         and l.light = p.own_light
where p.municipality = :municipality and p.deleted_at is null
  and ((r.published_at is not null and q.status = 'accepted' and p.submitted_at is not null
        and not exists (select from report n
                        where n.municipality = p.municipality and n.report_request_id = p.report_request_id
                          and n.revision > p.revision))
       or (:actor::uuid is not null
           and (q.responsible_party_id = any ((select parties_of(:municipality, :actor, :now))::uuid[])
                or (p.submitted_at is not null
                    and r.id = any ((select rounds_overseen(:municipality, :actor, :now))::uuid[])))))
union all
select p.id, null, null, o.measure_line_id, o.responsible_party_id, p.revision,
       p.reported_status, p.summary, p.obstacles, p.next_step, p.spent_cents, 'EUR'::text as currency,
       p.evidence_links, p.own_light, null, p.is_late, p.submitted_at, p.source,
       p.external_id, p.version, p.created_at, p.updated_at
from report p
join report_request o on o.municipality = p.municipality and o.id = p.origin_request_id
where p.municipality = :municipality and p.report_request_id is null and :actor::uuid is not null
  and (o.responsible_party_id = any ((select parties_of(:municipality, :actor, :now))::uuid[])
       or o.reporting_round_id = any ((select rounds_overseen(:municipality, :actor, :now))::uuid[]))

-- name: find
select id from report
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.lock
select id from report_request where municipality = :municipality and id = :report_request_id for update

-- name: create.guard
select 'reference_not_found', '/report_request_id', null
where not exists (select from report_request where municipality = :municipality and id = :report_request_id)
union all
select 'not_your_duty', null, null
from report_request q
where q.municipality = :municipality and q.id = :report_request_id
  and not acts_for(:municipality, :actor, :now, q.responsible_party_id)
union all
select 'wrong_state', next_states('report_request', q.status), q.status
from report_request q
where q.municipality = :municipality and q.id = :report_request_id
  and q.status not in ('invited', 'acknowledged', 'missing', 'draft', 'returned')
union all
select 'round_wrong_state', null, r.status
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where q.municipality = :municipality and q.id = :report_request_id and r.status in ('planned', 'cancelled')

-- name: create.apply
insert into report (municipality, report_request_id, revision, reported_status, summary, obstacles, next_step,
                    spent_cents, evidence_links, source, external_id)
select :municipality, b.report_request_id,
       (select coalesce(max(o.revision), 0) + 1 from report o
        where o.municipality = :municipality and o.report_request_id = b.report_request_id),
       b.reported_status, b.summary, b.obstacles, b.next_step, b.spent_cents, coalesce(b.evidence_links, '[]'),
       :source, :external_id
from jsonb_populate_record(null::report, :body) b
returning id

-- name: create.apply_request
update report_request set status = 'draft'
where municipality = :municipality and id = :report_request_id and status in ('invited', 'acknowledged')

-- name: part.duty     That a submitted report does not change is the table's own rule.
select 'not_your_duty', null, null
from report p
join report_request q on q.municipality = p.municipality and q.id = coalesce(p.report_request_id, p.origin_request_id)
where p.municipality = :municipality and p.id = :id
  and not acts_for(:municipality, :actor, :now, q.responsible_party_id)

-- name: update.guard
-- include: part.duty

-- name: update.apply
update report m
set (reported_status, summary, obstacles, next_step, spent_cents, evidence_links) =
    (select b.reported_status, b.summary, b.obstacles, b.next_step, b.spent_cents, coalesce(b.evidence_links, '[]')
     from jsonb_populate_record(null::report, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id

-- name: submit.lock     The round, then the request, as closing takes them: neither passes the other. After the
-- assessment the line too: a report that begins to wait and a round that opens see each other.
with request as (
  select q.id, q.measure_line_id, r.status as round_status
  from report p
  join report_request q on q.municipality = p.municipality and q.id = p.report_request_id
  join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
  where p.municipality = :municipality and p.id = :id
  for share of r for update of q
), line as (
  select l.id
  from request join measure_line l on l.municipality = :municipality and l.id = request.measure_line_id
  where request.round_status in ('assessed', 'presented', 'published')
  for update of l
)
select (select count(*) from request) as requests, (select count(*) from line) as lines

-- name: submit.guard
-- include: part.duty
union all
select 'round_wrong_state', null, r.status
from report p
join report_request q on q.municipality = p.municipality and q.id = p.report_request_id
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where p.municipality = :municipality and p.id = :id and r.status in ('planned', 'cancelled')
union all
select 'wrong_state', next_states('report_request', q.status), q.status
from report p join report_request q on q.municipality = p.municipality and q.id = p.report_request_id
where p.municipality = :municipality and p.id = :id and p.submitted_at is null
  and q.status not in ('draft', 'returned', 'missing')
union all
select 'status_missing', '/summary', null
from report p
where p.municipality = :municipality and p.id = :id and p.submitted_at is null and p.summary is null
union all
select 'report_frozen', null, null
from report p
where p.municipality = :municipality and p.id = :id and p.report_request_id is null

-- name: submit.apply_report     Late: after the due date, or after the round closed without it.
update report p
set submitted_at = :now,
    is_late = helsinki_date(:now) > q.due_on or q.status = 'missing',
    own_light = own_light(q.municipality, q.id, p.reported_status, :now)
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where p.municipality = :municipality and p.id = :id and q.municipality = p.municipality and q.id = p.report_request_id
  and r.status in ('open', 'closed', 'in_review')

-- name: submit.apply_wait     After the assessment: the round stays as it was assessed.
update report p
set submitted_at = :now, is_late = true, origin_request_id = q.id, report_request_id = null
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where p.municipality = :municipality and p.id = :id and q.municipality = p.municipality and q.id = p.report_request_id
  and r.status in ('assessed', 'presented', 'published')

-- name: submit.apply_request
update report_request q
set status = 'submitted', submitted_at = :now, is_late = q.is_late or p.is_late
from report p
where p.municipality = :municipality and p.id = :id and q.municipality = p.municipality and q.id = p.report_request_id

-- name: submit.apply_next     The next round may have asked already.
select take_waiting_reports(:municipality, null, :id) as taken

-- name: submit.apply_snapshot     The round has closed: the state frozen then is not the last any more.
select take_snapshots(q.municipality, q.reporting_round_id, q.measure_line_id, 'report', :now) as taken
from report p
join report_request q on q.municipality = p.municipality and q.id = p.report_request_id
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
where p.municipality = :municipality and p.id = :id and r.status in ('closed', 'in_review')
