/*
 * Functions whose use has cost others dearly are refused at compile time. Force-included in every
 * compilation (meson.build), after the system headers that declare them.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strtok sprintf vsprintf gmtime localtime ctime asctime atoi atol

/*
 * OpenSSL's headers name parameters `rand`, so these two are refused where they are called instead.
 * clang takes no such attribute on a second declaration.
 */
#ifndef __clang__
extern int rand(void) __attribute__((error("use RAND_bytes")));
extern void srand(unsigned seed) __attribute__((error("use RAND_bytes")));
#endif
