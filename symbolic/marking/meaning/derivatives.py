"""Derivatives and runs of them: ∂A/∂B ∂B/∂C is contracted over the entries of B, whatever the convention."""

from __future__ import annotations

from symbolic.language.affine import Index, subscript
from symbolic.language.expr import Expr, mul, total
from symbolic.language.terms import reindex
from symbolic.marking.grammar.tree import (
    Blank,
    Call,
    Deriv,
    Frac,
    Mul,
    Name,
    Node,
    Num,
    Power,
    Transpose,
    walk,
)
from symbolic.marking.meaning.class_numbers import picked_by_class
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.own_losses import of_one_object
from symbolic.marking.meaning.value import (
    Value,
    relabelled,
)
from symbolic.marking.meaning.variables import held_partial, partial_of, variable_of
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text


def linked_run(work: Elaboration, factors: tuple[Node, ...], start: int) -> tuple[Value, int] | None:
    """A run ∂A/∂B ∂B/∂C … whose middle quantities are vectors; None when there is no such run."""
    chain: list[tuple[Node, Node, bool]] = []
    k = start
    while k < len(factors) and (ends := ends_of(work, factors[k])) is not None:
        if chain and not (_same(chain[-1][1], ends[0]) or _same(chain[0][0], ends[1])):
            break
        if chain and not _same(chain[-1][1], ends[0]):
            chain.insert(0, ends)
        else:
            chain.append(ends)
        k += 1
    if len(chain) < 2:
        return None
    middles = [work.value(by) for _, by, _ in chain[:-1]]
    if not any(m.axes for m in middles):
        return None
    with work.afresh():
        jacobians = [jacobian_of(work, *ends) for ends in chain]
    above, below, expr = jacobians[0]
    for middle, last, part in jacobians[1:]:
        moved = reindex(part, {old: subscript(new) for old, new in zip(middle, below, strict=True)})
        expr = total(mul(expr, moved), *below)
        below = last
    row = not above and len(below) == 1 and gradients_are_rows(work)
    return Value(expr, (*above, *below), row), k


def is_function_name(work: Elaboration, node: Node) -> bool:
    if not isinstance(node, Name) or not node.bare:
        return False
    formula = work.known.formulas.get(node.base)
    return node.base in work.known.functions or (formula is not None and len(formula.formals) == 1)


def path_term(work: Elaboration, term: Node, terms: tuple[Node, ...]) -> Value:
    """A term of a sum; ∂s/∂w beside ∂s/∂r ∂r/∂w is the direct dependence, the other paths stand there."""
    through = isinstance(term, Deriv) and any(
        isinstance(n, Deriv) and n.of == term.of and n.by != term.by for t in terms if t != term for n in walk(t)
    )
    outer, work.explicit = work.explicit, through
    try:
        return work.value(term)
    finally:
        work.explicit = outer


def ends_of(work: Elaboration, node: Node) -> tuple[Node, Node, bool] | None:
    """The A and B of ∂A/∂B, and Q and z for E_z; and whether it is a ∂⁺."""
    if isinstance(node, Deriv):
        return node.of, node.by, node.held
    return None


def jacobian_of(
    work: Elaboration, of: Node, by: Node, held: bool = False
) -> tuple[tuple[Index, ...], tuple[Index, ...], Expr]:
    above, below = work.value(of), work.value(by)
    entry = variable_of(work, below, by)
    taken = held_partial if held else partial_of
    return above.axes, below.axes, taken(work, above.expr, entry)


def derivative_value(work: Elaboration, node: Deriv) -> Value:
    if node.slip:
        work.notes.append("∂ is missing below the line; read as a derivative")
    by_node = node.by
    flipped = isinstance(by_node, Transpose)
    if isinstance(by_node, Transpose):
        by_node = by_node.argument
    if isinstance(node.of, Blank):
        raise NotUnderstood(Text("a derivative of nothing", "производная ничего"), node.span)
    if (rescaled := by_a_power(work, node, by_node)) is not None:
        return work.value(rescaled)
    picked = picked_by_class(work, by_node) if isinstance(by_node, Name) else None
    if picked is not None and isinstance(picked.body, Mul):  # ∂L/∂a_y: of the entry of that class
        chosen, entry_of = picked.body.factors
        return work.value(picked.rebuild((picked.body.rebuild((chosen, Deriv(node.of, entry_of, span=node.span))),)))
    below = work.value(by_node)
    whole = isinstance(node.of, Name) and is_function_name(work, node.of)
    above = work.value(Call(node.of, (by_node,), span=node.span) if isinstance(node.of, Name) and whole else node.of)
    above = of_one_object(work, above)
    if "column" in work.reading and work.known.sample is not None:
        above, below = per_object(work, above, below)
    entry = variable_of(work, below, by_node)
    expr = held_partial(work, above.expr, entry) if node.held else partial_of(work, above.expr, entry)
    shared = [axis for axis in below.axes if axis in above.axes]
    axes = (*above.axes, *(axis for axis in below.axes if axis not in shared))
    if not above.axes:
        rows = work.known.row_convention and not (node.gradient and work.known.rows_inferred)
        row = (below.row != flipped) != (len(below.axes) == 1 and rows and gradients_are_rows(work))
        if len(axes) == 2 and (flipped or (rows and not work.other("shaped"))):
            axes = tuple(reversed(axes))
        return Value(expr, axes, row)
    if len(axes) == 1:
        return Value(expr, axes, above.row)
    if len(axes) == 2 and not shared and work.other("layout"):
        axes = tuple(reversed(axes))
    return Value(expr, axes)


def by_a_power(work: Elaboration, node: Deriv, by: Node) -> Node | None:
    """∂f/∂σ² as ∂f/∂σ / 2σ, where σ is a number that no definition makes."""
    if not isinstance(by, Power) or not isinstance(by.base, Name) or not isinstance(by.exponent, Num):
        return None
    base, order = by.base, by.exponent.value
    given = any(not q.defined for q in candidates(work.known, base)[:1])
    if order in (0, 1) or not given or work.value(base).axes:
        return None
    slope = Mul((by.exponent, Power(base, Num(order - 1), span=by.span)), span=by.span)
    return Frac(Deriv(node.of, base, node.straight, span=node.span), slope, span=node.span)


def gradients_are_rows(work: Elaboration) -> bool:
    """Whether the derivative of a number by a column is a row; one choice for the whole text."""
    work.open.add("rows")
    return work.known.row_convention


def per_object(work: Elaboration, above: Value, below: Value) -> tuple[Value, Value]:
    """In the column reading ∂L/∂p is taken object by object."""
    assert work.known.sample is not None
    extent = work.known.sample.index.extent
    a = next((axis for axis in above.axes if axis.extent == extent), None)
    b = next((axis for axis in below.axes if axis.extent == extent), None)
    if a is None or b is None:
        return above, below
    return above, relabelled(below, [a if axis == b else axis for axis in below.axes])


def _same(a: Node, b: Node) -> bool:
    """The same quantity, arguments in brackets aside."""
    while isinstance(a, Call):
        a = a.function
    while isinstance(b, Call):
        b = b.function
    return a == b
