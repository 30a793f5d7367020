"""The sizes that a spec names: where each axis is declared, and which names are sizes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbolic.errors import SpecError
from symbolic.language.affine import Size
from symbolic.language.terms import bound_indices
from symbolic.network.catalogue import Loss
from symbolic.network.grammar import suggest
from symbolic.network.nodes import Node, Parameter
from symbolic.network.schema import NetworkSpec
from symbolic.words import Text

_WORD = re.compile(r"[A-Za-z_]\w*")


def places_of_axes(spec: NetworkSpec) -> Iterable[tuple[str, Size]]:
    for name, one in spec.inputs.items():
        yield from ((f"inputs.{name}", axis) for axis in (*one.width, *([one.below] if one.below else [])))
    for name, one in spec.target.items():
        yield from ((f"target.{name}", axis) for axis in (*one.width, *([one.below] if one.below else [])))
    for name, node in spec.nodes.items():
        yield from ((f"nodes.{name}.width", axis) for axis in node.width or ())
        yield from ((f"nodes.{name}.ranges.{index}", axis) for index, axis in node.ranges.items())
        for parameter, shape in node.parameters.items():
            yield from ((f"nodes.{name}.parameters.{parameter}", axis) for axis in shape)
    for name, constant in spec.constants.items():
        below = [constant.below] if constant.below else []
        yield from ((f"constants.{name}", axis) for axis in (*constant.width, *below) if axis.number != 1)
    for name, shape in spec.parameters.items():
        yield from ((f"parameters.{name}", axis) for axis in shape)
    yield from ((f"ranges.{index}", axis) for index, axis in spec.ranges.items())
    if spec.regularizer is not None:
        yield from ((f"regularizer.ranges.{index}", axis) for index, axis in spec.regularizer.ranges.items())


def capitals(spec: NetworkSpec) -> tuple[str, ...]:
    """Sizes with a number whose small letter a formula has: an index that nothing else limits runs over them."""
    texts = (*(node.formula for node in spec.nodes.values() if node.formula is not None), spec.loss)
    words = {word for text in texts if isinstance(text, str) for word in _WORD.findall(text)}
    return tuple(name for name in spec.sizes if name[:1].lower() + name[1:] in words - {name})


def refuse_idle_sizes(
    names: Iterable[str], wide: tuple[str, ...], parameters: Iterable[Parameter], nodes: Iterable[Node], loss: Loss
) -> None:
    """A size over which an index could have run, and none does."""
    own = (d for node in nodes if node.formula is not None for d in node.formula.definitions)
    formulas = (definition.formula for definition in (*own, *loss.own))
    extents = [index.extent for formula in formulas for index in bound_indices(formula)]
    extents += [axis for parameter in parameters for axis in parameter.tensor.axes]
    for name in names:
        if all(name not in extent.keys for extent in extents):
            raise SpecError(no_such_size(name, wide))


def no_such_size(name: str, there_are: tuple[str, ...]) -> Text:
    known = suggest(name, there_are) or Text(
        f"; its named sizes are {', '.join(there_are) or 'none'}",
        f"; её размеры с именами: {', '.join(there_are) or 'нет'}",
    )
    return Text(
        f"sizes.{name}: no width of this network is called {name}{known}",
        f"sizes.{name}: ни одна ширина этой сети не называется {name}{known.ru}",
    )
