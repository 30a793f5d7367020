"""A condition, a maximum, a power of constants alone: a choice that is made once, in every target."""

import numpy as np
import pytest

from codegen import emit, load
from symbolic import Network, SpecError

SUM = "Sum(w[k]*x[i,k], k)"
FORMULAS = (
    f"where(2*pi > 3, {SUM}, 0)",
    f"where(tau > 1/2, {SUM}**2, b)",
    f"where(D > 2, b, {SUM})*{SUM}",
    f"[tau == 0.9]*max(D/2, tau)*{SUM}**2",
    f"where([tau > 0.5]*b > 1, {SUM}, [b > tau])*where(tau > 1, where(D > 2, 1, b)*x[i,0], {SUM})",
    f"relu(1)*exp(where(tau > 0.5, 0.1, 0.2))*abs(tau - 1)*min(2, 3)*clip(pi, 0, 3)*pi**pi*{SUM}**2/100",
)


def network(formula: str) -> Network:
    return Network.from_dict(
        {
            "loss": "squared",
            "inputs": {"x": "D"},
            "nodes": {"p": {"formula": f"p[i] = {formula}"}},
            "sizes": {"D": 3},
            "constants": {"tau": 0.9} if "tau" in formula else {},
        }
    )


RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(4, 3)), RNG.normal(size=4)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_choice_between_constants_is_made_in_every_target(formula):
    torch = pytest.importorskip("torch")
    net = network(formula)
    objective = load(net, hessian=True).Objective()
    w = objective.initial(seed=1)
    q, gradient = objective.value_and_gradient(w, X, Y)
    steps = 1e-6 * np.eye(objective.size)
    slopes = [(objective.value(w + e, X, Y) - objective.value(w - e, X, Y)) / 2e-6 for e in steps]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-6)
    gradients = [objective.value_and_gradient(w + s * sum(steps), X, Y)[1].copy() for s in (1, -1)]
    second = objective.hessian_vector(w, np.ones_like(w), X, Y)
    np.testing.assert_allclose(second, (gradients[0] - gradients[1]) / 2e-6, rtol=1e-5, atol=1e-5)

    other = load(net, target="torch").Objective(dtype=torch.float64)
    with torch.no_grad():
        for name, parameter in other.named_parameters():
            place, shape = objective.layout[name]
            parameter.copy_(torch.as_tensor(w[place].reshape(shape)))
    found = other(torch.as_tensor(X), torch.as_tensor(Y))
    found.backward()
    assert float(found.detach()) == pytest.approx(q)
    for name, parameter in other.named_parameters():
        place, shape = objective.layout[name]
        np.testing.assert_allclose(parameter.grad.numpy(), gradient[place].reshape(shape), rtol=1e-9, atol=1e-9)


def test_compiled_loops_choose_too():
    pytest.importorskip("numba")
    net = network(FORMULAS[1])
    plain, compiled = load(net).Objective(), load(net, target="numba").Objective()
    w = plain.initial(seed=1)
    assert compiled.value(w, X, Y) == pytest.approx(plain.value(w, X, Y))


def test_what_a_target_has_not_is_said_in_one_line():
    net = network(FORMULAS[0])
    with pytest.raises(SpecError, match="target is 'fortran'; it must be one of numpy, torch, numba"):
        emit(net, target="fortran")
    with pytest.raises(SpecError, match="hessian is of the target numpy, not of torch"):
        load(net, hessian=True, target="torch")
