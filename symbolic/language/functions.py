"""Functions of one formula: primitives, which carry a derivative, and named formulas, which do not.

Only the primitives below know how they are differentiated.  σ, tanh, GELU and whatever a user writes
are a :class:`Function` with a ``body``, a formula in the symbol u; their derivatives are derived
(``symbolic.derivation.calculus``).  A *generic* function (the lecture's h) has no body: its derivative is h′.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from symbolic.language.expr import ONE, ZERO, Call, Compare, Constant, Expr, Symbol, mul, neg, number, power

U, V = Symbol("u"), Symbol("v")


@dataclass(frozen=True, slots=True)
class Function:
    """A function that formulas can call.

    ``partials`` are the derivatives by each argument, as formulas in u (and v): primitives only.
    ``body`` is the formula in u of a named function.  ``order`` counts the primes of a generic one.
    """

    name: str
    kind: Literal["primitive", "named", "generic"]
    body: Expr | None = None
    order: int = 0
    arity: int = 1
    partials: tuple[Expr, ...] = field(default=(), compare=False, repr=False)
    #: Where it is not differentiable and what is taken there, in words for a side condition.
    kink: str = field(default="", compare=False, repr=False)

    def __call__(self, *arguments: Expr) -> Expr:
        return Call(self, arguments)

    @property
    def prime(self) -> Function:
        """The derivative of a generic function, itself generic."""
        return replace(self, order=self.order + 1)


PRIMITIVES: dict[str, Function] = {}


def _primitive(name: str, arity: int = 1, kink: str = "") -> Function:
    PRIMITIVES[name] = Function(name, "primitive", arity=arity, kink=kink)
    return PRIMITIVES[name]


def _derivative(function: Function, *partials: Expr) -> None:
    object.__setattr__(function, "partials", partials)  # exp' names exp: the table ties the knot once


exp, log = _primitive("exp"), _primitive("log")
sin, cos = _primitive("sin"), _primitive("cos")
atan, erf = _primitive("atan"), _primitive("erf")
#: ln |Γ(u)|, its derivative ψ(u), and the derivative of that; nobody has asked for a further one.
lgamma, digamma, trigamma = _primitive("lgamma"), _primitive("digamma"), _primitive("trigamma")
absolute, sign = _primitive("abs", kink="u = 0"), _primitive("sign")
maximum, minimum = _primitive("max", 2, kink="u = v"), _primitive("min", 2, kink="u = v")

_derivative(exp, exp(U))
_derivative(log, power(U, -1))
_derivative(sin, cos(U))
_derivative(cos, neg(sin(U)))
_derivative(atan, power(ONE + power(U, 2), -1))
_derivative(erf, mul(number(2), power(Constant("pi"), Fraction(-1, 2)), exp(neg(power(U, 2)))))
_derivative(lgamma, digamma(U))
_derivative(digamma, trigamma(U))
_derivative(absolute, sign(U))  # at the kink the subgradient 0 is taken
_derivative(sign, ZERO)
_derivative(maximum, Compare(">", U, V), Compare(">=", V, U))  # at the kink v's slope: relu'(0) = 0
_derivative(minimum, Compare(">", V, U), Compare(">=", U, V))


def generic(name: str) -> Function:
    """Any smooth function, known by its name alone."""
    return Function(name, "generic")
