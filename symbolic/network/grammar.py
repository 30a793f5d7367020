"""From the tree of a formula to the language of ``symbolic.language.expr``.

:class:`Reader` knows arithmetic and how functions are called; what a name means is left to its
subclass: the u of an activation (:class:`ScalarReader`), the entries of tensors in an index formula
(``symbolic.network.node_formula``).  Nothing is evaluated except arithmetic on rational numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NoReturn

from lark import Token

from symbolic.language.expr import (
    HALF,
    ONE,
    Add,
    Call,
    Compare,
    Constant,
    Expr,
    Hyper,
    Mul,
    Number,
    Pow,
    Symbol,
    Where,
    add,
    mul,
    neg,
    power,
)
from symbolic.language.expr import number as rational
from symbolic.language.functions import Function, exp, log, maximum, minimum
from symbolic.network.remedies import OVER_AN_INDEX, function_word
from symbolic.network.syntax import DEEPEST, Node, branches, head, parse, refuse, tokens
from symbolic.words import Text

#: Numbers of more than about 300 digits, and powers above this one, are refused: arithmetic must end.
MOST_BITS = 1200
HIGHEST_POWER = 1000

#: What formulas can call beside the functions of the table they are given.
#: What binds the indices that follow it.
#: ∂of/∂by inside a formula, D(u[i], t[i]); no reserved word, for sizes are called so too.
DERIVATIVE = "D"
OVER_AN_INDEX_HERE = ("Sum", "Mean", "Max", "Min", "Prod", "norm")
SPECIAL_FORMS = ("sqrt", "where", "clip", *OVER_AN_INDEX_HERE, "softmax")


#: How many values the special forms take that are no function of the table.
_ARITY = {"sqrt": 1, "clip": 3}


def suggest(name: str, known: Mapping[str, Any] | tuple[str, ...]) -> Text | None:
    """``; did you mean sigmoid?``, or None when no known name is near."""
    spelled: dict[str, str] = {}
    for word in known:
        spelled.setdefault(word.casefold(), word)
    exact = spelled.get(name.casefold())
    near = [exact] if exact else get_close_matches(name, list(known), n=2, cutoff=0.6)
    if not near:
        return None
    return Text(f"; did you mean {' or '.join(near)}?", f"; возможно, имелось в виду {' или '.join(near)}?")


def unknown_function(name: str, functions: Mapping[str, Function]) -> Text:
    """What to say of a call of a function that there is not."""
    known = (*functions, *SPECIAL_FORMS)
    remedy = (
        function_word(name)
        or suggest(name, known)
        or Text(f"; there are {', '.join(known)}", f"; есть {', '.join(known)}")
    )
    return Text(f"unknown function {name!r}{remedy}", f"неизвестная функция {name!r}{remedy.ru}")


class Reader:
    """Reads the tree of one formula.  Every mistake is a ``SpecError`` with its column."""

    def __init__(self, text: str, functions: Mapping[str, Function]) -> None:
        self.text = text
        self.functions = functions
        self.depth = 0

    def refuse(self, place: Node | Token | int, message: Text) -> NoReturn:
        refuse(self.text, place, message)

    # What a name means: for a subclass to say.

    def name(self, token: Token) -> Expr:
        raise NotImplementedError

    def entry(self, tree: Node) -> Expr:
        self.refuse(
            tree,
            Text(
                "this formula has no indices; entries such as w[j,k] belong in the formula of a node",
                "в этой формуле индексов нет; элементы вида w[j,k] пишут в формуле узла",
            ),
        )

    def special(self, name: str, tree: Node) -> Expr:
        self.refuse(
            tree,
            Text(
                f"{name} runs over an index; it belongs in the formula of a node",
                f"{name} берётся по индексу; его место — в формуле узла",
            ),
        )

    # What an operator means: the same in every formula.

    def read(self, tree: Node) -> Expr:
        """The expression of any piece of a formula."""
        match tree.data:
            case "sum":
                return self._sum(tree)
            case "product":
                return self._product(tree)
            case "signed":
                return self._signed(tree)
            case "power":
                return self._power(tree)
            case "number":
                return self._number(head(tree))
            case "name":
                return self._constant(head(tree)) or self.name(head(tree))
            case "call":
                return self._deeper(tree, self._call)
            case "group" | "indicator":
                return self._deeper(tree, lambda inner: self.read(branches(inner)[0]))
            case "entry":
                return self.entry(tree)
            case "comparison":
                return self._comparison(tree)
        raise AssertionError(f"the grammar has no {tree.data}")

    def _deeper(self, tree: Node, read: Any) -> Expr:
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(
                tree,
                Text(
                    f"nested deeper than {DEEPEST} levels; name a part of it as a node",
                    f"вложенность больше {DEEPEST} уровней; выделите часть формулы в отдельный узел",
                ),
            )
        expr: Expr = read(tree)
        self.depth -= 1
        return expr

    def _constant(self, token: Token) -> Expr | None:
        return Constant("pi") if token == "pi" else None

    def _number(self, token: Token) -> Expr:
        _, _, exponent = token.lower().partition("e")
        if len(exponent) > 4 or abs(int(exponent or 0)) > 300 or len(token) > 300:
            self.refuse(
                token,
                Text(
                    "a number must lie between 1e-300 and 1e300 and have at most 300 digits",
                    "число должно лежать между 1e-300 и 1e300 и иметь не больше 300 цифр",
                ),
            )
        return rational(str(token))

    def _sum(self, tree: Node) -> Expr:
        first, *rest = (self.read(branch) for branch in branches(tree))
        signs = tokens(tree, "SIGN")
        terms = [first, *(neg(term) if sign == "-" else term for sign, term in zip(signs, rest, strict=True))]
        self._refuse_huge(terms, tree)
        return add(*terms)

    def _product(self, tree: Node) -> Expr:
        places = branches(tree)
        factors = [self.read(place) for place in places]
        for at, sign in enumerate(tokens(tree, "TIMES"), start=1):
            if sign == "/":
                factors[at] = self._raise(factors[at], Fraction(-1), places[at])
        self._refuse_huge(factors, tree)
        return self._sane(mul(*factors), tree)

    def _signed(self, tree: Node) -> Expr:
        expr = self.read(branches(tree)[0])
        return neg(expr) if len(tokens(tree, "SIGN")) % 2 else expr

    def _power(self, tree: Node) -> Expr:
        """A tower ``a ** b ** c``, which is a ** (b ** c)."""
        base, *exponents = branches(tree)
        self.depth += len(exponents)
        if self.depth > DEEPEST:
            self.refuse(
                tree,
                Text(
                    f"nested deeper than {DEEPEST} levels; name a part of it as a node",
                    f"вложенность больше {DEEPEST} уровней; выделите часть формулы в отдельный узел",
                ),
            )
        tower = [self.read(base), *(self.read(branches(exponent)[0]) for exponent in exponents)]
        result = tower.pop()
        while exponents:
            place = exponents.pop()
            if len(tokens(place, "SIGN")) % 2:
                result = neg(result)
            below = tower.pop()
            result = (
                self._raise(below, result.value, place)
                if isinstance(result, Number)
                else exp(mul(result, self._logarithm(below, place)))  # u**v is exp(v·log u)
            )
            self.depth -= 1
        return result

    def _raise(self, base: Expr, exponent: Fraction, place: Node) -> Expr:
        """base ** exponent for a rational exponent."""
        if isinstance(base, Number):
            if base.value == 0 and exponent < 0:
                self.refuse(
                    place,
                    Text("division by zero; the divisor is the constant 0", "деление на ноль: делитель — константа 0"),
                )
            if base.value < 0 and exponent.denominator != 1:
                self.refuse(
                    place,
                    Text(
                        f"{base.value} to the power {exponent} is no real number; the base must be positive",
                        f"{base.value} в степени {exponent} — не вещественное число; основание должно быть "
                        "положительным",
                    ),
                )
            if exponent.denominator == 1 and _bits(base) * abs(exponent) > MOST_BITS:
                self.refuse(
                    place,
                    Text(
                        "the power is too large a number; at most 300 digits are kept",
                        "степень — слишком большое число; хранится не больше 300 цифр",
                    ),
                )
        if exponent == -1 and isinstance(base, Pow):
            return self._sane(power(base.base, -base.exponent), place)
        return self._sane(power(base, exponent), place)

    def _logarithm(self, expr: Expr, place: Node) -> Expr:
        if isinstance(expr, Number) and expr.value <= 0:
            self.refuse(
                place,
                Text(
                    f"the logarithm of {expr.value} is no real number; it must be positive",
                    f"логарифм {expr.value} — не вещественное число; аргумент должен быть положительным",
                ),
            )
        return log(expr)

    def _call(self, tree: Node) -> Expr:
        name, arguments = str(head(tree)), branches(tree)
        if name == "where":
            return self._where(tree, arguments)
        if name in (*OVER_AN_INDEX_HERE, "softmax", DERIVATIVE) or (
            name.casefold() in OVER_AN_INDEX and name not in self.functions
        ):
            return self.special(name, tree)
        if name not in self.functions and name not in ("sqrt", "clip"):
            self.refuse(tree, unknown_function(name, self.functions))
        arity = _ARITY.get(name) or self.functions[name].arity
        if len(arguments) != arity:
            self.refuse(
                tree,
                Text(
                    f"{name} takes {arity} argument{'s' * (arity > 1)}, not {len(arguments)}",
                    f"аргументов у {name} должно быть {arity}, а здесь {len(arguments)}",
                ),
            )
        values = [self._value(argument) for argument in arguments]
        if name == "sqrt":
            return self._raise(values[0], Fraction(1, 2), tree)
        if name == "clip":
            value, low, high = values
            return minimum(maximum(value, low), high)
        if name == "log":
            return self._logarithm(values[0], tree)
        return Call(self.functions[name], tuple(values))

    def _value(self, tree: Node) -> Expr:
        if tree.data == "comparison":
            self.refuse(
                tree,
                Text(
                    "a comparison is no number; write where(condition, a, b) or [condition]",
                    "сравнение — не число; запишите where(условие, a, b) или [условие]",
                ),
            )
        return self.read(tree)

    def _where(self, tree: Node, arguments: list[Node]) -> Expr:
        if len(arguments) != 3 or arguments[0].data != "comparison":
            self.refuse(
                tree,
                Text(
                    "where takes a comparison and two formulas: where(u > 0, a, b)",
                    "у where — сравнение и две формулы: where(u > 0, a, b)",
                ),
            )
        condition, then, otherwise = arguments
        test, first, second = self._condition(condition), self._value(then), self._value(otherwise)
        if isinstance(test, Compare):
            return Where(test, first, second)
        return first if test == ONE else second

    def _comparison(self, tree: Node) -> Expr:
        """A comparison as the number 1 or 0."""
        left, right = (self.read(branch) for branch in branches(tree))
        (relation,) = tokens(tree, "RELATION")
        if relation in ("==", "!="):
            equal = Compare("==", left, right)
            return equal if relation == "==" else add(ONE, neg(equal))
        if relation.startswith("<"):
            left, right = right, left
        return Compare(">=" if "=" in relation else ">", left, right)

    def _condition(self, tree: Node) -> Compare | Expr:
        """A comparison to choose by; a decided one is the number 1 or 0."""
        found = self._comparison(tree)
        return found if isinstance(found, Compare | Number) else Compare(">", found, HALF)

    # Arithmetic must end, and its numbers must be printable.

    def _refuse_huge(self, parts: list[Expr], place: Node) -> None:
        if sum(map(_bits, parts)) > 2 * MOST_BITS:
            self.refuse(
                place,
                Text(
                    "the numbers here are too large; at most 300 digits are kept",
                    "числа здесь слишком велики; хранится не больше 300 цифр",
                ),
            )

    def _sane(self, expr: Expr, place: Node) -> Expr:
        for part in expr.factors if isinstance(expr, Mul) else (expr,):
            if isinstance(part, Pow) and max(abs(part.exponent.numerator), part.exponent.denominator) > HIGHEST_POWER:
                self.refuse(
                    place,
                    Text(
                        f"the exponent {part.exponent} is too large; powers go up to {HIGHEST_POWER}",
                        f"показатель {part.exponent} слишком велик; степени — не выше {HIGHEST_POWER}",
                    ),
                )
        return expr


def _bits(expr: Expr) -> int:
    """The size of the number in front of an expression."""
    match expr:
        case Number(value):
            return value.numerator.bit_length() + value.denominator.bit_length()
        case Mul(factors):
            return _bits(factors[0])
        case Add(terms):
            return sum(map(_bits, terms))
    return 0


class ScalarReader(Reader):
    """A formula of one line in a few symbols: an activation in u, a loss in y and p."""

    def __init__(
        self, text: str, symbols: tuple[str, ...], functions: Mapping[str, Function], constants: Mapping[str, Hyper]
    ) -> None:
        super().__init__(text, functions)
        self.symbols, self.constants = symbols, constants

    def name(self, token: Token) -> Expr:
        if token in self.symbols:
            return Symbol(str(token))
        if token in self.constants:
            return self.constants[token]
        if token in self.functions or token in SPECIAL_FORMS:
            self.refuse(
                token,
                Text(
                    f"the function {token} has no argument; write {token}({self.symbols[0]})",
                    f"у функции {token} нет аргумента; запишите {token}({self.symbols[0]})",
                ),
            )
        self.refuse(
            token,
            Text(
                f"unknown name {str(token)!r}; the names here are {', '.join((*self.symbols, *self.constants))} and pi",
                f"неизвестное имя {str(token)!r}; здесь есть имена {', '.join((*self.symbols, *self.constants))} и pi",
            ),
        )


def read_scalar(
    text: str,
    symbols: tuple[str, ...],
    functions: Mapping[str, Function],
    constants: Mapping[str, Hyper] | None = None,
) -> Expr:
    """A formula of one line, as an expression in :class:`Symbol` and named numbers."""
    return ScalarReader(text, symbols, functions, constants or {}).read(parse(text))
