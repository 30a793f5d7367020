"""What a person adds to the model on the way: definitions, letters that stand for any number, conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from symbolic.language.affine import Size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Compare, Entry, Expr, Sum, Tensor, mul, power
from symbolic.language.functions import PRIMITIVES
from symbolic.language.terms import free_indices, tensors
from symbolic.language.terms import walk as walk_expr
from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.grammar.parse import read_condition, read_formula
from symbolic.marking.grammar.tree import (
    Add,
    Blank,
    Call,
    Deriv,
    Dotted,
    Name,
    Node,
    Num,
    Power,
    Relation,
    Script,
    Transpose,
    Undeclared,
    logarithm_of,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.grammar.unrolled import layered
from symbolic.marking.meaning.calls import builtin
from symbolic.marking.meaning.declared import ANY_NUMBER, Declarations, Declared, IndexName, function_key
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.naming import LetWords, Words, candidates, remaining
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read, aligned, parse_side, read_side
from symbolic.marking.meaning.value import Value, transposed
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.header_definitions import defined
from symbolic.marking.model.quick_numbers import Points, points_of
from symbolic.marking.model.unknown_functions import unknown_function
from symbolic.marking.model.variations import ZERO, Variations, variations, with_directions
from symbolic.marking.model.worked_numbers import Worked, with_numbers, with_value
from symbolic.marking.text.chains import Chain, Side, is_condition, unbracketed
from symbolic.marking.text.densities import without_densities
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

#: An expression that is 1 where a claim is made and 0 elsewhere, and how the person wrote it.
Conditions = tuple[Expr, str] | None


#: So many names of one chain may be explained behind it.
DEFINITIONS_AHEAD = 6


@dataclass
class Premises:
    """The model as it grows while a document is read."""

    model: Model
    document: Document
    points: Points = field(init=False)
    #: What its differentials may let vary, chain by chain.
    variations: Variations = field(init=False)
    #: What varies in the chain at hand; None in a text without differentials.
    varied: frozenset[Tensor] | None = None
    #: The values that the sheet has set so far.
    worked: Worked = field(default_factory=Worked)
    _numbers: tuple[Points, Worked, Points] | None = None
    #: How many definitions were known when it was last asked what varies.
    _varied_with: int = field(init=False, default=0)
    _known: tuple[Declarations, Any, Any, Any, Declarations] | None = None
    #: The layer at which the chain is judged, for each letter that counts layers.
    at: Mapping[str, int] = field(default_factory=dict)
    #: Letters that stand for any number in the chain at hand.
    any_numbers: list[Declared] = field(default_factory=list)
    #: Letters that the chain at hand uses as indices though nobody declared them.
    adopted: dict[str, IndexName] = field(default_factory=dict)
    #: The chains that were needed as definitions before their place: "…, where z_i = …".
    ahead: set[int] = field(default_factory=set)
    #: At which layers a chain named something, by its number.
    named_at: dict[int, list[Mapping[str, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variations = variations(self.document, self.model.declarations)
        self.model = with_directions(self.model, self.variations)
        self.points = points_of(self.model)
        self._varied_with = len(self.model.declarations.definitions)

    def look_again_what_varies(self) -> bool:
        """With what the text has defined so far: dK may move a K that no header knows.  Whether anything was new."""
        known = self.model.declarations
        if not self.variations.holds_differentials or len(known.definitions) == self._varied_with:
            return False
        self._varied_with = len(known.definitions)
        before, self.variations = self.variations, variations(self.document, known)
        model = with_directions(self.model, self.variations)
        if model is not self.model:
            self.model, self.points = model, points_of(model)
        return before != self.variations

    @property
    def numbers(self) -> Points:
        """The model with the values that were set."""
        if self._numbers is None or self._numbers[0] is not self.points or self._numbers[1] is not self.worked:
            self._numbers = self.points, self.worked, with_numbers(self.model, self.worked)
        return self._numbers[2]

    @property
    def known(self) -> Declarations:
        known = self.model.declarations
        if self.varied is None and self.at == known.layers.at and not self.adopted:
            return known
        if self._known is None or self._known[0] is not known or self._known[1:4] != self._chosen:
            fresh = known if self.varied is None else replace(known, varied=self.varied)
            if self.at != known.layers.at:
                fresh = replace(fresh, layers=replace(fresh.layers, at=self.at))
            if self.adopted:
                fresh = replace(fresh, indices={**self.adopted, **fresh.indices})
            self._known = known, *self._chosen, fresh
        return self._known[4]

    @property
    def _chosen(self) -> tuple[frozenset[Tensor] | None, dict[str, int], dict[str, IndexName]]:
        """What the chain at hand adds to the declarations of the model."""
        return self.varied, dict(self.at), dict(self.adopted)


def read_sides(premises: Premises, chain: Chain, number: int, law: bool = False) -> list[Read]:
    """All sides of a chain; what they leave open may be said further on, or on another side.

    A law that is recalled is about any letters: nothing is made up for them.
    """
    premises.adopted = {}
    reads = [read_side(side, premises.known) for side in chain.sides]
    for _ in range(DEFINITIONS_AHEAD):
        missing = [r.problem.name for r in reads if isinstance(r.problem, Undeclared)]
        if not any(look_ahead(premises, n, number) or (not law and names_unknown(premises, n)) for n in missing):
            break
        reads = [read_side(side, premises.known) for side in chain.sides]
    meanings = [m for read in reads for m in read.meanings[:1]]
    found = dict(pair for meaning in meanings for pair in meaning.adopted)
    if all(found[letter].index == index.index for m in meanings for letter, index in m.adopted):
        premises.adopted = {letter: index for letter, index in found.items() if letter not in premises.known.indices}
    if premises.adopted:  # the k of δ_{jk} is an index because of the ∂w_k on the other side
        unread = [read.problem is not None and not read.meanings for read in reads]
        reads = [
            read_side(side, premises.known) if again else read
            for side, read, again in zip(chain.sides, reads, unread, strict=True)
        ]
    return reads


def names_unknown(premises: Premises, name: Name) -> bool:
    """Whether the text differentiates a name that nothing is said of: it is then any function from here on."""
    value = unknown_function(premises.document, premises.known, name)
    if value is not None:
        define_name(premises, name, value)
    return value is not None and bool(premises.known.with_base(name.base))


def choose_variation(premises: Premises, chain: Chain, number: int) -> None:
    """What varies in a chain: where several choices are open, the first under which all of it is true."""
    premises.look_again_what_varies()
    found = premises.variations.of(number)
    premises.varied = found[0] if found else None
    for varied in found if len(found) > 1 else ():
        premises.varied = varied
        reads = read_sides(premises, chain, number)
        if all(
            any(agree(premises, a, b) for a in left.meanings for b in right.meanings) for left, right in pairwise(reads)
        ):
            return
    premises.varied = found[0] if found else None


def agree(premises: Premises, one: Meaning, other: Meaning) -> bool:
    """Whether two meanings are equal at a few numbers."""
    try:
        left, right = aligned(one.value, other.value)
    except ShapeError:
        return False
    return premises.points.equal(left, right, (*one.auxiliary, *other.auxiliary))


def sets_value(premises: Premises, chain: Chain) -> bool:
    """``x_1 = 0.05``: what the sheet works with from here on."""
    if len(chain.sides) != 2 or any(side.problem for side in chain.sides):
        return False
    try:
        left, right = (parse_side(side, premises.known)[0][0] for side in chain.sides)
    except (NotUnderstood, RecursionError):
        return False
    worked = with_value(premises.worked, premises.known, left, right)
    premises.worked = worked or premises.worked
    return worked is not None or is_given_zero(premises, left, right)


def is_given_zero(premises: Premises, left: Node, right: Node) -> bool:
    """``h_0 = 0`` of a vector that is given: what holds for any holds for that one."""
    found = candidates(premises.known, left)[:1] if isinstance(left, Name) and right == ZERO else []
    return any(not q.defined and q.tensor.role == "input" and q.tensor.axes for q in found)


def look_ahead(premises: Premises, name: Name, number: int) -> bool:
    """Whether a later chain says what a name is; it is taken as a definition from here on."""
    for at, chain in enumerate(premises.document.chains[number:], number + 1):
        if at in premises.ahead or len(chain.sides) < 2 or chain.sides[0].problem is not None:
            continue
        try:
            left = called_undeclared(premises, chain.sides[0]) or parse_side(chain.sides[0], premises.known)[0][0]
        except NotUnderstood:
            continue
        named = inside_logarithm(premises, left)
        said = named.function if isinstance(named, Call) else named
        if isinstance(said, Name) and said.base == name.base and defines_ahead(premises, chain, at):
            return True
    return False


def defines_ahead(premises: Premises, chain: Chain, at: int) -> bool:
    """Whether a later chain defines its left side, when what it is made of is looked for behind it as well."""
    premises.ahead.add(at)  # nothing is made of itself
    for _ in range(DEFINITIONS_AHEAD):
        if local_definition(premises, chain):
            return True
        missing = read_side(chain.sides[1], premises.known).problem
        if not isinstance(missing, Undeclared) or not look_ahead(premises, missing.name, at):
            break
    premises.ahead.discard(at)
    return False


def declare_arguments(premises: Premises, chain: Chain) -> None:
    """``σ'(u) = …`` with a letter that nobody declared: u is any number."""
    try:
        goal = parse_side(chain.sides[0], premises.known)[0][0]
    except NotUnderstood:
        return
    if isinstance(goal, Name) and goal.primes and is_bare_function(premises, goal):
        declare_number(premises, ANY_NUMBER)  # σ' = σ (1 - σ), at any number
    fresh = dict.fromkeys(
        node.arguments[0]
        for node in walk(goal)
        if isinstance(node, Call)
        and len(node.arguments) == 1
        and (is_function_of_a_number(premises, node.function) or (node is goal and is_known_function(node.function)))
    )
    if isinstance(goal, Deriv) and isinstance(goal.by, Name) and set(names_inside(goal.of)) == {goal.by}:
        fresh[goal.by] = None  # d ln σ'(z) / dz
    for letter in sorted((n for n in fresh if isinstance(n, Name)), key=typeset):
        taken = premises.known.with_base(letter.base) or letter.base in (
            *premises.known.sizes,
            *premises.known.functions,
        )
        if letter.bare and not letter.primes and not taken:  # an index of that letter is another thing
            declare_number(premises, letter.base)


def names_inside(node: Node) -> Iterator[Name]:
    """The names of quantities in a formula: functions are none."""
    return (part for part in walk(node) if isinstance(part, Name))


def is_function_of_a_number(premises: Premises, name: Name) -> bool:
    known, key = premises.known, function_key(name)
    return key in known.functions or (key in known.formulas and known.formulas[key].function is not None)


def is_bare_function(premises: Premises, name: Name) -> bool:
    return Words(premises.known).is_function(replace(name, primes=0))


def declare_number(premises: Premises, base: str) -> None:
    declare_letter(premises, base, ())


def declare_letter(premises: Premises, base: str, axes: tuple[Size, ...]) -> None:
    """A letter of that shape with any values, for the chain at hand."""
    any_number = Declared(base, (), (), Tensor(base, axes, "input"), 0, (1,) * len(axes), latex=base)
    premises.any_numbers.append(any_number)
    known = replace(premises.known, quantities=(*premises.known.quantities, any_number))
    premises.model = replace(premises.model, declarations=known)
    premises.points = points_of(premises.model)


def forget_arguments(premises: Premises) -> None:
    """The letters that stood for any number do so for one chain only."""
    declared = premises.model.declarations
    kept = tuple(q for q in declared.quantities if q not in premises.any_numbers)
    if len(kept) < len(declared.quantities):
        premises.model = replace(premises.model, declarations=replace(declared, quantities=kept))
    premises.any_numbers = []


def applied_names(premises: Premises) -> frozenset[str]:
    """The letters that the model, or the text so far, declares with arguments: p_i says nothing of p(y | x)."""
    known = premises.known
    return frozenset((*(q.base for q in known.quantities if q.formals), *known.functions, *known.formulas))


def local_definition(premises: Premises, chain: Chain) -> bool:
    """``δ_i = p_i - y_i`` with a δ that nobody declared: a definition from here on."""
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
    turned = isinstance(node, Transpose)  # u^T = …: u is the transpose of that
    node = node.argument if isinstance(node, Transpose) else node
    squared = is_square_of_new(premises, node)  # s^2 = …: s is the root of that
    node = node.base if isinstance(node, Power) and squared else node
    name, arguments = (node.function, node.arguments) if isinstance(node, Call) else (node, ())
    formals = tuple(dict.fromkeys(a.base for a in arguments if isinstance(a, Name)))
    if not isinstance(name, Name) or name.below is not None:
        return False
    name = layered(name, premises.known.layers)
    if isinstance(node, Call) and is_known_function(name) and not defines_function(premises, arguments):
        return False  # \ln(p) = … claims something
    fresh = not premises.known.with_base(name.base) and isinstance(node, Call)
    error = name.base == "e" and not premises.known.with_base("e")  # e = p - y is no claim about Euler's number
    value = read_side(chain.sides[1], premises.known)
    listed = is_list_of_others(value.node, name)
    marked = is_name_with_a_mark(premises, name, value.node)
    own = error or fresh or listed or marked or is_beside_matrix(premises.known, name)
    if first.meanings and not own:
        return False
    # what has more subscripts than the model's Q has places is a name of its own: Q_0
    fitting = [
        q
        for q in candidates(premises.known, name)
        if not any(map(is_word, left := remaining(q, name) or ()))
        and (not isinstance(first.problem, Undeclared) or len(left) <= len(q.tensor.axes))
    ]
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
            given = given if whole is node or squared else replace(given, expr=PRIMITIVES["exp"](given.expr))
            given = replace(given, expr=power(given.expr, Fraction(1, 2))) if squared else given
            declared, definition = defined(premises.known, name, given, formals, None, typeset(name))
        except ValueError:
            continue
        definitions = (*premises.known.definitions, *meaning.auxiliary, definition)
        others = (
            tuple(q for q in premises.known.quantities if q not in fitting) if listed else premises.known.quantities
        )
        declarations = replace(premises.known, quantities=(*others, declared), definitions=definitions)
        premises.model = replace(premises.model, declarations=declarations)
        premises.points = points_of(premises.model)
        return True
    return False


def is_square_of_new(premises: Premises, node: Node | None) -> bool:
    """``s^2``, where nobody has said what s is: a length, not below 0."""
    if not isinstance(node, Power) or node.exponent != Num(Fraction(2)) or not isinstance(node.base, Name):
        return False
    return not premises.known.with_base(node.base.base) and node.base.base not in premises.known.sizes


def is_word(item: Script) -> bool:
    """The new of θ_{new}, which is no place in a vector."""
    return item.single is not None and len(item.single) > 1 and item.single.isalpha()


def is_known_function(name: Name) -> bool:
    """ln, tr, softmax: a function that needs no declaration."""
    return name.bare and (name.base in WORDS or builtin(name.base) is not None)


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
    derivatives = (node for tree in left_sides(premises) for node in walk(tree) if isinstance(node, Deriv))
    return any((of.function if isinstance(of := node.of, Call) else of) == name for node in derivatives)


def left_sides(premises: Premises) -> Iterator[Node]:
    """What the chains of the document begin with, as far as it is read."""
    for chain in premises.document.chains:
        try:
            yield parse_side(chain.sides[0], premises.known)[0][0]
        except NotUnderstood:
            continue


def is_list_of_others(node: Node | None, name: Name) -> bool:
    """``U = [u_1, …, u_V]``: it says what a declared U is made of, where x = (x_1, …, x_n) says nothing of x."""
    node = node.argument if isinstance(node, Transpose) else node
    if not isinstance(node, Dotted) or not node.listed:
        return False
    return not any(isinstance(part, Name) and part.base == name.base for part in walk(node))


def is_beside_matrix(known: Declarations, name: Name) -> bool:
    """Whether r_{uv} would be read as an entry of a given R, of which nobody says that it is a formula."""
    matrices = known.with_base(name.base.upper()) if name.base.islower() and not known.with_base(name.base) else ()
    return bool(matrices) and not any(quantity.defined for quantity in matrices)


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
    declarations = replace(premises.known, quantities=(*premises.known.quantities, declared), definitions=definitions)
    premises.model = replace(premises.model, declarations=declarations)
    premises.points = points_of(premises.model)


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
    base = called.function.base
    taken = known.with_base(base) or base in (*known.functions, *known.formulas, *known.sizes, *WORDS)
    return None if taken or called.function.primes else node


def inside_logarithm(premises: Premises, node: Node | None) -> Node | None:
    r"""The p(X) of ``\ln p(X) = …``, which says what p is; else the node."""
    inside = logarithm_of(node)
    if inside is not None:
        name = inside.function if isinstance(inside, Call) else inside
        if isinstance(name, Name) and not premises.known.with_base(name.base):
            return inside
    return node


def condition_of(premises: Premises, tokens: tuple[Token, ...]) -> Expr | None:
    """``k ≠ l`` or ``a_j > 0`` as 1 or 0; None when it is no such condition, or never holds."""
    if not is_condition(tokens):
        return None
    try:
        node = read_condition(unbracketed(tokens), Words(premises.known))
        value = indicator_of(premises, node) if isinstance(node, Relation) else None
    except NotUnderstood:
        return None
    if value is None or value.axes:
        return None
    numbers = premises.points.values(value.expr, ())
    return value.expr if numbers is not None and any(array.any() for array in numbers) else None


def indicator_of(premises: Premises, node: Relation) -> Value:
    """The condition as 1 or 0; ``y_i = 1`` only where y takes single values."""
    if node.sign != "=" or not isinstance(node.left, Name) or premises.known.indices.get(node.left.base):
        return elaborate(node, premises.known).value
    left, right = elaborate(node.left, premises.known).value, elaborate(node.right, premises.known).value
    if not any(t in premises.model.domains for t in tensors(left.expr)) or left.axes or right.axes:
        raise NotUnderstood(
            Text(
                "no condition on something that takes single values",
                "не условие на величину, принимающую отдельные значения",
            ),
            node.span,
        )
    return Value(Compare("==", left.expr, right.expr))


def conditions_of(premises: Premises, written: tuple[tuple[Token, ...], ...]) -> Conditions:
    """The product of all conditions that can be read, with their text."""
    found = [(expr, tokens) for tokens in written if (expr := condition_of(premises, tokens)) is not None]
    if not found:
        return None
    said = ", ".join(f"${premises.document.text((t[0].span[0], t[-1].span[1]))}$" for _, t in found)
    return mul(*(expr for expr, _ in found)), said
