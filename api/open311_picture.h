/*
 * The files of a form are pictures, whatever the field is called: told apart by content, made anew
 * and kept by the statements of createFeedbackImage.
 */
#pragma once

#include "db.h"
#include "request.h"

#include <stdbool.h>

/* Makes the pictures of all files, before anything is written; statements are told :picture_count.
 * False with the fault of one. */
bool open311_read_pictures(struct request *request);

/* Adds them to the item, in its transaction. */
bool open311_keep_pictures(struct request *request, struct db *db, const char *id);
