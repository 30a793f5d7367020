"""Numbers of classes: p_y, and [y = k] as an entry of the vector with one 1."""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import Affine, Index, Subscript
from symbolic.language.expr import Expr
from symbolic.language.terms import reindex
from symbolic.marking.grammar.tree import (
    BigSum,
    Call,
    Indicator,
    Mul,
    Name,
    Relation,
    Script,
    capital,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declared, IndexName
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import OF_CLASS, candidates, remaining
from symbolic.marking.meaning.placing import assignments, placed_quantity
from symbolic.marking.meaning.reading import Pending
from symbolic.marking.meaning.value import (
    Value,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.words import Text


def picked_by_class(work: Elaboration, node: Name | Call) -> BigSum | None:
    """``p_y``, ``z_{y_i}``, ``p_{y_i}(x_i)`` where y is the number of a class: Σ_c [y = c] p_c."""
    name = node.function if isinstance(node, Call) else node
    subs, below = list(name.subs), name.below
    if isinstance(below, Name) and is_class(work, below):
        label_, subs = below, [*subs, Affine.of(OF_CLASS)]
    else:
        at = next((k for k, s in enumerate(subs) if s.single and is_class(work, Name(s.single))), None)
        if at is None or (subs[at].single or "") in {**work.bound, **work.known.indices}:
            return None
        label_ = Name(subs[at].single or "", span=node.span)
        subs[at] = Affine.of(OF_CLASS)
    if not any(map(work.known.with_base, (name.base, capital(name.base)))) and name.base not in work.formals:
        return None  # w_{y_i} may be a row of W
    letter = Name(OF_CLASS, span=node.span)
    own = replace(name, subs=tuple(subs), below=None)
    entry = replace(node, function=own) if isinstance(node, Call) else own
    chosen = Indicator(Relation("=", label_, letter, span=node.span), span=node.span)
    return BigSum((OF_CLASS,), None, None, (), Mul((chosen, entry), span=node.span), span=node.span)


def is_class(work: Elaboration, node: Name) -> bool:
    return any(q.classes for q in candidates(work.known, node)[:1])


def class_entry(work: Elaboration, label_: Name, other: Script, span: Span) -> Expr:
    """[y = k] as the entry k of the vector with one 1."""
    quantity = candidates(work.known, label_)[0]
    value = placed_quantity_of(work, replace(quantity, classes=False), label_)
    if len(value.axes) != 1:
        raise NotUnderstood(Text(f"{typeset(label_)}: whose class?", f"{typeset(label_)}: чей это класс?"), span)
    axis = value.axes[0]
    if isinstance(pending := work.bound.get(other.single or ""), Pending):  # the classes tell how far k runs
        pending.found = Index(pending.name, axis.extent)
        work.bound[pending.name] = IndexName(pending.found, quantity.bases[-1])
    place = plain_index(work, other, span) if other.terms else Affine((), other.constant - quantity.bases[-1])
    return reindex(value.expr, {axis: place})


def placed_quantity_of(work: Elaboration, quantity: Declared, node: Name) -> Value:
    scripts = remaining(quantity, node) or ()
    return placed_quantity(work, quantity, scripts, assignments(quantity, len(scripts))[0], node, False)


def plain_index(work: Elaboration, item: Script, span: Span) -> Subscript:
    """An index in δ_{jk} or [j = k], counted from 0; in l - k + 1 the k may be a size."""
    result: Subscript = Affine((), item.constant)
    base = 0
    for letter, coefficient in item.terms:
        size = work.known.sizes.get(letter)
        if size is not None and work.index(letter) is None:
            result = result + Affine((), size.constant, size.terms) * coefficient
            continue
        found = work.index(letter)
        if isinstance(found, Pending) or found is None:
            raise NotUnderstood(Text(f"{letter} is not an index", f"{letter} — не индекс"), span)
        result = result + Affine.of(found.index) * coefficient
        base += coefficient * found.base
    return result + (base - 1)
