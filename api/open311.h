/*
 * Open311 GeoReport v2: feedback for the clients there are, below /open311/v2/. The municipality is
 * that of the path, else jurisdiction_id, which only the one municipality of a service may leave
 * out.
 */
#pragma once

#include "operation.h"

/* Each operation stands twice: with the municipality in the path, and without. */
#define BOTH(id, ...) \
    {id, __VA_ARGS__}, { \
        id "Here", __VA_ARGS__ \
    }

/* A query parameter, or the field of a form; NULL when it was not given. */
const char *open311_given(const struct request *request, const char *name);

/* Adds the fault of what was given under that name, or was not (MEMBER_REQUIRED). Returns false. */
bool open311_refuse(struct request *request, const char *name, enum problem_code code);

/* Runs a statement for the municipality that is asked of, in the language of `locale`. The caller
 * owns the result; NULL with the problem set. */
PGresult *open311_ask(struct request *request, const struct statement *statement);

/* A column of a statement's one row; NULL when it is null. */
const char *open311_column(const PGresult *row, const char *name);

/* Answers with a document, its lists, objects and values, in the form that the path's ending says.
 */
bool open311_answer(struct request *request, const char *root, const json_t *document);
