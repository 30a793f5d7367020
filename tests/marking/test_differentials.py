"""Total differentials: identities in every direction, their slips, and when dW is a name for a gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from marking.corpus import Case
from marking.corpus_differentials import BALL, DENSE, DIFFERENTIALS, FACTORS, GATE, RIDGE
from marking.verdicts import assert_correct, assert_named
from symbolic.marking import verify_text

Array = NDArray[np.float64]
SLIPS = [(case.name, k, *wrong) for case in DIFFERENTIALS for k, wrong in enumerate(case.wrongs())]


@pytest.mark.parametrize("case", DIFFERENTIALS, ids=lambda case: case.name)
def test_a_right_derivation_with_differentials_is_correct(case: Case) -> None:
    assert_correct(verify_text(case.right()))


@pytest.mark.parametrize(("name", "k", "source", "kind", "number"), SLIPS, ids=[f"{s[0]}-{s[1]}" for s in SLIPS])
def test_a_slip_among_differentials_is_found_at_its_line_and_named(
    name: str, k: int, source: str, kind: str, number: int
) -> None:
    assert_named(verify_text(source), number, kind)


rng = np.random.default_rng(11)
n, m, d = 4, 3, 5
A, c, u, du = rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n), rng.normal(size=n)
X, Y, B, dB = rng.normal(size=(d, n)), rng.normal(size=(d, m)), rng.normal(size=(n, m)), rng.normal(size=(n, m))
U, V, M = rng.normal(size=(m, 2)), rng.normal(size=(n, 2)), rng.normal(size=(m, n))
dU, dV = rng.normal(size=U.shape), rng.normal(size=V.shape)
W, b, x, v, y = rng.normal(size=(m, n)), rng.normal(size=m), rng.normal(size=n), rng.normal(size=m), 0.3
dW = rng.normal(size=W.shape)
G, S, Z, dZ = (rng.normal(size=(n, m)) for _ in range(4))
lam, E, R, q = 0.7, X @ B - Y, U @ V.T - M, 1 + u @ u
s = np.tanh(W @ x + b)
o = v @ s


def along(f: Callable[[float], Array | float]) -> Array:
    """The central difference in a direction: f of the step."""
    return np.asarray((np.asarray(f(1e-5)) - np.asarray(f(-1e-5))) / 2e-5)


def ridge(t: float) -> float:
    return float(((X @ (B + t * dB) - Y) ** 2).sum() / 2 + lam / 2 * ((B + t * dB) ** 2).sum())


#: (case, slip): the quantity along a direction, what the right line says, what the wrong one says.
LABELS: dict[tuple[str, int], tuple[Callable[[float], Array | float], Array | float, Array | float]] = {
    ("trace_ridge", 1): (ridge, np.trace((X.T @ E + lam * B).T @ dB), np.trace((X.T @ E - lam * B).T @ dB)),
    ("trace_factors", 0): (lambda t: (U + t * dU) @ (V + t * dV).T - M, dU @ V.T + U @ dV.T, dU @ V.T),
    ("differential_of_a_logarithm", 1): (
        lambda t: np.log(1 + (u + t * du) @ (u + t * du)) + c @ A @ (u + t * du),
        (2 * u / q + A.T @ c) @ du,
        (2 * u / q + A @ c) @ du,
    ),
    ("differential_of_a_layer", 0): (
        lambda t: (v @ np.tanh((W + t * dW) @ x + b) - y) ** 2 / 2,
        (o - y) * v @ ((1 - s * s) * (dW @ x)),
        (o - y) * v @ ((1 - s) * (dW @ x)),
    ),
    ("hadamard_in_a_trace", 0): (
        lambda t: np.trace(G.T @ (S * (Z + t * dZ) ** 2)),
        np.trace((G * S).T @ (2 * Z * dZ)),
        np.trace((S * S).T @ (2 * Z * dZ)),
    ),
    ("hadamard_in_a_trace", 1): (
        lambda t: np.trace(G.T @ (S * (Z + t * dZ) ** 2)),
        2 * np.trace((G * S * Z).T @ dZ),
        np.trace((G * S * Z).T @ dZ),
    ),
}


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_line_is_the_change_and_the_wrong_one_is_not(key: tuple[str, int]) -> None:
    f, right, wrong = LABELS[key]
    found = along(f)
    assert np.allclose(right, found, rtol=1e-6, atol=1e-7)
    assert np.abs(np.asarray(wrong) - found).max() > 1e-3


def test_every_label_of_a_differential_belongs_to_a_slip() -> None:
    assert set(LABELS) <= {(name, k) for name, k, *_ in SLIPS}


def verdicts(source: str) -> list[str]:
    return [line.verdict if line.verdict == "refuted" else "holds" for line in verify_text(source).lines]


SCALAR = "%! sizes n\n%! data t : R^n\n%! param u : R^n\n%! let g(u) = \\frac{1}{2}\\|u - t\\|^2\n"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (r"dg = (u - t)^T du", None),
        (r"\mathrm{d}g = \langle u - t, \mathrm{d}u \rangle", None),
        (r"\partial g = (u - t)^T \partial u", None),
        (r"dg = \operatorname{tr}((u - t)^T du)", None),
        (r"dg = 1", "differential"),
        (r"dg = u - t", "differential"),
        (r"dg = (u - t) du", "transpose"),
        (r"dg = 2 (u - t)^T du", "factor"),
    ],
)
def test_a_differential_of_a_number(line: str, kind: str | None) -> None:
    marking = verify_text(f"{SCALAR}$${line}$$")
    assert marking.verdict == ("correct" if kind is None else "wrong")
    found = marking.lines[0].diagnosis
    assert (found.kind if found else None) == kind


@pytest.mark.parametrize("header", [DENSE, GATE, RIDGE, BALL, FACTORS])
def test_a_differential_is_never_equal_to_what_has_none(header: str) -> None:
    name = header.split("let ")[-1].split()[0]
    assert verdicts(rf"{header}$$ d{name} = 1 $$") == ["refuted"]


def test_a_parameter_that_no_line_varies_is_held_fixed() -> None:
    assert verdicts(DENSE + r"$$ dz = dW x $$ $$ dL = (o - y) v^T ds $$") == ["holds", "holds"]
    assert verdicts(DENSE + r"$$ dz = dW x $$ and for the bias $$ dz = db $$") == ["holds", "holds"]
    assert verdicts(DENSE + r"$$ dz = dW x + db $$") == ["holds"]


def test_a_variable_that_stands_inside_d_or_beside_others_varies() -> None:
    assert verdicts(DENSE + r"$$ d(W x + b) = dW x $$") == ["refuted"]
    assert verdicts(DENSE + r"$$ do = v^T ds $$ $$ dL = (o - y) (dv^T s + v^T ds) $$") == ["refuted", "holds"]


def test_in_notes_on_programming_a_dw_is_a_name_for_the_gradient() -> None:
    sheet = r"$$ do = o - y, \quad ds = do\, v, \quad dz = ds \odot (1 - s \odot s), \quad dW = dz\, x^T $$"
    assert verdicts(DENSE + sheet) == ["holds"] * 4
    assert verdicts(DENSE + sheet.replace("x^T", "v^T"))[-1] == "refuted"


def test_a_size_d_beside_a_letter_stays_a_size() -> None:
    header = "%! sizes d\n%! param w : R^d\n%! const c : R\n%! let s = d c\n%! let f = s \\|w\\|^2\n"
    assert verdicts(header + r"$$ \frac{\partial f}{\partial w} = 2 d c w $$") == ["holds"]
    assert verdicts(header + r"$$ s = d c $$") == ["holds"]
    assert verdicts(header + r"$$ df = 2 s w^T dw $$") == ["holds"]


def test_a_d_that_the_sheet_defines_is_no_differential() -> None:
    header = "%! data x, y : R\n%! param a : R\n%! let p = a x\n%! let Q = \\frac12 (p - y)^2\n"
    assert verdicts(header + r"$$ d = p - y $$ $$ \frac{\partial Q}{\partial a} = d x $$") == ["holds", "holds"]
