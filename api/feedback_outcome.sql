-- What was done about feedback: a measure, a decision, a proposal or a report that came of it. The public sees a link
-- when both ends are public, a sender when the other end is, of the own item and of the case it was merged into.

-- name: select     Who asks is looked up once, not for every row.
select o.id, o.feedback_id, o.measure_line_id, o.decision_id, o.proposal_id, o.report_id, o.note,
       o.version, o.created_at, o.updated_at, o.deleted_at
from feedback_outcome o
join feedback f on f.municipality = o.municipality and f.id = o.feedback_id
where o.municipality = :municipality
  and (feedback_inside(f, (select oversees_feedback(:municipality, :actor, :now)), (select feedback_units(:municipality, :actor, :now))::uuid[])
       or ((f.publication = 'published'
            or f.id = any ((
              select array[s.id, s.merged_into_id]
              from feedback_link l join feedback s on s.municipality = l.municipality and s.id = l.feedback_id
              where l.municipality = :municipality and l.token_hash = sha256(convert_to(:tracking_token, 'UTF8')))::uuid[]))
           and (
             exists (select from measure_line l where l.municipality = o.municipality and l.id = o.measure_line_id and l.published_at is not null)
             or exists (select from decision d where d.municipality = o.municipality and d.id = o.decision_id and d.published_at is not null)
             or exists (select from proposal p
                        where p.municipality = o.municipality and p.id = o.proposal_id and p.published_at is not null and p.hidden_at is null)
             or exists (
               select from report p
               join report_request q on q.municipality = p.municipality and q.id = p.report_request_id and q.status = 'accepted'
               join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id and r.published_at is not null
               where p.municipality = o.municipality and p.id = o.report_id and p.submitted_at is not null and p.deleted_at is null))))

-- name: create.guard     What is said of it names nobody: a moderator may find a name, or what looks like a number, to be something else.
with given as (
  select * from jsonb_populate_record(null::feedback_outcome, :body)
), wanted as (
  select may(:municipality, :actor, :now, '{moderator}') or feedback_worked_by(f, :actor, :now) as is_worked
  from given g join feedback f on f.municipality = :municipality and f.id = g.feedback_id
  where f.publication = 'published' or feedback_seen(f, :actor, null, :now)
)
select 'reference_not_found', '/feedback_id', null where not exists (select from wanted)
union all
select 'not_your_unit', null, null from wanted w where not w.is_worked
union all
select 'rule_broken', '/measure_line_id', 'feedback_outcome_of_one'
from given g where num_nonnulls(g.measure_line_id, g.decision_id, g.proposal_id, g.report_id) <> 1
union all
select 'personal_data', '/note', null
from given g
cross join lateral (select all_texts(g.note) as words, may(:municipality, :actor, :now, '{moderator}') as is_looked_at) as said
where personal_data_kinds(said.words) - case when said.is_looked_at then '{health,iban,number_plate,phone}'::text[] else '{}' end <> '[]'
   or names_sender(:municipality, feedback_case(:municipality, g.feedback_id), said.words, said.is_looked_at)

-- name: create.apply
insert into feedback_outcome (municipality, feedback_id, measure_line_id, decision_id, proposal_id, report_id, note)
select :municipality, b.feedback_id, b.measure_line_id, b.decision_id, b.proposal_id, b.report_id, b.note
from jsonb_populate_record(null::feedback_outcome, :body) b
returning id

-- name: delete.guard
select 'not_your_unit', null, null
from feedback_outcome o join feedback f on f.municipality = o.municipality and f.id = o.feedback_id
where o.municipality = :municipality and o.id = :id
  and not (may(:municipality, :actor, :now, '{moderator}') or feedback_worked_by(f, :actor, :now))

-- name: delete.apply
update feedback_outcome set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
