"""The rules of the calculus: a name, a law and an example each, in textbook order.

A rule is only named here; ``symbolic.derivation.calculus`` applies it, one derivative at a time, and every
application becomes a step that cites the rule and is checked on its own (``symbolic.evidence.evidence``).
The law is one tree of boxes, which every medium draws; the example is a use of it that the tests check.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from symbolic.derivation.examples import EXAMPLES, Example
from symbolic.notation import latex, unicode
from symbolic.notation.boxes import LEADING_MINUS, Box, Cases, Exponential, Glyph, Row
from symbolic.notation.compose import (
    beside,
    between,
    both,
    differential,
    dotted,
    equal,
    folded,
    group,
    held_slope,
    letter,
    many,
    minus,
    negative,
    of,
    operator,
    over,
    plus,
    power_of,
    primed,
    related,
    slope,
    sub,
    times,
    total,
    transposed,
)
from symbolic.words import Text

_NE, _IMPLIES, _ABOVE = Glyph(r" \ne ", " ≠ "), Glyph(r" \Rightarrow ", " ⇒ "), Glyph(" > ", " > ")
_BELOW, _AT_MOST = Glyph(" < ", " < "), Glyph(r" \le ", " ≤ ")
_EQUAL, _PLUS = Glyph("=", "="), Glyph("+", "+")


@dataclass(frozen=True, slots=True, repr=False)
class Rule:
    """A rule with its law, and a use of it: ``example`` has two sides that are equal because of the rule."""

    key: str
    name: Text
    box: Box = field(compare=False)
    example: Example = field(compare=False)
    #: The law in LaTeX and in Unicode.
    statement: str = field(compare=False)
    plain: str = field(compare=False)

    def __str__(self) -> str:
        return str(self.name)

    def __repr__(self) -> str:
        return f"<Rule {self.key}: {self.plain}>"


RULES: dict[str, Rule] = {}


def _rule(key: str, en: str, ru: str, law: Box) -> Rule:
    RULES[key] = Rule(key, Text(en, ru), law, EXAMPLES[key], latex.draw(law), unicode.draw(law))
    return RULES[key]


def _in_line(above: str, below: str) -> Box:
    """∂u/∂x with a stroke, as it stands in a row of cases."""
    return Row((differential(above), Glyph(" / ", "/"), differential(below)))


_G = of("g", "x")
_F_OF_G = of("f", _G)
_G_PRIME = Row((slope("g", "x"), group(letter("x"))))
_GREATEST = folded("max", "i", sub("u", "i"))
_N_LESS_ONE = Row((letter("n"), LEADING_MINUS, letter("1")))

DEFINITION = _rule(
    "definition",
    "definition",
    "определение",
    equal("alpha", of("f", many("beta", "gamma"))),
)
INDEPENDENT = _rule(
    "independent",
    "independent of the variable",
    "не зависит от переменной",
    equal(slope("c", "x"), "0"),
)
IDENTITY = _rule(
    "identity",
    "derivative of the variable itself",
    "производная самой переменной",
    equal(slope(sub("x", "j"), sub("x", "k")), sub("delta", "j", "k")),
)
SUM = _rule(
    "sum",
    "sum rule",
    "производная суммы",
    equal(operator("x", total("i", sub("u", "i"))), total("i", slope(sub("u", "i"), "x"))),
)
CONSTANT_FACTOR = _rule(
    "constant factor",
    "constant factor",
    "постоянный множитель",
    equal(slope(group(times("c", "u")), "x"), times("c", slope("u", "x"))),
)
PRODUCT = _rule(
    "product",
    "product rule",
    "производная произведения",
    equal(slope(group(times("u", "v")), "x"), plus(times(slope("u", "x"), "v"), times("u", slope("v", "x")))),
)
QUOTIENT = _rule(
    "quotient",
    "quotient rule",
    "производная частного",
    equal(
        operator("x", group(over("u", "v"))),
        over(minus(times(slope("u", "x"), "v"), times("u", slope("v", "x"))), power_of("v", "2")),
    ),
)
POWER = _rule(
    "power",
    "power rule",
    "производная степени",
    equal(slope(power_of("u", "n"), "x"), times("n", power_of("u", _N_LESS_ONE), slope("u", "x"))),
)
CHAIN = _rule(
    "chain",
    "derivative of a composition",
    "производная композиции функций",
    equal(slope(_F_OF_G, "x"), dotted(Row((slope("f", "g"), group(_G))), _G_PRIME)),
)
CHAIN_MANY = _rule(
    "chain, several inputs",
    "derivative of a composition, several inputs",
    "производная композиции, несколько аргументов",
    equal(
        slope(of("f", many(sub("g", "1"), sub("g", "2"))), "x"),
        total("s", times(slope("f", sub("g", "s")), slope(sub("g", "s"), "x"))),
    ),
)
CASES = _rule(
    "cases",
    "derivative case by case",
    "производная кусочно заданной функции",
    equal(
        slope("f", "x"),
        Cases(tuple((_in_line(one, "x"), equal("f", one)) for one in ("u", "v"))),
    ),
)
PIECEWISE_CONSTANT = _rule(
    "piecewise constant",
    "constant between its jumps",
    "кусочно-постоянная функция",
    both(equal(slope(group(related("u", _ABOVE, "v"), "[", "]"), "x"), "0"), related("u", _NE, "v")),
)
MAXIMUM = _rule(
    "maximum",
    "derivative of a maximum",
    "производная максимума",
    both(
        equal(operator("x", _GREATEST), slope(sub("u", "m"), "x")),
        equal(sub("u", "m"), _GREATEST),
    ),
)
LONG_PRODUCT = _rule(
    "product of many",
    "derivative of a product of many factors",
    "производная произведения многих множителей",
    equal(
        operator("x", folded("prod", "i", sub("u", "i"))),
        total("i", times(slope(sub("u", "i"), "x"), folded("prod", related("s", _NE, "i"), sub("u", "s")))),
    ),
)
_INVERSE = Row((LEADING_MINUS, letter("1")))
INVERSE = _rule(
    "inverse",
    "derivative of an inverse",
    "производная обратной матрицы",
    equal(
        operator("x", power_of("A", _INVERSE)),
        negative(beside(power_of("A", _INVERSE), slope("A", "x"), power_of("A", _INVERSE))),
    ),
)
DETERMINANT = _rule(
    "determinant",
    "derivative of a determinant",
    "производная определителя",
    equal(
        operator("x", of("det", "A")),
        times(of("det", "A"), of("tr", beside(power_of("A", _INVERSE), slope("A", "x")))),
    ),
)
LINEAR_FORM = _rule(
    "linear form",
    "derivative of a linear form",
    "производная линейной формы",
    equal(slope(group(beside(transposed("w"), "x")), "w"), "x"),
)
FUNCTION = _rule(
    "function",
    "derivative of the activation",
    "производная функции активации",
    equal(slope(_F_OF_G, "x"), dotted(Row((primed("f"), group(_G))), _G_PRIME)),
)


def _of_primitive(key: str, en: str, ru: str, value: Box, derivative: Box) -> Rule:
    return _rule(key, en, ru, equal(slope(value, "x"), times(derivative, slope("u", "x"))))


_BY_NAME: dict[str, Rule] = {
    name: _of_primitive(name, en, ru, value, derivative)
    for name, en, ru, value, derivative in (
        (
            "exp",
            "derivative of the exponential",
            "производная экспоненты",
            Exponential(letter("u")),
            Exponential(letter("u")),
        ),
        ("log", "derivative of the logarithm", "производная логарифма", of("log", "u"), over("1", "u")),
        ("sin", "derivative of the sine", "производная синуса", of("sin", "u"), of("cos", "u")),
        ("cos", "derivative of the cosine", "производная косинуса", of("cos", "u"), negative(of("sin", "u"))),
    )
}


def of_function(name: str) -> Rule:
    """The rule that differentiates the function of that name; any other is a composition."""
    return _BY_NAME.get(name, CHAIN)


SOFTMAX = _rule(
    "softmax",
    "derivative of softmax",
    "производная softmax",
    equal(slope(sub("p", "s"), sub("a", "k")), times(sub("p", "s"), minus(sub("delta", "s", "k"), sub("p", "k")))),
)
DEVIATIONS = _rule(
    "deviations",
    "deviations from a mean add up to 0",
    "сумма отклонений от среднего равна нулю",
    both(
        equal(total("j", group(minus(sub("z", "j"), "m"))), "0"),
        equal("m", times(over("1", "J"), total("j", sub("z", "j")))),
    ),
)
DELTA = _rule(
    "delta",
    "collapse of a Kronecker delta",
    "свёртка с символом Кронекера",
    equal(total("s", times(sub("delta", "s", "j"), sub("u", "s"))), sub("u", "j")),
)
ENDS = _rule(
    "ends",
    "the end as a case of its own",
    "крайний шаг — отдельный случай",
    equal(
        plus(times("u", group(related("t", _BELOW, "T"), "[", "]")), "v"),
        Cases(((plus("u", "v"), related("t", _BELOW, "T")), (letter("v"), equal("t", "T")))),
    ),
)
_Z_T, _Z_K = sub("z", "t"), sub("z", "k")
_STEP = related("s", _EQUAL, Row((letter("k"), _PLUS, letter("1"))))
_ONE_STEP = slope(sub("z", "s"), sub("z", Row((letter("s"), LEADING_MINUS, letter("1")))))
THROUGH_ALL_STEPS = _rule(
    "through all steps",
    "derivative through all steps",
    "производная через все шаги",
    equal(
        slope(_Z_T, "w"),
        between(related("k", _AT_MOST, "t"), None, times(slope(_Z_T, _Z_K), held_slope(_Z_K, "w"))),
    ),
)
STEP_BY_STEP = _rule(
    "step by step",
    "composition step by step",
    "композиция шаг за шагом",
    equal(slope(_Z_T, _Z_K), between(_STEP, letter("t"), _ONE_STEP, "prod")),
)
INDEPENDENT_TERMS = _rule(
    "independent terms",
    "terms that do not depend on the variable vanish",
    "слагаемые, не зависящие от переменной, дают нуль",
    both(equal(slope(sub("z", "s"), sub("w", "j")), "0"), related("s", _NE, "j")),
)
REGROUP = _rule(
    "regroup",
    "regrouping",
    "перегруппировка",
    both(
        equal(times("u", "v"), times("v", "u")),
        equal(times("u", plus("v", "w")), plus(times("u", "v"), times("u", "w"))),
    ),
)
CANCEL = _rule(
    "cancel",
    "cancelling",
    "сокращение",
    both(equal(over(times("u", "v"), "v"), "u"), equal(minus(plus("u", "v"), "v"), "u")),
)
OWN_VALUE = _rule(
    "own value",
    "written through the function's own value",
    "выражение через значение самой функции",
    equal(Row((primed("f"), group(letter("u")))), of("g", of("f", "u"))),
)
FACT = _rule(
    "fact",
    "known of the data",
    "свойство данных",
    equal(total("k", sub("y", "i", "k")), "1"),
)
ADJOINT = _rule(
    "adjoint",
    "backpropagation of the error",
    "обратное распространение ошибки",
    equal(
        sub("E", "alpha"),
        slope("Q", "alpha"),
        total("beta", times(sub("E", "beta"), slope("beta", "alpha"))),
    ),
)
PARAMETER = _rule(
    "parameter",
    "gradient by a parameter",
    "градиент по параметру",
    equal(slope("Q", sub("w", "alpha")), times(sub("E", "alpha"), slope("alpha", sub("w", "alpha")))),
)
SUBSTITUTION = _rule(
    "substitution",
    "substitution",
    "подстановка",
    related(equal("alpha", of("f", "beta")), _IMPLIES, equal(of("g", "alpha"), of("g", of("f", "beta")))),
)
MATRIX = _rule(
    "matrix form",
    "matrix form over the sample",
    "матричная запись по выборке",
    equal(
        total("i", times(sub("E", "i", "j"), sub("x", "i", "k"))),
        sub(group(beside(transposed("E"), "X")), "j", "k"),
    ),
)
