-- Marks made at the desk for voters who get a ballot paper. The key of the mark decides over every channel.

-- name: put
insert into voter_mark (municipality, budget_cycle_id, voter_key, area_id, channel, age_band, sex, voted_on, request_hash)
values (:municipality, :id, decode(:voter_key, 'hex'), :area_id, 'paper', :age_band, :sex,
        helsinki_date(:now::timestamptz), decode(:request_hash, 'hex'))
on conflict do nothing
returning voted_on

-- name: kept     The mark there is: by this very request, or by another.
select m.request_hash is not distinct from decode(:request_hash, 'hex') as is_same, m.voted_on
from voter_mark m
where m.municipality = :municipality and m.budget_cycle_id = :id and m.voter_key = decode(:voter_key, 'hex')
