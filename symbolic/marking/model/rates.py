"""The rate of a step of descent: a letter of the step alone, which a header need not declare."""

from __future__ import annotations

import re

from symbolic.marking.grammar.tree import Name
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.text_letters import declare_number
from symbolic.marking.text.chains import Chain

#: What the rate of a step is called.
RATES = (r"\eta", r"\alpha", r"\gamma", r"\epsilon", r"\varepsilon", r"\mu", r"\lambda", r"\tau", "lr", "h")
#: Words that speak of a step.
SPEAKS_OF_STEP = re.compile(
    r"\b(?:new|updat\w+|after (?:the|one|this|a) (?:step|update)|gradient step|descent step|next iterate"
    r"|(?:gradient|steepest) descent|learning rate|step (?:size|of))\b"
    r"|\bнов(?:ые|ое|ый|ая|ых)\b|\bобновл\w+|\bпосле\s+(?:\w+\s+)?шага\b|\bшаг\s+(?:\w+\s+)?спуска\b"
    r"|\bградиентн\w+\s+спуск\w*|\bтемп\w*\s+обучения|\bскорост\w+\s+обучения",
    re.IGNORECASE,
)
_SETS = re.compile(r"(?:\\leftarrow|\\gets|\\longleftarrow|←|:=|<-)[\s&]*$")
#: So many characters before a formula may say that it is a step.
_NEAR = 160


def names_rate(premises: Premises, name: Name, chain: Chain) -> bool:
    r"""Whether it is the η of ``w \leftarrow w - \eta \nabla Q``; it is then any number, for this chain."""
    if not name.bare or name.base not in RATES or premises.known.with_base(name.base):
        return False
    start, text = chain.sides[0].span[0], premises.document.source
    behind_arrow = _SETS.search(text, max(start - 40, 0), start)
    said = (
        behind_arrow
        or is_set_anew(chain)
        or is_next_value(chain)
        or SPEAKS_OF_STEP.search(text, max(start - _NEAR, 0), start)
    )
    if said:
        declare_number(premises, name.base)
    return bool(said)


def is_set_anew(chain: Chain) -> bool:
    """``w := w - …``."""
    name, *others = ([token.text for token in side.tokens] for side in chain.sides)
    return any(name == side[: len(name)] and len(side) > len(name) + 1 for side in others)


def is_next_value(chain: Chain) -> re.Match[str] | None:
    r"""``w^{(t+1)} = …``, ``\theta_{k+1} = …``, ``w^{new} = …``."""
    left = " ".join(token.text for token in chain.sides[0].tokens)
    return re.match(r"\S+ [_^] (?:\{ )?(?:\( )?(?:\w+ \+ 1|n e w|new)(?: |$)", left)
