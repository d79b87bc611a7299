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

-- name: note     The newest of the heads that were kept.
select n.note, n.verifier_key from evidence_note n
where n.municipality = :municipality and n.budget_cycle_id = :id
order by n.size desc limit 1

-- name: keep
insert into evidence_note (municipality, budget_cycle_id, size, note, verifier_key)
values (:municipality, :id, :size, :note, :verifier_key)

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

-- name: books     Whether marks, ballots and leaves agree; after the count by channel and by area too.
select b.marks, b.ballots, b.ballot_leaves, b.tombstones, b.voided, b.paper_ballots, b.paper_spoiled,
       b.marks - b.ballots - b.voided - b.paper_spoiled as difference,
       case when b.is_closed then
         (select json_agg(json_build_object('channel', h.channel, 'marks', case when told.is_so then h.marks end,
                                            'ballots', case when told.is_so then h.ballots end, 'voided', h.voided,
                                            'spoiled', h.spoiled, 'difference', h.marks - h.ballots - h.voided - h.spoiled)
                          order by h.channel)
          from vote_channels(b.cycle) as h, (select vote_channels_tell(b.cycle) as is_so) as told)
         else '[]' end as channels,
       case when b.is_closed then
         (select json_agg(json_build_object('area_id', s.area_id, 'ballots', case when not v.is_hidden then s.ballots end,
                                            'file_rows', case when not v.is_hidden then s.file_rows end,
                                            'file_difference', s.ballots - s.file_rows,
                                            'difference', s.difference) order by s.area_id)
          from vote_areas(b.cycle) as s
          join vote_area_voters(b.cycle) as v on v.area_id = s.area_id)
         else '[]' end as areas
from (
  select c as cycle, c.status in ('counted', 'decided', 'implementation', 'closed') as is_closed,
         (select count(*) from voter_mark m where m.municipality = c.municipality and m.budget_cycle_id = c.id) as marks,
         case when c.status = 'cancelled' then leaf.ballot_leaves - leaf.voided + papers.paper_ballots
              when c.status = 'voting'
              then (select count(*) from ballot_box b
                    where b.municipality = c.municipality and b.budget_cycle_id = c.id
                      and not exists (select from ballot_box n
                                      where n.municipality = b.municipality and n.budget_cycle_id = b.budget_cycle_id
                                        and n.replaces = b.token_hash)
                      and not exists (select from ballot_void v
                                      where v.municipality = b.municipality and v.budget_cycle_id = b.budget_cycle_id
                                        and v.commitment = b.commitment and v.status = 'confirmed'))
              else (select k.ballots from count_ballots(c) as k where k.area_id is null)
         end as ballots,
         leaf.*, papers.*
  from budget_cycle c
  cross join lateral (
    select count(*) filter (where l.line like 'ballot %') as ballot_leaves,
           count(*) filter (where l.line like 'replacement %') as tombstones,
           count(*) filter (where l.line like 'void %') as voided
    from evidence_leaf l
    where l.municipality = c.municipality and l.budget_cycle_id = c.id) as leaf
  cross join lateral (
    select coalesce(sum(p.entered_count), 0) as paper_ballots, coalesce(sum(p.spoiled_count), 0) as paper_spoiled
    from paper_batch p
    where p.municipality = c.municipality and p.budget_cycle_id = c.id and p.status = 'confirmed') as papers
  where c.municipality = :municipality and c.id = :id and c.published_at is not null
    and exists (select from budget_vote v where v.municipality = c.municipality and v.budget_cycle_id = c.id)
) as b
