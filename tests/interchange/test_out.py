"""What goes out to SymPy has the value that it has here: Q and every gradient of every built-in network."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import sympy
from rarely import rarely, small_specs

from codegen import load
from codegen.cli import main
from symbolic import Network, SpecError, derive
from symbolic.derivation.adjoint import adjoint, adjoint_of
from symbolic.interchange.places import places_of
from symbolic.interchange.written import WrittenOut
from symbolic.language.affine import Index, size
from symbolic.language.expr import Compare, Delta, Expr, Symbol, Tensor, add, mul, number, power, total
from symbolic.language.functions import PRIMITIVES, U
from symbolic.network.builtin import builtin_specs

SAMPLES = 2
SIZES = {
    "attention": {"T": 2, "D": 3, "H": 2},
    "conv1d": {"T": 4, "U": 2, "C": 2},
    "mlp_classifier": {"D": 3, "H": 2, "K": 3},
    "convnet": {"P": 1, "S": 1, "C": 1, "F": 1, "K": 2},
    "deep_mlp": {"D": 2, "J": 2, "M": 2},
    "gru": {"T": 1, "D": 2, "J": 2},
    "lstm": {"T": 2, "D": 2, "J": 1},
    "mixture_density": {"D": 2, "J": 2, "K": 2},
    "physics_informed": {"J": 2},
    "recurrent": {"T": 3, "D": 2, "J": 2},
    "transformer_block": {"T": 1, "V": 2, "D": 2, "H": 1, "F": 1},
    "variational_autoencoder": {"D": 2, "H": 2, "J": 1},
}


def at_a_random_point(network: Network) -> tuple[dict[str, int], dict[str, np.ndarray], float, np.ndarray]:
    """Sizes, numbers for every tensor, and what the emitted module makes of them: Q and its gradient."""
    sizes = network.resolve_sizes(**SIZES.get(network.name, {}))
    module = load(network).Objective(**sizes)
    random = np.random.default_rng(7)
    objective = network.objective
    arrays = {t.name: random.normal(size=[a.value({**sizes, "N": SAMPLES}) for a in t.axes]) for t in objective.inputs}
    target = [axis.value({**sizes, "N": SAMPLES}) for axis in objective.target.axes]
    one_hot = np.eye(target[-1])[[1, 0]] if len(target) > 1 and target[-1] > 1 else np.array([0.0, 1.0])
    arrays[objective.target.name] = one_hot
    for fact in objective.facts:
        below = {"binary": 2, "whole": fact.below.value(sizes) if fact.below else 0}.get(fact.kind)
        if below and fact.tensor.name in arrays:
            shape = [axis.value({**sizes, "N": SAMPLES}) for axis in fact.tensor.axes]
            arrays[fact.tensor.name] = random.integers(0, below, shape).astype(float)
    arrays |= {p.name: random.normal(size=[a.value(sizes) for a in p.tensor.axes]) for p in network.parameters}
    w = np.concatenate([np.ravel(arrays[p.name]) for p in network.parameters])
    X = {t.name: arrays[t.name] for t in objective.inputs}
    q, gradient = module.value_and_gradient(
        w, next(iter(X.values())) if len(X) == 1 else X, arrays[objective.target.name]
    )
    return {"N": SAMPLES, **sizes}, arrays, q, gradient


def numbers(symbols: dict[str, Any], arrays: dict[str, np.ndarray]) -> dict[str, float]:
    """A number for each scalar symbol by its name."""
    found: dict[str, float] = {}
    for name, symbol in symbols.items():
        flat = [symbol] if isinstance(symbol, sympy.Symbol) else list(sympy.flatten(symbol.tolist()))
        found.update(zip(map(str, flat), np.ravel(arrays[name]), strict=True))
    return found


def test_a_network_that_is_too_long_when_written_out_says_so():
    with pytest.raises(SpecError, match="take smaller sizes"):
        Network.load("convnet").objective.to_sympy(N=2, P=1, S=1, C=1, F=1, K=2)


@pytest.mark.parametrize("name", rarely([n for n in builtin_specs() if n != "convnet"], small_specs()))
def test_q_and_every_gradient_written_out_are_the_modules(name):
    network = Network.load(name)
    sizes, arrays, q, gradient = at_a_random_point(network)
    values = numbers(network.objective.symbols(**sizes), arrays)
    written = network.objective.to_sympy(**sizes)
    assert {symbol.name for symbol in written.free_symbols} <= set(values)
    whole = adjoint(network.objective)
    out = WrittenOut(sizes, (*network.objective.definitions, *whole.definitions))
    slopes = [
        out.entry(adjoint_of(p.tensor), places) for p in network.parameters for places in places_of(p.tensor, sizes)
    ]
    names = sorted(values)
    evaluate = sympy.lambdify(names, [written, *slopes], "numpy", cse=True)
    found = np.array(evaluate(*(values[key] for key in names)), dtype=float)
    assert found[0] == pytest.approx(q, abs=1e-12, rel=1e-12)
    assert found[1:] == pytest.approx(gradient, abs=1e-12, rel=1e-11)


@pytest.mark.parametrize("name", ["one_hidden_layer", "mlp_classifier", "conv1d", "attention"])
def test_q_with_the_sizes_free_is_the_modules(name):
    network = Network.load(name)
    sizes, arrays, q, _ = at_a_random_point(network)
    symbols = network.objective.symbols()
    named = [sympy.Symbol(key, integer=True, positive=True) for key in sizes]
    evaluate = sympy.lambdify([*symbols.values(), *named], network.objective.to_sympy(), "numpy")
    assert float(evaluate(*(arrays[key] for key in symbols), *sizes.values())) == pytest.approx(q, rel=1e-12)


def test_the_result_of_a_derivation_evaluates_to_the_gradient():
    network = Network.load("one_hidden_layer")
    sizes, arrays, _, gradient = at_a_random_point(network)
    result = derive(network, "b_z").to_sympy().result
    symbols = network.objective.symbols()
    j = next(index for index in result.atoms(sympy.Idx) if str(index) == "j" and index in result.free_symbols)
    named = [sympy.Symbol(key, integer=True, positive=True) for key in sizes]
    evaluate = sympy.lambdify([*symbols.values(), *named, j], result, "numpy")
    found = [float(evaluate(*(arrays[key] for key in symbols), *sizes.values(), at)) for at in range(sizes["J"])]
    start = arrays["w_1"].size
    assert found == pytest.approx(gradient[start : start + sizes["J"]], abs=1e-12)


k, l = Index("k", size("D")), Index("l", size("D"))
A = Tensor("A", (size("D"),))
ZERO_STEP = Compare(">", U, number(0))
CLOSED_STEP = Compare(">=", U, number(0))


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        (
            total(mul(A[k], Delta(*(A[k].subscripts + A[l].subscripts))), k),
            "Sum(KroneckerDelta(k, l)*A[k], (k, 0, D - 1))",
        ),
        (ZERO_STEP, "Heaviside(u, 0)"),
        (CLOSED_STEP, "Heaviside(u, 1)"),
        (mul(ZERO_STEP, power(U, -1)), "Piecewise((1/u, u > 0), (0, True))"),
        (PRIMITIVES["max"](U, number(0)), "Max(0, u)"),
        (PRIMITIVES["abs"](U), "Abs(u)"),
    ],
    ids=str,
)
def test_a_formula_speaks_sympys_protocol(expr: Expr, shown: str):
    assert str(sympy.sympify(expr)) == sympy.sstr(expr) == shown
    assert sympy.latex(expr) == sympy.latex(sympy.sympify(expr))
    assert sympy.srepr(expr) == sympy.srepr(sympy.sympify(expr))
    assert sympy.Eq(sympy.Symbol("a"), expr, evaluate=False).rhs == sympy.sympify(expr)
    assert sympy.Symbol("a") + expr == expr + sympy.Symbol("a") == sympy.Symbol("a") + sympy.sympify(expr)


def test_a_step_at_its_jump_has_the_value_that_it_has_here():
    at_zero = {sympy.Symbol("u", real=True): 0}
    assert sympy.sympify(ZERO_STEP).subs(at_zero) == 0
    assert sympy.sympify(CLOSED_STEP).subs(at_zero) == 1
    assert sympy.sympify(mul(ZERO_STEP, power(U, -1))).subs(at_zero) == 0


def test_our_own_sums_are_as_they_were():
    assert Symbol("a") + Symbol("b") == add(Symbol("a"), Symbol("b"))
    with pytest.raises(TypeError):
        Symbol("a") + "b"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"D": 2}, "no number for N"),
        ({"N": 2, "E": 2}, "has no size E"),
        ({"N": 0}, "N = 0 is no size"),
        ({"N": 10_000, "D": 1000, "J": 1000}, "take smaller sizes"),
    ],
)
def test_sizes_that_cannot_be_are_one_line(given, said):
    with pytest.raises(SpecError, match=said) as error:
        Network.load("one_hidden_layer").objective.to_sympy(**given)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["one_neuron", "one_hidden_layer", "mlp_classifier"])
@pytest.mark.slow
def test_the_script_runs_with_sympy_alone_and_its_lines_are_the_derivations(name, capsys, tmp_path):
    assert main(["derive", name, "--format", "sympy"]) == 0
    script = capsys.readouterr().out
    (tmp_path / "lines.py").write_text(
        script + "\nprint(len(lines), *(line[0] for line in lines[-2:]), len(results))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "lines.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    names: dict[str, Any] = {}
    exec(script, names)  # what we wrote a moment ago
    network = Network.load(name)
    derivations = [derive(network, p.name) for p in reversed(network.parameters) if not p.bias]
    said = [line.equation for d in derivations for line in d.to_sympy().lines]
    equations = [equation for _, equation in names["lines"]]
    assert all(equation in equations for equation in said)
    assert list(names["results"].values()) == [d.to_sympy().result for d in derivations]


@pytest.mark.parametrize(("name", "wrt"), [("convnet", "b_p"), ("transformer_block", "w_p")])
def test_the_lines_of_a_long_network_go_out_and_its_result_is_refused_in_one_line(name, wrt):
    """SymPy takes minutes over a network that is one formula; a line names what stands behind it."""
    derivation = derive(Network.load(name), wrt)
    out = derivation.to_sympy()
    assert len(out.lines) == len(derivation.steps)
    assert all(isinstance(line.equation, sympy.Eq) for line in out.lines)
    with pytest.raises(SpecError, match="more than 1000 nodes; the lines of the derivation"):
        out.result  # noqa: B018


def test_the_lines_of_a_recurrence_name_its_steps():
    """What is made of itself a step earlier cannot be opened while T is free; a line need not open it."""
    out = derive(Network.load("recurrent"), "w_p").to_sympy()
    assert str(out.lines[-1].equation.rhs) == "Sum(E_p[i]*s[i, T - 1, j], (i, 0, N - 1))"
