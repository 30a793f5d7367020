"""The names of slips: the kind of an edit, seen in its surroundings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from symbolic.language.expr import Add as ExprAdd
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Expr
from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.grammar.tree import (
    Add,
    Call,
    Deriv,
    Frac,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Path,
    Power,
    Relation,
    walk,
    way,
)
from symbolic.marking.meaning.declared import Declarations, Declared
from symbolic.marking.meaning.naming import candidates

ONE, TWO = Num(Fraction(1)), Num(Fraction(2))


def term_kind(term: Node, known: Declarations) -> str:
    if any(isinstance(n, Name) and n.base in (r"\lambda", r"\alpha", r"\mu", "R", r"\gamma") for n in walk(term)):
        return "regularizer"
    if any(isinstance(n, Deriv) or (isinstance(n, Name) and n.base == "E") for n in walk(term)):
        return "path"
    if isinstance(term, Name) and candidates(known, term) and candidates(known, term)[0].tensor.role == "parameter":
        return "bias"
    return "missing_term"


def classify(edit: Edit, here: Node, known: Declarations) -> str:
    """The kind of slip: an edit's own kind, seen in the line as it stands (``here``) and as it would hold."""
    if inside_relation(here, edit.path):
        return "condition"
    seen = SEEN_IN_PLACE.get(edit.kind)
    return edit.kind if seen is None else seen(edit, here, known)


def _missing_factor(edit: Edit, here: Node, known: Declarations) -> str:
    if edit.new is None or isinstance(edit.new, Deriv):
        return edit.kind
    if isinstance(edit.new, Frac) and made_of_sizes(edit.new, known):
        return "factor"
    squared = is_value(edit.new, known) and enclosing_slope(edit.tree, edit.path, known)
    return "activation_derivative" if squared or is_slope(edit.new, edit.tree, known) else edit.kind


def made_of_sizes(node: Node, known: Declarations) -> bool:
    """1/N, 1/√d: a number, though no digit stands there."""
    names = [part for part in walk(node) if isinstance(part, Name)]
    return all(name.bare and name.base in known.sizes for name in names)


def _extra_factor(edit: Edit, here: Node, known: Declarations) -> str:
    slope = edit.old is not None and is_slope(edit.old, here, known)
    return "activation_derivative" if slope else edit.kind


def _argument(edit: Edit, here: Node, known: Declarations) -> str:
    if not isinstance(edit.old, Call) or not isinstance(edit.new, Call):
        return edit.kind
    call = edit.new
    slope = any(isinstance(n, Mul) and call in n.factors and _has_complement(n, call) for n in walk(edit.tree))
    return "argument" if slope else argument_kind(edit.old, call)


def _power(edit: Edit, here: Node, known: Declarations) -> str:
    inside = enclosing_slope(here, edit.path, known) or enclosing_slope(edit.tree, edit.path, known)
    return "activation_derivative" if inside else edit.kind


def _symbol(edit: Edit, here: Node, known: Declarations) -> str:
    if edit.old is None or edit.new is None or not edit.path:
        return edit.kind
    primed = inside_primed(here, edit.path)
    if isinstance(edit.old, Name) and isinstance(edit.new, Name) and same_quantity(edit.old, edit.new, known):
        return "argument" if primed else "index"
    return "argument" if primed or both_in_slope(edit, here) else "symbol"


def _extra_term(edit: Edit, here: Node, known: Declarations) -> str:
    guess = term_kind(edit.old, known) if edit.old is not None else edit.kind
    return guess if guess in ("regularizer", "bias", "path") else edit.kind


def _index(edit: Edit, here: Node, known: Declarations) -> str:
    if isinstance(edit.old, Name) and isinstance(edit.new, Name):
        meant, written = candidates(known, edit.new), candidates(known, edit.old)
        if meant and written and meant[0] != written[0] and not known.layers.ranges:
            return "symbol"
    return edit.kind


#: The kinds of edits that may be another kind of slip, by their surroundings.
SEEN_IN_PLACE: dict[str, Callable[[Edit, Node, Declarations], str]] = {
    "missing_factor": _missing_factor,
    "extra_factor": _extra_factor,
    "argument": _argument,
    "power": _power,
    "symbol": _symbol,
    "extra_term": _extra_term,
    "index": _index,
}


def same_quantity(old: Name, new: Name, known: Declarations) -> bool:
    """x_1 for x_2: only the subscript is another."""
    found = candidates(known, old)[:1], candidates(known, new)[:1]
    return found[0] == found[1] and bool(found[0])


def is_slope(factor: Node, tree: Node | None, known: Declarations) -> bool:
    """1 - v, 1 - v², h′(u), v(1 - v), or v beside (1 - v), where v is the value of an activation."""
    if isinstance(factor, Call) and factor.function.primes:
        return True
    if isinstance(factor, Mul):
        return any(is_slope(f, None, known) for f in factor.factors)
    if (
        isinstance(factor, Add)
        and len(factor.terms) == 2
        and factor.terms[0] == ONE
        and isinstance(factor.terms[1], Neg)
    ):
        inner = factor.terms[1].argument
        if isinstance(inner, Power) and inner.exponent == TWO:
            inner = inner.base
        return is_value(inner, known)
    if is_exponential(factor, known):
        return True
    if tree is not None and is_value(factor, known):
        for node in walk(tree):
            if isinstance(node, Mul | Hadamard):
                # v may also be an input of the next layer: then v(1 - v) v would stand there
                count = sum(alike(child, factor) for child in node.children)
                if count == 1 and any(is_complement(child, factor) for child in node.children):
                    return True
    return False


def is_exponential(node: Node, known: Declarations) -> bool:
    """The value of an exponential is its own slope."""
    found = candidates(known, node) if isinstance(node, Name) else []
    formula = next((d.formula for d in known.definitions if found and d.target == found[0].tensor), None)
    return isinstance(formula, ExprCall) and formula.function.name == "exp"


def is_value(node: Node, known: Declarations) -> bool:
    if isinstance(node, Call):
        if node.function.base in known.functions or node.function.base in ("tanh", "exp"):
            return True
        node = node.function
    if not isinstance(node, Name):
        return False
    found = quantities_of(node, known)
    if not found or not found[0].defined:
        return False
    formula = next((d.formula for d in known.definitions if d.target == found[0].tensor), None)
    return isinstance(formula, ExprCall) or (
        formula is not None and not isinstance(formula, ExprAdd) and _has_exp(formula)
    )


def quantities_of(name: Name, known: Declarations) -> list[Declared]:
    """What a name may mean; Z is the matrix of all z_i."""
    return candidates(known, name) or candidates(known, replace(name, base=name.base.lower()))


def enclosing_slope(tree: Node | None, path: Path, known: Declarations) -> bool:
    for node, step in way(tree, path) if tree is not None else ():
        if step >= len(node.children):
            return False
        if isinstance(node, Add) and node.terms[0] == ONE and len(node.terms) == 2 and isinstance(node.terms[1], Neg):
            inner = node.terms[1].argument
            inner = inner.base if isinstance(inner, Power) else inner
            if isinstance(inner, Hadamard | Mul) and len(set(inner.children)) == 1:
                inner = inner.children[0]
            if is_value(inner, known):
                return True
    return False


def inside_relation(tree: Node, path: Path) -> bool:
    """Whether a place stands in a condition, [a > 0]."""
    return any(isinstance(node, Relation) for node, _ in way(tree, path))


def inside_primed(tree: Node | None, path: Path) -> bool:
    return tree is not None and any(isinstance(n, Call) and bool(n.function.primes) for n, _ in way(tree, path))


def both_in_slope(edit: Edit, before: Node | None) -> bool:
    """v (1 - v) with the value of another node."""
    assert edit.old is not None
    if before is None:
        return False
    old = edit.old
    return edit.rank == 1 and any(
        isinstance(n, Mul) and any(is_complement(f, old) for f in n.factors) and old in n.factors for n in walk(before)
    )


def alike(a: Node, b: Node) -> bool:
    """The same quantity, with or without its sample index or arguments."""
    a = a.function if isinstance(a, Call) and not (isinstance(b, Call)) else a
    b = b.function if isinstance(b, Call) and not (isinstance(a, Call)) else b
    if isinstance(a, Name) and isinstance(b, Name):
        return a.base == b.base
    return a == b


def is_complement(node: Node, value: Node) -> bool:
    """1 - v."""
    return (
        isinstance(node, Add)
        and len(node.terms) == 2
        and node.terms[0] == ONE
        and isinstance(node.terms[1], Neg)
        and alike(node.terms[1].argument, value)
    )


def _has_complement(node: Mul, value: Node) -> bool:
    return any(
        isinstance(f, Add) and len(f.terms) == 2 and f.terms[0] == ONE and f.terms[1] == Neg(value)
        for f in node.factors
    )


def argument_kind(old: Call, new: Call) -> str:
    """A wrong argument, unless it differs by the bias or by one symbol only."""
    a, b = old.arguments[0], new.arguments[0]
    terms = set(b.terms) if isinstance(b, Add) else {b}
    have = set(a.terms) if isinstance(a, Add) else {a}
    if have < terms and len(terms - have) == 1 and isinstance(next(iter(terms - have)), Name):
        return "bias"
    if not old.function.primes and _one_name_apart(a, b):
        return "symbol"
    return "argument"


def _one_name_apart(a: Node, b: Node) -> bool:
    if a == b:
        return False
    if isinstance(a, Name) and isinstance(b, Name):
        return True
    if type(a) is not type(b) or len(a.children) != len(b.children) or not a.children:
        return False
    apart = [(x, y) for x, y in zip(a.children, b.children, strict=True) if x != y]
    return len(apart) == 1 and _one_name_apart(*apart[0])


def _has_exp(formula: Expr) -> bool:
    from symbolic.language.terms import walk as walk_expr

    return any(isinstance(n, ExprCall) and n.function.name == "exp" for n in walk_expr(formula))
