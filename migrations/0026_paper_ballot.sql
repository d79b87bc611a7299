-- Voting on paper, ballots made void, and results counted anew. At the desk a mark is made and the paper goes into the
-- urn without a name; what the urn held comes in batches, entered by one person and confirmed by another. Domain brief 4.7.

alter table voter_mark
  -- of a paper mark: an HMAC of voter and Idempotency-Key, by which a repeated request finds its own mark
  add column request_hash bytea,
  drop constraint voter_mark_channel_known,
  add constraint voter_mark_channel_known check (channel in ('online', 'assisted', 'register', 'code', 'paper'));

-- The papers of one urn, or a part of them. Who had a hand in declaring or entering it does not confirm it.
create table paper_batch (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  budget_cycle_id uuid not null,
  area_id uuid,
  reference text not null,
  declared_count integer not null,
  entered_count integer not null default 0,
  spoiled_count integer not null default 0,
  status text not null default 'open',
  officers uuid[] not null,
  discard_reason jsonb,
  sha256 text,
  leaf_position bigint,
  confirmed_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint paper_batch_cycle_exists foreign key (municipality, budget_cycle_id) references budget_cycle (municipality, id),
  constraint paper_batch_area_shared foreign key (municipality, budget_cycle_id, area_id)
    references budget_share (municipality, budget_cycle_id, area_id)
);
create unique index paper_batch_reference_unique on paper_batch (municipality, budget_cycle_id, reference)
  where status <> 'discarded';
insert into state_move values ('paper_batch', 'open', 'confirmed'), ('paper_batch', 'open', 'discarded');
select keep_history('paper_batch');
select keep_transitions('paper_batch');

-- What was entered, until the batch is confirmed or discarded: no time, no order, nobody's name. The service puts it
-- here and cannot read it.
create table paper_ballot (
  municipality text not null references municipality (code),
  paper_batch_id uuid not null,
  id uuid not null default gen_random_uuid(),
  area_id uuid,
  proposals integer[] not null,
  points integer[],
  -- the same as canonical JSON: what is hashed
  ballot text not null,
  primary key (municipality, paper_batch_id, id),
  constraint paper_ballot_batch_exists foreign key (municipality, paper_batch_id) references paper_batch (municipality, id)
);
revoke select, update on paper_ballot from elinvoima_service;

-- In the open box one knows yet which ballots came on paper; in the closed one nobody does.
alter table ballot_box add column paper_batch_id uuid;

-- A ballot that two vote officers take out of the count. Its area is kept where that is the voter's home and no choice.
create table ballot_void (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  budget_cycle_id uuid not null,
  commitment text not null,
  reason jsonb not null,
  status text not null default 'asked',
  asked_by uuid not null,
  area_id uuid,
  confirmed_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint ballot_void_cycle_exists foreign key (municipality, budget_cycle_id) references budget_cycle (municipality, id),
  constraint ballot_void_once unique (municipality, budget_cycle_id, commitment)
);
insert into state_move values ('ballot_void', 'asked', 'confirmed');
select keep_history('ballot_void');
select keep_transitions('ballot_void');

-- Puts the papers of a confirmed batch into the box, the closed one where they were found after the count, and a leaf into
-- the log: the hash is over a salt and the ballots in the order of their bytes, so that whoever has papers and salt can
-- prove it and nobody can guess it.
create function box_paper_batch(in_municipality text, in_batch uuid, in_salt text) returns void
language plpgsql security definer set search_path = public as
$$
declare
  batch paper_batch;
  digest text;
  place bigint;
begin
  select b.* into batch from paper_batch b
  join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id and c.status in ('voting', 'counted')
  where b.municipality = in_municipality and b.id = in_batch and b.status = 'confirmed' and b.leaf_position is null;
  if batch.id is null then
    raise exception 'batch % has not just been confirmed', in_batch;
  end if;
  select encode(sha256(convert_to(
           'elinvoima paper batch 1' || chr(10) || in_salt || chr(10) || batch.spoiled_count || chr(10)
             || coalesce(string_agg(p.ballot || chr(10), '' order by p.ballot collate "C"), ''), 'UTF8')), 'hex')
  into digest
  from paper_ballot p
  where p.municipality = in_municipality and p.paper_batch_id = in_batch;
  place := append_evidence(in_municipality, batch.budget_cycle_id, 'paper-batch ' || batch.entered_count || ' ' || digest);
  if exists (select from budget_cycle
             where municipality = in_municipality and id = batch.budget_cycle_id and status = 'counted') then
    insert into ballot (municipality, budget_cycle_id, id, area_id, proposals, points)
    select in_municipality, batch.budget_cycle_id, drawn.id, drawn.area_id, drawn.proposals, drawn.points
    from (select gen_random_uuid() as id, p.area_id, p.proposals, p.points
          from paper_ballot p where p.municipality = in_municipality and p.paper_batch_id = in_batch) as drawn
    order by drawn.id;
  else
    insert into ballot_box (municipality, budget_cycle_id, token_hash, area_id, proposals, points, commitment,
                            leaf_position, paper_batch_id)
    select in_municipality, batch.budget_cycle_id, sha256(convert_to(drawn.token, 'UTF8')), drawn.area_id, drawn.proposals,
           drawn.points,
           encode(sha256(convert_to('elinvoima ballot 1' || chr(10) || encode(sha256(convert_to('salt ' || drawn.token, 'UTF8')), 'hex')
                                    || chr(10) || drawn.ballot || chr(10), 'UTF8')), 'hex'),
           place, in_batch
    from (select p.*, encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex') as token
          from paper_ballot p where p.municipality = in_municipality and p.paper_batch_id = in_batch) as drawn;
  end if;
  delete from paper_ballot where municipality = in_municipality and paper_batch_id = in_batch;
  update paper_batch set sha256 = digest, leaf_position = place where municipality = in_municipality and id = in_batch;
end
$$;

create function drop_paper_ballots(in_municipality text, in_batch uuid) returns void
language sql security definer set search_path = public as
$$
delete from paper_ballot p using paper_batch b
where p.municipality = in_municipality and p.paper_batch_id = in_batch
  and b.municipality = p.municipality and b.id = p.paper_batch_id and b.status = 'discarded'
$$;
revoke all on function box_paper_batch(text, uuid, text), drop_paper_ballots(text, uuid) from public;
grant execute on function box_paper_batch(text, uuid, text), drop_paper_ballots(text, uuid) to elinvoima_service;

-- The signed heads that the moves of a vote left, for the day when the service has another key.
create table evidence_note (
  municipality text not null,
  budget_cycle_id uuid not null,
  size bigint not null,
  note text not null,
  verifier_key text not null,
  primary key (municipality, budget_cycle_id, size)
);
revoke update on evidence_note from elinvoima_service;

-- Which of the counts that make a known total are hidden because one of them is of few: all from 1 up to this number. 0: none;
-- null: whatever is hidden, the total tells. Hidden is the small and what keeps the others from giving it back: at least two
-- together, equal ones alike, so many that each might be small for all the reader knows, who knows this rule, and might not.
create function hidden_up_to(counts bigint[], smallest bigint) returns bigint
language sql immutable parallel safe as
$$
with cell as (
  select n.count, count(*) over rising as cells, sum(n.count) over rising as total,
         -- the largest a hidden one can be: less than the least that is shown
         coalesce((select min(m.count) from unnest(counts) as m (count) where m.count > n.count) - 1, sum(n.count) over rising) as most
  from unnest(counts) as n (count)
  where n.count > 0
  window rising as (order by n.count)
)
select case when bool_or(c.count < smallest) is not true then 0
            else min(c.count) filter (
              where c.cells > 1 and c.count >= (select max(s.count) from cell s where s.count < smallest)
                and least(c.most, c.total - c.cells + 1) >= smallest and greatest(1, c.total - (c.cells - 1) * c.most) < smallest)
       end
from cell c
$$;

create function is_hidden(count bigint, up_to bigint) returns boolean
language sql immutable parallel safe as
$$ select up_to is null or count between 1 and up_to $$;

-- How many came electronically and on paper the log tells; where one of these is of few, nothing else tells it.
create function vote_channels_tell(in_cycle budget_cycle) returns boolean
language sql stable as
$$
select (count(*) filter (where m.channel <> 'paper')) not between 1 and (in_cycle.rules ->> 'smallest_group')::bigint - 1
   and (count(*) filter (where m.channel = 'paper')) not between 1 and (in_cycle.rules ->> 'smallest_group')::bigint - 1
from voter_mark m
where m.municipality = in_cycle.municipality and m.budget_cycle_id = in_cycle.id
$$;

-- The books of a vote by channel, once it is closed: on paper, and otherwise.
create function vote_channels(in_cycle budget_cycle)
returns table (channel text, marks bigint, ballots bigint, voided bigint, spoiled bigint)
language sql stable as
$$
with leaf as (
  select count(*) filter (where l.line like 'ballot %') as ballots, count(*) filter (where l.line like 'void %') as voided
  from evidence_leaf l
  where l.municipality = in_cycle.municipality and l.budget_cycle_id = in_cycle.id
), mark as (
  select count(*) filter (where m.channel <> 'paper') as electronic, count(*) filter (where m.channel = 'paper') as paper
  from voter_mark m
  where m.municipality = in_cycle.municipality and m.budget_cycle_id = in_cycle.id
), papers as (
  select coalesce(sum(b.entered_count), 0) as ballots, coalesce(sum(b.spoiled_count), 0) as spoiled
  from paper_batch b
  where b.municipality = in_cycle.municipality and b.budget_cycle_id = in_cycle.id and b.status = 'confirmed'
)
select 'electronic', mark.electronic, leaf.ballots - leaf.voided, leaf.voided, 0 from mark, leaf
union all
select 'paper', mark.paper, papers.ballots, 0, papers.spoiled from mark, papers
$$;

-- What was in the closed box, of a cycle that has ended and whose ballots are deleted: with a choice in an area that was
-- not withdrawn, and of that area's own voters. Without an area: all of them.
create table ballot_count (
  municipality text not null references municipality (code),
  budget_cycle_id uuid not null,
  area_id uuid,
  ballots bigint not null,
  own_ballots bigint not null,
  constraint ballot_count_unique unique nulls not distinct (municipality, budget_cycle_id, area_id),
  constraint ballot_count_cycle_exists foreign key (municipality, budget_cycle_id) references budget_cycle (municipality, id)
);
revoke insert, update on ballot_count from elinvoima_service;

-- What is in the closed box, or was while there was one.
create function count_ballots(in_cycle budget_cycle) returns setof ballot_count
language plpgsql stable as
$$
begin
  return query
  select k.* from ballot_count k where k.municipality = in_cycle.municipality and k.budget_cycle_id = in_cycle.id;
  if found then
    return;
  end if;
  return query
  select in_cycle.municipality, in_cycle.id, null::uuid, count(*), count(*)
  from ballot b
  where b.municipality = in_cycle.municipality and b.budget_cycle_id = in_cycle.id
  union all
  select in_cycle.municipality, in_cycle.id, s.area_id,
         count(*) filter (where b.proposals && project.numbers), count(*) filter (where b.area_id = s.area_id)
  from budget_share s
  join ballot b on b.municipality = s.municipality and b.budget_cycle_id = s.budget_cycle_id
  left join (
    select (p.project ->> 'area_id')::uuid as area_id, array_agg((p.project ->> 'number')::integer) as numbers
    from budget_vote v, jsonb_array_elements(v.frozen::jsonb -> 'projects') as p (project)
    where v.municipality = in_cycle.municipality and v.budget_cycle_id = in_cycle.id
      and (p.project ->> 'number')::integer not in (
        select split_part(l.line, ' ', 2)::integer from evidence_leaf l
        where l.municipality = in_cycle.municipality and l.budget_cycle_id = in_cycle.id and l.line like 'withdrawal %')
    group by 1) as project on project.area_id = s.area_id
  where s.municipality = in_cycle.municipality and s.budget_cycle_id = in_cycle.id
  group by s.area_id;
end
$$;

-- The areas of a closed vote, and null for who voted in none: with their voters, and whether numbers of it are hidden. All
-- there is of an area is hidden alike: voters, ballots, file. Voters add up to a known number; ballots do so where each is of
-- one area or of the whole city, whose ballots then are of who voted in none.
create function vote_area_voters(in_cycle budget_cycle) returns table (area_id uuid, voters bigint, is_hidden boolean)
language sql stable as
$$
with rule as (
  select (in_cycle.rules ->> 'smallest_group')::bigint as smallest, in_cycle.rules ->> 'area_rule' = 'one_chosen_area' as is_of_one
), mark as (
  select m.area_id, count(*) as voters from voter_mark m
  where m.municipality = in_cycle.municipality and m.budget_cycle_id = in_cycle.id
  group by m.area_id
), cast_in as (
  select k.area_id, k.ballots from count_ballots(in_cycle) k where k.area_id is not null
), level as (
  select (select hidden_up_to(array_agg(m.voters), rule.smallest) from mark m) as by_voters,
         case when rule.is_of_one then (select hidden_up_to(array_agg(b.ballots), rule.smallest) from cast_in b)
              else rule.smallest - 1 end as by_ballots
  from rule
), part as (
  select s.area_id, a.kind = 'whole' as is_whole
  from budget_share s join area a on a.municipality = s.municipality and a.id = s.area_id
  where s.municipality = in_cycle.municipality and s.budget_cycle_id = in_cycle.id
  union all
  select null, false
)
select p.area_id, coalesce(m.voters, 0),
       (not p.is_whole or rule.is_of_one) and is_hidden(coalesce(m.voters, 0), level.by_voters)
         or p.area_id is not null and is_hidden(coalesce(b.ballots, 0), level.by_ballots)
from rule, level, part p
left join mark m on m.area_id is not distinct from case when not p.is_whole then p.area_id end
left join cast_in b on b.area_id = p.area_id
$$;

-- Ballots are kept until the cycle ends, domain brief 6: then what was published of them is left, and how many there were.
create function forget_ballots(in_municipality text, in_cycle uuid) returns void
language sql security definer set search_path = public as
$$
insert into ballot_count
select k.* from budget_cycle c, count_ballots(c) as k where c.municipality = in_municipality and c.id = in_cycle;
delete from ballot where municipality = in_municipality and budget_cycle_id = in_cycle;
update budget_result set file = '' where municipality = in_municipality and budget_cycle_id = in_cycle and is_hidden
$$;
revoke all on function forget_ballots(text, uuid) from public;
grant execute on function forget_ballots(text, uuid) to elinvoima_service;

-- By area: ballots in the closed box with a choice in it that was not withdrawn, and rows in its newest published file.
-- Where every voter and every paper belongs to the voter's own area: how many more marks there are than what was found in
-- the boxes.
create function vote_areas(in_cycle budget_cycle)
returns table (area_id uuid, ballots bigint, file_rows integer, difference bigint)
language sql stable as
$$
select s.area_id,
       coalesce(k.ballots, 0),
       (select r.ballots from budget_result r
        where r.municipality = s.municipality and r.budget_cycle_id = s.budget_cycle_id and r.area_id = s.area_id
        order by r.revision desc limit 1),
       case when in_cycle.rules ->> 'area_rule' = 'home_area' and a.kind <> 'whole' then
         (select count(*) from voter_mark m
          where m.municipality = s.municipality and m.budget_cycle_id = s.budget_cycle_id and m.area_id = s.area_id)
         - coalesce(k.own_ballots, 0)
         - (select count(*) from ballot_void v
            where v.municipality = s.municipality and v.budget_cycle_id = s.budget_cycle_id and v.area_id = s.area_id
              and v.status = 'confirmed')
         - (select coalesce(sum(p.spoiled_count), 0) from paper_batch p
            where p.municipality = s.municipality and p.budget_cycle_id = s.budget_cycle_id and p.area_id = s.area_id
              and p.status = 'confirmed')
       end
from budget_share s
join area a on a.municipality = s.municipality and a.id = s.area_id
left join count_ballots(in_cycle) as k on k.area_id = s.area_id
where s.municipality = in_cycle.municipality and s.budget_cycle_id = in_cycle.id
$$;

-- How many papers were given out, as marks tell, and have not been found: no more can be found once the vote is counted
-- and everybody knows what they would change. Of one area where every paper is of the voter's own.
create function papers_missing(in_cycle budget_cycle, in_area uuid) returns bigint
language sql stable as
$$
select greatest(0, least(h.marks - h.ballots - h.spoiled,
                         (select a.difference from vote_areas(in_cycle) a where a.area_id = in_area)))
from vote_channels(in_cycle) h
where h.channel = 'paper'
$$;
