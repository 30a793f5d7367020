"""What stands around the formulas of a source: notebooks, fences, prose; and what of it was passed over."""

from __future__ import annotations

import json
import re

from symbolic.marking.text.refusals import Span
from symbolic.words import Text

#: Fences whose content is mathematics.
_MATH_FENCES = ("math", "latex", "tex", "katex")
_FENCE = re.compile(
    r"^[ \t]*(```+|~~~+)[ \t]*(?P<language>\w*)[^\n]*\n(?P<body>.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE
)
_VERBATIM = re.compile(r"\\begin\{(verbatim\*?|lstlisting|minted|tikzpicture|comment)\}.*?\\end\{\1\}", re.DOTALL)
_WORD = r"[A-Za-zА-Яа-яЁё]{3,}"
#: Words in the margin of a row: three spaces, then nothing but words.
_MARGIN = re.compile(
    r"(?:\s{3,}|\t+|\s*//\s*|\s+#\s+|\s*←\s*|\s*<-{1,2}\s+)(?P<said>[(\[]?[A-Za-zА-Яа-яЁё][^=\\∂Σ∑^_]*)$"
)
_BULLET = re.compile(r"^\s*(?:[-*•]\s+(?=\S)|\(?\d{1,2}[.)]\s+|#+\s+|>\s+|(?:step|шаг)\s*\d+[.:)]\s*)", re.IGNORECASE)
_LABEL = re.compile(rf"^\s*(?:{_WORD}[,]?\s+)*{_WORD}(?:\s+\w+)?\s*:\s(?!=)")


def notebook_text(source: str) -> str:
    """The text cells of an .ipynb file; any other source as it is."""
    if not source.lstrip().startswith("{") or '"cells"' not in source:
        return source
    try:
        cells = json.loads(source)["cells"]
        texts = [c["source"] for c in cells if c.get("cell_type") in ("markdown", "raw")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return source
    return "\n\n".join("".join(text) if isinstance(text, list) else str(text) for text in texts)


def blanked(text: str, start: int, end: int) -> str:
    """The text with spaces at that place; lines stay lines."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def without_code(text: str) -> tuple[str, list[Span], list[Span]]:
    """Code taken out: the text, what was passed over, and where fences hold mathematics."""
    passed: list[Span] = []
    displays: list[Span] = []
    for match in _FENCE.finditer(text):
        body = match.span("body")
        if match["language"].lower() in _MATH_FENCES and "$" not in match["body"]:
            text = blanked(blanked(text, match.start(), body[0]), body[1], match.end())
            displays.append(body)
        elif "$" not in match["body"] or match["language"]:
            text = blanked(text, *match.span())
            passed.append(match.span())
    for match in _VERBATIM.finditer(text):
        text = blanked(text, *match.span())
        passed.append(match.span())
    return text, passed, displays


def without_prose(text: str, start: int, end: int) -> str:
    """A text without any delimiters: sentences, bullets and words in the margin become spaces."""
    place = start
    for line in text[start:end].splitlines(keepends=True):
        stop = place + len(line.rstrip("\n"))
        bare = text[place:stop]
        if is_prose(bare):
            text = blanked(text, place, stop)
        else:
            bullet = _BULLET.match(bare)
            if bullet:
                text = blanked(text, place, place + bullet.end())
            label = _LABEL.match(text[place:stop])
            if label:
                text = blanked(text, place, place + label.end())
            margin = _MARGIN.search(text[place:stop])
            if margin and re.search(_WORD, margin["said"]):
                text = blanked(text, place + margin.start(), stop)
        place += len(line)
    return text


def is_prose(line: str) -> bool:
    """A line of words: no '=', no command, and more letters in words than beside them."""
    words = re.findall(_WORD, re.sub(r"\\[A-Za-z]+", "", line))
    if len(words) < 2 and not (
        words and re.fullmatch(r"\W*[\w\s]+[:.]?\W*", line) and not re.search(r"[=^_\\∂]", line)
    ):
        return False
    return not re.search(r"=|\\(?:frac|partial|sum|nabla)|∂", line) or len(words) >= 5 + 2 * line.count("=")


def looks_like_a_formula(line: str) -> bool:
    """Whether a line outside all delimiters claims something: an '=' between signs of mathematics."""
    bare = re.sub(r"\$[^$]*\$|\\\(.*?\\\)", "", line)
    return bool(re.search(r"(?<![<>!:])=(?!=)", bare)) and bool(
        re.search(r"\\(?:frac|partial|sum|nabla|sigma|hat|cdot)|[∂∑∇σΣ]|\w\^|\w_\w|d\w/d\w", bare)
    )


def lines_in_words(text: str, spans: list[Span]) -> tuple[Text, ...]:
    """``lines 12-14: …`` for each piece that was passed over."""
    said: list[Text] = []
    for start, end in sorted(spans):
        first, last = text.count("\n", 0, start) + 1, text.count("\n", 0, max(end - 1, start)) + 1
        shown = " ".join(text[start:end].split())
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        said.append(
            Text(f"line {first}: {shown}", f"строка {first}: {shown}")
            if first == last
            else Text(f"lines {first}-{last}: {shown}", f"строки {first}-{last}: {shown}")
        )
    return tuple(said)
