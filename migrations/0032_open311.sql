-- Open311 GeoReport v2: who may send feedback through it, what came through it, and in which words it is told there.

-- What a municipality's domain is called, by which clients may name it as a jurisdiction.
alter table municipality add column domain text;
alter table municipality add constraint municipality_domain_unique unique (domain);

-- A program that may speak Open311 for others. Of its key only the hash is kept.
create table open311_client (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  name text not null,
  is_test boolean not null default false,
  may_post boolean not null default true,
  sees_extended boolean not null default false,
  permits_publication boolean not null default false,
  key_made_at timestamptz not null default request_now(),
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id)
);
select keep_history('open311_client');

-- Until the end of a day; null: for good.
create table open311_key (
  municipality text not null references municipality (code),
  key_hash bytea not null,
  client_id uuid not null,
  ends_on date,
  primary key (municipality, key_hash),
  constraint open311_key_client_exists foreign key (municipality, client_id) references open311_client (municipality, id)
);
create index open311_key_of_client on open311_key (municipality, client_id);
revoke update on open311_key from elinvoima_service;
grant update (ends_on), delete on open311_key to elinvoima_service;

create function open311_client_of(in_municipality text, key text) returns setof open311_client
language sql stable as
$$
select c.*
from open311_key k join open311_client c on c.municipality = k.municipality and c.id = k.client_id
where k.municipality = in_municipality and k.key_hash = sha256(convert_to(key, 'UTF8')) and c.deleted_at is null
  and coalesce(k.ends_on >= helsinki_date(request_now()), true)
$$;

-- What a client says of one item beside what the item is. The fingerprint tells a repetition. The token's hash,
-- where somebody was told one, of what tokens/T is asked with, opens nothing but the item's number.
create table open311_request (
  municipality text not null references municipality (code),
  feedback_id uuid not null,
  client_id uuid not null,
  fingerprint bytea not null,
  token_hash bytea,
  account_id text,
  address_id text,
  media_urls jsonb not null default '[]',
  service_object_type text,
  service_object_id text,
  created_at timestamptz not null default request_now(),
  primary key (municipality, feedback_id),
  constraint open311_request_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id),
  constraint open311_request_client_exists foreign key (municipality, client_id) references open311_client (municipality, id)
);
create index open311_request_repeated on open311_request (municipality, client_id, fingerprint, created_at);
create index open311_request_token on open311_request (municipality, token_hash) where token_hash is not null;
revoke update on open311_request from elinvoima_service;

-- In which state a client says an item is, and where it says pictures are, beside what it tells of it.
alter table feedback_message add client_status text, add media_urls jsonb not null default '[]';

-- What a client tells of an item later, by its own id: a repetition finds its first.
create table open311_update (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  client_id uuid not null,
  update_id text not null,
  feedback_id uuid not null,
  created_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint open311_update_once unique (municipality, client_id, update_id),
  constraint open311_update_client_exists foreign key (municipality, client_id) references open311_client (municipality, id),
  constraint open311_update_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
revoke update on open311_update from elinvoima_service;

-- Whether a client that tells this state opens the item anew: of the states this one is its sender's to choose, but not by who
-- had not yet heard of the last move. The others are the unit's: it reads them.
create function open311_reopens(item feedback, status text, told_at timestamptz) returns boolean
language plpgsql stable as
$$
begin
  return status in ('open', 'reopen') and item.status in ('answered', 'closed') and told_at >= (
    select max(date_trunc('second', t.at)) from transition t
    where t.municipality = item.municipality and t.resource = 'feedback' and t.resource_id = item.id);
end
$$;

-- The two words of GeoReport v2, and those FixMyStreet has beyond them.
create function open311_status(status text) returns text
language sql immutable parallel safe as
$$ select case when status in ('answered', 'closed', 'rejected', 'merged', 'transferred') then 'closed' else 'open' end $$;

create function open311_word(status text, is_withdrawn boolean) returns text
language sql immutable parallel safe as
$$
select case status
         when 'in_moderation' then 'for_triage' when 'assigned' then 'investigating' when 'in_progress' then 'in_progress'
         when 'rejected' then 'no_further_action' when 'merged' then 'duplicate' when 'transferred' then 'not_councils_responsibility'
         when 'answered' then 'closed' when 'closed' then case when is_withdrawn then 'cancelled' else 'closed' end
         else 'open'
       end
$$;

-- Whole seconds: what clients of Open311 can read.
create function open311_time(at timestamptz) returns text
language sql stable parallel safe as
$$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;

-- The first and the last instant of a time as clients of Open311 write it: of a year, month or day those of Finland.
create function open311_since(written text) returns timestamptz
language sql stable parallel safe as
$$
select case when length(written) > 10 then written::timestamptz
            else inexact_first_day(written)::timestamp at time zone 'Europe/Helsinki' end
$$;

create function open311_until(written text) returns timestamptz
language sql stable parallel safe as
$$
select case when length(written) > 10 then written::timestamptz
            else day_end(inexact_last_day(inexact_first_day(written), inexact_precision(written))) - interval '1 microsecond' end
$$;

-- Whether there are more than 90 days between, by the clock or by Finland's calendar.
create function open311_spans_too_much(first text, last text) returns boolean
language sql stable parallel safe as
$$
select least(open311_until(last) - open311_since(first),
             (open311_until(last) at time zone 'Europe/Helsinki') - (open311_since(first) at time zone 'Europe/Helsinki'))
       > case when length(last) > 10 then interval '90 days' else interval '91 days' end
$$;

-- All that was said; of the words the last link where there is one, which is the client's own: people quote
-- others before it.
create function open311_fingerprint(said jsonb) returns bytea
language sql immutable parallel safe as
$$
select sha256(convert_to(jsonb_build_array(
         coalesce(substring(said ->> 'text' from '.*(https?://\S+)'), concat_ws(E'\n', said ->> 'title', said ->> 'text')),
         said - '{text,title}'::text[])::text, 'UTF8'))
$$;

-- When a client is told that an item changed last: what is closed does not change any more.
create function open311_updated_at(f feedback) returns timestamptz
language sql immutable parallel safe as
$$ select case when open311_status(f.status) = 'closed' then coalesce(f.closed_at, f.answered_at, f.updated_at) else f.updated_at end $$;

-- Topics as services. Clients tell services apart by their names, white space aside: where two have one, the code is added.
create function open311_service_names(in_municipality text, language text) returns table (topic_id uuid, name text)
language sql stable as
$$
select t.id, s.name || case when count(*) filter (where s.is_service) over (partition by s.name) > s.is_service::integer
                            then ' (' || t.code || ')' else '' end
from feedback_topic t
cross join lateral (
  select t.deleted_at is null and t.signpost is null as is_service,
         btrim(regexp_replace(text_in(t.name, language), '\s+', ' ', 'g')) as name) as s
where t.municipality = in_municipality
$$;

-- What was moved and what changed within a time, as clients ask for it again and again.
create index transition_of_feedback_time on transition (municipality, at, id) where resource = 'feedback' and from_status is not null;
create index feedback_changed on feedback (municipality, updated_at);
