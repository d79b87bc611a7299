-- What residents tell the municipality: the topics it is sorted by, the items, who sent them, and how a sender
-- comes back to one. Domain brief 4.8.

create table feedback_topic (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  parent_topic_id uuid,
  code text not null,
  name jsonb not null,
  description jsonb,
  -- what a text is compared with when its topic is suggested
  name_words tsvector not null generated always as (search_words(null, name)) stored,
  description_words tsvector not null generated always as (search_words(null, description)) stored,
  tags jsonb not null default '[]',
  position integer not null default 0,
  -- the unit its feedback goes to, where neither an area nor a nearer topic says otherwise
  responsible_party_id uuid,
  target_working_days integer not null default 5,
  publishes_by_default boolean not null default false,
  questions jsonb not null default '[]',
  -- whose matter it is and where to go: {name, address}
  signpost jsonb,
  is_official_matter boolean not null default false,
  is_accessibility boolean not null default false,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint feedback_topic_parent_exists foreign key (municipality, parent_topic_id) references feedback_topic (municipality, id),
  constraint feedback_topic_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id),
  -- an official matter names the registry
  constraint feedback_topic_official_signposted check (not is_official_matter or signpost is not null)
);
create unique index feedback_topic_code_unique on feedback_topic (municipality, code) where deleted_at is null;
create unique index feedback_topic_source_unique on feedback_topic (municipality, source, external_id)
  where source is not null and deleted_at is null;
create index feedback_topic_parts on feedback_topic (municipality, parent_topic_id) where deleted_at is null;
select keep_history('feedback_topic');
call refer_to_living('feedback_topic', 'parent_topic_id', 'feedback_topic', 'feedback_topic_parent_exists');
call refer_to_living('feedback_topic', 'responsible_party_id', 'responsible_party', 'feedback_topic_party_exists');
call keep_search('feedback_topic', 'code, name, description, tags', 'r.code || '' '' || r.tags::text', 'jsonb_build_array(r.name, r.description)');

create function feedback_topic_tree_kept() returns trigger language plpgsql as
$$
begin
  -- two that change the tree at once do not pass each other
  perform pg_advisory_xact_lock(hashtextextended('feedback_topic ' || new.municipality, 0));
  if exists (
    with recursive up as (
      select new.parent_topic_id as id
      union
      select t.parent_topic_id from up join feedback_topic t on t.municipality = new.municipality and t.id = up.id)
    select from up where id = new.id) then
    raise exception 'a topic lies in itself' using errcode = '23514', constraint = 'feedback_topic_no_cycle';
  end if;
  if exists (select from feedback_topic p
             where p.municipality = new.municipality and p.id = new.parent_topic_id and p.signpost is not null) then
    raise exception 'a topic lies below a signpost' using errcode = '23514', constraint = 'feedback_topic_below_signpost';
  end if;
  if new.signpost is not null and exists (
    select from feedback_topic c where c.municipality = new.municipality and c.parent_topic_id = new.id and c.deleted_at is null) then
    raise exception 'a signpost has topics below' using errcode = '23514', constraint = 'feedback_topic_signpost_above';
  end if;
  return null;
end
$$;
create trigger feedback_topic_tree after insert or update of parent_topic_id, signpost on feedback_topic
  for each row execute function feedback_topic_tree_kept();

-- The text in a language, else in the first there is.
create function text_in(texts jsonb, language text) returns text
language sql immutable parallel safe as
$$ select coalesce(texts ->> language, texts ->> 'fi', texts ->> 'sv', texts ->> 'en', (select value from jsonb_each_text(texts) limit 1)) $$;

-- Whose matter something is, and where to go.
create function signpost_text(signpost jsonb, language text) returns text
language sql immutable parallel safe as
$$ select text_in(signpost -> 'name', language) || ', ' || (signpost ->> 'address') $$;

-- The unit of a topic in one area.
create table feedback_route (
  municipality text not null references municipality (code),
  topic_id uuid not null,
  area_id uuid not null,
  responsible_party_id uuid not null,
  primary key (municipality, topic_id, area_id),
  constraint feedback_route_topic_exists foreign key (municipality, topic_id) references feedback_topic (municipality, id),
  constraint feedback_route_area_exists foreign key (municipality, area_id) references area (municipality, id),
  constraint feedback_route_party_exists foreign key (municipality, responsible_party_id)
    references responsible_party (municipality, id)
);
grant delete on feedback_route to elinvoima_service;

-- What is wrong with a topic's questions (the attributes of Open311); no row: nothing.
create function feedback_question_faults(questions jsonb) returns table (code text, pointer text, parameter text)
language sql stable as
$$
with listed as (
  select place - 1 as n, q ->> 'code' as name, q -> 'order' as place_shown, q ->> 'datatype' as datatype,
         (q ->> 'variable')::boolean as is_asked, coalesce(q -> 'values', '[]') as choices
  from jsonb_array_elements(coalesce(questions, '[]')) with ordinality as given (q, place)
)
select 'rule_broken', '/questions/' || l.n || '/code', 'question_code_unique'
from listed l where exists (select from listed o where o.name = l.name and o.n < l.n)
union all
select 'rule_broken', '/questions/' || l.n || '/order', 'question_order_unique'
from listed l where exists (select from listed o where o.place_shown = l.place_shown and o.n < l.n)
union all
select 'rule_broken', '/questions/' || l.n || '/values', 'question_values_of_lists'
from listed l where (l.is_asked and l.datatype like '%list') <> (jsonb_array_length(l.choices) > 0)
union all
select 'rule_broken', '/questions/' || l.n || '/values', 'question_key_unique'
from listed l
where (select count(*) <> count(distinct c ->> 'key') from jsonb_array_elements(l.choices) as c)
$$;

-- One thing somebody told the municipality.
create table feedback (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  -- what people and other systems call it: digits alone, which every client of Open311 takes
  number bigint not null generated always as identity,
  kind text not null,
  topic_id uuid,
  is_topic_suggested boolean not null default false,
  -- as it was sent, identity codes masked; and what everybody may read
  title text,
  text text not null,
  published_title text,
  published_text text,
  language text not null,
  channel text not null default 'web',
  status text not null,
  publication text not null default 'not_public',
  permits_publication boolean not null default false,
  nickname text,
  service text,
  address text,
  latitude text,
  longitude text,
  point geometry(Point, 4326) generated always as
    (st_setsrid(st_makepoint(longitude::double precision, latitude::double precision), 4326)) stored,
  is_residential boolean not null default false,
  area_id uuid,
  responsible_party_id uuid,
  answers jsonb not null default '{}',
  -- kinds of personal data that were found in what was sent
  findings jsonb not null default '[]',
  is_accessibility boolean not null default false,
  due_on date not null,
  reply text,
  no_reply_wanted boolean not null default false,
  answered_at timestamptz,
  closed_at timestamptz,
  withdrawn_at timestamptz,
  published_at timestamptz,
  -- the authority it went to: {name, address}
  transferred_to jsonb,
  merged_into_id uuid,
  -- when all that leads to its sender was taken from it
  anonymised_at timestamptz,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint feedback_number_unique unique (municipality, number),
  constraint feedback_topic_exists foreign key (municipality, topic_id) references feedback_topic (municipality, id),
  constraint feedback_area_exists foreign key (municipality, area_id) references area (municipality, id),
  constraint feedback_party_exists foreign key (municipality, responsible_party_id) references responsible_party (municipality, id),
  constraint feedback_merged_exists foreign key (municipality, merged_into_id) references feedback (municipality, id),
  constraint feedback_kind_known check (kind in ('thanks', 'complaint', 'question', 'suggestion', 'fault')),
  constraint feedback_channel_known check (channel in ('web', 'staff', 'phone', 'service_point', 'open311')),
  constraint feedback_publication_known check (publication in ('not_public', 'proposed', 'published', 'withdrawn')),
  constraint feedback_published_worded check (publication <> 'published' or published_text is not null),
  constraint feedback_point_whole check ((latitude is null) = (longitude is null))
);
create unique index feedback_source_unique on feedback (municipality, source, external_id) where source is not null;
create index feedback_time on feedback (municipality, created_at, id);
create index feedback_of_unit on feedback (municipality, responsible_party_id, status);
create index feedback_of_topic on feedback (municipality, topic_id, status);
create index feedback_of_area on feedback (municipality, area_id);
create index feedback_published on feedback (municipality, updated_at) where publication = 'published';
create index feedback_point on feedback using gist (municipality, point);
create index feedback_merged on feedback (municipality, merged_into_id) where merged_into_id is not null;
call refer_to_living('feedback', 'topic_id', 'feedback_topic', 'feedback_topic_exists');
call refer_to_living('feedback', 'responsible_party_id', 'responsible_party', 'feedback_party_exists');
-- Only what everybody may read is searched.
call keep_search('feedback', 'published_title, published_text, reply, publication',
  'concat_ws('' '', r.number, case when r.publication = ''published'' then concat_ws('' '', r.published_title, r.published_text, r.reply) end)',
  'case when r.publication = ''published'' then '
  'jsonb_build_array(jsonb_build_object(r.language, concat_ws('' '', r.published_title, r.published_text, r.reply))) end');
insert into state_move values
  ('feedback', 'received', 'in_moderation'), ('feedback', 'received', 'assigned'), ('feedback', 'received', 'closed'),
  ('feedback', 'received', 'rejected'), ('feedback', 'received', 'merged'), ('feedback', 'received', 'transferred'),
  ('feedback', 'in_moderation', 'received'), ('feedback', 'in_moderation', 'assigned'), ('feedback', 'in_moderation', 'closed'),
  ('feedback', 'in_moderation', 'rejected'),
  ('feedback', 'assigned', 'in_moderation'), ('feedback', 'assigned', 'in_progress'), ('feedback', 'assigned', 'answered'),
  ('feedback', 'assigned', 'closed'), ('feedback', 'assigned', 'rejected'), ('feedback', 'assigned', 'merged'),
  ('feedback', 'assigned', 'transferred'),
  ('feedback', 'in_progress', 'assigned'), ('feedback', 'in_progress', 'answered'), ('feedback', 'in_progress', 'closed'),
  ('feedback', 'in_progress', 'rejected'), ('feedback', 'in_progress', 'merged'), ('feedback', 'in_progress', 'transferred'),
  ('feedback', 'answered', 'closed'), ('feedback', 'answered', 'reopened'),
  ('feedback', 'closed', 'reopened'),
  ('feedback', 'reopened', 'received'), ('feedback', 'reopened', 'assigned');
select keep_history('feedback');
select keep_transitions('feedback');

-- How its sender comes back to it: the hash of the secret in the link, never the secret.
create table feedback_link (
  municipality text not null references municipality (code),
  token_hash bytea not null,
  feedback_id uuid not null,
  primary key (municipality, token_hash),
  constraint feedback_link_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
create index feedback_link_back on feedback_link (municipality, feedback_id);
revoke update on feedback_link from elinvoima_service;

-- What its sender and staff say afterwards; `note` is among staff.
create table feedback_message (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  feedback_id uuid not null,
  kind text not null,
  text text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint feedback_message_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id),
  constraint feedback_message_kind_known check (kind in ('addition', 'withdrawal', 'reopening', 'interim', 'reply', 'note'))
);
create index feedback_message_of_feedback on feedback_message (municipality, feedback_id);
select keep_history('feedback_message');

-- From which unit to which it went, or within one to somebody else, and why. Written by a trigger, so that no move can forget it.
create table feedback_assignment (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  feedback_id uuid not null,
  from_party_id uuid,
  to_party_id uuid,
  reason text,
  actor_id uuid,
  at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint feedback_assignment_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
create index feedback_assignment_of_feedback on feedback_assignment (municipality, feedback_id);
revoke update on feedback_assignment from elinvoima_service;

create function feedback_assigned() returns trigger language plpgsql as
$$
begin
  insert into feedback_assignment (municipality, feedback_id, from_party_id, to_party_id, reason, actor_id)
  values (new.municipality, new.id, case when tg_op = 'UPDATE' then old.responsible_party_id end, new.responsible_party_id,
          request_setting('reason'), request_setting('actor')::uuid);
  return null;
end
$$;
create trigger feedback_arrives_at_unit after insert on feedback
  for each row when (new.responsible_party_id is not null) execute function feedback_assigned();
create trigger feedback_changes_unit after update on feedback
  for each row when (old.responsible_party_id is distinct from new.responsible_party_id
                     or (old.status = 'in_progress' and new.status = 'assigned')) execute function feedback_assigned();

-- All units whose feedback a person handles: those they hold, and as a handler those of the sector the grant is
-- limited to, or all.
create function feedback_units(in_municipality text, actor uuid, at timestamptz)
returns uuid[] language plpgsql stable security definer set search_path = public as
$$
begin
  if actor is null then
    return '{}';
  end if;
  return parties_of(in_municipality, actor, at) || array(
    select p.id from responsible_party p
    where p.municipality = in_municipality and p.deleted_at is null
      and may(in_municipality, actor, at, '{handler}', sector => p.sector));
end
$$;

-- Those who see all feedback, from its arrival on.
create function oversees_feedback(in_municipality text, actor uuid, at timestamptz) returns boolean
language sql stable as
$$ select may(in_municipality, actor, at, '{participation_coordinator,moderator,privacy_officer,admin}') $$;

-- Who is inside an item, that is sees it as it was sent: who oversees feedback, and its unit once no moderator holds it.
-- Said here alone. Who asks is looked up by the caller, once a statement: (select oversees_feedback(…)),
-- (select feedback_units(…)); each is named once, so that this becomes part of the statement.
create function feedback_inside(f feedback, oversees boolean, units uuid[]) returns boolean
language sql immutable parallel safe as
$$ select coalesce(oversees or (f.status <> 'in_moderation' and f.responsible_party_id = any (units)), false) $$;

-- Who sent it and how to reach them: personal data, kept apart and for a time.
create table feedback_contact (
  municipality text not null references municipality (code),
  feedback_id uuid not null,
  id uuid not null default uuid_v7(),
  name text,
  email text,
  phone text,
  purpose text not null default 'answer',
  retain_until date,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, feedback_id),
  constraint feedback_contact_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
select keep_history('feedback_contact');
alter table feedback_contact enable row level security;
create policy feedback_contact_visible on feedback_contact for select to elinvoima_service using (
  municipality = request_setting('municipality')
  and (may(municipality, request_setting('actor')::uuid, request_now(), '{moderator,privacy_officer}')
       or exists (
         select from feedback f
         where f.municipality = feedback_contact.municipality and f.id = feedback_contact.feedback_id
           and feedback_inside(f, false, feedback_units(f.municipality, request_setting('actor')::uuid, request_now())))));
create policy feedback_contact_insert on feedback_contact for insert to elinvoima_service
  with check (municipality = request_setting('municipality'));

-- Contact data is kept six months after an item has ended; what was merged waits for the answer of its case, so its sender is
-- reached as long as that case's is. By a trigger, so that no move can forget it.
create function feedback_contact_kept() returns trigger language plpgsql security definer set search_path = public as
$$
begin
  update feedback_contact c
  set retain_until = case when coalesce(k.status, f.status) in ('closed', 'rejected', 'transferred')
                          then (helsinki_date(request_now()) + interval '6 months')::date end
  from feedback f
  left join feedback k on k.municipality = f.municipality and k.id = f.merged_into_id
  where f.municipality = new.municipality and (f.id = new.id or f.merged_into_id = new.id)
    and c.municipality = f.municipality and c.feedback_id = f.id;
  return null;
end
$$;
create trigger feedback_keeps_contact after update of status on feedback
  for each row when (old.status <> new.status) execute function feedback_contact_kept();

-- What the service itself says to senders.
create table feedback_text (
  kind text primary key,
  text jsonb not null
);
revoke insert, update on feedback_text from elinvoima_service;
insert into feedback_text values
  ('official_matter', '{"fi": "Tämä on virallinen asia eikä palautetta. Toimita se kirjaamoon: määräaika noudatetaan vasta, kun kirjaamo on saanut asian. Palautteen lähettäminen ei riitä.",
    "sv": "Det här är ett officiellt ärende och inte respons. Lämna det till registratorskontoret: tidsfristen är iakttagen först när registratorskontoret har fått ärendet. Det räcker inte att sända respons.",
    "en": "This is an official matter, not feedback. Bring it to the registry: a time limit is met only when the registry has it. Sending feedback is not enough."}'),
  ('official_matter_likely', '{"fi": "Tämä vaikuttaa viralliselta asialta. Jos se on sellainen, toimita se kirjaamoon: määräaika noudatetaan vasta, kun kirjaamo on saanut asian. Palautteen lähettäminen ei riitä.",
    "sv": "Det här verkar vara ett officiellt ärende. Om det är det, lämna det till registratorskontoret: tidsfristen är iakttagen först när registratorskontoret har fått ärendet. Det räcker inte att sända respons.",
    "en": "This seems to be an official matter. If it is, bring it to the registry: a time limit is met only when the registry has it. Sending feedback is not enough."}');

-- Where an official matter is brought to, with the registry's name and address.
create function official_guidance(topic feedback_topic, in_kind text) returns jsonb
language plpgsql stable as
$$
begin
  return (
    select jsonb_object_agg(said.key, said.value || ' ' || signpost_text(topic.signpost, said.key))
    from feedback_text g cross join lateral jsonb_each_text(g.text) as said
    where g.kind = in_kind);
end
$$;

-- What is looked for in a text, and what looks like that and is none. Personal data: e-mail addresses, words of health, IBANs
-- (their beginning), identity codes (the mask, which is all that the service leaves of one: identity_code.h), number plates, phone
-- numbers. Insults and threats: a list of Finnish, Swedish and English words, which knows little of what surrounds a word. Of
-- addresses and numbers rather too many than too few; of plates and words of health those that people write of each other, not those
-- of roads, lamp posts, hospitals and parking places. What is found is looked at by a person. No pattern has a group that captures.
create function finding_rules() returns table (kind text, is_personal boolean, pattern text, exception text)
language sql immutable parallel safe as
$$
values
  ('email', true, '[\w.%+-]+(?:@| @ | ?[([{][AaÄä][Tt]?[])}] ?)(?:[\w-]+(?:\.| ?[([{][dp]\w+[])}] ?))+[^\W\d]\w+', null),
  ('health', true,
   '(?i)\m(?:saira|lääk|potila|vammai|pyörätuol|astma|allerg|diabet|epilep|dement|adhd|autis|ski[tz]o|skits|alkoholis|reuma|alzh|parkins|syöpä|syövän|keliaa?k'
   '|infark|sydänv|halvaant|masen[nt]u|hiv|mielente|psyy?k|diagno|insuli|raskaa|raskau|migre|sokerit|sjuk|läkem|medic|depre|cancer|demens|gravid'
   '|funktionsn|hjärtsj|(?:muisti|mieli|sydän|syöpä)sair|(?:liikunta|kehitys|näkö|kuulo)vammai|(?:i|min) rullst|rullstolsb|illness|disease|pregna)\w*(?: pysäk)?',
   '(?i)^(?:saira(?!s|u|i|ana)|lääk(?!k?e|it)|lääke(?:jät|tie)|\w*vammai(?!nen|se[nlst])|pyörätuoli(?!ss|ni|po)|syöpälä|autis(?![mt])|alkoholis(?![mt])|hiv\w'
   '|psykol|raskaa(?!na$)|raskau(?![ds]|te)|sjuk(?:hus|vård|sköt|häls)|medic(?!in|at)|medicinsk)| pysäk$'),
  ('iban', true, '[A-Za-z]{2}\d\d(?=(?:[\s\u00a0\u2010-\u2015-]?[A-Za-z0-9]){4}[\s\u00a0\u2010-\u2015-]?\d\d)', '(?i)^[vkmsy]t'),
  ('identity_code', true, '\*{6}-\*{4}', null),
  ('insult', false, '(?i)\m(?:idioot|ääliö|vittu|huora|kusipää|fitta|hora\M|horunge|jävla|arsle|fuck|bastard|asshole|bitch)\w*', null),
  ('number_plate', true,
   '\m(?:[A-ZÅÄÖ]{3}(?:-\d{1,3}| ?\d{3}| ?\d\d[A-Z])|[a-zåäö]{3}-?\d{3}'
   '|[Rr]e[kg](?:\.|ist[er]\S*|nr\S*)?[ :]{0,2}(?:n?ro |nr |on |är )?[A-ZÅÄÖa-zåäö]{2,3}[ -]?\d{1,3})\M',
   '(?i)(?:^|[ .:])(?:led|pvc|usb|hsl|iso|sfs|lvi|din|ral|gps|gsm|lte|alv|sos|eur|usd|sek|nok|kl|klo|nro|puh|tel|kpl|min|max|yli|oli|nyt|kun|jos|tai|vai'
   '|jne|on|ohi|ole|tie|sis|och|som|det|den|för|med|ett|att|var|kan|har|per|via|mot|the|and|for|yle|dna|thl|vtt|ely|cet|kpa|kwh)[ -]?\d+$'),
  ('phone', true,
   '(?<![\dA-Z-])(?:\(?0(?:4\d|50|7\d)(?:[\s()./\u00a0\u2007\u202f\u2010-\u2015-]{0,3}\d){6,8}'
   '|(?:\+[1-9]\d|(?:00 ?)?358|00 ?(?:4[4-9]|372|7))(?:[\s()./\u00a0\u2007\u202f\u2010-\u2015-]{0,3}\d){7,11}'
   '|\(?0(?:[235689]|1[3-9])\)?(?:[ \u00a0\u2010-\u2015-]{1,2}[1-9]\d\d(?:[ \u00a0\u2010-\u2015-]?\d){3,5}|[1-9]\d{6,8})'
   '|0(?:[123]0|29)(?:[ \u00a0\u2010-\u2015-]?\d){6,8}|0[678]00(?:[ \u00a0\u2010-\u2015-]?\d){5,7})(?!\d)', null),
  ('threat', false, '(?i)\m(?:tapan|(?:tapamme|tapetaan|hakkaan|spränger) (?:sinut|teidät|hänet|er|dig)|puukot\w*|ammun teidät|räjäytän|dödar'
   '|slår ihjäl|hugger dig|kill you|shoot you|burn you)\M', null)
$$;

-- How much of a text that begins like an IBAN is one: of its country's length, with the right check digits (ISO 13616); null: it is none.
create function iban_length(words text) returns integer
language plpgsql immutable parallel safe as
$$
declare
  wanted integer := substring('NO15 BE16 DK18 FI18 FK18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 LI21 LV21 '
    'BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 '
    'TN24 VG24 LY25 PT25 ST25 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 LB28 NI28 PL28 '
    'SV28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33' from upper(left(words, 2)) || '(\d\d)');
  taken text := substring(words from '^(?:[A-Za-z0-9][\s\u00a0\u2010-\u2015-]?){' || wanted - 1 || '}[A-Za-z0-9](?!\d)');
  digits text := upper(regexp_replace(taken, '\W', '', 'g'));
  rest integer := 0;
  mark text;
begin
  if taken is null then
    return null;
  end if;
  foreach mark in array string_to_array(substr(digits, 5) || left(digits, 4), null) loop
    rest := (case when mark <= '9' then rest * 10 + mark::integer else rest * 100 + ascii(mark) - 55 end) % 97;
  end loop;
  return case when rest = 1 then length(taken) end;
end
$$;

-- Where in a text a rule finds what it looks for, from 0, in characters. Its pattern goes over the text twice, however much it finds.
create function rule_places(words text, looked_for text, pattern text, exception text) returns table (start integer, length integer)
language plpgsql immutable parallel safe as
$$
begin
  return query
    select at.start, found.length
    from (
      select m.parts[1] as said, (sum(length(s.piece)) over before + sum(length(m.parts[1])) over before - length(m.parts[1]))::integer as start
      from regexp_matches(words, pattern, 'g') with ordinality as m (parts, n)
      join regexp_split_to_table(words, pattern) with ordinality as s (piece, n) on s.n = m.n
      window before as (order by m.n)) as at
    cross join lateral (
      select case when at.said ~ exception then null
                  when looked_for = 'iban' then iban_length(substr(words, at.start + 1, 66))
                  else length(at.said) end as length) as found
    where found.length is not null;
end
$$;

-- The kinds a text has.
create function finding_kinds(words text) returns jsonb
language plpgsql immutable parallel safe as
$$
begin
  return (
    select coalesce(jsonb_agg(distinct r.kind order by r.kind), '[]')
    from finding_rules() r
    where words ~ r.pattern
      and (r.exception is null or exists (select from rule_places(words, r.kind, r.pattern, r.exception))));
end
$$;

create function personal_data_kinds(words text) returns jsonb
language plpgsql immutable parallel safe as
$$
begin
  return (
    select coalesce(jsonb_agg(distinct r.kind order by r.kind), '[]')
    from finding_rules() r
    where r.is_personal and words ~ r.pattern
      and (r.exception is null or exists (select from rule_places(words, r.kind, r.pattern, r.exception))));
end
$$;

-- The smallest area of a day whose border holds a point.
create function area_at(in_municipality text, day date, latitude float8, longitude float8) returns uuid
language plpgsql stable as
$$
begin
  return (
  select a.id
  from area_shape s
  join area a on a.municipality = s.municipality and a.id = s.area_id
  where s.municipality = in_municipality and a.deleted_at is null
    and day between a.valid_from and coalesce(a.valid_to, 'infinity')
    and st_covers(s.shape, st_setsrid(st_makepoint(longitude, latitude), 4326))
  order by st_area(s.shape), a.id
  limit 1);
end
$$;

-- The unit of a topic's feedback from an area: the nearest topic upwards that has one, and of its units that of the
-- nearest area upwards.
create function feedback_unit(in_municipality text, topic uuid, area uuid) returns uuid
language plpgsql stable as
$$
declare
  unit uuid;
begin
  while topic is not null and unit is null loop
    if exists (select from feedback_route r where r.municipality = in_municipality and r.topic_id = topic) then
      with recursive areas as (
        select a.id, a.parent_area_id, 0 as up from area a where a.municipality = in_municipality and a.id = area
        union all
        select a.id, a.parent_area_id, areas.up + 1
        from areas join area a on a.municipality = in_municipality and a.id = areas.parent_area_id
      )
      select p.id into unit
      from areas
      join feedback_route r on r.municipality = in_municipality and r.topic_id = topic and r.area_id = areas.id
      join responsible_party p on p.municipality = r.municipality and p.id = r.responsible_party_id and p.deleted_at is null
      order by areas.up limit 1;
    end if;
    select coalesce(unit, p.id), t.parent_topic_id into unit, topic
    from feedback_topic t
    left join responsible_party p on p.municipality = t.municipality and p.id = t.responsible_party_id and p.deleted_at is null
    where t.municipality = in_municipality and t.id = topic;
  end loop;
  return unit;
end
$$;

-- Whether a text is a day or a time of one.
create function is_moment(said text) returns boolean
language plpgsql stable as
$$
begin
  return said ~ '^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$' and said::timestamptz is not null;
exception when data_exception then
  return false;
end
$$;

-- What is wrong with the answers to a topic's questions; no row: nothing.
create function feedback_answer_faults(questions jsonb, answers jsonb) returns table (code text, pointer text, parameter text)
language sql stable as
$$
with asked as (
  select q ->> 'code' as name, q ->> 'datatype' as datatype, (q ->> 'required')::boolean as is_required,
         coalesce(q -> 'values', '[]') as choices, coalesce(answers -> (q ->> 'code'), '[]') as given
  from jsonb_array_elements(coalesce(questions, '[]')) as q
  where (q ->> 'variable')::boolean
)
select 'required', '/answers/' || a.name, a.name from asked a where a.is_required and jsonb_array_length(a.given) = 0
union all
select 'unknown_member', '/answers/' || name, name
from jsonb_object_keys(coalesce(answers, '{}')) as given (name)
where not exists (select from asked a where a.name = given.name)
union all
select 'answer_invalid', '/answers/' || a.name, a.datatype
from asked a
where (a.datatype <> 'multivaluelist' and jsonb_array_length(a.given) > 1)
   or jsonb_array_length(a.given) > (select count(distinct said) from jsonb_array_elements_text(a.given) as said)
   or exists (
     select from jsonb_array_elements_text(a.given) as one (said)
     where case a.datatype
             when 'number' then one.said !~ '^-?\d+([.,]\d+)?$'
             when 'datetime' then not is_moment(one.said)
             when 'singlevaluelist' then not exists (select from jsonb_array_elements(a.choices) as c where c ->> 'key' = one.said)
             when 'multivaluelist' then not exists (select from jsonb_array_elements(a.choices) as c where c ->> 'key' = one.said)
             else false
           end)
$$;

-- A day's target: working days, or 14 days for accessibility (Act 306/2019).
create function feedback_due_on(topic feedback_topic, day date) returns date
language plpgsql stable as
$$
begin
  return case when topic.is_accessibility then day + 14 else working_days_after(day, coalesce(topic.target_working_days, 5)) end;
end
$$;
