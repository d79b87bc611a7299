-- Voting without one's own identification: a clerk who has seen an ID opens a session, people on an uploaded register
-- get a code by post, a school hands out codes without names. All three are a secret that stands for a voter, who has
-- the same key as by strong identification; so the mark decides over every channel. Domain brief 4.7.

-- Who may vote by the municipality's own list. Of a person a keyed hash, an age band and an area are kept.
create table voter_register (
  municipality text not null references municipality (code),
  budget_cycle_id uuid not null,
  voter_key bytea not null,
  age_band text not null,
  sex text,
  home_area_id uuid,
  primary key (municipality, budget_cycle_id, voter_key),
  constraint voter_register_cycle_exists foreign key (municipality, budget_cycle_id)
    references budget_cycle (municipality, id)
);
grant delete on voter_register to elinvoima_service;

-- A secret, of which only a keyed hash is stored. Of no use after the vote, they are deleted when it is counted.
create table voting_code (
  municipality text not null references municipality (code),
  budget_cycle_id uuid not null,
  code_hash bytea not null,
  voter_key bytea not null,
  channel text not null,
  age_band text,
  sex text,
  home_area_id uuid,
  expires_at timestamptz,
  primary key (municipality, budget_cycle_id, code_hash),
  constraint voting_code_cycle_exists foreign key (municipality, budget_cycle_id)
    references budget_cycle (municipality, id),
  constraint voting_code_channel_known check (channel in ('assisted', 'register', 'code'))
);
revoke update on voting_code from elinvoima_service;
grant delete on voting_code to elinvoima_service;
