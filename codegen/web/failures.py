"""What can go wrong with a request: a code, one line that says what would be right, and a status of HTTP."""

from __future__ import annotations

import re
from typing import Any

from symbolic.errors import MissingExtra, SpecError
from symbolic.fuel import Exhausted
from symbolic.words import FAULT, Language, Text, same

#: Each code with its status.
STATUS = {
    "not-json": 400, "host": 400, "token": 401, "origin": 403, "not-found": 404, "method": 405, "too-large": 413,
    "not-json-type": 415, "request": 422, "spec": 422, "busy": 429, "left": 499, "fault": 500, "time": 503, "lost": 503,
}  # fmt: skip
#: What a message begins with where it names a place: a key of a spec, or a line of a header.
_PLACE = re.compile(r"([^\s:]{1,80}|line \d+): ")
#: The longest message that is sent.
LONGEST = 600


class Failure(Exception):
    """A refusal in one line; ``where`` is the place in the request, ``retry`` seconds until it may work."""

    def __init__(self, code: str, said: Text, where: str = "", retry: int = 0) -> None:
        super().__init__(code, said, where, retry)
        self.code, self.said, self.where, self.retry = code, said, where, retry

    def message(self, lang: Language = "en") -> str:
        """The refusal in one language, cut where it is longer than is sent."""
        return " ".join(self.said.text(lang).split())[:LONGEST]

    @property
    def status(self) -> int:
        return STATUS[self.code]

    def to_dict(self, lang: Language = "en") -> dict[str, Any]:
        found = {"code": self.code, "message": self.message(lang)}
        return {"error": found | ({"where": self.where} if self.where else {})}


def told(error: BaseException) -> Failure:
    """What a job raised, as a refusal; what nobody foresaw is named a fault of ours."""
    match error:
        case Failure():
            return error
        case SpecError():
            place = _PLACE.match(str(error))
            return Failure("spec", error.said, place[1] if place else "")
        case Exhausted():
            return Failure("spec", TOO_LONG)
        case MemoryError():
            return Failure("lost", TOO_MUCH_MEMORY)
        case RecursionError() | OverflowError():
            return Failure("spec", TOO_DEEP)
        case MissingExtra() | ValueError():
            return Failure("spec", same(str(error)))
    return fault(f"{type(error).__name__}: {error}")


def fault(what: str) -> Failure:
    """What should not have happened; whoever meets it is asked to say so."""
    return Failure("fault", FAULT.format(what=what))


TOO_LONG = Text(
    "too long: written out, its formulas are more than can be worked with here; name parts as nodes",
    "слишком длинно: в развёрнутом виде формул больше, чем можно обработать здесь; выделите их части в узлы",
)
TOO_DEEP = Text(
    "too large: this is nested too deeply, or its numbers are beyond all bounds",
    "слишком велико: слишком глубокая вложенность или непомерные числа",
)
TOO_MUCH_MEMORY = Text(
    "this needs more memory than one request has; ask for smaller sizes",
    "на это нужно больше памяти, чем отведено одному запросу; возьмите размеры меньше",
)
