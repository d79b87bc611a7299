/* Answers of writes. */
#include "write_answer.h"

#include "json.h"
#include "log.h"
#include "operation.h"
#include "reply.h"

#include <stdlib.h>
#include <string.h>

int64_t write_version(const PGresult *rows, int row) {
    int column = PQfnumber(rows, "version");
    return column < 0 ? 0 : strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

void write_refuse(struct request *request, const PGresult *rows, int row) {
    struct problem *problem = &request->problem;
    const char *name = PQgetvalue(rows, row, 0);
    enum problem_code code = problem_find(name);
    const char *where =
        PQgetisnull(rows, row, 1) ? NULL : arena_text(&request->arena, PQgetvalue(rows, row, 1));
    const char *parameter =
        PQgetisnull(rows, row, 2) ? NULL : arena_text(&request->arena, PQgetvalue(rows, row, 2));
    if (code == PROBLEM_NONE) {
        log_write(LOG_ERROR, request->id, "a guard answered with the unknown code %s", name);
        code = PROBLEM_INTERNAL;
    }
    if (where && where[0] == '/') {
        problem_add(problem, &request->arena, FAULT_POINTER, where, code, parameter);
    } else if (problem->code == PROBLEM_NONE) {
        problem->allowed = where;
        problem_set(problem, code, parameter);
    }
    if (problem->code == code && !problem->parameters[0])
        problem->parameters[0] = parameter;
}

/* "/v1/743/bodies/<id>": the collection's address is the target, the path before /by-source, or
 * what the binding says. */
static const char *location_of(struct request *request, const char *id) {
    if (request->operation->binding->collection)
        return arena_print(&request->arena, "/v1/%s/%s/%s", request->municipality,
                           request->operation->binding->collection, id);
    const char *target = request->target;
    size_t length = strcspn(target, "?");
    const char *by_source = strstr(target, "/by-source/");
    if (by_source && (size_t)(by_source - target) < length)
        length = (size_t)(by_source - target);
    return arena_print(&request->arena, "%.*s/%s", (int)length, target, id);
}

bool write_answer(struct request *request, const PGresult *rows, int row, const char *made_id) {
    int64_t version = write_version(rows, row);
    if (version > 0)
        request_set_header(request, "ETag", reply_version_tag(request, version));
    if (made_id)
        request_set_header(request, "Location", location_of(request, made_id));
    if (request->prefer.return_minimal && !request->operation->binding->tells_secret) {
        request_set_header(request, "Preference-Applied", "return=minimal");
        return true;
    }
    json_write_row(json_columns_new(rows, NULL, &request->arena), rows, row, &request->reply);
    request->reply_type = "application/json";
    return true;
}
