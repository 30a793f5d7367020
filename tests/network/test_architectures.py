"""Architectures of papers, written from the reference alone: derived, emitted, and held against PyTorch by hand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import by_hand
import numpy as np
import pytest
import torch
from rarely import rarely

from codegen.compiler.points import draw
from codegen.targets.load import load
from symbolic import Network, derive

CORPUS = Path(__file__).parent / "corpus"
SAMPLES = 6
QUICK = ("factorization_machine", "linear_attention", "ordinal", "pointer_network", "quantile_heads")


@pytest.fixture(autouse=True)
def _of_float64() -> Iterator[None]:
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(usual)


@pytest.mark.parametrize("name", rarely(sorted(path.stem for path in CORPUS.glob("*.toml")), QUICK))
def test_an_architecture_is_derived_and_emitted_as_pytorch_has_it(name):
    network = Network.from_dict({"name": name, **tomllib.loads((CORPUS / f"{name}.toml").read_text("utf-8"))})
    assert all(derive(network, network.parameters[n].name, form="backprop").text() for n in (0, -1))
    module = load(network)
    objective = module.Objective()
    point = draw(network.objective, {"N": SAMPLES, **network.resolve_sizes()}, objective.size, seed=1)
    w, target = point.weights * 0.7, network.objective.target.name
    data = {"y": point.target, target: point.target, **point.inputs}
    q, gradient = objective.value_and_gradient(w, point.X, point.target)
    weights = {k: torch.tensor(v, requires_grad=True) for k, v in objective.unpack(w).items()}
    expected = getattr(by_hand, name)(weights, {k: torch.tensor(np.asarray(v, float)) for k, v in data.items()})
    expected.backward()
    assert q == pytest.approx(expected.item(), rel=1e-9)
    for parameter, found in objective.unpack(gradient).items():
        slope = np.asarray(weights[parameter].grad)
        np.testing.assert_allclose(found, slope, 1e-7, 1e-9, err_msg=parameter)


def test_every_architecture_is_written_by_hand_too():
    assert {path.stem for path in CORPUS.glob("*.toml")} <= vars(by_hand).keys()
