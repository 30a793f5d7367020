"""What sentences say of the values of a name: symmetric, one-hot, 0 or 1, positive, adding up to one."""

from __future__ import annotations

import re

from symbolic.marking.text.tokens import in_ascii

#: Words for a matrix that is its own transpose.
_OWN_TRANSPOSE = (
    # skew-symmetric and diagonalisable are not, nor is the diagonal of one
    r"(?<!-)\b(?:symmetric|diagonal(?!\s+(?:of|entries|elements)\b)|positive[- ](?:semi-?\s?)?definite"
    r"|symmetrische?[rnms]?|sym(?:é|\\'e|\\'\{e\})triques?|симметричн\w+|диагональн\w+|положительно\s+\w*определ[её]нн\w+)\b"
)
_NAMED = r"\\?[A-Za-z]+(?:_(?:\w|\{\w+\}))?(?![A-Za-z])"
#: In ``a mean $m$ and a symmetric C`` the a is no name.
_SOME_NAMED = rf"{_NAMED}(?:[\s$]*(?:,|\band\b|\bи\b)(?!\s+an?\s)[\s$]*{_NAMED})*"
#: A word between the adjective and its name; no verb or conjunction, behind which something else is spoken of.
_NOUN = (
    r"(?!(?:if|since|for|when|whenever|because|as|and|or|is|are|so|but|then|where|with|at|in|on|by|we|has|have|that|which"
    r"|если|так|при|для|и|или|то|где|когда|поскольку|а|но|с|в|на|по|мы|что|котор\w+)\b)[A-Za-zА-Яа-яЁё][\w\\'{}\"`^-]*"
)
#: A shape among such words: a symmetric q × q precision matrix Ω.
_SHAPE = r"(?:\$[^$=]{1,24}\\times[^$=]{1,24}\$|\w+\s*[×x]\s*\w+)"
SAID_SYMMETRIC = (
    re.compile(
        rf"\$?(?<![A-Za-z])(?P<name>{_SOME_NAMED})"  # from the first letter: linear
        r"(?:\s*\\in\s*\\mathbb\s*\{?[RS]\}?(?:\^\{?[^$}]*\}?)?)?\$?"
        rf"\s*(?:is|are|ist|sind|est|sont|=|being|be|(?:—|-{{1,3}}|–)|to be)?\s*(?:(?:an?|the)\s+)?{_OWN_TRANSPOSE}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_OWN_TRANSPOSE}\s+(?:matri(?:x|ces)\s+|матриц\w+\s+)?\$?(?P<name>{_SOME_NAMED})\$?", re.IGNORECASE),
    # let Λ be the precision matrix (symmetric, positive definite)
    re.compile(
        rf"\$\s*(?P<name>{_SOME_NAMED})\s*\$\s*,?\s*(?:(?:be|is|as|sei|soit|est|—|-{{1,3}}|–)\s+)?(?:(?:the|an?|die|eine|la|une)\b)?\s*"
        rf"(?:{_NOUN}\s+){{0,5}}\(\s*{_OWN_TRANSPOSE}",
        re.IGNORECASE,
    ),
    # a symmetric positive definite sample covariance S, a diagonal matrix of weights D
    re.compile(
        rf"{_OWN_TRANSPOSE}\)?\s+(?:(?:{_SHAPE}|{_NOUN})\s+){{1,5}}(?:\$|\\\()\s*(?P<name>{_SOME_NAMED})", re.IGNORECASE
    ),
    # let Q be the covariance matrix of the x_i, which is symmetric; Ω is a fixed symmetric q × q matrix
    re.compile(
        rf"\$\s*(?P<name>{_NAMED})[^$=]{{0,60}}\$\s*,?\s*(?:be|is|for|—|-{{1,3}}|обозначает)\s+(?:{_NOUN}\s+){{0,4}}(?:matrix|матриц\w+)\b"
        rf"(?:[^.;]|\.(?=\w)){{0,90}},\s*(?:which|it|that|котор\w+|она)\s+(?:(?:is|are|always|also|здесь|всегда)\s+)*{_OWN_TRANSPOSE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\$\s*(?P<name>{_NAMED})\s*\$\s*(?:is|be|—|-{{1,3}})\s+(?:(?:an?|the)\s+)?(?:{_NOUN}\s+){{1,3}}{_OWN_TRANSPOSE}",
        re.IGNORECASE,
    ),
)
#: What is symmetric by what it is: a covariance matrix, a Gram matrix, and the second letter of a normal density.
_MATRIX_BY_ITSELF = r"(?:(?<!cross-)(?<!cross )covariance|precision|Gram|kernel|ковариационн\w+)"
_RUSSIAN_MATRIX_BY_ITSELF = r"матриц\w+\s+(?:ковариаци\w+|точности|Грама)"
_CAPITAL_NAME = r"(?P<name>(?!I(?![A-Za-z]))(?:\\[A-Z][a-z]+|[A-Z])(?![A-Za-z]))"
SAID_BY_ITSELF = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:{_MATRIX_BY_ITSELF}\s+(?:matrix|матриц\w+)|{_RUSSIAN_MATRIX_BY_ITSELF})\s+\$\s*{_CAPITAL_NAME}",
        rf"\$\s*{_CAPITAL_NAME}[^$=]{{0,60}}\$\s*(?:,|be|is|—|-{{1,3}}|the)?\s*(?:(?:be|is)\s+)?(?:(?:the|an?)\s+)?(?:\w+\s+)?"
        rf"(?:{_MATRIX_BY_ITSELF}\s+(?:matrix|матриц\w+)|{_RUSSIAN_MATRIX_BY_ITSELF})",
        rf"(?:\\mathcal\s*\{{?\s*N\s*\}}?|(?<![A-Za-z\\])N)\s*(?:\\left|\\big)?\([^$()]{{1,40}},\s*{_CAPITAL_NAME}(?:_\w|_\{{\w+\}})?\s*(?:\\right|\\big)?\)",
    )
)
#: Between the names of a list.
AND = r"[\s$]*(?:,|\band\b|\bи\b)[\s$]*"
#: A name, from its first letter on: linear.
_LETTER = r"(?:(?=\\)|(?<![A-Za-z])(?=[A-Za-z]))(?:\\(?:mathbf|boldsymbol|bm|vec)\s*\{?\s*)?(?P<name>\\?[A-Za-z]+)"
_IS = r"(?:is|are|be|being|as|denotes?|stands\s+for|der|ein|le|un|:|—|–|-{1,3}|в виде|обозначает)"
_HOLDS = r"(?:holds?|contains?|collects?|stores?|has|have|lists?|содерж\w+|состо\w+ из|хран\w+)"
_ALONE = r"(?<![\w$\\{])(?P<name>[b-hj-z])(?:_\w)?(?![\w$'’(])"
_ONE_OF = rf"{_LETTER}(?:[_^](?:\w|\{{[^}}]{{0,40}}\}}))*\s*(?:\\in|∈)\s*\\?\{{\s*"
_MASK = (
    r"(?:(?:0\s*/\s*1|0-1|zero-one|binary|boolean)[\s-]*(?:valued\s+)?(?:mask|matrix|indicator|vector|weights?|labels?)"
    r"|бинарн\w+\s+(?:маск\w+|матриц\w+|вектор\w*)|маск\w+\s+из\s+нулей\s+и\s+единиц)"
)
#: What sentences say of the numbers that a quantity can be.
SAID_OF_VALUES = (
    ("onehot", re.compile(rf"\bone[-– ]?hot\b[^$.]{{0,40}}\$\s*{_LETTER}", re.IGNORECASE)),
    (
        "onehot",
        re.compile(
            rf"\$\s*{_LETTER}[^$.]{{0,60}}\$\s*(?:{_IS}|{_HOLDS}|(?=the\b))"
            r"(?:[^$.]{0,25}|[^$.]{0,8}\$[^$]*\\times[^$]*\$[^$.]{0,20})\bone[-– ]?hot\b",
            re.IGNORECASE,
        ),
    ),
    (
        "onehot",
        re.compile(rf"\$\s*{_LETTER}(?:_\{{?\w+\}}?)?\s*\$\s*\(?(?:(?:an?|the)\s+)?one[-– ]?hot\b", re.IGNORECASE),
    ),
    # the labels Y, with exactly one 1 in each row
    (
        "onehot",
        re.compile(
            rf"\$\s*{_LETTER}[^$.]{{0,60}}\$[^$.]{{0,60}}\b"
            r"(?:(?:exactly|just|only)\s+(?:one|a single)\s+(?:1|one|nonzero)"
            r"|(?:ровно|лишь|только)\s+одн\w+\s+(?:единиц\w+|1))",
            re.IGNORECASE,
        ),
    ),
    # in plain text, where a name is a letter by itself
    ("onehot", re.compile(rf"\bone[-– ]?hot\b[^$.]{{0,40}}?{_ALONE}", re.IGNORECASE)),
    # M the 0/1 mask of what was observed
    ("binary", re.compile(rf"{_MASK}[^$.=]{{0,24}}\$\s*{_LETTER}", re.IGNORECASE)),
    (
        "binary",
        re.compile(rf"\$\s*{_LETTER}(?:_\{{?\w+\}}?)?\s*\$\s*(?:{_IS}|,)?\s*(?:(?:the|an?)\s+)?{_MASK}", re.IGNORECASE),
    ),
    ("binary", re.compile(rf"(?<![\w$\\{{])(?P<name>[A-Z])\s+(?:{_IS}\s+)?(?:(?:the|an?)\s+)?{_MASK}")),
    ("onehot", re.compile(rf"{_ALONE}\s+{_IS}\s[^$.,]{{0,25}}\bone[-– ]?hot\b", re.IGNORECASE)),
    ("binary", re.compile(rf"{_ONE_OF}(?:0\s*,\s*1|1\s*,\s*0)\s*\\?\}}")),
    ("sign", re.compile(rf"{_ONE_OF}(?:-\s*1\s*,\s*\+?\s*1|\+?\s*1\s*,\s*-\s*1|\\pm\s*1)\s*\\?\}}")),
    (
        "sign",
        re.compile(
            r"(?:\b[Ff]or|\b[Ii]f|\b[Ww]hen|[Пп]ри|[Ее]сли|[Дд]ля)\s*\$\s*(?P<name>[yt])(?:_\w)?\s*=\s*-\s*1\s*\$"
        ),
    ),
    # For y = 1: a label, which is nothing between
    (
        "binary",
        re.compile(
            r"(?:\b[Ff]or|\b[Ii]f|\b[Ww]hen|[Пп]ри|[Ее]сли|[Дд]ля)\s*\$\s*(?P<name>[yt])(?:_\w)?\s*=\s*[01]\s*\$"
        ),
    ),
)
_SET_OF_ANSWERS = r"\\math(?:bb|cal|scr)\s{0,2}\{?\s{0,2}(?P<name>[A-Z])\s{0,2}\}?\s{0,3}=\s{0,3}\\\{\s{0,3}"
#: The set of all answers, by the capital of one: 𝒴 = {-1, 1}.
SAID_OF_ANSWERS = (
    ("binary", re.compile(rf"{_SET_OF_ANSWERS}(?:0\s*,\s*1|1\s*,\s*0)\s*\\\}}")),
    ("sign", re.compile(rf"{_SET_OF_ANSWERS}(?:-\s*1\s*,\s*\+?\s*1|\+?\s*1\s*,\s*-\s*1|\\pm\s*1)\s*\\\}}")),
)
#: A constant δ > 0, and the δ that a size is compared with: |r| ≤ δ.
_POSITIVE = (
    re.compile(rf"{_LETTER}(?:_(?:\w|\{{\w{{1,8}}\}}))?\s*(?:>|\\gt\b|≥|\\geq?(?:slant)?(?![A-Za-z]))\s*0(?![.\d])"),
    re.compile(rf"(?:(?<!\|)\||\\rvert|\\right\s*\|)\s*(?:[<>]|\\[lg](?:t|eq?)\b)\s*{_LETTER}(?!\s*[-+*/^_(|\w])"),
)
#: The width of a normal density, 1/(√(2π) s).
_WIDTH = re.compile(
    rf"\\frac\s*\{{?\s*1\s*\}}?\s*\{{\s*\\sqrt\s*\{{\s*2\s*\\pi\s*\}}\s*(?:\\[,;: ]|\\cdot)?\s*{_LETTER}"
)
#: Before a condition on a case, and what else stands before what is said once and for all.
_OF_A_CASE = re.compile(
    r"\b(?:if|for|when|whenever|case|unless|where(?:ver)? it|если|при|для|когда|случа\w+)\W*$", re.IGNORECASE
)
_OF_A_TEXT = re.compile(r"(?:\$|\\\(|[,;]|\\q?quad|[A-Za-zА-Яа-яЁё]{2,})\s*$")
#: Probabilities that are said to add up.
_TO_ONE = r"(?:sum(?:s|ming)?\s+(?:up\s+)?to\s+(?:one|unity|\$?1\b)|в\s+сумме\s+(?:дают|равны)\s+(?:\$?1\b|единиц\w+))"
SUMMING_TO_ONE = (
    re.compile(
        rf"\$\s*{_LETTER}(?:_(?:\w|\{{\w+\}}))?\s*(?:(?:\\in\b|∈)[^$=]{{0,40}})?\$[^$.;]{{0,40}}{_TO_ONE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bсумм\w+\s+(?:\w+\s+)?\$\s*{_LETTER}(?:_(?:\w|\{{\w+\}}))?\s*\$\s+(?:равн\w+|—)\s+(?:\$?1\b|единиц\w+)",
        re.IGNORECASE,
    ),
)


def said_positive(prose: str) -> list[str]:
    """The names of constants of which the text says that they are positive, unless it tells cases of them apart."""
    prose = in_ascii(prose)
    said, compared = _POSITIVE
    names = [match["name"] for pattern in (compared, _WIDTH) for match in pattern.finditer(prose)]
    for match in said.finditer(prose):
        before = prose[max(match.start() - 40, 0) : match.start()]
        if _OF_A_TEXT.search(before) and not _OF_A_CASE.search(before):
            names.append(match["name"])
    return [name for name in dict.fromkeys(names) if not re.search(rf"{re.escape(name)}\s*(?:<|\\l(?:t|eq?)\b)", prose)]


def words_of(source: str) -> str:
    """A source with a blank header and with what stands in ``\\text`` as prose; every place stays where it is."""
    prose = re.sub(r"\\text\s*\{([^}]*)\}", lambda m: m[1].rjust(len(m[0]) - 1) + " ", source.replace("−", "-"))
    return re.sub(r"^[ \t]*%!.*$", lambda m: " " * len(m[0]), prose, flags=re.MULTILINE)


def without_fonts(prose: str) -> str:
    """Bold letters as letters; every place stays where it is."""
    return re.sub(
        r"\\(?:mathbf|boldsymbol|bm|vec|mathrm|mathsf)\s*\{?\s*(\\?[A-Za-z]+)\s*\}?",
        lambda m: m[1].rjust(len(m[0])),
        prose,
    )


def one_hot_in_words(source: str) -> frozenset[str]:
    """The names of which a text says that they are one-hot."""
    prose = words_of(source)
    found = (said.finditer(prose) for domain, said in SAID_OF_VALUES if domain == "onehot")
    return frozenset(match["name"] for matches in found for match in matches)


def said_symmetric(source: str) -> frozenset[str]:
    """The names of the matrices of which a text says that they are their own transposes."""
    prose = without_fonts(words_of(source))
    found = (match["name"] for said in SAID_SYMMETRIC for match in said.finditer(prose))
    return frozenset(re.sub(r"_.*", "", name) for names in found for name in re.split(AND, names))
