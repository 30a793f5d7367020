"""What a text assumes beside its header: a size that is given, a matrix that is symmetric, numbers that sum to one."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import accumulate, pairwise

from symbolic.errors import SpecError
from symbolic.evidence.question import along
from symbolic.fuel import spend
from symbolic.language.expr import Tensor
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import BigSum, Mul, Name, Node, Num, Ones, Power, Transpose
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import Words, candidates
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.header import declare
from symbolic.marking.model.said_of_values import (
    AND,
    SAID_BY_ITSELF,
    SAID_OF_ANSWERS,
    SAID_OF_VALUES,
    SAID_SYMMETRIC,
    SUMMING_TO_ONE,
    said_positive,
    without_fonts,
    words_of,
)
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.token_kinds import is_letter
from symbolic.words import Text

#: The steps that it takes to take, or to pass over, an assumption at one place of a text.
A_PLACE = 60
_BEFORE = re.compile(
    r"\b(?:since|because|as|assum\w*|suppos\w*|given|giving|let|using|use|with|where|recall\w*|note\w*|know\w*|for|fact|that|and|if"
    r"|so|так как|поскольку|учитыва\w*|пусть|где|при|ибо|считая|что|если|для)\s*(?:that|что)?\s*:?\s*$",
    re.IGNORECASE,
)
VALUES = {
    "onehot": Text("{name} is taken to be one-hot", "{name} считается вектором из нулей и одной единицы"),
    "binary": Text("{name} is taken to be 0 or 1", "{name} считается равным 0 или 1"),
    "positive": Text("{name} is taken to be positive", "{name} считается положительным"),
    "sign": Text("{name} is taken to be −1 or 1", "{name} считается равным −1 или 1"),
}
SYMMETRIC = Text("{name} is taken to be symmetric", "{name} считается симметричной")
SUM_TO_ONE = Text("{name} is taken to sum to 1", "сумма {name} считается равной 1")
FIRST = Text("{name} is taken to be 1", "{name} считается равным 1")
SIZE = Text("{name} = {value} is taken as given", "{name} = {value} считается данным")


@dataclass
class Assumed:
    """The model with what the text assumes, what is said of it, and which chains say so."""

    model: Model
    said: list[Text] = field(default_factory=list)
    chains: set[int] = field(default_factory=set)


def assumed(model: Model, document: Document) -> tuple[tuple[int, Assumed], ...]:
    """What a text assumes, by the number of the chain from which on it does: a later remark excuses no earlier line."""
    found: dict[int, Assumed] = {}
    assumptions = _assumptions(model, document)
    for place in sorted({1, *(first for first, _ in assumptions)}):
        spend(A_PLACE * len(assumptions))
        here = Assumed(model)
        for first, take in assumptions:
            if first <= place:
                take(here)
        found[place] = here
    kept: list[tuple[int, Assumed]] = []
    for place, here in found.items():
        if not kept or taken(here.model) != taken(kept[-1][1].model):
            kept.append((place, here))
        elif here.chains:
            kept[-1] = (kept[-1][0], here)
    return tuple(kept)


def taken(model: Model) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """What an assumption can change: two models that were declared from the same lines never compare equal."""
    return model.lines, {str(quantity): domain for quantity, domain in model.domains.items()}


def _assumptions(model: Model, document: Document) -> list[tuple[int, Callable[[Assumed], None]]]:
    """Each place at which something may be assumed: the first chain that it covers, and how it is taken."""
    found: list[tuple[int, Callable[[Assumed], None]]] = []
    words, covered_from = Words(model.declarations), covering(document)
    for number, chain in enumerate(document.chains, 1):
        if says_how_data_arise(chain, document) or states_equation(chain, document):
            found.append((1, partial(_observed, number=number)))
        if len(chain.sides) == 2 and not any(side.problem for side in chain.sides):
            sides = sides_that_assume(chain, words)
            first = 1 if is_size(chain) else covered_from(chain.sides[0].span[0])
            if sides is not None:
                found.append((first, partial(_of_chain, document=document, chain=chain, number=number, sides=sides)))
    found += [(1, partial(_observed, number=number)) for number in values_by_case(document) | renamed_only(document)]
    prose = words_of(document.source)
    thin = without_fonts(prose)
    for match in (match for said in SAID_BY_ITSELF for match in said.finditer(thin)):
        found.append((1, partial(_symmetric, name=match["name"])))
    for match in (match for said in SAID_SYMMETRIC for match in said.finditer(thin)):
        for name in re.split(AND, match["name"]):
            found.append((covered_from(match.start()), partial(_symmetric, name=name)))
    for match in (match for said in SUMMING_TO_ONE for match in said.finditer(prose)):
        found.append((1, partial(_distributed, name=match["name"])))
    for domain, said in SAID_OF_VALUES:
        found += [(1, partial(_takes_values, name=match["name"], domain=domain)) for match in said.finditer(prose)]
    for domain, said in SAID_OF_ANSWERS:
        found += [
            (1, partial(_takes_values, name=match["name"].lower(), domain=domain)) for match in said.finditer(prose)
        ]
    found += [(1, partial(_takes_values, name=name, domain="positive")) for name in said_positive(prose)]
    return found


#: Words between two values of one name that say when it has which.
_BY_CASE = re.compile(
    r"\b(?:otherwise|else|if|when|for|or|if not|если|иначе|при|для|или|wenn|sonst|sinon|si)\b", re.IGNORECASE
)


#: What an equation to be solved is called, before it.
_TO_BE_SOLVED = re.compile(
    r"\b(?:of|for|equation|problem|ODE|PDE|BVP|sol\w+|satisf\w+|obeys|для|реш\w+|уравнени\w*|задач\w*|Gleichung|équation)\s*$",
    re.IGNORECASE,
)


def states_equation(chain: Chain, document: Document) -> bool:
    """``the residual of $-u'' = f$``, ``the ODE dh/dt = f(h)``: what is to be solved, no claim.

    It has the primes of an unknown function, or its slope in time.
    """
    primes = any(token.text.strip("'") == "" or token.text == r"\prime" for token in chain.sides[0].tokens)
    applied = any(token.is_sign("(") for token in chain.sides[0].tokens)
    said = _TO_BE_SOLVED.search(document.before(chain.sides[0].span)[-40:])
    words = [token.text for token in chain.sides[0].tokens if token.text not in "{}"]
    in_time = words[-2:] == ["d", "t"] and words[:1] in (["d"], [r"\frac"]) and len(words) < 8
    return len(chain.sides) == 2 and ((chain.inline and primes and not applied) or in_time) and said is not None


def values_by_case(document: Document) -> frozenset[int]:
    """The chains that say what a datum can be, ``t = 1 for a similar pair, t = 0 otherwise``.

    These are no values to work with.
    """
    found: set[int] = set()
    for number, (one, other) in enumerate(pairwise(document.chains), 1):
        if not is_value(one) or not is_value(other) or one.sides[0].tokens[0].text != other.sides[0].tokens[0].text:
            continue
        between = document.source[one.sides[1].span[1] : other.sides[0].span[0]]
        behind = document.behind(other.sides[1].span)[:40]
        if len(between) < 120 and not _SENTENCE_ENDS.search(between) and _BY_CASE.search(f"{between} {behind}"):
            found |= {number, number + 1}
    return frozenset(found)


def renamed_only(document: Document) -> frozenset[int]:
    r"""The chains that only give a new name, ``s = \log\sigma^2``, where the text says later what the s is made of.

    Of what the name was given to no other formula speaks.
    """
    lefts = [tuple(token.text for token in chain.sides[0].tokens) for chain in document.chains]
    last = {left: number for number, left in enumerate(lefts, 1)}
    speaking = Counter(text for chain in document.chains for text in {token.text for token in chain_tokens(chain)})
    found: set[int] = set()
    for number, (left, chain) in enumerate(zip(lefts, document.chains, strict=True), 1):
        if len(chain.sides) != 2 or len(left) != 1 or last[left] == number:
            continue
        letters = {token.text for token in chain.sides[1].tokens if is_letter(token)}
        if letters and all(speaking[letter] == 1 for letter in letters):
            found.add(number)
    return frozenset(found)


_NOISE = re.compile(r"\+ (?P<noise>\\(?:var)?epsilon|\\xi)(?: _ (?:\w+|\{ [^{}]* \}))?$")


#: A side that is the name of a distribution with its numbers.
_DISTRIBUTION = re.compile(
    r"\s*(?:N\s*(?=\()|\\mathcal\s*\{?\s*[A-Z]\}?|\\(?:mathrm|operatorname|text|mathsf)\s*\{\s*[A-Z]\w*\s*\})"
    r"\s*(?:\\left|\\big)?[(\[]"
)


def says_how_data_arise(chain: Chain, document: Document) -> bool:
    r"""``q(z|x) = \mathcal N(\mu, I)``; ``t = y(x, w) + ε`` with a noise of which no other formula speaks.

    That is no definition of t, which is observed.
    """
    if len(chain.sides) != 2:
        return False
    if _DISTRIBUTION.match(document.text(chain.sides[1].span)) and "," in document.text(chain.sides[1].span):
        return True
    found = _NOISE.search(" ".join(token.text for token in chain.sides[1].tokens))
    return found is not None and not any(
        token.text == found["noise"] for other in document.chains if other is not chain for token in chain_tokens(other)
    )


def is_size(chain: Chain) -> bool:
    """``N = 100``: said of the whole text, wherever it stands."""
    left, right = chain.sides
    return len(left.tokens) == 1 and [token.kind for token in right.tokens] == ["number"]


def is_value(chain: Chain) -> bool:
    """``r = -1``."""
    if len(chain.sides) != 2 or len(chain.sides[0].tokens) != 1:
        return False
    right = chain.sides[1].tokens
    return bool(right) and right[-1].kind == "number" and all(token.is_sign("+", "-") for token in right[:-1])


#: A sentence that looks back.
_LOOKS_BACK = re.compile(
    r"(?:here|recall\w*|note\w*|remember|we\s+(?:have\s+)?us\w+|us(?:ed|ing)|throughout|as\s+always|above"
    r"|здесь|напомн\w*|заметим|мы\s+(?:использ|воспольз)\w*|везде|всюду|выше)\b",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(
    r"[.!?](?:\s|\$\$|\\\]|\\end\{\w+\*?\})+(?=[A-ZА-ЯЁ$\\])"
    r"|(?:\$\$|\\\]|\\end\{\w+\*?\})\s+(?=[A-ZА-ЯЁ])|\n[ \t]*\n"
)


#: What ends a paragraph right there.
_PARAGRAPH = re.compile(r"\n[ \t]*\n\Z")


def covering(document: Document) -> Callable[[int], int]:
    """The number of the first chain for which an assumption at a place counts.

    It counts for the sentence that it stands in and for what follows; for all, where its sentence looks back.
    """
    begun = [0, *(match.end() for match in _SENTENCE_ENDS.finditer(document.source))]
    ends = [*accumulate((chain.sides[-1].span[1] for chain in document.chains), max)]
    looking_back = [match.span() for match in _LOOKS_BACK.finditer(document.source)]

    def covered_from(at: int) -> int:
        begins = (
            at if _PARAGRAPH.search(document.source, max(at - 80, 0), at) else begun[max(bisect_left(begun, at) - 1, 0)]
        )
        back = bisect_left(looking_back, (begins, 0))
        looks_back = back < len(looking_back) and looking_back[back][1] <= at
        return 1 if looks_back else bisect_right(ends, begins) + 1

    return covered_from


def sides_that_assume(chain: Chain, words: Words) -> tuple[Node, Node] | None:
    """Both sides of what may be no claim but an assumption, by their form; see ``_of_chain``."""
    try:
        left, right = (read_formula(side.tokens, words, end=side.span[1]).tree for side in chain.sides)
    except NotUnderstood:
        return None
    mirrored = isinstance(left, Name) and isinstance(right, Name) and is_mirror(left, right)
    turned = right == Transpose(left) or left == Transpose(right)
    return (left, right) if mirrored or turned or isinstance(right, Num) else None


def _of_chain(found: Assumed, document: Document, chain: Chain, number: int, sides: tuple[Node, Node]) -> None:
    left, right = sides
    said = bool(_BEFORE.search(document.before(chain.sides[0].span)[-40:]))
    if isinstance(left, Name) and isinstance(right, Num) and left.bare and left.base in found.model.declarations.sizes:
        if right.value.denominator == 1 and right.value > 0:
            _given_size(found, left.base, int(right.value), number)
    elif (isinstance(left, Name) and isinstance(right, Name) and is_mirror(left, right)) or (
        said and isinstance(left, Name) and right == Transpose(left)
    ):
        _symmetric(found, left.base, number)
    elif said and isinstance(right, Name) and left == Transpose(right):
        _symmetric(found, right.base, number)
    elif isinstance(left, Name) and right == Num(Fraction(1)) and is_first_entry(found.model.declarations, left):
        if not gives_other_entries(document, chain):
            _augmented(found, left, number)
    elif chain.inline and right == Num(Fraction(1)) and isinstance(left, Power) and left.exponent == Num(Fraction(2)):
        _is_sign(found, left.base, number)
    elif (said or chain.inline or not document.header) and isinstance(right, Num) and right.value == 1:
        _sums_to_one(found, left, number)  # of data, and nobody has said what they can be


def _observed(found: Assumed, number: int) -> None:
    found.chains.add(number)


def is_mirror(left: Name, right: Name) -> bool:
    """``a_{ij} = a_{ji}``."""
    return left.base == right.base and len(left.subs) == 2 and left.subs != right.subs == left.subs[::-1]


def _given_size(found: Assumed, name: str, value: int, number: int) -> None:
    """The header again, with a number for the size."""

    def line(text: str) -> str:
        if not re.match(r"\s*sizes?\b", text):
            return text
        return re.sub(rf"(?<![\w\\]){re.escape(name)}(?!\w)(?!\s*=)", f"{name} = {value}", text, count=1)

    if _declared_again(found, [line(text) for text in found.model.lines]):
        found.said.append(SIZE.format(name=name, value=value))
        found.chains.add(number)


def _symmetric(found: Assumed, name: str, number: int = 0) -> None:
    base = re.sub(r"_.*", "", name)
    if not any(len(q.tensor.axes) >= 2 and not q.defined for q in found.model.declarations.with_base(base)):
        return
    own = re.compile(rf"^\s*\w+\s+[^:]*(?<![\w\\{{]){re.escape(name)}(?![A-Za-z0-9])[^:]*:")  # not \hat{\Sigma}
    before = list(found.model.lines)
    lines = [f"{t} symmetric" if own.match(t) and "symmetric" not in t else t for t in before]
    if lines != before and not _declared_again(found, lines):
        return
    if number:
        found.chains.add(number)
    if lines != before or number:
        found.said.append(SYMMETRIC.format(name=name))


def _takes_values(found: Assumed, name: str, domain: str) -> None:
    """What a quantity can be, said in words: of data, and unless the header knows more."""
    for quantity in found.model.declarations.with_base(name):
        tensor = quantity.tensor
        if quantity.defined or tensor in found.model.domains or (domain == "onehot" and not tensor.axes):
            continue
        word = _one_hot(tensor, found) if domain == "onehot" else domain
        found.model = replace(found.model, domains={**found.model.domains, tensor: word})
        found.said.append(VALUES[domain].format(name=name))


def _one_hot(tensor: Tensor, found: Assumed) -> str:
    """One 1 among the classes of each object: along the axis that counts no objects, the last one of two such."""
    sample = found.model.declarations.sample
    columns = sample is not None and len(tensor.axes) == 2 and tensor.axes[1] == sample.index.extent
    return along("onehot", 0) if columns and tensor.axes[0] != tensor.axes[1] else "onehot"


def _is_sign(found: Assumed, name: Node, number: int) -> None:
    """``since $y_i^2 = 1$``: of data, which are -1 or 1 then."""
    quantity = next(iter(candidates(found.model.declarations, name)), None) if isinstance(name, Name) else None
    if quantity is None or quantity.defined or quantity.tensor.role == "parameter":
        return
    _takes_values(found, quantity.base, "sign")
    if found.model.domains.get(quantity.tensor) == "sign":
        found.chains.add(number)


def is_first_entry(known: Declarations, name: Name) -> bool:
    """The x_0 of data x_0, …, x_n."""
    quantity, *_ = [*candidates(known, name), None]
    if quantity is None or quantity.defined or quantity.tensor.role == "parameter" or not quantity.tensor.axes:
        return False
    numbers = [item.number for item in (*name.subs, *name.sups) if item.number is not None]
    return numbers == [known.base_of(quantity.tensor.axes[-1])]


def gives_other_entries(document: Document, chain: Chain) -> bool:
    """Whether x_2 = 2 stands beside ``x_1 = 1``: then these are the values of an example."""
    own = [token.text for token in chain.sides[0].tokens if token.text not in "{}"]
    others = ([t.text for t in other.sides[0].tokens if t.text not in "{}"] for other in document.chains)
    numbers = {left[-1] for left in others if len(left) == len(own) and left[:-1] == own[:-1] and left[-1].isdigit()}
    return len(numbers) > 1


def _augmented(found: Assumed, name: Name, number: int) -> None:
    """``x_0 = 1``, the feature that the bias w_0 is multiplied by."""
    tensor = candidates(found.model.declarations, name)[0].tensor
    if tensor not in found.model.domains:
        found.model = replace(found.model, domains={**found.model.domains, tensor: "augmented"})
        found.said.append(FIRST.format(name=typeset(name)))
        found.chains.add(number)


def _sums_to_one(found: Assumed, left: Node, number: int) -> None:
    """Σ_k t_k = 1 of data, or 1ᵀt = 1: they are drawn so."""
    match left:
        case Mul((Transpose(Ones()), Name() as name)) if name.bare:
            _distributed(found, name.base)
            found.chains.add(number)
            return
    if not isinstance(left, BigSum) or not isinstance(left.body, Name):
        return
    known = found.model.declarations
    quantities = candidates(known, left.body)[:1]
    if not quantities or quantities[0].defined or known.defines(quantities[0].tensor) is not None:
        return
    tensor: Tensor = quantities[0].tensor
    if tensor.role == "parameter":  # a constraint: what is differentiated by is free
        found.chains.add(number)
        return
    if not tensor.axes or found.model.domains.get(tensor, "").startswith("onehot"):
        return
    run = known.indices.get(left.indices[0])
    axes = [axis for axis, extent in enumerate(tensor.axes) if run is not None and extent == run.index.extent]
    word = along("distribution", axes[0]) if len(axes) == 1 else "distribution"
    found.model = replace(found.model, domains={**found.model.domains, tensor: word})
    found.said.append(SUM_TO_ONE.format(name=quantities[0].base))
    found.chains.add(number)


def _distributed(found: Assumed, name: str) -> None:
    """Data of which the words say that they sum to 1: along their last axis."""
    for quantity in found.model.declarations.with_base(name):
        tensor = quantity.tensor
        given = (
            not quantity.defined and tensor.role != "parameter" and tensor.axes and tensor not in found.model.domains
        )
        if given:
            found.model = replace(found.model, domains={**found.model.domains, tensor: "distribution"})
            found.said.append(SUM_TO_ONE.format(name=name))


def _declared_again(found: Assumed, lines: list[str]) -> bool:
    if not lines:
        return False
    try:
        model = declare(list(enumerate(lines, 1)))
    except SpecError:
        return False
    kept = {t: d for t, d in found.model.domains.items() if not isinstance(t, Tensor) or t not in model.domains}
    rows = found.model.declarations.row_convention
    declarations = replace(model.declarations, row_convention=rows)
    found.model = replace(model, declarations=declarations, domains={**kept, **model.domains}, lines=tuple(lines))
    return True
