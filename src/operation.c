/* The common verbs. Answering with one item stands here; lists are list.c, writes are write.c. */
#include "operation.h"

#include "body_picture.h"
#include "embed.h"
#include "gather.h"
#include "item.h"
#include "json.h"
#include "reply.h"
#include "write.h"

#include <stdlib.h>

static bool write_item(struct request *request, const PGresult *row) {
    int deleted = PQfnumber(row, "deleted_at");
    if (deleted >= 0 && !PQgetisnull(row, 0, deleted))
        return problem_set(&request->problem, PROBLEM_GONE, NULL);
    const char *fields = request_parameter(request, "fields");
    int column = PQfnumber(row, "version");
    struct embedding embedding = embed_choose(request);
    bool is_plain = column >= 0 && !fields && !embedding.count;
    int64_t version = is_plain ? strtoll(PQgetvalue(row, 0, column), NULL, 10) : 0;
    json_write_row(json_columns_new(row, fields, &request->arena), row, 0, &request->reply);
    embed_write(&embedding, row, 0, &request->reply);
    return reply_finish(request, "application/json", version);
}

bool operation_get(struct request *request) {
    auto_result row = item_get(request);
    return row && write_item(request, row);
}

/* It may be shown on pages of others, and is nothing but what it says it is. */
bool operation_file(struct request *request) {
    auto_result row = item_get(request);
    if (!row)
        return false;
    size_t length = 0;
    unsigned char *bytes = PQunescapeBytea(
        (const unsigned char *)PQgetvalue(row, 0, PQfnumber(row, "bytes")), &length);
    buffer_add(&request->reply, (const char *)bytes, length);
    PQfreemem(bytes);
    request_set_header(request, "Content-Disposition", "inline");
    request_set_header(request, "Content-Security-Policy", "default-src 'none'; sandbox");
    request_set_header(request, "Cross-Origin-Resource-Policy", "cross-origin");
    return reply_finish(request, request->operation->file_media, 0);
}

/* Nobody's picture is decoded before it is known that it would be kept. */
static bool create_picture(struct request *request) {
    if (!write_ask(request))
        return false;
    return request->status || (body_read_picture(request) && write_run(request, WRITE_CREATE));
}

bool operation_create(struct request *request) {
    if (request->operation->takes_picture)
        return create_picture(request);
    return gather_suits(request) ? gather_create(request) : write_run(request, WRITE_CREATE);
}

bool operation_update(struct request *request) {
    return write_run(request, WRITE_UPDATE);
}

bool operation_delete(struct request *request) {
    return write_run(request, WRITE_DELETE);
}

bool operation_put(struct request *request) {
    return write_run(request, WRITE_PUT);
}

bool operation_act(struct request *request) {
    return write_run(request, WRITE_ACT);
}
