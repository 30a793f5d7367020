r"""What holds for every network, written in the language itself: Q over the sample, the error of a value.

    Q(w) = Σ_i L(y_i, a(x_i; w)) + R(w)        E_α = ∂Q/∂α,   ∂Q/∂w_α = E_α ∂α/∂w_α

(The lecture's slides "Компоненты обучения" and "Обратный ход сети".)  Every function is generic, so that no
formula here is typed: reports and the lecture print these definitions and this derivation as any other.
"""

from __future__ import annotations

from dataclasses import replace

from symbolic.derivation import rules
from symbolic.derivation.adjoint import adjoint_of
from symbolic.derivation.calculus import partials
from symbolic.derivation.chain import one_layer_further
from symbolic.derivation.record import Derivation, Prover
from symbolic.language.affine import Index, size
from symbolic.language.definition import Definition
from symbolic.language.dependence import dependent
from symbolic.language.expr import Entry, Expr, Partial, Tensor, add, mul, total
from symbolic.language.functions import generic
from symbolic.language.sample import SAMPLE, SAMPLES
from symbolic.language.terms import substitute
from symbolic.notation.style import BISHOP, LECTURE, Pairs, Style

#: What the model and the target are called, by notation: Bishop's model is y and his target t.
_LETTERS = {"lecture": ("a", "y"), "bishop": ("y", "t")}
INPUT, WEIGHTS = Tensor("x", (SAMPLES,), "input"), Tensor("w", (), "parameter")
VALUE = Tensor("Q")


def target(notation: str = "lecture") -> Entry:
    """The right answer for one object of the sample."""
    return Tensor(_LETTERS[notation][1], (SAMPLES,), "target")[SAMPLE]


def model(notation: str = "lecture") -> Expr:
    """a(x_i; w): what the network says of one object."""
    return generic(_LETTERS[notation][0])(INPUT[SAMPLE], WEIGHTS[()])


def loss(notation: str = "lecture") -> Expr:
    """L(y_i, a(x_i; w)): the loss of one object."""
    return generic("L")(target(notation), model(notation))


def training_objective(regularized: bool = False, notation: str = "lecture") -> Definition:
    """Q(w) = Σ_i L(y_i, a(x_i; w)), and + R(w) where a network is regularised."""
    terms: list[Expr] = [total(loss(notation), SAMPLE)]
    if regularized:
        terms.append(generic("R")(WEIGHTS[()]))
    return Definition(VALUE, (), add(*terms), "objective")


def error_law(value: str = "alpha") -> Derivation:
    """∂Q/∂w_α = ∂Q/∂α ∂α/∂w_α = E_α ∂α/∂w_α for one object: α = h(w_α x), Q = q(α), both functions generic."""
    weight, node = Tensor(f"w_{value}", (), "parameter"), Tensor(value)
    definitions = (
        Definition(node, (), generic("h")(mul(weight[()], Tensor("x", (), "input")[()])), "node", value),
        Definition(VALUE, (), generic("q")(node[()]), "objective"),
    )
    goal = Partial(VALUE[()], weight[()])
    chained = one_layer_further(goal, dependent(definitions, weight), goal)
    (arriving,) = (p for p in partials(chained) if p.of == VALUE[()])
    error = Definition(adjoint_of(node), (), Partial(VALUE[()], node[()]), "adjoint")
    named = substitute(chained, {arriving: error.entry})
    steps = (
        Prover(definitions).step(rules.CHAIN, goal, chained),
        Prover((*definitions, error)).step(rules.ADJOINT, chained, named),
    )
    return Derivation("", weight.name, "backprop", goal, steps, (error,), known=(*definitions, error))


def what_an_error_is(notation: str = "lecture") -> tuple[Definition, Style]:
    """E_α = ∂Q/∂α, or Bishop's δ_j = ∂Q/∂a_j, with the style to print it in."""
    if notation == "lecture":
        law = error_law()
        return law.definitions[0], LECTURE.knowing(law.known)
    j = Index("j", size("J"))
    before = Tensor("a_z", (j.extent,))
    error = Definition(adjoint_of(before), (j,), Partial(VALUE[()], before[j]), "adjoint")
    return error, replace(
        BISHOP, names=Pairs((("a_z", "a"),)), index_names=(), parameters=frozenset(), minimised=((VALUE.name, "E"),)
    )


def law_style(notation: Style = LECTURE) -> Style:
    """The style of these formulas: Q(w), or Bishop's E(w), on the left of "="."""
    letter = ((VALUE.name, "E"),) if notation.notation == "bishop" else ()
    return replace(notation.showing(Q=("w",)), minimised=letter)
