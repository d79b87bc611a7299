-- Pictures of proposals: what is known of one, and apart from it the bytes, which only their own address reads.

create table proposal_image (
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
  constraint proposal_image_proposal_exists foreign key (municipality, proposal_id) references proposal (municipality, id)
);
create index proposal_image_of_proposal on proposal_image (municipality, proposal_id) where deleted_at is null;
select keep_history('proposal_image');

-- JPEG, made anew of what was sent. Gone when the picture is deleted.
create table proposal_image_bytes (
  municipality text not null references municipality (code),
  image_id uuid not null,
  full_bytes bytea not null,
  small_bytes bytea not null,
  primary key (municipality, image_id),
  constraint proposal_image_bytes_image_exists foreign key (municipality, image_id) references proposal_image (municipality, id)
);
-- compressed already
alter table proposal_image_bytes alter full_bytes set storage external, alter small_bytes set storage external;
revoke update on proposal_image_bytes from elinvoima_service;
grant delete on proposal_image_bytes to elinvoima_service;

-- Who sees a proposal: everybody once it is published and not hidden, its authors, an anonymous sender in the
-- answer to sending it, and officials. Pictures are seen with it.
create function proposal_shown(p proposal, actor uuid, in_issuer text, in_subject text, at timestamptz) returns boolean
language sql stable as
$$
select (p.published_at is not null and p.status <> 'hidden')
       or p.id::text = request_setting('made')
       or (in_subject is not null and wrote_proposal(p.municipality, p.id, in_issuer, in_subject))
       or may(p.municipality, actor, at, '{participation_coordinator,moderator,evaluator,privacy_officer,admin}')
$$;
