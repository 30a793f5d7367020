"""Formulas in the form that neither overflows nor loses digits: the same value, other arithmetic.

    exp(u)/(exp(u) + …)         softmax: the largest u is subtracted first
    log Σ exp(u)                its logarithm likewise
    log(1 + exp(u))             logaddexp(0, u)
    log p, log(1 - p)           with p a sigmoid or a softmax: from its argument, without p
    exp(u)/(1 + exp(u))         1/(1 + exp(-u)); exp(-u) may become ∞, then the quotient is 0
    (eᵘ - e⁻ᵘ)/(eᵘ + e⁻ᵘ)       tanh u
    u > 0 ? … : exp(u)          exp(min(u, 0)): the branch that is not taken does not overflow

Each is an identity in exact arithmetic; ``tests/test_stable.py`` holds them against high precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from codegen.kernels import Formula, Kernel, Reduction
from codegen.program import Program
from symbolic.affine import Index, subscript
from symbolic.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Entry,
    Expr,
    Mul,
    Pow,
    Sum,
    Tensor,
    Where,
    add,
    mul,
    neg,
    power,
    total,
)
from symbolic.functions import Function, exp, log, minimum
from symbolic.names import unused
from symbolic.terms import free_indices, reindex, transform

tanh = Function("tanh", "primitive")
logaddexp = Function("logaddexp", "primitive", arity=2)


def stable_forms(program: Program) -> Program:
    """Rewrite softmax, logarithms of probabilities, softplus, tanh and guarded exponentials."""
    rewriter = _Rewriter(program)
    for kernel in program.kernels:
        rewriter.kernel(kernel)
    return program.with_kernels(rewriter.kernels)


@dataclass
class _Rewriter:
    program: Program
    kernels: list[Kernel] = field(default_factory=list)
    current: Formula | None = None

    def kernel(self, kernel: Kernel) -> None:
        if not isinstance(kernel, Formula):
            self.kernels.append(kernel)
            return
        self.current = kernel
        expr = kernel.expr
        if any(isinstance(node, Call) for node in _nodes(expr)):
            expr = self.weighted_means(self.rewrite(expr))
        self.kernels.append(replace(kernel, expr=expr))

    def rewrite(self, expr: Expr) -> Expr:
        """From the inside out, except that a quotient is looked at whole before its parts are."""
        match expr:
            case Mul(factors):
                if (simplified := _hyperbolic(factors)) is not None:
                    return self.rewrite(simplified)
                return self.softmax([self.rewrite_factor(f) for f in _sigmoids(factors)])
            case Call(function, (argument,)) if function == log:
                return self.logarithm(self.opened(argument))
            case Where(condition, then, otherwise):
                guarded = Where(condition, *_guarded(condition, then, otherwise))
                return guarded.rebuild(tuple(self.rewrite(child) for child in guarded.children))
        return expr.rebuild(tuple(self.rewrite(child) for child in expr.children))

    def rewrite_factor(self, expr: Expr) -> Expr:
        """The factor of a product; 1/Σ exp is left to the product."""
        return expr if _inverse_sum(expr) is not None else self.rewrite(expr)

    def weighted_means(self, expr: Expr) -> Expr:
        """Σ_k y[k]·(a[k] + c) = Σ_k y[k]·a[k] + c where the loss takes Σ_k y[k] = 1 for granted."""

        def split(node: Expr) -> Expr | None:
            if not isinstance(node, Sum) or not isinstance(node.body, Mul):
                return None
            free = [f for f in node.body.factors if node.index not in free_indices(f)]
            bound = [f for f in node.body.factors if node.index in free_indices(f)]
            weights = [f for f in bound if self.sums_to_one(f, node.index)]
            sums = [f for f in bound if isinstance(f, Add)]
            if len(bound) != 2 or not weights or not sums:
                return None
            moving = [t for t in sums[0].terms if node.index in free_indices(t)]
            fixed = [t for t in sums[0].terms if node.index not in free_indices(t)]
            return mul(*free, add(total(mul(weights[0], add(*moving)), node.index), *fixed)) if fixed else None

        return transform(expr, split)

    def sums_to_one(self, expr: Expr, index: Index) -> bool:
        return isinstance(expr, Entry) and any(
            fact.kind == "sums_to_one" and fact.tensor == expr.tensor and expr.subscripts[fact.axis].single == index
            for fact in self.program.facts
        )

    # -- softmax ------------------------------------------------------------------------------------

    def softmax(self, factors: Sequence[Expr]) -> Expr:
        """exp(u)·(Σ exp(u'))⁻¹ with the maximum of u' subtracted in both."""
        done = list(factors)
        for k, factor in enumerate(done):
            if (found := _inverse_sum(factor)) is None:
                continue
            exponent, index, rank = found
            partners = [n for n, f in enumerate(done) if _is_exp(f)]
            if rank != 1 or not partners:
                done[k] = self.rewrite(factor)
                continue
            numerator = done[partners[0]]
            assert isinstance(numerator, Call)
            shifted, summed = self.shifted(numerator.arguments[0], exponent, index)
            done[partners[0]] = exp(shifted)
            done[k] = power(summed, -1)
        return mul(*done)

    def shifted(self, u: Expr, exponent: Expr, index: Index) -> tuple[Expr, Expr]:
        """u - max and Σ exp(exponent - max), over an array that holds exponent - max for all indices."""
        assert self.current is not None
        exponent = self.rewrite(exponent)
        largest = self.largest(exponent, index)
        labels = self.ordered(free_indices(exponent))
        below = add(exponent, neg(largest))
        for other in self.kernels:
            if isinstance(other, Formula) and other.indices == labels and other.expr == below:
                array = other.target
                break
        else:
            array = Tensor(self.named("shifted"), tuple(label.extent for label in labels))
            self.kernels.append(Formula(array, labels, below, equations=self.current.equations))
        summed = total(exp(array[labels]), index)
        for outer in sorted(free_indices(u) - free_indices(summed)):
            if reindex(exponent, {index: subscript(outer)}) == u:
                return reindex(array[labels], {index: subscript(outer)}), summed
        return add(u, neg(largest)), summed

    def named(self, what: str) -> str:
        assert self.current is not None
        taken = {k.target.name for k in (*self.kernels, *self.program.kernels)} | {t.name for t in self.program.given}
        return unused(f"{self.current.target.name}_{what}", taken)

    def largest(self, exponent: Expr, index: Index) -> Entry:
        """max over the index of the exponent, an array of its own."""
        assert self.current is not None
        labels = self.ordered(free_indices(exponent))
        if not isinstance(exponent, Entry):
            scores = Tensor(self.named("scores"), tuple(label.extent for label in labels))
            self.kernels.append(Formula(scores, labels, exponent, equations=self.current.equations))
            exponent = scores[labels]
        kept = tuple(label for label in labels if label != index)
        for other in self.kernels:
            key = (exponent, (index,), kept)
            if isinstance(other, Reduction) and (other.operand, other.over, other.indices) == key:
                return other.entry
        target = Tensor(self.named("max"), tuple(label.extent for label in kept))
        maximum = Reduction(target, kept, exponent, (index,), "max", equations=self.current.equations)
        self.kernels.append(maximum)
        return maximum.entry

    def ordered(self, labels: Iterable[Index]) -> tuple[Index, ...]:
        assert self.current is not None
        places = {index: k for k, index in enumerate(self.current.indices)}
        return tuple(sorted(labels, key=lambda index: (places.get(index, len(places)), index)))

    # -- logarithms ---------------------------------------------------------------------------------

    def opened(self, argument: Expr) -> Expr:
        """The argument of a logarithm with the definition of a probability put in its place."""

        def formula(node: Expr) -> Expr | None:
            if not isinstance(node, Entry) or node.tensor.name not in self.program.by_name:
                return None
            made = self.program.by_name[node.tensor.name]
            if not isinstance(made, Formula) or not _is_probability(made.expr):
                return None
            return reindex(made.expr, dict(zip(made.indices, node.subscripts, strict=True)))

        if isinstance(argument, Entry):
            return formula(argument) or argument
        if isinstance(argument, Add) and argument.terms[0] == ONE and len(argument.terms) == 2:
            inner = mul(MINUS_ONE, argument.terms[1])
            if isinstance(inner, Entry) and (found := formula(inner)) is not None:
                return add(ONE, neg(found))
        return argument

    def logarithm(self, argument: Expr) -> Expr:
        """log of the argument in its stable form."""
        if (u := one_plus_exp(argument)) is not None:
            return logaddexp(ZERO, self.rewrite(u))
        if isinstance(argument, Add) and len(argument.terms) == 2 and argument.terms[0] == ONE:
            inner = mul(MINUS_ONE, argument.terms[1])
            if isinstance(inner, Pow) and inner.exponent == -1 and (u := one_plus_exp(inner.base)) is not None:
                return neg(logaddexp(ZERO, self.rewrite(neg(u))))  # 1 - 1/(1 + eᵘ) = 1/(1 + e⁻ᵘ)
        if isinstance(argument, Pow) and argument.exponent == -1:
            return neg(self.logarithm(argument.base))
        if isinstance(argument, Mul) and any(_is_exp(f) for f in argument.factors):
            parts = [
                f.arguments[0] if isinstance(f, Call) and _is_exp(f) else self.logarithm(f) for f in argument.factors
            ]
            return self.log_softmax(argument, parts)
        if isinstance(argument, Sum) and isinstance(argument.body, Call) and _is_exp(argument.body):
            exponent = argument.body.arguments[0]
            _, summed = self.shifted(exponent, exponent, argument.index)
            return add(self.largest(self.rewrite(exponent), argument.index), log(summed))
        return log(self.rewrite(argument))

    def log_softmax(self, argument: Mul, parts: Sequence[Expr]) -> Expr:
        """u - log Σ exp(u'): as (u - max) - log Σ exp(u' - max), so that no digits cancel."""
        if len(argument.factors) == 2:
            numerator = next((f for f in argument.factors if isinstance(f, Call) and _is_exp(f)), None)
            found = next((r for f in argument.factors if (r := _inverse_sum(f)) is not None), None)
            if numerator is not None and found is not None and found[2] == 1:
                exponent, index, _ = found
                shifted, summed = self.shifted(numerator.arguments[0], exponent, index)
                return add(shifted, neg(log(summed)))
        return add(*parts)


# -- patterns -----------------------------------------------------------------------------------------


def _nodes(expr: Expr) -> Iterable[Expr]:
    yield expr
    for child in expr.children:
        yield from _nodes(child)


def _is_exp(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.function == exp


def one_plus_exp(expr: Expr) -> Expr | None:
    """u of 1 + exp(u)."""
    if isinstance(expr, Add) and len(expr.terms) == 2 and ONE in expr.terms:
        other = expr.terms[1] if expr.terms[0] == ONE else expr.terms[0]
        if isinstance(other, Call) and other.function == exp:
            return other.arguments[0]
    return None


def _inverse_sum(expr: Expr) -> tuple[Expr, Index, Fraction] | None:
    """u, its index and n of (Σ exp(u))⁻ⁿ."""
    if isinstance(expr, Pow) and expr.exponent < 0 and isinstance(expr.base, Sum):
        body = expr.base.body
        if isinstance(body, Call) and body.function == exp:
            return body.arguments[0], expr.base.index, -expr.exponent
    return None


def _is_probability(expr: Expr) -> bool:
    """A sigmoid 1/(1 + exp(u)) or a softmax exp(u)/Σ exp(u')."""
    if isinstance(expr, Pow) and expr.exponent == -1:
        return one_plus_exp(expr.base) is not None
    if isinstance(expr, Mul) and len(expr.factors) == 2:
        return any(map(_is_exp, expr.factors)) and any(_inverse_sum(f) is not None for f in expr.factors)
    return False


def _sigmoids(factors: Sequence[Expr]) -> list[Expr]:
    """exp(u)·(1 + exp(u))⁻ⁿ becomes (1 + exp(-u))⁻¹·(1 + exp(u))¹⁻ⁿ: no ∞·0."""
    done = list(factors)
    for factor in factors:
        if not (isinstance(factor, Pow) and factor.exponent <= -1 and factor.exponent.denominator == 1):
            continue
        u = one_plus_exp(factor.base)
        if u is not None and exp(u) in done:
            done.remove(exp(u))
            place = done.index(factor)
            done[place : place + 1] = [
                power(add(ONE, exp(neg(u))), -1),
                *([power(factor.base, factor.exponent + 1)] if factor.exponent < -1 else []),
            ]
    return done


def _hyperbolic(factors: Sequence[Expr]) -> Expr | None:
    """tanh(u) for (exp(u) - exp(-u))·(exp(u) + exp(-u))⁻¹."""
    for above in factors:
        if not (isinstance(above, Add) and len(above.terms) == 2 and _is_exp(above.terms[0])):
            continue
        grown = above.terms[0]
        assert isinstance(grown, Call)
        u = grown.arguments[0]
        if above.terms[1] != neg(exp(neg(u))):
            continue
        for below in (power(add(grown, exp(neg(u))), -1), power(add(exp(neg(u)), grown), -1)):
            if below in factors:
                rest = [f for f in factors if f not in (above, below)]
                return mul(*rest, tanh(u))
    return None


def _guarded(condition: Compare, then: Expr, otherwise: Expr) -> tuple[Expr, Expr]:
    """exp(u) in the branch where u ≤ 0 as exp(min(u, 0)), for the condition u > 0 (or 0 > u)."""
    if condition.right == ZERO:
        return then, _bounded(otherwise, condition.left)
    if condition.left == ZERO:
        return _bounded(then, condition.right), otherwise
    return then, otherwise


def _bounded(expr: Expr, u: Expr) -> Expr:
    def change(node: Expr) -> Expr | None:
        return exp(minimum(u, ZERO)) if node == exp(u) else None

    return transform(expr, change)
