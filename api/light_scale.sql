-- What the lights mean, by version: public, never changed. A round takes the newest when it opens.

-- name: select
select s.id, s.number, lpad(s.number::text, 6, '0') as sort_number, s.valid_from,
       (select json_agg(json_build_object(
                 'light', l.light, 'precedence', l.precedence, 'symbol', l.symbol, 'label', l.label,
                 'meaning', l.meaning, 'requires_justification', l.requires_justification)
               order by l.precedence)
        from light_meaning l where l.municipality = s.municipality and l.light_scale_id = s.id) as lights,
       s.version, s.created_at, s.updated_at
from light_scale s
where s.municipality = :municipality

-- name: create.guard
select 'not_your_body', null, null
where not may(:municipality, :actor, :now, '{programme_coordinator,admin}')
union all
select 'lights_incomplete', '/lights', null
where (select count(distinct l.light) from jsonb_to_recordset(:lights) as l (light text)) <> 4
   or (select count(distinct l.precedence) from jsonb_to_recordset(:lights) as l (precedence integer)) <> 4
   or :municipality::text is null

-- name: create.apply
with scale as (
  insert into light_scale (municipality, number, valid_from)
  select :municipality, coalesce(max(number), 0) + 1, :valid_from from light_scale where municipality = :municipality
  returning municipality, id
), lights as (
  insert into light_meaning (municipality, light_scale_id, light, precedence, symbol, label, meaning,
                             requires_justification)
  select scale.municipality, scale.id, l.light, l.precedence, l.symbol, l.label, l.meaning, l.requires_justification
  from scale, jsonb_to_recordset(:lights) as l (
    light text, precedence integer, symbol text, label jsonb, meaning jsonb, requires_justification boolean)
)
select id from scale
