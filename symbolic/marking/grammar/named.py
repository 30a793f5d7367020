"""Names with their scripts and arguments: ``w_{1,j}^T``, ``x^{(i)}``, ``p(z)``, ``ln p_k``."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from symbolic.language.affine import Affine
from symbolic.marking.grammar.cursor import Cursor
from symbolic.marking.grammar.known_words import HADAMARD, SPELLINGS, SPELT, TRACES, TRANSPOSES, WORDS
from symbolic.marking.grammar.levels import begins_factor, condition, factor, inner, multiplied
from symbolic.marking.grammar.scripts import read_scripts
from symbolic.marking.grammar.tree import (
    Blank,
    Call,
    Component,
    Deriv,
    Name,
    Neg,
    Node,
    Num,
    Ones,
    Power,
    Relation,
    Transpose,
    walk,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import is_letter, split
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

#: Functions that may be written without ``\\mathrm``; shorter ones are products of letters.
PLAIN_WORDS = frozenset(word for word in WORDS if len(word) > 2 or word == "ln")
#: Functions of two letters, which need brackets behind them.
SHORT_FUNCTIONS = frozenset({"th", "sh", "ch", "tg", "tr", "Tr"})
LONGEST_WORD = 24
#: So many primes may stand behind a name: no derivation needs more, and each makes the formula several times longer.
HIGHEST_ORDER = 4
LONGEST_NUMBER = 40
CLOSING = {"(": ")", "[": "]", r"\{": r"\}", r"\lparen": r"\rparen", r"\lbrack": r"\rbrack"}


def number(cursor: Cursor) -> Node:
    start, token = cursor.at, cursor.take()
    if len(token.text) > LONGEST_NUMBER:
        raise NotUnderstood(Text("a number with that many digits", "число с таким количеством цифр"), token.span)
    return scripted(cursor, Num(Fraction(token.text), span=token.span), start)


def named(cursor: Cursor) -> Node:
    """A name with all that hangs on it, or what a name with a meaning of its own begins."""
    start = cursor.at
    word = word_at(cursor)
    token = cursor.take()
    for _ in word[1:]:
        token = Token("letter", word, (token.span[0], cursor.take().span[1]))
    if not word and names_gradient(cursor, token):
        behind = cursor.take()
        token = Token("letter", f"d{behind.text}", (token.span[0], behind.span[1]))
    opening = cursor.context.rules.openings.get(token.text)
    opened = opening(cursor, token, start) if opening is not None else None
    if opened is not None:
        return opened
    spelt = SPELT.get(token.text) or SPELLINGS.get(token.text, token.text)
    return scripted(cursor, Name(spelt, span=token.span), start)


def names_gradient(cursor: Cursor, token: Token) -> bool:
    r"""Whether a d begins the ``d\hat x`` or ``d\gamma`` of a text in which nothing is called d."""
    behind = cursor.token
    if token.text != "d" or behind is None or not is_letter(behind) or len(behind.text) == 1:
        return False
    if token.span[1] < behind.span[0] and cursor.vocabulary.is_declared("d"):
        return False  # the length d, and \sigma
    return cursor.vocabulary.is_declared(behind.text) and not cursor.vocabulary.is_quantity("d")


def exponential(cursor: Cursor, token: Token, start: int) -> Node | None:
    """``e^u`` where nobody declared an e; a square, or an e^l, is one of the e that the text names later.

    Of a declared e nobody takes the power -z or w x: that is Euler's number beside it, as it is beside an index e.
    """
    declared = cursor.vocabulary.is_declared("e") and not cursor.vocabulary.is_index("e")
    if not cursor.sees("^") or (declared and not has_formula_above(cursor)):
        return None
    behind = cursor.peek(1)
    later = cursor.vocabulary.is_named_later("e") and behind is not None
    if later and behind and (behind.text.isdigit() or cursor.vocabulary.has_superscript("e", behind.text)):
        return None
    cursor.take()
    exponent = inner(cursor, cursor.group(), token.span)
    return Call(Name("exp", span=token.span), (exponent,), span=cursor.spanning(start))


def has_formula_above(cursor: Cursor) -> bool:
    """Whether the power that follows is a formula, ``^{-z}`` or ``^{w x}``, and no number, step or layer."""
    here = cursor.at
    cursor.take()
    above = cursor.group()
    cursor.at = here
    return (above[0].is_sign("-") and len(above) > 1) or sum(map(is_letter, above)) > 1


def word_at(cursor: Cursor) -> str:
    """The name that letters without a space between them make: ``loss``, ``softmax``, ``dW``; else empty."""
    run: list[Token] = []
    for token in cursor.tokens[cursor.at : cursor.at + LONGEST_WORD]:
        if token.kind != "letter" or len(token.text) > 1 or (run and run[-1].span[1] != token.span[0]):
            break
        run.append(token)
    text = "".join(token.text for token in run)
    known = cursor.vocabulary.is_declared
    if len(text) == 2 and text[0] == "d" and not cursor.vocabulary.is_quantity("d"):
        return text  # dW: not the size d times W
    if text in SHORT_FUNCTIONS and not all(map(known, text)):
        behind = cursor.peek(len(text))
        if behind is not None and behind.is_sign("("):
            return text  # th(w x + b)
    if text in SPELT and not all(map(known, text)):
        return text  # mu, eps
    behind = cursor.peek(len(text))
    if len(text) > 1 and behind is not None and behind.is_sign("'") and known(text + "'"):
        return text  # SSE'
    for end in range(len(text), 1, -1):
        rest = text[end:]
        if known(text[:end]) or (text[:end] in PLAIN_WORDS and all(map(known, rest))):
            return text[:end]
    if len(text) <= 2 or all(map(known, text)):
        return ""
    if any(text.endswith(word) and all(map(known, text[: -len(word)])) for word in PLAIN_WORDS):
        return ""  # y ln p without its spaces
    return text if cursor.vocabulary.is_word(text) else ""


def scripted(cursor: Cursor, node: Node, start: int) -> Node:
    """Subscripts, superscripts, primes and arguments after a factor, in any order."""
    powers: list[Node | None] = []  # None is a transpose
    while True:
        if cursor.takes("_"):
            node = subscripted(cursor, node, start)
        elif cursor.sees("^"):
            sign = cursor.take()
            node = superscripted(cursor, node, sign, powers, start)
        elif cursor.sees("!") and isinstance(node, Name) and not cursor.sees_after("="):
            cursor.take()
            node = Call(Name("factorial", span=node.span), (node,), span=cursor.spanning(start))
        elif cursor.sees("'") and isinstance(node, Name):
            prime = cursor.take()
            if cursor.vocabulary.is_array(node):  # X'X, y'y
                powers.append(None)
                continue
            if node.primes == HIGHEST_ORDER:
                raise NotUnderstood(Text("a derivative of that order", "производная такого порядка"), prime.span)
            node = replace(node, primes=node.primes + 1)
        elif cursor.sees("'") and not isinstance(node, Num):
            node = primed(cursor, node, start)
        else:
            break
    if isinstance(node, Name):
        node = called(cursor, node, start)
        if isinstance(node, Call) and cursor.sees("_", "^"):
            node = scripted(cursor, node, start)
    for exponent in powers:
        span = cursor.spanning(start)
        node = Transpose(node, span=span) if exponent is None else Power(node, exponent, span=span)
    return node


def primed(cursor: Cursor, node: Node, start: int) -> Node:
    """``(y - p)'_w``, and ``(1 / (1 + e^{-t}))'`` by the only letter that stands there."""
    prime = cursor.take()
    if cursor.takes("_"):
        return Deriv(node, inner(cursor, cursor.group(), prime.span), span=cursor.spanning(start))
    arrays = (part for part in walk(node) if isinstance(part, Name | Ones))
    if any(map(cursor.vocabulary.is_array, arrays)):  # (y - Xβ)', 1'w
        return Transpose(node, span=cursor.spanning(start))
    letters = list(dict.fromkeys(part for part in walk(node) if isinstance(part, Name)))
    if len(letters) != 1:
        raise NotUnderstood(
            Text(
                "a prime on brackets: the derivative by what? write ( … )'_w",
                "штрих у скобок: производная по чему? запишите ( … )'_w",
            ),
            prime.span,
        )
    return Deriv(node, letters[0], span=cursor.spanning(start))


def is_label(cursor: Cursor, tokens: list[Token]) -> bool:
    """Whether what stands below a name is a word, which has an index of its own below it: no entry, as z_t is."""
    if not tokens or not all(map(is_letter, tokens)):
        return False
    together = all(one.span[1] == other.span[0] for one, other in pairwise(tokens))
    word = "".join(token.text for token in tokens)
    if cursor.vocabulary.is_declared(word) or all(cursor.vocabulary.is_index(token.text) for token in tokens):
        return False
    return word.isalpha() and together and len(word) > 2


def subscripted(cursor: Cursor, node: Node, start: int) -> Node:
    tokens = cursor.group()
    span = cursor.spanning(start)
    if isinstance(node, Name):
        *before, last = split(tokens, ",") or [[]]
        under = next((k for k, t in enumerate(last) if t.is_sign("_")), 0)
        if not before and is_label(cursor, last[:under]):  # c_{neg_i}
            return replace(node, subs=(*node.subs, *read_scripts(last[:under] + last[under + 1 :], span)), span=span)
        if not before and under > 1 and not any(t.is_sign("^") for t in last):  # y_{t z_t}
            before, last = [[t] for t in last[: under - 1]], last[under - 1 :]
        if before and any(t.is_sign("_") for t in last) and not any(t.is_sign("_", "^") for p in before for t in p):
            scripts = tuple(item for piece in before for item in read_scripts(piece, span))
            return replace(node, subs=(*node.subs, *scripts), below=inner(cursor, last, span), span=span)
        if any(t.is_sign("_", "^") for t in tokens):
            return replace(node, below=inner(cursor, tokens, span), span=span)
        return replace(node, subs=(*node.subs, *read_scripts(tokens, span)), span=span)
    if len(tokens) == 1 and tokens[0].is_sign("+", "-"):  # (1 - M)_+
        inside = node if tokens[0].text == "+" else Neg(node, span=node.span)
        return Call(Name("max", span=span), (Num(Fraction(0), span=span), inside), span=span)
    return Component(node, read_scripts(tokens, span), span=span)


def superscripted(cursor: Cursor, node: Node, sign: Token, powers: list[Node | None], start: int) -> Node:
    """The node with a prime, a label or ∘n above it; a power or a transpose is added to ``powers``."""
    tokens = cursor.group()
    span = cursor.spanning(start)
    if not tokens:
        return node  # U^{} prints as U
    while isinstance(node, Name) and tokens and (tokens[-1].is_command(r"\prime") or tokens[-1].is_sign("'")):
        node, tokens = replace(node, primes=node.primes + 1), tokens[:-1]  # f^{\prime}, f^{h\prime}
    if not tokens:
        return node
    text = "".join(t.text for t in tokens)
    if tokens[-1].text in TRANSPOSES and not (len(tokens) > 1 and text[0] not in "(["):
        if len(tokens) > 1:
            node = labelled_above(node, tokens[:-1], span)
        powers.append(None)
        return node
    declared = cursor.vocabulary.is_declared
    if len(tokens) == 2 and tokens[0].is_sign("-") and tokens[1].text in TRANSPOSES and not declared(tokens[1].text):
        powers.extend((Num(Fraction(-1)), None))  # A^{-T}
        return node
    if isinstance(node, Name) and not node.sups and cursor.vocabulary.has_superscript(node.base, text):
        return replace(node, sups=(*node.sups, *read_scripts(tokens, span)), span=span)
    if isinstance(node, Name) and tokens[0].is_sign("(", "[") and tokens[-1].is_sign(")", "]"):
        return labelled_above(node, tokens, span)
    worded = len(tokens) == 1 and tokens[0].kind == "letter" and len(tokens[0].text) > 1 and text.isalpha()
    fresh = isinstance(node, Name) and not cursor.vocabulary.is_declared(node.base) and all(map(is_letter, tokens))
    if isinstance(node, Name) and (worded or fresh):
        # δ^{out}: nobody raises what is not declared to the power of a word
        return replace(node, sups=(*node.sups, *read_scripts(tokens, span)), span=span)
    if isinstance(node, Name) and len(tokens) == 1 and tokens[0].is_sign("+", "-"):  # w^+ after a step, x^- of a pair
        return replace(node, sups=(*node.sups, Affine.of(text)), span=span)
    if isinstance(node, Name) and any(t.is_sign(",") for t in tokens):  # s_i^{t-1,k}: no power has a comma
        return replace(node, sups=(*node.sups, *read_scripts(tokens, span)), span=span)
    if tokens[0].is_command(*HADAMARD) and len(tokens) > 1:
        return Power(node, inner(cursor, tokens[1:], span), entrywise=True, span=span)
    powers.append(inner(cursor, tokens, span))
    return node


def labelled_above(node: Node, tokens: list[Token], span: Span) -> Node:
    if not isinstance(node, Name):
        raise NotUnderstood(Text("a label above something that is not a name", "пометка сверху не у имени"), span)
    scripts = [item for group in label_groups(tokens) for item in read_scripts(group, span)]
    return replace(node, sups=(*node.sups, *scripts), span=span)


def label_groups(tokens: list[Token]) -> list[list[Token]]:
    """The 2 and the i of ``a^{[2](i)}``: the layer in square brackets comes first, in whatever order they stand."""
    groups: list[tuple[bool, list[Token]]] = []
    depth, start = 0, 0
    for k, token in enumerate(tokens):
        depth += token.is_sign("(", "[") - token.is_sign(")", "]")
        if depth == 0:
            groups.append((tokens[start].is_sign("["), tokens[start + 1 : k]))
            start = k + 1
    if any(not group for _, group in groups):
        return [tokens[1:-1]]
    return [group for _, group in sorted(groups, key=lambda found: not found[0])]


def called(cursor: Cursor, name: Name, start: int) -> Node:
    """The name with its arguments, where it has any; brackets after a quantity are a factor of their own."""
    is_function = cursor.vocabulary.is_function(name) or (name.base in WORDS and name.bare)
    if cursor.sees(*CLOSING) and not (is_function and cursor.sees("[") and name.base not in WORDS):
        here = cursor.at
        found = arguments(cursor)
        product = found is not None and is_function and holds_function(cursor, name, found)  # σ (1 - σ)
        called = is_function or (found is not None and cursor.vocabulary.reads_as_call(name, found))
        if called and not is_function and len(found or ()) == 1 and isinstance((found or ())[0], Name):
            surely = name.primes or cursor.vocabulary.was_declared_with_arguments(name)
            called = bool(surely) or not cursor.choose("call")
        if found is not None and not product and called:
            if name.base in TRACES and (cursor.sees_transpose() or (goes_on(cursor) and cursor.choose("trace"))):
                cursor.at = here  # tr (A - B)ᵀ C is the trace of the whole product, and tr (A)^{-1} B may be
                return Call(name, (all_factors(cursor),), span=cursor.spanning(start))
            return Call(name, found, span=cursor.spanning(start))
        cursor.at = here
        return name
    if is_function and begins_factor(cursor) and not cursor.sees("?"):
        if name.primes and not cursor.choose("slope"):
            return name
        return Call(name, (unbracketed(cursor),), span=cursor.spanning(start))
    return name


def goes_on(cursor: Cursor) -> bool:
    """Whether a factor follows, perhaps behind a power of what was read, or the sign of an inverse: tr(A)^{-1}."""
    here = cursor.at
    above = cursor.group() if cursor.takes("^") else []
    found = begins_factor(cursor) or any(token.is_sign("-") for token in above[:1])
    cursor.at = here
    return found


def holds_function(cursor: Cursor, function: Name, found: tuple[Node, ...]) -> bool:
    r"""Whether a function stands in the brackets without an argument: then they are a factor.

    Of ``\ln(1 - σ)`` the logarithm is taken: it has no name without an argument, except beside itself.
    """
    names = [part for argument in found for part in walk(argument) if isinstance(part, Name)]
    if function.base in WORDS:
        return any(name.base == function.base for name in names)
    return any(name.base in WORDS or cursor.vocabulary.is_function(replace(name, primes=0)) for name in names)


def arguments(cursor: Cursor) -> tuple[Node, ...] | None:
    """``(u, v; w)``, ``(t | w)``; None when that is not how the brackets read."""
    closing = CLOSING[cursor.take().text]
    found: list[Node] = []
    with cursor.among(bars=int(holds_lone_bar(cursor)), held=cursor.held):
        while True:
            if cursor.sees(r"\cdot") and (after := cursor.peek()) and after.text == closing:
                found.append(Blank(span=cursor.take().span))
            else:
                node = condition(cursor)
                if isinstance(node, Relation):
                    return None
                found.append(node)
            if not cursor.takes(",", ";", "|"):
                break
        cursor.expect(closing)
    return tuple(found)


def holds_lone_bar(cursor: Cursor) -> bool:
    """Whether one bar stands between here and the closing bracket: p(t | x), where |x| has two."""
    depth = bars = 0
    for token in cursor.tokens[cursor.at :]:
        depth += token.is_sign("(", "[", "{") - token.is_sign(")", "]", "}")
        if depth < 0:
            break
        bars += depth == 0 and token.is_sign("|")
    return bars == 1


def all_factors(cursor: Cursor) -> Node:
    start, factors = cursor.at, [factor(cursor)]
    while begins_factor(cursor):
        factors.append(factor(cursor))
    return multiplied(cursor, factors, start)


def unbracketed(cursor: Cursor) -> Node:
    """``ln p_k``, ``σ wᵀx``, ``tanh a``: one factor, and wᵀx counts as one."""
    start = cursor.at
    factors = [factor(cursor)]
    while (token := cursor.token) is not None and begins_factor(cursor):
        if not isinstance(factors[-1], Transpose):
            if not (isinstance(factors[-1], Name | Num) and is_letter(token)):
                break
            if not cursor.choose("argument"):  # sin xy: of x, or of xy?
                break
        factors.append(factor(cursor))
    return multiplied(cursor, factors, start)
