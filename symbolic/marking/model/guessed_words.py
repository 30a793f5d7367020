"""What a text without a header says, read with nothing declared: its formulas, its definitions, its names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from symbolic.language.affine import Affine
from symbolic.marking.grammar.known_words import SPELLINGS
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import (
    Add,
    Call,
    Deriv,
    Dotted,
    Hadamard,
    Inner,
    Matrix,
    Mul,
    Name,
    Node,
    Num,
    Ones,
    Script,
    Transpose,
    capital,
    walk,
)
from symbolic.marking.model.assumptions import says_how_data_arise
from symbolic.marking.model.guessed_definitions import (
    defined_name,
    fixes_an_entry,
    is_before,
    is_iterate,
    is_own_mirror,
    is_set_again,
    is_solved_for,
    is_spoken_of,
    renews_a_number,
    variable_of_two,
    without_relations,
)
from symbolic.marking.model.guessed_lemmas import without_lemmas
from symbolic.marking.model.guessed_scripts import (
    bases_of_layers,
    indexed_above,
    letters_above,
    letters_of_layers,
    numbered_by_layers,
)
from symbolic.marking.model.guessed_text import LOGISTIC, Guess, names_in
from symbolic.marking.model.read_off import says_what_a_gradient_is
from symbolic.marking.model.text_definitions import is_known_function
from symbolic.marking.model.unknown_functions import leaves_loss_open
from symbolic.marking.model.worded_conventions import primes_transpose, sums_repeated
from symbolic.marking.text.chains import Chain, lists_itself, lists_own_entries
from symbolic.marking.text.collections_named import names_collection
from symbolic.marking.text.densities import states_probability, without_densities
from symbolic.marking.text.function_words import named_functions, names_function
from symbolic.marking.text.increments import explains_increments
from symbolic.marking.text.maps import kernels, value_in
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import in_ascii
from symbolic.marking.text.words_around import EXPRESSING

_FUNCTIONS = ("f", "g", "h", r"\phi", r"\varphi", r"\psi", r"\rho", "s")
_ONE_STEP = re.compile(
    r"\b(?:one|single|a single|1)\s+(?:(?!gradient|newton|descent|training|update)[A-Za-z]+[- ])?(?:time[- ])?step\b"
    r"(?!\s+of\s+(?:\w+\s+)?(?:gradient|descent|sgd|newton|adam)\b)|\bодин\s+(?:временной\s+)?шаг\b"
    r"|\bодно(?:го|м)\s+(?:временн\w+\s+)?шаг\w*",
    re.IGNORECASE,
)
#: A letter with a prime and an argument is a function, whatever letter it is.
_DIFFERENTIAL = re.compile(r"(?<![A-Za-z\\])d\s*(?:\\[A-Z][a-z]+|[A-Z](?![A-Za-z]))")
_PRIME = r"(?:'|\^\s*\\prime|\^\{\s*\\prime\s*\})"
_PRIMED = re.compile(rf"(?<![_^{{A-Za-z\\])(\\?[A-Za-z]+)(?:_\{{?([a-z])\}}?)?\s*{_PRIME}+\s*(?:\\left)?\(")
#: A Greek letter with a prime, and what it is called: ``\\Phi' = \\phi``.
_SLOPE = re.compile(
    rf"(\\[A-Za-z]+)\s*{_PRIME}\s*=\s*(\\[A-Za-z]+)(?![A-Za-z(])|(\\[A-Za-z]+)\s*=\s*(\\[A-Za-z]+)\s*{_PRIME}(?!\s*[(\\A-Za-z])"
)


#: ``wᵀφ(x_n)`` and ``φ(x_n)ᵀ``, as tokens with spaces: the features of an object, a vector.
_TRANSPOSED = r"\^ (?:\{ )?(?:T|\\top|\\intercal)(?: \})?"
_OF_OBJECT = r"(?P<map>\\(?:var)?phi|\\psi|\\Phi|\\Psi|[fgh]) \( [a-zA-Z]+(?: ')*(?: _ (?:\{ )?[a-z](?: \})?)? \)"
_FEATURES = re.compile(rf"{_TRANSPOSED} {_OF_OBJECT}"), re.compile(rf"{_OF_OBJECT} {_TRANSPOSED}")
#: Thin spaces and sizes before a bracket: \sigma\!\left(, f\bigl(.
_AROUND_BRACKETS = re.compile(r"(?:\\[,;:! ]\s*)*(?:\\(?:left|mathopen|[bB]igg?l?)\s*|(?<=\\[,;:!]))(?=\()")
_RANGE = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<letter>[a-z])\s*=\s*(?P<lower>\d)\s*(?:,\s*(?:\d\s*,\s*)*(?:\\[lc]?dots|\.\.\.|…)\s*,|\.\.\.?|…)\s*(?P<upper>\\?[A-Za-z]+)\b"
    r"(?P<before>\s*[-−]\s*1\b)?"
)
#: ``x_1, …, x_N``: how many there are of them.
_MANY = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<base>\\?[A-Za-z]+)\s*_\s*\{?1\}?\s*,[^.;$]{0,20}?(?:\\[lc]?dots|\.\.\.|…)\s*,\s*"
    r"(?P=base)\s*_\s*\{?(?P<upper>[A-Za-z])\}?(?![\w+-])"
)
_LISTED = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<letter>[a-z])\s*=\s*(?P<lower>\d)\s*,\s*(?:\d\s*,\s*)*(?P<upper>\d)(?!\d|\.\d)"
)


@dataclass(frozen=True, slots=True)
class GuessedWords:
    """The grammar's view of a text of which nothing is declared: what it defines is called, the rest multiplied."""

    defined: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    #: What is defined as a function of something: K(x) = ….
    called: frozenset[str] = frozenset()
    #: What maps an object to its features, φ(x_n), or two to a number, k(x_i, x_j).
    features: frozenset[str] = frozenset()
    #: Whether the text writes X'X for the transpose, as statistics does.
    primes_transpose: bool = False
    #: Letters that count layers, and are no powers: the l and the L of a^l, a^{l-1}, a^L.
    layers: frozenset[str] = frozenset()
    #: What has a value at each layer: beside a^l is a^3 no power.
    layered: frozenset[str] = frozenset()
    #: What has indices above it, as the u^h and the a^m of Σ_m (a^m - y^m)^2, and is never raised to a power.
    indexed: frozenset[str] = frozenset()
    #: The functions of which each unit has its own, the g of g_k.
    numbered: frozenset[str] = frozenset()

    def is_function(self, name: Name) -> bool:
        own = name.base in self.numbered and len(name.subs) == 1 and not name.sups
        return (name.bare or own) and name.base in self.functions

    def is_declared(self, base: str) -> bool:
        return base in self.defined or base in self.functions

    def is_named_later(self, base: str) -> bool:
        return base in self.defined

    def is_quantity(self, base: str) -> bool:
        return self.is_declared(base)

    def is_word(self, text: str) -> bool:
        return len(text) > 3

    def reads_differentials(self) -> bool:
        return False  # what is a differential is known once the model is

    def is_index(self, letter: str) -> bool:
        return False

    def is_given(self, name: Name) -> bool:
        return False

    def has_superscript(self, base: str, superscript: str) -> bool:
        counted = base in self.layered and superscript.isdigit()
        counted = counted or (superscript.isalpha() and superscript.islower() and len(superscript) > 2)  # w^{new}
        counted = counted or (base in self.indexed and len(superscript) == 1 and superscript.islower())
        return counted or (bool(self.layers & {*re.findall(r"[A-Za-z]", superscript)}) and "\\" not in superscript)

    def was_declared_with_arguments(self, name: Name) -> bool:
        return name.base in self.defined

    def reads_as_call(self, name: Name, arguments: tuple[Node, ...]) -> bool:
        if name.base in self.features and not name.subs:
            return True
        if name.base not in self.defined or (name.base in self.layered and name.base not in self.called):
            return False  # δ^3 (a^2)^T
        itself = any(isinstance(n, Name) and n.base == name.base for a in arguments for n in walk(a))  # p (1 - p)
        return len(arguments) > 1 or isinstance(arguments[0], Name) or (name.base in self.called and not itself)

    def is_array(self, node: Name | Ones) -> bool:
        made = isinstance(node, Name) and (node.base in self.functions or node.base in self.defined)
        return self.primes_transpose and not made

    def sample_letter(self) -> str:
        return ""

    def arguments_of(self, node: Node) -> tuple[Node, ...]:
        return ()

    def numbers_differentiated_by(self, names: tuple[Node, ...]) -> tuple[Node, ...]:
        return ()

    def parameter(self, names: tuple[Node, ...]) -> Node | None:
        return names[0] if names and isinstance(names[0], Name) else Name("?")


def names_slope(chain: Chain) -> bool:
    r"""``\varphi = \Phi'``, of two Greek letters."""
    words = [[token.text for token in side.tokens] for side in chain.sides]
    return len(words) == 2 and _SLOPE.fullmatch("".join(words[0]) + "=" + "".join(words[1])) is not None


def read_text(guess: Guess, document: Document) -> None:
    lefts = [
        chain
        for chain in document.chains
        if len(chain.sides) > 1
        and chain.sides[0].problem is None
        and not says_how_data_arise(chain, document)
        and not states_probability(chain)
        and not is_own_mirror(chain)
        and not names_function(chain)
        and not lists_itself(chain)
        and not explains_increments(chain)
        and not names_collection(document.source, chain)
        and not leaves_loss_open(document, chain)
        and not says_what_a_gradient_is(document, chain)
    ]
    lefts = [chain for chain in lefts if not is_iterate(chain, lefts)]
    lefts = without_relations(lefts)
    guess.mirrored = frozenset(c.sides[0].tokens[0].text for c in document.chains if is_own_mirror(c))
    features, maps = feature_maps(lefts), kernels(lefts)
    defined: dict[str, tuple[str, ...]] = {}
    for place, chain in enumerate(lefts):
        name = defined_name(chain)
        if EXPRESSING.search(document.before(chain.sides[0].span)[-40:]) and is_spoken_of(name, lefts[:place]):
            continue
        if renews_a_number(chain, lefts[:place]) or is_set_again(chain, lefts[:place]) or fixes_an_entry(chain, lefts):
            continue
        value = value_in(chain)
        if names_slope(chain) or lists_own_entries(chain):
            continue  # \varphi = \Phi'
        if value is not None and (value.map in maps or (value.map in features and not value.indexed)):
            continue  # φ(x_n) is the φ_n of the object, but nobody knows what φ(s') is
        if name is not None and name[0] not in defined and not is_solved_for(name[0], chain, lefts[:place], document):
            defined[name[0]] = name[1]
            defined.pop(variable_of_two(name, chain, lefts[:place]), None)
    source = re.sub(r"(\\[A-Za-z]+) (?=[('])", r"\1", _AROUND_BRACKETS.sub("", in_ascii(document.source)))
    guess.sums_repeated = sums_repeated(document.source)
    guess.ranges = {match["letter"]: match["upper"] for match in _RANGE.finditer(source)}
    guess.firsts = {match["letter"]: int(match["lower"]) for match in _RANGE.finditer(source)}
    guess.from_zero = {m["letter"] for m in _RANGE.finditer(source) if m["lower"] == "0" and m["before"]}
    guess.counts = {match["base"]: match["upper"] for match in _MANY.finditer(source)}
    for match in _LISTED.finditer(source):  # for l = 2, 3
        guess.ranges.setdefault(match["letter"], match["upper"])
        guess.firsts.setdefault(match["letter"], int(match["lower"]))
    guess.one_step = _ONE_STEP.search(document.source) is not None
    guess.differentials = _DIFFERENTIAL.search(source) is not None or any(
        begins_with_differential(chain, {*defined}) for chain in lefts
    )
    primed = [m[1] for m in _PRIMED.finditer(source) if m[1] not in SPELLINGS and not is_known_function(Name(m[1]))]
    slopes = {name for match in _SLOPE.finditer(source) for name in match.groups() if name} - {*defined}
    indexed = {m[1]: m[2] for m in _PRIMED.finditer(source) if m[2] and m[1] in primed}
    for base in dict.fromkeys((*_FUNCTIONS, LOGISTIC, *primed)):
        letter = re.escape(base) + (r"(?![A-Za-z])" if base.startswith("\\") else "")
        boundary = r"(?<![A-Za-z\\{_^])" if not base.startswith("\\") else ""
        below = rf"(?:_\{{?{indexed[base]}\}}?)?" if base in indexed else ""
        if base not in defined and re.search(
            rf"{boundary}{letter}{below}(?:'|\^\\prime|\^\{{\\prime\}})*\s*(?:\\left)?\(", source
        ):
            guess.functions[base] = None
    guess.functions |= dict.fromkeys(slopes)
    said = {base: function for base, function in named_functions(source).items() if base not in defined}
    guess.called = {base: said[base] for base in said if base in guess.functions or is_applied(base, source)}
    guess.functions |= dict.fromkeys(guess.called)
    features, maps = features - {*defined, *guess.called}, maps - {*defined, *guess.called}
    guess.featured = frozenset(base for chain in lefts for base in taken_of(chain, features))
    guess.functions = {base: None for base in guess.functions if base not in features}
    transposing = primes_transpose(source)
    if transposing:
        guess.functions = {base: None for base in guess.functions if not (len(base) == 1 and base.isupper())}
    called = frozenset(base for base, formals in defined.items() if formals)
    numbered = numbered_by_layers(lefts)
    layers = letters_of_layers(lefts, guess.ranges) | letters_above(lefts, numbered)
    words = GuessedWords(
        frozenset(defined),
        frozenset(guess.functions),
        called,
        features | maps,
        transposing,
        layers,
        bases_of_layers(lefts, layers) | numbered,
        indexed_above(lefts),
        frozenset(indexed) & {*guess.functions},
    )
    guess.numbered_functions = {base: letter for base, letter in indexed.items() if base in guess.functions}
    guess.applies_logistic = guess.functions.pop(LOGISTIC, False) is None
    for chain in (without_densities(one, called | {*guess.functions})[0] for one in lefts):
        sides = [of_objects(side, features) for side in _sides(chain, words, guess.dots)]
        if sides and not is_notation(sides):
            guess.chains.append(sides)
        name = defined_name(chain)
        if name is not None and len(sides) > 1 and name[0] in defined and name[0] not in guess.defined:
            guess.defined[name[0]] = sides[1]
            guess.formals.extend(f for f in name[1] if f not in guess.formals)
            if isinstance(sides[0], Call) and all(isinstance(a, Name) for a in sides[0].arguments):
                guess.taken_of[name[0]] = tuple(a for a in sides[0].arguments if isinstance(a, Name))
    for inner, formula in dict(named_inside(guess)).items():
        guess.chains.append([inner, formula])
        guess.defined[inner.base] = formula
    guess.chains = [sides for sides in guess.chains if not is_list_of_arguments(guess, sides)]
    guess.chains = without_lemmas(guess)
    guess.chains = [sides for sides in guess.chains if not is_list_of_columns(sides)]
    guess.defined = {base: body for base, body in guess.defined.items() if not is_list_of_columns([Name(base), body])}
    guess.formals = [f for f in guess.formals if f not in guess.defined]
    guess.functions = {base: None for base in guess.functions if not is_only_indexed(guess, base)}
    for sides in guess.chains:
        left = sides[0]
        if isinstance(left, Name) and any(is_before(part, left) for part in names_in(guess, sides[1:])):
            guess.updated.add(left)


def is_list_of_columns(sides: Sequence[Node]) -> bool:
    r"""``X = [x^{(1)}, \dots, x^{(m)}]``: which vectors the data X are made of, and no definition.

    Nor is ``a^{[0]} = (a_1^{[0]}, a_2^{[0]})^T``.
    """
    match sides:
        case [Name(subs=()) as whole, Matrix(entries=entries) | Transpose(Matrix(entries=entries))] if whole.sups:
            numbers: list[Script] = [Affine((), k) for k in range(1, len(entries) + 1)]
            return [*entries] == [replace(whole, subs=(number,)) for number in numbers]
        case [Name() as whole, Dotted(body=body) | Transpose(Dotted(body=body))]:
            part = body.argument if isinstance(body, Transpose) else body
            if not isinstance(part, Name) or part.bare or part.base == whole.base:
                return False
            return whole.bare and capital(part.base) == whole.base
    return False


def named_inside(guess: Guess) -> Iterator[tuple[Name, Node]]:
    """The n of ``o = f(n) = f(w x)``, and what it is a name for."""
    for one, other in (pair for sides in guess.chains for pair in pairwise(sides)):
        match one, other:
            case Call(function, (Name() as name,)), Call(same, (argument,)) if function == same and argument != name:
                if name.base not in guess.defined:
                    yield name, argument


def is_applied(base: str, source: str) -> bool:
    """Whether a name stands before brackets: f(u)."""
    return re.search(rf"(?<![\w\\{{_^]){re.escape(base)}\s*(?:\\left)?\(", source) is not None


def is_list_of_arguments(guess: Guess, sides: Sequence[Node]) -> bool:
    """``θ = (μ, σ)`` beside ``ℓ(μ, σ)``: what a function is taken of, under one name, and no inner product of both."""
    match sides:
        case [Name(), Inner(left, right, dot=False)]:
            calls = (node for other in guess.chains for side in other for node in walk(side) if isinstance(node, Call))
            return any(call.arguments == (left, right) for call in calls)
    return False


def is_only_indexed(guess: Guess, base: str) -> bool:
    """Whether all formulas have f_{ij}, and only the words an f(x)."""
    nodes = [node for sides in guess.chains for side in sides for node in walk(side)]
    called = any(isinstance(node, Call) and node.function.base == base for node in nodes)
    return not called and any(isinstance(node, Name) and node.base == base and node.subs for node in nodes)


def begins_with_differential(chain: Chain, defined: Set[str]) -> bool:
    """``dp = …``, ``dy_i = …``, ``df(x) = …`` of what the text defines, where nothing is called d."""
    first, second, *rest = [*(token.text for token in chain.sides[0].tokens), "", ""]
    known = second in defined or second.startswith("\\")
    return first == "d" and known and rest[0] in ("", "(", "_", "^") and "d" not in defined


def is_notation(sides: Sequence[Node]) -> bool:
    """``dW = ∂J/∂W``, where W stands for all weights: it speaks of no quantity of the model."""
    match sides:
        case [Name(base=name), Deriv(of=Name(), by=Name(base=base) as by)]:
            return by.bare and name == f"d{base}"
    return False


def _sides(chain: Chain, words: GuessedWords, dots: bool) -> Iterator[Node]:
    usual = frozenset({"sum", "dot"} if dots else {"sum"})
    for side in chain.sides:
        try:
            tree = read_formula(side.tokens, words, usual, side.span[1]).tree
            if any(token.is_sign("*") for token in side.tokens):
                tree = by_entries(tree, read_formula(side.tokens, words, usual | {"star"}, side.span[1]).tree)
        except NotUnderstood:
            continue
        yield tree


def by_entries(usual: Node, starred: Node) -> Node:
    """``W^T δ * (1 - h^2)``: who multiplies by one less an array, or by a slope, does so entry by entry.

    Where the star is the only sign of a product, ``2*(p - y)*p*(1 - p)*x``, it may be one of numbers.
    """
    products = [node for node in walk(starred) if isinstance(node, Hadamard) and node not in walk(usual)]
    slopes = any(is_of_entries(factor) for node in products for factor in node.factors)
    others = any(isinstance(node, Mul | Transpose) for node in walk(starred))
    return starred if slopes and others else usual


def is_of_entries(factor: Node) -> bool:
    if isinstance(factor, Call):
        return factor.function.primes == 1
    return isinstance(factor, Add) and any(isinstance(term, Num) for term in factor.terms)


def feature_maps(chains: Sequence[Chain]) -> frozenset[str]:
    """The φ of ``wᵀφ(x_n)``: what gives each object a vector."""
    texts = [" ".join(token.text for token in side.tokens) for chain in chains for side in chain.sides]
    return frozenset(found["map"] for text in texts for pattern in _FEATURES for found in pattern.finditer(text))


def taken_of(chain: Chain, features: frozenset[str]) -> Iterator[str]:
    """The x of φ(x_n)."""
    for side in chain.sides:
        for first, bracket, inside in zip(side.tokens, side.tokens[1:], side.tokens[2:], strict=False):
            if first.text in features and bracket.is_sign("("):
                yield inside.text


def of_objects(node: Node, features: frozenset[str]) -> Node:
    """The tree with φ_n for φ(x_n)."""
    if isinstance(node, Call) and node.function.base in features:
        first = node.arguments[0]
        return replace(node.function, subs=first.subs) if isinstance(first, Name) else node
    return node.rebuild(tuple(of_objects(child, features) for child in node.children)) if node.children else node
