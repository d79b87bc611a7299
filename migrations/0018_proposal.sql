-- What residents propose for a participatory budget, and what officials found out about it. Domain brief 4.6.

create table proposal (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  budget_cycle_id uuid not null,
  -- running number in its cycle: what ballots, count and public files call it
  number integer not null,
  area_id uuid not null,
  title jsonb not null,
  description jsonb not null,
  categories jsonb not null default '[]',
  status text not null default 'draft',
  -- the author's guess, and the evaluator's estimate: the one that is voted on and counted
  guessed_cost_cents bigint,
  cost_cents bigint,
  -- why the body decided otherwise than the vote
  deviation_reason jsonb,
  published_at timestamptz,
  -- hidden by moderation, whatever its state, until it is published again
  hidden_at timestamptz,
  shown_status text not null generated always as (case when hidden_at is null then status else 'hidden' end) stored,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint proposal_cycle_exists foreign key (municipality, budget_cycle_id) references budget_cycle (municipality, id),
  constraint proposal_area_shared foreign key (municipality, budget_cycle_id, area_id)
    references budget_share (municipality, budget_cycle_id, area_id),
  constraint proposal_number_unique unique (municipality, budget_cycle_id, number)
);
create index proposal_of_cycle on proposal (municipality, budget_cycle_id, status);
create unique index proposal_source_unique on proposal (municipality, source, external_id)
  where source is not null and deleted_at is null;
insert into state_move values
  ('proposal', 'draft', 'submitted'), ('proposal', 'draft', 'withdrawn'),
  ('proposal', 'submitted', 'published'), ('proposal', 'submitted', 'hidden'), ('proposal', 'submitted', 'withdrawn'),
  ('proposal', 'published', 'in_evaluation'), ('proposal', 'published', 'hidden'), ('proposal', 'published', 'withdrawn'),
  ('proposal', 'hidden', 'published'),
  ('proposal', 'in_evaluation', 'feasible'), ('proposal', 'in_evaluation', 'not_feasible'),
  ('proposal', 'in_evaluation', 'merged'), ('proposal', 'in_evaluation', 'withdrawn'),
  ('proposal', 'feasible', 'in_evaluation'), ('proposal', 'not_feasible', 'in_evaluation'),
  ('proposal', 'feasible', 'merged'), ('proposal', 'feasible', 'on_ballot'), ('proposal', 'feasible', 'withdrawn'),
  ('proposal', 'on_ballot', 'cancelled'), ('proposal', 'on_ballot', 'selected'), ('proposal', 'on_ballot', 'not_selected'),
  ('proposal', 'selected', 'in_progress'), ('proposal', 'selected', 'cancelled'),
  ('proposal', 'in_progress', 'completed'), ('proposal', 'in_progress', 'cancelled');
insert into state_move
select 'proposal', status, 'hidden'
from unnest('{withdrawn,in_evaluation,feasible,not_feasible,merged,on_ballot,selected,not_selected,in_progress,completed,cancelled}'::text[])
  as status;
select keep_history('proposal');
select keep_transitions('proposal');

-- Hiding is a transition, too; publication leads back to where it was.
create function proposal_hidden_moved() returns trigger language plpgsql security definer set search_path = public as
$$
begin
  insert into transition (municipality, resource, resource_id, from_status, to_status, reason, actor_id, acting_role, request_id)
  values (new.municipality, 'proposal', new.id, old.shown_status, new.shown_status, request_setting('reason'),
          request_setting('actor')::uuid, request_setting('role'), request_setting('request'));
  return null;
end
$$;
create trigger proposal_hidden_moved after update on proposal
  for each row when ((old.hidden_at is null) <> (new.hidden_at is null) and (new.hidden_at is not null or old.status = new.status))
  execute function proposal_hidden_moved();
