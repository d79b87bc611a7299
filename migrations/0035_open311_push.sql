-- Telling a client of Open311 what becomes of what it sent, at its own servicerequestupdates, without being asked.

-- Where: the address that `servicerequestupdates.xml` is added to, and what the client's operators gave us to show there.
-- The key is locked with the service's own (secret.h).
alter table open311_client
  add push_url text, add push_jurisdiction_id text, add push_api_key text, add is_pushed boolean not null default false,
  add constraint open311_client_push_whole check (not is_pushed or (push_url is not null and push_api_key is not null));

-- What is to be told: one row a move or message, with the id by which the client knows a repetition. What is said is read
-- when it is sent, so that nothing leaves that was taken back meanwhile.
create table open311_push (
  municipality text not null references municipality (code),
  id uuid not null,
  client_id uuid not null,
  feedback_id uuid not null,
  transition_id uuid,
  message_id uuid,
  attempts integer not null default 0,
  refusal text,
  next_at timestamptz,
  pushed_at timestamptz,
  given_up_at timestamptz,
  primary key (municipality, id),
  constraint open311_push_move_exists foreign key (municipality, transition_id) references transition (municipality, id),
  constraint open311_push_message_exists foreign key (municipality, message_id) references feedback_message (municipality, id),
  constraint open311_push_of_one check (num_nonnulls(transition_id, message_id) = 1),
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

-- What happens to a case happens to each item merged into it: as an update it has another id then, of the same time.
create function open311_update_id(item_id uuid, happened_to uuid, event_id uuid) returns uuid
language sql immutable parallel safe as
$$
select case when item_id = happened_to then event_id
            else (left(event_id::text, 19) || substr(md5(concat(item_id, event_id))::uuid::text, 20))::uuid end
$$;

-- Whether an item follows, at a time, what happens to an item: to itself, or to the case it was merged into by then.
create function open311_follows(item feedback, happened_to uuid, at timestamptz) returns boolean
language plpgsql stable cost 10000 as
$$
begin
  return item.id = happened_to or (item.withdrawn_at is null and item.merged_into_id = happened_to and exists (
    select from transition m
    where m.municipality = item.municipality and m.resource = 'feedback' and m.resource_id = item.id and m.to_status = 'merged'
      and m.at <= open311_follows.at));
end
$$;

-- Whether a client of Open311 is told a move: not when its word stays the same; of a case with others, only what is answered.
create function open311_is_told(item feedback, t transition) returns boolean
language plpgsql stable cost 10000 as
$$
begin
  if item.id = t.resource_id then
    return open311_word(t.from_status, false) <> open311_word(t.to_status, coalesce(item.withdrawn_at <= t.at, false));
  end if;
  return t.to_status in ('answered', 'rejected', 'transferred') and open311_follows(item, t.resource_id, t.at);
end
$$;

-- The word of an item at a time: before its first move it was open.
create function open311_word_at(item feedback, at timestamptz) returns text
language plpgsql stable as
$$
begin
  return coalesce((
    select open311_word(t.to_status, coalesce(item.withdrawn_at <= t.at, false))
    from transition t
    where t.municipality = item.municipality and t.resource = 'feedback' and t.resource_id = item.id and t.at <= open311_word_at.at
    order by t.id desc
    limit 1), 'open');
end
$$;

-- Whether a message went with a move, which tells it then.
create function open311_went_with_move(m feedback_message) returns boolean
language plpgsql stable cost 10000 as
$$
begin
  return exists (
    select from transition t
    where t.municipality = m.municipality and t.resource = 'feedback' and t.resource_id = m.feedback_id and t.at = m.created_at
      and t.to_status in ('rejected', 'transferred'));
end
$$;

-- What the municipality said with a move to the sender of an item, as everybody may read it: the client shows it to all.
create function open311_said_with_move(item feedback, t transition) returns text
language plpgsql stable as
$$
declare
  followed feedback := feedback_as_followed(item);
  said text := case
    when t.to_status = 'answered' or (t.to_status = 'merged' and followed.answered_at <= t.at) then followed.reply
    when t.to_status in ('rejected', 'transferred') or (t.to_status = 'reopened' and t.actor_id is not null) then (
      select m.text from feedback_message m
      where m.municipality = t.municipality and m.feedback_id = t.resource_id and m.created_at = t.at and m.kind in ('interim', 'reopening')
      order by m.id limit 1) end;
begin
  if t.to_status <> 'answered' or item.publication <> 'published' or item.merged_into_id is not null then
    said := told_to_others(item, said);
  end if;
  return concat_ws(E'\n\n', said,
    case when t.to_status = 'transferred' then signpost_text(followed.transferred_to, item.language) end);
end
$$;

-- The same of a message, with the new target it tells.
create function open311_said(item feedback, m feedback_message) returns text
language plpgsql stable as
$$
begin
  return concat_ws(E'\n\n', told_to_others(item, m.text),
                   replace(feedback_mail_part('due', item.language), '{day}', to_char(m.due_on, 'FMDD.FMMM.YYYY')));
end
$$;

-- Each client that is told of an item, and of those merged into it.
create function open311_push_told(in_municipality text, happened_to uuid)
returns table (client_id uuid, item feedback)
language plpgsql stable as
$$
begin
  return query
  select c.id, f
  from feedback f
  join open311_request r on r.municipality = f.municipality and r.feedback_id = f.id
  join open311_client c on c.municipality = r.municipality and c.id = r.client_id
  where f.municipality = in_municipality and (f.id = happened_to or f.merged_into_id = happened_to) and c.is_pushed and c.deleted_at is null;
end
$$;

-- By triggers, so that no move and no message can forget it.
create function open311_moved() returns trigger language plpgsql as
$$
begin
  insert into open311_push (municipality, id, client_id, feedback_id, transition_id)
  select new.municipality, open311_update_id((told.item).id, new.resource_id, new.id), told.client_id, (told.item).id, new.id
  from open311_push_told(new.municipality, new.resource_id) as told
  where open311_is_told(told.item, new);
  if found then
    notify elinvoima_work;
  end if;
  return null;
end
$$;
create trigger transition_is_pushed after insert on transition
  for each row when (new.resource = 'feedback' and new.from_status is not null) execute function open311_moved();

create function open311_message_told() returns trigger language plpgsql as
$$
begin
  insert into open311_push (municipality, id, client_id, feedback_id, message_id)
  select new.municipality, open311_update_id((told.item).id, new.feedback_id, new.id), told.client_id, (told.item).id, new.id
  from open311_push_told(new.municipality, new.feedback_id) as told
  where open311_follows(told.item, new.feedback_id, new.created_at) and not open311_went_with_move(new);
  if found then
    notify elinvoima_work;
  end if;
  return null;
end
$$;
create trigger feedback_message_is_pushed after insert on feedback_message
  for each row when (new.kind = 'interim') execute function open311_message_told();
create index feedback_message_told on feedback_message (municipality, created_at, id) where kind = 'interim';

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
