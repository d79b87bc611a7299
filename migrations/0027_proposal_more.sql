-- Pictures of proposals, and the end of what is known of their authors. Domain brief 4.6, 6.

-- What is known of a picture; apart from it the bytes, which only their own address reads.
create table image (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  proposal_id uuid not null,
  -- what it shows, for those who do not see it; without it the picture is not public
  alternative_text jsonb,
  width integer not null,
  height integer not null,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint image_proposal_exists foreign key (municipality, proposal_id) references proposal (municipality, id),
  constraint image_alternative_text_no_blank check (not jsonb_path_exists(alternative_text, '$.* ? (!(@ like_regex "\\S"))'))
);
create index image_of_proposal on image (municipality, proposal_id) where deleted_at is null;
select keep_history('image');

-- JPEG, made anew of what was sent. Gone when the picture is deleted.
create table image_bytes (
  municipality text not null references municipality (code),
  image_id uuid not null,
  full_bytes bytea not null,
  small_bytes bytea not null,
  primary key (municipality, image_id),
  constraint image_bytes_image_exists foreign key (municipality, image_id) references image (municipality, id)
);
-- compressed already
alter table image_bytes alter full_bytes set storage external, alter small_bytes set storage external;
revoke update on image_bytes from elinvoima_service;
grant delete on image_bytes to elinvoima_service;

-- Who sees a proposal: everybody once it is published and not hidden, its authors, an anonymous sender in the
-- answer to sending it, and officials. Pictures are seen with it.
create function proposal_shown(p proposal, actor uuid, in_issuer text, in_subject text, at timestamptz) returns boolean
language sql stable as
$$
select (p.published_at is not null and p.hidden_at is null)
       or p.id::text = request_setting('made')
       or (in_subject is not null and wrote_proposal(p.municipality, p.id, in_issuer, in_subject))
       or may(p.municipality, actor, at, '{participation_coordinator,moderator,evaluator,privacy_officer,admin}')
$$;

-- Who evaluates a proposal: the coordinator, and of its sector's evaluators the one it is assigned to, if there is one.
create function evaluates_proposal(p proposal, actor uuid, at timestamptz) returns boolean
language sql stable as
$$
select may(p.municipality, actor, at, '{participation_coordinator}')
       or (coalesce(p.evaluator_id, actor) = actor and may(p.municipality, actor, at, '{evaluator}', sector => p.sector))
$$;

-- How long the contact data of a cycle's authors is kept yet, and who commented; null when its time does not run, or none
-- is left. A name that its author shows is no contact data.
create function authors_kept_until(in_municipality text, cycle uuid) returns date
language sql stable security definer set search_path = public as
$$
select max(a.retain_until)
from proposal p
join proposal_author a on a.municipality = p.municipality and a.proposal_id = p.id
where p.municipality = in_municipality and p.budget_cycle_id = cycle
  and (num_nonnulls(a.email, a.phone, a.issuer, a.subject) > 0 or (a.name is not null and not a.is_name_shown)
       or exists (select from proposal_comment m
                  join proposal o on o.municipality = m.municipality and o.id = m.proposal_id
                  where m.municipality = in_municipality and o.budget_cycle_id = cycle and m.subject is not null))
$$;

-- The author stays as one, and says no more than what everybody was shown; so does who commented.
create function forget_authors(in_municipality text, cycle uuid, today date) returns void
language sql security definer set search_path = public as
$$
update proposal_comment m set issuer = null, subject = null
from proposal p
where p.municipality = in_municipality and p.budget_cycle_id = cycle
  and m.municipality = p.municipality and m.proposal_id = p.id and m.subject is not null
  and exists (select from proposal_author a
              where a.municipality = p.municipality and a.proposal_id = p.id and a.retain_until < today);
update proposal_author a
set email = null, phone = null, issuer = null, subject = null, name = case when a.is_name_shown then a.name end
from proposal p
where p.municipality = in_municipality and p.budget_cycle_id = cycle
  and a.municipality = p.municipality and a.proposal_id = p.id and a.retain_until < today
$$;
revoke all on function forget_authors(text, uuid, date) from public;
grant execute on function forget_authors(text, uuid, date) to elinvoima_service;
