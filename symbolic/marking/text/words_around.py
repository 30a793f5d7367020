"""What the words before and behind a formula say of it: that a gradient vanishes, that it is best, of one object."""

from __future__ import annotations

import re

#: Words that speak of a place where a gradient vanishes, up to the end of what stands before.
VANISHING = re.compile(
    r"(?:\bset(?:ting)?\b|\bzero\b|minimi[sz]|minimum|maximi[sz]|maximum|optim|stationary|first.order|vanish|\bsolv"
    r"|приравн|нул[юеь]|миним|максим|оптим|экстрем)[^.]*$",
    re.IGNORECASE,
)


#: Words for a variable that is a formula in others from here on.
EXPRESSING = re.compile(r"parametri[sz]\w*|change of variables?|параметриз\w*|замен\w+", re.IGNORECASE)
#: Words of a sentence about the best value, up to a conclusion from the formulas in it.
_OF_THE_BEST = re.compile(
    r"(?:minimi[sz]|maximi[sz]|optim|stationary|extrem|миним|максим|оптим|стационар|экстрем)"
    r"(?:[^.]|\.(?=\d))*(?:hence|thus|therefore|whence|giv(?:es|ing)|so that|откуда|отсюда|следоват|значит)\W*$",
    re.IGNORECASE,
)


#: What a formula is called right behind it: a stationary point.
_CALLED = re.compile(
    r"[\s$.,)\]]{0,12}(?:\\\]|\\end\{\w+\*?\})?[\s$]*(?:is|are|being|gives?|—|---?|является|даёт)\s+"
    r"(?:an?\s+|the\s+|our\s+)?(?:unique\s+|global\s+|only\s+)?"
    r"(?:stationary|critical|minimi|maximi|minimum|maximum|optim|solution|best"
    r"|точк\w+ минимума|оптим|стационар|решени|миним)",
    re.IGNORECASE,
)


def is_called_best(behind: str) -> bool:
    """Whether the words behind a formula call it the place where a gradient vanishes."""
    return _CALLED.match(behind) is not None


#: A term that is 0, and no gradient.
_OF_A_TERM = re.compile(
    r"(?<![\\\w])(?:(?:contribution|term|summand|part)s?|(?:вклад|слагаем)\w*)\b[^.]{0,60}(?:vanish|zero|нул)",
    re.IGNORECASE,
)

#: A mean or a sum that is 0, where nothing is set: ``the scores have mean zero``.
_OF_A_MEAN = re.compile(
    r"\b(?:mean|average|expectation)\w*\s+(?:(?:is|are|of|equals?|value)\s+){0,2}(?:zero|0)\b|\bzero[- ]mean\b"
    r"|\b(?:sum|average|add)s?\s+(?:up\s+|out\s+)?to\s+zero\b"
    r"|\b(?:средн|сумм|ожидани)\w*\s+(?:\w+\s+)?(?:равн\w+\s+)?нул|\bнулев\w+\s+(?:средн|сумм|математ)",
    re.IGNORECASE,
)
_SETS = re.compile(r"\bset(?:s|ting)?\b|equat|приравн|полож", re.IGNORECASE)


def sets_to_zero_in_words(before: str) -> bool:
    """Whether the words before a formula say that a gradient vanishes: ``Setting this to zero we get``.

    So does a conclusion in a sentence about the best value: ``Maximizing by β we have ∂L/∂β = … and hence``.
    """
    near = re.search(r"zero|нул|\b0\b|vanish|solv|реш", before[-80:], re.IGNORECASE)
    of_another = _OF_A_TERM.search(before[-160:]) or (
        _OF_A_MEAN.search(before[-80:]) and not _SETS.search(before[-160:])
    )
    said = near is not None and VANISHING.search(before[-160:]) is not None and not of_another
    return said or _OF_THE_BEST.search(before[-400:]) is not None


_OTHERS = re.compile(r"\b(?:others?|remaining|rest|likewise|остальн\w+|други\w+|прочи\w+)\b[^.]{0,80}$", re.IGNORECASE)


def speaks_of_others(before: str) -> bool:
    """``Setting the other derivatives to zero``, where one was set before."""
    return _OTHERS.search(before[-160:]) is not None


#: Words for the place where a gradient vanishes, in the sentence that a formula ends.
_OPTIMUM = re.compile(
    r"\b(?:stationar\w+|critical point\w*|optimal\w*|optimum|optima|first[- ]order condition\w*|normal equations?"
    r"|minimi[sz]ers?|maximi[sz]ers?|(?:minimum|maximum|minima|maxima)(?! likelihood)|vanish\w*|solutions?|solv\w+"
    r"|(?:minimi[sz]ed|maximi[sz]ed|attained)\s+(?:by|at|for|when|where|if)"
    r"|стационарн\w+|критическ\w+ точк\w+|оптимальн\w+|оптимум\w*|экстремум\w*|минимум\w*|максимум\w*"
    r"|нормальн\w+ (?:уравнени|систем)\w+|услови\w+ первого порядка|необходим\w+ услови\w+|решени\w+)\b"
    r"(?:(?![.!?][}*]{0,3}(?:\s|$)).)*$",  # \textbf{Solution.} ends one too
    re.IGNORECASE | re.DOTALL,
)
#: A display ends a sentence unless the text goes on with it.
_A_DISPLAY = re.compile(r"\$\$|\\\]|\\end\{(?:equation|align|gather|multline|displaymath)\*?\}")


def speaks_of_optimum(before: str) -> bool:
    """Whether the words just before a formula, in its own sentence, speak of where a gradient vanishes."""
    near = _A_DISPLAY.split(before[-200:])[-1]
    return _OPTIMUM.search(near) is not None


_AT_OPTIMUM = re.compile(
    r"[\s$)\\,]*\b(?:at|in|for|в|при)\s+(?:(?:the|a|any|its|this|точке|каждой)\s+){0,2}"
    r"(?:maxim\w+|minim\w+|optim\w+|stationary|extrem\w+|максимум\w*|минимум\w*|оптимум\w*|экстремум\w*|стационарн\w+)",
    re.IGNORECASE,
)


def is_said_at_optimum(behind: str) -> bool:
    """``so $m = …$ at the maximum``: words behind a formula that say the same."""
    return _AT_OPTIMUM.match(behind) is not None


_BEST = re.compile(r"\b(?:best|наилучш\w*|лучш\w+)\b[^.]*$", re.IGNORECASE)


def speaks_of_best(before: str) -> bool:
    """Whether the words just before a formula call what it is the best one."""
    return _BEST.search(_A_DISPLAY.split(before[-80:])[-1]) is not None


#: Words for one of many objects, and what says that it is about all of them again.
_ONE_OBJECT = re.compile(
    r"\b(?:one|single|individual|1|одн\w+|отдельн\w+)\s+(?:training\s+|data\s+|обучающ\w+\s+)?"
    r"(?:example|sample|observation|object|data\s?point|point|instance|пример|объект|наблюдени|точк)",
    re.IGNORECASE,
)
_ALL_OBJECTS = re.compile(
    # not "so the sum can be dropped"
    r"\\sum|[Σ∑]|\b(?:(?<!without the )(?<!drop the )(?<!omit the )(?<!no )(?<!без )(?:sum\w*|сумм\w+)"
    r"(?!\s+(?:[\w']+\s+){0,3}(?:drop\w*|omit\w*|disappear\w*|vanish\w*|left out|gone|needed|опус\w+|убра\w+|исчез\w+))"
    r"|all|every|total|whole|entire|batch|averag\w+|все\w*|средн\w+)\b",
    re.IGNORECASE,
)


def speaks_of_one_object(before: str) -> bool:
    """Whether the words before a formula are about a single object, and no later ones about all."""
    one = max((match.start() for match in _ONE_OBJECT.finditer(before)), default=-1)
    return one >= 0 and _ALL_OBJECTS.search(before, one) is None
