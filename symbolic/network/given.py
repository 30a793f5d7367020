"""A spec as it comes: a dict, a text in TOML or a file; what is wrong with it is said in one line.

The fields themselves are checked by :mod:`symbolic.network.schema`.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from symbolic.errors import SpecError
from symbolic.language.names import name_problem
from symbolic.network.builtin import builtin_specs, builtin_text
from symbolic.network.fields import shown
from symbolic.network.grammar import suggest
from symbolic.network.repeated import expanded
from symbolic.network.schema import ActivationSpec, NetworkSpec, NodeSpec, OwnRegularizer, RegularizerSpec
from symbolic.network.unreadable import file_fault, toml_fault
from symbolic.network.wanted import wanted
from symbolic.words import NOTHING, Text, same


def read_dict(values: Mapping[str, Any], where: str = "") -> NetworkSpec:
    """The spec in a dict; ``where`` (a file) stands in front of every complaint."""
    prefix = f"{shown(where)}: " if where else ""
    if not isinstance(values, Mapping):
        kind = type(values).__name__
        raise SpecError(
            Text(
                f"{prefix}a spec is a table of keys (a dict), not {kind}",
                f"{prefix}описание сети — таблица ключей (dict), а не {kind}",
            )
        )
    if "sympy" in sys.modules:  # who has an expression of SymPy's has imported it
        from symbolic.interchange.plain_spec import spec_in_text

        values = spec_in_text(values)
    try:
        return NetworkSpec.model_validate(expanded(values))
    except SpecError as error:
        raise SpecError(same(prefix) + error.said) from None
    except ValidationError as error:
        raise SpecError(same(prefix) + _one_line(error, values)) from None


#: No spec has more bytes, one of five thousand layers that are written out among them; a device never ends.
LONGEST = 500_000


def read_toml(source: str | Path) -> NetworkSpec:
    """The spec with that built-in name, or in that TOML file."""
    built_in = builtin_specs()
    if isinstance(source, str) and source in built_in:
        return read_dict(_toml(builtin_text(source).encode(), source), source)
    path = Path(source)
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = file_fault(error)
        near = suggest(str(source), built_in) or Text(
            f"; the built-in specs are {', '.join(built_in)}", f"; встроенные сети: {', '.join(built_in)}"
        )
        raise SpecError(
            Text(f"{str(source)[:200]!r}: {reason}{near}", f"{str(source)[:200]!r}: {reason.ru}{near.ru}")
        ) from None
    values = _toml(data, shown(str(source)))
    if "name" not in values and name_problem(path.stem) is None:
        values = {"name": path.stem, **values}
    return read_dict(values, str(source))


def read_text(text: str) -> NetworkSpec:
    """The spec that a text in TOML says, wherever the text came from."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SpecError(
            Text(
                f"spec: character {error.start + 1} is half of a surrogate pair, not text",
                f"spec: символ {error.start + 1} — половина суррогатной пары, а не текст",
            )
        ) from None
    return read_dict(_toml(data, "spec"))


def _toml(data: bytes, where: str) -> dict[str, Any]:
    if len(data) > LONGEST:
        raise SpecError(
            Text(
                f"{where}: too large: a spec of more than {LONGEST // 1000} kB is not read; write nodes that are alike "
                "as one with an index",
                f"{where}: слишком велико: описание сети больше {LONGEST // 1000} КБ не читается; запишите одинаковые "
                "узлы одним, с индексом",
            )
        )
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SpecError(
            Text(
                f"{where}: not a text file in UTF-8 (byte {error.start}); a spec is TOML text",
                f"{where}: это не текст в UTF-8 (байт {error.start}); описание сети — текст в TOML",
            )
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SpecError(toml_fault(error, data.decode("utf-8"))).at(where) from None
    except RecursionError:
        raise SpecError(
            Text(
                f"{where}: not a spec: its lists are nested too deeply",
                f"{where}: это не описание сети: слишком глубоко вложенные списки",
            )
        ) from None


_TABLES: dict[str, type[BaseModel]] = {
    "regularizer": RegularizerSpec,
    "of": OwnRegularizer,
    "activation": ActivationSpec,
}


def _one_line(error: ValidationError, values: Mapping[str, Any]) -> Text:
    """The first complaint: its place, what came, what would be right.  A missing key may be there misspelt."""
    complaints = error.errors()
    first = complaints[0]
    loc = _place(first)
    place = ".".join(loc) or "spec"
    match first["type"]:
        case "missing":
            remedy = _elsewhere(loc, values) or _EXAMPLES.get(loc[-1], NOTHING)
            missing = Text(f"{place}: missing{remedy}", f"{place}: отсутствует{remedy.ru}")
            return _misspelt(loc, complaints) or missing
        case "extra_forbidden":
            known = _known_key(loc)
            return Text(f"{place}: unknown key{known}", f"{place}: неизвестный ключ{known.ru}")
        case "value_error":
            return SpecError(_said(first["ctx"]["error"])).at(place).said
        case "model_type" | "dict_type" | "mapping_type":
            return Text(
                f"{place}: {first['input']!r:.60} is no table; a table of keys is expected",
                f"{place}: {first['input']!r:.60} — не таблица; здесь нужна таблица ключей",
            )
    right, came = wanted(first), " ".join(f"{first['input']!r:.60}".split())
    return Text(f"{place}: {right}, not {came}", f"{place}: {right.ru}, а не {came}")


def _said(error: Exception) -> Text:
    return error.said if isinstance(error, SpecError) else same(str(error))


def _place(complaint: Any) -> list[str]:
    return [shown(str(part)) for part in complaint["loc"] if part != "[key]"]


def _known_key(loc: Sequence[str]) -> Text:
    """``; did you mean width?``, or where a key of that name belongs, or the keys that there are."""
    table = _TABLES.get(loc[-2]) if len(loc) > 1 else None
    known = tuple((table or (NodeSpec if len(loc) == 3 else NetworkSpec)).model_fields)
    if len(loc) > 1 and loc[-1] in NetworkSpec.model_fields:
        return Text(
            f"; {loc[-1]} belongs to the whole spec: write it above the first table",
            f"; {loc[-1]} относится ко всему описанию: запишите его выше первой таблицы",
        )
    if len(loc) == 1 and loc[0] in NodeSpec.model_fields:
        return Text(
            f"; {loc[0]} belongs to a node: write it in a table such as [nodes.p]",
            f"; {loc[0]} относится к узлу: запишите его в таблицу вида [nodes.p]",
        )
    return suggest(loc[-1], known) or Text(
        f"; the keys here are {', '.join(known)}", f"; здесь есть ключи {', '.join(known)}"
    )


def _misspelt(missing: Sequence[str], complaints: Sequence[Any]) -> Text | None:
    """The complaint of an unknown key in the same table that is near the missing one, or alone beside it."""
    table, key = missing[:-1], missing[-1]
    there = [(complaint["type"], _place(complaint)) for complaint in complaints]
    unknown = [place for kind, place in there if kind == "extra_forbidden" and place[:-1] == table]
    lacking = [place for kind, place in there if kind == "missing" and place[:-1] == table]
    for place in unknown:
        if suggest(place[-1], (key,)):
            return Text(
                f"{'.'.join(place)}: unknown key; did you mean {key}?",
                f"{'.'.join(place)}: неизвестный ключ; возможно, имелось в виду {key}?",
            )
    if len(unknown) == len(lacking) == 1:
        stray, example = ".".join(unknown[0]), _EXAMPLES.get(key, NOTHING)
        return Text(
            f"{stray}: unknown key, and {key} is missing{example}",
            f"{stray}: неизвестный ключ, а ключа {key} нет{example.ru}",
        )
    return None


def _elsewhere(loc: Sequence[str], values: Mapping[str, Any]) -> Text | None:
    """A key that stands below the header of a table belongs to that table: the usual slip in TOML."""
    tables = [(name, table) for name, table in values.items() if isinstance(table, Mapping)]
    nodes = values.get("nodes")
    tables += [(f"nodes.{name}", node) for name, node in (nodes.items() if isinstance(nodes, Mapping) else ())]
    for name, table in tables:
        if len(loc) == 1 and isinstance(table, Mapping) and loc[0] in table:
            return Text(
                f"; it stands in the table [{shown(name)}]: write it above the first table",
                f"; он стоит в таблице [{shown(name)}]: запишите его выше первой таблицы",
            )
    return None


_EXAMPLES = {
    "loss": Text(
        '; give a built-in loss or a formula in y and p: loss = "(y - p)**2"',
        '; задайте встроенную функцию потерь или формулу от y и p: loss = "(y - p)**2"',
    ),
    "inputs": Text(
        '; give the inputs and their widths: x = "D" in a table [inputs]',
        '; задайте входы и их ширину: x = "D" в таблице [inputs]',
    ),
    "nodes": Text("; give at least one node: a table [nodes.p]", "; задайте хотя бы один узел: таблица [nodes.p]"),
    "formula": Text(
        '; give a formula in u: formula = "u/(1 + exp(-u))"', '; задайте формулу от u: formula = "u/(1 + exp(-u))"'
    ),
}
