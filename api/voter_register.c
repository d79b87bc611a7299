/*
 * The register of voters, where a cycle says that one is used: uploaded in parts before or during
 * the vote, asked for every voter who has a name.
 *
 *   1. Of a person it has the key that every channel makes of the identity, so it names nobody and
 *      the mark decides over all channels.
 *   2. It judges when it is uploaded: the rules of age and residence are those of claims.
 */
#include "voter_register.h"

#include "bind.h"
#include "operation.h"
#include "voter_register.sql.h"
#include "voting_code.h"
#include "voting_desk.h"

#include "budget_cycle.sql.h"

static bool read_voters(struct desk *desk, bool with_codes, struct buffer *codes) {
    struct request *request = desk->request;
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(request->json, "voters"), i, one) {
        struct voter voter = {.channel = "register"};
        const char *code = NULL;
        desk_read_person(desk, one, arena_print(&request->arena, "/voters/%zu", i), &voter);
        if (with_codes) {
            code = voting_code_of(desk, arena_print(&request->arena, "register %s", voter.key));
            buffer_print(codes, "%s\"%s\"", i ? "," : "", code);
        }
        desk_add_row(desk, code, &voter, NULL);
    }
    return request->problem.code == PROBLEM_NONE;
}

/* Once the vote has begun nobody's entry is changed: every row that would is a fault. */
static bool check_frozen(struct desk *desk) {
    struct request *request = desk->request;
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, &voter_register_frozen, NULL, values);
    auto_result frozen =
        db_run(desk->db, voter_register_frozen.text, values, count, &request->problem);
    for (int row = 0; frozen && row < PQntuples(frozen); row++)
        problem_add(&request->problem, &request->arena, FAULT_POINTER,
                    arena_text(&request->arena, PQgetvalue(frozen, row, 0)),
                    PROBLEM_REGISTER_FROZEN, NULL);
    return request->problem.code == PROBLEM_NONE;
}

static bool tell(struct desk *desk, const struct buffer *codes) {
    struct request *request = desk->request;
    const char *const values[] = {request->municipality, request_parameter(request, "id")};
    auto_result total = db_run(desk->db, voter_register_total.text, values, 2, &request->problem);
    if (!total)
        return false;
    buffer_print(&request->reply, "{\"registered\":%zu,\"total\":%s,\"codes\":[",
                 json_array_size(desk->rows), PQgetvalue(total, 0, 0));
    buffer_add_text(&request->reply, codes->length ? codes->data : "");
    buffer_add_text(&request->reply, "]}");
    return true;
}

static bool upload(struct desk *desk) {
    struct request *request = desk->request;
    bool with_codes = json_is_true(json_object_get(request->json, "with_codes"));
    auto_buffer codes = {0};
    if (!desk_check_means(request, desk->paper, "voter_register", true) ||
        !read_voters(desk, with_codes, &codes) || !desk_begin(desk, false) || !check_frozen(desk))
        return false;
    return desk_run(desk, &voter_register_keep) && (!with_codes || voting_code_keep(desk)) &&
           tell(desk, &codes) && desk_end(desk);
}

static bool voter_register_upload(struct request *request) {
    return desk_serve(request, upload);
}

static const char *text_at(struct request *request, const PGresult *row, int column) {
    return PQgetisnull(row, 0, column) ? NULL
                                       : arena_text(&request->arena, PQgetvalue(row, 0, column));
}

bool voter_register_find(struct request *request, struct db *db, struct voter *voter) {
    const char *const values[] = {request->municipality, request_parameter(request, "id"),
                                  voter->key};
    auto_result row = db_run(db, voter_register_known.text, values, 3, &request->problem);
    if (!row)
        return false;
    if (PQntuples(row) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_REGISTERED, NULL);
    voter->age_band = text_at(request, row, 0);
    if (!PQgetisnull(row, 0, 1))
        voter->sex = text_at(request, row, 1);
    if (!PQgetisnull(row, 0, 2))
        voter->home_area_id = text_at(request, row, 2);
    return true;
}

const struct binding voter_register_bindings[] = {
    {"clearVoterRegister", operation_act, &voter_register_clear, &budget_cycle_select},
    {"uploadVoterRegister", voter_register_upload},
    {0},
};

const struct constraint voter_register_constraints[] = {
    {0},
};
