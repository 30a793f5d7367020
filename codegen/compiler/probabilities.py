"""Logarithms of probabilities as definitions of their own, made from what a probability is made of.

    p = σ(u)                log p = -log(1 + exp(-u)), log(1 - p) = -log(1 + exp(u))
    pₖ = exp(uₖ)/Σ exp(u)   log p = u - log Σ exp(u), log(1 - pₖ) = log Σ_{j≠k} exp(uⱼ) - log Σ exp(u)
    p = exp(u)              log p = u
    p = tanh(u)             of P = (1 + p)/2 = σ(2u) as of σ
    p = log(1 + exp(u))     log p = log log(1 + exp(u))
    p = Π_k p_k             log p = Σ log p_k, log(1 - p) = log(1 - exp(-t)), t = Σ -log p_k
    p = exp(-t), t > 0      log p = -t, log(1 - p) likewise
    p = 1 - q               of q the other way round

t is known by its own logarithm, Σ of positive terms as a log-sum-exp: it may be 0 in floating point where log t is not.

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
    ZERO,
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
from symbolic.language.sample import SAMPLE
from symbolic.language.terms import certainly_in_range, delta, free_indices, fresh_index, reindex
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
    #: What the definition that is being rewritten needs before it.
    before: list[Definition] = field(default_factory=list)

    def scale(self, value: Expr) -> Scale | None:
        """How the entry of a node, or a call in a formula, is made of a P that may be 0 in floating point."""
        formula = self._formula(value)
        if formula is not None and (self.decay(formula) is not None or self._other(formula) is not None):
            return Scale()
        if isinstance(formula, Call) and formula.function in SCALES:
            return SCALES[formula.function]
        if self.softmax(value) is not None:
            return Scale()
        quotient = None if formula is None else quotient_of_exponentials(formula)
        return None if quotient is None else Scale(bounded=quotient.left is not None)

    def log(self, value: Expr, rest: bool = False) -> Expr:
        """log P, or log(1 - P), of an entry or call that has a ``scale``."""
        if not isinstance(value, Entry):
            return self._log_of(value, rest)
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
        """Whether it is a quotient of exponentials that has no name, or a product or a decay."""
        formula = self._formula(value)
        if formula is not None and (self.decay(formula) is not None or self._other(formula) is not None):
            return True
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

    def decay(self, formula: Expr) -> Expr | None:
        """log t of a formula that is exp(-t) with t > 0, or a product over an index, which is one.

        The exponential of an exponential alone is left to ``codegen.compiler.passes.vanishing``.
        """
        match formula:
            case Fold("prod", body, index):
                return None if (inner := self.decay_of(body)) is None else log(total(exp(inner), index))
            case Call(function, (argument,)) if function == exp:
                t = mul(MINUS_ONE, argument)
                return None if isinstance(t, Call) and t.function == exp else self.positive_log(t)
        return None

    def decay_of(self, share: Expr) -> Expr | None:
        """log(-log p) of what is between 0 and 1."""
        if isinstance(share, Add) and (p := _complement(*_pair(share))) is not None:
            u = self.logit(p)
            return None if u is None else log(SOFTPLUS(u))
        if (u := self.logit(share)) is not None:
            return log(SOFTPLUS(neg(u)))
        formula = self._formula(share)
        return None if formula is None else self.decay(formula)

    def positive_log(self, t: Expr) -> Expr | None:
        """log t, finite wherever t is above 0 in exact arithmetic; None where its form does not tell that it is."""
        scale = self.scale(t)
        if scale is not None and scale.low == 0 and scale.span == 1:
            return self.log(t)
        match t:
            case Number(value) if value > 0:
                return log(t)
            case Call(function, (argument,)) if function == exp:
                return argument
            case Pow(base, exponent):
                return None if (inner := self.positive_log(base)) is None else mul(Number(exponent), inner)
            case Sum(body, index):
                return None if (inner := self.positive_log(body)) is None else log(total(exp(inner), index))
            case Add(parts) | Mul(parts):
                found = [inner for part in parts if (inner := self.positive_log(part)) is not None]
                if len(found) < len(parts):
                    return None
                return add(*found) if isinstance(t, Mul) else log(add(*map(exp, found)))
        return None

    def _other(self, formula: Expr) -> Expr | None:
        """q of 1 - q, a product or a decay."""
        if not isinstance(formula, Add):
            return None
        rest = _complement(*_pair(formula))
        return rest if rest is not None and self.decay(self.formula(rest)) is not None else None

    def _log_of(self, formula: Expr, rest: bool) -> Expr:
        """log P, or log(1 - P), of a formula that has a ``scale``."""
        if (other := self._other(formula)) is not None:
            return self.log(other, not rest)
        if (grown := self.decay(formula)) is None:
            return _log_of(formula, rest)
        if rest:
            return log(add(ONE, neg(exp(neg(exp(self._in_steps(grown)))))))
        return (
            total(self._log_of_factor(formula.body), formula.index)
            if isinstance(formula, Fold)
            else formula.children[0]
        )

    def _in_steps(self, grown: Expr) -> Expr:
        """log t with a name, and in log Σ exp(a) one for a."""
        match grown:
            case Call(_, (Sum(Call(inner, (a,)), index),)) if inner == exp:
                grown = log(total(exp(self._in_steps(a)), index))
        return self.named(grown, "log_rate")

    def _log_of_factor(self, share: Expr) -> Expr:
        p = _complement(*_pair(share)) if isinstance(share, Add) else None
        return self.log(share) if p is None else self.log(p, rest=True)

    def _formula(self, value: Expr) -> Expr | None:
        if isinstance(value, (Call, Pow, Mul, Fold)):
            return value
        node = self.node(value)
        return None if node is None else node.formula

    def _definitions(self, node: Definition, what: str) -> tuple[Definition, ...]:
        found, steps = summed_logits(node), list[Definition]()
        if found is not None and what == "rest":
            return others(node, found, self.taken)
        if found is not None:
            u, outer, inner = found
            inner = fresh_index(inner, node.indices)
            formula = add(u, neg(log(total(exp(reindex(u, {outer: subscript(inner)})), inner))))
        else:
            outside, self.before = self.before, []
            formula = self._log_of(node.formula, what == "rest")
            steps, self.before = self.before, outside
        name = unused(f"{node.target.name}_{what}", self.taken)
        self.taken.add(name)
        return (*steps, Definition(Tensor(name, node.target.axes), node.indices, formula, node.kind, node.node))

    def named(self, formula: Expr, stem: str) -> Expr:
        """The formula as a value of its own, so that its derivative is made of it and not of all that is in it."""
        if isinstance(formula, Entry):
            return formula
        indices = tuple(sorted(free_indices(formula), key=lambda index: (index != SAMPLE, index)))
        known = next((d for d in self.before if d.formula == formula and d.indices == indices), None)
        if known is None:
            name = unused(stem, self.taken)
            self.taken.add(name)
            known = Definition(Tensor(name, tuple(index.extent for index in indices)), indices, formula)
            self.before.append(known)
        return known.entry


#: tanh(u) is 2·σ(2u) - 1.
SCALES = {
    SIGMOID: Scale(),
    ACTIVATIONS["tanh"]: Scale(-1, 2),
    SOFTPLUS: Scale(bounded=False),
    exp: Scale(bounded=False),
}


def _pair(sum_: Add) -> tuple[Expr, Expr]:
    """The two terms of a sum; a longer one has no first and no second."""
    return (sum_.terms[0], sum_.terms[1]) if len(sum_.terms) == 2 else (ZERO, ZERO)


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
