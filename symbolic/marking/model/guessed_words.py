"""What a text without a header says, read with nothing declared: its formulas, its definitions, its names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from symbolic.marking.grammar.known_words import SPELLINGS, TRANSPOSES
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import (
    Add,
    Call,
    Deriv,
    Hadamard,
    Inner,
    Mul,
    Name,
    Node,
    Num,
    Power,
    Transpose,
    is_of_before,
    walk,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import LetWords
from symbolic.marking.model.assumptions import says_how_data_arise
from symbolic.marking.model.guessed_lemmas import without_lemmas
from symbolic.marking.model.guessed_text import LOGISTIC, Guess, names_in, whose_logarithm
from symbolic.marking.model.text_definitions import is_known_function
from symbolic.marking.model.unknown_functions import leaves_loss_open
from symbolic.marking.model.worded_conventions import primes_transpose, sums_repeated
from symbolic.marking.text.chains import Chain, Side, lists_itself
from symbolic.marking.text.densities import states_probability, without_densities
from symbolic.marking.text.function_words import named_functions, names_function
from symbolic.marking.text.maps import kernels, value_in
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.surroundings import EXPRESSING, is_called_best, sets_to_zero_in_words, speaks_of_optimum
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import in_ascii

#: What a side begins with that is a derivative, or holds.
_DERIVING = ("\\nabla", "\\partial", "grad", "'", "\\prime")
_FUNCTIONS = ("f", "g", "h", r"\phi", r"\varphi", r"\psi", r"\rho", "s")
_ONE_STEP = re.compile(
    r"\b(?:one|single|a single|1)\s+(?:time[- ])?step\b|\bодин\s+(?:временной\s+)?шаг\b"
    r"|\bодно(?:го|м)\s+(?:временн\w+\s+)?шаг\w*",
    re.IGNORECASE,
)
#: A letter with a prime and an argument is a function, whatever letter it is.
_DIFFERENTIAL = re.compile(r"(?<![A-Za-z\\])d\s*(?:\\[A-Z][a-z]+|[A-Z](?![A-Za-z]))")
_PRIMED = re.compile(r"(?<![_^{A-Za-z\\])(\\?[A-Za-z]+)\s*(?:'|\^\s*\\prime|\^\{\s*\\prime\s*\})+\s*(?:\\left)?\(")
#: A Greek letter with a prime, and what it is called: ``\\Phi' = \\phi``.
_SLOPE = re.compile(r"(\\[A-Za-z]+)\s*(?:'|\^\s*\\prime|\^\{\s*\\prime\s*\})\s*=\s*(\\[A-Za-z]+)(?![A-Za-z(])")


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
    r"(?<![A-Za-z\\_^{])(?P<letter>[a-z])\s*=\s*(?P<lower>\d)\s*,\s*(?:\d\s*,\s*)*(?P<upper>\d)(?![\d.])"
)


#: Commands that name nothing.
NO_NAMES = frozenset((r"\sum", r"\prod", r"\frac", r"\partial", r"\left", r"\right", r"\cdot", r"\nabla", "d"))


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

    def is_function(self, name: Name) -> bool:
        return name.bare and name.base in self.functions

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

    def is_array(self, name: Name) -> bool:
        return self.primes_transpose and name.base not in self.functions and name.base not in self.defined

    def sample_letter(self) -> str:
        return ""

    def arguments_of(self, node: Node) -> tuple[Node, ...]:
        return ()

    def numbers_differentiated_by(self, names: tuple[Node, ...]) -> tuple[Node, ...]:
        return ()

    def parameter(self, names: tuple[Node, ...]) -> Node | None:
        return names[0] if names and isinstance(names[0], Name) else Name("?")


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
        and not leaves_loss_open(document, chain)
    ]
    features, maps = feature_maps(lefts), kernels(lefts)
    defined: dict[str, tuple[str, ...]] = {}
    for place, chain in enumerate(lefts):
        name = _defined_name(chain)
        if EXPRESSING.search(document.before(chain.sides[0].span)[-40:]) and is_spoken_of(name, lefts[:place]):
            continue
        if renews_a_number(chain, lefts[:place]) or is_set_again(chain, lefts[:place]) or fixes_an_entry(chain, lefts):
            continue
        value = value_in(chain)
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
    slopes = {name for match in _SLOPE.finditer(source) for name in match.groups()} - {*defined}
    for base in dict.fromkeys((*_FUNCTIONS, LOGISTIC, *primed)):
        letter = re.escape(base) + (r"(?![A-Za-z])" if base.startswith("\\") else "")
        boundary = r"(?<![A-Za-z\\{_^])" if not base.startswith("\\") else ""
        if base not in defined and re.search(
            rf"{boundary}{letter}(?:'|\^\\prime|\^\{{\\prime\}})*\s*(?:\\left)?\(", source
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
    )
    guess.applies_logistic = guess.functions.pop(LOGISTIC, False) is None
    for chain in (without_densities(one, called | {*guess.functions})[0] for one in lefts):
        sides = [of_objects(side, features) for side in _sides(chain, words, guess.dots)]
        if sides and not is_notation(sides):
            guess.chains.append(sides)
        name = _defined_name(chain)
        if name is not None and len(sides) > 1 and name[0] in defined and name[0] not in guess.defined:
            guess.defined[name[0]] = sides[1]
            guess.formals.extend(f for f in name[1] if f not in guess.formals)
    for inner, formula in dict(named_inside(guess)).items():
        guess.chains.append([inner, formula])
        guess.defined[inner.base] = formula
    guess.chains = [sides for sides in guess.chains if not is_list_of_arguments(guess, sides)]
    guess.chains = without_lemmas(guess)
    guess.formals = [f for f in guess.formals if f not in guess.defined]
    guess.functions = {base: None for base in guess.functions if not is_only_indexed(guess, base)}
    for sides in guess.chains:
        left = sides[0]
        if isinstance(left, Name) and any(is_before(part, left) for part in names_in(guess, sides[1:])):
            guess.updated.add(left)


def is_set_again(chain: Chain, earlier: Sequence[Chain]) -> bool:
    """``w_1 = 0.5 - 0.1 · 9`` behind ``w_1 = 0.5``: the new value of a weight, and no definition."""
    left = [token.text for token in chain.sides[0].tokens]
    in_numbers = not any(is_letter(token) for token in chain.sides[1].tokens)
    return in_numbers and any(sets_a_number(one) and [t.text for t in one.sides[0].tokens] == left for one in earlier)


def is_spoken_of(name: tuple[str, tuple[str, ...]] | None, chains: Sequence[Chain]) -> bool:
    """Whether a line before has the name."""
    return name is not None and any(t.text == name[0] for c in chains for side in c.sides for t in side.tokens)


def variable_of_two(name: tuple[str, tuple[str, ...]], chain: Chain, earlier: Sequence[Chain]) -> str:
    """Of ``s = \\log σ^2`` and ``σ = e^{s/2}``, which say the same: the letter that came second; empty for others.

    Of what goes on from step to step, c_t of h_{t-1} and h_t of c_t, none is.
    """
    for at, other in enumerate(earlier):
        before = _defined_name(other)
        if before is None or before[0] == name[0] or goes_back(chain) or goes_back(other):
            continue
        if is_made_with(other.sides[1], chain.sides[0]) and is_made_with(chain.sides[1], other.sides[0]):
            return before[0] if is_spoken_of(name, earlier[:at]) else name[0]
    return ""


def is_made_with(body: Side, named: Side) -> bool:
    """Whether a name stands in a formula, and not another layer of it: the x^{(1)} of s^{(2)}."""
    left = [token.text for token in named.tokens]
    if len(left) == 1 or left[1] == "(":
        return left[0] in on_the_line(body)
    words = [token.text for token in body.tokens]
    return any(words[k : k + len(left)] == left for k in range(len(words)))


#: So many letters without a space between them make a word, and no product.
_WORD_OF_LETTERS = 4


def on_the_line(side: Side) -> set[str]:
    """The signs of a side that stand below nothing and in no word: of W_z x the W and the x, of softmax(s) the s."""
    tokens, found, at = side.tokens, set[str](), 0
    words = [token.text for token in tokens]
    while at < len(words):
        end = at + 1
        if words[at] == "_":
            end = words.index("}", at) + 1 if words[at + 1 : at + 2] == ["{"] and "}" in words[at:] else at + 2
        elif len(words[at]) == 1 and words[at].isalpha():
            while end < len(words) and len(words[end]) == 1 and words[end].isalpha():
                if tokens[end - 1].span[1] != tokens[end].span[0]:
                    break
                end += 1
            found |= {*words[at:end]} if end - at < _WORD_OF_LETTERS else set()
        else:
            found.add(words[at])
        at = end
    return found


def goes_back(chain: Chain) -> bool:
    """Whether a step before another stands in a line: t - 1."""
    texts = [t.text for side in chain.sides for t in side.tokens]
    return any(texts[k : k + 2] == ["-", "1"] and texts[k + 2 : k + 3] in (["}"], [")"]) for k in range(len(texts)))


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


def letters_of_layers(chains: Sequence[Chain], ranges: Mapping[str, str]) -> frozenset[str]:
    """The l and the L of ``z^l = w^l a^{l-1} + b^l``: no line says what a power is, and this one goes on from layer to
    layer."""
    found: set[str] = set()
    for chain in chains:
        words = [[token.text for token in side.tokens] for side in chain.sides]
        above = letter_above(words[0])
        before = [*"^{", above, *"-1}"]
        if above and any(before == side[k : k + len(before)] for side in words[1:] for k in range(len(side))):
            found |= {above, ranges.get(above, "L")}
    return frozenset(found)


def bases_of_layers(chains: Sequence[Chain], layers: Set[str]) -> frozenset[str]:
    """What has such a letter above it."""
    found: set[str] = set()
    for side in (side for chain in chains for side in chain.sides):
        words = [token.text for token in side.tokens]
        for base, sign, above, inside in zip(words, words[1:], words[2:], [*words[3:], ""], strict=False):
            if sign == "^" and (inside if above == "{" else above) in layers:
                found.add(base)
    return frozenset(found)


def numbered_by_layers(chains: Sequence[Chain]) -> frozenset[str]:
    """The z, w and a of ``z^1 = w^1 x``, ``a^1 = σ(z^1)``: nobody writes a first power, and several names have one."""
    sides = [[token.text for token in side.tokens] for chain in chains for side in chain.sides]
    first = {base for words in sides for base, above in above_each(words) if above == "1"}
    return frozenset(first) if len(first) > 1 else frozenset()


def letters_above(chains: Sequence[Chain], bases: Set[str]) -> frozenset[str]:
    """The l of δ^l beside δ^1 and δ^2."""
    sides = [[token.text for token in side.tokens] for chain in chains for side in chain.sides]
    found = {above for words in sides for base, above in above_each(words) if base in bases}
    return frozenset(letter for letter in found if len(letter) == 1 and letter.islower())


def above_each(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each letter with the one token that stands above it: of z^1_j the 1, as of z_j^{1}."""
    return ((word, above[0]) for word, _, above in with_scripts(words) if len(above) == 1)


def indexed_above(chains: Sequence[Chain]) -> frozenset[str]:
    """The names that stand nowhere without one of the letters above that sums run over and weights are numbered by.

    The x^j of a polynomial is a power: x stands there alone too, or numbered.
    """
    sides = [[token.text for token in side.tokens] for chain in chains for side in chain.sides]
    letters = {letter for words in sides for letter in letters_below(words)}
    above: dict[str, set[str]] = {}
    for base, script in (pair for words in sides for pair in bases_with_scripts(words)):
        above.setdefault(base, set()).add(script)
    shared = {base for base, scripts in above.items() if scripts <= letters and not base.isdigit()}
    lefts = {pair[0] for words in sides for pair in [*bases_with_scripts(words)][:1] if len(words) in (3, 5)}
    return frozenset(shared) if shared & lefts else frozenset()


def letters_below(words: Sequence[str]) -> Iterator[str]:
    """The single letters of what stands below a sign or a name: the j and the h of w_{jh}."""
    for sign, first, *rest in zip(words, words[1:], words[2:], [*words[3:], ""], strict=False):
        if sign == "_":
            yield from (word for word in ((first,) if first != "{" else rest) if len(word) == 1 and word.islower())


def bases_with_scripts(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each letter on the line with the single letter above it, empty where something else or nothing stands there."""
    for word, below, above in with_scripts(words):
        yield word, above[0] if len(above) == 1 and not below else ""


def with_scripts(words: Sequence[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each letter on the line with what stands below it and above it."""
    at = 0
    while at < len(words):
        word, at = words[at], at + 1
        scripts: dict[str, list[str]] = {"_": [], "^": []}
        while at + 1 < len(words) and words[at] in scripts:
            end = words.index("}", at) if words[at + 1] == "{" and "}" in words[at:] else at + 1
            scripts[words[at]] = [inside for inside in words[at + 1 : end + 1] if inside not in "{}"]
            at = end + 1
        if re.fullmatch(r"[A-Za-z]|\\[a-z]+", word) and word not in NO_NAMES:
            yield word, scripts["_"], scripts["^"]


def without_below(words: Sequence[str]) -> list[str]:
    """The tokens without the first ``_j`` or ``_{jk}`` among them."""
    at = words.index("_") if "_" in words else len(words)
    end = words.index("}", at) if words[at + 1 : at + 2] == ["{"] and "}" in words[at:] else at + 1
    return [*words[:at], *words[end + 1 :]]


def letter_above(words: Sequence[str]) -> str:
    """The l of a side that is z^l, or z^l_j, and nothing else."""
    words = without_below(words)
    if len(words) == 5 and words[2] == "{" and words[4] == "}":
        words = [words[0], words[1], words[3]]
    if len(words) != 3 or words[1] != "^":
        return ""
    return words[2] if len(words[2]) == 1 and words[2].islower() else ""


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


def is_solved_for(base: str, chain: Chain, earlier: Sequence[Chain], document: Document) -> bool:
    """Whether ``w = …`` is no definition but the place where a gradient vanishes that was taken before.

    Who calls it one accepts whatever stands there.
    """
    if not any(base in (t.text for side in one.sides[1:] for t in side.tokens) for one in earlier):
        return False
    gradients = [one for one in earlier if is_slope_of_something([t.text for t in one.sides[0].tokens])]
    by = [one for one in gradients if base in (t.text for t in one.sides[0].tokens)]
    bare = [one for one in gradients if one.sides[0].tokens[0].text == r"\nabla"]
    formals = {formal for one in earlier if (name := _defined_name(one)) is not None for formal in name[1]}
    if not by and not (bare and base in formals):
        return False
    zero = any([t.text for t in one.sides[-1].tokens] == ["0"] for one in gradients)
    before = document.before(chain.sides[0].span)
    said = sets_to_zero_in_words(before) or speaks_of_optimum(before)
    said = said or any(sets_to_zero_in_words(document.before(one.sides[0].span)) for one in earlier)
    return zero or said or is_called_best(document.behind(chain.sides[-1].span))


def is_slope_of_something(words: Sequence[str]) -> bool:
    """``∂Q/∂w``, ``∇Q``, ``dF/du``, ``F'(u)``."""
    return any(word in _DERIVING for word in words) or (r"\frac" in words and words.count("d") == 2)


def _defined_name(chain: Chain) -> tuple[str, tuple[str, ...]] | None:
    try:
        left = read_formula(chain.sides[0].tokens, LetWords(Declarations())).tree
    except NotUnderstood:
        return None
    left = whose_logarithm(left)
    if isinstance(left, Power) and isinstance(left.base, Name) and left.base.base.startswith(r"\hat"):
        left = left.base  # \hat\Lambda^{-1} = …
    name, arguments = (left.function, left.arguments) if isinstance(left, Call) else (left, ())
    if not isinstance(name, Name) or name.primes or sets_a_number(chain) or is_update(name, chain):
        return None
    if is_own_transpose(name, chain):
        return None
    return name.base, tuple(a.base for a in arguments if isinstance(a, Name))


def fixes_an_entry(chain: Chain, chains: list[Chain]) -> bool:
    """``x_0 = 1`` where an x_j or an x^{(i)} stands too: one of its numbers, and not what x is."""
    left, *others = ([token.text for token in side.tokens if token.text not in "{}()"] for side in chain.sides)
    if others != [["1"]] or len(left) < 3 or left[1] != "_" or not left[2].isdigit():
        return False
    sides = ([t for t in side.tokens if t.text not in "{}("] for other in chains for side in other.sides)
    return any(
        name.text == left[0] and sign.is_sign("_", "^") and is_letter(script) and len(script.text) == 1
        for tokens in sides
        for name, sign, script in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def is_own_mirror(chain: Chain) -> bool:
    """``a_{ij} = a_{ji}``: what a matrix is like, by its entries."""
    if len(chain.sides) != 2:
        return False
    left, right = ([t.text for t in side.tokens if t.text not in "{}"] for side in chain.sides)
    return len(left) == 4 and left[1] == "_" and right == [left[0], "_", left[3], left[2]]


def is_own_transpose(name: Name, chain: Chain) -> bool:
    """``D = D^T``: what a matrix is like, and no definition."""
    words = [token.text for token in chain.sides[1].tokens if token.text not in "{}"]
    return len(words) == 3 and words[:2] == [name.base, "^"] and words[2] in TRANSPOSES


def is_update(name: Name, chain: Chain) -> bool:
    r"""``w := w + η x``, ``\theta_{new} = \theta + …``: where a variable goes next is no definition.

    It stands in its own formula, the same in all its scripts, or bare.
    """
    try:
        body = read_formula(chain.sides[1].tokens, LetWords(Declarations())).tree
    except NotUnderstood:  # θ - ∇J(θ): nobody knows yet what the gradient is taken by
        first = chain.sides[1].tokens[0]
        return is_before(Name(first.text), name)
    return any(node == name or is_before(node, name) for node in walk(body) if isinstance(node, Name))


def is_before(part: Name, name: Name) -> bool:
    """Whether it is what an update makes the name of: the θ of θ_{new}, the w_i^{old} of w_i^{new}, but not the a_{in}
    of a_{out}."""
    old = is_of_before(part) and part.subs == name.subs and part.base == name.base
    return old or (bool(name.subs or name.sups) and part.bare and part.base == name.base)


def sets_a_number(chain: Chain) -> bool:
    """``x_1 = -2``: a value for a variable of the model, and no definition."""
    tokens = chain.sides[1].tokens
    return len(chain.sides) == 2 and bool(tokens) and all(t.kind == "number" or t.is_sign("-", "+") for t in tokens)


def renews_a_number(chain: Chain, earlier: Sequence[Chain]) -> bool:
    """``b = 0 + 2 · 0.125 = 0.25`` behind ``b = 0``: another value for the same variable."""
    left = [token.text for token in chain.sides[0].tokens]
    numbers = not any(is_letter(token) for side in chain.sides[1:] for token in side.tokens)
    return numbers and any([t.text for t in one.sides[0].tokens] == left and sets_a_number(one) for one in earlier)


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
