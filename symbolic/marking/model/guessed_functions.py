r"""The functions that a text brings along: g(z) = …, the slopes that it names, and what it shows by an example.

Of ``h(x) = g(w^T x) = 1/(1 + e^{-w^T x})`` nobody says what g is, but for what is put into it here.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise

from symbolic.marking.grammar.tree import Add, Call, Inner, Name, Neg, Node, Norm, Transpose, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_keys import is_index
from symbolic.marking.model.guessed_text import Guess, formals_of, names_in

#: The letter of a function's argument where the text gives it none.
ANY = Name("u")


def own_functions(guess: Guess) -> list[list[Node]]:
    """The definitions whose arguments no other line speaks of, as g(z) = 1/(1 + e^{-z}): functions of any numbers.

    A line about its slope, g'(z) = …, is one about the same z where the text takes g of something else too.
    """
    said = [sides for sides in guess.chains if len(sides) == 2 and is_own_function(guess, sides)]
    first = {sides[0]: sides for sides in reversed(said)}  # of two variants, swish and ELU, the first
    return [*(sides for sides in said if first[sides[0]] is sides), *shown_by_example(guess)]


def functions_of_numbers(guess: Guess) -> frozenset[str]:
    """Those of them in whose formulas nothing is transposed, measured or a matrix."""
    return frozenset(
        sides[0].function.base
        for sides in own_functions(guess)
        if isinstance(sides[0], Call) and len(sides[0].arguments) == 1 and sides[0].function.bare
        if not any(isinstance(node, Transpose | Norm | Inner) or is_matrix(node) for node in walk(sides[1]))
    )


def is_matrix(node: Node) -> bool:
    return isinstance(node, Name) and len(node.base) == 1 and node.base.isupper()


def is_own_function(guess: Guess, sides: list[Node]) -> bool:
    first, formals = sides[0], formals_of(sides)
    if not isinstance(first, Call) or first.function.primes or not formals:
        return False
    if any(is_index(guess, item) for item in (*first.function.subs, *first.function.sups)):
        return False
    name = first.function
    others = [other for other in guess.chains if other is not sides]
    if is_named_function(guess, sides, others):
        return True
    key = typeset if name.bare else base_of  # h_θ(x) speaks of the x of the x_i
    if name.bare and any(taken_of_more(name, formals, other) for other in others):
        others = [other for other in others if not is_about(name, other) and not is_of_any(formals, other)]
        called = [call for other in others for side in other for call in walk(side) if is_call_of(name, call)]
        elsewhere = {key(part) for call in called for a in call.children for part in walk(a) if isinstance(part, Name)}
    else:
        elsewhere = {key(found) for other in others for found in names_in(guess, other)}
    inside = list(names_in(guess, sides[1:]))
    within = {found.base for found in inside}
    made = any(
        (found.base in guess.defined and typeset(found) not in formals)  # r is any number beside the r_i that are said
        or any(map(partial(is_index, guess), found.subs))
        for found in inside
    )
    return formals <= within and not formals & elsewhere and not made


def is_named_function(guess: Guess, sides: list[Node], others: list[list[Node]]) -> bool:
    r"""``\mathrm{SiLU}(u) = u σ(u)``, where u is a value of the network and the word stands nowhere by itself."""
    first = sides[0]
    if (
        not isinstance(first, Call)
        or not first.function.bare
        or len(first.function.base) < 2
        or len(formals_of(sides)) != 1
    ):
        return False
    names = [name for other in others for name in names_in(guess, other)]
    calls = sum(is_call_of(first.function, node) for other in others for side in other for node in walk(side))
    alone = sum(name.base == first.function.base for name in names) > (
        calls if first.function.base in guess.defined else 0
    )
    return {typeset(name) for name in names_in(guess, sides[1:])} == formals_of(sides) and calls > 0 and not alone


def is_call_of(name: Name, node: Node) -> bool:
    return isinstance(node, Call) and replace(node.function, primes=0) == name


def private_letters(guess: Guess, functions: list[list[Node]]) -> frozenset[str]:
    """The letters that stand for any number: the z of g(z) = …, unless another line has a z of its own."""
    own = [sides for sides in guess.chains if any(sides is other for other in functions)]
    private = frozenset().union(*map(formals_of, functions))
    names = [sides[0].function for sides in functions if isinstance(sides[0], Call)]
    about = [s for s in guess.chains if any(is_about(name, s) for name in names) or is_of_any(private, s)]
    others = [s for s in guess.chains if not any(s is one for one in (*own, *about))]
    return private - {typeset(name) for sides in others for name in names_in(guess, sides)} | letters_of_slopes(guess)


def taken_of_more(name: Name, formals: frozenset[str], sides: list[Node]) -> bool:
    """Whether a line takes the function of a formula, K(x_i / h), of another letter, or of one of many: H(r_i)."""
    calls = (node for side in sides for node in walk(side) if isinstance(node, Call) and node.function == name)
    arguments = (argument for call in calls for argument in call.arguments)
    return any(
        not isinstance(taken, Name) or ((taken.bare or taken.subs) and typeset(taken) not in formals)
        for taken in arguments
    )


def is_about(name: Name, sides: list[Node]) -> bool:
    """Whether a line begins with the function or its slope."""
    first = sides[0]
    return isinstance(first, Call) and first.function.base == name.base and first.function.subs == name.subs


def is_of_any(formals: frozenset[str], sides: list[Node]) -> bool:
    """Whether a line says what a function of the same letters is: σ(u) = … beside s(u) = …."""
    first = sides[0]
    return isinstance(first, Call) and bool(first.arguments) and {typeset(a) for a in first.arguments} <= formals


def base_of(name: Name) -> str:
    return name.base


def letters_of_slopes(guess: Guess) -> frozenset[str]:
    """The z of Φ'(z) = φ(z), where no other line speaks of a z."""
    about = [sides for sides in guess.chains if is_slope(sides)]
    elsewhere = {typeset(n) for sides in guess.chains if sides not in about for n in names_in(guess, sides)}
    return frozenset().union(*map(formals_of, about)) - elsewhere


def is_slope(sides: list[Node]) -> bool:
    """Whether a line names a slope: Φ'(z) = φ(z)."""
    match sides:
        case [Call(Name(primes=1)), Call(Name(primes=0))]:
            return True
    return False


def named_slopes(guess: Guess) -> dict[str, tuple[Node, Node]]:
    r"""Functions that a line names as the slopes of others: ``\Phi'(z) = \varphi(z)``."""
    found: dict[str, tuple[Node, Node]] = {}
    for sides in guess.chains:
        match sides:
            case [Call(Name(primes=1), arguments) as slope, Call(Name(base=base, primes=0) as name, same) as call]:
                if arguments == same and name.bare and base in guess.functions and base not in found:
                    found[base] = (slope, call)
            case [Name(primes=1) as slope, Name(base=base, primes=0) as name] | [
                Name(base=base, primes=0) as name,
                Name(primes=1) as slope,
            ]:
                if {base, slope.base} <= {*guess.functions} and base not in found:
                    found[base] = (Call(slope, (ANY,)), Call(name, (ANY,)))
    return found


def shown_by_example(guess: Guess) -> Iterator[list[Node]]:
    """The functions that nothing defines but what they are at one place: ``g(w^T x) = 1/(1 + e^{-w^T x})``."""
    found: set[Name] = set()
    for left, right in (pair for sides in guess.chains for pair in pairwise(sides)):
        match left:
            case Call(Name(primes=0) as name, (argument,)) if name.base in guess.functions and name not in found:
                body = with_letter(right, argument)
                if body is not None:
                    found.add(name)
                    yield [replace(left, arguments=(ANY,)), body]


def of_any_number(sides: list[Node], taken: Container[str], used: Container[str]) -> list[Node]:
    """The definition of a function of one letter that is a quantity at other places too, with one the text has not."""
    match sides:
        case [Call(_, (Name() as letter,)) as left, right] if typeset(letter) in taken:
            other = next((Name(fresh) for fresh in "uvzsqp" if fresh not in used), letter)
            return [replace(left, arguments=(other,)), replaced(right, letter, other)]
    return sides


def with_letter(node: Node, argument: Node) -> Node | None:
    """A formula with ``u`` for what a function is taken of; None where that is not all that it is made of."""
    body = replaced(replaced(node, argument, ANY), negated(argument), Neg(ANY))
    letters = {part.base for part in walk(argument) if isinstance(part, Name)}
    left = {part.base for part in walk(body) if isinstance(part, Name)}
    return body if ANY.base in left and ANY.base not in letters and not left & letters else None


def replaced(node: Node, part: Node, fresh: Node) -> Node:
    """The tree with another node for each that equals a part."""
    if node == part:
        return fresh
    return node.rebuild(tuple(replaced(child, part, fresh) for child in node.children)) if node.children else node


def negated(node: Node) -> Node:
    """``-w x - b`` of ``w x + b``, as it is read."""
    if isinstance(node, Add):
        return Add(tuple(term.argument if isinstance(term, Neg) else Neg(term) for term in node.terms))
    return Neg(node)
