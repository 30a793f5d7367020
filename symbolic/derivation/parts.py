"""Names for parts of a formula, where a derivation without them has lines that nobody reads.

A lecturer who comes to L = -ln Σ_k π_k exp(-(t - μ_k)²/2σ_k²)/σ_k says "let ξ_k be the exponential" and goes on.  So
here: while a line of some E_α is too long, the formula that makes it so gets a name for the part that shortens it most,
a definition like any other, with an error of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from symbolic.derivation.adjoint import AdjointDefinition, adjoint
from symbolic.derivation.calculus import partials
from symbolic.language.affine import Index
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Call, Entry, Expr, Fold, Mul, Pow, Sum, Tensor, Where
from symbolic.language.matching import unify
from symbolic.language.names import unused
from symbolic.language.recurrence import runs_round
from symbolic.language.terms import free_indices, tensors, transform, walk
from symbolic.network.coarse import coarse
from symbolic.network.objective import Objective
from symbolic.notation.unicode import unicode

#: A line of more characters gives a part of its formula a name.
LONG = 180
#: What is shorter needs no name, and what is left of a formula has to be shorter by this.
WORTHWHILE = 5
#: So many names are given at most; no line is worth more.
MOST_NAMES = 16
#: Greek, so that no index is called by the same letter.
LETTERS = ("xi", "eta", "zeta", "kappa", "psi", "omega", "chi", "nu")


@lru_cache(maxsize=256)
def with_named_parts(objective: Objective) -> Objective:
    """The objective as backpropagation reads it, with as many parts named as its lines need."""
    objective = replace(objective, definitions=coarse(objective.definitions))
    if runs_round(objective.definitions):
        return objective  # a part of a step would be a value of the loop
    for _ in range(MOST_NAMES):
        crowded = dict.fromkeys(
            user for entry in adjoint(objective).entries for user in _too_long(entry, objective.value)
        )
        if len(crowded) > MOST_NAMES:
            break  # names for some would leave the lines of the others as long
        named = next((made for user in crowded if (made := _with_a_name(objective, user)) is not None), None)
        if named is None:
            break
        objective = named
    return objective


def named_parts(objective: Objective) -> tuple[Definition, ...]:
    """The definitions that only stand for parts of others."""
    known = {definition.target for definition in objective.definitions}
    return tuple(d for d in with_named_parts(objective).definitions if d.target not in known)


def _too_long(entry: AdjointDefinition, value: Tensor) -> Iterator[Definition]:
    """The users that make a line of this E too long, the one with the largest share first."""
    stages = max((len(c.log) for c in entry.contributions), default=0)
    shares: dict[Definition, int] = {}
    whole = 0
    for stage in range(stages):
        lines = [(c.user, c.log[min(stage, len(c.log) - 1)].after) for c in entry.contributions if c.log]
        lengths = {user: length for user, line in lines if (length := _length(line)) is not None}
        whole = max(whole, sum(lengths.values()))
        shares = {user: max(shares.get(user, 0), n) for user, n in (shares | lengths).items()}
    if whole > LONG:
        yield from (user for user in sorted(shares, key=lambda u: -shares[u]) if user.target != value)


@lru_cache(maxsize=2000)
def _length(line: Expr) -> int | None:
    """How many characters of text a line is; None while there is a derivative to do in it."""
    return None if any(True for _ in partials(line)) else len(unicode(line))


@dataclass(frozen=True)
class _Part:
    """A part of a formula, and what the formula is with a name for it."""

    formula: Expr
    indices: tuple[Index, ...]
    left: Expr
    saved: int


def _with_a_name(objective: Objective, user: Definition) -> Objective | None:
    """The objective with a name for the part of this definition that makes it shortest; None where none is worth it."""
    taken = {tensor.name for d in objective.definitions for tensor in (d.target, *tensors(d.formula))}
    stems = [letter for letter in LETTERS if letter not in taken] or [*LETTERS]
    owner = user.node or user.target.name
    best = _best_part(user)
    if best is None:
        return None
    name = next((n for n in (f"{stem}_{owner}" for stem in stems) if n not in taken), None)
    axes = tuple(index.extent for index in best.indices)
    part = Tensor(name or unused(f"{stems[0]}_{owner}", taken), axes)
    held = transform(best.left, lambda node: _renamed(node, part))
    defined = Definition(part, best.indices, best.formula, "node", user.node)
    definitions: list[Definition] = []
    for definition in objective.definitions:
        definitions += [defined, replace(user, formula=held)] if definition == user else [definition]
    return replace(objective, definitions=tuple(definitions))


@lru_cache(maxsize=2000)
def _best_part(user: Definition) -> _Part | None:
    """The part of the formula that saves most; None where none is worth a name."""
    found = [one for candidate in _candidates(user) if (one := _part(candidate, user)) is not None]
    return max(found, key=lambda one: one.saved) if found else None


def _candidates(user: Definition) -> list[Expr]:
    """The parts that mean something by themselves: an argument, what is raised or divided by, a sum, a maximum."""
    found: dict[Expr, None] = {}
    for node in walk(user.formula):
        match node:
            case Call(_, arguments):
                found.update(dict.fromkeys((node, *arguments)))
            case Pow(base, _):
                found.update(dict.fromkeys((node, base)))
            case Sum() | Fold() | Where() | Mul() | Add():
                found[node] = None
    bound = {node.index for node in walk(user.formula) if isinstance(node, Sum | Fold)}
    whole = len(unicode(user.formula))
    argument = user.formula.children if isinstance(user.formula, Call | Fold) else ()
    return [
        node
        for node in found
        if isinstance(node, Call | Pow | Sum | Fold | Where | Mul | Add)
        and node != user.formula
        and (node in argument or WORTHWHILE <= len(unicode(node)) <= 3 * whole // 4)
        and free_indices(node) <= {*user.indices, *bound}
    ]


#: Stands for the part until it has its name.
_HERE = "⋆"


def _part(candidate: Expr, user: Definition) -> _Part | None:
    """The candidate with all that it saves: each place where the same stands, with other indices too."""
    order = {index: k for k, index in enumerate(user.indices)}
    indices = tuple(sorted(free_indices(candidate), key=lambda index: (order.get(index, len(order)), index)))
    placeholder = Tensor(_HERE, tuple(index.extent for index in indices))
    variables = frozenset(indices)

    def change(node: Expr) -> Expr | None:
        if type(node) is not type(candidate):
            return None
        if node == candidate:
            return placeholder[indices] if indices else Entry(placeholder)
        binding = unify(candidate, node, variables)
        if binding is None or not binding.keys() >= variables:
            return None
        at = [binding[index] for index in indices]
        fits = all(sub.single is not None and sub.single.extent == i.extent for i, sub in zip(indices, at, strict=True))
        return Entry(placeholder, tuple(at)) if fits else None

    left = transform(user.formula, change)
    saved = len(unicode(user.formula)) - len(unicode(left))
    return _Part(candidate, indices, left, saved) if saved >= WORTHWHILE else None


def _renamed(node: Expr, part: Tensor) -> Expr | None:
    return Entry(part, node.subscripts) if isinstance(node, Entry) and node.tensor.name == _HERE else None
