-- Who sits in a body and for whom, when bodies meet, and the time a responsible party gets in a meeting to
-- talk its measures over with the body. Domain brief 4.2, 4.3, 4.13.

-- A seat. Names and roles of elected officials are public; of others as the municipality says (is_name_public).
create table body_membership (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  body_id uuid not null,
  member_name text not null,
  is_name_public boolean not null,
  role text not null,
  represented_group jsonb,
  starts_on date not null,
  ends_on date,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint body_membership_body_exists foreign key (municipality, body_id) references body (municipality, id),
  constraint body_membership_role_known check (role in ('chair', 'vice_chair', 'member', 'deputy', 'secretary')),
  constraint body_membership_dates_ordered check (ends_on >= starts_on),
  constraint body_membership_chair_single exclude using gist (
    municipality with =, body_id with =, daterange(starts_on, ends_on, '[]') with &&)
    where (role = 'chair' and deleted_at is null)
);
create index body_membership_of_body on body_membership (municipality, body_id) where deleted_at is null;
create unique index body_membership_source_unique on body_membership (municipality, source, external_id)
  where source is not null and deleted_at is null;

create table meeting (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  body_id uuid not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  place jsonb,
  agenda_note jsonb,
  status text not null default 'planned',
  dialogue_note jsonb,
  cancelled_reason jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint meeting_body_exists foreign key (municipality, body_id) references body (municipality, id),
  constraint meeting_status_known check (status in ('planned', 'held', 'cancelled')),
  constraint meeting_times_ordered check (ends_at > starts_at)
);
create unique index meeting_start_unique on meeting (municipality, body_id, starts_at) where status <> 'cancelled';
create index meeting_time on meeting (municipality, starts_at);
create unique index meeting_source_unique on meeting (municipality, source, external_id) where source is not null;

create table hearing_slot (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  meeting_id uuid not null,
  reporting_round_id uuid not null,
  responsible_party_id uuid not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  status text not null default 'offered',
  dialogue_note jsonb,
  cancelled_reason jsonb,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint hearing_slot_meeting_exists foreign key (municipality, meeting_id) references meeting (municipality, id),
  constraint hearing_slot_round_exists foreign key (municipality, reporting_round_id)
    references reporting_round (municipality, id),
  constraint hearing_slot_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  constraint hearing_slot_status_known check (status in ('offered', 'booked', 'held', 'cancelled')),
  constraint hearing_slot_times_ordered check (ends_at > starts_at),
  -- The body listens to one party at a time.
  constraint hearing_slot_time_single exclude using gist (
    municipality with =, meeting_id with =, tstzrange(starts_at, ends_at) with &&) where (status <> 'cancelled')
);
create index hearing_slot_of_round on hearing_slot (municipality, reporting_round_id, responsible_party_id);
create unique index hearing_slot_source_unique on hearing_slot (municipality, source, external_id) where source is not null;

insert into state_move values
  ('meeting', 'planned', 'held'), ('meeting', 'planned', 'cancelled'),
  ('hearing_slot', 'offered', 'booked'), ('hearing_slot', 'offered', 'cancelled'),
  ('hearing_slot', 'booked', 'held'), ('hearing_slot', 'booked', 'cancelled');

select keep_history('body_membership', 'meeting', 'hearing_slot');
select keep_transitions('meeting', 'hearing_slot');
call refer_to_living('body_membership', 'body_id', 'body', 'body_membership_body_exists');
call refer_to_living('meeting', 'body_id', 'body', 'meeting_body_exists');
call refer_to_living('hearing_slot', 'responsible_party_id', 'responsible_party', 'hearing_slot_party_exists');

-- Of localised texts by member name: those that are there, but not in every language of the municipality.
create function text_gaps(in_municipality text, texts jsonb) returns table (pointer text, language text)
language sql stable as
$$
select '/' || given.member, missing.language
from municipality t
cross join lateral jsonb_each(texts) as given (member, words)
cross join lateral missing_languages(given.words, t.languages) as missing (language)
where t.code = in_municipality and jsonb_typeof(given.words) = 'object'
$$;
