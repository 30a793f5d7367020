"""Maps taken apart into single operations, each one call of a NumPy ufunc."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from codegen.compiler.kernels import MASK, Kernel, Map
from codegen.compiler.program import Program
from symbolic.language.affine import Index
from symbolic.language.expr import (
    MINUS_ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Delta,
    Entry,
    Expr,
    InRange,
    Mul,
    Position,
    Pow,
    Tensor,
    Where,
    add,
    mul,
    power,
)
from symbolic.language.names import Unused
from symbolic.language.terms import free_indices, tensors


def single_operations(program: Program) -> Program:
    """Every Map over arrays becomes Maps of one operation; scalars keep their formula whole."""
    splitter = _Splitter(Unused(program.array_names(), first="_1"))
    for kernel in program.kernels:
        if isinstance(kernel, Map) and kernel.indices:
            splitter.define(kernel)
        else:
            splitter.kernels.append(kernel)
    return program.with_kernels(splitter.kernels)


def constant(expr: Expr) -> bool:
    """Whether it is a number once the sizes are known."""
    return not tensors(expr) and not free_indices(expr)


def negated(expr: Expr) -> Expr | None:
    """u when the expression is -u."""
    if isinstance(expr, Mul) and expr.factors[0] == MINUS_ONE:
        return mul(*expr.factors[1:])
    return None


@dataclass
class _Splitter:
    names: Unused
    kernels: list[Kernel] = field(default_factory=list)
    kernel: Map | None = None

    def define(self, kernel: Map) -> None:
        self.kernel = kernel
        self.kernels.append(replace(kernel, expr=self.operation(kernel.expr)))

    def atom(self, expr: Expr) -> Expr:
        """The expression as an entry or a number; what is neither gets an array."""
        if isinstance(expr, Entry) or constant(expr):
            return expr
        return self.array(self.operation(expr))

    def array(self, operation: Expr, mask: bool = False) -> Entry:
        assert self.kernel is not None
        labels: tuple[Index, ...] = tuple(index for index in self.kernel.indices if index in free_indices(operation))
        base = f"{MASK if mask else ''}{self.kernel.target.name}"
        made = Map(
            Tensor(self.names.of(base), tuple(i.extent for i in labels)),
            labels,
            operation,
            equations=self.kernel.equations,
        )
        self.kernels.append(made)
        return made.entry

    def operation(self, expr: Expr) -> Expr:
        """The expression as one operation on atoms."""
        if isinstance(expr, (Entry, Delta, InRange, Position)) or constant(expr):
            return expr
        match expr:
            case Add(terms):
                return self.sum(terms)
            case Mul(factors):
                return self.product(factors)
            case Pow(base, exponent):
                return self.power(base, exponent)
            case Call(function, arguments):
                return Call(function, tuple(self.atom(a) for a in arguments))
            case Compare(relation, left, right):
                return Compare(relation, self.atom(left), self.atom(right))
            case Where(condition, then, otherwise):
                chosen = condition if constant(condition) else Compare(">", self.mask(condition), ZERO)
                return Where(chosen, self.atom(then), self.atom(otherwise))
        raise TypeError(f"not elementwise: {expr}")

    def mask(self, condition: Compare) -> Expr:
        return self.array(Compare(condition.relation, self.atom(condition.left), self.atom(condition.right)), mask=True)

    def sum(self, terms: tuple[Expr, ...]) -> Expr:
        """a + b or a - b; longer sums from the left, positive terms first, composite before plain."""
        constants = [t for t in terms if constant(t)]
        if len(constants) > 1:  # one number, whatever it is made of: a sum of two would be an array of its own
            terms = (*(t for t in terms if t not in constants), add(*constants))
        ordered = sorted(terms, key=lambda t: (negated(t) is not None, constant(t), isinstance(t, Entry)))
        if negated(ordered[0]) is not None:  # -a - b: the smallest term first
            ordered.sort(key=lambda t: len(free_indices(t)))
        total = ordered[0]
        for position, term in enumerate(ordered[1:], start=1):
            left = self.atom(total)
            minus = negated(term)
            right = self.atom(term if minus is None else minus)
            total = Add((left, right if minus is None else Mul((MINUS_ONE, right))))
            if position < len(ordered) - 1:
                total = self.array(total)
        return total

    def product(self, factors: tuple[Expr, ...]) -> Expr:
        """a·b, a/b or -a; longer products from the left, plain factors first, so that values die early."""
        sign = 1
        numbers = [f for f in factors if constant(f)]
        others = [f for f in factors if not constant(f)]
        if numbers and numbers[0] == MINUS_ONE:
            numbers, sign = numbers[1:], -1
        for k, factor in enumerate(others):
            if sign < 0 and isinstance(factor, Add) and any(negated(t) is not None for t in factor.terms):
                others[k], sign = Add(tuple(negated(t) or mul(MINUS_ONE, t) for t in factor.terms)), 1
        masks = [f for f in others if isinstance(f, Compare)]  # each is an array: a constant one is a number
        below = [f.base for f in others if isinstance(f, Pow) and f.exponent == -1]
        above = [f for f in others if f not in masks and not (isinstance(f, Pow) and f.exponent == -1)]
        above.sort(key=lambda f: not isinstance(f, Entry))
        scale = mul(*numbers) if numbers else None
        if sign < 0 and scale is not None:
            scale = mul(MINUS_ONE, scale)
            sign = 1
        if not above and not masks:
            above, below = [power(below[0], -1)] if scale is None else [], below[1:] if scale is None else below
        queue = [(f, False) for f in above]
        if scale is not None:
            queue.insert(1 if queue else 0, (scale, False))
        queue += [(f, True) for f in below]
        if not queue or queue[0][1]:  # a mask over what it is divided by: the first factor is never a divisor
            queue.insert(0, (masks.pop(0), False))
        result = self.chain(queue, masks)
        if sign > 0:
            return result
        return Mul((MINUS_ONE, result if isinstance(result, Entry) else self.array(result)))

    def chain(self, queue: list[tuple[Expr, bool]], masks: list[Compare]) -> Expr:
        result = queue[0][0]
        if len(queue) == 1 and not masks:
            return self.operation(result)
        left = self.atom(result)
        steps: list[tuple[Expr, bool]] = [*queue[1:], *((mask, False) for mask in masks)]
        for k, (factor, divided) in enumerate(steps):  # a factor is computed when its turn comes, not before
            step = self.mask(factor) if isinstance(factor, Compare) and not constant(factor) else self.atom(factor)
            operation = Mul((left, power(step, -1) if divided else step))
            if k == len(steps) - 1:
                return operation
            left = self.array(operation)
        return left

    def power(self, base: Expr, exponent: Fraction) -> Expr:
        atom = self.atom(base)
        if exponent in (2, -1, Fraction(1, 2)):
            return Pow(atom, exponent)
        if exponent < 0 and (exponent.denominator == 1 or exponent == Fraction(-1, 2)):
            return Pow(self.array(self.power(atom, -exponent)), Fraction(-1))
        if exponent.denominator == 1 and exponent <= 8:
            half = self.array(self.power(atom, Fraction(exponent // 2))) if exponent // 2 > 1 else atom
            if exponent % 2 == 0:
                return Pow(half, Fraction(2))
            square = self.array(Pow(half, Fraction(2)))
            return Mul((square, atom))
        return Pow(atom, exponent)
