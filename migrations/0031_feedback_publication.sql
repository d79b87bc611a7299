-- What becomes public of feedback, and when: a state of its own beside that of the handling. Domain brief 4.8.

alter table feedback
  -- what of it stays inside although it is published: nickname, service, address, point, service_object
  add column withheld jsonb not null default '[]';
-- Degrees in steps, as text.
create function stepped_degrees(degrees text, step numeric) returns text
language sql immutable parallel safe as
$$ select (round(degrees::numeric / step) * step)::text $$;

alter table feedback
  -- the point as everybody may know it: about 100 m where somebody lives, and before it is published. In Finland 0.001
  -- degrees are 111 m from south to north, and 0.002 degrees 112 to 76 m from west to east.
  add column public_latitude text generated always as (
    case when withheld ? 'point' then null
         when is_residential or publication <> 'published' then stepped_degrees(latitude, 0.001) else latitude end) stored,
  add column public_longitude text generated always as (
    case when withheld ? 'point' then null
         when is_residential or publication <> 'published' then stepped_degrees(longitude, 0.002) else longitude end) stored,
  add column public_point geography(Point, 4326) generated always as (
    case when withheld ? 'point' then null
         when is_residential or publication <> 'published'
           then st_setsrid(st_makepoint(stepped_degrees(longitude, 0.002)::float8, stepped_degrees(latitude, 0.001)::float8), 4326)::geography
         else st_setsrid(st_makepoint(longitude::float8, latitude::float8), 4326)::geography end) stored,
  -- how lately it was known to be so: never ending while it is open; null when it was merged, refused or went elsewhere
  add column fresh_at timestamptz generated always as (
    case when status in ('received', 'assigned', 'in_progress', 'reopened') then timestamptz 'infinity'
         when status in ('answered', 'closed') then answered_at end) stored;
-- One topic's at a place, nearest first; what ended long ago is passed over without being read.
create index feedback_near on feedback using gist (municipality, topic_id, public_point, fresh_at)
  where publication in ('proposed', 'published');

insert into state_move values
  ('feedback_publication', 'not_public', 'proposed'), ('feedback_publication', 'not_public', 'published'),
  ('feedback_publication', 'proposed', 'published'), ('feedback_publication', 'proposed', 'withdrawn'),
  ('feedback_publication', 'published', 'proposed'), ('feedback_publication', 'published', 'withdrawn'),
  ('feedback_publication', 'withdrawn', 'proposed'), ('feedback_publication', 'withdrawn', 'published');

-- The log of publication. By a trigger, so that no move can forget it.
create function feedback_publication_moved() returns trigger language plpgsql security definer set search_path = public as
$$
declare
  actor uuid := request_setting('actor')::uuid;
begin
  insert into transition (municipality, resource, resource_id, from_status, to_status, reason, actor_id, acting_role, acting_office,
                          request_id)
  values (new.municipality, 'feedback_publication', new.id, old.publication, new.publication, request_setting('reason'), actor,
          request_setting('role'), office_of(new.municipality, actor, request_now()), request_setting('request'));
  return null;
end
$$;
create trigger feedback_publication_moved after update on feedback
  for each row when (old.publication <> new.publication) execute function feedback_publication_moved();

-- Where in a text something was found, from 0, in characters.
create function finding_places(words text) returns table (kind text, start integer, length integer, found text)
language sql immutable parallel safe as
$$
select r.kind, p.start, p.length, substr(words, p.start + 1, p.length)
from finding_rules() r cross join lateral rule_places(words, r.kind, r.pattern, r.exception) as p
$$;

-- The words everybody reads of an item once it is published.
create function published_parts(item feedback) returns table (pointer text, words text, is_answer boolean)
language plpgsql stable as
$$
begin
  return query
  values ('/published_title', item.published_title, false), ('/published_text', item.published_text, false), ('/reply', item.reply, true),
         ('/nickname', case when not item.withheld ? 'nickname' then item.nickname end, false),
         ('/service', case when not item.withheld ? 'service' then item.service end, false),
         ('/address', case when not (item.is_residential or item.withheld ? 'address') then item.address end, false)
  union all
  select part.name, part.said, false
  from open311_request r
  cross join lateral (values ('/service_object_type', r.service_object_type), ('/service_object_id', r.service_object_id)) as part (name, said)
  where r.municipality = item.municipality and r.feedback_id = item.id and not item.withheld ? 'service_object';
end
$$;

-- What keeps an item from being published: personal data in what would be public. A person who looks at it (a
-- moderator) may find words of health, insults and threats harmless, and an answer's address or number an office's; whatever
-- else was found wrongly only by saying so, kind by kind. What is left of an identity code never is.
create function publication_faults(item feedback, is_looked_at boolean, harmless jsonb) returns table (pointer text)
language sql stable as
$$
select part.pointer
from published_parts(item) as part
cross join lateral jsonb_array_elements_text(finding_kinds(part.words)) as found (kind)
where not (is_looked_at and (found.kind in ('health', 'insult', 'threat') or part.is_answer and found.kind in ('email', 'phone')
                             or found.kind <> 'identity_code' and coalesce(harmless ? found.kind, false)))
group by part.pointer
$$;

-- What is wrong with letting through what was found wrongly: a moderator does, and says why; no row: nothing.
create function let_through_faults(harmless jsonb, reason text, is_moderator boolean) returns table (code text, pointer text, parameter text)
language sql stable as
$$
select 'insufficient_scope', '/harmless', 'moderator' where harmless is not null and not is_moderator
union all
select 'required', '/reason', 'reason' where harmless is not null and reason is null
union all
select 'personal_data', '/reason', null where personal_data_kinds(reason) ? 'identity_code'
$$;

-- A new answer to what is published is public with it: unless something is found in it or it names a sender, then it is
-- looked at anew. Names that are taken out of an answer make no new one.
create function feedback_answer_looked_at() returns trigger language plpgsql as
$$
begin
  if request_setting('names_leave') is not null then
    return new;
  end if;
  if new.reply is null or finding_kinds(new.reply) <> '[]' or exists (select from publication_names(new, false)) then
    new.publication := 'proposed';
  end if;
  return new;
end
$$;
create trigger feedback_answer_looked_at before update of reply on feedback
  for each row when (new.publication = 'published' and old.publication = 'published' and old.reply is distinct from new.reply
                     and new.anonymised_at is not distinct from old.anonymised_at)
  execute function feedback_answer_looked_at();

-- A topic by its code, with all below it. In plpgsql, which is planned once a session.
create function feedback_topics_below(in_municipality text, topic_code text) returns uuid[]
language plpgsql stable as
$$
begin
  return (
    with recursive topics as (
      select t.id from feedback_topic t where t.municipality = in_municipality and t.code = topic_code and t.deleted_at is null
      union
      select t.id from topics join feedback_topic t on t.municipality = in_municipality and t.parent_topic_id = topics.id
    )
    select coalesce(array_agg(id), '{}') from topics);
end
$$;

-- Those who say the same of an item; nothing says who.
create table feedback_me_too (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  feedback_id uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint feedback_me_too_feedback_exists foreign key (municipality, feedback_id) references feedback (municipality, id)
);
create index feedback_me_too_of_feedback on feedback_me_too (municipality, feedback_id);
select keep_history('feedback_me_too');
