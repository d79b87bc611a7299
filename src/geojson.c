/* Features around rows. */
#include "geojson.h"

#include <string.h>

static int find_column(const PGresult *result, const char *name, const char *otherwise) {
    int column = PQfnumber(result, name);
    return column >= 0 ? column : PQfnumber(result, otherwise);
}

/* A JSON number begins with one zero at most, and some write 022.8. */
static void add_degrees(const char *text, struct buffer *out) {
    if (*text == '-')
        buffer_add_char(out, *text++);
    while (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
        text++;
    buffer_add_text(out, text);
}

/* Longitude before latitude (RFC 7946, section 3.1.1). */
static void add_point(const char *latitude, const char *longitude, struct buffer *out) {
    buffer_add_text(out, "{\"type\":\"Point\",\"coordinates\":[");
    add_degrees(longitude, out);
    buffer_add_char(out, ',');
    add_degrees(latitude, out);
    buffer_add_text(out, "]}");
}

void geojson_begin_feature(const PGresult *result, int row, struct buffer *out) {
    int latitude = find_column(result, "sort_latitude", "latitude");
    int longitude = find_column(result, "sort_longitude", "longitude");
    buffer_add_text(out, "{\"type\":\"Feature\",\"id\":");
    buffer_add_json_text(out, PQgetvalue(result, row, find_column(result, "sort_id", "id")));
    buffer_add_text(out, ",\"geometry\":");
    if (PQgetisnull(result, row, latitude) || PQgetisnull(result, row, longitude))
        buffer_add_text(out, "null");
    else
        add_point(PQgetvalue(result, row, latitude), PQgetvalue(result, row, longitude), out);
    buffer_add_text(out, ",\"properties\":");
}

void geojson_end_feature(struct buffer *out) {
    buffer_add_char(out, '}');
}
