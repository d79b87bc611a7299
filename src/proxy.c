/* Trusted proxies and what they say. */
#include "proxy.h"

#include "app.h"
#include "negotiate.h"
#include "request.h"
#include "socket.h"

#include <stdlib.h>
#include <string.h>

enum { NETWORK_TEXT_BYTES = 64, V4_BITS = 32, V6_BITS = 128, V6_BITS_KEPT = 64 };

struct network {
    unsigned char address[SOCKET_ADDRESS_BYTES];
    unsigned bits;
};

static bool read_network(const char *entry, size_t length, struct network *ret_network) {
    char text[NETWORK_TEXT_BYTES], *end = NULL;
    if (length >= sizeof text)
        return false;
    memcpy(text, entry, length);
    text[length] = '\0';
    char *slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    if (!socket_parse_address(text, ret_network->address))
        return false;
    bool is_v4 = socket_is_v4(ret_network->address);
    unsigned long most = is_v4 ? V4_BITS : V6_BITS, bits = most;
    if (slash) {
        bits = strtoul(slash, &end, 10);
        if (*slash < '0' || *slash > '9' || *end || bits > most)
            return false;
    }
    if (is_v4)
        bits += V6_BITS - V4_BITS;
    else if (bits > V6_BITS_KEPT)
        bits = V6_BITS_KEPT;
    ret_network->bits = (unsigned)bits;
    return true;
}

/* The next entry of the setting and its length; NULL at the end. */
static const char *next_entry(const char **at, size_t *ret_length) {
    const char *entry = *at + strspn(*at, ", ");
    *ret_length = strcspn(entry, ", ");
    *at = entry + *ret_length;
    return *ret_length ? entry : NULL;
}

bool proxy_check_setting(const char *setting) {
    struct network network;
    const char *entry;
    for (size_t length; (entry = next_entry(&setting, &length));)
        if (!read_network(entry, length, &network))
            return false;
    return true;
}

static bool is_within(const unsigned char *address, const struct network *network) {
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    return socket_is_v4(address) == socket_is_v4(network->address) &&
           memcmp(address, network->address, whole) == 0 &&
           (rest == 0 || (address[whole] ^ network->address[whole]) >> (8 - rest) == 0);
}

static bool is_trusted(const char *setting, const char *peer) {
    unsigned char address[SOCKET_ADDRESS_BYTES];
    struct network network;
    const char *entry;
    if (!*setting || !socket_parse_address(peer, address))
        return false;
    for (size_t length; (entry = next_entry(&setting, &length));)
        if (read_network(entry, length, &network) && is_within(address, &network))
            return true;
    return false;
}

/* What the proxy itself wrote: before it, clients write what they like. NULL when there is none. */
static const char *last_forwarded(struct request *request) {
    const char *value, *last = NULL;
    for (size_t index = 0; (value = negotiate_next_header(request, "X-Forwarded-For", &index));)
        last = value;
    if (!last)
        return NULL;
    const char *comma = strrchr(last, ',');
    last = comma ? comma + 1 : last;
    last += strspn(last, " \t");
    return arena_copy(&request->arena, last, strcspn(last, " \t"));
}

const char *proxy_client(struct request *request) {
    unsigned char client[SOCKET_ADDRESS_BYTES];
    char text[SOCKET_PEER_BYTES];
    if (!is_trusted(request->app->config.trusted_proxies, request->peer))
        return request->peer;
    const char *forwarded = last_forwarded(request);
    if (!forwarded || !socket_parse_address(forwarded, client))
        return request->peer;
    socket_print_address(client, text);
    return arena_text(&request->arena, text);
}
