"""What an elaboration knows, and derivatives by a variable: the lowest layer of ``Elaborator``."""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Entry, Expr, Fold, Partial, Sum, Tensor, mul, power
from symbolic.language.matching import fold, unify
from symbolic.language.terms import entries, free_indices, substitute, tensors, transform, walk
from symbolic.marking.grammar.tree import Node
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.value import (
    Value,
)
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

#: So many definitions inside each other are opened in search of a variable.
DEEPEST = 12


def variable_of(work: Elaboration, by: Value, node: Node) -> Entry:
    """The variable of a derivative: an entry, if need be of a helper that stands for the expression."""
    if isinstance(by.expr, Entry):
        return by.expr
    known = work.auxiliary.get(by.expr)
    if known is None:
        if not tensors(by.expr):
            raise NotUnderstood(Text("a derivative by a constant", "производная по постоянной"), node.span)
        indices = tuple(sorted(free_indices(by.expr)))
        tensor = Tensor(f"({typeset(node)})", tuple(i.extent for i in indices))
        known = work.auxiliary[by.expr] = Definition(tensor, indices, by.expr)
    return known.entry


def held_partial(work: Elaboration, of: Expr, by: Entry) -> Expr:
    """∂⁺of/∂by: by the formula of ``of`` alone, whatever else it names held fixed."""
    definition = definition_of(work, of.tensor) if isinstance(of, Entry) else None
    if definition is None or not isinstance(of, Entry):
        return partial_of(work, of, by)
    formula = definition.at(of.subscripts)
    return Partial(formula if by.tensor in tensors(formula) else through_preactivation(work, formula), by, direct=True)


def partial_of(work: Elaboration, of: Expr, by: Entry) -> Expr:
    """∂of/∂by: by a parameter or datum through everything, by a value with the other arguments fixed."""
    definition = definition_of(work, by.tensor)
    if definition is not None and by.tensor not in closure_of(work, of):
        if (old := renamed_variable(definition, by)) is not None and old.tensor in closure_of(work, of):
            return mul(partial_of(work, of, old), power(Partial(definition.at(by.subscripts), old), -1))
        folded = fold(of, [definition])
        if by.tensor not in tensors(folded):
            folded = substitute(of, {definition.at(by.subscripts): by})
        if by.tensor not in tensors(folded):
            unfolded = unfolded_to(work, of, by) or opened_for(work, of, by)
            if unfolded is None and not could_depend(work, of, by):
                return ZERO
            if unfolded is None:
                raise NotUnderstood(
                    Text(
                        f"what is differentiated by {by.tensor.name} does not depend on it by its formula",
                        f"то, что дифференцируется по {by.tensor.name}, не зависит от этой величины по своей формуле",
                    )
                )
            folded = unfolded
        return Partial(folded, by, direct=True)
    opened, is_name = of, isinstance(of, Entry)
    if isinstance(of, Entry) and of.tensor != by.tensor:
        own = definition_of(work, of.tensor)
        opened = own.formula if own is not None else of
        if own is not None and by.tensor not in tensors(opened):
            inner = through_preactivation(work, own.at(of.subscripts))
            if by.tensor in tensors(inner):
                of = opened = inner
    if by.tensor not in tensors(opened):
        return Partial(of, by)
    others = [t for t in tensors(opened) if t != by.tensor and by.tensor in closure_of_tensor(work, t)]
    if not others:
        return Partial(of, by, direct=definition is not None)
    if isinstance(of, Entry) and of.tensor == work.known.objective:
        return Partial(of, by)
    if by.tensor.role == "parameter" and work.explicit:
        return Partial(of, by, direct=True)
    if by.tensor.role == "parameter":
        # ∂h_t/∂w beside ∂Q/∂h_t holds h_{t-1}; on its own it is the whole derivative
        if not work.in_product or not is_name:
            return Partial(of, by)
        return Partial(of, by, direct=work.other("total"))
    return Partial(of, by, direct=not work.other("total"))


def renamed_variable(definition: Definition, by: Entry) -> Entry | None:
    """The parameter σ of which a ``ρ = ln σ`` is another name, one for one; None where more than that is in it."""
    formula = definition.at(by.subscripts)
    inside = [node for node in walk(formula) if isinstance(node, Entry)]
    (old,) = {*inside} if len({*inside}) == 1 else (None,)
    if old is None or old == formula or old.tensor.role != "parameter" or {*old.subscripts} != {*by.subscripts}:
        return None
    return old if not any(isinstance(node, Sum | Fold) for node in walk(formula)) else None


def through_preactivation(work: Elaboration, formula: Expr) -> Expr:
    """σ(a_z) as σ(wᵀx): a node depends directly on what its linear form mentions."""
    written: dict[Expr, Expr] = {}
    for node in walk(formula):
        definition = definition_of(work, node.tensor) if isinstance(node, Entry) else None
        if isinstance(node, Entry) and definition is not None and definition.kind == "preactivation":
            written[node] = definition.at(node.subscripts)
    return substitute(formula, written) if written else formula


def could_depend(work: Elaboration, of: Expr, by: Entry) -> bool:
    """Whether the formula is made of anything that the variable is made of: then it may hide the variable."""
    made_of = closure_of_tensor(work, by.tensor) - {by.tensor}
    return not isinstance(of, Entry) and bool(made_of & closure_of(work, of))


def unfolded_to(work: Elaboration, of: Expr, by: Entry) -> Expr | None:
    """Fold after writing out what ``by`` is made of: ∂L/∂a where L was written with σ(wᵀx)."""
    definition = definition_of(work, by.tensor)
    assert definition is not None
    for tensor in tensors(definition.formula):
        inner = definition_of(work, tensor)
        if inner is None:
            continue
        written = substitute(
            definition.formula,
            {n: inner.at(n.subscripts) for n in entries(definition.formula, tensor)},
        )
        folded = fold(of, [Definition(definition.target, definition.indices, written)])
        if by.tensor in tensors(folded):
            return folded
    return None


def opened_for(work: Elaboration, of: Expr, by: Entry) -> Expr | None:
    """p opened wherever the variable may hide: ∂p/∂a with an a = wᵀx + b of one's own."""
    definition = definition_of(work, by.tensor)
    assert definition is not None
    made_of = closure_of_tensor(work, by.tensor) - {by.tensor}
    if not made_of & closure_of(work, of):
        return None
    whole = replace(definition, formula=written_out(work.known, definition.formula))  # t = tanh(u) as tanh(W x)
    for _ in range(DEEPEST):
        hiding = [
            (t, d)
            for t in tensors(of)
            if t != by.tensor and (d := definition_of(work, t)) is not None and made_of & closure_of_tensor(work, t)
        ]
        if not hiding:
            break
        of = named(substitute(of, {n: d.at(n.subscripts) for t, d in hiding for n in entries(of, t)}), definition)
        of = named(of, whole)
    return of if by.tensor in tensors(of) else None


def written_out(known: Declarations, expr: Expr) -> Expr:
    """An expression in what no definition makes."""
    for _ in range(DEEPEST):
        made = [(t, d) for t in tensors(expr) if (d := known.defines(t)) is not None]
        if not made:
            break
        expr = substitute(expr, {n: d.at(n.subscripts) for t, d in made for n in entries(expr, t)})
    return expr


def stands_inside(known: Declarations, tensor: Tensor, other: Tensor) -> bool:
    """Whether another is made of it, though its formula does not name it: t = tanh(W x) in y = x + V tanh(W x)."""
    inner, outer = known.defines(tensor), known.defines(other)
    if inner is None or outer is None or not known.closure(tensor) - {tensor} & known.closure(other):
        return False
    whole = replace(inner, formula=written_out(known, inner.formula))
    return tensor in tensors(named(written_out(known, outer.formula), whole))


def definition_of(work: Elaboration, tensor: Tensor) -> Definition | None:
    own = next((d for d in work.auxiliary.values() if d.target == tensor), None)
    return own or work.known.defines(tensor)


def closure_of(work: Elaboration, expr: Expr) -> set[Tensor]:
    found: set[Tensor] = set()
    for tensor in tensors(expr):
        found |= closure_of_tensor(work, tensor)
    return found


def closure_of_tensor(work: Elaboration, tensor: Tensor) -> frozenset[Tensor]:
    """The tensor and all that it is made of; helpers are made of quantities of the model and of other helpers."""
    own = next((d for d in work.auxiliary.values() if d.target == tensor), None)
    if own is None:
        return work.known.closure(tensor)
    return frozenset({tensor}).union(*(closure_of_tensor(work, other) for other in tensors(own.formula)))


def named(expr: Expr, definition: Definition) -> Expr:
    """The value's name wherever its whole formula stands, a sum as well, whatever the indices are called."""
    variables = frozenset(definition.indices)

    def change(node: Expr) -> Expr | None:
        if type(node) is not type(definition.formula):
            return None
        binding = unify(definition.formula, node, variables)
        if binding is None or not binding.keys() >= variables:
            return None
        return Entry(definition.target, tuple(binding[index] for index in definition.indices))

    return transform(expr, change)
