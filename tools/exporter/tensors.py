"""Names and shapes of a checkpoint's tensors, short: the layers of a network differ only by their number.

`encoder.layers.{0-11}.bias` stands for twelve names. Of a name with several numbers between dots the first one is counted.
"""

from __future__ import annotations

import re
from typing import Any, Iterable

from .weight_map import natural

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")


def short(tensors: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Names with what is said about them; names that differ in a number and of which the same is said become one."""
    groups: dict[tuple[str, str], tuple[Any, list[tuple[int, str]]]] = {}
    for name, what in tensors:
        found = _NUMBER.search(name)
        pattern, number = (_NUMBER.sub("#", name, count=1), int(found[0])) if found else (name, -1)
        groups.setdefault((pattern, repr(what)), (what, []))[1].append((number, name))
    made: dict[str, Any] = {}
    for (pattern, _), (what, names) in groups.items():
        for run in _runs(sorted(names)):
            first, last = run[0][0], run[-1][0]
            made[pattern.replace("#", f"{{{first}-{last}}}", 1) if first < last else run[0][1]] = what
    if [*expanded(made)] != sorted((name for name, _ in tensors), key=natural):
        raise ValueError("the short names do not give the long ones back")
    return {name: made[name] for name in sorted(made, key=natural)}


def expanded(tensors: dict[str, Any]) -> dict[str, Any]:
    """The long names again."""
    made = {}
    for name, what in tensors.items():
        found = re.search(r"\{(\d+)-(\d+)\}", name)
        numbers = range(int(found[1]), int(found[2]) + 1) if found else [None]
        for number in numbers:
            made[name if found is None else name.replace(found[0], str(number))] = what
    return {name: made[name] for name in sorted(made, key=natural)}


def _runs(names: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Consecutive numbers together."""
    runs: list[list[tuple[int, str]]] = []
    for number, name in names:
        if runs and runs[-1][-1][0] + 1 == number:
            runs[-1].append((number, name))
        else:
            runs.append([(number, name)])
    return runs
