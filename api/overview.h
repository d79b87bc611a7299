/* The living programme in other forms than JSON. */
#pragma once

#include "page.h"

/* A page to read and print; an Atom feed (RFC 4287) with an entry for each published light. */
void overview_write_page(struct page *page);
void overview_write_feed(struct page *page);
