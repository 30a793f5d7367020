r"""What a text names on the way: ``δ_i = p_i - y_i``, ``L(w) = …``, ``\ln p(X) = …`` define from their line on."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Sum, mul, number, power
from symbolic.language.functions import PRIMITIVES
from symbolic.language.terms import delta, free_indices, reindex, tensors
from symbolic.language.terms import walk as walk_expr
from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import (
    Add,
    Blank,
    Call,
    Deriv,
    Dotted,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Script,
    Transpose,
    Undeclared,
    capital,
    logarithm_of,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.grammar.unrolled import layered
from symbolic.marking.meaning.calls import builtin
from symbolic.marking.meaning.declared import Declarations, function_key
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.naming import LetWords, candidates, remaining
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned, left_sides, parse_side, read_side
from symbolic.marking.meaning.value import Value, fresh_axis, inverted, is_square, transposed
from symbolic.marking.model.header_definitions import defined
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.quick_numbers import points_of
from symbolic.marking.model.running_classes import classes_below_run
from symbolic.marking.model.text_functions import names_activation, says_function
from symbolic.marking.model.totals_of_objects import is_total_of_objects
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.densities import without_densities
from symbolic.marking.text.refusals import NotUnderstood

#: The exponent of an inverse.
MINUS_ONE = (Num(Fraction(-1)), Neg(Num(Fraction(1))))


def applied_names(premises: Premises) -> frozenset[str]:
    """The letters that the model, or the text so far, declares with arguments: p_i says nothing of p(y | x)."""
    known = premises.known
    return frozenset((*(q.base for q in known.quantities if q.formals), *known.functions, *known.formulas))


def define_inside(premises: Premises, chain: Chain) -> None:
    """``o = f(n) = f(w x)`` with an n that nobody declared: a name for what the function is taken of."""
    for one, other in pairwise(chain.sides):
        try:
            left, right = (parse_side(side, premises.known)[0][0] for side in (one, other))
        except NotUnderstood:
            continue
        match left, right:
            case Call(function, (Name() as name,)), Call(same, (argument,)) if function == same and argument != name:
                if not premises.known.with_base(name.base) and name.base not in premises.known.names:
                    with suppress(NotUnderstood):
                        meaning = elaborate(argument, premises.known)
                        define_name(premises, name, meaning.value, meaning.auxiliary)


def local_definition(premises: Premises, chain: Chain) -> bool:
    """``δ_i = p_i - y_i`` with a δ that nobody declared: a definition from here on."""
    with classes_below_run(premises, chain.sides[0]):
        return defined_by(premises, chain)


def defined_by(premises: Premises, chain: Chain) -> bool:
    """Whether a chain begins with a name that nobody declared; it is defined then."""
    chain, _ = without_densities(chain, applied_names(premises))
    side = chain.sides[0]
    if side.problem is not None:
        return False
    first = read_side(side, premises.known)
    node = called_undeclared(premises, side) or first.node
    if node is None and first.problem is not None:
        try:
            node = parse_side(side, premises.known)[0][0]
        except NotUnderstood:
            return False
    whole, node = node, inside_logarithm(premises, node)
    logarithm = None if whole is node else -1 if isinstance(whole, Neg) else 1  # \ln p(X) = …, -\ln L(θ) = …
    turned = isinstance(node, Transpose)  # u^T = …: u is the transpose of that
    node = node.argument if isinstance(node, Transpose) else node
    squared = is_square_of_new(premises, node)  # s^2 = …: s is the root of that
    node = node.base if isinstance(node, Power) and squared else node
    flipped = is_inverse_of_estimate(premises, node)  # \\hat\\Lambda^{-1} = …
    node = node.base if isinstance(node, Power) and flipped else node
    name, arguments = (node.function, node.arguments) if isinstance(node, Call) else (node, ())
    formals = tuple(dict.fromkeys(a.base for a in arguments if isinstance(a, Name)))
    if not isinstance(name, Name) or name.below is not None:
        return False
    name = layered(name, premises.known.layers)
    entries = diagonal_of(premises, name)  # R_{nn} = …: R is 0 beside its diagonal
    name = replace(name, subs=()) if entries is not None else name
    value = read_side(chain.sides[1], premises.known)
    claims = is_known_function(name) and not defines_function(premises, arguments)
    if isinstance(node, Call) and claims and not names_activation(premises, node, value.node):
        return False  # \ln(p) = … claims something
    if isinstance(node, Call) and name.bare and says_again(premises, name, arguments, chain):
        return False  # f(z) = tanh(z) of an f that is just that
    if name.primes and (is_known_function(plain := replace(name, primes=0)) or has_formula(premises, plain)):
        return False  # \cos' = … too
    if name.primes and is_function_of_a_number(premises, replace(name, primes=0)):
        return False  # and h'(u) = … of the h that was said
    fresh = not premises.known.with_base(name.base) and isinstance(node, Call)
    # e = p - y is no claim about Euler's number, nor \\pi = f(p) about that of the circle
    error = name.base in ("e", r"\pi") and not premises.known.with_base(name.base)
    if says_function(premises, node, value.node):
        return True
    listed = is_list_of_others(value.node, name)
    marked = is_name_with_a_mark(premises, name, value.node)
    own_delta = is_own_delta(premises, name, first, value)  # the errors of a matrix of outputs, and not Kronecker's
    twin = is_primed_twin(premises, name, value.node) or is_labelled_twin(premises.known, name, value.node)
    own = error or fresh or listed or marked or own_delta or twin or is_beside_matrix(premises.known, name)
    own = own or is_beside_rows(premises.known, name, first, value)
    total = is_total_of_objects(premises.known, name, value)
    own = own or total
    if first.meanings and not own:
        return False
    # what has more subscripts than the model's Q has places is a name of its own: Q_0
    fitting = [
        q
        for q in candidates(premises.known, name)
        if not any(map(is_word, left := remaining(q, name) or ()))
        and (not isinstance(first.problem, Undeclared) or len(left) <= len(q.tensor.axes))
    ]
    fitting = [] if total else fitting
    if not listed and (any(q.body is not None or not q.defined for q in fitting) or (fitting and not name.subs)):
        return False  # what the model declares is not defined anew; a δ_j beside an own δ_k is another one
    if listed and any(q.defined or name.subs for q in fitting):
        return False
    if name.base in premises.known.functions or (name.base in premises.known.sizes and not name.subs):
        return False  # beside a number N of objects is an N_k how many the k-th class has
    likeliest = sorted(
        value.meanings, key=lambda m: (leaves_sample_open(premises, name, m), holds_other_paths(value.node, m))
    )
    for meaning in likeliest:
        try:
            given = transposed(meaning.value) if turned else meaning.value
            given = diagonal_matrix(given, entries) if entries is not None else given
            if logarithm is not None:
                given = replace(given, expr=PRIMITIVES["exp"](mul(number(logarithm), given.expr)))
            given = replace(given, expr=power(given.expr, Fraction(1, 2))) if squared else given
            given = inverse_of(given) if flipped else given
            body = value.node if any(q.subscripted for f in formals for q in premises.known.with_base(f)) else None
            declared, definition = defined(premises.known, name, given, formals, body, typeset(name))
        except ValueError:
            continue
        definitions = (*premises.known.definitions, *meaning.auxiliary, definition)
        others = (
            tuple(q for q in premises.known.quantities if q not in fitting) if listed else premises.known.quantities
        )
        premises.extend((*others, declared), definitions)
        return True
    return False


def diagonal_of(premises: Premises, name: Name) -> Index | None:
    """The n of an R_{nn} of which nobody has said anything else."""
    known = premises.known
    if name.sups or len(name.subs) != 2 or name.subs[0] != name.subs[1] or known.with_base(name.base):
        return None
    found = known.indices.get(name.subs[0].single or "")
    return found.index if found is not None else None


def diagonal_matrix(entries: Value, index: Index) -> Value:
    """The matrix with these entries on its diagonal, one for each value of the index, and 0 beside it."""
    row, column = fresh_axis(index.extent), fresh_axis(index.extent)
    expr = mul(reindex(entries.expr, {index: subscript(row)}), delta(subscript(row), subscript(column)))
    return entries if entries.axes else Value(expr, (row, column))


def is_square_of_new(premises: Premises, node: Node | None) -> bool:
    """``s^2``, where nobody has said what s is: a length, not below 0."""
    if not isinstance(node, Power) or node.exponent != Num(Fraction(2)) or not isinstance(node.base, Name):
        return False
    return not premises.known.with_base(node.base.base) and node.base.base not in premises.known.sizes


def is_inverse_of_estimate(premises: Premises, node: Node | None) -> bool:
    r"""``\hat\Lambda^{-1}`` of a \Lambda of the model, where nobody has said what its estimate is."""
    if not isinstance(node, Power) or not isinstance(node.base, Name) or node.exponent not in MINUS_ONE:
        return False
    hat = re.fullmatch(r"\\hat\{(.*)\}", node.base.base)
    return hat is not None and bool(premises.known.with_base(hat[1])) and not premises.known.with_base(hat[0])


def inverse_of(value: Value) -> Value:
    return inverted(value) if is_square(value) else replace(value, expr=power(value.expr, Fraction(-1)))


def is_own_delta(premises: Premises, name: Name, first: Read, value: Read) -> bool:
    r"""``\delta_{ij} = \partial L/\partial y_{ij}``: what is made of the model and is not 1 for i = j and else 0."""
    if name.base != r"\delta" or len(name.subs) != 2 or premises.known.with_base(name.base):
        return False
    pairs = [(one, other) for one in first.meanings for other in value.meanings]
    made = all(tensors(other.value.expr) and not other.value.axes for other in value.meanings)
    return bool(pairs) and made and not any(equal_now(premises, one, other) for one, other in pairs)


def equal_now(premises: Premises, one: Meaning, other: Meaning) -> bool:
    """Whether floats see no difference between two numbers."""
    return premises.points.equal(one.value.expr, other.value.expr, (*one.auxiliary, *other.auxiliary))


def is_word(item: Script) -> bool:
    """The new of θ_{new}, which is no place in a vector."""
    return item.single is not None and len(item.single) > 1 and item.single.isalpha()


def says_again(premises: Premises, function: Name, arguments: tuple[Node, ...], chain: Chain) -> bool:
    """Whether a line says of a function that is known by its formula what can be read under that already."""
    named = [q for a in arguments if isinstance(a, Name) for q in premises.known.with_base(a.base)]
    if function.base not in premises.known.formulas or any(q.tensor.axes or q.subscripted for q in named):
        return False  # a letter that is a vector elsewhere is none here
    return all(read_side(side, premises.known).meanings for side in chain.sides[:2])


def has_formula(premises: Premises, function: Name) -> bool:
    """Whether a function is known by its formula, and not as one of which nothing is said: then its slope is too."""
    known, key = premises.known, function_key(function)
    return key in known.formulas or (key in known.functions and known.functions[key].kind != "generic")


def is_known_function(name: Name) -> bool:
    """ln, tr, softmax: a function that needs no declaration."""
    return name.bare and (name.base in WORDS or builtin(name.base) is not None)


def is_function_of_a_number(premises: Premises, name: Name) -> bool:
    """A declared activation, or a formula in one letter."""
    known, key = premises.known, function_key(name)
    return key in known.functions or (key in known.formulas and len(known.formulas[key].formals) == 1)


def defines_function(premises: Premises, arguments: tuple[Node, ...]) -> bool:
    """Whether a line about f(u) says what f is: u is a letter that nobody declared."""
    return all(isinstance(a, Name) and not premises.known.with_base(a.base) for a in arguments)


def is_name_with_a_mark(premises: Premises, name: Name, body: Node | None) -> bool:
    """``\\ell_α = \\ell - α‖w‖²``: no slope by α, for the text differentiates it."""
    if not name.subs or not isinstance(body, Add) or candidates(premises.known, name)[:1] == []:
        return False
    heads = [part.function if isinstance(part, Call) else part for part in body.terms]
    if not any(isinstance(head, Name) and head.base == name.base and not head.subs for head in heads):
        return False
    derivatives = (
        node
        for tree in left_sides(premises.document.chains, premises.known)
        for node in walk(tree)
        if isinstance(node, Deriv)
    )
    return any((of.function if isinstance(of := node.of, Call) else of) == name for node in derivatives)


def is_primed_twin(premises: Premises, name: Name, body: Node | None) -> bool:
    """``s' = W x'`` beside an s and an x' that is no slope: what has primes is the same of the other object."""
    known = premises.known
    if not name.primes or not name.bare or body is None or not known.with_base(name.base):
        return False
    primed = {q.base for q in known.quantities if q.base.endswith("'")}
    return any(part.base + "'" * part.primes in primed for part in walk(body) if isinstance(part, Name))


def is_labelled_twin(known: Declarations, name: Name, body: Node | None) -> bool:
    r"""``\delta_c = u \circ f'(z_c)`` beside a δ and a z_c whose c is a label: no entry, but the other object's δ."""
    mark = name.subs[0].single if len(name.subs) == 1 and not name.sups else None
    if mark is None or mark in known.indices or mark in known.sizes or body is None:
        return False
    if any(mark in quantity.sub_labels for quantity in known.with_base(name.base)):
        return False
    parts = (part for part in walk(body) if isinstance(part, Name) and part.subs == name.subs)
    return any(quantity.sub_labels == (mark,) for part in parts for quantity in candidates(known, part)[:1])


def is_list_of_others(node: Node | None, name: Name) -> bool:
    """``U = [u_1, …, u_V]``: it says what a declared U is made of, where x = (x_1, …, x_n) says nothing of x."""
    node = node.argument if isinstance(node, Transpose) else node
    if not isinstance(node, Dotted) or not node.listed:
        return False
    return not any(isinstance(part, Name) and part.base == name.base for part in walk(node))


def is_beside_matrix(known: Declarations, name: Name) -> bool:
    """Whether r_{uv} would be read as an entry of a given R, of which nobody says that it is a formula."""
    matrices = known.with_base(capital(name.base)) if name.base.islower() and not known.with_base(name.base) else ()
    return bool(matrices) and not any(quantity.defined for quantity in matrices)


def is_beside_rows(known: Declarations, name: Name, left: Read, right: Read) -> bool:
    """Whether Q would be read as the matrix of the rows q_i, where it is given a number, or what has another rank."""
    if not name.bare or not name.base.isupper() or known.with_base(name.base) or not known.with_base(name.base.lower()):
        return False
    ranks, given = ({len(meaning.value.axes) for meaning in read.meanings} for read in (left, right))
    return bool(given) and ranks.isdisjoint(given)


def holds_other_paths(node: Node | None, meaning: Meaning) -> bool:
    """Whether a name is given the slope of a number along one path of several.

    δ_t = ∂L/∂h_t is an error, which follows every path: through h_{t+1} too.
    """
    return isinstance(node, Deriv) and len(meaning.value.axes) <= 1 and "total" not in meaning.taken


def leaves_sample_open(premises: Premises, name: Name, meaning: Meaning) -> bool:
    r"""Whether a name without it is given something that has the sample's index free beside a sum over it.

    ``\ell = \sum_i a_i + b_i`` means the sum of both.
    """
    sample = premises.known.sample
    if sample is None or any(item.single == sample.index.name for item in (*name.subs, *name.sups)):
        return False
    summed_too = any(
        isinstance(node, Sum) and node.index.extent == sample.index.extent for node in walk_expr(meaning.value.expr)
    )
    return summed_too and sample.index in free_indices(meaning.value.expr)


def define_name(premises: Premises, name: Name, value: Value, auxiliary: tuple[Definition, ...] = ()) -> None:
    """The name as that value from here on; nothing where it cannot be defined so."""
    try:
        declared, definition = defined(premises.known, name, value, (), None, typeset(name))
    except ValueError:
        return
    definitions = (*premises.known.definitions, *auxiliary, definition)
    premises.extend((*premises.known.quantities, declared), definitions)


def express(premises: Premises, variable: Value, meaning: Meaning) -> bool:
    """A variable as a formula in others from here on; False where it is none, or made of itself."""
    entry = variable.expr
    if not isinstance(entry, Entry) or entry.tensor.role == "value" or entry.tensor in tensors(meaning.value.expr):
        return False
    places = [item.single for item in entry.subscripts]
    if any(place is None for place in places) or len(variable.axes) != len(meaning.value.axes):
        return False
    left, right = aligned(variable, meaning.value)
    if not isinstance(left, Entry):
        return False
    indices = tuple(i for item in left.subscripts for i in free_indices(left) if item == subscript(i))
    definition = Definition(left.tensor, indices, right)
    known = premises.known
    declarations = replace(known, definitions=(*known.definitions, *meaning.auxiliary, definition))
    premises.model = replace(premises.model, declarations=declarations)
    premises.points = points_of(premises.model)
    return True


def called_undeclared(premises: Premises, side: Side) -> Node | None:
    r"""``L(w, b)`` where nobody declared an L, and its ``\ln L(w, b)``: a name with its arguments, not a product."""
    try:
        node = read_formula(side.tokens, LetWords(premises.known), end=side.span[1]).tree
    except NotUnderstood:
        return None
    known = premises.known
    called = inside_logarithm(premises, node)
    if not isinstance(called, Call) or not all(isinstance(a, Name | Blank) for a in called.arguments):
        return None  # of E(w_1, …, w_K) the dots are blank
    name, base = called.function, called.function.base
    made = all(q.defined for q in known.with_base(base))
    beside = made and not name.bare and not candidates(known, name)  # P_2, P_1
    beside = beside or (made and name.bare and is_whole_of_objects(known, base, called.arguments))
    other = base in (*known.functions, *known.formulas, *known.sizes, *WORDS)
    taken = other or (known.with_base(base) and not beside)
    return None if taken or name.primes else node


def is_whole_of_objects(known: Declarations, base: str, arguments: tuple[Node, ...]) -> bool:
    """``R(θ)`` beside an R_i of each object that is made of no θ: no product, for there is no R yet."""
    parts = known.with_base(base)
    names = [argument for argument in arguments if isinstance(argument, Name)]
    made_of = frozenset().union(*(known.closure(q.tensor) for q in parts))
    theirs = [q for name in names for q in known.with_base(name.base)]
    return all(q.sample for q in parts) and made_of.isdisjoint(q.tensor for q in theirs)


def inside_logarithm(premises: Premises, node: Node | None) -> Node | None:
    r"""The p(X) of ``\ln p(X) = …``, which says what p is; else the node."""
    inside = logarithm_of(node)
    if inside is not None:
        name = inside.function if isinstance(inside, Call) else inside
        if isinstance(name, Name) and not premises.known.with_base(name.base):
            return inside
    return node
