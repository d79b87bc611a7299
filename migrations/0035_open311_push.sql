-- Telling a client of Open311 what becomes of what it sent, at its own servicerequestupdates, without being asked.

-- Where: the address that `servicerequestupdates.xml` is added to, and what the client's operators gave us to show there.
-- The key is locked with the service's own (secret.h).
alter table open311_client
  add push_url text, add push_jurisdiction_id text, add push_api_key text, add is_pushed boolean not null default false,
  add constraint open311_client_push_whole check (not is_pushed or (push_url is not null and push_api_key is not null));

-- What is to be told: one row a move, with the move's id, by which the client knows a repetition. What is said is read
-- when it is sent, so that nothing leaves that was taken back meanwhile.
create table open311_push (
  municipality text not null references municipality (code),
  id uuid not null,
  client_id uuid not null,
  feedback_id uuid not null,
  attempts integer not null default 0,
  refusal text,
  next_at timestamptz,
  pushed_at timestamptz,
  given_up_at timestamptz,
  primary key (municipality, id),
  constraint open311_push_move_exists foreign key (municipality, id) references transition (municipality, id),
  constraint open311_push_client_exists foreign key (municipality, client_id) references open311_client (municipality, id),
  constraint open311_push_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
create index open311_push_waiting on open311_push (municipality, client_id, id) where pushed_at is null;
create index open311_push_waiting_of_feedback on open311_push (municipality, feedback_id, id) where pushed_at is null;

-- While a client cannot be told anything: since when, why, and when it is tried again.
create table open311_push_failure (
  municipality text not null references municipality (code),
  client_id uuid not null,
  failures integer not null,
  reason text not null,
  failed_at timestamptz not null,
  next_at timestamptz not null,
  primary key (municipality, client_id),
  constraint open311_push_failure_client_exists foreign key (municipality, client_id) references open311_client (municipality, id)
);
grant delete on open311_push_failure to elinvoima_service;

-- By a trigger, so that no move can forget it.
create function open311_moved() returns trigger language plpgsql as
$$
begin
  insert into open311_push (municipality, id, client_id, feedback_id)
  select new.municipality, new.id, c.id, new.resource_id
  from open311_request r join open311_client c on c.municipality = r.municipality and c.id = r.client_id
  where r.municipality = new.municipality and r.feedback_id = new.resource_id and c.is_pushed and c.deleted_at is null;
  if found then
    notify elinvoima_work;
  end if;
  return null;
end
$$;
create trigger transition_is_pushed after insert on transition
  for each row when (new.resource = 'feedback' and new.from_status is not null) execute function open311_moved();

-- Items of such a topic are listed for clients of Open311 before anybody has looked at them: that they are there, when and
-- of what, without text and place.
alter table feedback_topic add is_listed_at_once boolean not null default false;

-- What everybody may know to be there.
create function open311_listed(f feedback, t feedback_topic) returns boolean
language sql immutable parallel safe as
$$
select f.publication = 'published'
       or (coalesce(t.is_listed_at_once, false) and f.publication <> 'withdrawn' and f.withdrawn_at is null and f.status <> 'rejected')
$$;

insert into feedback_text values
  ('open311_update', '{"fi": "Palautteen tila on muuttunut.", "sv": "Responsens status har ändrats.", "en": "The status has changed."}');

-- How long an errand waits for its next attempt: a minute after the first, at most six hours.
create function errand_wait(attempts integer, factor integer) returns interval
language sql immutable parallel safe as
$$ select least(interval '1 minute' * factor ^ least(attempts - 1, 10), interval '6 hours') $$;
