/* One pass over the object: key, colon, value; until the wanted key is found. */
#include "parameters.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *at, *end;
} reader;

static void skip_space(reader *r)
{
    while (r->at < r->end && strchr(" \t\r\n,:{", *r->at))
        r->at++;
}

static uint32_t hex4(reader *r)
{
    char digits[5] = {0};
    for (int i = 0; i < 4 && r->at < r->end; i++)
        digits[i] = (char)*r->at++;
    return (uint32_t)strtoul(digits, NULL, 16);
}

/* A code point as UTF-8. */
static size_t utf8(uint32_t c, uint8_t *to)
{
    if (c < 0x80)
        return to[0] = (uint8_t)c, 1;
    if (c < 0x800)
        return to[0] = (uint8_t)(0xc0 | c >> 6), to[1] = 0x80 | (c & 63), 2;
    if (c < 0x10000)
        return to[0] = (uint8_t)(0xe0 | c >> 12), to[1] = 0x80 | (c >> 6 & 63), to[2] = 0x80 | (c & 63), 3;
    to[0] = (uint8_t)(0xf0 | c >> 18), to[1] = 0x80 | (c >> 12 & 63), to[2] = 0x80 | (c >> 6 & 63);
    return to[3] = 0x80 | (c & 63), 4;
}

/* What stands behind a backslash. */
static size_t escape(reader *r, uint8_t *to)
{
    static const char names[] = "bfnrt", codes[] = "\b\f\n\r\t";
    uint8_t c = r->at < r->end ? *r->at++ : '\\';
    if (c == 'u') {
        uint32_t code = hex4(r);
        if (code >= 0xd800 && code < 0xdc00 && r->end - r->at >= 6) {
            r->at += 2;
            code = 0x10000 + ((code - 0xd800) << 10) + (hex4(r) - 0xdc00);
        }
        return utf8(code, to);
    }
    const char *found = strchr(names, c);
    to[0] = found && *found ? (uint8_t)codes[found - names] : c;
    return 1;
}

/* Reads a text from its opening quote to behind the closing one; -1 when it is longer than `capacity`. */
static long text(reader *r, uint8_t *value, size_t capacity)
{
    size_t len = 0;
    bool fits = true;
    for (r->at++; r->at < r->end && *r->at != '"';) {
        uint8_t bytes[4];
        size_t more = 1;
        uint8_t c = *r->at++;
        if (c == '\\')
            more = escape(r, bytes);
        else
            bytes[0] = c;
        fits = fits && len + more <= capacity;
        if (fits)
            memcpy(value + len, bytes, more), len += more;
    }
    r->at += r->at < r->end;
    return fits ? (long)len : -1;
}

/* Goes to the value of a parameter. */
static bool find(reader *r, const char *name)
{
    uint8_t key[128];
    for (;;) {
        skip_space(r);
        if (r->at >= r->end || *r->at != '"')
            return false;
        long len = text(r, key, sizeof key);
        skip_space(r);
        if (len == (long)strlen(name) && memcmp(key, name, (size_t)len) == 0)
            return r->at < r->end;
        if (r->at < r->end && *r->at == '"')
            text(r, key, 0);
        else
            while (r->at < r->end && *r->at != ',' && *r->at != '}')
                r->at++;
    }
}

long parameter_text(const uint8_t *json, size_t len, const char *name, uint8_t *value, size_t capacity)
{
    reader r = {json, json + len};
    if (!find(&r, name) || *r.at != '"')
        return -1;
    return text(&r, value, capacity);
}

int64_t parameter_integer(const uint8_t *json, size_t len, const char *name, int64_t fallback)
{
    reader r = {json, json + len};
    if (!find(&r, name))
        return fallback;
    char digits[24] = {0};
    for (size_t i = 0; i + 1 < sizeof digits && r.at < r.end && strchr("+-0123456789", *r.at); i++)
        digits[i] = (char)*r.at++;
    return digits[0] ? strtoll(digits, NULL, 10) : fallback;
}
