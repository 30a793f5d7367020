"""What a text says of shapes in words and signs: x_i ∈ ℝ^d, X is N × D, S ∈ {-1, 0, 1}."""

from __future__ import annotations

import re

from symbolic.marking.grammar.parse import parse
from symbolic.marking.grammar.tree import Name, Script, Transpose, walk
from symbolic.marking.model.guessed_keys import key_of, running_of
from symbolic.marking.model.guessed_text import TIMES, Guess, letters_of_length, names_of
from symbolic.marking.model.guessed_words import GuessedWords
from symbolic.marking.text.reader import Document
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import in_ascii

_SCRIPTS = r"(?:\s*[_^]\s*(?:\{[^{}]*\}|\\?\w))*"
_NAME = rf"(?<![_^])\\?[A-Za-z]+(?:\{{\\?[A-Za-z]+\}})?'*{_SCRIPTS}"
_NUMBER = r"[-+]?\s*(?:\d+(?:\.\d+)?|\\infty|∞)"
_MEMBER = re.compile(
    rf"(?P<names>{_NAME}(?:[\s$]*(?:,|\band\b|\bи\b)[\s$]*{_NAME})*)\s*(?:\\in|∈)\s*"
    r"(?:\\mathbb\s*\{?[RNZ]\}?|\\mathbf\s*\{?[RNZ]\}?|\\R\b|[ℝℕℤ]"
    rf"|\\?[{{(\[]\s*(?:\\pm\s*\d+|{_NUMBER}(?:\s*,\s*{_NUMBER})+)\s*\\?[}})\]])"  # {-1, 0, 1}, [0, 1]
    r"(?:\s*_\s*(?:\{\W{1,4}\w?\}|\+|\\?\w+))?(?:\s*\^\s*(?P<shape>\{[^}]*\}|\\?\w+))?"
)
_SPLIT = re.compile(r"[\s$]*(?:,|\band\b|\bи\b)[\s$]*")
#: Several of one kind: k_1, …, k_n.
_LISTED = re.compile(
    r"(?P<base>\\?[A-Za-z]+(?:\{\\?[A-Za-z]+\})?)\s*_\s*\{?1\}?\s*,\s*(?:(?P=base)\s*_\s*\{?2\}?\s*,\s*)?\\[lc]?dots\s*,\s*"
    r"(?P=base)\s*_\s*\{?(?P<upper>[A-Za-z])\}?"
)
#: So many characters before a name tell whether it begins there.
_NEAR = 40
#: Before a name that stands for itself: the y_i of ``r_i = w^T x_i - y_i$, $x_i \in \mathbb R^d`` is no member.
_BEGINS = re.compile(
    r"(?:^|[$,;:.(\[{&|`*\n—–]|\\[(\[,;:! ]"
    r"|\\(?:forall|q?quad|bf|rm|it|item|math(?:bf|rm|sf|cal)|boldsymbol|bm|vec|pmb)\b|\}\s|(?<![\\\w])\w+(?<!\b\w))\s*$"
)
#: Between a name and what is said of it: the end of a formula, or of *emphasis*.
_GAP = r"[\s$*]*"
#: What a list is called that is said to be somewhere: X = [x^{(1)}, …, x^{(m)}] ∈ ℝ^{d×m}.
_OF_LIST = re.compile(
    rf"(?P<name>{_NAME})\s*=\s*(?:\\left\s*)?[\[(][^$=\]]{{1,80}}[\])]\s*(?:\\in|∈)\s*"
    r"(?:\\mathbb\s*\{?R\}?|\\R\b|ℝ)\s*\^\s*(?P<shape>\{[^}]*\})"
)
_SIZE = r"(?:\\?[A-Za-z]+(?:_(?:\w|\{\w+\}))?|\d+)"
_BY = rf"(?P<shape>{_SIZE}\s*(?:\\times|×)\s*{_SIZE}|\(\s*{_SIZE}\s*,\s*{_SIZE}\s*\))"
#: The same in words: X is N × D, the N × D matrix X.
_SIZED = (
    re.compile(
        rf"(?P<names>{_NAME}){_GAP}(?:is|are|be|of\s+(?:size|shape)|has\s+(?:size|shape)|:|—|---?|–|\("
        rf"|размера|размером|имеет\s+размер\w*)\s*(?:an?\s+|the\s+|матриц\w*\s+)?[\s$]*{_BY}(?![A-Za-z_])"
    ),
    re.compile(  # X is the matrix of all objects, of size N × D
        rf"(?P<names>{_NAME})\s{{0,3}}\$?\s{{0,3}}(?:is|are|be|denotes|—|---?|–)\s[^$.;]{{1,80}}?"
        rf"(?:of\s+(?:size|shape)|размера|размером)[\s$]*{_BY}(?![A-Za-z_])"
    ),
    re.compile(rf"{_BY}\s*\$?[-–]?\s*(?:[a-z-]+\s+){{0,2}}(?:matrix|matrices|матриц\w*){_GAP}(?P<names>{_NAME})"),
)
#: Vectors in words: b is a row of length C.
_VECTOR = re.compile(
    rf"(?P<names>{_NAME}){_GAP}(?:is|be|are|—|-{{1,3}}|–)\s*(?:an?\s+|the\s+)?"
    r"(?:(?P<row>row(?:[ -]vector)?|вектор-строка|строка)|(?:column\s+)?vector|column|вектор(?:-столбец)?|столбец)\s+"
    rf"(?:of\s+(?:length|size|dimension)|длины|размерности|из)\s*\$?(?P<shape>{_SIZE})(?![A-Za-z_])"
)


#: Rows in words, of no said length: the biases b_1 and b_2 are row vectors.
_ROWS = re.compile(
    rf"(?P<names>{_NAME}(?:[\s$]*(?:,|\band\b|\bи\b)[\s$]*{_NAME})*){_GAP}(?:is|are|be|—|-{{1,3}}|–)\s*(?:an?\s+|the\s+)?"
    r"(?:row[ -]vectors?|rows|вектор\w*-строк\w+|строк[аи])(?!\s+(?:of|матриц|из))"
)


def find_members(guess: Guess, document: Document) -> None:
    """What the text says in words of shapes: x_i ∈ ℝ^d; a further index of such a name runs through its entries."""
    source = in_ascii(document.source)
    for match in _VECTOR.finditer(source):
        key, size = key_of_text(guess, match["names"]), sizes_of(match["shape"])
        if key not in guess.indices:
            guess.shapes[key] = f"1{TIMES}{size}" if match["row"] else size
            guess.ranks[key] = 2 if match["row"] else 1
            guess.stated[key] = len(running_scripts(guess, match["names"]))
    for text in (text for match in _ROWS.finditer(source) for text in _SPLIT.split(match["names"])):
        key = key_of_text(guess, text)
        if not is_word(text) and key not in guess.indices and key not in guess.shapes:
            guess.rows.add(key)
            guess.ranks[key] = 1
    for match in _OF_LIST.finditer(source):
        key, shape = key_of_text(guess, match["name"]), sizes_of(match["shape"])
        guess.shapes[key], guess.ranks[key], guess.stated[key] = shape, shape.count(TIMES) + 1, 0
    for match in (match for said in (_MEMBER, *_SIZED) for match in said.finditer(source)):
        shape = sizes_of(match["shape"] or "")
        if (listed := _LISTED.fullmatch(match["names"])) is not None:
            take_listed(guess, listed["base"], listed["upper"], shape)
            continue
        names = _SPLIT.split(match["names"])
        for text in names if _BEGINS.search(source[max(match.start() - _NEAR, 0) : match.start()]) else names[1:]:
            if is_word(text):
                continue  # Data: (x_i, y_i)
            key = key_of_text(guess, text)
            if is_word(text) or key in guess.indices:
                continue  # Data: (x_i, y_i); i : (u, i) ∈ R
            guess.shapes[key] = shape
            guess.ranks[key] = 0 if not shape else shape.count(TIMES) + 1
            guess.stated[key] = len(running_scripts(guess, text))


def rename_lengths(guess: Guess) -> None:
    """The h of ``W ∈ ℝ^{h×d}`` beside a vector h that a line defines, or transposes: the length gets its own name."""
    sizes = {size for shape in guess.shapes.values() for size in shape.split(TIMES)}
    turned = {
        node.argument.base
        for sides in guess.chains
        for side in sides
        for node in walk(side)
        if isinstance(node, Transpose) and isinstance(node.argument, Name) and node.argument.bare
    }
    primed = {size for size in sizes if size.endswith("'")}  # ℝ^{d'}
    for letter in sorted((sizes & ({*guess.defined} | turned)) | primed):
        fresh = "n_" + letter.strip("'")
        guess.lengths_said -= {letter}
        guess.shapes = {
            key: TIMES.join(fresh if size == letter else size for size in shape.split(TIMES))
            for key, shape in guess.shapes.items()
        }
        guess.indices = {index: fresh if upper == letter else upper for index, upper in guess.indices.items()}


def is_word(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z]{3,}", text) is not None


def take_listed(guess: Guess, base: str, upper: str, shape: str) -> None:
    r"""``k_1, \dots, k_n \in ℝ^d``: each is a vector, and what runs below k runs to n."""
    guess.shapes[base] = shape
    guess.ranks[base] = 0 if not shape else shape.count(TIMES) + 1
    guess.stated[base] = 1
    letters = {item.single or "" for name in names_of(guess) if name.base == base for item in name.subs}
    before = {guess.indices[letter] for letter in letters if letter in guess.indices} & guess.open
    if upper not in guess.indices:
        guess.indices = {letter: upper if old in before else old for letter, old in guess.indices.items()}


def lengths_said(document: Document) -> frozenset[str]:
    """The letters of all shapes that the text says."""
    source = in_ascii(document.source)
    said = (match for said in (_MEMBER, *_SIZED) for match in said.finditer(source))
    shapes = (match["shape"] or "" for match in said if not is_word(match["names"]))
    return frozenset(
        letter for shape in shapes for size in sizes_of(shape).split(TIMES) for letter in letters_of_length(size)
    )


def sizes_of(shape: str) -> str:
    """``N×D`` for {N \\times D}, {N x D} and (N, D); the x of n_x is no sign."""
    written = re.sub(r"\\times|,|(?<![_A-Za-z\\{])x(?![A-Za-z])", TIMES, shape)
    return re.sub(r"[{}()\s]", "", written)


def key_of_text(guess: Guess, text: str) -> str:
    """The quantity that a piece of text names; the text itself where it is no name."""
    try:
        node = parse(text, GuessedWords())
    except NotUnderstood:
        return text
    return key_of(guess, node) if isinstance(node, Name) else text


def running_scripts(guess: Guess, text: str) -> list[Script]:
    try:
        node = parse(text, GuessedWords())
    except NotUnderstood:
        return []
    return running_of(guess, node) if isinstance(node, Name) else []
