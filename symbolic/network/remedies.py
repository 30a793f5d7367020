"""What a person meant by words that formulas and specs do not have, and how it is written here.

Each remedy is one line that works today; ``tests/network/test_remedies.py`` reads every formula that is named here.
"""

from __future__ import annotations

from symbolic.words import Text, same

#: Words that run over an index in mathematics or in another library: what is written here.  No word here is a
#: function of this language; two of one spelling differ in case only and mean the same.
OVER_AN_INDEX = {
    "sum": Text("a sum is written Sum(x[i,k], k)", "сумма пишется Sum(x[i,k], k)"),
    "product": Text(
        "a product over an index is written Prod(x[i,k], k)", "произведение по индексу пишется Prod(x[i,k], k)"
    ),
    "prod": Text(
        "a product over an index is written Prod(x[i,k], k)", "произведение по индексу пишется Prod(x[i,k], k)"
    ),
    "max": Text("a maximum over an index is written Max(x[i,k], k)", "максимум по индексу пишется Max(x[i,k], k)"),
    "min": Text("a minimum over an index is written Min(x[i,k], k)", "минимум по индексу пишется Min(x[i,k], k)"),
    "mean": Text("a mean over an index is written Mean(x[i,k], k)", "среднее по индексу пишется Mean(x[i,k], k)"),
    "average": Text("a mean over an index is written Mean(x[i,k], k)", "среднее по индексу пишется Mean(x[i,k], k)"),
    "var": Text(
        "a variance is a node of its own: v[i] = Mean((x[i,k] - m[i])**2, k) after m[i] = Mean(x[i,k], k)",
        "дисперсия — отдельный узел: v[i] = Mean((x[i,k] - m[i])**2, k) после m[i] = Mean(x[i,k], k)",
    ),
    "std": Text(
        "a variance is a node of its own: v[i] = Mean((x[i,k] - m[i])**2, k) after m[i] = Mean(x[i,k], k)",
        "дисперсия — отдельный узел: v[i] = Mean((x[i,k] - m[i])**2, k) после m[i] = Mean(x[i,k], k)",
    ),
    "dot": Text(
        "a scalar product is written Sum(w[k]*x[i,k], k)", "скалярное произведение пишется Sum(w[k]*x[i,k], k)"
    ),
    "matmul": Text(
        "a matrix product is written Sum(w[j,k]*x[i,k], k)", "произведение матриц пишется Sum(w[j,k]*x[i,k], k)"
    ),
    "einsum": Text(
        "a contraction is written Sum(w[j,k]*x[i,k], k)", "свёртка по индексу пишется Sum(w[j,k]*x[i,k], k)"
    ),
    "logsumexp": Text("it is written log(Sum(exp(x[i,k]), k))", "это пишется log(Sum(exp(x[i,k]), k))"),
    "log_softmax": Text("it is written log(softmax(x[i,k], k))", "это пишется log(softmax(x[i,k], k))"),
    "argmax": Text(
        "a choice has no derivative; softmax(x[i,k], k) weighs all of them",
        "у выбора нет производной; softmax(x[i,k], k) взвешивает все значения",
    ),
    "argmin": Text(
        "a choice has no derivative; softmax(-x[i,k], k) weighs all of them",
        "у выбора нет производной; softmax(-x[i,k], k) взвешивает все значения",
    ),
    "cumsum": Text("a sum up to t is written Sum([s <= t]*x[i,s], s)", "сумма до t пишется Sum([s <= t]*x[i,s], s)"),
}

#: Words for a function of numbers in mathematics or in another library.
FUNCTION_WORDS = {
    "if": Text("a choice is written where(u > 0, a, b)", "выбор пишется where(u > 0, a, b)"),
    "ln": Text("the logarithm is written log(u)", "логарифм пишется log(u)"),
    "arctan": Text("it is written atan(u)", "это пишется atan(u)"),
    "pow": Text("a power is written u**2", "степень пишется u**2"),
    "square": Text("a square is written u**2", "квадрат пишется u**2"),
    "maximum": Text("the larger of two is written max(a, b)", "большее из двух пишется max(a, b)"),
    "minimum": Text("the smaller of two is written min(a, b)", "меньшее из двух пишется min(a, b)"),
    "logistic": Text("it is written sigmoid(u)", "это пишется sigmoid(u)"),
    "swish": Text("it is written silu(u)", "это пишется silu(u)"),
    "delta": Text(
        "indices are compared in square brackets, as in [s == t]",
        "индексы сравнивают в квадратных скобках, как в [s == t]",
    ),
    "dropout": Text(
        "nothing here is random; an input that holds 0 and 1 masks entries, as in m[i,j]*x[i,j]",
        "случайного здесь нет; элементы закрывает вход из 0 и 1, как в m[i,j]*x[i,j]",
    ),
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
    "@": Text("a matrix product is written Sum(w[j,k]*x[i,k], k)", "произведение матриц пишется Sum(w[j,k]*x[i,k], k)"),
    ":": Text(
        "there are no slices; an index runs over an axis, as in Sum(x[i,k], k)",
        "срезов нет; ось пробегает индекс, как в Sum(x[i,k], k)",
    ),
    "|": Text("an absolute value is written abs(u)", "модуль пишется abs(u)"),
    "!": Text(
        "a comparison is >, >=, <, <=, == or !=; what is not so is 1 - [u > 0]",
        "сравнение — это >, >=, <, <=, == или !=; отрицание — 1 - [u > 0]",
    ),
    "²": Text("a square is written u**2", "квадрат пишется u**2"),
    "³": Text("a cube is written u**3", "куб пишется u**3"),
    "√": Text("a root is written sqrt(u)", "корень пишется sqrt(u)"),
    "·": Text("a product is written *", "произведение пишется *"),
    "×": Text("a product is written *", "произведение пишется *"),
    "⋅": Text("a product is written *", "произведение пишется *"),
    "−": Text("a minus is written -", "минус пишется -"),
    "≤": Text("it is written <=", "это пишется <="),
    "≥": Text("it is written >=", "это пишется >="),
    "≠": Text("it is written !=", "это пишется !="),
    "σ": Text("the function is written sigmoid(u)", "функция пишется sigmoid(u)"),
    "Σ": Text("a sum is written Sum(x[i,k], k)", "сумма пишется Sum(x[i,k], k)"),
    "∑": Text("a sum is written Sum(x[i,k], k)", "сумма пишется Sum(x[i,k], k)"),
    "∏": OVER_AN_INDEX["product"],
    "Π": OVER_AN_INDEX["product"],
    "π": Text("it is written pi", "это пишется pi"),
    "%": Text(
        "there is no remainder of a division; a subscript such as 2*t + 1 takes every other entry",
        "остатка от деления нет; каждый второй элемент берёт индекс вида 2*t + 1",
    ),
    "{": Text(
        "brackets are round, and square for subscripts and comparisons",
        "скобки — круглые, а для индексов и сравнений — квадратные",
    ),
    "}": Text(
        "brackets are round, and square for subscripts and comparisons",
        "скобки — круглые, а для индексов и сравнений — квадратные",
    ),
    "\\": Text(
        "a formula is no LaTeX; functions are written by name, as in exp(u)",
        "формула — не LaTeX; функции пишут по имени, как в exp(u)",
    ),
}

#: Words between two operands.
OPERATOR_WORDS = {
    "if": Text("a choice is written where(u > 0, a, b)", "выбор пишется where(u > 0, a, b)"),
    "else": Text("a choice is written where(u > 0, a, b)", "выбор пишется where(u > 0, a, b)"),
    "and": Text(
        "two conditions are a product, as in [u > 0]*[v > 0]", "два условия — это произведение, как в [u > 0]*[v > 0]"
    ),
    "or": Text("one of two conditions is max([u > 0], [v > 0])", "одно из двух условий — это max([u > 0], [v > 0])"),
    "not": Text("a condition is turned round by 1 - [u > 0]", "отрицание условия — это 1 - [u > 0]"),
    "mod": Text(
        "there is no remainder of a division; a subscript such as 2*t + 1 takes every other entry",
        "остатка от деления нет; каждый второй элемент берёт индекс вида 2*t + 1",
    ),
    "in": Text(
        "the range of an index is the axis where it stands; Sum names the index alone, as in Sum(x[i,k], k)",
        "область индекса — та ось, где он стоит; в Sum называют один индекс, как в Sum(x[i,k], k)",
    ),
    "for": Text("a sum over an index is written Sum(x[i,k], k)", "сумма по индексу пишется Sum(x[i,k], k)"),
}


def function_word(name: str) -> Text | None:
    """``; … is written …`` for a function that has another name here or is a formula, or None."""
    remedy = _FUNCTION_WORDS.get(name.casefold())
    return same("; ") + remedy if remedy is not None else None


_FUNCTION_WORDS = {**OVER_AN_INDEX, **FUNCTION_WORDS}


def loss_word(text: str) -> str:
    """The name here of a loss that other libraries call so, or the text itself spelt as names are."""
    spelt = text.casefold().replace("-", "_").replace(" ", "_")
    return LOSS_WORDS.get(spelt, spelt)
