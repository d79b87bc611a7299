-- The municipality's parts as a tree that has a shape for every day: an area is one version, with its first and
-- last day; what changes in the world ends it and begins successors. Domain brief 8.

-- Asks the same as `reference_alive`, by a function of its own for each column: planned once a session, and without making
-- JSON of the row.
create or replace procedure refer_to_living(of_table text, in_column text, target text, foreign_key text) language plpgsql as
$$
begin
  execute format($function$
    create function %1$s_%2$s_alive() returns trigger language plpgsql as $body$
    begin
      if exists (select from %3$s t where t.municipality = new.municipality and t.id = new.%2$s and t.deleted_at is not null) then
        raise exception '%2$s refers to a deleted row' using errcode = '23503', constraint = %4$L;
      end if;
      return new;
    end
    $body$ $function$, of_table, in_column, target, foreign_key);
  execute format('create trigger %1$s_%2$s_alive before insert or update of %2$s on %1$s '
                 'for each row when (new.%2$s is not null) execute function %1$s_%2$s_alive()', of_table, in_column);
end
$$;

create table area (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  kind text not null,
  code text not null,
  name jsonb not null,
  parent_area_id uuid,
  population jsonb,
  valid_from date not null,
  valid_to date,
  source text,
  external_id text,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  updated_at timestamptz not null default request_now(),
  deleted_at timestamptz,
  primary key (municipality, id),
  constraint area_parent_exists foreign key (municipality, parent_area_id) references area (municipality, id),
  constraint area_kind_known check (kind in ('whole', 'major_district', 'pb_area', 'urban_area', 'district', 'village')),
  constraint area_period_ordered check (valid_to >= valid_from),
  constraint area_whole_top check (kind <> 'whole' or parent_area_id is null),
  -- Deferrable: one statement ends areas and begins their successors, and is judged by its end.
  constraint area_code_unique exclude using gist (
    municipality with =, kind with =, code with =, daterange(valid_from, valid_to, '[]') with &&)
    where (deleted_at is null) deferrable,
  constraint area_whole_single exclude using gist (municipality with =, daterange(valid_from, valid_to, '[]') with &&)
    where (kind = 'whole' and deleted_at is null) deferrable,
  -- The source's id goes on with what goes on, so it names the newest version.
  constraint area_source_unique exclude using btree (municipality with =, source with =, external_id with =)
    where (source is not null and deleted_at is null) deferrable
);
create index area_parts on area (municipality, parent_area_id) where deleted_at is null;

-- What replaced what: one row for a new name or place, several for a split or a merger.
create table area_succession (
  municipality text not null references municipality (code),
  id uuid not null default uuid_v7(),
  predecessor_id uuid not null,
  successor_id uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default request_now(),
  primary key (municipality, id),
  constraint area_succession_predecessor_exists foreign key (municipality, predecessor_id) references area (municipality, id),
  constraint area_succession_successor_exists foreign key (municipality, successor_id) references area (municipality, id),
  constraint area_succession_unique unique (municipality, predecessor_id, successor_id)
);
create index area_succession_back on area_succession (municipality, successor_id);
create trigger area_succession_changed after insert on area_succession for each row execute function row_changed();
revoke update on area_succession from elinvoima_service;

select keep_history('area');
call refer_to_living('area', 'parent_area_id', 'area', 'area_parent_exists');

-- What makes it a tree on every day: nothing lies in itself, and a part is there only while what it lies in is.
create function area_tree_kept() returns trigger language plpgsql as
$$
begin
  -- two that change the tree at once do not pass each other: who comes second sees what the first did
  perform pg_advisory_xact_lock(hashtextextended('area ' || new.municipality, 0));
  if exists (
    with recursive up as (
      select new.parent_area_id as id
      union
      select a.parent_area_id from up join area a on a.municipality = new.municipality and a.id = up.id)
    select from up where id = new.id) then
    raise exception 'an area lies in itself' using errcode = '23514', constraint = 'area_no_cycle';
  end if;
  if exists (
       select from area p
       where p.municipality = new.municipality and p.id = new.parent_area_id and new.deleted_at is null
         and (p.deleted_at is not null
              or not daterange(p.valid_from, p.valid_to, '[]') @> daterange(new.valid_from, new.valid_to, '[]')))
     or exists (
       select from area c
       where c.municipality = new.municipality and c.parent_area_id = new.id and c.deleted_at is null
         and (new.deleted_at is not null
              or not daterange(new.valid_from, new.valid_to, '[]') @> daterange(c.valid_from, c.valid_to, '[]'))) then
    raise exception 'an area outlives what it lies in' using errcode = '23514', constraint = 'area_within_parent';
  end if;
  return null;
end
$$;
create trigger area_tree after insert or update on area for each row execute function area_tree_kept();
