r"""Steps of descent: ``w \leftarrow w - \eta\nabla Q``, ``\theta^{(t+1)} = \theta^{(t)} - \dots``.

A step sets and claims nothing, but for one thing: what the text says it minimises must not be climbed.  A step that is
a multiple of the gradient at every point is looked at for its sign; of any other, with momentum or a rate by component,
nothing is said.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np

from symbolic.language.expr import Tensor
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import OF_UPDATES, Add, Deriv, Mul, Name, Node, Script, walk
from symbolic.marking.judging import Judging
from symbolic.marking.marking import Diagnosis
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import Words, candidates, fits, name_of_tensor, remaining
from symbolic.marking.meaning.own_losses import objective_of
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, meanings_of
from symbolic.marking.model.quick_numbers import Numbers, Points
from symbolic.marking.model.rates import RATES, names_rate
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import tokenize
from symbolic.words import Text

UPHILL = Diagnosis(
    "sign",
    Text(
        "the sign of the step is wrong: it adds the gradient of what is minimised, and so goes uphill",
        "ошибка в знаке шага: градиент того, что минимизируется, прибавляется, и шаг идёт вверх",
    ),
)
_MAXIMISED = re.compile(
    r"(?<!negative )(?<!negative log-)(?<!negative log )(?:maxim|ascent|likelihood|\breward|\breturn\b|\belbo\b)"
    r"|максими|подъ[её]м|правдоподоби|наград",
    re.IGNORECASE,
)
#: Without such a word nobody knows whether a text minimises: who writes an ℓ may well climb it.
_MINIMISED = re.compile(
    r"\bminimi[sz]|\bdescent|\bdescend|\bloss|\bcost|\berrors?\b|\brisk\b|\bpenalt"
    r"|минимиз|спуск|потер[ьяи]|\bошибк|\bриск|штраф",
    re.IGNORECASE,
)
#: A name and the arrow behind it.
_NAME_AND_ARROW = re.compile(
    r"(?:^|[\n$&,;:(\[]|\\\\|\\\(|\\\[)(?P<name>[^\n$&,;:=]{1,40}?)[\s&]*(?:\\leftarrow|\\gets|\\longleftarrow|←|<-)[\s&]*$"
)


def is_update(work: Judging, reads: list[Read]) -> bool:
    """``w := w - η ∇Q``, ``w = (1 - ηλ) w + …``: a variable of the model set to itself and something more."""
    if len(reads) != 2 or not isinstance(reads[0].node, Name) or not isinstance(reads[1].node, Add):
        return False
    name = reads[0].node
    factors = [part for term in reads[1].node.terms for part in (term.factors if isinstance(term, Mul) else (term,))]
    before = next((part for part in factors if isinstance(part, Name) and part.base == name.base), None)
    if before is None:
        return False
    if is_next(name, before) and not is_declared(work.premises.model.declarations, name):
        name, before = without_step(name), without_step(before)
    if not any(not q.defined for q in candidates(work.premises.known, before)[:1]):
        return False
    return before == name or (before.bare and any(len(item.single or "") > 1 for item in (*name.subs, *name.sups)))


def is_declared(known: Declarations, name: Name) -> bool:
    """Whether all that stands at a name is known: a W^{(2)}, and no w^{(t)}."""
    counted = {*known.indices, *known.layers.ranges}
    unknown = any(letter not in counted for item in (*name.sups, *name.subs) for letter, _ in item.terms)
    return any(fits(known, q, name) and not (unknown and remaining(q, name)) for q in candidates(known, name))


def is_next(name: Name, before: Name) -> bool:
    r"""``w_i^{new}`` beside ``w_i^{old}``, ``\theta^{(t+1)}`` beside ``\theta^{(t)}``, ``w_k`` beside ``w_{k-1}``."""
    after, first = step_of(name), step_of(before)
    if without_step(name) != without_step(before) or not after or not first:
        return False
    counted = len(first) == 1 and len(first[0].terms) == 1
    return spelt(first) == OF_UPDATES[1] or (counted and after == (first[0] + 1,))


def step_of(name: Name) -> tuple[Script, ...]:
    """The (t) of w^{(t)}, the new of w_i^{new} and of w_{new}."""
    if name.sups:
        return name.sups
    letters = next((len(word) for word in OF_UPDATES if spelt(name.subs[-len(word) :]) == word), 1)
    return name.subs[-letters:]


def spelt(scripts: tuple[Script, ...]) -> str:
    """A word that was read letter by letter."""
    return "".join(item.single or "" for item in scripts)


def without_step(name: Name) -> Name:
    """The w of w^{(t)}, w_t, w^{new}."""
    count = len(step_of(name))
    return replace(name, sups=()) if name.sups else replace(name, subs=name.subs[: len(name.subs) - count])


def goes_uphill(work: Judging, chain: Chain, variable: Name | None, read: Read) -> bool:
    """Whether a step adds a multiple of the gradient of what the text minimises."""
    known = work.premises.known
    variable = variable or name_before_arrow(work, chain)
    objective = objective_of(known)
    if variable is None or read.node is None or objective is None or not minimises(work.premises.document.source):
        return False
    plain = variable if is_declared(work.premises.model.declarations, variable) else without_step(variable)
    if plain != variable:
        for name in (part for part in walk(read.node) if isinstance(part, Name)):
            names_rate(work.premises, name, chain)
        known = work.premises.known
        read = meanings_of(((without_steps(read.node, plain.base), frozenset()),), known)
    before = meanings_of(((plain, frozenset()),), known).meanings[:1]
    slopes = meanings_of(((Deriv(name_of_tensor(objective, known), plain), frozenset()),), known).meanings
    named = rates_in(work, read.node, objective)
    rates = [rate for name in named for rate in meanings_of(((name, frozenset()),), known).meanings[:1]]
    points = work.premises.points
    signs = {sign_of(points, after, old, slope, rates) for after, old, slope in product(read.meanings, before, slopes)}
    return signs - {0} == {1}


@lru_cache(maxsize=16)  # each step of a text asks it
def minimises(source: str) -> bool:
    """Whether a text says that it minimises something, and not that it maximises anything."""
    return _MINIMISED.search(source) is not None and _MAXIMISED.search(source) is None


def without_steps(node: Node, base: str) -> Node:
    """The w for every w^{(t)}."""
    if isinstance(node, Name):
        return without_step(node) if node.base == base else node
    return node.rebuild(tuple(without_steps(child, base) for child in node.children)) if node.children else node


def name_before_arrow(work: Judging, chain: Chain) -> Name | None:
    r"""The w of ``w \leftarrow``, which the reader has cut away."""
    document, start = work.premises.document, chain.sides[0].span[0]
    found = _NAME_AND_ARROW.search(document.source[max(start - 80, 0) : start])
    if found is None:
        return None
    at = max(start - 80, 0)
    try:
        tokens = tokenize(document.source, at + found.start("name"), at + found.end("name"))
        node = read_formula(tuple(tokens), Words(work.premises.known), end=start).tree
    except NotUnderstood:
        return None
    return node if isinstance(node, Name) else None


def rates_in(work: Judging, node: Node | None, objective: Tensor) -> list[Name]:
    """The letters of the step's rate: what is minimised does not depend on them."""
    known = work.premises.known
    inside = known.closure(objective)
    names = dict.fromkeys(n for n in walk(node) if isinstance(n, Name) and n.bare and n.base in RATES) if node else {}
    return [name for name in names if not any(q.tensor in inside for q in candidates(known, name))]


def sign_of(points: Points, after: Meaning, old: Meaning, slope: Meaning, rates: list[Meaning]) -> int:
    """1 where the step is a positive multiple of the slope at every point, -1 for a negative one, 0 for neither."""
    every = [values_of(points, meaning) for meaning in (after, old, slope, *rates)]
    if any(numbers is None for numbers in every):
        return 0
    signs: set[int] = set()
    for new, before, gradient, *factors in zip(*(numbers for numbers in every if numbers is not None), strict=True):
        for at in range(len(new)):
            factor = np.prod([float(np.ravel(one[at])[0]) for one in factors])
            signs.add(sign_at(new[at], before[at], gradient[at]) * int(np.sign(factor)))
    return signs.pop() if len(signs) == 1 else 0


def sign_at(new: Numbers, before: Numbers, gradient: Numbers) -> int:
    try:
        step, gradient = np.broadcast_arrays(new - before, gradient)
    except ValueError:
        return 0
    defined = np.isfinite(gradient) & np.isfinite(step)
    step, gradient = step[defined], gradient[defined]
    square = float((gradient**2).sum())
    if square < 1e-12:
        return 0
    times = float((step * gradient).sum()) / square
    near = np.abs(step - times * gradient).max() <= 1e-7 * max(1.0, float(np.abs(step).max()))
    return int(np.sign(times)) if near else 0


def values_of(points: Points, meaning: Meaning) -> list[Numbers] | None:
    return points.values(meaning.value.expr, meaning.value.axes, meaning.auxiliary)
