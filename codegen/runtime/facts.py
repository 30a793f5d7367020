"""What the module of a network says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from codegen.runtime.arguments import Array, Shape
from codegen.runtime.domains import Domain
from codegen.runtime.out_of_reach import Reach

#: Views of a flat vector, one for each way in which equations read or write a parameter.
Views: TypeAlias = tuple[Array, ...]
#: The functions that share a workspace: predict, value, and value with gradient.
Functions: TypeAlias = tuple[Callable[..., Any], ...]


class Facts(NamedTuple):
    """What the module of a network says of it.  Functions are given the sizes as numbers, in the order of ``sizes``."""

    spec: str
    spec_hash: str
    version: str
    #: What the module computes with unless told otherwise: "float64" or "float32".
    dtype: str
    #: The sizes of the spec, with its defaults; None must be given to Objective.
    sizes: Mapping[str, int | None]
    #: Parameters that start at 0.
    biases: tuple[str, ...]
    #: What the loss says of the target: one of KINDS.
    target: str
    #: Whether Q is a mean over the sample, so that it has no value without one.
    mean: bool
    #: Whether Q has a part that does not depend on the sample, and is no mean.
    regularised: bool
    #: Whether Q is not finite when a number in the target is not.
    value_shows_target: bool
    #: The shape of each parameter, in the order of the flat vector.
    shapes: Callable[..., dict[str, tuple[int, ...]]]
    #: The shape of each input and that of the target.
    sample_shapes: Callable[..., tuple[dict[str, Shape], Shape]]
    #: (N, sizes, dtype) → the functions that share a workspace for N samples.
    functions: Callable[..., Functions]
    #: (flat vector, layout, sizes) → what the functions read and write.
    parameter_views: Callable[..., Views]
    gradient_views: Callable[..., Views]
    #: (flat gradient, layout, sizes) → {input: the part of it that is not finite when a number of the input is not}.
    witnesses: Callable[..., dict[str, Array]]
    #: (parameters …, inputs …, target) → Q and its gradient, to be read; and the shapes that it gives parameters.
    plain: Callable[..., tuple[Any, Views]]
    plain_shapes: Callable[..., tuple[tuple[int, ...], ...]]
    #: (sizes, dtype) → Q and its gradient of one sample, where every value of it is a number.
    alone: Callable[..., Callable[..., float]] | None = None
    #: The functions of the product of the Hessian with a vector: functions, parameter views, gradient views.
    hessian: tuple[Callable[..., Any], ...] = ()
    #: What the weights of the samples are called among the inputs, where samples have them.
    weights: str = ""
    #: (sizes) → what inputs may hold, by name, and what the target may where ``target`` says nothing of it.
    domains: Callable[..., tuple[dict[str, Domain], Domain | None]] | None = None
    #: Sizes that ``plain`` is given too, because no shape tells them.
    plain_sizes: tuple[str, ...] = ()
    #: Whether no formula reads the target, so that none need be given.
    untargeted: bool = False
    #: Whether the loss is a formula over the whole network, so that no output is compared with the target.
    own_loss: bool = False
    #: Whether the loss depends on y - p alone: target and output may be moved together.
    of_difference: bool = False
    #: What the output may be, where that is not everything and a target may be anything.
    reach: Reach | None = None
    #: Data without samples, the first arguments of the functions: given to Objective, or among the inputs.
    constants: tuple[str, ...] = ()
    #: The numbers that the spec has names for, as it has them: keywords of the functions, and of Objective.
    numbers: Mapping[str, float] = MappingProxyType({})
    #: Those of them that are written into compiled functions.
    written: Mapping[str, float] = MappingProxyType({})
    #: The targets, where there are several: the first is the last argument, the others stand behind the inputs.
    targets: tuple[str, ...] = ()
    #: What a prediction gives, where that is more than one array.
    outputs: tuple[str, ...] = ()
    #: Whether the loss of a sample depends on other ones, so that Q over a sample is no sum over its parts.
    coupled: bool = False
    #: The gradient is cut: no error goes back over the border of a stretch of so many steps.
    truncate: int | None = None
    #: Steps of optimizers in a form of the module's own, by their names; the others are those of the runtime.
    steps: Mapping[str, Callable[..., None]] = MappingProxyType({})
    #: What was emitted past the gradient: name → ((N, sizes, dtype) → a function, its parameter views, inputs).
    methods: Mapping[str, tuple[Callable[..., Any], Callable[..., Views], tuple[str, ...]]] = MappingProxyType({})
