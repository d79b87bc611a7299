-- One municipality with 10 000 measures for each of :programmes programmes, made by one statement per table.
-- Ids are counted so that a script can name any row: 0190b3e0-TTTT-7000-8000-1NNNNNNNNNNN, TTTT by table.
-- Each programme has five versions (the last in force) of fifty themes of forty measures; a line goes
-- through all five. Three rounds of each programme are open; each line has two parties in each.
\set ON_ERROR_STOP on
-- triggers and foreign keys would only tell what the rows' making ensures
set session_replication_role = replica;

create function pg_temp.id(kind text, n bigint) returns uuid language sql immutable as
$$ select ('0190b3e0-' || kind || '-7000-8000-1' || lpad(n::text, 11, '0'))::uuid $$;

insert into body (municipality, id, kind, name, makes_decisions)
values ('743', pg_temp.id('000b', 1), 'committee', '{"fi":"Elinvoimalautakunta"}', true);

insert into responsible_party (municipality, id, kind, title, sector)
select '743', pg_temp.id('000c', n), 'office', jsonb_build_object('fi', 'Toimiala ' || n), 'elinvoima'
from generate_series(1, 16) n;

insert into person (id, issuer, subject)
select pg_temp.id('000d', n), 'https://elinvoima.invalid', 'bench-' || n from generate_series(1, 16) n;

insert into holder (municipality, id, responsible_party_id, person_id, name, email, starts_on)
select '743', pg_temp.id('000e', n), pg_temp.id('000c', n), pg_temp.id('000d', n), 'Haltija ' || n,
       'haltija' || n || '@kunta.invalid', '2020-01-01'
from generate_series(1, 16) n;

insert into programme (municipality, id, kind, name, published_at)
select '743', pg_temp.id('0001', p), 'vitality_programme', jsonb_build_object('fi', 'Elinvoimaohjelma ' || p), '2020-01-15Z'
from generate_series(1, :programmes) p;

insert into programme_version (municipality, id, programme_id, number, status, level, valid_from_day, valid_from_precision, published_at)
select '743', pg_temp.id('0002', p * 10 + v), pg_temp.id('0001', p), '1.' || v, case v when 4 then 'in_force' else 'superseded' end,
       'minor', make_date(2020 + v, 1, 1), 'day', '2020-01-15Z'
from generate_series(1, :programmes) p, generate_series(0, 4) v;

insert into theme (municipality, id, programme_id, programme_version_id, number, name, published_at)
select '743', pg_temp.id('0003', ((p - 1) * 5 + v) * 50 + t), pg_temp.id('0001', p), pg_temp.id('0002', p * 10 + v), t::text,
       jsonb_build_object('fi', 'Teema ' || t, 'sv', 'Tema ' || t), '2020-01-15Z'
from generate_series(1, :programmes) p, generate_series(0, 4) v, generate_series(1, 50) t;

insert into measure_line (municipality, id, programme_id, status, published_at)
select '743', pg_temp.id('0004', (p - 1) * 2000 + l), pg_temp.id('0001', p), 'in_progress', '2020-01-15Z'
from generate_series(1, :programmes) p, generate_series(1, 2000) l;

-- party n leads line n (mod 16), the next one takes part
insert into assignment (municipality, measure_line_id, responsible_party_id, role, starts_on)
select '743', l.id, pg_temp.id('000c', 1 + (l.n + r) % 16), case r when 0 then 'lead' else 'party' end, '2020-01-01'
from (select id, row_number() over (order by id) n from measure_line) l, generate_series(0, 1) r;

-- measure n: version by version, theme by theme; updated_at is as the edits of years would leave it
insert into measure (municipality, id, programme_id, programme_version_id, measure_line_id, theme_id, number, title,
                     description, start_due_on, published_at, created_at, updated_at)
select '743', pg_temp.id('0005', ((p - 1) * 5 + v) * 2000 + (t - 1) * 40 + m), pg_temp.id('0001', p),
       pg_temp.id('0002', p * 10 + v), pg_temp.id('0004', (p - 1) * 2000 + (t - 1) * 40 + m),
       pg_temp.id('0003', ((p - 1) * 5 + v) * 50 + t), t || '.' || m,
       jsonb_build_object('fi', 'Vahvistetaan yritysten kasvua ja työvoiman saatavuutta, toimenpide ' || t || '.' || m,
                          'sv', 'Företagens tillväxt och tillgången på arbetskraft stärks, åtgärd ' || t || '.' || m),
       jsonb_build_object('fi', 'Kaupunki kokoaa yritykset, oppilaitokset ja kehitysyhtiön yhteiseen suunnitelmaan, jonka etenemistä seurataan vuosittain.'),
       '2022-01-01', '2020-01-15Z', '2020-01-01Z'::timestamptz + v * interval '1 year',
       '2020-01-01Z'::timestamptz + v * interval '1 year' + (t * 40 + m) * 7919 % 86400 * interval '1 second'
from generate_series(1, :programmes) p, generate_series(0, 4) v, generate_series(1, 50) t, generate_series(1, 40) m;

insert into goal (municipality, measure_id, n, text, window_kind, start_year, end_year)
select '743', id, n, jsonb_build_object('fi', 'Tavoite ' || n || ': viisi uutta yritystä vuodessa'), 'fixed', 2021, 2030
from measure, generate_series(1, 1 + (hashtext(number) & 1)) n;

insert into reporting_round (municipality, id, programme_id, programme_version_id, year, name, status, due_on, grace_days,
                             light_scale_id, assessing_body_id, opened_at)
select '743', pg_temp.id('0006', p * 10 + y), pg_temp.id('0001', p), pg_temp.id('0002', p * 10 + 4), 2023 + y,
       jsonb_build_object('fi', 'Seuranta ' || 2023 + y), 'open', '2030-01-31', 14,
       (select id from light_scale where municipality = '743' order by number limit 1), pg_temp.id('000b', 1), '2024-01-01Z'
from generate_series(1, :programmes) p, generate_series(1, 3) y;

insert into round_measure (municipality, reporting_round_id, measure_line_id, measure_id, theme_id)
select '743', r.id, m.measure_line_id, m.id, m.theme_id
from reporting_round r join measure m on m.municipality = r.municipality and m.programme_version_id = r.programme_version_id;

-- request n is owed by party 1 + n mod 16
insert into report_request (municipality, id, reporting_round_id, measure_line_id, measure_id, responsible_party_id, role, due_on)
select '743', pg_temp.id('0007', n), reporting_round_id, measure_line_id, measure_id, pg_temp.id('000c', 1 + n % 16),
       case n % 2 when 0 then 'lead' else 'party' end, '2030-01-31'
from (select s.*, row_number() over (order by reporting_round_id, measure_line_id, r) n
      from round_measure s, generate_series(0, 1) r) as numbered;

reset session_replication_role;
vacuum (analyze);
