-- Feedback in numbers, for everybody: received, answered and published side by side.

-- name: select     A whole year, so that no two times can be subtracted from each other; as it was when the last month ended,
-- so that nobody sees a number grow by the one item that came.
select md5(concat_ws(chr(10), s.part, s.code, s.topic_id))::uuid as id, y.year, y.last_on, s.part, s.code, s.name, s.topic_id,
       s.responsible_party_id, s.area_id, s.received, s.cases, s.answered, s.published, s.transferred, s.median_answer_working_days,
       s.is_suppressed
from (select (date_trunc('month', helsinki_date(:now)::timestamp) - interval '1 day')::date as ended_on) as m
cross join lateral (select coalesce(:year::integer, extract(year from m.ended_on)::integer) as year) as asked
cross join lateral (select asked.year, least(make_date(asked.year, 12, 31), m.ended_on) as last_on) as y
cross join lateral feedback_statistics(:municipality, make_date(y.year, 1, 1), y.last_on, null, day_end(m.ended_on)) as s
