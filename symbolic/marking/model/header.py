"""The header of comment lines that declares a model, and the same text made from a Network.

    %! sizes N d J
    %! index i = 1..N sample
    %! data x_i : R^d
    %! param w_{1,j} : R^d
    %! func \\sigma = sigmoid
    %! let z_j(x) = \\sigma(w_{1,j}^T x)

A model is always such a list of lines; ``declare`` reads them in order, and a later line may use what
an earlier one said.  Errors are SpecErrors that begin with the number of the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from symbolic.errors import SpecError
from symbolic.fuel import spend
from symbolic.language.affine import Affine, Index, Size
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Role, Symbol, Tensor, add, mul
from symbolic.language.expr import number as constant
from symbolic.language.functions import Function, U, generic
from symbolic.language.terms import free_indices, substitute, tensors
from symbolic.marking.grammar.einstein import summings
from symbolic.marking.grammar.parse import parse, read_formula
from symbolic.marking.grammar.tree import Add, Call, Name, Neg, Node, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.grammar.unrolled import NO_LAYERS, Layers, at_layer
from symbolic.marking.meaning.declared import (
    ONE_SIZE,
    Declarations,
    Declared,
    Formula,
    IndexName,
    function_key,
    label,
)
from symbolic.marking.meaning.elaborate import elaboration
from symbolic.marking.meaning.naming import LetWords, Words
from symbolic.marking.meaning.reading import Meaning, Reading
from symbolic.marking.meaning.sides import readings
from symbolic.marking.meaning.value import ANY_LENGTH, Value, fresh_axis
from symbolic.marking.model.header_lines import LONGEST, StrayIndex, calls_in, squared, with_class
from symbolic.marking.model.layered import in_line, written_out
from symbolic.marking.text.chains import Side
from symbolic.marking.text.reader import read
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.network.catalogue import ACTIVATIONS, FUNCTIONS
from symbolic.words import Text

#: Words after the colon that say from where values come; the domain in the words of ``symbolic.evidence.evidence``.
DOMAINS = {
    "positive": "positive", "binary": "binary", "onehot": "onehot", "sign": "sign", "probability": "positive",
    "nonnegative": "positive",
}  # fmt: skip
#: Domains of single values.
DISCRETE = ("binary", "sign", "onehot")
KEYWORDS = (
    "sizes", "index", "data", "param", "const", "matrix", "vector", "func", "let", "convention", "scalar",
    "layers", "steps",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """A model that derivations are held against."""

    declarations: Declarations
    domains: dict[Tensor | str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    #: The same header in other readings that its definitions leave open; the text decides.
    others: tuple[Model, ...] = ()
    #: The readings that were taken in the header.
    taken: frozenset[str] = frozenset()


#: The convention under which an index that stands twice in a product is summed over.
EINSTEIN = "einstein"
#: The convention under which a prime transposes what is given as a vector or a matrix.
PRIME = "prime"
#: What a line of a header counts for.
STEPS = 100
#: Points of a header's definitions that its text may decide: (y - Xw)^2 as a vector or as a length.
OPEN_IN_HEADERS = ("squared", "matrix_power", "argument")


#: Lengths and indices are declared first, wherever they stand: everything else may use them.
_RANGES = {"sizes": 0, "size": 0, "index": 1, "indices": 1, "convention": 1}


@dataclass
class _Builder:
    sizes: dict[str, Size] = field(default_factory=dict)
    indices: dict[str, IndexName] = field(default_factory=dict)
    quantities: list[Declared] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    families: dict[str, str | None] = field(default_factory=dict)
    formulas: dict[str, Formula] = field(default_factory=dict)
    definitions: list[Definition] = field(default_factory=list)
    domains: dict[Tensor | str, str] = field(default_factory=dict)
    sample: IndexName | None = None
    row_convention: bool = False
    sums_repeated: bool = False
    primes_transpose: bool = False
    #: The points at which to take the other reading, and those that made a difference.
    preferred: frozenset[str] = frozenset()
    open: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    layers: Layers = NO_LAYERS
    #: By name, the arguments with which functions are called in the header, place by place.
    #: The names that the header declares, as they are typed.
    typed: str = ""
    called: Mapping[str, frozenset[tuple[int, Name]]] = field(default_factory=dict)

    @property
    def known(self) -> Declarations:
        objective = next((q.tensor for q in reversed(self.quantities) if q.defined and q.base == "Q"), None)
        if objective is None:
            whole = [q for q in self.quantities if q.defined and not q.tensor.axes]
            objective = whole[-1].tensor if whole else None
        if objective is None:
            defined = [q.tensor for q in self.quantities if q.defined]
            objective = defined[-1] if defined and len(defined[-1].axes) == 0 else None
        return Declarations(
            self.sizes, self.indices, tuple(self.quantities), self.functions, self.formulas, tuple(self.definitions),
            self.sample, objective, self.row_convention, self.sums_repeated, self.primes_transpose,
            frozenset(t for t, domain in self.domains.items() if isinstance(t, Tensor) and domain in DISCRETE),
            families=self.families,
            layers=self.layers,
        )  # fmt: skip


def declare(lines: Iterable[tuple[int, str]]) -> Model:
    """Read the lines of a header: (number for messages, text after ``%!``)."""
    lines = tuple(lines)
    try:
        usual, open_points = _declared_in(lines, frozenset())
    except StrayIndex as stray:
        lines = with_class(lines, stray)
        try:
            usual, open_points = _declared_in(lines, frozenset())
        except SpecError:
            raise stray from None
    others: list[Model] = []
    for point in filter(open_points.__contains__, OPEN_IN_HEADERS):
        try:
            others.append(_declared_in(lines, frozenset({point}))[0])
        except SpecError:
            continue
    return replace(usual, others=tuple(others))


def _declared_in(lines: tuple[tuple[int, str], ...], preferred: frozenset[str]) -> tuple[Model, set[str]]:
    """The model in one reading, and the points that this reading leaves open."""
    builder = _Builder(preferred=preferred, called=calls_in(line for _, line in lines))
    builder.typed = "\n".join(line.rpartition(":")[0] for _, line in lines if not line.startswith("let"))
    each_layer, builder.layers = written_out(lines)
    for number, line in sorted(each_layer, key=lambda line: _RANGES.get(line[1].split(" ")[0].rstrip(":"), 2)):
        spend(STEPS + len(builder.quantities))
        text = re.sub(r"(?<!\\)#.*", "", line).strip().rstrip(";").rstrip()
        if not text:
            continue
        if len(text) > LONGEST:
            raise SpecError(
                Text(
                    f"too long: {len(text)} characters; at most {LONGEST} are read as one line",
                    f"слишком длинно: {len(text)} символов; в одной строке читается не больше {LONGEST}",
                )
            ).at(in_line(number))
        keyword, _, rest = text.partition(" ")
        keyword = keyword.rstrip(":")
        reader = _READERS.get(keyword)
        if reader is None:
            raise SpecError(
                Text(
                    f"%! {keyword}: one of {', '.join(KEYWORDS)} was expected",
                    f"%! {keyword}: нужно одно из слов {', '.join(KEYWORDS)}",
                )
            ).at(in_line(number))
        try:
            reader(builder, rest.strip())
        except NotUnderstood as problem:
            raise SpecError(problem.said + Text(f" in {rest.strip()!r}", f" в {rest.strip()!r}")).at(
                in_line(number)
            ) from None
        except SpecError as problem:
            raise problem.at(in_line(number)) from None
    model = Model(builder.known, builder.domains, tuple(text for _, text in lines), taken=frozenset(builder.taken))
    return model, builder.open


# -- sizes and indices -----------------------------------------------------------------------------


def _sizes(builder: _Builder, rest: str) -> None:
    for item in re.findall(r"(\\?[A-Za-z]+\w*(?:_\{\w+\})?|\\ell)\s*(?:=\s*(\d+))?", rest):
        name, number = re.sub(r"[{}]", "", item[0]), item[1]
        builder.sizes[name] = Affine((), int(number)) if number else Affine.of(name.lstrip("\\"))
    if not builder.sizes:
        raise SpecError(Text("sizes: names such as N d J were expected", "sizes: нужны имена, например N d J"))


def _index(builder: _Builder, rest: str) -> None:
    found = re.fullmatch(
        r"(?P<names>.+?)\s*(?:=|:|\\in)\s*(?P<low>-?\d+)\s*(?:\.\.+|,?\s*\\l?dots\s*,?)\s*(?P<high>.+?)(?P<sample>\s+sample)?",
        rest,
    )
    if found is None:
        raise SpecError(
            Text(f"index {rest}: something like j = 1..J was expected", f"index {rest}: нужно что-то вроде j = 1..J")
        )
    low = int(found["low"])
    extent = _size(builder, found["high"]) - (low - 1)
    for name in re.split(r"[,\s]+", found["names"].strip()):
        builder.indices[name] = IndexName(Index(name, extent), low)
        if found["sample"]:
            builder.sample = builder.sample or builder.indices[name]
    if builder.sample is None and extent == Affine.of("N") and low == 1:
        builder.sample = builder.indices[re.split(r"[,\s]+", found["names"].strip())[0]]


def _size(builder: _Builder, text: str) -> Size:
    """``d``, ``3``, ``d+1``."""
    total: Size = Affine((), 0)
    for sign, number, name in re.findall(
        r"([+-]?)\s*(?:(\d+)|(\\?[A-Za-z]\w*))", text.replace("{", "").replace("}", "")
    ):
        if name and name not in builder.sizes:
            raise SpecError(
                Text(
                    f"the size {name} is not declared (%! sizes {name})", f"размер {name} не объявлен (%! sizes {name})"
                )
            )
        part = builder.sizes[name] if name else Affine((), int(number))
        total = total + (-part if sign == "-" else part)
    if total == Affine((), 0):
        raise SpecError(Text(f"{text.strip()!r} is not a size", f"{text.strip()!r} — не размер"))
    return total


# -- data and parameters ---------------------------------------------------------------------------

_SHAPE = re.compile(
    r"(?P<set>\\mathbb\s*\{?R\}?|R|ℝ|[a-z]+)\s*(?:\^\s*(?P<shape>\{(?:[^{}]|\{[^{}]*\})*\}|\w+(?:\{\w+\})?))?"
)


def _type(builder: _Builder, text: str) -> tuple[tuple[Size, ...], str | None, bool]:
    """``R^{K x J} positive`` as sizes, a domain, and whether it is a row, ``R^{1 x J}``."""
    text = re.sub(r"\\(?:text|mathrm)\{(\w+)\}", r"\1", text).strip()
    text = {r"\{0,1\}": "binary", "{0,1}": "binary", r"\{-1,1\}": "sign", "{-1,1}": "sign", "{-1,+1}": "sign"}.get(
        text.replace(" ", ""), text
    )
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
    if kind is None and not (found["set"].startswith("\\mathbb") or found["set"] in ("R", "ℝ", "real", "scalar")):
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
    sizes = tuple(_size(builder, part) for part in re.split(r"\s*(?:\\times|×|\bx\b|\*|,)\s*", shape)) if shape else ()
    kept = tuple(s for s in sizes if s != ONE_SIZE)
    return kept, DOMAINS.get(kind or ""), len(sizes) == 2 and sizes[0] == ONE_SIZE and len(kept) == 1


def _quantity(role: Role) -> Callable[[_Builder, str], None]:
    def reader(builder: _Builder, rest: str) -> None:
        names, colon, kind = rest.rpartition(":")
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
        sizes, domain, row = _type(builder, kind.replace(symmetric.group(), "") if symmetric else kind)
        for text in _split_names(names):
            if not sizes and not value and (root := squared(text, builder.typed)):
                text, domain = root, "positive"  # σ² : R is a σ whose powers are meant
            name = _name(builder, text)
            own = () if domain == "onehot" and _counts_classes(builder, name, sizes) else sizes
            declared = replace(_declared(builder, name, own, role, text), row=row)
            builder.quantities.append(declared)
            if symmetric:
                _make_symmetric(builder, declared)
            if domain:
                builder.domains[declared.tensor] = domain
            if value.strip():
                node = _parse(builder, value)
                builder.definitions.append(Definition(declared.tensor, (), elaboration(builder.known).value(node).expr))

    return reader


def _counts_classes(builder: _Builder, name: Name, sizes: tuple[Size, ...]) -> bool:
    """``y_k : onehot^K`` with k = 1..K, which is no vector for each k: y_k is an entry of one."""
    last = builder.indices.get((name.subs or name.sups or (Affine((), 0),))[-1].single or "")
    return last is not None and last is not builder.sample and (last.index.extent,) == sizes


_CLASS = re.compile(
    r"(?:class\s+|label\s+|\\in\s*)?\\?\{?(?P<low>\d+)\s*(?:\.\.+|,?\s*(?:2\s*,\s*)?\\?l?dots\s*,?|,\s*\.\.\.\s*,)\s*(?P<high>\w+)\\?\}?"
)


def _class_labels(builder: _Builder, names: str, kind: re.Match[str]) -> None:
    """``y_i : class 1..K``: a number of a class, held as a vector with one 1."""
    low = int(kind["low"])
    extent = _size(builder, kind["high"]) - (low - 1)
    for text in _split_names(names):
        declared = _declared(builder, _name(builder, text), (extent,), "input", text)
        declared = replace(declared, classes=True, bases=(*declared.bases[:-1], low))
        builder.quantities.append(declared)
        builder.domains[declared.tensor] = "onehot"


def _make_symmetric(builder: _Builder, declared: Declared) -> None:
    """The half of another matrix and its transpose."""
    if len(declared.tensor.axes) != 2 or declared.tensor.axes[0] != declared.tensor.axes[1]:
        raise SpecError(
            Text(
                f"{declared.latex}: only a square matrix can be symmetric",
                f"{declared.latex}: симметричной может быть только квадратная матрица",
            )
        )
    half = Tensor(f"{declared.tensor.name} half", declared.tensor.axes, "input")
    a, b = (fresh_axis(axis) for axis in declared.tensor.axes)
    formula = mul(constant(Fraction(1, 2)), add(half[(a, b)], half[(b, a)]))
    builder.definitions.append(Definition(declared.tensor, (a, b), formula))


def _split_names(text: str) -> list[str]:
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "{(") - (character in "})")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [p.strip() for p in parts if p.strip()]


def _name(builder: _Builder, text: str) -> Name:
    node = parse(text, LetWords(builder.known))
    if not isinstance(node, Name):
        raise SpecError(Text(f"{text.strip()!r} is not a name", f"{text.strip()!r} — не имя"))
    return node


def _declared(builder: _Builder, name: Name, sizes: tuple[Size, ...], role: Role, text: str) -> Declared:
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


def _tail(builder: _Builder, name: Name) -> tuple[Name, tuple[str, ...]]:
    """The name without the labels behind its indices, and those labels: the 0 of the bias w_{j0}."""
    kept = list(name.subs)
    while kept and kept[-1].single not in builder.indices and any(s.single in builder.indices for s in kept):
        kept.pop()
    return replace(name, subs=tuple(kept)), tuple(label(item) for item in name.subs[len(kept) :])


def _plain(base: str, labels: list[str], builder: _Builder) -> str:
    """The name for messages and counterexamples; unique."""
    plain = "_".join([re.sub(r"\\mathrm|[\\{}]", "", base), *labels])
    taken = {q.tensor.name for q in builder.quantities}
    return plain if plain not in taken else f"{plain}_{len(taken)}"


# -- functions and definitions ---------------------------------------------------------------------


def _func(builder: _Builder, rest: str) -> None:
    left, equals, right = rest.partition("=")
    right = right.strip()
    if not equals or not right:
        raise SpecError(
            Text(
                f"func {rest}: something like \\sigma = sigmoid was expected",
                f"func {rest}: нужно что-то вроде \\sigma = sigmoid",
            )
        )
    for text in _split_names(left):
        text = re.sub(r"(?<![_^{])\([^()]*\)$", "", text.strip()).strip()
        written = _name(builder, text)
        name = function_key(written)
        if any(item.single in builder.indices for item in written.subs):
            _family(builder, written, right)
            continue
        if right == "generic":
            builder.functions[name] = generic(name.lstrip("\\"))
        elif right == "identity":
            builder.functions[name] = Function(name.lstrip("\\"), "named", U)
        elif right in ACTIVATIONS or right in FUNCTIONS:
            builder.functions[name] = {**FUNCTIONS, **ACTIVATIONS}[right]
        elif right in ("ln", "log"):
            builder.functions[name] = FUNCTIONS["log"]
        else:
            builder.functions[name] = _formula_function(builder, name, right)


def _family(builder: _Builder, name: Name, right: str) -> None:
    """``func g_k = generic``: a function for each k, one generic function that is shifted by a number of its own."""
    builder.families[name.base] = None
    if right != "generic":
        _func(builder, f"{name.base} = {right}")
        return
    builder.functions[name.base] = generic(name.base.lstrip("\\"))
    shift = _declared(builder, replace(name, base=f"{name.base} of"), (), "input", name.base)
    builder.quantities.append(shift)
    builder.families[name.base] = shift.base


def _formula_function(builder: _Builder, name: str, right: str) -> Function:
    """``func \\sigma = 1/(1 + e^{-u})``: a formula in one letter that is not declared."""
    node = _parse(builder, right)
    letters = {n.base for n in walk(node) if isinstance(n, Name) and n.bare and not builder.known.with_base(n.base)}
    letters -= {*builder.sizes, *builder.functions, *builder.indices, r"\pi", "e"}
    if len(letters) != 1 or any(len(letter) > 1 and letter.isalpha() for letter in letters):
        known = ", ".join(sorted([*ACTIVATIONS, "identity"]))
        raise SpecError(
            Text(
                f"func {name}: {right!r} is neither one of {known} nor a formula in one letter",
                f"func {name}: {right!r} — не одна из функций {known} и не формула от одной буквы",
            )
        )
    body = _scalar_body(builder, node, letters.pop())
    if body is None:
        raise SpecError(
            Text(
                f"func {name}: {right!r} is no formula of one number",
                f"func {name}: {right!r} — не формула от одного числа",
            )
        )
    return Function(name.lstrip("\\"), "named", body)


def _scalar_body(builder: _Builder, node: Node, letter: str) -> Expr | None:
    worker = elaboration(builder.known)
    worker.formals = {letter: Value(Symbol("\0"))}
    value = worker.value(node)
    if value.axes or free_indices(value.expr) or tensors(value.expr) or worker.auxiliary:
        return None
    return substitute(value.expr, {Symbol("\0"): U})


def _let(builder: _Builder, rest: str) -> None:
    chains = read(rest).chains
    if len(chains) != 1 or len(chains[0].sides) < 2:
        raise SpecError(
            Text(
                f"let {rest}: one definition such as p(z) = \\sigma(w^T z) was expected",
                f"let {rest}: нужно одно определение вида p(z) = \\sigma(w^T z)",
            )
        )
    left_side, right_side = chains[0].sides[0], chains[0].sides[-1]
    for side in (left_side, right_side):
        if side.problem:
            raise side.problem
    left = read_formula(left_side.tokens, LetWords(builder.known)).tree
    name, arguments = (left.function, left.arguments) if isinstance(left, Call) else (left, ())
    if not isinstance(name, Name):
        raise SpecError(Text(f"let {rest}: a name should stand on the left", f"let {rest}: слева должно стоять имя"))
    formals = tuple(a.base if isinstance(a, Name) else "" for a in arguments)
    body = _body(builder, right_side)
    mentioned = {n.base for n in walk(body) if isinstance(n, Name)}
    declared = {q.base for q in builder.quantities}
    own = [f for f in formals if f and f in mentioned and (f not in declared or _is_filled(builder, name, formals, f))]
    labels = (item.single for item in (*name.subs, *name.sups))
    if own and not name.primes and not any(label in builder.indices for label in labels):
        function = None
        if len(formals) == 1:
            function_body = _scalar_body(builder, body, formals[0])
            function = Function(name.base.lstrip("\\"), "named", function_body) if function_body is not None else None
        key = function_key(name)
        if name.bare:
            builder.formulas[key] = Formula(key, formals, body, function)
            return
        if function is not None:
            builder.functions[key] = function
            return
    define(builder, name, formals, body, rest)


def _is_filled(builder: _Builder, name: Name, formals: tuple[str, ...], formal: str) -> bool:
    """Whether a formal stands for one of several: k(x, c) is called with c_m, the m-th of the centres.

    The sample's index tells nothing: L(y, p) is as good as L(y_i, p_i).  What is defined stands for itself: after
    z_j(x) = … and p(z) = … is p(x_i) that of z(x_i).
    """
    defined = {definition.target for definition in builder.definitions}
    if any(quantity.tensor in defined for quantity in builder.known.with_base(formal)):
        return False
    place = formals.index(formal)
    given = [a for k, a in builder.called.get(function_key(name), frozenset()) if k == place]
    sample = builder.sample.index.name if builder.sample is not None else ""
    return any(
        item.single in builder.indices and item.single != sample
        for argument in given
        if argument.base == formal
        for item in (*argument.subs, *argument.sups)
    ) or any(argument.base != formal and builder.known.with_base(argument.base) for argument in given)


def _body(builder: _Builder, side: Side) -> Node:
    """The right side of a definition: Σ without brackets reaches as far as its index occurs, the rest as in a line."""
    known = builder.known
    wide = read_formula(side.tokens, Words(known), frozenset({"sum"}) | builder.preferred)
    builder.open |= wide.ambiguous
    builder.taken |= wide.ambiguous & builder.preferred
    trees = [wide.tree]
    for point in sorted(wide.ambiguous - {"sum"}):
        trees.append(read_formula(side.tokens, Words(known), frozenset({"sum", point})).tree)
    if known.sums_repeated:
        trees = [*(other for tree in trees for other in summings(tree, Words(known).is_index)), *trees]
    if known.layers.ranges:
        trees = [at_layer(tree, known.layers) for tree in trees]
    for tree in trees:
        if any(isinstance(meaning, Meaning) for meaning in readings(tree, known)):
            return tree
    return trees[0]


def define(builder: _Builder, name: Name, formals: tuple[str, ...], body: Node, text: str) -> None:
    """``name(formals) = body`` as a definition with the axes that the body has."""
    found = list(readings(body, builder.known))
    meanings = [m for m in found if isinstance(m, Meaning)]
    if not meanings:
        raise next(problem for problem in found if isinstance(problem, NotUnderstood))
    uniform = [m for m in meanings if not mixes(body, builder.known, m)]  # λ w² beside a loss is a length
    meaning = max(uniform or meanings, key=lambda m: len(m.taken & builder.preferred))
    builder.open |= meaning.open
    builder.taken |= meaning.taken
    builder.definitions.extend(meaning.auxiliary)
    declared, definition = defined(builder.known, name, meaning.value, formals, body, text)
    builder.quantities.append(declared)
    builder.definitions.append(definition)


def mixes(body: Node, known: Declarations, meaning: Meaning) -> bool:
    """Whether a sum adds a vector to a number that the model makes, as it would if w² were no length."""
    if not isinstance(body, Add) or not meaning.value.axes:
        return False
    terms = [term.argument if isinstance(term, Neg) else term for term in body.terms]
    try:
        values = [elaboration(known, Reading(meaning.taken)).value(term) for term in terms]
    except NotUnderstood:
        return False
    return any(not value.axes and tensors(value.expr) for value in values)


def defined(
    known: Declarations, name: Name, value: Value, formals: tuple[str, ...], body: Node | None, text: str
) -> tuple[Declared, Definition]:
    """A quantity with the value as its definition; its subscripts are those of the name."""
    builder = _Builder(dict(known.sizes), dict(known.indices), sample=known.sample)
    declared = _declared(builder, name, (), "value", typeset(name))
    items = [i for i in (*name.sups, *name.subs) if i.single in known.indices]
    indices = [known.indices[i.single or ""].index for i in items]
    if known.sample is not None and declared.sample:
        indices.sort(key=lambda i: i.extent != known.sample.index.extent)  # type: ignore[union-attr]
    if any(axis.extent == ANY_LENGTH for axis in value.axes):
        raise SpecError(
            Text(f"{typeset(name)}: nothing says how long it is", f"{typeset(name)}: неизвестно, какой она длины")
        )
    free = sorted(free_indices(value.expr) - set(value.axes) - set(indices))
    sample = known.sample.index if known.sample is not None else None
    implicit = sample is not None and sample in free and not declared.sample
    stray = [i.name for i in free if i != sample]
    if stray:
        raise StrayIndex(
            Text(
                f"{typeset(name)}: the index {stray[0]} stands on the right only",
                f"{typeset(name)}: индекс {stray[0]} стоит только справа",
            ),
            stray[0],
        )
    if sample is not None and sample in free and not implicit:
        raise SpecError(
            Text(
                f"{typeset(name)}: the index {sample.name} stands on the right only",
                f"{typeset(name)}: индекс {sample.name} стоит только справа",
            )
        )
    all_indices = ([sample] if implicit and sample is not None else []) + indices + list(value.axes)
    bases = {i.index: i.base for i in known.indices.values()}
    tensor = Tensor(declared.tensor.name, tuple(i.extent for i in all_indices), "value")
    full = replace(
        declared,
        tensor=tensor,
        bases=tuple(bases.get(i, known.base_of(i.extent)) for i in all_indices),
        sample=implicit or declared.sample,
        implicit=implicit,
        row=value.row and len(value.axes) == 1,
        formals=formals,
        defined=True,
        body=body,
        latex=typeset(name),
    )
    return full, Definition(tensor, tuple(all_indices), value.expr)


def _parse(builder: _Builder, text: str) -> Node:
    return parse(text, Words(builder.known))


def _convention(builder: _Builder, rest: str) -> None:
    if rest in ("row", "numerator", "transposed"):
        builder.row_convention = True
    elif rest in ("column", "shape", "denominator"):
        builder.row_convention = False
    elif rest == EINSTEIN:
        builder.sums_repeated = True
    elif rest == PRIME:
        builder.primes_transpose = True
    else:
        raise SpecError(
            Text(
                f"convention {rest}: row (∂Q/∂w is a row), column, {EINSTEIN} or {PRIME} was expected",
                f"convention {rest}: нужно row (∂Q/∂w — строка), column, {EINSTEIN} или {PRIME}",
            )
        )


_READERS: dict[str, Callable[[_Builder, str], None]] = {
    "sizes": _sizes, "size": _sizes, "index": _index, "indices": _index, "data": _quantity("input"),
    "param": _quantity("parameter"), "params": _quantity("parameter"), "const": _quantity("input"),
    "hyper": _quantity("input"), "matrix": _quantity("input"), "vector": _quantity("input"),
    "scalar": _quantity("input"), "func": _func, "let": _let, "convention": _convention,
}  # fmt: skip
