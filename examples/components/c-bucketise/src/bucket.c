/* FNV-1a with 64 bits (Fowler, Noll, Vo), mixed once more at the end so that the low bits are good too. */
#include "bucket.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t fnv(uint64_t hash, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
    return hash ^ (hash >> 33);
}

uint64_t bucket_salt(const uint8_t *salt, size_t len)
{
    const uint8_t end = 0xff; /* in no UTF-8 text: salt "a", value "b" is not salt "ab", no value */
    return fnv(fnv(0xcbf29ce484222325u, salt, len), &end, 1);
}

uint32_t bucket_of_text(uint64_t salt, const uint8_t *text, size_t len, uint32_t buckets)
{
    return (uint32_t)(mix(fnv(salt, text, len)) % buckets);
}

uint32_t bucket_of_integer(uint64_t salt, int64_t value, uint32_t buckets)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%" PRId64, value);
    return bucket_of_text(salt, (const uint8_t *)text, (size_t)len, buckets);
}

uint32_t bucket_of_number(uint64_t salt, double value, uint32_t buckets)
{
    if (value > -9e15 && value < 9e15 && value == (double)(int64_t)value)
        return bucket_of_integer(salt, (int64_t)value, buckets);
    char text[40];
    int len = snprintf(text, sizeof text, "%.17g", value);
    return bucket_of_text(salt, (const uint8_t *)text, (size_t)len, buckets);
}
