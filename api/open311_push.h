/* Telling clients of Open311 what became of what they sent. */
#pragma once

/* What their keys are locked for (secret.h). */
extern const char open311_push_purpose[];
