-- Secrets that stand for a voter. The rows are made by voting_code.c, which
-- knows what a voter's key is made of.

-- name: phase     Whether codes may be handed out, and sessions be opened, which are for voting here and now. Nobody counts
-- meanwhile.
select case when c.status <> 'voting' or c.voting_ends_at <= :now::timestamptz then 'voting_closed' end as closed,
       case when c.voting_starts_at > :now::timestamptz then 'voting_not_open' end as early
from budget_cycle c
where c.municipality = :municipality and c.id = :id
for share

-- name: claim
insert into desk_request (municipality, budget_cycle_id, key_hash, body_hash)
values (:municipality, :id, decode(:key_hash, 'hex'), decode(:body_hash, 'hex'))
on conflict do nothing

-- name: claimed     Whether it was this very request that used the key.
select r.body_hash = decode(:body_hash, 'hex') from desk_request r
where r.municipality = :municipality and r.budget_cycle_id = :id and r.key_hash = decode(:key_hash, 'hex')

-- name: voted
select m.channel from voter_mark m
where m.municipality = :municipality and m.budget_cycle_id = :id and m.voter_key = decode(:voter_key, 'hex')

-- name: issue     A code that is asked for again is the same code.
insert into voting_code (municipality, budget_cycle_id, code_hash, voter_key, channel, age_band, sex, home_area_id, expires_at)
select :municipality, :id, decode(r.code_hash, 'hex'), decode(r.voter_key, 'hex'), r.channel, r.age_band, r.sex,
       r.home_area_id, r.expires_at
from jsonb_to_recordset(:rows::jsonb)
  as r (code_hash text, voter_key text, channel text, age_band text, sex text, home_area_id uuid, expires_at timestamptz)
on conflict do nothing

-- name: end
select rfc3339(v.expires_at) from voting_code v
where v.municipality = :municipality and v.budget_cycle_id = :id and v.code_hash = decode(:code_hash, 'hex')

-- name: find     Of somebody on the register what stands there now, and nothing once they are taken off it.
select encode(v.voter_key, 'hex') as voter_key, v.channel,
       case when v.channel = 'register' then r.age_band else v.age_band end as age_band,
       case when v.channel = 'register' then r.sex else v.sex end as sex,
       case when v.channel = 'register' then r.home_area_id else v.home_area_id end as home_area_id
from voting_code v
left join voter_register r on r.municipality = v.municipality and r.budget_cycle_id = v.budget_cycle_id
                           and r.voter_key = v.voter_key
where v.municipality = :municipality and v.budget_cycle_id = :id and v.code_hash = decode(:code_hash, 'hex')
  and (v.expires_at is null or v.expires_at > :now::timestamptz)
  and (v.channel <> 'register' or r.voter_key is not null)
