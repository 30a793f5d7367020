"""A header for a text that has none: what its formulas and its words say of letters, shapes and ranges.

A guess, and shown as one: a person can copy it into the file and correct it.  Ranks come first (number, vector,
matrix), from letters, transposes, norms and sums; then lengths, by asking that every product and sum fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from symbolic.language.affine import Affine
from symbolic.marking.grammar.known_words import SPELLINGS
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
    Script,
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
#: Known without a header, where it is applied; else it is a letter like others.
LOGISTIC = r"\sigma"
_PARAMETERS = ("w", "W", "b", r"\theta", r"\beta", "v", "u", "V", "U", r"\Theta")
_INDICES = tuple("ijklmnrst")
_WIDTHS = ("d", "h", "k", "m", "n", "p", "q", "r")
#: How often evidence is asked again: ranks only rise, and chains of letters that explain each other are short.
ROUNDS = 6
_MEMBER = re.compile(
    r"(?P<names>\\?[A-Za-z]+(?:\{[A-Za-z]+\})?(?:_\{?\w+\}?)?(?:\s*,\s*\\?[A-Za-z]+(?:_\{?\w+\}?)?)*)\s*(?:\\in|∈)\s*"
    r"(?:\\mathbb\s*\{?R\}?|\\R\b|ℝ)(?:\s*\^\s*(?P<shape>\{[^}]*\}|\w+))?"
)
#: A letter with a prime and an argument is a function, whatever letter it is.
_PRIMED = re.compile(r"(\\?[A-Za-z]+)\s*(?:'|\^\s*\\prime|\^\{\s*\\prime\s*\})+\s*(?:\\left)?\(")
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|vec)\s*\{?\s*(\\?[A-Za-z]+)\s*\}?")


@dataclass(frozen=True, slots=True)
class GuessedWords:
    """The grammar's view of a text of which nothing is declared: what it defines is called, the rest multiplied."""

    defined: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()

    def is_function(self, name: Name) -> bool:
        return name.bare and name.base in self.functions

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
    applies_logistic: bool = False
    #: Index letters with their upper bounds, and who counts the objects.
    indices: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    #: Letters that count steps of time or layers, with the word that declares them: h_t is made of h_{t-1}.
    steps: dict[str, str] = field(default_factory=dict)
    #: What is written whole and by its entries: y beside y_k, with the lengths that the entries tell.
    whole: dict[str, tuple[str, ...]] = field(default_factory=dict)


def guessed_header(document: Document) -> tuple[str, ...]:
    """The lines of a header that fits the text; none when there is nothing to go by."""
    guess = Guess()
    _read(guess, document)
    if not guess.chains:
        return ()
    _indices(guess)
    _entries(guess)
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
    primed = (match[1] for match in _PRIMED.finditer(source) if match[1] not in SPELLINGS)
    for base in dict.fromkeys((*_FUNCTIONS, LOGISTIC, *primed)):
        letter = re.escape(base) + (r"(?![A-Za-z])" if base.startswith("\\") else "")
        boundary = r"(?<![A-Za-z\\{])" if not base.startswith("\\") else ""
        if base not in defined and re.search(
            rf"{boundary}{letter}(?:'|\^\\prime|\^\{{\\prime\}})*\s*(?:\\left)?\(", source
        ):
            guess.functions[base] = None
    words = GuessedWords(frozenset(defined), frozenset(guess.functions))
    guess.applies_logistic = guess.functions.pop(LOGISTIC, False) is None
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
        yield from _names_in(guess, sides)


def _names_in(guess: Guess, sides: Sequence[Node]) -> Iterator[Name]:
    for side in sides:
        for node in walk(side):
            if isinstance(node, Name):
                yield node
            elif isinstance(node, Call) and node.function.base in guess.defined:
                yield node.function


def formals_of(sides: Sequence[Node]) -> frozenset[str]:
    """The letters that a definition f(x, c) = … is made for: any value takes their place."""
    first = sides[0]
    return frozenset(typeset(a) for a in first.arguments) if isinstance(first, Call) else frozenset()


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
    _steps(guess)
    _subscripts_of_entries(guess)
    for letter, upper in guess.indices.items():
        if not upper:
            guess.indices[letter] = next((u for u in ("K", "M", "J") if u not in guess.indices.values()), "K")


def _steps(guess: Guess) -> None:
    """A letter of which a name and its neighbour are known, h_t and h_{t-1}, counts steps; above, a^{(l-1)}, layers."""
    for name in _names(guess):
        for items, word, upper in ((name.subs, "steps", "T"), (name.sups, "layers", "L")):
            for item in items:
                letter = item.terms[0][0] if len(item.terms) == 1 else ""
                if item.constant == -1 and len(letter) == 1 and letter.islower() and name.base in guess.defined:
                    guess.steps[letter] = word
                    guess.indices[letter] = guess.indices.get(letter) or upper


def _subscripts_of_entries(guess: Guess) -> None:
    """A letter of indices that one name has and has not, w_j beside w, x_{ij} beside x_i, runs through entries."""
    scripts = {(name.base, name.subs) for name in _names(guess) if not name.sups}
    for base, subs in sorted(scripts, key=str):
        letter = subs[-1].single if subs else None
        if letter and letter in _INDICES and letter not in guess.indices and (base, subs[:-1]) in scripts:
            guess.indices[letter] = ""


def is_index(guess: Guess, item: Script) -> bool:
    """Whether it runs, as k, or t - 1; else it is a label."""
    return bool(item.terms) and all(letter in guess.indices for letter, _ in item.terms)


def _key(guess: Guess, name: Name) -> str:
    """The quantity of a name: its labels belong to it, its indices do not."""
    labels = tuple(s for s in name.subs if not is_index(guess, s))
    return typeset(Name(name.base, labels, tuple(s for s in name.sups if not is_index(guess, s))))


def _entries(guess: Guess) -> None:
    """What stands in the text as a whole and with indices of its own is a vector or a matrix, and those its entries."""
    alone, indexed = set(), dict[str, tuple[str, ...]]()
    for name, formals in ((name, formals_of(sides)) for sides in guess.chains for name in _names_in(guess, sides)):
        key, own = _key(guess, name), _own_indices(guess, name)
        if not own:
            alone |= {key} - formals
        elif len(own) >= len(indexed.get(key, ())):
            indexed[key] = tuple(guess.indices.get(item.single or "", "") for item in own)
    guess.whole = {key: uppers for key, uppers in indexed.items() if key in alone and all(uppers) and len(uppers) <= 2}
    guess.ranks |= {key: len(uppers) for key, uppers in guess.whole.items()}


def _own_indices(guess: Guess, name: Name) -> list[Script]:
    """The indices that run through the entries of one value: neither objects nor steps are counted by them."""
    running = [item for item in (*name.subs, *name.sups) if is_index(guess, item)]
    objects = {upper for letter, upper in guess.indices.items() if counts_objects(letter, upper)}
    others = {*guess.steps, *(letter for letter, upper in guess.indices.items() if upper in objects)}
    return [item for item in running if not others & {letter for letter, _ in item.terms}]


def _is_entry(guess: Guess, name: Name) -> bool:
    return _key(guess, name) in guess.whole and bool(_own_indices(guess, name))


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
            # A matrix; W_k is a row of it, and W_{kj} an entry.
            ranks.setdefault(key, max(0, 2 - sum(is_index(guess, item) for item in name.subs)))
    nodes = [node for sides in guess.chains for side in sides for node in walk(side)]
    sums = [node for node in nodes if isinstance(node, Add | Hadamard)]
    others = [node for node in nodes if not isinstance(node, Add | Hadamard)]
    # Whoever is made of others is asked after them: before the ranks of factors are known, that the terms of a sum
    # are alike, and that a name is of the rank of its formula, tells what is not so.
    for _ in range(ROUNDS):
        settle(guess, others)
        take_ranks_of_formulas(guess)
        settle(guess, others)
        settle(guess, sums)


def settle(guess: Guess, nodes: Sequence[Node]) -> None:
    """Take the evidence of these nodes until nothing is learned any more."""
    for _ in range(ROUNDS):
        before = dict(guess.ranks)
        for node in nodes:
            _evidence(guess, node)
        if guess.ranks == before:
            return


def take_ranks_of_formulas(guess: Guess) -> None:
    """A name that the text defines is of the rank of what defines it."""
    for base, body in guess.defined.items():
        if found := _rank(guess, body):
            for key in {_key(guess, name) for name in _names(guess) if name.base == base} - {*guess.shapes}:
                guess.ranks[key] = max(guess.ranks.get(key, 0), found)


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
            if not isinstance(part, Num) and (max(known) == 1 or (max(known) == 0 and isinstance(node, Hadamard))):
                _raise(guess, part, 1)  # nobody writes ⊙ between numbers
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
    if isinstance(node, Name):
        if _is_entry(guess, node) or (len(node.subs) > 1 and any(is_index(guess, item) for item in node.subs)):
            return
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
            return 0 if _is_entry(guess, node) else guess.ranks.get(_key(guess, node), 0)
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
            if rank == 0 or node.base in guess.functions or _is_entry(guess, node):
                return ("1", "1")
            if key in guess.whole:
                return (guess.whole[key][0], guess.whole[key][1] if rank == 2 else "1")
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
    functions = own_functions(guess)
    private = frozenset().union(*map(formals_of, functions))
    quantities: dict[str, Name] = {}
    for name in _names(guess):
        if name.base in private:
            continue
        if name.base in guess.defined or name.base in guess.functions or name.base in guess.indices.values():
            continue
        if (
            name.base in guess.indices
            or name.base in (r"\pi", "e", "I", r"\delta", "?")
            or (name.base == LOGISTIC and guess.applies_logistic)
            or len(name.base.strip("\\")) > 24
        ):
            continue
        if _is_entry(guess, name):
            continue
        indexed = tuple(s for s in name.subs if is_index(guess, s) or not s.terms or s.single)
        known = quantities.get(_key(guess, name))
        if known is None or len(known.subs) < len(name.subs):
            quantities[_key(guess, name)] = Name(name.base, indexed, name.sups)
    for key in [key for key, name in quantities.items() if stacked(guess, name, quantities)]:
        del quantities[key]  # the checker makes it of its rows
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

    def kind(key: str) -> str:
        shape, rank = guess.shapes.get(key, ""), guess.ranks.get(key, 0)
        if shape:
            return f"R^{{{shape.replace('x', ' x ')}}}" if "x" in shape else f"R^{shape}"
        sizes = [width(length) for length in guess.whole.get(key) or [f"?{key}.{k}" for k in range(rank)]]
        return f"R^{{{' x '.join(sizes)}}}" if rank == 2 else f"R^{sizes[0]}" if rank else "R"

    declared = [
        f"{'param' if name.base in variables else 'data'} {typeset(name)} : {kind(key)}"
        for key, name in quantities.items()
    ]
    declared += [f"data {typeset(name)} : {kind(key)}" for key, name in _starts(guess).items()]
    stated = [size for shape in guess.shapes.values() for size in shape.split("x") if size and not size.isdigit()]
    counted = [upper for letter, upper in guess.indices.items() if letter not in guess.steps]
    lengths_used = dict.fromkeys([*filter(None, counted), *stated, *widths.values()])
    if lengths_used:
        yield "sizes " + " ".join(lengths_used)
    by_upper: dict[str, list[str]] = {}
    for letter, upper in guess.indices.items():
        if letter in guess.steps:
            yield f"{guess.steps[letter]} {letter} = 1..{upper}"
        else:
            by_upper.setdefault(upper, []).append(letter)
    for upper, letters in by_upper.items():
        sample = " sample" if counts_objects(letters[0], upper) else ""
        yield f"index {', '.join(letters)} = 1..{upper}{sample}"
    yield from declared
    slopes = named_slopes(guess)
    for base in guess.functions:
        if base not in slopes:
            yield f"func {base} = generic"
    for slope, called in slopes.values():
        yield f"let {typeset(called)} = {typeset(slope)}"
    for left, right in functions:
        yield f"let {typeset(left)} = {typeset(right)}"


def counts_objects(letter: str, upper: str) -> bool:
    return upper in ("N", "m", "n") and letter in ("i", "n")


def stacked(guess: Guess, name: Name, quantities: dict[str, Name]) -> bool:
    """Whether it is the matrix whose rows are vectors of the text: X beside x_n, and nobody says its shape."""
    row = quantities.get(typeset(Name(name.base.lower())))
    if name.base.islower() or name.subs or row is None or guess.shapes.get(_key(guess, name)):
        return False
    over = [s.single for s in row.subs]
    return guess.ranks.get(_key(guess, row)) == 1 and any(
        i and counts_objects(i, guess.indices.get(i, "")) for i in over
    )


def _starts(guess: Guess) -> dict[str, Name]:
    """What the first step is made of, where no line says it: h_0, by the quantity it is a value of."""
    lefts = {typeset(sides[0]) for sides in guess.chains}
    found: dict[str, Name] = {}
    for name in _names(guess):
        first = replace(name, subs=tuple(map(_at_start, name.subs)), sups=tuple(map(_at_start, name.sups)), span=(0, 0))
        steps = any(
            item.constant == -1 and {letter for letter, _ in item.terms} & {*guess.steps}
            for item in (*name.subs, *name.sups)
        )
        if steps and name.base in guess.defined and typeset(first) not in lefts:
            found[_key(guess, name)] = first
    return found


def _at_start(item: Script) -> Script:
    return Affine((), 0) if item.constant == -1 and item.terms else item


def own_functions(guess: Guess) -> list[list[Node]]:
    """The definitions whose arguments no other line speaks of, as g(z) = 1/(1 + e^{-z}): functions of any numbers."""
    found = []
    for sides in guess.chains:
        first = sides[0]
        if len(sides) == 2 and isinstance(first, Call) and first.function.bare and formals_of(sides):
            others = (other for other in guess.chains if other is not sides)
            elsewhere = {name.base for other in others for name in _names_in(guess, other)}
            within = {name.base for name in _names_in(guess, sides[1:])}
            if formals_of(sides) <= within and not formals_of(sides) & elsewhere:
                found.append(sides)
    return found


def named_slopes(guess: Guess) -> dict[str, tuple[Node, Node]]:
    r"""Functions that a line names as the slopes of others: ``\Phi'(z) = \varphi(z)``."""
    found: dict[str, tuple[Node, Node]] = {}
    for sides in guess.chains:
        match sides:
            case [Call(Name(primes=1), arguments) as slope, Call(Name(base=base, primes=0) as name, same) as call]:
                if arguments == same and name.bare and base in guess.functions and base not in found:
                    found[base] = (slope, call)
    return found


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
    given = {
        name.base
        for name in _names(guess)
        for item in (*name.subs, *name.sups)
        if item.single and counts_objects(item.single, guess.indices.get(item.single, ""))
    }
    found |= set(guess.formals) - given  # what differs from object to object is no parameter
    found -= set(guess.defined)
    return found or {base for base in _PARAMETERS if any(n.base == base for n in _names(guess))}
