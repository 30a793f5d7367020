"""Derivatives that are marked at a name: L', L_w, σ'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.grammar.reach import free_letters
from symbolic.marking.grammar.tree import (
    Call,
    Deriv,
    Name,
    Node,
    Transpose,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declared, IndexName
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates, remaining
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text


def slope_of_value(work: Elaboration, quantity: Declared, name: Name) -> Call | None:
    """μ' of a μ = f(wᵀx) with a vector w as f'(wᵀx): the slope of a value at what its function is taken of."""
    body = quantity.body
    if not isinstance(body, Call) or len(body.arguments) != 1 or quantity.latex != typeset(name):
        return None
    by = work.words.parameter(())
    shaped = isinstance(by, Name) and bool(work.value(by).axes)
    applied = work.words.is_function(body.function)
    return replace(body, function=replace(body.function, primes=1)) if shaped and applied else None


def slope_in_the_model(work: Elaboration, node: Name) -> Call | None:
    """σ' without an argument: σ' at what the model takes that function of, where it takes it of one thing.

    σ_m' is that of the neuron m, whether σ_m is a function of its own or σ the same for all.
    """
    plain = replace(node, primes=0)
    if not work.words.is_function(plain):
        plain = replace(plain, subs=())
        units = [item.single for item in node.subs if item.single and isinstance(work.index(item.single), IndexName)]
        if not units or len(units) < len(node.subs):
            return None
    if not node.primes or not work.words.is_function(plain):
        return None
    calls = dict.fromkeys(
        part
        for quantity in work.known.quantities
        for part in (walk(quantity.body) if quantity.body is not None else ())
        if isinstance(part, Call) and part.function == plain
    )
    letters = {item.single or "" for item in node.subs} if plain.bare else set()
    arguments = dict.fromkeys(call.arguments for call in calls if letters <= free_letters(call.arguments[0]))
    name = replace(node, subs=plain.subs)
    return Call(name, next(iter(arguments)), span=node.span) if len(arguments) == 1 else None


def derivative_marked(work: Elaboration, node: Name) -> Deriv | Call | None:
    """``L'`` and ``L_w`` of a defined L as ∂L/∂w; None for a name as it was declared.

    A prime is by what L was declared with, or by the only parameter; a subscript says by what.
    """
    if node.base in work.formals or (candidates(work.known, node) and not node.primes and fits_places(work, node)):
        return None
    plain = replace(node, primes=0)
    dotted = re.fullmatch(r"\\d?dot\{(.*)\}", node.base)
    if dotted is not None and not work.known.with_base(node.base) and node.subs == ():
        of, by = replace(node, base=dotted[1]), work.words.parameter(())
        order = 2 if node.base.startswith("\\ddot") else 1
        return nested(of, [by] * order) if by is not None and defined_number(work, of) else None
    if node.primes and len(node.subs) >= node.primes:
        by_what = [Name(item.single or "", span=node.span) for item in node.subs[-node.primes :]]
        of = replace(plain, subs=node.subs[: -node.primes])
        if all(names_quantity(work, by) for by in by_what) and defined_number(work, of):
            return nested(of, by_what)  # Q'_w
    if node.primes and isinstance(node.below, Name) and names_quantity(work, node.below):
        of = replace(plain, below=None)
        if defined_number(work, of):
            return nested(of, [node.below] * node.primes)
    if node.primes:
        found = candidates(work.known, plain)
        if not found or not found[0].defined or work.known.with_base(node.base + "'" * node.primes):
            return None
        if (slope := slope_of_value(work, found[0], plain)) is not None:
            return slope
        formals = found[0].formals
        by = Name(formals[0], span=node.span) if len(formals) == 1 else work.words.parameter(())
        if by is None or not names_quantity(work, by):
            raise NotUnderstood(
                Text(
                    f"a prime on {typeset(plain)}: the derivative by what? write ∂/∂",
                    f"штрих у {typeset(plain)}: производная по чему? запишите ∂/∂",
                ),
                node.span,
            )
        return nested(plain, [by] * node.primes)
    if node.below is not None:
        of = Name(node.base, sups=node.sups, span=node.span)
        below = names_quantity(work, node.below) and defined_number(work, of)
        return Deriv(of, node.below, span=node.span) if below else None
    for cut in range(len(node.subs)):
        of = replace(node, subs=node.subs[:cut])
        by_what = [Name(item.single or "", span=node.span) for item in node.subs[cut:]]
        if all(names_quantity(work, by) and by.base not in work.known.indices for by in by_what):
            moved = defined_number(work, of) and all(depends(work, of, by) for by in by_what)
            return nested(of, by_what) if moved else None
    return None


def depends(work: Elaboration, of: Name, by: Name) -> bool:
    """Whether a value is made of a quantity; L_λ of an L without λ is no derivative but another name."""
    made_of = work.known.closure(candidates(work.known, of)[0].tensor)
    return any(quantity.tensor in made_of for quantity in candidates(work.known, by))


def fits_places(work: Elaboration, node: Name) -> bool:
    """Whether the subscripts are no more than the quantity has places."""
    return any(len(remaining(q, node) or ()) <= len(q.tensor.axes) for q in candidates(work.known, node))


def defined_number(work: Elaboration, node: Name) -> bool:
    """Whether the name is a number that a definition makes, at one object at most."""
    found = candidates(work.known, node)
    return bool(found) and found[0].defined and len(found[0].tensor.axes) <= found[0].sample + len(node.subs)


def nested(of: Node, by: Sequence[Node]) -> Deriv:
    """∂∂of/∂by∂by…"""
    first, *rest = by
    found = Deriv(of, first, span=of.span)
    for variable in rest:
        found = Deriv(found, Transpose(variable, span=of.span), span=of.span)
    return found


def names_quantity(work: Elaboration, node: Node) -> bool:
    return isinstance(node, Name) and bool(candidates(work.known, node))
