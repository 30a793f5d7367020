r"""Lines about functions alone, ``\varphi(-u) = \varphi(u)``: they hold for any number and say nothing of the model."""

from __future__ import annotations

from symbolic.marking.grammar.tree import Call, Name, walk
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.sides import parse_side
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.text_definitions import is_function_of_a_number, is_known_function
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import NotUnderstood


def letters_of_identity(premises: Premises, chain: Chain) -> frozenset[Name]:
    """The letters that nobody declared and that stand in the arguments of such a line.

    None where the line has anything that the model computes or varies, or where another line says what one of them
    is: ``\\sigma(-m) = p`` is about that m.  Beside data, ``\\varphi(y_i s) = \\varphi(s)``, they stand on each side.
    """
    try:
        sides = [[*walk(parse_side(side, premises.known)[0][0])] for side in chain.sides if side.problem is None]
    except NotUnderstood:
        return frozenset()
    nodes = [part for side in sides for part in side]
    calls = [part for part in nodes if isinstance(part, Call) and len(part.arguments) == 1]
    of_numbers = [c for c in calls if is_function_of_a_number(premises, c.function) or is_known_function(c.function)]
    inside = {part for call in of_numbers for part in walk(call.arguments[0]) if isinstance(part, Name)}
    unknown = frozenset(name for name in inside if is_unknown(premises, name))
    others = [part for part in nodes if isinstance(part, Name) and part not in unknown]
    quantities = [quantity for name in others for quantity in candidates(premises.known, name)[:1]]
    own = any(quantity.defined or quantity.tensor.role == "parameter" for quantity in quantities)
    apart = bool(quantities) and any(name not in side for name in unknown for side in sides)
    said = any(is_defined(premises, name) for name in unknown)
    return frozenset() if own or apart or said else unknown


def is_unknown(premises: Premises, name: Name) -> bool:
    """A letter that neither the model nor mathematics has a meaning for."""
    known = premises.known
    return name.bare and not name.primes and name.base not in {*known.names, r"\pi", "e"}


def is_defined(premises: Premises, name: Name) -> bool:
    """Whether a line says what the letter is, or what its entries are."""
    lefts = (chain.sides[0].tokens for chain in premises.document.chains if len(chain.sides) > 1)
    return any(left[:1] and left[0].text == name.base and (len(left) == 1 or left[1].is_sign("_")) for left in lefts)
