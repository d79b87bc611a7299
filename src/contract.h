/* openapi.yaml as compact JSON, embedded at build time (tools/embed.py). */
#pragma once

#include <stddef.h>

extern const unsigned char contract_json[];
extern const size_t contract_json_length;
