-- What is due at :now. Nothing is queued: a due act follows from a date and from what has not been done yet, so
-- it is asked for, done by the statements of the operation it names, and then no longer due.

-- name: due     All of it; with :municipality and :id whether this one act still is. What ends comes before what
-- begins or reminds, a successor before that.
-- shared: the worker works for every municipality
select act.municipality, act.operation, act.id, act.body
from (
  select r.municipality, 'closeReportingRound' as operation, r.id,
         '{"reason": "määräpäivä ja lisäaika ovat kuluneet"}'::jsonb as body, 1 as precedence
  from reporting_round r
  where r.status = 'open' and r.deleted_at is null and day_end(r.due_on + r.grace_days) <= :now::timestamptz
  union all
  select c.municipality, 'developBudgetCycle', c.id, '{"reason": "ideointiaika on päättynyt"}', 1
  from budget_cycle c
  where c.status = 'ideas' and c.ideas_end_at <= :now::timestamptz
  union all
  select v.municipality, 'beginProgrammeVersion', v.id, '{"reason": "voimaantulopäivä on alkanut"}',
         v.valid_from_day - '9999-12-31' -- before all else, and the earlier day first
  from programme_version v
  where v.status = 'approved' and v.valid_from_day <= helsinki_date(:now::timestamptz)
    and not is_overtaken(v.municipality, v.id)
  union all
  select s.municipality, 'lapseStatementRequest', s.id, '{"reason": "määräaika on päättynyt"}', 1
  from statement_request s
  where s.status = 'sent' and day_end(s.due_on) <= :now::timestamptz
  union all
  select v.municipality, 'expireProgrammeVersion', v.id, '{"reason": "viimeinen voimassaolopäivä on päättynyt"}', 1
  from programme_version v
  where v.status = 'in_force' and v.deleted_at is null
    and day_end(inexact_last_day(v.valid_to_day, v.valid_to_precision)) <= :now::timestamptz
    and not exists (
      select from programme_version n
      where n.municipality = v.municipality and n.programme_id = v.programme_id and n.status = 'approved'
        and n.valid_from_day <= helsinki_date(:now::timestamptz) and not is_overtaken(n.municipality, n.id))
  union all
  select d.municipality, 'closeDecisionAppeal', d.id, '{"reason": "muutoksenhakuaika on päättynyt"}', 1
  from decision d
  where d.status = 'published' and day_end(d.appeal_ends_on) <= :now::timestamptz
  union all
  select c.municipality, 'forgetBudgetCycleVoters', c.id, '{"reason": "säilytysaika on päättynyt"}', 1
  from budget_cycle c
  where c.voters_forgotten_at is null and c.status in ('decided', 'implementation', 'closed', 'cancelled')
    and voters_forgotten_from(c) <= helsinki_date(:now::timestamptz)
  union all
  select c.municipality, 'forgetProposalAuthors', c.id, '{"reason": "säilytysaika on päättynyt"}', 1
  from budget_cycle c
  where c.status in ('closed', 'cancelled') and authors_kept_until(c.municipality, c.id) < helsinki_date(:now::timestamptz)
  union all
  select f.municipality, 'closeFeedback', f.id, '{"reason": "vastauksesta on kulunut määräaika"}', 1
  from feedback f join municipality c on c.code = f.municipality
  where f.status = 'answered'
    and day_end(helsinki_date(f.answered_at) + coalesce((c.calendar ->> 'feedback_close_days')::integer, 14)) <= :now::timestamptz
  union all
  select m.code, 'applyRetention', over.id, '{"reason": "säilytysaika on päättynyt"}', 1
  from municipality m cross join lateral retention_due(m.code, :now::timestamptz) as over (id)
  union all
  select r.municipality, 'remindReportingRound', r.id, null, 2
  from reporting_round r
  where r.status in ('open', 'closed', 'in_review') and r.deleted_at is null
    and exists (select from reminders_due(r.municipality, r.id, :now::timestamptz, false))
  union all
  select p.municipality, 'createReportingRound', p.id,
         jsonb_build_object('reason', 'kierrossäännön päivä on tullut') || planned.round, 2
  from programme p cross join lateral round_to_plan(p.municipality, p.id, :now::timestamptz) as planned (round)
  where p.deleted_at is null
  union all
  select c.municipality, 'pushOpen311Update', waiting.id, null, 3
  from open311_client c
  cross join lateral (
    select u.id
    from open311_push u
    where u.municipality = c.municipality and u.client_id = c.id and u.pushed_at is null and u.given_up_at is null
      and coalesce(u.next_at, '-infinity') <= :now::timestamptz
      -- one after another, which is asked of each when its turn has come
      and (:id::uuid is null or not exists (
        select from open311_push o
        where o.municipality = u.municipality and o.feedback_id = u.feedback_id and o.id < u.id
          and o.pushed_at is null and o.given_up_at is null))
    order by u.id
    limit 50) as waiting
  where c.is_pushed and c.deleted_at is null
    and not exists (
      select from open311_push_failure x
      where x.municipality = c.municipality and x.client_id = c.id and x.next_at > :now::timestamptz)
  union all
  select letter.municipality, 'sendFeedbackMail', letter.id, null, 3
  from (
    select m.municipality, m.id from feedback_mail m
    where m.status = 'waiting' and coalesce(m.next_at, '-infinity') <= :now::timestamptz and (:id::uuid is null or m.id = :id)
    order by m.attempts, m.id
    limit 100) as letter
) as act
where :id::uuid is null or (act.municipality, act.operation, act.id) = (:municipality, :operation, :id)
order by act.precedence, act.municipality, act.id

-- name: lease     False: another worker is at it. Given back with the transaction.
select pg_try_advisory_xact_lock(hashtextextended(concat_ws(chr(10), :municipality::text, :operation::text, :id::text), 2)) as is_ours
