"""The sum over the sample: what is summed over it, and what stands beside."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy

from symbolic.interchange.entries import base_of, entries_of
from symbolic.interchange.inward import refuse
from symbolic.interchange.made_of import Given, Quantity
from symbolic.interchange.scalars import Sympy
from symbolic.words import Text

#: The index of the sample, in every formula from here on.
SAMPLE = sympy.Dummy("i", integer=True)
#: What the number of objects is called.
SAMPLES = "N"


@dataclass(frozen=True)
class Summed:
    """Q = Σ_i body + rest, or the mean and the rest; in ``given`` all data have the sample's index in front."""

    given: Given
    body: Sympy
    rest: Sympy = sympy.S.Zero
    mean: bool = False


def over_sample(given: Given) -> Summed:
    """Q as a sum over the sample; where no Σ in it is one, Q is that of one object."""
    expr = given.expr
    if not given.data:  # a function of the parameters alone, for a sample of one object
        return _of_one_object(expr, given)
    terms = [part for term in sympy.Add.make_args(sympy.expand_mul(expr, deep=False)) for part in _opened(term)]
    of_data, rest = [t for t in terms if given.has_data(t)], [t for t in terms if not given.has_data(t)]
    summed = [_over_the_sample(term, given) for term in of_data]
    if not any(summed):
        return replace(_of_one_object(sympy.Add(*of_data), given), rest=sympy.Add(*rest))
    bodies, means, extents = [], set(), {**given.extents}
    for term, found in zip(of_data, summed, strict=True):
        if found is None:
            refuse(
                term,
                Text(
                    "it has data outside of the sum over the sample, which other terms have",
                    "в нём данные стоят вне суммы по выборке, которая есть у других слагаемых",
                ),
            )
        factor, body, objects = found
        mean = bool(objects.free_symbols & factor.free_symbols)
        factor = sympy.cancel(factor * objects) if mean else factor
        if mean and objects.free_symbols & factor.free_symbols:
            refuse(
                term,
                Text(
                    f"a sum over the sample is taken as it is or divided by {objects}",
                    f"сумму по выборке берут как есть или делят на {objects}",
                ),
            )
        means.add(mean)
        bodies.append(factor * body)
        extents[SAMPLE] = objects
    if len(means) > 1:
        refuse(
            expr,
            Text(
                "one sum over the sample is divided by the number of objects, and another is not",
                "одна сумма по выборке делится на число объектов, а другая нет",
            ),
        )
    return Summed(replace(given, extents=extents), sympy.Add(*bodies), sympy.Add(*rest), means == {True})


def _over_the_sample(term: Sympy, given: Given) -> tuple[Sympy, Sympy, Sympy] | None:
    """(factor, summand, number of objects) of factor·Σ_i summand, where i comes first in all data inside."""
    sums = [factor for factor in sympy.Mul.make_args(term) if isinstance(factor, sympy.Sum) and given.has_data(factor)]
    if len(sums) != 1:
        return None
    factor = term / sums[0]
    if given.has_data(factor):
        return None
    limits = list(sums[0].limits)
    body = sums[0].function
    while isinstance(body, sympy.Sum):
        limits, body = [*body.limits, *limits], body.function
    if body.free_symbols & {one.symbol for one in given.data if one.shape == ()}:
        return None
    firsts = {entry.indices[0] for entry in entries_of(body) if base_of(entry) in given.data_symbols}
    if len(firsts) != 1:
        return None
    (index,) = firsts
    found = [one for one in limits if one[0] == index]
    others = [one for one in limits if one[0] != index]
    if not found or any(index in end.free_symbols for one in others for end in one[1:]):
        return None
    _, low, high = found[0]
    body = body.xreplace({index: SAMPLE + given.first}) if low == given.first else None
    if body is None:
        refuse(
            term,
            Text(
                f"the sum over the sample begins at {low}; it runs over all objects, from {given.first}",
                f"сумма по выборке начинается с {low}, а она берётся по всем объектам, с {given.first}",
            ),
        )
    return factor, sympy.Sum(body, *others) if others else body, sympy.expand(high - low + 1)


def _of_one_object(body: Sympy, given: Given) -> Summed:
    """Q of one object: the sample's index is put in front of all data."""
    sample = SAMPLE + given.first
    put = {
        entry: sympy.IndexedBase(base_of(entry))[(sample, *entry.indices)]
        for entry in entries_of(body)
        if base_of(entry) in given.data_symbols
    }
    put |= {one.symbol: sympy.IndexedBase(one.symbol)[sample] for one in given.data if one.shape == ()}
    data = tuple(
        Quantity(one.symbol, one.name, None if one.shape is None else (sympy.Symbol(SAMPLES), *one.shape))
        for one in given.data
    )
    extents = {**given.extents, SAMPLE: sympy.Symbol(SAMPLES, integer=True, positive=True)}
    return Summed(replace(given, data=data, extents=extents), body.xreplace(put))


def _opened(term: Sympy) -> list[Sympy]:
    """c·(a + b) as its terms, also where c is no number."""
    sums = [factor for factor in sympy.Mul.make_args(term) if factor.is_Add]
    if len(sums) == 1 and term.is_Mul and sums[0].has(sympy.Sum):
        return [term / sums[0] * part for part in sums[0].args]
    return [term]
