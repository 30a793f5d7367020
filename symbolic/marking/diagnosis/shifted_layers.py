"""The layer or step beside the right one: a^{(l)} for a^{(l-1)}, h_t for h_{t-1}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from symbolic.marking.diagnosis.edits.edit import Edit, inside_call
from symbolic.marking.diagnosis.scene import Scene
from symbolic.marking.grammar.tree import Name, Script, places, put


def shifted_layers(scene: Scene) -> Iterator[Edit]:
    """Each name with a layer letter in its scripts, one layer before and one behind."""
    letters = scene.known.layers.ranges
    for path, node in places(scene.tree) if letters else ():
        if not isinstance(node, Name):
            continue
        for step in (-1, 1):
            fresh = replace(node, subs=moved(node.subs, letters, step), sups=moved(node.sups, letters, step))
            if fresh != node:
                kind = "argument" if inside_call(scene.tree, path) else "index"
                yield Edit(kind, put(scene.tree, path, fresh), node, fresh, path, 0)


def moved(items: tuple[Script, ...], letters: Mapping[str, object], step: int) -> tuple[Script, ...]:
    return tuple(item + step if any(key in letters for key in item.keys) else item for item in items)
