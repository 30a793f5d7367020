"""Single edits of a line: every way to undo one slip, grouped by the kind of slip.

Each function yields :class:`Edit` objects for one tree.  Most edits make nonsense and are thrown away by the
search (``diagnose``); what matters is that the slips people make are undone by exactly one of them.
``rank`` orders edits that mend equally well: the lower, the likelier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from symbolic.affine import Affine
from symbolic.verify.syntax import (
    Add,
    BigSum,
    Call,
    Cases,
    Component,
    Deriv,
    Frac,
    Hadamard,
    Indicator,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Path,
    Power,
    Relation,
    Script,
    Transpose,
    places,
    put,
    walk,
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited tree; ``old`` and ``new`` are what was exchanged (None: inserted, or taken away)."""

    kind: str
    tree: Node
    old: Node | None = None
    new: Node | None = None
    path: Path = ()
    rank: int = 0


TWO, ONE, HALF = Num(Fraction(2)), Num(Fraction(1)), Frac(Num(Fraction(1)), Num(Fraction(2)))


def product(*factors: Node) -> Node:
    """A flat product without ones."""
    flat: list[Node] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Mul) else (factor,))
    flat = [f for f in flat if f != ONE]
    return ONE if not flat else flat[0] if len(flat) == 1 else Mul(tuple(flat))


def total(terms: Iterable[Node]) -> Node:
    kept = tuple(terms)
    return Num(Fraction(0)) if not kept else kept[0] if len(kept) == 1 else Add(kept)


def negated(node: Node) -> Node:
    if isinstance(node, Neg):
        return node.argument
    if isinstance(node, Num):
        return Num(-node.value)
    return Neg(node)


def is_variable(tree: Node, path: Path) -> bool:
    """Whether the place is (inside) what a derivative is taken by."""
    node = tree
    for step in path:
        if isinstance(node, Deriv) and step == 1:
            return True
        node = node.children[step]
    return False


def product_places(tree: Node) -> Iterator[tuple[Path, Node]]:
    """Where a factor may be put: whole terms, bodies of Σ, arguments; not single factors, not ∂'s variable."""
    for path, node in places(tree):
        if is_variable(tree, path) or isinstance(node, Add | Neg | Relation):
            continue
        parent = tree
        for step in path[:-1]:
            parent = parent.children[step]
        if (
            not path
            or isinstance(parent, Add | Neg | BigSum | Frac | Call | Deriv | Cases | Hadamard)
            or (isinstance(parent, Mul) and isinstance(node, BigSum))
        ):
            yield path, node


# -- signs and numbers -----------------------------------------------------------------------------


def signs(tree: Node) -> Iterator[Edit]:
    """A minus for a plus: of the line, of a term, of a factor, of a number."""
    yield Edit("sign", negated(tree), tree, negated(tree), (), 0)
    for path, node in places(tree):
        if is_variable(tree, path) or _in_exponent(tree, path):
            continue
        if isinstance(node, Add):
            for k, term in enumerate(node.terms):
                terms = (*node.terms[:k], negated(term), *node.terms[k + 1 :])
                yield Edit("sign", put(tree, path, Add(terms)), term, negated(term), (*path, k), 0)
        elif isinstance(node, Neg):
            yield Edit("sign", put(tree, path, node.argument), node, node.argument, path, 1)
        elif path and isinstance(node, Call | Mul | Power | Name | Frac | BigSum):
            parent = tree
            for step in path[:-1]:
                parent = parent.children[step]
            if isinstance(parent, Call | Frac | BigSum) and not (
                isinstance(parent, Call) and len(parent.arguments) > 1
            ):
                yield Edit("sign", put(tree, path, Neg(node)), node, Neg(node), path, 1)
        if isinstance(node, Num) and node.value and path:
            yield Edit("sign", put(tree, path, Num(-node.value)), node, Num(-node.value), path, 2)


def numbers(tree: Node, sizes: Iterable[str]) -> Iterator[Edit]:
    """A factor 2, ½, N, 1/N too many or too few; a number that should be another."""
    names = [Name(s) for s in sizes]
    scales = [
        TWO,
        HALF,
        *(Frac(ONE, n) for n in names),
        *names,
        Num(Fraction(4)),
        Frac(ONE, Num(Fraction(4))),
        Num(Fraction(3)),
    ]
    for path, node in product_places(tree):
        for k, scale in enumerate(scales[: 2 if path else None]):
            inside = isinstance(node, Num) and not path
            if not inside:
                yield Edit("factor", put(tree, path, product(scale, node)), None, scale, path, k + 2 * (len(path) > 2))
    for path, node in places(tree):
        if isinstance(node, Add) and not is_variable(tree, path) and path:
            for k, scale in enumerate(scales[:2]):
                yield Edit("factor", put(tree, path, product(scale, node)), None, scale, path, k + 3)
        if isinstance(node, Num) and not is_variable(tree, path):
            for value in (node.value * 2, node.value / 2, node.value + 1, node.value - 1):
                if value:
                    yield Edit("factor", put(tree, path, Num(value)), node, Num(value), path, 1)
    for path, node in places(tree):
        if isinstance(node, Frac) and isinstance(node.denominator, Name | Num):
            yield Edit("factor", put(tree, path, node.numerator), node.denominator, None, path, 1)


def powers(tree: Node) -> Iterator[Edit]:
    """An exponent not lowered, a square lost."""
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        if isinstance(node, Power) and isinstance(node.exponent, Num | Neg | Frac):
            exponent = node.exponent
            if isinstance(exponent, Neg):
                yield Edit("power", put(tree, path, Power(node.base, exponent.argument)), node, None, path, 1)
                yield Edit("power", put(tree, path, node.base), node, node.base, path, 0)
            if isinstance(exponent, Num):
                lowered = node.base if exponent.value == 2 else Power(node.base, Num(exponent.value - 1))
                for factor in (exponent, Num(-exponent.value)):  # (u²)' is 2u u', and u' may be -1
                    ruled = product(factor, lowered)
                    yield Edit("power", put(tree, path, ruled), node, ruled, path, 2)
                for value in (exponent.value - 1, exponent.value + 1):
                    fresh: Node = node.base if value == 1 else ONE if value == 0 else Power(node.base, Num(value))
                    yield Edit("power", put(tree, path, fresh), node, fresh, path, 0)
        if isinstance(node, Name | Call | Add | Component) and not isinstance(_parent(tree, path), Power):
            fresh = Power(node, TWO)
            yield Edit("power", put(tree, path, fresh), node, fresh, path, 1)
        if isinstance(node, Frac):
            yield Edit("power", put(tree, path, product(node.numerator, node.denominator)), node, None, path, 2)


def _parent(tree: Node, path: Path) -> Node | None:
    if not path:
        return None
    node = tree
    for step in path[:-1]:
        node = node.children[step]
    return node


def _in_exponent(tree: Node, path: Path) -> bool:
    """Inside an exponent (not that of e): a sign there is a matter of the power rule."""
    node = tree
    for step in path:
        if isinstance(node, Power) and step == 1:
            return True
        node = node.children[step]
    return False


def _bound_around(tree: Node, path: Path) -> set[str]:
    """The letters of the Σs that a place stands in."""
    found: set[str] = set()
    node = tree
    for step in path:
        if isinstance(node, BigSum):
            found |= set(node.indices)
        node = node.children[step]
    return found


def _inside_call(tree: Node, path: Path) -> bool:
    node = tree
    for step in path:
        if isinstance(node, Call):
            return True
        node = node.children[step]
    return False


# -- sums and indices ------------------------------------------------------------------------------


def sums(tree: Node, letters: Iterable[str], sample: str = "") -> Iterator[Edit]:
    """A Σ lost, one too many, over too little or too much.

    A lost Σ is put only over an index that is free there (over another one it would be a factor); the
    ``sample`` may be meant without being written.
    """
    for path, node in places(tree):
        if isinstance(node, BigSum):
            if len(node.indices) == 1:
                yield Edit("extra_sum", put(tree, path, node.body), node, node.body, path, 0)
            for k in range(len(node.indices) if len(node.indices) > 1 else 0):
                fewer = replace(node, indices=(*node.indices[:k], *node.indices[k + 1 :]), lower=None, upper=None)
                yield Edit("extra_sum", put(tree, path, fewer), node, fewer, path, 0)
            if node.conditions:
                whole = replace(node, conditions=())
                yield Edit("condition", put(tree, path, whole), node, whole, path, 1)
            if node.lower is not None and not node.lower.terms:
                for shift in (-1, 1):
                    moved = replace(node, lower=node.lower + shift)
                    yield Edit("index", put(tree, path, moved), node, moved, path, 3)
    letters = tuple(letters)
    summed = {letter for n in walk(tree) if isinstance(n, BigSum) for letter in n.indices}
    for path, node in places(tree):
        if is_variable(tree, path) or isinstance(node, Num | Relation):
            continue
        used = free_letters(node) - _bound_around(tree, path)
        for letter in letters:
            if letter in used or (not path and letter == sample and sample not in summed):
                wrapped = BigSum((letter,), None, None, (), node)
                yield Edit(
                    "missing_sum", put(tree, path, wrapped), node, wrapped, path, len(path) + (letter not in used)
                )
    # Σ over the first factor alone, where it should reach over all, and over everything where it should not
    for path, node in places(tree):
        if isinstance(node, Mul) and any(isinstance(f, BigSum) for f in node.factors):
            for k, factor in enumerate(node.factors):
                if isinstance(factor, BigSum):
                    rest = (*node.factors[:k], factor.body, *node.factors[k + 1 :])
                    fresh = replace(factor, body=product(*rest))
                    yield Edit("missing_sum", put(tree, path, fresh), node, fresh, path, 2)
        if isinstance(node, Add) and any(isinstance(t, BigSum) for t in node.terms):
            for k, term in enumerate(node.terms):
                if isinstance(term, BigSum):
                    fresh = replace(term, body=total((*node.terms[:k], term.body, *node.terms[k + 1 :])))
                    yield Edit("missing_sum", put(tree, path, fresh), node, fresh, path, 3)
        if isinstance(node, BigSum) and isinstance(node.body, Add):
            for k, term in enumerate(node.body.terms):
                rest_ = replace(node, body=total((*node.body.terms[:k], *node.body.terms[k + 1 :])))
                yield Edit("extra_sum", put(tree, path, Add((rest_, term))), node, Add((rest_, term)), path, 2)


def free_letters(node: Node) -> set[str]:
    """Letters in subscripts, and single names that may be indices above (x^k), not bound by a Σ inside."""
    found = letters_of(node)
    if isinstance(node, Name) and node.bare:
        found.add(node.base)
    for child in node.children:
        found |= free_letters(child)
    return found - set(node.indices) if isinstance(node, BigSum) else found


def letters_of(node: Node) -> set[str]:
    """The letters in the subscripts that this very node carries."""
    if isinstance(node, Name):
        return {key for item in (*node.subs, *node.sups) for key in item.keys}
    if isinstance(node, Component):
        return {key for item in node.subs for key in item.keys}
    return set()


def indices(tree: Node, letters: Iterable[str]) -> Iterator[Edit]:
    """Another letter, two of them swapped, one lost or one too many."""
    letters = tuple(letters)
    for path, node in places(tree):
        if isinstance(node, Name):
            for fresh, rank in _renamed(node, letters):
                yield Edit("index", put(tree, path, fresh), node, fresh, path, rank)
        elif isinstance(node, Component):
            for k, item in enumerate(node.subs):
                for letter in letters:
                    if item.single is not None and item.single != letter:
                        fresh_ = replace(node, subs=(*node.subs[:k], Affine.of(letter), *node.subs[k + 1 :]))
                        yield Edit("index", put(tree, path, fresh_), node, fresh_, path, 0)
        elif isinstance(node, BigSum) and len(node.indices) == 1:
            for letter in letters:
                if letter != node.indices[0]:
                    other = replace(node, indices=(letter,), lower=None, upper=None)
                    yield Edit("index", put(tree, path, other), node, other, path, 2)
        if isinstance(node, Power) and isinstance(node.exponent, Name) and node.exponent.bare:
            yield Edit("index", put(tree, path, node.base), node, node.base, path, 2)


def _renamed(node: Name, letters: tuple[str, ...]) -> Iterator[tuple[Name, int]]:
    for place in ("subs", "sups"):
        items = node.subs if place == "subs" else node.sups
        for k, item in enumerate(items):
            if item.single is None and item.number is None:
                for letter in item.keys:
                    for other in letters:
                        if other != letter:
                            yield _with(node, place, k, item.replace({letter: Affine.of(other)})), 0
                for shift in (1, -1):
                    yield _with(node, place, k, item + shift), 1
                for letter in item.keys:
                    yield _with(node, place, k, Affine.of(letter)), 1
                continue
            for letter in letters:
                if item.single != letter:
                    yield _with(node, place, k, Affine.of(letter)), 0 if item.single else 1
        for a in range(len(items)):
            for b in range(a + 1, len(items)):
                swapped = list(items)
                swapped[a], swapped[b] = swapped[b], swapped[a]
                yield _placed(node, place, tuple(swapped)), 1
    for letter in letters:
        yield replace(node, subs=(*node.subs, Affine.of(letter))), 2
        if node.subs:
            yield replace(node, subs=(Affine.of(letter), *node.subs)), 2
    if node.subs:
        yield replace(node, subs=node.subs[:-1]), 2
        if len(node.subs) > 1:
            yield replace(node, subs=node.subs[1:]), 2


def _with(node: Name, place: str, k: int, item: Script) -> Name:
    items = node.subs if place == "subs" else node.sups
    return _placed(node, place, (*items[:k], item, *items[k + 1 :]))


def _placed(node: Name, place: str, items: tuple[Script, ...]) -> Name:
    return replace(node, subs=items) if place == "subs" else replace(node, sups=items)


# -- factors and terms -----------------------------------------------------------------------------


def removals(tree: Node) -> Iterator[Edit]:
    """A factor or a term too many."""
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        if isinstance(node, Mul | Hadamard):
            for k, factor in enumerate(node.children):
                rest = (*node.children[:k], *node.children[k + 1 :])
                fresh = rest[0] if len(rest) == 1 else node.rebuild(rest)
                numeric = _numeric(factor)
                kind = "factor" if numeric else "extra_factor"
                yield Edit(kind, put(tree, path, fresh), factor, None, (*path, k), 0 if numeric else 1)
        elif isinstance(node, Add):
            for k, term in enumerate(node.terms):
                rest = (*node.terms[:k], *node.terms[k + 1 :])
                yield Edit("extra_term", put(tree, path, total(rest)), term, None, (*path, k), 2)
        elif isinstance(node, Frac) and not _numeric(node.denominator):
            yield Edit("extra_factor", put(tree, path, node.numerator), node.denominator, None, path, 2)


def _numeric(node: Node) -> bool:
    if isinstance(node, Neg):
        return _numeric(node.argument)
    if isinstance(node, Frac):
        return _numeric(node.numerator) and isinstance(node.denominator, Num | Name)
    return isinstance(node, Num)


def insertions(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """A lost factor, behind or before what stands there."""
    pool = tuple(pool)
    for path, node in product_places(tree):
        # a factor outside Σ or over a fraction bar is as good inside
        if isinstance(node, BigSum) or isinstance(_parent(tree, path), Deriv | Call | Frac) or _inside_call(tree, path):
            continue
        for k, factor in enumerate(pool):
            yield Edit("missing_factor", put(tree, path, product(node, factor)), None, factor, path, k)
    for path, node in places(tree):
        if isinstance(node, Add) and not is_variable(tree, path):
            for k, factor in enumerate(pool):
                yield Edit("missing_factor", put(tree, path, product(node, factor)), None, factor, path, k + 5)


def leading(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """A lost factor in front, where the order matters (matrices)."""
    for path, node in product_places(tree):
        for k, factor in enumerate(pool):
            yield Edit("missing_factor", put(tree, path, product(factor, node)), None, factor, path, k)
            yield Edit("missing_factor", put(tree, path, Hadamard((node, factor))), None, factor, path, k)


def terms(tree: Node, pool: Iterable[tuple[str, Node]]) -> Iterator[Edit]:
    """A lost term."""
    pool = tuple(pool)
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        parent = _parent(tree, path)
        outer = not path or isinstance(parent, BigSum | Neg | Mul | Call | Frac | Hadamard)
        if (
            not outer
            or (isinstance(node, Num) and path)
            or (path and isinstance(parent, Mul) and not isinstance(node, Add))
        ):
            continue
        if path and isinstance(parent, Hadamard | Frac) and not isinstance(node, Add):
            continue
        for k, (kind, term) in enumerate(pool):
            whole = Add((*node.terms, term)) if isinstance(node, Add) else Add((node, term))
            yield Edit(kind, put(tree, path, whole), None, term, path, k + len(path))


def replacements(tree: Node, pool: Iterable[tuple[str, Node, Node]]) -> Iterator[Edit]:
    """One sub-tree for another, at one place, then at all places at once."""
    for kind, old, new in pool:
        found = [path for path, node in places(tree) if node == old]
        for path in found:
            yield Edit(kind, put(tree, path, new), old, new, path, 0)
        if len(found) > 1:
            whole = tree
            for path in sorted(found, key=len, reverse=True):
                whole = put(whole, path, new)
            yield Edit(kind, whole, old, new, found[0], 1)


# -- matrices, conditions --------------------------------------------------------------------------


def transposes(tree: Node) -> Iterator[Edit]:
    """Transposed, or not; the order of two factors."""
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        if isinstance(node, Transpose):
            yield Edit("transpose", put(tree, path, node.argument), node, node.argument, path, 0)
        elif isinstance(node, Name | Add | Deriv | Hadamard | Call) and not isinstance(_parent(tree, path), Transpose):
            fresh = Transpose(node)
            yield Edit("transpose", put(tree, path, fresh), node, fresh, path, 1 if isinstance(node, Name) else 2)
        if isinstance(node, Mul):
            for k in range(len(node.factors) - 1):
                f = node.factors
                swapped = Mul((*f[:k], f[k + 1], f[k], *f[k + 2 :]))
                yield Edit("transpose", put(tree, path, swapped), node, swapped, path, 3)
                both = Mul((*f[:k], _flip(f[k + 1]), _flip(f[k]), *f[k + 2 :]))
                yield Edit("transpose", put(tree, path, both), node, both, path, 3)
                for turned in ((_flip(f[k + 1]), f[k]), (f[k + 1], _flip(f[k]))):
                    other = Mul((*f[:k], *turned, *f[k + 2 :]))
                    yield Edit("transpose", put(tree, path, other), node, other, path, 3)
    yield Edit("transpose", Transpose(tree), tree, Transpose(tree), (), 2)


def _flip(node: Node) -> Node:
    return node.argument if isinstance(node, Transpose) else Transpose(node)


def hadamards(tree: Node) -> Iterator[Edit]:
    """A product where ⊙ should stand, and ⊙ where a product should."""
    for path, node in places(tree):
        if isinstance(node, Mul):
            for k in range(1, len(node.factors)):
                left, right = product(*node.factors[:k]), product(*node.factors[k:])
                yield Edit("hadamard", put(tree, path, Hadamard((left, right))), node, Hadamard((left, right)), path, 0)
                if 1 < k + 1 < len(node.factors) + 1:
                    pair = Hadamard((node.factors[k - 1], node.factors[k]))
                    joined = product(*node.factors[: k - 1], pair, *node.factors[k + 1 :])
                    yield Edit("hadamard", put(tree, path, joined), node, joined, path, 0)
            if len(node.factors) > 2:
                split = Hadamard(node.factors)
                yield Edit("hadamard", put(tree, path, split), node, split, path, 1)
                tail = product(node.factors[0], Hadamard(node.factors[1:]))
                yield Edit("hadamard", put(tree, path, tail), node, tail, path, 1)
        elif isinstance(node, Hadamard):
            yield Edit("hadamard", put(tree, path, Mul(node.factors)), node, Mul(node.factors), path, 0)
            for k in range(1, len(node.factors)):
                f = node.factors
                joined_ = (*f[: k - 1], product(f[k - 1], f[k]), *f[k + 1 :])
                fresh = joined_[0] if len(joined_) == 1 else Hadamard(joined_)
                yield Edit("hadamard", put(tree, path, fresh), node, fresh, path, 0)
                turned = (*f[: k - 1], product(_flip(f[k - 1]), f[k]), *f[k + 1 :])
                fresh = turned[0] if len(turned) == 1 else Hadamard(turned)
                yield Edit("hadamard", put(tree, path, fresh), node, fresh, path, 1)


def conditions(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """The condition of relu and of cases: the other way round, of something else, missing."""
    pool = tuple(pool)
    for path, node in places(tree):
        if isinstance(node, Relation):
            turned = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": "!=", "!=": "="}
            fresh = replace(node, sign=turned[node.sign])
            yield Edit("condition", put(tree, path, fresh), node, fresh, path, 0)
            for left in (True, False):
                for k, other in enumerate(pool):
                    fresh = replace(node, left=other) if left else replace(node, right=other)
                    yield Edit("condition", put(tree, path, fresh), node, fresh, path, 1 + k)
                flipped = replace(node, left=negated(node.left)) if left else replace(node, right=negated(node.right))
                yield Edit("condition", put(tree, path, flipped), node, flipped, path, 1)
        if isinstance(node, Cases) and len(node.parts) >= 3:
            values = [k for k, p in enumerate(node.parts) if not isinstance(p, Relation)]
            parts = list(node.parts)
            parts[values[0]], parts[values[1]] = parts[values[1]], parts[values[0]]
            yield Edit("condition", put(tree, path, Cases(tuple(parts))), node, Cases(tuple(parts)), path, 0)


def indicators(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """relu′ or the slope of a max forgotten: [a > 0] put in."""
    for path, node in product_places(tree):
        for k, argument in enumerate(pool):
            for relation in (Relation(">", argument, Num(Fraction(0))), Relation("<", argument, Num(Fraction(0)))):
                fresh = product(Indicator(relation), node)
                yield Edit("activation_derivative", put(tree, path, fresh), None, Indicator(relation), path, k)


def deltas(tree: Node, letters: Iterable[str]) -> Iterator[Edit]:
    """δ_{jk} for a 1, in front of a term, added, or with other letters."""
    letters = tuple(letters)
    pairs = [(a, b) for i, a in enumerate(letters) for b in letters[i + 1 :]]
    symbols = [Name(r"\delta", (Affine.of(a), Affine.of(b))) for a, b in pairs]
    for path, node in places(tree):
        if is_variable(tree, path):
            continue
        for symbol in symbols:
            if node == ONE:
                yield Edit("delta", put(tree, path, symbol), node, symbol, path, 0)
            if isinstance(node, Add):
                for k, term in enumerate(node.terms):
                    fresh = Add((*node.terms[:k], _times(symbol, term), *node.terms[k + 1 :]))
                    yield Edit("delta", put(tree, path, fresh), term, _times(symbol, term), (*path, k), 1)
        if isinstance(node, Mul):
            for mended, old in _off_diagonal(node, letters):
                yield Edit("delta", put(tree, path, mended), old, mended, path, 1)
    for path, node in product_places(tree):
        for symbol in symbols:
            yield Edit("delta", put(tree, path, product(symbol, node)), None, symbol, path, 2)
    for path, node in places(tree):
        if isinstance(node, Name) and node.base in (r"\delta", "I") and len(node.subs) == 2:
            yield Edit("delta", put(tree, path, ONE), node, ONE, path, 1)
        if isinstance(node, Neg) and not is_variable(tree, path):  # -p_k p_m for p_k (δ - p_m)
            inner = node.argument
            if isinstance(inner, Mul):
                for symbol in symbols:
                    for k, factor in enumerate(inner.factors):
                        put_in = Add((symbol, Neg(factor)))
                        fresh_ = product(*inner.factors[:k], put_in, *inner.factors[k + 1 :])
                        yield Edit("delta", put(tree, path, fresh_), node, fresh_, path, 2)


def _off_diagonal(node: Mul, letters: tuple[str, ...]) -> Iterator[tuple[Node, Node]]:
    """v_k (δ_{kl} - v_l) for v_k (1 - v_k): softmax taken for a function of one number."""
    for value in node.factors:
        complement = Add((ONE, Neg(value)))
        if not isinstance(value, Name) or complement not in node.factors:
            continue
        for own in letters_of(value):
            for other in letters:
                if other != own:
                    moved = replace(value, subs=tuple(s.replace({own: Affine.of(other)}) for s in value.subs))
                    whole = Add((Name(r"\delta", (Affine.of(own), Affine.of(other))), Neg(moved)))
                    yield node.rebuild(tuple(whole if f == complement else f for f in node.factors)), node


def _times(symbol: Node, term: Node) -> Node:
    return Neg(product(symbol, term.argument)) if isinstance(term, Neg) else product(symbol, term)
