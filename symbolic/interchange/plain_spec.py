"""A spec whose formulas and sizes are SymPy's, as the same spec in text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy

from symbolic.errors import SpecError
from symbolic.interchange.inward import Teller, apart, refuse, refuse_strange_symbols, told
from symbolic.interchange.scalars import Sympy
from symbolic.words import Text


def spec_in_text(values: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with every expression of SymPy's told in our language; what is no expression is left as it is.

    ``SpecError``, one line with its place, for an expression that cannot be told.
    """
    spec = {_key(key): value for key, value in values.items()}
    data = {_key(name) for place in ("inputs", "nodes") for name in _table(spec.get(place))}
    for key, value in spec.items():
        if key == "loss":
            spec[key] = _at("loss", _scalar, value, ("y", "p"))
        elif key == "regularizer":
            spec[key] = _at("regularizer", _regularizer, value)
        elif key in ("inputs", "sizes", "nodes") and not isinstance(value, Mapping):
            continue  # for the schema to refuse
        elif key == "inputs":
            spec[key] = {_key(name): _at(f"inputs.{name}", _sizes, width) for name, width in _table(value).items()}
        elif key == "sizes":
            spec[key] = {_key(name): _number(number) for name, number in _table(value).items()}
        elif key == "nodes":
            spec[key] = {_key(name): _node(_key(name), node, data) for name, node in _table(value).items()}
        elif isinstance(value, sympy.Basic):
            spec[key] = str(value)
    return spec


def _at(place: str, tell: Callable[..., Any], *given: Any) -> Any:
    """Tell what is given, and put the place in front of a complaint."""
    try:
        return tell(*given)
    except SpecError as error:
        raise error.at(place) from None


def _key(key: Any) -> Any:
    return str(key) if isinstance(key, sympy.Basic) else key


def _table(value: Any) -> Mapping[Any, Any]:
    """A table, or an empty one for what is none: that is for the schema to say."""
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> Any:
    if isinstance(value, sympy.Integer):
        return int(value)
    return float(value) if isinstance(value, sympy.Number) else value


def _sizes(value: Any) -> Any:
    if isinstance(value, list | tuple | sympy.Tuple):
        return [_sizes(one) for one in value]
    if isinstance(value, sympy.Integer):
        return int(value)
    return Teller({}, open=True).text(value) if isinstance(value, sympy.Basic) else value


def _scalar(value: Any, symbols: tuple[str, ...]) -> Any:
    """A formula in these symbols; a single symbol may be called anything."""
    if isinstance(value, sympy.Lambda):
        if len(value.variables) != len(symbols):
            refuse(
                value,
                Text(f"a function of {', '.join(symbols)} is expected", f"здесь нужна функция от {', '.join(symbols)}"),
            )
        names = dict(zip(value.variables, symbols, strict=True))
        return told(value.expr, names)
    if not isinstance(value, sympy.Basic):
        return value
    refuse_strange_symbols(value)
    free = sorted(value.free_symbols, key=str)
    if len(symbols) == 1 and len(free) == 1:
        return told(value, {free[0]: symbols[0]})
    if len(symbols) == 1 and len(free) > 1:
        named = ", ".join(map(str, free))
        refuse(
            value,
            Text(
                f"a formula in one symbol is expected, {symbols[0]}; here are {named}",
                f"здесь нужна формула от одного символа, {symbols[0]}, а в ней {named}",
            ),
        )
    return told(value, {symbol: str(symbol) for symbol in free if str(symbol) in symbols})


#: Formulas in u that have a name.
ACTIVATIONS = {
    **{f"{name}(u)": name for name in ("sigmoid", "softplus", "tanh", "sin", "generic")},
    "max(u, 0)": "relu",
    "u": "identity",
}


def _activation(value: Any) -> Any:
    text = _scalar(value, ("u",))
    return ACTIVATIONS.get(text, text) if isinstance(value, sympy.Basic) else value


def _regularizer(value: Any) -> Any:
    if isinstance(value, Mapping):
        told_of = {"formula": lambda v: _scalar(v, ("w",))}
        return {_key(k): told_of.get(_key(k), _number)(v) for k, v in value.items()}
    return _scalar(value, ("w",))


def _node(name: str, node: Any, data: set[str]) -> Any:
    if not isinstance(node, Mapping):
        return node
    found = {_key(key): value for key, value in node.items()}
    place = f"nodes.{name}"
    for key, value in found.items():
        if key == "activation" and isinstance(value, Mapping):
            found[key] = {_key(k): _at(f"{place}.activation", _scalar, v, ("u",)) for k, v in value.items()}
        elif key == "activation":
            found[key] = _at(f"{place}.activation", _activation, value)
        elif key == "width":
            found[key] = _at(f"{place}.width", _sizes, value)
        elif key in ("ranges", "parameters") and isinstance(value, Mapping):
            found[key] = {_key(k): _at(f"{place}.{key}.{k}", _sizes, v) for k, v in _table(value).items()}
        elif key in ("inputs", "weights"):
            found[key] = [_key(one) for one in value] if isinstance(value, list | tuple) else _key(value)
        elif isinstance(value, sympy.Basic) and key != "formula":
            found[key] = bool(value) if value in (sympy.true, sympy.false) else str(value)
    if isinstance(found.get("formula"), sympy.Basic):
        text, ranges = _at(f"{place}.formula", _index_formula, name, found["formula"], data)
        found["formula"] = text
        if isinstance(own := found.get("ranges", {}), Mapping) and (ranges or own):
            found["ranges"] = {**ranges, **own}
    return found


def _index_formula(name: str, formula: Sympy, data: set[str]) -> tuple[str, dict[str, str]]:
    """``z[i,j] = …`` and the ranges that its sums state."""
    refuse_strange_symbols(formula)
    left, right = (formula.lhs, formula.rhs) if isinstance(formula, sympy.Eq) else (None, formula)
    indices = _indices_of(left, right, data)
    if left is None and len(indices) > 2:
        refuse(
            right,
            Text(
                f"which index comes first? write Eq({name}[{', '.join(map(str, indices))}], …)",
                f"какой индекс первый? запишите Eq({name}[{', '.join(map(str, indices))}], …)",
            ),
        )
    ends = [limits[1] for total in right.atoms(sympy.Sum) for limits in total.limits if len(limits) == 3]
    first = 1 if 1 in ends and 0 not in ends else 0
    names = {index: str(getattr(index, "label", index)) for index in indices}
    teller = Teller({}, taken={*names.values(), *data}, open=True, first=first)
    # a free index counts from 0 here, whatever it counts from there
    counted = {index: sympy.Dummy(names[index], integer=True) for index in indices}
    teller.names = {dummy: names[index] for index, dummy in counted.items()}
    text = teller.text(apart(right).xreplace({index: dummy + first for index, dummy in counted.items()}))
    return f"{name}[{','.join(names.values())}] = {text}", teller.ranges


def _indices_of(left: Sympy | None, right: Sympy, data: set[str]) -> list[Sympy]:
    """The free indices, the sample's first."""
    if isinstance(left, sympy.Indexed):
        return list(left.indices)
    if left is not None:
        refuse(
            left,
            Text(
                "the left side of the formula of a node is an entry, as in Eq(z[i, j], …)",
                "слева в формуле узла стоит элемент, как в Eq(z[i, j], …)",
            ),
        )
    entries = [node for node in sympy.preorder_traversal(right) if isinstance(node, sympy.Indexed)]
    bound = {limits[0] for total in right.atoms(sympy.Sum) for limits in total.limits}
    samples = [entry.indices[0] for entry in entries if str(entry.base.label) in data]
    if not samples:
        refuse(
            right,
            Text(
                "no input and no node stands in it, so it says nothing of an object of the sample",
                "в ней нет ни входа, ни узла, и об объекте выборки она ничего не говорит",
            ),
        )
    free = [atom for entry in entries for place in entry.indices for atom in _letters(place)]
    return list(dict.fromkeys([samples[0], *(index for index in free if index not in bound)]))


def _letters(place: Sympy) -> list[Sympy]:
    """The indices in a subscript."""
    if isinstance(place, sympy.Idx) or place.is_Symbol:
        return [place]
    return [letter for part in place.args for letter in _letters(part)]
