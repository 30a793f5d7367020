"""Activations, losses and regularisers, each a formula; their derivatives are derived, not listed.

>>> print(ACTIVATIONS["silu"].body)
u*(1 + exp(-u))**(-1)
>>> print(LOSSES["huber"].formula)
where(1 >= abs(y - p), 1/2*(y - p)**2, abs(y - p) - 1/2)
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.language.definition import Definition, FactKind
from symbolic.language.expr import Call, Expr
from symbolic.language.functions import PRIMITIVES, Function, U, generic
from symbolic.network.grammar import read_scalar

#: Activations that are one formula in u.  At a kink the slope on its left is taken: relu'(0) = 0.
_ACTIVATIONS = {
    "sigmoid": "1/(1 + exp(-u))",
    "tanh": "(exp(u) - exp(-u))/(exp(u) + exp(-u))",
    "relu": "max(u, 0)",
    "leaky_relu": "where(u > 0, u, u/100)",
    "elu": "where(u > 0, u, exp(u) - 1)",
    "softplus": "log(1 + exp(u))",
    "silu": "u/(1 + exp(-u))",
    "gelu": "u/2*(1 + erf(u/sqrt(2)))",
}

#: Functions that formulas can call and no activation is named after, as formulas in u.
_FORMULAS = {
    "log1p": "log(1 + u)",
    "expm1": "exp(u) - 1",
    "logit": "log(u/(1 - u))",
    "sinh": "(exp(u) - exp(-u))/2",
    "cosh": "(exp(u) + exp(-u))/2",
    "normal_cdf": "(1 + erf(u/sqrt(2)))/2",
    "normal_density": "exp(-u**2/2)/sqrt(2*pi)",
}

#: Losses of one output, in y (the target) and p (the prediction); a network sums over its outputs.
_LOSSES: dict[str, tuple[str, FactKind | None]] = {
    "squared": ("(y - p)**2", None),
    "half_squared": ("(y - p)**2/2", None),
    "absolute": ("abs(y - p)", None),
    "huber": ("where(abs(y - p) <= 1, (y - p)**2/2, abs(y - p) - 1/2)", None),
    "log_loss": ("-(y*log(p) + (1 - y)*log(1 - p))", "binary"),
    "cross_entropy": ("-y*log(p)", "sums_to_one"),
    "hinge": ("max(1 - y*p, 0)", "sign"),
    "poisson": ("p - y*log(p)", None),
}

#: Regularisers of one parameter entry w; a network sums over all entries and multiplies by λ.
_REGULARIZERS = {
    "l1": "abs(w)",
    "l2": "w**2",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """L(y, p) for one output, and what it takes for granted about y.

    ``fact``: "sums_to_one", Σ_k y_k = 1 over the outputs of a sample; "binary", y is 0 or 1; "sign", y is ±1.
    """

    name: str
    formula: Expr
    fact: FactKind | None = None
    #: A loss over the whole network, ``L[i] = …``: its definitions, L last; ``formula`` is L's.
    own: tuple[Definition, ...] = ()


def function(name: str, formula: str, functions: dict[str, Function]) -> Function:
    """A formula in u as a function; a formula that only calls a known function is that function."""
    body = read_scalar(formula, ("u",), functions)
    match body:
        case Call(known, (argument,)) if argument == U:
            return known
    return Function(name, "named", body)


#: Functions of one value that an activation can be: the named formulas, sin, and the lecture's h.
ACTIVATIONS: dict[str, Function] = {
    **{name: function(name, formula, PRIMITIVES) for name, formula in _ACTIVATIONS.items()},
    "sin": PRIMITIVES["sin"],
    "generic": generic("h"),
}

#: Activations that are no function of one value, or do nothing.
IDENTITY, SOFTMAX = "identity", "softmax"
ACTIVATION_NAMES = (IDENTITY, *ACTIVATIONS, SOFTMAX)

#: Everything that a formula can call by name.
FUNCTIONS: dict[str, Function] = {
    **PRIMITIVES,
    **ACTIVATIONS,
    **{name: function(name, formula, PRIMITIVES) for name, formula in _FORMULAS.items()},
}

LOSSES: dict[str, Loss] = {
    name: Loss(name, read_scalar(formula, ("y", "p"), PRIMITIVES), fact) for name, (formula, fact) in _LOSSES.items()
}
REGULARIZERS: dict[str, Expr] = {
    name: read_scalar(formula, ("w",), PRIMITIVES) for name, formula in _REGULARIZERS.items()
}
