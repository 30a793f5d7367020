"""What went wrong in a line: the smallest edit that mends it.

Edits are tried in stages, the likeliest slips first; each candidate is read like a person's line and
judged at a few floats.  The first stage that holds a mending edit gives the diagnosis; within a stage the
lower rank wins.  What floats accept is then compared in earnest, so a repair shown is a line that holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from symbolic.affine import Index
from symbolic.evidence import compare
from symbolic.expr import Add as ExprAdd
from symbolic.expr import Call as ExprCall
from symbolic.expr import Expr, free_indices, tensors
from symbolic.verify import edits
from symbolic.verify.declared import Declarations, Declared
from symbolic.verify.edits import Edit
from symbolic.verify.elaborate import elaborate
from symbolic.verify.header import Model
from symbolic.verify.marking import Diagnosis
from symbolic.verify.naming import candidates
from symbolic.verify.own import own_line
from symbolic.verify.points import Numbers, Points
from symbolic.verify.pool import Pool, build
from symbolic.verify.reading import Meaning, Reading
from symbolic.verify.sentences import sentence
from symbolic.verify.sides import Read
from symbolic.verify.syntax import (
    Add,
    BigSum,
    Call,
    Deriv,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    NotUnderstood,
    Num,
    Path,
    Power,
    ShapeError,
    places,
    put,
    walk,
)
from symbolic.verify.typeset import typeset
from symbolic.verify.value import Value, relabelled
from symbolic.words import Text

#: Seconds that the search for one repair may take: for the first wrong line, and for later ones.
TIME_LIMIT = 3.0
LATER_LIMIT = 0.5
ONE, TWO = Num(Fraction(1)), Num(Fraction(2))


@dataclass(frozen=True, slots=True)
class Case:
    """A wrong link: both sides, all sides of the chain, and the type error if that is what is wrong."""

    model: Model
    points: Points
    before: Read
    here: Read
    seen: tuple[Node, ...]
    problem: ShapeError | None
    #: What the chain began with.
    goal: Meaning | None = None
    #: Seconds for the search.
    seconds: float = TIME_LIMIT


def diagnose(case: Case) -> Diagnosis:
    """The diagnosis of a wrong line; kind "other" when no single edit mends it."""
    assert case.here.node is not None
    search = Search(case)
    found = search.run()
    if found is not None:
        edit, kind = found
        return Diagnosis(kind, sentence(kind, edit), typeset(edit.tree))
    kind = case.problem.kind if case.problem is not None else "other"
    said = sentence("none", Edit(kind, case.here.node), case.problem)
    ours = own_line(case.goal, case.model.declarations) if case.goal is not None else ""
    if ours:
        said = said + Text(
            f"; by components our derivation ends in ${ours}$", f"; по компонентам наш вывод кончается на ${ours}$"
        )
    return Diagnosis(kind, said)


@dataclass
class Search:
    case: Case
    deadline: float = 0.0
    tried: set[Node] = field(default_factory=set)
    targets: list[tuple[Meaning, list[Numbers]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.case.seconds
        for meaning in self.case.before.meanings:
            values = self.case.points.values(meaning.value.expr, self.labels(meaning.value), meaning.auxiliary)
            if values is not None:
                self.targets.append((meaning, values))

    def labels(self, value: Value) -> tuple[Index, ...]:
        rest = sorted(free_indices(value.expr) - set(value.axes))
        return (*value.axes, *rest)

    def run(self) -> tuple[Edit, str] | None:
        for stage in self.stages():
            best: tuple[float, Edit, str] | None = None
            for edit in stage:
                if time.monotonic() > self.deadline:
                    break
                if (
                    edit.tree in self.tried
                    or edit.tree == self.case.before.node
                    or (best is not None and edit.rank >= best[0])
                ):
                    continue
                self.tried.add(edit.tree)
                if self.mends(edit.tree):
                    kind = self.classify(edit)
                    best = (edit.rank, edit, kind)
                    if edit.rank <= 0:
                        break
            if best is not None:
                return best[1], best[2]
            if time.monotonic() > self.deadline:
                break
        return None

    # -- trying ------------------------------------------------------------------------------------

    def mends(self, tree: Node) -> bool:
        """Whether the edited line equals the line before it, at floats and then in earnest."""
        for target, numbers in self.targets:
            for meaning in self.meanings(tree):
                expr = self.fitted(target.value, meaning)
                if expr is None:
                    continue
                helpers = (*target.auxiliary, *meaning.auxiliary)
                if self.case.points.matches(numbers, expr, self.labels(target.value), helpers):
                    return self.confirmed(target, expr, meaning)
        return False

    def meanings(self, tree: Node) -> Iterator[Meaning]:
        known = self.case.model.declarations
        readings = [Reading()]
        if known.sample is not None and not self.over_sample(tree):
            readings.append(Reading(column=True))
        for reading in readings:
            try:
                yield elaborate(tree, known, reading)
            except (NotUnderstood, RecursionError, ValueError, AssertionError):
                continue

    def over_sample(self, tree: Node) -> bool:
        """Whether a Σ over the sample stands there: then nothing is a column."""
        sample = self.case.model.declarations.sample
        return sample is not None and any(isinstance(n, BigSum) and sample.index.name in n.indices for n in walk(tree))

    def fitted(self, target: Value, meaning: Meaning) -> Expr | None:
        """The candidate over the axes of the target, when shapes and indices fit."""
        value = meaning.value
        if len(value.axes) != len(target.axes) or (len(value.axes) == 1 and value.row != target.row):
            return None
        if any(a.extent != b.extent for a, b in zip(value.axes, target.axes, strict=True)):
            return None
        if (free_indices(value.expr) - set(value.axes)) - (free_indices(target.expr) | set(target.axes)):
            return None
        return relabelled(value, target.axes).expr

    def confirmed(self, target: Meaning, expr: Expr, meaning: Meaning) -> bool:
        definitions = (*self.case.model.declarations.definitions, *target.auxiliary, *meaning.auxiliary)
        return compare(target.value.expr, expr, definitions=definitions, domains={**self.case.model.domains}).holds

    # -- the stages --------------------------------------------------------------------------------

    def stages(self) -> Iterator[Iterable[Edit]]:
        tree = self.case.here.node
        assert tree is not None
        pool = build(tree, self.case.seen, self.case.model.declarations)
        letters = pool.letters
        sizes = self.case.model.declarations.sizes
        yield edits.signs(tree)
        yield edits.powers(tree)
        yield edits.insertions(tree, pool.slopes)
        yield self.chained(
            lambda: edits.sums(tree, letters, self.sample_letter()),
            lambda: edits.conditions(tree, (*pool.arguments, Num(Fraction(0)), *pool.names)),
        )
        yield self.chained(
            lambda: edits.numbers(tree, sizes),
            lambda: edits.indices(tree, letters),
            lambda: edits.removals(tree),
            lambda: edits.powers(tree),
        )
        yield self.chained(lambda: edits.hadamards(tree), lambda: edits.transposes(tree))
        yield self.chained(lambda: edits.terms(tree, self.bias_terms(pool)))
        yield self.chained(
            lambda: edits.deltas(tree, letters[:6]),
            lambda: self.slope_calls(tree),
            lambda: edits.replacements(tree, self.other_arguments(tree, pool)),
        )
        seen = [n for node in self.case.seen for n in walk(node) if isinstance(n, Deriv)]
        yield self.chained(lambda: edits.insertions(tree, dict.fromkeys(seen)))
        yield self.chained(
            lambda: edits.replacements(tree, self.other_names(tree, pool)),
            lambda: self.other_slopes(tree, pool),
        )
        yield edits.insertions(tree, self.own_factors(pool))
        yield edits.replacements(tree, self.other_pieces(tree, pool))
        yield self.chained(lambda: edits.terms(tree, self.missing_terms(tree, pool)))
        yield self.chained(
            lambda: edits.insertions(tree, (*pool.derivatives, *pool.names)),
            lambda: edits.replacements(tree, self.other_derivatives(tree, pool)),
            lambda: edits.indicators(tree, pool.arguments[:8]),
            lambda: edits.leading(tree, self.own_factors(pool)),
        )
        yield self.chained(lambda: edits.indicators(tree, pool.arguments))

    def chained(self, *makers: Callable[[], Iterable[Edit]]) -> Iterator[Edit]:
        for maker in makers:
            yield from maker()

    def sample_letter(self) -> str:
        sample = self.case.model.declarations.sample
        return sample.index.name if sample is not None else ""

    def own_factors(self, pool: Pool) -> tuple[Node, ...]:
        return tuple(dict.fromkeys((*pool.factors, *pool.slopes, *pool.names)))

    def slope_calls(self, tree: Node) -> Iterator[Edit]:
        """h(u) where h′(u) should stand, h′(u) where h(u) should."""
        from dataclasses import replace

        for path, node in places(tree):
            if isinstance(node, Call) and node.function.base in self.case.model.declarations.functions:
                primes = 1 if node.function.primes == 0 else 0
                fresh = replace(node, function=replace(node.function, primes=primes))
                yield Edit("activation_derivative", put(tree, path, fresh), node, fresh, path, 0)

    def other_arguments(self, tree: Node, pool: Pool) -> Iterator[tuple[str, Node, Node]]:
        from dataclasses import replace

        calls = {n for n in walk(tree) if isinstance(n, Call) and len(n.arguments) == 1}
        for call in sorted(calls, key=typeset):
            for argument in pool.arguments:
                if argument != call.arguments[0]:
                    yield "argument", call, replace(call, arguments=(argument,))

    def other_names(self, tree: Node, pool: Pool) -> Iterator[tuple[str, Node, Node]]:
        names = list(dict.fromkeys(n for n in walk(tree) if isinstance(n, Name)))
        for name in names:
            if not candidates(self.case.model.declarations, name):
                continue
            for other in pool.names:
                if other != name and (other.base != name.base or other.subs != name.subs):
                    yield "symbol", name, other
            yield "symbol", name, Add((ONE, Neg(name)))
        for call in dict.fromkeys(n for n in walk(tree) if isinstance(n, Call)):
            if candidates(self.case.model.declarations, call.function):
                for other in pool.names:
                    if other.base != call.function.base:
                        yield "symbol", call, other

    def other_slopes(self, tree: Node, pool: Pool) -> Iterator[Edit]:
        """v (1 - v) of another quantity: both mentions at once."""
        for path, node in places(tree):
            if not isinstance(node, Mul | Hadamard):
                continue
            for old in node.children:
                rest = [f for f in node.children if is_complement(f, old)]
                if not isinstance(old, Name) or not rest:
                    continue
                for new in pool.names:
                    if new.base != old.base:
                        fresh = {old: new, rest[0]: Add((ONE, Neg(new)))}
                        whole = node.rebuild(tuple(fresh.get(f, f) for f in node.children))
                        kind = "argument" if self.is_value(old) else "symbol"
                        yield Edit(kind, put(tree, path, whole), old, new, path, 0)

    def other_pieces(self, tree: Node, pool: Pool) -> Iterator[tuple[str, Node, Node]]:
        """A bracket or a call where a plain quantity should stand."""
        pieces = [n for n in walk(tree) if isinstance(n, Call | Add) and len(list(walk(n))) < 14]
        for piece in dict.fromkeys(pieces):
            for other in pool.names[:24]:
                yield "symbol", piece, other

    def other_derivatives(self, tree: Node, pool: Pool) -> Iterator[tuple[str, Node, Node]]:
        for node in dict.fromkeys(n for n in walk(tree) if isinstance(n, Deriv)):
            for other in pool.derivatives:
                if other != node:
                    yield "symbol", node, other

    def bias_terms(self, pool: Pool) -> Iterator[tuple[str, Node]]:
        for bias in pool.biases:
            yield "bias", bias

    def missing_terms(self, tree: Node, pool: Pool) -> Iterator[tuple[str, Node]]:
        """∂R/∂w, other paths of the graph, terms of the lines before."""
        known = self.case.model.declarations
        goals = [n for node in self.case.seen[:1] for n in walk(node) if isinstance(n, Deriv)]
        goals += [
            n for node in (self.case.before.node,) if node is not None for n in walk(node) if isinstance(n, Deriv)
        ]
        for goal in goals[:4]:
            for quantity in known.quantities:
                if quantity.defined and quantity.base in ("R", r"\Omega"):
                    yield "regularizer", Deriv(Name(quantity.base), goal.by)
            for body in penalties(known):
                yield "regularizer", Deriv(body, goal.by)
        for node in self.case.seen:
            for part in walk(node):
                if isinstance(part, Add):
                    for term in part.terms:
                        yield self.term_kind(term), term
        yield from self.other_paths(tree)

    def other_paths(self, tree: Node) -> Iterator[tuple[str, Node]]:
        """A term like one that stands there, through another node: ∂Q/∂t ∂t/∂x after ∂Q/∂z ∂z/∂x."""
        known = self.case.model.declarations
        values = [q for q in known.quantities if q.defined and not q.implicit] + [
            q for q in known.quantities if q.implicit
        ]
        terms = [t for n in walk(tree) if isinstance(n, Add) for t in n.terms] or [tree]
        for term in terms[:6]:
            through = {n.by for n in walk(term) if isinstance(n, Deriv) and isinstance(n.by, Name)}
            through |= {Name(str(n.subs[0])) for n in walk(term) if isinstance(n, Name) and n.base == "E" and n.subs}
            for old in sorted(through, key=typeset):
                for q in values:
                    if q.base != old.base:
                        yield "path", swapped(term, old.base, q.base)

    def term_kind(self, term: Node) -> str:
        known = self.case.model.declarations
        if any(isinstance(n, Name) and n.base in (r"\lambda", r"\alpha", r"\mu", "R", r"\gamma") for n in walk(term)):
            return "regularizer"
        if any(isinstance(n, Deriv) or (isinstance(n, Name) and n.base == "E") for n in walk(term)):
            return "path"
        if isinstance(term, Name) and candidates(known, term) and candidates(known, term)[0].tensor.role == "parameter":
            return "bias"
        return "missing_term"

    # -- names of slips ----------------------------------------------------------------------------

    def classify(self, edit: Edit) -> str:
        """The kind of slip: an edit's own kind, seen in its surroundings."""
        tree, kind = edit.tree, edit.kind
        if kind == "missing_factor" and edit.new is not None:
            if isinstance(edit.new, Deriv):
                return "missing_factor"
            if self.is_slope(edit.new, tree, edit.path):
                return "activation_derivative"
        if (
            kind == "extra_factor"
            and edit.old is not None
            and self.is_slope(edit.old, self.case.here.node, edit.path[:-1])
        ):
            return "activation_derivative"
        if kind == "argument" and isinstance(edit.old, Call) and isinstance(edit.new, Call):
            call = edit.new
            slope = any(isinstance(n, Mul) and call in n.factors and _has_complement(n, call) for n in walk(tree))
            return "argument" if slope else argument_kind(edit.old, edit.new)
        if kind == "power":
            inside = self.enclosing_slope(self.case.here.node, edit.path) or self.enclosing_slope(tree, edit.path)
            return "activation_derivative" if inside else "power"
        if kind == "symbol" and edit.old is not None and edit.new is not None and edit.path:
            primed = self.inside_primed(self.case.here.node, edit.path)
            return "argument" if primed or self.both_in_slope(edit) else "symbol"
        if kind == "extra_term" and edit.old is not None:
            guess = self.term_kind(edit.old)
            return guess if guess in ("regularizer", "bias", "path") else "extra_term"
        if kind == "index" and isinstance(edit.old, Name) and isinstance(edit.new, Name):
            known = self.case.model.declarations
            meant, written = candidates(known, edit.new), candidates(known, edit.old)
            if meant and written and meant[0] != written[0]:
                return "symbol"
        return kind

    def is_slope(self, factor: Node, tree: Node | None, path: Path) -> bool:
        """1 - v, 1 - v², h′(u), v(1 - v), or v beside (1 - v), where v is the value of an activation."""
        if isinstance(factor, Call) and factor.function.primes:
            return True
        if isinstance(factor, Mul):
            return any(self.is_slope(f, None, ()) for f in factor.factors)
        if (
            isinstance(factor, Add)
            and len(factor.terms) == 2
            and factor.terms[0] == ONE
            and isinstance(factor.terms[1], Neg)
        ):
            inner = factor.terms[1].argument
            if isinstance(inner, Power) and inner.exponent == TWO:
                inner = inner.base
            return self.is_value(inner)
        if self.is_exponential(factor):
            return True
        if tree is not None and self.is_value(factor):
            for node in walk(tree):
                if isinstance(node, Mul | Hadamard):
                    # v may also be an input of the next layer: then v(1 - v) v would stand there
                    count = sum(alike(child, factor) for child in node.children)
                    if count == 1 and any(is_complement(child, factor) for child in node.children):
                        return True
        return False

    def is_exponential(self, node: Node) -> bool:
        """The value of an exponential is its own slope."""
        known = self.case.model.declarations
        found = candidates(known, node) if isinstance(node, Name) else []
        formula = next((d.formula for d in known.definitions if found and d.target == found[0].tensor), None)
        return isinstance(formula, ExprCall) and formula.function.name == "exp"

    def is_value(self, node: Node) -> bool:
        known = self.case.model.declarations
        if isinstance(node, Call):
            if node.function.base in known.functions or node.function.base in ("tanh", "exp"):
                return True
            node = node.function
        if not isinstance(node, Name):
            return False
        found = candidates(known, node)
        if not found or not found[0].defined:
            return False
        formula = next((d.formula for d in known.definitions if d.target == found[0].tensor), None)
        return isinstance(formula, ExprCall) or (
            formula is not None and not isinstance(formula, ExprAdd) and _has_exp(formula)
        )

    def enclosing_slope(self, tree: Node | None, path: Path) -> bool:
        node = tree
        for step in path:
            if node is None or step >= len(node.children):
                return False
            if (
                isinstance(node, Add)
                and node.terms[0] == ONE
                and len(node.terms) == 2
                and isinstance(node.terms[1], Neg)
            ):
                inner = node.terms[1].argument
                inner = inner.base if isinstance(inner, Power) else inner
                if self.is_value(inner):
                    return True
            node = node.children[step]
        return False

    def inside_primed(self, tree: Node | None, path: Path) -> bool:
        node = tree
        for step in path:
            if node is None:
                return False
            if isinstance(node, Call) and node.function.primes:
                return True
            node = node.children[step]
        return False

    def both_in_slope(self, edit: Edit) -> bool:
        """v (1 - v) with the value of another node."""
        assert edit.old is not None
        before = self.case.here.node
        if before is None:
            return False
        old = edit.old
        return edit.rank == 1 and any(
            isinstance(n, Mul) and any(is_complement(f, old) for f in n.factors) and old in n.factors
            for n in walk(before)
        )


def alike(a: Node, b: Node) -> bool:
    """The same quantity, with or without its sample index or arguments."""
    a = a.function if isinstance(a, Call) and not (isinstance(b, Call)) else a
    b = b.function if isinstance(b, Call) and not (isinstance(a, Call)) else b
    if isinstance(a, Name) and isinstance(b, Name):
        return a.base == b.base
    return a == b


def is_complement(node: Node, value: Node) -> bool:
    """1 - v."""
    return (
        isinstance(node, Add)
        and len(node.terms) == 2
        and node.terms[0] == ONE
        and isinstance(node.terms[1], Neg)
        and alike(node.terms[1].argument, value)
    )


def _has_complement(node: Mul, value: Node) -> bool:
    return any(
        isinstance(f, Add) and len(f.terms) == 2 and f.terms[0] == ONE and f.terms[1] == Neg(value)
        for f in node.factors
    )


def argument_kind(old: Call, new: Call) -> str:
    """A wrong argument, unless it differs by the bias or by one symbol only."""
    a, b = old.arguments[0], new.arguments[0]
    terms = set(b.terms) if isinstance(b, Add) else {b}
    have = set(a.terms) if isinstance(a, Add) else {a}
    if have < terms and len(terms - have) == 1 and isinstance(next(iter(terms - have)), Name):
        return "bias"
    if not old.function.primes and _one_name_apart(a, b):
        return "symbol"
    return "argument"


def _one_name_apart(a: Node, b: Node) -> bool:
    if a == b:
        return False
    if isinstance(a, Name) and isinstance(b, Name):
        return True
    if type(a) is not type(b) or len(a.children) != len(b.children) or not a.children:
        return False
    apart = [(x, y) for x, y in zip(a.children, b.children, strict=True) if x != y]
    return len(apart) == 1 and _one_name_apart(*apart[0])


def swapped(node: Node, old: str, new: str) -> Node:
    """Every mention of a quantity replaced by another, in E_z and ∂z too."""
    from dataclasses import replace

    from symbolic.affine import Affine

    if isinstance(node, Name):
        base = new if node.base == old else node.base
        subs = tuple(Affine.of(new) if s.single == old else s for s in node.subs)
        below = swapped(node.below, old, new) if node.below is not None else None
        return replace(node, base=base, subs=subs, below=below)
    return node.rebuild(tuple(swapped(child, old, new) for child in node.children))


def penalties(known: Declarations) -> Iterator[Node]:
    """The terms of Q and of R that have nothing to do with the sample."""
    for quantity in known.quantities:
        if quantity.tensor.axes or not quantity.defined or quantity.body is None:
            continue
        if quantity.tensor != known.objective and not is_penalty(quantity, known):
            continue
        for term in quantity.body.terms if isinstance(quantity.body, Add) else (quantity.body,):
            sample = known.sample.index.name if known.sample is not None else ""
            if not any(isinstance(n, BigSum) and sample in n.indices for n in walk(term)):
                yield term


def is_penalty(quantity: Declared, known: Declarations) -> bool:
    """Made of parameters and constants alone."""
    formula = next((d.formula for d in known.definitions if d.target == quantity.tensor), None)
    return (
        formula is not None
        and any(t.role == "parameter" for t in tensors(formula))
        and not any(
            t.role == "value" or t.axes[:1] == (known.sample.index.extent,) for t in tensors(formula) if known.sample
        )
    )


def _has_exp(formula: Expr) -> bool:
    from symbolic.expr import walk as walk_expr

    return any(isinstance(n, ExprCall) and n.function.name == "exp" for n in walk_expr(formula))
