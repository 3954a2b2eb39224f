/* The component `{{name}}`: parties tell each other how many rows they have, and the guest shows the numbers.
 * Replace it with an algorithm of your own. Not for: anything that needs files, sockets or the time; there are none
 * in here.
 *
 * Memory: what goes back to the node (the description, a failure) must be on the heap, it is freed there. Anything
 * else may be left alone: the instance ends with the attempt. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component.h"
#include "counts.h"

/* The names that the generator makes are long. */
typedef parcae_component_context_task_t task;
typedef parcae_component_metrics_point_t point;
typedef parcae_component_tables_error_t failed_call;
typedef parcae_component_descriptor_port_t port;
typedef parcae_component_descriptor_role_t role;
typedef parcae_component_types_party_t party;

static const char PARAMETERS[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"minimum\":{\"type\":\"integer\",\"minimum\":0,\"default\":1,"
    "\"description\":\"fewest rows that a party must have\"}}}";

/* A text on the heap, of at most 1023 bytes: what may be longer needs component_string_dup. */
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
    const char *about = "Parties tell each other how many rows they have.";
    const role roles[] = {PARCAE_COMPONENT_TYPES_ROLE_GUEST, PARCAE_COMPONENT_TYPES_ROLE_HOST};
    port in = {text("data"), PARCAE_COMPONENT_DESCRIPTOR_PORT_KIND_DATA, false, false, text("Any table.")};
    port out = in;
    out.name = text("data");
    out.help = text("The same table.");
    parcae_component_descriptor_module_t module = {.name = text("{{Module}}"), .summary = text(about)};
    component_string_dup(&module.parameters, PARAMETERS);
    module.roles.ptr = heap(roles, sizeof roles);
    module.needs.ptr = heap(roles, sizeof roles);
    module.roles.len = module.needs.len = 2;
    module.inputs.ptr = heap(&in, sizeof in);
    module.outputs.ptr = heap(&out, sizeof out);
    module.inputs.len = module.outputs.len = 1;
    *ret = (component_description_t){
        text("{{name}}"), text("0.1.0"), text("Apache-2.0"), text(about), {heap(&module, sizeof module), 1}};
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

/* `host_10000`. */
static component_string_t name_of(const party *p)
{
    static const char *const roles[] = {"guest", "host", "arbiter", "local"};
    return text("%s_%llu", roles[p->role], (unsigned long long)p->id);
}

static bool is_me(const task *t, size_t i)
{
    return t->parties.ptr[i].role == t->self.role && t->parties.ptr[i].id == t->self.id;
}

/* Tells every other party our number of rows, and hears theirs: one number a party, in the order of the job. */
static bool exchange(const task *t, uint64_t mine, uint64_t *rows, failed_call *why)
{
    component_string_t tag = text("rows");
    component_list_u8_t body = {(uint8_t *)&mine, sizeof mine};
    for (size_t i = 0; i < t->parties.len; i++)
        if (!is_me(t, i) && !parcae_component_federation_push(&t->parties.ptr[i], &tag, &body, why))
            return false;
    for (size_t i = 0; i < t->parties.len; i++) {
        if (is_me(t, i)) {
            rows[i] = mine;
            continue;
        }
        if (!parcae_component_federation_pull(&t->parties.ptr[i], &tag, &body, why))
            return false;
        if (body.len != sizeof mine) {
            component_string_t who = name_of(&t->parties.ptr[i]);
            why->tag = PARCAE_COMPONENT_TYPES_ERROR_PEER;
            why->val.peer = text("%.*s sent %zu bytes in place of a number", (int)who.len, (char *)who.ptr, body.len);
            return false;
        }
        memcpy(&rows[i], body.ptr, sizeof mine);
    }
    return true;
}

/* What people see: a series of metrics, a line in the log. */
static bool report(const task *t, const uint64_t *rows, failed_call *why)
{
    point *points = calloc(t->parties.len, sizeof *points);
    if (!points)
        abort();
    for (size_t i = 0; i < t->parties.len; i++) {
        component_string_t name = name_of(&t->parties.ptr[i]);
        points[i].key.tag = PARCAE_COMPONENT_METRICS_SCALAR_TEXT;
        points[i].key.val.text = name;
        points[i].value.tag = PARCAE_COMPONENT_METRICS_SCALAR_NUMBER;
        points[i].value.val.number = (double)rows[i];
        component_string_t line =
            text("%.*s has %llu rows", (int)name.len, (char *)name.ptr, (unsigned long long)rows[i]);
        parcae_component_log_write(PARCAE_COMPONENT_LOG_LEVEL_INFO, &line);
    }
    component_string_t space = text("{{name}}"), name = text("rows"), type = text("ROWS");
    component_string_t extra = text("{\"unit_name\":\"party\",\"curve_name\":\"rows\"}");
    parcae_component_metrics_list_point_t list = {points, t->parties.len};
    return parcae_component_metrics_append(&space, &name, &list, why) &&
           parcae_component_metrics_describe(&space, &name, &type, &extra, why);
}

bool exports_component_run(component_string_t *module, component_failure_t *err)
{
    (void)module;
    task t;
    parcae_component_context_get(&t);
    int named = (int)t.component.len;
    const char *name = (const char *)t.component.ptr;
    /* The node checked the parameters and filled in what was left out. */
    int64_t minimum = parameter(t.parameters.ptr, t.parameters.len, "minimum", 1);
    failed_call why;
    component_string_t data = text("data");
    parcae_component_tables_list_own_table_t tables;
    if (!parcae_component_tables_input(&data, &tables, &why))
        return refused(err, &why);
    if (tables.len == 0)
        return wrong(err, text("%.*s: nothing is connected to input data", named, name));
    parcae_component_tables_borrow_table_t table = parcae_component_tables_borrow_table(tables.ptr[0]);
    uint64_t *rows = calloc(t.parties.len, sizeof *rows);
    if (!rows)
        abort();
    if (!exchange(&t, parcae_component_tables_method_table_rows(table), rows, &why))
        return refused(err, &why);
    size_t poor = too_few(rows, t.parties.len, minimum);
    if (poor < t.parties.len) {
        component_string_t who = name_of(&t.parties.ptr[poor]);
        return wrong(err, text("%.*s: %.*s has %llu rows, parameter minimum asks for %lld", named, name, (int)who.len,
            (char *)who.ptr, (unsigned long long)rows[poor], (long long)minimum));
    }
    if (!parcae_component_tables_forward(&data, table, &why))
        return refused(err, &why);
    bool guest = t.self.role == PARCAE_COMPONENT_TYPES_ROLE_GUEST;
    return !guest || report(&t, rows, &why) || refused(err, &why);
}
