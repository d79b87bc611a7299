/* The clock that never goes back: for durations, not for times of day. */
#pragma once

#include <stdint.h>

int64_t monotonic_ms(void);
int64_t monotonic_us(void);
