"""Which subscripts of a text run: by sums, by steps, by entries beside their whole."""

from __future__ import annotations

from collections.abc import Iterator

from symbolic.language.affine import Affine
from symbolic.marking.grammar.einstein import free_letters
from symbolic.marking.grammar.tree import (
    MEMBER,
    BigSum,
    Call,
    Dotted,
    Frac,
    Matrix,
    Mul,
    Name,
    Node,
    Num,
    Relation,
    Script,
    Transpose,
    bound_by,
    logarithm_of,
    walk,
)
from symbolic.marking.model.guessed_keys import counts_objects
from symbolic.marking.model.guessed_kinds import find_kinds
from symbolic.marking.model.guessed_places import alike_letters, find_twofold, give_range, in_the_same_place, places_of
from symbolic.marking.model.guessed_steps import find_steps
from symbolic.marking.model.guessed_text import TIMES, Guess, definitions_of, length, names_of
from symbolic.marking.model.worked_numbers import is_value

_INDICES = (*"ijklmnrst", r"\ell")
FROM_ZERO: Script = Affine((), 0)


def find_indices(guess: Guess, labels: bool = False) -> None:
    """Letters under Σ, and single letters that stand as subscripts of names with a range known from a Σ.

    ``labels``: what might be one of the values of an index, the o of u_o, is a label instead.
    """
    # Σ_v over all values of a vector v, of which entries v_i stand too
    vectors = {name.base + "'" * name.primes for name in names_of(guess) if name.subs}
    for sides in guess.chains:
        for side in sides:
            for node in walk(side):
                if isinstance(node, BigSum):
                    upper = _length_of(node)
                    _find_bounds(guess, node)
                    for letter in (letter for letter in node.indices if letter not in vectors):
                        if node.lower == FROM_ZERO:
                            guess.from_zero.add(letter)
                        part = letter in guess.from_zero and node.lower != FROM_ZERO  # j = 1..N of a j = 0..N
                        if letter not in guess.indices or (upper and not (part and guess.indices[letter])):
                            guess.indices[letter] = upper or guess.indices.get(letter) or _range_in_words(guess, letter)
                    _find_sets(guess, node)
                elif isinstance(node, Dotted):
                    for run in filter(None, (node.down, node.across)):
                        guess.indices.setdefault(run.letter, (run.upper.single if run.upper is not None else "") or "")
    _of_ranges_said(guess)
    _of_repeated(guess)
    _take_whole_sets(guess)
    _of_deltas(guess)
    find_twofold(guess)
    find_kinds(guess)
    in_the_same_place(guess)
    find_steps(guess)
    _subscripts_of_entries(guess)
    in_the_same_place(guess)
    _written_bounds(guess)
    _parts_of_ranges(guess)
    for letter, upper in guess.indices.items():
        if not upper:
            give_range(
                guess,
                letter,
                (_count_of_all(guess) if letter == "i" else _own_capital(guess, letter)) or _fresh_upper(guess),
            )
    _set_by_entries(guess)
    _counts_of_values(guess)
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


def _range_in_words(guess: Guess, letter: str) -> str:
    """The N of ``n = 1..N``, or of ``x_1, …, x_N``, said beside a sum without bounds."""
    if guess.firsts.get(letter) == 1:
        return guess.ranges.get(letter, "")
    below = ((name.base, [item.single for item in name.subs]) for name in names_of(guess) if not name.sups)
    listed = (base for base, letters in below if letters == [letter])
    return next((guess.counts[base] for base in listed if base in guess.counts), "")


def _length_of(node: BigSum) -> str | None:
    """How many values a sum has, by its letter: the K of k = 1..K and of k = 0..K-1, and the n + 1 of k = 0..n."""
    if node.upper is None:
        return None
    if node.lower != FROM_ZERO:
        return node.upper.single
    return str(node.upper + 1) if node.upper.single else (node.upper + 1).single


def _find_bounds(guess: Guess, node: BigSum) -> None:
    r"""How many values a sum has that no letter says: the 3 of ``\sum_{k=1}^3``, the n - m + 1 of a convolution."""
    if node.upper is None or node.lower not in (Affine((), 1), FROM_ZERO) or _length_of(node) is not None:
        return
    count = node.upper + 1 if node.lower == FROM_ZERO else node.upper
    if count.number is not None or len(count.terms) > 1:
        for letter in node.indices:
            guess.bounds.setdefault(letter, []).append(count)


def _parts_of_ranges(guess: Guess) -> None:
    """The i = 1..N at places where j = 0..N stands too runs through a part of the same range."""
    for letter in sorted(guess.from_zero & {*guess.indices}):
        whole = guess.indices[letter]
        for other in sorted(alike_letters(guess, letter) & {*guess.indices}) if whole else ():
            if str(length(guess.indices[other]) + 1) == whole:
                guess.indices[other] = whole
                guess.from_zero.add(other)


def _written_bounds(guess: Guess) -> None:
    """Such a bound is the range where no letter is; of several numbers the largest."""
    for letter in [letter for letter, upper in guess.indices.items() if not upper and letter in guess.bounds]:
        alike = alike_letters(guess, letter)
        bounds = [bound for other in sorted(alike) for bound in guess.bounds.get(other, ())]
        if not guess.indices[letter]:
            give_range(guess, letter, str(max(bounds, key=lambda bound: bound.number or 0)))


def _set_by_entries(guess: Guess) -> None:
    """``y = (0, 0, 1)^T`` beside y_k with k = 1..3: the values of a vector of the model, and no definition."""
    for name, body in list(definitions_of(guess)):
        if name.bare and (count := own_entries(name, body)) and name.base in guess.defined:
            guess.shapes[name.base], guess.stated[name.base] = str(count), 0
            guess.defined.pop(name.base, None)
            continue
        if not name.bare or not is_value(body):
            continue
        count = sum(isinstance(part, Num) for part in walk(body))
        entries = [n for n in names_of(guess) if n.base == name.base and len(n.subs) == 1 and not n.sups]
        uppers = {guess.indices.get(n.subs[0].single or "") for n in entries}
        told = next(iter(uppers & guess.open), None) if count > 1 else None
        if told is not None:  # z = (1, 2, 3) beside z_k: k runs to 3
            guess.indices = {letter: str(count) if upper == told else upper for letter, upper in guess.indices.items()}
        if count > 1 and (told is not None or str(count) in uppers):
            guess.defined.pop(name.base, None)
        elif isinstance(body, Matrix) and not guess.shapes.get(name.base) and has_numbered_entries(guess, name.base):
            rows = len(body.entries) // body.width
            guess.shapes[name.base] = str(rows) if body.width == 1 else f"{rows}{TIMES}{body.width}"
            guess.stated[name.base] = 0
            guess.defined.pop(name.base, None)


def _counts_of_values(guess: Guess) -> None:
    """The 3 of ``x_1 = 1, x_2 = 2, x_3 = 4`` beside an x_i of which nothing tells how far i runs."""
    given: dict[str, set[int]] = {}
    for sides in guess.chains:
        match sides:
            case [Name(base=base, subs=(item,), sups=()), body] if item.number is not None and is_value(body):
                given.setdefault(base, set()).add(item.number)
    for name in names_of(guess):
        numbers = given.get(name.base, set())
        upper = guess.indices.get(name.subs[0].single or "") if len(name.subs) == 1 and not name.sups else None
        if upper in guess.open and len(numbers) > 1 and numbers == {*range(1, len(numbers) + 1)}:
            count = str(len(numbers))
            guess.indices = {letter: count if old == upper else old for letter, old in guess.indices.items()}


def own_entries(name: Name, body: Node) -> int:
    """How many entries ``x = (x_1, x_2, x_3)^T`` lists, all of them; 0 where that is not what it says."""
    inside = body.argument if isinstance(body, Transpose) else body
    entries = inside.entries if isinstance(inside, Matrix) and len(inside.entries) > 1 else ()
    wanted = [Name(name.base, (Affine((), k),)) for k in range(1, len(entries) + 1)]
    return len(entries) if [*entries] == wanted else 0


def has_numbered_entries(guess: Guess, base: str) -> bool:
    """Whether entries of it stand in the text by their numbers, x_1, V_{12}: then the model is made of it."""
    named = (name for name in names_of(guess) if name.base == base and name.subs)
    return any(all(item.number is not None for item in name.subs) for name in named)


def _find_sets(guess: Guess, node: BigSum) -> None:
    """The sets that a sum runs over; what is in them, and whose they are, R_u, are indices."""
    for condition in node.conditions:
        if condition.sign == MEMBER and isinstance(condition.left, Name):
            guess.sets.setdefault(condition.left.base, condition.left)
            for item in condition.left.subs:
                if item.single and len(item.single) == 1:
                    guess.indices.setdefault(item.single, "")


def _take_whole_sets(guess: Guess) -> None:
    """The V of Σ_{w ∈ V} is how many there are, where every sum over a w is one over V and no set has another index."""
    sums = [n for sides in guess.chains for side in sides for n in walk(side) if isinstance(n, BigSum)]
    for base in [base for base, name in guess.sets.items() if len(name.subs) == 1]:
        over = [node for node in sums if any(is_in(condition, base) for condition in node.conditions)]
        letters = {letter for node in over for letter in node.indices}
        whole = all(node in over and len(node.conditions) == 1 for node in sums if letters & {*node.indices})
        if whole and base.isupper() and base not in guess.defined:
            del guess.sets[base]
            guess.indices |= dict.fromkeys(letters, base)


def is_in(condition: Relation, base: str) -> bool:
    return condition.sign == MEMBER and isinstance(condition.left, Name) and condition.left.base == base


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


def _of_ranges_said(guess: Guess) -> None:
    """The m of ``Z_m = σ(α_m^T X), m = 1, …, M``, though no sum runs over it."""
    below = {item.single for name in names_of(guess) for item in name.subs if not name.sups}
    for letter, upper in guess.ranges.items():
        if letter in below and guess.firsts.get(letter) == 1 and len(upper) == 1 and upper.isalpha():
            guess.indices.setdefault(letter, upper)


def _of_repeated(guess: Guess) -> None:
    """The letters that stand twice in a product, where a text says that these are summed over."""
    products = (node for sides in guess.chains for side in sides for node in walk(side) if isinstance(node, Mul))
    for product in products if guess.sums_repeated else ():
        for letter, count in free_letters(product, lambda letter: len(letter) == 1 and letter.islower()).items():
            if count == 2:
                guess.indices.setdefault(letter, "")


def _of_deltas(guess: Guess) -> None:
    """The letters of Kronecker's delta are indices."""
    for name in names_of(guess):
        if name.base == r"\delta" and len(name.subs) == 2 and r"\delta" not in guess.defined:
            for item in name.subs:
                if item.single:
                    guess.indices.setdefault(item.single, "")


def _picked_of_whole(guess: Guess) -> Iterator[tuple[str, str]]:
    r"""The p and the w of ``-\log p_w`` where w is nothing else: the entry of one class."""
    names = {name.base for name in names_of(guess)}
    for node in (node for sides in guess.chains for side in sides for node in walk(side)):
        of = logarithm_of(node)
        letter = of.subs[0].single if isinstance(of, Name) and len(of.subs) == 1 and not of.sups else None
        if isinstance(of, Name) and letter and len(letter) == 1 and letter not in names:
            yield of.base, letter


def _subscripts_of_entries(guess: Guess) -> None:
    """A letter of indices that one name has and has not, w_j beside w, x_{ij} beside x_i, runs through entries.

    So does one that stands beside another where the matrix stands whole too: the i and the j of W_{ij} beside W, and
    those of w^l_{jk} beside w^l.
    """
    called = {sides[0].function for sides in guess.chains if isinstance(sides[0], Call)}  # D(x), no D beside D_r
    scripts = {
        (name.base, name.subs)
        for name in names_of(guess)
        if (not name.sups or name.base in guess.stepped) and not (name.bare and name in called)
    }
    for base, subs in sorted(scripts, key=str):
        letter = subs[-1].single if subs else None
        if letter and letter in _INDICES and letter not in guess.indices and (base, subs[:-1]) in scripts:
            guess.indices[letter] = ""
    for name in names_of(guess):  # the l of w_{l-i+1}
        for letters in ([letter for letter, _ in item.terms] for item in name.subs):
            if len(letters) > 1 and {*letters} & {*guess.indices} and {*letters} <= {*_INDICES, *guess.indices}:
                guess.indices |= dict.fromkeys({*letters} - {*guess.indices}, "")
    for base, letter in _picked_of_whole(guess):
        if (base, ()) in scripts and letter not in guess.indices:
            guess.indices[letter] = ""
    called_by_name = {name.base for name in names_of(guess)}  # of W_{xh} both are, of A_{jd} none
    for base, subs in sorted(scripts, key=str):
        letters = [item.single or "" for item in subs]
        beside = any(letter in guess.indices for letter in letters) or (
            {*letters} <= {*_INDICES} and (base.isupper() or base in guess.stepped)
        )
        if len({*letters}) == len(subs) == 2 and (base, ()) in scripts and beside:
            for letter in letters:
                if letter in _INDICES or (len(letter) == 1 and letter.islower() and letter not in called_by_name):
                    guess.indices.setdefault(letter, "")
