"""What may have been lost or taken for something else: pieces of the model and of the lines before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from symbolic.language.affine import Affine
from symbolic.language.terms import tensors
from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.diagnosis.edits.edit import above, is_variable
from symbolic.marking.diagnosis.penalty_slopes import gradient_of_a_square
from symbolic.marking.diagnosis.pool import written
from symbolic.marking.diagnosis.scene import Scene
from symbolic.marking.diagnosis.slips import is_complement, is_value, quantities_of, term_kind
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Deriv,
    Frac,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Norm,
    Num,
    Path,
    Root,
    Transpose,
    places,
    put,
    walk,
    way,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declarations, Declared
from symbolic.marking.meaning.naming import as_scripts, candidates, remaining

ONE, TWO = Num(Fraction(1)), Num(Fraction(2))


#: What takes a whole matrix: a slip inside is one of the matrix, not of the place at which a function is taken.
OF_MATRICES = ("diag", "Diag", "tr", "Tr", "trace", "Trace", "det")


def own_factors(scene: Scene) -> tuple[Node, ...]:
    return tuple(dict.fromkeys((*scene.pool.factors, *scene.pool.slopes, *scene.pool.names)))


def lost_divisors(scene: Scene) -> tuple[Node, ...]:
    """1/‖x‖ and 1/√v for the lengths and roots that stand in the chain or in the model."""
    trees = (scene.tree, *scene.case.seen, *scene.bodies())
    found = (part for tree in trees for part in walk(tree) if isinstance(part, Norm | Root))
    return tuple(dict.fromkeys(Frac(ONE, part) for part in found))


def outer_factors(scene: Scene) -> tuple[Node, ...]:
    """Quantities with a shape, as they are and transposed."""
    shaped = [n for n in scene.pool.names if any(q.tensor.axes for q in candidates(scene.known, n)[:1])]
    return tuple(dict.fromkeys(f for name in shaped for f in (Transpose(name), name)))


def constant_factors(scene: Scene) -> tuple[Node, ...]:
    """The numbers that the model divides by: 1/τ, 1/√d, and the constants in its products."""
    known = scene.known
    found: dict[Node, None] = {}
    for quantity in known.quantities:
        for part in walk(quantity.body) if quantity.body is not None else ():
            if isinstance(part, Frac) and is_constant(part.denominator, known):
                found[Frac(ONE, part.denominator)] = None
    return tuple(found)


def is_constant(node: Node, known: Declarations) -> bool:
    """A number made of sizes and scalars that no definition makes."""
    names = [part for part in walk(node) if isinstance(part, Name)]
    scalars = ((name.bare and name.base in known.sizes) or is_scalar(name, known) for name in names)
    return bool(names) and all(scalars) and not any(isinstance(part, Add | Call) for part in walk(node))


def is_scalar(name: Name, known: Declarations) -> bool:
    found = candidates(known, name)[:1]
    return bool(found) and not found[0].tensor.axes and not found[0].defined


def transposed_matrices(scene: Scene) -> Iterator[Node]:
    """Xᵀ, which stands in front where it was lost."""
    known = scene.known
    for name in scene.pool.names:
        if not name.subs and any(len(q.tensor.axes) == 2 for q in candidates(known, name)):
            yield Transpose(name)


def complements(scene: Scene) -> Iterator[Edit]:
    """v where 1 - v should stand; beside another v that is the slope of σ."""
    for path, node in places(scene.tree):
        if isinstance(node, Name) and is_value(node, scene.known) and not is_variable(scene.tree, path):
            parent = above(scene.tree, path)
            beside = isinstance(parent, Mul | Hadamard) and parent.children.count(node) > 1
            fresh = Add((ONE, Neg(node)))
            kind = "activation_derivative" if beside else "symbol"
            yield Edit(kind, put(scene.tree, path, fresh), node, fresh, path, 0 if beside else 1)


def halved_slopes(scene: Scene) -> Iterator[Edit]:
    """1 - v alone where v ⊙ (1 - v) should stand: in diag(…), where no factor can be put beside it."""
    for path, node in places(scene.tree):
        inside = isinstance(above(scene.tree, path), Call)
        if inside and isinstance(node, Add) and len(node.terms) == 2 and isinstance(node.terms[1], Neg):
            value = node.terms[1].argument
            if is_complement(node, value) and is_value(value, scene.known):
                fresh = Hadamard((value, node))
                yield Edit("activation_derivative", put(scene.tree, path, fresh), node, fresh, path, 0)


def complemented(scene: Scene) -> Iterator[Edit]:
    """1 - v where v should stand: what is left of ln(1 - σ), and the slope of a ReLU; below a bar, of ln itself.

    Not where the model takes σ(-u) itself: there a sign was lost.
    """
    if takes_negatives(scene):
        return
    for path, node in places(scene.tree):
        if isinstance(node, Add) and len(node.terms) == 2 and isinstance(node.terms[1], Neg):
            value = node.terms[1].argument
            if is_complement(node, value) and (isinstance(value, Call) or is_value(value, scene.known)):
                kind = "symbol" if is_below_a_bar(scene.tree, path) else "activation_derivative"
                yield Edit(kind, put(scene.tree, path, value), node, value, path, 0)


def is_below_a_bar(tree: Node, path: Path) -> bool:
    """Whether the place is inside a denominator."""
    return any(isinstance(node, Frac) and step == 1 for node, step in way(tree, path))


def takes_negatives(scene: Scene) -> bool:
    """Whether a function of the model or of the chain is taken of -u."""
    parts = (part for node in (*scene.case.seen, *scene.bodies()) for part in walk(node))
    return any(isinstance(part, Call) and part.arguments and isinstance(part.arguments[0], Neg) for part in parts)


def slope_calls(scene: Scene) -> Iterator[Edit]:
    """h(u) where h′(u) should stand, h′(u) where h(u) should."""
    for path, node in places(scene.tree):
        if isinstance(node, Call) and node.function.base in scene.known.functions:
            primes = 1 if node.function.primes == 0 else 0
            fresh = replace(node, function=replace(node.function, primes=primes))
            yield Edit("activation_derivative", put(scene.tree, path, fresh), node, fresh, path, 0)


def other_arguments(scene: Scene) -> Iterator[tuple[str, Node, Node]]:
    calls = dict.fromkeys(n for n in walk(scene.tree) if isinstance(n, Call) and len(n.arguments) == 1)
    taken = [
        part for body in scene.bodies() for part in walk(body) if isinstance(part, Call) and len(part.arguments) == 1
    ]
    for call in sorted((c for c in calls if c.function.base not in OF_MATRICES), key=typeset):
        own = {part.arguments[0] for part in taken if part.function.base == call.function.base}
        for argument in sorted(scene.pool.arguments, key=lambda a: isinstance(a, Name) and a not in own):
            if argument != call.arguments[0]:
                yield "argument", call, replace(call, arguments=(argument,))


def other_names(scene: Scene) -> Iterator[tuple[str, Node, Node]]:
    names = list(dict.fromkeys(n for n in walk(scene.tree) if isinstance(n, Name)))
    for name in names:
        if not quantities_of(name, scene.known):
            continue
        for other in scene.pool.names:
            if other != name and (other.base != name.base or other.subs != name.subs):
                yield "symbol", name, other
    for call in dict.fromkeys(n for n in walk(scene.tree) if isinstance(n, Call)):
        if candidates(scene.known, call.function):
            for other in scene.pool.names:
                if other.base != call.function.base:
                    yield "symbol", call, other


def near_names(scene: Scene) -> Iterator[tuple[str, Node, Node]]:
    """w_{z,x} for w_{z,y}, a_2 for a_1: the same letter with one other label."""
    for name in dict.fromkeys(n for n in walk(scene.tree) if isinstance(n, Name)):
        own = candidates(scene.known, name)[:1]
        for other in scene.pool.names if own else ():
            ours, theirs = (*name.subs, *name.sups), (*other.subs, *other.sups)
            apart = sum(a != b for a, b in zip(ours, theirs, strict=False))
            same = other.base == name.base and len(name.subs) == len(other.subs) and len(ours) == len(theirs)
            if same and apart == 1 and candidates(scene.known, other)[:1] != own:
                yield "symbol", name, other


def other_slopes(scene: Scene) -> Iterator[Edit]:
    """v (1 - v) of another quantity: both mentions at once."""
    for path, node in places(scene.tree):
        if not isinstance(node, Mul | Hadamard):
            continue
        for old in node.children:
            rest = [f for f in node.children if is_complement(f, old)]
            if not isinstance(old, Name) or not rest:
                continue
            for new in scene.pool.names:
                if new.base != old.base:
                    fresh = {old: new, rest[0]: Add((ONE, Neg(new)))}
                    whole = node.rebuild(tuple(fresh.get(f, f) for f in node.children))
                    kind = "argument" if is_value(old, scene.known) else "symbol"
                    yield Edit(kind, put(scene.tree, path, whole), old, new, path, 0)


def other_pieces(scene: Scene) -> Iterator[tuple[str, Node, Node]]:
    """A bracket or a call where a plain quantity should stand."""
    pieces = [n for n in walk(scene.tree) if isinstance(n, Call | Add) and len(list(walk(n))) < 14]
    for piece in dict.fromkeys(pieces):
        for other in scene.pool.names[:24]:
            yield "symbol", piece, other


def by_the_variable(scene: Scene) -> Iterator[Edit]:
    """∂p/∂b where ∂p/∂w should stand: of two parameters the one that the chain does not differentiate by."""
    variables = dict.fromkeys(goal.by for goal in goals(scene) if is_given(goal.by, scene.known))
    for path, node in places(scene.tree):
        if isinstance(node, Deriv) and node.by not in variables and is_given(node.by, scene.known):
            for variable in variables:
                fresh = replace(node, by=variable)
                yield Edit("symbol", put(scene.tree, path, fresh), node, fresh, path, 0)


def is_given(node: Node, known: Declarations) -> bool:
    """Whether it is a parameter or a datum, which nothing defines."""
    return isinstance(node, Name) and any(not q.defined for q in candidates(known, node)[:1])


def other_derivatives(scene: Scene) -> Iterator[tuple[str, Node, Node]]:
    for node in dict.fromkeys(n for n in walk(scene.tree) if isinstance(n, Deriv)):
        for other in scene.pool.derivatives:
            if other != node:
                yield "symbol", node, other


def bias_terms(scene: Scene) -> Iterator[tuple[str, Node]]:
    for bias in scene.pool.biases:
        yield "bias", bias


def missing_terms(scene: Scene) -> Iterator[tuple[str, Node]]:
    """∂R/∂w, other paths of the graph, terms of the lines before."""
    yield from penalty_terms(scene)
    for node in scene.case.seen:
        for part in walk(node):
            if isinstance(part, Add):
                for term in part.terms:
                    yield term_kind(term, scene.known), term
    yield from other_paths(scene)


def lost_terms(scene: Scene) -> Iterator[Edit]:
    """∂R/∂w, or one path to a value that several others use, lost as a whole."""
    for k, (kind, term) in enumerate((*penalty_terms(scene), *direct_paths(scene))):
        whole = Add((*scene.tree.terms, term)) if isinstance(scene.tree, Add) else Add((scene.tree, term))
        yield Edit(kind, whole, None, term, (), k)


def goals(scene: Scene) -> tuple[Deriv, ...]:
    """The derivatives that stand before the '='; E_x is ∂Q/∂x."""
    known = scene.known
    objective = known.quantity_of(known.objective) if known.objective is not None else None
    before = (*scene.case.seen[:1], *filter(None, [scene.case.before.node]))
    parts = [part for node in before for part in walk(node)]
    found = [part for part in parts if isinstance(part, Deriv)]
    if objective is not None:
        for part in parts:
            if isinstance(part, Name) and part.base == "E" and len(part.subs) == 1 and part.subs[0].single:
                found.append(Deriv(Name(objective.base), Name(part.subs[0].single)))
    return tuple(dict.fromkeys(found))[:4]


def penalty_terms(scene: Scene) -> Iterator[tuple[str, Node]]:
    known = scene.known
    for goal in goals(scene):
        bodies = tuple(penalties(known))
        for body in bodies:
            if (written_out := gradient_of_a_square(body, goal.by)) is not None:
                yield "regularizer", written_out
        for quantity in known.quantities:
            if quantity.defined and quantity.base in ("R", r"\Omega"):
                yield "regularizer", Deriv(Name(quantity.base), goal.by)
        for body in bodies:
            yield "regularizer", Deriv(body, goal.by)


def direct_paths(scene: Scene) -> Iterator[tuple[str, Node]]:
    """∂Q/∂r ∂r/∂x for each r that uses x itself, when there are several."""
    known = scene.known
    for goal in goals(scene):
        names = candidates(known, goal.by) if isinstance(goal.by, Name) else []
        if not names:
            continue
        users = {d.target for d in known.definitions if names[0].tensor in tensors(d.formula)}
        if known.sample is not None:  # what stands beside the sum over the objects is a penalty
            beside = {q.tensor for q in known.quantities if q.defined and is_penalty(q, known)}
            users = {user for user in users if user != known.objective and user not in beside}
        if len(users) < 2:
            continue
        for quantity in known.quantities:
            if quantity.tensor in users and not is_the_goal(goal, quantity, known):
                for name in islice(written(quantity, scene.pool.letters, known), 3):
                    yield "path", Mul((Deriv(goal.of, name), Deriv(name, goal.by)))


def is_the_goal(goal: Deriv, quantity: Declared, known: Declarations) -> bool:
    """Whether a path through it would begin with ∂y/∂y."""
    return isinstance(goal.of, Name) and quantity in candidates(known, goal.of)[:1]


def twin_paths(scene: Scene) -> Iterator[tuple[str, Node]]:
    """A term like one that stands there, through the node of another label: ∂Q/∂a_3 beside ∂Q/∂a_1 and ∂Q/∂a_2."""
    known = scene.known
    terms = [t for n in walk(scene.tree) if isinstance(n, Add) for t in n.terms]
    for term in terms[:4]:
        for old in dict.fromkeys(n.by for n in walk(term) if isinstance(n, Deriv) and isinstance(n.by, Name)):
            for written_as in candidates(known, old)[:1]:
                rest = remaining(written_as, old) or ()
                for q in known.with_base(old.base):
                    if q.tensor != written_as.tensor and q.tensor.axes == written_as.tensor.axes:
                        labels = as_scripts(q.sub_labels), as_scripts(q.sup_labels)
                        fresh = exchanged(term, old, Name(old.base, (*labels[0], *rest), labels[1]))
                        if fresh not in terms:
                            yield "path", fresh


def other_paths(scene: Scene) -> Iterator[tuple[str, Node]]:
    """A term like one that stands there, through another node: ∂Q/∂t ∂t/∂x after ∂Q/∂z ∂z/∂x."""
    known = scene.known
    values = [q for q in known.quantities if q.defined and not q.implicit] + [q for q in known.quantities if q.implicit]
    terms = [t for n in walk(scene.tree) if isinstance(n, Add) for t in n.terms] or [scene.tree]
    for term in terms[:6]:
        through = dict.fromkeys(n.by for n in walk(term) if isinstance(n, Deriv) and isinstance(n.by, Name))
        signals = (n for n in walk(term) if isinstance(n, Name) and n.base == "E" and n.subs)
        through |= dict.fromkeys(Name(str(n.subs[0])) for n in signals)
        for old in sorted(through, key=typeset):
            for q in values:
                if q.base != old.base:
                    yield "path", swapped(term, old.base, q.base)


def exchanged(node: Node, old: Node, new: Node) -> Node:
    """One sub-tree for another at all places."""
    return new if node == old else node.rebuild(tuple(exchanged(child, old, new) for child in node.children))


def swapped(node: Node, old: str, new: str) -> Node:
    """Every mention of a quantity replaced by another, in E_z and ∂z too."""
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
            if quantity.tensor == known.objective and (term == quantity.body or holds_values(term, known)):
                continue
            sample = known.sample.index.name if known.sample is not None else ""
            if not any(isinstance(n, BigSum) and sample in n.indices for n in walk(term)):
                yield term


def holds_values(term: Node, known: Declarations) -> bool:
    """Whether a term has to do with the network: then it is no penalty."""
    names = [n.function if isinstance(n, Call) else n for n in walk(term) if isinstance(n, Call | Name)]
    found = [q for name in names for q in candidates(known, name)[:1]]
    return any(q.defined or (q.tensor.role == "input" and bool(q.tensor.axes)) for q in found)


def is_penalty(quantity: Declared, known: Declarations) -> bool:
    """Made of parameters and constants alone."""
    definition = known.defines(quantity.tensor)
    if definition is None or quantity.tensor.axes:
        return False
    made_of = tensors(definition.formula)
    data = any(t.role == "input" and t.axes for t in made_of)
    return any(t.role == "parameter" for t in made_of) and not data and all(t.role != "value" for t in made_of)
