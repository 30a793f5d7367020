"""Q and its gradient as functions of a flat vector, and what is checked when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isfinite
from threading import get_ident, local
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from codegen.runtime.afresh import Afresh
from codegen.runtime.arguments import (
    Array,
    Inputs,
    Layout,
    Shape,
    check_finite,
    checked_array,
    checked_out,
    real_numbers,
)
from codegen.runtime.domains import check_values
from codegen.runtime.facts import Facts, Functions, Views
from codegen.runtime.kinds import KINDS, Real
from codegen.runtime.sizes import checked_number, checked_sizes, layout_of
from codegen.runtime.workspaces import FEW, Workspaces

Made = TypeVar("Made")

#: A sample with more numbers is not searched for infinite ones before the work, when they show in a gradient.
MANY = 10_000


class BaseObjective:
    """Q(w), its gradient and the output of a network, for numbers in the place of the sizes."""

    facts: ClassVar[Facts]

    def __init__(self, *, dtype: DTypeLike | None = None, check_finite: bool = True, **sizes: Any) -> None:
        """Sizes, constants and numbers by the names that the spec has for them; ValueError where one will not do.
        size is the number of parameters, layout {name: (slice, shape)} in the flat vector w, sizes {name: number},
        dtype numpy.float64 or numpy.float32: of w, of the gradient, and of all work in between.
        Workspaces are kept for a few numbers of samples.  Any number of threads may call: each has workspaces of its
        own.  With ``check_finite=False`` X, Y and w are not searched for inf and nan, but for their shapes.
        """
        facts = self.facts
        try:
            self.dtype = np.dtype(facts.dtype if dtype is None else dtype)
        except TypeError:
            raise ValueError(f"dtype: got {dtype!r}, expected float64 or float32") from None
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"dtype: got {self.dtype}, expected float64 or float32")
        constants = {name: sizes.pop(name) for name in facts.constants if name in sizes}
        self._chosen = {name: checked_number(name, sizes.pop(name)) for name in facts.numbers if name in sizes}
        self.sizes = checked_sizes(facts, sizes)
        self._numbers = tuple(self.sizes.values())
        self.layout = layout_of(facts.shapes(*self._numbers))
        self.size = sum(part.stop - part.start for part, _ in self.layout.values())
        shapes, self._target_shape = facts.sample_shapes(*self._numbers)
        self._constant_shapes = {name: shapes.pop(name) for name in facts.constants}
        self._shapes: dict[str, Shape] = {**shapes, facts.weights: (None,)} if facts.weights else shapes
        own = [name for name in self._shapes if name not in facts.targets]
        self._only = own[0] if len(own) == 1 else None
        self._names = (*(self._label(name, self._only) for name in self._shapes), self._label("", None))
        self._domains, self._target_domain = facts.domains(*self._numbers) if facts.domains else ({}, None)
        self._check_finite = bool(check_finite)
        self._constants: dict[str, Array] = {}
        for name, given in constants.items():
            self._take_constant(name, given)
        self._given = {**sizes, **constants, **self._chosen}
        #: The thread whose state this is, and the same objective for each of the others.
        self._owner = get_ident()
        self._elsewhere = local()
        self._workspaces = Workspaces()
        self._products: dict[int, Functions] = {}
        # What was seen last: a call with the very same arrays need not look at their shapes again.
        # The last ``out`` is known only as long as ``_work`` is bound to it.
        self._nothing: Any = object()
        self._seen_data = self._seen_target = self._seen_weights = self._seen_out = self._nothing
        self._sample: tuple[Array, ...] = ()
        self._searched: list[tuple[str, Array, Array]] = []
        self._parameters: Views = ()
        self._functions: Functions = ()
        self._work: Callable[[], tuple[float, float]] = never
        self._alone: Callable[[], float] | None = None
        self._afresh: Afresh | None = None
        self._like: tuple[Any, ...] = ()
        self._alone_function = self._with_constants(self._made(facts.alone)) if facts.alone else None

    def _made(self, make: Callable[..., Made], *before: Any) -> Made:
        """What a function of the module makes for these sizes, in this precision, with these numbers."""
        return make(*before, *self._numbers, self.dtype, **self._chosen)

    @property
    def _beside_sizes(self) -> dict[str, Any]:
        """What it was made with beside its sizes."""
        return {**self._constants, **self._chosen}

    def __repr__(self) -> str:
        sizes = "".join(f"{name}={number}, " for name, number in {**self.sizes, **self._chosen}.items())
        return f"{self.facts.spec}.Objective({sizes}dtype={self.dtype}), {self.size} parameters"

    def initial(self, seed: int = 0) -> Array:
        """Random weights, normal with variance 1/fan-in (LeCun et al., 1998, Efficient BackProp, §4.6); biases 0."""
        rng = np.random.default_rng(seed)
        w = np.zeros(self.size, self.dtype)
        for name, view in self.unpack(w).items():
            if name not in self.facts.biases:
                view[...] = rng.standard_normal(view.shape) / np.sqrt(np.prod(view.shape[1:] or view.shape))
        return w

    def unpack(self, w: ArrayLike) -> dict[str, Array]:
        """{name: view of w in the parameter's shape}; ValueError unless w is a vector of ``size`` numbers."""
        vector = self._checked_vector("w", w)
        return {name: vector[part].reshape(shape) for name, (part, shape) in self.layout.items()}

    def value(self, w: ArrayLike, X: Inputs, Y: ArrayLike | None = None) -> float:
        """Q(w) over the sample X (N, …), Y (N, …); a dict of inputs by name where there are several.
        A loss without a target needs no Y.  Raises ValueError, in one line, for what does not fit or is not finite.
        """
        if get_ident() != self._owner:
            return self._of_this_thread().value(w, X, Y)
        self._see(w, X, Y)
        self._search()
        q = float(self._functions[1](self._parameters, *self._sample))
        if not isfinite(q):
            self._search(w)
        return q

    def value_and_gradient(
        self, w: ArrayLike, X: Inputs, Y: ArrayLike | None = None, out: Array | None = None
    ) -> tuple[float, Array]:
        """Q(w) and its gradient, (size,) like w; ``out`` takes it where it is given; ValueError as for ``value``."""
        if get_ident() != self._owner:
            return self._of_this_thread().value_and_gradient(w, X, Y, out)
        if not (X is self._seen_data and Y is self._seen_target and w is self._seen_weights and out is self._seen_out):
            afresh = self._afresh
            if afresh is not None and afresh.searches == self._check_finite:
                found = afresh.done(w, X, Y, out)
                if found is not None:
                    return found
            if isinstance(out, np.ndarray) and not out.flags.c_contiguous:  # no matrix product can be written there
                q, g = self.value_and_gradient(w, X, Y)
                np.copyto(checked_out(out, w, self.size, self.dtype), g)
                return q, out
            out = self._prepare(w, X, Y, out)
            self._be_ready_for(X, Y)
        if self._alone is not None:
            try:
                return self._alone(), out  # type: ignore[return-value]
            except (ArithmeticError, ValueError):
                pass  # arrays give the right answer or say what is wrong
        q, finite = self._work()
        if not isfinite(finite):
            self._search(w)
        return q, out  # type: ignore[return-value]

    def predict(self, w: ArrayLike, X: Inputs) -> Any:
        """The output, one row for each sample, or a dict where there are several; ValueError as for ``value``."""
        if get_ident() != self._owner:
            return self._of_this_thread().predict(w, X)
        x = self._checked_data(self._idle_targets(X))
        self._see_weights(w)
        N = len(x[0])
        if N <= FEW or self.facts.coupled or (rows := self._rows_of_block()) >= N:
            return self._named([array.copy() for array in self._outputs(x)])
        whole: list[Array] = []
        for start in range(0, N, rows):
            parts = self._outputs([array[start : start + rows] for array in x])
            whole = whole or [np.empty((N, *part.shape[1:]), part.dtype) for part in parts]
            for array, part in zip(whole, parts, strict=True):
                array[start : start + rows] = part
        return self._named(whole)

    def _outputs(self, x: Sequence[Array]) -> Sequence[Array]:
        found = self._workspace(len(x[0]))[0](self._parameters, *x)
        return found if self.facts.outputs else (found,)

    def _named(self, outputs: Sequence[Array]) -> Any:
        return dict(zip(self.facts.outputs, outputs, strict=True)) if self.facts.outputs else outputs[0]

    def _of_this_thread(self) -> Self:
        """The same objective, whose workspaces no other thread uses."""
        if get_ident() == self._owner:
            return self
        try:
            own: Self = self._elsewhere.own
        except AttributeError:
            own = self._elsewhere.own = type(self)(dtype=self.dtype, check_finite=self._check_finite, **self._given)
        own._check_finite = self._check_finite
        if self._constants:
            own._constants = {**own._constants, **self._constants}
        return own

    def _rows_of_block(self) -> int:
        return self._workspaces.rows_of_block(self._new_workspace)

    def _batches_at_once(self, size: int, most: int) -> int:
        return self._workspaces.batches_at_once(size, most, self._new_workspace)

    def __reduce__(self) -> Any:
        made_with: dict[str, Any] = {"dtype": str(self.dtype), "check_finite": self._check_finite, **self._given}
        made_with |= self._constants
        return partial(type(self), **made_with), ()  # workspaces stay where they are

    def _prepare(self, w: ArrayLike, X: Inputs, Y: ArrayLike | None, out: Array | None) -> Array:
        """Take in what has changed since the last time, and bind it to the function that does the work."""
        self._see(w, X, Y)
        out = np.empty(self.size, self.dtype) if out is None else checked_out(out, w, self.size, self.dtype)
        slopes = self._gradient_views(out)
        self._work = partial(self._functions[2], self._parameters, *self._sample, slopes, self._shown(out))
        self._alone = None
        if self._alone_function is not None and len(self._sample[-1]) == 1:
            self._alone = partial(self._alone_function, self._parameters, *self._sample, slopes)
        self._seen_out = out
        return out

    def _be_ready_for(self, X: Inputs, Y: ArrayLike | None) -> None:
        """When a second sample of the same shape has come, be ready for more of them."""
        if self._only is None or not isinstance(X, np.ndarray) or not isinstance(Y, np.ndarray):
            return
        facts, like, layout, numbers = self.facts, (X.shape, Y.shape, self._check_finite), self.layout, self._numbers
        known = facts.domains or facts.weights or facts.constants or facts.targets[1:]
        if self._like == like and not known and (self._afresh is None or self._afresh.like != like):
            made = (facts.parameter_views, facts.gradient_views, facts.witnesses)
            views = [partial(seen_through, view, layout, numbers) for view in made]
            alone = self._alone_function if len(self._sample[-1]) == 1 else None
            x, y = (array.shape for array in self._sample)
            check = self._kind.check if facts.target else None
            work, telling = self._functions[2], self._telling()
            self._afresh = Afresh(like, (x, y), self.size, self.dtype, views, work, alone, telling, check)
        self._like = like

    def _see(self, w: ArrayLike, X: Inputs, Y: ArrayLike | None) -> None:
        """Take in weights and sample; what has been checked for the very same array is not checked again."""
        if X is not self._seen_data or Y is not self._seen_target:
            X, Y = self._parted(X, Y)
            x = self._checked_data(X)
            y = self._checked_target(Y, len(x[0]))
            self._sample = *x, y
            self._searched = [
                (name, values, values.ravel()) for name, values in zip(self._names, self._sample, strict=True)
            ]
            self._functions = self._workspace(len(y))
            same = x[0] is X and y is Y
            self._seen_data, self._seen_target = (X, Y) if same else (self._nothing, self._nothing)
            self._seen_out = self._nothing
        if w is not self._seen_weights:
            self._see_weights(w)

    def _search(self, w: ArrayLike | None = None) -> None:
        """ValueError when a number in the sample or in w is not finite: the same arrays may have other ones by now."""
        if self._check_finite:
            for name, values, _ in self._searched:
                check_finite(name, values)
            if w is not None:
                check_finite("w", np.asarray(w))

    def _see_weights(self, w: ArrayLike) -> None:
        if w is not self._seen_weights:
            vector = self._checked_vector("w", w)
            self._parameters = self._parameter_views(vector)
            self._seen_weights = w if vector is w else self._nothing
            self._seen_out = self._nothing

    def _telling(self) -> list[int | str]:
        """What to look at after the work: if a number in the sample is not finite, one of these, or Q, is not either.

        They are arrays of the sample, by their numbers.  A row of a gradient that a whole input is a factor of stands
        for that input, if the input is large: its name does here.
        """
        if not self._check_finite:
            return []
        names = [name for name, (_, _, flat) in zip(self._shapes, self._searched, strict=False) if flat.size > MANY]
        known = self._rows(np.empty(self.size, self.dtype)) if names else {}
        found = [name if name in names and name in known else place for place, name in enumerate(self._shapes)]
        return found if self.facts.value_shows_target else [*found, len(found)]

    def _shown(self, out: Array) -> list[Array]:
        """The numbers themselves."""
        telling = self._telling()
        rows = self._rows(out) if any(isinstance(one, str) for one in telling) else {}
        return [rows[one] if isinstance(one, str) else self._searched[one][2] for one in telling]

    def _rows(self, flat: Array) -> dict[str, Array]:
        return self.facts.witnesses(flat, self.layout, *self._numbers)

    def _workspace(self, N: int) -> Functions:
        return self._workspaces.of(N, self._new_workspace)

    def _new_workspace(self, N: int) -> Functions:
        functions = self._made(self.facts.functions, N)
        return tuple(map(self._with_constants, functions)) if self.facts.constants else functions

    def _with_constants(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of a module without its constants, which stand behind the parameters."""
        names = self.facts.constants
        if not names:
            return function
        return lambda weights, *rest: function(weights, *map(self._constants.__getitem__, names), *rest)

    def _take_constant(self, name: str, given: ArrayLike) -> None:
        shape = self._constant_shapes[name]
        array = real_numbers(name, given)
        wanted = tuple(n for n in shape if n != 1)
        if tuple(n for n in array.shape if n != 1) != wanted:
            raise ValueError(f"{name}: got shape {array.shape}, expected {tuple(n or 0 for n in shape)}")
        array = np.ascontiguousarray(array, self.dtype).reshape([n or 0 for n in shape])
        if self._check_finite:
            check_finite(name, array)
        if name in self._domains:
            check_values(name, array, self._domains[name])
        self._constants[name] = array

    def _parted(self, X: Inputs, Y: Any) -> tuple[Inputs, Any]:
        """Several targets as the functions take them: the first one as Y, the others behind the inputs."""
        first, *others = self.facts.targets or ("",)
        if not others or (isinstance(X, Mapping) and set(others) <= set(X)):
            return X, Y
        if not isinstance(Y, Mapping):
            raise ValueError(
                f"Y: got {type(Y).__name__}, expected a dict with the targets {', '.join((first, *others))}"
            )
        if set(Y) != {first, *others}:
            raise ValueError(f"Y: got targets {', '.join(map(str, Y))}, expected {', '.join((first, *others))}")
        return {**self._by_name(X), **{name: Y[name] for name in others}}, Y[first]

    def _by_name(self, X: Inputs) -> dict[str, ArrayLike]:
        if isinstance(X, Mapping):
            return dict(X)
        if self._only is None:
            names = ", ".join(name for name in self._shapes if name not in self.facts.targets)
            raise ValueError(f"X: got {type(X).__name__}, expected a dict with the inputs {names}")
        return {self._only: X}

    def _label(self, name: str, alone: str | None) -> str:
        """What a message calls an input that is ``alone``, one in a dict, or with no name the target."""
        targets = self.facts.targets
        if not name:
            return f"Y[{targets[0]!r}]" if targets else "Y"
        return f"Y[{name!r}]" if name in targets else "X" if name == alone else f"X[{name!r}]"

    def _idle_targets(self, X: Inputs) -> Inputs:
        """The inputs with zeros for what a prediction does not look at."""
        others = self.facts.targets[1:]
        if not others:
            return X
        given = self._by_name(X)
        samples = len(np.asarray(next(iter(value for name, value in given.items() if name in self._shapes), ())))
        zeros = {name: np.zeros((samples, *(n or 0 for n in self._shapes[name][1:])), self.dtype) for name in others}
        return {**zeros, **given}

    def _parameter_views(self, w: Array) -> Views:
        return self.facts.parameter_views(w, self.layout, *self._numbers)

    def _gradient_views(self, g: Array) -> Any:
        return self.facts.gradient_views(g, self.layout, *self._numbers)

    def _checked_vector(self, name: str, w: ArrayLike) -> Array:
        if not isinstance(w, np.ndarray) or w.dtype != self.dtype or not w.flags.c_contiguous:
            w = np.ascontiguousarray(real_numbers(name, w, f"a vector of {self.size} numbers"), self.dtype)
        if w.shape != (self.size,):
            raise ValueError(f"{name}: got shape {w.shape}, expected ({self.size},)")
        return w

    def _checked_data(self, X: Inputs) -> list[Array]:
        """The inputs in the order of the spec, as arrays of the objective's dtype."""
        named = self._by_name(X)
        for name in self.facts.constants:
            if name in named:
                self._take_constant(name, named.pop(name))
            elif name not in self._constants:
                shape = tuple(n or 0 for n in self._constant_shapes[name])
                raise ValueError(f"{name}: missing, expected an array of shape {shape}: Objective({name}=...), or in X")
        if set(named) != set(self._shapes):
            raise ValueError(f"X: got inputs {', '.join(map(str, named))}, expected {', '.join(self._shapes)}")
        alone = None if isinstance(X, Mapping) else self._only
        given = {self._label(name, alone): named[name] for name in self._shapes}
        arrays: list[Array] = []
        samples = None
        for (name, array), expected in zip(given.items(), self._shapes.values(), strict=True):
            arrays.append(checked_array(name, array, (samples, *expected[1:]), self.dtype))
            samples = len(arrays[0])
            if self._check_finite:
                check_finite(name, arrays[-1])
        for name, label, array in zip(self._shapes, given, arrays, strict=True):
            if name in self._domains:
                check_values(label, array, self._domains[name])
        if self.facts.mean and samples == 0:
            raise ValueError("X: got no samples, expected at least 1: the loss is a mean over the sample")
        return arrays

    def _checked_target(self, Y: ArrayLike | None, samples: int) -> Array:
        shape = samples, *self._target_shape[1:]
        if Y is None and self.facts.untargeted:
            return np.zeros([n or 0 for n in shape], self.dtype)
        label = self._label("", None)
        target = checked_array(label, Y, shape, self.dtype)
        if self._check_finite:
            check_finite(label, target)
        self._kind.check(target)
        if self._target_domain:
            check_values(label, target, self._target_domain)
        return target

    @property
    def _kind(self) -> Real:
        return KINDS[self.facts.target]


def seen_through(make: Callable[..., Made], layout: Layout, numbers: tuple[int, ...], flat: Array) -> Made:
    """The views of a flat vector that a function of the module makes."""
    return make(flat, layout, *numbers)


def never() -> tuple[float, float]:
    """The work of an objective that has seen no sample."""
    raise AssertionError("no sample has been seen")
