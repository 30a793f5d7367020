"""Formulas as a person writes them: what they mean, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from symbolic.errors import SpecError
from symbolic.language.affine import size
from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Constant,
    Expr,
    Mul,
    Number,
    Pow,
    Symbol,
    Tensor,
    Where,
    number,
    power,
)
from symbolic.language.functions import U, exp, log
from symbolic.language.plain_text import plain
from symbolic.language.terms import walk
from symbolic.network.catalogue import ACTIVATIONS, FUNCTIONS, LOSSES
from symbolic.network.formula import parse_formula, parse_size
from symbolic.network.node_formula import parse_node
from symbolic.network.syntax import DEEPEST, LONGEST

N, D, J, T, U_ = (size(name) for name in ("N", "D", "J", "T", "U"))
X = Tensor("x", (N, D), "input")
S = Tensor("s", (N, T, D), "input")
LINE = Tensor("line", (N, T), "input")
KNOWN = (X, S, LINE)
SIZES = ("D", "J", "T", "U")


def value(expr: Expr, **symbols: float) -> float:
    """The number an expression in symbols stands for, read off its structure."""
    match expr:
        case Number(rational):
            return float(rational)
        case Constant():
            return math.pi
        case Symbol(name):
            return symbols[name]
        case Add(terms):
            return math.fsum(value(term, **symbols) for term in terms)
        case Mul(factors):
            return math.prod(value(factor, **symbols) for factor in factors)
        case Pow(base, exponent):
            return value(base, **symbols) ** float(exponent)
        case Compare(relation, left, right):
            a, b = value(left, **symbols), value(right, **symbols)
            return float(a > b if relation == ">" else a >= b)
        case Where(condition, then, otherwise):
            return value(then if value(condition, **symbols) else otherwise, **symbols)
        case Call(function, arguments) if function.body is not None:
            return value(function.body, u=value(arguments[0], **symbols))
        case Call(function, arguments):
            primitive: dict[str, Any] = {"abs": abs, "max": max, "min": min, "sign": lambda u: (u > 0) - (u < 0)}
            known = primitive.get(function.name) or getattr(math, function.name)
            return float(known(*(value(a, **symbols) for a in arguments)))
    raise TypeError(expr)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/(1 + exp(-u))", lambda u: 1 / (1 + math.exp(-u))),
        ("-u**2", lambda u: -(u**2)),
        ("2**-1**2*u", lambda u: 0.5 * u),
        ("u - 1 - 2", lambda u: u - 3),
        ("8/4/2*u", lambda u: u),
        ("--u", lambda u: u),
        ("-u*-u", lambda u: u * u),
        ("u^3 + .5e1", lambda u: u**3 + 5),
        ("u**u", lambda u: u**u),
        ("2**u", lambda u: 2**u),
        ("u**2**u", lambda u: u ** (2**u)),
        ("u**-u", lambda u: u**-u),
        ("sqrt(u)/sqrt(2*pi)", lambda u: math.sqrt(u / (2 * math.pi))),
        ("where(u <= 1, u, 1/u)", lambda u: u if u <= 1 else 1 / u),
        ("where(u < 1, u, 1/u)", lambda u: u if u < 1 else 1 / u),
        ("[u > 1]*u + [u >= 2]", lambda u: (u > 1) * u + (u >= 2)),
        ("max(u, 1) - min(abs(u), 2)", lambda u: max(u, 1) - min(abs(u), 2)),
        ("sigmoid(u)*(1 - sigmoid(u))", lambda u: math.exp(-u) / (1 + math.exp(-u)) ** 2),
    ],
)
def test_a_formula_means_what_it_says(text, expected):
    for u in (0.3, 1.0, 2.0, 3.7):
        assert value(parse_formula(text), u=u) == pytest.approx(expected(u), rel=1e-14)


def factors_of(text: str) -> tuple[Expr, ...]:
    product = parse_formula(text)
    assert isinstance(product, Mul)
    return product.factors


def test_decimals_are_exact():
    assert factors_of("0.1*u")[0] == Number(Fraction(1, 10))
    assert parse_formula("1e-3") == number(Fraction(1, 1000))


def test_the_order_of_writing_is_kept():
    assert plain(parse_formula("u*(3 - u)*exp(u)")) == "u*(3 - u)*exp(u)"


def test_a_named_activation_stays_a_call():
    assert factors_of("u*sigmoid(u)")[1] == Call(ACTIVATIONS["sigmoid"], (U,))


def test_a_power_with_a_variable_exponent_is_an_exponential():
    assert parse_formula("u**u") == exp(U * log(U))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sigmoid", lambda u: 1 / (1 + math.exp(-u))),
        ("tanh", math.tanh),
        ("relu", lambda u: max(u, 0.0)),
        ("leaky_relu", lambda u: u if u > 0 else u / 100),
        ("elu", lambda u: u if u > 0 else math.expm1(u)),
        ("softplus", lambda u: math.log1p(math.exp(u))),
        ("silu", lambda u: u / (1 + math.exp(-u))),
        ("gelu", lambda u: u / 2 * (1 + math.erf(u / math.sqrt(2)))),
        ("sin", math.sin),
    ],
)
def test_activations_of_the_catalogue(name, expected):
    for u in (-2.5, -0.1, 0.0, 0.7, 3.0):
        assert value(ACTIVATIONS[name](U), u=u) == pytest.approx(expected(u), abs=1e-15, rel=1e-13)


@pytest.mark.parametrize(
    ("name", "y", "p", "expected"),
    [
        ("squared", 1.0, 0.25, 0.5625),
        ("half_squared", 1.0, 0.25, 0.28125),
        ("absolute", 1.0, 1.5, 0.5),
        ("huber", 1.0, 1.5, 0.125),
        ("huber", 1.0, 4.0, 2.5),
        ("log_loss", 1.0, 0.25, math.log(4)),
        ("log_loss", 0.0, 0.25, -math.log(0.75)),
        ("cross_entropy", 1.0, 0.25, math.log(4)),
        ("hinge", -1.0, 0.5, 1.5),
        ("hinge", 1.0, 2.0, 0.0),
        ("poisson", 2.0, math.e, math.e - 2),
    ],
)
def test_losses_of_the_catalogue(name, y, p, expected):
    assert value(LOSSES[name].formula, y=y, p=p) == pytest.approx(expected)


REFUSED = {
    "": ("column 1", "a number, a name or '('"),
    "v": ("column 1", "unknown name 'v'", "u and pi"),
    "1 + exp(v)": ("column 9", "unknown name 'v'"),
    "sigmiod(u)": ("column 1", "did you mean sigmoid"),
    "open(u)": ("column 1", "unknown function 'open'"),
    "__import__('os')": ("column 12", "quoted text"),
    "__import__(os)": ("column 1", "unknown function '__import__'"),
    "u.__class__": ("column 2", "attributes are not part of formulas"),
    "u.real": ("column 2", "attributes are not part of formulas"),
    "(lambda: u)()": ("column 8", "unexpected ':'"),
    "[u for u in u]": ("column 4", "follows without an operator"),
    "u if u else u": ("column 3", "follows without an operator"),
    "2u": ("column 2", "a product is written with *"),
    "(u)(u)": ("column 4", "a product is written with *"),
    "u; u": ("column 2", "unexpected ';'"),
    "u == 1": ("column 3", "as in [t == s]"),
    "u > 1": ("column 3", "where(u > 0, a, b)"),
    "where(u, 1, 2)": ("column 1", "where takes a comparison"),
    "where(0 < u < 1, 1, 2)": ("column 13", "one comparison at a time"),
    "exp(u > 1)": ("column 5", "a comparison is no number"),
    "(u": ("column 3", "a closing bracket is missing"),
    "u)": ("column 2", "brackets must open before they close"),
    "u,u": ("column 2", "only a call or an entry has commas"),
    "exp": ("column 1", "write exp(u)"),
    "max(u)": ("column 1", "max takes 2 arguments, not 1"),
    "u/0": ("column 3", "division by zero"),
    "u/(2 - 2)": ("column 3", "division by zero"),
    "0**-1": ("column 4", "division by zero"),
    "log(0)*u": ("column 1", "no real number"),
    "sqrt(-2)": ("column 1", "no real number"),
    "(-2)**u": ("column 7", "no real number"),
    "9**9**9": ("column 4", "too large"),
    "u**1001": ("column 4", "powers go up to 1000"),
    "1e999*u": ("column 1", "between 1e-300 and 1e300"),
    "1e999999999999*u": ("column 1", "between 1e-300 and 1e300"),
    "u[1]": ("column 1", "no indices"),
    "Sum(u, k)": ("column 1", "runs over an index"),
    "softmax(u, k)": ("column 1", "runs over an index"),
    "σ(u)": ("column 1", "unexpected 'σ'"),
    "u\n+ v": ("column 5", "unknown name 'v'"),
    "(" * 1000 + "u" + ")" * 1000: (f"column {DEEPEST + 1}", f"deeper than {DEEPEST} levels"),
    "exp(" * 900 + "u" + ")" * 900: (f"deeper than {DEEPEST} levels",),
    "u" + "**u" * 1000: (f"deeper than {DEEPEST} levels",),
    "u+" * 5000 + "u": (f"column {LONGEST + 1}", f"at most {LONGEST}"),
    "9e299*" * 100 + "u": ("too large",),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
def test_what_is_no_formula_is_refused_in_one_line_with_its_column(text):
    with pytest.raises(SpecError) as refusal:
        parse_formula(text)
    message = str(refusal.value)
    assert "\n" not in message
    assert len(message) < 400
    assert message.startswith("column ")
    for part in REFUSED[text]:
        assert part in message


@pytest.mark.parametrize(
    "text", ["-" * 4000 + "u", "+".join(["u"] * 2000), "*".join(["u"] * 900), "(" * DEEPEST + "u" + ")" * DEEPEST]
)
def test_long_but_flat_formulas_are_read(text):
    assert U in walk(parse_formula(text))


PIECES = st.sampled_from(
    [
        *"u0123456789+-*/^()[],.<>= e_",
        "**",
        ">=",
        "exp(",
        "log(",
        "where(",
        "max(",
        "1e3",
        "pi",
        "Sum(",
        "x[i,",
        "'",
        "\n",
        "ü",
        "\0",
    ]
)


@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=40)))
@example("u**" * 1600 + "u")
@example("((((" * 1000)
@example("9**" * 1000 + "9")
@example("0**0**0")
@pytest.mark.slow
def test_any_text_is_an_expression_or_refused(text):
    readers = (parse_formula, parse_size, parse_node, lambda t: parse_node(f"z[i,j] = {t}", KNOWN, (D,), sizes=SIZES))
    for read in readers:
        outcome = outcome_of(read, text)
        assert "\n" not in outcome
        assert outcome


def outcome_of(read, text):
    """The expression, or the refusal; anything else is raised."""
    try:
        return str(read(text))
    except SpecError as refusal:
        return str(refusal)


TREES = st.recursive(
    st.sampled_from([U, number(2), number(Fraction(1, 3)), Constant("pi")]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, st.sampled_from([2, 3])).map(lambda pair: power(*pair)),
        inner.map(lambda e: FUNCTIONS["tanh"](e)),
        inner.map(exp),
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_what_is_printed_is_read_back_with_the_same_value(tree):
    again = parse_formula(plain(tree))
    try:
        expected = value(tree, u=0.3)
    except OverflowError:
        return
    assert value(again, u=0.3) == pytest.approx(expected, rel=1e-9)


# Index formulas.


def lines(text, **context):
    found = parse_node(text, KNOWN, sizes=SIZES, **context)
    return [str(d) for d in found.definitions], {p.name: tuple(map(str, p.axes)) for p in found.parameters}


def test_an_index_formula_is_split_at_its_outermost_function():
    text = "z[i,j] = sigmoid(Sum(w[j,k]*x[i,k], k) + b[j])"
    assert lines(text, width=(J,)) == (
        ["a_z[i, j] = Sum(w[j, k]*x[i, k], k) + b[j]", "z[i, j] = sigmoid(a_z[i, j])"],
        {"w": ("J", "D"), "b": ("J",)},
    )
    assert [d.kind for d in parse_node(text, KNOWN, (J,)).definitions] == ["preactivation", "activation"]


def test_a_function_of_an_entry_is_not_split():
    assert lines("z[i,j] = exp(x[i,j])")[0] == ["z[i, j] = exp(x[i, j])"]


def test_affine_subscripts_make_a_convolution():
    definitions, parameters = lines("z[i,t] = Sum(w[u]*line[i,t+u], u) + c", width=(T - U_ + 1,), ranges={"u": U_})
    assert definitions == ["z[i, t] = Sum(w[u]*line[i, t + u], u) + c"]
    assert parameters == {"w": ("U",), "c": ()}


def test_a_softmax_over_any_index_is_a_definition_of_its_own():
    definitions, _ = lines("c[i,t,d] = Sum(softmax(Sum(s[i,t,k]*s[i,r,k], k)/sqrt(D), r)*s[i,r,d], r)")
    assert definitions == [
        "a_c[i, t, r] = Sum(s[i, t, k]*s[i, r, k], k)*(D)**(-1/2)",
        "softmax_c[i, t, r] = exp(a_c[i, t, r])*Sum(exp(a_c[i, t, m]), m)**(-1)",
        "c[i, t, d] = Sum(softmax_c[i, t, r]*s[i, r, d], r)",
    ]


def test_two_softmaxes_and_an_outer_function_keep_their_names_apart():
    definitions, _ = lines("c[i,t] = exp(Sum(softmax(2*s[i,t,k], k)*softmax(3*s[i,t,k], t), k))")
    assert [text.split("[")[0] for text in definitions] == ["a_c_1", "softmax_c", "a_c_2", "softmax_c_1", "a_c", "c"]


def test_the_sample_is_always_i_and_another_i_steps_aside():
    assert lines("z[n,j] = x[n,j]*Sum(x[n,i], i)")[0] == ["z[i, j] = x[i, j]*Sum(x[i, s], s)"]


def test_ranges_pass_through_parameters():
    _, parameters = lines("z[i,j] = Sum(w[j,k]*x[i,k], k) + Sum(w[j,q]*g[q], q)", width=(J,))
    assert parameters == {"w": ("J", "D"), "g": ("D",)}


INDEX_REFUSED = {
    "z = x": "z has no index on the left",
    "x[i,j]": "begins with its name and indices",
    "z[i,i] = x[i,i]": "stands twice on the left",
    "z[i,j] = x[i,k]": "the index k is bound nowhere",
    "z[i,j] = Sum(x[i,j], j)": "the index j is already bound",
    "z[i,j] = x[i,j]*Sum(Sum(x[i,k], k)*x[i,k], k)": "the index k is already bound",
    "z[i,j] = Sum(x[i,j])": "Sum needs the index",
    "z[i,j] = Sum(x[i,j], 2)": "the name of an index",
    "z[i,j] = Sum(x[i,j], D)": "D is the name of a size",
    "z[i,j] = Sum(w[j,k]*y[i,k], k)": "unknown name 'y'",
    "z[i,j] = Sum(w[k], k)*x[i,j]": "the range of the index k cannot be inferred",
    "z[i,j] = w[j,2]*x[i,j]": "an axis of w cannot be inferred",
    "z[i,j] = x[i]": "x has 2 subscripts over N, D, not 1",
    "z[i,j] = x": "x has 2 subscripts over N, D, not 0",
    "z[i,j] = x[j,i]": "the first subscript of x is the sample",
    "z[i,j] = x[i+1,j]": "the sample index stands alone",
    "z[i,j] = x[i,j] + x[i,j+1]": "may leave its range",
    "z[i,j] = x[i,j*j]": "a subscript combines indices, sizes and whole numbers",
    "z[i,j] = x[i,0.5]": "a subscript combines indices, sizes and whole numbers",
    "z[i,j] = s[i,j,j]": "sizes do not match: the index j runs over T in s but over D in s",
    "z[i,j] = w[j]*x[i,j] + w": "w has 1 subscript",
    "z[i,j] = w*x[i,j] + w[j]": "w has 0 subscripts",
    "z[i,j] = i*x[i,j]": "i counts the samples",
    "z[i,j] = N*x[i,j]": "N is the number of samples",
    "z[i,j] = x[i,j]/(1 - 1)": "division by zero",
    "z[i,j] = exp*x[i,j]": "write exp(…)",
    "z[i,j] = exp[j]*x[i,j]": "exp is a function",
    "z[i,j] = D[j]*x[i,j]": "D is a size",
    "z[i,j] = lambda*x[i,j]": "it is a word of the Python language",
    "z[i,j] = E_x[j]*x[i,j]": "the derivatives of Q",
    "z[i,j] = __import__('os')": "quoted text",
    "z[i,j] = softmax(x[i,j])": "softmax needs the index",
    "z[i,j] = softmax(x[i,j], i)": "not over the sample",
    "z[i,j] = softmax(x[i,j], k)": "the index k is bound nowhere",
    "z[i,j] = x[i,j]*softmax(3, j)": "it would be a constant",
}


@pytest.mark.parametrize("text", INDEX_REFUSED)
def test_what_is_no_index_formula_is_refused_in_one_line_with_its_column(text):
    with pytest.raises(SpecError, match=r"^column \d+ of ") as refusal:
        parse_node(text, KNOWN, sizes=SIZES)
    assert INDEX_REFUSED[text] in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_width_that_contradicts_the_formula_is_refused():
    with pytest.raises(SpecError, match="the index j runs over J in the width of z but over D in x"):
        parse_node("z[i,j] = x[i,j]", KNOWN, width=(J,))


def test_a_declared_range_that_no_index_has_is_refused():
    with pytest.raises(SpecError, match=r"ranges\.u: the formula has no index u"):
        parse_node("z[i,j] = x[i,j]", KNOWN, ranges={"u": U_})


@pytest.mark.parametrize(("text", "expected"), [("T - U + 1", T - U_ + 1), ("2*(T + 3) - T", T + 6), ("7", size(7))])
def test_sizes_are_affine(text, expected):
    assert parse_size(text) == expected


@pytest.mark.parametrize("text", ["T*U", "T/2", "T**2", "exp(T)", "1.5", "T[0]", "9999999999999"])
def test_other_sizes_are_refused(text):
    with pytest.raises(SpecError, match="column"):
        parse_size(text)
