-- Casting a ballot. Statements for many ballots at once take arrays, in the order that ballot.c gives them.

-- name: paper     What was frozen when voting opened, the cycle's half of the secret, and how long that may be used unasked.
select v.frozen, v.frozen_sha256, v.seal_id, v.origin, encode(s.secret, 'hex') as secret,
       rfc3339(least(c.voting_ends_at, :now::timestamptz + interval '1 day')) as good_until
from budget_vote v
join budget_secret s on s.municipality = v.municipality and s.budget_cycle_id = v.budget_cycle_id
join budget_cycle c on c.municipality = v.municipality and c.id = v.budget_cycle_id
where v.municipality = :municipality and v.budget_cycle_id = :id

-- name: secret     Whether it is still there, and for how long that may be taken for granted.
select rfc3339(least(c.voting_ends_at, :now::timestamptz + interval '1 day')) as good_until
from budget_secret s
join budget_cycle c on c.municipality = s.municipality and c.id = s.budget_cycle_id
where s.municipality = :municipality and s.budget_cycle_id = :id

-- name: cycle     Whether there is such a cycle that everybody sees, and whether its vote is so long ago that its secret is gone.
select c.voters_forgotten_at is not null as is_forgotten from budget_cycle c
where c.municipality = :municipality and c.id = :id and c.published_at is not null

-- name: lock     One writer of the box at a time, whichever process it is in.
select pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), :municipality::text, :id::text), 3)) is not null as is_ours

-- name: head     Whether the box takes ballots and from when till when, written as a request's clock is; where its log stands, and
-- what was withdrawn since it was opened.
select case when c.status <> 'voting' then 'voting_closed' end as refusal, h.size, encode(h.peaks, 'hex') as peaks,
       (select string_agg(p.number::text, ',') from proposal p
        where p.municipality = c.municipality and p.budget_cycle_id = c.id and p.status = 'cancelled') as withdrawn,
       to_char(c.voting_starts_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as starts_at,
       to_char(c.voting_ends_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ends_at
from budget_cycle c
cross join newest_head(c.municipality, c.id) as h
where c.municipality = :municipality and c.id = :id

-- name: known     Which of these tokens the box has.
select given.token, known.commitment, known.leaf_position,
       exists (select from ballot_box n
               where n.municipality = :municipality and n.budget_cycle_id = :id
                 and n.replaces = decode(given.token, 'hex')) as is_replaced,
       exists (select from ballot_void v
               where v.municipality = :municipality and v.budget_cycle_id = :id and v.commitment = known.commitment
                 and v.status = 'confirmed') as is_void
from unnest(:tokens::text[]) as given (token)
cross join lateral (
  -- one look each: a plan made while the box was empty would read all of it ever after
  select b.commitment, b.leaf_position from ballot_box b
  where b.municipality = :municipality and b.budget_cycle_id = :id and b.token_hash = decode(given.token, 'hex')
  limit 1) as known

-- name: mark     Gives the keys that were not there: those who vote now.
insert into voter_mark (municipality, budget_cycle_id, voter_key, area_id, channel, age_band, sex, voted_on)
select :municipality, :id, decode(m.key, 'hex'), m.area_id, m.channel, m.age_band, m.sex, helsinki_date(:now::timestamptz)
from unnest(:keys::text[], :areas::uuid[], :channels::text[], :bands::text[], :sexes::text[])
  as m (key, area_id, channel, age_band, sex)
on conflict do nothing
returning encode(voter_key, 'hex') as key

-- name: cast     Ballots, their leaves, the nodes these complete, and the new head.
with boxed as (
  insert into ballot_box (municipality, budget_cycle_id, token_hash, replaces, area_id, proposals, points, commitment,
                          leaf_position)
  select :municipality, :id, decode(b.token, 'hex'), decode(b.replaces, 'hex'), b.area_id, b.proposals::integer[],
         b.points::integer[], b.commitment, b.position
  from unnest(:tokens::text[], :replaced::text[], :areas::uuid[], :choices::text[], :points::text[], :commitments::text[],
              :positions::bigint[]) as b (token, replaces, area_id, proposals, points, commitment, position)
), logged as (
  insert into evidence_leaf (municipality, budget_cycle_id, position, line)
  select :municipality, :id, l.position, l.line
  from unnest(:positions::bigint[], :lines::text[]) as l (position, line)
), kept as (
  insert into evidence_node (municipality, budget_cycle_id, level, position, hash)
  select :municipality, :id, n.level, n.position, decode(n.hash, 'hex')
  from unnest(:levels::integer[], :places::bigint[], :hashes::text[]) as n (level, position, hash)
), moved as (
  update voter_mark m set area_id = v.area_id
  from unnest(:movers::text[], :moved::uuid[]) as v (key, area_id)
  where m.municipality = :municipality and m.budget_cycle_id = :id and m.voter_key = decode(v.key, 'hex')
    and m.area_id is distinct from v.area_id
)
insert into evidence_head (municipality, budget_cycle_id, size, peaks)
values (:municipality, :id, :size::bigint, decode(:peaks, 'hex'))
