"""On no printed line does one letter mean two things: an index is bound or free, and no quantity is called like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from rarely import small_specs
from strategies import specs

from symbolic.derivation.derive import FORMS, derive, unreadable
from symbolic.derivation.equations import definition_equations, equations
from symbolic.derivation.record import Derivation
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation import latex as tex
from symbolic.notation.boxes import Big, Box, Braced, Cases, Exponential, Fence, Fraction, Glyph, Root, Row, Script
from symbolic.notation.style import STYLES

FIRM = {
    "a subscript of weights": {
        "loss": "squared",
        "inputs": {"x": "D"},
        "nodes": {
            "z": {"inputs": ["x"], "width": "S", "activation": "sigmoid", "weights": ["w_s"]},
            "pi_k": {"inputs": ["z"], "width": "K", "activation": "sigmoid", "weights": ["w_k"]},
            "p": {"inputs": ["pi_k"], "width": 1, "weights": ["w_j"]},
        },
    },
    "a sum under a logarithm": {
        "loss": "squared",
        "inputs": {"x": "D"},
        "nodes": {
            "h": {"inputs": ["x"], "width": "K", "activation": "tanh"},
            "p": {"formula": "p[i] = log(Sum(exp(h[i,k]), k))"},
        },
    },
    "a letter of one's own": {
        "loss": "squared",
        "inputs": {"x": "D"},
        "nodes": {
            "z": {"formula": "z[i,s] = tanh(Sum(w_s[s,t]*x[i,t], t))", "ranges": {"s": "S"}},
            "t1": {"formula": "t1[i,s] = z[i,s] - Sum(z[i,t], t)"},
            "p": {"inputs": ["t1"], "width": 1},
        },
    },
    "softmax": {
        "loss": "cross_entropy",
        "inputs": {"x": "D"},
        "nodes": {"p": {"inputs": ["x"], "width": "K", "activation": "softmax"}},
    },
}


@dataclass
class Letters:
    """What the letters of one line are: bound under a Σ, free in a subscript, or the name of something."""

    bound: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def read(box: Box, found: Letters, scope: frozenset[str] = frozenset()) -> frozenset[str]:
    """Gather the letters of a line; a Σ binds up to the end of its row. Returns the scope after the box."""
    match box:
        case Row(parts):
            inner = scope
            for part in parts:
                inner = read(part, found, inner)
        case Big(Row((index, *_)), upper):
            letters = set(glyphs(index))
            assert not letters & scope, f"{letters} bound inside its own Σ"
            found.bound |= letters
            found.names |= set(glyphs(upper)) if upper else set()
            return scope | letters
        case Script(base, lower, upper):
            read(base, found, scope)
            for script in (lower, upper):
                subscripts(script, found, scope) if script else None
        case Fraction(above, below):
            read(above, found, scope)
            read(below, found, scope)
        case Root(body) | Fence(body, _, _) | Exponential(body) | Braced(body, _):
            read(body, found, scope)
        case Cases(rows):
            for one in rows:
                for part in one:
                    read(part, found, scope)
        case Glyph(_, text) if len(text) == 1 and text.isalpha():
            found.names.add(text)
    return scope


def subscripts(box: Box, found: Letters, scope: frozenset[str]) -> None:
    found.free |= {letter for letter in glyphs(box) if letter not in scope}


def glyphs(box: Box | None) -> Iterator[str]:
    match box:
        case Glyph(_, text) if len(text) == 1 and text.isalpha():
            yield text
        case Script(Glyph(_, text), Glyph(_, number), None) if number.isdigit():
            yield f"{text}_{number}"  # where the letters run out: another index than s
        case Row(parts):
            for part in parts:
                yield from glyphs(part)
        case Script(base, lower, upper):
            yield from glyphs(base)
            yield from glyphs(lower)
            yield from glyphs(upper)
        case Fence(body, _, _):
            yield from glyphs(body)


def each_line(derivation: Derivation, notation: str) -> Iterator[Box]:
    for left, right in definition_equations(derivation, notation):
        yield Row((left, right))
    for equation in equations(derivation, notation):
        for right in equation.right:
            yield Row((equation.left, right))


def check(network: Network, form: str) -> None:
    objective = build_objective(network)
    if form in ("chain", "expanded") and unreadable(objective, form):
        return
    derived = [derive(network, parameter.name, form=form) for parameter in network.parameters[-3:]]
    for derivation, notation in product(derived, STYLES):
        for line in each_line(derivation, notation):
            found = Letters()
            read(line, found)
            shown = tex.draw(line)
            assert not found.bound & found.free, (found.bound & found.free, notation, shown)
            assert not found.bound & found.names, (found.bound & found.names, notation, shown)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", small_specs())
def test_no_letter_is_bound_and_free_in_a_line_of_a_built_in_network(name, form):
    check(Network.load(name), form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FIRM)
def test_no_letter_is_bound_and_free_where_names_are_letters(name, form):
    check(Network.from_dict({"name": "drawn", "output": "p", **FIRM[name]}), form)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=specs())
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.slow
def test_no_letter_is_bound_and_free_in_a_line_of_a_drawn_network(spec, form):
    check(Network.from_dict(spec), form)
