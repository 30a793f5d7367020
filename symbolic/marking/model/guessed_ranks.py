"""Numbers, vectors and matrices of a text, by letters, transposes, norms and sums."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import partial
from itertools import pairwise

from symbolic.marking.grammar.tree import (
    Abs,
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
    Norm,
    Num,
    Power,
    Transpose,
    capital,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_entries import is_entry, is_row_of_matrix
from symbolic.marking.model.guessed_keys import is_index, is_one_value, key_of, running_of
from symbolic.marking.model.guessed_text import TIMES, Guess, definitions_of, names_of
from symbolic.marking.model.said_of_values import said_symmetric
from symbolic.marking.text.reader import Document
from symbolic.marking.text.tokens import in_ascii

#: What is taken of a matrix.
OF_MATRICES = ("det", "tr", "Tr", "trace")
#: How often evidence is asked again: ranks only rise, and chains of letters that explain each other are short.
ROUNDS = 6
#: Functions of several things, entry by entry.
BETWEEN = ("max", "min")
#: What a bias is called.
BIASES = ("b", "c")
#: ``are the rows of K``.
_OF_ROWS = re.compile(
    r"\b(?:[Rr]ows?|[Cc]olumns?)\s+of\s+(?:the\s+)?(?:matrix\s+)?[\s$]*(?P<name>\\?[A-Z][a-z]*)(?![A-Za-z_])"
    r"|\b(?:[Сс]трок\w+|[Сс]толб\w+)\s+(?:матриц\w+\s+)?[\s$]*(?P<other>\\?[A-Z][a-z]*)(?![A-Za-z_])"
)
_BOLD = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|vec)\s*\{?\s*(?P<name>\\?[A-Za-z]+)(?P<script>\s*_)?\s*\}?(?P<below>\s*(?:_|\^\s*\{?\s*\())?"
)


def find_ranks(guess: Guess, document: Document) -> None:
    ranks = guess.ranks
    bold = {(match["name"], bool(match["script"] or match["below"])) for match in _BOLD.finditer(document.source)}
    thin = {name.base for name in names_of(guess) if (name.base, True) not in bold and is_thin_entry(guess, name)}
    thin |= thin_functions(guess, document.source)
    guess.numbers = {key for key, shape in guess.shapes.items() if not shape}
    guess.numbers |= labelled_thin(guess, document.source, {base for base, _ in bold})
    guess.columns = frozenset(base for base in thin if (base, False) in bold) if guess.objects else frozenset()
    sizes = {size for shape in guess.shapes.values() for size in shape.split(TIMES)}  # x_n ∈ ℝ^D
    weights, guess.of_rows = weights_of_sums(guess), said_of_rows(document.source)
    matrices = said_symmetric(document.source) | {*guess.of_rows}
    for name in names_of(guess):
        key = key_of(guess, name)
        if is_said_number(guess, name):
            continue
        if name.base in matrices and name.bare:
            ranks.setdefault(key, 2)
        elif name.base.islower() and capital(name.base) in guess.of_rows and len(running_of(guess, name)) == 1:
            ranks.setdefault(key, 1)
        elif (name.base, True) in bold or ((name.base, False) in bold and name.base not in thin):
            ranks.setdefault(key, 2 if is_capital(name.base) else 1)
        elif (
            guess.capitals
            and name.base not in guess.generic
            and name.base.isupper()
            and len(name.base) == 1
            and name.base not in guess.defined
            and name.base not in ("N", "K", "T", "I", "E")
            and name.base not in sizes
            and name not in weights
        ):
            # A matrix; W_k is a row of it, and W_{kj} an entry.
            ranks.setdefault(key, max(0, 2 - sum(is_index(guess, item) for item in name.subs)))
    nodes = [node for sides in guess.chains for side in sides for node in walk(side)]
    mixed = {id(of.by) for of in map(mixed_slope, nodes) if of is not None}
    nodes = [node for node in nodes if id(node) not in mixed]  # of ∇_{wb}, which transposes nothing itself
    sums = [node for node in nodes if isinstance(node, Add | Hadamard)]
    others = [node for node in nodes if not isinstance(node, Add | Hadamard)]
    # Whoever is made of others is asked after them: before the ranks of factors are known, that the terms of a sum
    # are alike, and that a name is of the rank of its formula, tells what is not so.
    for _ in range(ROUNDS):
        settle(guess, others)
        take_ranks_of_formulas(guess)
        take_ranks_of_sums(guess)
        take_ranks_of_gradients(guess)
        settle(guess, others)
        settle(guess, sums)


def said_of_rows(source: str) -> dict[str, bool]:
    """The matrices of whose rows or columns a text speaks, and whether it is the columns."""
    found = _OF_ROWS.finditer(in_ascii(source))
    return {match["name"] or match["other"]: match[0].lower().startswith(("col", "стол")) for match in found}


def mixed_slope(node: Node) -> Deriv | None:
    """The slope by b, as a row, in ``∇_{wb} Q``."""
    match node:
        case Deriv(Deriv(by=Transpose(before)) as of, by, gradient=True) if before != by:
            return of
    return None


def weights_of_sums(guess: Guess) -> frozenset[Name]:
    """Capitals that stand nowhere but before a Σ or a norm, as the C of a support vector machine: numbers."""
    nodes = [node for sides in guess.chains for side in sides for node in walk(side)]
    weighting = [
        name
        for node in nodes
        if isinstance(node, Mul)
        for first, second in pairwise(node.factors)
        for name in (numerator_of(first),)
        if isinstance(second.base if isinstance(second, Power) else second, BigSum | Norm)
    ]
    return frozenset(
        name
        for name in weighting
        if isinstance(name, Name) and name.bare and weighting.count(name) == nodes.count(name)
    )


def is_capital(base: str) -> bool:
    """A, and \\Sigma."""
    return base.lstrip("\\")[:1].isupper()


def is_thin_entry(guess: Guess, name: Name) -> bool:
    r"""``\mathbf{t}`` of the numbers t_n: where a name has an index it is never bold."""
    return any(
        other.base == name.base and is_index(guess, s) for other in names_of(guess) for s in (*other.subs, *other.sups)
    )


def thin_functions(guess: Guess, source: str) -> set[str]:
    r"""The p of ``p(x_i)`` beside ``\mathbf{p}``, the vector of its values."""
    calls = {
        node.function.base for sides in guess.chains for side in sides for node in walk(side) if isinstance(node, Call)
    }
    rest = _BOLD.sub(" ", source)
    return {base for base in calls if re.search(rf"(?<![\\A-Za-z]){re.escape(base)}\s*(?:\\left\s*)?\(", rest)}


def labelled_thin(guess: Guess, source: str, bold: Set[str]) -> set[str]:
    r"""The ``b^{(2)}`` beside a ``\mathbf{b}^{(1)}``, the β_0 beside a bold β: what is bold elsewhere is thin here."""
    rest = re.sub(r"[{}\s]", "", _BOLD.sub("!", source)).replace("[", "(").replace("]", ")")
    labelled = {
        key_of(guess, name): name for name in names_of(guess) if name.base in bold and is_labelled_alone(guess, name)
    }
    forms = {key: re.sub(r"[{}\s]", "", typeset(name)) for key, name in labelled.items()}
    return {key for key, form in forms.items() if re.search(rf"(?<![\\A-Za-z]){re.escape(form)}(?![A-Za-z\d])", rest)}


def is_said_number(guess: Guess, name: Name) -> bool:
    """Whether a name is a number as it stands: the y_i of y_i ∈ ℝ, and not the y of all of them."""
    key = key_of(guess, name)
    return key in guess.numbers and len(running_of(guess, name)) >= guess.stated.get(key, 0)


def is_labelled_alone(guess: Guess, name: Name) -> bool:
    """Whether a name has scripts, and none of them is an index."""
    return not name.bare and name.below is None and not running_of(guess, name) and not name.primes


def settle(guess: Guess, nodes: Sequence[Node]) -> None:
    """Take the evidence of these nodes until nothing is learned any more."""
    for _ in range(ROUNDS):
        before = dict(guess.ranks)
        for node in nodes:
            _evidence(guess, node)
        if guess.ranks == before:
            return


def take_ranks_of_formulas(guess: Guess) -> None:
    """A name that the text defines is of the rank of what defines it, and a name that it is another name of too."""
    for name, body in definitions_of(guess):
        key, found = key_of(guess, name), rank_of(guess, body)
        if found and key not in guess.shapes:
            guess.ranks[key] = max(guess.ranks.get(key, 0), found)
            if found == 1 and name.bare and is_capital(name.base) and (guess.ranks[key] == 2 or has_rows(guess, name)):
                guess.ranks[key] = 2
                make_matrix(guess, body)
        elif isinstance(body, Power) and isinstance(body.base, Name) and rank_of(guess, name) == 2:
            _raise(guess, body.base, 2)  # Λ = Σ^{-1}
        elif (matrix := matrix_of_family(guess, name, body)) is not None:
            guess.by_rows = guess.by_rows - {key_of(guess, matrix)}
            guess.ranks[key_of(guess, matrix)] = 2
        elif rank_of(guess, name) == 1 and (isinstance(body, Name | Call | Mul | BigSum | Frac) or adds_names(body)):
            _raise(guess, body, 1)  # o = σ(a) is as long as a; h = (Σ_c v_c)/C as each v_c


def matrix_of_family(guess: Guess, name: Name, body: Node) -> Name | None:
    """The W_i of ``o_i = W_i x`` whose o_i is measured as a vector: a matrix for each i, and no row of one."""
    match body:
        case Mul((Name() as first, last)) if rank_of(guess, name) == 1 == rank_of(guess, last) == rank_of(guess, first):
            own = bool(name.subs) and name.subs == first.subs and not is_entry(guess, name)
            return first if own and is_capital(first.base) else None
    return None


def adds_names(node: Node) -> bool:
    """The ``x_1 - x_2`` of a difference."""
    terms = node.terms if isinstance(node, Add) else ()
    return bool(terms) and all(isinstance(term.argument if isinstance(term, Neg) else term, Name) for term in terms)


def take_ranks_of_sums(guess: Guess) -> None:
    """The v_i of ``o = V^T a = Σ_i a_i v_i`` are as long as the vector o."""
    for first, *rest in guess.chains:
        if isinstance(first, Name) and rank_of(guess, first) == 1 and not is_entry(guess, first):
            for side in rest:
                if isinstance(side, BigSum):
                    _raise(guess, side, 1)


def has_rows(guess: Guess, matrix: Name) -> bool:
    """Whether entries of it with two indices stand somewhere: the Q_{nk} of Q = softmax(U)."""
    others = (name for name in names_of(guess) if name.base == matrix.base)
    return any(len(name.subs) == 2 and all(is_index(guess, item) for item in name.subs) for name in others)


def make_matrix(guess: Guess, body: Node) -> None:
    """What a formula of a matrix has the shape of, is one: the U of softmax(U), the B of A B."""
    if isinstance(body, Add):
        for term in body.terms:
            make_matrix(guess, term)
    elif isinstance(body, Call) and len(body.arguments) == 1:
        make_matrix(guess, body.arguments[0])
    elif isinstance(body, Mul) and rank_of(guess, body) == 1 and rank_of(guess, body.factors[-2]) == 2:
        make_matrix(guess, body.factors[-1])
    elif isinstance(body, Name) and rank_of(guess, body) == 1 and not body.subs:
        _raise(guess, body, 2)


def take_ranks_of_gradients(guess: Guess) -> None:
    """What a number has a matrix δ x^T for its slope by, is a matrix."""
    for first, *rest in guess.chains:
        if isinstance(first, Deriv) and not rank_of(guess, first.of) and isinstance(first.by, Name):
            outer = any(isinstance(side, Mul) and rank_of(guess, side) == 2 and is_outer(guess, side) for side in rest)
            if outer and not is_entry(guess, first.by):
                _raise(guess, first.by, 2)


def is_outer(guess: Guess, node: Mul) -> bool:
    """A column times a row, whatever numbers stand before them."""
    shaped = [factor for factor in node.factors if rank_of(guess, factor)]
    return len(shaped) == 2 and isinstance(shaped[1], Transpose) and not isinstance(shaped[0], Transpose)


def _evidence(guess: Guess, node: Node) -> None:
    """A vector where something is transposed, measured, or multiplied by a matrix; terms of a sum are alike."""
    if isinstance(node, (Transpose, Norm)):
        _raise(guess, node.argument, 1)
    elif isinstance(node, Call) and node.function.base in OF_MATRICES and isinstance(node.arguments[0], Name):
        _raise(guess, node.arguments[0], 2)
    elif isinstance(node, Call) and node.function.base == "softmax" and len(node.arguments) == 1:
        _raise(guess, node.arguments[0], 1)
    elif isinstance(node, Inner) and (not node.dot or max(rank_of(guess, node.left), rank_of(guess, node.right)) == 1):
        _raise(guess, node.left, 1)
        _raise(guess, node.right, 1)
    elif isinstance(node, Add | Hadamard):
        parts = node.terms if isinstance(node, Add) else node.factors
        known = [rank_of(guess, part) for part in parts]
        for part in parts if max(known) == 2 and isinstance(node, Add) else ():
            last = part.factors[-1] if isinstance(part, Mul) and rank_of(guess, part) == 1 else None
            if isinstance(last, Name) and is_capital(last.base) and not last.subs:
                _raise(guess, last, 2)  # V K - Z
        rows = not guess.objects and any(map(partial(is_row, guess), parts))
        for part in parts:
            if rows and isinstance(part, Name) and part.base in BIASES:
                continue  # w^T X + b, with a number for each column
            if not isinstance(part, Num) and (max(known) == 1 or (max(known) == 0 and isinstance(node, Hadamard))):
                _raise(guess, part, 1)  # nobody writes ⊙ between numbers
    elif isinstance(node, Mul):
        factors = node.factors
        for first, second, third in zip(factors, factors[1:], factors[2:], strict=False):
            inside = second.base if isinstance(second, Power) else None
            around = isinstance(first, Transpose) and rank_of(guess, first) == 1 == rank_of(guess, third)
            if around and isinstance(inside, Name) and is_capital(inside.base):
                _raise(guess, inside, 2)  # x^T Σ^{-1} x
        for first, second in pairwise(factors):
            if isinstance(first, Transpose) and rank_of(guess, first) == 1 and _plain(numerator_of(second)):
                _raise(guess, numerator_of(second), 1)
                raise_pairs(guess, numerator_of(second))
        if (
            len(factors) > 1
            and rank_of(guess, factors[-2]) == 2
            and _plain(factors[-2])
            and isinstance(numerator_of(factors[-1]), Name)
        ):
            _raise(guess, numerator_of(factors[-1]), 1)


def raise_pairs(guess: Guess, node: Node) -> None:
    """The x_{sa} of ``θ^T x_{sa}``, one for each state and action: never written with fewer or more letters."""
    if not isinstance(node, Name) or len(node.subs) != 2 or node.sups or is_entry(guess, node):
        return
    alike = [name for name in names_of(guess) if key_of(guess, name) == key_of(guess, node)]
    if all(len(name.subs) == len(running_of(guess, name)) == 2 for name in alike):
        guess.ranks[key_of(guess, node)] = 1


def is_row(guess: Guess, node: Node) -> bool:
    """``w^T X``."""
    factors = node.factors if isinstance(node, Mul) else ()
    return bool(factors) and isinstance(factors[0], Transpose) and rank_of(guess, factors[-1]) == 2


def numerator_of(node: Node) -> Node:
    r"""The k of ``q^T k / \sqrt d``, which is read as q^T times a fraction."""
    return numerator_of(node.numerator) if isinstance(node, Frac) else node


def _plain(node: Node) -> bool:
    return isinstance(node, Name) or (isinstance(node, Transpose) and isinstance(node.argument, Name))


def _raise(guess: Guess, node: Node, rank: int) -> None:
    """The names that carry the shape of a node are of that rank at least."""
    if isinstance(node, Name):
        places = sum(is_index(guess, item) or is_one_value(guess, item) for item in node.subs)
        if is_entry(guess, node) or (places > 1 and any(is_index(guess, item) for item in node.subs)):
            return  # of u_{w,k} beside u_o the w tells only whose it is
        key = key_of(guess, node)
        whole = node.base in guess.functions or (node.bare and node.base in guess.columns)
        if not whole and not is_said_number(guess, node):
            guess.ranks[key] = max(guess.ranks.get(key, 0), rank)
    elif isinstance(node, Neg | Transpose):
        _raise(guess, node.argument, rank)
    elif isinstance(node, Add):
        for term in node.terms:
            _raise(guess, term, rank)
    elif isinstance(node, Mul) and rank == 1 and not any(rank_of(guess, f) for f in node.factors):
        _raise(guess, node.factors[-1], rank)
    elif isinstance(node, Call) and len(node.arguments) == 1:
        _raise(guess, node.arguments[0], rank)
    elif isinstance(node, BigSum):
        _raise(guess, node.body, rank)
    elif isinstance(node, Frac):
        _raise(guess, node.numerator, rank)


def rank_of(guess: Guess, node: Node) -> int:
    """0, 1 or 2, as far as it is known."""
    match node:
        case Name():
            if is_entry(guess, node):
                return 0
            return 1 if is_row_of_matrix(guess, node) else guess.ranks.get(key_of(guess, node), 0)
        case Neg() | Transpose():
            return rank_of(guess, node.argument)
        case Add():
            return max(rank_of(guess, term) for term in node.terms)
        case Hadamard():
            return max(rank_of(guess, factor) for factor in node.factors)
        case Mul():
            return product_rank([(rank_of(guess, f), lies(guess, f)) for f in node.factors])
        case Frac():
            return rank_of(guess, node.numerator)
        case Dotted():
            return 1 + rank_of(guess, node.body)
        case Call():
            if acts_by_entries(guess, node):
                return rank_of(guess, node.arguments[0])
            if node.function.base in guess.defined and node.function.base not in guess.by_entries:
                return guess.ranks.get(key_of(guess, node.function), 0)
            by_entries = len(node.arguments) == 1 or node.function.base in BETWEEN
            return max(rank_of(guess, argument) for argument in node.arguments) if by_entries else 0
        case BigSum():
            return rank_of(guess, node.body)
        case Power():
            return rank_of(guess, node.base)
        case Norm() | Abs() | Inner() | Deriv() | Num():
            return 0
    return 0


def acts_by_entries(guess: Guess, call: Call) -> bool:
    """Whether it is a function of a number, φ(u) = max(u, 0), taken of something longer."""
    if call.function.base not in guess.defined or len(call.arguments) != 1 or not rank_of(guess, call.arguments[0]):
        return False
    lefts = (sides[0] for sides in guess.chains if len(sides) > 1)
    said = (left for left in lefts if isinstance(left, Call) and left.function == call.function)
    first = next(said, None)
    return first is not None and all(
        isinstance(formal, Name) and not formal.subs and not rank_of(guess, formal) for formal in first.arguments
    )


def lies(guess: Guess, node: Node) -> bool:
    """Whether a vector is a row."""
    return isinstance(node, Transpose) or (isinstance(node, Name) and is_row_of_matrix(guess, node))


def product_rank(factors: list[tuple[int, bool]]) -> int:
    """Numbers count for nothing; a row and a column make a number, a column and a row a matrix."""
    shape: tuple[bool, bool] | None = None  # whether it has rows, and columns
    for rank, transposed in factors:
        if rank == 0:
            continue
        own = (True, True) if rank == 2 else (not transposed, transposed)
        shape = own if shape is None else (shape[0], own[1])
    return sum(shape) if shape is not None else 0
