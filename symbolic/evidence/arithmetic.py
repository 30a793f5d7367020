"""Three kinds of numbers behind one interface: floats, fifty digits, and a finite field.

The evaluator (``symbolic.evidence.evaluate``) does structure: labels, sums, gathering, derivatives.  An
:class:`Arithmetic` does numbers, elementwise over whole arrays:

``FLOAT``
    float64.  Fast; refutes, and never proves.
``HIGH``
    50 digits (mpmath).  Needed where an identity of analysis is behind an equality.
``MODULAR``
    Exact arithmetic in the field of ``PRIME`` elements, where a formula that is zero at random points
    is zero (Schwartz–Zippel).  exp, log, erf, … of an argument are *atoms*: elements drawn by a hash
    of the function and the argument, so that equal arguments give equal atoms and nothing else is known
    of them but exp(-u)·exp(u) = 1, sin² + cos² = 1, and that sin, atan, erf are odd.  Every element
    carries a float64 *shadow* that decides comparisons, signs and domains.

A value may be *undefined* (the logarithm of a negative number, 1/0, an entry outside its tensor).
That is a value, not an exception (NaN; in the field, an element whose shadow is NaN): it spreads through
sums and products, and an Iverson bracket that is zero, or a branch that is not taken, silences it.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from mpmath import MPContext
from numpy.typing import NDArray

from symbolic.evidence.field import GRID, ORDER, PRIME, UNIT, atom, field_exponent, field_power
from symbolic.fuel import spend

Array: TypeAlias = NDArray[Any]
Mask: TypeAlias = NDArray[np.bool_]

DIGITS = 50

#: Closer than this (relatively) to a tie, a comparison is at its kink.
NEAR = 1e-9
#: exp, sin and their like have no value in ``High`` beyond this: it would have more digits than there is time for.
FARTHEST = 1e40


class Arithmetic(ABC):
    """Elementwise numbers.  Arrays in, arrays out, broadcasting as NumPy does; shapes are NumPy's."""

    name: str

    def __init__(self) -> None:
        self._rationals: dict[tuple[int, int], Array] = {}

    def rational(self, value: Fraction) -> Array:
        """The number as an array without axes."""
        ratio = value.as_integer_ratio()  # a pair has its hash at once, a fraction works it out each time
        known = self._rationals.get(ratio)
        if known is None:
            known = self._rationals[ratio] = self.convert(np.array(value, dtype=object))
        return known

    def indicator(self, mask: Mask) -> Array:
        """1 where the mask is true, 0 elsewhere."""
        return np.where(mask, self.rational(Fraction(1)), self.rational(Fraction(0)))

    def select(self, mask: Mask, then: Array, otherwise: Array) -> Array:
        return np.where(mask, then, otherwise)

    def taken(self, values: Array, places: tuple[Array, ...]) -> Array:
        """The entries at these places, one array of numbers for each axis."""
        return np.asarray(values[places], values.dtype)

    def exactness_lost(self, base: Array, exponent: Fraction) -> Mask | None:
        """Where ``base ** exponent`` exists among the reals and this arithmetic cannot stand for it."""
        return None

    def inverted(self, matrices: Array) -> tuple[Array, Array] | None:
        """The inverses and the determinants over the last two axes; None where there is no way but step by step."""
        return None

    @property
    @abstractmethod
    def undefined_value(self) -> Array: ...

    @property
    @abstractmethod
    def pi(self) -> Array: ...

    @abstractmethod
    def convert(self, values: Array) -> Array:
        """Rational numbers (floats stand for what they are exactly) in this arithmetic."""

    @abstractmethod
    def floats(self, values: Array) -> NDArray[np.float64]:
        """The nearest floats; NaN where undefined."""

    @abstractmethod
    def undefined(self, values: Array) -> Mask: ...

    @abstractmethod
    def add(self, a: Array, b: Array) -> Array: ...

    @abstractmethod
    def multiply(self, a: Array, b: Array) -> Array: ...

    @abstractmethod
    def total(self, values: Array, axis: int) -> Array:
        """The sum over one axis."""

    @abstractmethod
    def power(self, base: Array, exponent: Fraction) -> Array:
        """Undefined for 0 to a negative power, and for a broken power of a negative number."""

    @abstractmethod
    def compare(self, a: Array, b: Array) -> tuple[Mask, Mask]:
        """``(a > b, at the tie)``.  Both are false where one is undefined."""

    @abstractmethod
    def call(self, function: str, values: Array) -> Array:
        """A primitive of one argument: exp, log, sin, cos, atan, erf."""

    @abstractmethod
    def generic(self, name: str, order: int, values: Array) -> Array:
        """The order-th derivative of the generic function of that name."""


def stretch(name: str) -> tuple[float, float, float, float, float]:
    """The coefficients, eighths, of the smooth function that stands for a generic one: see ``wave``."""
    digest = hashlib.sha256(name.encode()).digest()
    a, b, c, d, e = (byte % 8 + 5 for byte in digest[:5])
    return a / 8, b / 8, c / 8, d / 16, e / 16


def wave(name: str, order: int, u: Any, sin: Callable[[Any], Any], half_pi: Any) -> Any:
    """h(u) = a·sin(b·u + c) + d·u + e·u²/2 and its derivatives, with coefficients made of the name."""
    a, b, c, d, e = stretch(name)
    polynomial = (d * u + e * u * u / 2, d + e * u, e + 0 * u)[order] if order < 3 else 0 * u
    return a * b**order * sin(b * u + c + order * half_pi) + polynomial


class Float(Arithmetic):
    """float64; undefined is NaN."""

    name = "float64"
    undefined_value = np.array(np.nan)
    pi = np.array(math.pi)

    def convert(self, values: Array) -> Array:
        return np.asarray(values, dtype=np.float64)

    def floats(self, values: Array) -> NDArray[np.float64]:
        return np.asarray(values, dtype=np.float64)

    def undefined(self, values: Array) -> Mask:
        return np.asarray(np.isnan(values))

    def add(self, a: Array, b: Array) -> Array:
        return a + b

    def multiply(self, a: Array, b: Array) -> Array:
        return a * b

    def total(self, values: Array, axis: int) -> Array:
        return np.asarray(values.sum(axis=axis))

    def power(self, base: Array, exponent: Fraction) -> Array:
        return float_power(base, exponent)

    def inverted(self, matrices: Array) -> tuple[Array, Array] | None:
        try:
            return np.linalg.inv(matrices), np.asarray(np.linalg.det(matrices))
        except np.linalg.LinAlgError:
            return None

    def compare(self, a: Array, b: Array) -> tuple[Mask, Mask]:
        return float_compare(a, b)

    def call(self, function: str, values: Array) -> Array:
        return float_call(function, values)

    def generic(self, name: str, order: int, values: Array) -> Array:
        return np.asarray(wave(name, order, values, np.sin, math.pi / 2))


_erf = np.frompyfunc(math.erf, 1, 1)


def gamma_functions(context: Any) -> dict[str, Callable[[Any], Any]]:
    """ln |Γ(u)| and its first two derivatives in a context of mpmath; NaN at the poles."""

    def guarded(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda u: context.nan if context.isnan(u) or (context.re(u) <= 0 and context.isint(u)) else function(u)

    loggamma = context.loggamma
    return {
        "lgamma": guarded(lambda u: loggamma(u) if context.im(u) else context.re(loggamma(u))),
        "digamma": guarded(lambda u: context.psi(0, u)),
        "trigamma": guarded(lambda u: context.psi(1, u)),
    }


_DOUBLE = MPContext()
_GAMMA = {
    name: np.frompyfunc(lambda u, f=function: float(f(_DOUBLE.mpf(u))), 1, 1)
    for name, function in gamma_functions(_DOUBLE).items()
}


# What overflows below is told to who evaluates: a number that is made of it may be finite, and wrong.


def float_power(base: Array, exponent: Fraction) -> Array:
    if exponent.denominator == 1 and exponent > 0:
        return np.asarray(base ** int(exponent))
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        result = 1.0 / base ** int(-exponent) if exponent.denominator == 1 else base ** float(exponent)
    return np.where(base == 0, np.nan, result) if exponent < 0 else result


def float_compare(a: Array, b: Array) -> tuple[Mask, Mask]:
    return np.greater(a, b), np.abs(a - b) <= NEAR * (np.abs(a) + np.abs(b))


def float_call(function: str, values: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        match function:
            case "exp":
                return np.exp(values)
            case "log":
                return np.where(values > 0, np.log(values), np.nan)
            case "sin":
                return np.sin(values)
            case "cos":
                return np.cos(values)
            case "atan":
                return np.arctan(values)
            case "erf":
                return np.asarray(_erf(values), dtype=np.float64)
            case "lgamma" | "digamma" | "trigamma":
                return np.asarray(_GAMMA[function](values), dtype=np.float64)
    raise KeyError(function)


class High(Arithmetic):
    """``DIGITS`` digits in object arrays of mpmath numbers; undefined is mpmath's NaN."""

    name = f"{DIGITS} digits"

    def __init__(self) -> None:
        super().__init__()
        # A context of its own: the precision of mpmath.mp is anybody's to change.
        self.context: Any = MPContext()
        self.context.dps = DIGITS
        self._nan = self._array(self.context.nan)
        self._pi = self._array(+self.context.pi)
        self._convert = np.frompyfunc(self._number, 1, 1)
        self._float = np.frompyfunc(float, 1, 1)
        self._calls = {
            name: np.frompyfunc(self._bounded(getattr(self.context, name)), 1, 1)
            for name in ("exp", "sin", "cos", "atan", "erf")
        }
        self._calls |= {name: np.frompyfunc(f, 1, 1) for name, f in gamma_functions(self.context).items()}
        self._calls["log"] = np.frompyfunc(lambda u: self.context.log(u) if u > 0 else self.context.nan, 1, 1)

    def _bounded(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The function where it can be worked out: exp of u takes as many more digits as u has before its point."""
        return lambda u: function(u) if abs(u) < FARTHEST else self.context.nan

    @staticmethod
    def _array(values: Any) -> Array:
        """NumPy gives the bare object back where an array without axes goes in."""
        return np.asarray(values, dtype=object)

    def _number(self, value: Any) -> Any:
        if value != value:
            return self.context.nan
        exact = Fraction(value)
        return self.context.mpf(exact.numerator) / exact.denominator

    @property
    def undefined_value(self) -> Array:
        return self._nan

    @property
    def pi(self) -> Array:
        return self._pi

    def convert(self, values: Array) -> Array:
        return self._array(self._convert(np.asarray(values)))

    def floats(self, values: Array) -> NDArray[np.float64]:
        return np.asarray(self._float(values), dtype=np.float64)

    def undefined(self, values: Array) -> Mask:
        return np.asarray(values != values, dtype=np.bool_)

    def add(self, a: Array, b: Array) -> Array:
        return self._array(a + b)

    def multiply(self, a: Array, b: Array) -> Array:
        return self._array(a * b)

    def total(self, values: Array, axis: int) -> Array:
        return self._array(values.sum(axis=axis))

    def power(self, base: Array, exponent: Fraction) -> Array:
        context = self.context

        def raised(b: Any) -> Any:
            if b != b or (b <= 0 and exponent.denominator > 1) or (b == 0 and exponent < 0):
                return context.zero if b == 0 and exponent > 0 else context.nan
            return b ** (int(exponent) if exponent.denominator == 1 else self._number(exponent))

        return self._array(np.frompyfunc(raised, 1, 1)(base))

    def compare(self, a: Array, b: Array) -> tuple[Mask, Mask]:
        tie = abs(a - b) <= NEAR * (abs(a) + abs(b))
        return np.asarray(a > b, dtype=np.bool_), np.asarray(tie, dtype=np.bool_)

    def call(self, function: str, values: Array) -> Array:
        return self._array(self._calls[function](values))

    def generic(self, name: str, order: int, values: Array) -> Array:
        sin: Callable[[Any], Any] = self._calls["sin"]
        return self._array(wave(name, order, values, sin, self.context.pi / 2))


#: An element of the field beside the float that shadows it.
PAIR = np.dtype([("residue", np.int64), ("shadow", np.float64)])


#: NumPy moves what is as wide and has no fields in a fraction of the time.
WIDE = np.dtype(np.complex128)


def pair(residue: Array, shadow: Array) -> Array:
    out: Array = np.empty(shadow.shape, PAIR)
    out["residue"], out["shadow"] = residue, shadow
    return out


#: What a root costs in the field, in steps: two powers of a hundred bits or so.
A_ROOT = 30


class Modular(Arithmetic):
    """The field of ``PRIME`` elements with float shadows; undefined is a shadow that is NaN.

    Positive numbers are to be squares.  An atom that stands for one is drawn as a square; where another
    base of a root happens not to be one, ``exactness_lost`` says so and the point cannot be used.
    """

    name = "exact"
    undefined_value = pair(np.array(0), np.array(np.nan))
    pi = pair(np.array(pow(314_159_265, 2, PRIME)), np.array(math.pi))

    def convert(self, values: Array) -> Array:
        given = np.asarray(values)
        if given.dtype == np.float64:
            # What is drawn is a multiple of 2^-20: one step for the whole array.
            with np.errstate(all="ignore"):
                scaled = given * GRID
                whole = scaled.astype(np.int64)
            if (whole == scaled).all():
                return pair(whole % PRIME * UNIT % PRIME, given)
        residue, shadow = np.empty(given.shape, np.int64), np.empty(given.shape)
        for place in np.ndindex(given.shape):
            exact = Fraction(given.item(*place))
            residue[place] = exact.numerator * pow(exact.denominator, -1, PRIME) % PRIME
            shadow[place] = float(exact)
        return pair(residue, shadow)

    def floats(self, values: Array) -> NDArray[np.float64]:
        return np.asarray(values["shadow"])

    def undefined(self, values: Array) -> Mask:
        return np.asarray(np.isnan(values["shadow"]))

    def indicator(self, mask: Mask) -> Array:
        return pair(np.asarray(mask, np.int64), np.asarray(mask, np.float64))

    def select(self, mask: Mask, then: Array, otherwise: Array) -> Array:
        return np.where(mask, then.view(WIDE), otherwise.view(WIDE)).view(PAIR)

    def taken(self, values: Array, places: tuple[Array, ...]) -> Array:
        return np.asarray(values.view(WIDE)[places]).view(PAIR)

    def add(self, a: Array, b: Array) -> Array:
        return pair((a["residue"] + b["residue"]) % PRIME, a["shadow"] + b["shadow"])

    def multiply(self, a: Array, b: Array) -> Array:
        return pair(a["residue"] * b["residue"] % PRIME, a["shadow"] * b["shadow"])

    def total(self, values: Array, axis: int) -> Array:
        return pair(values["residue"].sum(axis=axis) % PRIME, values["shadow"].sum(axis=axis))

    def power(self, base: Array, exponent: Fraction) -> Array:
        residue, shadow = base["residue"], float_power(base["shadow"], exponent)
        if exponent.denominator != 1:
            spend(A_ROOT)
        if exponent < 0:
            # The shadow of an exact zero may be off by a rounding: the residue knows.
            shadow = np.where(residue == 0, np.nan, shadow)
        return pair(field_power(residue, field_exponent(exponent)), shadow)

    def exactness_lost(self, base: Array, exponent: Fraction) -> Mask | None:
        if exponent.denominator == 1:
            return None
        residue = base["residue"]
        return np.asarray((field_power(residue, ORDER) != 1) & (residue != 0) & ~np.isnan(base["shadow"]))

    def compare(self, a: Array, b: Array) -> tuple[Mask, Mask]:
        greater, tie = float_compare(a["shadow"], b["shadow"])
        equal = a["residue"] == b["residue"]
        return greater & ~equal, tie | equal

    def call(self, function: str, values: Array) -> Array:
        u, shadow = values["residue"], float_call(function, values["shadow"])
        negative = u > ORDER  # of u and -u the smaller residue names the atom of both
        key = np.where(negative, PRIME - u, u)
        match function:
            case "exp":
                square = atom("exp", key)
                square = square * square % PRIME
                if negative.any():
                    square = np.where(negative, field_power(square, PRIME - 2), square)
                return pair(np.where(u == 0, 1, square), shadow)
            case "log":
                return pair(np.where(u == 1, 0, atom("log", u)), shadow)
            case "sin" | "cos":
                # The point of the circle that has the rational parameter t.
                t = np.where(u == 0, 0, atom("angle", key))
                scale = field_power((1 + t * t) % PRIME, PRIME - 2)
                if function == "cos":
                    return pair((1 - t * t) % PRIME * scale % PRIME, shadow)
                odd = 2 * t * scale % PRIME
            case _:
                odd = np.where(u == 0, 0, atom(function, key))
        return pair(np.where(negative, (PRIME - odd) % PRIME, odd), shadow)

    def generic(self, name: str, order: int, values: Array) -> Array:
        shadow = wave(name, order, values["shadow"], np.sin, math.pi / 2)
        return pair(atom(f"{name} {order}", values["residue"]), shadow)


FLOAT, HIGH, MODULAR = Float(), High(), Modular()
