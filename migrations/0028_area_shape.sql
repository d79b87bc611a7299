-- Where an area is: its border as a shape of its own beside it, so that trees and lists stay light. WGS 84.
-- PostGIS is made by the database's administrator: it is no extension that an owner may make.

create extension if not exists postgis;

create table area_shape (
  municipality text not null references municipality (code),
  area_id uuid not null,
  shape geometry(MultiPolygon, 4326) not null,
  primary key (municipality, area_id),
  constraint area_shape_area_exists foreign key (municipality, area_id) references area (municipality, id)
);
create index area_shape_place on area_shape using gist (municipality, shape);
grant delete on area_shape to elinvoima_service;

-- A Polygon or MultiPolygon of GeoJSON (RFC 7946), heights left out; null when it is none.
create function read_shape(geojson jsonb) returns geometry
language plpgsql immutable strict parallel safe set client_min_messages = error as
$$
declare
  shape geometry;
begin
  shape := st_multi(st_force2d(st_setsrid(st_geomfromgeojson(geojson), 4326)));
  -- rings that do not close are found by whoever asks more of them than their points
  perform st_coveredby(shape, shape);
  return shape;
exception when others then
  return null;
end
$$;

create function position_text(at geometry) returns text
language sql immutable strict parallel safe as
$$ select round(st_x(at)::numeric, 6) || ', ' || round(st_y(at)::numeric, 6) $$;

-- What is wrong with a border that was sent; no row: nothing is, or none was sent. Whoever takes latitude for
-- longitude lands outside Finland.
create function shape_faults(geojson jsonb) returns table (code text, parameter text)
language plpgsql stable as
$$
declare
  shape geometry := read_shape(geojson);
begin
  if coalesce(geojson, 'null') = 'null' then
    return;
  elsif shape is null or st_isempty(shape) or st_geometrytype(shape) <> 'ST_MultiPolygon' then
    return query select 'geometry_unreadable', null::text;
  elsif not st_coveredby(shape, st_makeenvelope(19, 59, 32, 71, 4326)) then
    return query select 'geometry_outside', position_text(st_pointn(st_exteriorring(st_geometryn(shape, 1)), 1));
  elsif not st_isvalid(shape) then
    return query select 'geometry_invalid', position_text(location(st_isvaliddetail(shape)));
  end if;
end
$$;

-- Whether an area's border holds a point; never for areas without one.
create function area_holds(in_municipality text, area uuid, latitude float8, longitude float8) returns boolean
language sql stable parallel safe as
$$
select exists (
  select from area_shape s
  where s.municipality = in_municipality and s.area_id = area
    and st_covers(s.shape, st_setsrid(st_makepoint(longitude, latitude), 4326)))
$$;
