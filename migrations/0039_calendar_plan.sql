-- The calendar's questions as before, but planned once a session and asked no further than the answer.
create or replace function is_free_eve(day date) returns boolean
language plpgsql immutable strict parallel safe as
$$
begin
  return to_char(day, 'MM-DD') = '12-24' or (extract(isodow from day) = 5 and public_holiday(day + 1) is not distinct from 'midsummer_day');
end
$$;

create or replace function is_working_day(day date) returns boolean
language plpgsql immutable strict parallel safe as
$$
begin
  return extract(isodow from day) < 6 and public_holiday(day) is null and not is_free_eve(day);
end
$$;

create or replace function working_days_after(day date, n integer) returns date
language plpgsql immutable strict parallel safe as
$$
declare
  counted integer := 0;
begin
  while counted < n loop
    day := day + 1;
    counted := counted + is_working_day(day)::integer;
  end loop;
  return day;
end
$$;
