"""A use of every rule: two sides that are equal because of it, which the tests hold against numbers."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import (
    HALF,
    ONE,
    ZERO,
    Call,
    Compare,
    Delta,
    Determinant,
    Expr,
    Extent,
    Fold,
    Inverse,
    Partial,
    StepProduct,
    Symbol,
    Tensor,
    Where,
    add,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import Function, cos, exp, generic, log, sin
from symbolic.language.sample import SAMPLES
from symbolic.language.terms import at_least_zero, in_range


@dataclass(frozen=True, slots=True)
class Example:
    """Two sides that are equal, given some definitions, and what is known of the data."""

    before: Expr
    after: Expr
    definitions: tuple[Definition, ...] = ()
    facts: tuple[Fact, ...] = ()


def _d(of: Expr, by: Expr) -> Expr:
    assert isinstance(by, Symbol)
    return Partial(of, by, direct=True)


_X, _C, _U, _V, _W = (Symbol(name) for name in "xcuvw")
_I, _K, _J, _S = (Index(name, size(extent)) for name, extent in (("i", "N"), ("k", "K"), ("j", "J"), ("s", "J")))
_F, _G, _H = map(generic, "fgh")
_f, _g = _F(_X), _G(_X)
_SQUARE = Function("square", "named", body=power(Symbol("u"), 2))
_POSITIVE = Compare(">", _X, ZERO)


def _partial(of: Expr, by: Expr) -> Expr:
    return Partial(of, by)  # type: ignore[arg-type]  # entries, all of them


def _identity() -> Example:
    x = Tensor("x", (size("J"),))
    return Example(_partial(x[_J], x[_S]), Delta(subscript(_J), subscript(_S)))


def _sum() -> Example:
    c = Tensor("c", (SAMPLES,))
    return Example(_d(total(mul(c[_I], _f), _I), _X), total(_d(mul(c[_I], _f), _X), _I))


def _several() -> Example:
    """f of z_1, z_2, … that all depend on v."""
    z, v, c, q = Tensor("z", (size("J"),)), Tensor("v"), Tensor("c", (size("J"),), "input"), Tensor("q")
    values = Definition(z, (_S,), _H(mul(c[_S], v[()])))
    whole = Definition(q, (), _F(total(mul(c[_S], z[_S]), _S)))
    through = total(mul(Partial(q[()], z[_S], direct=True), _partial(z[_S], v[()])), _S)
    return Example(_partial(q[()], v[()]), through, (values, whole))


def _greatest() -> Example:
    """Each entry counts as far as it is the greatest; u_s = c_s x."""
    c = Tensor("c", (size("J"),), "input")

    def of(index: Index) -> Expr:
        return mul(c[index], _X)

    greatest = Fold("max", of(_J), _J)
    chosen = total(mul(Compare("==", of(_S), greatest), c[_S]), _S)
    ties = total(Compare("==", of(_S), greatest), _S)
    return Example(_d(greatest, _X), mul(chosen, power(ties, -1)))


def _long_product() -> Example:
    """Π_s e^(c_s x): its logarithm has the slope Σ c_s."""
    c = Tensor("c", (size("J"),), "input")
    product = Fold("prod", exp(mul(c[_S], _X)), _S)
    return Example(_d(product, _X), mul(product, total(c[_S], _S)))


def _matrix_in_x(row: Index, column: Index) -> Expr:
    """A = C + x B with any C and B."""
    c, b = Tensor("C", (size("J"), size("J")), "input"), Tensor("B", (size("J"), size("J")), "input")
    return add(c[row, column], mul(_X, b[row, column]))


def _inverse() -> Example:
    b, m, n = Tensor("B", (size("J"), size("J")), "input"), Index("m", size("J")), Index("n", size("J"))

    def entry(row: Index, column: Index) -> Expr:
        return Inverse(_matrix_in_x(_S, _J), _S, _J, (subscript(row), subscript(column)))

    k, t = Index("k", size("J")), Index("t", size("J"))
    after = neg(total(mul(entry(m, k), b[k, t], entry(t, n)), k, t))
    return Example(_d(entry(m, n), _X), after)


def _determinant() -> Example:
    b, k, t = Tensor("B", (size("J"), size("J")), "input"), Index("k", size("J")), Index("t", size("J"))
    matrix = _matrix_in_x(_S, _J)
    trace = total(mul(Inverse(matrix, _S, _J, (subscript(k), subscript(t))), b[t, k]), k, t)
    return Example(_d(Determinant(matrix, _S, _J), _X), mul(Determinant(matrix, _S, _J), trace))


def _linear_form() -> Example:
    w, x = Tensor("w", (size("J"),), "parameter"), Tensor("x", (size("J"),), "input")
    return Example(Partial(total(mul(w[_S], x[_S]), _S), w[_J], direct=True), x[_J])


def _softmax() -> Example:
    a = Tensor("a", (size("J"),))
    m = Index("m", size("J"))

    def p(index: Index) -> Expr:
        return mul(exp(a[index]), power(total(exp(a[m]), m), -1))

    slope = mul(p(_S), add(Delta(subscript(_S), subscript(_J)), neg(p(_J))))
    return Example(Partial(p(_S), a[_J], direct=True), slope)


def _deviations() -> Example:
    z, m = Tensor("z", (size("J"),)), Tensor("m")
    mean = Definition(m, (), mul(power(Extent(size("J")), -1), total(z[_S], _S)))
    return Example(total(add(z[_S], neg(m[()])), _S), ZERO, (mean,))


def _delta() -> Example:
    u = Tensor("u", (size("J"),))
    return Example(total(mul(Delta(subscript(_S), subscript(_J)), u[_S]), _S), u[_J])


def _ends() -> Example:
    """u_{t+1} [t + 1 ≤ T] + v_t is u_{t+1} + v_t for t < T, and v_t for t = T."""
    t, u, v = Index("t", size("T")), Tensor("u", (size("T"),)), Tensor("v", (size("T"),))
    later = subscript(t) + 1
    inside = in_range(later, t.extent)
    cases = Where(Compare(">", inside, HALF), add(u[later], v[t]), v[t])
    return Example(add(mul(u[later], inside), v[t]), cases)


def _steps(through_all: bool) -> Example:
    """z_t = h(w z_{t-1} + x_t): ∂z_t/∂w by all steps before, and ∂z_t/∂z_k as a product."""
    t, k, s = (Index(name, size("T")) for name in "tks")
    z, w, x = Tensor("z", (size("T"),)), Tensor("w", (), "parameter"), Tensor("x", (size("T"),), "input")
    before = subscript(t) - 1
    step = Definition(z, (t,), _H(add(mul(w[()], in_range(before, t.extent), z[before]), x[t])))
    factor = Partial(z[s], z[subscript(s) - 1], direct=True)
    product = StepProduct(factor, s, (), (), subscript(k), subscript(t), ())
    if not through_all:
        return Example(_partial(z[t], z[k]), product, (step,))
    enters = mul(at_least_zero(subscript(t) - subscript(k)), _partial(z[t], z[k]), Partial(z[k], w[()], direct=True))
    return Example(_partial(z[t], w[()]), total(enters, k), (step,))


def _independent_terms() -> Example:
    """Σ_s u_s ∂z_s/∂w_j = u_j ∂z_j/∂w_j for z_s = h(w_s)."""
    z, w, u = Tensor("z", (size("J"),)), Tensor("w", (size("J"),), "parameter"), Tensor("u", (size("J"),))
    values = Definition(z, (_S,), _H(w[_S]))
    every = total(mul(u[_S], _partial(z[_S], w[_J])), _S)
    return Example(every, mul(u[_J], _partial(z[_J], w[_J])), (values,))


def _fact() -> Example:
    y = Tensor("y", (SAMPLES, size("K")), "target")
    return Example(total(y[_I, _K], _K), ONE, facts=(Fact("sums_to_one", y, 1),))


def _errors(weight: bool) -> Example:
    """Q = f(z), z = h(w c): ∂Q/∂z by its name, and ∂Q/∂w through it."""
    z, w, q, e = Tensor("z"), Tensor("w", (), "parameter"), Tensor("Q"), Tensor("E_z", (), "adjoint")
    value = Definition(z, (), _H(w[()]))
    objective = Definition(q, (), _F(z[()]))
    error = Definition(e, (), _partial(q[()], z[()]))
    if not weight:
        return Example(_partial(q[()], z[()]), e[()], (value, objective, error))
    product = mul(e[()], _partial(z[()], w[()]))
    return Example(_partial(q[()], w[()]), product, (value, objective, error))


def _matrix() -> Example:
    """Both sides in indices: an entry of EᵀX is the sum over the sample, in either order of the factors."""
    e, x = Tensor("E", (SAMPLES, size("J"))), Tensor("x", (SAMPLES, size("K")), "input")
    return Example(total(mul(e[_I, _J], x[_I, _K]), _I), total(mul(x[_I, _K], e[_I, _J]), _I))


_QUOTIENT = mul(
    add(mul(_d(_f, _X), _g), neg(mul(_f, _d(_g, _X)))),
    power(_g, -2),
)
EXAMPLES: dict[str, Example] = {
    "definition": Example(_SQUARE(_U), power(_U, 2)),
    "independent": Example(_d(_C, _X), ZERO),
    "identity": _identity(),
    "sum": _sum(),
    "constant factor": Example(_d(mul(_C, _f), _X), mul(_C, _d(_f, _X))),
    "product": Example(_d(mul(_f, _g), _X), add(mul(_d(_f, _X), _g), mul(_f, _d(_g, _X)))),
    "quotient": Example(_d(mul(_f, power(_g, -1)), _X), _QUOTIENT),
    "power": Example(_d(power(_f, 3), _X), mul(number(3), power(_f, 2), _d(_f, _X))),
    "chain": Example(_d(_F(_g), _X), mul(Call(_F.prime, (_g,)), _d(_g, _X))),
    "chain, several inputs": _several(),
    "cases": Example(_d(Where(_POSITIVE, _f, _g), _X), Where(_POSITIVE, _d(_f, _X), _d(_g, _X))),
    "piecewise constant": Example(_d(Compare(">", _X, _C), _X), ZERO),
    "maximum": _greatest(),
    "product of many": _long_product(),
    "inverse": _inverse(),
    "determinant": _determinant(),
    "linear form": _linear_form(),
    "function": Example(_d(_SQUARE(_g), _X), mul(number(2), _g, _d(_g, _X))),
    "exp": Example(_d(exp(_f), _X), mul(exp(_f), _d(_f, _X))),
    "log": Example(_d(log(exp(_X)), _X), mul(power(exp(_X), -1), _d(exp(_X), _X))),
    "sin": Example(_d(sin(_f), _X), mul(cos(_f), _d(_f, _X))),
    "cos": Example(_d(cos(_f), _X), mul(neg(sin(_f)), _d(_f, _X))),
    "softmax": _softmax(),
    "deviations": _deviations(),
    "delta": _delta(),
    "ends": _ends(),
    "through all steps": _steps(through_all=True),
    "step by step": _steps(through_all=False),
    "independent terms": _independent_terms(),
    "regroup": Example(mul(_U, add(_V, _W)), add(mul(_U, _V), mul(_U, _W))),
    "cancel": Example(mul(_U, _V, power(_V, -1)), _U),
    "own value": Example(_d(exp(_X), _X), exp(_X)),
    "fact": _fact(),
    "adjoint": _errors(weight=False),
    "parameter": _errors(weight=True),
    "substitution": Example(_H(_SQUARE(_U)), _H(power(_U, 2))),
    "matrix form": _matrix(),
}
