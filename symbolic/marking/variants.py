r"""``(b) ELU: φ(t) = …``, ``Squared version: some people use L_i = …``: a name gets another formula from here on.

Only in words that say so: a formula that differs from its definition is else a slip.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbolic.language.expr import Entry
from symbolic.marking.grammar.tree import Call, Name, Node, walk
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.declared import function_key
from symbolic.marking.meaning.sides import Read, aligned
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.quick_numbers import Points
from symbolic.marking.model.text_functions import give_formula
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import ShapeError
from symbolic.words import Text

VARIANT = Text("another formula from here on", "отсюда дальше другая формула")
_ANNOUNCED = re.compile(
    r"\([b-f]\)|\((?:ii|iii|iv)\)|\([б-е]\)|\b(?:[b-f]|[б-е]|ii|iii)\)"
    r"|\b(?:versions?|variants?|variations?|instead|alternativ\w*|some (?:people|authors|books|papers|codes?)"
    r"|others (?:use|write|take|prefer)|(?:an)?other (?:choice|option|loss|activation|penalty|kernel|function)"
    r"|(?:second|third|next) (?:case|choice|option|loss|activation|penalty|kernel|function))\b"
    r"|\bверси\w+|\bвариант\w*|\bвместо\b|\bальтернатив\w+|\b(?:иногда|часто|другие|некоторые)\s+(?:берут|пишут|использу\w+)"
    r"|\bдруг(?:ой|ая|ую|ое)\s+(?:выбор|функци\w+|потер\w+|ядро|штраф|активаци\w+)"
    r"|\b(?:второй|третий|втор(?:ая|ую)|треть[яю])\s+(?:случай|вариант|функци\w+)",
    re.IGNORECASE,
)
#: The sentence that begins with something else: ``Now let f(x) = g(Ax + b), and s = softmax(Ax + b)``.
_FROM_NOW = re.compile(
    r"\b(?:now,?\s+(?:let|set|put|take|consider|suppose|write)|(?:let|set|put)\s+now"
    r"|теперь\s+(?:пусть|рассмотрим|положим|возьм[её]м)|(?:пусть|рассмотрим|положим)\s+теперь)\b"
    r"(?:(?![.!?][}*]{0,3}\s|\\\]|\$\$).)*$",
    re.IGNORECASE | re.DOTALL,
)
#: So many characters before a chain may announce it, as long as no other formula with an '=' stands between.
_NEAR = 160


def varies(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    """Whether a chain gives a name that has a formula another one, in words that announce it; the name has it then."""
    if len(reads) != 2 or reads[0].node is None or reads[1].node is None or not is_announced(work.premises, chain):
        return False
    left, right = reads[0].node, reads[1].node
    name = left.function if isinstance(left, Call) else left
    if not isinstance(name, Name) or name.primes or any(part == name for part in walk(right) if isinstance(part, Name)):
        return False
    return takes_formula(work.premises, left, right) or takes_value(work.premises, reads)


def is_announced(premises: Premises, chain: Chain) -> bool:
    source, start = premises.document.source, chain.sides[0].span[0]
    if chain.inline and _FROM_NOW.search(source, max(0, start - _NEAR), start):
        return True
    if _ANNOUNCED.search(source, max(0, start - _NEAR), start) is None:
        return False
    ends = [other.sides[-1].span[1] for other in premises.document.chains if len(other.sides) > 1]
    begins = max((end for end in ends if end <= start), default=0)
    return _ANNOUNCED.search(source, max(begins, start - _NEAR), start) is not None


def takes_formula(premises: Premises, left: Node, right: Node) -> bool:
    r"""φ(t) of a φ that is a function of its arguments alone."""
    known = premises.model.declarations
    if not isinstance(left, Call) or function_key(left.function) not in known.formulas:
        return False
    key, formals = function_key(left.function), tuple(a.base for a in left.arguments if isinstance(a, Name))
    if len(formals) != len(left.arguments) or len(formals) != len(known.formulas[key].formals):
        return False
    give_formula(premises, left.function, formals, right)
    return True


def takes_value(premises: Premises, reads: list[Read]) -> bool:
    """L_i of an L that the model defines: what is made of it is made of the other one too."""
    if not reads[0].meanings or not reads[1].meanings:
        return False
    name, here = reads[0].meanings[0], reads[1].meanings[0]
    entry = name.value.expr
    definition = premises.known.defines(entry.tensor) if isinstance(entry, Entry) else None
    if definition is None:
        return False
    try:
        left, right = aligned(name.value, here.value)
    except ShapeError:
        return False
    places = [sub.single for sub in left.subscripts] if isinstance(left, Entry) else []
    indices = tuple(index for index in places if index is not None)
    if not isinstance(left, Entry) or left.tensor != definition.target or len({*indices}) != len(places):
        return False
    fresh = replace(definition, indices=indices, formula=right)
    known = premises.model.declarations
    definitions = tuple(fresh if d is definition else d for d in (*known.definitions, *here.auxiliary))
    premises.model = replace(premises.model, declarations=replace(known, definitions=definitions))
    premises.points = Points(premises.model)
    return True
