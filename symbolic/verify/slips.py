"""The names of slips: the kind of an edit, seen in its surroundings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from symbolic.expr import Add as ExprAdd
from symbolic.expr import Call as ExprCall
from symbolic.expr import Expr
from symbolic.verify.case import Case
from symbolic.verify.declared import Declared
from symbolic.verify.edits import Edit
from symbolic.verify.naming import candidates
from symbolic.verify.syntax import (
    Add,
    Call,
    Deriv,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Path,
    Power,
    walk,
)

ONE, TWO = Num(Fraction(1)), Num(Fraction(2))


@dataclass
class Slips:
    """What an edit that mends a line says about the slip."""

    case: Case

    def term_kind(self, term: Node) -> str:
        known = self.case.model.declarations
        if any(isinstance(n, Name) and n.base in (r"\lambda", r"\alpha", r"\mu", "R", r"\gamma") for n in walk(term)):
            return "regularizer"
        if any(isinstance(n, Deriv) or (isinstance(n, Name) and n.base == "E") for n in walk(term)):
            return "path"
        if isinstance(term, Name) and candidates(known, term) and candidates(known, term)[0].tensor.role == "parameter":
            return "bias"
        return "missing_term"

    def classify(self, edit: Edit) -> str:
        """The kind of slip: an edit's own kind, seen in its surroundings."""
        tree, kind = edit.tree, edit.kind
        if kind == "missing_factor" and edit.new is not None:
            if isinstance(edit.new, Deriv):
                return "missing_factor"
            squared = self.is_value(edit.new) and self.enclosing_slope(tree, edit.path)
            if squared or self.is_slope(edit.new, tree, edit.path):
                return "activation_derivative"
        if (
            kind == "extra_factor"
            and edit.old is not None
            and self.is_slope(edit.old, self.case.here.node, edit.path[:-1])
        ):
            return "activation_derivative"
        if kind == "argument" and isinstance(edit.old, Call) and isinstance(edit.new, Call):
            call = edit.new
            slope = any(isinstance(n, Mul) and call in n.factors and _has_complement(n, call) for n in walk(tree))
            return "argument" if slope else argument_kind(edit.old, edit.new)
        if kind == "power":
            inside = self.enclosing_slope(self.case.here.node, edit.path) or self.enclosing_slope(tree, edit.path)
            return "activation_derivative" if inside else "power"
        if kind == "symbol" and edit.old is not None and edit.new is not None and edit.path:
            primed = self.inside_primed(self.case.here.node, edit.path)
            if isinstance(edit.old, Name) and isinstance(edit.new, Name) and self.same_quantity(edit.old, edit.new):
                return "argument" if primed else "index"
            return "argument" if primed or self.both_in_slope(edit) else "symbol"
        if kind == "extra_term" and edit.old is not None:
            guess = self.term_kind(edit.old)
            return guess if guess in ("regularizer", "bias", "path") else "extra_term"
        if kind == "index" and isinstance(edit.old, Name) and isinstance(edit.new, Name):
            known = self.case.model.declarations
            meant, written = candidates(known, edit.new), candidates(known, edit.old)
            if meant and written and meant[0] != written[0]:
                return "symbol"
        return kind

    def same_quantity(self, old: Name, new: Name) -> bool:
        """x_1 for x_2: only the subscript is another."""
        known = self.case.model.declarations
        found = candidates(known, old)[:1], candidates(known, new)[:1]
        return found[0] == found[1] and bool(found[0])

    def is_slope(self, factor: Node, tree: Node | None, path: Path) -> bool:
        """1 - v, 1 - v², h′(u), v(1 - v), or v beside (1 - v), where v is the value of an activation."""
        if isinstance(factor, Call) and factor.function.primes:
            return True
        if isinstance(factor, Mul):
            return any(self.is_slope(f, None, ()) for f in factor.factors)
        if (
            isinstance(factor, Add)
            and len(factor.terms) == 2
            and factor.terms[0] == ONE
            and isinstance(factor.terms[1], Neg)
        ):
            inner = factor.terms[1].argument
            if isinstance(inner, Power) and inner.exponent == TWO:
                inner = inner.base
            return self.is_value(inner)
        if self.is_exponential(factor):
            return True
        if tree is not None and self.is_value(factor):
            for node in walk(tree):
                if isinstance(node, Mul | Hadamard):
                    # v may also be an input of the next layer: then v(1 - v) v would stand there
                    count = sum(alike(child, factor) for child in node.children)
                    if count == 1 and any(is_complement(child, factor) for child in node.children):
                        return True
        return False

    def is_exponential(self, node: Node) -> bool:
        """The value of an exponential is its own slope."""
        known = self.case.model.declarations
        found = candidates(known, node) if isinstance(node, Name) else []
        formula = next((d.formula for d in known.definitions if found and d.target == found[0].tensor), None)
        return isinstance(formula, ExprCall) and formula.function.name == "exp"

    def is_value(self, node: Node) -> bool:
        known = self.case.model.declarations
        if isinstance(node, Call):
            if node.function.base in known.functions or node.function.base in ("tanh", "exp"):
                return True
            node = node.function
        if not isinstance(node, Name):
            return False
        found = self.quantities_of(node)
        if not found or not found[0].defined:
            return False
        formula = next((d.formula for d in known.definitions if d.target == found[0].tensor), None)
        return isinstance(formula, ExprCall) or (
            formula is not None and not isinstance(formula, ExprAdd) and _has_exp(formula)
        )

    def quantities_of(self, name: Name) -> list[Declared]:
        """What a name may mean; Z is the matrix of all z_i."""
        known = self.case.model.declarations
        return candidates(known, name) or candidates(known, replace(name, base=name.base.lower()))

    def enclosing_slope(self, tree: Node | None, path: Path) -> bool:
        node = tree
        for step in path:
            if node is None or step >= len(node.children):
                return False
            if (
                isinstance(node, Add)
                and node.terms[0] == ONE
                and len(node.terms) == 2
                and isinstance(node.terms[1], Neg)
            ):
                inner = node.terms[1].argument
                inner = inner.base if isinstance(inner, Power) else inner
                if isinstance(inner, Hadamard | Mul) and len(set(inner.children)) == 1:
                    inner = inner.children[0]
                if self.is_value(inner):
                    return True
            node = node.children[step]
        return False

    def inside_primed(self, tree: Node | None, path: Path) -> bool:
        node = tree
        for step in path:
            if node is None:
                return False
            if isinstance(node, Call) and node.function.primes:
                return True
            node = node.children[step]
        return False

    def both_in_slope(self, edit: Edit) -> bool:
        """v (1 - v) with the value of another node."""
        assert edit.old is not None
        before = self.case.here.node
        if before is None:
            return False
        old = edit.old
        return edit.rank == 1 and any(
            isinstance(n, Mul) and any(is_complement(f, old) for f in n.factors) and old in n.factors
            for n in walk(before)
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
    from symbolic.terms import walk as walk_expr

    return any(isinstance(n, ExprCall) and n.function.name == "exp" for n in walk_expr(formula))
