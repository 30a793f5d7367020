"""What a repair may put in: quantities of the model with indices in scope, pieces of the lines before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from itertools import product as combinations

from symbolic.language.affine import Affine
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Entry, Tensor
from symbolic.language.terms import tensors
from symbolic.language.terms import walk as walk_expr
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Component,
    Deriv,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Script,
    walk,
)
from symbolic.marking.meaning.declared import Declarations, Declared
from symbolic.marking.meaning.naming import candidates

#: So many numbers that stand as subscripts are tried at other names.
MOST_NUMBERS = 4
ONE, TWO = Num(Fraction(1)), Num(Fraction(2))


@dataclass(frozen=True, slots=True)
class Pool:
    """Pieces, the likeliest first."""

    letters: tuple[str, ...]
    factors: tuple[Node, ...]
    slopes: tuple[Node, ...]
    derivatives: tuple[Node, ...]
    arguments: tuple[Node, ...]
    biases: tuple[Node, ...]
    names: tuple[Name, ...]


def letters_in(nodes: Iterable[Node], known: Declarations) -> tuple[str, ...]:
    """Letters that can be indices: declared ones that occur, those under Σ, then the other declared ones."""
    found: dict[str, None] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, BigSum):
                found.update(dict.fromkeys(part.indices))
            items: tuple[Script, ...] = ()
            if isinstance(part, Name):
                items = (*part.subs, *part.sups)
            elif isinstance(part, Component):
                items = part.subs
            elif isinstance(part, Power) and isinstance(part.exponent, Name) and part.exponent.bare:
                found[part.exponent.base] = None
            for item in items:
                for letter in item.keys:
                    if letter in known.indices or (len(letter) == 1 and letter.islower()):
                        found[letter] = None
    found.update(dict.fromkeys(known.indices))
    found.update(dict.fromkeys(q.base for q in known.quantities if q.classes and not q.subscripted))
    return tuple(found)


def build(here: Node, seen: Iterable[Node], known: Declarations) -> Pool:
    """Everything that a repair of ``here`` may use."""
    seen = tuple(seen)
    letters = letters_in((here, *seen), known)
    names: dict[Name, None] = {}
    factors: dict[Node, None] = {}
    derivatives: dict[Node, None] = {}
    arguments: dict[Node, None] = {}
    slopes: dict[Node, None] = {}
    for node in (*seen, here):
        for part in walk(node):
            if isinstance(part, Name) and candidates(known, part):
                names[part] = None
            if isinstance(part, Mul | Hadamard):
                for factor in part.children:
                    if not isinstance(factor, BigSum | Num | Deriv | Neg):
                        factors[factor] = None
            if isinstance(part, BigSum) and not isinstance(part.body, Mul | BigSum | Deriv | Neg):
                factors[part.body] = None
            if isinstance(part, Deriv):
                derivatives[part] = None
            if isinstance(part, Call) and len(part.arguments) == 1:
                arguments[part.arguments[0]] = None
                if part.function.base in known.functions:
                    slopes.update(dict.fromkeys(slopes_of(part, replace(part, function=_unprimed(part.function)))))
                    slopes[replace(part, function=_primed(part.function))] = None
    for name in names:  # as the person writes them, before the other ways to write them
        if is_activation(candidates(known, name)[0], known):
            slopes.update(dict.fromkeys(slopes_of(name, name)))
    capitals = any(isinstance(n, Name) and not known.with_base(n.base) and n.base.isupper() for n in walk(here))
    for quantity in known.quantities if capitals else ():
        if quantity.sample and len(quantity.tensor.axes) == 2 and quantity.base.islower():
            names[Name(quantity.base.upper())] = None  # Z of all z_i, before z: the line is one of matrices
    numbers = subscript_numbers((*seen, here), known)
    for quantity in known.quantities:
        for name in (*written(quantity, letters, known), *at_numbers(quantity, numbers)):
            names[name] = None
            if quantity.defined and is_activation(quantity, known):
                slopes.update(dict.fromkeys(slopes_of(name, name)))
    for quantity in known.quantities:
        for part in walk(quantity.body) if quantity.body is not None else ():
            if isinstance(part, Power) and isinstance(part.base, Add):
                factors[part.base] = None  # what the square leaves: (y - p)
            if isinstance(part, Call) and len(part.arguments) == 1:
                arguments[part.arguments[0]] = None
                if part.function.base in known.functions:
                    slopes[replace(part, function=_primed(part.function))] = None
        for name in written(quantity, letters, known):
            if quantity.defined and not is_activation(quantity, known):
                arguments[name] = None
    for of in known.quantities:
        if of.defined:
            for by in known.quantities:
                if by.tensor in _mentioned(of, known):
                    for a in list(written(of, letters, known))[:2]:
                        for b in list(written(by, letters, known))[:3]:
                            derivatives[Deriv(a, b)] = None
    inside = set(walk(here))
    sample = known.sample.index.name if known.sample is not None else None
    letters_here = any(isinstance(n, Name) and sample in _keys(n) for n in inside)

    def sampled(name: Name) -> bool:
        found = candidates(known, name)
        return bool(found) and found[0].sample

    return Pool(
        letters,
        tuple(factors),
        tuple(slopes),
        tuple(derivatives),
        tuple(arguments),
        tuple(biases(known, letters)),
        tuple(
            sorted(
                names,
                key=lambda n: (
                    n not in inside,
                    bool(sample and letters_here and sample not in _keys(n) and sampled(n)),
                ),
            )
        ),
    )


def _keys(name: Name) -> set[str]:
    return {key for item in (*name.subs, *name.sups) for key in item.keys}


def _unprimed(name: Name) -> Name:
    return replace(name, primes=0)


def _primed(name: Name) -> Name:
    return replace(name, primes=1)


def slopes_of(part: Node, value: Node) -> Iterator[Node]:
    """The factors that derivatives of activations are made of: 1 - v, v, v(1 - v), 1 - v²."""
    yield Add((ONE, Neg(value)))
    yield Add((ONE, Neg(Power(value, TWO))))
    yield Mul((value, Add((ONE, Neg(value)))))
    yield value


def _mentioned(of: Declared, known: Declarations) -> tuple[Tensor, ...]:
    return next((tensors(d.formula) for d in known.definitions if d.target == of.tensor), ())


def is_activation(quantity: Declared, known: Declarations) -> bool:
    """Defined as a function of something: its derivative is written through itself."""
    for definition in known.definitions:
        if definition.target == quantity.tensor:
            return isinstance(definition.formula, ExprCall) or any(
                isinstance(n, ExprCall) and n.function.name == "exp" for n in walk_expr(definition.formula)
            )
    return False


def written(quantity: Declared, letters: tuple[str, ...], known: Declarations) -> Iterator[Name]:
    """The ways to write a quantity with letters in scope: alone, at its subscripts, with all components."""
    axes = list(enumerate(quantity.tensor.axes))
    hidden = 1 if quantity.implicit else 0
    subscripted = axes[: quantity.subscripted + hidden]
    fitting: list[list[str]] = []
    for _, extent in axes:
        fitting.append([l for l in letters if l in known.indices and known.indices[l].index.extent == extent])
    labels = tuple(_script(l) for l in quantity.sub_labels)
    above = tuple(_script(l) for l in quantity.sup_labels)
    shown = [fitting[k] for k, _ in subscripted][hidden:]
    if all(shown):
        for choice in combinations(*shown):
            subs = tuple(Affine.of(c) for c in choice)
            if quantity.above:
                yield Name(quantity.base, labels, (*above, *subs))
            else:
                yield Name(quantity.base, (*labels, *subs), above)
    whole = [fitting[k] for k, _ in axes][hidden:]
    if len(whole) > len(shown) and all(whole):
        for choice in combinations(*whole):
            yield Name(quantity.base, (*labels, *(Affine.of(c) for c in choice)), above)
    if shown:
        yield Name(quantity.base, labels, above)
    if not quantity.implicit and quantity.sample and len(shown) > 1 and all(shown[1:]):
        for choice in combinations(*shown[1:]):
            yield Name(quantity.base, (*labels, *(Affine.of(c) for c in choice)), above)


def subscript_numbers(nodes: Iterable[Node], known: Declarations) -> tuple[Script, ...]:
    """The numbers that stand as subscripts in lines and definitions: the 1 of s_1 beside an s_i."""
    names = (part for node in nodes for part in walk(node) if isinstance(part, Name))
    written: Iterable[int] = (item.number for name in names for item in name.subs if item.number is not None)
    meant: Iterable[int] = (
        item.number + known.base_of(axis)
        for definition in known.definitions
        for part in walk_expr(definition.formula)
        if isinstance(part, Entry)
        for item, axis in zip(part.subscripts, part.tensor.axes, strict=True)
        if item.number is not None
    )
    return tuple(Affine((), number) for number in islice(dict.fromkeys(chain(written, meant)), MOST_NUMBERS))


def at_numbers(quantity: Declared, numbers: tuple[Script, ...]) -> Iterator[Name]:
    """The values of a quantity with one index at these numbers: v_1 of the v_i."""
    if quantity.subscripted == 1 and not quantity.implicit and not quantity.above and not quantity.sub_labels:
        for number in numbers:
            yield Name(quantity.base, (number,))


def _script(text: str) -> Script:
    return Affine((), int(text)) if text.isdigit() else Affine.of(text)


def biases(known: Declarations, letters: tuple[str, ...]) -> Iterator[Node]:
    """Parameters that stand alone in a sum: the b of w^T x + b."""
    from symbolic.language.expr import Add as ExprAdd
    from symbolic.language.expr import Entry

    alone: dict[Tensor, None] = {}
    for definition in known.definitions:
        for node in walk_expr(definition.formula):
            if isinstance(node, ExprAdd):
                for term in node.terms:
                    if isinstance(term, Entry) and term.tensor.role == "parameter":
                        alone[term.tensor] = None
    for tensor in alone:
        quantity = known.quantity_of(tensor)
        if quantity is not None:
            yield from written(quantity, letters, known)
