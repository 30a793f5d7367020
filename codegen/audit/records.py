"""What the other process says, believed only where it has the form that it should have.

A person's code can write into the file of results itself.  It gains nothing by that: what it writes is numbers, which
are compared with ours, or it is no result.

>>> is_result({"shown": [[{"path": [0], "shape": [2], "numbers": [1.0, 2.0]}]], "trace": []}, 1)
True
>>> is_result({"verdict": "correct"}, 1)
False
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def records(result: Path, steps: Sequence[int]) -> tuple[list[Record], bool]:
    """The lines that are what they should be, up to the first that is not; and whether there is such a one.

    ``steps``: how many steps each job has.  The line of the loading comes first, then one for each job.
    """
    found: list[Record] = []
    forms: list[Callable[[Any], bool]] = [is_loading, *(_of_job(count) for count in steps)]
    text = result.read_text(encoding="utf-8", errors="replace")
    whole = text[: text.rfind("\n") + 1]  # the last line may have been broken off
    for line, is_right in zip(whole.splitlines(), forms, strict=False):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return found, True
        if not is_right(record):
            return found, True
        found.append(record)
    return found, False


def is_loading(record: Any) -> bool:
    """Whether it says what came of importing the file."""
    if not isinstance(record, dict):
        return False
    if "error" in record:
        return _is_error(record)
    names = record.get("names")
    return (
        _all(record.get("stand_ins"), str)
        and isinstance(names, dict)
        and all(isinstance(kind, str) for kind in names.values())
    )


def is_result(record: Any, steps: int) -> bool:
    """Whether it says what came of a job of so many steps: what each of them showed, or the error that ended it."""
    if not isinstance(record, dict):
        return False
    if "error" in record:
        return _is_error(record) and isinstance(record.get("step"), int)
    shown, trace = record.get("shown"), record.get("trace")
    return (
        isinstance(shown, list)
        and len(shown) == steps
        and all(leaves is None or (isinstance(leaves, list) and all(map(_is_leaf, leaves))) for leaves in shown)
        and isinstance(trace, list)
        and all(_is_array(one) and isinstance(one.get("line"), int) and _is_text(one, "name") for one in trace)
    )


def _of_job(steps: int) -> Callable[[Any], bool]:
    return lambda record: is_result(record, steps)


def _is_error(record: Record) -> bool:
    return _is_text(record, "error") and isinstance(record.get("line"), (int, type(None)))


def _is_leaf(leaf: Any) -> bool:
    if not isinstance(leaf, dict) or not _all(leaf.get("path"), str, int):
        return False
    return _is_array(leaf) if "shape" in leaf else _is_text(leaf, "type")


def _is_array(record: Any) -> bool:
    if not isinstance(record, dict):
        return False
    shape, numbers = record.get("shape"), record.get("numbers")
    if not _all(shape, int) or not _all(numbers, float):
        return False
    return all(length >= 0 for length in shape or ()) and prod(shape or ()) == len(numbers or ())


def _is_text(record: Record, key: str) -> bool:
    return isinstance(record.get(key), str)


def _all(values: Any, *kinds: type) -> bool:
    """Whether it is a list of such values; a truth is no number here."""
    return isinstance(values, list) and all(isinstance(v, kinds) and not isinstance(v, bool) for v in values)
