"""The component `{{name}}`: parties tell each other how many rows they have, and the guest shows the numbers. Replace
it with an algorithm of your own. Not for: anything that needs files, sockets or the time; there are none in here."""

import json
import traceback

import wit_world
from componentize_py_types import Err
from wit_world.imports import context, federation, log, metrics, tables, types
from wit_world.imports.descriptor import Description, Module, Port, PortKind
from wit_world.imports.types import Failure, FailureKind, Role

from counts import too_few

ABOUT = "Parties tell each other how many rows they have."
PARAMETERS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "minimum": {
            "type": "integer",
            "minimum": 0,
            "default": 1,
            "description": "fewest rows that a party must have",
        },
    },
}


class WitWorld(wit_world.WitWorld):
    """What the node finds in this component."""

    def describe(self) -> Description:
        roles = [Role.GUEST, Role.HOST]
        before = Port("data", PortKind.DATA, False, False, "Any table.")
        after = Port("data", PortKind.DATA, False, False, "The same table.")
        module = Module("{{Module}}", [], ABOUT, roles, roles, [before], [after], json.dumps(PARAMETERS), [])
        return Description("{{name}}", "0.1.0", "Apache-2.0", ABOUT, [module])

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
    # The node checked the parameters and filled in what was left out.
    minimum = json.loads(task.parameters)["minimum"]
    found = tables.input("data")
    if not found:
        raise wrong(f"{task.component}: nothing is connected to input data")
    counts = exchange(task, found[0].rows())
    if why := too_few(counts, minimum):
        raise wrong(f"{task.component}: {why}")
    tables.forward("data", found[0])
    if task.self.role == Role.GUEST:
        report(counts)


def exchange(task: context.Task, rows: int) -> dict[str, int]:
    """Tells every other party our number of rows, and hears theirs."""
    others = [party for party in task.parties if party != task.self]
    for party in others:
        federation.push(party, "rows", json.dumps(rows).encode())
    counts = {name_of(task.self): rows}
    for party in others:
        counts[name_of(party)] = int(json.loads(federation.pull(party, "rows")))
    return counts


def report(counts: dict[str, int]) -> None:
    """What people see: a series of metrics, a summary, a line in the log."""
    points = [metrics.Point(metrics.Scalar_Text(name), metrics.Scalar_Number(rows)) for name, rows in counts.items()]
    metrics.append("{{name}}", "rows", points)
    metrics.describe("{{name}}", "rows", "ROWS", json.dumps({"unit_name": "party", "curve_name": "rows"}))
    metrics.summary(json.dumps({"rows": counts}))
    log.write(log.Level.INFO, f"rows: {counts}")


def name_of(party: types.Party) -> str:
    """`host_10000`."""
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
