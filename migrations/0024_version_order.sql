-- What a version is compared with is the one before it, whether or not that is still in force.

create function version_before(in_municipality text, in_version uuid) returns uuid
language sql stable as
$$
select f.id
from programme_version v
join programme_version f on f.municipality = v.municipality and f.programme_id = v.programme_id and f.id <> v.id
where v.municipality = in_municipality and v.id = in_version and f.status in ('in_force', 'superseded', 'expired')
order by f.status = 'in_force' desc, f.valid_from_day desc nulls last, number_sort_key(f.number) collate "C" desc
limit 1
$$;

-- Whether a later edition of the same programme is in force already.
create function is_overtaken(in_municipality text, in_version uuid) returns boolean
language sql stable as
$$
select exists (
  select from programme_version v
  join programme_version f on f.municipality = v.municipality and f.programme_id = v.programme_id and f.status = 'in_force'
  where v.municipality = in_municipality and v.id = in_version
    and number_sort_key(f.number) collate "C" > number_sort_key(v.number) collate "C")
$$;
