"""The arithmetic: what is said of one column. Plain Python, so that `python3 -m unittest discover tests` tests it
outside of a node. Not for: reading tables (`app`)."""

import math


def names_of(quantiles: list[float]) -> list[str]:
    """Names of what is said of a column, in the order of the output."""
    return ["count", "missing", "mean", "std", "min", *(quantile_name(q) for q in quantiles), "max"]


def quantile_name(q: float) -> str:
    """`q25` for 0.25, `q99.5` for 0.995."""
    return f"q{100 * q:g}"


def describe(name: str, values: list[float | None], quantiles: list[float]) -> dict:
    """Statistics of one column. A NaN counts as missing; a column without values has none."""
    there = sorted(v for v in values if v is not None and not math.isnan(v))
    said: dict = dict.fromkeys(names_of(quantiles))
    said |= {"column": name, "count": len(there), "missing": len(values) - len(there)}
    if there:
        mean = math.fsum(there) / len(there)
        said |= {"mean": mean, "min": there[0], "max": there[-1]}
        said |= {quantile_name(q): quantile(there, q) for q in quantiles}
    if len(there) > 1:
        said["std"] = math.sqrt(math.fsum((v - mean) ** 2 for v in there) / (len(there) - 1))
    return said


def quantile(ordered: list[float], q: float) -> float:
    """The quantile of sorted numbers, between two neighbours linear (as numpy's default)."""
    place = q * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
