"""SymPy's expressions as text of our own language of formulas, which our own grammar then reads.

>>> u = sympy.Symbol("u")
>>> told(1/(1 + sympy.exp(-u)), {u: "u"})
'sigmoid(u)'
>>> told(sympy.Piecewise((u, u > 0), (sympy.exp(u) - 1, True)), {u: "u"})
'where(u > 0, u, exp(u) - 1)'

What cannot be said is a ``SpecError`` of one line.  No text is read by SymPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement

from symbolic.errors import SpecError
from symbolic.interchange.scalars import Sympy
from symbolic.language.expr import one_line
from symbolic.words import Text, listed

#: Functions that are called the same here, but for their name.
SAME: Mapping[str, str] = {
    **{name: name for name in ("exp", "log", "sin", "cos", "tanh", "atan", "erf", "sign")},
    **{"Abs": "abs", "Max": "max", "Min": "min", "loggamma": "lgamma"},
}
#: Functions that are said by others.
SAID_BY: Mapping[str, Callable[[Sympy], Sympy]] = {
    **{name: lambda f: f.rewrite(sympy.exp) for name in ("sinh", "cosh", "coth", "sech", "csch")},
    **{name: lambda f: f.rewrite(sympy.log) for name in ("asinh", "acosh", "atanh")},
    "tan": lambda f: sympy.sin(f.args[0]) / sympy.cos(f.args[0]),
    "cot": lambda f: sympy.cos(f.args[0]) / sympy.sin(f.args[0]),
    "sec": lambda f: 1 / sympy.cos(f.args[0]),
    "csc": lambda f: 1 / sympy.sin(f.args[0]),
    "asin": lambda f: sympy.atan(f.args[0] / sympy.sqrt(1 - f.args[0] ** 2)),
    "acos": lambda f: sympy.pi / 2 - sympy.atan(f.args[0] / sympy.sqrt(1 - f.args[0] ** 2)),
    "acot": lambda f: sympy.atan(1 / f.args[0]),
    "gamma": lambda f: sympy.exp(sympy.loggamma(f.args[0])),
    "erfc": lambda f: 1 - sympy.erf(f.args[0]),
}
#: What is no number yet, and what to do about it.
OPEN: Mapping[str, Text] = {
    "Integral": Text(
        "an integral that is not carried out; call doit() first, or write the function it is",
        "интеграл не взят; сначала вызовите doit() или запишите саму функцию",
    ),
    "Derivative": Text(
        "a derivative that is not carried out; call doit() first", "производная не взята; сначала вызовите doit()"
    ),
    "Subs": Text(
        "a substitution that is not carried out; call doit() first", "подстановка не выполнена; сначала вызовите doit()"
    ),
    "Limit": Text("a limit that is not carried out; call doit() first", "предел не взят; сначала вызовите doit()"),
    "Product": Text(
        "a product over an index; write exp(Sum(log(…))) where its factors are positive",
        "произведение по индексу; если множители положительны, запишите exp(Sum(log(…)))",
    ),
    "KroneckerDelta": Text(
        "a Kronecker delta; carry the sum over its index out, so that it goes",
        "символ Кронекера; выполните сумму по его индексу, чтобы он исчез",
    ),
    "ImaginaryUnit": Text(
        "a complex number; networks are made of real numbers", "комплексное число; сети состоят из вещественных чисел"
    ),
    "Infinity": Text("no finite number", "не конечное число"),
    "NegativeInfinity": Text("no finite number", "не конечное число"),
    "ComplexInfinity": Text("no finite number", "не конечное число"),
    "NaN": Text("no number", "не число"),
}
#: A sum over a number of terms whose index is computed with is written out up to so many terms.
WRITTEN_OUT = 64
MATRIX = Text(
    "a matrix; write it by its entries, as in Sum(W[j, k]*x[k], (k, 0, D - 1))",
    "матрица; запишите её поэлементно, как в Sum(W[j, k]*x[k], (k, 0, D - 1))",
)
#: What SymPy takes for a step at 0 where nothing is said.
HALF = sympy.Rational(1, 2)
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4


def refuse(expr: Sympy, why: Text) -> NoReturn:
    if isinstance(expr, sympy.Basic):  # an index that stepped aside is shown by the name that it had
        expr = expr.xreplace({dummy: sympy.Symbol(dummy.name) for dummy in expr.atoms(sympy.Dummy)})
    raise SpecError(why).at(one_line(str(expr), 60))


def refuse_strange_symbols(expr: Sympy) -> None:
    """Symbols of a network stand for real numbers, which commute."""
    for symbol in sorted(expr.free_symbols, key=str):
        if getattr(symbol, "is_Matrix", False):
            refuse(symbol, MATRIX)
        if not symbol.is_commutative:
            refuse(
                symbol,
                Text(
                    "a symbol that does not commute; networks are made of real numbers",
                    "некоммутирующий символ; сети состоят из вещественных чисел",
                ),
            )
        if symbol.is_real is False or (symbol.is_complex and not symbol.is_real):
            refuse(
                symbol,
                Text(
                    f"a complex symbol; networks are made of real numbers: Symbol({str(symbol)!r}, real=True)",
                    f"комплексный символ; сети состоят из вещественных чисел: Symbol({str(symbol)!r}, real=True)",
                ),
            )


def told(expr: Sympy, names: Mapping[Sympy, str], level: int = 0) -> str:
    """The text of a formula without indices; ``names`` are the symbols that it may use."""
    return Teller(dict(names)).text(apart(expr), level)


@dataclass
class Teller:
    """Says one formula.  ``ranges`` collects the extents of the indices that its sums bind."""

    names: dict[Sympy, str]
    #: Names that no index may have.
    taken: set[str] = field(default_factory=set)
    #: Whether a symbol that is not in ``names`` is told by its own name, for our reader to judge.
    open: bool = False
    #: What subscripts count from: 0, or 1.
    first: int = 0
    ranges: dict[str, str] = field(default_factory=dict)

    def text(self, expr: Sympy, level: int = 0) -> str:
        """The text, in brackets where what stands around it binds closer."""
        said, own = self._said(expr)
        return f"({said})" if own < level else said

    def _said(self, expr: Sympy) -> tuple[str, int]:
        if expr in self.names:
            return self.names[expr], ATOM
        name = type(expr).__name__
        if getattr(expr, "is_Matrix", False) or getattr(expr, "is_MatrixExpr", False):
            refuse(expr, MATRIX)
        if name in OPEN:
            refuse(expr, OPEN[name])
        if expr.is_Symbol:
            return self._symbol(expr), ATOM
        if expr.is_Number:
            return self._number(expr)
        if expr == sympy.E:
            return "exp(1)", ATOM
        if expr == sympy.pi:
            return "pi", ATOM
        if expr.is_Add:
            return self._sum(expr), SUM
        if isinstance(expr, sympy.Mul):
            return self._product(expr)
        if isinstance(expr, sympy.Pow):
            return self._power(expr)
        if isinstance(expr, sympy.Indexed):
            return self._entry(expr.base.label, expr.indices), ATOM
        if isinstance(expr, sympy.Sum):
            return self._total(expr), ATOM
        if isinstance(expr, sympy.Piecewise):
            return self._cases(expr), ATOM
        if expr.is_Function:
            return self._function(expr, name)
        if getattr(expr, "is_Relational", False) or getattr(expr, "is_Boolean", False):
            refuse(
                expr,
                Text(
                    "a comparison is no number; write Piecewise((1, condition), (0, True))",
                    "сравнение — не число; запишите Piecewise((1, условие), (0, True))",
                ),
            )
        refuse(expr, Text(f"formulas here have no {name}", f"в формулах здесь нет {name}"))

    def _symbol(self, symbol: Sympy) -> str:
        refuse_strange_symbols(symbol)
        if not self.open:
            there = listed(dict.fromkeys(self.names.values()))
            refuse(
                symbol,
                Text(
                    f"a symbol of that name has no meaning here; there are {there}",
                    f"у символа с таким именем здесь нет смысла; есть {there.ru}",
                ),
            )
        return str(symbol)

    def _number(self, number: Sympy) -> tuple[str, int]:
        if number.is_Rational:
            text = str(number)
            return text, SUM if number < 0 else PRODUCT if number.q != 1 else ATOM
        if not number.is_finite:
            refuse(number, Text("no finite number", "не конечное число"))
        near = float(number)
        text = repr(near) if sympy.Float(repr(near), 15) == sympy.Float(number, 15) else str(number)
        return text, SUM if near < 0 else ATOM

    def _sum(self, expr: Sympy) -> str:
        terms = sorted(expr.as_ordered_terms(), key=lambda term: term.could_extract_minus_sign())
        text = self.text(terms[0], SUM)
        for term in terms[1:]:
            minus = bool(term.could_extract_minus_sign()) and not term.is_Add
            text += f" - {self.text(-term, PRODUCT)}" if minus else f" + {self.text(term, PRODUCT)}"
        return text

    def _product(self, expr: Sympy) -> tuple[str, int]:
        coefficient, rest = expr.as_coeff_Mul()
        if coefficient.is_negative:
            return f"-{self.text(-expr, PRODUCT)}", SUM
        above, below = [], []
        for factor in rest.as_ordered_factors():
            if self._logistic(factor) is None and factor.is_Pow and factor.exp.could_extract_minus_sign():
                below.append(1 / factor)
            else:
                above.append(factor)
        numerator = [self.text(factor, POWER) for factor in above]
        if coefficient != 1 or not numerator:
            numerator.insert(0, self.text(coefficient, PRODUCT))
        return "/".join(["*".join(numerator), *(self.text(factor, POWER) for factor in below)]), PRODUCT

    def _logistic(self, expr: Sympy) -> Sympy | None:
        """The u of σ(u) = 1/(1 + e^-u)."""
        if expr.is_Pow and expr.exp == -1:
            exponent = self._one_and_exponential(expr.base)
            return None if exponent is None else -exponent
        return None

    def _one_and_exponential(self, expr: Sympy) -> Sympy | None:
        """The t of 1 + e^t."""
        if expr.is_Add and len(expr.args) == 2 and expr.args[0] == 1 and isinstance(expr.args[1], sympy.exp):
            return expr.args[1].args[0]
        return None

    def _power(self, expr: Sympy) -> tuple[str, int]:
        if (argument := self._logistic(expr)) is not None:
            return f"sigmoid({self.text(argument)})", ATOM
        if expr.exp.is_Number and expr.exp.is_negative:
            return f"1/{self.text(1 / expr, POWER)}", PRODUCT
        exponent = self.text(expr.exp)
        return f"{self.text(expr.base, ATOM)}**{exponent if exponent.isalnum() else f'({exponent})'}", POWER

    def _function(self, expr: Sympy, name: str) -> tuple[str, int]:
        if name == "log" and len(expr.args) == 1:
            exponent = self._one_and_exponential(expr.args[0])
            if exponent is not None:
                return f"softplus({self.text(exponent)})", ATOM
        if name in ("Max", "Min"):
            text = self.text(expr.args[0])
            for argument in expr.args[1:]:
                text = f"{SAME[name]}({self.text(argument)}, {text})"
            return text, ATOM
        if name == "Heaviside":
            return self._step(*expr.args)
        if name in SAME:
            return f"{SAME[name]}({', '.join(map(self.text, expr.args))})", ATOM
        if name in SAID_BY:
            return self._said(SAID_BY[name](expr))
        if isinstance(expr, sympy.core.function.AppliedUndef):
            called = "generic" if name == "h" else name
            return f"{called}({', '.join(map(self.text, expr.args))})", ATOM
        there = ", ".join((*SAME, *SAID_BY, "sqrt", "Heaviside", "Piecewise"))
        refuse(expr, Text(f"{name} is no function here; there are {there}", f"{name} — не функция здесь; есть {there}"))

    def _step(self, argument: Sympy, at_zero: Sympy = HALF) -> tuple[str, int]:
        """A step with its value at 0: c between [u > 0] and [u >= 0]."""
        inner = self.text(argument, SUM)
        above, not_below = f"[{inner} > 0]", f"[{inner} >= 0]"
        if at_zero == 0:
            return above, ATOM
        if at_zero == 1:
            return not_below, ATOM
        share = self.text(at_zero, POWER)
        return f"({above} + {share}*({not_below} - {above}))", ATOM

    # cases

    def _cases(self, expr: Sympy) -> str:
        pairs = list(expr.args)
        if pairs[-1][1] != sympy.true:
            refuse(expr, Text("a Piecewise needs a last case for True", "у Piecewise нужен последний случай с True"))
        text = self.text(pairs[-1][0])
        for value, condition in reversed(pairs[:-1]):
            text = self._choice(condition, self.text(value), text)
        return text

    def _choice(self, condition: Sympy, then: str, otherwise: str) -> str:
        """``then`` where the condition holds."""
        match condition:
            case sympy.And():
                for part in reversed(condition.args):
                    then = self._choice(part, then, otherwise)
                return then
            case sympy.Or():
                for part in reversed(condition.args):
                    otherwise = self._choice(part, then, otherwise)
                return otherwise
            case sympy.Not():
                return self._choice(condition.args[0], otherwise, then)
            case sympy.Eq():
                return self._choice(sympy.Ge(*condition.args, evaluate=False), self._choice(
                    sympy.Le(*condition.args, evaluate=False), then, otherwise), otherwise)  # fmt: skip
            case sympy.Ne():
                return self._choice(sympy.Eq(*condition.args, evaluate=False), otherwise, then)
            case sympy.Gt() | sympy.Ge() | sympy.Lt() | sympy.Le():
                left, right = self.text(condition.lhs), self.text(condition.rhs)
                return f"where({left} {condition.rel_op} {right}, {then}, {otherwise})"
        refuse(
            condition,
            Text(
                "a condition here is made of >, >=, <, <=, And, Or and Not",
                "условие составляют из >, >=, <, <=, And, Or и Not",
            ),
        )

    # indices

    def _entry(self, base: Sympy, indices: tuple[Sympy, ...]) -> str:
        name = self.names.get(base, str(base))
        places = [self.text(sympy.expand(index - self.first)) for index in indices]
        return f"{name}[{','.join(places)}]" if places else name

    def _total(self, expr: Sympy) -> str:
        body, bound = expr.function, dict[Sympy, str]()
        for limits in expr.limits:
            if len(limits) != 3:
                refuse(
                    expr,
                    Text(
                        f"the index {limits[0].name} has no range; write ({limits[0].name}, 0, D - 1)",
                        f"у индекса {limits[0].name} нет области; запишите ({limits[0].name}, 0, D - 1)",
                    ),
                )
            index, low, high = limits
            if not (low.is_finite is not False and high.is_finite is not False):
                refuse(
                    expr,
                    Text(
                        f"the index {index.name} runs without an end; sums here are finite",
                        f"индекс {index.name} не имеет конца; суммы здесь конечные",
                    ),
                )
            count = sympy.expand(high - low + 1)
            if count.is_Integer and (count == 1 or self._computed_with(body, index)):
                if count > WRITTEN_OUT:
                    refuse(
                        expr,
                        Text(
                            f"the index {index.name} is computed with; such sums have at most {WRITTEN_OUT} terms",
                            f"с индексом {index.name} проводятся вычисления; в таких суммах не больше "
                            f"{WRITTEN_OUT} слагаемых",
                        ),
                    )
                body = sympy.Add(*(body.xreplace({index: low + number}) for number in range(int(count))))
                continue
            counted = sympy.Dummy(index.name, integer=True)
            body = body.xreplace({index: counted + low})
            bound[counted] = self.index_called(index.name, self.text(count), {*self.names.values(), *bound.values()})
        around = self.names
        self.names = around | bound
        text = self.text(body)
        self.names = around
        return f"Sum({', '.join([text, *reversed(bound.values())])})" if bound else f"({text})"

    def _computed_with(self, body: Sympy, index: Sympy) -> bool:
        """Whether the index stands outside subscripts, or in a sum's limits."""
        entries = {entry: sympy.Dummy() for entry in body.atoms(sympy.Indexed)}
        return index in body.xreplace(entries).free_symbols

    def index_called(self, wanted: str, extent: str, used: set[str]) -> str:
        """A name for an index over that range: its own, unless it means something else."""
        stem = "".join(c for c in wanted if c.isalnum() and c.isascii()) or "k"
        stem = stem if stem[0].isalpha() else f"k{stem}"
        names = [stem, *(f"{stem}{number}" for number in range(1, 10_000))]
        free = (n for n in names if n not in self.taken and n not in used)
        name = next(n for n in free if self.ranges.get(n, extent) == extent)
        self.ranges[name] = extent
        return name


def apart(expr: Sympy) -> Sympy:
    """The same value, each sum with an index of its own that is a dummy, so that renaming one touches no other.

    Equal sums keep equal indices.  An entry of a ``MatrixSymbol`` becomes one of an ``IndexedBase`` of its name.
    """
    matrices = expr.atoms(MatrixElement)
    plain = {entry: sympy.IndexedBase(entry.parent.name)[entry.indices] for entry in matrices}
    return _apart(expr.xreplace(plain), {})


def _apart(expr: Sympy, known: dict[Sympy, Sympy]) -> Sympy:
    if not expr.args or not expr.has(sympy.Sum):
        return expr
    if not isinstance(expr, sympy.Sum):
        return expr.func(*(_apart(part, known) for part in expr.args))
    if expr not in known:
        own = {one[0]: sympy.Dummy(str(getattr(one[0], "label", one[0])), integer=True) for one in expr.limits}
        limits = [(own[first], *(_apart(end, known).xreplace(own) for end in ends)) for first, *ends in expr.limits]
        known[expr] = expr.func(_apart(expr.function, known).xreplace(own), *limits)
    return known[expr]
