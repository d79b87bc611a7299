-- Feedback in numbers, for everybody: received, answered and published side by side.

-- name: select     A whole year, so that no two times can be subtracted from each other.
select md5(concat_ws(chr(10), s.part, s.code, s.topic_id))::uuid as id, y.year, s.part, s.code, s.name, s.topic_id, s.responsible_party_id,
       s.received, s.cases, s.answered, s.published, s.transferred, s.median_answer_working_days, s.is_suppressed
from (select coalesce(:year::integer, extract(year from helsinki_date(:now))::integer) as year) as y
cross join lateral feedback_statistics(:municipality, make_date(y.year, 1, 1), make_date(y.year, 12, 31), null) as s
