/* Finnish identity codes (henkilötunnus, Government Decree 128/2010) in text. */
#pragma once

#include <stdbool.h>

/* What is left of a code. */
#define IDENTITY_CODE_MASK "******-****"

/*
 * Puts the mask in the place of every identity code of a UTF-8 text: day, month, a sign of the
 * century, and the right check character, in capitals or small letters, with no letter or digit
 * beside it. True when there was one. The text keeps its length.
 */
bool identity_code_mask(char *text);
