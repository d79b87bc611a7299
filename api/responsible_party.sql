-- Responsible parties (vastuutahot): public; the persons behind them are holders.

-- name: select
select id, kind, title, body_id, superior_party_id, sector, position,
       lpad(position::text, 4, '0') as sort_position,
       source, external_id, version, created_at, updated_at, deleted_at
from responsible_party
where municipality = :municipality

-- name: find
select id from responsible_party
where municipality = :municipality and source = :source and external_id = :external_id and deleted_at is null

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator,admin}', sector => :sector)

-- name: create.apply
insert into responsible_party (municipality, kind, title, body_id, superior_party_id, sector, position, source, external_id)
select :municipality, b.kind, b.title, b.body_id, b.superior_party_id, b.sector, coalesce(b.position, 0), :source, :external_id
from jsonb_populate_record(null::responsible_party, :body) b
returning id

-- name: part.yours
select 'not_your_body', null, null
from responsible_party p
where p.municipality = :municipality and p.id = :id
  and not may(:municipality, :actor, :now, '{programme_coordinator,admin}', sector => p.sector)

-- name: update.guard
-- include: part.yours

-- name: update.apply
update responsible_party m
set (kind, title, body_id, superior_party_id, sector, position) =
    (select b.kind, b.title, b.body_id, b.superior_party_id, b.sector, coalesce(b.position, 0)
     from jsonb_populate_record(null::responsible_party, merge_patch(to_jsonb(m), :body)) b)
where m.municipality = :municipality and m.id = :id and m.version = :version and m.deleted_at is null
returning id

-- name: delete.guard     What is still to be done would be nobody's.
-- include: part.yours
union all
select 'in_use', null, null
where exists (select from assignment where municipality = :municipality and responsible_party_id = :id)
   or exists (select from report_request where municipality = :municipality and responsible_party_id = :id)
   or exists (select from programme where municipality = :municipality and coordinating_party_id = :id)
   or exists (select from responsible_party where municipality = :municipality and superior_party_id = :id and deleted_at is null)
   or exists (select from holder where municipality = :municipality and responsible_party_id = :id and deleted_at is null)
   or exists (select from feedback_topic where municipality = :municipality and responsible_party_id = :id and deleted_at is null)
   or exists (select from feedback_route r
              join feedback_topic t on t.municipality = r.municipality and t.id = r.topic_id and t.deleted_at is null
              where r.municipality = :municipality and r.responsible_party_id = :id)
   or exists (select from feedback
              where municipality = :municipality and responsible_party_id = :id
                and status not in ('closed', 'rejected', 'merged', 'transferred'))

-- name: delete.apply
update responsible_party set deleted_at = :now
where municipality = :municipality and id = :id and version = :version and deleted_at is null
returning id
