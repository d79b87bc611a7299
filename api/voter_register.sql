-- The register of those who may vote in a cycle. The rows are made by voter_register.c, which knows what a voter's key
-- is made of; nothing reads them out. Domain brief 4.7.

-- name: known
select r.age_band, r.sex, r.home_area_id from voter_register r
where r.municipality = :municipality and r.budget_cycle_id = :id and r.voter_key = decode(:voter_key, 'hex')

-- name: frozen     Who is forgotten can be added while people vote; nobody is given another area.
select '/voters/' || (g.place - 1)
from rows from (jsonb_to_recordset(:rows::jsonb) as (voter_key text, sex text, home_area_id uuid))
  with ordinality as g (voter_key, sex, home_area_id, place)
join voter_register r on r.municipality = :municipality and r.budget_cycle_id = :id and r.voter_key = decode(g.voter_key, 'hex')
join budget_cycle c on c.municipality = r.municipality and c.id = r.budget_cycle_id
where c.voting_starts_at <= :now and (g.sex, g.home_area_id) is distinct from (r.sex, r.home_area_id)
order by g.place

-- name: keep     The newest list is right about a person; one named twice in it counts as named last.
insert into voter_register (municipality, budget_cycle_id, voter_key, age_band, sex, home_area_id)
select distinct on (r.voter_key) :municipality, :id::uuid, decode(r.voter_key, 'hex'), r.age_band, r.sex, r.home_area_id
from rows from (jsonb_to_recordset(:rows::jsonb) as (voter_key text, age_band text, sex text, home_area_id uuid))
  with ordinality as r (voter_key, age_band, sex, home_area_id, place)
order by r.voter_key, r.place desc
on conflict (municipality, budget_cycle_id, voter_key)
do update set age_band = excluded.age_band, sex = excluded.sex, home_area_id = excluded.home_area_id

-- name: total
select count(*) from voter_register r where r.municipality = :municipality and r.budget_cycle_id = :id

-- name: clear.lock
select id from budget_cycle where municipality = :municipality and id = :id for update

-- name: clear.guard     Until the vote begins.
select 'wrong_state', next_states('budget_cycle', c.status), c.status
from budget_cycle c where c.municipality = :municipality and c.id = :id and c.status <> 'voting'
union all
select 'register_frozen', null, null
from budget_cycle c
where c.municipality = :municipality and c.id = :id and c.status = 'voting' and c.voting_starts_at <= :now

-- name: clear.apply
delete from voter_register where municipality = :municipality and budget_cycle_id = :id
