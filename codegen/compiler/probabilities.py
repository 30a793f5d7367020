"""Logarithms of probabilities as definitions of their own, made from what a probability is made of.

    p = σ(u)                log p = -log(1 + exp(-u)), log(1 - p) = -log(1 + exp(u))
    pₖ = exp(uₖ)/Σ exp(u)   log p = u - log Σ exp(u), log(1 - pₖ) = log Σ_{j≠k} exp(uⱼ) - log Σ exp(u)
    p = exp(u)              log p = u
    p = tanh(u)             of P = (1 + p)/2 = σ(2u) as of σ
    p = log(1 + exp(u))     log p = log log(1 + exp(u))

No 1/p and no 1 - p is in them, so none is in their derivatives.  The sum that leaves out k is one over all j of the
logits with AWAY·[j = k] taken from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.compiler.build import written_out
from codegen.compiler.passes.exponentials import Terms, exponentials, positive, summed
from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Entry,
    Expr,
    Fold,
    Mul,
    Number,
    Pow,
    Sum,
    Tensor,
    add,
    mul,
    neg,
    number,
    total,
)
from symbolic.language.functions import exp, log
from symbolic.language.names import unused
from symbolic.language.terms import certainly_in_range, delta, fresh_index, reindex
from symbolic.network.catalogue import ACTIVATIONS

SIGMOID, SOFTPLUS = ACTIVATIONS["sigmoid"], ACTIVATIONS["softplus"]
#: exp of any logit less this is 0 in float32 too, and the difference is still a number there.
AWAY = number(10**30)


@dataclass(frozen=True)
class Scale:
    """A value as low + span·P with P in (0, 1), or P positive where nothing is left to 1 (``bounded``)."""

    low: int = 0
    span: int = 1
    bounded: bool = True


@dataclass
class Logarithms:
    """The definitions of log P and log(1 - P) that somebody has asked for, by the node that is low + span·P."""

    nodes: Mapping[Tensor, Definition]
    taken: set[str]
    made: dict[Tensor, dict[str, tuple[Definition, ...]]] = field(default_factory=dict)

    def scale(self, value: Expr) -> Scale | None:
        """How the entry of a node, or a call in a formula, is made of a P that may be 0 in floating point."""
        formula = self._formula(value)
        if isinstance(formula, Call) and formula.function in SCALES:
            return SCALES[formula.function]
        if self.softmax(value) is not None:
            return Scale()
        quotient = None if formula is None else quotient_of_exponentials(formula)
        return None if quotient is None else Scale(bounded=quotient.left is not None)

    def log(self, value: Expr, rest: bool = False) -> Expr:
        """log P, or log(1 - P), of an entry or call that has a ``scale``."""
        if not isinstance(value, Entry):
            return _log_of(value, rest)
        what, node = "rest" if rest else "log", self.nodes[value.tensor]
        made = self.made.setdefault(value.tensor, {})
        if what not in made:
            made[what] = self._definitions(node, what)
        return Entry(made[what][-1].target, value.subscripts)

    def softmax(self, value: Expr) -> tuple[Expr, Index, Index] | None:
        """The logits and both indices of a node that is a softmax, by an entry of it."""
        node = self.node(value)
        return None if node is None else summed_logits(node)

    def node(self, value: Expr) -> Definition | None:
        """The node of an entry; none where it may lie outside: what padding reads is 0, and its log is not."""
        if not isinstance(value, Entry) or (node := self.nodes.get(value.tensor)) is None:
            return None
        inside = map(certainly_in_range, value.subscripts, value.tensor.axes)
        return node if all(inside) else None

    def formula(self, value: Expr) -> Expr:
        """What the entry of a node stands for; any other formula is itself."""
        node = self.node(value)
        return node.at(value.subscripts) if node is not None and isinstance(value, Entry) else value

    def logit(self, value: Expr) -> Expr | None:
        """u of σ(u), by a call of it or an entry of a node that is one."""
        formula = self.formula(value)
        return formula.arguments[0] if isinstance(formula, Call) and formula.function == SIGMOID else None

    def is_written(self, value: Expr) -> bool:
        """Whether it is a quotient of exponentials that has no name."""
        formula = self._formula(value)
        named = isinstance(formula, Call) and formula.function in SCALES
        return not named and self.softmax(value) is None and self.scale(value) is not None

    def is_positive(self, expr: Expr) -> bool:
        """Whether it is positive whatever the numbers in it are."""
        scale = self.scale(expr)
        if scale is not None:
            return scale.low == 0
        match expr:
            case Number(value):
                return value > 0
            case Call(function, _):
                return function == exp
            case Add((one, rest)) if (p := _complement(one, rest)) is not None and (scale := self.scale(p)) is not None:
                return scale.low == 0 and scale.bounded
            case Add(parts) | Mul(parts):
                return all(map(self.is_positive, parts))
            case Pow(base, _) | Sum(base, _) | Fold(_, base, _):
                return self.is_positive(base)
        return False

    def after(self, node: Definition) -> tuple[Definition, ...]:
        """What was made of a node, to stand behind it."""
        return tuple(one for made in self.made.get(node.target, {}).values() for one in made)

    def _formula(self, value: Expr) -> Expr | None:
        if isinstance(value, (Call, Pow, Mul)):
            return value
        node = self.node(value)
        return None if node is None else node.formula

    def _definitions(self, node: Definition, what: str) -> tuple[Definition, ...]:
        found = summed_logits(node)
        if found is not None and what == "rest":
            return others(node, found, self.taken)
        if found is not None:
            u, outer, inner = found
            inner = fresh_index(inner, node.indices)
            formula = add(u, neg(log(total(exp(reindex(u, {outer: subscript(inner)})), inner))))
        else:
            formula = _log_of(node.formula, what == "rest")
        name = unused(f"{node.target.name}_{what}", self.taken)
        self.taken.add(name)
        return (Definition(Tensor(name, node.target.axes), node.indices, formula, node.kind, node.node),)


#: tanh(u) is 2·σ(2u) - 1.
SCALES = {
    SIGMOID: Scale(),
    ACTIVATIONS["tanh"]: Scale(-1, 2),
    SOFTPLUS: Scale(bounded=False),
    exp: Scale(bounded=False),
}


def _complement(one: Expr, rest: Expr) -> Expr | None:
    """p of 1 - p."""
    return mul(MINUS_ONE, rest) if one == ONE else mul(MINUS_ONE, one) if rest == ONE else None


def _log_of(formula: Expr, rest: bool) -> Expr:
    """log P, or log(1 - P), of one of ``SCALES`` or of a quotient of exponentials."""
    if not (isinstance(formula, Call) and formula.function in SCALES):
        quotient = quotient_of_exponentials(formula)
        assert quotient is not None
        return add(_log_of_sum(quotient.left or () if rest else quotient.above), neg(_log_of_sum(quotient.below)))
    u = formula.arguments[0]
    if formula.function == exp:
        return u
    if formula.function == SOFTPLUS:
        return log(SOFTPLUS(u))
    twice = mul(number(2), u) if formula.function.name == "tanh" else u
    return neg(SOFTPLUS(twice if rest else neg(twice)))


@dataclass(frozen=True)
class Quotient:
    """(Σ c·exp(a))/(Σ d·exp(b)), every c and d positive; ``left``: what 1 less it has above, where that is positive."""

    above: Terms
    below: Terms
    left: Terms | None


def quotient_of_exponentials(formula: Expr) -> Quotient | None:
    """The formula as such a quotient: σ written out, a Gompertz curve, 1/cosh(u)."""
    formula = written_out(formula)
    factors = formula.factors if isinstance(formula, Mul) else (formula,)
    below = [f for f in factors if isinstance(f, Pow) and f.exponent == -1]
    if len(below) != 1 or (lower := positive(below[0].base)) is None:
        return None
    upper = exponentials(mul(*(f for f in factors if f is not below[0])))
    if upper is None or any(c < 0 for c, _ in upper):
        return None
    left = exponentials(add(summed(lower), neg(summed(upper))))
    return Quotient(upper, lower, left if left and all(c > 0 for c, _ in left) else None)


def _log_of_sum(terms: Terms) -> Expr:
    if len(terms) > 1:
        return log(summed(terms))
    c, a = terms[0]
    return a if c == 1 else add(a, log(Number(c)))


def summed_logits(definition: Definition) -> tuple[Expr, Index, Index] | None:
    """u, its index and that of the Σ, where the definition is exp(u)/Σ exp(u) with nothing else about it."""
    match definition.formula:
        case Mul((Call(function, (u,)), Pow(Sum(Call(other, (v,)), index), exponent))) if (
            function == other == exp and exponent == -1
        ):
            for outer in definition.indices:
                if outer.extent == index.extent and reindex(u, {outer: subscript(index)}) == v != u:
                    return u, outer, index
    return None


def others(softmax: Definition, found: tuple[Expr, Index, Index], taken: set[str]) -> tuple[Definition, ...]:
    """The logits without the one at k, for each k, and log(1 - pₖ); the names that they get are ``taken`` too."""
    u, outer, inner = found
    inner = fresh_index(inner, softmax.indices)
    inside = reindex(u, {outer: subscript(inner)})
    name = softmax.target.name
    names = [unused(f"{name}_{what}", taken) for what in ("others", "rest")]
    taken |= {*names}
    kept = Tensor(names[0], (*softmax.target.axes, inner.extent))
    masked = add(inside, mul(neg(AWAY), delta(subscript(outer), subscript(inner))))
    apart = Definition(kept, (*softmax.indices, inner), masked, softmax.kind, softmax.node)
    both = add(log(total(exp(apart.entry), inner)), neg(log(total(exp(inside), inner))))
    rest = Definition(Tensor(names[1], softmax.target.axes), softmax.indices, both, softmax.kind, softmax.node)
    return apart, rest
