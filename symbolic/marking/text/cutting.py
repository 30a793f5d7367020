"""Rows of tokens cut into statements, and these into chains, at their signs."""

from __future__ import annotations

from dataclasses import replace

from symbolic.marking.text.chains import BOUNDS, Bound, Chain, Remark, Side
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.set_aside import without_goal, without_sets
from symbolic.marking.text.token_kinds import RELATIONS, depth_of, is_letter, skip_group
from symbolic.marking.text.tokens import CONSTANT, Token
from symbolic.words import Text

SETTING = (r"\leftarrow", r"\gets", r"\longleftarrow")
CONTINUES = frozenset({"+", "-", "*", "/", ")", "]", r"\cdot", r"\times", r"\odot", "^", "_", "}"})
#: So many tokens are cut up as one statement, from a row's first '=' to its last.
LONGEST = 12_000
NOTHING_BEFORE = Text("nothing stands before the '='", "перед '=' ничего нет")


def equates(token: Token) -> bool:
    return token.is_sign("=") or token.is_command(*EQUALS)


EQUALS = (r"\equiv", r"\coloneqq", r"\triangleq", r"\eqdef", r"\doteq")
_IMPLIES = (
    r"\Rightarrow", r"\Longrightarrow", r"\implies", r"\iff", r"\Leftrightarrow", r"\Longleftrightarrow",
    r"\therefore", r"\because", r"\Leftarrow", r"\impliedby", r"\to", r"\rightarrow", r"\longrightarrow",
    r"\leadsto", r"\rightsquigarrow",
)  # fmt: skip
_OTHER = frozenset(
    [
        r"\to",
        r"\rightarrow",
        r"\Rightarrow",
        r"\Longrightarrow",
        r"\implies",
        r"\approx",
        r"\le",
        r"\leq",
        r"\leqslant",
        r"\ge",
        r"\geq",
        r"\geqslant",
        r"\ne",
        r"\neq",
        r"\sim",
        r"\propto",
        r"\simeq",
        r"\iff",
        r"\Leftrightarrow",
        r"\leftarrow",
        r"\gets",
        r"\in",
        r"\cong",
        r"\mapsto",
        r"\ll",
        r"\gg",
        r"\longrightarrow",
    ]
) | {"<", ">"}


def chains_of(tokens: list[Token], remarks: list[Remark]) -> list[Chain]:
    """``a = b, \\quad c = d, \\quad j = 1, …, M`` holds two chains and a remark."""
    if len(tokens) > LONGEST:
        said = Text(
            f"too long: {len(tokens)} signs in one formula; at most {LONGEST} are read",
            f"слишком длинно: {len(tokens)} знаков в одной формуле; читается не больше {LONGEST}",
        )
        span = (tokens[0].span[0], tokens[-1].span[1])
        return [Chain((Side((), span, NotUnderstood(said, span)),))]
    tokens = _joined_equals(tokens)
    bounded = not _in_angles(tokens)
    pieces = _pieces(tokens)
    chains: list[Chain] = []
    conditions: list[tuple[int, tuple[Token, ...]]] = []
    skip = 0
    for k, piece in enumerate(pieces):
        if skip:
            skip -= 1
            continue
        used = _range(pieces[k:])
        if used:
            remarks.append(Remark("range", (piece[0].span[0], pieces[k + used - 1][-1].span[1])))
            skip = used - 1
            continue
        if is_condition(tuple(piece)) and len(pieces) > 1:
            conditions.append((len(chains), tuple(piece)))
            if any(token.is_sign("=") for token in piece):
                chains.append(replace(_chain(piece, remarks), beside=True))
            else:
                remarks.append(Remark("condition", (piece[0].span[0], piece[-1].span[1])))
            continue
        arrow = next((k for k, t in enumerate(piece) if t.is_command(*SETTING)), None)
        if arrow is not None:  # w ← w - η ∇Q sets; what stands behind the arrow is read, also where it claims nothing
            remarks.append(Remark("update", (piece[0].span[0], piece[-1].span[1])))
            piece = piece[arrow + 1 :]
        if not piece:
            continue
        if says_distribution(piece):
            remarks.append(Remark("distribution", (piece[0].span[0], piece[-1].span[1])))
            continue
        chains.extend(_braced(piece))
        for part in _named_last(piece):
            chains.extend(_bounded(part, remarks) if bounded else [_chain(part, remarks)])
    for place, condition in conditions:  # behind its chain, or in front of all of them
        fitting = [at for at, chain in enumerate(chains) if not chain.beside]
        if fitting:
            at = max((at for at in fitting if at < place), default=fitting[0])
            chains[at] = replace(chains[at], conditions=(*chains[at].conditions, condition))
    stated = [c for c in chains if len(c.sides) > 1 or c.sides[0].problem or c.bounds]
    if not stated and len(chains) > 1:  # a list such as w_0, w_1, …, w_k
        return chains[:1]
    return stated or chains


def says_distribution(piece: list[Token]) -> bool:
    r"""``y_i \sim \mathrm{Poisson}(\lambda_i)``: where numbers come from, and no claim."""
    signs = [k for k, token in enumerate(piece) if token.is_command(r"\sim")]
    if len(signs) != 1 or any(token.is_sign("=") for token in outside_brackets(piece)):
        return False
    law = piece[signs[0] + 1 :]
    named = bool(law) and law[0].kind in ("letter", "word") and law[0].text[:1].isupper()
    return named and any(token.is_sign("(", "[") for token in law[1:3])


def _braced(tokens: list[Token]) -> list[Chain]:
    r"""The names that ``\underbrace{…}_{\delta}`` gives, as definitions beside the chain."""
    found: list[Chain] = []
    for k, token in enumerate(tokens):
        if not token.is_command(r"\underbrace", r"\overbrace"):
            continue
        end = skip_group(tokens, k + 1)
        if end >= len(tokens) or not tokens[end].is_sign("_", "^"):
            continue
        name = tokens[end + 1 : skip_group(tokens, end + 1)]
        name = name[1:-1] if name and name[0].is_sign("{") else name
        if name and name[0].is_sign("="):
            name = name[1:]
        inside = tokens[k + 2 : end - 1]
        if name and inside and is_letter(name[0]) and not any(t.kind == "word" or t.is_sign("=") for t in name):
            sides = [Side(tuple(part), (part[0].span[0], part[-1].span[1])) for part in (name, inside)]
            found.append(Chain(tuple(sides), aside=True))
    return found


def _named_last(piece: list[Token]) -> list[list[Token]]:
    """``a = b =: δ`` as a = b and δ = b."""
    equals = [k for k, token in enumerate(piece) if token.is_sign("=")]
    last = equals[-1] if equals else 0
    if not 0 < last < len(piece) - 2 or not piece[last + 1].is_sign(":"):
        return [piece]
    value = piece[(equals[-2] + 1 if len(equals) > 1 else 0) : last]
    definition = [*piece[last + 2 :], piece[last], *value]
    return [piece[:last], definition] if len(equals) > 1 else [definition]


def _joined_equals(tokens: list[Token]) -> list[Token]:
    """``:=``, ``\\stackrel{…}{=}`` and ``\\overset{…}{=}`` as '='."""
    result: list[Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        if token.is_sign(":") and k + 1 < len(tokens) and tokens[k + 1].is_sign("="):
            k += 1
            result.append(Token("sign", "=", (token.span[0], tokens[k].span[1])))
        elif token.is_command(r"\stackrel", r"\overset", r"\underset"):
            end = skip_group(tokens, k + 1)
            inside = tokens[end : skip_group(tokens, end)]
            if [t.text for t in inside if t.text not in "{}"] == ["="]:
                result.append(Token("sign", "=", (token.span[0], inside[-1].span[1])))
                k = end + len(inside) - 1
            else:
                result.append(token)
        elif token.is_command(r"\approx", r"\simeq") and _is_decimal(tokens, k + 1):
            result.append(Token("sign", "=", token.span))  # to the digits that are shown
        elif token.is_command(*EQUALS):
            result.append(Token("sign", "=", token.span))
        else:
            result.append(token)
        k += 1
    return result


def _is_decimal(tokens: list[Token], at: int) -> bool:
    """Whether a number with a point stands there, a sign aside."""
    at += at < len(tokens) and tokens[at].is_sign("-")
    return at < len(tokens) and tokens[at].kind == "number" and "." in tokens[at].text


def _pieces(tokens: list[Token]) -> list[list[Token]]:
    """Cut at commas, semicolons, wide spaces and words outside all brackets."""
    pieces: list[list[Token]] = [[]]
    depth = environments = 0
    for k, token in enumerate(tokens):
        depth += depth_of(token)
        environments += token.is_command(r"\begin") - token.is_command(r"\end")
        outside = depth == 0 and environments == 0
        full_stop = token.is_sign(".") and (k + 1 == len(tokens) or tokens[k + 1].kind in ("word", "command"))
        wide = token.is_command(r"\quad", r"\qquad") and _separates(tokens, k)
        if outside and (token.is_sign(",", ";") or full_stop or wide or token.kind == "word"):
            pieces.append([])
        elif not (token.is_command(r"\quad", r"\qquad")):
            pieces[-1].append(token)
    return [part for piece in pieces if piece for part in _implied(piece)]


def _implied(piece: list[Token]) -> list[list[Token]]:
    """``a = b ⇒ c = d`` as two claims; an arrow between anything but equations is left for the grammar to refuse."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in piece:
        depth += depth_of(token)
        if depth <= 0 and token.is_command(*_IMPLIES):
            parts.append([])
        else:
            parts[-1].append(token)
    parts = [part for part in parts if part]
    equations = all(any(t.is_sign("=") for t in part) or is_condition(tuple(part)) for part in parts)
    return parts if equations else [piece]


def _separates(tokens: list[Token], k: int) -> bool:
    """A wide space separates unless a formula visibly goes on over it."""
    before = tokens[k - 1] if k else None
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    if before is None or after is None:
        return True
    joins = CONTINUES | {"="} | set(RELATIONS)
    return not (before.text in joins - {")", "]", "}"} or after.text in joins)


def _range(pieces: list[list[Token]]) -> int:
    """How many pieces form ``j = 1, …, M``, ``∀ j``, ``j = 1..M``, ``i ∈ {…}``; 0 when none do."""
    first = pieces[0]
    if first[0].is_command(r"\forall"):
        return 1
    if len(first) >= 3 and is_letter(first[0]) and first[1].is_command(r"\in"):
        return 1
    if len(first) < 3 or not is_letter(first[0]) or not first[1].is_sign("="):
        return 0
    rest = outside_brackets(first[2:])
    if any(token.is_sign("+") for token in rest):  # z = w_1 x_1 + … + w_n x_n
        return 0
    if any(t.is_command(r"\ldots", r"\dots", r"\cdots") for t in rest) or [t.text for t in rest].count(".") >= 2:
        return 1
    bare = [t.text for t in rest if not t.is_sign("{", "}")]
    if len(bare) == 3 and bare[1] == ":" and bare[0].isdigit():  # n = 1{:}N
        return 1
    if first[2].is_sign("{") and any(t.is_sign(",") for t in first[2:]):  # \overline{1, M}
        return 1
    if len(pieces) >= 2 and pieces[1] and pieces[1][0].is_command(r"\ldots", r"\dots", r"\cdots"):
        return 3 if len(pieces) >= 3 else 2
    later = pieces[1:]
    listed = any(p and p[0].is_command(r"\ldots", r"\dots", r"\cdots") for p in later)
    if len(later) >= 2 and listed and not any(t.is_sign("=") for p in later for t in p):
        return len(pieces)
    return 0


def outside_brackets(tokens: list[Token]) -> list[Token]:
    """The tokens that stand in no round or square brackets."""
    kept: list[Token] = []
    depth = 0
    for token in tokens:
        depth += token.is_sign("(", "[") - token.is_sign(")", "]")
        if not depth:
            kept.append(token)
    return kept


def is_constant_left(tokens: list[Token]) -> bool:
    """``… + const`` at the end."""
    return len(tokens) > 2 and tokens[-2].is_sign("+", "-") and tokens[-1].text == CONSTANT


def _chain(tokens: list[Token], remarks: list[Remark]) -> Chain:
    """Cut one chain at its '=' signs."""
    end = len(tokens)
    while end > 1 and (
        tokens[end - 1].is_sign(".", ",", ";") or (tokens[end - 1].is_sign("!") and tokens[end - 2].kind == "number")
    ):
        end -= 1
    tokens = tokens[:end]
    tokens = without_goal(without_sets(tokens, remarks), remarks)
    sides: list[Side] = []
    current: list[Token] = []
    depth = environments = 0
    problem: NotUnderstood | None = None
    place = tokens[0].span[0] if tokens else 0

    def close(at: int, last: bool) -> None:
        nonlocal problem, current
        span = (current[0].span[0], current[-1].span[1]) if current else (at, at)
        if current or problem:
            whole = current[:-2] if is_constant_left(current) else current
            sides.append(Side(tuple(whole), span, problem, len(whole) < len(current)))
        elif not sides:
            sides.append(Side((), span, NotUnderstood(NOTHING_BEFORE, (at, at + 1))))
        elif last:  # an '=' at the very end: the right-hand side is missing
            sides.append(
                Side(
                    (),
                    span,
                    NotUnderstood(
                        Text("nothing stands after the last '='", "после последнего '=' ничего нет"),
                        (max(at - 1, 0), at),
                    ),
                )
            )
        current, problem = [], None

    for token in tokens:
        depth += depth_of(token)
        environments += token.is_command(r"\begin") - token.is_command(r"\end")
        outside = depth <= 0 and environments == 0
        place = token.span[1]
        if outside and token.is_sign("="):
            close(token.span[0], False)
        else:
            if outside and token.kind in ("sign", "command") and token.text in _OTHER and problem is None:
                problem = NotUnderstood(
                    Text(f"only '=' can be marked, not {token.text}", f"проверяется только '=', а не {token.text}"),
                    token.span,
                )
            current.append(token)
    close(place, True)
    return Chain(tuple(sides))


def _in_angles(tokens: list[Token]) -> bool:
    """Whether ``<w, x>`` stands there: the signs are brackets."""
    signs = "".join(t.text for t in tokens if t.is_sign("<", ">", ","))
    return "<,>" in signs


def _bounded(tokens: list[Token], remarks: list[Remark]) -> list[Chain]:
    """``a = b ≥ c = d`` as a = b, bounded by c, and c = d."""
    cuts: list[int] = []
    depth = environments = 0
    for k, token in enumerate(tokens):
        depth += depth_of(token)
        environments += token.is_command(r"\begin") - token.is_command(r"\end")
        if depth == 0 and environments == 0 and token.kind in ("sign", "command") and token.text in BOUNDS:
            cuts.append(k)
    parts = [tokens[a + 1 : b] for a, b in zip([-1, *cuts], [*cuts, len(tokens)], strict=True)]
    if not cuts or any(not part or part[0].is_sign("=") or part[-1].is_sign("=") for part in parts):
        return [_chain(tokens, remarks)]
    first, *rest = (_chain(part, remarks) for part in parts)
    chains = [first]
    for cut, chain in zip(cuts, rest, strict=True):
        chains[-1] = replace(chains[-1], bounds=(*chains[-1].bounds, Bound(tokens[cut], chain.sides[0])))
        if len(chain.sides) > 1:
            chains.append(chain)
    return chains


def is_condition(tokens: tuple[Token, ...]) -> bool:
    """``k ≠ l``, ``(a_j > 0)``; ``k = l`` and ``y_i = 1``, but no other equation."""
    tokens = unbracketed(tokens)
    depth, found = 0, []
    for k, token in enumerate(tokens):
        depth += depth_of(token)
        if depth == 0 and token.kind in ("sign", "command") and token.text in RELATIONS:
            found.append(k)
    if len(found) != 1 or not 0 < found[0] < len(tokens) - 1:
        return False
    left, right = tokens[: found[0]], tokens[found[0] + 1 :]
    if RELATIONS[tokens[found[0]].text] != "=":
        return True
    letter = is_letter(left[0]) and (len(left) == 1 or left[1].is_sign("_"))
    digits = right[1:] if right[0].is_sign("-", "+") else right
    return letter and len(digits) == 1 and (digits[0].kind == "number" or (len(left) == 1 and is_letter(right[0])))


def unbracketed(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Without one pair of brackets around the whole, and without a full stop at the end."""
    while tokens and tokens[-1].is_sign(".", ",", ";", ":"):
        tokens = tokens[:-1]
    if len(tokens) > 2 and tokens[0].is_sign("(") and skip_group(list(tokens), 0) == len(tokens):
        return tokens[1:-1]
    return tokens
