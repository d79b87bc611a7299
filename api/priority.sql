-- Priorities (painopisteet): what the body singles out while it reviews a round.

-- name: select
select p.id, p.reporting_round_id, p.measure_line_id, p.theme_id, p.reason, p.carried_from_id, p.source,
       p.external_id, p.version, p.created_at, p.updated_at, p.deleted_at
from priority p
where p.municipality = :municipality
  and exists (
    select from reporting_round r
    where r.municipality = p.municipality and r.id = p.reporting_round_id
      and (r.published_at is not null
           or (:actor::uuid is not null
               and oversees_round(:municipality, :actor, :now, r.programme_id, r.assessing_body_id))))

-- name: create.lock
select id from reporting_round where municipality = :municipality and id = :reporting_round_id for share

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
select 'not_in_scope', '/measure_line_id', null
where :measure_line_id::uuid is not null
  and not exists (
    select from round_measure
    where municipality = :municipality and reporting_round_id = :reporting_round_id and measure_line_id = :measure_line_id)
union all
select 'not_in_scope', '/theme_id', null
where :theme_id::uuid is not null
  and not exists (
    select from round_measure
    where municipality = :municipality and reporting_round_id = :reporting_round_id and theme_id = :theme_id)

-- name: create.apply
insert into priority (municipality, reporting_round_id, measure_line_id, theme_id, reason, source, external_id)
values (:municipality, :reporting_round_id, :measure_line_id, :theme_id, :reason, :source, :external_id)
returning id

-- name: delete.guard
select 'not_your_body', null, null
from priority p join reporting_round r on r.municipality = p.municipality and r.id = p.reporting_round_id
where p.municipality = :municipality and p.id = :id
  and not may(:municipality, :actor, :now, '{body_secretary}', body_id => r.assessing_body_id)
union all
select 'round_wrong_state', null, r.status
from priority p join reporting_round r on r.municipality = p.municipality and r.id = p.reporting_round_id
where p.municipality = :municipality and p.id = :id and r.status <> 'in_review'

-- name: delete.apply
update priority set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
