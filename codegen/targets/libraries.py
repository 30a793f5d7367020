"""How libraries of arrays are written: what each calls the functions of formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.targets.vocabulary import BROUGHT


@dataclass(frozen=True)
class Library:
    """How a library of arrays is written."""

    name: str
    prefix: str
    #: The functions of formulas, primitive or kept by name, as the library calls them.
    functions: Mapping[str, str]
    #: Named functions of the spec that the library has itself; they are not written out.
    kept: frozenset[str] = frozenset()
    maximum: str = "max"  # the method that takes the maximum along an axis
    linear: str = ""  # x, w, b -> x wᵀ + b in one call
    cast: str = "astype"  # the method that gives an array another type
    like: str = ""  # keyword arguments that put a new array where the others are


def _same(prefix: str, *names: str) -> dict[str, str]:
    return {name: f"{prefix}.{name}" for name in names}


_COMMON = ("exp", "log", "sin", "cos", "tanh", "sign", "abs", "logaddexp")
NUMPY = Library(
    "numpy",
    "np",
    {**_same("np", *_COMMON), "atan": "np.arctan", "max": "np.maximum", "min": "np.minimum"}
    | {name: name for name in BROUGHT},
    frozenset({"tanh"}),
)
TORCH = Library(
    "torch",
    "torch",
    {
        **_same("torch", *_COMMON, "sigmoid", "relu", "erf", "lgamma", "digamma"), "trigamma": "torch.polygamma",
        "atan": "torch.atan", "max": "torch.maximum", "min": "torch.minimum",
        "softplus": "torch.nn.functional.softplus", "silu": "torch.nn.functional.silu",
    },
    frozenset({"sigmoid", "tanh", "relu", "softplus", "silu"}),
    maximum="amax",
    cast="to",
    linear="torch.nn.functional.linear",
    like="dtype=dtype, device=device",
)  # fmt: skip
JAX = Library(
    "jax",
    "jnp",
    {
        **_same("jnp", *_COMMON), "atan": "jnp.arctan", "max": "jnp.maximum", "min": "jnp.minimum",
        "erf": "jax.scipy.special.erf", "lgamma": "jax.scipy.special.gammaln",
        "digamma": "jax.scipy.special.digamma", "trigamma": "jax.scipy.special.polygamma",
        **_same("jax.nn", "sigmoid", "relu", "softplus", "silu"),
    },
    frozenset({"sigmoid", "tanh", "relu", "softplus", "silu"}),
)  # fmt: skip
