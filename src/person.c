/* Names of persons, for hashing only: they are never stored or logged. */
#include "person.h"

const char *person_of_identity(struct arena *arena, const char *identity) {
    static const char kind[] = "identity ";
    char *name = arena_print(arena, "%s%s", kind, identity);
    for (char *c = name + sizeof kind - 1; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return name;
}

const char *person_of_actor(struct arena *arena, const struct actor *actor) {
    return actor->identity ? person_of_identity(arena, actor->identity)
                           : arena_print(arena, "subject %s %s", actor->issuer, actor->subject);
}
