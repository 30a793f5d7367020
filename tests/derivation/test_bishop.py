"""Bishop, PRML, chapter 5, section by section: each formula that is a derivative of a network is a command, run here.

A row is the place in the book, the arguments of ``chainrule``, and what is printed.
"""

from __future__ import annotations

import numpy as np
import pytest

from codegen.cli import main
from codegen.targets.load import load
from symbolic import Network

TWO_LAYERS = """
loss = "half_squared"
inputs = { x = "D" }
nodes.z = { inputs = ["x"], width = "M", activation = "tanh" }
nodes.y = { inputs = ["z"], width = "K" }
sizes = { D = 3, M = 4, K = 2 }
"""
DECAY = TWO_LAYERS + "[regularizer]\nw_z = { l2 = 0.1 }\nw_y = { l2 = 0.2 }\n"
TANGENT = """
loss = "L[i] = (t[i] - y[i])**2/2 + lam/2*Sum(D(y[i], x[i,d])*u[i,d], d)**2"
output = "y"
target = { t = 1 }
constants = { lam = 0.1 }
inputs = { x = "D", u = "D" }
nodes.z = { inputs = ["x"], width = "M", activation = "tanh" }
nodes.y = { inputs = ["z"], width = 1 }
sizes = { D = 3, M = 2 }
"""
SHARED = """
loss = "half_squared"
inputs = { x = "D" }
nodes.y = { inputs = ["x"], width = 1 }
parameters = { mu = [2], c = [2] }
regularizer = { total = "-Sum(log(Sum(exp(c[m] - (w_y[d] - mu[m])**2/2), m)), d)", ranges = { m = 2 } }
sizes = { D = 3 }
"""
LOGITS = """
loss = "L[i] = log(1 + exp(a[i])) - t[i]*a[i]"
output = "a"
target = { t = { width = 1, values = "binary" } }
inputs = { x = "D" }
nodes.z = { inputs = ["x"], width = "M", activation = "tanh" }
nodes.a = { inputs = ["z"], width = 1 }
sizes = { D = 2, M = 2 }
"""
BISHOP = ("--notation", "bishop")
#: (section, equations) → what is run, and what stands in the answer.
TABLE = {
    ("5.2.1", "5.18 outputs and errors match"): (
        ("derive", "mlp_classifier", "--wrt", "a_p", "--form", "matrix", *BISHOP),
        ("= y_k − t_k", "t_s = 1"),
    ),
    ("5.3.1", "5.53 δ times z"): (
        ("derive", TWO_LAYERS, "--form", "matrix", *BISHOP),
        ("δ_{nk} z_{nm}", "δ_{nm} x_{ni}"),
    ),
    ("5.3.1", "5.54 the error of an output"): (("derive", TWO_LAYERS, "--form", "matrix", *BISHOP), ("= y_k − t_k",)),
    ("5.3.1", "5.56 backpropagation"): (
        ("derive", TWO_LAYERS, "--form", "matrix", *BISHOP),
        ("= (1 − z_m²) Σ_{k=1}^K w_{km}⁽ʸ⁾ δ_k",),
    ),
    ("5.3.3", "5.68 5.69 differences"): (("check", TWO_LAYERS), ("w_z           agrees", "w_y           agrees")),
    ("5.3.4", "5.70-5.76 the Jacobian"): (
        ("derive", TWO_LAYERS, "--of", "jacobian", *BISHOP),
        ("wₖₘ⁽ʸ⁾ (1 − zₙₘ²) wₘᵢ⁽ᶻ⁾",),
    ),
    ("5.3.4", "5.72 by the parameters"): (("emit", TWO_LAYERS, "--with", "jacobian"), ("def each_seeded_function",)),
    ("5.4.1", "5.79 the diagonal of the Hessian"): (
        ("derive", "one_neuron", "--of", "hessian-diagonal", *BISHOP),
        ("xₙⱼ²",),
    ),
    ("5.4.2", "5.84 the outer product"): (("emit", TWO_LAYERS, "--with", "outer-product"), ("def each_function",)),
    ("5.4.2", "5.84 the gradient of one sample"): (
        ("derive", "one_neuron", "--of", "per-sample"),
        ("E_{w_{each,j}} = ∂Q/∂w_{each,j}",),
    ),
    ("5.4.5", "5.93-5.95 the exact Hessian"): (("derive", "one_neuron", "--of", "hessian", *BISHOP), ("xₙⱼ", "xₙₛ")),
    ("5.4.6", "5.96-5.111 the product with it"): (
        ("derive", TWO_LAYERS, "--of", "hessian-vector", *BISHOP),
        ("R{δ_{nm}}", "R of a composition (Bishop, §5.4.6)"),
    ),
    ("5.5.1", "5.121 a weight for each group"): (
        ("derive", DECAY, "--wrt", "w_z", "--form", "backprop"),
        ("2λ_1 w_{z,m}",),
    ),
    ("5.5.4", "5.128 tangent propagation"): (("derive", TANGENT, "--wrt", "w_z", "--form", "backprop"), ("E_{∂_{x",)),
    ("5.5.6", "5.5.6 convolution, shared weights"): (
        ("derive", "conv1d", "--wrt", "w", "--form", "backprop"),
        ("Σ_{i=1}^N Σ_{t=1}^{T−U+1} E_{z_{tc}}",),
    ),
    ("5.5.7", "5.138-5.143 soft weight sharing"): (("derive", SHARED, "--wrt", "mu", "--form", "backprop"), ("∂Q/∂",)),
    ("5.6", "5.153-5.157 a mixture of densities"): (
        ("derive", "mixture_density", "--wrt", "m", "--form", "backprop", *BISHOP),
        ("∂E/∂m_k", "(t − m_k)"),
    ),
}


@pytest.fixture
def run(tmp_path, capsys):
    """What the command prints; a spec that is given as text is a file first."""

    def answer(arguments):
        given = []
        for argument in arguments:
            if "\n" in argument:
                path = tmp_path / "network.toml"
                path.write_text(argument, encoding="utf-8")
                argument = str(path)
            given.append(argument)
        assert main(given) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return answer


@pytest.mark.parametrize("row", TABLE, ids=lambda row: " ".join(row))
def test_every_derivative_of_the_chapter_is_a_command(row, run):
    arguments, fragments = TABLE[row]
    answer = run(arguments)
    for fragment in fragments:
        assert fragment in answer, f"{fragment!r} is not in\n{answer[-2000:]}"


def test_5_85_the_outer_product_of_logistic_units_weighs_with_y_times_1_minus_y():
    """H ≃ Σ y(1 − y) b bᵀ with b = ∇a: Gauss and Newton's matrix by a."""
    objective = load(Network.from_toml(LOGITS), methods=("gauss_newton", "jacobian")).Objective()
    rng = np.random.default_rng(0)
    w, X, t = rng.normal(size=objective.size), rng.normal(size=(5, 2)), np.array([0.0, 1, 1, 0, 1])
    y, b = 1 / (1 + np.exp(-objective.predict(w, X))), objective.jacobian(w, X)
    np.testing.assert_allclose(objective.gauss_newton(w, X, t), np.einsum("n,ni,nj->ij", y * (1 - y), b, b), rtol=1e-10)
