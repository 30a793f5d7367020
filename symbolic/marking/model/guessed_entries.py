"""What stands in a text as a whole and by its entries: vectors, matrices, and the rows of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import (
    BigSum,
    Call,
    Inner,
    Mul,
    Name,
    Node,
    Norm,
    Num,
    Script,
    Transpose,
    walk,
)
from symbolic.marking.model.guessed_keys import counts_objects, has_counted_value, key_of, running_of
from symbolic.marking.model.guessed_text import TIMES, Guess, formals_of, length, names_in, names_of


def find_ranges_said(guess: Guess) -> None:
    """Where x ∈ ℝ^D, or x_n, and only entries stand, x_i or x_{ni}, and no sum tells how far i runs, it runs to D.

    So does the k of a row E_k of an E ∈ ℝ^{D x d}.
    """
    rows = said_by_rows(guess)
    counts: dict[str, set[int]] = {}
    for name in names_of(guess):
        counts.setdefault(key_of(guess, name), set()).add(len(running_of(guess, name)))
    for name in names_of(guess):
        key, running = key_of(guess, name), running_of(guess, name)
        shape, stated = guess.shapes.get(key, ""), guess.stated.get(key)
        if key in rows and len(running) == 1:
            shape, _, _ = shape.partition(TIMES)
        elif stated is None or TIMES in shape or max(counts[key]) > stated + 1 or len(running) != stated + 1:
            continue
        upper = guess.indices.get(running[-1].single or "", "")
        if not shape:
            continue
        if upper in guess.open and upper != shape:
            guess.indices = {letter: shape if bound == upper else bound for letter, bound in guess.indices.items()}


def find_entries(guess: Guess) -> None:
    """What stands in the text as a whole and with indices of its own is a vector or a matrix, and those its entries."""
    alone, indexed = set(), dict[str, tuple[str, ...]]()
    guess.entire = _entire(guess)
    guess.families = _families(guess)
    shifted = _find_shifted(guess)
    _run_through_shifted(guess, shifted)
    for name, formals in ((name, formals_of(sides)) for sides in guess.chains for name in names_in(guess, sides)):
        key, own = key_of(guess, name), own_indices(guess, name)
        if name.below is not None:
            continue  # w_{y_i} is one of the w_j
        if not own:
            if not has_counted_value(guess, name):  # u_1 and u_K are not u
                alone |= {key} - formals
        elif len(own) >= len(indexed.get(key, ())):
            indexed[key] = tuple(guess.indices.get(item.single or "", "") for item in own)
    alone |= guess.mirrored & guess.entire
    # x ∈ ℝ^d in words, and x_i with i = 1..d; x_n ∈ ℝ^d, and x_{ni}
    alone |= {key for key, uppers in indexed.items() if key in guess.stated and guess.shapes.get(key) in uppers}
    alone |= {key for key, uppers in indexed.items() if len(uppers) == 2 and key in said_by_rows(guess)}
    rows = guess.by_rows = (_matrices_by_rows(guess) & indexed.keys()) | said_by_rows(guess)
    guess.whole = {
        key: uppers
        for key, uppers in indexed.items()
        if key in alone and all(uppers) and len(uppers) <= 2 and not (len(uppers) == 1 and key in rows)
    }
    guess.whole |= {key: tuple(guess.shapes[key].split(TIMES)) for key in shifted}
    if _circle_number(guess):
        guess.whole.pop(r"\pi", None)
    guess.ranks |= {key: len(uppers) for key, uppers in guess.whole.items()}
    guess.ranks |= dict.fromkeys(guess.by_rows, 2)


def find_examples(guess: Guess) -> None:
    """The n of φ(x_n) beside ``φ(x) = exp(-‖x - c‖²)``: a vector is put into φ, so x_n is one of many, and no entry."""
    vectors = {
        (first.function.base, argument.base)
        for first, *rest in guess.chains
        if isinstance(first, Call) and rest
        for argument in first.arguments
        if isinstance(argument, Name) and argument.bare and is_measured(argument, rest[0])
    }
    calls = (node for sides in guess.chains for side in sides for node in walk(side) if isinstance(node, Call))
    guess.examples = frozenset(
        argument.subs[0].single or ""
        for call in calls
        for argument in call.arguments
        if isinstance(argument, Name) and len(argument.subs) == len(running_of(guess, argument)) == 1
        if (call.function.base, argument.base) in vectors
    ) - {""}


def find_generic(guess: Guess) -> None:
    """The X of ``f_k(X) = T_k`` beside ``f_k(x_i)``: one such object, and no matrix of them."""
    formals: dict[str, Name] = {}
    for first, *rest in guess.chains:
        if isinstance(first, Call) and rest and len(first.arguments) == 1:
            (formal,) = first.arguments
            if isinstance(formal, Name) and formal.bare and formal.base.isupper():
                formals[first.function.base] = formal
    for node in (node for sides in guess.chains for side in sides for node in walk(side)):
        match node:
            case Call(Name(base=base), (Name(subs=(_,)) as of,)) if base in formals:
                if of.base == formals[base].base.lower():
                    guess.generic[formals[base].base] = of


def is_measured(name: Name, node: Node) -> bool:
    """Whether a name stands in a norm or an inner product, or is transposed."""
    return any(name in walk(part) for part in walk(node) if isinstance(part, Norm | Inner | Transpose))


def _matrices_by_rows(guess: Guess) -> set[str]:
    """The W of W v, a capital before what it is multiplied by: a W_j beside it is a row.  So is that of W_j v alone."""
    products = (node for sides in guess.chains for side in sides for node in walk(side) if isinstance(node, Mul))
    return {
        key_of(guess, first)
        for node in products
        for first, second in pairwise(node.factors)
        if guess.capitals and isinstance(first, Name) and isinstance(second, Name)
        if first.bare or (len(running_of(guess, first)) == len(first.subs) == 1 and not first.sups)
        if len(first.base) == 1 and first.base.isupper() and second.bare and second.base.islower()
    }


def said_by_rows(guess: Guess) -> set[str]:
    """The E ∈ ℝ^{V x d} of which rows stand in the text, E_k or E_{w_t}, beside them entries perhaps."""
    places: dict[str, set[int]] = {}
    for name in names_of(guess):
        if not name.bare and not name.sups:
            places.setdefault(key_of(guess, name), set()).add(places_below(guess, name))
    return {
        key
        for key, counts in places.items()
        if 1 in counts <= {1, 2} and guess.stated.get(key) == 0 and key not in guess.defined
        if len(sizes := guess.shapes.get(key, "").split(TIMES)) == 2 and "1" not in sizes
    }


def places_below(guess: Guess, name: Name) -> int:
    """How many places stand below a name: indices, and the number of a class in the place of one."""
    return len(running_of(guess, name)) + (name.below is not None)


def _find_shifted(guess: Guess) -> set[str]:
    """The x of x_{i+j-1}, a vector as long as its furthest entry is; a matrix has two such places.

    Beside it x_i is an entry of the same one, for as many i as there are.
    """
    found: dict[str, list[Affine[str]]] = {}
    for name, ends in (
        (name, ends) for sides in guess.chains for side in sides for name, ends in _under_sums(side, {})
    ):
        if not 1 <= len(name.subs) <= 2 or name.base in guess.defined or len(running_of(guess, name)) != len(name.subs):
            continue
        if any(map(_goes_back, name.subs)) or {l for item in name.subs for l, _ in item.terms} & {*guess.steps}:
            continue
        key = key_of(guess, name)
        if any(item.single is None for item in name.subs) and (key in found or key not in guess.shapes):
            lengths = [_furthest(guess, item, ends) for item in name.subs]
            found[key] = [*map(_longer, found.get(key, lengths), lengths)]
            guess.stated[key], guess.shapes[key] = 0, TIMES.join(map(str, found[key]))
    return {*found}


def _run_through_shifted(guess: Guess, shifted: set[str]) -> None:
    """The l of an entry x_l, where no sum tells how far it runs: to the end of x, from where its places are counted."""
    from_zero = {key_of(guess, n) for n in names_of(guess) for item in n.subs if _counts_from_zero(guess, item)}
    for name in names_of(guess):
        letter, key = name.subs[0].single or "" if len(name.subs) == 1 else "", key_of(guess, name)
        if key in shifted and guess.indices.get(letter) in guess.open:
            guess.indices[letter] = guess.shapes[key]
            if key in from_zero:
                guess.from_zero.add(letter)


def _counts_from_zero(guess: Guess, item: Script) -> bool:
    """Whether all that a place is the sum of begins at 0: the t + k of t = 0..T-1 and k = 0..K-1."""
    return len(item.terms) > 1 and all(letter in guess.from_zero for letter, _ in item.terms)


def _under_sums(node: Node, ends: Mapping[str, Script]) -> Iterator[tuple[Name, Mapping[str, Script]]]:
    """The names of a tree, each with where the sums around it end."""
    if isinstance(node, Name):
        yield node, ends
    if isinstance(node, BigSum) and node.upper is not None:
        ends = {**ends, **dict.fromkeys(node.indices, node.upper)}
    for child in node.children:
        yield from _under_sums(child, ends)


def _goes_back(item: Script) -> bool:
    """Whether a place gets smaller with an index, or stands before the first one at its start."""
    return any(c < 0 for _, c in item.terms) or sum(c for _, c in item.terms) + item.constant < 1


def _furthest(guess: Guess, item: Script, ends: Mapping[str, Script]) -> Affine[str]:
    """How many places there are up to where all indices have run to their ends."""
    total: Affine[str] = Affine((), item.constant + _counts_from_zero(guess, item))
    for letter, times in item.terms:
        last = length(guess.indices[letter]) + -int(letter in guess.from_zero)
        for _ in range(times):
            total = total + ends.get(letter, last)
    return total


def _longer(one: Affine[str], other: Affine[str]) -> Affine[str]:
    """The longer of two lengths, the first where nobody can tell."""
    apart = (other + -one).number
    return other if apart is not None and apart > 0 else one


def _circle_number(guess: Guess) -> bool:
    """Whether 2π stands in the text: then π alone is the number, whatever π_k is."""
    products = (node for sides in guess.chains for side in sides for node in walk(side) if isinstance(node, Mul))
    return any(
        isinstance(first, Num) and second == Name(r"\pi")
        for node in products
        for first, second in pairwise(node.factors)
    )


def _entire(guess: Guess) -> set[str]:
    """The capitals that stand whole and with two indices, and never with one: P_{ic} is an entry of P for any i."""
    counts: dict[str, set[int]] = {}
    for name in names_of(guess):
        if guess.capitals and len(name.base) == 1 and name.base.isupper():
            counts.setdefault(key_of(guess, name), set()).add(len(running_of(guess, name)))
    return {key for key, found in counts.items() if found == {0, 2} or (found == {2} and key in guess.mirrored)}


def own_indices(guess: Guess, name: Name) -> list[Script]:
    """The indices that run through the entries of one value: neither objects nor steps are counted by them."""
    running = running_of(guess, name)
    stated, shape = guess.stated.get(key_of(guess, name)), guess.shapes.get(key_of(guess, name))
    if stated is not None and shape:
        # of x_j^{(n)} beside an x^{(n)} ∈ ℝ^d the n was there already
        running = sorted(running, key=lambda item: not counts_others(guess, item, shape))
        return [item for item in running[stated:] if not counts_others(guess, item, shape)]
    if key_of(guess, name) in guess.entire:
        return running
    items = _items(guess, running)
    if key_of(guess, name) in guess.families:
        return [item for item in items if item.single not in guess.families[key_of(guess, name)]]
    return items


def _items(guess: Guess, running: list[Script]) -> list[Script]:
    """The indices that count neither objects nor steps."""
    objects = {upper for letter, upper in guess.indices.items() if counts_objects(guess, letter, upper)}
    others = {*guess.steps, *(letter for letter, upper in guess.indices.items() if upper in objects)}
    return [item for item in running if not others & {letter for letter, _ in item.terms}]


def _families(guess: Guess) -> dict[str, frozenset[str]]:
    """The v_k that stand beside the v_{kj}, and never a v: vectors, one for each k.  The letters that say which one."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for name in names_of(guess):
        items = () if name.sups else tuple(item.single or "" for item in _items(guess, running_of(guess, name)))
        found.setdefault(key_of(guess, name), set()).add(items)
    return {
        key: frozenset(letter for items in written if len(items) == 1 for letter in items)
        for key, written in found.items()
        if {len(items) for items in written} == {1, 2} and key not in guess.stated and key not in guess.defined
    }


def counts_others(guess: Guess, item: Script, shape: str) -> bool:
    """The n of x^{(n)} beside an x ∈ ℝ^d, with n = 1..N: it counts objects."""
    upper = guess.indices.get(item.single or "", "")
    return counts_objects(guess, item.single or "", upper) and upper not in shape.split(TIMES)


def is_row_of_matrix(guess: Guess, name: Name) -> bool:
    """The W_j of a W that is multiplied by vectors, and the E_{w_t} of an E ∈ ℝ^{V x d}."""
    return key_of(guess, name) in guess.by_rows and (name.below is not None or len(own_indices(guess, name)) == 1)


def is_entry(guess: Guess, name: Name) -> bool:
    """The θ_j of a θ that is whole, and its θ_1."""
    lengths = guess.whole.get(key_of(guess, name))
    if lengths is None:
        return False
    return bool(own_indices(guess, name)) or (len(lengths) == 1 and has_counted_value(guess, name))
