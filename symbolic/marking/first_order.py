"""First order conditions: the gradients that a text has found or speaks of, and by what they are taken."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.language.expr import Entry, Partial, Tensor
from symbolic.marking.endings import is_gradient
from symbolic.marking.grammar.tree import Call, Deriv, Differential, Name, Node, Power, walk
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import as_scripts, candidates
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, meanings_of


@dataclass(frozen=True, slots=True)
class Condition:
    """A gradient that was set to zero, and by what it was taken."""

    gradient: Meaning
    unknown: Tensor


def gradient_variable(work: Judging, node: Node) -> Tensor | None:
    """The parameter that a first derivative is taken by, ∂Q/∂w, ∇Q, Q'(w); None where a side is none."""
    if isinstance(node, Deriv) and isinstance(node.by, Power):  # ∂Q/∂σ² vanishes where ∂Q/∂σ does
        return parameter_named(work, node.by.base)
    variable = slope_variable(work, node)
    if variable is None or variable.role == "parameter":
        return variable if variable is not None and (not isinstance(node, Deriv) or is_gradient(work, node)) else None
    return variable if leaf_alike(work, variable) is not None else None


def leaf_alike(work: Judging, value: Tensor) -> Tensor | None:
    """The Σ of which a Λ = Σ^{-1} is made and of nothing else; of a symmetric one the matrix that it is the half of."""
    known = work.premises.known
    leaves = [t for t in known.closure(value) - {value} if known.defines(t) is None]
    return leaves[0] if len(leaves) == 1 and leaves[0].axes == value.axes and value.axes else None


def slope_variable(work: Judging, node: Node) -> Tensor | None:
    """What a first derivative is taken by, a value inside the model too."""
    known = work.premises.known
    return known.reads.ask(("slope", node), lambda: variable_of_slope(node, known))  # type: ignore[no-any-return]


def variable_of_slope(node: Node, known: Declarations) -> Tensor | None:
    for meaning in meanings_of(((node, frozenset()),), known).meanings[:1]:
        expr = meaning.value.expr
        if isinstance(expr, Partial) and isinstance(expr.by, Entry) and not isinstance(expr.of, Partial):
            return expr.by.tensor
    return None


def slope_by_value(work: Judging, node: Node) -> Condition | None:
    """What the text found to be the derivative by the value that a side names, which is made of others."""
    named = candidates(work.premises.known, node)[:1] if isinstance(node, Name) else []
    value = next((q.tensor for q in named if q.defined), None)
    if value is None:
        return None
    slopes = (end for begun, end in work.ends.said_last.values() if slope_variable(work, begun) == value)
    return next((Condition(end.meanings[0], value) for end in slopes), None)


def derived_of(work: Judging, sides: tuple[Node | None, ...]) -> dict[Tensor, Condition]:
    """The gradients by the parameters that stand in a line."""
    nodes = (node for side in sides if side is not None for node in walk(side))
    named = dict.fromkeys(t for node in nodes if (t := parameter_named(work, node)) is not None)
    return {t: condition for t in named if (condition := derived_gradient(work, t)) is not None}


def gradients_found(work: Judging) -> dict[Tensor, Condition]:
    """What the text has found to be the gradient by each parameter, the last time: the first may have had a slip."""
    found: dict[Tensor, Condition] = {}
    for begun, end in work.ends.said_last.values():
        condition = first_order_condition(work, begun, end)
        if condition is not None:
            found.setdefault(condition.unknown, condition)
    return found


def first_order_condition(work: Judging, begun: Node, end: Read) -> Condition | None:
    """The condition that what a line has found vanishes: a gradient, or the change of a number by one parameter."""
    if isinstance(begun, Differential):
        varied = varied_alone(work, end)
        return derived_gradient(work, varied) if varied is not None and is_whole(work, begun.argument) else None
    unknown = gradient_variable(work, begun)
    if unknown is None or is_slope_on_the_way(work, begun, unknown):
        return None
    return Condition(end.meanings[0], unknown)


def varied_alone(work: Judging, end: Read) -> Tensor | None:
    """The one parameter whose change stands in a differential that is carried out: Σ of tr(Σ⁻¹ dΣ)."""
    nodes = (node for node in walk(end.node) if isinstance(node, Differential)) if end.node is not None else ()
    varied = {parameter_named(work, node.argument) for node in nodes}
    return next(iter(varied)) if len(varied) == 1 else None


def is_whole(work: Judging, node: Node) -> bool:
    """Whether a name stands for a number that the text defines."""
    found = candidates(work.premises.known, node)[:1] if isinstance(node, Name) else []
    return any(q.defined and not q.tensor.axes for q in found)


def parameter_named(work: Judging, node: Node) -> Tensor | None:
    """The parameter that a side consists of."""
    found = candidates(work.premises.known, node)[:1] if isinstance(node, Name) else []
    return next((q.tensor for q in found if q.tensor.role == "parameter"), None)


def derived_gradient(work: Judging, unknown: Tensor) -> Condition | None:
    """The gradient of what the text is about, the last number that it defines of the unknown."""
    known = work.premises.known
    by = known.quantity_of(unknown)
    numbers_of = [q for q in known.quantities if q.defined and not q.tensor.axes and unknown in known.closure(q.tensor)]
    whole = [q for q in numbers_of if not any(q.tensor in known.closure(o.tensor) for o in numbers_of if o != q)]
    if by is None or not whole:
        return None
    of, variable = (Name(q.base, as_scripts(q.sub_labels), as_scripts(q.sup_labels)) for q in (whole[-1], by))
    meanings = meanings_of(((Deriv(of, variable), frozenset()),), known).meanings
    return Condition(meanings[0], unknown) if meanings else None


def is_slope_on_the_way(work: Judging, node: Node, by: Tensor) -> bool:
    """Whether it is the slope of what another one is the slope of is made of: ∂r_i/∂w before ∂J/∂w.

    So is that of a formula without a name, ∇(wᵀ A w), beside that of J; not ∂ℓ/∂m beside the ∂Λ/∂w of a Λ of ℓ.
    """
    known = work.premises.known
    of, *_ = [*tensors_derived(work, node), None]
    same = [begun for begun in work.ends.begun.values() if gradient_variable(work, begun) in (by, None)]
    others = [tensor for begun in same for tensor in tensors_derived(work, begun)]
    return (of is None and bool(others)) or any(
        of is not None and other != of and of in known.closure(other) for other in others
    )


def tensors_derived(work: Judging, node: Node) -> list[Tensor]:
    """The value that ``∂J/∂w``, ``∇J(w)`` is the slope of."""
    of = node.of if isinstance(node, Deriv) else None
    of = of.function if isinstance(of, Call) else of
    return [quantity.tensor for quantity in candidates(work.premises.known, of)[:1]] if isinstance(of, Name) else []
