-- Which request of a desk stood behind an Idempotency-Key: the answers hold secrets and are derived anew, so what is kept
-- is only whether it is the same request. Both are keyed hashes. Deleted with the codes.

create table desk_request (
  municipality text not null references municipality (code),
  budget_cycle_id uuid not null,
  -- of caller, operation and key
  key_hash bytea not null,
  body_hash bytea not null,
  primary key (municipality, budget_cycle_id, key_hash),
  constraint desk_request_cycle_exists foreign key (municipality, budget_cycle_id) references budget_cycle (municipality, id)
);
revoke update on desk_request from elinvoima_service;
grant delete on desk_request to elinvoima_service;
