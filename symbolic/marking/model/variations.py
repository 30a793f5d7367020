"""Whether a text is written with differentials, and what varies in each of its chains.

``dW`` is read in two ways.  In ``dL = tr(Gᵀ dW)`` it is a differential; in notes on programming ``dW = dz xᵀ``
is a name for ∂L/∂W.  One text uses one of the two, and it shows: a differential of a free variable is never
*given* by a formula, and no differential equals something without a differential in it.

What varies: what the chain takes the differential of, together with all that other chains vary at the same time.
A parameter that is mentioned nowhere in such a chain is held fixed ("dL = δᵀ dW x" in a model with a bias).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import tensors, transform
from symbolic.marking.grammar.tree import (
    Call,
    Differential,
    Name,
    Neg,
    Node,
    Num,
    Transpose,
    capital,
    walk,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.directions import declared_direction, direction
from symbolic.marking.meaning.formulas import formula_of
from symbolic.marking.meaning.naming import Words, candidates
from symbolic.marking.model.declaring import Model
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood

ZERO = Num(Fraction(0))
#: What is kept while others vary, in words.
_HELD = re.compile(
    r"\b(?:keep|hold|treat|fix|счита|держ|полага)\w*\s+(?P<names>[^.;:\n]{1,60}?)\s+(?:(?:are|is|as|be)\s+)?"
    r"(?:constants?|fixed|unchanged|постоянн\w+|фиксированн\w+|неизменн\w+|констант\w+)\b"
    r"|\b(?:fix(?:ing)?|(?:за)?фиксиру\w+|(?:at|for|with)\s+fixed|при\s+фиксированн\w+)\s+(?P<behind>\$[^.;:\n]{1,60})",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\\?[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Variations:
    """What may vary in the chain of each number, the likeliest first; empty for a text without differentials."""

    choices: Mapping[int, tuple[frozenset[Tensor], ...]]
    #: Whether a d stands before a name anywhere: with more definitions it may turn out to be a differential.
    holds_differentials: bool = True

    def of(self, number: int) -> tuple[frozenset[Tensor], ...]:
        return self.choices.get(number, ())


@dataclass(frozen=True, slots=True)
class Mentions:
    """Of what a chain has differentials: free variables, and quantities with a formula."""

    free: frozenset[Tensor]
    defined: frozenset[Tensor]


def variations(document: Document, known: Declarations) -> Variations:
    """What may vary in the chains of a document."""
    if Words(known).is_quantity("d") or not any(has_d(chain) for chain in document.chains):
        return Variations({}, False)
    reading = known.with_differentials
    trees = {n: tuple(sides_of(chain, reading)) for n, chain in enumerate(document.chains, 1)}
    if not written_with_differentials(tuple(trees.values()), known, defined_in(document, reading)):
        return Variations(
            {}, any(isinstance(n, Differential) for sides in trees.values() for s in sides for n in walk(s))
        )
    fixed = {t for sides in trees.values() for t in held(sides, known)}
    chains = {n: mentions_of(sides, known, fixed) for n, sides in trees.items()}
    every = tuple(chains.values())
    together = {n: m.free.union(*(varying(t, m, every, known) for t in m.defined)) for n, m in chains.items()}
    groups = joined([found for n, found in together.items() if chains[n].free])
    mentioned = frozenset().union(*(m.free | m.defined for m in every))

    constant = {n: held_in_words(document, chain, known) for n, chain in enumerate(document.chains, 1)}

    def possible(number: int, found: frozenset[Tensor]) -> tuple[frozenset[Tensor], ...]:
        alone = moved_alone(chains[number], found, mentioned, known)
        usual = (*choices(chains[number], found, groups), *((alone,) if alone else ()))
        others = dict.fromkeys(choice - constant[number] for choice in usual)
        return (*usual, *(choice for choice in others if choice and choice not in usual))

    return Variations({n: possible(n, found) for n, found in together.items()})


def held_in_words(document: Document, chain: Chain, known: Declarations) -> frozenset[Tensor]:
    """The variables of which the text before a chain says that they are kept: ``First keep $b$ and $c$ constant``."""
    before = document.source[: chain.sides[0].span[0]]
    letters = {letter for said in _HELD.finditer(before) for letter in _LETTER.findall(said["names"] or said["behind"])}
    return frozenset(q.tensor for q in known.quantities if not q.defined and q.base in letters)


def moved_alone(
    chain: Mentions, found: frozenset[Tensor], mentioned: frozenset[Tensor], known: Declarations
) -> frozenset[Tensor]:
    """What moves the dΛ of ``dℓ = tr(S dΛ)`` where no line has a differential that the rest, a μ, would move alone."""
    moved_by = [known.closure(tensor) & found for tensor in chain.defined]
    kept = frozenset().union(*(moving for moving in moved_by if moving != found))
    rest = found - kept
    alone = any(made & rest and not made & kept for made in map(known.closure, mentioned))
    return kept if rest and not chain.free and not alone else frozenset()


def choices(chain: Mentions, found: frozenset[Tensor], groups: list[frozenset[Tensor]]) -> Iterator[frozenset[Tensor]]:
    """Where a chain names no variable (``de = vᵀ da``), it may belong to any one of the groups."""
    if chain.free:
        yield frozenset().union(*(group for group in groups if group & found))
        return
    yield found
    yield from (group for group in groups if group & found and group != found)


def varying(tensor: Tensor, chain: Mentions, every: tuple[Mentions, ...], known: Declarations) -> frozenset[Tensor]:
    """What moves a quantity whose differential stands in a chain: what the chain names, else what others name."""
    made_of = known.closure(tensor)
    named = frozenset(t for t in chain.defined if t.role != "value")  # a symmetric matrix, which is made of its half
    if made_of & (chain.free | (named - {tensor})):
        return frozenset()
    reached, waiting = {tensor}, [tensor]
    found: set[Tensor] = set()
    while waiting:
        at = waiting.pop()
        for other in every:
            if at in other.defined:
                found |= other.free
                fresh = other.defined - reached - {known.objective}
                reached |= fresh
                waiting.extend(sorted(fresh, key=lambda t: t.name))
    moving = frozenset(found) & made_of
    parameters = frozenset(t for t in made_of if t.role == "parameter")
    return moving or parameters or frozenset(t for t in made_of if is_free(t, known))


def is_free(tensor: Tensor, known: Declarations) -> bool:
    """Whether no definition makes it; that a matrix is symmetric makes nothing."""
    quantity = known.quantity_of(tensor)
    return quantity is not None and not quantity.defined


def has_d(chain: Chain) -> bool:
    """Whether a letter d or a ∂ stands in the chain at all."""
    tokens = [token for side in chain.sides for token in side.tokens]
    return any((t.kind == "letter" and t.text == "d") or t.is_command(r"\partial") for t in tokens)


def sides_of(chain: Chain, known: Declarations) -> Iterator[Node]:
    for side in chain.sides:
        if side.problem is None:
            try:
                yield formula_of(side, known).tree
            except (NotUnderstood, RecursionError):
                continue


def defined_in(document: Document, known: Declarations) -> frozenset[str]:
    """The letters that the text itself says what they are: Z = W X + b."""
    found: set[str] = set()
    for chain in document.chains:
        first = next(sides_of(replace(chain, sides=chain.sides[:1]), known), None) if len(chain.sides) > 1 else None
        name = name_of(first) if first is not None else None
        if name is not None and all(q.defined for q in known.with_base(name.base)):
            found.add(name.base)
    return frozenset(found)


def written_with_differentials(
    chains: tuple[tuple[Node, ...], ...], known: Declarations, own: frozenset[str] = frozenset()
) -> bool:
    """Whether dX is a differential in these chains, and not a name for a gradient; ``own`` are the text's values."""
    gradients = signs = False
    for sides in chains:
        heads = [head for side in sides if (head := bare(side)) is not None]
        signs = signs or any(is_plain_differential(head, known, own) for head in heads)
        if len(sides) > 1 and (left := bare(sides[0])) is not None:
            gradients = gradients or names_gradient(left, sides[1:], known, own)
    named_d = any(side == Name("d") for sides in chains for side in sides[:1])  # d = p - y: a name of the sheet's own
    first = 1 if "d" in known.sizes else None  # beside a size d, only what begins with a differential tells
    any_head = not named_d and any(bare(side) is not None for sides in chains for side in sides[:first])
    return any_head and (signs or not gradients)


def bare(side: Node) -> Differential | None:
    """The differential that a side consists of, a sign or a transpose aside."""
    while isinstance(side, Neg | Transpose):
        side = side.argument
    return side if isinstance(side, Differential) else None


def is_plain_differential(node: Differential, known: Declarations, own: frozenset[str]) -> bool:
    """Of the objective or of an expression: there a gradient has no such name."""
    name = name_of(node.argument)
    if name is None:
        return True
    tensor = tensor_of(name, known)
    if tensor is None:
        return not is_own(name, own) and not known.with_base(name.base) and known.objective is None
    return tensor == known.objective


def is_own(name: Name, own: frozenset[str]) -> bool:
    """Whether the text defines it, or the matrix that it is a column of."""
    return name.base in own or capital(name.base) in own


def names_gradient(left: Differential, rest: tuple[Node, ...], known: Declarations, own: frozenset[str]) -> bool:
    """``dW = dz xᵀ`` and ``dz = a - y``: what only a gradient can be equal to."""
    name = name_of(left.argument)
    tensor = tensor_of(name, known) if name is not None else None
    made = name is not None and is_own(name, own)
    if (tensor is None and not made) or any(side == ZERO for side in rest):
        return False
    if not made and (tensor is None or is_free(tensor, known)):
        return True
    return not any(isinstance(node, Differential) for side in rest for node in walk(side))


def name_of(node: Node) -> Name | None:
    while isinstance(node, Transpose | Call):
        node = node.argument if isinstance(node, Transpose) else node.function
    return node if isinstance(node, Name) else None


def tensor_of(name: Name, known: Declarations) -> Tensor | None:
    found = candidates(known, name)
    if not found:  # X for the matrix that was declared by its rows x_i
        found = candidates(known, replace(name, base=name.base.lower()))
    return found[0].tensor if found else None


def held(sides: tuple[Node, ...], known: Declarations) -> Iterator[Tensor]:
    """``dt = 0``: said to be constant."""
    if len(sides) == 2 and sides[1] == ZERO and isinstance(sides[0], Differential):
        name = name_of(sides[0].argument)
        tensor = tensor_of(name, known) if name is not None else None
        if tensor is not None and is_free(tensor, known) and tensor.role != "parameter":
            yield tensor


def mentions_of(sides: tuple[Node, ...], known: Declarations, fixed: set[Tensor]) -> Mentions:
    """The differentials that stand there; in d(…) of an expression, those of all parameters in it."""
    found: set[Tensor] = set()
    for node in (n for side in sides for n in walk(side) if isinstance(n, Differential)):
        name = name_of(node.argument)
        direct = name is not None and tensor_of(name, known) is not None  # dS, and not d tr(S⁻¹C)
        for part in walk(node.argument):
            tensor = tensor_of(part, known) if isinstance(part, Name) else None
            if tensor is not None and (direct or tensor.role == "parameter"):
                found.add(tensor)
    free = frozenset(t for t in found if is_free(t, known))
    return Mentions(free - fixed - known.discrete, frozenset(found) - free)


def joined(sets: list[frozenset[Tensor]]) -> list[frozenset[Tensor]]:
    """Sets that share a variable, joined."""
    groups: list[frozenset[Tensor]] = []
    for found in filter(None, sets):
        apart = [group for group in groups if not group & found]
        groups = [*apart, found.union(*(group for group in groups if group & found))]
    return groups


def with_directions(model: Model, found: Variations) -> Model:
    """The model with a quantity for the direction of each variable that varies somewhere."""
    every = frozenset(tensor for sets in found.choices.values() for varied in sets for tensor in varied)
    known = model.declarations
    told = {q.tensor for q in known.quantities}
    moving = [q for q in known.quantities if q.tensor in every and direction(q.tensor) not in told]
    if not moving:
        return model
    shapes = tuple(shape for q in moving if (shape := shape_of_direction(q.tensor, known)) is not None)
    quantities = (*known.quantities, *map(declared_direction, moving))
    return replace(model, declarations=replace(known, quantities=quantities, definitions=(*known.definitions, *shapes)))


def shape_of_direction(tensor: Tensor, known: Declarations) -> Definition | None:
    """A symmetric matrix stays symmetric when it moves: its direction is made as it is, of a half of its own."""
    made = known.defines(tensor)
    if made is None:
        return None
    halves = {half: direction(half) for half in tensors(made.formula)}

    def moved(expr: Expr) -> Expr | None:
        if isinstance(expr, Entry) and expr.tensor in halves:
            return Entry(halves[expr.tensor], expr.subscripts)
        return None

    return Definition(direction(tensor), made.indices, transform(made.formula, moved))
