-- name: exists
-- shared: the list of migrations belongs to the database
select to_regclass('public.schema_migration') is not null as is_there

-- name: applied
-- shared: the list of migrations belongs to the database
select number, name, checksum from schema_migration order by number

-- name: record
-- shared: the list of migrations belongs to the database
insert into schema_migration (number, name, checksum) values (:number, :name, :checksum)

-- name: serialise     Held until the connection ends.
-- shared: the list of migrations belongs to the database
select pg_advisory_lock(7432508)
