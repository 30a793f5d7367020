"""The lecture, from the neuron to regularisation: its parts in its order, every formula of them derived.

The networks are specs; what is printed of them comes out of their definitions and derivations, and what holds
for all networks out of ``symbolic.derivation.laws`` and ``symbolic.derivation.scheme``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from codegen.report import lecture_words as w
from codegen.report.blocks import Chain, Part, Picture, Plot, Points, Said, Shown, say
from codegen.report.general import minimised, scheme
from codegen.report.graph import drawing
from codegen.report.lecture_example import ONE, example, in_generic
from codegen.report.neurons import units_of
from codegen.report.plots import graphs
from symbolic.derivation import laws, rules
from symbolic.derivation.calculus import LOGISTIC
from symbolic.derivation.derive import derive, slope_derivation
from symbolic.derivation.equations import equation_of
from symbolic.derivation.record import Derivation
from symbolic.derivation.written_in import style_of
from symbolic.language.affine import Index, subscript
from symbolic.language.expr import Call, Expr, Partial, Symbol
from symbolic.language.functions import U, generic
from symbolic.language.terms import substitute
from symbolic.notation.arrange import arrange, arrange_definition
from symbolic.notation.boxes import COMMA, DOT, DOTS, EQUALS, Box, Fence, Row, Script, joined, sign
from symbolic.notation.quantity_boxes import entry_box
from symbolic.notation.style import BISHOP, LECTURE, Pairs
from symbolic.notation.subscript_boxes import name_box, size_box

NEURON: dict[str, Any] = {
    "name": "neuron",
    "loss": "squared",
    "output": "y",
    "inputs": {"x": "k"},
    "nodes": {"y": {"inputs": ["x"], "width": 1, "activation": "generic", "weights": "w"}},
}
LAYERS: dict[str, Any] = {
    "name": "layers",
    "loss": "squared",
    "output": "y",
    "inputs": {"x": "D"},
    "nodes": {
        "z": {"inputs": ["x"], "width": "M", "activation": "generic", "weights": "w_1"},
        "y": {"inputs": ["z"], "width": "K", "activation": "generic", "weights": "w_2"},
    },
}
QUESTION = sign("?")
#: The number of an object where none is written, so that i may count the inputs.
ASIDE = LECTURE.sample.renamed("n")


def lecture() -> tuple[Part, ...]:
    """The whole of it, in the lecture's order."""
    return (
        _neuron(),
        _layers(),
        _components(),
        _sigmoid(),
        _one_neuron(),
        _hidden_layer(),
        _scheme(),
        _forward(),
        _backward(),
        _training(),
        _regularised(),
        Part("sources", w.SOURCES, (Points((Said(w.BISHOP),)),)),
    )


# --- neurons ------------------------------------------------------------------------------------


def _neuron() -> Part:
    """y = h(Σ w_i x_i + w_0), with the number of its own and with x_0 = 1."""
    one = example(NEURON, replace(BISHOP, names=Pairs()))
    style = replace(one.style, names=Pairs())  # here y is the neuron, not the target
    inputs = one.listed("x", 1, style)
    h = Row((name_box("h"), Fence(DOT)))
    return Part(
        "neuron",
        w.NEURON,
        (
            say(w.NEURON_SAYS, inputs=inputs, h=name_box("h")),
            Shown((one.sides("y", replace(style, bias="zeroth"), ranges=False),)),
            Points(
                (
                    say(w.NEURON_OUTPUT, y=one.written("y", style=style)),
                    say(w.NEURON_WEIGHTS, weights=one.listed("w", 0, style)),
                    say(w.NEURON_FUNCTION, h=h),
                )
            ),
            say(w.FICTITIOUS_INPUT, one=one.is_one("x", style)),
            Shown((one.sides("y", style, ranges=False),)),
            Said(w.COMPOSED),
        ),
    )


def _layers() -> Part:
    """z_j and y_k with the fictitious x_0 and z_0, M hidden neurons and K outputs."""
    one = example(LAYERS, BISHOP)
    # the lecture counts the M hidden neurons with j
    one = replace(one, style=replace(one.style, index_names=(*one.style.index_names, ("m", "j"))))
    style, sizes = one.style, {"M": size_box(one.axis("z")), "K": size_box(one.axis("y"))}
    return Part(
        "layers",
        w.LAYERS,
        (
            Points((say(w.LAYERS_INPUTS, inputs=one.listed("x", 1, style), one=one.is_one("x", style)),)),
            Shown((one.sides("z"), one.sides("y"))),
            Points(
                (
                    say(
                        w.LAYERS_HIDDEN,
                        z=one.sides("z")[0],
                        weights=one.weights("z"),
                        one=one.is_one("z", style),
                        M=sizes["M"],
                    ),
                    say(w.LAYERS_OUTPUTS, y=one.sides("y")[0], weights=one.weights("y"), K=sizes["K"]),
                )
            ),
            Picture(_drawn(units_of(one.objective, style)), Said(w.LAYERS_CAPTION)),
        ),
    )


# --- what is trained ----------------------------------------------------------------------------


def _in_law(expr: Expr) -> Box:
    return arrange(expr, LECTURE)


def _of_one_object(expr: Expr) -> Box:
    return arrange(expr, LECTURE.without_sample())


def _sample() -> Box:
    """{x_i, y_i} for i from 1 to N."""
    pair = joined((_in_law(laws.INPUT[LECTURE.sample]), _in_law(laws.target())), COMMA)
    start = Row((_index(LECTURE.sample), sign("="), ONE))
    return Script(Fence(pair, "{", "}"), start, size_box(LECTURE.sample.extent))


def _index(index: Index) -> Box:
    return name_box(index.name)


P = Symbol("p")
LOSS_OF_ONE = generic("L")(laws.target(), P)


def _components() -> Part:
    x, y = laws.INPUT[LECTURE.sample], laws.target()
    gradient = Partial(laws.VALUE[()], laws.WEIGHTS[()])
    return Part(
        "components",
        w.COMPONENTS,
        (
            Points(
                (
                    say(w.SAMPLE, sample=_sample(), N=size_box(LECTURE.sample.extent), x=_in_law(x), y=_in_law(y)),
                    say(w.MODEL, a=_of_one_object(laws.model())),
                    say(w.OBJECT, x=_of_one_object(x)),
                    say(w.PARAMETERS, w=name_box("w")),
                    Said(w.ARCHITECTURE),
                    say(w.LOSS, L=_of_one_object(LOSS_OF_ONE), p=name_box("p"), y=_of_one_object(y)),
                )
            ),
            say(w.MINIMISED, gradient=_in_law(gradient)),
            Shown(((None, minimised()),)),
        ),
    )


# --- σ ------------------------------------------------------------------------------------------

Z = Symbol("z")


def _sigmoid() -> Part:
    """σ(z), σ′(z) and how one follows from the other."""
    assert LOGISTIC.body is not None
    slope = slope_derivation(LOGISTIC)
    value = (arrange(Call(LOGISTIC, (Z,)), LECTURE), arrange(_at(LOGISTIC.body), LECTURE))
    derived = (arrange(Call(LOGISTIC.prime, (Z,)), LECTURE), arrange(_at(slope.result), LECTURE))
    plotted = graphs(LOGISTIC, Z)
    assert plotted is not None
    return Part(
        "sigmoid",
        w.SIGMOID,
        (
            Said(w.SIGMOID_SAYS),
            Shown((value,)),
            Said(w.SIGMOID_SLOPE),
            Shown((derived,)),
            Chain(equation_of(slope)),
            Plot(plotted, Said(w.SIGMOID_PLOT)),
        ),
    )


def _at(expr: Expr) -> Expr:
    return substitute(expr, {U: Z})


# --- the examples -------------------------------------------------------------------------------


def _one_neuron() -> Part:
    """a(x; w) = σ(wᵀx) and the four lines of ∂Q/∂w."""
    one = example("one_neuron", LECTURE)
    found = derive(one.objective.network, "w")
    formula = one.definition("p").at((subscript(ASIDE),))
    written_out = replace(one.style, linear="sum", sample=ASIDE, index_names=(("j", "i"),))
    model = Row((arrange(formula, written_out), EQUALS, arrange(formula, replace(one.style, sample=ASIDE))))
    equation = equation_of(found)
    asked = joined((equation.left, equation.right[0], QUESTION), EQUALS)
    d = size_box(one.tensor("x").axes[-1])
    return Part(
        "one-neuron",
        w.ONE_NEURON,
        (
            say(w.ONE_NEURON_SAYS, d=d, one=one.is_one("x", one.style)),
            Shown(((_of_one_object(laws.model()), model), one.loss())),
            Said(w.ASKED),
            Shown(((None, asked),)),
            say(w.COMPOSITION, w=name_box("w")),
            Shown(((None, rules.CHAIN.box),)),
            Chain(equation),
        ),
    )


def _hidden_layer() -> Part:
    """z_j(x) = σ(w_{1,j}ᵀx), p(z) = σ(w_2ᵀz), and the sum over s that collapses."""
    one = example("one_hidden_layer", LECTURE)
    style = one.style.showing(z=("x",), p=("z",))
    output, hidden = (derive(one.objective.network, name) for name in ("w_2", "w_1"))
    (j,) = (sub.single for sub in one.definition("z").entry.subscripts[1:])
    assert j is not None
    return Part(
        "hidden-layer",
        w.HIDDEN_LAYER,
        (
            say(
                w.HIDDEN_LAYER_SAYS,
                J=size_box(j.extent),
                z=one.written("z", j),
                w1=_vector(hidden),
                p=one.written("p"),
                w2=_vector(output),
            ),
            Shown((one.sides("z", style, ranges=False), one.sides("p", style, ranges=False), one.loss())),
            Said(w.OUTPUT_WEIGHTS),
            Chain(equation_of(output)),
            say(w.HIDDEN_WEIGHTS, J=size_box(j.extent), z=one.written("z", j), w1=_vector(hidden)),
            Chain(equation_of(hidden)),
        ),
    )


def _vector(derivation: Derivation) -> Box:
    """What a derivation is by, as its goal writes it."""
    assert derivation.variable is not None
    return entry_box(derivation.variable, style_of(derivation).without_sample())


# --- any network --------------------------------------------------------------------------------


def _scheme() -> Part:
    Q, total = arrange_definition(laws.training_objective(), laws.law_style())
    return Part(
        "scheme",
        w.SCHEME,
        (
            Points(
                (
                    say(w.SCHEME_MODEL, a=_of_one_object(laws.model())),
                    say(w.SCHEME_LOSS, L=_of_one_object(LOSS_OF_ONE)),
                    say(w.SCHEME_OBJECTIVE, Q=Row((Q, EQUALS, total))),
                )
            ),
            *scheme(),
        ),
    )


def _forward() -> Part:
    one = example(in_generic("scalar_graph"), LECTURE)
    names = {name: one.written(name) for name in ("x", "y", "z")}
    return Part(
        "forward",
        w.FORWARD,
        (
            Picture(drawing(one.objective.network, one.style), Said(w.FORWARD_CAPTION)),
            say(w.FORWARD_SAYS, node=names["z"], x=names["x"], y=names["y"]),
            Shown((one.sides("z", ranges=False),)),
        ),
    )


def _backward() -> Part:
    one = example(in_generic("scalar_graph"), LECTURE)
    law = laws.error_law()
    (error,) = law.definitions
    goal, named = equation_of(law).left, equation_of(law).right[-1]
    sums = derive(one.objective.network, "x", "backprop")
    shared = equation_of(sums)
    error_of_x = replace(shared, right=shared.right[:2], reasons=shared.reasons[:2], steps=shared.steps[:2])
    nodes = joined((*(one.written(name) for name in ("x", "y", "z", "s", "t")), DOTS), COMMA)
    alpha = name_box("alpha")
    return Part(
        "backward",
        w.BACKWARD,
        (
            say(w.BACKWARD_SAYS, Q=name_box("Q"), alpha=alpha),
            Shown((arrange_definition(error, LECTURE.knowing(law.known)), (alpha, nodes))),
            Said(w.BACKWARD_WEIGHT),
            Shown(((goal, named),)),
            say(w.BACKWARD_SUM, x=one.written("x")),
            Chain(error_of_x),
            Picture(
                drawing(one.objective.network, one.style), say(w.BACKWARD_CAPTION, x=one.written("x")), backward=True
            ),
        ),
    )


def _training() -> Part:
    return Part(
        "training",
        w.TRAINING,
        (
            say(
                w.TRAINING_SAYS,
                sample=_sample(),
                a=_of_one_object(laws.model()),
                L=_of_one_object(LOSS_OF_ONE),
            ),
            Shown(((None, minimised()),)),
            Said(w.ANY_METHOD),
        ),
    )


def _regularised() -> Part:
    """Q with R, and what R adds to the gradient of one neuron."""
    one = example("regularized_neuron", LECTURE)
    penalty = arrange(generic("R")(laws.WEIGHTS[()]), LECTURE)
    found = derive(one.objective.network, "w", "chain")
    return Part(
        "regularised",
        w.REGULARISED,
        (
            say(w.REGULARISED_SAYS, R=penalty),
            Shown(((None, minimised(regularized=True)),)),
            Said(w.ANY_METHOD),
            say(
                w.REGULARISED_EXAMPLE,
                L=joined(one.sides("L", ranges=False), EQUALS),
                R=joined(one.sides("R", one.style.showing(R=("w",)), ranges=False), EQUALS),
            ),
            Chain(equation_of(found)),
        ),
    )


def _drawn(found: Any) -> Any:
    assert found is not None
    return found
