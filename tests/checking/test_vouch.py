"""What a printer may write and what the check of a file runs is one list: every module that we emit is run."""

from __future__ import annotations

import pytest

from codegen.checking import trial
from codegen.compiler.program import ProgramError
from codegen.targets.numpy.printer import Printer
from codegen.targets.registry import EMITTERS, emit_for
from symbolic.network.network import Network

#: A formula in x (T numbers), and the axes of its node; T is 5.
FORMULAS = {
    "a diagonal": ("r[i,t] = Sum(w[t,s]*x[i,s]*x[i,t], s) + q[t,t]*x[i,t]", ["T"]),
    "a diagonal of distances": ("r[i,t,s] = exp(-(x[i,t]-x[i,s])**2/2)*g[t,t]", ["T", "T"]),
    "functions that NumPy lacks": ("r[i,t] = erf(x[i,t]*w[t]) + atan(x[i,t]) + max(x[i,t], v[t])", ["T"]),
    "a norm": ("r[i,t] = sqrt(1 + Sum((x[i,s]-c[t,s])**2, s))", [3]),
    "a softmax over pairs": ("r[i,t,s] = softmax(x[i,t]*x[i,s]*k[t], s)", ["T", "T"]),
    "a stride": ("r[i,t] = Sum(h[i,2*t+u], u)", [2]),
    "reversed": ("r[i,t] = tanh(x[i,4-t]*w[t])", ["T"]),
}


def network(name: str) -> Network:
    formula, width = FORMULAS[name]
    node = {"formula": formula, "width": width} | ({"ranges": {"u": 2}} if "u]" in formula else {})
    hidden = {"h": {"inputs": ["x"], "width": 5, "activation": "relu"}} if "h[" in formula else {}
    nodes = {**hidden, "r": node, "p": {"inputs": ["r"], "width": 1}}
    size = 5 if name in ("reversed", "a stride") else "T"
    width_ = [5] if name == "reversed" else width
    nodes["r"] = {**node, "width": width_}
    sizes = {"sizes": {"T": 5}} if size == "T" else {}
    return Network.from_dict({"loss": "squared", "inputs": {"x": size}, "nodes": nodes, **sizes})


@pytest.mark.parametrize("target", EMITTERS)
@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.slow
def test_every_module_that_is_emitted_is_run_and_right(name, target, tmp_path):
    file = tmp_path / "module.py"
    file.write_text(emit_for(target, network(name)), encoding="utf-8")
    assert trial.check(str(file), {}).agrees


def test_a_printer_calls_nothing_that_is_not_listed():
    with pytest.raises(ProgramError, match="savez"):
        Printer.call(None, "savez")  # type: ignore[arg-type]
