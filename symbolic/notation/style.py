r"""The one table of notation: how each quantity is written, in every medium.

Everything is counted from 1 in print (the language counts from 0): a subscript ``t + u`` prints as t+u-1.

=====================  =============================  =====================  =========================
quantity               expression                     LECTURE                BISHOP
=====================  =============================  =====================  =========================
parameter              w_1[j,d]                       w_{1,jd}               w_{ji}^{(1)}
its row j, a vector    w_1[j,·]                       w_{1,j}                w_j^{(1)}
linear form            Σ_d w_1[j,d]·x[i,d] + b_z[j]   w_{1,j}^T x_i          \sum_{i=0}^D w_{ji}^{(1)} x_{ni}
bias on its own        b_z[j]                         w_{1,j0} (w_{z,j0})    w_{j0}^{(1)} (w_{j0}^{(z)})
input: object, entry   x[i,·], x[i,d]                 x_i, x_i^d             x_n, x_{ni}
value and target       z[i,·], z[i,j]                 z_i, z_i^j             z_n, z_{nj}
without the sample     x[i,d], z[i,j]                 x^d, z_j               x_i, z_j
pre-activation         a_z[i,j]                       a_{z,i}^j              a_{nj}
entry number 3         x[i,2], z[i,2]                 x_i^{(3)}, z_i^{(3)}   x_{n3}, z_{n3}
E of a value           E_z[i,j]                       E_{z_i^j}, E_{z_j}     \partial E/\partial z_{nj}
E of a pre-activation  E_a_z[i,j]                     E_{a_{z,i}^j}          \delta_{nj}
gradient               E_w_1[j,d]                     \partial Q/\partial w_{1,jd}
output, target         p[i,k], y[i,k]                 p_i^k, y_i^k           y_{nk}, t_{nk}
sample, input index    i, d                           i, d                   n, i
Kronecker's delta      δ[j,k]                         \delta_{jk}            I_{jk}
=====================  =============================  =====================  =========================

An upper index is a letter or stands in parentheses; a power is a number, and what has an upper index
is parenthesised first: (x_i^d)^2.  Fictitious notation has x_i^0 = 1, z_i^0 = 1 and w_0 = b.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Literal

from symbolic.language.affine import Affine, Index, K, Size, Subscript, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Entry, Expr, Mul, Role, Slope, Stack, Sum, Tensor
from symbolic.language.terms import SPARE_NAMES, nested, reindex, retensor, substitute, tensors, walk
from symbolic.notation.boxes import (
    ATOM,
    DIFFERENTIAL,
    LEADING_MINUS,
    POWER,
    PRODUCT,
    SPACE,
    SUM,
    TRANSPOSED,
    Box,
    Fence,
    Fraction,
    Glyph,
    Keyed,
    Row,
    Script,
    indices,
    joined,
    sign,
)
from symbolic.notation.glyphs import name_parts
from symbolic.notation.separate import letters_of, named_letters

#: Bishop counts the sample with n and the inputs with i; a cycle, so that no two letters ever meet.
_BISHOP_INDICES = (("i", "n"), ("n", "d"), ("d", "i"))


#: An extent that is not said: Σ over it has no limits, as in the general scheme's Σ_s.
UNSAID = size("")
#: The sample's index in every objective.
SAMPLE = Index("i", size("N"))


class Pairs(tuple[tuple[str, str], ...]):
    """Pairs of names in order, the second looked up by the first: a table that can be part of a key."""

    @cached_property
    def by_first(self) -> Mapping[str, str]:
        return dict(self)

    @cached_property
    def seconds(self) -> frozenset[str]:
        return frozenset(second for _, second in self)


NO_PAIRS = Pairs()


@dataclass(frozen=True, slots=True)
class Style:
    """How to write: the notation, and what is left unsaid in this place.

    ``suppress``: indices that an entry drops where they stand alone as its last subscript, so that
    ∂Q/∂w_{1,j} is the derivative by a vector.  ``sample_shown``: False leaves the sample index out.
    ``bias``: "fictitious" merges the bias into its linear form, Σ_{i=0}; "zeroth" writes it beside, as
    Σ_{i=1} … + w_0; "separate" gives it a letter of its own, w^T x + b.  ``linear``: wᵀx or the sum written out.
    ``limits``: whether Σ carries them.  ``arguments``: what is shown in parentheses after a quantity
    on the left of "=" and above ∂: ``(("Q", ("w",)),)`` for Q(w).
    The rest is knowledge about one network, filled in by :meth:`knowing`.
    """

    notation: Literal["lecture", "bishop"] = "lecture"
    suppress: frozenset[Index] = frozenset()
    sample: Index = SAMPLE
    sample_shown: bool = True
    bias: Literal["fictitious", "zeroth", "separate"] = "fictitious"
    linear: Literal["vector", "sum"] = "vector"
    limits: bool = True
    arguments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    objective: str = "Q"
    #: Names of the parameters; unknown: an adjoint without the sample's axis belongs to a parameter.
    parameters: frozenset[str] | None = None
    inputs: frozenset[str] = frozenset()
    #: The weights whose 0th entry a bias is; unknown: the linear form that it stands beside.
    owners: Pairs | None = None
    #: Tensors that this notation calls something else.
    names: Pairs = NO_PAIRS
    #: The letters of Q and of L in print, where they have others: two that share one are told apart by their index.
    minimised: tuple[tuple[str, str], ...] = ()
    #: Outputs without an output function: such a y is its own pre-activation, and its error one of Bishop's δ.
    linear_outputs: frozenset[str] = frozenset()
    #: Values that are slopes of others by an input, by name.
    slopes: tuple[tuple[str, Slope], ...] = ()
    #: Values that depend on themselves through earlier steps: a direct derivative of one is written ∂⁺.
    through_steps: frozenset[str] = frozenset()
    index_names: tuple[tuple[str, str], ...] = ()
    #: Letters that quantities of the network are written with: no index has one of them.
    letters: frozenset[str] = frozenset()
    #: Indices that are free on every line of a derivation: no Σ on one of them has their letter.
    free: frozenset[Index] = frozenset()
    #: False: the sample index is left out inside ∂α/∂β and in E_α, where α and β are values of one object.
    sample_in_derivatives: bool = True
    #: Whether each quantity says which it is, by :func:`quantity_key`, for a page where they are linked.
    keys: bool = False

    def suppressing(self, *dropped: Index) -> Style:
        return replace(self, suppress=self.suppress | frozenset(dropped))

    def with_keys(self) -> Style:
        return replace(self, keys=True)

    def unkeyed(self) -> Style:
        return replace(self, keys=False) if self.keys else self

    def without_sample(self) -> Style:
        return replace(self, sample_shown=False)

    def within_derivatives_without_sample(self) -> Style:
        return replace(self, sample_in_derivatives=False)

    def beside(self, free: Iterable[Index]) -> Style:
        """For lines on which these indices are free: no Σ has a letter of theirs."""
        return replace(self, free=self.free | frozenset(free))

    def showing(self, **arguments: tuple[str, ...]) -> Style:
        """``showing(z=("x",))`` writes z(x) on the left of "=" and above ∂."""
        return replace(self, arguments=tuple(arguments.items()))

    def knowing(self, definitions: Iterable[Definition]) -> Style:
        """The style with what it must know about one network; give all definitions of its objective.

        A style that knows already, or a list without the objective or without the network, changes nothing.
        """
        if self.parameters is not None:
            return self
        definitions = tuple(definitions)
        kinds = {d.kind for d in definitions}
        if "objective" not in kinds or not kinds & {"preactivation", "activation", "node"}:
            return self
        found = tuple(dict.fromkeys(t for d in definitions for t in (d.target, *tensors(d.formula))))
        names = _bishop_names(definitions, found) if self.notation == "bishop" else self.names
        letters = _letters(definitions, found, dict(names))
        return replace(
            self,
            parameters=frozenset(t.name for t in found if t.role == "parameter"),
            inputs=frozenset(t.name for t in found if t.role == "input"),
            owners=Pairs(_owners(definitions, self.sample)),
            names=Pairs(names),
            minimised=_minimised(definitions, found) if self.notation == "bishop" else (),
            letters=letters,
            index_names=_written_apart(_indices(definitions), letters, self.index_names),
            linear_outputs=_linear_outputs(definitions),
            slopes=tuple((t.name, t) for t in found if isinstance(t, Slope)),
        )


LECTURE = Style()
BISHOP = Style("bishop", linear="sum", index_names=_BISHOP_INDICES)
STYLES: dict[str, Style] = {"lecture": LECTURE, "bishop": BISHOP}


# --- what is recognised -------------------------------------------------------------------------


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


def merged(terms: tuple[Expr, ...], style: Style) -> tuple[int, int] | None:
    """Places of the linear form and of the bias that fictitious notation writes as its 0th entry."""
    if style.bias != "fictitious":
        return None
    forms = [(k, form[0]) for k, term in enumerate(terms) if (form := linear_form(term, style.sample))]
    biases = [(k, term) for k, term in enumerate(terms) if isinstance(term, Entry) and is_bias(term)]
    if len(forms) != 1 or len(biases) != 1:
        return None
    (place, weights), (bias_place, bias) = forms[0], biases[0]
    if bias.subscripts != weights.subscripts[:-1]:
        return None
    if style.owners is not None and style.owners.by_first.get(bias.tensor.name) != weights.tensor.name:
        return None
    return place, bias_place


def merged_penalties(terms: tuple[Expr, ...], style: Style) -> dict[int, int]:
    """Places of Σ_d f(w_d) and of f(b), where b is written as component 0 of w: together Σ_{d=0} f(w_d)."""
    if style.bias != "fictitious" or not style.owners:
        return {}
    owners = style.owners.by_first
    return {
        place: bias_place
        for place, bias_place, weights, bias in penalties(terms)
        if owners.get(bias.tensor.name) == weights.tensor.name
    }


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


def _owners(definitions: tuple[Definition, ...], sample: Index) -> tuple[tuple[str, str], ...]:
    """Bias → the weights whose 0th entry it is; a bias without an entry here is written by its own name.

    Weights that serve two biases own neither, or two quantities would look alike; and a bias is owned only
    where it stands beside its linear form in every place, or wᵀx would mean two things.
    """
    pairs: dict[str, str] = {}
    met: dict[str, int] = {}
    style = Style(sample=sample)
    for node in (node for d in definitions for node in walk(d.formula)):
        if is_bias(node) and isinstance(node, Entry):
            met[node.tensor.name] = met.get(node.tensor.name, 0) + 1
        if not isinstance(node, Add):
            continue
        for _, place, _, one in penalties(node.terms):
            met[one.tensor.name] = met.get(one.tensor.name, 0) - _count(node.terms[place], one.tensor)
        if places := merged(node.terms, style):
            form, bias = linear_form(node.terms[places[0]], sample), node.terms[places[1]]
            assert form is not None
            assert isinstance(bias, Entry)
            pairs[bias.tensor.name] = form[0].tensor.name
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


def _bishop_names(definitions: tuple[Definition, ...], found: tuple[Tensor, ...]) -> tuple[tuple[str, str], ...]:
    """Bishop's y for the output, t for the target, a for every pre-activation whose index tells it apart."""
    names: dict[str, str] = {}
    for loss in (d for d in definitions if d.kind == "loss"):
        targets = [t.name for t in tensors(loss.formula) if t.role == "target"]
        outputs = [t.name for t in tensors(loss.formula) if t.role == "value"]
        others = {t.name for t in found} - {*targets, *outputs}
        if len(targets) == len(outputs) == 1 and not others & {"t", "y"}:
            names |= {targets[0]: "t", outputs[0]: "y"}
    sums = [d for d in definitions if d.kind == "preactivation"]
    if len({tuple(i.name for i in d.indices) for d in sums}) == len(sums) and all(t.name != "a" for t in found):
        names |= {d.target.name: "a" for d in sums}
    return tuple(names.items())


def _minimised(definitions: tuple[Definition, ...], found: tuple[Tensor, ...]) -> tuple[tuple[str, str], ...]:
    """Bishop's E for what is minimised, and E_n for the share of one object, where nothing else is an E."""
    minimised = {d.target.name for d in definitions if d.kind in ("objective", "loss")}
    taken = any("E" in letters_of(t.name) for t in found if t.name not in minimised)
    return () if taken else tuple((name, "E") for name in sorted(minimised))


def written_name(name: str, style: Style) -> str:
    """What this notation calls a tensor."""
    return dict(style.minimised).get(name) or style.names.by_first.get(name, name)


def _linear_outputs(definitions: tuple[Definition, ...]) -> frozenset[str]:
    """What the loss reads, where no function makes it and its indices tell it apart from every pre-activation."""
    read = {t for d in definitions if d.kind == "loss" for t in tensors(d.formula)}
    indices = [tuple(i.name for i in d.indices) for d in definitions if d.kind == "preactivation"]
    return frozenset(
        d.target.name
        for d in definitions
        if d.kind == "node" and d.target in read and tuple(i.name for i in d.indices) not in indices
    )


def _letters(definitions: Iterable[Definition], found: Iterable[Tensor], names: dict[str, str]) -> frozenset[str]:
    """The letters of all quantities as this notation writes them, of functions and of sizes."""
    written = (letters_of(names.get(tensor.name, tensor.name)) for tensor in found)
    others = (named_letters(retensor(d.formula, {t: Tensor("") for t in tensors(d.formula)})) for d in definitions)
    sizes = (letters_of(key) for tensor in found for axis in tensor.axes for key in axis.keys)
    return frozenset().union(*written, *others, *sizes)


def _indices(definitions: Iterable[Definition]) -> list[Index]:
    """The indices that are free in the definitions, each once."""
    return list(dict.fromkeys(index for d in definitions for index in d.indices))


def _written_apart(
    indices: Iterable[Index], letters: frozenset[str], written: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """The letters of indices, none of them one of a quantity; two letters change places, so no two ever meet."""
    table = dict(written)
    names = [index.name for index in indices]
    for name in names:
        if (shown := table.get(name, name)) not in letters:
            continue
        used = {*letters, *(table.get(other, other) for other in names)}
        spare = next(one for one in (*SPARE_NAMES, *ascii_lowercase, *ascii_uppercase) if one not in used)
        holder = next((one for one, two in table.items() if two == spare), spare)
        table[name], table[holder] = spare, shown
    return tuple(table.items())


# --- how it is written --------------------------------------------------------------------------


def index_box(index: Index, style: Style) -> Box:
    base, lower = name_parts(dict(style.index_names).get(index.name, index.name))
    return Script(base, joined(lower, sign(","))) if lower else base


def size_box(extent: Size) -> Box:
    return affine_box(extent, name_box)


def side_box(extent: Size) -> Box:
    """A size as one side of a shape: (T-U+1) × C."""
    return Fence(size_box(extent)) if is_sum(extent) else size_box(extent)


def is_sum(extent: Size) -> bool:
    """Whether it has more than one term, as T - U + 1 has, and 4P has not."""
    return len(extent.terms) + bool(extent.constant) > 1


def subscript_box(sub: Subscript, style: Style) -> Box:
    """The subscript counted from 1: each index in it has grown by 1, and so has the whole."""
    shifted = sub + (1 - sum(c for _, c in sub.terms))
    return affine_box(shifted, lambda index: index_box(index, style))


def position_box(index: Index, style: Style) -> Box:
    """An index as a number: counted from 0, so one less than the letter that counts from 1."""
    return affine_box(Affine.of(index) - 1, lambda one: index_box(one, style))


def affine_box(affine: Affine[K], key_box: Callable[[K], Box]) -> Box:
    """T - t + 1, without spaces: it stands in subscripts and in limits."""
    parts: list[Box] = []
    named = [(key_box(key), c) for key, c in affine.terms] + [(name_box(name), c) for name, c in affine.sizes]
    for box, c in sorted(named, key=lambda term: term[1] < 0):
        if c < 0 or parts:
            parts.append(LEADING_MINUS if c < 0 else sign("+"))
        parts += [*([sign(str(abs(c)))] if abs(c) != 1 else []), box]
    if affine.constant < 0 or (affine.constant and parts):
        parts.append(LEADING_MINUS if affine.constant < 0 else sign("+"))
    if affine.constant or not parts:
        parts.append(sign(str(abs(affine.constant))))
    return parts[0] if len(parts) == 1 else Row(tuple(parts), SUM)


def name_box(name: str) -> Box:
    """A name on its own: λ, w_1, w_{z,x}."""
    base, lower = name_parts(name)
    return Script(base, joined(lower, sign(","))) if lower else base


def quantity_key(tensor: Tensor) -> str:
    """The key of a quantity in every medium: ``e:z`` for E_z and ∂Q/∂z, ``v:z`` for z, w, x and y themselves."""
    if tensor.role == "adjoint" and tensor.name.startswith("E_"):
        return adjoint_key(tensor.name.removeprefix("E_"))
    return f"v:{tensor.name}"


def adjoint_key(name: str) -> str:
    return f"e:{name}"


def keyed(box: Box, key: str, style: Style) -> Box:
    """The box with its key, where the style asks for keys."""
    return Keyed(box, key) if style.keys else box


def entry_box(entry: Entry, style: Style) -> Box:
    """An entry of a tensor by the table above."""
    return keyed(_entry_box(entry, style.unkeyed()), quantity_key(entry.tensor), style)


def _entry_box(entry: Entry, style: Style) -> Box:
    if isinstance(entry.tensor, Stack) and (part := entry.tensor.part_of(entry)) is not None:
        return entry_box(part, style)
    name, role = entry.tensor.name, entry.tensor.role
    if role == "adjoint" and name.startswith("E_"):
        return _adjoint_box(entry, style)
    if role == "tangent" and name.startswith("R_"):
        return Row((Glyph(r"\mathcal{R}", "R"), Fence(entry_box(_moved(entry, style), style), r"{", r"}")), ATOM)
    slope = entry.tensor if isinstance(entry.tensor, Slope) else dict(style.slopes).get(name)
    if slope is not None:
        return _slope_box(entry, slope, style)
    if role == "direction" and name.startswith("v_"):
        return Script(sign("v"), entry_box(_moved(entry, style), style))
    visible = _visible(entry, style)
    subs = tuple(subscript_box(sub, style) for sub in visible)
    owner = zeroth_of(entry, style)
    if owner is not None:
        return NOTATIONS[style.notation](owner, role, visible, (*subs, sign("0")), style)
    return NOTATIONS[style.notation](written_name(name, style), role, visible, subs, style)


def _slope_box(entry: Entry, slope: Slope, style: Style) -> Box:
    """∂ₓu, the slope of a value by an input of the same sample, with the indices of both."""
    inner = len(entry.subscripts) - len(slope.by.axes) + 1
    below, own = Tensor(slope.by.name, slope.by.axes[1:], slope.by.role), entry.subscripts[:inner]
    of = slope.of if len(own) == len(slope.of.axes) else replace(slope.of, axes=slope.of.axes[1:])
    lower = entry_box(Entry(below, entry.subscripts[inner:]), style.without_sample())
    return Row((Script(DIFFERENTIAL, lower), SPACE, entry_box(Entry(of, own), style)), PRODUCT)


def zeroth_of(entry: Entry, style: Style) -> str | None:
    """The weights whose 0th entry this bias is written as, or None where it goes by its own name."""
    if not is_bias(entry) or style.bias == "separate":
        return None
    guess = "_".join(("w", *entry.tensor.name.split("_")[1:]))
    return guess if style.owners is None else style.owners.by_first.get(entry.tensor.name)


def holds_a_bias(weights: Entry, style: Style) -> bool:
    """Whether these weights are written with a bias as their component 0."""
    return style.bias == "fictitious" and weights.tensor.name in (style.owners or NO_PAIRS).seconds


@lru_cache(maxsize=64)
def vectors(definitions: tuple[Definition, ...], style: Style) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """The weights that are written as vectors w with a bias as component 0, and those that have no bias at all."""
    if style.bias != "fictitious":
        return (), ()
    weights = dict.fromkeys(
        form[0] for d in definitions for node in walk(d.formula) if (form := linear_form(node, style.sample))
    )
    sums = [node.terms for d in definitions for node in walk(d.formula) if isinstance(node, Add)]
    beside = {form[0].tensor for terms in sums if any(map(is_bias, terms)) for form in _forms(terms, style)}
    held = dict.fromkeys(entry.tensor for entry in weights if holds_a_bias(entry, style))
    has_one = {*held, *beside}
    bare = dict.fromkeys(entry.tensor for entry in weights if entry.tensor not in has_one)
    return tuple(held), tuple(bare)


def _forms(terms: Iterable[Expr], style: Style) -> Iterable[tuple[Entry, Entry]]:
    return (form for term in terms if (form := linear_form(term, style.sample)))


def transposed(box: Box) -> Box:
    """w^T; what already has an upper index keeps it: w_j^{(1)T}."""
    match box:
        case Keyed(body, key):
            return Keyed(transposed(body), key)
        case Script(base, lower, upper):
            return Script(base, lower, TRANSPOSED if upper is None else Row((upper, TRANSPOSED)))
    return Script(box, None, TRANSPOSED)


def kronecker_box(left: Subscript, right: Subscript, style: Style) -> Box:
    """δ_{jk}; Bishop's δ are errors, he writes the entries of the identity matrix, I_{jk}."""
    base = sign("I") if style.notation == "bishop" else Glyph(r"\delta", "δ")
    return Script(base, indices((subscript_box(left, style), subscript_box(right, style))))


def has_the_letter_of_all(entry: Entry, style: Style) -> bool:
    """Whether it is Bishop's E_n, the share of one object in E: without its index it would be E itself."""
    letters = dict(style.minimised)
    own = letters.get(entry.tensor.name)
    return own is not None and entry.tensor.name != style.objective and own == letters.get(style.objective)


def objective_box(style: Style) -> Box:
    """What is minimised, by its letter: Q, or Bishop's E."""
    return name_box(written_name(style.objective, style))


def _visible(entry: Entry, style: Style) -> tuple[Subscript, ...]:
    """The subscripts that are shown."""
    subs = list(entry.subscripts)
    while subs and subs[-1].single in style.suppress:
        subs.pop()
    if subs and subs[0].single == style.sample and not style.sample_shown and not has_the_letter_of_all(entry, style):
        subs.pop(0)
    return tuple(subs)


def _lecture(name: str, role: Role, visible: tuple[Subscript, ...], subs: tuple[Box, ...], style: Style) -> Box:
    base, words = name_parts(name)
    upper: tuple[Box, ...] = ()
    if role not in ("parameter", "direction"):
        sampled = bool(visible) and visible[0].single == style.sample
        if sampled or role == "input":
            first = 1 if sampled else 0
            numbered = any(map(_is_number, visible[first:]))
            subs, upper = subs[:first], subs[first:]
            upper = (Fence(indices(upper)),) if numbered else upper
    groups = [*words, *([indices(subs)] if subs else [])]
    lower = joined(groups, sign(",")) if groups else None
    return Script(base, lower, indices(upper) if upper else None) if lower or upper else base


def _is_number(sub: Subscript) -> bool:
    """Whether it is one number: 3, or the D of x^{(D)}, which bears the name of the extent that it ends."""
    return sub.number is not None or (sub.single is not None and sub.single.name == str(sub.single.extent))


def _bishop(name: str, role: Role, visible: tuple[Subscript, ...], subs: tuple[Box, ...], style: Style) -> Box:
    base, words = name_parts(name)
    lower = indices(subs) if subs else None
    upper = Fence(joined(words, sign(","))) if words else None
    return Script(base, lower, upper) if lower or upper else base


#: The seam for another notation: one function that writes a name with its visible subscripts.
NOTATIONS: dict[str, Callable[[str, Role, tuple[Subscript, ...], tuple[Box, ...], Style], Box]] = {
    "lecture": _lecture,
    "bishop": _bishop,
}


def _adjoint_box(entry: Entry, style: Style) -> Box:
    """E_α; ∂Q/∂w for a parameter; Bishop's δ for a pre-activation, which a linear output is too."""
    name = entry.tensor.name.removeprefix("E_")
    role = _role(name, entry.tensor, style)
    is_delta = style.notation == "bishop" and (name.startswith("a_") or name in style.linear_outputs)
    if not style.sample_in_derivatives and role != "parameter" and not is_delta:
        style = style.without_sample()
    inner = entry_box(Entry(Tensor(name, entry.tensor.axes, role), entry.subscripts), style)
    if is_delta and role == "value":
        assert isinstance(inner, Script | Glyph)
        delta = Glyph(r"\delta", "δ")
        return replace(inner, base=delta) if isinstance(inner, Script) else delta
    if role == "parameter" or style.notation == "bishop":
        return Fraction(Row((DIFFERENTIAL, objective_box(style)), POWER), Row((DIFFERENTIAL, inner), POWER))
    return Script(sign("E"), inner)


def _moved(entry: Entry, style: Style) -> Entry:
    """The α of R{α}, the w of its direction v_w."""
    name = entry.tensor.name[2:]
    role: Role = "adjoint" if name.startswith("E_") else _role(name, entry.tensor, style)
    return Entry(Tensor(name, entry.tensor.axes, role), entry.subscripts)


def _role(name: str, adjoint: Tensor, style: Style) -> Role:
    if name in style.inputs:
        return "input"
    known = style.sample.extent not in adjoint.axes if style.parameters is None else name in style.parameters
    return "parameter" if known else "value"
