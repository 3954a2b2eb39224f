/* Tests of what needs no node, compiled for this machine: `./build.sh test`. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../src/bucket.h"
#include "../src/parameters.h"

static const uint8_t *bytes(const char *text)
{
    return (const uint8_t *)text;
}

static void values_that_look_alike_share_a_bucket(void)
{
    uint64_t salt = bucket_salt(bytes(""), 0);
    for (int64_t value = -500; value < 500; value++) {
        char text[8];
        int len = snprintf(text, sizeof text, "%d", (int)value);
        uint32_t bucket = bucket_of_integer(salt, value, 16);
        assert(bucket < 16);
        assert(bucket == bucket_of_number(salt, (double)value, 16));
        assert(bucket == bucket_of_text(salt, bytes(text), (size_t)len, 16));
    }
    assert(bucket_of_number(salt, 0.5, 1000) != bucket_of_number(salt, 0.25, 1000));
}

static void buckets_fill_evenly_and_a_salt_moves_values(void)
{
    uint64_t salt = bucket_salt(bytes(""), 0), other = bucket_salt(bytes("pepper"), 6);
    int count[16] = {0}, moved = 0;
    for (int64_t value = 0; value < 16000; value++) {
        count[bucket_of_integer(salt, value, 16)]++;
        moved += bucket_of_integer(salt, value, 16) != bucket_of_integer(other, value, 16);
    }
    for (int i = 0; i < 16; i++)
        assert(count[i] > 850 && count[i] < 1150);
    assert(moved > 14500);
}

static void parameters_are_found(void)
{
    const char *json = "{ \"salt\": \"a\\\"b\\u00e9\\ud83d\\ude00,column\", \"flag\": true, "
                       "\"buckets\": -42,\"column\":\"x 0\"}";
    size_t len = strlen(json);
    uint8_t value[32];
    assert(parameter_text(bytes(json), len, "column", value, sizeof value) == 3 && memcmp(value, "x 0", 3) == 0);
    assert(parameter_text(bytes(json), len, "salt", value, sizeof value) == 16);
    assert(memcmp(value, "a\"b\xc3\xa9\xf0\x9f\x98\x80,column", 16) == 0);
    assert(parameter_text(bytes(json), len, "salt", value, 5) == -1);
    assert(parameter_text(bytes(json), len, "nothing", value, sizeof value) == -1);
    assert(parameter_integer(bytes(json), len, "buckets", 7) == -42);
    assert(parameter_integer(bytes(json), len, "nothing", 7) == 7);
    for (size_t cut = 0; cut < len; cut++)
        parameter_text(bytes(json), cut, "column", value, sizeof value);
}

int main(void)
{
    values_that_look_alike_share_a_bucket();
    buckets_fill_evenly_and_a_salt_moves_values();
    parameters_are_found();
    puts("3 passed, 0 failed");
    return 0;
}
