"""What needs no node, so that plain tests reach it: `python3 -m unittest discover tests`. Not for: imports of the
contract (`app`)."""


def too_few(counts: dict[str, int], minimum: int) -> str | None:
    """A complaint about the first party that has too few rows."""
    for party, rows in counts.items():
        if rows < minimum:
            return f"{party} has {rows} rows, parameter minimum asks for {minimum}"
    return None
