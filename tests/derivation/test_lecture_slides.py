r"""Every formula of the lecture's slides, held against what the program prints for the lecture's networks.

Nothing here builds an expression: each right-hand side comes out of ``derive``, ``general_scheme`` or the
definitions of a network, is printed, and must be the slide's LaTeX.  What is normalised away: white space,
``\left`` and ``\right``, the alignment marks of a chain.  Two things differ from the slides on purpose.
Objects of the sample carry their index wherever the slide's line is about the whole sample, and the slip
``\frac{\partial Q}{\alpha_s}`` is written ``\frac{\partial Q}{\partial \alpha_s}``.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from reading import normal

from symbolic.derivation import rules
from symbolic.derivation.calculus import LOGISTIC
from symbolic.derivation.derive import derive, slope_derivation
from symbolic.derivation.lines import every_formula, latex_lines
from symbolic.derivation.record import Derivation
from symbolic.derivation.scheme import general_scheme
from symbolic.language.definition import Definition
from symbolic.language.functions import U
from symbolic.network.network import Network
from symbolic.notation.latex import definition_latex, law_latex
from symbolic.notation.style import BISHOP, LECTURE, Pairs, Style

#: The bias beside the linear form: as its weight number 0, and as a letter of its own.
ZEROTH, SEPARATE = replace(LECTURE, bias="zeroth"), replace(LECTURE, bias="separate")


def printed(derivation: Derivation, notation: str | Style = "lecture") -> list[str]:
    """The lines of the printed ``align*``, without the reasons: goal = line, = line, …"""
    body = latex_lines(derivation, notation=notation).split("\n")[1:-1]
    return [normal(line.split("&&")[0]) for line in body if not line.startswith(r"\intertext")]


def chain(text: str) -> list[str]:
    """The slide's chain of equalities, one line for each."""
    return [normal(line.strip().removesuffix("=")) for line in text.strip().splitlines()]


def definition(network: Network, target: str, style: Style) -> str:
    """One definition of the network as the derivation prints it, without the ranges of its indices."""
    found = derive(network)
    chosen = next(d for d in found.definitions if d.target.name == target)
    return normal(definition_latex(chosen, style.knowing(found.known), ranges=False))


# ------------------------------------------------------------------------------------- the networks


def test_the_neuron():
    r"""y = h(Σ w_i x_i + w_0), with the fictitious input and without."""
    spec = {
        "name": "neuron", "loss": "squared", "output": "y", "inputs": {"x": "k"},
        "nodes": {"y": {"inputs": ["x"], "width": 1, "activation": "generic", "weights": "w"}},
    }  # fmt: skip
    network = Network.from_dict(spec)
    (shown,) = (d for d in derive(network).definitions if d.target.name == "y")
    style = replace(BISHOP, bias="zeroth").knowing(derive(network).known).without_sample()
    style = replace(style, names=Pairs())  # here y is the neuron, not the target
    assert normal(definition_latex(shown, style, ranges=False)) == normal(
        r"y = h\left(\sum_{i=1}^k w_i x_i + w_0\right)"
    )
    assert normal(definition_latex(shown, replace(style, bias="fictitious"), ranges=False)) == normal(
        r"y = h\left(\sum_{i=0}^k w_i x_i\right)"
    )


@pytest.fixture
def bishop() -> tuple[dict[str, Definition], Style]:
    """The lecture's network with one hidden layer of M neurons, h any function, in Bishop's notation."""
    spec = {
        "name": "hidden", "loss": "squared", "output": "y", "inputs": {"x": "D"},
        "nodes": {
            "z": {"inputs": ["x"], "width": "M", "activation": "generic", "weights": "w_1"},
            "y": {"inputs": ["z"], "width": "K", "activation": "generic", "weights": "w_2"},
        },
    }  # fmt: skip
    found = derive(Network.from_dict(spec), "w_1")
    style = BISHOP.knowing(found.known).without_sample()
    # the lecture counts the M hidden neurons with j
    style = replace(style, index_names=(*style.index_names, ("m", "j")))
    return {d.target.name: d for d in found.definitions}, style


def test_the_hidden_layer_in_bishops_notation(bishop):
    definitions, style = bishop
    assert normal(definition_latex(definitions["z"], style)) == normal(
        r"z_j = h \left( \sum_{i=0}^D w_{ji}^{(1)} x_i \right), \quad j = 1, \dots, M"
    )
    assert normal(definition_latex(definitions["y"], style)) == normal(
        r"y_k = h \left( \sum_{j=0}^M w_{kj}^{(2)} z_j \right), \quad k = 1, \dots, K"
    )


def test_the_hidden_layer_with_a_bias_of_its_own(bishop):
    definitions, style = bishop
    style = replace(style, bias="zeroth")
    assert normal(definition_latex(definitions["z"], style)) == normal(
        r"z_j = h \left( \sum_{i=1}^D w_{ji}^{(1)} x_i + w_{j0}^{(1)} \right), \quad j = 1, \dots, M"
    )
    assert normal(definition_latex(definitions["y"], style)) == normal(
        r"y_k = h \left( \sum_{j=1}^M w_{kj}^{(2)} z_j + w_{k0}^{(2)} \right), \quad k = 1, \dots, K"
    )


def test_the_objective_is_the_loss_over_the_sample():
    r"""Q(w) = Σ L(y_i, a(x_i; w)), L = (y - p)²."""
    style = LECTURE.showing(Q=("w",))
    assert definition(Network.load("one_neuron"), "Q", style) == normal(r"Q(w) = \sum_{i=1}^N L_i")
    assert definition(Network.load("one_neuron"), "L", LECTURE) == normal(r"L_i = (y_i - p_i)^2")
    assert definition(Network.load("one_neuron"), "L", LECTURE.without_sample()) == normal(r"L = (y - p)^2")
    assert definition(Network.load("one_neuron"), "p", LECTURE) == normal(r"p_i = \sigma(w^T x_i)")
    assert definition(Network.load("one_neuron"), "p", LECTURE.without_sample()) == normal(r"p = \sigma(w^T x)")


def test_the_objective_with_a_regulariser():
    r"""Q(w) = Σ L(y_i, a(x_i; w)) + R(w)."""
    style = LECTURE.showing(Q=("w",), R=("w",))
    network = Network.load("regularized_neuron")
    shown = definition(network, "Q", replace(style, arguments=(("Q", ("w",)),)))
    assert shown == normal(r"Q(w) = \sum_{i=1}^N L_i + R")
    assert definition(network, "R", style).startswith(normal("R(w) = "))


def test_the_hidden_layer_as_the_example_has_it():
    r"""z_j(x) = σ(w_{1,j}ᵀ x), p(z) = σ(w_2ᵀ z), L(y, p) = (y - p)²."""
    style = LECTURE.without_sample().showing(z=("x",), p=("z",), L=("y", "p"))
    network = Network.load("one_hidden_layer")
    assert definition(network, "z", style) == normal(r"z_j(x) = \sigma(w_{1,j}^T x)")
    assert definition(network, "p", style) == normal(r"p(z) = \sigma(w_2^T z)")
    assert definition(network, "L", style) == normal(r"L(y, p) = (y - p)^2")


# ------------------------------------------------------------------------------------- σ and σ′


def test_the_sigmoid_and_its_derivative():
    found = slope_derivation(LOGISTIC)
    assert LOGISTIC.body is not None
    assert normal(law_latex(LOGISTIC, U, LOGISTIC.body)) == normal(r"\sigma(u) = \frac{1}{1 + e^{-u}}")
    assert normal(law_latex(LOGISTIC.prime, U, found.result)) == normal(r"\sigma'(u) = \sigma(u)(1 - \sigma(u))")
    assert [str(step.rule) for step in found.steps][-1] == "written through the function's own value"
    assert found.evidence["proved"] == len(found.steps), "it is derived, and every step is exact"


def test_the_derivation_of_the_sigmoids_slope_line_by_line():
    assert printed(slope_derivation(LOGISTIC)) == chain(
        r"""
        \frac{\partial \sigma(u)}{\partial u} = \frac{\partial}{\partial u} \left( \frac{1}{1 + e^{-u}} \right)
        = -\frac{1}{(1 + e^{-u})^2} \frac{\partial (1 + e^{-u})}{\partial u}
        = -\frac{1}{(1 + e^{-u})^2} \frac{\partial e^{-u}}{\partial u}
        = -\frac{e^{-u}}{(1 + e^{-u})^2} \frac{\partial (-u)}{\partial u}
        = \frac{e^{-u}}{(1 + e^{-u})^2} \frac{\partial u}{\partial u}
        = \frac{e^{-u}}{(1 + e^{-u})^2}
        = \sigma(u) (1 - \sigma(u))
        """
    )


# ------------------------------------------------------------------------------------- the composition rule


def test_the_rule_of_the_composition_is_stated_as_on_the_slide_where_it_is_used():
    slide = (
        r"\frac{\partial f(g(x))}{\partial x}"
        r" = \frac{\partial f}{\partial g}(g(x)) \frac{\partial g}{\partial x}(x)"
    )
    assert normal(rules.CHAIN.statement) == normal(slide)
    assert rules.CHAIN.name.text("ru") == "производная композиции функций"
    shown = neuron_lines()
    assert [str(step.rule) for step in shown.steps].count("derivative of a composition") == 2
    assert normal(slide) in normal(shown.latex())
    assert "Производная композиции функций" in shown.latex("ru")


# ------------------------------------------------------------------------------------- one neuron


def neuron_lines() -> Derivation:
    return derive(Network.load("one_neuron"), "w")


def test_one_neuron_in_four_lines():
    assert printed(neuron_lines()) == chain(
        r"""
        \frac{\partial Q(w)}{\partial w} = \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i))^2}{\partial w} =
        = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \frac{\partial \sigma(w^T x_i)}{\partial w} =
        = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i)) \frac{\partial (w^T x_i)}{\partial w} =
        = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i)) x_i
        """  # noqa: E501  (the slide's own lines)
    )


@pytest.mark.parametrize(("style", "bias"), [(ZEROTH, "w_0"), (SEPARATE, "b_p")])
def test_one_neuron_with_a_bias_of_its_own(style, bias):
    slide = r"""
        \frac{\partial Q(w)}{\partial w} = \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i + w_0))^2}{\partial w} =
        = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i + w_0)) \frac{\partial \sigma(w^T x_i + w_0)}{\partial w} =
        = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i + w_0)) \sigma(w^T x_i + w_0) (1 - \sigma(w^T x_i + w_0)) \frac{\partial (w^T x_i + w_0)}{\partial w} =
        = \sum_{i=1}^N -2(y_i - \sigma(w^T x_i + w_0)) \sigma(w^T x_i + w_0) (1 - \sigma(w^T x_i + w_0)) x_i
        """  # noqa: E501
    assert printed(neuron_lines(), style) == chain(slide.replace("w_0", bias))


def test_the_fictitious_input_is_explained_where_it_is_used():
    said = "component 0 of its input is 1"
    assert said in neuron_lines().latex()
    assert said not in neuron_lines().latex(notation=SEPARATE)
    assert said not in neuron_lines().latex(notation=ZEROTH)
    assert "компоненту 0, а компонента 0 его входа равна 1" in neuron_lines().text("ru")


def test_the_fictitious_weight_has_the_derivative_of_the_others_with_one_for_the_input():
    last = printed(derive(Network.load("one_neuron"), "b_p"))[-1]
    assert last == normal(r"= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i))")


def test_without_a_bias_the_lines_are_the_same():
    spec = Network.load("one_neuron").to_dict()
    spec["nodes"]["p"]["bias"] = False
    assert printed(derive(Network.from_dict(spec), "w")) == printed(neuron_lines())


# ------------------------------------------------------------------------------------- one hidden layer


def test_the_gradient_of_the_output_layer():
    shown = printed(derive(Network.load("one_hidden_layer"), "w_2"))
    assert shown == chain(
        r"""
        \frac{\partial Q}{\partial w_2} = \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_2}
        = \sum_{i=1}^N -2(y_i - p_i) p_i (1 - p_i) z_i
        """
    )


def test_the_gradient_of_the_hidden_layer_with_its_sum_over_s():
    derivation = derive(Network.load("one_hidden_layer"), "w_1")
    assert printed(derivation) == chain(
        r"""
        \frac{\partial Q}{\partial w_{1,j}} = \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_{1,j}}
        = \sum_{i=1}^N \frac{\partial L}{\partial p} \sum_{s=1}^J \frac{\partial p}{\partial z_s} \frac{\partial z_s}{\partial w_{1,j}} =
        = \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial z_j} \frac{\partial z_j}{\partial w_{1,j}}
        = \sum_{i=1}^N -2(y_i - p_i) p_i (1 - p_i) w_{2,j} z_i^j (1 - z_i^j) x_i
        """  # noqa: E501
    )
    assert r"$z_s$ does not depend on $w_{1,j}$ for $s$ $\ne$ $j$" in derivation.latex()
    assert r"$z_s$ не зависит от $w_{1,j}$ при $s$ $\ne$ $j$" in derivation.latex("ru")


def test_the_hidden_layer_by_the_values_of_the_network_is_the_same_with_a_bias_of_its_own():
    derivation = derive(Network.load("one_hidden_layer"), "w_1")
    assert printed(derivation, SEPARATE) == printed(derivation), "the chain never opens a linear form"
    assert r"\sigma(w_{1,j}^T x_i + w_{1,j0})" in derivation.latex(notation=ZEROTH)
    assert r"\sigma(w_{1,j}^T x_i + b_{z,j})" in derivation.latex(notation=SEPARATE)


# ------------------------------------------------------------------------------------- the general scheme


def test_the_general_scheme():
    assert printed(general_scheme()) == chain(
        r"""
        \frac{\partial Q(\alpha_1, \alpha_2, \dots)}{\partial w_j} = \sum_s \frac{\partial Q}{\partial \alpha_s} \frac{\partial \alpha_s(\beta_1, \beta_2, \dots)}{\partial w_j} =
        = \sum_s \frac{\partial Q}{\partial \alpha_s} \sum_t \frac{\partial \alpha_s}{\partial \beta_t} \frac{\partial \beta_t(\gamma_1, \gamma_2, \dots)}{\partial w_j} = \dots
        """  # noqa: E501
    )


def test_the_slip_of_the_slide_is_not_repeated():
    assert all(r"\frac{\partialQ}{\alpha_s}" not in line for line in printed(general_scheme()))


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_the_scheme_is_unrolled_as_deep_as_asked(depth):
    found = general_scheme(depth)
    assert len(found.steps) == depth
    assert all(step.evidence.holds for step in found.steps)
    assert found.latex().count(r"= \dots") == 1


# ------------------------------------------------------------------------------------- backpropagation


def graph(parameter: str) -> dict[str, list[str]]:
    """The printed chains of the scalar graph, by their left-hand sides."""
    found = derive(Network.load("scalar_graph"), parameter, form="backprop")
    lines = [printed(lemma) for lemma in (*found.lemmas, found) if lemma.variable is not None]
    return {chain_[0].partition("=")[0]: chain_ for chain_ in lines}


def test_a_node_of_the_graph():
    r"""z = h(w_{z,x} x + w_{z,y} y + w_{z,0}), h any function."""
    spec = Network.load("scalar_graph").to_dict()
    spec["nodes"]["z"]["activation"] = "generic"
    shown = definition(Network.from_dict(spec), "z", LECTURE.without_sample())
    assert shown == normal(r"z = h(w_{z,x}x + w_{z,y}y + w_{z,0})")


def test_the_error_of_a_value_that_feeds_three_nodes():
    assert graph("w_x_u")["E_x"][:2] == chain(
        r"""
        E_x = \frac{\partial Q}{\partial x} = \frac{\partial Q}{\partial z} \frac{\partial z}{\partial x} + \frac{\partial Q}{\partial s} \frac{\partial s}{\partial x} + \frac{\partial Q}{\partial t} \frac{\partial t}{\partial x}
        = E_z \frac{\partial z}{\partial x} + E_s \frac{\partial s}{\partial x} + E_t \frac{\partial t}{\partial x}
        """  # noqa: E501
    )


def test_the_error_of_every_value_is_the_derivative_of_Q_by_it():
    for value in "xzstp":
        both = normal(rf"E_{value} = \frac{{\partial Q}}{{\partial {value}}}")
        assert graph("w_x_u")[f"E_{value}"][0].startswith(both)


@pytest.mark.parametrize(("parameter", "printed_as"), [("w_z_x", "w_{z,x}"), ("w_s_y", "w_{s,y}"), ("b_t", "w_{t,0}")])
def test_the_gradient_by_a_weight_is_the_error_times_the_derivative_of_its_node(parameter, printed_as):
    r"""∂Q/∂w_α = E_α ∂α/∂w_α, summed over the sample."""
    node = parameter.split("_")[1]
    (line,) = [c for left, c in graph(parameter).items() if left.startswith(r"\frac")]
    by = rf"\partial {printed_as}"
    assert line[0] == normal(rf"\frac{{\partial Q}}{{{by}}} = \sum_{{i=1}}^N E_{node} \frac{{\partial {node}}}{{{by}}}")
    assert normal(rules.PARAMETER.statement) == normal(
        r"\frac{\partial Q}{\partial w_{\alpha}} = E_{\alpha} \frac{\partial \alpha}{\partial w_{\alpha}}"
    )


def test_the_law_of_the_error_is_stated():
    assert normal(r"E_{\alpha} = \frac{\partial Q}{\partial \alpha}") in normal(rules.ADJOINT.statement)


def test_every_line_of_both_examples_is_exact():
    for name, parameter in (("one_neuron", "w"), ("one_hidden_layer", "w_1"), ("one_hidden_layer", "w_2")):
        evidence = derive(Network.load(name), parameter).evidence
        assert evidence["proved"] == evidence["steps"]
    assert list(every_formula(neuron_lines()))[-1].endswith("x_i")


# ------------------------------------------------------------------------------------- Bishop, §5.3.2


@pytest.fixture
def section_5_3_2() -> Network:
    """Bishop's example: tanh hidden units, linear outputs, half the squared error."""
    return Network.from_dict(
        {
            "name": "bishop", "loss": "half_squared", "output": "y", "inputs": {"x": "D"},
            "nodes": {
                "z": {"inputs": ["x"], "width": "J", "activation": "tanh", "weights": "w_1"},
                "y": {"inputs": ["z"], "width": "K", "activation": "identity", "weights": "w_2"},
            },
        }
    )  # fmt: skip


def last_lines(network: Network, parameter: str, form: str) -> dict[str, str]:
    """The last line of every chain that Bishop's notation prints, by its left-hand side."""
    found: dict[str, str] = {}
    for block in derive(network, parameter, form).latex(notation="bishop").split(r"\begin{align*}")[2:]:
        lines = [line.split("&&")[0] for line in block.strip().split("\n")[:-1]]
        left = lines[0].partition("&=")[0]
        for name in left.split(" = "):
            found[normal(name)] = normal(lines[-1].partition("&=")[2])
    return found


def test_bishops_errors_come_out_as_he_prints_them(section_5_3_2):
    """(5.65), (5.66), and (5.67) summed over the sample: E of one object, ∂E/∂w = δ·input."""
    shown = last_lines(section_5_3_2, "w_1", "matrix")
    assert shown[r"\delta_k"] == normal(r"y_k - t_k")
    assert shown[r"\delta_j"] == normal(r"(1 - z_j^2) \sum_{k=1}^K w_{kj}^{(2)} \delta_k")
    assert shown[normal(r"\frac{\partial E}{\partial w_{ji}^{(1)}}")] == normal(r"\sum_{n=1}^N \delta_{nj} x_{ni}")
    shown = last_lines(section_5_3_2, "w_2", "matrix")
    assert shown[normal(r"\frac{\partial E}{\partial w_{kj}^{(2)}}")] == normal(r"\sum_{n=1}^N \delta_{nk} z_{nj}")


def test_bishops_slope_of_tanh(section_5_3_2):
    """(5.60): h′(a) = 1 - h(a)²."""
    assert last_lines(section_5_3_2, "w_1", "matrix")[normal(r"\frac{\partial \tanh(u)}{\partial u}")] == normal(
        r"1 - \tanh(u)^2"
    )


def test_bishop_has_no_name_for_the_error_of_a_value(section_5_3_2):
    shown = derive(section_5_3_2, "w_1", "backprop").latex(notation="bishop")
    assert r"\frac{\partial E}{\partial z_j} = \frac{\partial E}{\partial z_j}" not in shown
    assert r"\delta_k = \frac{\partial E}{\partial y_k} &= " in shown
    for law in (rules.ADJOINT, rules.PARAMETER):
        shown = shown.replace(law.statement, "")
    assert "E_{" not in shown.split(r"\end{align*}", 1)[1]
