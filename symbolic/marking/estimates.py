"""``Hence \\hat\\mu = …``, ``w^* = …``, ``\\theta_{MAP} = …``: no definition but the place where a gradient vanishes.

A name that only marks a parameter as estimated could be anything; behind its gradient, in a sentence that draws a
conclusion, it is a claim.  Who calls it a definition accepts whatever stands there.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbolic.language.expr import Tensor
from symbolic.marking.first_order import derived_gradient, gradients_found
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.declared import Declared
from symbolic.marking.meaning.sides import read_side
from symbolic.marking.stationary import follows, is_made_of_its_mark
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.tokens import Token
from symbolic.marking.text.words_around import sets_to_zero_in_words, speaks_of_optimum

_HAT = re.compile(r"\\hat\{(.*)\}")
_STARS = ("*", r"\ast", r"\star")
_LABELS = ("ML", "MLE", "MAP", "LS", "OLS", "GLS", "WLS", "opt", "OPT", "ridge", "Ridge", "МП", "МНК", "опт")
#: A sentence that concludes; of an unbiased estimate no gradient vanishes.
_CONCLUDES = re.compile(
    r"\b(?:hence|thus|therefore|so|gives?|yields?|whence|obtain\w*|get|find|then|estimat\w+|likelihood"
    r"|отсюда|откуда|значит|следовательно|получ\w+|итак|поэтому|тогда|имеем|оценк\w+)\b",
    re.IGNORECASE,
)
_OTHER_ESTIMATE = re.compile(
    r"\bunbiased|\bupdat|\bstep\b|\bshr[iu]nk|\bregulari[sz]|\bsmooth|\brobust|\binitial|\bin practice\b|\binstead\b"
    r"|несмещ|обновл|\bшаг|сглаж|регуляриз|робаст|начальн|на практике|\bвместо\b",
    re.IGNORECASE,
)


def estimated(work: Judging, chain: Chain) -> tuple[Chain, Judging] | None:
    """The chain about the parameter itself, and the place where its gradient vanishes; None where it is none.

    None too where no such place is found: then it stays a name for what stands there.
    """
    parameter = estimated_parameter(work, chain.sides[0])
    if parameter is None or any(t.text == parameter.base for side in chain.sides[1:] for t in side.tokens):
        return None
    if is_made_of_its_mark(work, parameter.base):
        return None
    before = work.premises.document.before(chain.sides[0].span)
    said = bool(work.stationary) or speaks_of_optimum(before) or sets_to_zero_in_words(before)
    if _OTHER_ESTIMATE.search(before[-120:]) or not (said or _CONCLUDES.search(before[-80:])):
        return None
    unknown: Tensor = parameter.tensor
    own = gradients_found(work).get(unknown) or (derived_gradient(work, unknown) if said else None)
    if own is None:
        return None
    place = replace(work, stationary=[own])
    plain = replace(chain, sides=(replace(chain.sides[0], tokens=(bare(chain.sides[0])[0],)), *chain.sides[1:]))
    left, right = (read_side(side, work.premises.known) for side in plain.sides[:2])
    return None if follows(place, left, right) is None else (plain, place)


def estimated_parameter(work: Judging, side: Side) -> Declared | None:
    """The parameter whose estimate a side names, where nobody declared that name."""
    if not side.tokens:  # it could not even be cut up
        return None
    token, marked = bare(side)
    known = work.premises.known
    if not marked or (known.with_base(side.tokens[0].text) and side.tokens[0].text != token.text):
        return None
    found = [q for q in known.with_base(token.text) if q.tensor.role == "parameter" and not q.subscripted]
    return found[0] if len(found) == 1 and not found[0].sub_labels and not found[0].sup_labels else None


def bare(side: Side) -> tuple[Token, bool]:
    """The letter of a side without its hat, star or label; and whether it had one and nothing else stands there."""
    first, rest = side.tokens[0], [t.text for t in side.tokens[1:] if t.text not in "{}"]
    hat = _HAT.fullmatch(first.text)
    letter = replace(first, text=hat[1]) if hat else first
    label = "".join(rest[1:])
    starred = rest[:1] == ["^"] and label in _STARS
    labelled = rest[:1] in (["_"], ["^"]) and label in _LABELS
    return letter, (hat is not None and not rest) or starred or labelled
