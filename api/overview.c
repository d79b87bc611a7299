/* What everybody looks at: a programme with its lights. */
#include "operation.h"

#include "overview.h"
#include "overview.sql.h"

static bool overview_get(struct request *request) {
    if (request->media == MEDIA_HTML)
        return page_answer(request, overview_write_page);
    if (request->media == MEDIA_ATOM)
        return page_answer(request, overview_write_feed);
    return operation_get(request);
}

const struct binding overview_bindings[] = {
    {"getProgrammeOverview", overview_get, .reads = &overview_select},
    {0},
};

const struct constraint overview_constraints[] = {
    {0},
};
