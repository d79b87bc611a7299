-- What came after the search is searched like the rest. A meeting's notes are public later than the meeting itself,
-- so its place and agenda alone are words of it; an event's summary likewise.

call keep_search('area', 'code, name', 'r.code', 'r.name');
call keep_search('budget_cycle', 'name, theme, criteria', 'null', 'jsonb_build_array(r.name, r.theme, r.criteria)');
call keep_search('event', 'name, description, place', 'null', 'jsonb_build_array(r.name, r.description, r.place)');
call keep_search('meeting', 'place, agenda_note', 'null', 'jsonb_build_array(r.place, r.agenda_note)');
call keep_search('metric', 'name, method', 'null', 'jsonb_build_array(r.name, r.method)');
call keep_search('operational_goal', 'title, description', 'null', 'jsonb_build_array(r.title, r.description)');
call keep_search('strategic_goal', 'title, description', 'null', 'jsonb_build_array(r.title, r.description)');
