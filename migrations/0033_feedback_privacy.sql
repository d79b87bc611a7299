-- Feedback: its pictures, what was done about it, what is stored of a sender and for how long. Domain brief 4.8, 6.

-- Pictures belong to a proposal or to feedback. Those of feedback may show persons: public only once somebody who
-- has looked has let them.
alter table image alter proposal_id drop not null, add feedback_id uuid, add is_publishable boolean not null default false,
  add constraint image_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id),
  add constraint image_of_one check (num_nonnulls(proposal_id, feedback_id) = 1);
create index image_of_feedback on image (municipality, feedback_id) where feedback_id is not null;

-- Who sees feedback as it was sent: its unit, those who oversee feedback, and whoever has the secret of its link.
create function feedback_seen(f feedback, actor uuid, token text, at timestamptz) returns boolean
language sql stable as
$$
select feedback_inside(f, oversees_feedback(f.municipality, actor, at), feedback_units(f.municipality, actor, at))
       or exists (
         select from feedback_link l
         where l.municipality = f.municipality and l.feedback_id = f.id and l.token_hash = sha256(convert_to(token, 'UTF8')))
$$;

-- Who works on it: its unit's people and the participation coordinator.
create function feedback_worked_by(f feedback, actor uuid, at timestamptz) returns boolean
language sql stable as
$$
select feedback_inside(f, may(f.municipality, actor, at, '{participation_coordinator}'), feedback_units(f.municipality, actor, at))
$$;

-- What was done about it: one measure, decision, proposal or report.
create table feedback_outcome (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  feedback_id uuid not null,
  measure_line_id uuid,
  decision_id uuid,
  proposal_id uuid,
  report_id uuid,
  note jsonb,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint feedback_outcome_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id),
  constraint feedback_outcome_measure_line_exists foreign key (municipality, measure_line_id)
    references measure_line (municipality, id),
  constraint feedback_outcome_decision_exists foreign key (municipality, decision_id) references decision (municipality, id),
  constraint feedback_outcome_proposal_exists foreign key (municipality, proposal_id) references proposal (municipality, id),
  constraint feedback_outcome_report_exists foreign key (municipality, report_id) references report (municipality, id),
  constraint feedback_outcome_of_one check (num_nonnulls(measure_line_id, decision_id, proposal_id, report_id) = 1)
);
create unique index feedback_outcome_unique
  on feedback_outcome (municipality, feedback_id, coalesce(measure_line_id, decision_id, proposal_id, report_id)) where deleted_at is null;
create index feedback_outcome_of_feedback on feedback_outcome (municipality, feedback_id);
create index feedback_outcome_of_measure_line on feedback_outcome (municipality, measure_line_id) where measure_line_id is not null;
create index feedback_outcome_of_decision on feedback_outcome (municipality, decision_id) where decision_id is not null;
create index feedback_outcome_of_proposal on feedback_outcome (municipality, proposal_id) where proposal_id is not null;
create index feedback_outcome_of_report on feedback_outcome (municipality, report_id) where report_id is not null;
select keep_history('feedback_outcome');

-- The last day the words of an item are kept; null while it is open and once they are gone. A case that goes on for others
-- after its sender was erased has such a day for what is said from then on. By a trigger, so that no move can forget it.
alter table feedback alter text drop not null, add retain_until date;
create index feedback_retained on feedback (municipality, retain_until) where retain_until is not null;

create function feedback_retained() returns trigger language plpgsql as
$$
begin
  new.retain_until := case
    when coalesce((select k.status from feedback k where k.municipality = new.municipality and k.id = new.merged_into_id), new.status)
         in ('closed', 'rejected', 'transferred')
    then (helsinki_date(request_now()) + interval '2 years')::date end;
  return new;
end
$$;

-- What is merged is kept as long as its case.
create function feedback_case_retained() returns trigger language plpgsql as
$$
begin
  update feedback set retain_until = new.retain_until
  where municipality = new.municipality and merged_into_id = new.id and anonymised_at is null;
  return null;
end
$$;
create trigger feedback_case_is_retained after update of status on feedback
  for each row when (old.status <> new.status) execute function feedback_case_retained();
create trigger feedback_arrives_ended before insert on feedback
  for each row when (new.status in ('closed', 'rejected', 'transferred')) execute function feedback_retained();
create trigger feedback_is_retained before update of status on feedback
  for each row when (old.status <> new.status) execute function feedback_retained();

create index feedback_contact_retained on feedback_contact (municipality, retain_until) where retain_until is not null;
create index audit_entry_time on audit_entry (municipality, at);

-- A sender reads the own contact data: whose secret the transaction has been shown.
create policy feedback_contact_own on feedback_contact for select to elinvoima_service using (
  municipality = request_setting('municipality')
  and exists (
    select from feedback_link l
    where l.municipality = feedback_contact.municipality and l.feedback_id = feedback_contact.feedback_id
      and l.token_hash = decode(request_setting('tracking'), 'hex')));

-- A telephone number as it is compared: its digits, Finland's own without the country.
create function phone_digits(phone text) returns text
language sql immutable parallel safe as
$$
select regexp_replace(regexp_replace(regexp_replace(phone, '(\d)\s*\(0\)|\D', '\1', 'g'), '^(00)?3580?', '0'), '^00', '')
$$;
create index feedback_contact_email on feedback_contact (municipality, lower(email));
create index feedback_contact_phone on feedback_contact (municipality, phone_digits(phone));

-- The items of whoever is reached so, for whoever sees all contact data. It is asked once who that is: below the policy each row
-- would be asked, as neither comparison is leakproof, and no index used.
create function feedback_of_sender(in_municipality text, in_email text, in_phone text) returns setof uuid
language plpgsql stable rows 1 security definer set search_path = public as
$$
begin
  if may(in_municipality, request_setting('actor')::uuid, request_now(), '{moderator,privacy_officer}') then
    return query
      select c.feedback_id from feedback_contact c
      where c.municipality = in_municipality
        and (lower(c.email) = lower(in_email) or phone_digits(c.phone) = nullif(phone_digits(in_phone), ''));
  end if;
end
$$;
revoke all on function feedback_of_sender(text, text, text) from public;
grant execute on function feedback_of_sender(text, text, text) to elinvoima_service;

-- Of which item a kept answer (Idempotency-Key) tells.
create function feedback_told(operation text, body text) returns uuid
language plpgsql immutable parallel safe as
$$
declare
  answer json := body;
begin
  return coalesce(answer ->> 'feedback_id', substring(operation from '[0-9a-f]{8}-[0-9a-f-]{27}'), answer ->> 'id');
end
$$;
alter table idempotency add feedback_id uuid generated always as (
  case when operation like '%/feedback%' then feedback_told(operation, body) end) stored;
create index idempotency_of_feedback on idempotency (municipality, feedback_id) where feedback_id is not null;

-- A telephone number as it may be written: with the country or without, whatever stands between its digits. Null: too short to be one.
create function phone_pattern(phone text) returns text
language plpgsql immutable parallel safe as
$$
declare
  digits text := phone_digits(phone);
  gap text := '[^[:alnum:]]{0,3}';
begin
  return case when length(digits) > 5 then
    '(?<!\d)\+?(00' || gap || ')?'
    || case when digits like '0%' then replace('(358~(0~)?|0~)', '~', gap) else '' end
    || regexp_replace(ltrim(digits, '0'), '(\d)(?=\d)', '\1' || gap, 'g') || '(?!\d)' end;
end
$$;

-- An e-mail address as it may be written.
create function email_pattern(email text) returns text
language plpgsql immutable parallel safe as
$$
begin
  return '(?i)' || replace(regexp_replace(email, '(\W)', '\\\1', 'g'), '\@', '\s*(@|\W?(at|ät)\W?)\s*');
end
$$;

-- A name as it may be written: with an ending, and with the sounds that change before one (Virtanen, Virtaselle; Matti, Matille;
-- Mäki, Mäen; Kangas, Kankaan). In large letters or small; what is short and changed, or very short, only where it is written large:
-- it is too often another word (Ranta, rannalla).
create function name_patterns(name text) returns setof text
language plpgsql immutable parallel safe as
$$
declare
  word text := lower(name);
  part text[] := regexp_match(word, '^(.+?)(kk|pp|tt|n[gknt]|m[mp]|l[lt]|r[rt]|ht|(?<=[aeiouyäö])[pt]|(?<=[aeiouyäö])k(?=i)|)([aeiouyåäö])s?$');
  changes jsonb := '{"kk": "kk?", "pp": "pp?", "tt": "tt?", "ng": "n[gk]", "nk": "n[gk]", "nn": "n[nt]", "nt": "n[nt]", "mm": "m[mp]",
                     "mp": "m[mp]", "ll": "l[lt]", "lt": "l[lt]", "rr": "r[rt]", "rt": "r[rt]", "ht": "h[dt]", "p": "[pv]", "t": "[dt]"}';
  stem text := case when word like '%nen' then left(word, -3) || '(nen|s[eit])'
                    when length(word) < 4 or part is null then word
                    when part[2] = 'k' then part[1] || '(k[ie]|e)'
                    else part[1] || coalesce(changes ->> part[2], part[2]) || replace(part[3], 'i', '[ie]') end;
  ending text := case when length(word) > 3 then '\w{0,7}' when length(word) = 3 then '([aehijlnostuyäö]\w{0,6})?' else '' end;
begin
  if length(word) > 5 then
    return next '(?i)(?<!\w)' || stem || ending || '(?!\w)';
  else
    return next '(?<!\w)(' || upper(left(stem, 1)) || substr(stem, 2) || '|' || upper(stem) || ')' || ending || '(?!\w)';
    if length(word) > 2 then
      return next '(?i)(?<!\w)' || word || case when length(word) > 3 then ending else '' end || '(?!\w)';
    end if;
  end if;
end
$$;

-- What names who sent these items, as it may be written, addresses and numbers first: those are somebody's whatever stands around
-- them (is_certain), a name may be a word like another. Nicknames are not contact data. Said here alone.
create function sender_patterns(in_municipality text, ids uuid[], with_nickname boolean) returns table (pattern text, is_certain boolean)
language plpgsql stable security definer set search_path = public as
$$
begin
  return query
  select distinct given.pattern, given.is_certain
  from feedback f
  left join feedback_contact c on c.municipality = f.municipality and c.feedback_id = f.id
  cross join lateral (
    values (email_pattern(c.email), true), (phone_pattern(c.phone), true)
    union all
    select n.pattern, false
    from regexp_split_to_table(concat_ws(' ', c.name, case when with_nickname then f.nickname end), '\W+') as parts (word)
    cross join lateral name_patterns(parts.word) as n (pattern)
    where length(parts.word) > 1 and parts.word ~ '^\D') as given (pattern, is_certain)
  where f.municipality = in_municipality and f.id = any (ids) and given.pattern is not null
  order by given.is_certain desc;
end
$$;

-- All languages of a text.
create function all_texts(texts jsonb) returns text
language plpgsql immutable parallel safe as
$$
begin
  return (select string_agg(value, E'\n') from jsonb_each_text(nullif(texts, 'null')));
end
$$;

-- A text without what names somebody.
create function without_names(said text, patterns text[]) returns text
language plpgsql immutable as
$$
declare
  pattern text;
begin
  foreach pattern in array patterns loop
    said := regexp_replace(said, pattern, '***', 'g');
  end loop;
  return said;
end
$$;

-- The items of a case, of any of them: what was merged, and into what.
create function feedback_case(in_municipality text, item_id uuid) returns uuid[]
language plpgsql stable as
$$
declare
  its_case uuid := (select coalesce(f.merged_into_id, f.id) from feedback f where f.municipality = in_municipality and f.id = item_id);
begin
  return its_case || array(select d.id from feedback d where d.municipality = in_municipality and d.merged_into_id = its_case);
end
$$;

-- Whether a text names who sent one of these items. A person who looks at it (a moderator) may find a name to be a word like
-- another; a sender's own address and number never are.
create function names_sender(in_municipality text, ids uuid[], said text, is_looked_at boolean) returns boolean
language plpgsql stable security definer set search_path = public as
$$
begin
  return exists (
    select from sender_patterns(in_municipality, ids, false) as p where (p.is_certain or not is_looked_at) and said ~ p.pattern);
end
$$;

-- A text without what names the senders of an item's case: all of them, or all but the item's own, who reads it.
create function without_senders(in_municipality text, item_id uuid, said text, keeps_own boolean) returns text
language plpgsql stable security definer set search_path = public as
$$
begin
  return without_names(said, array(
    select p.pattern
    from sender_patterns(in_municipality, array(select id from unnest(feedback_case(in_municipality, item_id)) as id
                                                where not keeps_own or id <> item_id), true) as p));
end
$$;

-- Takes a sender's names out of what the municipality wrote about their item: there, and in the items of its case.
create function forget_sender(in_municipality text, item_id uuid, with_nickname boolean) returns void
language plpgsql security definer set search_path = public as
$$
declare
  names text[] := array(select p.pattern from sender_patterns(in_municipality, array[item_id], with_nickname) as p);
  told uuid[] := feedback_case(in_municipality, item_id);
begin
  if names = '{}' then
    return;
  end if;
  perform set_config('app.names_leave', 'true', true);
  update feedback f
  set reply = without_names(f.reply, names), published_title = without_names(f.published_title, names),
      published_text = without_names(f.published_text, names)
  where f.municipality = in_municipality and f.id = any (told)
    and (f.reply, f.published_title, f.published_text) is distinct from (
      without_names(f.reply, names), without_names(f.published_title, names), without_names(f.published_text, names));
  update feedback_message m set text = without_names(m.text, names)
  where m.municipality = in_municipality and m.feedback_id = any (told) and m.kind in ('interim', 'reopening', 'reply', 'note')
    and m.text is distinct from without_names(m.text, names);
  update transition t set reason = without_names(t.reason, names)
  where t.municipality = in_municipality and t.resource_id = any (told) and t.resource in ('feedback', 'feedback_publication')
    and t.reason is distinct from without_names(t.reason, names);
  update feedback_assignment a set reason = without_names(a.reason, names)
  where a.municipality = in_municipality and a.feedback_id = any (told) and a.reason is distinct from without_names(a.reason, names);
  update feedback_outcome o
  set note = (select jsonb_object_agg(language, without_names(said, names)) from jsonb_each_text(o.note) as n (language, said))
  where o.municipality = in_municipality and o.feedback_id = any (told)
    and all_texts(o.note) is distinct from without_names(all_texts(o.note), names);
  update image i
  set alternative_text = (select jsonb_object_agg(language, without_names(said, names)) from jsonb_each_text(i.alternative_text) as n (language, said))
  where i.municipality = in_municipality and i.feedback_id = any (told)
    and all_texts(i.alternative_text) is distinct from without_names(all_texts(i.alternative_text), names);
  perform set_config('app.names_leave', '', true);
end
$$;
revoke all on function sender_patterns(text, uuid[], boolean), names_sender(text, uuid[], text, boolean),
  without_senders(text, uuid, text, boolean), forget_sender(text, uuid, boolean) from public;
grant execute on function names_sender(text, uuid[], text, boolean), without_senders(text, uuid, text, boolean) to elinvoima_service;

-- Takes from items whatever leads to who sent them: words, places, pictures, contact data, the secret link. Number,
-- topic, area, times, the municipality's answer and what was published remain, without the sender's name.
create function anonymise_feedback(in_municipality text, ids uuid[], at timestamptz) returns integer
language plpgsql security definer set search_path = public as
$$
declare
  done integer;
begin
  perform forget_sender(in_municipality, gone.id, true) from unnest(ids) as gone (id);
  update feedback_outcome o set note = null
  from feedback f
  where f.municipality = in_municipality and f.id = any (ids) and f.publication <> 'published'
    and o.municipality = in_municipality and o.feedback_id = f.id and o.note is not null;
  update feedback f
  set title = null, text = null, nickname = null, address = null, answers = '{}', findings = '[]',
      latitude = round(f.latitude::numeric, 2)::text, longitude = round(f.longitude::numeric, 2)::text,
      publication = case f.publication when 'proposed' then 'not_public' else f.publication end,
      published_title = case when f.publication = 'published' then f.published_title end,
      published_text = case when f.publication = 'published' then f.published_text end,
      service = case when f.publication = 'published' and not f.withheld ? 'service'
                     then without_names(f.service, array(select p.pattern from sender_patterns(f.municipality, array[f.id], true) as p)) end,
      external_id = null, source = null, retain_until = null, anonymised_at = at
  where f.municipality = in_municipality and f.id = any (ids);
  get diagnostics done = row_count;
  update transition set reason = null
  where municipality = in_municipality and resource_id = any (ids) and resource in ('feedback', 'feedback_publication')
    and reason is not null;
  update feedback_assignment set reason = null where municipality = in_municipality and feedback_id = any (ids) and reason is not null;
  update feedback_message set text = null, media_urls = '[]'
  where municipality = in_municipality and feedback_id = any (ids) and (text is not null or media_urls <> '[]');
  update feedback_rating set text = null where municipality = in_municipality and feedback_id = any (ids) and text is not null;
  delete from feedback_contact where municipality = in_municipality and feedback_id = any (ids);
  delete from feedback_link where municipality = in_municipality and feedback_id = any (ids);
  update open311_request
  set account_id = null, address_id = null, media_urls = '[]', fingerprint = '', token_hash = null, service_object_type = null,
      service_object_id = null
  where municipality = in_municipality and feedback_id = any (ids);
  delete from image_bytes b using image i
  where i.municipality = in_municipality and i.feedback_id = any (ids) and b.municipality = i.municipality and b.image_id = i.id;
  update image set deleted_at = at, alternative_text = null
  where municipality = in_municipality and feedback_id = any (ids) and deleted_at is null;
  -- with what was answered of its case, and of what was merged into it
  delete from idempotency k
  where k.municipality = in_municipality and k.feedback_id in (
    select unnest(array[f.id, f.merged_into_id]) from feedback f
    where f.municipality = in_municipality and (f.id = any (ids) or f.merged_into_id = any (ids)));
  return done;
end
$$;

-- How many items one transaction lets go: what is left is due again.
create function retention_batch() returns integer
language sql immutable parallel safe as
$$ select 200 $$;

-- What has gone over its time: one of each such batch of contacts and of texts, and an entry of the audit log.
create function retention_due(in_municipality text, at timestamptz) returns setof uuid
language sql stable security definer set search_path = public as
$$
select over.id
from (
  select c.feedback_id as id, row_number() over (order by c.retain_until, c.feedback_id) as place
  from feedback_contact c
  where c.municipality = in_municipality and c.retain_until < helsinki_date(at)
  union all
  select f.id, row_number() over (order by f.retain_until, f.id)
  from feedback f
  where f.municipality = in_municipality and f.retain_until < helsinki_date(at)) as over
where over.place % retention_batch() = 1
union
(select a.id from audit_entry a
 where a.municipality = in_municipality and a.at < retention_due.at - interval '2 years' order by a.at, a.id limit 1)
$$;

create function apply_retention(in_municipality text, in_at timestamptz, out contacts integer, out texts integer, out audit_entries integer)
language plpgsql security definer set search_path = public as
$$
declare
  reached uuid[];
begin
  texts := anonymise_feedback(in_municipality, array(
    select f.id from feedback f
    where f.municipality = in_municipality and f.retain_until < helsinki_date(in_at)
    order by f.retain_until, f.id limit retention_batch() for update skip locked), in_at);
  reached := array(
    select c.feedback_id from feedback_contact c
    where c.municipality = in_municipality and c.retain_until < helsinki_date(in_at)
    order by c.retain_until, c.feedback_id limit retention_batch() for update skip locked);
  -- names leave with what they are known by; the nickname stays with the words
  perform forget_sender(in_municipality, gone.id, false) from unnest(reached) as gone (id);
  delete from feedback_contact where municipality = in_municipality and feedback_id = any (reached);
  get diagnostics contacts = row_count;
  delete from audit_entry where municipality = in_municipality and at < in_at - interval '2 years';
  get diagnostics audit_entries = row_count;
end
$$;
revoke all on function anonymise_feedback(text, uuid[], timestamptz), retention_due(text, timestamptz),
  apply_retention(text, timestamptz) from public;
grant execute on function anonymise_feedback(text, uuid[], timestamptz), retention_due(text, timestamptz),
  apply_retention(text, timestamptz) to elinvoima_service;
