-- Transitions are read: those of one item, in the order they happened, without knowing its resource.
create index transition_of_item on transition (municipality, resource_id, id);
