"""Lines of a header that say quantities: ``data x_i : R^d``, ``param W : R^{K x J}``, ``y_k : onehot^K``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from symbolic.errors import SpecError
from symbolic.language.affine import Affine, Size
from symbolic.language.definition import Definition
from symbolic.language.expr import Role, Tensor, add, mul
from symbolic.language.expr import number as constant
from symbolic.marking.grammar.tree import Name
from symbolic.marking.meaning.declared import ONE_SIZE, Declared, IndexName, label
from symbolic.marking.meaning.elaborate import elaboration
from symbolic.marking.meaning.value import fresh_axis
from symbolic.marking.model.declaring import Builder, formula_in, name_in
from symbolic.marking.model.header_lines import squared
from symbolic.marking.model.header_ranges import size_of
from symbolic.words import Text

#: Words after the colon that say from where values come; the domain in the words of ``symbolic.evidence.evidence``.
DOMAINS = {
    "positive": "positive", "binary": "binary", "onehot": "onehot", "sign": "sign", "probability": "positive",
    "nonnegative": "positive",
}  # fmt: skip

_SHAPE = re.compile(
    r"(?P<set>\\mathbb\s*\{?R\}?|\\R\b|R|ℝ|[a-z]+)\s*(?:\^\s*(?P<shape>\{(?:[^{}]|\{[^{}]*\})*\}|\\?\w+(?:\{\w+\})?))?"
)
#: Sets as people write them, and the words for them: {0, 1}^n, [0, 1], R_+^d.
_SETS = (
    (re.compile(r"\\?\{\s*(?:0\s*,\s*1|1\s*,\s*0)\s*\\?\}"), "binary"),
    (re.compile(r"\\?\{\s*(?:[-−]\s*1\s*,\s*\+?\s*1|\+?\s*1\s*,\s*[-−]\s*1|\\pm\s*1|±1)\s*\\?\}"), "sign"),
    (re.compile(r"[\[(]\s*0\s*,\s*1\s*[\])]"), "probability"),
)
#: Between a name and its type, as an alternative to the colon.
_MEMBER = re.compile(r"(?:\\in\b|∈)(?=\s*(?:\\mathbb|\\?R(?![A-Za-z])|ℝ|\\?\{|[\[(]\s*0))")
_ABOVE_ZERO = re.compile(
    r"^(\\mathbb\s*\{?R\}?|\\R\b|R|ℝ)\s*_\s*\{?\s*(?:\++|>\s*0|\\ge(?:q|qslant)?\s*0|≥\s*0)\s*\}?(.*)$"
)


def type_of(builder: Builder, text: str) -> tuple[tuple[Size, ...], str | None, bool]:
    """``R^{K x J} positive`` as sizes, a domain, and whether it is a row, ``R^{1 x J}``."""
    text = re.sub(r"\\(?:text|mathrm)\{(\w+)\}", r"\1", text).strip()
    for written, word in _SETS:
        text = written.sub(word, text, count=1) if written.match(text) else text
    text = _ABOVE_ZERO.sub(r"\1\2 positive", text)
    found = _SHAPE.match(text)
    if found is None:
        raise SpecError(
            Text(
                f"{text!r} is not a type: R, R^d, R^{{K x J}}, binary, onehot^K or positive was expected",
                f"{text!r} — не вид величины; нужно R, R^d, R^{{K x J}}, binary, onehot^K или positive",
            )
        )
    words = [w for w in re.split(r"[\s,]+", text[found.end() :].strip()) if w]
    kind = found["set"] if found["set"] in DOMAINS else None
    if kind is None and not (found["set"].startswith("\\") or found["set"] in ("R", "ℝ", "real", "scalar")):
        raise SpecError(
            Text(
                f"{text!r} is not a type: R, R^d, R^{{K x J}}, binary, onehot^K or positive was expected",
                f"{text!r} — не вид величины; нужно R, R^d, R^{{K x J}}, binary, onehot^K или positive",
            )
        )
    for word in words:
        if word not in DOMAINS:
            raise SpecError(
                Text(
                    f"{word!r} after a type: one of {', '.join(DOMAINS)} was expected",
                    f"{word!r} после вида величины: нужно одно из слов {', '.join(DOMAINS)}",
                )
            )
        kind = word
    shape = re.sub(r"[{}]", "", found["shape"] or "").strip()
    sizes = (
        tuple(size_of(builder, part) for part in re.split(r"\s*(?:\\times|×|\bx\b|\*|,)\s*", shape)) if shape else ()
    )
    kept = tuple(s for s in sizes if s != ONE_SIZE)
    return kept, DOMAINS.get(kind or ""), len(sizes) == 2 and sizes[0] == ONE_SIZE and len(kept) == 1


def quantity_line(role: Role) -> Callable[[Builder, str], None]:
    def reader(builder: Builder, rest: str) -> None:
        names, colon, kind = _MEMBER.sub(":", rest).rpartition(":")
        value = ""
        if not colon:
            names, _, value = rest.partition("=")
            kind = "R"
        if not names.strip():
            raise SpecError(
                Text(f"{rest!r}: something like w_2 : R^J was expected", f"{rest!r}: нужно что-то вроде w_2 : R^J")
            )
        classes = _CLASS.fullmatch(kind.strip())
        if classes is not None:
            _class_labels(builder, names, classes)
            return
        symmetric = re.search(r"\s+symmetric\b", kind)
        sizes, domain, row = type_of(builder, kind.replace(symmetric.group(), "") if symmetric else kind)
        for text in split_names(names):
            if not sizes and not value and (root := squared(text, builder.typed)):
                text, domain = root, "positive"  # σ² : R is a σ whose powers are meant
            name = name_in(builder, text)
            own = () if domain == "onehot" and _counts_classes(builder, name, sizes) else sizes
            declared = replace(declared_as(builder, name, own, role, text), row=row)
            builder.quantities.append(declared)
            if symmetric:
                _make_symmetric(builder, declared)
            if domain:
                builder.domains[declared.tensor] = domain
            if value.strip():
                node = formula_in(builder, value)
                builder.definitions.append(Definition(declared.tensor, (), elaboration(builder.known).value(node).expr))

    return reader


def _counts_classes(builder: Builder, name: Name, sizes: tuple[Size, ...]) -> bool:
    """``y_k : onehot^K`` with k = 1..K, which is no vector for each k: y_k is an entry of one."""
    last = builder.indices.get((name.subs or name.sups or (Affine((), 0),))[-1].single or "")
    return last is not None and last is not builder.sample and (last.index.extent,) == sizes


_CLASS = re.compile(
    r"(?:class\s+|label\s+|\\in\s*)?\\?\{?(?P<low>\d+)\s*(?:\.\.+|,?\s*(?:2\s*,\s*)?\\?l?dots\s*,?|,\s*\.\.\.\s*,)\s*(?P<high>\w+)\\?\}?"
)


def _class_labels(builder: Builder, names: str, kind: re.Match[str]) -> None:
    """``y_i : class 1..K``: a number of a class, held as a vector with one 1."""
    low = int(kind["low"])
    extent = size_of(builder, kind["high"]) - (low - 1)
    for text in split_names(names):
        declared = declared_as(builder, name_in(builder, text), (extent,), "input", text)
        declared = replace(declared, classes=True, bases=(*declared.bases[:-1], low))
        builder.quantities.append(declared)
        builder.domains[declared.tensor] = "onehot"


def _make_symmetric(builder: Builder, declared: Declared) -> None:
    """The half of another matrix and its transpose, or of each of several."""
    if len(declared.tensor.axes) < 2 or declared.tensor.axes[-2] != declared.tensor.axes[-1]:
        raise SpecError(
            Text(
                f"{declared.latex}: only a square matrix can be symmetric",
                f"{declared.latex}: симметричной может быть только квадратная матрица",
            )
        )
    half = Tensor(f"{declared.tensor.name} half", declared.tensor.axes, "input")
    *others, a, b = (fresh_axis(axis) for axis in declared.tensor.axes)
    formula = mul(constant(Fraction(1, 2)), add(half[(*others, a, b)], half[(*others, b, a)]))
    builder.definitions.append(Definition(declared.tensor, (*others, a, b), formula))


def split_names(text: str) -> list[str]:
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "{(") - (character in "})")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [p.strip() for p in parts if p.strip()]


def declared_as(builder: Builder, name: Name, sizes: tuple[Size, ...], role: Role, text: str) -> Declared:
    """Labels, subscripts and components of a name as it was declared."""
    name, tail = _tail(builder, name)
    labels: dict[str, list[str]] = {"sub": [], "sup": []}
    found: dict[str, list[IndexName]] = {"sub": [], "sup": []}
    for place, items in (("sub", name.subs), ("sup", name.sups)):
        for item in items:
            index = builder.indices.get(item.single or "")
            if index is not None:
                found[place].append(index)
            elif found[place]:
                raise SpecError(
                    Text(
                        f"{text.strip()}: the label {label(item)} stands after an index",
                        f"{text.strip()}: метка {label(item)} стоит после индекса",
                    )
                )
            else:
                labels[place].append(label(item))
    indices = (*found["sup"], *found["sub"])
    order: tuple[int, ...] = ()
    if builder.sample is not None and any(i.index.extent == builder.sample.index.extent for i in indices[1:]):
        places = sorted(range(len(indices)), key=lambda k: indices[k].index.extent != builder.sample.index.extent)  # type: ignore[union-attr]
        indices = tuple(indices[k] for k in places)
        order = tuple(places.index(k) for k in range(len(places)))
    sampled = bool(indices) and builder.sample is not None and indices[0].index.extent == builder.sample.index.extent
    axes = (*(i.index.extent for i in indices), *sizes)
    bases = (*(i.base for i in indices), *(builder.known.base_of(s) for s in sizes))
    base = name.base + "'" * name.primes
    tensor = Tensor(_plain(base, [*labels["sup"], *labels["sub"], *tail], builder), axes, role)
    return Declared(
        base, tuple(labels["sub"]), tuple(labels["sup"]), tensor, len(indices), bases,
        sample=sampled, above=len(found["sup"]), latex=text.strip(), order=order, tail=tail,
    )  # fmt: skip


def _tail(builder: Builder, name: Name) -> tuple[Name, tuple[str, ...]]:
    """The name without the labels behind its indices, and those labels: the 0 of the bias w_{j0}."""
    kept = list(name.subs)
    while kept and kept[-1].single not in builder.indices and any(s.single in builder.indices for s in kept):
        kept.pop()
    return replace(name, subs=tuple(kept)), tuple(label(item) for item in name.subs[len(kept) :])


def _plain(base: str, labels: list[str], builder: Builder) -> str:
    """The name for messages and counterexamples; unique."""
    plain = "_".join([re.sub(r"\\mathrm|[\\{}]", "", base), *labels])
    taken = {q.tensor.name for q in builder.quantities}
    return plain if plain not in taken else f"{plain}_{len(taken)}"
