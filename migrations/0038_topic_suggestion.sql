-- The topic of feedback whose sender has said none, from its words and its place. Domain brief 4.8.

-- Whether a text speaks of rectification, appeal, complaint to an authority, request for documents or objection to a plan, by the
-- words those have in law and officials' mouths. Words that ordinary feedback has too (information, request, reminder) are no sign.
create function names_official_matter(words text) returns boolean
language plpgsql immutable as
$$
begin
  return words ~* concat(
    '\m(oikaisuvaatim|muutoksenhaku|tietopyyn|asiakirjapyyn|julkisuusla|kantelu|hallintovalit|kunnallisvalit)',
    '|\mvalit(us|uks|an\M|amme\M|taa).{0,60}päätök|päätök.{0,60}\mvalit(us|uks|an\M|amme\M|taa)',
    '|\mmuistutu.{0,60}kaava|kaava.{0,60}\mmuistutu',
    '|\m(omprövningsbegär|rättelseyrk|ändringssök|kommunalbesvär|förvaltningsbesvär|förvaltningsklag|offentlighetslag)',
    '|\mbegär\w* (om |ut )?(allmän(na)? )?handling|\mbesvär.{0,60}beslut|beslut.{0,60}\mbesvär\w*|\manmärkning.{0,60}plan',
    '|\mrectification|\mfreedom of information|\mrequest for (documents|official)|\mappeal.{0,60}decision',
    '|\mobjection.{0,60}\mplan');
end
$$;

-- What was published of a place is mostly about: topics of the nearest five items within 100 m. Only of what everybody may know, exact
-- points included, so that no suggestion tells of anything else.
create function topics_near(in_municipality text, latitude float8, longitude float8) returns uuid[]
language plpgsql stable as
$$
declare
  here geography := st_setsrid(st_makepoint(longitude, latitude), 4326)::geography;
begin
  return array(
    select f.topic_id
    from feedback f
    where f.municipality = in_municipality and f.publication = 'published' and not f.is_residential and not f.withheld ? 'point'
      and st_dwithin(f.point, here, 100)
    order by f.point <-> here
    limit 5);
end
$$;

-- The topic whose words a text and the place it names have most of, those of its name twice, and once for what is near (topics_near):
-- between topics that fit alike the place decides. Where nothing speaks for any, the one called other. An official matter only where
-- the text names one.
create function suggested_topic(in_municipality text, words text, near uuid[]) returns uuid
language plpgsql stable as
$$
declare
  folded text := search_fold(words);
  stems text[] := array(
    select said.stem
    from (values ('fi', to_tsvector('finnish', folded)), ('sv', to_tsvector('swedish', folded)), ('en', to_tsvector('english', folded)),
                 ('', to_tsvector('simple', folded))) as t (language, found)
    cross join lateral (
      select search_stem(t.language, w) as stem from unnest(tsvector_to_array(t.found)) as w where length(w) > 3 offset 0) as said
    where length(said.stem) > 3);
  -- topics with none of them are not counted through
  wanted tsquery := (select string_agg(quote_literal(s), '|') from unnest(stems) as s)::tsquery;
  is_official boolean := names_official_matter(words) and exists (
    select from feedback_topic t where t.municipality = in_municipality and t.deleted_at is null and t.is_official_matter);
begin
  return (
    select t.id
    from feedback_topic t
    cross join lateral (
      select (select count(*) from unnest(tsvector_to_array(t.name_words)) as w where w = any (stems)) * 2
             + (select count(*) from unnest(tsvector_to_array(t.description_words)) as w where w = any (stems))
             + coalesce(t.id = any (near), false)::integer as score) as fit
    where t.municipality = in_municipality and t.deleted_at is null and t.is_official_matter = is_official
      and (is_official or t.signpost is null and (t.name_words @@ wanted or t.description_words @@ wanted or t.id = any (near) or t.code = 'other'))
    order by fit.score desc, t.position, t.code
    limit 1);
end
$$;
