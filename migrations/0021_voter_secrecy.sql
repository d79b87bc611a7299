-- What protects voters after and beside the vote: who asked about them, and when the service forgets them for good.
-- Domain brief 3, 6.

-- Looking where one may not look, or where looking must be answered for. Whom it was about is not kept. Append-only.
create table audit_entry (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  action text not null,
  outcome text not null,
  resource text not null,
  resource_id uuid not null,
  actor_id uuid,
  acting_role text,
  request_id text,
  at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint audit_entry_outcome_known check (outcome in ('answered', 'refused'))
);
revoke update on audit_entry from elinvoima_service;

alter table budget_cycle add column voters_forgotten_at timestamptz;

-- From when on the voters of a cycle are to be forgotten: 30 days after the confirming decision is legally in force.
-- Where the end of its appeal time is not known, that is taken to be 37 days (7 for notice, 30 for the appeal) after
-- it was published, or recorded as confirming; a cancelled vote has nothing to appeal. Null: not yet.
create function voters_forgotten_from(in_cycle budget_cycle) returns date
language sql stable as
$$
select case
  when in_cycle.status in ('decided', 'implementation', 'closed') then
    coalesce(d.appeal_ends_on, helsinki_date(coalesce(d.published_at, done.at)) + 37) + 30
  when in_cycle.status = 'cancelled' then helsinki_date(done.at) + 30
end
from (select max(t.at) as at from transition t
      where t.municipality = in_cycle.municipality and t.resource = 'budget_cycle' and t.resource_id = in_cycle.id
        and t.to_status in ('decided', 'cancelled')) as done
left join decision d on d.municipality = in_cycle.municipality and d.id = in_cycle.confirming_decision_id
$$;
