"""Optimizers and schedules: the printed formulas, the emitted code and the published rules are one thing."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from codegen import load
from codegen.cli import main
from codegen.updates.optimizers import OPTIMIZERS, Optimizer, python_text, statements
from codegen.updates.schedules import SCHEDULES
from symbolic.errors import SpecError
from symbolic.language.expr import Add, Expr, Mul, Number, Pow, Symbol
from symbolic.network.formula import parse_formula
from symbolic.network.network import Network
from symbolic.words import same

module = load(Network.load("one_hidden_layer"))


def value(expr: Expr, numbers: dict[str, np.ndarray | float]) -> np.ndarray | float:
    """A formula evaluated as it stands."""
    match expr:
        case Number(number):
            return float(number)
        case Symbol(name):
            return numbers[name]
        case Add(terms):
            return sum(value(term, numbers) for term in terms)
        case Mul(factors):
            return math.prod(value(factor, numbers) for factor in factors)
        case Pow(base, exponent):
            return value(base, numbers) ** float(exponent)
    raise AssertionError(expr)


def by_formula(optimizer: Optimizer, gradients: np.ndarray, rate: float) -> np.ndarray:
    """The weights after some steps, each update read off the description."""
    numbers: dict[str, Any] = {name: np.zeros(gradients.shape[1]) for name in optimizer.state}
    numbers |= {setting.symbol: setting.default for setting in optimizer.settings}
    numbers |= {"w": np.ones(gradients.shape[1]), "eta": rate}
    for t, g in enumerate(gradients, start=1):
        numbers |= {"g": g, "t": t, **{symbol: s.default**t for symbol, s in optimizer.powers.items()}}
        for target, formula in optimizer.formulas:
            numbers[target] = value(formula, numbers)
    return numbers["w"]


def by_code(name: str, gradients: np.ndarray, rate: float, **settings: float) -> np.ndarray:
    """The same by the emitted function."""
    update, state, _, _ = module.OPTIMIZERS[name]
    w = np.ones(gradients.shape[1])
    vectors = [np.zeros_like(w) for _ in state]
    for t, g in enumerate(gradients, start=1):
        update(
            w, g.copy(), *vectors, np.full_like(w, np.nan), rate, t, **settings
        )  # nothing is read from r or kept in g
    return w


def published(name: str, gradients: np.ndarray, rate: float) -> np.ndarray:
    """The rules as the papers print them, typed in by hand."""
    w = np.ones(gradients.shape[1])
    m = s = v = np.zeros_like(w)
    for k, g in enumerate(gradients, start=1):
        if name in ("gradient_descent", "sgd"):
            w = w - rate * g
        elif name == "momentum":
            v = 0.9 * v - rate * g
            w = w + v
        elif name == "nesterov":
            v = 0.9 * v - rate * g
            w = w + 0.9 * v - rate * g
        elif name == "adagrad":
            s = s + g**2
            w = w - rate * g / (np.sqrt(s) + 1e-8)
        elif name == "rmsprop":
            s = 0.9 * s + 0.1 * g**2
            w = w - rate * g / (np.sqrt(s) + 1e-8)
        else:
            w = w - rate * 0.01 * w if name == "adamw" else w
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
            w = w - rate * (m / (1 - 0.9**k)) / (np.sqrt(s / (1 - 0.999**k)) + 1e-8)
    return w


GRADIENTS = np.random.default_rng(0).normal(size=(6, 5))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_code_is_the_formula_and_the_formula_is_the_published_one(name):
    expected = published(name, GRADIENTS, 0.1)
    np.testing.assert_allclose(by_formula(OPTIMIZERS[name], GRADIENTS, 0.1), expected, rtol=1e-12)
    np.testing.assert_allclose(by_code(name, GRADIENTS, 0.1), expected, rtol=1e-12)


TORCH = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {"eps": 1e-8}),
    "rmsprop": ("RMSprop", {"alpha": 0.9, "eps": 1e-8}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {"weight_decay": 0.01}),
}


@pytest.mark.parametrize("name", TORCH)
def test_the_steps_are_those_of_torch(name):
    torch = pytest.importorskip("torch")
    kind, settings = TORCH[name]
    w = torch.ones(5, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, kind)([w], lr=0.1, **settings)
    for g in GRADIENTS:
        w.grad = torch.from_numpy(g.copy())
        optimizer.step()
    np.testing.assert_allclose(by_code(name, GRADIENTS, 0.1), w.detach().numpy(), rtol=1e-12)


def test_a_changed_formula_changes_the_code():
    without = replace(OPTIMIZERS["momentum"], updates=(("v", "mu*v - eta*g"), ("w", "w + 2*v")))
    assert "np.multiply(v, 2, g)" in statements(without)
    assert statements(without) != statements(OPTIMIZERS["momentum"])


def test_results_in_between_take_the_place_of_the_gradient_as_soon_as_nothing_reads_it():
    written = {name: {line[:-1].split(", ")[-1] for line in statements(one)} for name, one in OPTIMIZERS.items()}
    for name in ("sgd", "momentum", "adam", "adamw"):
        assert "r" not in written[name], "four vectors in the cache, not five"
    for name in ("nesterov", "adagrad", "rmsprop"):
        assert "r" in written[name], "g is read again by the step of w"
    late = Optimizer("late", same("late"), (("w", "w - eta*g**2 - eta*g"),), same("nobody"))
    assert [line for line in statements(late) if line.endswith(", r)")], "and by the second term here"
    assert statements(late)[-2:] == ["np.multiply(g, rate, g)", "np.subtract(w, g, w)"]


def test_float32_stays_float32_and_a_step_makes_no_array():
    for update, state, _, _ in module.OPTIMIZERS.values():
        vectors = [np.ones(4, np.float32) for _ in (*state, "w", "g", "r")]
        update(*vectors, 0.1, 1)
        assert {vector.dtype.name for vector in vectors} == {"float32"}
    for optimizer in OPTIMIZERS.values():
        calls = [line for line in statements(optimizer) if not line.startswith("#")]
        assert all(line[: line.index("(")].startswith("np.") and line.count("np.") == 1 for line in calls)


def test_settings_reach_the_formula():
    plain, other = (by_code("adam", GRADIENTS, 0.1, beta_1=beta) for beta in (0.9, 0.5))
    assert (plain != other).any()


def test_the_formulas_print_for_a_terminal_and_for_tex():
    adam = OPTIMIZERS["adam"]
    assert adam.lines() == (
        "m ← β₁ m + (1 − β₁) g",
        "v ← β₂ v + (1 − β₂) g²",
        "w ← w − η m/((1 − β₁ᵗ) (√(v/(1 − β₂ᵗ)) + ε))",
    )
    assert r"m &\gets \beta_1 m + (1 - \beta_1) g" in adam.latex()
    assert r"\beta_1^t" in adam.latex()
    assert r"\lambda" in OPTIMIZERS["adamw"].latex()
    for optimizer in OPTIMIZERS.values():
        assert optimizer.source
        assert "_t" not in optimizer.text()


def test_the_command_line_lists_them(capsys):
    assert main(["optimizers"]) == 0
    out = capsys.readouterr().out
    assert "adam: Adam; Kingma and Ba (2015), Algorithm 1; η = 0.005, β₁ = 0.9, β₂ = 0.999, ε = 1e-08" in out
    assert main(["optimizers", "--format", "latex", "--lang", "ru"]) == 0
    out = capsys.readouterr().out
    assert "инерцией" in out
    assert "как его пишет PyTorch" in out, "Algorithm 2 has λ w where PyTorch has η λ w"
    assert out.count(r"\begin{aligned}") == len(OPTIMIZERS)


def test_a_formula_with_an_unknown_letter_is_refused():
    with pytest.raises(SpecError, match="zeta"):
        _ = Optimizer("new", same("new"), (("w", "w - zeta*g"),), same("nobody")).formulas


def test_a_formula_that_needs_more_than_one_scratch_vector_is_refused():
    wide = Optimizer("wide", same("wide"), (("w", "w - eta*(g + w)**2"),), same("nobody"))
    with pytest.raises(NotImplementedError, match=r"scratch|ufunc"):
        statements(wide)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("constant", [0.2, 0.2, 0.2, 0.2]),
        ("step", [0.2, 0.2, 0.1, 0.1]),
        ("cosine", [0.2, 0.1 * (1 + math.cos(math.pi / 4)), 0.1, 0.1 * (1 + math.cos(3 * math.pi / 4))]),
        ("1/t", [0.2, 0.2 / 1.5, 0.1, 0.2 / 2.5]),
    ],
)
def test_schedules_are_their_formulas(name, expected):
    settings = {"step": {"factor": 0.5, "every": 2}, "1/t": {"fall": 0.5}}.get(name, {})
    rates = [module.SCHEDULES[name](0.2, epoch, 4, **settings) for epoch in range(4)]
    np.testing.assert_allclose(rates, expected, rtol=1e-14)


def test_a_cosine_stays_at_0_behind_its_end():
    assert [module.SCHEDULES["cosine"](0.2, epoch, 4) for epoch in (4, 5, 8, 100)] == [0, 0, 0, 0]


def test_schedules_print():
    assert SCHEDULES["step"].text() == "η γ^⌊e/s⌋"
    assert SCHEDULES["step"].latex() == r"\eta \gamma^{\lfloor e/s \rfloor}"
    assert r"\cos" in SCHEDULES["cosine"].latex()


@pytest.mark.parametrize(
    ("formula", "text"), [("u**(-2)", "1 / a ** 2"), ("1/(u + v)", "1 / (a + b)"), ("u/(1 - v)", "a / (1 - b)")]
)
def test_a_formula_of_numbers_is_python(formula, text):
    assert python_text(parse_formula(formula, ("u", "v")), {"u": "a", "v": "b"}) == text
