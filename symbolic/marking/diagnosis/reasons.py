"""Why a slip is one: the rule behind it, as a tutor says it beside the slip.

A reason is a row of a table: of which kinds of slips it speaks, what must stand in the line or before it, and what is
said.  The first row that fits is taken; a slip without a row is named alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from symbolic.language.expr import Call as ExprCall
from symbolic.language.terms import tensors
from symbolic.language.terms import walk as walk_expr
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.diagnosis.slips import is_complement, made_of_sizes, quantities_of
from symbolic.marking.grammar.tree import (
    BigSum,
    Call,
    Deriv,
    Differential,
    Frac,
    Mul,
    Name,
    Neg,
    Node,
    Norm,
    Num,
    Power,
    Transpose,
    walk,
)
from symbolic.marking.meaning.naming import candidates
from symbolic.words import Text

TWO = Num(Fraction(2))
_ACTIVATIONS = {
    "sigmoid": Text("σ′ = σ(1 − σ)", "σ′ = σ(1 − σ)"),
    "tanh": Text("tanh′ = 1 − tanh²", "th′ = 1 − th²"),
    "relu": Text(
        "the slope of relu is 1 where its argument is positive and 0 elsewhere",
        "производная relu равна 1, где аргумент положителен, и 0 в остальных точках",
    ),
    "softplus": Text("the derivative of softplus is σ", "производная softplus равна σ"),
    "exp": Text("(eᵘ)′ = eᵘ u′", "(eᵘ)′ = eᵘ u′"),
    "log": Text("(ln u)′ = u′/u", "(ln u)′ = u′/u"),
}


NO_SLOPE = Text(
    "no slope of an activation is left here",
    "производной функции активации здесь не остаётся",
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A row: the kinds of slips, when it is the reason, and what is said."""

    kinds: frozenset[str]
    applies: Callable[[Edit, Case], bool]
    said: Text


def reason(kind: str, edit: Edit, case: Case) -> Text | None:
    """The rule that the line goes against; None where nothing is known but the slip itself."""
    if kind == "transpose" and case.problem is not None and case.before.meanings:
        return case.problem.said
    if kind == "activation_derivative" and of_a_slope(edit, case) and edit.new is None:
        return NO_SLOPE
    if kind == "activation_derivative" and (named := activation(edit, case)) is not None:
        return named
    return next((row.said for row in REASONS if kind in row.kinds and row.applies(edit, case)), None)


def activation(edit: Edit, case: Case) -> Text | None:
    """The derivative of the function at hand, where it is clear which one that is."""
    pieces = [node for piece in (edit.old, edit.new) if piece is not None for node in walk(piece)]
    names = {name for node in pieces for name in functions_behind(node, case)}
    known = [name for name in names if name in _ACTIVATIONS]
    return _ACTIVATIONS[known[0]] if len(known) == 1 else None


def functions_behind(node: Node, case: Case) -> Iterator[str]:
    """The functions that a call names, or that a value of the model is made by."""
    if isinstance(node, Call):
        own = case.known.functions.get(node.function.base)
        yield own.name if own is not None else node.function.base
    for quantity in quantities_of(node, case.known)[:1] if isinstance(node, Name) else ():
        definition = case.known.defines(quantity.tensor)
        if definition is not None and isinstance(definition.formula, ExprCall):
            yield definition.formula.function.name


# -- what stands before the '=' --------------------------------------------------------------------


def before(case: Case) -> Iterator[Node]:
    """Everything in the lines that the wrong one follows from, and in what they differentiate."""
    for side in (case.before.node, *case.seen[:1]):
        for node in walk(side) if side is not None else ():
            yield node
            if isinstance(node, Deriv | Differential):
                yield from opened(node.children[0], case)


def differentiated(case: Case) -> Iterator[Node]:
    """Everything in what the derivatives of these lines act on, one definition deep."""
    for side in (case.before.node, *case.seen[:1]):
        for node in walk(side) if side is not None else ():
            if isinstance(node, Deriv | Differential):
                yield from walk(node.children[0])
                yield from opened(node.children[0], case)


def opened(node: Node, case: Case) -> Iterator[Node]:
    """The formulas of what is differentiated, one definition deep."""
    name = node.function if isinstance(node, Call) else node
    for quantity in candidates(case.known, name)[:1] if isinstance(name, Name) else ():
        if quantity.body is not None:
            yield from walk(quantity.body)


def is_inverse(node: Node) -> bool:
    return isinstance(node, Power) and node.exponent in (Num(Fraction(-1)), Neg(Num(Fraction(1))))


def of_an_inverse(edit: Edit, case: Case) -> bool:
    """Whether an inverse of a matrix is differentiated."""
    matrices = (n.base for n in before(case) if isinstance(n, Power) and is_inverse(n) and isinstance(n.base, Name))
    return any(len(q.tensor.axes) == 2 for name in matrices for q in candidates(case.known, name)[:1])


def of_a_determinant(edit: Edit, case: Case) -> bool:
    return any(isinstance(n, Call) and n.function.base == "det" for n in before(case))


def of_a_square(edit: Edit, case: Case) -> bool:
    """Whether a 2 is at stake, and a square is differentiated."""
    alone = {edit.old, edit.new} == {TWO, None}
    squares = (n for n in differentiated(case) if isinstance(n, Norm) or (isinstance(n, Power) and n.exponent == TWO))
    return alone and any(squares)


def of_a_logarithm(edit: Edit, case: Case) -> bool:
    """Whether a logarithm is differentiated, and something should stand below a bar."""
    logarithms = (n for n in differentiated(case) if isinstance(n, Call) and n.function.base in ("ln", "log"))
    return isinstance(edit.new, Frac) and any(logarithms)


def of_a_slope(edit: Edit, case: Case) -> bool:
    """Whether v (1 - v) is too many as a whole."""
    pair = edit.old.factors if isinstance(edit.old, Mul) else ()
    return len(pair) == 2 and is_complement(pair[1], pair[0])


def of_a_mean(edit: Edit, case: Case) -> bool:
    """Whether 1/N is at stake."""
    pieces = [piece for piece in (edit.old, edit.new) if piece is not None]
    return any(isinstance(p, Frac | Name) and made_of_sizes(p, case.known) and names_in(p) for p in pieces)


def names_in(node: Node) -> list[Name]:
    return [part for part in walk(node) if isinstance(part, Name)]


def of_softmax(edit: Edit, case: Case) -> bool:
    """Whether a value that is normalised over its index is differentiated, by what it is made of."""
    for node in before(case):
        for quantity in candidates(case.known, node)[:1] if isinstance(node, Name) else ():
            definition = case.known.defines(quantity.tensor)
            exponentials = definition is not None and any(
                isinstance(e, ExprCall) and e.function.name == "exp" for e in walk_expr(definition.formula)
            )
            below = [n.denominator for n in (walk(quantity.body) if quantity.body else ()) if isinstance(n, Frac)]
            if exponentials and any(isinstance(n, BigSum) for part in below for n in walk(part)):
                return True
    return False


def over_the_sample(edit: Edit, case: Case) -> bool:
    """Whether the Σ at stake runs over the objects."""
    sample = case.known.sample
    whole = edit.new if isinstance(edit.new, BigSum) else edit.old
    return sample is not None and isinstance(whole, BigSum) and sample.index.name in whole.indices


def of_a_quadratic_form(edit: Edit, case: Case) -> bool:
    """Whether a variable stands on both sides of a matrix, xᵀ A x."""
    forms = (n.factors for n in differentiated(case) if isinstance(n, Mul) and len(n.factors) >= 3)
    return any(isinstance(f[0], Transpose) and f[0].argument == f[-1] for f in forms)


def inner_derivative(edit: Edit, case: Case) -> bool:
    """Whether a lost factor is what something inside is multiplied by: x in wᵀx."""
    new = edit.new.argument if isinstance(edit.new, Transpose) else edit.new
    if isinstance(new, Deriv):
        return True
    found = quantities_of(new, case.known)[:1] if isinstance(new, Name) else []
    if not found or not any(isinstance(n, Deriv | Differential) or is_named_gradient(n) for n in case.seen):
        return False
    inner = (d for d in case.known.definitions if d.target != case.known.objective)
    return any(found[0].tensor in tensors(d.formula) for d in inner)


def is_named_gradient(node: Node) -> bool:
    return any(isinstance(part, Deriv) for part in walk(node))


def of_a_negative(edit: Edit, case: Case) -> bool:
    """Whether what is differentiated holds the variable with a minus: (y - p)²."""
    variables = {base_of(n.by) for n in case_derivatives(case)} - {""}
    return any(isinstance(n, Neg) and base_of(n.argument) in variables for n in differentiated(case))


def case_derivatives(case: Case) -> list[Deriv]:
    return [n for side in case.seen for n in walk(side) if isinstance(n, Deriv)]


def base_of(node: Node) -> str:
    node = node.function if isinstance(node, Call) else node
    return node.base if isinstance(node, Name) else ""


def of_a_quotient(edit: Edit, case: Case) -> bool:
    """Whether a fraction is differentiated that has the variable below the bar."""
    by = {base_of(d.by) for d in case_derivatives(case)} - {""}
    below = [n.denominator for n in differentiated(case) if isinstance(n, Frac)]
    return any(base_of(part) in by for node in below for part in walk(node))


def not_lowered(edit: Edit, case: Case) -> bool:
    """Whether a power stands in the line as it stands in what is differentiated."""
    return isinstance(edit.old, Power) and edit.old in set(differentiated(case))


def by_the_factor(edit: Edit, case: Case) -> bool:
    """Whether the wrong symbol is what the derivative is taken by: ∂(w x)/∂w is x."""
    return edit.old is not None and base_of(edit.old) in {base_of(d.by) for d in case_derivatives(case)} - {""}


def of_itself(edit: Edit, case: Case) -> bool:
    return edit.new == Name("I")


def always(edit: Edit, case: Case) -> bool:
    return True


def _row(kinds: str, applies: Callable[[Edit, Case], bool], en: str, ru: str) -> Reason:
    return Reason(frozenset(kinds.split()), applies, Text(en, ru))


REASONS: tuple[Reason, ...] = (
    _row("sign missing_factor transpose differential product_rule", of_an_inverse,
         "d(A⁻¹) = −A⁻¹ dA A⁻¹", "d(A⁻¹) = −A⁻¹ dA A⁻¹"),
    _row("transpose sign missing_factor", of_a_determinant,
         "∂ ln det A/∂A = A⁻ᵀ", "∂ ln det A/∂A = A⁻ᵀ"),
    _row("factor", of_a_square, "the derivative of u² is 2u u′", "производная u² равна 2u u′"),
    _row("factor", of_a_mean, "a constant factor stays in front of the derivative, and no other one comes in",
         "постоянный множитель остаётся перед производной, а новый взяться не может"),
    _row("transpose missing_term", of_a_quadratic_form,
         "x stands twice in xᵀAx, so its gradient is (A + Aᵀ)x; 2Ax only for a symmetric A",
         "x входит в xᵀAx дважды, поэтому градиент равен (A + Aᵀ)x; 2Ax только для симметричной A"),
    _row("missing_sum delta missing_term", of_softmax,
         "every output of a softmax depends on every input: the paths through all of them add up",
         "каждый выход softmax зависит от каждого входа: складываются пути через все выходы"),
    _row("sign", of_softmax, "∂p_k/∂a_j = p_k(δ_kj − p_j)", "∂p_k/∂a_j = p_k(δ_kj − p_j)"),
    _row("missing_sum", over_the_sample, "the loss is a sum over the objects, and so is its derivative",
         "потери суммируются по объектам, значит и производная тоже"),
    _row("missing_sum", always, "where several paths lead to a variable, they add up",
         "если к переменной ведут несколько путей, они складываются"),
    _row("missing_factor", inner_derivative, "by the chain rule the derivative of what is inside is a factor too",
         "по правилу композиции производная внутренней функции — тоже множитель"),
    _row("sign", of_a_negative, "the variable stands there with a minus, which its derivative keeps",
         "переменная входит с минусом, и производная его сохраняет"),
    _row("activation_derivative", always, "the derivative of an activation is taken at its own argument",
         "производная функции активации берётся в её аргументе"),
    _row("power", of_a_logarithm, "(ln u)′ = u′/u", "(ln u)′ = u′/u"),
    _row("power", of_a_quotient, "(u/v)′ = (u′v − uv′)/v²", "(u/v)′ = (u′v − uv′)/v²"),
    _row("symbol", by_the_factor, "the derivative of a product by one of its factors is the other factor",
         "производная произведения по одному множителю — другой множитель"),
    _row("missing_term", of_itself, "what depends on a variable directly as well has the identity as one more term",
         "если величина зависит от переменной и напрямую, добавляется единичная матрица"),
    _row("power", not_lowered, "the derivative of uⁿ is n uⁿ⁻¹ u′", "производная uⁿ равна n uⁿ⁻¹ u′"),
    _row("bias", always, "the weighted sum holds the bias too", "во взвешенную сумму входит и сдвиг"),
    _row("regularizer", always, "the penalty depends on the weights too", "штраф тоже зависит от весов"),
    _row("path", always, "what is used in several places gets one term for each of them",
         "то, что входит в несколько мест, даёт слагаемое за каждое из них"),
    _row("hadamard", always, "a function that acts entry by entry has a derivative that multiplies entry by entry",
         "у поэлементной функции и производная умножается поэлементно"),
    _row("delta", always, "the case of equal indices and that of different ones are not the same",
         "случай равных индексов и случай разных индексов различаются"),
    _row("condition", always, "a piece counts where its own condition holds",
         "каждая ветвь действует при своём условии"),
    _row("argument", always, "by the chain rule the outer derivative stands at the inner value",
         "по правилу композиции внешняя производная берётся во внутреннем значении"),
)  # fmt: skip
