/* Reading and writing decimal numbers. */
#include "amount.h"

#include <string.h>

enum { DIGITS_MOST = 18 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool add_digit(struct amount *amount, char c) {
    if (amount->digits >= amount_power(DIGITS_MOST - 1))
        return false;
    amount->digits = amount->digits * 10 + (c - '0');
    return true;
}

/* The decimals at `*at`, of which trailing zeros are dropped. */
static bool read_decimals(const char **at, struct amount *amount) {
    size_t length = strspn(*at, "0123456789");
    size_t used = length;
    while (used && (*at)[used - 1] == '0')
        used--;
    if (!length || used > AMOUNT_DECIMALS_MOST)
        return false;
    for (size_t i = 0; i < used; i++)
        if (!add_digit(amount, (*at)[i]))
            return false;
    amount->decimals = (unsigned)used;
    *at += length;
    return true;
}

bool amount_read(const char *text, struct amount *ret_amount) {
    struct amount amount = {0};
    const char *at = text + strspn(text, " \t");
    bool is_negative = *at == '-';
    at += is_negative;
    if (!is_digit(*at))
        return false;
    for (; is_digit(*at); at++)
        if (!add_digit(&amount, *at))
            return false;
    if (*at == '.' || *at == ',') {
        at++;
        if (!read_decimals(&at, &amount))
            return false;
    }
    if (at[strspn(at, " \t")])
        return false;
    if (is_negative)
        amount.digits = -amount.digits;
    *ret_amount = amount;
    return true;
}

int64_t amount_power(unsigned decimals) {
    int64_t power = 1;
    while (decimals--)
        power *= 10;
    return power;
}

bool amount_scale(struct amount amount, unsigned decimals, int64_t most, int64_t *ret_scaled) {
    int64_t factor = amount_power(decimals - amount.decimals);
    if (amount.digits > most / factor || amount.digits < -(most / factor))
        return false;
    *ret_scaled = amount.digits * factor;
    return true;
}

void amount_write(int64_t scaled, unsigned decimals, struct buffer *out) {
    int64_t power = amount_power(decimals);
    buffer_print(out, "%s%lld", scaled < 0 && scaled > -power ? "-" : "",
                 (long long)(scaled / power));
    int64_t rest = scaled % power;
    if (!rest)
        return;
    size_t start = out->length;
    buffer_print(out, ".%0*lld", (int)decimals, (long long)(rest < 0 ? -rest : rest));
    while (out->length > start && out->data[out->length - 1] == '0')
        out->data[--out->length] = '\0';
}

void amount_write_spaced(int64_t scaled, unsigned decimals, struct buffer *out) {
    auto_buffer whole = {0};
    int64_t power = amount_power(decimals);
    int64_t size = scaled < 0 ? -scaled : scaled;
    buffer_print(&whole, "%lld", (long long)(size / power));
    if (scaled < 0)
        buffer_add_text(out, "−");
    for (size_t i = 0; i < whole.length; i++) {
        if (i && (whole.length - i) % 3 == 0)
            buffer_add_text(out, "\u00a0");
        buffer_add_char(out, whole.data[i]);
    }
    int64_t rest = size % power;
    if (!rest)
        return;
    int64_t hundredths = decimals >= 2 ? rest / amount_power(decimals - 2) : rest * 10;
    buffer_print(out, ",%02lld", (long long)hundredths);
}
