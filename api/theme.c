/* Themes. */
#include "operation.h"

#include "theme.sql.h"

const struct binding theme_bindings[] = {
    {"createTheme", operation_create, &theme_create, &theme_select},
    {"deleteTheme", operation_delete, &theme_delete, &theme_select},
    {"getTheme", operation_get, .reads = &theme_select},
    {"listThemes", operation_list, .reads = &theme_select},
    {"putTheme", operation_put, &theme_create, &theme_select, &theme_find, &theme_update},
    {"updateTheme", operation_update, &theme_update, &theme_select},
    {0},
};

const struct constraint theme_constraints[] = {
    {"theme_number_unique", "/number", PROBLEM_ALREADY_EXISTS},
    {0},
};
