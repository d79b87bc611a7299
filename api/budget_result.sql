-- Results of votes: provisional from the count on, decided when the body has confirmed them. There are none while a
-- vote is open, so nothing can show them.

-- name: select
select r.id, r.budget_cycle_id, r.area_id, a.name as area_name, r.revision,
       case when not r.is_hidden then r.ballots end as ballots,
       case when exists (select from budget_result n
                         where n.municipality = r.municipality and n.budget_cycle_id = r.budget_cycle_id
                           and n.area_id = r.area_id and n.revision > r.revision) then 'superseded'
            when c.confirming_decision_id is null then 'provisional' else 'confirmed' end as standing,
       r.result, r.result_sha256, r.file_sha256, v.frozen_sha256, r.officers, r.reason,
       r.version, r.created_at, r.updated_at
from budget_result r
join budget_cycle c on c.municipality = r.municipality and c.id = r.budget_cycle_id
join area a on a.municipality = r.municipality and a.id = r.area_id
join budget_vote v on v.municipality = r.municipality and v.budget_cycle_id = r.budget_cycle_id
where r.municipality = :municipality

-- name: file     The ballots of an area as a .pb file (Pabulib), byte for byte as they were counted.
select r.file
from budget_result r
where r.municipality = :municipality and r.id = :id and not r.is_hidden

-- name: paper
select v.frozen, v.frozen_sha256, c.rules, m.name ->> 'fi' as municipality_name, c.start_year,
       helsinki_date(c.voting_starts_at) as first_day, helsinki_date(c.voting_ends_at) as last_day,
       (select string_agg(p.number::text, ',') from proposal p
        where p.municipality = c.municipality and p.budget_cycle_id = c.id and p.status = 'cancelled') as withdrawn
from budget_vote v
join budget_cycle c on c.municipality = v.municipality and c.id = v.budget_cycle_id
join municipality m on m.code = v.municipality
where v.municipality = :municipality and v.budget_cycle_id = :id

-- name: ballots     Those with a choice among these, in an order drawn for one file alone: two rows of one person are at no
-- place that tells. By points falling, where there are any, as the format has it.
select listed.proposals, listed.points, b.tracker
from ballot b
cross join lateral (
  select string_agg(choice.number::text, ',' order by choice.points desc, choice.place) as proposals,
         string_agg(choice.points::text, ',' order by choice.points desc, choice.place) as points
  from unnest(b.proposals, b.points) with ordinality as choice (number, points, place)) as listed
where b.municipality = :municipality and b.budget_cycle_id = :id and b.proposals && :numbers::integer[]
order by gen_random_uuid()

-- name: salt     Of one file alone: the one of a file that is published tells nothing of another's hash.
-- shared: asks no table
select gen_random_uuid() as salt

-- name: keep     A correction is a further row with a reason, and a leaf of its own. Of so few ballots that they would show what single people chose, and
-- of others that would tell how few those are, only the outcome is kept.
with known as (
  select v.is_hidden
  from budget_cycle c
  join lateral vote_area_voters(c) as v on v.area_id = :area_id::uuid
  where c.municipality = :municipality and c.id = :id
), counted as (
  select known.is_hidden,
         case when known.is_hidden
              then json_build_object('order', r.result -> 'order', 'winners', r.result -> 'winners',
                                     'spent', r.result -> 'spent', 'left', r.result -> 'left')::text
              else r.result::text end as result
  from known, (select :result::text::json as result) r
)
insert into budget_result (municipality, budget_cycle_id, area_id, revision, ballots, is_hidden, file, file_sha256, result,
                           result_sha256, reason, officers)
select :municipality, :id, :area_id::uuid,
       1 + (select count(*) from budget_result o
            where o.municipality = :municipality and o.budget_cycle_id = :id and o.area_id = :area_id::uuid),
       :ballots::integer, counted.is_hidden, :file::text, encode(sha256(convert_to(:file::text, 'UTF8')), 'hex'),
       counted.result::json, encode(sha256(convert_to(counted.result, 'UTF8')), 'hex'), :reason::jsonb, :officers::jsonb
from counted
returning file_sha256, result_sha256, append_evidence(:municipality, :id, 'file ' || file_sha256),
          append_evidence(:municipality, :id, 'tally ' || result_sha256),
          case when reason is not null then
            append_evidence(:municipality, :id, concat_ws(
              ' ', 'correction', result_sha256, encode(sha256(convert_to(canonical_json(reason), 'UTF8')), 'hex')))
          end
