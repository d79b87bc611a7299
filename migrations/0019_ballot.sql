-- The vote of a participatory budget. Three things that never share a column once the vote is over: who took part
-- (voter_mark), what was chosen (ballot), and the log that proves that nothing was added, lost or changed
-- (evidence_*). What is cast stands in a partition of its own until it closes; then the ballots are copied in the
-- order of random ids in one transaction and the partition is dropped, and with it tokens, order and transactions
-- that could tell which mark a ballot belongs to. Domain brief 4.7.
-- What is written with every ballot has no foreign keys: the statement before has found cycle and municipality, and
-- a look-up for every row would cost more than the row.

alter table budget_cycle
  add column ballot_decision_id uuid,
  add column ballot_confirmed_at timestamptz,
  add constraint budget_cycle_ballot_decision_exists foreign key (municipality, ballot_decision_id)
    references decision (municipality, id);

-- Why a decision is none by which a cycle's result is confirmed or the cycle cancelled: it must be the confirming body's,
-- approve, and be another than those that opened the cycle and confirmed its list.
create function cycle_decision_faults(c budget_cycle, in_decision uuid) returns table (code text, pointer text, parameter text)
language sql stable as
$$
select 'decision_missing', null, 'decision_id'
where not exists (
  select from decision d
  where d.municipality = c.municipality and d.id = in_decision and d.outcome in ('approved', 'approved_amended')
    and d.body_id = c.confirming_body_id)
union all
select 'decision_used', '/decision_id', c.name ->> 'fi'
where in_decision in (c.decision_id, c.ballot_decision_id)
$$;

-- What was frozen when voting opened, as canonical JSON (RFC 8785), and who drew the lot.
create table budget_vote (
  municipality text not null references municipality (code),
  budget_cycle_id uuid not null,
  frozen text not null,
  frozen_sha256 text not null,
  seal_id text not null,
  origin text not null,
  officers jsonb not null,
  created_at timestamptz not null default request_now(),
  primary key (municipality, budget_cycle_id),
  constraint budget_vote_cycle_exists foreign key (municipality, budget_cycle_id) references budget_cycle (municipality, id)
);
revoke update on budget_vote from elinvoima_service;

-- Half of what hides the voters of a cycle; the other half is the service's key of votes. Deleted after the appeal
-- time, it takes every mark's meaning with it.
create table budget_secret (
  municipality text not null references municipality (code),
  budget_cycle_id uuid not null,
  secret bytea not null default sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
  primary key (municipality, budget_cycle_id),
  constraint budget_secret_cycle_exists foreign key (municipality, budget_cycle_id)
    references budget_cycle (municipality, id)
);
revoke update on budget_secret from elinvoima_service;
grant delete on budget_secret to elinvoima_service;

-- That somebody took part. The key is an HMAC; one row a person over every channel, which the primary key decides. A
-- partition for each vote, written anew when it closes.
create table voter_mark (
  municipality text not null,
  budget_cycle_id uuid not null,
  voter_key bytea not null,
  area_id uuid,
  channel text not null,
  age_band text,
  sex text,
  voted_on date not null,
  primary key (municipality, budget_cycle_id, voter_key),
  constraint voter_mark_channel_known check (channel in ('online', 'assisted', 'register', 'code'))
) partition by list (budget_cycle_id);
revoke update on voter_mark from elinvoima_service;
grant update (area_id) on voter_mark to elinvoima_service;

-- The open box: a partition for each vote. A replaced ballot is one that a later one names.
create table ballot_box (
  municipality text not null,
  budget_cycle_id uuid not null,
  token_hash bytea not null,
  replaces bytea,
  area_id uuid,
  proposals integer[] not null,
  points integer[],
  commitment text not null,
  leaf_position bigint not null,
  primary key (municipality, budget_cycle_id, token_hash)
) partition by list (budget_cycle_id);
create unique index ballot_box_replaced_once on ballot_box (municipality, budget_cycle_id, replaces)
  where replaces is not null;
revoke update on ballot_box from elinvoima_service;

-- The closed box. Nothing but INSERT, and that by close_ballot_box alone.
create table ballot (
  municipality text not null,
  budget_cycle_id uuid not null,
  id uuid not null default gen_random_uuid(),
  area_id uuid,
  proposals integer[] not null,
  points integer[],
  tracker text,
  primary key (municipality, budget_cycle_id, id)
);
revoke update on ballot from elinvoima_service;

-- The log: leaves are lines of text, nodes are kept at every eighth level, heads are the sizes it had after each
-- writing (RFC 6962).
create table evidence_leaf (
  municipality text not null,
  budget_cycle_id uuid not null,
  position bigint not null,
  line text not null,
  primary key (municipality, budget_cycle_id, position)
);
create table evidence_node (
  municipality text not null,
  budget_cycle_id uuid not null,
  level integer not null,
  position bigint not null,
  hash bytea not null,
  primary key (municipality, budget_cycle_id, level, position)
);
create table evidence_head (
  municipality text not null,
  budget_cycle_id uuid not null,
  size bigint not null,
  peaks bytea not null,
  primary key (municipality, budget_cycle_id, size)
);
revoke update on evidence_leaf, evidence_node, evidence_head from elinvoima_service;

create function vote_partition(of_table text, in_cycle uuid) returns text
language sql immutable parallel safe as
$$ select of_table || '_' || replace(in_cycle::text, '-', '') $$;

create function make_vote_partition(of_table text, in_cycle uuid) returns void
language plpgsql as
$$
begin
  execute format('create table %I partition of %I for values in (%L)', vote_partition(of_table, in_cycle), of_table, in_cycle);
  execute format('revoke all on %I from elinvoima_service', vote_partition(of_table, in_cycle));
end
$$;

-- The service's role defines nothing, so these two do it for it, and only at the two moments there are.
create function open_ballot_box(in_municipality text, in_cycle uuid) returns void
language plpgsql security definer set search_path = public as
$$
begin
  if not exists (select from budget_cycle where municipality = in_municipality and id = in_cycle and status = 'voting') then
    raise exception 'no vote is open in cycle %', in_cycle;
  end if;
  perform make_vote_partition('ballot_box', in_cycle), make_vote_partition('voter_mark', in_cycle);
end
$$;

-- Without the replaced and the void ballots, which stay in the log alone. The marks are written anew in the order of
-- their keys and the old ones dropped with their pages, since a mark shares its transaction with a leaf, and a leaf its
-- commitment with a ballot's tracker. What was cast in a vote that was cancelled goes with the box.
create function close_ballot_box(in_municipality text, in_cycle uuid) returns bigint
language plpgsql security definer set search_path = public as
$$
declare
  moved bigint;
  marks text;
begin
  if not exists (select from budget_cycle
                 where municipality = in_municipality and id = in_cycle and status in ('counted', 'cancelled')) then
    raise exception 'the vote of cycle % is not closed', in_cycle;
  end if;
  insert into ballot (municipality, budget_cycle_id, id, area_id, proposals, points, tracker)
  select in_municipality, in_cycle, live.id, live.area_id, live.proposals, live.points, live.tracker
  from (
    select gen_random_uuid() as id, b.area_id, b.proposals, b.points,
           case when c.rules -> 'trackers_public' = 'true' then b.commitment end as tracker
    from ballot_box b
    join budget_cycle c on c.municipality = b.municipality and c.id = b.budget_cycle_id and c.status = 'counted'
    where b.municipality = in_municipality and b.budget_cycle_id = in_cycle
      and not exists (
        select from ballot_box n
        where n.municipality = b.municipality and n.budget_cycle_id = b.budget_cycle_id and n.replaces = b.token_hash)
      and not exists (
        select from ballot_void v
        where v.municipality = b.municipality and v.budget_cycle_id = b.budget_cycle_id and v.commitment = b.commitment
          and v.status = 'confirmed')
  ) as live
  order by live.id;
  get diagnostics moved = row_count;
  execute format('drop table %I', vote_partition('ballot_box', in_cycle));
  delete from paper_ballot p using paper_batch b
  where p.municipality = in_municipality and b.municipality = p.municipality and b.id = p.paper_batch_id
    and b.budget_cycle_id = in_cycle;
  marks := vote_partition('voter_mark', in_cycle);
  begin  -- a block that catches is a transaction of its own in the rows: not the one of the ballots
    execute format('alter table voter_mark detach partition %I', marks);
    execute format('alter table %I rename to %I', marks, 'old_' || marks);
    perform make_vote_partition('voter_mark', in_cycle);
    execute format('insert into voter_mark select * from %I order by voter_key', 'old_' || marks);
    execute format('drop table %I', 'old_' || marks);
  exception when assert_failure then
    raise;
  end;
  return moved;
end
$$;
revoke all on function open_ballot_box(text, uuid), close_ballot_box(text, uuid) from public;
grant execute on function open_ballot_box(text, uuid), close_ballot_box(text, uuid) to elinvoima_service;
revoke insert on ballot from elinvoima_service;

-- The newest head. Whoever plans this while the log is short would read all of it ever after, with every batch.
create function newest_head(in_municipality text, in_cycle uuid) returns evidence_head
language plpgsql stable set enable_seqscan = off set enable_sort = off as
$$
declare
  head evidence_head;
begin
  select * into head from evidence_head h
  where h.municipality = in_municipality and h.budget_cycle_id = in_cycle order by h.size desc limit 1;
  return head;
end
$$;

-- Before a vote no ballot has been cast, so the log begins with one leaf, which is its own root.
create function begin_evidence(in_municipality text, in_cycle uuid, in_line text) returns void
language sql as
$$
insert into evidence_leaf (municipality, budget_cycle_id, position, line) values (in_municipality, in_cycle, 0, in_line);
insert into evidence_head (municipality, budget_cycle_id, size, peaks)
values (in_municipality, in_cycle, 1, sha256('\x00'::bytea || convert_to(in_line, 'UTF8')))
$$;

-- One more leaf: freezing and ballots are written elsewhere, in bulk; this is for what happens once. Every 1 at the
-- low end of the size is a subtree that the leaf makes whole.
create function append_evidence(in_municipality text, in_cycle uuid, in_line text) returns bigint
language plpgsql as
$$
declare
  head evidence_head;
  node bytea := sha256('\x00'::bytea || convert_to(in_line, 'UTF8'));
  level integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), in_municipality, in_cycle::text), 3));
  head := newest_head(in_municipality, in_cycle);
  insert into evidence_leaf (municipality, budget_cycle_id, position, line)
  values (in_municipality, in_cycle, head.size, in_line);
  while (head.size >> level) & 1 = 1 loop
    node := sha256('\x01'::bytea || substring(head.peaks from length(head.peaks) - 31) || node);
    head.peaks := substring(head.peaks from 1 for length(head.peaks) - 32);
    level := level + 1;
    if level % 8 = 0 then
      insert into evidence_node (municipality, budget_cycle_id, level, position, hash)
      values (in_municipality, in_cycle, level, head.size >> level, node);
    end if;
  end loop;
  insert into evidence_head (municipality, budget_cycle_id, size, peaks)
  values (in_municipality, in_cycle, head.size + 1, head.peaks || node);
  return head.size;
end
$$;

-- What the count gave in one area: the file it was made from, and the result with every step. A correction is a
-- further row, never an edit.
create table budget_result (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  budget_cycle_id uuid not null,
  area_id uuid not null,
  revision integer not null default 1,
  ballots integer not null,
  -- the number and what it could be found from are not told, since it or another is of few
  is_hidden boolean not null,
  file text not null,
  file_sha256 text not null,
  result json not null,
  result_sha256 text not null,
  officers jsonb not null,
  reason jsonb,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint budget_result_area_shared foreign key (municipality, budget_cycle_id, area_id)
    references budget_share (municipality, budget_cycle_id, area_id),
  constraint budget_result_revision_unique unique (municipality, budget_cycle_id, area_id, revision)
);
revoke update on budget_result from elinvoima_service;
select keep_history('budget_result');
