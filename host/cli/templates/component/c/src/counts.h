/* What needs no node, so that plain tests reach it: `./build.sh test`. Not for: imports of the contract (app.c). */
#ifndef COUNTS_H
#define COUNTS_H

#include <stddef.h>
#include <stdint.h>

/* The parameter `name` of a flat JSON object, a whole number; `fallback` when it is not there. */
int64_t parameter(const uint8_t *json, size_t len, const char *name, int64_t fallback);

/* Which of `len` parties is the first with too few rows; `len` when none is. */
size_t too_few(const uint64_t *rows, size_t len, int64_t minimum);

#endif
