r"""``f(u) = \ln(1 + u^2)`` in a text: a function that may be called with anything, and has slopes, from there on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from symbolic.language.expr import Entry, Expr, Symbol
from symbolic.language.functions import Function, U
from symbolic.language.terms import free_indices, substitute
from symbolic.marking.grammar.tree import Call, Deriv, Name, Node, places, put, walk
from symbolic.marking.meaning.declared import Formula, function_key
from symbolic.marking.meaning.elaborate import elaboration
from symbolic.marking.meaning.sides import left_sides, parse_side
from symbolic.marking.meaning.value import Value
from symbolic.marking.model.header_functions import scalar_body
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.quick_numbers import Points
from symbolic.marking.text.refusals import NotUnderstood


def says_function(premises: Premises, left: Node | None, right: Node | None) -> bool:
    """Whether a line gives a new f(u), of a u that nobody declared, a formula in u; f is that function then."""
    match left:
        case Call(function=Name(bare=True, primes=0) as function, arguments=(Name(primes=0) as letter,)):
            known = premises.known
        case _:
            return False
    taken = known.with_base(function.base) or any(
        function.base in n for n in (known.functions, known.formulas, known.sizes)
    )
    if taken or right is None or letter not in walk(right):
        return False
    if not letter.bare:  # φ(v_j) = …, a formula of that number alone
        right, letter = with_one_letter(right, letter), Name(letter.base)
        if body_of(premises, right, letter.base) is None:
            return False
        give_formula(premises, function, (letter.base,), right)
        return True
    declared = [q for q in known.with_base(letter.base) if q not in premises.any_numbers]
    if declared or is_said(premises, letter):
        shaped = bool(declared) and all(q.tensor.axes or q.subscripted for q in declared)
        if shaped and is_taken_of_others(premises, function, letter):  # D(x_i), and D(g_i) of a g that is no x
            give_formula(premises, function, (letter.base,), right)
            return True
        if (
            not shaped
            or measures(premises, right)
            or body_of(premises, right, letter.base) is None
            or not is_used_as_function(premises, function)
        ):
            return False
    elif not is_number(premises, right, letter.base):
        return False
    give_formula(premises, function, (letter.base,), right)
    return True


def with_one_letter(body: Node, name: Name) -> Node:
    """A formula with a mere letter in place of an entry: v for each v_j."""
    for path, node in [*places(body)]:
        if node == name:
            body = put(body, path, Name(name.base, span=node.span))
    return body


def names_activation(premises: Premises, left: Call, right: Node | None) -> bool:
    r"""``σ(u) = \max(0, u)`` over a network of rectifiers: σ, which is the sigmoid for want of better, is theirs."""
    function, known = left.function, premises.known
    letters = [a for a in left.arguments if isinstance(a, Name)]
    if function != Name(r"\sigma") or function.base in (*known.functions, *known.formulas) or len(letters) != 1:
        return False
    numbers = [q for q in premises.any_numbers if q.base == letters[0].base]
    body = body_of(premises, right, letters[0].base) if right is not None and numbers else None
    if body is None:
        return False
    at: dict[Expr, Expr] = {U: Entry(numbers[0].tensor, ())}
    own = {function.body for function in known.functions.values() if function.body is not None}
    return any(premises.points.equal(substitute(body, at), substitute(one, at)) for one in own)


def is_used_as_function(premises: Premises, function: Name) -> bool:
    """Whether the text speaks of a slope of the function itself, g' or dg/dh: then its letter is any number."""
    for side in (side for chain in premises.document.chains for side in chain.sides):
        with suppress(NotUnderstood):
            for node in walk(parse_side(side, premises.known)[0][0]):
                primed = isinstance(node, Name) and node.base == function.base and node.primes
                if primed or (isinstance(node, Deriv) and node.of == function):
                    return True
    return False


def is_taken_of_others(premises: Premises, function: Name, letter: Name) -> bool:
    """Whether the text takes a function of another letter than the one that it was said with, of a value it defines."""
    defined = {chain.sides[0].tokens[0].text for chain in premises.document.chains if chain.sides[0].tokens}
    tokens = (side.tokens for chain in premises.document.chains for side in chain.sides)
    calls = (t for side in tokens for t in zip(side, side[1:], side[2:], side[3:], strict=False))
    return any(
        name.text == function.base
        and opening.is_sign("(")
        and of.text in defined - {letter.base, function.base}
        and (behind.is_sign(")", "_", "^"))
        for name, opening, of, behind in calls
    )


def is_said(premises: Premises, letter: Name) -> bool:
    """Whether a line of the text says what the letter is: then it is no letter for any number."""
    lefts = left_sides(premises.document.chains, premises.known)
    said = (left.function if isinstance(left, Call) else left for left in lefts)  # of g'(u) = … the g
    return any(next((part for part in walk(one) if isinstance(part, Name)), None) == letter for one in said)


def give_formula(premises: Premises, name: Name, formals: tuple[str, ...], body: Node) -> None:
    """The name as a function of its arguments, with that formula, from here on."""
    known, key = premises.model.declarations, function_key(name)
    of_number = body_of(premises, body, formals[0]) if len(formals) == 1 else None
    function = Function(name.base.lstrip("\\"), "named", of_number) if of_number is not None else None
    formulas = {**known.formulas, key: Formula(key, formals, body, function)}
    premises.model = replace(premises.model, declarations=replace(known, formulas=formulas))
    premises.points = Points(premises.model)


def measures(premises: Premises, body: Node) -> bool:
    """Whether a formula makes one number of the vector in it, ‖e‖²: then it is about that."""
    try:
        return not elaboration(premises.known).value(body).axes
    except NotUnderstood:
        return False


def is_number(premises: Premises, body: Node, letter: str) -> bool:
    """Whether a formula is one number where the letter is one."""
    worker = elaboration(premises.known)
    worker.formals = {letter: Value(Symbol("\0"))}
    try:
        value = worker.value(body)
    except NotUnderstood:
        return False
    return not value.axes and not free_indices(value.expr) and not worker.auxiliary


def body_of(premises: Premises, formula: Node, letter: str) -> Expr | None:
    """The formula as one of u, the number that the letter stands for; None where it is made of anything else."""
    try:
        return scalar_body(premises.known, formula, letter)
    except NotUnderstood:
        return None
