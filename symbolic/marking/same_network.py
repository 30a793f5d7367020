r"""Whether what a text differentiates, in letters of its own, is the objective of a given network.

Both are made of data and parameters.  They are the same when the network's can be put in place of the text's, each for
one, transposed or not, so that both have the same values wherever the parameters are, up to a constant: nobody
differentiates \ln y!.  Letters beyond those are hyperparameters, in which an objective is linear: a λ has a value then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, permutations, product

import numpy as np
from numpy.typing import NDArray

from symbolic.evidence.evaluate import Evaluation, EvaluationError, Instance
from symbolic.evidence.labelled import POINT
from symbolic.evidence.question import Question, domain_along
from symbolic.evidence.sampling import draw, extents
from symbolic.fuel import apart, spend
from symbolic.language.affine import Affine, Index, Size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Add, Entry, Partial, Tensor
from symbolic.language.terms import tensors, walk
from symbolic.marking.meaning.declared import Declarations, Declared
from symbolic.marking.model.declaring import Model

Numbers = NDArray[np.float64]
#: At so many values of the parameters both are compared, and with so many objects; the least of all other sizes.
POINTS, OBJECTS, LEAST = 9, 5, 6
#: So many ways to put the network's quantities in place of the text's are tried, at these costs.
MOST_TRIES, A_TRY, A_STEP, A_NETWORK = 600, 3_000, 300, 400_000
TOLERANCE = 1e-7
#: The parameters, at first as they are drawn; smaller where the objective has no value.
SCALES = (1.0, 0.25, 0.05)
MOST_ORDERS = 500


@dataclass(frozen=True)
class Place:
    """A quantity of the network in place of one of the text's: with its axes in that order."""

    tensor: Tensor
    values: Numbers
    turned: bool = False


@dataclass(frozen=True)
class Sameness:
    """The quantity of the text of which the network's objective is so many times, and what stands for what."""

    objective: Declared
    places: Mapping[Tensor, Place]
    factor: float = 1.0

    @property
    def factor_said(self) -> str:
        """The factor in figures; by as many objects as there are here, 1/N and N."""
        of_objects = {1 / OBJECTS: "1/N", float(OBJECTS): "N"}
        near = (text for number, text in of_objects.items() if abs(self.factor - number) < TOLERANCE * number)
        return next(near, f"{self.factor:.6g}")


@dataclass(frozen=True)
class Numbered:
    """A network at some values of its parameters, the data being the same: with several objects, or of a single one."""

    #: What may stand in place of a text's letters; what of it is made of others, x with its x_0 = 1, by what it covers.
    leaves: Mapping[Tensor, Numbers]
    covers: Mapping[Tensor, frozenset[Tensor]]
    #: Its objective and the loss of each object.
    goals: tuple[Numbers, ...]
    objects: int


def same_objective(text: Declarations, network: Iterable[Model]) -> Sameness | None:
    """The text's objective as the network's, under any way to write it; else one that is a multiple of it; or None."""
    if not objectives(text):
        return None
    multiple: Sameness | None = None
    ways = [with_steps_together(text, roles) for roles in (("input",), ("input", "parameter"))]
    ways = ways[:1] if ways[1][0] == ways[0][0] else ways
    every = (found for own, counts in ways for found in matches(own, counts, tuple(network)))
    for found in islice(every, MOST_TRIES):
        if found is not None and found.factor == 1.0:
            return found
        multiple = multiple or found
    return multiple


def matches(text: Declarations, counts: frozenset[int], network: tuple[Model, ...]) -> Iterator[Sameness | None]:
    """For each way to put the network's quantities in place of the text's, whether it is its objective then.

    A text whose letters run through all widths alike, k = 1..K, is of a network of one width.
    """
    candidates = objectives(text)
    for alike, model, objects in product((False, True), network, (1, OBJECTS)):
        for steps in steps_of(model, counts):
            with apart(A_NETWORK):
                numbered = numbers_of(model, objects, steps, alike)
            if numbered is None:
                continue
            for candidate in candidates:
                for places in placements(text, candidate.tensor, numbered):
                    spend(A_TRY)
                    factor = compared(text, candidate.tensor, places, numbered)
                    found = Sameness(candidate, places, factor) if factor is not None else None
                    if found is not None and found.factor == 1.0:
                        found = as_a_whole(text, found, candidates, numbered)
                    yield found


def as_a_whole(text: Declarations, found: Sameness, candidates: list[Declared], numbered: Numbered) -> Sameness | None:
    """What was found, if every number that the text makes of it, J = Σ ℓ_i, is the network's objective too.

    A penalty may have been left out there, or the mean taken for the sum.
    """
    for whole in candidates:
        if whole.tensor.axes or not is_made_by_sums(text, whole.tensor, found.objective.tensor):
            continue
        factor = compared(text, whole.tensor, found.places, replace(numbered, goals=numbered.goals[:1]))
        if factor != 1.0:
            return Sameness(whole, found.places, factor) if factor is not None else None
    return found


def is_made_by_sums(text: Declarations, whole: Tensor, part: Tensor) -> bool:
    """Whether a number is made of another one, and is no slope of it."""
    definition = text.defines(whole)
    if whole == part or definition is None or part not in text.closure(whole):
        return False
    slope = any(isinstance(node, Partial) for node in walk(definition.formula))
    return not slope and any(t == part or is_made_by_sums(text, t, part) for t in tensors(definition.formula))


def with_steps_together(text: Declarations, roles: tuple[str, ...]) -> tuple[Declarations, frozenset[int]]:
    """The x_1, x_2, x_3 of three steps as one array, what is before them as zeros; and how many steps there are.

    So the W^{(1)}, W^{(2)} of equal layers, where parameters are among the ``roles``.
    """
    runs: dict[tuple[str, tuple[Size, ...]], dict[int, Tensor]] = {}
    for tensor in {t for q in text.quantities for t in text.closure(q.tensor) if t.role in roles}:
        base, _, number = tensor.name.rpartition("_")
        if base and number.isdecimal() and text.defines(tensor) is None:
            runs.setdefault((base, tensor.axes), {})[int(number)] = tensor
    together: list[Definition] = []
    counts: set[int] = set()
    for (base, axes), steps in sorted(runs.items(), key=str):
        indices = tuple(Index(f"_{k}", axis) for k, axis in enumerate(axes))
        if {*steps} == {0}:
            together.append(Definition(steps[0], indices, ZERO))
        elif len(steps) > 1 and {*steps} == {*range(1, len(steps) + 1)}:
            whole = Tensor(base, (Affine((), len(steps)), *axes), steps[1].role)
            places = ((step - 1, tensor) for step, tensor in steps.items())
            together += [Definition(t, indices, whole[(subscript(at), *map(subscript, indices))]) for at, t in places]
            counts.add(len(steps))
    if not counts:
        return text, frozenset()
    return replace(text, definitions=(*text.definitions, *together)), frozenset(counts)


def steps_of(model: Model, counts: frozenset[int]) -> list[dict[str, int]]:
    """The lengths to try for the network's steps: any of its sizes may count them; none where there are no steps."""
    names = dict.fromkeys(name for extent in model.declarations.sizes.values() for name in extent.keys)
    sample = model.declarations.sample
    objects = {*sample.index.extent.keys} if sample is not None else set()
    return [{name: count} for count in sorted(counts) for name in names if name not in objects] or [{}]


def objectives(text: Declarations) -> list[Declared]:
    """What the text may differentiate: numbers, or one for each object, that it says; made of most first."""
    found = {
        q.tensor: q
        for q in text.quantities
        if q.defined and text.defines(q.tensor) is not None and len(q.tensor.axes) == int(q.sample)
    }
    return sorted(found.values(), key=lambda q: (q.tensor != text.objective, -len(leaves_of(text, q.tensor))))


def leaves_of(known: Declarations, tensor: Tensor) -> list[Tensor]:
    """What a quantity is made of that nothing defines: those with most axes first."""
    leaves = (t for t in known.closure(tensor) if known.defines(t) is None)
    return sorted(leaves, key=lambda t: (-len(t.axes), t.name))


def numbers_of(model: Model, objects: int, steps: dict[str, int], alike: bool = False) -> Numbered | None:
    """The network's numbers; None where it has none at these sizes."""
    known = model.declarations
    if known.objective is None or known.sample is None:
        return None
    objective = Entry(known.objective, ())
    losses = [d.target for d in known.definitions if d.kind == "loss"]
    sample = known.sample.index.extent
    domains = tuple((key, *domain_along(word, key)) for key, word in model.domains.items())
    question = Question(Add((objective, ZERO)), ZERO, known.definitions, domains)
    sizes = sizes_of(question, dict.fromkeys(sample.keys, objects) | steps, alike)
    if sizes is None:
        return None
    drawn = draw(question, sizes, POINTS, "reals", np.random.default_rng(7))
    tries = (with_one_set_of_data(drawn, scale) for scale in SCALES)
    instance = next((i for i in tries if value_of(Evaluation(i), known.objective) is not None), drawn)
    evaluation, values = Evaluation(instance), instance.values
    made = [d.target for d in known.definitions if is_made_of_data(known, d.target)]
    covers = {t: frozenset(known.closure(t)) for t in (*values, *made)}

    def single(tensor: Tensor, numbers: Numbers) -> Numbers:
        """Without the axis of the object, where there is one."""
        at = [k for k, axis in enumerate(tensor.axes, 1) if axis == sample]
        return numbers[:, 0] if objects == 1 and at[:1] == [1] else numbers

    leaves = {t: single(t, np.asarray(v)) for t, v in values.items()}
    leaves |= {t: single(t, found) for t in made if (found := value_of(evaluation, t)) is not None}
    goals = [value_of(evaluation, t) for t in (known.objective, *losses)]
    kept = tuple(single(t, g) for t, g in zip((known.objective, *losses), goals, strict=True) if g is not None)
    return Numbered(leaves, covers, kept, objects) if kept else None


def with_one_set_of_data(drawn: Instance, scale: float) -> Instance:
    """The same data at every point, and the parameters so many times as large: where units saturate is no logarithm."""
    values = {
        t: v * scale if t.role == "parameter" else np.repeat(v[:1], POINTS, axis=0) for t, v in drawn.values.items()
    }
    return replace(drawn, values=values)


def sizes_of(question: Question, given: dict[str, int], alike: bool) -> dict[str, int] | None:
    """Sizes so far from each other that none is another one with a bias beside it; or all ``alike``."""
    needs = extents(question)
    names = [name for name in needs.names if name not in given]
    for order in islice(permutations(names), MOST_ORDERS):
        sizes = {name: LEAST + 2 * k * (not alike) for k, name in enumerate(order)} | given
        if needs.fit(sizes):
            return sizes
    return None


def is_made_of_data(known: Declarations, tensor: Tensor) -> bool:
    """Whether a definition is only another way to write data: x with a component x_0 = 1."""
    below = known.closure(tensor) - {tensor}
    return bool(below) and all(t.role == "input" and known.defines(t) is None for t in below)


def value_of(evaluation: Evaluation, tensor: Tensor) -> Numbers | None:
    """All entries of a tensor at all points; None where some are not defined."""
    indices = tuple(Index(f"_{k}", axis) for k, axis in enumerate(tensor.axes))
    try:
        with np.errstate(all="ignore"):
            labelled = evaluation.value(tensor[indices])
    except (EvaluationError, KeyError, ValueError, IndexError):
        return None
    order = (POINT, *indices)
    if set(labelled.indices) != set(order):
        shape = (POINTS, *(axis.value(evaluation.instance.sizes) for axis in tensor.axes))
        missing = [k for k, index in enumerate(order) if index not in labelled.indices]
        ordered = labelled.ordered(tuple(index for index in order if index in labelled.indices))
        numbers = np.broadcast_to(np.expand_dims(np.asarray(ordered, dtype=np.float64), missing), shape)
    else:
        numbers = np.asarray(labelled.ordered(order), dtype=np.float64)
    return numbers if np.isfinite(numbers).all() else None


def placements(text: Declarations, objective: Tensor, numbered: Numbered) -> Iterator[dict[Tensor, Place]]:
    """Every way to put all of a network's data and parameters in place of letters of the text."""
    letters = leaves_of(text, objective)
    everything = frozenset(t for t in numbered.leaves if numbered.covers[t] == {t})

    def rest(k: int, places: dict[Tensor, Place], sizes: dict[str, int]) -> Iterator[dict[Tensor, Place]]:
        spend(A_STEP)
        covered = frozenset().union(*(numbered.covers[place.tensor] for place in places.values()))
        if len(letters) - k < len(everything - covered):
            return
        if k == len(letters):
            yield dict(places)
            return
        letter = letters[k]
        for tensor, values in numbered.leaves.items():
            if numbered.covers[tensor] & covered:
                continue
            for turned, found in ways(values, letter.axes):
                grown = with_sizes(sizes, letter.axes, found.shape[1:])
                if grown is not None:
                    yield from rest(k + 1, {**places, letter: Place(tensor, found, turned)}, grown)
        if not letter.axes:  # a hyperparameter
            yield from rest(k + 1, places, sizes)

    yield from rest(0, {}, {})


def ways(values: Numbers, axes: tuple[Size, ...]) -> Iterator[tuple[bool, Numbers]]:
    """The numbers along these axes, in every order of them.

    An axis that counts from 0 may have a place there that the text never names: of w_{ji} beside a z_0 = 1.
    """
    if values.ndim - 1 != len(axes):
        return
    for order in permutations(range(1, len(axes) + 1)):
        turned = np.transpose(values, (0, *order))
        for more in product(*((0, 1) if axis.constant == 1 and axis.keys else (0,) for axis in axes)):
            yield order != tuple(sorted(order)), np.pad(turned, [(0, 0), *((k, 0) for k in more)], constant_values=0.5)


def with_sizes(sizes: dict[str, int], axes: tuple[Size, ...], shape: tuple[int, ...]) -> dict[str, int] | None:
    """The text's sizes, with those that make these axes so long; None where they are others already."""
    grown = dict(sizes)
    for axis, length in zip(axes, shape, strict=True):
        new = [name for name in axis.keys if name not in grown]
        if len(new) > 1:
            return None
        if new:
            fitting = (n for n in range(1, length + 2) if axis.value({**grown, new[0]: n}) == length)
            number = next(fitting, None)
            if number is None:
                return None
            grown[new[0]] = number
        elif axis.value(grown) != length:
            return None
    return grown


def compared(text: Declarations, objective: Tensor, places: Mapping[Tensor, Place], numbered: Numbered) -> float | None:
    """How many times the text's objective the network's is, up to a constant; None where it is no multiple."""
    sizes: dict[str, int] = {}
    for letter, place in places.items():
        sizes = with_sizes(sizes, letter.axes, place.values.shape[1:]) or sizes
    for name in (name for size in text.sizes.values() for name in size.keys):
        sizes.setdefault(name, numbered.objects)  # of an E_n that has one x for all
    free = [t for t in leaves_of(text, objective) if t not in places]
    values = {letter: place.values for letter, place in places.items()}

    def at(hyperparameters: Iterable[float]) -> Numbers | None:
        chosen = {t: np.full(POINTS, number) for t, number in zip(free, hyperparameters, strict=True)}
        return value_of(Evaluation(Instance(sizes, {**values, **chosen}, text.definitions, {}, POINTS)), objective)

    def unit(k: int) -> list[float]:
        return [float(k == other) for other in range(len(free))]

    own = at([0.0] * len(free))
    slopes = [found - own for k in range(len(free)) if own is not None and (found := at(unit(k))) is not None]
    if own is None or len(slopes) < len(free) or len(free) > POINTS - 4:
        return None
    for goal in (goal.reshape(own.shape) for goal in numbered.goals if goal.size == own.size):
        wanted, rows = goal - goal[:1], [moved - moved[:1] for moved in (*slopes, own)]
        if not free:
            factor = fitted(rows, wanted)
            if factor is not None and abs(factor[-1]) > TOLERANCE:
                return 1.0 if abs(factor[-1] - 1) < TOLERANCE else float(factor[-1])
            continue
        found = fitted(rows[:-1], wanted - rows[-1])
        if found is not None and (np.abs(found) > TOLERANCE).all():
            again = at(found)
            if again is not None and fitted([], goal - again - (goal - again)[:1]) is not None:
                return 1.0
    return None


def fitted(columns: list[Numbers], wanted: Numbers) -> Numbers | None:
    """The numbers with which the columns add up to what is wanted; None where there are none."""
    matrix = np.stack([column.ravel() for column in columns], axis=1) if columns else np.zeros((wanted.size, 0))
    found = np.asarray(np.linalg.lstsq(matrix, wanted.ravel(), rcond=None)[0], dtype=np.float64)
    left = np.abs(matrix @ found - wanted.ravel()).max(initial=0.0)
    scale = max(1.0, float(np.abs(wanted).max(initial=0.0)), float(np.abs(matrix).max(initial=0.0)))
    moves = float(np.abs(wanted).max(initial=0.0)) > TOLERANCE or not columns
    return found if left <= TOLERANCE * scale and moves else None
