"""The parts of a module's text, as the template arranges them."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.language.expr import Hyper


@dataclass(frozen=True)
class Allocation:
    """``name = text``, with what the array is for."""

    name: str
    text: str
    note: str = ""
    then: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """The body of one function."""

    lines: tuple[str, ...]
    nonlocals: tuple[str, ...] = ()
    unpack: tuple[str, ...] = ()
    slopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShapeText:
    """A row of the shapes of parameters, as a module's user sees them, and of those in the computation.

    It is that of one parameter, or of all parameters of equal layers.
    """

    shown: tuple[str, ...]
    computed: str


@dataclass(frozen=True)
class DataText:
    """An input or the target: its name and its shape."""

    name: str
    label: str
    shape: str

    @property
    def entry(self) -> str:
        """Its row in a dict of shapes."""
        return f'"{self.label}": {self.shape}'


@dataclass(frozen=True)
class Witness:
    """Where an infinite number in an input shows: entries of a gradient that the whole input is a factor of.

    They are ``place`` of the derivative by ``parameter``, seen in the shape ``compute``.
    """

    input: str
    parameter: str
    compute: str
    place: str


@dataclass(frozen=True)
class Listing:
    """All that the template prints."""

    sizes: tuple[str, ...]
    #: Name, value and meaning of each number with a name.
    hypers: tuple[tuple[str, str, str], ...]
    #: How many equal layers there are: the name of each such number, and the number.
    depths: tuple[tuple[str, str], ...]
    #: Those of them that the spec itself names, by that name, as a dict in Python's words; empty where there is none.
    numbers: str
    #: Whether Q has a term that belongs to no sample.
    regularised: bool
    imports: tuple[str, ...]
    inputs: tuple[DataText, ...]
    #: The inputs that are data without samples; the names of the targets; whether samples depend on each other.
    constants: tuple[str, ...]
    targets: tuple[str, ...]
    coupled: bool
    target: DataText
    shapes: tuple[ShapeText, ...]
    #: Statements that make all arrays, and fill those that no call changes.
    memory: tuple[str, ...]
    #: The parameters and the derivatives by them, where the equations have them in the shapes of the flat vector.
    laid_out: tuple[str, ...]
    laid_slopes: tuple[str, ...]
    #: Views of the flat vector and of the flat gradient, each (name, text), and those that the functions are given.
    weights: tuple[tuple[str, str], ...]
    slopes: tuple[tuple[str, str], ...]
    read: tuple[str, ...]
    written: tuple[str, ...]
    biases: tuple[str, ...]
    divides_by_sample: bool
    predict: Section
    value: Section
    gradient: Section
    #: What a prediction gives: names, and the texts of their arrays.
    outputs: tuple[tuple[str, str], ...]
    result: str
    equations: tuple[str, ...]
    fact: str
    #: Of each input whose values the spec says: its name, the kind, and what whole numbers are below.
    domains: tuple[tuple[str, str, str], ...]
    #: The same of a target that a loss over the whole network declares; empty where nothing is said.
    target_domain: tuple[str, ...]
    #: Whether no formula reads the target, and whether the loss is a formula over the whole network.
    untargeted: bool
    own_loss: bool
    #: Whether the loss depends on y - p alone.
    of_difference: bool
    #: The bounds of the output that a target may be beyond, as Python.
    reach: str
    operations: str
    workspace: str
    own_functions: frozenset[str]
    window: bool
    padded: bool
    names: dict[str, str]
    hypers_used: tuple[Hyper, ...]
    exponential: bool
    witnesses: tuple[Witness, ...]
    #: Whether Q is infinite or no number when an entry of the target is.
    value_shows_target: bool


@dataclass(frozen=True)
class Alone:
    """What the template prints of the function for one sample."""

    memory: tuple[str, ...]
    section: Section
    gradient: tuple[str, ...]
    finite: str
    result: str
    #: The functions of NumPy that it calls.
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plain:
    """What the template prints of the function."""

    #: The arguments: parameters, inputs and target; sizes that no shape of theirs tells.
    arguments: tuple[str, ...]
    sizes: tuple[str, ...]
    #: What they are: ``w_1 (J, D)``, wrapped.
    shapes: tuple[str, ...]
    lines: tuple[str, ...]
    value: str
    gradients: tuple[str, ...]
    math: bool


_NO_SECTION = Section(())
#: A module without a network: what its templates say of every one.
NOTHING = Listing(
    sizes=(), hypers=(), depths=(), numbers="{}", regularised=False, imports=(),
    inputs=(), target=DataText("slopes", "slopes", "()"), shapes=(),
    constants=('"out"',), targets=('"out"', '"out"'), coupled=True,
    memory=(), laid_out=("flat",) * 3, weights=(("flat", "flat"),) * 3, read=(), biases=(),
    laid_slopes=("slopes",), slopes=(("slopes", "slopes"),), written=("slopes",), divides_by_sample=False,
    predict=_NO_SECTION, value=_NO_SECTION, gradient=_NO_SECTION, outputs=(("out", "out"), ("out", "out")),
    result="out", equations=(), fact="", domains=(("flat", "whole", "0"),), target_domain=("slopes", "whole", "0"),
    untargeted=True, own_loss=True, of_difference=True, reach="()", operations="", workspace="",
    own_functions=frozenset(), window=False, padded=False, names={}, hypers_used=(), exponential=True, witnesses=(),
    value_shows_target=False,
)  # fmt: skip
NOTHING_ALONE = Alone((), _NO_SECTION, (), "out", "out")
NOTHING_PLAIN = Plain((), (), (), (), "out", (), True)
