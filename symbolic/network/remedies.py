"""What a person meant by words that formulas and specs do not have, and how it is written here.

Each remedy is one line that works today; ``tests/network/test_remedies.py`` reads every formula that is named here.
"""

from __future__ import annotations

#: Words that run over an index in mathematics or in another library: what is written here.  No word here is a
#: function of this language; two of one spelling differ in case only and mean the same.
OVER_AN_INDEX = {
    "sum": "a sum is written Sum(x[i,k], k)",
    "product": "a product over an index is written Prod(x[i,k], k)",
    "prod": "a product over an index is written Prod(x[i,k], k)",
    "max": "a maximum over an index is written Max(x[i,k], k)",
    "min": "a minimum over an index is written Min(x[i,k], k)",
    "mean": "a mean over an index is written Mean(x[i,k], k)",
    "average": "a mean over an index is written Mean(x[i,k], k)",
    "var": "a variance is a node of its own: v[i] = Mean((x[i,k] - m[i])**2, k) after m[i] = Mean(x[i,k], k)",
    "std": "a variance is a node of its own: v[i] = Mean((x[i,k] - m[i])**2, k) after m[i] = Mean(x[i,k], k)",
    "dot": "a scalar product is written Sum(w[k]*x[i,k], k)",
    "matmul": "a matrix product is written Sum(w[j,k]*x[i,k], k)",
    "einsum": "a contraction is written Sum(w[j,k]*x[i,k], k)",
    "logsumexp": "it is written log(Sum(exp(x[i,k]), k))",
    "log_softmax": "it is written log(softmax(x[i,k], k))",
    "argmax": "a choice has no derivative; softmax(x[i,k], k) weighs all of them",
    "argmin": "a choice has no derivative; softmax(-x[i,k], k) weighs all of them",
    "cumsum": "a sum up to t is written Sum([s <= t]*x[i,s], s)",
}

#: Words for a function of numbers in mathematics or in another library.
FUNCTION_WORDS = {
    "if": "a choice is written where(u > 0, a, b)",
    "ln": "the logarithm is written log(u)",
    "arctan": "it is written atan(u)",
    "pow": "a power is written u**2",
    "square": "a square is written u**2",
    "maximum": "the larger of two is written max(a, b)",
    "minimum": "the smaller of two is written min(a, b)",
    "logistic": "it is written sigmoid(u)",
    "swish": "it is written silu(u)",
    "delta": "indices are compared in square brackets, as in [s == t]",
    "dropout": "nothing here is random; an input that holds 0 and 1 masks entries, as in m[i,j]*x[i,j]",
}

#: Losses as other libraries call them.
LOSS_WORDS = {
    "mse": "squared",
    "mse_loss": "squared",
    "mean_squared_error": "squared",
    "squared_error": "squared",
    "l2": "squared",
    "quadratic": "squared",
    "mae": "absolute",
    "l1": "absolute",
    "mean_absolute_error": "absolute",
    "bce": "log_loss",
    "bce_loss": "log_loss",
    "binary_cross_entropy": "log_loss",
    "logistic": "log_loss",
    "ce": "cross_entropy",
    "nll": "cross_entropy",
    "crossentropy": "cross_entropy",
    "categorical_cross_entropy": "cross_entropy",
    "smooth_l1": "huber",
}

#: Signs of mathematics and of other languages that no formula has.
SIGNS = {
    "@": "a matrix product is written Sum(w[j,k]*x[i,k], k)",
    ":": "there are no slices; an index runs over an axis, as in Sum(x[i,k], k)",
    "|": "an absolute value is written abs(u)",
    "!": "a comparison is >, >=, <, <=, == or !=; what is not so is 1 - [u > 0]",
    "²": "a square is written u**2",
    "³": "a cube is written u**3",
    "√": "a root is written sqrt(u)",
    "·": "a product is written *",
    "×": "a product is written *",
    "⋅": "a product is written *",
    "−": "a minus is written -",
    "≤": "it is written <=",
    "≥": "it is written >=",
    "≠": "it is written !=",
    "σ": "the function is written sigmoid(u)",
    "Σ": "a sum is written Sum(x[i,k], k)",
    "∑": "a sum is written Sum(x[i,k], k)",
    "∏": OVER_AN_INDEX["product"],
    "Π": OVER_AN_INDEX["product"],
    "π": "it is written pi",
    "%": "there is no remainder of a division; a subscript such as 2*t + 1 takes every other entry",
    "{": "brackets are round, and square for subscripts and comparisons",
    "}": "brackets are round, and square for subscripts and comparisons",
    "\\": "a formula is no LaTeX; functions are written by name, as in exp(u)",
}

#: Words between two operands.
OPERATOR_WORDS = {
    "if": "a choice is written where(u > 0, a, b)",
    "else": "a choice is written where(u > 0, a, b)",
    "and": "two conditions are a product, as in [u > 0]*[v > 0]",
    "or": "one of two conditions is max([u > 0], [v > 0])",
    "not": "a condition is turned round by 1 - [u > 0]",
    "mod": "there is no remainder of a division; a subscript such as 2*t + 1 takes every other entry",
    "in": "the range of an index is the axis where it stands; Sum names the index alone, as in Sum(x[i,k], k)",
    "for": "a sum over an index is written Sum(x[i,k], k)",
}


def function_word(name: str) -> str:
    """``; … is written …`` for a function that has another name here or is a formula, or nothing."""
    remedy = _FUNCTION_WORDS.get(name.casefold())
    return f"; {remedy}" if remedy else ""


_FUNCTION_WORDS = {**OVER_AN_INDEX, **FUNCTION_WORDS}


def loss_word(text: str) -> str:
    """The name here of a loss that other libraries call so, or the text itself spelt as names are."""
    spelt = text.casefold().replace("-", "_").replace(" ", "_")
    return LOSS_WORDS.get(spelt, spelt)
