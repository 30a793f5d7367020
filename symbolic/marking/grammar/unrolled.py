"""Layers and steps of time in general: trees in which l and t stand, and what they say of one layer.

``δ^{(l)} = (W^{(l+1)})ᵀ δ^{(l+1)} ⊙ σ'(z^{(l)})`` says as much as the same formula for every l.  Labels are
replaced by numbers; Σ and Π over layers are written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import Add, BigSum, Call, Component, Mul, Name, Node, Num, Power, Script, walk
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

ONE, ZERO = Num(Fraction(1)), Num(Fraction(0))


@dataclass(frozen=True, slots=True)
class Layers:
    """The letters of a header that count layers, and the numbers that they may be."""

    #: letter: (first, last).
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: The letter of the depth, such as L: its number.
    depths: Mapping[str, int] = field(default_factory=dict)
    #: Words below names, of more than one letter.
    labels: frozenset[str] = frozenset()
    #: What the letters are here.
    at: Mapping[str, int] = field(default_factory=dict)

    @property
    def numbers(self) -> Mapping[str, int]:
        return {**self.depths, **self.at}

    def mentions(self, text: str) -> bool:
        """Whether one of the letters stands in a script, given as its text without spaces."""
        return any(letter in text for letter in (*self.ranges, *self.depths))


#: For a header without such letters.
NO_LAYERS = Layers()


def free_layers(node: Node, layers: Layers) -> frozenset[str]:
    """The layer letters that stand in scripts and are bound by no Σ or Π."""
    found: set[str] = set()
    if isinstance(node, Name | Component):
        scripts = (*node.subs, *node.sups) if isinstance(node, Name) else node.subs
        found |= {key for item in scripts for key in item.keys if key in layers.ranges}
        if isinstance(node, Name) and node.below is not None:
            found |= free_layers(node.below, layers)
    if isinstance(node, Power):
        found |= {n.base for n in walk(node.exponent) if isinstance(n, Name) and n.bare and n.base in layers.ranges}
    if isinstance(node, BigSum):
        bounds = [b for b in (node.lower, node.upper) if b is not None]
        found |= {key for bound in bounds for key in bound.keys if key in layers.ranges}
        return frozenset(found | (free_layers(node.body, layers) - set(node.indices)))
    return frozenset(found).union(*(free_layers(child, layers) for child in node.children))


def at_layer(node: Node, layers: Layers, descending: bool = False) -> Node:
    """The tree with numbers for the layer letters.  A Π of matrices may run up or down: ``descending``."""
    if not layers.ranges:
        return node
    numbers = layers.numbers
    if isinstance(node, BigSum) and (own := running_through(node, layers)) is not None:
        return written_out(node, own, descending)
    if isinstance(node, Name):
        below = at_layer(node.below, layers, descending) if node.below is not None else None
        return replace(layered(node, layers), below=below)
    if isinstance(node, Power):
        node = replace(node, exponent=counted(node.exponent, numbers))
    if isinstance(node, Component):
        node = replace(node, subs=put(node.subs, numbers))
    if isinstance(node, Call):
        node = replace(node, function=layered(node.function, layers))
    if not node.children:
        return node
    fresh = tuple(at_layer(child, layers, descending) for child in node.children)
    if isinstance(node, Mul):  # ∂L/∂h_T Π ∂h_k/∂h_{k-1} is one product
        products = [isinstance(child, BigSum) and child.kind == "prod" for child in node.children]
        parts = [f.factors if p and isinstance(f, Mul) else (f,) for f, p in zip(fresh, products, strict=True)]
        kept = tuple(f for part in parts for f in part if f != ONE)
        return ONE if not kept else kept[0] if len(kept) == 1 else replace(node, factors=kept)
    return node.rebuild(fresh)


def running_through(node: BigSum, layers: Layers) -> Layers | None:
    """The layers, with the letter of a Σ or Π over some of them: one that is declared, or bound from k+1 to t."""
    if any(letter in layers.ranges for letter in node.indices):
        return layers
    bounds = [bound for bound in (node.lower, node.upper) if bound is not None]
    known = {*layers.ranges, *layers.depths}
    if len(node.indices) != 1 or len(bounds) != 2 or not any(known & set(bound.keys) for bound in bounds):
        return None
    every = [*layers.ranges.values()]
    span = (min(low for low, _ in every), max(high for _, high in every))
    return replace(layers, ranges={**layers.ranges, node.indices[0]: span})


def layered(name: Name, layers: Layers) -> Name:
    """The name at the layer at hand; the in of W_{in} is a word, whatever i counts."""
    if "".join(item.single or " " for item in name.subs) in layers.labels:
        return replace(name, sups=put(name.sups, layers.numbers))
    return replace(name, subs=put(name.subs, layers.numbers), sups=put(name.sups, layers.numbers))


def counted(exponent: Node, numbers: Mapping[str, int]) -> Node:
    """``α^{T-t}``: the letters of an exponent as numbers."""
    if isinstance(exponent, Name) and exponent.bare and exponent.base in numbers:
        return Num(Fraction(numbers[exponent.base]), span=exponent.span)
    return exponent.rebuild(tuple(counted(child, numbers) for child in exponent.children))


def written_out(node: BigSum, layers: Layers, descending: bool) -> Node:
    """Σ and Π over layers as a sum and a product."""
    if len(node.indices) != 1 or node.conditions:
        raise NotUnderstood(
            Text("a sum over layers with more than its bounds", "в сумме по слоям есть что-то, кроме её границ"),
            node.span,
        )
    letter = node.indices[0]
    first, last = layers.ranges[letter]
    lower = number_of(node.lower, first, layers, node)
    upper = number_of(node.upper, last, layers, node)
    parts = [
        at_layer(node.body, replace(layers, at={**layers.at, letter: k}), descending) for k in range(lower, upper + 1)
    ]
    if not parts:
        return ONE if node.kind == "prod" else ZERO
    if len(parts) == 1:
        return parts[0]
    if node.kind in ("max", "min"):
        return Call(Name(node.kind, span=node.span), tuple(parts), span=node.span)
    if node.kind == "sum":
        return Add(tuple(parts), span=node.span)
    flat = [
        f
        for part in (reversed(parts) if descending else parts)
        for f in (part.factors if isinstance(part, Mul) else (part,))
    ]
    return Mul(tuple(flat), span=node.span)


def number_of(bound: Script | None, otherwise: int, layers: Layers, node: BigSum) -> int:
    if bound is None:
        return otherwise
    (found,) = put((bound,), layers.numbers)
    if found.terms:
        raise NotUnderstood(
            Text("a sum over layers whose bounds are no layers", "сумма по слоям, границы которой — не номера слоёв"),
            node.span,
        )
    return found.constant


def put(items: tuple[Script, ...], numbers: Mapping[str, int]) -> tuple[Script, ...]:
    """Scripts with numbers for letters."""
    result: list[Script] = []
    for item in items:
        fresh: Script = Affine((), item.constant)
        for key, coefficient in item.terms:
            fresh = fresh + (numbers[key] * coefficient if key in numbers else Affine.of(key) * coefficient)
        result.append(fresh)
    return tuple(result)
