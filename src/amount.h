/*
 * Decimal numbers without loss: whole numbers of 10^-decimals. Money and points of an election are
 * counted so; nothing of it ever is a double.
 */
#pragma once

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

enum { AMOUNT_DECIMALS_MOST = 6 };

/* value = digits · 10^-decimals; no trailing zeros behind the point. */
struct amount {
    int64_t digits;
    unsigned decimals;
};

/*
 * Reads "1999.99", "-3" or, as some files write, "1999,99"; blanks around it are ignored. False
 * when it is none, has more than AMOUNT_DECIMALS_MOST decimals or more than 18 digits.
 */
bool amount_read(const char *text, struct amount *ret_amount);

/* The amount in whole numbers of 10^-decimals; false when that is beyond ±most. `decimals` is not
 * below the amount's own. */
bool amount_scale(struct amount amount, unsigned decimals, int64_t most, int64_t *ret_scaled);

int64_t amount_power(unsigned decimals);

/* Adds "1999.99": a point, no trailing zeros. */
void amount_write(int64_t scaled, unsigned decimals, struct buffer *out);

/* Adds "18 000,50" for people: no-break spaces between thousands, a comma; not below two decimals
 * when it has any, and no more than two (the rest is cut off). */
void amount_write_spaced(int64_t scaled, unsigned decimals, struct buffer *out);
