/* Pictures among what clients of Open311 send. */
#include "open311_picture.h"

#include "bind.h"
#include "body_picture.h"
#include "form.h"
#include "image.sql.h"

enum { PICTURES_MOST = 5, PICTURE_BYTES_MOST = 5000000 };

static const struct form_field *next_file(const struct form *form, size_t *index) {
    while (*index < form->count) {
        const struct form_field *field = &form->fields[(*index)++];
        if (field->filename && field->length)
            return field;
    }
    return NULL;
}

static bool refuse_picture(struct request *request, const char *name, enum problem_code code,
                           const char *parameter) {
    request->problem = (struct problem){0};
    problem_set(&request->problem, PROBLEM_INVALID_PARAMETER);
    return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, name, code, parameter);
}

static bool add_picture(struct request *request, const struct form_field *file, json_t *pictures) {
    if (file->length > PICTURE_BYTES_MOST)
        return refuse_picture(request, file->name, PROBLEM_BODY_TOO_LARGE,
                              arena_print(&request->arena, "%d", PICTURE_BYTES_MOST));
    json_t *picture = body_make_picture(request, file->value, file->length);
    enum problem_code code = request->problem.code;
    if (picture)
        return json_array_append_new(pictures, picture) == 0;
    return code == PROBLEM_UNAVAILABLE
               ? false
               : refuse_picture(request, file->name, code, request->problem.parameters[0]);
}

bool open311_read_pictures(struct request *request) {
    json_t *pictures = json_array();
    json_object_set_new(request->json, "pictures", pictures);
    const struct form_field *file;
    for (size_t at = 0; (file = next_file(request->form, &at));) {
        if (json_array_size(pictures) == PICTURES_MOST)
            return refuse_picture(request, file->name, PROBLEM_IMAGES_MOST,
                                  arena_print(&request->arena, "%d", PICTURES_MOST));
        if (!add_picture(request, file, pictures))
            return false;
    }
    json_object_set_new(request->json, "picture_count",
                        json_integer((json_int_t)json_array_size(pictures)));
    return true;
}

bool open311_keep_pictures(struct request *request, struct db *db, const char *id) {
    const struct overrides overrides = {.id = id};
    size_t at;
    json_t *picture;
    json_array_foreach(json_object_get(request->json, "pictures"), at, picture) {
        json_object_update(request->json, picture);
        for (const struct statement *const *apply = image_feedback_create.applies; *apply;
             apply++) {
            const char *values[BIND_VALUES_MOST];
            int count = bind_values(request, *apply, &overrides, values);
            auto_result kept = db_run(db, (*apply)->text, values, count, &request->problem);
            if (!kept)
                return false;
        }
    }
    return true;
}
