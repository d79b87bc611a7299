-- Municipalities, their first light scale and grants are made at the command line (design: a token
-- carries no tenant, and somebody must be the first administrator).

-- name: put_municipality
insert into municipality (code, name, designation, region, languages, minutes_languages, register_number_pattern,
                          calendar, population, population_15_plus)
select b.code, b.name, coalesce(b.designation, 'municipality'), b.region, b.languages, b.minutes_languages,
       b.register_number_pattern,
       coalesce(b.calendar, '{"invite_on":"02-01","due_on":"03-31","grace_days":14,"reminders_before_days":[14,3],"reminders_after_days":[1,7]}'),
       b.population, b.population_15_plus
from jsonb_populate_record(null::municipality, :body) b
where b.code = :municipality
on conflict (code) do update
set (name, designation, region, languages, minutes_languages, register_number_pattern, calendar, population,
     population_15_plus) =
    (excluded.name, excluded.designation, excluded.region, excluded.languages, excluded.minutes_languages,
     excluded.register_number_pattern, excluded.calendar, excluded.population, excluded.population_15_plus)
returning code

-- name: put_scale     The meanings of domain brief 4.3, as the first version of a municipality's scale.
with scale as (
  insert into light_scale (municipality, number, valid_from)
  select :municipality, 1, '1970-01-01'
  where not exists (select from light_scale where municipality = :municipality)
  returning municipality, id
)
insert into light_meaning (municipality, light_scale_id, light, precedence, symbol, label, meaning, requires_justification)
select scale.municipality, scale.id, l.light, l.precedence, l.symbol, l.label, l.meaning, l.requires_justification
from scale, jsonb_to_recordset(:body) as l (
  light text, precedence integer, symbol text, label jsonb, meaning jsonb, requires_justification boolean)

-- name: put_person
-- shared: persons belong to no municipality
insert into person (issuer, subject) values (:issuer, :subject)
on conflict (issuer, subject) do nothing

-- name: put_grant
insert into role_grant (municipality, person_id, role, starts_on)
select :municipality, p.id, :role, '1970-01-01' from person p
where p.issuer = :issuer and p.subject = :subject
  and not exists (
    select from role_grant g
    where g.municipality = :municipality and g.person_id = p.id and g.role = :role and g.deleted_at is null
      and num_nonnulls(g.body_id, g.programme_id, g.sector, g.ends_on) = 0)
