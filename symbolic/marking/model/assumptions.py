"""What a text assumes beside its header: a size that is given, a matrix that is symmetric, numbers that sum to one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from symbolic.errors import SpecError
from symbolic.language.expr import Tensor
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import BigSum, Name, Node, Num, Transpose
from symbolic.marking.meaning.naming import Words, candidates
from symbolic.marking.model.header import Model, declare
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

_BEFORE = re.compile(
    r"\b(?:since|because|as|assum\w*|suppos\w*|given|giving|let|using|use|with|where|recall\w*|note\w*|know\w*|for|fact|that|and|if"
    r"|so|так как|поскольку|учитыва\w*|пусть|где|при|ибо|считая|что|если|для)\s*(?:that|что)?\s*:?\s*$",
    re.IGNORECASE,
)
_SYMMETRIC = re.compile(
    r"\$?(?<![A-Za-z])(?P<name>\\?[A-Za-z]+)\$?\s*(?:is|=|being|(?:—|-|–)|to be)?"  # from the first letter: linear
    r"\s*(?:a\s+)?(?:symmetric|симметричн\w+)"
    r"|(?:symmetric|симметричн\w+)\s+(?:matrix\s+|матриц\w+\s+)?\$?(?P<after>\\?[A-Za-z]+)\$?",
    re.IGNORECASE,
)
SYMMETRIC = Text("{name} is taken to be symmetric", "{name} считается симметричной")
SUM_TO_ONE = Text("{name} is taken to sum to 1", "сумма {name} считается равной 1")
SIZE = Text("{name} = {value} is taken as given", "{name} = {value} считается данным")


@dataclass
class Assumed:
    """The model with what the text assumes, what is said of it, and which chains say so."""

    model: Model
    said: list[Text] = field(default_factory=list)
    chains: set[int] = field(default_factory=set)


def assumed(model: Model, document: Document) -> Assumed:
    """Everything that a text assumes, anywhere in it."""
    found = Assumed(model)
    for number, chain in enumerate(document.chains, 1):
        if len(chain.sides) == 2 and not any(side.problem for side in chain.sides):
            _of_chain(found, document, chain, number)
    prose = re.sub(r"\\text\s*\{([^}]*)\}", r" \1 ", document.source)
    prose = "\n".join(line for line in prose.splitlines() if not line.lstrip().startswith("%!"))
    for match in _SYMMETRIC.finditer(prose):
        _symmetric(found, match["name"] or match["after"])
    return found


def _of_chain(found: Assumed, document: Document, chain: Chain, number: int) -> None:
    words = Words(found.model.declarations)
    try:
        left, right = (read_formula(side.tokens, words, end=side.span[1]).tree for side in chain.sides)
    except NotUnderstood:
        return
    said = bool(_BEFORE.search(document.before(chain.sides[0].span)[-40:]))
    if isinstance(left, Name) and isinstance(right, Num) and left.bare and left.base in found.model.declarations.sizes:
        if right.value.denominator == 1 and right.value > 0:
            _given_size(found, left.base, int(right.value), number)
    elif said and isinstance(left, Name) and right == Transpose(left):
        _symmetric(found, left.base, number)
    elif said and isinstance(right, Name) and left == Transpose(right):
        _symmetric(found, right.base, number)
    elif said and isinstance(right, Num) and right.value == 1:
        _sums_to_one(found, left, number)


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
    if not any(len(q.tensor.axes) == 2 and not q.defined for q in found.model.declarations.with_base(name)):
        return
    own = re.compile(rf"^\s*\w+\s+[^:]*(?<![\w\\]){re.escape(name)}(?!\w)[^:]*:")
    before = list(found.model.lines)
    lines = [f"{t} symmetric" if own.match(t) and "symmetric" not in t else t for t in before]
    if lines != before and not _declared_again(found, lines):
        return
    if number:
        found.chains.add(number)
    if lines != before or number:
        found.said.append(SYMMETRIC.format(name=name))


def _sums_to_one(found: Assumed, left: Node, number: int) -> None:
    """Σ_k t_k = 1 of data: they are drawn so."""
    if not isinstance(left, BigSum) or not isinstance(left.body, Name):
        return
    known = found.model.declarations
    quantities = candidates(known, left.body)[:1]
    if not quantities or quantities[0].defined or known.defines(quantities[0].tensor) is not None:
        return
    tensor: Tensor = quantities[0].tensor
    if not tensor.axes or found.model.domains.get(tensor) == "onehot":
        return
    found.model = replace(found.model, domains={**found.model.domains, tensor: "onehot"})
    found.said.append(SUM_TO_ONE.format(name=quantities[0].base))
    found.chains.add(number)


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
