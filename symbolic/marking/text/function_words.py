r"""Functions that words name: "f is the sigmoid", "where $\phi = \tanh$", "f — сигмоида"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbolic.marking.text.chains import Chain

_NORMAL = r"(?:standard\s+)?(?:normal|Gaussian)\s+"
#: What each is called.
_CALLED = {
    "sigmoid": r"(?:logistic\s+(?:sigmoid|function)|sigmoid(?:\s+function)?|сигмоид\w*|логистическ\w+\s+\w+|logistic)",
    "tanh": r"(?:\\?tanh|hyperbolic\s+tangent|гиперболическ\w+\s+тангенс\w*|тангенс\w*\s+гиперболическ\w+)",
    "relu": r"(?:\\(?:mathrm|operatorname|text)\{ReLU\}|ReLU|rectifier|rectified\s+linear\s+unit)",
    "softplus": r"(?:\\(?:mathrm|operatorname|text)\{softplus\}|softplus)",
    "normal_cdf": rf"{_NORMAL}(?:CDF|cdf|c\.d\.f\.|(?:cumulative\s+)?distribution(?:\s+function)?)"
    r"|функци\w+\s+(?:стандартного\s+)?нормального\s+распределения",
    "normal_density": rf"{_NORMAL}(?:density|pdf|PDF|p\.d\.f\.|probability\s+density)(?:\s+function)?"
    r"|(?:её\s+)?плотност\w+(?:\s+(?:стандартного\s+)?нормального\s+распределения)?|its\s+(?:density|pdf)",
}
_NAME = r"(?<![\w\\{_^])(?P<name>\\[A-Za-z]+|[A-Za-z])[\s$]*"
_IS = r"(?:(?:is|be|being|denotes|=|—|–|-{1,3}|это|есть)\s*)"
_WHICH = r"(?:(?:the|an?|our|usual|standard|element-?wise)\s+)*\$?"
_NOUN = r"(?:activation|nonlinearity|non-linearity|активаци\w+)\s+"
#: Functions whose words say enough: Φ the normal CDF, the normal CDF Φ.
_ALONE = ("normal_cdf", "normal_density")
_SAID = {
    function: (
        re.compile(rf"{_NAME}{_IS if function not in _ALONE else _IS + '?'}{_WHICH}(?:{called})(?![\w{{]|\s*[\^_(])"),
        re.compile(rf"(?:{called})\s+{_NOUN if function not in _ALONE else ''}\$?{_NAME}(?![\w(])"),
    )
    for function, called in _CALLED.items()
}
#: The same as a formula: φ = tanh.
_FUNCTION = re.compile(r"\\?(?:tanh|sigmoid|sigma|ReLU|softplus|mathrm\{ReLU\})")


def named_functions(source: str) -> dict[str, str]:
    """The names, and the functions that they are: ``{"f": "sigmoid"}``."""
    return dict(_named(source))


def _named(source: str) -> Iterator[tuple[str, str]]:
    for function, patterns in _SAID.items():
        for match in (match for pattern in patterns for match in pattern.finditer(source)):
            if match["name"] not in ("\\sigma", "a", "A") or function != "sigmoid":
                yield match["name"], function


def names_function(chain: Chain) -> bool:
    r"""``\phi = \tanh``: two names of one function."""
    tokens = [side.tokens for side in chain.sides]
    return (
        len(tokens) == 2
        and all(len(side) == 1 for side in tokens)
        and _FUNCTION.fullmatch(tokens[1][0].text) is not None
        and tokens[0][0].text != tokens[1][0].text
    )
