"""The tree of regions, by code."""

from collections.abc import Mapping


def lines_of_descent(parents: Mapping[str, str | None]) -> dict[str, list[str]]:
    """For each region the codes from its root down to itself; what hangs on a cycle or on nothing is left out."""
    lines: dict[str, list[str]] = {}
    for start in parents:
        path: list[str] = []
        seen: set[str] = set()
        code: str | None = start
        while code is not None and code not in lines and code in parents and code not in seen:
            seen.add(code)
            path.append(code)
            code = parents[code]
        if code is None or code in lines:
            line = list(lines[code]) if code is not None else []
            for step in reversed(path):
                line = [*line, step]
                lines[step] = line
    return lines


def in_cycle(code: str, parents: Mapping[str, str | None]) -> bool:
    """Whether going up from `code` comes back to it."""
    seen: set[str] = set()
    step = parents.get(code)
    while step is not None and step not in seen:
        if step == code:
            return True
        seen.add(step)
        step = parents.get(step)
    return False
