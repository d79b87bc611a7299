/* Documents about the service itself: its contract, its limits, and what problems mean. */
#include "operation.h"

#include "app.h"
#include "reply.h"

extern const unsigned char contract_json[];
extern const size_t contract_json_length;

static bool service_contract(struct request *request) {
    buffer_add(&request->reply, (const char *)contract_json, contract_json_length);
    return reply_finish(request, "application/json", 0);
}

static bool service_limits(struct request *request) {
    buffer_print(
        &request->reply,
        "{\"body_most_bytes\":%d,\"page_most\":%d,\"page_default\":%d,\"idempotency_hours\":%d,"
        "\"json_depth_most\":%d,\"target_most_bytes\":%d,\"query_parameters_most\":%d}",
        request->app->config.body_most_bytes, 200, 50, 24, 32, 8000, 100);
    return reply_finish(request, "application/json", 0);
}

/* RFC 9728: what a client needs to know before it asks somebody for a token. */
static bool service_resource_metadata(struct request *request) {
    const struct config *config = &request->app->config;
    if (!config->public_url[0])
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    buffer_add_text(&request->reply, "{\"resource\":");
    buffer_add_json_text(&request->reply, config->public_url);
    buffer_add_text(&request->reply, ",\"authorization_servers\":[");
    buffer_add_json_text(&request->reply, config->token_issuer);
    buffer_add_text(&request->reply, "],\"bearer_methods_supported\":[\"header\"]}");
    return reply_finish(request, "application/json", 0);
}

static bool service_problem_page(struct request *request) {
    enum problem_code code = problem_find(request_parameter(request, "code"));
    if (code == PROBLEM_NONE)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    problem_write_page(code, &request->reply);
    request_set_header(request, "Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return reply_finish(request, "text/html; charset=utf-8", 0);
}

const struct binding service_bindings[] = {
    {"getContract", service_contract},
    {"getLimits", service_limits},
    {"getProblemPage", service_problem_page},
    {"getResourceMetadata", service_resource_metadata},
    {0},
};

const struct constraint service_constraints[] = {
    {0},
};
