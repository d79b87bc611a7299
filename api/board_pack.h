/* The board's paper in other forms than JSON. */
#pragma once

#include "page.h"

void board_pack_write_page(struct page *page);
