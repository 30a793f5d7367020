"""Biases and the linear forms that they stand beside: which weights hold which bias as their 0th entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbolic.language.affine import Affine, Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Entry, Expr, Mul, Sum, Tensor
from symbolic.language.terms import nested, reindex, substitute, tensors, walk


def is_bias(expr: Expr) -> bool:
    """A bias is a parameter called b or b_…."""
    return isinstance(expr, Entry) and expr.tensor.role == "parameter" and expr.tensor.name.split("_")[0] == "b"


def linear_form(expr: Expr, sample: Index) -> tuple[Entry, Entry] | None:
    """(w, x) when it is Σ_d w[…,d]·x[…,d], whichever comes first; the parameter is given first."""
    match expr:
        case Sum(Mul((Entry() as first, Entry() as second)), index) if index != sample:
            pair = (second, first) if first.tensor.role != "parameter" else (first, second)
            if pair[0].tensor.role == "parameter" and all(_last_alone(entry, index) for entry in pair):
                return pair
    return None


def _last_alone(entry: Entry, index: Index) -> bool:
    *before, last = entry.subscripts or (Affine(),)
    return last.single == index and not any(sub.coefficient(index) for sub in before)


def form_and_bias(terms: tuple[Expr, ...], sample: Index) -> tuple[int, int, Entry, Entry] | None:
    """Places of the one linear form and of the one bias of a sum, with w[j,d] and b[j]."""
    forms = [(k, form[0]) for k, term in enumerate(terms) if (form := linear_form(term, sample))]
    biases = [(k, term) for k, term in enumerate(terms) if isinstance(term, Entry) and is_bias(term)]
    if len(forms) != 1 or len(biases) != 1:
        return None
    (place, weights), (bias_place, bias) = forms[0], biases[0]
    return (place, bias_place, weights, bias) if bias.subscripts == weights.subscripts[:-1] else None


def penalties(terms: tuple[Expr, ...]) -> Iterator[tuple[int, int, Entry, Entry]]:
    """Pairs Σ_j Σ_d f(w[j,d]) and Σ_j f(b[j]) among the terms, with w[j,d] and b[j]."""
    for bias_place, term in enumerate(terms):
        outer, one = nested(term)
        bias = _only_parameter(one)
        if bias is None or not is_bias(bias):
            continue
        for place, other in enumerate(terms):
            running, body = nested(other)
            weights = _only_parameter(body)
            if weights is None or len(running) != len(outer) + 1 or is_bias(weights):
                continue
            renamed = {old: subscript(new) for old, new in zip(outer, running, strict=False)}
            entry = reindex(bias, renamed)
            same = weights.subscripts == tuple(map(subscript, running)) and isinstance(entry, Entry)
            if same and substitute(body, {weights: entry}) == reindex(one, renamed):
                yield place, bias_place, weights, bias


def _only_parameter(expr: Expr) -> Entry | None:
    """The one entry that a formula is made of, where it is one of a parameter."""
    found = {node for node in walk(expr) if isinstance(node, Entry)}
    only = next(iter(found)) if len(found) == 1 else None
    return only if only is not None and only.tensor.role == "parameter" else None


def owners_of(definitions: tuple[Definition, ...], sample: Index) -> tuple[tuple[str, str], ...]:
    """Bias → the weights whose 0th entry it is; a bias without an entry here is written by its own name.

    Weights that serve two biases own neither, or two quantities would look alike; and a bias is owned only
    where it stands beside its linear form in every place, or wᵀx would mean two things.
    """
    pairs: dict[str, str] = {}
    met: dict[str, int] = {}
    for node in (node for d in definitions for node in walk(d.formula)):
        if is_bias(node) and isinstance(node, Entry):
            met[node.tensor.name] = met.get(node.tensor.name, 0) + 1
        if not isinstance(node, Add):
            continue
        for _, place, _, one in penalties(node.terms):
            met[one.tensor.name] = met.get(one.tensor.name, 0) - _count(node.terms[place], one.tensor)
        if found := form_and_bias(node.terms, sample):
            _, _, weights, bias = found
            pairs[bias.tensor.name] = weights.tensor.name
            met[bias.tensor.name] = met.get(bias.tensor.name, 0) - 1
        elif bias_name := _beside_scalars(node):
            pairs[bias_name] = "_".join(("w", *bias_name.split("_")[1:]))
            met[bias_name] = met.get(bias_name, 0) - 1
    owned, apart = list(pairs.values()), _regularised_apart(definitions)
    return tuple(
        (bias, weights)
        for bias, weights in pairs.items()
        if owned.count(weights) == 1 and not met[bias] and weights not in apart
    )


def _regularised_apart(definitions: Iterable[Definition]) -> set[str]:
    """Weights that R speaks of without a bias: a gradient by the whole vector would be wrong in component 0."""
    found: set[str] = set()
    for definition in definitions:
        if definition.kind == "regularizer":
            sums = [node.terms for node in walk(definition.formula) if isinstance(node, Add)]
            paired = {weights.tensor for terms in sums for _, _, weights, _ in penalties(terms)}
            found |= {t.name for t in tensors(definition.formula) if t not in paired}
    return found


def _count(expr: Expr, tensor: Tensor) -> int:
    return sum(isinstance(node, Entry) and node.tensor == tensor for node in walk(expr))


def _beside_scalars(node: Add) -> str | None:
    """The bias of w_{z,x} x + w_{z,y} y + w_{z,0}: a sum of products of one weight and one value each."""
    *products, bias = node.terms
    if not (isinstance(bias, Entry) and is_bias(bias) and "_" in bias.tensor.name):
        return None
    scalar = all(
        isinstance(term, Mul) and len(term.factors) == 2 and any(_is_weight(f, bias) for f in term.factors)
        for term in products
    )
    return bias.tensor.name if scalar else None


def _is_weight(factor: Expr, bias: Entry) -> bool:
    return isinstance(factor, Entry) and factor.tensor.role == "parameter" and factor.subscripts == bias.subscripts
