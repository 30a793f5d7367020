"""Lines that say of what is given only that it is the value of a map that nobody knows: ψ = φ(s')."""

from __future__ import annotations

from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.grammar.tree import Name
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.sides import read_side
from symbolic.marking.model.premises import Premises
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.maps import value_in


def comes_from_map(premises: Premises, chain: Chain) -> bool:
    """Whether a chain tells where a given quantity comes from, and claims nothing that could be reckoned.

    The map is a letter that nobody declared, or one that names a datum, as φ does that of the objects; then what it is
    taken of is no quantity of the model.
    """
    value, known = value_in(chain), premises.known
    if value is None or read_side(chain.sides[1], known).meanings:
        return False
    left = read_side(chain.sides[0], known).node
    given = candidates(known, left)[:1] if isinstance(left, Name) and not left.primes else ()
    if not given or given[0].defined:
        return False
    if value.map in (*known.functions, *known.formulas, *WORDS):
        return False
    maps = known.with_base(value.map)
    objects = not any(known.with_base(argument) for argument in value.arguments)
    return not maps or (objects and not any(quantity.defined for quantity in maps))
