"""What stands behind the name of a node, and how one sees there that it is a probability or a sum of exponentials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from codegen.compiler.build import written_out
from codegen.compiler.kernels import Formula, Kernel
from codegen.compiler.passes.exponentials import is_exp, logistic_from_tanh, positive
from codegen.compiler.passes.vanishing import vanishes
from symbolic.language.affine import Index
from symbolic.language.expr import MINUS_ONE, ONE, Add, Call, Entry, Expr, Mul, Number, Pow, Sum, add, mul, neg
from symbolic.language.functions import exp
from symbolic.language.terms import reindex, tensors, transform


@dataclass(frozen=True)
class Opening:
    """Reads the formulas of a program's kernels, by their names."""

    kernels: Mapping[str, Kernel]

    def made(self, entry: Expr) -> Expr | None:
        """The formula of an entry, for its subscripts; what a library has a name for is written out in it."""
        if not isinstance(entry, Entry):
            return None
        kernel = self.kernels.get(entry.tensor.name)
        if not isinstance(kernel, Formula):
            return None
        return reindex(written_out(kernel.expr), dict(zip(kernel.indices, entry.subscripts, strict=True)))

    def opened(self, argument: Expr) -> Expr:
        """The argument of a logarithm with the definition of a probability put in its place."""

        def formula(node: Expr) -> Expr | None:
            made = self.made(node)
            return made if made is not None and (is_probability(made) or is_sum_of_exponentials(made)) else None

        if isinstance(argument, Entry):
            return formula(argument) or argument
        if isinstance(argument, Add) and argument.terms[0] == ONE and len(argument.terms) == 2:
            share = transform(argument, self.made) if tensors(argument) else argument
            if (logistic := logistic_from_tanh(share)) != share:
                return logistic
            inner = mul(MINUS_ONE, argument.terms[1])
            if isinstance(inner, Entry) and (found := formula(inner)) is not None:
                return add(ONE, *map(neg, found.terms)) if isinstance(found, Add) else add(ONE, neg(found))
        return argument


def nodes(expr: Expr) -> Iterable[Expr]:
    yield expr
    for child in expr.children:
        yield from nodes(child)


def inverse_sum(expr: Expr) -> tuple[Expr, Index, Fraction] | None:
    """u, its index and n of (Σ exp(u))⁻ⁿ."""
    if isinstance(expr, Pow) and expr.exponent < 0 and isinstance(expr.base, Sum):
        body = expr.base.body
        if isinstance(body, Call) and body.function == exp:
            return body.arguments[0], expr.base.index, -expr.exponent
    return None


def has_exp(expr: Expr) -> bool:
    return any(map(is_exp, nodes(expr)))


def is_probability(expr: Expr) -> bool:
    """A sigmoid, a softmax exp(u)/Σ exp(u'), a quotient of exponentials, or what vanishes like exp(u)."""
    if isinstance(expr, Mul):
        return all(is_positive(f) or isinstance(f, Number) for f in expr.factors)
    return is_positive(expr) or vanishes(expr)


def is_positive(expr: Expr) -> bool:
    """Whether it is exp(u), a power of Σ exp(u) or of a sum c·exp(u) + …: positive, and its logarithm is simple."""
    if isinstance(expr, Pow) and expr.exponent.denominator == 1:
        return is_exp(expr.base) or positive(expr.base) is not None or inverse_sum(expr) is not None
    return is_exp(expr) or positive(expr) is not None


def is_sum_of_exponentials(expr: Expr) -> bool:
    """Whether it is a sum over an index with exponentials in it, which alone may overflow."""
    factors = expr.body.factors if isinstance(expr, Sum) and isinstance(expr.body, Mul) else expr.children
    return isinstance(expr, Sum) and any(map(is_exp, factors))
