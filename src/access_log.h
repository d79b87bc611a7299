/* One JSON log line per answered request. */
#pragma once

#include "request.h"

/* No query, no body, no token; the peer without its last part. `bytes` is what was sent as the
 * body. */
void access_log_write(const struct request *request, int64_t duration_us, size_t bytes);
