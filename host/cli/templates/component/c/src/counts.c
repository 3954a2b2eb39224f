/* See counts.h. */
#include "counts.h"

#include <stdlib.h>
#include <string.h>

int64_t parameter(const uint8_t *json, size_t len, const char *name, int64_t fallback)
{
    size_t wanted = strlen(name);
    for (size_t at = 0; at + wanted + 3 < len; at++) {
        if (json[at] != '"' || memcmp(json + at + 1, name, wanted) != 0 || json[at + 1 + wanted] != '"')
            continue;
        at += wanted + 2;
        while (at < len && strchr(": \n", json[at]))
            at++;
        char digits[24] = {0};
        for (size_t i = 0; i + 1 < sizeof digits && at < len && strchr("-0123456789", json[at]); i++)
            digits[i] = (char)json[at++];
        return digits[0] ? strtoll(digits, NULL, 10) : fallback;
    }
    return fallback;
}

size_t too_few(const uint64_t *rows, size_t len, int64_t minimum)
{
    size_t party = 0;
    while (party < len && (minimum <= 0 || rows[party] >= (uint64_t)minimum))
        party++;
    return party;
}
