/* Finnish identity codes (henkilötunnus, Government Decree 128/2010) in text. */
#pragma once

#include <stdbool.h>

/* What is left of a code. */
#define IDENTITY_CODE_MASK "******-****"

/*
 * Puts the mask in the place of every identity code of a UTF-8 text; true when there was one. The
 * text never becomes longer. A code is a real day, a sign of the century and the right check
 * character: in capitals or small letters, full-width ones too. For the sign stand any dash, a
 * slash, blanks or a line break around it or in its place; the day may be written with dots and
 * with its whole year, the sign then too (13.10.1952 - 308T). No digit goes on before it or behind
 * it, and no letter where the sign is one; whatever else may stand beside it.
 */
bool identity_code_mask(char *text);
