"""Slips in the derivative of an activation: left out, taken twice, at another place, with another formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from codegen.audit.backward import Backward, Mutant
from codegen.audit.mutant_words import (
    DIAGONAL,
    DIAGONAL_OF,
    ELSEWHERE,
    LEFT_OUT,
    LEFT_OUT_OF,
    NO_SLOPE,
    SLOPE_IS,
    SLOPE_OF,
    TWICE,
    TWICE_IN,
    VALUE,
)
from codegen.audit.one_change import (
    one_change,
    without,
)
from symbolic.derivation import rules
from symbolic.derivation.adjoint import AdjointDefinition, adjoint_of
from symbolic.derivation.calculus import carry_out
from symbolic.language.affine import subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Add,
    Call,
    Entry,
    Expr,
    Mul,
    Number,
    Partial,
    Pow,
    Sum,
    Tensor,
    add,
    mul,
    neg,
    number,
    power,
)
from symbolic.language.functions import U
from symbolic.language.plain_text import plain
from symbolic.language.terms import free_indices, reindex, substitute, tensors, transform, walk
from symbolic.network.formula import parse_formula


def slopes(backward: Backward, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
    """The derivative of an activation: left out, taken twice, at another place, with another formula."""
    user = next((c.user for c in entry.contributions if c.user.kind in ("activation", "node")), None)
    if user is None or len(entry.contributions) != 1 or entry.of not in backward.own:
        return
    if backward.own[entry.of].kind != "preactivation" and user.kind != "activation":
        return
    formula = entry.definition.formula
    here = tuple(subscript(i) for i in entry.definition.indices)
    z, a = Entry(user.target, here), Entry(entry.of, here)
    if user.target.axes != entry.of.axes or adjoint_of(user.target) not in {
        d.target for d in backward.adjoint.definitions
    }:
        return
    error = Entry(adjoint_of(user.target), here)
    local = Partial(z, a, direct=True)
    f, node = backward.function_name(user), user.node or user.target.name
    words = {"f": f, "z": node}
    yield from mutant("slope left out", LEFT_OUT.format(**words), error, "left out")
    yield from _slope_of_one_path(backward, entry, user, local, words)
    if f == "softmax":
        yield from mutant("softmax diagonal", DIAGONAL.format(z=node), mul(error, local), "diagonal")
    if (entry.contributions[0].log and entry.contributions[0].log[0].rule == rules.SUBSTITUTION) or f != "softmax":
        yield from mutant("slope twice", TWICE.format(**words), mul(formula, local), "twice")
    match user.formula:
        case Call(function, (argument,)) if argument == Entry(entry.of, tuple(map(subscript, user.indices))):
            slope, _ = carry_out(Partial(function.body if function.body is not None else Call(function, (U,)), U))
            at_value = mul(error, substitute(slope, {U: z}))
            said = ELSEWHERE.format(**words, at=z.tensor.name, right=a.tensor.name)
            yield from mutant("slope elsewhere", said, at_value, "at value")
            for place, at in (("value", z), ("pre-activation", a)):  # nonlin(l1) for nonlin(l1, deriv=True)
                itself = Call(function, (at,))
                said = NO_SLOPE.format(**words, wrong=plain(itself))
                yield from mutant("slope changed", said, mul(error, itself), f"itself at {place}")
            said = ELSEWHERE.format(**words, at=f"∂Q/∂{z.tensor.name}", right=a.tensor.name)
            yield from mutant("slope elsewhere", said, mul(error, substitute(slope, {U: error})), "at error")
    slopes = without(formula, error)
    for slope in (one for one in slopes if z in [*walk(one)]):  # s(1 − s) of the error for that of the value
        said = ELSEWHERE.format(**words, at=f"∂Q/∂{z.tensor.name}", right=z.tensor.name)
        yield from mutant("slope elsewhere", said, mul(error, substitute(slope, {z: error})), "of error")
    others = [(name, substitute(other, {U: a})) for name, other in _slopes_of_others() if name != f]
    of_values = [("σ", mul(z, add(number(1), neg(z)))), ("tanh", add(number(1), neg(power(z, 2))))]
    for own in (slope for name, slope in of_values if name == {"sigmoid": "σ"}.get(f, f)):
        said = ELSEWHERE.format(**words, at=a.tensor.name, right=z.tensor.name)
        yield from mutant("slope elsewhere", said, mul(error, substitute(own, {z: a})), "at pre-activation")
    for other, wrong in (*of_values, *others):
        for right in slopes:
            said = SLOPE_OF.format(**words, g=other, wrong=plain(wrong), right=plain(right))
            yield from mutant("slope changed", said, mul(error, wrong), f"of {other}")
    anonymous: dict[Expr, Expr] = {one: Entry(Tensor(letter, ()), ()) for one, letter in ((z, "z"), (a, "a"))}
    for right, wrong in ((slope, new) for slope in slopes for new, _ in one_change(slope)):
        said = SLOPE_IS.format(**words, wrong=plain(wrong), right=plain(right))
        stem = f"{f} {substitute(wrong, anonymous)}"  # the same slip in another layer has the same
        yield from mutant("slope changed", said, mul(error, wrong), stem)
    if z.tensor in tensors(formula):
        said = ELSEWHERE.format(**words, at=a.tensor.name, right=z.tensor.name)
        if error.tensor not in tensors(formula):  # p − y, in which the slope is no more
            said = VALUE.format(a=entry.of.name, wrong=a.tensor.name, right=z.tensor.name)
        changed = transform(
            formula,
            lambda n: Entry(a.tensor, n.subscripts) if isinstance(n, Entry) and n.tensor == z.tensor else None,
        )
        yield from mutant("slope elsewhere", said, changed, "at pre-activation")


@cache
def _slopes_of_others() -> tuple[tuple[str, Expr], ...]:
    """The derivatives in u that are taken for another function's, by its name."""
    names = ("sigmoid", "tanh", "relu")
    return tuple((name, carry_out(Partial(parse_formula(f"{name}(u)"), U))[0]) for name in names)


def slopes_inside(entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
    """1 − u² for 1 − tanh(u)², where a formula has its function inside: the argument for the value."""
    formula = entry.definition.formula
    sums = [node for node in walk(formula) if isinstance(node, Add)]
    found = dict.fromkeys(n for one in sums for part in one.terms for n in _values_in(part))
    for call in found:
        at_argument = substitute(formula, {call: call.arguments[0]})
        said = VALUE.format(a=entry.of.name, wrong=plain(call.arguments[0]), right=plain(call))
        yield from mutant("slope elsewhere", said, at_argument, "at pre-activation")


def normaliser_slips(entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
    """Of a quotient by a sum, f_t/Σ_r f_r: what comes through all outputs cut to the own one, the diagonal."""
    formula, own = entry.definition.formula, entry.definition.indices
    running = dict.fromkeys((*own, *(node.index for node in walk(formula) if isinstance(node, Sum))))
    for product in dict.fromkeys(node for node in walk(formula) if isinstance(node, Mul)):
        for every in (f for f in product.factors if isinstance(f, Sum) and _is_normalised(f, product)):
            for index in (i for i in running if i.extent == every.index.extent and i != every.index):
                alone = reindex(every.body, {every.index: subscript(index)})
                new = substitute(formula, {every: alone})
                if free_indices(new) <= {*own}:
                    is_own = any(one in product.factors for one in _factors(alone) if tensors(one))
                    said = DIAGONAL_OF.format(a=entry.of.name, m=every.index.name)
                    yield from mutant("softmax diagonal", said, new, "own term" if is_own else "")


def _is_normalised(every: Sum, product: Mul) -> bool:
    """Whether the product has 1/Σ_r f_r or its slope beside this Σ_r f_r g_r."""
    normalisers = (factor.base for factor in product.factors if isinstance(factor, Pow) and factor.exponent < 0)
    bodies = (reindex(s.body, {s.index: subscript(every.index)}) for s in normalisers if isinstance(s, Sum))
    return any({*_factors(body)} & {*_factors(every.body)} for body in bodies)


def _factors(product: Expr) -> tuple[Expr, ...]:
    return product.factors if isinstance(product, Mul) else (product,)


def _values_in(term: Expr) -> Iterator[Call]:
    """The values of which 1 − f(u)², f(u)(1 − f(u)) are made: those that stand alone, with a sign or as a power."""
    match term:
        case Call(_, (_,)):
            yield term
        case Mul((Number(), inner)) | Pow(inner, _):
            yield from _values_in(inner)


def _slope_of_one_path(
    backward: Backward, entry: AdjointDefinition, user: Definition, local: Expr, words: Mapping[str, str]
) -> Iterator[Mutant]:
    """The slope left out of what comes from one of several users: from the output, or from the next step."""
    of_value = backward.by_value.get(user.target)
    if of_value is None or len(of_value.contributions) < 2:
        return
    definition, place = entry.definition, backward.order[entry.definition.target]
    moved = {old: subscript(new) for old, new in zip(of_value.definition.indices, definition.indices, strict=True)}
    parts = [reindex(c.formula, moved) for c in of_value.contributions]
    for k, part in enumerate(parts):
        rest = add(*parts[:k], *parts[k + 1 :])
        new = Definition(definition.target, definition.indices, add(mul(rest, local), part), "adjoint")
        said = LEFT_OUT_OF.format(**words, user=of_value.contributions[k].user.target.name)
        yield Mutant("slope left out", said, (new,), place)


def slope_again(
    backward: Backward, name: str, error: Tensor, formula: Expr, mutant: Callable[..., Iterator[Mutant]]
) -> Iterator[Mutant]:
    """The slope of an activation once more, in what is computed from E of its pre-activation alone."""
    before = next((t for t, d in backward.own.items() if adjoint_of(t) == error and d.kind == "preactivation"), None)
    entry = None if before is None else backward.by_value.get(before)
    if before is None or entry is None or len(entry.contributions) != 1:
        return
    user = entry.contributions[0].user
    if user.kind not in ("activation", "node") or user.target.axes != before.axes:
        return

    def again(node: Expr) -> Expr | None:
        if not (isinstance(node, Entry) and node.tensor == error):
            return None
        at = node.subscripts
        return mul(node, Partial(Entry(user.target, at), Entry(before, at), direct=True))

    said = TWICE_IN.format(f=backward.function_name(user), z=user.node or user.target.name, a=name)
    if backward.function_name(user) != "softmax":
        yield from mutant("slope twice", said, transform(formula, again))
