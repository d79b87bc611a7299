/* What a program that answers requests is made of. */
#include "app.h"

#include "auth.h"
#include "coalesce.h"
#include "contract.h"
#include "db.h"
#include "gather.h"
#include "memo.h"
#include "peer_limit.h"
#include "seal.h"
#include "spec.h"

bool app_build(struct app *app) {
    const struct config *config = &app->config;
    app->spec = spec_new((const char *)contract_json, contract_json_length);
    if (!app->spec || !spec_bind(app->spec))
        return false;
    app->pool = db_pool_new(config->database_url, config->database_connections,
                            config->database_wait_ms, config->statement_timeout_ms);
    app->auth = auth_new(app);
    if (!app->auth)
        return false;
    auth_derive(app->auth, "cursor", app->cursor_key);
    app->memo = memo_new();
    app->peers = peer_limit_new();
    app->ballots = coalesce_new();
    app->gather = gather_new();
    if (!config->vote_key_file[0])
        return true;
    app->seal = seal_new(config->vote_key_file);
    return app->seal != NULL;
}

void app_release(struct app *app) {
    auth_free(app->auth);
    coalesce_free(app->ballots);
    gather_free(app->gather);
    memo_free(app->memo);
    peer_limit_free(app->peers);
    seal_free(app->seal);
    db_pool_free(app->pool);
    spec_free(app->spec);
}
