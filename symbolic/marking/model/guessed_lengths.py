"""Lengths of a text: every product and every sum has to fit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symbolic.marking.grammar.known_words import TRACES
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Deriv,
    Dotted,
    Frac,
    Hadamard,
    Inner,
    Mul,
    Name,
    Neg,
    Node,
    Power,
    Transpose,
)
from symbolic.marking.model.guessed_entries import is_entry, is_row_of_matrix, own_indices
from symbolic.marking.model.guessed_keys import counts_objects, is_differential, key_of
from symbolic.marking.model.guessed_ranks import BETWEEN, BIASES, acts_by_entries
from symbolic.marking.model.guessed_text import TIMES, Guess, definitions_of

Shape = tuple[str, str]
#: The one row of a matrix that is said to have one, as a length: what fits it has one row too.
SINGLE = "one"


#: The numbers that square matrices have.
_OF_SQUARES = ("det", *TRACES)


@dataclass
class Lengths:
    """Lengths that must be the same, joined."""

    #: Letters that nobody has given a meaning yet.
    open: set[str] = field(default_factory=set)
    parent: dict[str, str] = field(default_factory=dict)
    #: Whether all definitions were looked at once: before, one row of yet unknown length may be one number per object.
    settled: bool = False

    def find(self, a: str) -> str:
        while self.parent.get(a, a) != a:
            a = self.parent[a]
        return a

    def join(self, a: str, b: str) -> None:
        a, b = self.find(a), self.find(b)
        if a != b and "1" not in (a, b):
            # a letter that the person wrote stays
            for one, other in ((a, b), (b, a)):
                if one.startswith("?"):
                    self.parent[one] = other
                    return
            for one, other in ((a, b), (b, a)):
                if one in self.open:
                    self.parent[one] = other
                    return


def shape_of(guess: Guess, lengths: Lengths, node: Node) -> Shape:
    """Rows and columns; "1" for none.  What must fit is joined on the way."""
    match node:
        case Name():
            key = key_of(guess, node)
            rank = guess.ranks.get(key, 0)
            declared = guess.shapes.get(key, "")
            if declared:
                parts = declared.split(TIMES)
                if is_row_of_matrix(guess, node):
                    return (parts[1], "1")
                along = parts[1:] if parts[0] == "1" else parts  # the entries of a row
                for part, upper in zip(along, guess.whole.get(key, ()), strict=False):
                    lengths.join(part, upper)
                return (SINGLE if parts[0] == "1" and len(parts) > 1 else parts[0], parts[1] if len(parts) > 1 else "1")
            if len(node.base) > 1 and is_differential(guess, node):  # dW, which is like W
                return shape_of(guess, lengths, replace(node, base=node.base[1:]))
            if node.bare and node.base in guess.columns:
                return (f"?{key}.0", "1")  # as many as there are objects
            if rank == 0 or node.base in guess.functions or is_entry(guess, node):
                return ("1", "1")
            if is_row_of_matrix(guess, node):
                (item,) = own_indices(guess, node)
                lengths.join(f"?{key}.0", guess.indices.get(item.single or "", f"?{key}.0"))
                return ("1", f"?{key}.1")
            if key in guess.rows:
                return (SINGLE, guess.whole[key][0] if key in guess.whole else f"?{key}.0")
            if key in guess.whole:
                own = guess.whole[key]
                return (own[0], own[1] if len(own) == 2 else "1")
            return (f"?{key}.0", f"?{key}.1" if rank == 2 else "1")
        case Neg() | Power():
            return shape_of(guess, lengths, node.children[0])
        case Transpose():
            rows, columns = shape_of(guess, lengths, node.argument)
            return columns, rows
        case Add() | Hadamard():
            shapes = [shape_of(guess, lengths, child) for child in node.children]
            if not lengths.settled and any(may_be_row(lengths, shape) for shape in shapes):
                return next(shape for shape in shapes if may_be_row(lengths, shape))
            if any(is_row(guess, lengths, shape) for shape in shapes):
                shapes = [as_row(guess, child, shape) for child, shape in zip(node.children, shapes, strict=True)]
            whole = next((s for s in shapes if s != ("1", "1")), ("1", "1"))
            matrix = next((s for s in shapes if "1" not in s), None)
            for shape in shapes:
                if matrix is not None and shape[1] == "1" and shape != ("1", "1"):
                    lengths.join(shape[0], beside_objects(guess, lengths, matrix))  # a bias
                elif shape != ("1", "1"):
                    lengths.join(shape[0], whole[0])
                    lengths.join(shape[1], whole[1])
            return matrix or whole
        case Mul():
            result: Shape = ("1", "1")
            for factor in node.factors:
                shape = shape_of(guess, lengths, factor)
                if shape == ("1", "1"):
                    continue
                if result == ("1", "1"):
                    result = shape
                    continue
                lengths.join(result[1], shape[0])
                result = (result[0], shape[1])
            return result
        case Inner():
            left, right = (shape_of(guess, lengths, child) for child in node.children)
            for one, other in zip(left, right, strict=True):
                lengths.join(one, other)
            return ("1", "1")
        case Call():
            inside = [shape_of(guess, lengths, a) for a in node.arguments]
            if node.function.bare and node.function.base in _OF_SQUARES and len(inside) == 1:
                lengths.join(*inside[0])
                return ("1", "1")
            if acts_by_entries(guess, node):
                return inside[0]
            for formal, shape in zip(guess.taken_of.get(node.function.base, ()), inside, strict=False):
                own = shape_of(guess, lengths, formal)
                if own != ("1", "1") and shape != ("1", "1"):  # g(u) of a g(x) = B x: u is as long as x
                    lengths.join(own[0], shape[0])
            if node.function.base in guess.defined and node.function.base not in guess.by_entries:
                return shape_of(guess, lengths, node.function)
            if len(inside) > 1 and node.function.base in BETWEEN:
                return next((shape for shape in inside if shape != ("1", "1")), ("1", "1"))
            return inside[0] if len(inside) == 1 else ("1", "1")
        case BigSum():
            return shape_of(guess, lengths, node.body)
        case Frac():
            shape_of(guess, lengths, node.denominator)
            return shape_of(guess, lengths, node.numerator)
        case Dotted():
            run, (inner, _) = node.across or node.down, shape_of(guess, lengths, node.body)
            count = run.upper.single if run is not None and run.upper is not None else None
            count = count or f"?{id(node)}"
            return (count, "1") if inner == "1" else (inner, count) if node.across is not None else (count, inner)
        case Deriv():
            of, by = (shape_of(guess, lengths, child) for child in node.children)
            return by if of == ("1", "1") else ("1", "1") if by == ("1", "1") else (f"?{id(node)}.0", f"?{id(node)}.1")
    for child in node.children:
        shape_of(guess, lengths, child)
    return ("1", "1")


def is_row(guess: Guess, lengths: Lengths, shape: Shape) -> bool:
    """Whether it is one row of numbers, and not one number for each object."""
    return lengths.find(shape[0]) == SINGLE and lengths.find(shape[1]) not in counts_of_objects(guess, lengths)


def may_be_row(lengths: Lengths, shape: Shape) -> bool:
    """Whether it is one row, and nothing has told how long yet."""
    return lengths.find(shape[0]) == SINGLE and lengths.find(shape[1]).startswith("?")


def counts_of_objects(guess: Guess, lengths: Lengths) -> set[str]:
    return {lengths.find(u) for letter, u in guess.indices.items() if counts_objects(guess, letter, u)}


def as_row(guess: Guess, node: Node, shape: Shape) -> Shape:
    """A name that is no row so far is one beside rows: the b of ``x W + b``."""
    named = node.argument if isinstance(node, Neg) else node
    if shape[1] != "1" or shape[0] == "1" or not isinstance(named, Name) or key_of(guess, named) in guess.shapes:
        return shape
    guess.rows.add(key_of(guess, named))
    return SINGLE, shape[0]


def beside_objects(guess: Guess, lengths: Lengths, shape: Shape) -> str:
    """The length of what is added to every object of a matrix: its rows, or its columns where rows are objects."""
    return shape[1] if lengths.find(shape[0]) in counts_of_objects(guess, lengths) else shape[0]


def find_biases(guess: Guess, lengths: Lengths) -> None:
    """The b of ``Z = W X + b`` with a matrix X is a vector, though nothing shows it that only a vector can do."""
    for _, body in definitions_of(guess):
        shapes = [shape_of(guess, lengths, term) for term in body.terms] if isinstance(body, Add) else []
        matrix = next((shape for shape in shapes if "1" not in shape), None)
        for term in body.children if matrix is not None else ():
            key = key_of(guess, term) if isinstance(term, Name) else ""
            if isinstance(term, Name) and term.base in BIASES and not guess.ranks.get(key) and key not in guess.shapes:
                guess.ranks[key] = 1
