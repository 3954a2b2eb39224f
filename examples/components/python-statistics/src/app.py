"""The component `table_statistics`: describes the numeric columns of each party's table. This file is what a node
calls: it says what the component is, and runs one attempt. Not for: the arithmetic (`statistic`)."""

import json
import traceback

import wit_world
from componentize_py_types import Err
from wit_world.imports import context, federation, log, metrics, tables, types
from wit_world.imports.descriptor import Description, Module, Port, PortKind
from wit_world.imports.types import Failure, FailureKind, Role

from statistic import describe, names_of

PARAMETERS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "columns": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "names of the columns to describe; none = all with numbers",
        },
        "quantiles": {
            "type": "array",
            "items": {"type": "number", "minimum": 0, "maximum": 1},
            "maxItems": 100,
            "default": [0.25, 0.5, 0.75],
            "description": "which quantiles, from 0 to 1",
        },
        "same_rows": {
            "type": "boolean",
            "default": False,
            "description": "end the job when parties have different numbers of rows, as after a wrong intersection",
        },
    },
}


class WitWorld(wit_world.WitWorld):
    """What the node finds in this component."""

    def describe(self) -> Description:
        roles = [Role.GUEST, Role.HOST]
        data = Port("data", PortKind.DATA, False, False, "The table to describe.")
        table = Port("data", PortKind.DATA, True, False, "One row a column: count, missing, mean, ...")
        summary = "Count, mean, spread and quantiles of each column, at each party."
        module = Module(
            "TableStatistics", [], summary, roles, [Role.GUEST], [data], [table], json.dumps(PARAMETERS), []
        )
        return Description("table_statistics", "0.1.0", "Apache-2.0", summary, [module])

    def run(self, module: str) -> None:
        try:
            attempt()
        except Err as error:
            raise Err(failure(error.value)) from error
        except (Exception, SystemExit) as error:
            log.write(log.Level.ERROR, traceback.format_exc())
            raise Err(Failure(FailureKind.OTHER, f"{type(error).__name__}: {error}")) from error


def attempt() -> None:
    """One attempt at one party."""
    task = context.get()
    parameters = json.loads(task.parameters)
    found = tables.input("data")
    if not found:
        raise wrong(f"{task.component}: nothing is connected to input data")
    table = found[0]
    counts = exchange_counts(task, table.rows())
    if parameters["same_rows"] and len(set(counts.values())) > 1:
        raise wrong(f"{task.component}: numbers of rows differ: {counts}; put an Intersection before it")
    rows = [
        describe(name, column(table, index), parameters["quantiles"])
        for index, name in chosen(task.component, table.schema(), parameters["columns"])
    ]
    write(rows, parameters["quantiles"])
    report(rows, counts)


def exchange_counts(task: context.Task, rows: int) -> dict[str, int]:
    """Tells every other party how many rows there are here, and hears the same of them."""
    others = [party for party in task.parties if party != task.self]
    for party in others:
        federation.push(party, "rows", json.dumps(rows).encode())
    counts = {party_name(task.self): rows}
    for party in others:
        counts[party_name(party)] = int(json.loads(federation.pull(party, "rows")))
    return counts


def chosen(component: str, schema: tables.Schema, wanted: list[str]) -> list[tuple[int, str]]:
    """Indexes and names of the columns to describe."""
    numeric = {
        c.name: i
        for i, c in enumerate(schema.columns)
        if c.data_type != tables.DataType.TEXT and c.meaning != tables.Meaning.ID
    }
    lost = [name for name in wanted if name not in numeric]
    if lost:
        raise wrong(f"{component}: no column with numbers is called {', '.join(lost)}; there are {', '.join(numeric)}")
    return [(numeric[name], name) for name in wanted or numeric]


def column(table: tables.Table, index: int) -> list[float | None]:
    """All values of one column; None where one is missing."""
    values: list[float | None] = []
    for number in range(table.pages()):
        page = table.read_page(number, [index])
        read = page.columns[0]
        bits = read.validity
        for row, value in enumerate(read.values.value):
            there = bits is None or bits[row // 8] >> (row % 8) & 1
            values.append(float(value) if there else None)
    return values


def write(rows: list[dict], quantiles: list[float]) -> None:
    """The output table: one row a described column."""
    names = names_of(quantiles)
    columns = [tables.ColumnDefinition("column", tables.DataType.TEXT, tables.Meaning.ID)]
    columns += [tables.ColumnDefinition(name, tables.DataType.FLOAT64, tables.Meaning.OTHER) for name in names]
    writer = tables.create("data", tables.Schema(columns, "{}"), 1)
    if rows:
        data = [tables.Column(None, tables.Values_Text(texts([row["column"] for row in rows])))]
        data += [numbers([row[name] for row in rows]) for name in names]
        writer.append(tables.Page(len(rows), data))
    writer.finish()


def texts(values: list[str]) -> tables.Texts:
    """Texts as they cross the boundary."""
    offsets, every = [0], b""
    for value in values:
        every += value.encode()
        offsets.append(len(every))
    return tables.Texts(offsets, every)


def numbers(values: list[float | None]) -> tables.Column:
    """Numbers as they cross the boundary; None is a missing value."""
    bits = bytearray((len(values) + 7) // 8)
    for row, value in enumerate(values):
        if value is not None:
            bits[row // 8] |= 1 << (row % 8)
    return tables.Column(bytes(bits), tables.Values_Float64([0.0 if v is None else float(v) for v in values]))


def report(rows: list[dict], counts: dict[str, int]) -> None:
    """What people see: a summary, one series of metrics, a line in the log."""
    for name in ("mean", "missing"):
        points = [
            metrics.Point(metrics.Scalar_Text(row["column"]), metrics.Scalar_Number(float(row[name])))
            for row in rows
            if row[name] is not None
        ]
        metrics.append("statistics", name, points)
        extra = json.dumps({"unit_name": "column", "curve_name": name})
        metrics.describe("statistics", name, "TABLE_STATISTICS", extra)
    metrics.summary(json.dumps({"rows": counts, "columns": {row["column"]: row for row in rows}}))
    log.write(log.Level.INFO, f"{len(rows)} columns described; rows: {counts}")


def party_name(party: types.Party) -> str:
    """`guest_9999`."""
    return f"{party.role.name.lower()}_{party.id}"


def wrong(message: str) -> Err:
    """The failure of data or parameters that are not as they should be."""
    return Err(Failure(FailureKind.INPUT, message))


def failure(reason: object) -> Failure:
    """The failure that an `Err` becomes: ours are failures already; for a call that failed the log tells its place."""
    if isinstance(reason, Failure):
        return reason
    if isinstance(reason, types.Error_Canceled):
        return Failure(FailureKind.OTHER, "canceled")
    if isinstance(reason, (types.Error_Peer, types.Error_Deadline)):
        return Failure(FailureKind.PEER, reason.value)
    log.write(log.Level.ERROR, traceback.format_exc())
    if isinstance(reason, types.Error_Limit):
        return Failure(FailureKind.INPUT, f"limit {reason.value.name} reached: {reason.value.message}")
    kind = FailureKind.OTHER
    if isinstance(reason, types.Error_Node):
        kind = FailureKind.TRANSIENT
    elif isinstance(reason, (types.Error_Invalid, types.Error_NotFound, types.Error_Exists, types.Error_Denied)):
        kind = FailureKind.INPUT
    return Failure(kind, str(getattr(reason, "value", reason)))
