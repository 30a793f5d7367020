"""Programs: definitions again, each now so small that it is one operation on arrays.

A :class:`Program` is a straight list of kernels (``codegen.compiler.kernels``).  Each array is assigned once.  A
program checks itself when it is made: a pass that breaks one stops at once, by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from codegen.compiler.kernels import Kernel, Kernels, Made, Rows, Stack
from codegen.compiler.lookup import Lookup, lookups
from symbolic.language.affine import Index
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Tensor
from symbolic.network.folding import Stacked


class ProgramError(Exception):
    """A program that contradicts itself: the fault of a pass, never of a user."""


@dataclass(frozen=True)
class Program:
    """Kernels in order; what comes in, what goes out, and which arrays share memory.

    ``gradients[k]`` is what is written for ``parameters[k]``: the derivative by it.  ``storage`` maps an
    array's name to the name of the array whose memory it uses (itself when it is not listed).
    """

    name: str
    kernels: tuple[Kernel, ...]
    inputs: tuple[Tensor, ...]
    target: Tensor
    parameters: tuple[Tensor, ...]
    output: str
    value: str
    gradients: tuple[str, ...]
    sample: Index
    equations: tuple[Definition, ...]
    #: What may be taken for granted about the target: (kind, tensor, axis) of ``symbolic.network.objective.Fact``.
    facts: tuple[Any, ...] = ()
    storage: Mapping[str, str] = field(default_factory=dict)
    #: What a prediction gives beside ``output``.
    more_outputs: tuple[str, ...] = ()
    #: Parameters that are parameters of equal layers, one below the other: what lies in the flat vector are these.
    layers: Mapping[Tensor, Stacked] = field(default_factory=dict)
    #: Sizes that are numbers of equal layers, and these numbers.
    depths: tuple[tuple[str, int], ...] = ()

    SAMPLE: ClassVar[str] = "N"

    def __post_init__(self) -> None:
        self._check_order()
        for kernel in self.kernels:
            if kernel.fault is not None:
                raise ProgramError(f"{type(kernel).__name__} {kernel}: {kernel.fault}")
        for name in self.results:
            if name not in self.by_name:
                raise ProgramError(f"{self.name}: nothing computes {name}")
        self._check_storage()
        self._check_stacks()

    @property
    def given(self) -> tuple[Tensor, ...]:
        """What is there before the first kernel runs."""
        return (*self.inputs, self.target, *self.parameters)

    @property
    def results(self) -> tuple[str, ...]:
        return (*self.outputs, self.value, *self.gradients)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What a prediction gives."""
        return (self.output, *self.more_outputs)

    @cached_property
    def by_name(self) -> dict[str, Kernel]:
        return {kernel.target.name: kernel for kernel in self.kernels}

    def in_the_vector(self, parameter: Tensor) -> tuple[str, ...]:
        """What a parameter is called in the flat vector: by its own name, or by those of its layers."""
        stack = self.layers.get(parameter)
        return (parameter.name,) if stack is None else tuple(part.name for part in stack.layers)

    def array_names(self) -> set[str]:
        """What a new array may not be called."""
        return {tensor.name for tensor in self.given} | self.by_name.keys()

    @cached_property
    def stacked(self) -> dict[str, Stack]:
        """The stack that an array is made in, by the array's name."""
        stacks = [kernel for kernel in self.kernels if isinstance(kernel, Stack)]
        return {part.tensor.name: s for s in stacks for part in s.parts if isinstance(part, Entry)}

    @cached_property
    def owners(self) -> dict[str, str]:
        """The stack that a memory is a part of, by the name of its owner: other arrays may live in it too."""
        return {self.storage.get(name, name): stack.target.name for name, stack in self.stacked.items()}

    @cached_property
    def written(self) -> dict[str, tuple[Tensor, ...]]:
        """What is written straight into the flat gradient, and the parameters whose derivatives it is.

        Where derivatives are rows of one array, it is that array.
        """
        found: dict[str, tuple[Tensor, ...]] = {}
        for name, parameter in zip(self.gradients, self.parameters, strict=False):
            kernel = self.by_name[name]
            owner = kernel.source.tensor.name if isinstance(kernel, Rows) else name
            found[owner] = (*found.get(owner, ()), parameter)
        return found

    @cached_property
    def constants(self) -> frozenset[str]:
        """Arrays that depend on sizes alone; a number is no array, and has no memory that is filled once."""
        found: set[str] = set()
        for kernel in self.kernels:
            if kernel.target.axes and all(tensor.name in found for tensor in kernel.reads):
                found.add(kernel.target.name)
        return frozenset(found) - set(self.results)

    @cached_property
    def lookups(self) -> Mapping[str, Lookup]:
        """Indicators that only say which rows are taken: no memory of theirs is ever written."""
        return lookups(self.kernels, self.given, self.facts, self.results)

    def needed(self, *names: str) -> frozenset[str]:
        """The names of all arrays that these depend on, themselves included."""
        needed, stack = set(), list(names)
        while stack:
            name = stack.pop()
            if name in needed:
                continue
            needed.add(name)
            if name in self.by_name:
                stack.extend(tensor.name for tensor in self.by_name[name].reads)
        return frozenset(needed)

    @cached_property
    def sections(self) -> tuple[Kernels, Kernels, Kernels, Kernels]:
        """Constants; then what a prediction needs; what the value needs beyond it; the rest, the gradient."""
        predict, value = self.needed(*self.outputs), self.needed(*self.outputs, self.value)
        parts: tuple[list[Kernel], ...] = ([], [], [], [])
        for kernel in self.kernels:
            # what a loop has written is there when the loop is done, whoever reads it
            name = kernel.source.tensor.name if isinstance(kernel, Made) else kernel.target.name
            part = 0 if name in self.constants else 1 if name in predict else 2 if name in value else 3
            parts[part].append(kernel)
        return tuple(parts[0]), tuple(parts[1]), tuple(parts[2]), tuple(parts[3])

    @property
    def predict(self) -> Program:
        """The same program without what a prediction does not need."""
        return self._only(self.needed(*self.outputs), gradients=())

    def _only(self, needed: Iterable[str], gradients: tuple[str, ...]) -> Program:
        keep = set(needed)
        kernels = tuple(k for k in self.kernels if k.target.name in keep)
        value = self.value if self.value in keep else self.output
        return replace(self, kernels=kernels, gradients=gradients, value=value)

    @property
    def loss(self) -> Program:
        """The same program without the gradient."""
        return self._only(self.needed(*self.outputs, self.value), gradients=())

    def with_kernels(self, kernels: Iterable[Kernel]) -> Program:
        return replace(self, kernels=tuple(kernels))

    def _check_order(self) -> None:
        known = {tensor.name: tensor for tensor in self.given}
        for kernel in self.kernels:
            for tensor in kernel.reads:
                if known.get(tensor.name) is None:
                    raise ProgramError(f"{self.name}: {kernel} reads {tensor.name} before it is computed")
                if known[tensor.name].axes != tensor.axes:
                    raise ProgramError(f"{self.name}: {kernel} reads {tensor.name} with other axes than it has")
            if kernel.target.name in known:
                raise ProgramError(f"{self.name}: {kernel.target.name} is assigned twice")
            known[kernel.target.name] = kernel.target

    def _check_storage(self) -> None:
        for name, buffer in self.storage.items():
            if name not in self.by_name or buffer not in self.by_name:
                raise ProgramError(f"{self.name}: storage of {name} in {buffer}, which nothing computes")
            if self.by_name[name].target.axes != self.by_name[buffer].target.axes:
                raise ProgramError(f"{self.name}: {name} and {buffer} share memory but differ in shape")

    def _check_stacks(self) -> None:
        """Every row of a stack is written: an array lies in one place only, and so does the memory it shares."""
        places: dict[str, str] = {}
        for kernel in self.kernels:
            if not isinstance(kernel, Stack) or kernel.of(self.parameters):
                continue
            for part in kernel.parts:
                if not isinstance(part, Entry):
                    continue
                memory = self.storage.get(part.tensor.name, part.tensor.name)
                if part.tensor.name not in self.by_name:
                    raise ProgramError(f"{self.name}: {kernel}: nothing writes the rows of {part.tensor.name}")
                if memory in places:
                    whose = memory if memory == part.tensor.name else f"{part.tensor.name} in the memory of {memory}"
                    there = f"{whose} lies in {places[memory]} already, so these rows are not written"
                    raise ProgramError(f"{self.name}: {kernel}: {there}")
                places[memory] = kernel.target.name

    def __str__(self) -> str:
        return "\n".join(f"{type(kernel).__name__:12}{kernel}" for kernel in self.kernels)
