/* Published feedback as an Atom feed (RFC 4287). */
#pragma once

#include "request.h"

#include <stdbool.h>

/* Asks for what the feed has, whatever else was asked: what is published, the last changed first.
 */
void feedback_feed_choose(struct request *request);

/* Makes the feed of the page of the list that stands in `reply`. */
bool feedback_feed_write(struct request *request);
