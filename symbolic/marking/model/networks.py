"""A Network as models that a person may have had in mind.

The same network is written in several ways: with a bias of its own or with the lecture's fictitious
components x⁰ = 1 and z⁰ = 1, in the lecture's letters or in Bishop's.  Each way is a :class:`Model`
over the network's own definitions; ``verify`` takes the one under which the text makes most sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from symbolic.evidence.question import FACT_DOMAINS, along
from symbolic.fuel import apart
from symbolic.language.affine import Affine, Index, Size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Entry, Expr, Hyper, Mul, Partial, Sum, Tensor, add, mul, total
from symbolic.language.functions import Function
from symbolic.language.terms import delta, in_range, reindex, tensors, transform, walk
from symbolic.marking.grammar.parse import parse
from symbolic.marking.grammar.tree import Node
from symbolic.marking.meaning.declared import Declarations, Declared, IndexName
from symbolic.marking.meaning.naming import Words
from symbolic.marking.model.declaring import Model
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.token_kinds import GREEK
from symbolic.network.coarse import at_steps
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective
from symbolic.network.states import BEFORE
from symbolic.notation.biases import is_bias, linear_form
from symbolic.notation.latex import latex
from symbolic.notation.style import BISHOP, LECTURE, Style

#: The steps that making one way to write a network may take; they do not count for the text that is marked.
A_MODEL = 2_000_000


@lru_cache(maxsize=24)
def models(network: Network) -> Ways:
    """The ways to write a network, the likeliest first."""
    return Ways(network)


class Ways:
    """The models of a network, each made when it is asked for, once."""

    def __init__(self, network: Network) -> None:
        self._made: list[Model] = []
        self._rest = made(network)

    def __iter__(self) -> Iterator[Model]:
        at = 0
        while True:
            if at == len(self._made):
                with apart(A_MODEL):
                    fresh = next(self._rest, None)
                if fresh is None:
                    return
                self._made.append(fresh)
            yield self._made[at]
            at += 1


def made(network: Network) -> Iterator[Model]:
    """The models, one after the other."""
    objective = build_objective(network)
    starts = tuple(d for d in objective.definitions if d.kind == BEFORE)
    objective = replace(objective, definitions=at_steps(objective.definitions))  # s_{t-1} is s, at another step
    for style in (LECTURE, BISHOP):
        yield model(objective, objective.definitions, style, starts=starts)
        fictitious = augmented(objective)
        if fictitious is not None and not starts:
            yield model(objective, fictitious, style, from_zero=True)
        without = unbiased(objective)
        if without is not None:
            yield model(objective, without, style, starts=starts)


def model(
    objective: Objective,
    definitions: tuple[Definition, ...],
    style: Style,
    from_zero: bool = False,
    starts: tuple[Definition, ...] = (),
) -> Model:
    """Declarations over the given definitions in one notation; ``starts`` say what is read before the first step."""
    style = style.knowing(objective.definitions)
    letters = dict(style.index_names)
    indices: dict[str, IndexName] = {}
    for definition in definitions:
        bound = [node.index for node in walk(definition.formula) if isinstance(node, Sum)]
        for index in (*definition.indices, *bound):
            name = letters.get(index.name, index.name)
            if from_zero and is_longer(index.extent, objective):
                continue  # an augmented range: the letter counts from 1 elsewhere
            indices.setdefault(name, IndexName(index.renamed(name), 1))
    sample = IndexName(objective.sample.renamed(letters.get(objective.sample.name, objective.sample.name)), 1)
    indices[sample.index.name] = sample
    found = {t: None for d in definitions for t in (d.target, *tensors(d.formula))}
    sizes = {name: Affine.of(name) for t in found for axis in t.axes for name in axis.keys}
    sizes.setdefault("N", Affine.of("N"))
    rename = dict(style.names)
    by_target = {d.target: d for d in definitions}
    quantities: list[Declared] = []
    for tensor in found:
        quantities.extend(declared(objective, tensor, by_target.get(tensor), rename, style, from_zero))
    # Bishop's E and E_n beside Q and L: the index of the object alone tells them apart
    minimised = dict(style.minimised)
    quantities += [replace(q, base=minimised[q.latex], implicit=False) for q in quantities if q.latex in minimised]
    extra = starts
    if style.notation == "bishop":
        deltas = [bishop_delta(d, objective) for d in definitions if d.kind == "preactivation"]
        quantities.extend(q for q, _ in deltas)
        extra += tuple(d for _, d in deltas)
    functions = {name: f for d in definitions for name, f in named_functions(d.formula)}
    if not any(quantity.base == "h" for quantity in quantities):
        functions.setdefault("h", Function("h", "generic"))
    known = Declarations(
        sizes, indices, tuple(quantities), functions, {}, (*definitions, *extra), sample, objective.value,
        constants={parts(n.name): n for d in definitions for n in walk(d.formula) if isinstance(n, Hyper)},
    )  # fmt: skip
    known = replace(known, quantities=tuple(with_body(q, by_target, known, style) for q in known.quantities))
    domains: dict[Tensor | str, str] = {
        fact.tensor: FACT_DOMAINS[fact.kind] if fact.axis is None else along(FACT_DOMAINS[fact.kind], fact.axis)
        for fact in objective.facts
    }
    return Model(replace(known, discrete=frozenset(fact.tensor for fact in objective.facts)), domains)


def is_longer(extent: Size, objective: Objective) -> bool:
    """Whether an axis has the fictitious component: J + 1, unless the network itself has that length."""
    own = {axis for d in objective.definitions for tensor in (d.target, *tensors(d.formula)) for axis in tensor.axes}
    return extent not in own and extent - 1 in own


def declared(
    objective: Objective,
    tensor: Tensor,
    definition: Definition | None,
    rename: dict[str, str],
    style: Style,
    from_zero: bool,
) -> Iterator[Declared]:
    """How a tensor of the network is written; biases go under two names."""
    base, labels = parts(rename.get(tensor.name, tensor.name))
    sampled = bool(tensor.axes) and tensor.axes[0] == objective.sample.extent and tensor.role != "parameter"
    inner = len(tensor.axes) - sampled
    bishop = style.notation == "bishop"
    bases = tuple(0 if from_zero and is_longer(axis, objective) else 1 for axis in tensor.axes)
    formals: tuple[str, ...] = ()
    if definition is not None:
        used = tensors(definition.formula)
        formals = tuple(dict.fromkeys(parts(rename.get(t.name, t.name))[0] for t in used if t.role != "parameter"))
        if definition.kind == "objective":
            formals = ("w",)
    one = Declared(
        base,
        () if bishop else labels,
        labels if bishop else (),
        tensor,
        len(tensor.axes) - 1 if tensor.role == "parameter" and inner > 1 else 1 if sampled else 0,
        bases,
        sample=sampled,
        implicit=sampled and tensor.role != "input",
        latex=tensor.name,
        formals=formals,
        defined=definition is not None,
    )
    yield one
    if from_zero and tensor.role == "parameter":
        for parameter in objective.parameters:
            if parameter.bias and (owner := owner_of(objective, parameter.tensor)) and owner.name == tensor.name:
                own = tuple(parameter.tensor.name.split("_")[1:])
                if own != labels:
                    yield replace(one, sub_labels=() if bishop else own, sup_labels=own if bishop else ())
    if labels and bishop:
        yield replace(one, sub_labels=labels, sup_labels=())
    if labels and definition is not None and is_only_preactivation(objective, definition):
        yield replace(one, sub_labels=(), sup_labels=())  # the a_{ij} of the one hidden layer
    if tensor.role == "target" and labels == ("true",):
        yield replace(one, base="u", sub_labels=(), sup_labels=())
    if tensor.name.split("_")[0] == "b" and tensor.role == "parameter":
        own = tuple(tensor.name.split("_")[1:])
        names = {own, () if len(objective.parameters) <= 2 else own}
        owner = owner_of(objective, tensor)
        if owner is not None:
            names.add(parts(owner.name)[1])
        for name in sorted(names):
            zero = replace(one, base="w", sub_labels=() if bishop else name, sup_labels=name if bishop else ())
            yield replace(zero, tail=("0",))
        if not own or len([p for p in objective.parameters if p.bias]) == 1:
            yield replace(one, base="b", sub_labels=(), sup_labels=())


def is_only_preactivation(objective: Objective, definition: Definition) -> bool:
    """Whether no other layer has a value before its activation, and nothing else its letter."""
    others = [d for d in objective.definitions if d is not definition]
    letters = {parts(d.target.name)[0] for d in others}
    return definition.kind == "preactivation" and parts(definition.target.name)[0] not in letters


def owner_of(objective: Objective, bias: Tensor) -> Tensor | None:
    """The weights beside which a bias stands."""
    for definition in objective.definitions:
        for node in walk(definition.formula):
            if isinstance(node, Add) and any(isinstance(t, Entry) and t.tensor == bias for t in node.terms):
                forms = [f for t in node.terms if (f := linear_form(t, objective.sample)) is not None]
                return forms[0][0].tensor if len(forms) == 1 else None
    return None


def parts(name: str) -> tuple[str, tuple[str, ...]]:
    """``w_z_x`` is w with the labels z and x; ``lambda_1`` is λ₁."""
    base, *labels = name.split("_")
    found = re.fullmatch(r"([A-Za-z]+)(\d+)", base)
    if found is not None:
        base, labels = found[1], [found[2], *labels]
    return greek(base), tuple(map(greek, labels))


def greek(name: str) -> str:
    """``alpha`` is written α."""
    command = f"\\{name}"
    return command if command in GREEK and (len(name) > 2 or name in ("mu", "nu", "xi", "pi")) else name


def named_functions(formula: Expr) -> Iterator[tuple[str, Function]]:
    """The functions that occur, under the letters they are written with."""
    from symbolic.language.expr import Call

    for node in walk(formula):
        if isinstance(node, Call) and node.function.kind != "primitive":
            if node.function.name == "sigmoid":
                yield r"\sigma", node.function
            base, labels = parts(node.function.name)  # an activation of one's own is called phi, and written \phi
            for letter in (base, r"\varphi") if base == r"\phi" else (base,):  # the two shapes of one letter
                yield letter + (f"_{','.join(labels)}" if labels else ""), node.function
            yield node.function.name, node.function


def with_body(quantity: Declared, by_target: dict[Tensor, Definition], known: Declarations, style: Style) -> Declared:
    """Its formula as a tree, so that L(y_i, σ(wᵀx_i)) can be read; without one, calls only name arguments."""
    definition = by_target.get(quantity.tensor)
    if definition is None or definition.kind not in ("loss", "regularizer", "objective"):
        return quantity
    try:
        body: Node = parse(latex(definition.formula, replace(style, bias="separate").without_sample()), Words(known))
    except NotUnderstood:
        return quantity
    return replace(quantity, body=body)


def bishop_delta(definition: Definition, objective: Objective) -> tuple[Declared, Definition]:
    """δ_j = ∂Q/∂a_j."""
    tensor = Tensor(f"delta_{definition.node}", definition.target.axes, "value")
    formula = Partial(Entry(objective.value), definition.entry)
    count = len(tensor.axes)
    quantity = Declared(
        r"\delta", (), (), tensor, count, (1,) * count, sample=True, implicit=True, defined=True, latex=r"\delta"
    )
    return quantity, Definition(tensor, definition.indices, formula)


# -- ways to write the bias ------------------------------------------------------------------------


def unbiased(objective: Objective) -> tuple[Definition, ...] | None:
    """The network without its biases: what wᵀx means where nobody mentions them; None when there are none."""
    if not any(parameter.bias for parameter in objective.parameters):
        return None

    def drop(node: Expr) -> Expr | None:
        if isinstance(node, Add) and any(is_bias(term) for term in node.terms):
            return transform(add(*(term for term in node.terms if not is_bias(term))), drop)
        if isinstance(node, Sum) and any(is_bias(n) for n in walk(node)) and not isinstance(node.body, Entry):
            return None
        return None

    changed = tuple(replace(d, formula=transform(d.formula, drop)) for d in objective.definitions)
    return tuple(replace(d, formula=without_penalty(d.formula)) for d in changed)


def without_penalty(formula: Expr) -> Expr:
    """Terms of a regulariser that are about biases alone."""

    def drop(node: Expr) -> Expr | None:
        if isinstance(node, Add):
            kept = [
                t for t in node.terms if not (tensors(t) and all(t2.name.split("_")[0] == "b" for t2 in tensors(t)))
            ]
            return add(*kept) if len(kept) != len(node.terms) else None
        return None

    return transform(formula, drop)


def augmented(objective: Objective) -> tuple[Definition, ...] | None:
    """Every linear form with a bias of its own over one component more, numbered 0; None when no form has one."""
    owners = dict(LECTURE.knowing(objective.definitions).owners or ())
    pairs: dict[Tensor, tuple[Tensor, Tensor]] = {}  # bias: (weights, what they multiply)
    for definition in objective.definitions:
        for node in walk(definition.formula):
            if isinstance(node, Add):
                forms = [f for t in node.terms if (f := linear_form(t, objective.sample)) is not None]
                biases = [t for t in node.terms if isinstance(t, Entry) and is_bias(t)]
                owned = biases and forms and owners.get(biases[0].tensor.name) == forms[0][0].tensor.name
                if len(forms) == 1 and len(biases) == 1 and owned:
                    pairs[biases[0].tensor] = (forms[0][0].tensor, forms[0][1].tensor)
    if not pairs or len({w for w, _ in pairs.values()}) != len(pairs):
        return None
    weights = {w: b for b, (w, _) in pairs.items()}
    inputs = {v for _, v in pairs.values()}
    grown: dict[Tensor, Tensor] = {t: grow(t) for t in (*weights, *inputs)}
    result: list[Definition] = []
    for tensor in inputs:
        if not any(d.target == tensor for d in objective.definitions):
            result.append(with_constant(Definition(grown[tensor], _indices(tensor), tensor[_indices(tensor)])))
    for definition in objective.definitions:
        formula = replaced(definition.formula, pairs, grown)
        fresh = replace(definition, formula=formula)
        if definition.target in grown:
            fresh = with_constant(replace(fresh, target=grown[definition.target]))
        result.append(fresh)
    return tuple(result)


def grow(tensor: Tensor) -> Tensor:
    return replace(tensor, axes=(*tensor.axes[:-1], tensor.axes[-1] + 1))


def _indices(tensor: Tensor) -> tuple[Index, ...]:
    return tuple(Index(f"_{axis}", extent) for axis, extent in enumerate(tensor.axes))


def with_constant(definition: Definition) -> Definition:
    """Component 0 is 1, the others move up by one."""
    *before, last = definition.indices
    index = Index(last.name, last.extent + 1)
    moved = reindex(definition.formula, {last: subscript(index) - 1})
    bracket = in_range(subscript(index) - 1, last.extent)
    formula = add(delta(subscript(index), Affine((), 0)), mul(bracket, moved))
    return replace(definition, indices=(*before, index), formula=formula)


def replaced(formula: Expr, pairs: dict[Tensor, tuple[Tensor, Tensor]], grown: dict[Tensor, Tensor]) -> Expr:
    """Linear forms with their bias over the longer range; other mentions shifted by one."""
    weights = {w for w, _ in pairs.values()}

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Add):
            biases = [t for t in node.terms if isinstance(t, Entry) and t.tensor in pairs]
            if biases:
                form = next(
                    t for t in node.terms
                    if isinstance(t, Sum) and any(isinstance(n, Entry) and n.tensor in weights for n in walk(t))
                )  # fmt: skip
                rest = [transform(t, change) for t in node.terms if t is not form and t not in biases]
                return add(longer(form), *rest)
        if isinstance(node, Entry) and node.tensor in grown:
            *before, last = node.subscripts
            return Entry(grown[node.tensor], (*before, last + 1))
        if isinstance(node, Entry) and node.tensor in pairs:
            return Entry(grown[pairs[node.tensor][0]], (*node.subscripts, Affine((), 0)))
        return None

    def longer(form: Expr) -> Expr:
        assert isinstance(form, Sum)
        assert isinstance(form.body, Mul)
        index = Index(form.index.name, form.index.extent + 1)
        factors: list[Expr] = []
        for factor in form.body.factors:
            assert isinstance(factor, Entry)
            moved = tuple(s.replace({form.index: subscript(index)}) for s in factor.subscripts)
            factors.append(Entry(grown.get(factor.tensor, factor.tensor), moved))
        return total(mul(*factors), index)

    return transform(formula, change)


__all__ = ["models"]
