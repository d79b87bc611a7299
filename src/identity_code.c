/* Identity codes: found by their form, day and check character. */
#include "identity_code.h"

#include "text.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

enum { MASK_BYTES = sizeof IDENTITY_CODE_MASK - 1, MARK_LETTER = 1 };

/* A place in the text, and the character there as it counts (`mark`): capitals and digits as in
 * ASCII, full-width ones too, ' ' for blanks and what nobody sees, '-' for dashes, MARK_LETTER for
 * other letters. */
struct place {
    const char *at;
    const char *next;
    int mark;
};

static int mark_of(uint32_t point) {
    if (point >= 0xFF01 && point <= 0xFF5E)
        point -= 0xFEE0;
    if (point < 0x80)
        return isspace((int)point) ? ' ' : toupper((int)point);
    if (point == 0xAD || point == 0x2212)
        return '-';
    switch (utf8proc_category((utf8proc_int32_t)point)) {
    case UTF8PROC_CATEGORY_PD:
        return '-';
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CF:
        return ' ';
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LO:
        return MARK_LETTER;
    default:
        return '*';
    }
}

static struct place place_at(const char *at) {
    size_t length = 1;
    uint32_t point = (unsigned char)*at;
    if (point >= 0x80 && !text_read_point(at, strnlen(at, 4), &point, &length))
        point = '*';
    return (struct place){at, *at ? at + length : at, *at ? mark_of(point) : '\0'};
}

static void step(struct place *place) {
    *place = place_at(place->next);
}

static bool is_letter(int mark) {
    return mark == MARK_LETTER || (mark >= 'A' && mark <= 'Z');
}

static bool is_digit(int mark) {
    return mark >= '0' && mark <= '9';
}

/* Adds `count` digits to the number and steps over them. */
static bool read_number(struct place *place, int count, long *number) {
    for (; count; count--, step(place)) {
        if (!is_digit(place->mark))
            return false;
        *number = 10 * *number + place->mark - '0';
    }
    return true;
}

static bool read_two(struct place *place, int *ret_number) {
    long number = 0;
    *ret_number = -1;
    if (!read_number(place, 2, &number))
        return false;
    *ret_number = (int)number;
    return true;
}

static bool is_day(int day, int month, int year) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12)
        return false;
    return day >= 1 && day <= days[month - 1] + (month == 2 && year % 4 == 0);
}

/* Steps over the mark between two parts of a day; '\0': there is none. */
static char read_dot(struct place *place) {
    if (!place->mark || !strchr("./- ", place->mark))
        return '\0';
    char dot = (char)place->mark;
    step(place);
    return dot;
}

/* The day's six digits as a number, with the century or without. */
static bool read_day(struct place *place, long *ret_number, bool *ret_is_dotted) {
    int day, month, year;
    if (!read_two(place, &day))
        return false;
    char dot = read_dot(place);
    if (!read_two(place, &month) || read_dot(place) != dot || !read_two(place, &year))
        return false;
    *ret_is_dotted = dot != '\0';
    if (year >= 18 && year <= 20 && is_digit(place->mark) && !read_two(place, &year))
        return false;
    *ret_number = (day * 100L + month) * 100 + year;
    return is_day(day, month, year);
}

/* A sign with blanks around it, or blanks alone: ' '. */
static int read_sign(struct place *place) {
    int sign = '\0';
    for (;; step(place)) {
        if (place->mark == ' ')
            sign = sign ? sign : ' ';
        else if ((!sign || sign == ' ') && place->mark && strchr("+-/ABCDEFUVWXY", place->mark))
            sign = place->mark;
        else if (sign != '-' || place->mark != '-') /* a hyphen and a soft one are one */
            return sign;
    }
}

/* Where the code that begins here ends; NULL: none does. `before` is the mark in front of it. */
static const char *find_end(struct place place, int before) {
    long number;
    bool is_dotted;
    if (is_digit(before) || !read_day(&place, &number, &is_dotted))
        return NULL;
    int sign = read_sign(&place);
    if (!sign || (is_dotted && sign == ' ') || !read_number(&place, 3, &number))
        return NULL;
    int check = place.mark;
    step(&place);
    if (check != "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] ||
        (is_digit(check) && is_digit(place.mark)))
        return NULL;
    /* neither words of hexadecimal digits (131052A308T within one) nor UUIDs hold any */
    bool is_hex = is_letter(sign) ? is_letter(before) || is_letter(place.mark)
                                  : before >= 'A' && before <= 'F' && place.mark == '-';
    return is_hex ? NULL : place.at;
}

bool identity_code_mask(char *text) {
    bool is_found = false;
    char *to = text;
    struct place place = place_at(text);
    for (int before = ' '; place.mark;) {
        const char *end = find_end(place, before);
        if (!end) {
            size_t length = (size_t)(place.next - place.at);
            memmove(to, place.at, length);
            to += length;
            before = place.mark;
            step(&place);
            continue;
        }
        memcpy(to, IDENTITY_CODE_MASK, MASK_BYTES);
        to += MASK_BYTES;
        before = '*';
        is_found = true;
        place = place_at(end);
    }
    *to = '\0';
    return is_found;
}
