"""The chain through the steps of a recurrence, as books on vanishing gradients write it.

    ∂z_t/∂w = Σ_{k=1}^t ∂z_t/∂z_k ∂⁺z_k/∂w,        ∂z_t/∂z_k = Π_{s=k+1}^t ∂z_s/∂z_{s-1}

∂⁺z_k/∂w holds what the step before has left behind, z_{k-1}, fixed (Pascanu, Mikolov, Bengio, On the difficulty of
training recurrent neural networks, (3)-(5)).  The state z may be a number or a vector, the factors of Π are matrices
then, and the steps may be of time or of depth.  Within one step z_s may be made of z_{s-1} through other values, as
the gates of a gated unit are: ∂z_s/∂z_{s-1} is itself a sum over these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symbolic.derivation.stacked import handed_on, stacked
from symbolic.language.affine import Affine, Index, Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import ONE, ZERO, Entry, Expr, InRange, Partial, Stack, StepProduct, Tensor, add, mul, total
from symbolic.language.paths import entry_inside, letters
from symbolic.language.recurrence import Recurrence, recurrences
from symbolic.language.terms import (
    at_least_zero,
    bound_indices,
    delta,
    entries,
    free_indices,
    fresh_index,
    in_range,
    nodes_of,
    reindex,
    substitute,
    tensors,
)
from symbolic.network.coarse import coarse, inline
from symbolic.words import Text

#: What the lines of a chain through steps are written with.
NOTATION = Text(
    "In {held} what the step before has left is held fixed. In {product} the factor of the latest step stands in "
    "front; over no step it is 1, or for vectors the unit matrix.",
    "В {held} значение с предыдущего шага считается постоянным. В {product} множитель последнего шага стоит первым; "
    "произведение без множителей равно 1, а для векторов — единичной матрице.",
)
#: What the entry of a product of matrices of blocks is.
OF_BLOCKS = Text(
    "In {product} the entry is that in the row of {row} and the column of {column}. Where a later step is "
    "differentiated by {column}, the other values that its step hands on are held fixed.",
    "В {product} взят элемент в строке {row} и столбце {column}. Когда следующий шаг дифференцируется по {column}, "
    "остальные величины, которые передаёт её шаг, считаются постоянными.",
)
#: The steps from the one whose derivative is taken back to the one that the parameter enters at.
EARLIER, BETWEEN = "k", "s"


@dataclass(frozen=True)
class State:
    """What a step hands on to the next one: ``value`` of a group, read ``lag`` places away along its axis ``place``.

    ``own`` are the other axes along which a step meets only itself: a sample does not see another one.
    """

    value: Tensor
    group: Recurrence
    place: int
    lag: int
    own: frozenset[int]

    @property
    def members(self) -> frozenset[Tensor]:
        return self.group.targets

    @property
    def mixed(self) -> tuple[int, ...]:
        """The axes along which the entries of one step depend on all entries of the step before."""
        return tuple(n for n in range(len(self.value.axes)) if n != self.place and n not in self.own)

    def at(self, of: Entry, step: Subscript, others: Iterable[Index]) -> Entry:
        """The state at another step, with other indices where its entries are mixed."""
        fresh = dict(zip(self.mixed, map(subscript, others), strict=True))
        placed = {**fresh, self.place: step}
        return Entry(self.value, tuple(placed.get(n, sub) for n, sub in enumerate(of.subscripts)))

    def entry(self, of: Entry) -> tuple[Subscript, ...]:
        """Which entry of the mixed axes it is."""
        return tuple(of.subscripts[n] for n in self.mixed)

    def fresh(self, names: Iterable[str], taken: list[Index]) -> tuple[Index, ...]:
        """An index for each mixed axis; they are taken from now on."""
        found = []
        for name, axis in zip(names, self.mixed, strict=False):
            found.append(fresh_index(Index(name, self.value.axes[axis]), taken))
            taken.append(found[-1])
        return tuple(found)


def states_of(definitions: Iterable[Definition]) -> Mapping[Tensor, State]:
    """The state of every recurrence that has just one; see :func:`refused`."""
    found = (_state(group) for group in recurrences(tuple(definitions)))
    return {state.value: state for state in found if isinstance(state, State)}


def refused(definitions: Iterable[Definition]) -> Text | None:
    """Why a chain through the steps is not written for this network, or None."""
    definitions = stacked(coarse(definitions))
    for group in recurrences(definitions):
        state = _state(group)
        if isinstance(state, Text):
            return state
        for definition in definitions:
            inside = [t for t in tensors(definition.formula) if t in state.members and t != state.value]
            if inside and definition.target not in state.members:
                return Text(
                    f"{inside[0].name}, which is made of {state.value.name} a step earlier, is read by "
                    f"{definition.target.name} too, and this form follows one value from step to step",
                    f"{inside[0].name} получается из {state.value.name} на прежнем шаге, и его читает ещё "
                    f"{definition.target.name}, а в этой форме от шага к шагу идёт одна величина",
                )
    return None


def _state(group: Recurrence) -> State | Text:
    """The one value that a step reads of the step before, or why there is none."""
    by_target = {member.target: member for member in group.members}
    lags = handed_on(group)
    if len(lags) > 1:
        names = [tensor.name for tensor in lags]
        return Text(
            f"{' and '.join(names)} go from step to step together and are of different shapes, "
            "and this form is for values of one shape",
            f"от шага к шагу идут вместе {' и '.join(names)}, и формы у них разные, "
            "а эта форма вывода — для величин одной формы",
        )
    (value,) = lags
    (lag, *further) = sorted(lags[value], key=abs)
    if further or abs(lag) != 1:
        return Text(
            f"{value.name} is read more than one step earlier, and this form goes from each step to the next",
            f"{value.name} читается больше чем за один шаг, а эта форма идёт от каждого шага к следующему",
        )
    whole = by_target[value]
    inner = {member.target: member for member in group.members if member.target != value}
    opened = inline(whole.formula, inner)
    place = group.place(value)
    own = frozenset(
        n
        for n, index in enumerate(whole.indices)
        if n != place and all(entry.subscripts[n].single == index for entry in entries(opened, value))
    )
    return State(value, group, place, lag, own)


def formulas_of_notation(line: Expr, states: Iterable[Tensor]) -> tuple[tuple[str, Expr], ...]:
    """The product and the derivative beside it that :data:`NOTATION` speaks of; none where a line has no product."""
    product = next(nodes_of(line, StepProduct), None)
    known = frozenset(states)
    held = next((p for p in nodes_of(line, Partial) if p.direct and _holds_a_step(p, known)), None)
    return (("held", held), ("product", product)) if product is not None and held is not None else ()


def formulas_of_blocks(line: Expr) -> tuple[tuple[str, Expr], ...]:
    """The product that :data:`OF_BLOCKS` speaks of, its row and its column; none where a line has no such product."""
    for product in nodes_of(line, StepProduct):
        body = product.body
        if isinstance(body, Partial) and isinstance(body.of, Entry) and isinstance(body.of.tensor, Stack):
            count, first = len(product.rows), product.since + (-1 if product.backwards else 1)
            above = dict(zip((product.step, *product.rows), (product.until, *product.at[:count]), strict=True))
            below = dict(zip((product.step, *product.columns), (first, *product.at[count:]), strict=True))
            assert isinstance(body.by, Entry)
            return (("product", product), ("row", reindex(body.of, above)), ("column", reindex(body.by, below)))
    return ()


def _holds_a_step(partial: Partial, known: frozenset[Tensor]) -> bool:
    of, by = partial.of, partial.by
    return isinstance(of, Entry) and isinstance(by, Entry) and of.tensor in known and by.tensor not in known


def further(partial: Partial, states: Mapping[Tensor, State], network: Mapping[Tensor, Definition], line: Expr) -> Expr:
    """The derivative of a state one step of reasoning further: the sum over the steps, the product, or one factor."""
    of, by = partial.of, partial.by
    assert isinstance(of, Entry)
    assert isinstance(by, Entry)
    state = states[of.tensor]
    taken = _taken(of, by, network, line)
    if by.tensor != state.value:
        return _from_every_step(of, by, state, network, taken)
    return _product(of, by, state, taken)


def within_one_step(of: Entry, by: Entry, state: State, network: Mapping[Tensor, Definition]) -> Expr:
    """∂z_t/∂z_{t-1} by all ways within the step; ``of`` may be an entry of one part of a stack."""
    value = of.tensor.part_of(of) if isinstance(of.tensor, Stack) else of
    return _within_a_step(value or of, by, state, network, _taken(of, by, network, ZERO), through=True)


def apart(line: Expr) -> frozenset[Partial]:
    """The factors of products that are no single derivative: what they are is derived on its own."""
    bodies = (node.body for node in nodes_of(line, StepProduct))
    return frozenset(body for body in bodies if isinstance(body, Partial) and not body.direct)


def not_the_first(line: Expr) -> Mapping[Partial, Expr]:
    """For each derivative under a Π the bracket that holds in every factor: the step before it is there."""
    return {
        partial: in_range(subscript(node.step) + (1 if node.backwards else -1), node.step.extent)
        for node in nodes_of(line, StepProduct)
        for partial in nodes_of(node.body, Partial)
    }


def given(bracket: Expr, expr: Expr) -> Expr:
    """The formula where the bracket of a step holds: it is 1, and what is only there at the first step is 0."""
    assert isinstance(bracket, InRange)
    (step,) = bracket.subscript.keys
    first = subscript(0) if bracket.subscript.constant < 0 else subscript(step) - bracket.subscript + _last(bracket)
    return substitute(expr, {bracket: ONE, delta(subscript(step), first): ZERO, delta(first, subscript(step)): ZERO})


def _last(bracket: InRange) -> Subscript:
    """The place behind the last, as a subscript."""
    return Affine((), bracket.extent.constant, bracket.extent.terms)


def _taken(of: Entry, by: Entry, network: Mapping[Tensor, Definition], line: Expr) -> list[Index]:
    """The indices whose letters are in use."""
    named = dict.fromkeys(t for d in network.values() for t in (d.target, *tensors(d.formula)))
    free = (index for entry in (of, by) for sub in entry.subscripts for index in sub.keys)
    return [*free, *bound_indices(line), *letters(named)]


def _from_every_step(
    of: Entry, by: Entry, state: State, network: Mapping[Tensor, Definition], taken: list[Index]
) -> Expr:
    """Σ_k [k ≤ t] Σ_m ∂z_tj/∂z_km ∂⁺z_km/∂w."""
    here = of.subscripts[state.place]
    step = fresh_index(Index(EARLIER, state.value.axes[state.place]), taken)
    taken.append(step)
    others = state.fresh(("m", "r", "c"), taken)
    earlier = state.at(of, subscript(step), others)
    distance = here - subscript(step) if state.lag < 0 else subscript(step) - here
    each = parts(earlier)
    enters = [
        mul(Partial(of, entry), _within_a_step(value, by, state, network, taken, through=False))
        for entry, value in each
    ]
    running = [index for index in others if any(index in free_indices(entry) for entry, _ in each)]
    return total(mul(at_least_zero(distance), total(add(*enters), *running)), step)


def parts(entry: Entry) -> tuple[tuple[Entry, Entry], ...]:
    """The entry with the value that it is; an entry of any part of a stack as one of each part."""
    stack = entry.tensor
    if not isinstance(stack, Stack):
        return ((entry, entry),)
    placed = (_of_part(entry, number) for number in range(len(stack.parts)))
    return tuple((one, stack.part_of(one) or one) for one in placed)


def _of_part(entry: Entry, number: int) -> Entry:
    """The entry of the stack in the part of that number."""
    assert isinstance(entry.tensor, Stack)
    place = entry.tensor.place
    subscripts = (*entry.subscripts[:place], subscript(number), *entry.subscripts[place + 1 :])
    return Entry(entry.tensor, subscripts)


def _product(of: Entry, by: Entry, state: State, taken: list[Index]) -> Expr:
    """∂z_tj/∂z_km as the entry j, m of Π_s ∂z_s/∂z_{s-1}."""
    step = fresh_index(Index(BETWEEN, state.value.axes[state.place]), taken)
    taken.append(step)
    rows, columns = state.fresh(("r", "q", "u"), taken), state.fresh(("c", "v", "g"), taken)
    after = state.at(of, subscript(step), rows)
    before = state.at(of, subscript(step) + state.lag, columns)
    factor = Partial(after, before, direct=len(state.members) == 1)
    since, until = by.subscripts[state.place], of.subscripts[state.place]
    entry = (*state.entry(of), *state.entry(by))
    return StepProduct(factor, step, rows, columns, since, until, entry, state.lag > 0)


def _within_a_step(
    of: Entry, by: Entry, state: State, network: Mapping[Tensor, Definition], taken: Iterable[Index], through: bool
) -> Expr:
    """∂of/∂by by all ways that stay in one step; ``through``: by the state as the step before has left it.

    What leads out of the group, to values that no step hands on, stays a derivative to be opened.
    """
    formula = network[of.tensor].at(of.subscripts)
    outer = [index for sub in of.subscripts for index in sub.keys]
    direct = [Partial(of, by, direct=True)] if _holds(formula, by) else []
    terms: list[Expr] = []
    for tensor in tensors(formula):
        inside = tensor in state.members
        if tensor in (state.value, by.tensor) or tensor not in network or (through and not inside):
            continue
        inner, running = entry_inside(formula, tensor, outer, taken)
        used = (*taken, *running)
        rest = _within_a_step(inner, by, state, network, used, through) if inside else Partial(inner, by)
        terms.append(total(mul(Partial(of, inner, direct=True), rest), *running))
    return add(*terms, *direct)


def _holds(formula: Expr, by: Entry) -> bool:
    """Whether it names the variable, or may: one of another part of a stack it does not."""
    apart = (zip(entry.subscripts, by.subscripts, strict=True) for entry in entries(formula, by.tensor))
    return any(all((one - other).number in (None, 0) for one, other in pairs) for pairs in apart)
