/* Tests of what needs no node, compiled for this machine: `./build.sh test`. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../src/counts.h"

int main(void)
{
    const char *json = "{\"other\":1,\"minimum\":42}";
    assert(parameter((const uint8_t *)json, strlen(json), "minimum", 7) == 42);
    assert(parameter((const uint8_t *)json, strlen(json), "least", 7) == 7);
    const uint64_t rows[] = {5, 2};
    assert(too_few(rows, 2, 2) == 2);
    assert(too_few(rows, 2, 3) == 1);
    assert(too_few(rows, 2, -1) == 2);
    puts("1 passed, 0 failed");
    return 0;
}
