/* Features: where the place comes from, how numbers are written, and none. */
#include "geojson.h"

#include "check.h"
#include "own.h"
#include "rows.h"

static char id_name[] = "id", latitude_name[] = "latitude", longitude_name[] = "longitude";
static PGresAttDesc described[] = {{.name = id_name, .typid = 2950},
                                   {.name = latitude_name, .typid = 25},
                                   {.name = longitude_name, .typid = 25}};

static void check_feature(const char *latitude, const char *longitude, const char *geometry) {
    auto_result rows = rows_new(3, described);
    rows_set(rows, 0, 0, "0190");
    rows_set(rows, 0, 1, latitude);
    rows_set(rows, 0, 2, longitude);
    auto_buffer out = {0}, expected = {0};
    geojson_begin_feature(rows, 0, &out);
    geojson_end_feature(&out);
    buffer_print(&expected,
                 "{\"type\":\"Feature\",\"id\":\"0190\",\"geometry\":%s,\"properties\":}",
                 geometry);
    CHECK_TEXT(out.data, expected.data);
}

int main(void) {
    check_feature("62.79", "22.84", "{\"type\":\"Point\",\"coordinates\":[22.84,62.79]}");
    check_feature("-0.5", "-022.0", "{\"type\":\"Point\",\"coordinates\":[-22.0,-0.5]}");
    check_feature("00", "000", "{\"type\":\"Point\",\"coordinates\":[0,0]}");
    check_feature(NULL, "22.84", "null");
    check_feature("62.79", NULL, "null");
    return check_finish();
}
