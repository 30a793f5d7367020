"""Functions and calls: σ(u), h′(u), L(y_i, p_i), z_j(x), max, softmax."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from symbolic.derivation.calculus import differentiate
from symbolic.language.affine import Subscript, subscript
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Determinant, Entry, Expr, Symbol, add, mul, power, total
from symbolic.language.functions import PRIMITIVES, Function, generic
from symbolic.language.terms import delta, free_indices, reindex, substitute, tensors
from symbolic.marking.grammar.dots import LETTERS, letters_of, matrix
from symbolic.marking.grammar.known_words import TRACES
from symbolic.marking.grammar.tree import BigSum, Blank, Call, Name, Node, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.class_numbers import picked_by_class
from symbolic.marking.meaning.declared import Declared, Formula, IndexName, function_key
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.marked_slopes import nested
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.other_places import at_other_place
from symbolic.marking.meaning.primes import primed
from symbolic.marking.meaning.quantities import name_value
from symbolic.marking.meaning.shape_words import OBJECTS, OF_SHAPE
from symbolic.marking.meaning.value import (
    Value,
    determinant,
    entrywise,
    fresh_axis,
    is_square,
)
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span
from symbolic.network.catalogue import ACTIVATIONS, FUNCTIONS, function
from symbolic.words import Text

#: What calculus sheets call besides, as formulas in u.
_FORMULAS = {"tan": "sin(u)/cos(u)", "sech": "2/(exp(u) + exp(-u))", "cot": "cos(u)/sin(u)", "sec": "1/cos(u)",
             "csc": "1/sin(u)", "coth": "(exp(u) + exp(-u))/(exp(u) - exp(-u))"}  # fmt: skip
U_FUNCTIONS = {
    **{name: f for name, f in FUNCTIONS.items() if f.arity == 1},
    **{name: function(name, formula, PRIMITIVES) for name, formula in _FORMULAS.items()},
    **ACTIVATIONS,
    **{name: f for name, f in PRIMITIVES.items() if f.arity == 1},
    "ReLU": ACTIVATIONS["relu"],
}

#: Activations that have other names, or are written in capitals: GELU.
_SPELT = {"swish": "silu", "leakyrelu": "leaky_relu", "logistic": "sigmoid", "expit": "sigmoid"}
#: n!, of which nothing is asked but that it is the same everywhere.
FACTORIAL = generic("factorial")
HIGHEST_TOWER = 2


def call_value(work: Elaboration, node: Call) -> Value:
    picked = picked_by_class(work, node) if node.function.below is not None else None
    if picked is not None:
        return work.value(picked)
    function, arguments = node.function, node.arguments
    base = function.base
    own = work.known.functions.get(function_key(function))
    if own is None and base in work.known.families and len(function.subs) == 1:
        own = work.known.functions[base]
    if own is not None:
        return applied(work, own, node)
    if function.bare and base in work.known.formulas:
        return formula_value(work, node)
    if candidates(work.known, replace(function, primes=0)):
        return named_call(work, node)
    if base in ("max", "min"):
        return extreme(work, base, [work.value(a) for a in arguments], node.span)
    if base == "softmax" and len(arguments) == 1:
        return softmax_of(work, work.value(arguments[0]), node.span)
    if base in ("diag", "Diag"):
        inner = work.value(arguments[0] if len(arguments) == 1 else listed_column(work, node))
        if len(inner.axes) == 2 and inner.axes[0].extent == inner.axes[1].extent:  # the diagonal of a matrix
            return Value(reindex(inner.expr, {inner.axes[1]: subscript(inner.axes[0])}), (inner.axes[0],))
        if not inner.axes:
            inner = column_of(work, inner)
        if len(inner.axes) != 1:
            raise ShapeError(OF_SHAPE["diag"].format(shape=inner.shape), node.span)
        other = fresh_axis(inner.axes[0].extent)
        return Value(mul(inner.expr, delta(subscript(inner.axes[0]), subscript(other))), (inner.axes[0], other))
    if base in TRACES and len(arguments) == 1:
        inner = work.value(arguments[0])
        if not inner.axes:  # a number is a matrix of one row and one column
            return inner
        if len(inner.axes) != 2 or inner.axes[0].extent != inner.axes[1].extent:
            raise ShapeError(OF_SHAPE["trace"].format(shape=inner.shape), node.span)
        return Value(total(reindex(inner.expr, {inner.axes[1]: subscript(inner.axes[0])}), inner.axes[0]))
    if base == "det" and len(arguments) == 1:
        inner = work.value(arguments[0])
        if inner.axes and not is_square(inner):
            raise ShapeError(OF_SHAPE["det"].format(shape=inner.shape), node.span)
        return determinant(inner) if inner.axes else inner
    if base == "factorial":
        return applied(work, FACTORIAL, node)
    known = builtin(base)
    if known is not None:
        return applied(work, known, node)
    raise NotUnderstood(
        Text(f"the function {typeset(function)} is not declared", f"функция {typeset(function)} не объявлена"),
        node.span,
    )


def column_of(work: Elaboration, entry: Value) -> Value:
    """All entries of which ``p_i (1 - p_i)`` is the general one: its only index runs; the number itself where it has
    none, or several."""
    outside = {known.index for known in work.bound.values() if isinstance(known, IndexName)}
    running = sorted(free_indices(entry.expr) - outside)
    if len(running) != 1:
        return entry
    axis = fresh_axis(running[0].extent)
    return Value(reindex(entry.expr, {running[0]: subscript(axis)}), (axis,))


def listed_column(work: Elaboration, node: Call) -> Node:
    """``diag(p_1, …, p_N)``: its arguments as a column."""
    rows = [(None if isinstance(a, Blank) else a,) for a in node.arguments]
    known = {letter for letter in LETTERS if work.words.is_declared(letter)}
    return matrix(list(rows), known | letters_of(a for a in node.arguments), node.span)


def applied(work: Elaboration, function: Function, node: Call) -> Value:
    """A function of one number, entry by entry, with its primes."""
    if len(node.arguments) != 1:
        raise NotUnderstood(
            Text(f"{typeset(node.function)} takes one argument", f"у {typeset(node.function)} один аргумент"), node.span
        )
    argument = node.arguments[0]
    if isinstance(argument, Blank):
        raise NotUnderstood(Text("a dot in the place of an argument", "точка на месте аргумента"), argument.span)
    if function.name == "log" and not node.function.primes and isinstance(argument, BigSum) and argument.kind == "prod":
        inside = replace(node, arguments=(argument.body,))
        return work.value(replace(argument, body=inside, kind="sum"))  # ln Π is Σ ln
    inner = work.value(argument)
    if function.name == "log" and isinstance(inner.expr, Determinant):  # ln |det A| where that is negative
        inner = replace(inner, expr=PRIMITIVES["abs"](inner.expr))
    shift = work.known.families.get(node.function.base) if node.function.subs else None
    if shift is not None:
        inner = replace(inner, expr=add(inner.expr, work.value(Name(shift, node.function.subs)).expr))
    if function.name == "exp" and tower(inner.expr) >= HIGHEST_TOWER:
        raise NotUnderstood(Text("a tower of exponentials of that height", "башня экспонент такой высоты"), node.span)
    return Value(primed(function, node.function.primes, inner.expr), inner.axes, inner.row)


def formula_value(work: Elaboration, node: Call) -> Value:
    """``let f(u) = …``: the arguments go into the body."""
    formula = work.known.formulas[node.function.base]
    if node.function.primes:
        if formula.function is None and len(formula.formals) == len(node.arguments) == 1:
            return primed_formula(work, node, formula)
        if formula.function is None:
            raise NotUnderstood(
                Text(
                    f"a prime on {typeset(node.function)}, which is no function of one number",
                    f"штрих у {typeset(node.function)}, а это не функция одного числа",
                ),
                node.span,
            )
        return applied(work, formula.function, node)
    if len(node.arguments) != len(formula.formals):
        raise NotUnderstood(
            Text(
                f"{typeset(node.function)} takes {len(formula.formals)} arguments",
                f"число аргументов у {typeset(node.function)} равно {len(formula.formals)}",
            ),
            node.span,
        )
    if formula.function is not None:
        return applied(work, formula.function, node)
    values = {name: work.value(a) for name, a in zip(formula.formals, node.arguments, strict=True)}
    return with_formals(work, values, formula.body)


def primed_formula(work: Elaboration, node: Call, formula: Formula) -> Value:
    """``f'(u)`` of an f with numbers of the model in it, f(u) = α(e^u - 1): derived by u alone."""
    place = Symbol("\0")
    body = with_formals(work, {formula.formals[0]: Value(place)}, formula.body)
    if body.axes:
        raise NotUnderstood(
            Text("a prime on a function that is no number", "штрих у функции, значение которой не число"), node.span
        )
    derived = body.expr
    for _ in range(node.function.primes):
        derived = differentiate(derived, place)
    inner = work.value(node.arguments[0])
    return Value(substitute(derived, {place: inner.expr}), inner.axes, inner.row)


def with_formals(work: Elaboration, values: dict[str, Value], body: Node) -> Value:
    outer, work.formals = work.formals, values
    try:
        return work.value(body)
    finally:
        work.formals = outer


def named_call(work: Elaboration, node: Call) -> Value:
    """``z_j(x_i)``, ``Q(w)``, ``L(y_i, p_i)``: the arguments are named, or put into the definition."""
    if node.function.primes and not work.known.with_base(node.function.base + "'" * node.function.primes):
        return primed_quantity(work, node)
    quantity = candidates(work.known, node.function)[0]
    if work.words.is_feature_of(quantity, node.function, node.arguments):
        return name_value(work, of_object(node))
    naming = all(
        work.words.names_plainly(quantity, a) or work.words.names_argument(quantity, a) for a in node.arguments
    )
    names = [a for a in node.arguments if not isinstance(a, Blank)]
    if naming and in_order(work, quantity, node) and not takes_entry(work, quantity, node):
        samples = {s for s in (sample_of(work, a) for a in names) if s is not None}
        if len(samples) > 1:
            raise ShapeError(
                OBJECTS,
                node.span,
                "index",
            )
        with sampled(work, next(iter(samples), None)):
            return name_value(work, node.function)
    if quantity.defined and (quantity.body is None or leads_through_others(quantity)):
        moved = at_other_place(work, name_value(work, node.function), quantity, node.arguments)
        if moved is not None:
            return moved
    if quantity.body is None or len(node.arguments) != len(quantity.formals):
        raise NotUnderstood(
            Text(
                f"{typeset(node)}: it was declared with {', '.join(quantity.formals)}",
                f"{typeset(node)}: объявлено с аргументами {', '.join(quantity.formals)}",
            ),
            node.span,
        )
    values = {f: work.value(a) for f, a in zip(quantity.formals, node.arguments, strict=True)}
    return with_formals(work, values, quantity.body)


def takes_entry(work: Elaboration, quantity: Declared, node: Call) -> bool:
    """``φ(x; t_j)`` of a φ(x; t) and numbers t_j, one of them: put in, for φ has no subscript that would say which."""
    if quantity.body is None or quantity.sample or len(node.arguments) != len(quantity.formals):
        return False
    pairs = zip(quantity.formals, node.arguments, strict=True)
    entries = [a for f, a in pairs if isinstance(a, Name) and a.base == f and a.subs]
    return any(
        not work.value(argument).axes and len(work.value(Name(argument.base)).axes) == 1
        for argument in entries
        if all(q.subscripted == 1 and not q.sample for q in candidates(work.known, argument)[:1])
    )


def leads_through_others(quantity: Declared) -> bool:
    """``f(X) = T`` of a T that is made of X: what is put in for X has to reach it there."""
    named = (
        {part.base for part in walk(quantity.body) if isinstance(part, Name)} if quantity.body is not None else set()
    )
    return not {*quantity.formals} <= named


def of_object(node: Call) -> Name:
    """φ_n for φ(x_n)."""
    return replace(node.function, subs=node.arguments[0].subs) if isinstance(node.arguments[0], Name) else node.function


def primed_quantity(work: Elaboration, node: Call) -> Value:
    """``L'(r_i)`` of a quantity made of r: ∂L/∂r at that object."""
    plain = replace(node, function=replace(node.function, primes=0))
    quantity = candidates(work.known, plain.function)[0]
    argument = node.arguments[0]
    named = isinstance(argument, Name) and work.words.names_plainly(quantity, argument)
    if len(node.arguments) == len(quantity.formals) == 1 and not named:
        whole = name_value(work, plain.function)
        moved = at_other_place(work, whole, quantity, node.arguments, node.function.primes)
        if moved is not None:
            return moved
    if len(node.arguments) != 1 or not isinstance(argument, Name) or not named:
        raise NotUnderstood(
            Text(
                f"a prime on {typeset(node.function)}: the derivative by what? write ∂/∂",
                f"штрих у {typeset(node.function)}: производная по чему? запишите ∂/∂",
            ),
            node.span,
        )
    return work.value(nested(plain, [argument] * node.function.primes))


def in_order(work: Elaboration, quantity: Declared, node: Call) -> bool:
    """L(p, y) is not L(y, p): with two arguments each must stand in its own place."""
    if len(node.arguments) != len(quantity.formals) or len(node.arguments) < 2:
        return True
    bases = [a.base if isinstance(a, Name) else a.function.base if isinstance(a, Call) else "" for a in node.arguments]
    return not any(b in quantity.formals and b != f for b, f in zip(bases, quantity.formals, strict=True))


def sample_of(work: Elaboration, argument: Node) -> Subscript | None:
    """The object that an argument such as x_i stands for."""
    if work.known.sample is None:
        return None
    try:
        value = work.value(argument)
    except NotUnderstood:
        return None
    if isinstance(value.expr, Entry):
        quantity = work.known.quantity_of(value.expr.tensor)
        if quantity is not None and quantity.sample:
            return value.expr.subscripts[0]
    return None


@contextmanager
def sampled(work: Elaboration, at: Subscript | None) -> Iterator[None]:
    outer = work.at_sample
    if at is not None and not any(k.name.startswith("_") for k in at.keys):
        work.at_sample = at
    try:
        yield
    finally:
        work.at_sample = outer


def extreme(work: Elaboration, name: str, values: list[Value], span: Span) -> Value:
    if len(values) < 2:
        raise NotUnderstood(Text(f"{name} of a single argument", f"{name} от одного аргумента"), span)

    def join(*parts: Expr) -> Expr:
        result = parts[0]
        for part in parts[1:]:
            # the language takes the slope of the second argument at the kink: put the constant there
            first, second = (part, result) if not tensors(result) and tensors(part) else (result, part)
            result = PRIMITIVES[name](first, second)
        return result

    return entrywise(values, join, span, name)


def softmax_of(work: Elaboration, value: Value, span: Span) -> Value:
    """Of a vector; of a batch in a matrix for each object, along the axis that does not count the objects."""
    sample = work.known.sample
    along = [axis for axis in value.axes if sample is None or axis.extent != sample.index.extent]
    if len(value.axes) == 2 and len(along) == 1:
        axis = along[0]
    elif len(value.axes) == 1 or (len(value.axes) == 2 and work.known.softmax_by_rows):
        axis = value.axes[-1]
    else:
        raise ShapeError(OF_SHAPE["softmax"].format(shape=value.shape), span)
    exp = PRIMITIVES["exp"]
    other = fresh_axis(axis.extent)
    below = total(exp(reindex(value.expr, {axis: subscript(other)})), other)
    return Value(mul(exp(value.expr), power(below, -1)), value.axes, value.row)


def tower(expr: Expr) -> int:
    """How many exponentials stand inside each other."""
    below = max((tower(child) for child in expr.children), default=0)
    return below + (isinstance(expr, ExprCall) and expr.function.name == "exp")


def builtin(base: str) -> Function | None:
    """Functions that need no declaration."""
    names = {"ln": "log", "th": "tanh", "sgn": "sign", "arctan": "atan", "arctg": "atan", r"\sigma": "sigmoid",
             "ch": "cosh", "sh": "sinh", "tg": "tan", "ctg": "cot", "cth": "coth", "sigm": "sigmoid"}  # fmt: skip
    known = U_FUNCTIONS.get(names.get(base, base))
    return known or ACTIVATIONS.get(_SPELT.get(base.lower(), base.lower()) if len(base) > 2 else "")
