/* The table behind reason.def. */
#include "reason.h"

static const char *const reasons[][LANGUAGE_COUNT] = {
#define REASON(name, fi, sv, en) [REASON_##name] = {fi, sv, en},
#include "reason.def"
#undef REASON
};

const char *reason_text(enum reason reason, enum language language) {
    return reasons[reason][language];
}
