"""What stands around the formulas of a source: notebooks, fences, prose; and what of it was passed over."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from symbolic.marking.text.macros import blanked_at
from symbolic.marking.text.refusals import Span
from symbolic.marking.text.regions import without
from symbolic.marking.text.spoken_definitions import NAMES_OF_FUNCTIONS, definitions_in_words
from symbolic.words import Text

#: Fences whose content is mathematics.
_MATH_FENCES = ("math", "latex", "tex", "katex")
_FENCE = re.compile(r"[ \t]*(?P<ticks>```+|~~~+)[ \t]*(?P<language>\w*)[^\n]*")
_VERBATIM = re.compile(r"\\begin\{(verbatim\*?|lstlisting|minted|tikzpicture|comment)\}")
_WORD = r"[A-Za-zА-Яа-яЁё]{3,}"
#: Words in the margin of a row: three spaces, then nothing but words.
_MARGIN = re.compile(
    r"(?<!\s)(?:\s{3,}|\s*\t\s*|\s*//\s*|\s+#\s+|\s*←\s*|\s*<-{1,2}\s+)(?P<said>[(\[]?[A-Za-zА-Яа-яЁё].*)$"
)
#: The sign of what words in a margin call something: ``t = target``.
_IS_CALLED = re.compile(r"=(?=\s*[A-Za-zА-Яа-яЁё]{4,}(?:\s+[A-Za-zА-Яа-яЁё]+)*\s*$)")
#: What words in a margin do not hold.
_NO_WORDS = ("=", "\\", "∂", "Σ", "∑", "^", "_")
_BULLET = re.compile(r"^\s*(?:[-*•]\s+(?=\S)|\(?\d{1,2}[.)]\s+|#+\s+|>\s+|(?:step|шаг)\s*\d+[.:)]\s*)", re.IGNORECASE)
_LABEL = re.compile(rf"^\s*(?:{_WORD}[,]?\s+)*{_WORD}(?:\s+\w+)?\s*:\s(?!=)")


def notebook_text(source: str) -> str:
    """The text cells of an .ipynb file; any other source as it is."""
    if not source.lstrip().startswith("{") or '"cells"' not in source:
        return source
    try:
        cells = json.loads(source)["cells"]
        texts = [c["source"] for c in cells if c.get("cell_type") in ("markdown", "raw")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return source
    return "\n\n".join("".join(text) if isinstance(text, list) else str(text) for text in texts)


_SYMBOL_IN_CODE = re.compile(r"(?<!`)`(\\?[A-Za-z](?:_\w)?)`(?!`)")


def with_symbols_in_code(text: str) -> str:
    """A text of formulas between dollars with its ``X`` in backticks as $X$; every place stays where it is."""
    return _SYMBOL_IN_CODE.sub(r"$\1$", text) if "$" in text else text


def without_code(text: str) -> tuple[str, list[Span], list[Span]]:
    """Code taken out: the text, what was passed over, and where fences hold mathematics."""
    passed: list[Span] = []
    displays: list[Span] = []
    blank: list[Span] = []
    for whole, body, language in fences(text):
        mathematics = "$" not in text[slice(*body)]
        if language.lower() in _MATH_FENCES and mathematics:
            blank += [(whole[0], body[0]), (body[1], whole[1])]
            displays.append(body)
        elif mathematics or language:
            blank.append(whole)
            passed.append(whole)
    text = blanked_at(text, blank)
    verbatim = list(_verbatim(text))
    return blanked_at(text, verbatim), [*passed, *verbatim], displays


def fences(text: str) -> Iterator[tuple[Span, Span, str]]:
    """Each fence with its end, what is inside, and its language; a fence that is never closed is none."""
    place, opened = 0, None
    lines: list[tuple[int, str]] = []
    for line in text.splitlines(keepends=True):
        lines.append((place, line.rstrip("\r\n")))
        place += len(line)
    closing: dict[str, list[int]] = {}  # by the ticks, the lines that hold nothing else
    for number, (_, line) in enumerate(lines):
        bare = line.strip(" \t")
        if len(bare) >= 3 and set(bare) in ({"`"}, {"~"}):
            closing.setdefault(bare, []).append(number)
    after = 0
    for number, (start, line) in enumerate(lines):
        opened = _FENCE.fullmatch(line) if number >= after else None
        if opened is None:
            continue
        ends = closing.get(opened["ticks"], [])
        at = bisect_right(ends, number)
        if at < len(ends):
            end_start, end_line = lines[ends[at]]
            yield (start, end_start + len(end_line)), (lines[number + 1][0], end_start), opened["language"]
            after = ends[at] + 1


def _verbatim(text: str) -> Iterator[Span]:
    """The environments whose content is no mathematics."""
    at, missing = 0, set[str]()
    while (begin := _VERBATIM.search(text, at)) is not None:
        close = rf"\end{{{begin[1]}}}"
        end = -1 if close in missing else text.find(close, begin.end())
        if end < 0:
            missing.add(close)
            at = begin.end()
        else:
            yield begin.start(), end + len(close)
            at = end + len(close)


#: ``--- update with η = 0.5 ---``: rules around a heading.
_HEADING = re.compile(
    r"^(?P<before>\s*(?:-{2,}|={2,}|\*{2,}|#{1,6}|~{2,}|—+)\s*)(?P<said>\S.*?)(?P<behind>\s*(?:-{2,}|={2,}|\*{2,}|#+|~{2,}|—+)\s*)$"
)


def without_prose(text: str, start: int, end: int) -> str:
    """A text without any delimiters: sentences, bullets and words in the margin become spaces."""
    place, blank, spoken = start, list[Span](), list[Span]()
    for line in text[start:end].splitlines(keepends=True):
        bare = line.rstrip("\n")
        stop = place + len(bare)
        if _UNDERLINE.fullmatch(bare) is not None:
            blank.append((place, stop))
            bare = ""
        if (rule := _RULE_IN_WORDS.search(bare) or _BRACKET_IN_WORDS.search(bare)) is not None:
            blank.append((place + rule.start(), place + rule.end()))
            bare = bare[: rule.start()] + " " * len(rule[0]) + bare[rule.end() :]
        if (speaker := _SPEAKER.match(bare)) is not None:
            blank.append((place, place + speaker.end()))
            spoken.append((place, place + 1))
            bare = " " * speaker.end() + bare[speaker.end() :]
        if _SAYS_NOTHING.fullmatch(bare) is not None:
            blank.append((place, stop))
            bare = ""
        for case in _CASE_OF_INDICES.finditer(bare):
            blank.append((place + case.start(), place + case.end()))
            spoken.append((place + case.start(), place + case.start() + 1))
        bare = _CASE_OF_INDICES.sub(lambda case: " " * len(case[0]), bare)
        if (heading := _HEADING.match(bare)) is not None:
            blank += [(place + start, place + end) for start, end in (heading.span("before"), heading.span("behind"))]
            bare = " " * heading.end("before") + heading["said"]
            spoken.append((place + len(bare), place + len(bare) + 1))
        if is_prose(bare) or says_definitions(bare):
            said = without_overlaps(definitions_in_words(bare), formulas_in_sentence(bare))
            edges = [place, *(place + edge for span in said for edge in span), stop]
            blank += zip(edges[::2], edges[1::2], strict=True)
            spoken += [(place + end, place + end + 1) for _, end in said if end < len(bare)]
        else:
            at = 0
            for lead in (_BULLET, _LABEL):
                if (found := lead.match(" " * at + bare[at:])) is not None:
                    at = found.end()
            blank.append((place, place + at))
            rest = " " * at + bare[at:]
            if (margin := in_the_margin(rest)) is not None:
                blank.append((place + margin, stop))
            spoken += [(place + start, place + end) for start, end in words_between(rest)]
            spoken += [(place + at, place + at + 1) for at in parting_colons(rest)]
        place += len(line)
    # a word between formulas parts them
    parted = list(blanked_at(text, [*blank, *spoken]))
    for first, _ in spoken:
        parted[first] = ";"
    return "".join(parted)


#: Who says a line of a chat: ``[18:15] Ann:``.
_SPEAKER = re.compile(r"\s*\[\d{1,2}:\d\d(?::\d\d)?\]\s*[^\W\d_]+\s*:")
#: Emoji, and other signs that no formula has.
_SAYS_NOTHING = re.compile(r"[^\w=+\-−*/^(){}\[\]|∂∇ΣΠ∑∏√<>≤≥≠&\\]+")
#: Which indices a formula behind is about: ``if k = m, then``, ``а если k ≠ m, то``.
_CASE_OF_INDICES = re.compile(
    r"(?<![\w\\])(?:(?:and|but|а|и|но)\s+)?(?:if|when|если|когда)\s+[a-z]\s*(?:=|≠|!=)\s*[a-z]\s*[,:]?\s*(?:then|то)?(?![\w(])",
    re.IGNORECASE,
)
#: A rule that is told in words: (new value = old value - η·gradient).
_RULE_IN_WORDS = re.compile(r"\((?:[^()=]{0,60}\s)?[a-zа-яё]{3,}\s*=\s*[a-zа-яё]{3,}\s[^()=]{0,80}\)")
#: What the bracket of a condition is: ([a=b] is 1 if a = b and 0 otherwise).
_BRACKET_IN_WORDS = re.compile(
    r"\(\s*(?:where\s+|здесь\s+|где\s+)?\[[^\[\]()]{1,20}\]\s*(?:is|equals|means|=|—|-|равно|равен)\s*1\b[^()]{0,80}\)"
)
#: The line below a heading.
_UNDERLINE = re.compile(r"\s*([-=~_*#—])\1{3,}\s*")
#: A word in a line of formulas: "Let f(w) = …, where w > 0"; a name is followed by a sign, "loss = …", and letters
#: without a vowel, "wxb", are a product.
_SPOKEN = re.compile(
    r"(?<![\w\\{])(?:the|a)\s+(?:sigmoid|softmax|logistic|tanh|relu|ReLU|softplus)(?=\s+[A-Za-zα-ω]\s*\()|"
    r"(?<![\w\\{])(?=[A-Z]?[a-z]*[aeiouy]|[AEIOU][a-z])"
    r"(?:[A-Z]?[a-z]{2,}(?:['’](?:s|re|t|ll|d|ve|m)\b)?|[Ss]o|[Ww]e|[Ii]s|[Ii]f|[Bb]y|[Aa]s|[Oo]f|[Oo]r|[Ii]n|At|On|To|It)(?![\w}])"
    r"(?!\s*[=(_^'′/*⁰-₟ᵀ²³¹])|(?<![\w\\{])(?:I(?=\s+[a-z]{2,}\b)|[A-Z]{3,}(?=\s+[^\W\d_∂]))|(?<![\w\\{])[А-Яа-яЁё]+(?!\w)|(?<![\w\\{])(?:i\.\s?e|e\.\s?g|т\.\s?е)\.|(?<=\s)—(?=\s)"
)


def words_between(line: str) -> list[Span]:
    """Where words stand between the formulas of a line that holds an '=', or a step."""
    if "=" not in line and "←" not in line:
        return []
    found = [m.span() for m in _SPOKEN.finditer(line)]
    return [_with_stop(line, *span) for span in found if not _is_a_name(line, *span)]


def _with_stop(line: str, start: int, end: int) -> Span:
    """A word with the full stop behind it."""
    return start, end + bool(_STOP.match(line, end))


_STOP = re.compile(r"[.!?](?=\s|$)")


#: What a formula in a sentence of plain text is: a name, or a derivative, and what it is equal to.
_FORMULA = re.compile(r"[A-Za-zͰ-Ͽ∂∇][^=]{0,40}(?:=\s*[^\s=>][^=]*)+")


def formulas_in_sentence(line: str) -> list[Span]:
    """Where formulas stand among the words of a line: ``the residual is r = y - b, and the loss``."""
    words = [*words_between(line), *(m.span() for m in re.finditer(r"[,;:.!?](?=\s|$)", line))]
    starts = [0, *(end for _, end in sorted(words))]
    ends = [*(start for start, _ in sorted(words)), len(line)]
    pieces = (trimmed(line, start, end) for start, end in zip(starts, ends, strict=True))
    return [(start, end) for start, end in pieces if is_whole_formula(line[start:end])]


def trimmed(line: str, start: int, end: int) -> Span:
    bare = line[start:end].strip()
    first = start + line[start:end].find(bare)
    return first, first + len(bare)


def is_whole_formula(piece: str) -> bool:
    """Whether both sides are there, and no bracket of an f(a, b) is cut."""
    return _FORMULA.fullmatch(piece) is not None and piece.count("(") == piece.count(")")


def _is_a_name(line: str, start: int, end: int) -> bool:
    """A function, an accent that is written out, ``yhat``, or what stands between signs: ``(pred - y)``.

    A word in brackets of its own, ``σ (elementwise)``, is said of what stands before; Cyrillic letters are in no name.
    """
    word = line[start:end]
    aside = re.search(r"(?:^|\s)\(\s*$", line[:start]) and re.match(r"\s*\)", line[end:])
    between = word.isascii() and not aside and _SIGN_BEFORE.search(line[:start]) and _SIGN_BEHIND.match(line, end)
    accented = re.fullmatch(r"(?!that|what)d?[a-z](?:hat|bar|tilde)", word) is not None
    derived = re.search(r"[d∂]\s?/$", line[:start]) is not None  # d/du
    return word in NAMES_OF_FUNCTIONS or bool(between) or accented or derived


#: Signs between which a word is a name.
_SIGN_BEFORE, _SIGN_BEHIND = re.compile(r"[-+*/=(]\s*$"), re.compile(r"\s*(?:[-+*/)]|$)")


def parting_colons(line: str) -> Iterator[int]:
    """The colons that part a formula from what is said before it, ``for r ≠ 0: f(r) = …``; not those of Σ_{i: …}."""
    for match in re.finditer(r"(?<=[^\s:]):(?=\s)", line):
        before = line[: match.start()]
        if before.count("{") == before.count("}"):
            yield match.start()


def without_overlaps(first: Iterable[Span], second: Iterable[Span]) -> list[Span]:
    """The spans of both in their order, where those of the first count more."""
    kept: list[tuple[Span, bool]] = []
    for span, better in sorted([*((span, True) for span in first), *((span, False) for span in second)]):
        if kept and span[0] < kept[-1][0][1]:
            if not better or kept[-1][1]:
                continue
            kept.pop()
        kept.append((span, better))
    return [span for span, _ in kept]


def in_the_margin(line: str) -> int | None:
    """Where words behind a formula begin: three spaces, then nothing but words up to the end."""
    formulas = _IS_CALLED.sub(" ", line)
    tail = max(map(formulas.rfind, _NO_WORDS)) + 1
    margin = _MARGIN.search(line, tail)
    return margin.start() if margin is not None and re.search(_WORD, margin["said"]) else None


#: Dear Anna, / Best, M.
_GREETING = re.compile(r"[A-ZА-ЯЁ][a-zа-яё']{2,}(?:[ ,.!]+[\w']+)*[ ,.!]*")


def is_prose(line: str) -> bool:
    """A line of words: no '=', no command, and more letters in words than beside them; an arrow => is no '='."""
    line = " ".join(line.replace("=>", " ").split())
    if _GREETING.fullmatch(line):
        return True
    words = re.findall(_WORD, re.sub(r"\\[A-Za-z]+", "", line))
    if len(words) < 2 and not (
        words and re.fullmatch(r"\W*[\w\s]+[:.]?\W*", line) and not re.search(r"[=^_\\∂]", line)
    ):
        return False
    return not re.search(r"=|\\(?:frac|partial|sum|nabla)|∂", line) or len(words) >= 5 + 2 * line.count("=")


def says_definitions(line: str) -> bool:
    """A line in which each '=' belongs to a definition between words, and no other sign claims anything."""
    spans = [*definitions_in_words(line)]
    if not spans or len(spans) != line.count("="):
        return False
    outside = blanked_at(line, spans)
    return len(re.findall(_WORD, outside)) >= 3 and not re.search(r"[<>≠≤≥∈∂\\|]", outside)


def looks_like_a_formula(line: str) -> bool:
    """Whether a line outside all delimiters claims something: an '=' between signs of mathematics."""
    bare = without(line)
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
