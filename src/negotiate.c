/* Accept, Accept-Language, If-Match and Idempotency-Key. Prefer: prefer.c. */
#include "negotiate.h"

#include "identity_code.h"
#include "reason.h"

#include <string.h>
#include <strings.h>

enum { TAGS_MOST = 100, VERSION_DIGITS_MOST = 18, KEY_BYTES_MOST = 255 };

/* One element of a list with weights (RFC 9110, section 12.4.2). */
struct weighted {
    const char *text;
    size_t length; /* without its parameters */
    int weight;    /* thousandths */
};

/* The best match so far of one thing on offer. */
struct choice {
    int specificity; /* 0: nothing matches */
    int weight;
    size_t position;
};

const char *negotiate_next_header(const struct request *request, const char *name, size_t *index) {
    while (*index < request->header_count) {
        const struct header *header = &request->headers[(*index)++];
        if (strcasecmp(header->name, name) == 0)
            return header->value;
    }
    return NULL;
}

/* A qvalue: 0, 1, 0.5, 1.000; -1 when it is none. */
static int read_weight(const char *at, size_t length) {
    if (!length || length > 5 || (at[0] != '0' && at[0] != '1') || (length > 1 && at[1] != '.'))
        return -1;
    int weight = (at[0] - '0') * 1000;
    int unit = 100;
    for (size_t i = 2; i < length; i++, unit /= 10) {
        if (at[i] < '0' || at[i] > '9')
            return -1;
        weight += (at[i] - '0') * unit;
    }
    return weight > 1000 ? -1 : weight;
}

static const char *const blanks = " \t";

/* The element's own weight among its parameters; 1000 when it gives none, -1 when it is malformed.
 */
static int weight_of(const char *element, size_t length) {
    const char *end = element + length;
    const char *at = element;
    while ((at = memchr(at, ';', (size_t)(end - at)))) {
        at++;
        at += strspn(at, blanks);
        if (end - at < 2 || (at[0] != 'q' && at[0] != 'Q') || at[1] != '=')
            continue;
        size_t count = strcspn(at + 2, "; \t,");
        return read_weight(at + 2, count);
    }
    return 1000;
}

/* Moves through a list; malformed elements are passed over. */
static bool next_weighted(const char **at, struct weighted *ret_element) {
    while (*(*at += strspn(*at, ", \t"))) {
        const char *element = *at;
        size_t length = strcspn(element, ",");
        *at += length;
        int weight = weight_of(element, length);
        if (weight < 0)
            continue;
        size_t name = strcspn(element, "; \t,");
        *ret_element = (struct weighted){.text = element, .length = name, .weight = weight};
        return true;
    }
    return false;
}

static bool equals(const struct weighted *element, const char *text, size_t length) {
    return element->length == length && strncasecmp(element->text, text, length) == 0;
}

static void improve(struct choice *choice, int specificity, int weight, size_t position) {
    if (specificity > choice->specificity)
        *choice =
            (struct choice){.specificity = specificity, .weight = weight, .position = position};
}

/* Language tags match by their first part (RFC 4647, lookup): sv-FI is answered in sv. */
static int match_language(const struct weighted *element, const char *language) {
    if (equals(element, "*", 1))
        return 1;
    if (element->length > 2 && element->text[2] != '-')
        return 0;
    return element->length >= 2 && strncasecmp(element->text, language, 2) == 0 ? 2 : 0;
}

void negotiate_language(struct request *request) {
    struct choice choices[LANGUAGE_COUNT] = {0};
    size_t index = 0, position = 0;
    const char *header;
    while ((header = negotiate_next_header(request, "Accept-Language", &index))) {
        struct weighted element;
        for (; next_weighted(&header, &element); position++)
            for (enum language i = 0; i < LANGUAGE_COUNT; i++)
                improve(&choices[i], match_language(&element, language_codes[i]), element.weight,
                        position);
    }
    enum language best = LANGUAGE_FI;
    for (enum language i = 1; i < LANGUAGE_COUNT; i++) {
        bool is_earlier =
            !choices[best].specificity || choices[i].position < choices[best].position;
        bool is_equal = choices[i].weight == choices[best].weight && choices[i].specificity;
        if (choices[i].weight > choices[best].weight ||
            (is_equal && choices[i].weight && is_earlier))
            best = i;
    }
    request->language = best;
}

static int match_media(const struct weighted *element, const char *media) {
    size_t type = strcspn(media, "/") + 1;
    if (equals(element, "*/*", 3))
        return 1;
    if (element->length == type + 1 && element->text[type] == '*' &&
        strncasecmp(element->text, media, type) == 0)
        return 2;
    return equals(element, media, strlen(media)) ? 3 : 0;
}

static bool offers(const struct operation *operation, enum media media) {
    return media < MEDIA_COUNT && operation->offers & 1u << media;
}

static bool refuse_media(struct request *request) {
    auto_buffer offered = {0};
    for (enum media i = 0; i < MEDIA_COUNT; i++)
        if (offers(request->operation, i))
            buffer_print(&offered, "%s%s", offered.length ? ", " : "", media_types[i]);
    return problem_set(&request->problem, PROBLEM_NOT_ACCEPTABLE,
                       arena_text(&request->arena, offered.data));
}

/* `format` in the query goes before Accept: a link must work in any browser. */
static bool read_format(struct request *request, const char *format) {
    request->media = media_find_format(format);
    return offers(request->operation, request->media) || refuse_media(request);
}

/* Each form's best match; without any Accept all are welcome. */
static void weigh_media(const struct request *request, struct choice choices[MEDIA_COUNT]) {
    size_t index = 0, position = 0;
    const char *header;
    while ((header = negotiate_next_header(request, "Accept", &index))) {
        struct weighted element;
        for (; next_weighted(&header, &element); position++)
            for (enum media i = 0; i < MEDIA_COUNT; i++)
                improve(&choices[i], match_media(&element, media_types[i]), element.weight,
                        position);
    }
    for (enum media i = 0; !position && i < MEDIA_COUNT; i++)
        choices[i].weight = 1000;
}

/* An operation with neither JSON nor CSV has one fixed form, or none: Accept is not asked. */
static bool read_accept(struct request *request) {
    const struct operation *operation = request->operation;
    const char *format = request_parameter(request, "format");
    if (!offers(operation, MEDIA_JSON) && !offers(operation, MEDIA_CSV))
        return true;
    if (format)
        return read_format(request, format);
    struct choice choices[MEDIA_COUNT] = {0};
    weigh_media(request, choices);
    int weight = 0;
    for (enum media i = 0; i < MEDIA_COUNT; i++)
        if (offers(operation, i) && choices[i].weight > weight) {
            weight = choices[i].weight;
            request->media = i;
        }
    return weight || refuse_media(request);
}

/* `lang` goes before Accept-Language as `format` before Accept; the contract lists its words. */
static void read_lang(struct request *request) {
    const char *code = request_parameter(request, "lang");
    if (code)
        request->language = language_find(code);
}

static bool refuse_header(struct request *request, const char *name, enum reason reason) {
    return problem_set(&request->problem, PROBLEM_INVALID_HEADER, name,
                       reason_text(reason, request->language));
}

/* The version in `"12"`; -2 when the tag is another's. */
static int64_t read_version(const char *tag, size_t length) {
    if (!length || length > VERSION_DIGITS_MOST || strspn(tag, "0123456789") < length ||
        (tag[0] == '0' && length > 1))
        return -2;
    int64_t version = 0;
    for (size_t i = 0; i < length; i++)
        version = version * 10 + (tag[i] - '0');
    return version;
}

/* One entity tag (RFC 9110, section 8.8.3). A weak one never matches in If-Match (section 13.1.1).
 */
static bool read_tag(const char **at, int64_t *ret_version) {
    bool is_weak = strncmp(*at, "W/", 2) == 0;
    const char *tag = *at + (is_weak ? 2 : 0);
    if (*tag != '"')
        return false;
    size_t length = 1;
    while (tag[length] && tag[length] != '"') {
        unsigned char c = (unsigned char)tag[length++];
        if (c <= 0x20 || c == 0x7F)
            return false;
    }
    if (!tag[length])
        return false;
    *ret_version = is_weak ? -2 : read_version(tag + 1, length - 1);
    *at = tag + length + 1;
    return true;
}

static bool read_tags(struct request *request, const char *at, size_t *count) {
    while (*(at += strspn(at, ", \t"))) {
        int64_t version;
        if (!read_tag(&at, &version) || !strchr(", \t", *at))
            return refuse_header(request, "If-Match", REASON_SYNTAX);
        if (++*count > TAGS_MOST)
            return refuse_header(request, "If-Match", REASON_LIST);
        if (!request->if_match_versions)
            request->if_match_versions = arena_new(&request->arena, TAGS_MOST * sizeof version);
        request->if_match_versions[*count - 1] = version;
        request->if_match_count = *count;
        request->if_match_version = version;
    }
    return true;
}

static bool is_star(const char *header) {
    return header[0] == '*' && !header[1 + strspn(header + 1, blanks)];
}

static bool read_if_match(struct request *request) {
    size_t index = 0, count = 0;
    bool is_any = false;
    const char *header = NULL;
    request->if_match_version = -1;
    for (; (header = negotiate_next_header(request, "If-Match", &index));
         is_any |= is_star(header)) {
        header += strspn(header, blanks);
        if (is_star(header))
            count++;
        else if (!read_tags(request, header, &count))
            return false;
    }
    if (is_any && count > 1)
        return refuse_header(request, "If-Match", REASON_SYNTAX);
    if (!count && request_header(request, "If-Match"))
        return refuse_header(request, "If-Match", REASON_EMPTY);
    if (is_any)
        request->if_match_version = -3;
    if (request->operation->takes_if_match && !count)
        return problem_set(&request->problem, PROBLEM_PRECONDITION_REQUIRED);
    return true;
}

/* A header that is given once at most and is visible characters. */
static bool read_key(struct request *request, const char *name, const char **ret_key) {
    size_t index = 0;
    const char *key = negotiate_next_header(request, name, &index);
    if (!key)
        return true;
    if (negotiate_next_header(request, name, &index))
        return refuse_header(request, name, REASON_REPEATED);
    size_t length = strlen(key);
    if (!length || length > KEY_BYTES_MOST)
        return refuse_header(request, name, REASON_LENGTH);
    for (const char *at = key; *at; at++)
        if (*at < 0x20 || *at > 0x7E)
            return refuse_header(request, name, REASON_CHARACTER);
    *ret_key = key;
    return true;
}

static bool read_idempotency_key(struct request *request) {
    const struct operation *operation = request->operation;
    static const char name[] = "Idempotency-Key";
    if (!operation->takes_idempotency_key)
        return true;
    if (operation->requires_idempotency_key && !request_header(request, name))
        return refuse_header(request, name, REASON_MISSING);
    if (!read_key(request, name, &request->idempotency_key))
        return false;
    char *copy = arena_text(&request->arena, request->idempotency_key);
    return !copy || !identity_code_mask(copy) ||
           refuse_header(request, name, REASON_IDENTITY_CODE); /* it would be stored */
}

static bool read_tracking_token(struct request *request) {
    return !request->operation->takes_tracking_token ||
           read_key(request, "Tracking-Token", &request->tracking_token);
}

bool request_read_headers(struct request *request) {
    negotiate_preferences(request);
    read_lang(request);
    return read_accept(request) && read_if_match(request) && read_idempotency_key(request) &&
           read_tracking_token(request);
}
