"""From a name with its scripts to a quantity with subscripts; and which brackets are arguments."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.affine import Affine
from symbolic.verify.declared import Declarations, Declared, label, number_of
from symbolic.verify.syntax import Add, Blank, Call, Component, Name, Neg, Node, Num, Power, Script, Transpose, walk


@dataclass(frozen=True, slots=True)
class Words:
    """The grammar's view of the declarations."""

    declarations: Declarations

    def is_function(self, name: Name) -> bool:
        known = self.declarations
        if not name.bare:
            return False
        if name.base == r"\sigma" and not known.with_base(name.base):
            return True  # the sigmoid, when nobody says otherwise
        return name.base in known.functions or name.base in known.formulas

    def is_declared(self, base: str) -> bool:
        known = self.declarations
        return bool(known.with_base(base)) or base in known.indices or base in known.sizes or base in known.functions

    def has_superscript(self, base: str, superscript: str) -> bool:
        return False

    def reads_as_call(self, name: Name, arguments: tuple[Node, ...]) -> bool:
        """``p(z)``, ``L(y_i, p_i)``, ``a(x; w)`` are calls, ``p(1-p)``, ``z_j(y)``… products."""
        found = next((q for q in candidates(self.declarations, name)), None)
        if found is None or not (found.defined and found.formals):
            return False
        if len(arguments) > 1:
            return True
        argument = arguments[0]
        return isinstance(argument, Blank) or self.names_argument(found, argument) or self.fills(found, argument)

    def names_argument(self, quantity: Declared, argument: Node) -> bool:
        """The argument repeats what the quantity was declared with, at most with subscripts."""
        while isinstance(argument, Transpose | Component | Power):
            argument = argument.children[0]
        if isinstance(argument, Call):
            argument = argument.function
        if not isinstance(argument, Name):
            return False
        if argument.base in quantity.formals:
            return True
        return any(q.base == argument.base for q in self.ancestors(quantity))

    def ancestors(self, quantity: Declared) -> tuple[Declared, ...]:
        """The quantities it depends on, as far as the formals tell: z for p(z), then x for z(x)."""
        found: list[Declared] = []
        waiting = list(quantity.formals)
        while waiting:
            base = waiting.pop()
            for q in self.declarations.with_base(base):
                if q not in found:
                    found.append(q)
                    waiting.extend(q.formals)
        return tuple(found)

    def fills(self, quantity: Declared, argument: Node) -> bool:
        """L(σ(wᵀx)): something other than a sum of things put in the place of the argument."""
        if quantity.sample and not quantity.implicit:
            return False
        plain = not isinstance(argument, Add | Num | Neg | Name) and not any(isinstance(n, Add) for n in walk(argument))
        return plain and len(quantity.formals) == 1 and isinstance(argument, Call)


def candidates(known: Declarations, name: Name) -> list[Declared]:
    """The quantities that the labels of a name allow, the most specific first."""
    found = [q for q in known.with_base(name.base) if remaining(q, name) is not None and name.below is None]
    if len(found) < 2:
        return found
    return sorted(found, key=lambda q: (-len(q.sub_labels) - len(q.sup_labels) - len(q.tail), not fits(known, q, name)))


def fits(known: Declarations, quantity: Declared, name: Name) -> bool:
    """Whether the subscripts name every axis, at most without the sample's: a_n beside another a_{nj}."""
    rest = remaining(quantity, name) or ()
    axes = quantity.tensor.axes
    if quantity.sample and len(rest) < len(axes):
        axes = axes[1:]
    if len(rest) != len(axes):
        return False
    letters = [known.indices.get(item.single or "") for item in rest]
    return all(
        letter.index.extent == axis if letter is not None else not item.single
        for item, letter, axis in zip(rest, letters, axes, strict=True)
    )


def remaining(quantity: Declared, name: Name) -> tuple[Script, ...] | None:
    """The subscripts that are not labels, in the order of the axes; None when the labels differ."""
    sups, subs = name.sups, name.subs
    if quantity.sup_labels:
        if tuple(map(label, sups[: len(quantity.sup_labels)])) != quantity.sup_labels:
            return None
        sups = sups[len(quantity.sup_labels) :]
    count = len(quantity.sub_labels)
    if tuple(map(label, subs[:count])) != quantity.sub_labels:
        return None
    subs = subs[count:]
    if quantity.tail:
        if tuple(map(label, subs[-len(quantity.tail) :])) != quantity.tail:
            return None
        subs = subs[: -len(quantity.tail)]
    return (*sups, *subs) if quantity.above else (*subs, *sups)


def digits(subs: tuple[Script, ...]) -> tuple[Script, ...]:
    """``w_{12}`` read as w_{1,2}."""
    split: list[Script] = []
    for sub in subs:
        number = number_of(sub)
        if number is not None and number >= 10:
            split.extend(Affine((), int(digit)) for digit in str(number))
        else:
            split.append(sub)
    return tuple(split)
