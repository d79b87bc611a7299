/* Clients of Open311. A key is told once, to who made the client; stored is its hash alone. */
#include "operation.h"

#include "open311_client.sql.h"
#include "secret.h"

static const char purpose[] = "open311 client";

static bool keep_key(struct request *request, struct db *db) {
    auto_result made = db_run(db, open311_client_made.text, NULL, 0, &request->problem);
    if (!made)
        return false;
    const char *const values[] = {request->municipality,
                                  secret_make(request, purpose, PQgetvalue(made, 0, 0))};
    auto_result kept =
        db_run(db, open311_client_key.applies[0]->text, values, 2, &request->problem);
    return kept != NULL;
}

static bool create(struct request *request) {
    if (!operation_create(request))
        return false;
    secret_tell(request, "key", purpose);
    return true;
}

const struct binding open311_client_bindings[] = {
    {"createOpen311Client", create, &open311_client_create, &open311_client_receipt,
     .effect = keep_key},
    {"deleteOpen311Client", operation_delete, &open311_client_delete, &open311_client_select},
    {"getOpen311Client", operation_get, .reads = &open311_client_select},
    {"listOpen311Clients", operation_list, .reads = &open311_client_select},
    {"updateOpen311Client", operation_update, &open311_client_update, &open311_client_select},
    {0},
};

const struct constraint open311_client_constraints[] = {
    {0},
};
