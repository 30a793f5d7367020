"""The sides of a chain as they are read: what they leave open may be said further on, or on another side."""

from __future__ import annotations

import re
from itertools import pairwise

from symbolic.fuel import spend
from symbolic.language.affine import subscript
from symbolic.language.terms import delta
from symbolic.marking.grammar.tree import (
    Call,
    Name,
    Undeclared,
    walk,
)
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned, parse_side, read_side
from symbolic.marking.meaning.value import Value, fresh_axis
from symbolic.marking.model.premises import DEFINITIONS_AHEAD, Premises
from symbolic.marking.model.rates import names_rate
from symbolic.marking.model.text_definitions import (
    called_undeclared,
    define_name,
    inside_logarithm,
    local_definition,
)
from symbolic.marking.model.unknown_functions import unknown_function
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.marking.text.token_kinds import is_letter

#: Before what says what a name of the line before it is.
#: The steps that a look at a later chain counts for.
A_LOOK = 40
_EXPLAINING = re.compile(r"\b(?:where|with|here|for|где|здесь|при)\W*$", re.IGNORECASE)


def read_sides(premises: Premises, chain: Chain, number: int, law: bool = False) -> list[Read]:
    """All sides of a chain; what they leave open may be said further on, or on another side.

    A law that is recalled is about any letters: nothing is made up for them.
    """
    premises.adopted, premises.freed = {}, frozenset()
    reads = sides_read(premises, chain, number, law)
    freed = letters_of_other_ranges(reads)
    if freed:  # W_{kj} x_j behind lines in which j counts classes
        premises.adopted, premises.freed = {}, freed
        others = sides_read(premises, chain, number, law)
        if all(read.meanings or read.blank for read in others) and of_one_range(others, freed):
            return others
        premises.adopted, premises.freed = {}, frozenset()
        reads = sides_read(premises, chain, number, law)
    return reads


def of_one_range(reads: list[Read], letters: frozenset[str]) -> bool:
    """Whether all sides tell the same range of such a letter."""
    told = {(letter, i.index.extent) for read in reads for m in read.meanings[:1] for letter, i in m.adopted}
    return all(sum(letter == other for other, _ in told) == 1 for letter in letters)


def letters_of_other_ranges(reads: list[Read]) -> frozenset[str]:
    """The letters of the names that were refused as their index has another range than their place."""
    return frozenset(
        letter
        for read in reads
        if isinstance(read.problem, ShapeError) and read.problem.kind == "index" and read.node is not None
        for part in walk(read.node)
        if isinstance(part, Name) and part.span == read.problem.span
        for item in (*part.subs, *part.sups)
        for letter, _ in item.terms
    )


def sides_read(premises: Premises, chain: Chain, number: int, law: bool) -> list[Read]:
    """All sides, with what is said further on, and with indices that only one side tells."""
    reads = [read_side(side, premises.known) for side in chain.sides]
    for _ in range(DEFINITIONS_AHEAD):
        missing = [r.problem.name for r in reads if isinstance(r.problem, Undeclared)]
        if not any(explained(premises, chain, n, number, law) for n in missing):
            break
        reads = [read_side(side, premises.known) for side in chain.sides]
    meanings = [m for read in reads for m in read.meanings[:1]]
    found = dict(pair for meaning in meanings for pair in meaning.adopted)
    if all(found[letter].index == index.index for m in meanings for letter, index in m.adopted):
        premises.adopted = {letter: index for letter, index in found.items() if letter not in premises.known.indices}
    if premises.adopted:  # the k of δ_{jk} is an index because of the ∂w_k on the other side
        unread = [read.problem is not None and not read.meanings for read in reads]
        reads = [
            read_side(side, premises.known) if again else read
            for side, read, again in zip(chain.sides, reads, unread, strict=True)
        ]
    return reads


def explained(premises: Premises, chain: Chain, name: Name, number: int, law: bool) -> bool:
    """Whether a name that nobody declared has a meaning from here on."""
    if not is_named_at_the_end(premises, chain, name, number) and look_ahead(premises, name, number):
        return True
    return not law and (names_unknown(premises, name) or names_rate(premises, name, chain))


def is_named_at_the_end(premises: Premises, chain: Chain, name: Name, number: int) -> bool:
    r"""``∂g/∂z_i = e^{z_i}/Σ_k e^{z_k} = s_i``: a name is given, though another s comes later."""
    last, *_ = [token.text for token in chain.sides[-1].tokens] or [""]
    if len(chain.sides) < 3 or last != name.base or is_spoken_of_before_the_end(chain, name):
        return False
    chains = premises.document.chains
    later = [other for other in chains[number:] if [t.text for t in other.sides[0].tokens][:1] == [name.base]]
    known = {token.text for other in chains[:number] for token in chain_tokens(other)}
    for other in later[:1]:
        new = {token.text for side in other.sides[1:] for token in side.tokens if is_letter(token)} - known
        explains = _EXPLAINING.search(premises.document.before(other.sides[0].span))
        return any(len(letter) == 1 for letter in new) and explains is None
    return False


def is_spoken_of_before_the_end(chain: Chain, name: Name) -> bool:
    return any(token.text == name.base for side in chain.sides[:-1] for token in side.tokens)


def names_unknown(premises: Premises, name: Name) -> bool:
    """Whether the text differentiates a name that nothing is said of: it is then any function from here on."""
    value = unknown_function(premises.document, premises.known, name) or unit_vector(premises, name)
    if value is not None:
        define_name(premises, name, value)
    return value is not None and bool(premises.known.with_base(name.base))


def unit_vector(premises: Premises, name: Name) -> Value | None:
    """The e_k that nobody has named otherwise, where the model has such: 1 in its k-th entry, as long as k runs."""
    known = premises.known
    if not known.unit_vectors or known.with_base("e") or name.base != "e" or len(name.subs) != 1 or name.sups:
        return None
    found = premises.known.indices.get(name.subs[0].single or "")
    if found is None:
        return None
    row = fresh_axis(found.index.extent)
    return Value(delta(subscript(found.index), subscript(row)), (row,))


def choose_variation(premises: Premises, chain: Chain, number: int) -> None:
    """What varies in a chain: where several choices are open, the first under which all of it is true."""
    premises.look_again_what_varies()
    found = premises.variations.of(number)
    premises.varied = found[0] if found else None
    for varied in found if len(found) > 1 else ():
        premises.varied = varied
        reads = read_sides(premises, chain, number)
        if all(
            any(agree(premises, a, b) for a in left.meanings for b in right.meanings) for left, right in pairwise(reads)
        ):
            return
    premises.varied = found[0] if found else None


def agree(premises: Premises, one: Meaning, other: Meaning) -> bool:
    """Whether two meanings are equal at a few numbers."""
    try:
        left, right = aligned(one.value, other.value)
    except ShapeError:
        return False
    return premises.points.equal(left, right, (*one.auxiliary, *other.auxiliary))


def look_ahead(premises: Premises, name: Name, number: int) -> bool:
    """Whether a later chain says what a name is; it is taken as a definition from here on."""
    for at, chain in enumerate(premises.document.chains[number:], number + 1):
        spend(A_LOOK)
        if at in premises.ahead or len(chain.sides) < 2 or chain.sides[0].problem is not None:
            continue
        try:
            left = called_undeclared(premises, chain.sides[0]) or parse_side(chain.sides[0], premises.known)[0][0]
        except NotUnderstood:
            continue
        named = inside_logarithm(premises, left)
        said = named.function if isinstance(named, Call) else named
        if isinstance(said, Name) and may_say(said, name) and defines_ahead(premises, chain, at, number):
            return True
    return False


def may_say(said: Name, name: Name) -> bool:
    """Whether a line about the one can say what the other is: dW^{[1]} is no dW."""
    labelled = any(item.number is not None for item in said.sups)
    return said.base == name.base and (not labelled or said.sups == name.sups)


def defines_ahead(premises: Premises, chain: Chain, at: int, since: int | None = None) -> bool:
    """Whether a later chain defines its left side, when what it is made of is looked for behind ``since`` as well."""
    premises.ahead.add(at)  # nothing is made of itself
    first = at if since is None else since
    for _ in range(DEFINITIONS_AHEAD):
        if local_definition(premises, chain):
            return True
        missing = read_side(chain.sides[1], premises.known).problem
        if not isinstance(missing, Undeclared) or not look_ahead(premises, missing.name, first):
            break
    premises.ahead.discard(at)
    return False
