r"""What a sentence supposes, ``If $WW^\top = I$, this reduces to …``: no claim, and what follows holds only there."""

from __future__ import annotations

import re
from dataclasses import replace

from symbolic.marking.claimless import ASSUMED
from symbolic.marking.judging import Judging
from symbolic.marking.marking import GIVEN
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document
from symbolic.words import Text

THERE_ALONE = Text(
    "it is claimed where what the sentence supposes holds, and does not hold elsewhere: it was not tried there",
    "утверждение сделано при условии из этого предложения и без него неверно: при условии оно не проверялось",
)
#: The beginning of a sentence that supposes something, up to the formula that says what.
_SUPPOSING = re.compile(
    r"(?:^|[.!?:;]\s|\n|\\\]|\$\$|\})\s*(?:If|When|Assum\w+|Suppos\w+|Provided|Whenever|Если|Когда)\b(?:[^.=]|\.(?=\w))*$"
)
_GOES_ON = re.compile(r"\s*(?:\$|\\\))?\s*,")
_ENDS = re.compile(r"[.!?](?:\s|$)|\\\]|\$\$|\\end\{")


def without_suppositions(work: Judging, chain: Chain, number: int, first: int, refuted: int) -> None:
    """Make the lines of a chain that are refuted, from ``first`` on, what they are in such a sentence."""
    document = work.premises.document
    if all(line.verdict != "refuted" for line in work.lines[first:]):
        return
    if supposes(document, chain):
        del work.refutations[refuted:]
        work.lines[first:] = [replace(line, verdict=GIVEN, rule=ASSUMED, diagnosis=None) for line in work.lines[first:]]
    elif number > 1 and follows_supposition(document, chain, document.chains[number - 2]):
        del work.refutations[refuted:]
        work.lines[first:] = [
            replace(line, verdict="not understood", diagnosis=None, note=THERE_ALONE)
            if line.verdict == "refuted"
            else line
            for line in work.lines[first:]
        ]


def supposes(document: Document, chain: Chain) -> bool:
    """Whether a formula is what its sentence supposes: its first one, which is no slope, and it goes on behind."""
    before, behind = document.before(chain.sides[0].span), document.behind(chain.sides[-1].span)
    slope = {"d", r"\partial", r"\nabla"} & {token.text for token in chain.sides[0].tokens}
    beside_words = chain.inline or bool(before.rpartition("\n")[2].strip("$\\[ "))
    plain = beside_words and len(chain.sides) == 2 and not slope
    return plain and _GOES_ON.match(behind) is not None and _SUPPOSING.search(before) is not None


def follows_supposition(document: Document, chain: Chain, before: Chain) -> bool:
    """Whether the chain stands in the sentence of one before it that is supposed."""
    between = document.source[before.sides[-1].span[1] : chain.sides[0].span[0]]
    return supposes(document, before) and _ENDS.search(between) is None
