-- Everything one can take part in now (osallistumismahdollisuudet): derived, public, nothing is entered here. A
-- further resource is one more `union all` of rows that nobody needs a role to know.

-- name: select
select o.id, o.kind, o.programme_kind, o.event_kind, o.name, o.description, o.how_to_take_part, o.place, o.area_id,
       o.starts_at, o.ends_at, o.closes_at, helsinki_date(o.closes_at - interval '1 millisecond') as closes_on,
       o.registration_url, o.href, o.updated_at
from (
  select v.id, 'consultation' as kind, p.kind as programme_kind, null as event_kind, p.name, null::jsonb as description,
         null::jsonb as how_to_take_part, null::jsonb as place, null::uuid as area_id, null::timestamptz as starts_at,
         day_end(v.consultation_closes_on) as ends_at, day_end(v.consultation_closes_on) as closes_at,
         null as registration_url, '/v1/' || v.municipality || '/programme-versions/' || v.id as href, v.updated_at
  from programme_version v
  join programme p on p.municipality = v.municipality and p.id = v.programme_id
  where v.municipality = :municipality and v.status = 'consultation'
  union all
  select d.id, 'decision', null, null, d.title, d.plain_summary, d.how_to_influence, null, null, d.initiated_at,
         day_end(d.influence_until), day_end(d.influence_until), null, '/v1/' || d.municipality || '/decisions/' || d.id,
         d.updated_at
  from decision d
  where d.municipality = :municipality and d.initiated_at is not null
    and d.status in ('initiated', 'in_preparation', 'on_agenda')
  union all
  select e.id, 'event', p.kind, e.kind, e.name, e.description, e.how_to_take_part, e.place, e.area_id, e.starts_at,
         e.ends_at, coalesce(e.registration_closes_at, e.ends_at), e.registration_url,
         '/v1/' || e.municipality || '/events/' || e.id, e.updated_at
  from event e
  left join programme p on p.municipality = e.municipality and p.published_at is not null
                       and p.id = event_programme(e.municipality, e.reporting_round_id, e.programme_version_id, e.theme_id)
  where e.municipality = :municipality and e.status = 'published'
  union all
  select c.id, phase.kind, null, null, c.name, c.theme, null, null, null, phase.starts_at, phase.ends_at,
         phase.ends_at, null, '/v1/' || c.municipality || '/budget-cycles/' || c.id, c.updated_at
  from budget_cycle c
  join lateral (values ('budget_ideas', 'ideas', c.ideas_start_at, c.ideas_end_at),
                       ('budget_vote', 'voting', c.voting_starts_at, c.voting_ends_at)
               ) as phase (kind, status, starts_at, ends_at) on phase.status = c.status and phase.starts_at <= :now
  where c.municipality = :municipality and c.published_at is not null
) as o
where o.closes_at > :now
  and (:area_id::uuid is null or o.area_id in (select areas_within(:municipality, :area_id)))
