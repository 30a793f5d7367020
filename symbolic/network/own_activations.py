"""The activations that a spec writes itself, each as a function with a name."""

from __future__ import annotations

import re

from symbolic.errors import SpecError
from symbolic.language.functions import Function, U, generic
from symbolic.language.terms import walk
from symbolic.network.catalogue import ACTIVATION_NAMES, FUNCTIONS, function
from symbolic.network.grammar import SPECIAL_FORMS, suggest
from symbolic.network.schema import FREE, NetworkSpec
from symbolic.words import Text

_WORD = re.compile(r"[A-Za-z_]\w*")


def own_functions(spec: NetworkSpec, order: tuple[str, ...]) -> dict[tuple[str | None, str], Function]:
    """A function for every activation formula of the spec's own: phi, or phi_1, phi_2, … when they are several."""
    given: dict[tuple[str | None, str], str] = {}
    for node in order:
        activation = spec.nodes[node].activation
        if activation.formula not in ACTIVATION_NAMES or activation.name is not None:
            given.setdefault((activation.name, activation.formula), f"nodes.{node}.activation")
    own = [key for key in given if key[0] is None]
    functions: dict[tuple[str | None, str], Function] = {}
    for (name, formula), place in given.items():
        shown = name or ("phi" if len(own) == 1 else f"phi_{own.index((name, formula)) + 1}")
        if shown in ACTIVATION_NAMES or shown in FUNCTIONS or shown in SPECIAL_FORMS:
            raise SpecError(
                Text(
                    f"{place}: {shown} is a built-in function; give yours another name",
                    f"{place}: {shown} — встроенная функция; назовите свою иначе",
                )
            )
        if any(known.name == shown for known in functions.values()):
            raise SpecError(
                Text(
                    f"{place}: {shown} stands for another formula elsewhere; give this one another name",
                    f"{place}: {shown} в другом месте означает другую формулу; назовите эту функцию иначе",
                )
            )
        functions[name, formula] = _own_function(shown, formula, place)
    return functions


def _own_function(name: str, formula: str, place: str) -> Function:
    if _WORD.fullmatch(formula) and formula not in ("u", FREE):
        known = suggest(formula, ACTIVATION_NAMES) or Text(
            f"; there are {', '.join(ACTIVATION_NAMES)}", f"; есть {', '.join(ACTIVATION_NAMES)}"
        )
        raise SpecError(
            Text(
                f"{place}: unknown activation {formula!r}{known} (or write a formula in u)",
                f"{place}: неизвестная функция активации {formula!r}{known.ru} (или запишите формулу от u)",
            )
        )
    try:
        made = generic(name) if formula == FREE else function(name, formula, FUNCTIONS)
    except SpecError as error:
        raise error.at(place) from None
    if made.body is not None and U not in walk(made.body):
        raise SpecError(
            Text(
                f"{place}: {formula!r} does not depend on u; write a formula in u",
                f"{place}: {formula!r} не зависит от u; запишите формулу от u",
            )
        )
    return made
