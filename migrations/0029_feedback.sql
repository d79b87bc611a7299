-- What residents tell the municipality: the topics it is sorted by, the items, who sent them, and how a sender
-- comes back to one. Domain brief 4.8.

create table feedback_topic (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  parent_topic_id uuid,
  code text not null,
  name jsonb not null,
  description jsonb,
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
  return null;
end
$$;
create trigger feedback_topic_tree after insert or update of parent_topic_id on feedback_topic
  for each row execute function feedback_topic_tree_kept();

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
