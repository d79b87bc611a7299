/* Writing ballots. */
#include "ballot_text.h"

#include "buffer.h"

#include <stdio.h>

const char *ballot_text(struct arena *arena, const struct paper *paper,
                        const struct filled *filled) {
    auto_buffer text = {0};
    buffer_print(&text, "{\"area_id\":%s%s%s,\"choices\":[", filled->area_id ? "\"" : "",
                 filled->area_id ? filled->area_id : "null", filled->area_id ? "\"" : "");
    for (int i = 0; i < filled->count; i++)
        if (paper->method == VOTE_CUMULATIVE)
            buffer_print(&text, "%s[%d,%d]", i ? "," : "", filled->numbers[i], filled->points[i]);
        else
            buffer_print(&text, "%s%d", i ? "," : "", filled->numbers[i]);
    buffer_add_text(&text, "]}");
    return arena_copy(arena, text.data, text.length);
}

size_t ballot_text_most(const struct paper *paper) {
    static const char nothing[] =
        "\"{\\\"area_id\\\":\\\"00000000-0000-0000-0000-000000000000\\\",\\\"choices\\\":[]}\"";
    size_t most = sizeof nothing;
    for (size_t i = 0; i < paper->project_count; i++) {
        most += (size_t)snprintf(NULL, 0, "%d,", paper->projects[i].number);
        if (paper->method == VOTE_CUMULATIVE)
            most += (size_t)snprintf(NULL, 0, "[,%d]", paper->points_total);
    }
    return most;
}

const char *ballot_number_list(struct arena *arena, const int *numbers, int count) {
    auto_buffer list = {0};
    buffer_add_char(&list, '{');
    for (int i = 0; i < count; i++)
        buffer_print(&list, "%s%d", i ? "," : "", numbers[i]);
    buffer_add_char(&list, '}');
    return arena_copy(arena, list.data, list.length);
}
