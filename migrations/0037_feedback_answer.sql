-- How an answer reaches those who wait for it: whoever said the same, and senders who left an address. Domain brief 4.8, 5.

-- How somebody who said the same reads what becomes of it: the hash of a secret that reads and does nothing else.
create table feedback_me_too_link (
  municipality text not null references municipality (code),
  token_hash bytea not null,
  feedback_id uuid not null,
  primary key (municipality, token_hash),
  constraint feedback_me_too_link_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
revoke update on feedback_me_too_link from elinvoima_service;

-- What the unit said to its sender as others read it: without the sender's name and addresses; nothing of it where anything
-- else is found in it that may be somebody's.
create function told_to_others(item feedback, said text) returns text
language plpgsql stable security definer set search_path = public as
$$
begin
  if finding_kinds(said) - '{email,phone}'::text[] <> '[]' then
    return null;
  end if;
  return without_words(said, array(
    select given.word
    from feedback_contact c
    cross join lateral (
      select regexp_split_to_table(c.name, '\s+') union all select c.email union all select c.phone) as given (word)
    where c.municipality = item.municipality and c.feedback_id = item.id and length(given.word) > 2
    order by length(given.word) desc));
end
$$;

-- Whether others wait for its answer, senders of merged items or whoever said the same: it is then not its own sender's alone.
create or replace function answers_for_others(item feedback) returns boolean
language sql stable as
$$
select exists (select from feedback d where d.municipality = item.municipality and d.merged_into_id = item.id)
    or exists (
      select from feedback_me_too o
      where o.municipality = item.municipality
        and o.feedback_id in (select item.id union all
                              select d.id from feedback d where d.municipality = item.municipality and d.merged_into_id = item.id))
$$;
