"""What a person adds to the model on the way: definitions, letters that stand for any number, conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symbolic.language.definition import Definition
from symbolic.language.expr import Compare, Expr, Tensor, mul
from symbolic.language.terms import tensors
from symbolic.marking.grammar.parse import read_condition
from symbolic.marking.grammar.tree import (
    Name,
    Node,
    Relation,
)
from symbolic.marking.meaning.declared import Declarations, Declared, IndexName
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.naming import Words, candidates
from symbolic.marking.meaning.sides import SIGNS, parse_side
from symbolic.marking.meaning.value import Value
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.named_multipliers import named_multipliers
from symbolic.marking.model.quick_numbers import Points, points_of
from symbolic.marking.model.read_off import placeholders
from symbolic.marking.model.variations import ZERO, Variations, variations, with_directions
from symbolic.marking.model.worked_numbers import Worked, with_numbers, with_value
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.cutting import is_condition, unbracketed
from symbolic.marking.text.kernel_sums import ByKernels, told_by_kernels
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

#: An expression that is 1 where a claim is made and 0 elsewhere, and how the person wrote it.
Conditions = tuple[Expr, str] | None


#: Before a value that a variable has somewhere: at the start w = 0.
_AT_A_PLACE = re.compile(
    r"(?:\b(?:at|from|start\w*|initial\w*|origin|point|with|when|for|if|where|suppose|let|set)|точк\w|\bпри|начал\w+"
    r"|начальн\w+|\b(?:если|для|пусть|когда))(?:\s+(?:the|at|value|point|with|значени\w+|точк\w+))*\W*$",
    re.IGNORECASE,
)
#: So many names of one chain may be explained behind it.
DEFINITIONS_AHEAD = 6


@dataclass
class Premises:
    """The model as it grows while a document is read."""

    model: Model
    document: Document
    points: Points = field(init=False)
    #: The letters that stand for any gradient, where the text says how one is read off.
    placeholders: frozenset[str] = field(init=False)
    #: What it tells by kernels alone.
    kernels: ByKernels = field(init=False)
    #: The letters that may be multipliers of constraints.
    multipliers: frozenset[str] = field(init=False)
    #: What its differentials may let vary, chain by chain.
    variations: Variations = field(init=False)
    #: What varies in the chain at hand; None in a text without differentials.
    varied: frozenset[Tensor] | None = None
    #: The values that the sheet has set so far.
    worked: Worked = field(default_factory=Worked)
    _numbers: tuple[Points, Worked, Points] | None = None
    #: How many definitions were known when it was last asked what varies.
    _varied_with: int = field(init=False, default=0)
    _known: tuple[Declarations, Any, Any, Any, bool, frozenset[str], Declarations] | None = None
    #: The layer at which the chain is judged, for each letter that counts layers.
    at: Mapping[str, int] = field(default_factory=dict)
    #: Whether the words before the chain at hand speak of a single object.
    one_object: bool = False
    #: Letters that stand for any number in the chain at hand.
    any_numbers: list[Declared] = field(default_factory=list)
    #: What such letters mean at other places.
    hidden: tuple[Declared, ...] = ()
    #: Letters that the chain at hand uses as indices though nobody declared them.
    adopted: dict[str, IndexName] = field(default_factory=dict)
    #: The chains that were needed as definitions before their place: "…, where z_i = …".
    ahead: set[int] = field(default_factory=set)
    #: Letters that the chain at hand uses as indices of another range than the declared one.
    freed: frozenset[str] = frozenset()
    #: What a name with cases was before the text took one of them for it.
    whole: dict[Tensor, Definition] = field(default_factory=dict)
    #: At which layers a chain named something, by its number.
    named_at: dict[int, list[Mapping[str, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if names_error(self.document):
            known = replace(self.model.declarations, names_error=True)
            self.model = replace(self.model, declarations=known)
        if own := letters_defined(self.document):
            self.model = replace(self.model, declarations=replace(self.model.declarations, own_letters=own))
        if mark := mark_of_gradients(self.document):
            known = replace(self.model.declarations, mark_of_gradients=mark)
            self.model = replace(self.model, declarations=known)
        self.variations = variations(self.document, self.model.declarations)
        self.model = with_directions(self.model, self.variations)
        self.points = points_of(self.model)
        self.placeholders = placeholders(self.document)
        self.kernels = told_by_kernels(self.document.chains)
        self.multipliers = named_multipliers(self.document)
        self._varied_with = len(self.model.declarations.definitions)

    def look_again_what_varies(self) -> bool:
        """With what the text has defined so far: dK may move a K that no header knows.  Whether anything was new."""
        known = self.model.declarations
        if not self.variations.holds_differentials or len(known.definitions) == self._varied_with:
            return False
        self._varied_with = len(known.definitions)
        before, self.variations = self.variations, variations(self.document, known)
        model = with_directions(self.model, self.variations)
        if model is not self.model:
            self.model, self.points = model, points_of(model)
        return before != self.variations

    def extend(self, quantities: tuple[Declared, ...], definitions: tuple[Definition, ...]) -> None:
        """The model with these; what the chain at hand adopts, or at which layer it is, stays out of it."""
        declarations = replace(self.model.declarations, quantities=quantities, definitions=definitions)
        self.model = replace(self.model, declarations=declarations)
        self.points = points_of(self.model)

    @property
    def numbers(self) -> Points:
        """The model with the values that were set."""
        if self._numbers is None or self._numbers[0] is not self.points or self._numbers[1] is not self.worked:
            self._numbers = self.points, self.worked, with_numbers(self.model, self.worked)
        return self._numbers[2]

    @property
    def known(self) -> Declarations:
        known = self.model.declarations
        own = self.adopted or self.freed
        if self.varied is None and self.at == known.layers.at and not own and not self.one_object:
            return known
        if self._known is None or self._known[0] is not known or self._known[1:6] != self._chosen:
            fresh = known if self.varied is None else replace(known, varied=self.varied)
            if self.at != known.layers.at:
                fresh = replace(fresh, layers=replace(fresh.layers, at=self.at))
            if own:
                declared = {letter: index for letter, index in fresh.indices.items() if letter not in self.freed}
                fresh = replace(fresh, indices={**self.adopted, **declared})
            if self.one_object:
                fresh = replace(fresh, one_object=True)
            self._known = known, *self._chosen, fresh
        return self._known[6]

    @property
    def _chosen(self) -> tuple[frozenset[Tensor] | None, dict[str, int], dict[str, IndexName], bool, frozenset[str]]:
        """What the chain at hand adds to the declarations of the model, or takes from them."""
        return self.varied, dict(self.at), dict(self.adopted), self.one_object, self.freed


def names_error(document: Document) -> bool:
    """Whether a line says what e is, or e^l and e_i, and not that it is 2.718…"""
    return any(
        chain.sides[0].problem is None
        and [token.text for token in chain.sides[0].tokens][:2] in (["e"], ["e", "^"], ["e", "_"], ["e", "("])
        and len(chain.sides[0].tokens) in (1, 3, 4, 5)
        and any(token.kind != "number" for side in chain.sides[1:] for token in side.tokens)
        for chain in document.chains
    )


def letters_defined(document: Document) -> frozenset[str]:
    r"""Letters that stand alone before a sign of equality, and capitals with an index.

    The g of ``g = G b``, the W_i of ``W_i = \sum_j w_{ij}``.
    """
    lefts = (chain.sides[0].tokens for chain in document.chains if len(chain.sides) > 1)
    return frozenset(tokens[0].text for tokens in lefts if len(tokens) == 1 or is_capital_with_index(tokens))


def is_capital_with_index(tokens: Sequence[Token]) -> bool:
    """``W_i``, and no more."""
    first, *below = [token.text for token in tokens if token.text not in "{}"] or [""]
    return first.isupper() and len(below) == 2 and below[0] == "_" and below[1].isalpha()


def mark_of_gradients(document: Document) -> tuple[str, str] | None:
    r"""The accent and the L of ``\bar y = \partial L/\partial y``: other letters have it for their gradients too."""
    for chain in document.chains:
        named, *sides = [[token.text for token in side.tokens if token.text not in "{}"] for side in chain.sides]
        marked = re.fullmatch(r"\\(bar|tilde|hat|dot|overline)\{(.+)\}", named[0]) if named else None
        for words in sides if marked else ():
            by = [k for k, word in enumerate(words) if word in (r"\partial", "d")]
            if marked and len(by) == 2 and by[0] <= 1 and words[by[1] + 1 :] == [marked[2], *named[1:]]:
                return marked[1], words[by[0] + 1]
    return None


def sets_value(premises: Premises, chain: Chain) -> bool:
    """``x_1 = 0.05``: what the sheet works with from here on."""
    if len(chain.sides) != 2 or any(side.problem for side in chain.sides):
        return False
    try:
        left, right = (parse_side(side, premises.known)[0][0] for side in chain.sides)
    except (NotUnderstood, RecursionError):
        return False
    worked = with_value(premises.worked, premises.known, left, right)
    premises.worked = worked or premises.worked
    return worked is not None or is_given_zero(premises, chain, left, right)


def is_given_zero(premises: Premises, chain: Chain, left: Node, right: Node) -> bool:
    """``h_0 = 0`` of a vector that is given, ``at the start w = 0`` of a variable: what holds for any holds there."""
    found = candidates(premises.known, left)[:1] if isinstance(left, Name) and right == ZERO else []
    if any(q.defined or not q.tensor.axes for q in found):
        return False
    started = _AT_A_PLACE.search(premises.document.before(chain.sides[0].span)[-40:]) is not None
    return any(q.tensor.role == "input" or started for q in found)


def condition_of(premises: Premises, tokens: tuple[Token, ...]) -> Expr | None:
    """``k ≠ l`` or ``a_j > 0`` as 1 or 0; None when it is no such condition, or never holds."""
    if not is_condition(tokens):
        return None
    value = next(filter(None, (condition_value(premises, tokens, wide) for wide in (frozenset(), SIGNS))), None)
    if value is None or value.axes:
        return None
    return value.expr if holds_somewhere(premises, value.expr) else None


def holds_somewhere(premises: Premises, condition: Expr) -> bool:
    """Whether it is 1 at some point: what is claimed where nothing holds would be true."""
    numbers = premises.points.values(condition, ())
    return numbers is not None and any(array.any() for array in numbers)


def condition_value(premises: Premises, tokens: tuple[Token, ...], wide: frozenset[str]) -> Value | None:
    """The condition as 1 or 0, with the other reading at those points; None where it is not read so."""
    try:
        node = read_condition(unbracketed(tokens), Words(premises.known), wide)
        return indicator_of(premises, node) if isinstance(node, Relation) else None
    except NotUnderstood:
        return None


def indicator_of(premises: Premises, node: Relation) -> Value:
    """The condition as 1 or 0; ``y_i = 1`` only where y takes single values."""
    if node.sign != "=" or not isinstance(node.left, Name) or premises.known.indices.get(node.left.base):
        return elaborate(node, premises.known).value
    left, right = elaborate(node.left, premises.known).value, elaborate(node.right, premises.known).value
    if not any(t in premises.model.domains for t in tensors(left.expr)) or left.axes or right.axes:
        raise NotUnderstood(
            Text(
                "no condition on something that takes single values",
                "не условие на величину, принимающую отдельные значения",
            ),
            node.span,
        )
    return Value(Compare("==", left.expr, right.expr))


def conditions_of(premises: Premises, written: tuple[tuple[Token, ...], ...]) -> Conditions:
    """The product of all conditions that can be read, with their text; None where they exclude each other.

    ``for k = m and k ≠ m`` tells cases of what is written as one.
    """
    found = [(expr, tokens) for tokens in written if (expr := condition_of(premises, tokens)) is not None]
    whole = mul(*(expr for expr, _ in found))
    if not found or not holds_somewhere(premises, whole):
        return None
    said = ", ".join(f"${premises.document.text((t[0].span[0], t[-1].span[1]))}$" for _, t in found)
    return whole, said
