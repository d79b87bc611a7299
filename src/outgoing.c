/* Requests to other services. */
#include "outgoing.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Beginnings of addresses that are not the open internet's: IANA's special-purpose registries. */
struct range {
    uint32_t network;
    int bits;
};

static bool is_within(uint32_t address, struct range range) {
    return range.bits == 0 || (address ^ range.network) >> (32 - range.bits) == 0;
}

static bool is_open_4(const struct in_addr *address) {
    static const struct range closed[] = {
        {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
        {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
        {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3}};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (is_within(ntohl(address->s_addr), closed[i]))
            return false;
    return true;
}

/* 2000::/3 without what holds or tunnels IPv4, and what is for examples. */
static bool is_open_6(const struct in6_addr *address) {
    static const struct range closed[] = {
        {0x20010000, 23}, {0x20010db8, 32}, {0x20020000, 16}, {0x3fff0000, 20}};
    uint32_t begin;
    memcpy(&begin, address->s6_addr, sizeof begin);
    begin = ntohl(begin);
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (is_within(begin, closed[i]))
            return false;
    return is_within(begin, (struct range){0x20000000, 3});
}

static bool is_open(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return is_open_4(&((const struct sockaddr_in *)(const void *)address)->sin_addr);
    return address->sa_family == AF_INET6 &&
           is_open_6(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

/* --- addresses ------------------------------------------------------------------------------- */

/* The parts of an address as curl will use them. */
struct parts {
    char *scheme, *host, *port, *user, *password, *query, *fragment;
};

static bool read_parts(const char *url, struct parts *ret_parts) {
    CURLU *handle = curl_url();
    if (!handle)
        abort();
    *ret_parts = (struct parts){0};
    bool is_read =
        strlen(url) <= OUTGOING_URL_BYTES_MOST &&
        curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_SCHEME, &ret_parts->scheme, 0) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_HOST, &ret_parts->host, 0) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_PORT, &ret_parts->port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    curl_url_get(handle, CURLUPART_USER, &ret_parts->user, 0);
    curl_url_get(handle, CURLUPART_PASSWORD, &ret_parts->password, 0);
    curl_url_get(handle, CURLUPART_QUERY, &ret_parts->query, 0);
    curl_url_get(handle, CURLUPART_FRAGMENT, &ret_parts->fragment, 0);
    curl_url_cleanup(handle);
    return is_read;
}

static void clear_parts(struct parts *parts) {
    char *const texts[] = {parts->scheme,   parts->host,  parts->port,    parts->user,
                           parts->password, parts->query, parts->fragment};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        curl_free(texts[i]);
}

/* A name with a dot inside it, or an open address; curl has made 127.1 and 0x7f000001 plain. */
static bool is_open_host(const char *host) {
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1)
        return is_open_4(&address);
    char literal[INET6_ADDRSTRLEN + 2];
    size_t length = strlen(host);
    if (host[0] == '[') {
        struct in6_addr address_6;
        if (length >= sizeof literal)
            return false;
        memcpy(literal, host + 1, length - 2);
        literal[length - 2] = '\0';
        return inet_pton(AF_INET6, literal, &address_6) == 1 && is_open_6(&address_6);
    }
    const char *dot = strchr(host, '.');
    return dot && dot > host && host[length - 1] != '.';
}

/* Whether the operator has named the origin: scheme://host:port, the usual port left out or not. */
static bool is_operators(const struct config *config, const struct parts *parts) {
    bool is_usual = strcmp(parts->port, strcmp(parts->scheme, "https") == 0 ? "443" : "80") == 0;
    auto_buffer origin = {0}, with_port = {0};
    buffer_print(&origin, "%s://%s", parts->scheme, parts->host);
    buffer_print(&with_port, "%s:%s", origin.data, parts->port);
    return config_lists(config->outgoing_origins, with_port.data) ||
           (is_usual && config_lists(config->outgoing_origins, origin.data));
}

enum permission { FORBIDDEN, ALLOWED, OPERATORS };

static enum permission permission_of(const struct config *config, const char *url) {
    struct parts parts;
    enum permission permission = FORBIDDEN;
    if (!read_parts(url, &parts) || parts.user || parts.password || parts.query || parts.fragment)
        permission = FORBIDDEN;
    else if (is_operators(config, &parts))
        permission = OPERATORS;
    else if (strcmp(parts.scheme, "https") == 0 && strcmp(parts.port, "443") == 0 &&
             is_open_host(parts.host))
        permission = ALLOWED;
    clear_parts(&parts);
    return permission;
}

bool outgoing_is_allowed(const struct config *config, const char *url) {
    return permission_of(config, url) != FORBIDDEN;
}

/* --- the exchange ---------------------------------------------------------------------------- */

void outgoing_add_field(struct buffer *form, const char *name, const char *value) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    if (form->length)
        buffer_add_char(form, '&');
    buffer_print(form, "%s=", name);
    for (const char *at = value; *at; at++)
        if (strchr(plain, *at))
            buffer_add_char(form, *at);
        else
            buffer_print(form, "%%%02X", (unsigned char)*at);
}

struct exchange {
    enum permission permission;
    bool is_refused, is_too_large;
    size_t head_bytes;
    struct buffer *body;
};

static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    struct exchange *exchange = data;
    (void)purpose;
    if (exchange->permission != OPERATORS && !is_open(&address->addr)) {
        exchange->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool has_room(struct exchange *exchange, size_t more) {
    exchange->is_too_large =
        exchange->head_bytes + exchange->body->length + more > OUTGOING_BYTES_MOST;
    return !exchange->is_too_large;
}

static size_t take_head(char *bytes, size_t one, size_t length, void *data) {
    struct exchange *exchange = data;
    (void)bytes, (void)one;
    if (!has_room(exchange, length))
        return 0;
    exchange->head_bytes += length;
    return length;
}

static size_t take_body(char *bytes, size_t one, size_t length, void *data) {
    struct exchange *exchange = data;
    (void)one;
    if (!has_room(exchange, length))
        return 0;
    buffer_add(exchange->body, bytes, length);
    return length;
}

static enum outgoing outcome_of(const struct exchange *exchange, CURLcode code) {
    if (code == CURLE_OK)
        return OUTGOING_ANSWERED;
    if (exchange->is_refused)
        return OUTGOING_NOT_ALLOWED;
    if (exchange->is_too_large)
        return OUTGOING_TOO_LARGE;
    return code == CURLE_OPERATION_TIMEDOUT ? OUTGOING_TOO_SLOW : OUTGOING_UNREACHABLE;
}

static void begin_curl(void) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

static CURL *prepare(struct exchange *exchange, const char *url, const struct buffer *form) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin_curl);
    CURL *curl = curl_easy_init();
    if (!curl)
        abort();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                     exchange->permission == OPERATORS ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* nor one of the environment */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)OUTGOING_TIME_MS);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form->data);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form->length);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "elinvoima");
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    return curl;
}

enum outgoing outgoing_post(const struct config *config, const char *url, const struct buffer *form,
                            long *ret_status, struct buffer *ret_body) {
    struct exchange exchange = {.permission = permission_of(config, url), .body = ret_body};
    if (exchange.permission == FORBIDDEN)
        return OUTGOING_NOT_ALLOWED;
    CURL *curl = prepare(&exchange, url, form);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
    curl_easy_cleanup(curl);
    return outcome_of(&exchange, code);
}
