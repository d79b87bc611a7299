-- How an answer reaches those who wait for it: whoever said the same, and senders who left an address; and pictures that show
-- persons. Domain brief 4.8, 5, 6.

-- How somebody who said the same reads what becomes of it: the hash of a secret that reads and does nothing else.
create table feedback_me_too_link (
  municipality text not null references municipality (code),
  token_hash bytea not null,
  feedback_id uuid not null,
  primary key (municipality, token_hash),
  constraint feedback_me_too_link_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
revoke update on feedback_me_too_link from elinvoima_service;

-- What would name who sent an item of the case if it were published. A nickname is what its sender wants to be called.
create function publication_names(item feedback, is_looked_at boolean) returns table (pointer text)
language sql stable as
$$
select part.pointer
from published_parts(item) as part
where names_sender(item.municipality, feedback_case(item.municipality, item.id), part.words, is_looked_at or part.pointer = '/nickname')
$$;

-- The same as whoever said the same reads it: nothing of it where anything else is found in it that may be somebody's.
create function told_to_others(item feedback, said text) returns text
language sql stable as
$$
select case when finding_kinds(said) - '{email,phone}'::text[] = '[]' then without_senders(item.municipality, item.id, said, false) end
$$;

-- An item as its sender follows it: what was merged into another has that one's target and answer, which names
-- nobody of the others unless everybody reads it.
create function feedback_as_followed(item feedback) returns feedback
language sql stable as
$$
select jsonb_populate_record(item, jsonb_build_object(
         'reply', case when c.publication = 'published' then c.reply else without_senders(item.municipality, item.id, c.reply, true) end,
         'no_reply_wanted', c.no_reply_wanted, 'due_on', c.due_on, 'answered_at', c.answered_at,
         'closed_at', c.closed_at, 'transferred_to', c.transferred_to))
from feedback c where c.municipality = item.municipality and c.id = coalesce(item.merged_into_id, item.id)
$$;

-- What was said on an item, as a sender reads it. The municipality's words are without the names of the case's other senders; a
-- sender's own stay, so that nobody learns by naming somebody whether that one is among them.
create function message_as_followed(m feedback_message, reader uuid) returns text
language plpgsql stable as
$$
begin
  return case
    when m.kind in ('interim', 'reply') or m.kind = 'reopening' and exists (
           select from transition t
           where t.municipality = m.municipality and t.resource = 'feedback' and t.resource_id = m.feedback_id
             and t.to_status = 'reopened' and t.at = m.created_at and t.reason is not null)
    then without_senders(m.municipality, reader, m.text, true) else m.text end;
end
$$;

-- Whether others wait for its answer, senders of merged items or whoever said the same: it is then not its own sender's alone.
-- Who has withdrawn or erased an item waits no more.
create function answers_for_others(item feedback) returns boolean
language sql stable as
$$
select exists (select from feedback d where d.municipality = item.municipality and d.merged_into_id = item.id
                 and d.withdrawn_at is null)
    or exists (
      select from feedback_me_too o
      where o.municipality = item.municipality
        and o.feedback_id in (select item.id union all
                              select d.id from feedback d where d.municipality = item.municipality and d.merged_into_id = item.id))
$$;

-- What is to be e-mailed to senders: one row a letter. Neither address nor words stand here; they are read when it is sent, so
-- that nothing leaves that was withdrawn, erased or let go meanwhile.
create table feedback_mail (
  municipality text not null references municipality (code),
  -- the letter's own: who receives it twice knows it again by that
  id uuid not null default uuid_v7(),
  feedback_id uuid not null,
  kind text not null,
  message_id uuid,
  status text not null default 'waiting',
  attempts integer not null default 0,
  next_at timestamptz,
  done_at timestamptz,
  created_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint feedback_mail_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id),
  constraint feedback_mail_message_exists foreign key (municipality, message_id) references feedback_message (municipality, id),
  constraint feedback_mail_kind_known check (kind in ('answer', 'closing', 'message', 'receipt')),
  constraint feedback_mail_status_known check (status in ('waiting', 'sent', 'dropped', 'refused', 'expired')),
  constraint feedback_mail_of_message check ((kind = 'message') = (message_id is not null)),
  constraint feedback_mail_done check ((status = 'waiting') = (done_at is null))
);
create index feedback_mail_of_feedback on feedback_mail (municipality, feedback_id);
create index feedback_mail_waiting on feedback_mail (municipality, id) where status = 'waiting';

-- To an item's sender and to those of what was merged into it, who have left an address.
create function write_feedback_mail(in_municipality text, about uuid, in_kind text, message uuid) returns void
language plpgsql security definer set search_path = public as
$$
begin
  insert into feedback_mail (municipality, feedback_id, kind, message_id)
  select f.municipality, f.id, in_kind, message
  from feedback f
  join feedback_contact c on c.municipality = f.municipality and c.feedback_id = f.id and c.email is not null
  where f.municipality = in_municipality and (f.id = about or f.merged_into_id = about) and f.withdrawn_at is null;
  -- a receipt waits for the worker's next look: whoever notifies commits one after another, and many send at once
  if found and in_kind <> 'receipt' then
    notify elinvoima_work;
  end if;
end
$$;
revoke all on function write_feedback_mail(text, uuid, text, uuid) from public;

-- By triggers, so that no move can forget it.
create function feedback_status_mailed() returns trigger language plpgsql security definer set search_path = public as
$$
begin
  perform write_feedback_mail(new.municipality, new.id, case new.status when 'answered' then 'answer' else 'closing' end, null);
  return null;
end
$$;
create trigger feedback_answer_is_mailed after update of status on feedback
  for each row when (old.status <> new.status and new.status = 'answered' and new.reply is not null)
  execute function feedback_status_mailed();
create trigger feedback_closing_is_mailed after update of status on feedback
  for each row when (old.status = 'answered' and new.status = 'closed' and new.reply is not null)
  execute function feedback_status_mailed();

-- Receipts of a day, by a number that every 65 536th address has: enough to count by, and nothing that leads to an item or
-- to somebody. So erasing what one has sent does not make room for more.
create table feedback_receipt (
  municipality text not null references municipality (code),
  id uuid not null default gen_random_uuid(), -- tells no time
  bucket integer not null,
  day date not null,
  primary key (municipality, id)
);
create index feedback_receipt_bucket on feedback_receipt (municipality, bucket);

-- A receipt at once, by whoever it was entered. Nobody has shown that the address is theirs: three a day at most, and none says
-- anything that the sender wrote.
create function feedback_receipt_mailed() returns trigger language plpgsql security definer set search_path = public as
$$
declare
  digest bytea := sha256(convert_to(lower(new.email), 'UTF8'));
  its_bucket integer := get_byte(digest, 0) * 256 + get_byte(digest, 1);
  today date := helsinki_date(request_now());
begin
  delete from feedback_receipt r where r.municipality = new.municipality and r.bucket = its_bucket and r.day < today;
  if (select count(*) < 3 from feedback_receipt r where r.municipality = new.municipality and r.bucket = its_bucket) then
    insert into feedback_receipt (municipality, bucket, day) values (new.municipality, its_bucket, today);
    perform write_feedback_mail(new.municipality, new.feedback_id, 'receipt', null);
  end if;
  return null;
end
$$;
create trigger feedback_receipt_is_mailed after insert on feedback_contact
  for each row when (new.email is not null) execute function feedback_receipt_mailed();

create function feedback_message_mailed() returns trigger language plpgsql security definer set search_path = public as
$$
begin
  perform write_feedback_mail(new.municipality, new.feedback_id, 'message', new.id);
  return null;
end
$$;
create trigger feedback_message_is_mailed after insert on feedback_message
  for each row when (new.kind = 'interim') execute function feedback_message_mailed();

-- What is merged into an answered case has its answer at once.
create function feedback_merger_mailed() returns trigger language plpgsql security definer set search_path = public as
$$
begin
  if exists (select from feedback c
             where c.municipality = new.municipality and c.id = new.merged_into_id and c.status = 'answered' and c.reply is not null) then
    perform write_feedback_mail(new.municipality, new.id, 'answer', null);
  end if;
  return null;
end
$$;
create trigger feedback_merger_is_mailed after update of merged_into_id on feedback
  for each row when (old.merged_into_id is distinct from new.merged_into_id) execute function feedback_merger_mailed();

insert into feedback_text values
  ('mail_subject', '{"fi": "Palautteesi {number}", "sv": "Din respons {number}", "en": "Your feedback {number}"}'),
  ('mail_receipt', '{"fi": "Hei!\n\nPalautteesi {number} on saapunut.", "sv": "Hej!\n\nDin respons {number} har kommit fram.",
    "en": "Hello!\n\nYour feedback {number} has arrived."}'),
  ('mail_target', '{"fi": "Vastaamme viimeistään {day}.", "sv": "Vi svarar senast {day}.", "en": "We will answer by {day}."}'),
  ('mail_answer', '{"fi": "Hei!\n\nVastaus palautteeseesi {number}:\n\n{text}",
    "sv": "Hej!\n\nSvar på din respons {number}:\n\n{text}",
    "en": "Hello!\n\nThe answer to your feedback {number}:\n\n{text}"}'),
  ('mail_message', '{"fi": "Hei!\n\nPalautteestasi {number} kerrotaan:\n\n{text}",
    "sv": "Hej!\n\nOm din respons {number} meddelas:\n\n{text}",
    "en": "Hello!\n\nAbout your feedback {number}:\n\n{text}"}'),
  ('mail_closing', '{"fi": "Hei!\n\nPalautteesi {number} käsittely on päättynyt.\n\nAuttoiko vastaus? Anna arvosana 1–5 linkillä, jonka sait palautteen lähettäessäsi.",
    "sv": "Hej!\n\nBehandlingen av din respons {number} är avslutad.\n\nHjälpte svaret? Ge ett betyg från 1 till 5 med länken som du fick när du sände responsen.",
    "en": "Hello!\n\nThe handling of your feedback {number} has ended.\n\nDid the answer help? Rate it from 1 to 5 by the link you got when you sent the feedback."}'),
  ('mail_due', '{"fi": "Uusi tavoitepäivä: {day}.", "sv": "Ny måldag: {day}.", "en": "New target day: {day}."}'),
  ('mail_reopen', '{"fi": "Jos vastaus ei auta, voit avata palautteen uudelleen viimeistään {day} linkillä, jonka sait palautteen lähettäessäsi.",
    "sv": "Om svaret inte hjälper kan du öppna responsen på nytt senast {day} med länken som du fick när du sände den.",
    "en": "If the answer does not help, you may reopen the feedback until {day} by the link you got when you sent it."}'),
  ('mail_footer', '{"fi": "{name}\n\nTähän viestiin ei voi vastata. Osoitettasi käytetään vain palautteeseen vastaamiseen, ja se poistetaan kuuden kuukauden kuluttua käsittelyn päättymisestä.",
    "sv": "{name}\n\nDet går inte att svara på det här meddelandet. Din adress används bara för att svara på responsen och raderas sex månader efter att behandlingen har avslutats.",
    "en": "{name}\n\nPlease do not reply to this message. Your address is used only to answer your feedback, and is deleted six months after the handling has ended."}');

create function feedback_mail_part(part text, language text) returns text
language sql stable as
$$ select text_in(g.text, language) from feedback_text g where g.kind = 'mail_' || part $$;

-- A letter as it is to be sent now; no row: to nobody any more. In the language it was sent in where that is one of the
-- interface's, without the names of a case's other senders. What people wrote is put in last, and nothing is put into it.
create function feedback_letter(in_municipality text, mail_id uuid) returns table (sender text, recipient text, subject text, body text, language text)
language sql stable security definer set search_path = public as
$$
select text_in(p.name, at.language), k.email, replace(feedback_mail_part('subject', at.language), '{number}', f.number::text),
       concat_ws(E'\n\n',
         replace(replace(feedback_mail_part(m.kind, at.language), '{number}', f.number::text), '{text}', coalesce(said.text, '')),
         replace(feedback_mail_part('due', at.language), '{day}', to_char(s.due_on, 'FMDD.FMMM.YYYY')),
         case when m.kind = 'receipt' and (f.status = 'transferred' or f.is_topic_suggested)
              then (select official_guidance(t, case f.status when 'transferred' then 'official_matter' else 'official_matter_likely' end) ->> at.language
                    from feedback_topic t where t.municipality = f.municipality and t.id = f.topic_id and t.is_official_matter) end,
         case when m.kind = 'receipt' and f.status <> 'transferred'
              then replace(feedback_mail_part('target', at.language), '{day}', to_char(f.due_on, 'FMDD.FMMM.YYYY')) end,
         case when m.kind in ('answer', 'closing')
              then replace(feedback_mail_part('reopen', at.language), '{day}',
                           to_char(helsinki_date(coalesce(c.closed_at, c.answered_at))
                                   + coalesce((p.calendar ->> 'feedback_reopen_days')::integer, 30), 'FMDD.FMMM.YYYY')) end,
         replace(feedback_mail_part('footer', at.language), '{name}', text_in(p.name, at.language))),
       at.language
from feedback_mail m
join municipality p on p.code = m.municipality
join feedback f on f.municipality = m.municipality and f.id = m.feedback_id
join feedback c on c.municipality = f.municipality and c.id = coalesce(f.merged_into_id, f.id)
join feedback_contact k on k.municipality = f.municipality and k.feedback_id = f.id and k.email is not null
left join feedback_message s on s.municipality = m.municipality and s.id = m.message_id
cross join lateral (select case when split_part(f.language, '-', 1) in ('fi', 'sv', 'en') then split_part(f.language, '-', 1) else 'fi' end as language) as at
cross join lateral (
  select case when m.kind = 'answer' and c.publication = 'published' then c.reply
              when m.kind in ('answer', 'message')
              then without_senders(f.municipality, f.id, case m.kind when 'answer' then c.reply else s.text end, true) end as text) as said
where m.municipality = in_municipality and m.id = mail_id and f.withdrawn_at is null and f.anonymised_at is null
  and case m.kind
        when 'message' then s.text is not null
        when 'receipt' then f.answered_at is null and (f.status <> 'transferred' or f.closed_at = f.created_at)
        when 'closing' then c.status = 'closed' and c.reply is not null
          and not exists (select from feedback_rating r where r.municipality = f.municipality and r.feedback_id = f.id)
        else c.status in ('answered', 'closed') and c.reply is not null
          and not exists (
            select from feedback_mail n
            where n.municipality = m.municipality and n.feedback_id = m.feedback_id and n.kind = 'answer' and n.id > m.id) end
$$;
revoke all on function feedback_letter(text, uuid) from public;
grant execute on function feedback_letter(text, uuid) to elinvoima_service;

-- Whether persons can be recognised on a picture; null: nobody has said. Once it is said, what was let through before is not.
alter table image add shows_persons boolean;

create function image_looked_at_anew() returns trigger language plpgsql as
$$
begin
  new.is_publishable := false;
  return new;
end
$$;
create trigger image_is_looked_at_anew before update of shows_persons on image
  for each row when (new.shows_persons and old.shows_persons is not true and old.is_publishable)
  execute function image_looked_at_anew();
