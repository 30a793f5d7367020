"""The grammar of hand derivations: tokens to a tree, by recursive descent.

    expression ::= [sign] term (sign term)*
    term       ::= product (⊙ product)*
    product    ::= factor (· factor | / factor | factor)*        Σ and ∂/∂ reach to the end of the product
    factor     ::= primary scripts*                              scripts: _ ^ '
    primary    ::= number | name | name(arguments) | brackets | \\frac | Σ | ∂/∂ | ‖ ‖ | | | | cases | ...

The grammar is ambiguous without the declarations: ``p(1-p)`` is a product and ``p(z)`` a call.  The
parser asks its :class:`Vocabulary`.  Where people differ, ``wide`` names the points at which to take the
second of two ways, and ``ambiguous`` those of which the text makes use; ``symbolic.marking.ambiguities``
lists the points.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.marking.grammar.brackets import (
    absolute_of_group,
    between_bars,
    blank,
    braced,
    braced_below,
    enclosed,
    identity,
    indicator,
    indicator_letter,
    inner_product,
    norm,
    norm_of_group,
    numbered_blank,
    ones,
    root,
    set_below,
)
from symbolic.marking.grammar.cursor import Context, Cursor, Effort, Factor, Rules
from symbolic.marking.grammar.differentials import (
    directional,
    error_of,
    fraction,
    gradient_word,
    letter_d,
    nabla,
    partial,
)
from symbolic.marking.grammar.environments import environment
from symbolic.marking.grammar.joins import JOINS, held_until_bar
from symbolic.marking.grammar.known_words import SPELLINGS, Vocabulary
from symbolic.marking.grammar.levels import condition, whole
from symbolic.marking.grammar.named import exponential, named, number
from symbolic.marking.grammar.summed import big, extreme_over
from symbolic.marking.grammar.tree import Node
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import GREEK
from symbolic.marking.text.tokens import Token, tokenize
from symbolic.words import Text

WORDS_INSIDE = Text("text inside a formula: '{token}'", "текст внутри формулы: «{token}»")


def refused(message: Text) -> Factor:
    """What begins no factor; ``{token}`` stands for the token's text."""

    def read(cursor: Cursor) -> Node:
        token = cursor.token
        assert token is not None
        raise NotUnderstood(message.format(token=token.text), token.span)

    return read


#: What begins with a sign.
SIGNS: dict[str, Factor] = {
    "(": enclosed(")"),
    "[": enclosed("]"),
    "{": braced,
    "|": between_bars("|"),
    "?": blank,
}
#: What begins with a command.
COMMANDS: dict[str, Factor] = {
    **dict.fromkeys((*GREEK, *SPELLINGS), named),
    **dict.fromkeys((r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"), fraction),
    r"\partial": partial,
    r"\nabla": nabla,
    r"\sum": big("sum"),
    r"\prod": big("prod"),
    r"\max": extreme_over("max", named),
    r"\min": extreme_over("min", named),
    r"\{": enclosed(r"\}"),
    r"\lbrace": enclosed(r"\rbrace"),
    r"\lbrack": enclosed(r"\rbrack"),
    r"\lparen": enclosed(r"\rparen"),
    r"\lvert": between_bars(r"\rvert"),
    r"\lVert": norm(r"\rVert"),
    **dict.fromkeys((r"\|", r"\Vert"), norm(r"\|", r"\rVert", r"\Vert")),
    r"\norm": norm_of_group,
    r"\abs": absolute_of_group,
    r"\langle": inner_product,
    r"\sqrt": root,
    r"\mathbb1": indicator(otherwise=ones),
    r"\mathbbI": indicator(otherwise=identity),
    r"\begin": environment,
    r"\left.": held_until_bar,
    **dict.fromkeys((r"\underbrace", r"\overbrace"), braced_below),
    **dict.fromkeys((r"\underset", r"\overset"), set_below),
    **dict.fromkeys((r"\dots", r"\ldots", r"\cdots"), blank),
    r"\blank": numbered_blank,
    **dict.fromkeys((r"\left", r"\right"), refused(Text("{token} without its bracket", "{token} без своей скобки"))),
}
RULES = Rules(
    factors={
        ("letter", "d"): letter_d,
        **{("sign", text): rule for text, rule in SIGNS.items()},
        **{("command", text): rule for text, rule in COMMANDS.items()},
    },
    kinds={
        "number": number,
        "letter": named,
        "sign": refused(Text("{token} is not expected here", "{token} здесь не ожидается")),
        "command": refused(Text("the command {token} is not known here", "команда {token} здесь неизвестна")),
        "word": refused(WORDS_INSIDE),
        "row": refused(WORDS_INSIDE),
    },
    joins=JOINS,
    openings={"e": exponential, "D": directional, r"\delta": error_of, "I": indicator_letter, "grad": gradient_word},
)


#: So many tokens are read as one formula.
LONGEST = 3_000


@dataclass(frozen=True, slots=True)
class Formula:
    """The tree of a formula, and the points at which it could have been read in a second way."""

    tree: Node
    ambiguous: frozenset[str]


def read_formula(
    tokens: list[Token] | tuple[Token, ...], vocabulary: Vocabulary, wide: frozenset[str] = frozenset(), end: int = 0
) -> Formula:
    """A whole formula without relation signs.  Raises NotUnderstood; ``end`` is where a formula of no tokens ends."""
    if len(tokens) > LONGEST:
        where = (tokens[LONGEST].span[0], tokens[-1].span[1])
        raise NotUnderstood(
            Text(
                f"too long: {len(tokens)} signs; at most {LONGEST} are read as one formula",
                f"слишком длинно: {len(tokens)} знаков; в одной формуле читается не больше {LONGEST}",
            ),
            where,
        )
    cursor = Cursor(Context(vocabulary, wide, RULES), list(tokens), Effort.for_tokens(len(tokens)), end)
    return Formula(whole(cursor), frozenset(cursor.ambiguous))


def read_condition(
    tokens: list[Token] | tuple[Token, ...], vocabulary: Vocabulary, wide: frozenset[str] = frozenset()
) -> Node:
    """What stands at the beginning of the tokens: a Relation, or a formula where there is no relation sign."""
    effort = Effort.for_tokens(len(tokens))
    return condition(Cursor(Context(vocabulary, wide, RULES), list(tokens), effort))


def parse(source: str, vocabulary: Vocabulary, span: Span | None = None, wide: frozenset[str] = frozenset()) -> Node:
    """The tree of a whole formula without relation signs."""
    start, end = span or (0, len(source))
    return read_formula(tokenize(source, start, end), vocabulary, wide, end).tree
