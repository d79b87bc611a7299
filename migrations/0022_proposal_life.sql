-- What becomes of a proposal: who wrote it, what officials found out, what its authors were told, and the project
-- that follows. Domain brief 4.6.

alter table proposal
  add column channel text not null default 'online',
  add column place text,
  add column latitude text,
  add column longitude text,
  -- how those it is for took part in making it, in the author's words, and whether officials think so too
  add column involvement jsonb,
  add column target_group_involved boolean,
  -- who evaluates it; without a person every evaluator of the sector
  add column evaluator_id uuid references person (id),
  add column sector text,
  add column completion_request jsonb,
  add column refusal_code text,
  add column evaluation jsonb,
  add column evaluation_link text,
  -- of proposals of one area with the same text at most one is chosen
  add column exclusive_group text,
  add column evaluated_at timestamptz,
  add column hidden_reason jsonb,
  add column merged_into_id uuid,
  add column split_from_id uuid,
  -- how its authors agreed to being merged
  add column merge_consent jsonb,
  -- the project
  add column responsible_party_id uuid,
  add column starts_on date,
  add column ends_on date,
  add column measure_line_id uuid,
  add column spent_cents bigint,
  add column cancelled_reason jsonb,
  add constraint proposal_channel_known check (channel in ('online', 'staff')),
  add constraint proposal_refusal_known check (refusal_code in (
    'outside_theme', 'not_municipal', 'below_min_cost', 'over_area_budget', 'already_planned', 'not_on_municipal_land',
    'unlawful', 'private_benefit', 'unreasonable_upkeep', 'target_group_not_involved', 'insufficient_information')),
  add constraint proposal_point_whole check ((latitude is null) = (longitude is null)),
  add constraint proposal_days_ordered check (ends_on >= starts_on),
  add constraint proposal_merged_exists foreign key (municipality, merged_into_id) references proposal (municipality, id),
  add constraint proposal_split_exists foreign key (municipality, split_from_id) references proposal (municipality, id),
  add constraint proposal_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  add constraint proposal_line_exists foreign key (municipality, measure_line_id) references measure_line (municipality, id);
create index proposal_merged on proposal (municipality, merged_into_id) where merged_into_id is not null;
create index proposal_measure_line on proposal (municipality, measure_line_id) where measure_line_id is not null;
call refer_to_living('proposal', 'responsible_party_id', 'responsible_party', 'proposal_party_exists');
call keep_search('proposal', 'number, title, description, place', 'r.number::text || '' '' || coalesce(r.place, '''')',
  'jsonb_build_array(r.title, r.description)');

-- Returned for completion, and merged or split before anybody evaluated it.
insert into state_move values
  ('proposal', 'in_evaluation', 'published'), ('proposal', 'published', 'merged');

-- The people behind a proposal: personal data, kept apart and for a time.
create table proposal_author (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  proposal_id uuid not null,
  position integer not null,
  kind text not null,
  membership text,
  name text,
  is_name_shown boolean not null default false,
  email text,
  phone text,
  -- who signed in to send it
  issuer text,
  subject text,
  retain_until date,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint proposal_author_proposal_exists foreign key (municipality, proposal_id) references proposal (municipality, id),
  constraint proposal_author_kind_known check (kind in ('resident', 'association', 'school', 'company', 'staff')),
  constraint proposal_author_place_unique unique (municipality, proposal_id, position)
);
create index proposal_author_person on proposal_author (municipality, subject, issuer) where subject is not null;
select keep_history('proposal_author');

alter table proposal_author enable row level security;
create policy proposal_author_visible on proposal_author for select to elinvoima_service using (
  municipality = request_setting('municipality')
  and may(municipality, request_setting('actor')::uuid, request_now(), '{participation_coordinator,moderator,privacy_officer}'));
create policy proposal_author_insert on proposal_author for insert to elinvoima_service
  with check (municipality = request_setting('municipality'));

-- What everybody may know of the authors; those of merged proposals stay authors, while these are not hidden.
create function proposal_authors(in_municipality text, proposal uuid) returns json
language sql stable security definer set search_path = public as
$$
select coalesce(json_agg(json_build_object('kind', a.kind, 'name', case when a.is_name_shown then a.name end)
                         order by p.number, a.position), '[]')
from proposal p
join proposal_author a on a.municipality = p.municipality and a.proposal_id = p.id
where p.municipality = in_municipality
  and (p.id = proposal_authors.proposal or (p.merged_into_id = proposal_authors.proposal and p.hidden_at is null))
$$;

create function wrote_proposal(in_municipality text, proposal uuid, in_issuer text, in_subject text) returns boolean
language plpgsql stable security definer set search_path = public as
$$
begin
  return exists (
    select from proposal_author a
    where a.municipality = in_municipality and a.subject = in_subject and a.issuer = in_issuer
      and (a.proposal_id = wrote_proposal.proposal
           or a.proposal_id in (select p.id from proposal p
                                where p.municipality = in_municipality and p.merged_into_id = wrote_proposal.proposal)));
end
$$;

-- The parts of a split proposal have its authors, and those of what had been merged into it.
create function copy_authors(in_municipality text, from_proposal uuid, to_proposal uuid) returns void
language sql security definer set search_path = public as
$$
insert into proposal_author (municipality, proposal_id, position, kind, membership, name, is_name_shown, email, phone, issuer, subject)
select a.municipality, to_proposal, row_number() over (order by p.number, a.position), a.kind, a.membership, a.name, a.is_name_shown,
       a.email, a.phone, a.issuer, a.subject
from proposal p
join proposal_author a on a.municipality = p.municipality and a.proposal_id = p.id
where p.municipality = in_municipality and (p.id = from_proposal or p.merged_into_id = from_proposal)
$$;
revoke all on function copy_authors(text, uuid, uuid) from public;
grant execute on function copy_authors(text, uuid, uuid) to elinvoima_service;

-- Contact data is kept six months after a cycle has ended.
create function keep_authors_until(in_municipality text, cycle uuid, last_day date) returns void
language sql security definer set search_path = public as
$$
update proposal_author a set retain_until = last_day
from proposal p
where p.municipality = in_municipality and p.budget_cycle_id = cycle
  and a.municipality = p.municipality and a.proposal_id = p.id
$$;
revoke all on function keep_authors_until(text, uuid, date) from public;
grant execute on function keep_authors_until(text, uuid, date) to elinvoima_service;

-- The age somebody has on a day, or reaches in its year; null when the birth date is no day of the calendar.
create function age_reached(birth_date text, day date, basis text) returns integer
language sql immutable parallel safe as
$$
select case when birth_date ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
                 and right(birth_date, 2)::integer <= extract(day from make_date(
                       left(birth_date, 4)::integer, substr(birth_date, 6, 2)::integer, 1) + interval '1 month - 1 day') then
         extract(year from day)::integer - left(birth_date, 4)::integer
         - case when basis = 'on_day' and to_char(day, 'MM-DD') < right(birth_date, 5) then 1 else 0 end
       end
$$;

-- What the authors are told when something is decided of their proposal, stored before anybody delivers it.
create table proposal_message (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  proposal_id uuid not null,
  kind text not null,
  reason jsonb,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint proposal_message_proposal_exists foreign key (municipality, proposal_id) references proposal (municipality, id)
);
create index proposal_message_of_proposal on proposal_message (municipality, proposal_id);
select keep_history('proposal_message');
revoke update on proposal_message from elinvoima_service;

create table proposal_message_text (
  kind text primary key,
  text jsonb not null
);
revoke insert, update on proposal_message_text from elinvoima_service;
insert into proposal_message_text values
  ('published', '{"fi": "Ehdotus on julkaistu.", "sv": "Förslaget har publicerats.", "en": "The proposal has been published."}'),
  ('hidden', '{"fi": "Ehdotus on piilotettu.", "sv": "Förslaget har dolts.", "en": "The proposal has been hidden."}'),
  ('in_evaluation', '{"fi": "Ehdotuksen arviointi on alkanut.", "sv": "Förslaget bedöms nu.", "en": "The proposal is being evaluated."}'),
  ('returned', '{"fi": "Ehdotusta pyydetään täydentämään.", "sv": "Förslaget behöver kompletteras.", "en": "The proposal needs to be completed."}'),
  ('feasible', '{"fi": "Ehdotus on toteuttamiskelpoinen.", "sv": "Förslaget är genomförbart.", "en": "The proposal is feasible."}'),
  ('not_feasible', '{"fi": "Ehdotus ei ole toteuttamiskelpoinen.", "sv": "Förslaget är inte genomförbart.", "en": "The proposal is not feasible."}'),
  ('estimated', '{"fi": "Ehdotuksen kustannusarvio on muuttunut.", "sv": "Kostnadsberäkningen har ändrats.", "en": "The estimate has changed."}'),
  ('split', '{"fi": "Ehdotus on jaettu osiin.", "sv": "Förslaget har delats.", "en": "The proposal has been split into parts."}'),
  ('withdrawn', '{"fi": "Ehdotus on peruttu.", "sv": "Förslaget har dragits tillbaka.", "en": "The proposal has been withdrawn."}'),
  ('merged', '{"fi": "Ehdotus on yhdistetty toiseen.", "sv": "Förslaget har slagits ihop med ett annat.", "en": "The proposal has been merged into another."}'),
  ('on_ballot', '{"fi": "Ehdotuksesta äänestetään.", "sv": "Förslaget går till omröstning.", "en": "The proposal will be voted on."}'),
  ('selected', '{"fi": "Ehdotus toteutetaan.", "sv": "Förslaget genomförs.", "en": "The proposal will be carried out."}'),
  ('not_selected', '{"fi": "Ehdotusta ei valittu.", "sv": "Förslaget valdes inte.", "en": "The proposal was not selected."}'),
  ('in_progress', '{"fi": "Ehdotuksen toteutus on alkanut.", "sv": "Genomförandet har börjat.", "en": "The project has begun."}'),
  ('completed', '{"fi": "Ehdotus on toteutettu.", "sv": "Förslaget har genomförts.", "en": "The project is completed."}'),
  ('cancelled', '{"fi": "Ehdotuksen toteutus on peruttu.", "sv": "Genomförandet har ställts in.", "en": "The project has been cancelled."}');

-- Written by a trigger, so that no move can forget the authors.
create function proposal_tell() returns trigger language plpgsql as
$$
begin
  insert into proposal_message (municipality, proposal_id, kind, reason)
  select new.municipality, new.id, t.kind,
         case t.kind when 'hidden' then new.hidden_reason when 'returned' then new.completion_request
                     when 'feasible' then new.evaluation when 'not_feasible' then new.evaluation when 'estimated' then new.evaluation
                     when 'selected' then new.deviation_reason when 'not_selected' then new.deviation_reason
                     when 'cancelled' then new.cancelled_reason end
  from proposal_message_text t
  where t.kind = case when old.hidden_at is null and new.hidden_at is not null then 'hidden'
                      when old.hidden_at is not null and new.hidden_at is null then 'published'
                      when old.status = 'in_evaluation' and new.status = 'published' then 'returned'
                      when old.status = new.status then 'estimated'
                      when new.status = 'withdrawn' and exists (
                        select from proposal p where p.municipality = new.municipality and p.split_from_id = new.id) then 'split'
                      else new.status end;
  return null;
end
$$;
create trigger proposal_tells after update of status, hidden_at, cost_cents on proposal
  for each row when (old.status <> new.status or (old.hidden_at is null) <> (new.hidden_at is null) or old.cost_cents <> new.cost_cents)
  execute function proposal_tell();

-- What an area has left of its share once the result is decided: a selected proposal takes its estimate, a completed
-- project what it used, a cancelled one what had been used before.
create function budget_remaining(cycle budget_cycle, share budget_share) returns bigint
language sql stable as
$$
select case when cycle.status in ('decided', 'implementation', 'closed') then
         share.appropriation_cents - coalesce((
           select sum(case when p.status in ('completed', 'cancelled') then coalesce(p.spent_cents, 0) else p.cost_cents end)
           from proposal p
           where p.municipality = share.municipality and p.budget_cycle_id = share.budget_cycle_id and p.area_id = share.area_id
             and p.status in ('selected', 'in_progress', 'completed', 'cancelled')), 0)::bigint
       end
$$;

-- What is said of a published proposal. Who said it is kept and not shown.
create table proposal_comment (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  proposal_id uuid not null,
  parent_comment_id uuid,
  text text not null,
  language text not null,
  name text,
  role text not null,
  status text not null default 'submitted',
  hidden_reason jsonb,
  -- who signed in to say it, until the cycle's authors are forgotten
  issuer text,
  subject text,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint proposal_comment_place unique (municipality, proposal_id, id),
  constraint proposal_comment_proposal_exists foreign key (municipality, proposal_id) references proposal (municipality, id),
  constraint proposal_comment_parent_exists foreign key (municipality, proposal_id, parent_comment_id)
    references proposal_comment (municipality, proposal_id, id),
  constraint proposal_comment_role_known check (role in ('author', 'evaluator', 'other'))
);
create unique index proposal_comment_source_unique on proposal_comment (municipality, source, external_id)
  where source is not null;
insert into state_move values
  ('proposal_comment', 'submitted', 'visible'), ('proposal_comment', 'submitted', 'hidden'),
  ('proposal_comment', 'visible', 'hidden'), ('proposal_comment', 'hidden', 'visible');
select keep_history('proposal_comment');
select keep_transitions('proposal_comment');

-- Supports, where a cycle gathers them: one a person, by a keyed hash that differs from proposal to proposal.
create table proposal_support (
  municipality text not null references municipality (code),
  proposal_id uuid not null,
  person_key bytea not null,
  primary key (municipality, proposal_id, person_key),
  constraint proposal_support_proposal_exists foreign key (municipality, proposal_id) references proposal (municipality, id)
);
revoke update on proposal_support from elinvoima_service;
grant delete on proposal_support to elinvoima_service;
