"""Which subscripts of a text run: by sums, by steps, by entries beside their whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from symbolic.language.affine import Affine
from symbolic.marking.grammar.einstein import free_letters
from symbolic.marking.grammar.tree import (
    MEMBER,
    BigSum,
    Deriv,
    Dotted,
    Frac,
    Mul,
    Name,
    Node,
    Num,
    Script,
    bound_by,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_kinds import find_kinds, letters_alone
from symbolic.marking.model.guessed_words import TIMES, Guess, definitions_of, formals_of, length, names_in, names_of
from symbolic.marking.model.worked_numbers import is_value

_INDICES = tuple("ijklmnrst")


def find_indices(guess: Guess, labels: bool = False) -> None:
    """Letters under Σ, and single letters that stand as subscripts of names with a range known from a Σ.

    ``labels``: what might be one of the values of an index, the o of u_o, is a label instead.
    """
    for sides in guess.chains:
        for side in sides:
            for node in walk(side):
                if isinstance(node, BigSum):
                    upper = node.upper.single if node.upper is not None else None
                    _find_bounds(guess, node)
                    for letter in node.indices:
                        if upper or letter not in guess.indices:
                            guess.indices[letter] = upper or guess.indices.get(letter, "")
                    _find_sets(guess, node)
                elif isinstance(node, Dotted):
                    for run in filter(None, (node.down, node.across)):
                        guess.indices.setdefault(run.letter, (run.upper.single if run.upper is not None else "") or "")
    _of_deltas(guess)
    _find_twofold(guess)
    find_kinds(guess)
    _in_the_same_place(guess)
    _steps(guess)
    _subscripts_of_entries(guess)
    _in_the_same_place(guess)
    _written_bounds(guess)
    for letter, upper in guess.indices.items():
        if not upper:
            _alike(
                guess,
                letter,
                (_count_of_all(guess) if letter == "i" else _own_capital(guess, letter)) or _fresh_upper(guess),
            )
    _set_by_entries(guess)
    _classes(guess)
    if labels:
        guess.labels, guess.classes = {**guess.classes}, {}
        for letter in guess.labels:
            del guess.indices[letter]
    guess.counted = {
        place
        for place, letters in places_of(guess).items()
        if any(letter in guess.indices and letter not in guess.steps for letter in letters)
    }


def _find_bounds(guess: Guess, node: BigSum) -> None:
    r"""What a sum runs to from 1 that is no letter: the 3 of ``\sum_{k=1}^3``, the n - m + 1 of a convolution."""
    if node.upper is None or node.lower != Affine((), 1) or node.upper.single is not None:
        return
    if node.upper.number is not None or len(node.upper.terms) > 1:
        for letter in node.indices:
            guess.bounds.setdefault(letter, []).append(node.upper)


def _written_bounds(guess: Guess) -> None:
    """Such a bound is the range where no letter is; of several numbers the largest."""
    for letter in [letter for letter, upper in guess.indices.items() if not upper and letter in guess.bounds]:
        alike = _alike_letters(guess, letter)
        bounds = [bound for other in sorted(alike) for bound in guess.bounds.get(other, ())]
        if not guess.indices[letter]:
            _alike(guess, letter, str(max(bounds, key=lambda bound: bound.number or 0)))


def _alike_letters(guess: Guess, letter: str) -> set[str]:
    """The letters that stand at its places, or at theirs."""
    found, places = {letter}, [{*letters} for letters in places_of(guess).values()]
    while more := set().union(*(letters for letters in places if letters & found)) - found:
        found |= more
    return found


def _set_by_entries(guess: Guess) -> None:
    """``y = (0, 0, 1)^T`` beside y_k with k = 1..3: the values of a vector of the model, and no definition."""
    for name, body in list(definitions_of(guess)):
        if not name.bare or not is_value(body):
            continue
        count = sum(isinstance(part, Num) for part in walk(body))
        entries = [n for n in names_of(guess) if n.base == name.base and len(n.subs) == 1 and not n.sups]
        if count > 1 and any(guess.indices.get(n.subs[0].single or "") == str(count) for n in entries):
            del guess.defined[name.base]


def _find_sets(guess: Guess, node: BigSum) -> None:
    """The sets that a sum runs over; what is in them, and whose they are, R_u, are indices."""
    for condition in node.conditions:
        if condition.sign == MEMBER and isinstance(condition.left, Name):
            guess.sets.setdefault(condition.left.base, condition.left)
            for item in condition.left.subs:
                if item.single and len(item.single) == 1:
                    guess.indices.setdefault(item.single, "")


def _classes(guess: Guess) -> None:
    r"""A letter that no Σ runs over and that only the right side of a definition has: the c of ``L = -\ln y_c``."""
    if guess.sums_repeated:
        return
    bound = {letter for sides in guess.chains for side in sides for node in walk(side) for letter in bound_by(node)}
    for name, body in definitions_of(guess):
        own = {item.single for item in (*name.subs, *name.sups)}
        free = free_letters(body, guess.indices.__contains__)
        for letter in sorted(free.keys() - own - bound):
            if not counts_objects(guess, letter, guess.indices[letter]) and letter not in guess.steps:
                guess.classes[letter] = None


def _count_of_all(guess: Guess) -> str:
    """The n of ``Σ_i a_i / n``, which nothing else says anything of: the number of what i counts."""
    taken = {*guess.indices, *guess.indices.values(), *guess.defined}
    alone = [u for u in ("N", "n") if u not in taken and any(name == Name(u) for name in names_of(guess))]
    return alone[0] if alone else ""


def _own_capital(guess: Guess, letter: str) -> str:
    r"""The K of ``\varepsilon / K`` beside a q_k of which no sum tells how far k runs: a number that divides."""
    capital = letter.upper()
    if capital == letter or capital in {*guess.indices, *guess.indices.values(), *guess.defined, *guess.functions}:
        return ""
    divides = any(
        isinstance(node, Frac) and Name(capital) == node.denominator
        for sides in guess.chains
        for side in sides
        for node in walk(side)
    )
    alone = all(name.bare for name in names_of(guess) if name.base == capital)
    return capital if divides and alone else ""


def _fresh_upper(guess: Guess) -> str:
    """A letter for a range that no sum tells."""
    taken = {*guess.indices.values(), *guess.defined, *guess.sets, *(name.base for name in names_of(guess))}
    taken |= guess.lengths_said
    fresh = next((u for u in ("K", "M", "J", "P", "Q", "S") if u not in taken), "K")
    guess.open.add(fresh)
    return fresh


def _of_deltas(guess: Guess) -> None:
    """The letters of Kronecker's delta are indices."""
    for name in names_of(guess):
        if name.base == r"\delta" and len(name.subs) == 2 and r"\delta" not in guess.defined:
            for item in name.subs:
                if item.single:
                    guess.indices.setdefault(item.single, "")


def places_of(guess: Guess) -> dict[str, dict[str, None]]:
    """The single letters that stand at each place of each name: z_i and z_k share one."""
    found: dict[str, dict[str, None]] = {}
    names = [*names_of(guess), *guess.sets.values()]
    pairs = {(kind_of(guess, name), *(item.single for item in name.subs)) for name in names if len(name.subs) == 2}
    second = {(kind, letter) for kind, _, letter in pairs} - {(kind, letter) for kind, letter, _ in pairs}
    for name in names:
        for side, items in (("_", name.subs), ("^", name.sups)):
            for place, item in enumerate(items):
                letter, kind = item.single or "", kind_of(guess, name)
                if len(letter) == 1 and letter.islower():
                    alone = side == "_" and len(items) == 1 and (kind, letter) in second  # x_j of an x_{ij}, without i
                    found.setdefault(f"{kind}{side}{1 if alone else place}", {})[letter] = None
    return found


def kind_of(guess: Guess, name: Name) -> str:
    """Its letter, and where that has weights of two kinds of units, w_{kj} and w_{ji}, which of them it means."""
    if name.base not in guess.twofold or len(name.subs) < 2:
        return name.base
    return name.base + "".join(item.single if item.single in guess.apart else "," for item in name.subs)


def _find_twofold(guess: Guess) -> None:
    """Of pairs (u, i) ∈ R whose letters have names of their own, p_u and q_i, the b of b_u and b_i is two quantities.

    Neighbours in the alphabet count the same things, and would share their names: f_i and f_j of an edge.
    """
    takers = letters_alone(guess)
    for members in (name.subs for name in guess.sets.values() if len(name.subs) == 2):
        first, second = (item.single or "" for item in members)
        shared = {base for base, letters in takers.items() if {first, second} <= letters}
        own = all(
            any(one in letters and base not in shared for base, letters in takers.items()) for one in (first, second)
        )
        if len(first) == len(second) == 1 and abs(ord(first) - ord(second)) > 1 and own:
            guess.apart, guess.twofold = guess.apart | {first, second}, guess.twofold | shared


def groups_of(guess: Guess) -> list[list[str]]:
    """The letters at each place that count the same things."""
    groups: list[list[str]] = []
    for letters in places_of(guess).values():
        shared = [letter for letter in letters if letter not in guess.apart]
        split = len(letters) - len(shared) > 1
        groups += [shared, *([letter] for letter in letters if letter in guess.apart)] if split else [[*letters]]
    return groups


def _in_the_same_place(guess: Guess) -> None:
    """A letter at a place where an index stands is an index, and of the same range where none is known of it."""
    groups = groups_of(guess)
    changed = True
    while changed:
        changed = False
        for letters in groups:
            known = [letter for letter in letters if letter in guess.indices]
            upper = next((guess.indices[letter] for letter in known if guess.indices[letter]), "")
            for letter in letters if known else ():
                if letter not in guess.indices or (upper and not guess.indices[letter]):
                    guess.indices[letter] = upper
                    changed = True


def _alike(guess: Guess, letter: str, upper: str) -> None:
    """A range for a letter, and for those that stand at its places and have none."""
    guess.indices[letter] = upper
    for letters in groups_of(guess):
        if letter in letters:
            for other in letters:
                if other in guess.indices and not guess.indices[other]:
                    _alike(guess, other, upper)


def _steps(guess: Guess) -> None:
    """A letter of which a name and its neighbour are known, h_t and h_{t-1}, counts steps; above, a^{(l-1)}, layers."""
    guess.one_step = guess.one_step or is_single_step(guess)
    for name in names_of(guess) if not guess.one_step else ():
        for items, word, upper in ((name.subs, "steps", "T"), (name.sups, "layers", "L")):
            for item in items:
                letter = item.terms[0][0] if len(item.terms) == 1 else ""
                if item.constant == -1 and len(letter) == 1 and letter.islower() and name.base in guess.defined:
                    guess.steps[letter] = word
                    guess.stepped.add(name.base)
                    guess.indices[letter] = guess.indices.get(letter) or guess.ranges.get(letter) or upper
    layers = {letter for letter, word in guess.steps.items() if word == "layers"}
    guess.stepped |= {name.base for name in names_of(guess) if any(item.single in layers for item in name.sups)}


def is_single_step(guess: Guess) -> bool:
    r"""Whether a value that belongs to no step is made of one step: the L of ``L = \frac12 \|h_t\|^2`` beside c_{t-1}.

    Then t is any one moment and nothing goes on: no sum runs over it, and no line says a step by its number, h_0 or
    h_T, by another letter or further off than the one before.  A derivative by what all steps share, W, might mean
    all of them.
    """
    names = list(names_of(guess))
    before = {item.terms[0][0] for n in names for item in n.subs if len(item.terms) == 1 and item.constant == -1}
    if len(before) != 1 or before & {*guess.indices, *guess.ranges}:
        return False
    (moment,) = before
    now, last = Affine(((moment, 1),), 0), Affine(((moment, 1),), -1)
    timed = {(n.base, place) for n in names for place, item in enumerate(n.subs) if item in (now, last)}
    if any(item not in (now, last) for n in names for place, item in enumerate(n.subs) if (n.base, place) in timed):
        return False
    by = (n.by for sides in guess.chains for side in sides for n in walk(side) if isinstance(n, Deriv))
    if any(not any(item in (now, last) for n in names_in(guess, [one]) for item in n.subs) for one in by):
        return False
    return any(
        not any(item in (now, last) for item in name.subs)
        and free_letters(body, moment.__eq__).get(moment)
        and not formals_of([name, body])
        for name, body in definitions_of(guess)
    )


def _subscripts_of_entries(guess: Guess) -> None:
    """A letter of indices that one name has and has not, w_j beside w, x_{ij} beside x_i, runs through entries.

    So does one that stands beside another where the matrix stands whole too: the i and the j of W_{ij} beside W.
    """
    scripts = {(name.base, name.subs) for name in names_of(guess) if not name.sups}
    for base, subs in sorted(scripts, key=str):
        letter = subs[-1].single if subs else None
        if letter and letter in _INDICES and letter not in guess.indices and (base, subs[:-1]) in scripts:
            guess.indices[letter] = ""
    for base, subs in sorted(scripts, key=str):
        letters = [item.single or "" for item in subs]
        beside = any(letter in guess.indices for letter in letters) or ({*letters} <= {*_INDICES} and base.isupper())
        if len({*letters}) == len(subs) == 2 and (base, ()) in scripts and beside:
            for letter in letters:
                if letter in _INDICES:
                    guess.indices.setdefault(letter, "")


def is_index(guess: Guess, item: Script) -> bool:
    """Whether it runs, as k, or t - 1; else it is a label."""
    return bool(item.terms) and all(letter in guess.indices for letter, _ in item.terms)


def key_of(guess: Guess, name: Name) -> str:
    """The quantity of a name: its labels belong to it, its indices do not, unless they tell two apart."""

    def labels(items: tuple[Script, ...], side: str) -> tuple[Script, ...]:
        return tuple(
            item
            for place, item in enumerate(items)
            if is_kind(guess, name, item)
            or (
                not is_index(guess, item)
                and not is_step(guess, name, item)
                and not is_value_counted(guess, name, f"{side}{place}", item)
            )
        )

    primes = name.primes if is_primed(guess, name) else 0
    return typeset(Name(name.base, labels(name.subs, "_"), labels(name.sups, "^"), primes))


def is_primed(guess: Guess, name: Name) -> bool:
    """Whether a prime is part of a name, x' beside x, and no slope: of neither there is a formula."""
    return bool(name.primes) and name.base not in guess.functions and name.base not in guess.defined


def is_kind(guess: Guess, name: Name, item: Script) -> bool:
    """Whether an index says which quantity of two its name means: the u of b_u beside b_i."""
    return name.base in guess.twofold and item.single in guess.apart


def is_one_value(guess: Guess, item: Script) -> bool:
    """Whether it is one of the values of an index: the 1 and the K of w_1, …, w_K."""
    return bool(item.number) or item.single in {upper for upper in guess.indices.values() if upper}


def is_value_counted(guess: Guess, name: Name, place: str, item: Script) -> bool:
    """Whether it is such a value where an index of the name runs: the 1 of u_1 beside u_k, not that of A^{(1)}."""
    return is_one_value(guess, item) and f"{kind_of(guess, name)}{place}" in guess.counted


def is_step(guess: Guess, name: Name, item: Script) -> bool:
    """Whether it names a step of what has a value at each: the 0 of h^{(0)}, the L of a^{(L)}."""
    last = {guess.indices[letter] for letter in guess.steps}
    return name.base in guess.stepped and (not item.terms or item.single in last)


def find_entries(guess: Guess) -> None:
    """What stands in the text as a whole and with indices of its own is a vector or a matrix, and those its entries."""
    alone, indexed = set(), dict[str, tuple[str, ...]]()
    guess.entire = _entire(guess)
    shifted = _find_shifted(guess)
    for name, formals in ((name, formals_of(sides)) for sides in guess.chains for name in names_in(guess, sides)):
        key, own = key_of(guess, name), own_indices(guess, name)
        if not own:
            below = (is_value_counted(guess, name, f"_{place}", item) for place, item in enumerate(name.subs))
            above = (is_value_counted(guess, name, f"^{place}", item) for place, item in enumerate(name.sups))
            if not any((*below, *above)):  # u_1 and u_K are not u
                alone |= {key} - formals
        elif len(own) >= len(indexed.get(key, ())):
            indexed[key] = tuple(guess.indices.get(item.single or "", "") for item in own)
    # x ∈ ℝ^d in words, and x_i with i = 1..d
    alone |= {key for key, uppers in indexed.items() if guess.stated.get(key) == 0 and guess.shapes.get(key) in uppers}
    rows = guess.by_rows = _matrices_by_rows(guess) & indexed.keys()
    guess.whole = {
        key: uppers
        for key, uppers in indexed.items()
        if key in alone and all(uppers) and len(uppers) <= 2 and not (len(uppers) == 1 and key in rows)
    }
    guess.whole |= {key: tuple(guess.shapes[key].split(TIMES)) for key in shifted}
    if _circle_number(guess):
        guess.whole.pop(r"\pi", None)
    guess.ranks |= {key: len(uppers) for key, uppers in guess.whole.items()}


def _matrices_by_rows(guess: Guess) -> set[str]:
    """The W of W v, a capital before what it is multiplied by: a W_j beside it is a row."""
    products = (node for sides in guess.chains for side in sides for node in walk(side) if isinstance(node, Mul))
    return {
        key_of(guess, first)
        for node in products
        for first, second in pairwise(node.factors)
        if guess.capitals and isinstance(first, Name) and isinstance(second, Name)
        if first.bare and len(first.base) == 1 and first.base.isupper() and second.bare and second.base.islower()
    }


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
    """The place where all indices have run to their ends."""
    total: Affine[str] = Affine((), item.constant)
    for letter, times in item.terms:
        for _ in range(times):
            total = total + ends.get(letter, length(guess.indices[letter]))
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
    return {key for key, found in counts.items() if found == {0, 2}}


def own_indices(guess: Guess, name: Name) -> list[Script]:
    """The indices that run through the entries of one value: neither objects nor steps are counted by them."""
    running = running_of(guess, name)
    stated = guess.stated.get(key_of(guess, name))
    if stated is not None and guess.shapes.get(key_of(guess, name)):
        return running[stated:]
    if key_of(guess, name) in guess.entire:
        return running
    objects = {upper for letter, upper in guess.indices.items() if counts_objects(guess, letter, upper)}
    others = {*guess.steps, *(letter for letter, upper in guess.indices.items() if upper in objects)}
    return [item for item in running if not others & {letter for letter, _ in item.terms}]


def running_of(guess: Guess, name: Name) -> list[Script]:
    """The scripts of a name that are indices, in their order."""
    return [item for item in (*name.subs, *name.sups) if is_index(guess, item)]


def is_row_of_matrix(guess: Guess, name: Name) -> bool:
    """The W_j of a W that is multiplied by vectors."""
    return key_of(guess, name) in guess.by_rows and len(own_indices(guess, name)) == 1


def is_entry(guess: Guess, name: Name) -> bool:
    return key_of(guess, name) in guess.whole and bool(own_indices(guess, name))


def counts_objects(guess: Guess, letter: str, upper: str) -> bool:
    return guess.objects and upper in ("N", "m", "n", r"\ell", "l") and letter in ("i", "n")
