-- Programmes: public once a version has been consulted on or in force; before that seen by those who work on them.

-- name: select
select p.id, p.kind, k.name as kind_label, p.name, p.purpose, p.principles, p.strategy_link, p.strategic_goal_ids,
       p.objective_chain, p.managing_body_id, p.coordinating_party_id, p.evaluating_body_id, p.onward_report_body_id,
       p.review_cycle, review_due_on(p.municipality, p.id) as review_due_on, p.published_at, p.source, p.external_id, p.version, p.created_at, p.updated_at
from programme p join programme_kind k on k.code = p.kind
where p.municipality = :municipality
  and (p.published_at is not null
       or may(:municipality, :actor, :now,
              '{programme_coordinator,participation_coordinator,presenter,body_secretary,body_member,admin}',
              body_id => p.managing_body_id, programme_id => p.id))

-- name: find
select id from programme
where municipality = :municipality and source = :source and external_id = :external_id

-- name: part.goals     The strategic goals it is to name are there.
union all
select 'reference_not_found', '/strategic_goal_ids', goal.id
from jsonb_array_elements_text(:strategic_goal_ids::jsonb) as goal (id)
where not exists (
  select from strategic_goal g where g.municipality = :municipality and g.id = goal.id::uuid and g.deleted_at is null)

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator}')
-- include: part.goals

-- name: create.apply
insert into programme (municipality, kind, name, purpose, principles, strategy_link, strategic_goal_ids, objective_chain,
                       managing_body_id, coordinating_party_id, evaluating_body_id, onward_report_body_id,
                       review_cycle, source, external_id)
select :municipality, b.kind, b.name, coalesce(b.purpose, '[]'), coalesce(b.principles, '[]'), b.strategy_link,
       coalesce(lower(b.strategic_goal_ids::text)::jsonb, '[]'), coalesce(b.objective_chain, '[]'), b.managing_body_id, b.coordinating_party_id, b.evaluating_body_id,
       b.onward_report_body_id, b.review_cycle, :source, :external_id
from jsonb_populate_record(null::programme, :body) b
returning id

-- name: update.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator}', programme_id => :id)
-- include: part.goals

-- name: update.apply
update programme m
set (kind, name, purpose, principles, strategy_link, strategic_goal_ids, objective_chain, managing_body_id, coordinating_party_id,
     evaluating_body_id, onward_report_body_id, review_cycle) =
    (select b.kind, b.name, coalesce(b.purpose, '[]'), coalesce(b.principles, '[]'), b.strategy_link,
            coalesce(lower(b.strategic_goal_ids::text)::jsonb, '[]'), coalesce(b.objective_chain, '[]'), b.managing_body_id, b.coordinating_party_id, b.evaluating_body_id,
            b.onward_report_body_id, b.review_cycle
     from jsonb_populate_record(null::programme, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version
returning id
