"""A derivation as Python text that builds its lines with SymPy alone: ``derive --format sympy``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy

from symbolic.errors import SpecError
from symbolic.interchange.derivations import SympyDerivation, derivation_in_sympy
from symbolic.interchange.scalars import Sympy

#: What the script needs for itself.
OWN_NAMES = ("sympy", "lines", "definitions", "results")
#: The names under which SymPy's users know some of its classes.
SHORT = {"Equality": "Eq"}
HEADER = '''"""{title}

Written by chainrule; it needs SymPy alone.  ``lines`` are (rule, equation), ``definitions`` say what the names of
values stand for, ``results`` give each derivative in data and parameters alone.
"""

import sympy
'''


def sympy_script(derivations: Sequence[object], title: str) -> str:
    """The text of a module that defines ``lines``, ``definitions`` and ``results``."""
    translated = [derivation_in_sympy(derivation) for derivation in derivations]  # type: ignore[arg-type]
    writer = _Writer()
    results = [_result(one) for one in translated]
    equations = dict.fromkeys(equation for one in translated for equation in one.definitions)
    body = ["definitions = [", *(f"    {writer.text(equation)}," for equation in equations), "]", "", "lines = []"]
    said: set[Sympy] = set()
    for one in translated:
        for part in (*one.lemmas, one):
            if part.goal not in said:
                body += ["", *_lines(part, writer)]
                said.add(part.goal)
    body += ["", "results = {}"]
    for one, result in zip(translated, results, strict=True):
        if result is not None:
            body.append(f"results[{writer.text(one.goal)}] = {writer.text(result)}")
    return "\n".join([HEADER.format(title=title), *writer.declarations(), "", *body, ""])


def _result(derivation: SympyDerivation) -> Sympy | None:
    """The result in data and parameters, or None where that is too long."""
    try:
        return derivation.result
    except SpecError:
        return None


def _lines(derivation: SympyDerivation, writer: _Writer) -> Iterable[str]:
    for line in derivation.lines:
        yield f"# {' '.join(line.because.split())}"
        yield f"lines.append(({line.rule!r}, {writer.text(line.equation)}))"


class _Writer:
    """Writes expressions of SymPy as Python, and keeps the names that they need."""

    def __init__(self) -> None:
        self.names: dict[Sympy, str] = {}
        self.made: dict[str, str] = {}

    def declarations(self) -> list[str]:
        """The lines that define every name, sizes before what is made of them."""
        return [f"{name} = {text}" for name, text in self.made.items()]

    def text(self, expr: Sympy, level: int = 0) -> str:
        said, own = self._said(expr)
        return f"({said})" if own < level else said

    def _said(self, expr: Sympy) -> tuple[str, int]:
        """The text, and how closely it binds: 1 for a sum, 2 for a product, 3 for a power, 4 for a name or a call."""
        if isinstance(expr, sympy.Idx):
            return self._named(expr, str(expr.label), self._index_text), 4
        if isinstance(expr, sympy.IndexedBase):
            return self._named(expr, str(expr.label), self._base_text), 4
        if isinstance(expr, sympy.Symbol):
            return self._named(expr, expr.name, self._symbol_text), 4
        if isinstance(expr, sympy.Indexed):
            return f"{self.text(expr.base)}[{', '.join(self.text(place) for place in expr.indices)}]", 4
        if isinstance(expr, sympy.Integer):
            return str(expr), 4 if expr >= 0 else 1
        if isinstance(expr, sympy.Rational):
            return f"sympy.Rational({expr.p}, {expr.q})", 4
        if expr.is_Add:
            first, *rest = expr.as_ordered_terms()
            text = self.text(first, 1)
            for term in rest:
                minus = term.is_Mul and term.args[0] == -1 and not _distributes(term)
                text += f" - {self.text(-term, 2)}" if minus else f" + {self.text(term, 1)}"
            return text, 1
        if expr.is_Mul and _distributes(expr):
            return f"sympy.Mul({', '.join(map(self.text, expr.args))})", 4
        if expr.is_Mul and expr.args[0] == -1:
            return f"-{self.text(-expr, 2)}", 1
        if expr.is_Mul:
            return "*".join(self.text(factor, 2) for factor in expr.as_ordered_factors()), 2
        if expr.is_Pow and not isinstance(expr, sympy.exp):
            return f"{self.text(expr.base, 4)}**{self.text(expr.exp, 4)}", 3
        return self._call(expr), 4

    def _call(self, expr: Sympy) -> str:
        """Everything else by the name of its class, as SymPy itself would make it."""
        if expr in (sympy.true, sympy.false):
            return str(bool(expr))
        if isinstance(expr, sympy.Tuple):
            return f"({', '.join(map(self.text, expr.args))}{',' * (len(expr.args) == 1)})"
        if expr.is_Atom:
            return f"sympy.{expr}"
        arguments = [self.text(part) for part in expr.args]
        if isinstance(expr, sympy.core.function.AppliedUndef):
            return f"sympy.Function({expr.func.__name__!r}, real=True)({', '.join(arguments)})"
        if isinstance(expr, sympy.Eq):
            arguments.append("evaluate=False")
        return f"sympy.{SHORT.get(type(expr).__name__, type(expr).__name__)}({', '.join(arguments)})"

    def _named(self, expr: Sympy, wanted: str, make: object) -> str:
        if expr not in self.names:
            text = make(expr)  # type: ignore[operator]
            name, number = wanted, 1
            while name in self.made or name in OWN_NAMES:
                name, number = f"{wanted}_{number}", number + 1
            self.names[expr] = name
            self.made[name] = text
        return self.names[expr]

    def _symbol_text(self, symbol: Sympy) -> str:
        if symbol.is_integer and symbol.is_positive:
            return f"sympy.Symbol({symbol.name!r}, integer=True, positive=True)"
        kind = "Dummy" if isinstance(symbol, sympy.Dummy) else "Symbol"
        return f"sympy.{kind}({symbol.name!r}, {'real' if symbol.is_real else 'integer'}=True)"

    def _index_text(self, index: Sympy) -> str:
        return f"sympy.Idx({str(index.label)!r}, {self.text(index.upper + 1)})"

    def _base_text(self, base: Sympy) -> str:
        return f"sympy.IndexedBase({str(base.label)!r}, shape={self.text(base.shape)}, real=True)"


def _distributes(product: Sympy) -> bool:
    """Whether SymPy would multiply a number into a sum, were the product written with ``*``."""
    return product.args[0].is_Number and any(factor.is_Add for factor in product.args)
