-- Text search: for each row that people search, its words, kept by triggers beside the tables. Not columns of the
-- tables: lists would carry them, and a measure's words stand in its goals too.

create extension if not exists btree_gin;

create table search_entry (
  municipality text not null references municipality (code),
  id uuid not null,
  words tsvector not null,
  primary key (municipality, id)
);
create index search_entry_words on search_entry using gin (municipality, words);

-- Written the same way on both sides: small letters, and blanks for all that is no letter or digit.
create function search_fold(words text) returns text
language sql immutable parallel safe as
$$ select regexp_replace(lower(words), '[^[:alnum:]]+', ' ', 'g') $$;

-- A stem as PostgreSQL's stemmer (Snowball) leaves it, and what it leaves out: the Finnish nouns in -s (yritys,
-- yrityksen, yritysten; oikeus, oikeuden, oikeutta), the Swedish definite singular in -an (skolan).
create function search_stem(language text, stem text) returns text
language sql immutable parallel safe as
$$
select case language
         when 'fi' then regexp_replace(stem, '(ks|st|(?<=[uy])[dt])$', 's')
         when 'sv' then regexp_replace(stem, '(?<=...)an$', '')
         else stem
       end
$$;

-- The words of a row: of `plain` (numbers, codes) as they stand, of the localised texts anywhere in `texts` as they
-- stand and as the stems of their language; and whole what holds digits and signs (2.4.6, 123/00.01.02/2024).
create function search_words(plain text, texts jsonb) returns tsvector
language plpgsql immutable parallel safe set client_min_messages = warning as
$$
declare
  said text := coalesce(plain, '');
  stems text[] := '{}';
  tongue record;
begin
  for tongue in
    select t.language, t.stemmer, (select string_agg(w #>> '{}', ' ') from jsonb_path_query(texts, t.place) as w) as words
    from (values ('fi', 'finnish'::regconfig, '$.**.fi'::jsonpath), ('sv', 'swedish', '$.**.sv'), ('en', 'english', '$.**.en'))
      as t (language, stemmer, place)
  loop
    if tongue.words is not null then
      said := concat_ws(' ', said, tongue.words);
      stems := stems || array(
        select search_stem(tongue.language, s)
        from unnest(tsvector_to_array(to_tsvector(tongue.stemmer, search_fold(tongue.words)))) as s);
    end if;
  end loop;
  return strip(to_tsvector('simple', search_fold(said))) || array_to_tsvector(stems || array(
    select m[1] from regexp_matches(lower(said), '[[:alnum:]]+(?:[./:_-]+[[:alnum:]]+)+', 'g') as m
    where m[1] ~ '\d' and length(m[1]) <= 100));
end
$$;

-- What is looked for: every word, as the beginning of a word or by its stem in one of the languages. Stop words of
-- Finnish and Swedish are passed over unless there is nothing else. Nothing a person writes is an operator: a word
-- is letters and digits with . / : _ - between them. Null when there is no word.
create function search_query(q text) returns tsquery
language plpgsql immutable strict parallel safe as
$$
declare
  token text;
  word text;
  wish tsquery;
  choice tsquery;
  wanted tsquery;
  passed_over tsquery;
begin
  for token in
    select m[1] from regexp_matches(lower(normalize(q)), '[[:alnum:]]+(?:[./:_-]+[[:alnum:]]+)*', 'g') as m
  loop
    wish := null;
    for word in select * from string_to_table(search_fold(token), ' ') loop
      choice := format('''%s'':*', word)::tsquery;
      if ts_lexize('finnish_stem', word) = '{}' or ts_lexize('swedish_stem', word) = '{}' then
        passed_over := coalesce(passed_over && choice, choice);
        continue;
      end if;
      select choice || string_agg(format('''%s''', search_stem(t.language, s)), '|')::tsquery into choice
      from (values ('fi', 'finnish_stem'::regdictionary), ('sv', 'swedish_stem'), ('en', 'english_stem')) as t (language, stemmer),
           unnest(ts_lexize(t.stemmer, word)) as s;
      wish := coalesce(wish && choice, choice);
    end loop;
    -- 2.4.6 is one word; 2020-luku is one, and also two
    choice := format('''%s'':*', token)::tsquery;
    if token ~ '^\d+(\D\d+)+$' then
      wish := choice;
    elsif token ~ '\d' then
      wish := coalesce(wish || choice, choice);
    end if;
    wanted := coalesce(wanted && wish, wish, wanted);
  end loop;
  return coalesce(wanted, passed_over);
end
$$;

-- Keeps the entries of a table: `members` are the columns whose change matters, `plain` and `texts` what
-- search_words gets of a row named r.
create procedure keep_search(of_table text, members text, plain text, texts text) language plpgsql as
$$
begin
  execute format($function$
    create function %1$s_search(in_municipality text, in_id uuid) returns void language plpgsql as $body$
    begin
      insert into search_entry (municipality, id, words)
      select r.municipality, r.id, search_words(%2$s, %3$s) from %1$s r where r.municipality = in_municipality and r.id = in_id
      on conflict (municipality, id) do update set words = excluded.words;
    end
    $body$ $function$, of_table, plain, texts);
  execute format('insert into search_entry (municipality, id, words) '
                 'select r.municipality, r.id, search_words(%2$s, %3$s) from %1$s r', of_table, plain, texts);
  call search_follows(of_table, members, of_table, 'id');
end
$$;

-- An edit of `members` of one table changes the words of the row of another that its `target_id` names.
create procedure search_follows(of_table text, members text, target text, target_id text) language plpgsql as
$$
begin
  execute format($function$
    create function %1$s_changes_search_of_%2$s() returns trigger language plpgsql as $body$
    begin
      if tg_op = 'DELETE' then
        perform %2$s_search(old.municipality, old.%3$s);
      else
        perform %2$s_search(new.municipality, new.%3$s);
      end if;
      return null;
    end
    $body$ $function$, of_table, target, target_id);
  execute format('create trigger %1$s_changes_search_of_%2$s after insert or delete or update of %3$s on %1$s '
                 'for each row execute function %1$s_changes_search_of_%2$s()', of_table, target, members);
end
$$;

call keep_search('assessment', 'justification',
  '(select m.number from measure m where m.municipality = r.municipality and m.id = r.measure_id)',
  '(select jsonb_build_array(r.justification, m.title) from measure m where m.municipality = r.municipality and m.id = r.measure_id)');
call keep_search('body', 'name, task, statutory_basis', 'r.statutory_basis', 'jsonb_build_array(r.name, r.task)');
call keep_search('consultation_input', 'text, language, answer', 'null',
  'jsonb_build_array(jsonb_build_object(r.language, r.text), r.answer)');
call keep_search('decision', 'register_number, title, proposed_decision, discussion, decision', 'r.register_number',
  'jsonb_build_array(r.title, r.proposed_decision, r.discussion, r.decision)');
call keep_search('measure', 'number, title, description', 'r.number',
  'jsonb_build_array(r.title, r.description, (select jsonb_agg(g.text) from goal g where g.municipality = r.municipality and g.measure_id = r.id))');
call search_follows('goal', 'text', 'measure', 'measure_id');
call keep_search('measure_line', 'programme_id',
  '(select string_agg(m.number, '' '') from measure m where m.municipality = r.municipality and m.measure_line_id = r.id and m.deleted_at is null)',
  '(select jsonb_agg(jsonb_build_array(m.title, m.description)) from measure m where m.municipality = r.municipality and m.measure_line_id = r.id and m.deleted_at is null)');
call search_follows('measure', 'number, title, description, deleted_at', 'measure_line', 'measure_line_id');
call keep_search('programme', 'name, purpose, principles, strategy_link, objective_chain', 'null',
  'jsonb_build_array(r.name, r.purpose, r.principles, r.strategy_link, r.objective_chain)');
call keep_search('programme_version', 'number, prepared_by, change_note, consultation_summary', 'r.number',
  'jsonb_build_array(r.prepared_by, r.change_note, r.consultation_summary)');
call keep_search('report', 'summary, obstacles, next_step', 'null', 'jsonb_build_array(r.summary, r.obstacles, r.next_step)');
call keep_search('reporting_round', 'name, year', 'r.year::text', 'r.name');
call keep_search('responsible_party', 'title, sector', 'r.sector', 'r.title');
call keep_search('statement_request', 'question, statement', 'null', 'jsonb_build_array(r.question, r.statement)');
call keep_search('theme', 'number, name, description', 'r.number', 'jsonb_build_array(r.name, r.description)');
