"""Optimizers, each one description: formulas, state, defaults, source.  Code and print are views of it.

The formulas are in the project's own language, over the vectors w (weights), g (gradient) and the
optimizer's state, and over numbers: η, the step t, and the settings.  :func:`statements` lowers them to
NumPy calls that work in place.  Results in between go to g itself as soon as no formula needs it any more,
else to a scratch vector r: a vector less in the cache.

    >>> print(OPTIMIZERS["momentum"].text())
    v ← μ v − η g
    w ← w + v
    >>> print("\\n".join(statements(OPTIMIZERS["momentum"])))
    # v ← μ v − η g
    np.multiply(v, momentum, v)
    np.multiply(g, rate, g)
    np.subtract(v, g, v)
    # w ← w + v
    np.add(w, v, w)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import inf

from codegen.arithmetic import ATOM, POWER, SPACED, SUM, arithmetic, bracketed, exponent_text, is_negative
from symbolic.language.expr import (
    ONE,
    Add,
    Call,
    Constant,
    Expr,
    Mul,
    Number,
    Pow,
    Symbol,
    add,
    mul,
    neg,
    power,
)
from symbolic.language.terms import substitute, walk
from symbolic.network.formula import parse_formula
from symbolic.notation.arrange import arrange
from symbolic.notation.boxes import Box, Script, exchanged, sign
from symbolic.notation.latex import draw
from symbolic.notation.style import LECTURE
from symbolic.notation.subscript_boxes import name_box
from symbolic.notation.unicode import unicode, unicode_name
from symbolic.words import Language, Text, same


@dataclass(frozen=True)
class Setting:
    """A number in an optimizer's formulas: what Python calls it, its letter, its default, and what it may be.

    It is at least 0, or above 0 when ``zero`` is false, and below ``below``.
    """

    name: str
    symbol: str
    default: float
    zero: bool = True
    below: float = inf

    @property
    def python(self) -> str:
        """Its row in the emitted table: default, whether it may be 0, bound."""
        return f"({self.default!r}, {self.zero}, {'np.inf' if self.below == inf else repr(self.below)})"


#: What η is divided by when nobody gives it, where a step is as long as the gradient.
PER_SAMPLE = Text("n samples in a step where Q is a sum, else n = 1", "n объектов в шаге, если Q — сумма, иначе n = 1")


@dataclass(frozen=True)
class Optimizer:
    """One way to move the weights.

    ``updates`` are carried out in order, each (target, formula); a target other than w is state, a vector
    that starts at zero.  A symbol such as ``beta_1_t`` is the setting's t-th power, t counting steps from 1.
    """

    name: str
    title: Text
    updates: tuple[tuple[str, str], ...]
    source: Text
    rate: float = 0.01
    settings: tuple[Setting, ...] = ()
    #: Samples in one step when nobody says otherwise; None is the whole sample.
    batch: int | None = 32

    @cached_property
    def proportional(self) -> bool:
        """Whether a step is as long as the gradient is, so that η has to know how many samples a sum is over.

        Nothing in the formulas divides by what is made of the gradient then.
        """
        parts = (part for _, formula in self.formulas for part in walk(formula))
        divided = (part.base for part in parts if isinstance(part, Pow) and part.exponent < 0)
        made_of = {_GRADIENT, *map(Symbol, self.state)}
        return not any(made_of & set(walk(base)) for base in divided)

    @property
    def state(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(target for target, _ in self.updates if target != "w"))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The arguments of the emitted function."""
        return "w", "g", *self.state, "r", "rate", "t", *(f"{s.name}={s.default!r}" for s in self.settings)

    @property
    def statements(self) -> list[str]:
        """The body of the emitted function."""
        return statements(self)

    @cached_property
    def powers(self) -> dict[str, Setting]:
        """The symbols that stand for a setting raised to t."""
        return {f"{setting.symbol}_t": setting for setting in self.settings}

    @cached_property
    def formulas(self) -> tuple[tuple[str, Expr], ...]:
        known = ("w", "g", *self.state, "eta", "t", *(s.symbol for s in self.settings), *self.powers)
        return tuple((target, parse_formula(text, known)) for target, text in self.updates)

    @cached_property
    def python(self) -> dict[str, str]:
        """What the emitted code calls the numbers."""
        names = {setting.symbol: setting.name for setting in self.settings}
        return {"eta": "rate", "t": "t", **names, **{p: f"{s.name}**t" for p, s in self.powers.items()}}

    def text(self) -> str:
        """The formulas for a terminal, one a line."""
        return "\n".join(self.lines())

    def heading(self, lang: Language = "en") -> str:
        """Name, title, source, and the numbers that are taken when none are given."""
        eta = f"η = {self.rate:g}" + (f"/n ({PER_SAMPLE.text(lang)})" if self.proportional else "")
        defaults = ", ".join((eta, *(f"{unicode_name(s.symbol)} = {s.default:g}" for s in self.settings)))
        return f"{self.name}: {self.title.text(lang)}; {self.source.text(lang)}; {defaults}"

    def lines(self) -> tuple[str, ...]:
        marks = {unicode(Symbol(p)): f"{unicode_name(s.symbol)}ᵗ" for p, s in self.powers.items()}
        return tuple(f"{target} ← {marked(unicode(formula), marks)}" for target, formula in self.formulas)

    @property
    def boxes(self) -> tuple[tuple[Box, Box], ...]:
        """The formulas for any medium: what is assigned to, and its new value."""
        marks = {name_box(p): Script(name_box(s.symbol), None, sign("t")) for p, s in self.powers.items()}
        return tuple(
            (name_box(target), exchanged(arrange(formula, LECTURE), marks)) for target, formula in self.formulas
        )

    def latex(self) -> str:
        r"""The formulas as rows of an ``aligned``, with \gets for the assignment."""
        rows = (f"{draw(target)} &\\gets {draw(value)}" for target, value in self.boxes)
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def marked(text: str, marks: Mapping[str, str]) -> str:
    for before, after in marks.items():
        text = text.replace(before, after)
    return text


_GRADIENT = Symbol("g")
_ADAM = (
    ("m", "beta_1*m + (1 - beta_1)*g"),
    ("v", "beta_2*v + (1 - beta_2)*g**2"),
    ("w", "w - eta*(m/(1 - beta_1_t))/(sqrt(v/(1 - beta_2_t)) + epsilon)"),
)
_BETAS = (Setting("beta_1", "beta_1", 0.9, below=1), Setting("beta_2", "beta_2", 0.999, below=1))
_EPSILON = Setting("epsilon", "epsilon", 1e-8)
_MOMENTUM = Setting("momentum", "mu", 0.9, below=1)

OPTIMIZERS: dict[str, Optimizer] = {
    one.name: one
    for one in (
        Optimizer(
            "gradient_descent",
            Text("gradient descent, on the whole sample", "градиентный спуск по всей выборке"),
            (("w", "w - eta*g"),),
            same("Cauchy (1847)"),
            batch=None,
        ),
        Optimizer(
            "sgd",
            Text("stochastic gradient descent, on batches", "стохастический градиентный спуск по мини-батчам"),
            (("w", "w - eta*g"),),
            Text("Robbins and Monro (1951)", "Robbins и Monro (1951)"),
        ),
        Optimizer(
            "momentum",
            Text("gradient descent with momentum", "градиентный спуск с инерцией"),
            (("v", "mu*v - eta*g"), ("w", "w + v")),
            same("Polyak (1964)"),
            settings=(_MOMENTUM,),
        ),
        Optimizer(
            "nesterov",
            Text("Nesterov's accelerated gradient", "ускоренный градиент Нестерова"),
            (("v", "mu*v - eta*g"), ("w", "w + mu*v - eta*g")),
            Text(
                "Nesterov (1983), as Sutskever et al. (2013) write it; their θ + μ v is w",
                "Nesterov (1983) в записи Sutskever и др. (2013); их θ + μ v — это w",
            ),
            settings=(_MOMENTUM,),
        ),
        Optimizer(
            "adagrad",
            same("Adagrad"),
            (("v", "v + g**2"), ("w", "w - eta*g/(sqrt(v) + epsilon)")),
            Text("Duchi, Hazan and Singer (2011)", "Duchi, Hazan и Singer (2011)"),
            settings=(_EPSILON,),
        ),
        Optimizer(
            "rmsprop",
            same("RMSProp"),
            (("v", "rho*v + (1 - rho)*g**2"), ("w", "w - eta*g/(sqrt(v) + epsilon)")),
            Text("Tieleman and Hinton (2012), lecture 6.5", "Tieleman и Hinton (2012), лекция 6.5"),
            rate=0.005,
            settings=(Setting("decay", "rho", 0.9, below=1), _EPSILON),
        ),
        Optimizer(
            "adam",
            same("Adam"),
            _ADAM,
            Text("Kingma and Ba (2015), Algorithm 1", "Kingma и Ba (2015), алгоритм 1"),
            rate=0.005,
            settings=(*_BETAS, _EPSILON),
        ),
        Optimizer(
            "adamw",
            Text("Adam with decoupled weight decay", "Adam с отдельным затуханием весов"),
            (("w", "w - eta*lambda*w"), *_ADAM),
            Text(  # Algorithm 2 itself has λ w where PyTorch has η λ w
                "Loshchilov and Hutter (2019), Algorithm 2, as PyTorch writes it",
                "Loshchilov и Hutter (2019), алгоритм 2, как его пишет PyTorch",
            ),
            rate=0.005,
            settings=(*_BETAS, _EPSILON, Setting("weight_decay", "lambda", 0.01)),
        ),
    )
}


def statements(optimizer: Optimizer) -> list[str]:
    """The updates as NumPy statements in place, each behind a comment with its formula.

    The vectors are w, g, the state and the scratch vector r; nothing of g is left.  A state that is a weighted
    mean, s ← ρ s + (1 − ρ) X, is kept as s/(1 − ρ): X is added as it is, and no pass over X is lost on a factor.
    """
    return [line for shown, made in calls(optimizer) for line in (f"# {shown}", *map(str, made))]


def calls(optimizer: Optimizer) -> list[tuple[str, list[UfuncCall]]]:
    """Each update as it is shown, and the calls that carry it out."""
    found, kept = [], _scales(optimizer)
    for at, ((target, formula), shown) in enumerate(zip(optimizer.formulas, optimizer.lines(), strict=True)):
        scale = kept.get(target)
        note = f"; kept is {target}/({unicode(scale)})" if scale else ""
        needed = any(_GRADIENT in set(walk(later)) for _, later in optimizer.formulas[at + 1 :])
        found.append((f"{shown}{note}", _Lowering(optimizer, kept, needed).update(target, formula)))
    return found


def _scales(optimizer: Optimizer) -> dict[str, Expr]:
    """For each state s ← c·s + k·X the factor k, where it is made of settings alone."""
    found: dict[str, Expr] = {}
    lowering = _Lowering(optimizer, {}, gradient_needed=True)
    for target, formula in optimizer.formulas:
        if target == "w" or not isinstance(formula, Add):
            continue
        others = [s for s, vector in map(lowering.apart, formula.terms) if vector != Symbol(target)]
        if len(others) == 1 and others[0] != ONE and not {Symbol("eta"), Symbol("t")} & set(walk(others[0])):
            found[target] = others[0]
    return found


@dataclass(frozen=True)
class UfuncCall:
    """One pass over vectors: what is computed of which vectors and numbers, and the vector that it goes to."""

    ufunc: str
    operands: tuple[str, ...]
    out: str

    def __str__(self) -> str:
        return f"np.{self.ufunc}({', '.join((*self.operands, self.out))})"


@dataclass
class _Lowering:
    """One update as calls of ufuncs.  Numbers are gathered in front of vectors, so that each costs one pass."""

    optimizer: Optimizer
    #: The factors that are left out of what is kept of a state.
    scales: Mapping[str, Expr]
    #: Whether a later update reads g.
    gradient_needed: bool
    #: Where results in between go.
    scratch: str = "r"
    made: list[UfuncCall] = field(default_factory=list)

    def update(self, target: str, formula: Expr) -> list[UfuncCall]:
        """target ← c·target + Σ c_k·X_k: the target is scaled where it stands, then the terms are added."""
        formula = substitute(formula, {Symbol(name): mul(k, Symbol(name)) for name, k in self.scales.items()})
        own: Expr = Number(Fraction(0))
        terms: list[tuple[Expr, Expr]] = []
        for term in formula.terms if isinstance(formula, Add) else (formula,):
            scalar, vector = self.apart(term)
            scalar = mul(scalar, raised(self.scales.get(target, ONE), Fraction(-1)))
            if vector == Symbol(target):
                own = add(own, scalar)
            else:
                terms.append((scalar, vector))
        if own != ONE:
            self.call("multiply", target, self.scalar(own), target)
        for at, (scalar, vector) in enumerate(terms):
            self.scratch = "r" if self.gradient_needed or self.reads_late(vector, terms[at + 1 :]) else "g"
            negative = is_negative(scalar)
            scalar = neg(scalar) if negative else scalar
            name = self.scaled(scalar, vector)
            self.call("subtract" if negative else "add", target, name, target)
        return self.made

    def reads_late(self, vector: Expr, others: Sequence[tuple[Expr, Expr]]) -> bool:
        """Whether g is read once results in between of this term have been written: by it, or by the others."""
        alone = vector in (_GRADIENT, power(_GRADIENT, 2))  # is read by the very call that writes the first result
        return any(_GRADIENT in set(walk(term)) for term in (*(() if alone else (vector,)), *(v for _, v in others)))

    def scaled(self, scalar: Expr, vector: Expr) -> str:
        """The name of the vector that holds scalar·vector: the scratch vector, unless it exists already."""
        if isinstance(vector, Symbol):
            if scalar == ONE:
                return vector.name
            self.call("multiply", vector.name, self.scalar(scalar), self.scratch)
            return self.scratch
        self.compute(vector)
        if scalar != ONE:
            self.call("multiply", self.scratch, self.scalar(scalar), self.scratch)
        return self.scratch

    def compute(self, vector: Expr) -> None:
        """Write a vector without a number in front into the scratch vector."""
        match vector:
            case Pow(base, exponent) if exponent == 2 and isinstance(base, Symbol):
                self.call("multiply", base.name, base.name, self.scratch)
            case Pow(base, exponent) if exponent == Fraction(1, 2):
                self.call("sqrt", self.operand(base), self.scratch)
            case Mul((above, Pow(below, exponent))) if exponent == -1 and isinstance(above, Symbol):
                self.call("divide", above.name, self.operand(below), self.scratch)
            case Add(terms):
                scalars = [term for term in terms if not self.is_vector(term)]
                vectors = [term for term in terms if self.is_vector(term)]
                if len(vectors) != 1 or not scalars:
                    raise NotImplementedError(f"{vector} needs more than one scratch vector")
                self.call("add", self.operand(vectors[0]), self.scalar(add(*scalars)), self.scratch)
            case _:
                raise NotImplementedError(f"no ufunc computes {vector}")

    def operand(self, vector: Expr) -> str:
        scalar, rest = self.apart(vector)
        return self.scaled(scalar, rest)

    def apart(self, expr: Expr) -> tuple[Expr, Expr]:
        """The number in front of a vector, and the vector: (c·v)^½ is c^½·v^½, and c·v + s is c·(v + s/c)."""
        match expr:
            case Mul(factors):
                parts = [self.apart(factor) if self.is_vector(factor) else (factor, ONE) for factor in factors]
                return mul(*(scalar for scalar, _ in parts)), mul(*(vector for _, vector in parts))
            case Pow(base, exponent):
                scalar, vector = self.apart(base)
                return raised(scalar, exponent), power(vector, exponent)
            case Add(terms) if sum(map(self.is_vector, terms)) == 1:
                scalar = next(self.apart(term)[0] for term in terms if self.is_vector(term))
                below = raised(scalar, Fraction(-1))
                inner = [self.apart(term)[1] if self.is_vector(term) else mul(term, below) for term in terms]
                return scalar, add(*inner)
        return ONE, expr

    def is_vector(self, expr: Expr) -> bool:
        return any(isinstance(node, Symbol) and node.name not in self.optimizer.python for node in walk(expr))

    def scalar(self, expr: Expr) -> str:
        return python_text(expr, self.optimizer.python)

    def call(self, ufunc: str, *arguments: str) -> None:
        self.made.append(UfuncCall(ufunc, arguments[:-1], arguments[-1]))


def raised(scalar: Expr, exponent: Fraction) -> Expr:
    """A power of a number that is positive: of each factor on its own."""
    match scalar:
        case Mul(factors):
            return mul(*(raised(factor, exponent) for factor in factors))
        case Pow(base, inner):
            return power(base, inner * exponent)
    return ONE if scalar == ONE else power(scalar, exponent)


def python_text(expr: Expr, names: Mapping[str, str], tight: int = 0) -> str:
    """A formula of numbers as a Python expression.

    >>> python_text(parse_formula("u/sqrt(1 - v)", ("u", "v")), {"u": "a", "v": "b**t"})
    'a / (1 - b**t) ** 0.5'
    """

    def inner(part: Expr, level: int) -> str:
        return python_text(part, names, level)

    match expr:
        case Number(value):
            return bracketed(exponent_text(value), SUM if value < 0 else ATOM, tight)
        case Symbol(name):
            return bracketed(names[name], POWER if "**" in names[name] else ATOM, tight)
        case Add() | Mul() | Pow():
            return arithmetic(expr, tight, inner, SPACED)
        case Call(function, arguments):
            return f"np.{function.name}({', '.join(python_text(argument, names) for argument in arguments)})"
        case Constant(name):
            return f"np.{name}"
    raise NotImplementedError(f"no Python for {expr}")
