"""How to write: the notation, what is left unsaid, and what of a network decides how its quantities are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

from symbolic.language.affine import Index, Subscript, size
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Entry, Expr, Slope, Tensor
from symbolic.language.sample import SAMPLE
from symbolic.language.terms import tensors, walk
from symbolic.notation.biases import form_and_bias, is_bias, linear_form, owners_of, penalties
from symbolic.notation.network_letters import (
    bishop_names,
    free_in,
    letters_in,
    linear_outputs,
    minimised_letters,
    written_apart,
)

#: Bishop counts the sample with n and the inputs with i; a cycle, so that no two letters ever meet.
_BISHOP_INDICES = (("i", "n"), ("n", "d"), ("d", "i"))
#: An extent that is not said: Σ over it has no limits, as in the general scheme's Σ_s.
UNSAID = size("")


class Pairs(tuple[tuple[str, str], ...]):
    """Pairs of names in order, the second looked up by the first: a table that can be part of a key."""

    @cached_property
    def by_first(self) -> Mapping[str, str]:
        return dict(self)

    @cached_property
    def seconds(self) -> frozenset[str]:
        return frozenset(second for _, second in self)


NO_PAIRS = Pairs()


@dataclass(frozen=True, slots=True)
class Style:
    """How to write: the notation, and what is left unsaid in this place.

    ``suppress``: indices that an entry drops where they stand alone as its last subscript, so that
    ∂Q/∂w_{1,j} is the derivative by a vector.  ``sample_shown``: False leaves the sample index out.
    ``bias``: "fictitious" merges the bias into its linear form, Σ_{i=0}; "zeroth" writes it beside, as
    Σ_{i=1} … + w_0; "separate" gives it a letter of its own, w^T x + b.  ``linear``: wᵀx or the sum written out.
    ``limits``: whether Σ carries them.  ``arguments``: what is shown in parentheses after a quantity
    on the left of "=" and above ∂: ``(("Q", ("w",)),)`` for Q(w).
    The rest is knowledge about one network, filled in by :meth:`knowing`.
    """

    notation: Literal["lecture", "bishop"] = "lecture"
    suppress: frozenset[Index] = frozenset()
    sample: Index = SAMPLE
    sample_shown: bool = True
    bias: Literal["fictitious", "zeroth", "separate"] = "fictitious"
    linear: Literal["vector", "sum"] = "vector"
    limits: bool = True
    arguments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    objective: str = "Q"
    #: Names of the parameters; unknown: an adjoint without the sample's axis belongs to a parameter.
    parameters: frozenset[str] | None = None
    inputs: frozenset[str] = frozenset()
    #: The weights whose 0th entry a bias is; unknown: the linear form that it stands beside.
    owners: Pairs | None = None
    #: Tensors that this notation calls something else.
    names: Pairs = NO_PAIRS
    #: The letters of Q and of L in print, where they have others: two that share one are told apart by their index.
    minimised: tuple[tuple[str, str], ...] = ()
    #: Outputs without an output function: such a y is its own pre-activation, and its error one of Bishop's δ.
    linear_outputs: frozenset[str] = frozenset()
    #: Values that are slopes of others by an input, by name.
    slopes: tuple[tuple[str, Slope], ...] = ()
    #: Values that depend on themselves through earlier steps: a direct derivative of one is written ∂⁺.
    through_steps: frozenset[str] = frozenset()
    index_names: tuple[tuple[str, str], ...] = ()
    #: Letters that quantities of the network are written with: no index has one of them.
    letters: frozenset[str] = frozenset()
    #: Indices that are free on every line of a derivation: no Σ on one of them has their letter.
    free: frozenset[Index] = frozenset()
    #: False: the sample index is left out inside ∂α/∂β and in E_α, where α and β are values of one object.
    sample_in_derivatives: bool = True
    #: Whether each quantity says which it is, by :func:`quantity_key`, for a page where they are linked.
    keys: bool = False

    def suppressing(self, *dropped: Index) -> Style:
        return replace(self, suppress=self.suppress | frozenset(dropped))

    def with_keys(self) -> Style:
        return replace(self, keys=True)

    def unkeyed(self) -> Style:
        return replace(self, keys=False) if self.keys else self

    def without_sample(self) -> Style:
        return replace(self, sample_shown=False)

    def within_derivatives_without_sample(self) -> Style:
        return replace(self, sample_in_derivatives=False)

    def beside(self, free: Iterable[Index]) -> Style:
        """For lines on which these indices are free: no Σ has a letter of theirs."""
        return replace(self, free=self.free | frozenset(free))

    def showing(self, **arguments: tuple[str, ...]) -> Style:
        """``showing(z=("x",))`` writes z(x) on the left of "=" and above ∂."""
        return replace(self, arguments=tuple(arguments.items()))

    def knowing(self, definitions: Iterable[Definition]) -> Style:
        """The style with what it must know about one network; give all definitions of its objective.

        A style that knows already, or a list without the objective or without the network, changes nothing.
        """
        return self if self.parameters is not None else _knowing(self, tuple(definitions))


@lru_cache(maxsize=64)  # every derivation of a report is printed in the style of the same network
def _knowing(style: Style, definitions: tuple[Definition, ...]) -> Style:
    kinds = {d.kind for d in definitions}
    if "objective" not in kinds or not kinds & {"preactivation", "activation", "node"}:
        return style
    found = tuple(dict.fromkeys(t for d in definitions for t in (d.target, *tensors(d.formula))))
    names = bishop_names(definitions, found) if style.notation == "bishop" else style.names
    letters = letters_in(definitions, found, dict(names))
    return replace(
        style,
        parameters=frozenset(t.name for t in found if t.role == "parameter"),
        inputs=frozenset(t.name for t in found if t.role == "input"),
        owners=Pairs(owners_of(definitions, style.sample)),
        names=Pairs(names),
        minimised=minimised_letters(definitions, found) if style.notation == "bishop" else (),
        letters=letters,
        index_names=written_apart(free_in(definitions), letters, style.index_names),
        linear_outputs=linear_outputs(definitions),
        slopes=tuple((t.name, t) for t in found if isinstance(t, Slope)),
    )


LECTURE = Style()
BISHOP = Style("bishop", linear="sum", index_names=_BISHOP_INDICES)
STYLES: dict[str, Style] = {"lecture": LECTURE, "bishop": BISHOP}


def written_name(name: str, style: Style) -> str:
    """What this notation calls a tensor."""
    return dict(style.minimised).get(name) or style.names.by_first.get(name, name)


def zeroth_of(entry: Entry, style: Style) -> str | None:
    """The weights whose 0th entry this bias is written as, or None where it goes by its own name."""
    if not is_bias(entry) or style.bias == "separate":
        return None
    guess = "_".join(("w", *entry.tensor.name.split("_")[1:]))
    return guess if style.owners is None else style.owners.by_first.get(entry.tensor.name)


def holds_a_bias(weights: Entry, style: Style) -> bool:
    """Whether these weights are written with a bias as their component 0."""
    return style.bias == "fictitious" and weights.tensor.name in (style.owners or NO_PAIRS).seconds


@lru_cache(maxsize=64)
def vectors(definitions: tuple[Definition, ...], style: Style) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """The weights that are written as vectors w with a bias as component 0, and those that have no bias at all."""
    if style.bias != "fictitious":
        return (), ()
    weights = dict.fromkeys(
        form[0] for d in definitions for node in walk(d.formula) if (form := linear_form(node, style.sample))
    )
    sums = [node.terms for d in definitions for node in walk(d.formula) if isinstance(node, Add)]
    beside = {
        form[0].tensor
        for terms in sums
        if any(map(is_bias, terms))
        for term in terms
        if (form := linear_form(term, style.sample))
    }
    held = dict.fromkeys(entry.tensor for entry in weights if holds_a_bias(entry, style))
    has_one = {*held, *beside}
    bare = dict.fromkeys(entry.tensor for entry in weights if entry.tensor not in has_one)
    return tuple(held), tuple(bare)


def merged(terms: tuple[Expr, ...], style: Style) -> tuple[int, int] | None:
    """Places of the linear form and of the bias that fictitious notation writes as its 0th entry."""
    found = form_and_bias(terms, style.sample) if style.bias == "fictitious" else None
    if found is None:
        return None
    place, bias_place, weights, bias = found
    known = style.owners is None or style.owners.by_first.get(bias.tensor.name) == weights.tensor.name
    return (place, bias_place) if known else None


def merged_penalties(terms: tuple[Expr, ...], style: Style) -> dict[int, int]:
    """Places of Σ_d f(w_d) and of f(b), where b is written as component 0 of w: together Σ_{d=0} f(w_d)."""
    if style.bias != "fictitious" or not style.owners:
        return {}
    owners = style.owners.by_first
    return {
        place: bias_place
        for place, bias_place, weights, bias in penalties(terms)
        if owners.get(bias.tensor.name) == weights.tensor.name
    }


def has_the_letter_of_all(entry: Entry, style: Style) -> bool:
    """Whether it is Bishop's E_n, the share of one object in E: without its index it would be E itself."""
    letters = dict(style.minimised)
    own = letters.get(entry.tensor.name)
    return own is not None and entry.tensor.name != style.objective and own == letters.get(style.objective)


def visible_subscripts(entry: Entry, style: Style) -> tuple[Subscript, ...]:
    """The subscripts that are shown."""
    subs = list(entry.subscripts)
    while subs and subs[-1].single in style.suppress:
        subs.pop()
    if subs and subs[0].single == style.sample and not style.sample_shown and not has_the_letter_of_all(entry, style):
        subs.pop(0)
    return tuple(subs)
