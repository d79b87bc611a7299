-- What is owed: report requests of rounds that run, with what one needs to act on them. Overdue first,
-- then by due date.

-- name: part.columns
select q.id, q.reporting_round_id, r.name as round_name, g.name as programme_name, q.measure_id,
       m.number as measure_number, m.title as measure_title, q.responsible_party_id,
       p.title as responsible_party_title, q.role, q.status, q.due_on,
       q.due_on < helsinki_date(:now) as is_overdue, q.due_on - helsinki_date(:now) as days_left,
       case when q.due_on < helsinki_date(:now) then '0' else '1' end || to_char(q.due_on, 'YYYYMMDD') as sort_urgency,
       q.question,
       (select o.id from report o
        where o.municipality = q.municipality and o.report_request_id = q.id
        order by o.revision desc limit 1) as report_id
from report_request q
join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id
join programme g on g.municipality = r.municipality and g.id = r.programme_id
join measure m on m.municipality = q.municipality and m.id = q.measure_id
join responsible_party p on p.municipality = q.municipality and p.id = q.responsible_party_id
where q.municipality = :municipality
  and q.status in ('invited', 'acknowledged', 'draft', 'returned', 'missing')
  and r.status in ('open', 'closed', 'in_review')

-- name: select
-- include: part.columns
  and r.id = any (array(
    select o.id from reporting_round o
    where o.municipality = :municipality and o.status in ('open', 'closed', 'in_review')
      and may(:municipality, :actor, :now, '{programme_coordinator,presenter,admin}',
              body_id => o.assessing_body_id, programme_id => o.programme_id)))

-- name: select_mine
-- include: part.columns
  and q.responsible_party_id = any ((select parties_of(:municipality, :actor, :now))::uuid[])
