"""The words and signs that the grammar knows, and what it asks about all others."""

from __future__ import annotations

from typing import Protocol

from symbolic.marking.grammar.tree import Name, Node, Ones

WORDS = frozenset(
    [
        "exp",
        "ln",
        "log",
        "sin",
        "cos",
        "tanh",
        "th",
        "max",
        "min",
        "arctan",
        "atan",
        "sign",
        "sgn",
        "erf",
        "diag",
        "tr",
        "Tr",
        "relu",
        "ReLU",
        "sigmoid",
        "sigm",
        "softmax",
        "softplus",
        "silu",
        "gelu",
        "elu",
        "logit",
        *("swish", "Swish", "SiLU", "GELU", "ELU", "logistic"),
        "arctg",
        "ch",
        "sech",
        "sec",
        "csc",
        "coth",
        "cth",
        "tg",
        "ctg",
        "cot",
        "sh",
        "cosh",
        "sinh",
        "tan",
        "det",
        "trace",
        "Trace",
        "Diag",
    ]
)
#: What the trace is called.
TRACES = ("tr", "Tr", "trace", "Trace")
TRANSPOSES = frozenset({r"\top", r"\intercal", "T", r"\mathsf T", r"\prime T"})
PRODUCT_SIGNS = (r"\cdot", r"\times", r"\ast", r"\cdotp", r"\star", r"\bullet")
HADAMARD = (r"\odot", r"\circ", r"\otimes", r"\oslash")
#: Greek letters as they are spelt in plain text.
SPELT = {
    word: rf"\{word}"
    for word in ("alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "rho", "sigma", "tau", "phi")
} | {"eps": r"\epsilon", "eta": r"\eta", "psi": r"\psi", "omega": r"\omega"}
#: Functions that need no declaration, under all their spellings.
SPELLINGS = {
    r"\exp": "exp", r"\ln": "log", r"\log": "log", r"\lg": "log", r"\sin": "sin", r"\cos": "cos", r"\tanh": "tanh",
    r"\th": "tanh", r"\max": "max", r"\min": "min", r"\arctan": "atan", r"\tan": "tan", r"\cosh": "cosh",
    r"\sinh": "sinh", r"\ch": "cosh", r"\sh": "sinh", r"\sgn": "sign", r"\sign": "sign", r"\erf": "erf",
    r"\tg": "tan", r"\ctg": "cot", r"\cot": "cot", r"\sech": "sech", r"\arctg": "atan", r"\atan": "atan",
    r"\cth": "coth", r"\coth": "coth", r"\sec": "sec", r"\csc": "csc",
    r"\det": "det", r"\tr": "tr", r"\Tr": "tr", r"\diag": "diag",
}  # fmt: skip


class Vocabulary(Protocol):
    """What the grammar must know about names."""

    def is_function(self, name: Name) -> bool:
        """A function of its argument: σ, h, an undeclared ``\\tanh``."""

    def is_declared(self, base: str) -> bool:
        """Whether the letter is declared at all (then ``e`` is not Euler's number)."""

    def is_named_later(self, base: str) -> bool:
        """Whether a line of the text further down says what the letter is: the e of e²/2, where e = d - y."""

    def reads_as_call(self, name: Name, arguments: tuple[Node, ...]) -> bool:
        """Whether ``name(arguments)`` names the arguments of a declared quantity, not a product."""

    def was_declared_with_arguments(self, name: Name) -> bool:
        """Whether brackets after the name cannot but hold its arguments."""

    def has_superscript(self, base: str, superscript: str) -> bool:
        """Whether ``base^{superscript}`` was declared as one name."""

    def is_word(self, text: str) -> bool:
        """Whether letters that stand together, not all of them declared, are one name: ``loss``."""

    def is_quantity(self, base: str) -> bool:
        """Whether the letter is declared as a quantity, a function or an index, and not merely as a size."""

    def reads_differentials(self) -> bool:
        """Whether the text is written with differentials: dX, d(XY)."""

    def is_index(self, letter: str) -> bool:
        """Whether the letter is declared as an index."""

    def is_given(self, name: Name) -> bool:
        """Whether the name is a variable of the model, which no definition makes."""

    def is_array(self, node: Name | Ones) -> bool:
        """Whether it is a vector or a matrix, or 1, where a prime transposes such."""

    def sample_letter(self) -> str:
        """The index of the sample; empty when there is none."""

    def numbers_differentiated_by(self, names: tuple[Node, ...]) -> tuple[Node, ...]:
        """The parameters among some names, or all of the model, where all of them are numbers; else none."""

    def arguments_of(self, node: Node) -> tuple[Node, ...]:
        """The arguments with which a bare name was declared: the α of a Q beside Q(α)."""

    def parameter(self, names: tuple[Node, ...]) -> Node | None:
        """The only parameter among some names, or of the whole model: what a bare ∇ is by."""
