/*
 * Rows with a place as GeoJSON (RFC 7946): the parts around each row's members. The place is the
 * columns `latitude` and `longitude`, decimal degrees as text, or where only some members are
 * wanted `sort_latitude` and `sort_longitude`.
 */
#pragma once

#include "buffer.h"

#include <libpq-fe.h>

#define GEOJSON_BEGIN "{\"type\":\"FeatureCollection\",\"features\":["

/* Adds what stands before a row's members: a Point, or null where the row has no place. */
void geojson_begin_feature(const PGresult *result, int row, struct buffer *out);
void geojson_end_feature(struct buffer *out);
