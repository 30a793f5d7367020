"""A header for a text that has none: what its formulas and its words say of letters, shapes and ranges.

A guess, and shown as one: a person can copy it into the file and correct it.  Ranks come first (number, vector,
matrix), from letters, transposes, norms and sums; then lengths, by asking that every product and sum fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import (
    Abs,
    Add,
    BigSum,
    Call,
    Deriv,
    Frac,
    Hadamard,
    Inner,
    Mul,
    Name,
    Neg,
    Node,
    Norm,
    Num,
    Power,
    Transpose,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import LetWords
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood

_FUNCTIONS = ("f", "g", "h", r"\phi", r"\varphi", r"\psi", r"\rho", "s")
_PARAMETERS = ("w", "W", "b", r"\theta", r"\beta", "v", "u", "V", "U", r"\Theta")
_WIDTHS = ("d", "h", "k", "m", "n", "p", "q", "r")
_MEMBER = re.compile(
    r"(?P<names>\\?[A-Za-z]+(?:\{[A-Za-z]+\})?(?:_\{?\w+\}?)?(?:\s*,\s*\\?[A-Za-z]+(?:_\{?\w+\}?)?)*)\s*(?:\\in|∈)\s*"
    r"(?:\\mathbb\s*\{?R\}?|\\R\b|ℝ)(?:\s*\^\s*(?P<shape>\{[^}]*\}|\w+))?"
)
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|vec)\s*\{?\s*(\\?[A-Za-z]+)\s*\}?")


@dataclass(frozen=True, slots=True)
class GuessedWords:
    """The grammar's view of a text of which nothing is declared: what it defines is called, the rest multiplied."""

    defined: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()

    def is_function(self, name: Name) -> bool:
        return name.bare and (name.base in self.functions or (name.base == r"\sigma" and r"\sigma" not in self.defined))

    def is_declared(self, base: str) -> bool:
        return base in self.defined or base in self.functions

    def is_quantity(self, base: str) -> bool:
        return self.is_declared(base)

    def is_word(self, text: str) -> bool:
        return len(text) > 3

    def reads_differentials(self) -> bool:
        return False  # what is a differential is known once the model is

    def is_index(self, letter: str) -> bool:
        return False

    def is_given(self, name: Name) -> bool:
        return False

    def has_superscript(self, base: str, superscript: str) -> bool:
        return False

    def was_declared_with_arguments(self, name: Name) -> bool:
        return name.base in self.defined

    def reads_as_call(self, name: Name, arguments: tuple[Node, ...]) -> bool:
        return name.base in self.defined and all(isinstance(a, Name) for a in arguments)

    def sample_letter(self) -> str:
        return ""

    def numbers_differentiated_by(self, names: tuple[Node, ...]) -> tuple[Node, ...]:
        return ()

    def parameter(self, names: tuple[Node, ...]) -> Node | None:
        return names[0] if names and isinstance(names[0], Name) else Name("?")


@dataclass
class Guess:
    """What was found in a text so far."""

    chains: list[list[Node]] = field(default_factory=list)
    defined: dict[str, Node] = field(default_factory=dict)
    formals: list[str] = field(default_factory=list)
    functions: dict[str, None] = field(default_factory=dict)
    #: Index letters with their upper bounds, and who counts the objects.
    indices: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)


def guessed_header(document: Document) -> tuple[str, ...]:
    """The lines of a header that fits the text; none when there is nothing to go by."""
    guess = Guess()
    _read(guess, document)
    if not guess.chains:
        return ()
    _indices(guess)
    _ranks(guess, document)
    return tuple(_lines(guess, document))


def _read(guess: Guess, document: Document) -> None:
    lefts = [chain for chain in document.chains if len(chain.sides) > 1 and chain.sides[0].problem is None]
    defined: dict[str, tuple[str, ...]] = {}
    for chain in lefts:
        name = _defined_name(chain)
        if name is not None and name[0] not in defined:
            defined[name[0]] = name[1]
    source = document.source
    for base in _FUNCTIONS:
        letter = re.escape(base) + (r"(?![A-Za-z])" if base.startswith("\\") else "")
        boundary = r"(?<![A-Za-z\\{])" if not base.startswith("\\") else ""
        if base not in defined and re.search(
            rf"{boundary}{letter}(?:'|\^\\prime|\^\{{\\prime\}})*\s*(?:\\left)?\(", source
        ):
            guess.functions[base] = None
    words = GuessedWords(frozenset(defined), frozenset(guess.functions))
    for chain in lefts:
        sides = list(_sides(chain, words))
        if sides:
            guess.chains.append(sides)
        name = _defined_name(chain)
        if name is not None and len(sides) > 1 and name[0] not in guess.defined:
            guess.defined[name[0]] = sides[1]
            guess.formals.extend(f for f in name[1] if f not in guess.formals)
    guess.formals = [f for f in guess.formals if f not in guess.defined]


def _defined_name(chain: Chain) -> tuple[str, tuple[str, ...]] | None:
    try:
        left = read_formula(chain.sides[0].tokens, LetWords(Declarations())).tree
    except NotUnderstood:
        return None
    name, arguments = (left.function, left.arguments) if isinstance(left, Call) else (left, ())
    if not isinstance(name, Name) or name.primes:
        return None
    return name.base, tuple(a.base for a in arguments if isinstance(a, Name))


def _sides(chain: Chain, words: GuessedWords) -> Iterator[Node]:
    for side in chain.sides:
        try:
            yield read_formula(side.tokens, words, frozenset({"sum"}), side.span[1]).tree
        except NotUnderstood:
            continue


def _names(guess: Guess) -> Iterator[Name]:
    for sides in guess.chains:
        for side in sides:
            for node in walk(side):
                if isinstance(node, Name):
                    yield node
                elif isinstance(node, Call) and node.function.base in guess.defined:
                    yield node.function


def _indices(guess: Guess) -> None:
    """Letters under Σ, and single letters that stand as subscripts of names with a range known from a Σ."""
    for sides in guess.chains:
        for side in sides:
            for node in walk(side):
                if isinstance(node, BigSum):
                    upper = node.upper.single if node.upper is not None else None
                    for letter in node.indices:
                        if upper or letter not in guess.indices:
                            guess.indices[letter] = upper or guess.indices.get(letter, "")
    by_base: dict[str, str] = {}
    for _ in range(2):
        for name in _names(guess):
            for place, item in enumerate(name.subs):
                letter, key = item.single or "", f"{name.base}.{place}"
                if guess.indices.get(letter):
                    by_base[key] = guess.indices[letter]
                elif len(letter) == 1 and letter.islower() and key in by_base:
                    guess.indices[letter] = by_base[key]
    for letter, upper in guess.indices.items():
        if not upper:
            guess.indices[letter] = next((u for u in ("K", "M", "J") if u not in guess.indices.values()), "K")


def _key(guess: Guess, name: Name) -> str:
    """The quantity of a name: its labels belong to it, its indices do not."""
    labels = tuple(s for s in name.subs if s.single not in guess.indices)
    return typeset(Name(name.base, labels, tuple(s for s in name.sups if s.single not in guess.indices)))


def _ranks(guess: Guess, document: Document) -> None:
    ranks = guess.ranks
    prose = "\n".join(line for line in document.source.splitlines())
    for match in _MEMBER.finditer(prose):
        shape = re.sub(r"[{}\s]", "", (match["shape"] or "").replace(r"\times", "x"))
        for text in re.split(r"\s*,\s*", match["names"]):
            key = re.sub(r"^\\(?:mathbf|bm|boldsymbol)\{?|\}$", "", text).replace("{", "").replace("}", "")
            guess.shapes[key] = shape
            ranks[key] = 0 if not shape else shape.count("x") + 1
    bold = {match[1] for match in _BOLD.finditer(document.source)}
    for name in _names(guess):
        key = _key(guess, name)
        if name.base in bold:
            ranks.setdefault(key, 2 if name.base.isupper() else 1)
        elif (
            name.base.isupper()
            and len(name.base) == 1
            and name.base not in guess.defined
            and name.base not in ("N", "K", "T", "I", "E")
        ):
            ranks.setdefault(key, 2)
    for _ in range(6):
        before = dict(ranks)
        nodes = [node for sides in guess.chains for side in sides for node in walk(side)]
        sums = [node for node in nodes if isinstance(node, Add | Hadamard)]
        for node in [n for n in nodes if not isinstance(n, Add | Hadamard)] + sums:
            _evidence(guess, node)
        for base, body in guess.defined.items():
            found = _rank(guess, body)
            if found:
                for name in [n for n in _names(guess) if n.base == base]:
                    ranks.setdefault(_key(guess, name), found)
        if ranks == before:
            break


def _evidence(guess: Guess, node: Node) -> None:
    """A vector where something is transposed, measured, or multiplied by a matrix; terms of a sum are alike."""
    if isinstance(node, (Transpose, Norm)):
        _raise(guess, node.argument, 1)
    elif isinstance(node, Inner) and not node.dot:
        _raise(guess, node.left, 1)
        _raise(guess, node.right, 1)
    elif isinstance(node, Add | Hadamard):
        parts = node.terms if isinstance(node, Add) else node.factors
        known = [_rank(guess, part) for part in parts]
        for part in parts:
            if max(known) == 1 and not isinstance(part, Num):
                _raise(guess, part, 1)
    elif isinstance(node, Mul):
        factors = node.factors
        for first, second in pairwise(factors):
            if isinstance(first, Transpose) and _rank(guess, first) == 1 and isinstance(second, Name):
                _raise(guess, second, 1)
        if (
            len(factors) > 1
            and _rank(guess, factors[-2]) == 2
            and _plain(factors[-2])
            and isinstance(factors[-1], Name)
        ):
            _raise(guess, factors[-1], 1)


def _plain(node: Node) -> bool:
    return isinstance(node, Name) or (isinstance(node, Transpose) and isinstance(node.argument, Name))


def _raise(guess: Guess, node: Node, rank: int) -> None:
    """The names that carry the shape of a node are of that rank at least."""
    if isinstance(node, Name) and not any(s.single in guess.indices and len(node.subs) > 1 for s in node.subs):
        key = _key(guess, node)
        if node.base not in guess.functions:
            guess.ranks[key] = max(guess.ranks.get(key, 0), rank)
    elif isinstance(node, Neg | Transpose):
        _raise(guess, node.argument, rank)
    elif isinstance(node, Add):
        for term in node.terms:
            _raise(guess, term, rank)
    elif isinstance(node, Mul) and rank == 1 and not any(_rank(guess, f) for f in node.factors):
        _raise(guess, node.factors[-1], rank)
    elif isinstance(node, Call) and len(node.arguments) == 1:
        _raise(guess, node.arguments[0], rank)


def _rank(guess: Guess, node: Node) -> int:
    """0, 1 or 2, as far as it is known."""
    match node:
        case Name():
            return guess.ranks.get(_key(guess, node), 0)
        case Neg() | Transpose():
            return _rank(guess, node.argument)
        case Add():
            return max(_rank(guess, term) for term in node.terms)
        case Hadamard():
            return max(_rank(guess, factor) for factor in node.factors)
        case Mul():
            return _product_rank([(_rank(guess, f), isinstance(f, Transpose)) for f in node.factors])
        case Frac():
            return _rank(guess, node.numerator)
        case Call():
            inner = node.arguments[0]
            own = guess.ranks.get(_key(guess, node.function), 0)
            return (
                own if node.function.base in guess.defined else _rank(guess, inner) if len(node.arguments) == 1 else 0
            )
        case BigSum():
            return _rank(guess, node.body)
        case Power():
            return _rank(guess, node.base)
        case Norm() | Abs() | Inner() | Deriv() | Num():
            return 0
    return 0


def _product_rank(factors: list[tuple[int, bool]]) -> int:
    """Numbers count for nothing; a row and a column make a number, a column and a row a matrix."""
    shape: tuple[bool, bool] | None = None  # whether it has rows, and columns
    for rank, transposed in factors:
        if rank == 0:
            continue
        own = (True, True) if rank == 2 else (not transposed, transposed)
        shape = own if shape is None else (shape[0], own[1])
    return sum(shape) if shape is not None else 0


@dataclass
class Lengths:
    """Lengths that must be the same, joined."""

    parent: dict[str, str] = field(default_factory=dict)

    def find(self, a: str) -> str:
        while self.parent.get(a, a) != a:
            a = self.parent[a]
        return a

    def join(self, a: str, b: str) -> None:
        a, b = self.find(a), self.find(b)
        if a != b and "1" not in (a, b):
            # a letter that the person wrote stays
            if a.startswith("?"):
                self.parent[a] = b
            elif b.startswith("?"):
                self.parent[b] = a


Shape = tuple[str, str]


def _shape_of(guess: Guess, lengths: Lengths, node: Node) -> Shape:
    """Rows and columns; "1" for none.  What must fit is joined on the way."""
    match node:
        case Name():
            key = _key(guess, node)
            rank = guess.ranks.get(key, 0)
            declared = guess.shapes.get(key, "")
            if declared:
                parts = declared.split("x")
                return (parts[0], parts[1] if len(parts) > 1 else "1")
            if rank == 0 or node.base in guess.functions:
                return ("1", "1")
            return (f"?{key}.0", f"?{key}.1" if rank == 2 else "1")
        case Neg() | Power():
            return _shape_of(guess, lengths, node.children[0])
        case Transpose():
            rows, columns = _shape_of(guess, lengths, node.argument)
            return columns, rows
        case Add() | Hadamard():
            shapes = [_shape_of(guess, lengths, child) for child in node.children]
            whole = next((s for s in shapes if s != ("1", "1")), ("1", "1"))
            for shape in shapes:
                if shape != ("1", "1"):
                    lengths.join(shape[0], whole[0])
                    lengths.join(shape[1], whole[1])
            return whole
        case Mul():
            result: Shape = ("1", "1")
            for factor in node.factors:
                shape = _shape_of(guess, lengths, factor)
                if shape == ("1", "1"):
                    continue
                if result == ("1", "1"):
                    result = shape
                    continue
                lengths.join(result[1], shape[0])
                result = (result[0], shape[1])
            return result
        case Inner():
            left, right = (_shape_of(guess, lengths, child) for child in node.children)
            lengths.join(left[0], right[0])
            return ("1", "1")
        case Call():
            inside = [_shape_of(guess, lengths, a) for a in node.arguments]
            if node.function.base in guess.defined:
                return _shape_of(guess, lengths, node.function)
            return inside[0] if len(inside) == 1 else ("1", "1")
        case BigSum():
            return _shape_of(guess, lengths, node.body)
        case Frac():
            return _shape_of(guess, lengths, node.numerator)
    for child in node.children:
        _shape_of(guess, lengths, child)
    return ("1", "1")


def _lines(guess: Guess, document: Document) -> Iterator[str]:
    lengths = Lengths()
    for base, body in guess.defined.items():
        for name in {replace(n, span=(0, 0)) for n in _names(guess) if n.base == base}:
            own, found = _shape_of(guess, lengths, name), _shape_of(guess, lengths, body)
            if own != ("1", "1") and found != ("1", "1"):
                lengths.join(own[0], found[0])
                lengths.join(own[1], found[1])
    for sides in guess.chains:
        for side in sides:
            _shape_of(guess, lengths, side)
    variables = _variables(guess)
    quantities: dict[str, Name] = {}
    for name in _names(guess):
        if name.base in guess.defined or name.base in guess.functions or name.base in guess.indices.values():
            continue
        if (
            name.base in guess.indices
            or name.base in (r"\pi", "e", "I", r"\delta", "?", r"\sigma")
            or len(name.base.strip("\\")) > 24
        ):
            continue
        indexed = tuple(s for s in name.subs if s.single in guess.indices or not s.terms or s.single)
        known = quantities.get(_key(guess, name))
        if known is None or len(known.subs) < len(name.subs):
            quantities[_key(guess, name)] = Name(name.base, indexed, name.sups)
    widths: dict[str, str] = {}
    taken = {*guess.indices.values(), *guess.indices, *(n.base for n in quantities.values()), *guess.defined}
    fresh = iter([letter for letter in _WIDTHS if letter not in taken] + [f"n_{k}" for k in range(1, 20)])

    def width(length: str) -> str:
        root = lengths.find(length)
        if not root.startswith("?"):
            return root
        if root not in widths:
            widths[root] = next(fresh)
        return widths[root]

    declared: list[str] = []
    for key, name in quantities.items():
        shape = guess.shapes.get(key, "")
        rank = guess.ranks.get(key, 0)
        if shape:
            kind = f"R^{{{shape.replace('x', ' x ')}}}" if "x" in shape else f"R^{shape}"
        elif rank:
            sizes = [width(f"?{key}.{k}") for k in range(rank)]
            kind = f"R^{{{' x '.join(sizes)}}}" if rank == 2 else f"R^{sizes[0]}"
        else:
            kind = "R"
        word = "param" if name.base in variables else "data"
        declared.append(f"{word} {typeset(name)} : {kind}")
    stated = [size for shape in guess.shapes.values() for size in shape.split("x") if size and not size.isdigit()]
    lengths_used = dict.fromkeys([*filter(None, guess.indices.values()), *stated, *widths.values()])
    if lengths_used:
        yield "sizes " + " ".join(lengths_used)
    by_upper: dict[str, list[str]] = {}
    for letter, upper in guess.indices.items():
        by_upper.setdefault(upper, []).append(letter)
    for upper, letters in by_upper.items():
        sample = " sample" if upper in ("N", "m", "n") and letters[0] in ("i", "n") else ""
        yield f"index {', '.join(letters)} = 1..{upper}{sample}"
    yield from declared
    for base in guess.functions:
        yield f"func {base} = generic"


def _variables(guess: Guess) -> set[str]:
    """By what is differentiated, what the defined functions name as arguments, or letters that are usually weights."""
    found: set[str] = set()
    for sides in guess.chains:
        for side in sides:
            for node in walk(side):
                if isinstance(node, Deriv):
                    by: Node = node.by
                    while not isinstance(by, Name) and by.children:
                        by = by.children[0]
                    if isinstance(by, Name) and by.base != "?":
                        found.add(by.base)
    found |= set(guess.formals)
    found -= set(guess.defined)
    return found or {base for base in _PARAMETERS if any(n.base == base for n in _names(guess))}
