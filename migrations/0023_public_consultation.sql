-- Who is asked must be able to read: a version, its themes, measures and their lines are public from the opening of its
-- consultation on, and stay so whatever becomes of it. What is added to a public version is public at once. Domain brief 4.1, 4.13.

create function shown_with_version() returns trigger language plpgsql as
$$
begin
  if exists (select from programme_version v
             where v.municipality = new.municipality and v.id = new.programme_version_id and v.published_at is not null) then
    new.published_at := coalesce(new.published_at, request_now());
  end if;
  return new;
end
$$;
create trigger theme_is_shown before insert on theme for each row execute function shown_with_version();
create trigger measure_is_shown before insert on measure for each row execute function shown_with_version();

create function line_shown_with_measure() returns trigger language plpgsql as
$$
begin
  update measure_line set published_at = new.published_at
  where municipality = new.municipality and id = new.measure_line_id and published_at is null;
  return null;
end
$$;
create trigger measure_shows_line after insert on measure
  for each row when (new.published_at is not null) execute function line_shown_with_measure();

-- What was opened before today.
with opened as (
  update programme_version set published_at = request_now()
  where consultation_closes_on is not null and published_at is null
  returning municipality, id
)
select publish_version(municipality, id, request_now()) from opened;
