-- A matter from its beginning to the end of the appeal time: public preparation, agenda, inspection, the
-- notification clock, corrections beside an inspected record. Domain brief 4.4.

alter table decision
  add column decision_type text not null default 'merits',
  add column plain_summary jsonb,
  add column how_to_influence jsonb,
  add column influence_until date,
  add column dialogue jsonb not null default '[]',
  add column personal_details jsonb,
  add column initiated_at timestamptz,
  add column agenda_published_at timestamptz,
  add column inspected_on date,
  add column online_on date,
  add column appeal_kind text,
  add column appeal_route jsonb,
  add column appeal_informed_on date,
  add column appeal_ends_on date,
  alter column decision drop not null,
  alter column outcome drop not null,
  add constraint decision_type_form check (decision_type ~ '^[a-z][a-z_]{0,39}$'),
  add constraint decision_outcome_given check ((decision is null) = (outcome is null)),
  add constraint decision_outcome_in_time check (
    (decision is not null) = (status not in ('initiated', 'in_preparation', 'on_agenda'))),
  add constraint decision_record_in_time check (
    decision is not null or num_nonnulls(section_number, discussion, personal_details) = 0),
  add constraint decision_appeal_known check (appeal_kind in ('municipal_appeal', 'rectification_claim', 'other', 'none'));
create index decision_appeal_running on decision (municipality, appeal_ends_on) where status = 'published';
create index transition_decision on transition (municipality, decision_id) where decision_id is not null;
create index reporting_round_start_decision on reporting_round (municipality, start_decision_id);
create index budget_cycle_decision on budget_cycle (municipality, decision_id);

delete from state_move where resource = 'decision';
insert into state_move values
  ('decision', 'initiated', 'in_preparation'), ('decision', 'in_preparation', 'on_agenda'),
  ('decision', 'on_agenda', 'decided'), ('decision', 'decided', 'inspected'), ('decision', 'inspected', 'published'),
  ('decision', 'published', 'appeal_closed');

-- Which appeal a decision is open to: the first rule that fits. Local Government Act 410/2015 §§ 134–140; what
-- special legislation says otherwise is a rule of the municipality.
alter table municipality add column appeal_rules jsonb not null default
  '[{"outcome":"noted","kind":"none"},
    {"decision_type":"preparation_or_execution","kind":"none"},
    {"decision_type":"on_rectification_claim","kind":"municipal_appeal","days":30,"informed_days":7},
    {"body_kind":"council","kind":"municipal_appeal","days":30,"informed_days":7},
    {"kind":"rectification_claim","days":14,"informed_days":7}]';

-- Members are deemed informed some days after the minutes are online; the appeal time runs from that day, which is
-- not counted. Without the day of going online the days are not known.
create function appeal_of(in_municipality text, decision_id uuid, online_on date)
returns table (kind text, route jsonb, informed_on date, ends_on date)
language sql stable as
$$
select r.rule ->> 'kind', r.rule -> 'route', informed.day, time_limit_end(informed.day, days => (r.rule ->> 'days')::integer)
from decision d
join municipality m on m.code = d.municipality
left join body b on b.municipality = d.municipality and b.id = d.body_id
cross join lateral jsonb_array_elements(m.appeal_rules) with ordinality as r (rule, position)
cross join lateral (select appeal_of.online_on + (r.rule ->> 'informed_days')::integer as day) as informed
where d.municipality = in_municipality and d.id = appeal_of.decision_id
  and coalesce(r.rule ->> 'body_kind' = b.kind, not r.rule ? 'body_kind')
  and coalesce(r.rule ->> 'decision_type' = d.decision_type, not r.rule ? 'decision_type')
  and coalesce(r.rule ->> 'outcome' = d.outcome, not r.rule ? 'outcome')
order by r.position limit 1
$$;

-- An inspected record does not change; what is wrong in it is said beside it.
create function decision_frozen() returns trigger language plpgsql as
$$
declare
  -- meeting_year is generated: a trigger before the write does not have it yet
  course text[] := '{status,published_at,online_on,appeal_kind,appeal_route,appeal_informed_on,appeal_ends_on,meeting_year,version,updated_at}';
begin
  if old.status in ('inspected', 'published', 'appeal_closed') and to_jsonb(new) - course <> to_jsonb(old) - course then
    raise exception 'an inspected record does not change' using errcode = '23514', constraint = 'decision_inspected_frozen';
  end if;
  return new;
end
$$;
create trigger decision_frozen before update on decision for each row execute function decision_frozen();

create table decision_correction (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  decision_id uuid not null,
  text jsonb not null,
  reason jsonb not null,
  acting_role text,
  acting_office jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint decision_correction_decision_exists foreign key (municipality, decision_id)
    references decision (municipality, id)
);
create index decision_correction_of_decision on decision_correction (municipality, decision_id, id);
create unique index decision_correction_source_unique on decision_correction (municipality, source, external_id)
  where source is not null;
revoke update on decision_correction from elinvoima_service;
select keep_history('decision_correction');

-- What is shown with a decision is an edit of it as it is shown: its version follows.
create function decision_correction_changed() returns trigger language plpgsql as
$$
begin
  update decision set updated_at = request_now() where municipality = new.municipality and id = new.decision_id;
  return null;
end
$$;
create trigger decision_correction_bumps_decision after insert on decision_correction
  for each row execute function decision_correction_changed();

-- The same for what became of what was decided: by a move that named the decision, or by the column that is the
-- argument. The triggers' names come after those of the triggers that write transitions.
create function decision_effect_changed() returns trigger language plpgsql as
$$
begin
  update decision d set updated_at = request_now()
  where d.municipality = new.municipality
    and d.id in (select t.decision_id from transition t
                 where t.municipality = new.municipality and t.resource_id = new.id and t.decision_id is not null
                 union all
                 select (to_jsonb(new) ->> tg_argv[0])::uuid);
  return null;
end
$$;
create trigger programme_version_tells_decision after update of status on programme_version
  for each row execute function decision_effect_changed();
create trigger reporting_round_tells_decision after insert or update of status, name, start_decision_id on reporting_round
  for each row execute function decision_effect_changed('start_decision_id');
create trigger budget_cycle_tells_decision after insert or update of status, name, decision_id on budget_cycle
  for each row execute function decision_effect_changed('decision_id');
-- The worker is woken when an appeal time begins.
create trigger decision_wakes after update of status on decision for each statement execute function worker_wake();

-- Nothing is found by words that are not public yet: a matter that is prepared in public is searched by what is read of it.
create or replace function decision_search(in_municipality text, in_id uuid) returns void language sql as
$$
insert into search_entry (municipality, id, words)
select r.municipality, r.id, search_words(r.register_number, jsonb_build_array(
         r.title, r.plain_summary, r.how_to_influence,
         case when r.initiated_at is null or r.status not in ('initiated', 'in_preparation') then r.proposed_decision end,
         case when r.initiated_at is null or r.published_at is not null then jsonb_build_array(r.discussion, r.decision) end))
from decision r
where r.municipality = in_municipality and r.id = in_id
on conflict (municipality, id) do update set words = excluded.words
$$;
drop trigger decision_changes_search_of_decision on decision;
create trigger decision_changes_search_of_decision
  after insert or delete or update of register_number, title, plain_summary, how_to_influence, proposed_decision, discussion,
    decision, status on decision
  for each row execute function decision_changes_search_of_decision();
