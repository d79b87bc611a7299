-- The tenants: public. Made at the command line (src/setup.sql), their settings changed here.

-- name: list
-- shared: the list of tenants itself
select code, name, designation, region, languages, minutes_languages, register_number_pattern, calendar,
       population, population_15_plus, appeal_rules, domain, version, created_at, updated_at
from municipality
order by code

-- name: select
select code, name, designation, region, languages, minutes_languages, register_number_pattern, calendar,
       population, population_15_plus, appeal_rules, domain, version, created_at, updated_at
from municipality
where code = :municipality

-- name: update.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{admin}')
union all
select 'format', '/register_number_pattern', :register_number_pattern
where not is_pattern(:register_number_pattern)

-- name: update.apply
update municipality m
set (name, designation, region, languages, minutes_languages, register_number_pattern, calendar, population,
     population_15_plus, appeal_rules, domain) =
    (select b.name, b.designation, b.region, b.languages, b.minutes_languages, b.register_number_pattern,
            b.calendar, b.population, b.population_15_plus, b.appeal_rules, b.domain
     from jsonb_populate_record(null::municipality, merge_patch(to_jsonb(m), :body)) b)
where m.code = :municipality and m.version = :version
returning code
