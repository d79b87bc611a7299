-- The log of a vote, as anybody may check it. Public from the opening on.

-- name: vote
select v.frozen, v.frozen_sha256, v.seal_id, v.origin, v.officers, v.created_at as opened_at
from budget_vote v
join budget_cycle c on c.municipality = v.municipality and c.id = v.budget_cycle_id
where v.municipality = :municipality and v.budget_cycle_id = :id and c.published_at is not null

-- name: head
select h.size, encode(h.peaks, 'hex') as peaks
from newest_head(:municipality, :id) h
where h.size is not null

-- name: lines
select l.line from evidence_leaf l
where l.municipality = :municipality and l.budget_cycle_id = :id and l.position >= :first::bigint
  and l.position < :first::bigint + :count::bigint
order by l.position

-- name: nodes
select encode(n.hash, 'hex') from evidence_node n
where n.municipality = :municipality and n.budget_cycle_id = :id and n.level = :level::integer
  and n.position >= :first::bigint and n.position < :first::bigint + :count::bigint
order by n.position

-- name: books     Whether the three agree: marks, live ballots, and leaves that are not replaced.
select (select count(*) from voter_mark m where m.municipality = c.municipality and m.budget_cycle_id = c.id) as marks,
       case when c.status = 'voting'
            then (select count(*) from ballot_box b
                  where b.municipality = c.municipality and b.budget_cycle_id = c.id
                    and not exists (select from ballot_box n
                                    where n.municipality = b.municipality and n.budget_cycle_id = b.budget_cycle_id
                                      and n.replaces = b.token_hash))
            else (select count(*) from ballot b where b.municipality = c.municipality and b.budget_cycle_id = c.id)
       end as ballots,
       (select count(*) from evidence_leaf l where l.municipality = c.municipality and l.budget_cycle_id = c.id
                                               and l.line like 'ballot %') as ballot_leaves,
       (select count(*) from evidence_leaf l where l.municipality = c.municipality and l.budget_cycle_id = c.id
                                               and l.line like 'replacement %') as tombstones
from budget_cycle c
where c.municipality = :municipality and c.id = :id and c.published_at is not null
  and exists (select from budget_vote v where v.municipality = c.municipality and v.budget_cycle_id = c.id)
