"""What was found in a text so far, and the names and definitions in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import (
    Call,
    Name,
    Node,
    Script,
    logarithm_of,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset

#: Known without a header, where it is applied; else it is a letter like others.
LOGISTIC = r"\sigma"
#: Between the sizes of a shape; a size may be called n_x.
TIMES = "×"


@dataclass
class Guess:
    """What was found in a text so far."""

    #: Whether i = 1..n may count objects; else all indices run through entries.
    objects: bool = True
    #: Whether repeated indices are summed over.
    sums_repeated: bool = False
    #: Whether a d stands before a capital somewhere: dΣ.
    differentials: bool = False
    #: Whether a capital that nobody defines is a matrix; else it is a number.
    capitals: bool = True
    #: Whether v · h is the inner product of two vectors; else it is a product.
    dots: bool = False
    chains: list[list[Node]] = field(default_factory=list)
    defined: dict[str, Node] = field(default_factory=dict)
    formals: list[str] = field(default_factory=list)
    #: What each function that a line defines is taken of there.
    taken_of: dict[str, tuple[Name, ...]] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)
    #: The functions of which each unit has its own, g_k, with the index.
    numbered_functions: dict[str, str] = field(default_factory=dict)
    #: The functions that words name: f is the sigmoid.
    called: dict[str, str] = field(default_factory=dict)
    applies_logistic: bool = False
    #: The functions of single numbers that the text defines, φ(t) = t σ(t): that of a vector is taken by entries.
    by_entries: frozenset[str] = frozenset()
    #: What the features φ(x_n) are taken of, which no line needs itself.
    featured: frozenset[str] = frozenset()
    #: Index letters with their upper bounds, and who counts the objects.
    indices: dict[str, str] = field(default_factory=dict)
    #: What sums run to that is no single letter: 3, n - m + 1.
    bounds: dict[str, list[Script]] = field(default_factory=dict)
    #: Upper bounds that the words tell: "for k = 1, …, K".
    ranges: dict[str, str] = field(default_factory=dict)
    #: How many there are of what the words list: the N of x_1, …, x_N.
    counts: dict[str, str] = field(default_factory=dict)
    #: Where such ranges begin, and which step is the first that a general line is about.
    firsts: dict[str, int] = field(default_factory=dict)
    #: The letters of sums that begin at 0.
    from_zero: set[str] = field(default_factory=set)
    #: Upper bounds that no sum tells: any length may turn out to be meant.
    open: set[str] = field(default_factory=set)
    #: Letters of the lengths that the text says: the C and the D of W ∈ ℝ^{C×D}.
    lengths_said: frozenset[str] = frozenset()
    #: The matrices of whose rows or columns the words speak, and whether it is the columns.
    of_rows: dict[str, bool] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    #: What is said to be a number, y_i ∈ ℝ, or printed thin where others of its letter are bold.
    numbers: set[str] = field(default_factory=set)
    shapes: dict[str, str] = field(default_factory=dict)
    #: With how many indices each name stood where the text says its shape: x_i ∈ ℝ^d.
    stated: dict[str, int] = field(default_factory=dict)
    #: Whether the text is about a single step: c_t and c_{t-1} are two values, and nothing goes on.
    one_step: bool = False
    #: Letters that count steps of time or layers, with the word that declares them: h_t is made of h_{t-1}.
    steps: dict[str, str] = field(default_factory=dict)
    #: The names that have a value at each step.
    stepped: set[str] = field(default_factory=set)
    #: Letters that stand for one class among the values of an index: the c of -ln y_c.
    classes: dict[str, None] = field(default_factory=dict)
    #: The letters of the objects that a function of the text is taken of: the i of f(x_i).
    examples: frozenset[str] = frozenset()
    #: The names that only an update gives: θ_{new}.
    updated: set[Name] = field(default_factory=set)
    #: The sets that sums run over, (u, i) ∈ R, with the indices of their indicators.
    sets: dict[str, Name] = field(default_factory=dict)
    #: Letters that count different things though one name takes both, b_u of users and b_i of items, and those names.
    apart: frozenset[str] = frozenset()
    twofold: frozenset[str] = frozenset()
    #: The same letters where they are labels of quantities of their own: u_o beside u_1, …, u_K.
    labels: dict[str, None] = field(default_factory=dict)
    #: The places of names at which an index stands: a number there is a value of the index.
    counted: set[str] = field(default_factory=set)
    #: What is written whole and by its entries: y beside y_k, with the lengths that the entries tell.
    whole: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: What stands bold for all objects together, t beside the numbers t_n.
    columns: frozenset[str] = frozenset()
    #: The vectors that are rows, as what they are made of or added to is one.
    rows: set[str] = field(default_factory=set)
    #: The matrices that are multiplied by vectors and of which rows stand too: W x beside W_j.
    by_rows: set[str] = field(default_factory=set)
    #: What stands for any object, the X of ``f(X) = …`` beside f(x_i), with such an object.
    generic: dict[str, Name] = field(default_factory=dict)
    #: The vectors of which there are many, v_k beside v_{kj}, with the letters that say which one.
    families: dict[str, frozenset[str]] = field(default_factory=dict)
    #: The matrices of which a line says that they are symmetric by their entries, K_{ij} = K_{ji}.
    mirrored: frozenset[str] = frozenset()
    #: The matrices of which every index runs through entries, also one that counts objects elsewhere.
    entire: set[str] = field(default_factory=set)


def whose_logarithm(left: Node) -> Node:
    r"""The p(X) of ``\ln p(X) = …``, the μ_i of ``\log\mu_i = …``: what such a line says; else the side itself."""
    inside = logarithm_of(left)
    said = isinstance(inside, Call) or (isinstance(inside, Name) and len(inside.subs) == 1 and not inside.sups)
    return inside if inside is not None and said else left


def lengths_of(guess: Guess) -> set[str]:
    """The letters of what indices run to."""
    return {letter for upper in guess.indices.values() for letter in letters_of_length(upper)}


def letters_of_length(upper: str) -> list[str]:
    """The n and the m of n - m + 1; a length that is one letter, with what is below it, is that."""
    return [letter for letter, _ in length(upper).terms]


def length(text: str) -> Affine[str]:
    """``n - m + 1`` as a sum of letters and a number."""
    total: Affine[str] = Affine((), 0)
    for sign, part in re.findall(r"([+-]?)\s*([^\s+-]+)", text):
        one: Affine[str] = Affine((), int(part)) if part.isdigit() else Affine.of(part)
        total = total + (-one if sign == "-" else one)
    return total


def names_of(guess: Guess) -> Iterator[Name]:
    for sides in guess.chains:
        yield from names_in(guess, sides)


def names_in(guess: Guess, sides: Sequence[Node]) -> Iterator[Name]:
    for side in sides:
        for node in walk(side):
            if isinstance(node, Name):
                yield node
                if node.below is not None:
                    yield from names_in(guess, [node.below])
            elif isinstance(node, Call) and node.function.base in guess.defined:
                yield node.function


def definitions_of(guess: Guess) -> Iterator[tuple[Name, Node]]:
    """Each name with what a line says it is: a^{(1)} and a^{(2)} have lines of their own."""
    for sides in guess.chains:
        left = whose_logarithm(sides[0])
        name = left.function if isinstance(left, Call) else left
        if len(sides) > 1 and isinstance(name, Name) and name.base in guess.defined:
            yield name, sides[1]


def formals_of(sides: Sequence[Node]) -> frozenset[str]:
    """The letters that a definition f(x, c) = … is made for: any value takes their place."""
    first = sides[0]
    return frozenset(typeset(a) for a in first.arguments) if isinstance(first, Call) else frozenset()
