/* Which bucket a value falls into. Not for: tables (app.c). */
#ifndef BUCKET_H
#define BUCKET_H

#include <stddef.h>
#include <stdint.h>

/* Hash of a salt, to be passed on to the functions below: another salt, other buckets. */
uint64_t bucket_salt(const uint8_t *salt, size_t len);

/* Bucket of a text, from 0 to buckets - 1. The same at every party, on every machine. */
uint32_t bucket_of_text(uint64_t salt, const uint8_t *text, size_t len, uint32_t buckets);

/* Bucket of a whole number: that of its decimal text. */
uint32_t bucket_of_integer(uint64_t salt, int64_t value, uint32_t buckets);

/* Bucket of a number: that of a whole number where it is one, else that of its shortest exact text with 17 digits. */
uint32_t bucket_of_number(uint64_t salt, double value, uint32_t buckets);

#endif
