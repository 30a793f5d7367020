"""Blocks: nodes that are written once and stand several times in a network, an expansion of text.

    [blocks.layer]
    repeat = 3
    [blocks.layer.nodes."h{l}"]
    inputs = ["h{l-1}"]
    width = "J"

is the same as the nodes h1, h2 and h3, each over the one before; h0 is an input or a node of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from symbolic.errors import SpecError
from symbolic.words import Text

#: More copies than this are refused before anything is made of them.
MOST_COPIES = 10_000

_PLACE = re.compile(r"\{\s*l\s*(?:([+-])\s*(\d{1,4})\s*)?\}")
_BRACES = re.compile(r"\{[^{}]*\}?")
_KEYS = ("repeat", "nodes")


def expanded(values: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with the nodes of its blocks among its nodes, after them; ``SpecError`` for a block that is none."""
    if "blocks" not in values:
        return dict(values)
    blocks, nodes = values["blocks"], values.get("nodes", {})
    if not isinstance(blocks, Mapping) or not isinstance(nodes, Mapping):
        raise SpecError(
            Text(
                "blocks: a table of blocks is expected, as in [blocks.layer]",
                "blocks: здесь нужна таблица блоков, как в [blocks.layer]",
            )
        )
    found = dict(nodes)
    for name, block in blocks.items():
        for node, table in _copies(f"blocks.{name}", block):
            if node in found:
                raise SpecError(
                    Text(
                        f"blocks.{name}: the node {node} is there already; a name in a block holds {{l}}",
                        f"blocks.{name}: узел {node} уже есть; в имени узла внутри блока нужно {{l}}",
                    )
                )
            found[node] = table
    return {**{key: value for key, value in values.items() if key != "blocks"}, "nodes": found}


def _copies(place: str, block: Any) -> list[tuple[str, Any]]:
    if not isinstance(block, Mapping):
        raise SpecError(
            Text(
                f"{place}: a table with repeat and nodes is expected",
                f"{place}: здесь нужна таблица с ключами repeat и nodes",
            )
        )
    for key in block:
        if key not in _KEYS:
            raise SpecError(
                Text(
                    f"{place}.{key}: unknown key; the keys of a block are {', '.join(_KEYS)}",
                    f"{place}.{key}: неизвестный ключ; у блока есть ключи {', '.join(_KEYS)}",
                )
            )
    repeat, nodes = block.get("repeat"), block.get("nodes")
    if not isinstance(repeat, int) or isinstance(repeat, bool) or not 1 <= repeat <= MOST_COPIES:
        raise SpecError(
            Text(
                f"{place}.repeat: {repeat!r} is no number of copies; give one from 1 to {MOST_COPIES}",
                f"{place}.repeat: {repeat!r} — не число копий; задайте число от 1 до {MOST_COPIES}",
            )
        )
    if not isinstance(nodes, Mapping) or not nodes:
        raise SpecError(
            Text(
                f'{place}.nodes: missing; give at least one node, as in [{place}.nodes."h{{l}}"]',
                f'{place}.nodes: отсутствует; задайте хотя бы один узел, как в [{place}.nodes."h{{l}}"]',
            )
        )
    return [
        (_written(str(name), copy, f"{place}.nodes.{name}"), _filled(table, copy, f"{place}.nodes.{name}"))
        for copy in range(1, repeat + 1)
        for name, table in nodes.items()
    ]


def _filled(value: Any, copy: int, place: str) -> Any:
    """The same with the number of the copy in all its texts."""
    if isinstance(value, str):
        return _written(value, copy, place)
    if isinstance(value, Mapping):
        return {_filled(key, copy, place): _filled(inner, copy, place) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(inner, copy, place) for inner in value]
    return value


def _written(text: str, copy: int, place: str) -> str:
    def number(found: re.Match[str]) -> str:
        sign, shift = found.groups()
        counted = copy + int(f"{sign}{shift}") if sign else copy
        if counted < 0:
            raise SpecError(
                Text(
                    f"{place}: {found[0]} is {counted} in copy {copy}; copies are counted from 1",
                    f"{place}: {found[0]} в копии {copy} равно {counted}; копии считаются с 1",
                )
            )
        return str(counted)

    filled = _PLACE.sub(number, text)
    if (left := _BRACES.search(filled)) is not None:
        raise SpecError(
            Text(
                f"{place}: {left[0]!r:.40} is no number of a copy; write {{l}}, {{l-1}} or {{l+1}}",
                f"{place}: {left[0]!r:.40} — не номер копии; запишите {{l}}, {{l-1}} или {{l+1}}",
            )
        )
    return filled
