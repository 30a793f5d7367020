r"""Exercises made of a derivation: lines with blanks, at several levels, in variants by a seed, with wrong choices.

The numbers are those of ``chainrule verify``, as on the sheet; the same seed makes the same exercise everywhere.
A wrong choice is the right line with one typical slip in it, and was refuted before it is offered.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from codegen.report.blank_levels import LEVELS, Level
from codegen.report.content import Content
from codegen.report.sheet_lines import chosen, lines
from codegen.report.typical_slips import SAID, slips
from symbolic.errors import SpecError
from symbolic.marking import verify
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import Mul, Name, Node, Num, Path, node_at, places, put
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.naming import Words
from symbolic.marking.model.networks import models
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import tokenize
from symbolic.network.network import Network
from symbolic.notation.boxes import Box
from symbolic.notation.latex import draw
from symbolic.notation.unicode import unicode
from symbolic.words import Language, Text

#: Where a factor is hidden.
BOX = r"\square"
#: So many wrong choices are offered for a line, and so many slips are tried to find them.
OFFERED, TRIED = 3, 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A line with a slip, and what is said to someone who takes it for the right one."""

    latex: str
    kind: str

    def said(self, lang: Language) -> str:
        return SAID[self.kind].text(lang)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an exercise; ``shown`` is the line with its blank, ``answer`` what stands in the blank."""

    number: int
    goal: str
    before: str
    right: str
    reason: str
    #: The first line of its derivation.
    first: bool
    hidden: bool = False
    shown: str = ""
    answer: str = ""
    choices: tuple[Choice, ...] = ()
    #: The right line as the choices are written, so that its look does not give it away.
    among: str = ""


def items(
    content: Content, which: str, level: Level = "line", seed: int = 0, lang: Language = "en", choices: bool = False
) -> list[Item]:
    """All lines of an exercise, the hidden ones with their answers, and with wrong ``choices`` where they are wanted.

    Raises ``SpecError`` for lines or a level that there are not.
    """
    if level not in LEVELS:
        raise SpecError(
            Text(
                f"level: got {level!r}, there are {', '.join(LEVELS)}",
                f"level: дано {level!r}, а есть {', '.join(LEVELS)}",
            )
        )
    hidden = chosen("all" if level == "all" else which, lines(content), seed)
    drawn = random.Random(seed)
    found: list[Item] = []
    for item in _items(content, lang):
        if item.number not in hidden:
            found.append(item)
            continue
        tree = tree_of(content.network, item.right)
        place = drawn.choice(hideable(tree)) if level == "factor" and tree is not None and hideable(tree) else None
        shown, answer = (BOX, item.right) if place is None or tree is None else without(tree, place)
        wrong = tuple(distractors(content.network, item, tree, drawn)) if choices and tree is not None else ()
        among = typeset(tree) if tree is not None else item.right
        found.append(replace(item, hidden=True, shown=shown, answer=answer, choices=wrong, among=among))
    return found


def _items(content: Content, lang: Language) -> Iterator[Item]:
    number = 0
    for chain in content.derivations:
        equation = chain.equation
        goal, before = draw(equation.left), draw(equation.left)
        for k, (box, why) in enumerate(zip(equation.right, equation.reasons, strict=True)):
            number += 1
            right = in_one_line(box)
            reason = why.said(lang, partial(unicode, style=equation.style))
            yield Item(number, goal, before, right, reason, k == 0)
            before = right


def in_one_line(box: Box) -> str:
    return " ".join(draw(box).split())


def tree_of(network: Network, latex: str) -> Node | None:
    """The tree of one of our own lines; None where marking does not read it."""
    for model in models(network):
        try:
            return read_formula(tokenize(latex), Words(model.declarations)).tree
        except NotUnderstood:
            continue
    return None


def hideable(tree: Node) -> list[Path]:
    """The factors that can be asked for: of products, and not numbers alone."""
    return [
        (*path, k)
        for path, node in places(tree)
        if isinstance(node, Mul)
        for k, factor in enumerate(node.factors)
        if not isinstance(factor, Num)
    ]


def without(tree: Node, path: Path) -> tuple[str, str]:
    """The line with a box in the place of a part of it, and the part."""
    return typeset(put(tree, path, Name(BOX))), typeset(node_at(tree, path))


def filled(item: Item, answer: str) -> str:
    """The line as it reads with somebody's answer in its blank."""
    return answer if item.shown == BOX else item.shown.replace(BOX, f"({answer})")


def distractors(network: Network, item: Item, tree: Node, drawn: random.Random) -> Iterator[Choice]:
    """Lines with one slip that were refuted, of kinds as different as there are."""
    every = slips(tree)
    kinds = list(dict.fromkeys(kind for kind, _ in every))
    by_turn = [drawn.choice([slip for slip in every if slip[0] == kind]) for kind in kinds]
    rest = [slip for slip in every if slip not in by_turn]
    seen, offered = {item.right}, 0
    for kind, slipped in [*by_turn, *rest][:TRIED]:
        latex = typeset(slipped)
        if latex in seen:
            continue
        seen.add(latex)
        if is_refuted(network, item, latex):
            yield Choice(latex, kind)
            offered += 1
            if offered == OFFERED:
                return


def is_refuted(network: Network, item: Item, latex: str) -> bool:
    return verify(network, chain(item, latex), "none").verdict == "wrong"


def chain(item: Item, latex: str) -> str:
    """The line as marking reads it: behind the one before it, and behind its goal."""
    before = "" if item.first else f" = {item.before}"
    return f"$$ {item.goal}{before} = {latex} $$"
