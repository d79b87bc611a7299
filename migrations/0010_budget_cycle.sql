-- Participatory budgeting (asukasbudjetti), the frame: a sum and rules decided anew for every cycle. Rules are
-- data; no municipality's practice is code. Domain brief 4.5.

create table budget_cycle (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  name jsonb not null,
  start_year integer not null,
  end_year integer not null,
  theme jsonb,
  status text not null default 'planned',
  appropriation_cents bigint not null,
  rules jsonb not null,
  criteria jsonb not null default '[]',
  confirming_body_id uuid not null,
  decision_id uuid,
  confirming_decision_id uuid,
  ideas_start_at timestamptz,
  ideas_end_at timestamptz,
  voting_starts_at timestamptz,
  voting_ends_at timestamptz,
  published_at timestamptz,
  cancelled_reason jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint budget_cycle_confirming_body_exists foreign key (municipality, confirming_body_id)
    references body (municipality, id),
  constraint budget_cycle_decision_exists foreign key (municipality, decision_id) references decision (municipality, id),
  constraint budget_cycle_confirming_decision_exists foreign key (municipality, confirming_decision_id)
    references decision (municipality, id),
  constraint budget_cycle_years_ordered check (end_year >= start_year),
  constraint budget_cycle_ideas_ordered check (ideas_end_at > ideas_start_at),
  constraint budget_cycle_voting_ordered check (voting_ends_at > voting_starts_at),
  -- phases do not overlap; a null compares to nothing
  constraint budget_cycle_phases_apart check (voting_starts_at >= ideas_end_at),
  constraint budget_cycle_phases_dated check (
    status in ('planned', 'cancelled') or num_nulls(ideas_start_at, ideas_end_at, voting_starts_at, voting_ends_at) = 0)
);
create unique index budget_cycle_source_unique on budget_cycle (municipality, source, external_id)
  where source is not null;
create unique index budget_cycle_decision_once on budget_cycle (municipality, decision_id) where published_at is not null;

-- What one area may spend. The shares of a cycle sum to its appropriation when it opens.
create table budget_share (
  municipality text not null references municipality (code),
  budget_cycle_id uuid not null,
  area_id uuid not null,
  appropriation_cents bigint not null,
  eligible integer,
  primary key (municipality, budget_cycle_id, area_id),
  constraint budget_share_cycle_exists foreign key (municipality, budget_cycle_id)
    references budget_cycle (municipality, id),
  constraint budget_share_area_exists foreign key (municipality, area_id) references area (municipality, id)
);
grant delete on budget_share to elinvoima_service;

insert into state_move values
  ('budget_cycle', 'planned', 'ideas'), ('budget_cycle', 'planned', 'cancelled'),
  ('budget_cycle', 'ideas', 'development'), ('budget_cycle', 'ideas', 'cancelled'),
  ('budget_cycle', 'development', 'voting'), ('budget_cycle', 'development', 'cancelled'),
  ('budget_cycle', 'voting', 'counted'), ('budget_cycle', 'voting', 'cancelled'),
  ('budget_cycle', 'counted', 'decided'), ('budget_cycle', 'decided', 'implementation'),
  ('budget_cycle', 'implementation', 'closed');
select keep_history('budget_cycle');
select keep_transitions('budget_cycle');

-- Which rules of a cycle lack what another of them needs, or do not go with it, so that nobody could keep both: code,
-- pointer and that other rule.
create function budget_rules_faults(rules jsonb) returns table (code text, pointer text, rule text)
language sql immutable parallel safe as
$$
select 'rule_incomplete', '/rules/' || need.member, need.rule
from (values
  ('votes_most', 'n_votes', rules ->> 'vote_method' = 'n_votes'),
  ('points_total', 'cumulative', rules ->> 'vote_method' = 'cumulative'),
  ('target_group', 'target_group_must_be_involved', (rules -> 'target_group_must_be_involved')::text = 'true'),
  ('supports_least', 'gathers_supports', (rules -> 'gathers_supports')::text = 'true')) as need (member, rule, is_asked)
where need.is_asked and coalesce(rules -> need.member, 'null') = 'null'
union all
select 'rule_broken', '/rules/' || clash.member, clash.rule
from (values
  ('votes_least', 'votes_most', (rules ->> 'votes_least')::integer > (rules ->> 'votes_most')::integer),
  ('votes_least', 'vote_method', rules ->> 'vote_method' = 'choose_one' and (rules ->> 'votes_least')::integer > 1),
  -- a choice has a point at least
  ('points_total', 'votes_least', rules ->> 'vote_method' = 'cumulative'
                                  and (rules ->> 'points_total')::integer < (rules ->> 'votes_least')::integer),
  ('max_cost_cents', 'min_cost_cents', (rules ->> 'max_cost_cents')::bigint < (rules ->> 'min_cost_cents')::bigint),
  ('supports_least', 'gathers_supports', rules -> 'gathers_supports' = 'false' and rules -> 'supports_least' <> 'null'))
  as clash (member, rule, is_met)
where clash.is_met
union all  -- loads are shared by supporters, who either support or do not
select 'rule_broken', '/rules/tally_rule', 'vote_method'
where rules ->> 'tally_rule' = 'phragmen' and rules ->> 'vote_method' in ('cumulative', 'ordinal')
union all  -- every online ballot could be told from those on paper, which have no leaf each
select 'rule_broken', '/rules/trackers_public', 'identification'
where (rules -> 'trackers_public')::text = 'true' and rules -> 'identification' ? 'paper'
$$;

-- What a cycle does unless it says otherwise: the recommendations for Finnish practice.
create function budget_rules_default() returns jsonb
language sql immutable parallel safe as
$$
select '{
  "ideas_from": "anyone", "idea_age": null, "gathers_supports": false, "supports_least": null,
  "min_cost_cents": null, "max_cost_cents": null, "vat_included": true,
  "target_group_must_be_involved": false, "target_group": null,
  "residence_required": true, "voting_age": 12, "age_basis": "turning_in_year",
  "identification": ["strong", "assisted"],
  "vote_method": "knapsack", "votes_least": 1, "votes_most": null, "points_total": null, "points_each_most": null,
  "category_limits": [], "area_rule": "one_area_plus_whole", "ballot_change": "until_close",
  "tally_rule": "greedy_votes", "utility": "cost", "on_overflow": "skip", "completion": "none", "flavour": "checker",
  "minimum_score": 1, "ties": ["lower_cost", "higher_score", "lot"], "leftover": "decided_by_body",
  "trackers_public": false, "smallest_group": 5, "phase_days_least": 14
}'::jsonb
$$;
