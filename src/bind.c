/* Binding names to values. */
#include "bind.h"

#include "app.h"
#include "hex.h"
#include "own.h"
#include "person.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *member_text(struct arena *arena, const json_t *member) {
    if (!member || json_is_null(member))
        return NULL;
    if (json_is_string(member))
        return json_string_value(member);
    auto_free char *text = json_dumps(member, JSON_COMPACT | JSON_ENCODE_ANY);
    return arena_text(arena, text);
}

static const char *version_text(struct arena *arena, int64_t version) {
    return version < 0 ? NULL : arena_print(arena, "%lld", (long long)version);
}

/* The public address without its scheme: what the service's logs are named by. */
static const char *origin_of(const struct config *config) {
    const char *start = strstr(config->public_url, "://");
    return start ? start + 3 : "elinvoima.invalid";
}

/* What the token says of who asks. */
static bool find_actor(const struct actor *actor, const char *name, const char **ret_value) {
    const struct {
        const char *name, *value;
    } known[] = {{"actor", actor->person_id},
                 {"actor_birth_date", actor->birth_date},
                 {"actor_issuer", actor->issuer},
                 {"actor_residence", actor->residence},
                 {"actor_subject", actor->subject}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0) {
            *ret_value = known[i].value;
            return true;
        }
    return false;
}

/* A person, so that nobody learns whom: keyed with the seal of votes; NULL without one. */
static const char *actor_key(struct request *request) {
    const struct actor *actor = &request->actor;
    struct arena *arena = &request->arena;
    const struct seal *seal = request->app->seal;
    if (!seal || !actor->is_authenticated)
        return NULL;
    unsigned char key[SEAL_KEY_BYTES], person[SEAL_KEY_BYTES];
    seal_key(seal, request->municipality, strlen(request->municipality), key);
    seal_derive(seal, key, "person", person_of_actor(arena, actor), person);
    char *hex = arena_new(arena, 2 * sizeof person + 1);
    hex_write(person, sizeof person, hex);
    return hex;
}

static const char *value_of(struct request *request, const struct overrides *overrides,
                            const char *name) {
    struct arena *arena = &request->arena;
    if (overrides && overrides->id && strcmp(name, "id") == 0)
        return overrides->id;
    if (overrides && overrides->items && strcmp(name, "items") == 0)
        return overrides->items;
    if (strcmp(name, "body") == 0)
        return overrides && overrides->body ? overrides->body : request->json_text;
    if (strcmp(name, "version") == 0)
        return overrides && overrides->version ? overrides->version
                                               : version_text(arena, request->if_match_version);
    if (strcmp(name, "municipality") == 0)
        return request->municipality;
    const char *actor_value = NULL;
    if (find_actor(&request->actor, name, &actor_value))
        return actor_value;
    if (strcmp(name, "now") == 0)
        return request->now;
    if (strcmp(name, "actor_key") == 0)
        return actor_key(request);
    if (strcmp(name, "seal_id") == 0)
        return request->app->seal ? seal_id(request->app->seal) : NULL;
    if (strcmp(name, "log_origin") == 0)
        return origin_of(&request->app->config);
    if (strcmp(name, "service_url") == 0)
        return request_service_url(request);
    if (strcmp(name, "tracking_token") == 0)
        return request->tracking_token;
    if (strcmp(name, "language") == 0)
        return language_codes[request->language];
    const char *parameter = request_parameter(request, name);
    return parameter ? parameter : member_text(arena, json_object_get(request->json, name));
}

int bind_values(struct request *request, const struct statement *statement,
                const struct overrides *overrides, const char *values[BIND_VALUES_MOST]) {
    int count = 0;
    for (; statement->parameters[count]; count++) {
        if (count == BIND_VALUES_MOST)
            abort(); /* a statement of ours; `check` prepares every one */
        values[count] = value_of(request, overrides, statement->parameters[count]);
    }
    return count;
}

void bind_text(const struct statement *statement, int offset, struct buffer *out) {
    const char *at = statement->text;
    for (const char *dollar; (dollar = strchr(at, '$'));) {
        char *end;
        long number = strtol(dollar + 1, &end, 10);
        buffer_add(out, at, (size_t)(dollar + 1 - at));
        if (number > 0)
            buffer_print(out, "%ld", number + offset);
        at = number > 0 ? end : dollar + 1;
    }
    buffer_add_text(out, at);
}
