/* Formats of texts: every accepted text is also one that PostgreSQL reads as the matching type. */
#include "format.h"

#include "bounding_box.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Reads exactly `count` digits and moves past them; -1 when they are not there. */
static int digits(const char **at, int count) {
    int value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool take(const char **at, char c) {
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static int days_of(int year, int month) {
    static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 2 && is_leap);
}

/* Moves past a date as far as it goes: 1 year, 2 month, 3 day; 0 when it is none. */
static int read_date(const char **at) {
    int year = digits(at, 4);
    if (year < 1)
        return 0;
    if (!take(at, '-'))
        return 1;
    int month = digits(at, 2);
    if (month < 1 || month > 12)
        return 0;
    if (!take(at, '-'))
        return 2;
    int day = digits(at, 2);
    return day >= 1 && day <= days_of(year, month) ? 3 : 0;
}

static bool is_date(const char *text) {
    return read_date(&text) == 3 && !*text;
}

static bool is_partial_date(const char *text) {
    return read_date(&text) && !*text;
}

/* Minutes east of UTC. */
static bool read_offset(const char **at, int *ret_minutes) {
    if (take(at, 'Z') || take(at, 'z')) {
        *ret_minutes = 0;
        return true;
    }
    int sign = **at == '-' ? -1 : 1;
    if (!take(at, '+') && !take(at, '-'))
        return false;
    int hours = digits(at, 2);
    bool has_colon = take(at, ':');
    int minutes = has_colon ? digits(at, 2) : -1;
    /* PostgreSQL takes offsets up to 15:59; no place on Earth is beyond +14. */
    if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

static bool skip_fraction(const char **at) {
    if (!take(at, '.'))
        return true;
    size_t count = strspn(*at, "0123456789");
    *at += count;
    return count >= 1 && count <= 9;
}

/* Years from 1000 on: an offset must not carry the instant out of the years that print as four
 * digits. */
static bool is_instant(const char *text, bool needs_seconds) {
    if (text[0] == '0' || strncmp(text, "9999-12-31", 10) == 0)
        return false;
    if (read_date(&text) != 3 || (!take(&text, 'T') && !take(&text, 't')))
        return false;
    int hour = digits(&text, 2);
    if (hour < 0 || hour > 23 || !take(&text, ':'))
        return false;
    int minute = digits(&text, 2);
    if (minute < 0 || minute > 59)
        return false;
    int second = take(&text, ':') ? digits(&text, 2) : needs_seconds ? -1 : 0;
    int offset;
    if (second < 0 || second > 60 || !skip_fraction(&text) || !read_offset(&text, &offset) || *text)
        return false;
    int utc_minute = ((hour * 60 + minute - offset) % 1440 + 1440) % 1440;
    return second < 60 || utc_minute == 1439;
}

static bool is_date_time(const char *text) {
    return is_instant(text, true);
}

static bool is_w3c_date(const char *text) {
    return is_partial_date(text) || is_instant(text, false);
}

static bool is_uuid(const char *text) {
    static const int groups[] = {8, 4, 4, 4, 12};
    for (size_t i = 0; i < 5; i++) {
        if (i && !take(&text, '-'))
            return false;
        if (strspn(text, "0123456789abcdefABCDEF") < (size_t)groups[i])
            return false;
        text += groups[i];
    }
    return !*text;
}

#define LETTERS_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Dot-separated parts, each of `allowed` characters and at least one of them. */
static bool is_dotted(const char *text, size_t length, const char *allowed, size_t part_most) {
    const char *end = text + length;
    while (text <= end) {
        size_t part = strspn(text, allowed);
        if (part > (size_t)(end - text))
            part = (size_t)(end - text);
        if (!part || part > part_most || text[0] == '-' || text[part - 1] == '-')
            return false;
        text += part;
        if (text == end)
            return true;
        if (*text++ != '.')
            return false;
    }
    return false;
}

/* The characters of RFC 5322 dot-atoms in the local part; host names of RFC 1123 in the domain. */
static bool is_email(const char *text) {
    size_t length = strlen(text);
    const char *at = strrchr(text, '@');
    if (!at || length > 254 || at - text > 64 || !strchr(at, '.'))
        return false;
    size_t local = strspn(text, LETTERS_DIGITS ".!#$%&'*+/=?^_`{|}~-");
    if (local != (size_t)(at - text) || !local || text[0] == '.' || at[-1] == '.')
        return false;
    if (strstr(text, ".."))
        return false;
    return is_dotted(at + 1, strlen(at + 1), LETTERS_DIGITS "-", 63);
}

static bool has_good_escapes(const char *text) {
    while ((text = strchr(text, '%'))) {
        if (strspn(text + 1, "0123456789abcdefABCDEF") < 2)
            return false;
        text += 3;
    }
    return true;
}

/* Other schemes (javascript, data, file) are refused: these texts become links on pages. */
static bool is_uri(const char *text) {
    if (strlen(text) > 2048 || text[strspn(text, LETTERS_DIGITS "-._~:/?#[]@!$&'()*+,;=%")])
        return false;
    if (!has_good_escapes(text))
        return false;
    if (strncasecmp(text, "mailto:", 7) == 0)
        return is_email(text + 7);
    size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
                    : strncasecmp(text, "http://", 7) == 0 ? 7
                                                           : 0;
    return scheme && strcspn(text + scheme, "/?#") > 0 && text[scheme] != ':';
}

static bool is_file_text(const char *text) {
    return text != NULL;
}

static bool is_bounding_box(const char *text) {
    struct bounding_box box;
    return bounding_box_read(text, &box);
}

static const struct format formats[] = {
    {"bbox", is_bounding_box},
    {"date", is_date},
    {"date-time", is_date_time},
    {"email", is_email},
    {"file", is_file_text, .is_file = true},
    {"partial-date", is_partial_date},
    {"uri", is_uri},
    {"uuid", is_uuid},
    {"w3c-date", is_w3c_date},
    {0},
};

const struct format *format_find(const char *name) {
    for (const struct format *format = formats; format->name; format++)
        if (strcmp(format->name, name) == 0)
            return format;
    return NULL;
}
