/* Reads the parameters of a module: a flat JSON object that the node has checked against the schema and filled in.
 * Not for: JSON that nobody has checked, or nested objects. */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A parameter that is a text: written into `value` (at most `capacity` bytes, no zero at the end). Returns its
 * length, or -1 when it is not there or too long. */
long parameter_text(const uint8_t *json, size_t len, const char *name, uint8_t *value, size_t capacity);

/* A parameter that is a whole number; `fallback` when it is not there. */
int64_t parameter_integer(const uint8_t *json, size_t len, const char *name, int64_t fallback);

#endif
