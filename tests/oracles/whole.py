"""One spec held in every medium: derived and proved, printed, emitted for the targets, against PyTorch and differences.

What a row of the language must do, a test says in one call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
import torch_oracle

from codegen.targets.load import load_text
from codegen.targets.registry import PACKAGES, emit_for
from symbolic.derivation.derive import derive
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

TARGETS = ("numpy", "torch")
SAMPLES = 3


def assert_whole(
    spec: Mapping[str, Any],
    targets: Iterable[str] = TARGETS,
    data: Mapping[str, np.ndarray] | None = None,
    forms: Iterable[str] = ("backprop", "matrix", "chain", "expanded"),
    seed: int = 0,
) -> Any:
    """Every form derives and prints; every target has PyTorch's value and gradient; the module of NumPy comes back."""
    network = Network.from_dict(spec)
    objective = build_objective(network)
    assert_derived(network, forms)
    modules = {target: load_text(emit_for(target, network), "drawn", also=PACKAGES[target]) for target in targets}
    random, sizes = np.random.default_rng(seed), {"N": SAMPLES, **network.resolve_sizes()}
    given = dict(data or {})
    for tensor in (*objective.inputs, objective.target):
        if tensor.name not in given:
            given[tensor.name] = random.uniform(-1.5, 1.5, [axis.value(sizes) for axis in tensor.axes])
    weights = {
        p.tensor.name: random.uniform(-1, 1, [axis.value(sizes) for axis in p.tensor.axes])
        for p in objective.parameters
    }
    value, gradient = torch_oracle.value_and_gradient(objective, sizes, given | weights)
    inputs = {t.name: given[t.name] for t in objective.inputs}
    X = inputs if len(inputs) > 1 else given[objective.inputs[0].name]
    Y = given[objective.target.name]
    for target, module in modules.items():
        found = _by_torch(module, weights, X, Y) if target == "torch" else _flat(module, weights, X, Y)
        assert np.isclose(found[0], value, rtol=1e-10), f"{target}: Q is {found[0]}, not {value}"
        for name, expected in gradient.items():
            np.testing.assert_allclose(
                found[1][name].reshape(expected.shape), expected, 1e-8, 1e-10, err_msg=f"{target} {name}"
            )
    return modules.get("numpy")


def assert_derived(network: Network, forms: Iterable[str]) -> None:
    """Each parameter by each form: no step is refuted, and every medium prints it."""
    for parameter in network.parameters:
        for form in forms:
            derivation = derive(network, parameter.name, form=form)
            assert derivation.steps
            for text in (derivation.latex(), derivation.text(), str(derivation.to_dict())):
                assert text


def _flat(module: Any, weights: Mapping[str, np.ndarray], X: Any, Y: Any) -> tuple[float, dict[str, np.ndarray]]:
    objective = module.Objective()
    w = np.empty(objective.size)
    for name, (part, _) in objective.layout.items():
        w[part] = weights[name].ravel()
    q, g = objective.value_and_gradient(w, X, Y)
    assert np.isclose(objective.value(w, X, Y), q, rtol=1e-13)
    return q, {name: g[part] for name, (part, _) in objective.layout.items()}


def _by_torch(module: Any, weights: Mapping[str, np.ndarray], X: Any, Y: Any) -> tuple[float, dict[str, np.ndarray]]:
    objective = module.Objective(dtype=torch.float64)
    named = dict(objective.named_parameters())
    for name, parameter in named.items():
        parameter.data.copy_(torch.tensor(weights[name]).reshape(parameter.shape))
    X = {k: torch.tensor(v) for k, v in X.items()} if isinstance(X, dict) else torch.tensor(X)
    q = objective(X, torch.tensor(Y))
    q.backward()
    return float(q.detach()), {name: parameter.grad.numpy() for name, parameter in named.items()}
