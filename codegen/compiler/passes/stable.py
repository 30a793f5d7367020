"""Formulas in the form that neither overflows nor loses digits: the same value, other arithmetic.

    exp(u)/(exp(u) + …)         softmax: the largest u is subtracted first
    Σ a·exp(u) / Σ exp(u)       a mean under it: the largest u is subtracted in both
    log Σ w·exp(u)              its logarithm likewise, with any weights; probabilities in it go into the exponent
    Σ a/p · p                   a: where E divides by a p that the product multiplies by, p is cancelled
    log(1 + exp(u))             logaddexp(0, u)
    log p, log(1 - p)           with p a sigmoid or a softmax: from its argument, without p
    exp(u)/(1 + exp(u))         1/(1 + exp(-u)); exp(-u) may become ∞, then the quotient is 0
    log(eᵘ + eᵛ)                logaddexp(u, v), and so for more terms c·exp(u) with c > 0
    log(y·eᵘ + v·eᵛ)            with weights that are no numbers: ``codegen.compiler.passes.scaled``
    log(eᵘ·p), log(pⁿ)          u + log p, n·log p
    u > 0 ? … : exp(u)          exp(min(u, 0)): the branch that is not taken does not overflow

Quotients of exponentials are those of ``codegen.compiler.passes.exponentials``, softplus and 1 - exp(-t) near 0 those
of ``codegen.compiler.passes.vanishing``.  Each is an identity in exact arithmetic, or one up to less than the last
digit; ``tests/compiler/test_stable.py`` holds them against high precision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, reduce

from codegen.compiler.kernels import Formula, Kernel, Reduction, is_whole, labels_of, simple
from codegen.compiler.passes.exponentials import (
    guarded,
    is_exp,
    logistic_from_tanh,
    one_minus_quotient,
    one_plus_exp,
    positive,
    sigmoids,
    stable_quotient,
    tanh,
)
from codegen.compiler.passes.means import weighted_means
from codegen.compiler.passes.opened import (
    Opening,
    has_exp,
    inverse_sum,
    is_positive,
    is_probability,
    is_sum_of_exponentials,
    nodes,
)
from codegen.compiler.passes.scaled import Scaled, bases, counted, is_constant, mixture, scaled_quotient, vanishes_with
from codegen.compiler.passes.vanishing import (
    double_exponential,
    log_of_vanishing,
    logaddexp,
    vanishes,
    vanishing_quotient,
    weighted,
)
from codegen.compiler.program import Program
from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Entry,
    Expr,
    Mul,
    Number,
    Pow,
    Sum,
    Tensor,
    Where,
    add,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import exp, log, minimum
from symbolic.language.names import unused
from symbolic.language.terms import free_indices, reindex, tensors, transform

__all__ = ["logaddexp", "one_plus_exp", "stable_forms", "tanh"]


def stable_forms(program: Program) -> Program:
    """Rewrite softmax, logarithms of probabilities, softplus, tanh and guarded exponentials."""
    program = program.with_kernels(_with_logistic(kernel) for kernel in program.kernels)
    rewriter = _Rewriter(program)
    for kernel in program.kernels:
        rewriter.kernel(kernel)
    return program.with_kernels(rewriter.kernels)


def _with_logistic(kernel: Kernel) -> Kernel:
    return replace(kernel, expr=logistic_from_tanh(kernel.expr)) if isinstance(kernel, Formula) else kernel


@dataclass(frozen=True)
class _Wide:
    """Σ weight·exp(exponent) over the index."""

    weight: Expr
    exponent: Expr
    index: Index


@dataclass
class _Rewriter:
    program: Program
    kernels: list[Kernel] = field(default_factory=list)
    current: Formula | None = None

    @cached_property
    def opening(self) -> Opening:
        return Opening(self.program.by_name)

    def kernel(self, kernel: Kernel) -> None:
        if not isinstance(kernel, Formula):
            self.kernels.append(kernel)
            return
        self.current = kernel
        expr = kernel.expr
        if any(isinstance(node, (Call, Mul)) for node in nodes(expr)):
            expr = weighted_means(self.rewrite(expr), self.program.facts)
        self.kernels.append(replace(kernel, expr=expr))

    def rewrite(self, expr: Expr) -> Expr:
        """From the inside out, except that a quotient is looked at whole before its parts are."""
        match expr:
            case Mul(factors):
                factors = tuple(sigmoids(factors))
                if (quotient := scaled_quotient(factors, self)) is not None:
                    return quotient
                for simpler in (self.unfolded, self.infinite_logarithm, vanishing_quotient, stable_quotient):
                    if (simplified := simpler(factors)) is not None:
                        return self.rewrite(simplified)
                if (quotient := scaled_quotient(factors, self, numeric=True)) is not None:
                    return quotient
                return self.softmax([self.rewrite_factor(f) for f in factors])
            case Call(function, (Call(inner, (argument,)),)) if function == exp and inner == log:
                return self.rewrite(argument)
            case Call(function, (argument,)) if function == log:
                return self.logarithm(self.opening.opened(argument), argument)
            case Where(condition, then, otherwise):
                held = Where(condition, *guarded(condition, then, otherwise))
                return held.rebuild(tuple(self.rewrite(child) for child in held.children))
        return expr.rebuild(tuple(self.rewrite(child) for child in expr.children))

    def rewrite_factor(self, expr: Expr) -> Expr:
        """The factor of a product; 1/Σ exp is left to the product."""
        if isinstance(expr, Pow) and expr.exponent < 0 and self.wide(expr.base) is not None:
            return expr
        return self.rewrite(expr)

    # -- sums of exponentials -----------------------------------------------------------------------

    def wide(self, expr: Expr) -> _Wide | None:
        """The expression as Σ w·exp(u), also where it is a node of its own."""
        expr = self.opening.opened(expr)
        if not isinstance(expr, Sum):
            return None
        factors = expr.body.factors if isinstance(expr.body, Mul) else (expr.body,)
        grown: list[Expr] = []
        weights: list[Expr] = []
        for factor in factors:
            exponent = self.exponent(factor)
            (weights if exponent is None else grown).append(factor if exponent is None else exponent)
        return _Wide(mul(*weights), add(*grown), expr.index) if expr.index in free_indices(add(*grown)) else None

    def exponent(self, factor: Expr) -> Expr | None:
        """u of exp(u), or log p of a node p that is a quotient of exponentials."""
        if isinstance(factor, Call) and factor.function == exp:
            return factor.arguments[0]
        made = self.opening.made(factor)
        if made is not None and isinstance(made, (Mul, Pow)) and is_probability(made):
            return self.logarithm(made)
        return None

    def softmax(self, factors: Sequence[Expr]) -> Expr:
        """exp(u)·(Σ w·exp(u'))⁻ⁿ with the maximum of u' subtracted in both."""
        done = list(factors)
        for k, factor in enumerate(done):
            if not (isinstance(factor, Pow) and factor.exponent < 0 and factor.exponent.denominator == 1):
                continue
            if (sum_ := self.wide(factor.base)) is None:
                continue
            partners = [n for n, f in enumerate(done) if self.exponent(f) is not None]
            if not partners and factor.exponent == -1 and (found := self.mean(done, sum_)) is not None:
                place, mean = found
                done[place], done[k] = self.weighted_sum(mean, sum_)
                continue
            if not any(is_exp(done[n]) for n in partners) and (len(partners) == 0 or sum_.weight == ONE):
                done[k] = power(self.rewrite(factor.base), factor.exponent) if not partners else self.rewrite(factor)
                continue
            exponents = [e for n in partners if (e := self.exponent(done[n])) is not None]
            weights = [f for n, f in enumerate(done) if n not in partners]
            shifted, summed, _ = self.shifted(add(*exponents), sum_, int(-factor.exponent), weights)
            for n in partners:
                done[n] = ONE
            done[partners[0]], done[k] = exp(shifted), power(summed, factor.exponent)
        return mul(*done)

    def mean(self, factors: Sequence[Expr], sum_: _Wide) -> tuple[int, _Wide] | None:
        """Σ a·exp(u) among the factors, with the u of a sum of exponentials that the product is divided by."""
        for place, factor in enumerate(factors):
            other = self.wide(factor) if isinstance(factor, Sum) else None
            if other and reindex(other.exponent, {other.index: subscript(sum_.index)}) == sum_.exponent:
                return place, other
        return None

    def weighted_sum(self, mean: _Wide, sum_: _Wide) -> tuple[Expr, Expr]:
        """Σ a·exp(u) and (Σ w·exp(u))⁻¹ with the maximum of u subtracted in both: the quotient is a mean of the a."""
        shifted, summed, _ = self.shifted(mean.exponent, sum_, weights=[mean.weight])
        return total(mul(mean.weight, exp(shifted)), mean.index), power(summed, -1)

    def shifted(self, u: Expr, sum_: _Wide, rank: int = 1, weights: Sequence[Expr] = ()) -> tuple[Expr, Expr, Expr]:
        """u - rank·max, Σ w·exp(exponent - max) over an array that holds exponent - max for all indices, and max.

        The maximum is over the exponents whose weight is not 0; u is multiplied by the ``weights``.
        """
        assert self.current is not None
        given, index = sum_.exponent, sum_.index
        exponent = self.rewrite(given)
        largest = self.largest(counted(self.rewrite(sum_.weight), exponent), index)
        labels = self.ordered(free_indices(exponent) | free_indices(largest), exponent)
        below = add(exponent, neg(largest))
        for other in self.kernels:
            if isinstance(other, Formula) and other.indices == labels and other.expr == below:
                array = other.target
                break
        else:
            array = Tensor(self.named("shifted"), tuple(label.extent for label in labels))
            self.kernels.append(Formula(array, labels, below, equations=self.current.equations))

        def below_zero(lowered: Expr, weight: Expr) -> Expr:
            """At 0 where the weight is 0, which has no say in the maximum."""
            held = not is_constant(weight) and vanishes_with(weight, bases(weights))
            return minimum(lowered, ZERO) if held else lowered

        def at(outer: Mapping[Index, Subscript]) -> Expr:
            return below_zero(reindex(array[labels], outer), reindex(sum_.weight, outer))

        lowered = array[labels] if is_constant(sum_.weight) else minimum(array[labels], ZERO)
        summed = total(mul(self.rewrite(sum_.weight), exp(lowered)), index)
        if rank == 1:
            for outer in sorted(free_indices(u) - free_indices(summed)):
                if reindex(given, {index: subscript(outer)}) == u:
                    return at({index: subscript(outer)}), summed, largest
            if u == given:
                return at({}), summed, largest
        return add(self.rewrite(u), mul(number(-rank), largest)), summed, largest

    def named(self, what: str) -> str:
        assert self.current is not None
        taken = {k.target.name for k in (*self.kernels, *self.program.kernels)} | {t.name for t in self.program.given}
        return unused(f"{self.current.target.name}_{what}", taken)

    def largest(self, exponent: Expr, index: Index) -> Entry:
        """max over the index of the exponent, an array of its own."""
        assert self.current is not None
        labels = self.ordered(free_indices(exponent), exponent)
        if not (isinstance(exponent, Entry) and is_whole(exponent)):  # h[i,t+1], h[i,2t], h[i,t,t]
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

    def ordered(self, labels: Collection[Index], exponent: Expr) -> tuple[Index, ...]:
        """As one array of the exponent has them, so that it is read as it lies; else as in the definition's target."""
        assert self.current is not None
        for node in nodes(exponent):
            if isinstance(node, Entry) and simple(node) and set(labels_of(node)) == set(labels):
                return labels_of(node)
        places = {index: k for k, index in enumerate(self.current.indices)}
        return tuple(sorted(labels, key=lambda index: (places.get(index, len(places)), index)))

    # -- slopes of logarithms -----------------------------------------------------------------------

    def unfolded(self, factors: Sequence[Expr]) -> Expr | None:
        """E·p′ with E = Σ a/p where p may be 0 though p′/p is not: Σ a·p′/p, the formula of p in its place."""
        for factor in factors:
            made = self.opening.made(factor)
            rest = [f for f in factors if f is not factor]
            if made is None or not any(self.cancels(node, rest) for node in nodes(made)):
                continue
            return add(*(self.slope(term, rest) for term in self.summands(made, rest)))
        return None

    def cancels(self, node: Expr, rest: Sequence[Expr]) -> bool:
        """Whether it is p⁻ⁿ with a p that stands in the product too, or that vanishes or grows as the product does."""
        if not (isinstance(node, Pow) and node.exponent < 0):
            return False
        bases = [f.base if isinstance(f, Pow) and f.exponent > 0 else f for f in rest]
        if (node.base in bases and tensors(node.base)) or self.inverse(node) is not None:
            return True
        grows = self.wide(node.base) is not None or positive(self.opening.opened(node.base)) is not None
        return grows and any(has_exp(f) or self.exponent(f) is not None for f in rest)

    def summands(self, expr: Expr, rest: Sequence[Expr]) -> Iterator[Expr]:
        """The terms of a sum, also of one that is multiplied by something: c·(1 - a/p) = c - c·a/p.

        Only sums with a 1/p in them are multiplied out: it is there that p′ cancels.
        """
        if isinstance(expr, Add):
            for term in expr.terms:
                yield from self.summands(term, rest)
            return
        factors = expr.factors if isinstance(expr, Mul) else ()
        for place, factor in enumerate(factors):
            if isinstance(factor, Add) and any(self.cancels(node, rest) for node in nodes(factor)):
                others = factors[:place] + factors[place + 1 :]
                for term in factor.terms:
                    yield from self.summands(mul(*others, term), rest)
                return
        yield expr

    def inverse(self, node: Expr) -> Expr | None:
        """p⁻ⁿ or (1 - p)⁻ⁿ with the formula of p."""
        if not (isinstance(node, Pow) and node.exponent < 0):
            return None
        opened = self.opening.opened(node.base)
        return power(opened, node.exponent) if vanishes(opened) else None

    def grown(self, node: Expr) -> Expr | None:
        """p⁻ⁿ with the formula of p, where exponentials in the product keep it from overflowing."""
        if not (isinstance(node, Pow) and node.exponent < 0 and isinstance(node.base, Entry)):
            return None
        opened = self.opening.opened(node.base)
        return power(opened, node.exponent) if is_sum_of_exponentials(opened) or positive(opened) is not None else None

    def slope(self, term: Expr, rest: Sequence[Expr]) -> Expr:
        """One a·p′/p; where p is a double exponential, p′/p may be infinite, and a may be 0."""
        product = mul(*rest, transform(term, self.inverse))
        if any(map(has_exp, rest)):
            product = transform(product, self.grown)
        doubled = any(
            isinstance(n, Pow) and double_exponential(self.opening.opened(n.base)) is not None for n in nodes(term)
        )
        grown = [f for f in product.factors if is_exp(f)] if doubled and isinstance(product, Mul) else []
        return weighted(product, grown[0]) if len(grown) == 1 else product

    # -- logarithms ---------------------------------------------------------------------------------

    def infinite_logarithm(self, factors: Sequence[Expr]) -> Expr | None:
        """a·log p with p = exp(-exp(v)): 0 where a is 0."""
        for factor in factors:
            if isinstance(factor, Call) and factor.function == log:
                v = double_exponential(self.opening.opened(factor.arguments[0]))
                if v is not None:
                    grown = exp(v)
                    return neg(weighted(mul(grown, *(f for f in factors if f is not factor)), grown))
        return None

    def logarithm(self, argument: Expr, given: Expr | None = None) -> Expr:
        """log of the argument in its stable form, or as it was given where there is none."""
        if (u := one_plus_exp(argument)) is not None:
            return logaddexp(ZERO, self.rewrite(u))
        if (found := log_of_vanishing(argument)) is not None:
            return self.rewrite(found)
        if isinstance(argument, Call) and argument.function == exp:
            return self.rewrite(argument.arguments[0])
        if (terms := positive(argument)) is not None:
            summands = [self.rewrite(a if c == 1 else add(a, log(Number(c)))) for c, a in terms]
            return reduce(logaddexp, summands)
        if isinstance(argument, Add) and len(argument.terms) == 2 and argument.terms[0] == ONE:
            inner = mul(MINUS_ONE, argument.terms[1])
            if isinstance(inner, Pow) and inner.exponent == -1 and (u := one_plus_exp(inner.base)) is not None:
                return neg(logaddexp(ZERO, self.rewrite(neg(u))))  # 1 - 1/(1 + eᵘ) = 1/(1 + e⁻ᵘ)
            if (found := one_minus_quotient(inner)) is not None:
                return self.logarithm(found)
        if isinstance(argument, Pow) and (argument.exponent == -1 or is_positive(argument)):
            return mul(Number(argument.exponent), self.logarithm(argument.base))
        if isinstance(argument, Mul) and (shares := self.shares(argument.factors)) is not None:
            return add(*(mul(Number(n), self.logarithm(share)) for share, n in shares))
        if isinstance(argument, Mul) and any(map(is_positive, argument.factors)):
            if (found := stable_quotient(argument.factors)) is not None:
                return self.logarithm(found)
            return self.log_product(argument)
        if (mixed := mixture(argument)) is not None:
            scaled = Scaled(mixed, self)
            return add(scaled.m, log(scaled.sum))
        if (sum_ := self.wide(argument)) is not None:
            _, summed, largest = self.shifted(sum_.exponent, sum_)
            return add(largest, log(summed))
        return log(self.rewrite(given or argument))

    def shares(self, factors: Sequence[Expr]) -> list[tuple[Expr, Fraction]] | None:
        """(p or 1 - p, n) for each pⁿ or (1 - p)ⁿ with probabilities p: all factors of p/(1 - p), say."""
        found = []
        for factor in factors:
            base, n = (factor.base, factor.exponent) if isinstance(factor, Pow) else (factor, Fraction(1))
            if not isinstance(base, Number) and (opened := self.opening.opened(base)) == base:
                return None
            if isinstance(base, Number) and base.value <= 0:
                return None
            found.append((base if isinstance(base, Number) else opened, n))
        return found if len(found) > 1 and any(not isinstance(base, Number) for base, _ in found) else None

    def log_product(self, argument: Mul) -> Expr:
        """u - log Σ exp(u'): as (u - max) - log Σ exp(u' - max), so that no digits cancel; or a sum of logarithms."""
        if len(argument.factors) == 2:
            numerator = next((f for f in argument.factors if isinstance(f, Call) and is_exp(f)), None)
            found = next((r for f in argument.factors if (r := inverse_sum(f)) is not None), None)
            if numerator is not None and found is not None and found[2] == 1:
                exponent, index, _ = found
                shifted, summed, _ = self.shifted(numerator.arguments[0], _Wide(ONE, exponent, index))
                return add(shifted, neg(log(summed)))
        known = [f for f in argument.factors if is_positive(f)]
        rest = mul(*(f for f in argument.factors if not is_positive(f)))  # positive as a whole
        return add(*map(self.logarithm, known), *([] if rest == ONE else [self.logarithm(rest)]))
