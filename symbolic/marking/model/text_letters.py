"""Letters that stand for any number in one chain: the u of ``σ'(u) = …``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import product

from symbolic.language.affine import Size
from symbolic.language.definition import Definition
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Entry, Tensor
from symbolic.language.functions import Function
from symbolic.marking.grammar.tree import (
    Call,
    Deriv,
    Name,
    Node,
    Undeclared,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import ANY_NUMBER, Declared, function_key
from symbolic.marking.meaning.naming import Words, candidates
from symbolic.marking.meaning.sides import Read, aligned, parse_side, read_side
from symbolic.marking.model.guessed_lemmas import is_formula_of_number
from symbolic.marking.model.identities import letters_of_identity
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.text_definitions import is_function_of_a_number, is_known_function
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import NotUnderstood, ShapeError


def declare_arguments(premises: Premises, chain: Chain) -> None:
    """``σ'(u) = …`` and ``φ(-u) = φ(u)`` with a letter that nobody declared: u is any number."""
    try:
        goal = parse_side(chain.sides[0], premises.known)[0][0]
    except NotUnderstood:
        return
    if isinstance(goal, Name) and is_bare_function(premises, goal) and (goal.primes or names_slope(premises, chain)):
        declare_number(premises, ANY_NUMBER)  # σ' = σ (1 - σ), at any number
    fresh = dict.fromkeys(
        node.arguments[0]
        for node in walk(goal)
        if isinstance(node, Call)
        and len(node.arguments) == 1
        and (is_function_of_a_number(premises, node.function) or (node is goal and is_known_function(node.function)))
    )
    if isinstance(goal, Deriv) and isinstance(goal.by, Name):
        of_function = isinstance(goal.of, Name) and is_bare_function(premises, goal.of)  # dσ / dz
        if of_function or set(names_inside(goal.of)) == {goal.by}:  # d ln σ'(z) / dz
            fresh[goal.by] = None
    formals = {formal for one in premises.known.formulas.values() if len(one.formals) == 1 for formal in one.formals}
    if formals:
        alone = (chain.sides[0].tokens for chain in premises.document.chains if len(chain.sides[0].tokens) == 1)
        formals -= {token.text for (token,) in alone}
        fresh |= {name: None for name in names_inside(goal) if name.base in formals}  # α e^t beside φ(t) = …
    fresh |= dict.fromkeys(letters_of_identity(premises, chain))
    done = {quantity.base for quantity in premises.any_numbers}
    for letter in sorted((n for n in fresh if isinstance(n, Name) and n.base not in done), key=typeset):
        known = premises.known  # z^{(1)} is no z
        taken = candidates(known, letter) or letter.base in (*known.sizes, *known.functions)
        own = is_own_letter(premises, goal, letter)
        if letter.bare and not letter.primes and (own or not taken):  # an index of that letter is another thing
            declare_number(premises, letter.base)
        elif letter.bare and is_law_of(premises, goal, letter, chain):
            values = values_of(premises, letter)
            hide(premises, letter.base)
            declare_number(premises, letter.base)
            for name, function in values.items():
                hide(premises, name.base)
                define_number(premises, name.base, function, letter.base)


def names_slope(premises: Premises, chain: Chain) -> bool:
    r"""``\varphi = \Phi'``: the other side is the slope of a function."""
    try:
        other = parse_side(chain.sides[-1], premises.known)[0][0]
    except NotUnderstood:
        return False
    return isinstance(other, Name) and bool(other.primes) and is_bare_function(premises, other)


def is_law_of(premises: Premises, goal: Node, letter: Name, chain: Chain) -> bool:
    """``g'(z) = g(z) (1 - g(z))`` beside a vector z of the text: a line of nothing else is one of any number."""
    shaped = any(q.tensor.axes or q.subscripted for q in premises.known.with_base(letter.base))
    about = goal.arguments == (letter,) if isinstance(goal, Call) else isinstance(goal, Deriv) and goal.by == letter
    if not shaped or not about:
        return False
    reads = [read_side(side, premises.known) for side in chain.sides]
    misfits = any(isinstance(read.problem, ShapeError | Undeclared) for read in reads)
    counted = all(q.subscripted for q in premises.known.with_base(letter.base))  # M beside the M_i
    own = {letter, *values_of(premises, letter)}
    alone = all(read.node is not None and set(names_inside(read.node)) <= own for read in reads)
    return alone and (misfits or counted)


def values_of(premises: Premises, letter: Name) -> dict[Name, Function]:
    """The a of ``a = σ(z)`` beside ``σ'(z) = a (1 - a)``, with the function that it is a value of."""
    found: dict[Name, Function] = {}
    of = {q.tensor for q in premises.known.with_base(letter.base)}
    for quantity in premises.known.quantities:
        definition = premises.known.defines(quantity.tensor)
        match definition.formula if definition is not None else None:
            case ExprCall(function, (Entry(tensor),)) if tensor in of and quantity.latex == quantity.base:
                found[Name(quantity.base)] = function
    return found


def define_number(premises: Premises, base: str, function: Function, letter: str) -> None:
    """A name for what a function is of any number, for the chain at hand."""
    tensor = Tensor(f"{base} of any number", (), "input")
    named = Declared(base, (), (), tensor, 0, (), latex=base, defined=True)
    premises.any_numbers.append(named)
    definition = Definition(tensor, (), function(Entry(premises.known.with_base(letter)[0].tensor, ())))
    premises.extend((*premises.known.quantities, named), (*premises.known.definitions, definition))


def hide(premises: Premises, base: str) -> None:
    """Quantities of that letter are not meant in this chain."""
    known = premises.known
    premises.hidden = (*premises.hidden, *known.with_base(base))
    kept = tuple(q for q in known.quantities if q not in premises.hidden)
    premises.model = replace(premises.model, declarations=replace(known, quantities=kept))


def declare_number_of_lemma(premises: Premises, chain: Chain) -> None:
    """``d/dw (w / √(w² + ε)) = …`` beside a vector w: by the vector it were a matrix, so here w is any number."""
    try:
        goal = parse_side(chain.sides[0], premises.known)[0][0]
    except NotUnderstood:
        return
    if not isinstance(goal, Deriv) or not isinstance(goal.by, Name):
        return
    of_function = isinstance(goal.of, Name) and is_bare_function(premises, goal.of)  # dg / dw
    if not of_function and not is_formula_of_number(goal.of, goal.by):
        return
    first, second = (read_side(side, premises.known) for side in chain.sides[:2])
    vectors = premises.known.with_base(goal.by.base)
    matrix = isinstance(first.problem, ShapeError) or any(len(m.value.axes) == 2 for m in first.meanings)
    if not vectors or not matrix or can_be_equal(first, second):
        return
    others = {part.base for part in names_inside(goal.of)} - {goal.by.base}
    if any(q.tensor.axes for base in others for q in premises.known.with_base(base)):
        return
    hide(premises, goal.by.base)
    declare_number(premises, goal.by.base)


def can_be_equal(first: Read, second: Read) -> bool:
    """Whether two sides have meanings of one shape."""
    for one, other in product(first.meanings, second.meanings):
        with suppress(ShapeError):
            aligned(one.value, other.value)
            return True
    return False


def is_own_letter(premises: Premises, goal: Node, letter: Name) -> bool:
    """Whether a line is about H'(r) with the r that the text says H for: any number, though there are r_i too."""
    function = premises.known.formulas.get(function_key(goal.function)) if isinstance(goal, Call) else None
    return function is not None and function.formals == (letter.base,)


def names_inside(node: Node) -> Iterator[Name]:
    """The names of quantities in a formula: functions are none."""
    return (part for part in walk(node) if isinstance(part, Name))


def is_bare_function(premises: Premises, name: Name) -> bool:
    name = replace(name, primes=0)
    return Words(premises.known).is_function(name) or is_known_function(name)


def declare_number(premises: Premises, base: str) -> None:
    declare_letter(premises, base, ())


def declare_letter(premises: Premises, base: str, axes: tuple[Size, ...]) -> None:
    """A letter of that shape with any values, for the chain at hand."""
    any_number = Declared(base, (), (), Tensor(base, axes, "input"), 0, (1,) * len(axes), latex=base)
    premises.any_numbers.append(any_number)
    premises.extend((*premises.known.quantities, any_number), premises.known.definitions)


def forget_arguments(premises: Premises) -> None:
    """The letters that stood for any number do so for one chain only."""
    declared = premises.model.declarations
    kept = (*(q for q in declared.quantities if q not in premises.any_numbers), *premises.hidden)
    if premises.any_numbers or premises.hidden:
        own = {quantity.tensor for quantity in premises.any_numbers}
        definitions = tuple(d for d in declared.definitions if d.target not in own)
        premises.model = replace(
            premises.model, declarations=replace(declared, quantities=kept, definitions=definitions)
        )
    premises.any_numbers, premises.hidden = [], ()
