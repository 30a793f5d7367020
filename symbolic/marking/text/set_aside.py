r"""What stands in a chain and claims nothing: where a value lies, what it is to be near to, what is minimised."""

from __future__ import annotations

from symbolic.marking.text.chains import Remark
from symbolic.marking.text.token_kinds import depth_of, is_letter, skip_group
from symbolic.marking.text.tokens import Token

_NEAR = (r"\approx", r"\simeq")
_ARROWS = (r"\to", r"\rightarrow", r"\longrightarrow")


def without_goal(tokens: list[Token], remarks: list[Remark]) -> list[Token]:
    r"""``Q = … \to \min_w``."""
    goal = next((k for k, t in enumerate(tokens) if t.is_command(*_ARROWS)), None)
    if goal is not None and goal + 1 < len(tokens) and tokens[goal + 1].is_command(r"\min", r"\max"):
        remarks.append(Remark("goal", (tokens[goal].span[0], tokens[-1].span[1])))
        return tokens[:goal]
    return tokens


def without_sets(tokens: list[Token], remarks: list[Remark]) -> list[Token]:
    r"""``W x \in \mathbb R^n = …``: where a value lies claims nothing about what it is."""
    kept: list[Token] = []
    depth, inside = 0, False
    for token in tokens:
        depth += depth_of(token)
        if depth == 0 and token.is_command(r"\in") and kept:
            inside = True
            remarks.append(Remark("set", token.span))
        elif depth == 0 and token.is_sign("="):
            inside = False
        if not inside:
            kept.append(token)
    return kept


def without_model(tokens: list[Token], remarks: list[Remark]) -> list[Token]:
    r"""``V \approx Y = WH``: what a datum is to be near to claims nothing; that Y is WH does."""
    end = behind_name(tokens)
    near = 0 < end < len(tokens) and tokens[end].is_command(*_NEAR)
    others = tokens[end + 1 :]
    if not near or any(t.is_command(*_NEAR) for t in others) or not any(t.is_sign("=") for t in others):
        return tokens
    remarks.append(Remark("model", (tokens[0].span[0], tokens[end].span[1])))
    return others


def behind_name(tokens: list[Token]) -> int:
    """Where a mere name with its scripts ends that the tokens begin with; 0 where they begin otherwise."""
    if not tokens or not is_letter(tokens[0]):
        return 0
    end = 1
    while end + 1 < len(tokens) and tokens[end].is_sign("_", "^"):
        end = skip_group(tokens, end + 1)
    return end
