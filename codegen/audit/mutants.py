"""Gradients with one slip each, made from the derivation: what a person's numbers are held against to name a slip.

Every E_α = ∂Q/∂α of the derived backward pass is changed in one place: a factor or a term is left out, a sign or a
number is another one, one value stands for another.  Nothing here knows a network: what can go wrong is read off
the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import product

from codegen.audit.backward import Backward, Mutant
from codegen.audit.class_slips import class_slips
from codegen.audit.lying_slips import lying_slips
from codegen.audit.mutant_words import (
    BEFORE,
    BEFORE_SLOPE,
    BROADCAST,
    CHANGED,
    FACTOR,
    FIRST_STEP,
    GONE,
    LAST_STEP,
    LAST_UNIT,
    LATER,
    MEAN_MISSING,
    MEAN_TOO_MANY,
    ONLY,
    OTHER_ENTRY,
    OVER_UNITS,
    PATH,
    PATH_SIGN,
    SIGN,
    TERM_OF_UNIT,
    TWO_MISSING,
    UPDATED,
    VALUE,
)
from codegen.audit.one_change import (
    inner_slope,
    is_of,
    is_of_sizes,
    one_change,
    retensored_factors,
    sizes_left_out,
)
from codegen.audit.penalty_slips import biases_regularised, penalty_slips
from codegen.audit.picking_slips import picking_slips, with_other_ties
from codegen.audit.several_places import of_one_unit, together
from codegen.audit.slope_slips import normaliser_slips, slope_again, slopes, slopes_inside
from codegen.audit.slots import is_bias
from codegen.audit.trials import Problem, running_axes
from symbolic.derivation.adjoint import AdjointDefinition, adjoint_of
from symbolic.language.affine import Affine, Size, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Delta,
    Entry,
    Expr,
    Extent,
    Number,
    Sum,
    Tensor,
    add,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.plain_text import plain
from symbolic.language.terms import fresh_index, reindex, retensor, substitute, tensors, transform, walk
from symbolic.words import Text


class Mutants(Backward):
    """All single slips of a problem; ``by_units``: of one unit alone too, where each has lines of its own."""

    def __init__(self, problem: Problem, by_units: bool = False) -> None:
        super().__init__(problem)
        self.by_units = by_units

    def at_rate(self, rate: float | None) -> tuple[Mutant, ...]:
        """All, and where steps are taken at this rate those that use what has stepped already."""
        if rate is None:
            return self.all
        entries = enumerate(self.adjoint.entries)
        updated = [m for place, entry in entries for m in self._updated(entry, self._made(entry, place), rate)]
        alone = [one for m in updated for one in of_one_unit(self, m)] if self.by_units else []
        return tuple(sorted((*self.all, *updated, *together(self, updated), *alone), key=lambda m: m.rank))

    @cached_property
    def all(self) -> tuple[Mutant, ...]:
        """The likeliest first, of each kind the one nearest the output first."""
        found = [m for place, entry in enumerate(self.adjoint.entries) for m in self._of(entry, place)]
        alone = [one for m in found for one in of_one_unit(self, m)] if self.by_units else []
        found += list(together(self, found))
        found += list(biases_regularised(self.problem, self))
        found += alone
        right = {d.target: d for d in self.adjoint.definitions}
        found += [one for m in found for one in with_other_ties(m, right)]
        first: dict[frozenset[Definition], Mutant] = {}
        for one in sorted(found, key=lambda m: m.rank):
            first.setdefault(frozenset(one.definitions), one)
        return tuple(first.values())

    def changes(self, mutant: Mutant) -> frozenset[str]:
        """The parameters whose gradients a slip can change."""
        slipped = frozenset(definition.target for definition in mutant.definitions)
        if slipped not in self._changes:
            affected = self.problem.affected(slipped)
            names = (p.name for p in self.objective.parameters if adjoint_of(p.tensor) in affected)
            self._changes[slipped] = frozenset(names)
        return self._changes[slipped]

    @cached_property
    def _changes(self) -> dict[frozenset[Tensor], frozenset[str]]:
        return {}

    def first_of(self, parameters: frozenset[str]) -> str:
        """The one whose gradient is computed first."""
        return next(e.of.name for e in self.adjoint.entries if e.of.role == "parameter" and e.of.name in parameters)

    def read_by(self, mutant: Mutant) -> frozenset[str]:
        """The parameters whose gradients are computed from what a slip is in: it may be in their line alone."""
        slipped = {definition.target for definition in mutant.definitions}
        entries = (entry for entry in self.adjoint.entries if entry.of.role == "parameter")
        return frozenset(e.of.name for e in entries if slipped & {*tensors(e.definition.formula)})

    # -------------------------------------------------------------- of one E

    def _of(self, entry: AdjointDefinition, place: int) -> Iterator[Mutant]:
        formula, name, mutant = entry.definition.formula, entry.of.name, self._made(entry, place)
        if entry.of.name == "R" and isinstance(formula, Number):
            return
        yield from slopes(self, entry, mutant)
        yield from slopes_inside(entry, mutant)
        yield from normaliser_slips(entry, mutant)
        yield from penalty_slips(self, entry, mutant)
        yield from lying_slips(self, entry, mutant)
        yield from mutant("sign", SIGN.format(a=name), neg(formula), "sign")
        for c, said in ((2, FACTOR.format(a=name, c="2")), (Fraction(1, 2), TWO_MISSING.format(a=name))):
            yield from mutant("factor", said, mul(number(c), formula), str(c))
        samples = Extent(size("N"))
        yield from mutant("samples", MEAN_MISSING.format(a=name), mul(samples, formula), "N")
        yield from mutant("samples", MEAN_TOO_MANY.format(a=name), mul(power(samples, -1), formula), "1/N")
        if self.problem.outputs > 2:
            outputs = number(self.problem.outputs)
            yield from mutant("factor", FACTOR.format(a=name, c="K"), mul(outputs, formula), "K")
            yield from mutant("factor", FACTOR.format(a=name, c="1/K"), mul(power(outputs, -1), formula), "1/K")
        yield from self._values(entry, mutant)
        yield from self._one_step(entry, mutant)
        yield from self._paths(entry, mutant)
        yield from self._broadcast(entry, mutant)
        yield from self._over_units(entry, mutant)
        yield from picking_slips(entry, mutant)
        yield from class_slips(self, entry, mutant)
        if self.by_units:
            yield from self._without_a_unit(entry, mutant)
            yield from self._other_entries(entry, mutant)
        for new, part in (*one_change(formula), *sizes_left_out(formula)):
            said = CHANGED if part is None else GONE.format(part=plain(part), a="{a}", wrong="{wrong}", right="{right}")
            of_size = part is not None and is_of_sizes(part)
            kind, stem = ("size", plain(part)) if part is not None and of_size else ("term", inner_slope(part))
            yield from mutant(kind, said.format(a=name, wrong=plain(new), right=plain(formula)), new, stem)

    def _made(self, entry: AdjointDefinition, place: int) -> Callable[..., Iterator[Mutant]]:
        """What makes a mutant of another formula for this E, where it is another, and can be computed."""
        definition = entry.definition

        def mutant(kind: str, said: Text, new: Expr, stem: str = "") -> Iterator[Mutant]:
            if new == number(0) and kind not in ("path", "regularizer"):
                return  # what is left out altogether is named where it is added
            if new != definition.formula and self.known_before(new, place):
                changed = Definition(definition.target, definition.indices, new, "adjoint")
                yield Mutant(kind, said, (changed,), place, f"{kind}:{stem}")

        return mutant

    def _values(self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
        """One quantity for another of the same axes: h for its pre-activation, h_t for h_{t−1}, E before its slope."""
        name, formula = entry.of.name, entry.definition.formula
        later, pairs = formula, []
        for contribution in entry.contributions:
            after = self.after(contribution.user.target)
            for tensor in tensors(contribution.formula):
                if after is not None and tensor.role == "value" and tensor.axes == after.axes and tensor != after:
                    pairs.append((tensor, after))
        if pairs and entry.of.role == "parameter":
            forward = dict(pairs)

            later = add(retensor(formula, forward), *self._first_step(entry, forward))
            said = LATER.format(a=name, wrong=pairs[-1][1].name, right=pairs[-1][0].name)
            yield from mutant("value", said, later, "later")
        for contribution in entry.contributions if entry.of.role == "parameter" else ():
            user = contribution.user.target
            after = self.after(user)
            for own, stem in ((user, "output for input"), (after, "value for input")):
                if own is None:
                    continue
                for tensor in (t for t in tensors(formula) if self.fits(t, own) and t != own and t.role != "adjoint"):
                    said = VALUE.format(a=name, wrong=own.name, right=tensor.name)
                    yield from mutant("value", said, retensored_factors(formula, tensor, own), stem)
        for tensor in tensors(formula):
            yield from slope_again(self, name, tensor, formula, mutant)
            for other in self.alike(tensor):
                new = retensor(formula, {tensor: other})
                if tensor.role == "adjoint":
                    yield from self._error_before(name, tensor, other, new, mutant)
                else:
                    said = VALUE.format(a=name, wrong=other.name, right=tensor.name)
                    yield from mutant("value", said, new, f"{other.name} for {tensor.name}")

    def _first_step(self, entry: AdjointDefinition, forward: Mapping[Tensor, Tensor]) -> Iterator[Expr]:
        """What a loop adds at its first step, where the value before it is 0 and the one after it is not."""
        users = [c.user for c in entry.contributions]
        known = {d.target for d in self.adjoint.definitions}
        shared = {t for user in users for t in tensors(user.formula) if t.role == "parameter"} - {entry.of}
        template = next((c for c in entry.contributions if set(forward) & set(tensors(c.formula))), None)
        if template is None:
            return
        for definition in self.own.values():
            own = set(tensors(definition.formula))
            if (
                definition in users
                or not own & shared
                or entry.of in own
                or definition.target.axes != template.user.target.axes
            ):
                continue
            after = self.after(definition.target)
            if after is None or adjoint_of(definition.target) not in known:
                continue
            moved = {adjoint_of(template.user.target): adjoint_of(definition.target), **dict.fromkeys(forward, after)}
            yield retensor(template.formula, moved)

    def _error_before(
        self, name: str, right: Tensor, wrong: Tensor, new: Expr, mutant: Callable[..., Iterator[Mutant]]
    ) -> Iterator[Mutant]:
        of = {adjoint_of(t): t for t in self.own}
        words = {"a": name, "wrong": of[wrong].name, "right": of[right].name}
        slope = self.own[of[wrong]]
        if slope.kind in ("activation", "node") and of[right] in tensors(slope.formula):
            said = BEFORE_SLOPE.format(**words, f=self.function_name(slope), z=slope.node or of[wrong].name)
            yield from mutant("error before", said, new, "before")
        else:
            yield from mutant("error before", BEFORE.format(**words), new, f"{wrong.name} for {right.name}")

    def _paths(self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
        several = [c for c in entry.contributions if c.user.kind != "regularizer"]
        if len(several) < 2:
            return
        name = entry.of.name
        for left_out in several:
            rest = add(*(c.formula for c in entry.contributions if c is not left_out))
            through = ",".join(sorted(t.name for t in tensors(left_out.user.formula) if t.role == "parameter"))
            yield from mutant("path", PATH.format(a=name, user=left_out.user.target.name), rest, f"without {through}")
            turned = add(rest, neg(left_out.formula))
            yield from mutant("path", PATH_SIGN.format(a=name, user=left_out.user.target.name), turned, "")
        penalty = [c.formula for c in entry.contributions if c.user.kind == "regularizer"]
        for alone in several:
            new = add(alone.formula, *penalty)
            yield from mutant(
                "path", ONLY.format(a=name, user=alone.user.target.name), new, f"only {several.index(alone)}"
            )

    def _one_step(self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
        """What comes from the last unit alone; a parameter's gradient of the first or the last step alone."""
        for node in walk(entry.definition.formula) if entry.of.role != "parameter" else ():
            if isinstance(node, Sum) and str(node.index.extent) != "N" and tensors(node.body):
                last = node.index.extent - 1
                alone = reindex(node.body, {node.index: Affine((), last.constant, last.terms)})
                new = substitute(entry.definition.formula, {node: alone})
                yield from mutant("path", LAST_UNIT.format(a=entry.of.name), new, "last unit")
        if entry.of.role != "parameter":
            return
        for node in walk(entry.definition.formula):
            if not (isinstance(node, Sum) and node.index.extent in self._steps):
                continue
            last = node.index.extent - 1
            for said, at in ((FIRST_STEP, subscript(0)), (LAST_STEP, Affine((), last.constant, last.terms))):
                alone = reindex(node.body, {node.index: at})
                new = substitute(entry.definition.formula, {node: alone})
                yield from mutant("path", said.format(a=entry.of.name), new, str(said))

    @cached_property
    def _steps(self) -> frozenset[Size]:
        """How far the indices run that go through time."""
        return frozenset(running_axes(self.problem.network))

    def _without_a_unit(self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
        """A sum over units that is written out, with one of its terms forgotten."""
        formula = entry.definition.formula
        for node in walk(formula):
            if isinstance(node, Sum) and str(node.index.extent) != "N":
                for place in range(node.index.extent.value(self.problem.sizes)):
                    term = reindex(node.body, {node.index: subscript(place)})
                    said = TERM_OF_UNIT.format(a=entry.of.name, n=place + 1)
                    yield from mutant("path", said, substitute(formula, {node: add(node, neg(term))}))

    def _other_entries(self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
        """One entry of a parameter's gradient with a number that belongs to another entry."""
        formula, indices = entry.definition.formula, entry.definition.indices
        if entry.of.role != "parameter":
            return
        lengths = [index.extent.value(self.problem.sizes) for index in indices]
        for at in product(*map(range, lengths)):
            here = mul(*(Delta(subscript(index), subscript(place)) for index, place in zip(indices, at, strict=True)))
            for index, place, length in zip(indices, at, lengths, strict=True):
                for other in (n for n in range(length) if n != place):
                    moved = reindex(formula, {index: subscript(other)})
                    new = add(mul(here, moved), mul(add(number(1), neg(here)), formula))
                    shown = ",".join(map(str, at))
                    said = OTHER_ENTRY.format(a=f"{entry.of.name}[{shown}]", i=index.name, right=place, wrong=other)
                    yield from mutant("value", said, new)

    def _broadcast(self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
        formula, target = entry.definition.formula, self.objective.target
        if target not in tensors(formula) or len(target.axes) != 1:
            return
        sample = entry.definition.indices[0]
        other = fresh_index(sample, [sample])

        def moved(node: Expr) -> Expr | None:
            return reindex(node, {sample: subscript(other)}) if is_of(node, target) else None

        every = total(transform(formula, moved), other)
        yield from mutant("broadcast", BROADCAST, every, "")
        yield from mutant("broadcast", BROADCAST, mul(power(Extent(size("N")), -1), every), "")  # the mean of all N²

    def _over_units(self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
        """``db = dz.sum()``, which a step takes from every entry of the bias."""
        if not (entry.of.role == "parameter" and is_bias(self.problem, entry.of.name) and entry.definition.indices):
            return
        unit = entry.definition.indices[0]
        other = fresh_index(unit, [unit])
        whole = total(reindex(entry.definition.formula, {unit: subscript(other)}), other)
        yield from mutant("broadcast", OVER_UNITS.format(a=entry.of.name), whole, "over units")

    def _updated(
        self, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]], rate: float
    ) -> Iterator[Mutant]:
        formula = entry.definition.formula
        known = {d.target for d in self.adjoint.definitions}
        used = [t for t in tensors(formula) if t.role == "parameter" and adjoint_of(t) in known and entry.of != t]
        if not used:
            return
        step = number(Fraction(rate))

        def after(node: Expr) -> Expr | None:
            if isinstance(node, Entry) and node.tensor in used:
                return add(node, neg(mul(step, Entry(adjoint_of(node.tensor), node.subscripts))))
            return None

        names = ", ".join(t.name for t in used)
        yield from mutant("updated", UPDATED.format(w=names, a=entry.of.name), transform(formula, after), "updated")
