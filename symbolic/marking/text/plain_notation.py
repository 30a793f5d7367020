"""What plain text types without a brace or a command: w_ij, w1, h_prev, y_hat, yhat, v . h, u^(3/2)."""

from __future__ import annotations

from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: Letters that count something.
_COUNTING = frozenset("ijklmnpqrstuv0123456789")
#: Accents that are written out behind their letter: y_hat, and yhat.
_ACCENTS = {"hat": r"\hat", "bar": r"\bar", "tilde": r"\tilde"}
#: So many letters below make a word, though a subscript of its own may follow: y_pred_i.  Of p_uq_i the q is a name.
_A_WORD, _A_WORD_BEFORE_A_SUBSCRIPT = 3, 4


def as_plain_text(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens of a text without any LaTeX as LaTeX would have them."""
    return with_numbers_below(with_whole_subscripts(with_whole_powers(with_dots_of_products(text, tokens))))


def with_whole_powers(tokens: list[Token]) -> list[Token]:
    """``(w² + ε)^(3/2)`` with all of its brackets above."""
    found: list[Token] = []
    closing: list[int] = []  # how many brackets are open within each of those above
    for k, token in enumerate(tokens):
        if token.is_sign("(") and k and tokens[k - 1].is_sign("^"):
            found.append(Token("sign", "{", (token.span[0], token.span[0])))
            closing.append(0)
        found.append(token)
        if closing and token.is_sign("(", ")"):
            closing[-1] += 1 if token.is_sign("(") else -1
            if not closing[-1]:
                found.append(Token("sign", "}", (token.span[1], token.span[1])))
                closing.pop()
    return found if not closing else tokens


def with_dots_of_products(text: str, tokens: list[Token]) -> list[Token]:
    """``v . h``: a full stop stands behind its word without a space, or at the end of a line."""
    found = list(tokens)
    for k in range(1, len(tokens) - 1):
        before, token, behind = tokens[k - 1 : k + 2]
        apart = before.span[1] < token.span[0] and token.span[1] < behind.span[0]
        goes_on = "\n" not in text[token.span[1] : behind.span[0]]
        if token.is_sign(".") and apart and goes_on and before.kind != "word" and not behind.is_sign("=", ";", ","):
            found[k] = Token("command", r"\cdot", token.span)
    return found


def with_whole_subscripts(tokens: list[Token]) -> list[Token]:
    """``w_ij`` with both letters below, ``h_prev`` with its word, ``y_hat`` and ``yhat`` as one letter."""
    found: list[Token] = []
    k = 0
    while k < len(tokens):
        end = _touching(tokens, k)
        if (accent := _accent(tokens[k:end])) is not None and (k == 0 or not tokens[k - 1].is_sign("_")):
            found.extend(accent)
            k = end
            continue
        found.append(tokens[k])
        k += 1
        if not found[-1].is_sign("_") or len(found) < 2:
            continue
        end = _touching(tokens, k)
        word = "".join(t.text for t in tokens[k:end])
        if word in _ACCENTS and found[-2].kind == "letter":
            found[-2:] = [_accented(_ACCENTS[word], found[-2], tokens[end - 1])]
            k = end
            continue
        end = _reach(tokens, k, end)
        if end - k > 1:
            opening, closing = tokens[k].span[0], tokens[end - 1].span[1]
            run = (Token("sign", "{", (opening, opening)), *tokens[k:end], Token("sign", "}", (closing, closing)))
            found.extend(run)
            k = end
    return found


def with_numbers_below(tokens: list[Token]) -> list[Token]:
    """``w1`` and ``∂L/∂w1`` with the figure below the letter; ``log2`` is a word, and of ``x_21`` nothing is left."""
    found: list[Token] = []
    for k, token in enumerate(tokens):
        if token.kind == "number" and token.text.isdigit() and 1 <= _letters_before(tokens, k) < _A_WORD:
            found.append(Token("sign", "_", (token.span[0], token.span[0])))
        found.append(token)
    return found


def _letters_before(tokens: list[Token], k: int) -> int:
    """How many letters stand before a token without a space; none where they are below another."""
    start = k
    while start and is_letter(tokens[start - 1]) and tokens[start - 1].span[1] == tokens[start].span[0]:
        start -= 1
    below = start > 0 and (
        tokens[start - 1].is_sign("_", "^")
        or (tokens[start - 1].is_sign("{") and start > 1 and tokens[start - 2].is_sign("_", "^"))
    )
    return 0 if below else k - start


def _touching(tokens: list[Token], k: int) -> int:
    """Behind the letters that stand from k on without a space."""
    end = k
    while end < len(tokens) and tokens[end].kind == "letter" and len(tokens[end].text) == 1:
        if end > k and tokens[end - 1].span[1] != tokens[end].span[0]:
            break
        end += 1
    return end


def _reach(tokens: list[Token], k: int, end: int) -> int:
    """Behind what stands below: a word, or the letters and figures that count."""
    followed = end < len(tokens) and tokens[end].is_sign("_") and tokens[end].span[0] == tokens[end - 1].span[1]
    if end - k == 2 and tokens[k - 2].text == r"\delta":  # δ_ab, of any two letters
        return end
    counts = all(t.text in _COUNTING for t in tokens[k:end])
    if not counts and end - k >= (_A_WORD_BEFORE_A_SUBSCRIPT if followed else _A_WORD):
        return end
    end = k
    while end < len(tokens) and tokens[end].text in _COUNTING and tokens[end - 1].span[1] == tokens[end].span[0]:
        end += 1
    if end < len(tokens) and tokens[end].is_sign("_") and tokens[end].span[0] == tokens[end - 1].span[1]:
        end -= 1
    return end


def _accent(letters: list[Token]) -> list[Token] | None:
    """``yhat``, or ``dyhat``, as an accented letter."""
    word = "".join(t.text for t in letters)
    for name, accent in _ACCENTS.items():
        before = len(word) - len(name)
        if word.endswith(name) and before in (1, 2) and (before == 1 or word[0] == "d"):
            return [*letters[: before - 1], _accented(accent, letters[before - 1], letters[-1])]
    return None


def _accented(accent: str, letter: Token, last: Token) -> Token:
    return Token("letter", f"{accent}{{{letter.text}}}", (letter.span[0], last.span[1]))
