/* The component `bucketise`: replaces a column of many values (a branch, a postcode, a browser) by the number of a
 * bucket, or by one column a bucket. This file is what a node calls: it says what the component is, and runs one
 * attempt. Not for: hashing (bucket.c), reading parameters (parameters.c).
 *
 * Memory: the instance ends with the attempt, so that only what is made page by page is given back. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "component.h"
#include "parameters.h"

/* The names that the generator makes are long. */
typedef parcae_component_tables_column_t column;
typedef parcae_component_tables_column_definition_t definition;
typedef parcae_component_tables_error_t failed_call;
typedef parcae_component_tables_page_t page;
typedef parcae_component_descriptor_port_t port;
typedef parcae_component_descriptor_role_t role;
typedef parcae_component_tables_schema_t schema;

enum { TEXT_BYTES = 256, MOST_BUCKETS = 1024 };

static const char PARAMETERS[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"column\":{\"type\":\"string\",\"maxLength\":200,\"default\":\"\","
    "\"description\":\"the column to put into buckets; empty = the table passes unchanged\"},"
    "\"buckets\":{\"type\":\"integer\",\"minimum\":2,\"maximum\":1024,\"default\":16,"
    "\"description\":\"number of buckets\"},"
    "\"output\":{\"enum\":[\"index\",\"one_hot\"],\"default\":\"index\","
    "\"description\":\"index: one column with the bucket's number; one_hot: one column of 0 and 1 a bucket\"},"
    "\"salt\":{\"type\":\"string\",\"maxLength\":60,\"default\":\"\","
    "\"description\":\"another salt makes other buckets; parties that compare buckets need the same\"}}}";

/* What the parameters say. */
typedef struct {
    char name[TEXT_BYTES];
    uint64_t salt;
    uint32_t buckets;
    bool one_hot;
} wanted;

/* A text on the heap, as results must be. */
static component_string_t text(const char *format, ...)
{
    char buffer[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    component_string_t made;
    component_string_dup(&made, buffer);
    return made;
}

static void *heap(const void *from, size_t bytes)
{
    void *made = malloc(bytes);
    if (!made)
        abort();
    return memcpy(made, from, bytes);
}

void exports_component_describe(component_description_t *ret)
{
    const char *about = "Puts the values of a column into buckets by their hash.";
    const role roles[] = {PARCAE_COMPONENT_TYPES_ROLE_GUEST, PARCAE_COMPONENT_TYPES_ROLE_HOST};
    port in = {text("data"), PARCAE_COMPONENT_DESCRIPTOR_PORT_KIND_DATA, false, false, text("A table.")};
    port out = in;
    out.name = text("data");
    out.help = text("The table with buckets in place of the column.");
    parcae_component_descriptor_module_t module = {.name = text("Bucketise"), .summary = text(about)};
    module.roles.ptr = heap(roles, sizeof roles);
    module.roles.len = 2;
    module.inputs.ptr = heap(&in, sizeof in);
    module.inputs.len = 1;
    module.outputs.ptr = heap(&out, sizeof out);
    module.outputs.len = 1;
    component_string_dup(&module.parameters, PARAMETERS);
    *ret = (component_description_t){
        text("bucketise"), text("0.1.0"), text("Apache-2.0"), text(about), {heap(&module, sizeof module), 1}};
}

/* The failure that data or parameters cause. `run` returns what this returns. */
static bool wrong(component_failure_t *err, component_string_t message)
{
    err->kind = PARCAE_COMPONENT_TYPES_FAILURE_KIND_INPUT;
    err->message = message;
    return false;
}

/* The failure that an error of an import becomes. */
static bool refused(component_failure_t *err, const failed_call *why)
{
    component_string_t message = why->val.invalid; /* every variant but two holds a text */
    if (why->tag == PARCAE_COMPONENT_TYPES_ERROR_LIMIT)
        message = why->val.limit.message;
    if (why->tag == PARCAE_COMPONENT_TYPES_ERROR_CANCELED)
        message = text("canceled");
    wrong(err, message);
    if (why->tag == PARCAE_COMPONENT_TYPES_ERROR_PEER || why->tag == PARCAE_COMPONENT_TYPES_ERROR_DEADLINE)
        err->kind = PARCAE_COMPONENT_TYPES_FAILURE_KIND_PEER;
    else if (why->tag == PARCAE_COMPONENT_TYPES_ERROR_NODE)
        err->kind = PARCAE_COMPONENT_TYPES_FAILURE_KIND_TRANSIENT;
    else if (why->tag == PARCAE_COMPONENT_TYPES_ERROR_CANCELED)
        err->kind = PARCAE_COMPONENT_TYPES_FAILURE_KIND_OTHER;
    return false;
}

static void say(component_string_t message)
{
    parcae_component_log_write(PARCAE_COMPONENT_LOG_LEVEL_INFO, &message);
}

static bool read_parameters(const component_string_t *json, wanted *to)
{
    uint8_t salt[TEXT_BYTES], output[16];
    long name = parameter_text(json->ptr, json->len, "column", (uint8_t *)to->name, TEXT_BYTES - 1);
    long salted = parameter_text(json->ptr, json->len, "salt", salt, sizeof salt);
    long how = parameter_text(json->ptr, json->len, "output", output, sizeof output);
    int64_t buckets = parameter_integer(json->ptr, json->len, "buckets", 16);
    if (name < 0 || salted < 0 || how < 0 || buckets < 2 || buckets > MOST_BUCKETS)
        return false;
    to->name[name] = 0;
    to->salt = bucket_salt(salt, (size_t)salted);
    to->buckets = (uint32_t)buckets;
    to->one_hot = how == 7 && memcmp(output, "one_hot", 7) == 0;
    return true;
}

/* Where the column stands; -1 when there is none of that name, or it is the key. */
static long find_column(const schema *of, const char *name)
{
    for (size_t i = 0; i < of->columns.len; i++) {
        const definition *d = &of->columns.ptr[i];
        bool same = d->name.len == strlen(name) && memcmp(d->name.ptr, name, d->name.len) == 0;
        if (same && d->meaning != PARCAE_COMPONENT_TABLES_MEANING_ID)
            return (long)i;
    }
    return -1;
}

/* The schema of the output: all columns but one, then those of the buckets. */
static schema output_schema(const schema *of, size_t without, const wanted *w)
{
    size_t more = w->one_hot ? w->buckets : 1, len = 0;
    definition *made = calloc(of->columns.len + more, sizeof *made);
    if (!made)
        abort();
    for (size_t i = 0; i < of->columns.len; i++)
        if (i != without)
            made[len++] = of->columns.ptr[i];
    for (size_t b = 0; b < more; b++) {
        component_string_t name = w->one_hot ? text("%s_%zu", w->name, b) : text("%s_bucket", w->name);
        made[len++] = (definition){
            name, PARCAE_COMPONENT_TABLES_DATA_TYPE_INT64, PARCAE_COMPONENT_TABLES_MEANING_FEATURE};
    }
    return (schema){{made, len}, text("{}")};
}

static uint32_t bucket_of(const wanted *w, const parcae_component_tables_values_t *values, size_t row)
{
    const parcae_component_tables_texts_t *t = &values->val.text;
    const uint32_t *at;
    switch (values->tag) {
    case PARCAE_COMPONENT_TABLES_VALUES_TEXT:
        at = t->offsets.ptr + row;
        return bucket_of_text(w->salt, t->bytes.ptr + at[0], at[1] - at[0], w->buckets);
    case PARCAE_COMPONENT_TABLES_VALUES_FLOAT64:
        return bucket_of_number(w->salt, values->val.float64.ptr[row], w->buckets);
    case PARCAE_COMPONENT_TABLES_VALUES_INT64:
        return bucket_of_integer(w->salt, values->val.int64.ptr[row], w->buckets);
    default:
        return bucket_of_integer(w->salt, values->val.boolean.ptr[row], w->buckets);
    }
}

static bool is_valid(const column *c, size_t row)
{
    return !c->validity.is_some || c->validity.val.ptr[row / 8] >> (row % 8) & 1;
}

/* The columns of the buckets for a page. A missing value stays missing; with one_hot it is 0 everywhere. */
static void add_buckets(const wanted *w, const column *from, size_t rows, column *to, uint64_t *count)
{
    size_t more = w->one_hot ? w->buckets : 1;
    for (size_t b = 0; b < more; b++) {
        int64_t *values = calloc(rows ? rows : 1, sizeof *values);
        if (!values)
            abort();
        to[b].values.tag = PARCAE_COMPONENT_TABLES_VALUES_INT64;
        to[b].values.val.int64.ptr = values;
        to[b].values.val.int64.len = rows;
        to[b].validity.is_some = false;
    }
    if (!w->one_hot)
        to[0].validity = from->validity;
    for (size_t row = 0; row < rows; row++) {
        if (!is_valid(from, row))
            continue;
        uint32_t bucket = bucket_of(w, &from->values, row);
        count[bucket]++;
        to[w->one_hot ? bucket : 0].values.val.int64.ptr[row] = w->one_hot ? 1 : bucket;
    }
}

/* Reads a page, writes a page. */
static bool one_page(const wanted *w, parcae_component_tables_borrow_table_t table, uint32_t index, size_t without,
    parcae_component_tables_borrow_writer_t writer, uint64_t *count, failed_call *why)
{
    component_list_u32_t all = {NULL, 0};
    page in;
    if (!parcae_component_tables_method_table_read_page(table, index, &all, &in, why))
        return false;
    size_t more = w->one_hot ? w->buckets : 1, kept = 0;
    column *made = calloc(in.columns.len + more, sizeof *made);
    if (!made)
        abort();
    for (size_t i = 0; i < in.columns.len; i++)
        if (i != without)
            made[kept++] = in.columns.ptr[i];
    add_buckets(w, &in.columns.ptr[without], in.rows, made + kept, count);
    page out = {in.rows, {made, kept + more}};
    bool appended = parcae_component_tables_method_writer_append(writer, &out, why);
    for (size_t b = 0; b < more; b++)
        free(made[kept + b].values.val.int64.ptr);
    free(made);
    parcae_component_tables_page_free(&in);
    return appended;
}

static bool report(const wanted *w, uint64_t rows, const uint64_t *count, failed_call *why)
{
    uint32_t used = 0;
    uint64_t there = 0;
    for (uint32_t b = 0; b < w->buckets; b++)
        used += count[b] > 0, there += count[b];
    say(text("column %s: %llu rows in %u of %u buckets", w->name, (unsigned long long)rows, used, w->buckets));
    component_string_t summary = text("{\"rows\":%llu,\"missing\":%llu,\"buckets\":%u,\"used\":%u}",
        (unsigned long long)rows, (unsigned long long)(rows - there), w->buckets, used);
    return parcae_component_metrics_summary(&summary, why);
}

/* Reads a table, writes a table. */
static bool convert(
    const wanted *w, parcae_component_tables_borrow_table_t table, const schema *of, size_t without, failed_call *why)
{
    static uint64_t count[MOST_BUCKETS];
    component_string_t name = text("data");
    schema columns = output_schema(of, without, w);
    parcae_component_tables_own_writer_t made;
    uint32_t partitions = parcae_component_tables_method_table_partitions(table);
    if (!parcae_component_tables_create(&name, &columns, partitions, &made, why))
        return false;
    parcae_component_tables_borrow_writer_t writer = parcae_component_tables_borrow_writer(made);
    uint32_t pages = parcae_component_tables_method_table_pages(table);
    for (uint32_t index = 0; index < pages; index++)
        if (!one_page(w, table, index, without, writer, count, why))
            return false;
    uint64_t rows;
    return parcae_component_tables_method_writer_finish(writer, &rows, why) && report(w, rows, count, why);
}

bool exports_component_run(component_string_t *module, component_failure_t *err)
{
    (void)module;
    parcae_component_context_task_t task;
    parcae_component_context_get(&task);
    int named = (int)task.component.len;
    const char *name = (const char *)task.component.ptr;
    wanted w;
    if (!read_parameters(&task.parameters, &w))
        return wrong(err, text("%.*s: the parameters cannot be read", named, name));
    failed_call why;
    component_string_t data = text("data");
    parcae_component_tables_list_own_table_t tables;
    if (!parcae_component_tables_input(&data, &tables, &why))
        return refused(err, &why);
    if (tables.len == 0)
        return wrong(err, text("%.*s: nothing is connected to input data", named, name));
    parcae_component_tables_borrow_table_t table = parcae_component_tables_borrow_table(tables.ptr[0]);
    if (w.name[0] == 0)
        return parcae_component_tables_forward(&data, table, &why) || refused(err, &why);
    schema of;
    parcae_component_tables_method_table_schema(table, &of);
    long at = find_column(&of, w.name);
    if (at < 0)
        return wrong(err, text("%.*s: there is no column %s; set parameter column", named, name, w.name));
    return convert(&w, table, &of, (size_t)at, &why) || refused(err, &why);
}
