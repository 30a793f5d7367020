"""Lines of a header that say functions: ``func g = generic``, ``func s = 1/(1 + e^{-u})``."""

from __future__ import annotations

import re
from dataclasses import replace

from symbolic.errors import SpecError
from symbolic.language.expr import Expr, Symbol
from symbolic.language.functions import Function, U, generic
from symbolic.language.terms import free_indices, substitute, tensors
from symbolic.marking.grammar.tree import Name, Node, walk
from symbolic.marking.meaning.declared import Declarations, function_key
from symbolic.marking.meaning.elaborate import elaboration
from symbolic.marking.meaning.value import Value
from symbolic.marking.model.declaring import Builder, formula_in, name_in
from symbolic.marking.model.header_quantities import declared_as, split_names
from symbolic.network.catalogue import ACTIVATIONS, FUNCTIONS
from symbolic.words import Text


def function_line(builder: Builder, rest: str) -> None:
    left, equals, right = rest.partition("=")
    right = right.strip()
    if not equals or not right:
        raise SpecError(
            Text(
                f"func {rest}: something like \\sigma = sigmoid was expected",
                f"func {rest}: нужно что-то вроде \\sigma = sigmoid",
            )
        )
    for text in split_names(left):
        text = re.sub(r"(?<![_^{])\([^()]*\)$", "", text.strip()).strip()
        written = name_in(builder, text)
        name = function_key(written)
        if any(item.single in builder.indices for item in written.subs):
            _family(builder, written, right)
            continue
        if right == "generic":
            builder.functions[name] = generic(name.lstrip("\\"))
        elif right == "identity":
            builder.functions[name] = Function(name.lstrip("\\"), "named", U)
        elif right in ACTIVATIONS or right in FUNCTIONS:
            builder.functions[name] = {**FUNCTIONS, **ACTIVATIONS}[right]
        elif right in ("ln", "log"):
            builder.functions[name] = FUNCTIONS["log"]
        else:
            builder.functions[name] = _formula_function(builder, name, right)


def _family(builder: Builder, name: Name, right: str) -> None:
    """``func g_k = generic``: a function for each k, one generic function that is shifted by a number of its own."""
    builder.families[name.base] = None
    if right != "generic":
        function_line(builder, f"{name.base} = {right}")
        return
    builder.functions[name.base] = generic(name.base.lstrip("\\"))
    shift = declared_as(builder, replace(name, base=f"{name.base} of"), (), "input", name.base)
    builder.quantities.append(shift)
    builder.families[name.base] = shift.base


def _formula_function(builder: Builder, name: str, right: str) -> Function:
    """``func \\sigma = 1/(1 + e^{-u})``: a formula in one letter that is not declared."""
    node = formula_in(builder, right)
    letters = {n.base for n in walk(node) if isinstance(n, Name) and n.bare and not builder.known.with_base(n.base)}
    letters -= {*builder.sizes, *builder.functions, *builder.indices, r"\pi", "e"}
    if len(letters) != 1 or any(len(letter) > 1 and letter.isalpha() for letter in letters):
        known = ", ".join(sorted([*ACTIVATIONS, "identity"]))
        raise SpecError(
            Text(
                f"func {name}: {right!r} is neither one of {known} nor a formula in one letter",
                f"func {name}: {right!r} — не одна из функций {known} и не формула от одной буквы",
            )
        )
    body = scalar_body(builder.known, node, letters.pop())
    if body is None:
        raise SpecError(
            Text(
                f"func {name}: {right!r} is no formula of one number",
                f"func {name}: {right!r} — не формула от одного числа",
            )
        )
    return Function(name.lstrip("\\"), "named", body)


def scalar_body(known: Declarations, node: Node, letter: str) -> Expr | None:
    """The formula as one of u, the number that the letter stands for; None where it is made of anything else."""
    worker = elaboration(known)
    worker.formals = {letter: Value(Symbol("\0"))}
    value = worker.value(node)
    if value.axes or free_indices(value.expr) or tensors(value.expr) or worker.auxiliary:
        return None
    return substitute(value.expr, {Symbol("\0"): U})
