/*
 * Whom a proxy speaks for. X-Forwarded-For is believed of a peer that `trusted_proxies` names, and
 * of nobody else; of its entries the last one, which that proxy wrote. What it says is the key of a
 * limit: it is neither logged nor kept.
 */
#pragma once

#include <stdbool.h>

struct request;

/* Whether the setting's entries are addresses and networks: "10.0.0.2, 172.16.0.0/12, fd00::/8".
 * One of IPv6 means its /64 at least, as everywhere (accept.h). */
bool proxy_check_setting(const char *setting);

/* Address text of who sent the request, the peer's where no proxy is trusted to know better. In the
 * request's arena, or the peer's own. */
const char *proxy_client(struct request *request);
