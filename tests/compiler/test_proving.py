"""A pass that makes another program is refused by its name, and the module is right without it."""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from test_program import program_of

from codegen.checking.trial import check_instance
from codegen.compiler import passes
from codegen.compiler.build import formulas
from codegen.compiler.kernels import Map
from codegen.compiler.passes import REQUIRED, optimise
from codegen.compiler.passes.proving import PassRefused, Proof
from codegen.compiler.program import Program, ProgramError
from codegen.targets.load import load_text
from codegen.targets.numpy.emit import emit
from codegen.targets.registry import emit_for
from codegen.targets.torch import imitation
from symbolic.derivation.adjoint import adjoint
from symbolic.language.expr import neg
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

emitting = sys.modules["codegen.targets.numpy.emit"]
in_torch, in_numba = (import_module(f"codegen.targets.{name}.emit") for name in ("torch", "numba"))


def flip_a_sign(program: Program) -> Program:
    """The last derivative, or what it is the product of, with the other sign."""
    kernels = list(program.kernels)
    place = max(k for k, kernel in enumerate(kernels) if isinstance(kernel, Map) and kernel.reads and kernel.indices)
    last = kernels[place]
    assert isinstance(last, Map)
    kernels[place] = replace(last, expr=neg(last.expr))
    return program.with_kernels(kernels)


def drop_a_write(program: Program) -> Program:
    return program.with_kernels(program.kernels[:1] + program.kernels[2:])


def swap_two(program: Program) -> Program:
    return program.with_kernels((*program.kernels[-2:], *program.kernels[:-2]))


def overwrite(program: Program) -> Program:
    """An array that is still needed lives in the memory of a later one."""
    arrays = [k for k in program.kernels if k.indices and k.target.name not in program.results]
    pairs = [(a, b) for a in arrays for b in arrays if a is not b and a.target.axes == b.target.axes]
    owner = {k.target.name: program.storage.get(k.target.name, k.target.name) for k in arrays}
    for a, b in pairs:
        if owner[a.target.name] != owner[b.target.name]:
            return replace(program, storage={**program.storage, owner[a.target.name]: owner[b.target.name]})
    raise AssertionError("nothing to share")


def break_down(program: Program) -> Program:
    raise KeyError("nothing")


BREAKS = (flip_a_sign, drop_a_write, swap_two, break_down)


def broken(one, spoil):
    def spoiled(program: Program) -> Program:
        return spoil(one(program))

    spoiled.__name__ = one.__name__
    return spoiled


def in_numpy() -> tuple[Program, Proof]:
    program = program_of("one_hidden_layer")
    return optimise(program)[0], Proof(program)


def by_torch() -> tuple[Program, Proof]:
    made = in_torch.value_program(Network.load("one_hidden_layer"))
    return made.program, made.proof


def by_numba() -> tuple[Program, Proof]:
    network = Network.load("one_hidden_layer")
    objective = build_objective(network)
    proof = Proof(formulas(network.name, objective, adjoint(objective).definitions))
    return in_numba.compiled_program(network), proof


#: The module whose PASSES make a target's program, and the program with what its definitions say.
PROGRAMS = {"numpy": (passes, in_numpy), "torch": (in_torch, by_torch), "numba": (in_numba, by_numba)}
EVERY = [
    (target, name, spoil)
    for target, (module, _) in PROGRAMS.items()
    for name in dict.fromkeys(one.__name__ for one in module.PASSES)
    for spoil in (BREAKS if target == "numpy" else (drop_a_write, swap_two))
]


def with_broken(monkeypatch, name: str, spoil, module=passes) -> None:
    chosen = module.PASSES
    last = max(place for place, one in enumerate(chosen) if one.__name__ == name)
    monkeypatch.setattr(module, "PASSES", (*chosen[:last], broken(chosen[last], spoil), *chosen[last + 1 :]))


@pytest.mark.parametrize(("target", "name", "spoil"), [case for case in EVERY if case[1] not in REQUIRED])
def test_a_broken_pass_is_refused_by_name_and_the_program_is_right_without_it(monkeypatch, target, name, spoil):
    module, made = PROGRAMS[target]
    with_broken(monkeypatch, name, spoil, module)
    with pytest.warns(PassRefused) as said:
        program, proof = made()
    assert {str(warning.message).split("the pass ")[1].split(" is left out: ")[0] for warning in said} == {name}
    assert proof.fault(program) is None


@pytest.mark.parametrize(("target", "name", "spoil"), [case for case in EVERY if case[1] in REQUIRED])
def test_a_broken_pass_that_is_required_ends_emission_by_its_name(monkeypatch, target, name, spoil):
    module, made = PROGRAMS[target]
    with_broken(monkeypatch, name, spoil, module)
    with pytest.raises(ProgramError, match=f"^pass {name}: "):
        made()


def test_memory_that_is_still_needed_is_not_given_away(monkeypatch):
    with_broken(monkeypatch, "share_memory", overwrite)
    with pytest.warns(PassRefused, match="the pass share_memory is left out: "):
        made, _ = optimise(program_of("one_hidden_layer"))
    assert not made.storage


@pytest.mark.parametrize("name", ["one_neuron", "mlp_classifier"])
def test_the_module_is_emitted_without_a_broken_pass(monkeypatch, name):
    emitting._emitted.cache_clear()
    with_broken(monkeypatch, "fold_signs", flip_a_sign)
    network = Network.load(name)
    with pytest.warns(PassRefused, match="fold_signs"):
        text = emitting.emit(network)
    emitting._emitted.cache_clear()
    assert check_instance(network, load_text(text, "without"), {}).agrees


#: What is called, for which target and with a Hessian or not; where its text begins, one of its statements, another.
WAYS = {
    "": [
        ("numpy", False, "    def gradient(", r"E_a_p\.dot\(s, (E_w_p_s)\)", r"E_a_p.dot(t, \1)"),
        ("numba", False, "\ndef fused(", r"(E_w_p_s_total) \+= E_a_p\*s", r"\1 += E_a_p*t"),
        ("torch", False, "    def forward(ctx", r"Q = L\.sum\(\)", "Q = p.sum()"),
        ("torch", False, "    def backward(ctx", r"E_w_p_s = E_a_p @ s", "E_w_p_s = E_a_p @ t"),
        ("torch", False, "    def backward(ctx", r"E_u = .*", "E_u = E_a_x"),
        ("torch", False, "    def predict(", r"p = torch\.sigmoid\(a_p\)", "p = a_p"),
    ],
    "with weights for the samples, ": [
        ("numpy", False, "def weighted_functions(", r"E_a_p\.dot\(s, (E_w_p_s)\)", r"E_a_p.dot(t, \1)"),
        ("numba", False, "def weighted_functions(", r"E_a_p\.dot\(s, (E_w_p_s)\)", r"E_a_p.dot(t, \1)"),
    ],
    "with a single sample, ": [
        ("numpy", False, "    def alone(", r"E_w_p_s\[\(\)\] = E_a_p\*s", "E_w_p_s[()] = E_a_p*t")
    ],
    "with the product of the Hessian, ": [
        ("numpy", True, "def hessian_functions(", r"multiply\(w_p_s, R_E_a_p, (.*)\)", r"multiply(w_p_t, R_E_a_p, \1)")
    ],
}
MODULES = {"numpy": emitting, "numba": in_numba, "torch": in_torch}


@pytest.mark.parametrize("drop", [False, True], ids=["other", "dropped"])
@pytest.mark.parametrize(("said", "case"), [(said, case) for said, cases in WAYS.items() for case in cases])
def test_a_text_that_computes_something_else_is_kept_back(monkeypatch, said, case, drop):
    """The program is right, and its print is not: one statement computes something else, or is not there."""
    target, hessian, place, statement, other = case
    module = MODULES[target]
    honest = module.first_run

    def with_a_fault(text, *rest):
        before, _, after = text.partition(place)
        assert re.search(statement, after), "the statement to spoil is not there"
        honest(before + place + re.sub(statement, "pass" if drop else other, after, count=1), *rest)

    monkeypatch.setattr(module, "first_run", with_a_fault)
    emitting._emitted.cache_clear()
    network = Network.load("scalar_graph")
    if said == "with a single sample, ":  # that way is left out, and all others are there
        with pytest.warns(PassRefused, match=said), pytest.raises(AssertionError, match="is not there"):
            emitting.emit(network)
        return
    with pytest.raises(ProgramError, match=f"is wrong, so it is kept back: {said}"):
        emitting.emit(network, hessian=hessian) if target == "numpy" else emit_for(target, network)


@pytest.mark.parametrize("name", ["attention", "conv1d", "layer_norm", "mlp_classifier"])
def test_numpy_answers_what_a_module_asks_of_pytorch_as_pytorch_does(name):
    torch = pytest.importorskip("torch")
    network = Network.load(name)
    text = emit_for("torch", network)
    found: list[Any] = []
    for library in (torch, imitation.TORCH):
        module = load_text(text, "either", also=frozenset({"torch"}), instead={"torch": library})
        objective = module.Objective(dtype=library.float64)
        drawn = torch.Generator().manual_seed(0)
        X, Y = load_text(text, "drawn", also=frozenset({"torch"})).random_sample(objective, 3, drawn)
        if library is not torch:
            X, Y = {k: imitation._tensor(v.numpy()) for k, v in X.items()}, imitation._tensor(Y.numpy())
        random = np.random.default_rng(0)
        for parameter in objective._parameters.values():
            values = random.normal(size=tuple(parameter.shape))
            parameter.data.copy_(torch.tensor(values)) if library is torch else np.copyto(parameter, values)
        with torch.no_grad():
            found.append(float(objective(X, Y)))
            found.append(np.asarray(objective.predict(X)))
    np.testing.assert_allclose(found[2], found[0], rtol=1e-12)
    np.testing.assert_allclose(found[3], found[1], rtol=1e-12)


SATURATED = {
    "name": "saturated",
    "loss": "squared",
    "output": "p",
    "inputs": {"x": [5, 3]},
    "nodes": {
        "h": {"formula": "h[i] = (Sum(2/(1 + x[i,a,b]**2), a, b))**2", "width": 1},
        "z": {"formula": "z[i,j] = tanh(w[j]*h[i] - x[i,0,2])", "width": 2},
        "p": {"formula": "p[i] = c*h[i] + Sum(v[j]*z[i,j], j)", "width": 1},
    },
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_digits_that_are_rounding_alone_prove_nothing_against_a_pass(dtype):
    """1 - tanh² of 30 is 0 or 10⁻¹⁶, as the order of operations has it, and what it is multiplied by is large."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", PassRefused)
        emit(Network.from_dict(SATURATED), dtype)


def test_what_rounding_may_do_is_known_where_digits_cancel_and_is_nothing_elsewhere():
    def point_of(spec):
        objective = build_objective(Network.from_dict(spec))
        return Proof(formulas("saturated", objective, adjoint(objective).definitions)).points[0]

    point = point_of(SATURATED)
    assert (point.rounding["E_c"] <= 1e-10 * np.abs(point.expected["E_c"])).all()
    assert point.fault("E_c", point.expected["E_c"] * (1 + 1e-6)) is not None
    assert point.rounding["E_w"].max() > 0
    off = point.expected["E_w"] + 10 * point.rounding["E_w"]
    assert point.fault("E_w", off) is None
    assert point.fault("E_w", off + 1e6 * point.rounding["E_w"] + 1) is not None


def test_a_finite_number_made_of_one_that_overflowed_proves_nothing_against_a_pass():
    """The second derivative of ln cosh is 1 - s²/c², and 1 - s·s/∞ where c² is no longer a float."""

    def distance(name):
        return {"formula": f"{name}[i] = Sum((x[i, a, b] - w[a])**2, a, b)", "width": 1, "ranges": {"a": 5, "b": 3}}

    spec = {
        "name": "far",
        "loss": "log((exp(y - p) + exp(p - y))/2)",
        "output": "p",
        "inputs": {"x": [5, 3]},
        "nodes": {
            "h": distance("h"),
            "g": distance("g"),
            "z": {"formula": "z[i, j] = (log(exp(c*h[i])) + v[j]*h[i])**2", "width": 3},
            "p": {
                "formula": "p[i, j] = s[j]*h[i] + r[j]*g[i] + Sum(u[j, a]*z[i, a], a)",
                "width": 2,
                "ranges": {"a": 3},
            },
        },
        "reduction": "sum",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error", PassRefused)
        module = load_text(emit(Network.from_dict(spec), hessian=True), "far").Objective()
    random = np.random.default_rng(0)
    w, v, X = 0.3 * random.normal(size=module.size), random.normal(size=module.size), random.normal(size=(4, 5, 3))
    Y = random.normal(size=(4, 2))
    forth, back = (module.value_and_gradient(w + step * v, X, Y)[1].copy() for step in (1e-6, -1e-6))
    assert module.hessian_vector(w, v, X, Y) == pytest.approx((forth - back) / 2e-6, rel=1e-5)


def test_a_network_without_a_value_at_every_point_is_emitted_all_the_same():
    """tanh of 36² and more, as the quotient of exponentials that overflow, while a slope that is masked out is 0."""
    chosen = "Sum(where(x[i,0,c] > w_1, w_2[c]*x[i,0,0], 1 - x[i,0,c]), c)"
    many = f"Sum(where(x[i,a,b] > w_0[a,b], 2, 1)/(1 + x[i,a,b]**2), a, b) + {chosen}"
    ranges = {"a": 6, "b": 5, "c": 5}
    nodes: dict[str, Any] = {
        name: {"formula": f"{name}[i] = {many}", "width": 1, "ranges": ranges} for name in ("h", "g")
    }
    nodes |= {
        "z": {"formula": "z[i] = tanh((h[i] - w_3)**2)", "width": 1},
        "v": {"formula": "v[i] = w_4*h[i]", "width": 1},
        "s": {"formula": "s[i] = w_4*h[i]", "width": 1},
        "p": {"formula": "p[i] = u_h*h[i] + u_g*g[i] + u_z*z[i] + u_v*v[i] + u_s*s[i]", "width": 1},
    }
    spec = {"name": "large", "loss": "squared", "output": "p", "inputs": {"x": [6, 5]}, "nodes": nodes}
    assert "def plain" in emit(Network.from_dict(spec))
    assert "torch" in emit_for("torch", Network.from_dict(spec))
