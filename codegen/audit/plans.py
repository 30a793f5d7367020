"""A recipe with layouts chosen: one way to call the code, at any point, as steps for the other process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.audit.asked import Filler
from codegen.audit.laid_out import laid_out
from codegen.audit.layouts import Coded, DataForm, coded, data_forms, x_value, y_value
from codegen.audit.numbers_given import numbers_said
from codegen.audit.recipes import Do, Recipe, widths
from codegen.audit.slot_layouts import slot_layouts
from codegen.audit.slots import Slot, is_bias
from codegen.audit.trials import Array, Problem, Trial
from symbolic.language.expr import Tensor
from symbolic.words import Text

#: The rate of steps; a power of two, so that (before − after)/rate loses nothing.
RATE = 0.25


@dataclass(frozen=True, slots=True)
class Penalty:
    """What an argument λ is given: a number, or that times N for code that divides its regulariser by N."""

    number: float = 0.0
    by_samples: bool = False

    def value(self, samples: int) -> float:
        return self.number * samples if self.by_samples else self.number

    def __str__(self) -> str:
        return f"{self.number:g}" + (" N" if self.by_samples else "")


#: How the numbers lie of which each sample has one.
_OF_NUMBERS = frozenset({"vector", "column", "row", "one", "one column", "one row"})


@dataclass(frozen=True)
class Plan:
    """One way to call the code: the recipe, which parameter lies in which array and how, and how data are passed."""

    recipe: Recipe
    problem: Problem
    data: DataForm
    slots: tuple[Slot, ...]
    penalty: Penalty = Penalty()
    #: How large a batch is, where it is not all samples.
    batch: int | None = None

    def trial(self, trial: Trial) -> Trial:
        """The point that a call is for: the first sample alone, where the code takes one."""
        return self.problem.first_alone(trial) if self.data.one else trial

    @cached_property
    def biases(self) -> frozenset[str]:
        return frozenset(name for name in self.problem.shapes if is_bias(self.problem, name))

    @property
    def by_units(self) -> bool:
        """Whether each unit has variables of its own."""
        return any(slot.part for slot in self.slots)

    def arrays(self, trial: Trial) -> dict[str, Array]:
        """What each slot holds at a point."""
        return {slot.name: slot.make(trial.parameters, self.biases) for slot in self.slots}

    def job(self, whole: Trial, trace: bool = False, rounds: int = 1) -> dict[str, Any]:
        """The steps at one point, with ``rounds`` of a loop that trains; ``outline`` says which of them shows what."""
        trial = self.trial(whole)
        steps: list[dict[str, Any]] = []
        places: dict[str, int] = {}
        arrays = self.arrays(trial)

        def fill(filler: Filler) -> Coded:
            match filler:
                case ("slot", name):
                    return ["r", places[f"slot:{name}"], []]
                case ("x", number):
                    return self._input_as_coded(number, self._input(trial, number))
                case ("y",):
                    return y_value(self.data.y, self._target(trial))
                case ("parameter", name, turned):
                    array = trial.parameters[name]
                    return coded(array.T if turned else array)
                case ("x entry", place):
                    return self._column(self._input(trial), place)
                case ("y entry", place):
                    return self._column(self._target(trial), place)
                case ("zeros", inner):
                    return fill(self._zeros(inner, arrays))
                case ("array", array):
                    return coded(array)
                case ("laid", inner, layout):
                    data = self._target(trial) if inner[0] == "y" else self._input(trial, inner[1])
                    return coded(laid_out(data, layout))
                case ("size", name):
                    return ["v", self.problem.sizes[name]]
                case ("upstream",):
                    form = self.data.y if "class" not in self.data.y else "rows"
                    return y_value(form, self.problem.upstream(trial))
                case ("value", tensor):
                    return self._forward_value(tensor, trial)
                case ("samples list",):
                    return ["l", [["t", [*self._x(trial, k), self._y(trial, k)]] for k in range(trial.samples)]]
                case ("joined",):
                    rows = trial.inputs[self.problem.objective.inputs[0].name]
                    return coded(np.hstack([rows, trial.target.reshape(trial.samples, -1)]))
                case ("samples",):
                    return ["v", trial.samples]
                case ("batch size", _):
                    return ["v", self.batch or trial.samples]
                case ("rate",):
                    return ["v", RATE]
                case ("rounds",):
                    return ["v", rounds]
                case ("penalty",) | ("unknown number",):
                    return ["v", self.penalty.value(trial.samples)]
                case ("plain", value):
                    return ["v", value]
                case ("state",):
                    return coded(np.zeros(self._state(trial)))
                case ("module", name):
                    return ["m", [f".{name}"] if name else []]
                case ("result", key, path):
                    return ["r", places[key], list(path)]
                case ("list", items):
                    return ["l", [fill(item) for item in items]]
                case ("tuple", items):
                    return ["t", [fill(item) for item in items]]
                case ("dict", pairs):
                    return ["d", [[name, fill(item)] for name, item in pairs]]
                case ("object", pairs):
                    return ["n", [[name, fill(item)] for name, item in pairs]]
                case ("flat",):
                    return ["r", places["slot:flat"], []]
            raise ValueError(filler)

        def add(key: str, step: dict[str, Any]) -> None:
            places[key] = len(steps)
            steps.append(step)

        if self.recipe.flat:
            whole_array = np.concatenate([array.reshape(-1) for array in arrays.values()])
            add("slot:flat", {"do": "let", "value": coded(whole_array)})
        else:
            for name, array in arrays.items():
                add(f"slot:{name}", {"do": "let", "value": coded(array)})
        for do in self.recipe.steps:
            add(do.key, self._step(do, fill))
        for name in self.slot_names:
            add(f"look:{name}", {"do": "look", "on": ["r", places[f"slot:{name}"], []]})
        for number, holder in enumerate(self.recipe.holders):
            add(f"holder:{number}", {"do": "look", "on": fill(holder)})
        return {"steps": steps, "trace": trace, "outline": places, "rounds": rounds, "longest": self.problem.longest}

    @property
    def slot_names(self) -> tuple[str, ...]:
        return ("flat",) if self.recipe.flat else tuple(slot.name for slot in self.slots)

    def _step(self, do: Do, fill: Any) -> dict[str, Any]:
        if do.kind == "let":
            return {"do": "let", "value": fill(do.what)}
        if do.kind == "set":
            holder, path = do.what
            return {
                "do": "set",
                "on": fill(holder) if holder else ["m", []],
                "path": list(path),
                "value": fill(do.args[0]),
            }
        kind, *rest = do.what
        if kind == "module":
            function = ["m", [f".{part}" for part in rest[0].split(".")]]
        elif kind == "value":
            function = fill(rest[0])
        else:
            holder = fill(rest[0])
            function = ["r", holder[1], [*holder[2], f".{rest[1]}"]]
        args = [fill(filler) for filler in do.args]
        named = {name: fill(filler) for name, filler in do.named}
        return {"do": "call", "function": function, "args": args, "kwargs": named, "show": do.key == self.recipe.target}

    def _input(self, trial: Trial, number: int = 0) -> NDArray[Any]:
        """An input as it is: whole numbers where the spec says so."""
        name = self.problem.objective.inputs[number].name
        array = trial.inputs[name]
        return array.astype(np.int64) if name in self.problem.whole else array

    def _input_as_coded(self, number: int, array: NDArray[Any]) -> Coded:
        """An input in its form; whole numbers, beside which a first state is a column, stand in a list or alone."""
        tensor = self.problem.objective.inputs[number]
        if tensor.name not in self.problem.whole:
            if number > 0 and len(tensor.axes) == 1 and self.data.y in _OF_NUMBERS:  # an offset lies as y does
                return y_value(self.data.y, array.reshape(-1))
            return x_value(self.data.x, array)
        if len(tensor.axes) == 1:
            return coded(array[0].reshape(()) if self.data.x.startswith("one") else array.reshape(-1))
        return x_value("one" if self.data.x == "one column" else self.data.x, array)

    def _target(self, trial: Trial) -> NDArray[Any]:
        whole = self.problem.objective.target.name in self.problem.whole
        return trial.target.astype(np.int64) if whole else trial.target

    def _column(self, array: NDArray[Any], place: int) -> Coded:
        """One number of each sample: of the one that the call is for, or of all."""
        column = array.reshape(len(array), -1)[:, place]
        return ["v", column[0].item()] if self.data.one else coded(column)

    def _zeros(self, filler: Filler, arrays: Mapping[str, Array]) -> Filler:
        """What holds parameters, with zeros in their place: velocities before the first step."""
        match filler:
            case ("slot", name):
                return ("array", np.zeros_like(arrays[name]))
            case ("result", key, ()):
                held = next(do.what for do in self.recipe.steps if do.key == key)
                return self._zeros(held, arrays)
            case (("list" | "tuple") as kind, items):
                return (kind, tuple(self._zeros(item, arrays) for item in items))
            case ("dict", pairs):
                return ("dict", tuple((key, self._zeros(item, arrays)) for key, item in pairs))
        return filler

    def _x(self, trial: Trial, sample: int) -> list[Coded]:
        """The inputs of one sample."""
        count = len(self.problem.objective.inputs)
        return [self._input_as_coded(k, self._input(trial, k)[sample : sample + 1]) for k in range(count)]

    def _y(self, trial: Trial, sample: int) -> Coded:
        return y_value(self.data.y, self._target(trial)[sample : sample + 1])

    def _forward_value(self, tensor: Tensor, trial: Trial) -> Coded:
        """A value of the network's own forward pass, as the outputs lie."""
        array = self.problem.evaluate([trial], [tensor])[tensor][0]
        if tensor == self.problem.objective.output and array.ndim == 1:
            return y_value(self.data.y, array)
        form = self.data.x.partition(",")[0]
        return x_value(form, array.reshape(trial.samples, -1))

    def _state(self, trial: Trial) -> tuple[int, ...]:
        """The shape of a first hidden state, zeros."""
        width = (widths(self.problem)[1:-1] or [1])[0]
        if self.data.x in ("one column", "one, columns", "one, classes"):
            return (width, 1)
        if self.data.one:
            return (width,)
        columns = self.data.x in ("columns", "values first", "list over time, columns")
        return (width, trial.samples) if columns else (trial.samples, width)

    def understood(self) -> list[Text]:
        """How the code was read: data, parameters, what else it was given."""
        said = []
        if self.recipe.uses & {"x", "y", "samples list", "joined", "x entry", "y entry"}:
            said.append(self.data.shown(self.problem.compares))
        for slot in self.slots:
            if self.recipe.flat:
                break
            said.append(self._slot_said(slot))
        if self.recipe.flat:
            said.append(Text("all parameters in one vector: ", "все параметры в одном векторе: ") + _names(self.slots))
        if self.recipe.takes_strength:
            said.append(Text("its λ is {n}", "её λ равно {n}").format(n=str(self.penalty)))
        if (numbers := numbers_said(self.recipe, RATE, self.batch)) is not None:
            said.append(numbers)
        return said

    def _slot_said(self, slot: Slot) -> Text:
        ours = self.problem.shapes
        if slot.part:
            place = ",".join(map(str, slot.part))
            held = " + ".join(f"{name}[{place}]" for name in slot.parameters)
            return Text("{s} is {p}", "{s} — это {p}").format(s=slot.name, p=held)
        if slot.merged == "below":
            text = Text("{s} is {p}, one below the other", "{s} — это {p}, друг под другом")
            return text.format(s=slot.name, p=", ".join(slot.parameters))
        if slot.merged:
            at = {"first": Text("first", "первым"), "last": Text("last", "последним")}[slot.merged]
            turned = slot.style.orientation == "inputs x units"
            both = Text("{s} is {w} with {b} as its {at} {line}", "{s} — это {w}, {b} {at} {line}").format(
                s=slot.name,
                w=slot.parameters[0],
                b=slot.parameters[1],
                at=at,
                line=Text("row", "по счёту строкой") if turned else Text("column", "по счёту столбцом"),
            )
            return both + (Text(", transposed", ", транспонировано") if turned else "")
        name = slot.parameters[0]
        shape = ours[name]
        turned = name not in self.biases and len(shape) == 2 and slot.style.orientation == "inputs x units"
        has = slot.make({name: np.zeros(shape)}, self.biases).shape
        text = Text("{s} is {p}", "{s} — это {p}").format(s=slot.name, p=name)
        if turned and len(has) == 2:
            return text + Text(" transposed, {has}", ", транспонировано, {has}").format(has=has)
        return text + (f", {has}" if has != shape else "")


def _names(slots: tuple[Slot, ...]) -> str:
    return ", ".join("+".join(slot.parameters) for slot in slots)


# ------------------------------------------------------------------ which plans there are


def plans(recipe: Recipe, problem: Problem, penalty: Penalty, everything: bool) -> Iterator[Plan]:
    """The ways to lay things out; with ``everything`` also parameters in another order than the network's."""
    forms = forms_for(recipe, problem)
    for slots in slot_layouts(recipe, problem, everything):
        for form in forms:
            yield Plan(recipe, problem, form, slots, penalty)


def forms_for(recipe: Recipe, problem: Problem) -> list[DataForm]:
    """Only those that this recipe can tell apart."""
    forms = data_forms(problem)
    if "from 1" not in recipe.uses:
        forms = [form for form in forms if not form.y.endswith("from 1")]
    if recipe.uses & {"x entry", "y entry"}:
        column = "vector" if len(problem.objective.target.axes) == 1 else "rows"
        forms = [DataForm("one", "one", one=True), DataForm("rows", column)]
    elif "samples list" in recipe.uses:
        singles = [form for form in forms if form.one and not form.classes_in]
        forms = [DataForm(form.x, form.y) for form in singles]
    elif "joined" in recipe.uses:
        forms = [DataForm("joined", "joined")]
    elif not recipe.uses & {"y", "upstream"}:
        forms = list({form.x: form for form in forms[::-1]}.values())[::-1]
    elif "x" not in recipe.uses:
        forms = list({(form.y, form.one): form for form in forms[::-1]}.values())[::-1]
    return forms


def outline_of(job: Mapping[str, Any]) -> dict[str, int]:
    """Which step is which: ``target``, ``look:W1``, ``holder:0``."""
    found: dict[str, int] = job["outline"]
    return found
