"""What can go wrong with a request: a code, one line that says what would be right, and a status of HTTP."""

from __future__ import annotations

from typing import Any

from symbolic.errors import MissingExtra, SpecError

#: Each code with its status.
STATUS = {
    "not-json": 400, "host": 400, "token": 401, "origin": 403, "not-found": 404, "method": 405, "too-large": 413,
    "not-json-type": 415, "request": 422, "spec": 422, "busy": 429, "left": 499, "fault": 500, "time": 503, "lost": 503,
}  # fmt: skip
#: The longest message that is sent.
LONGEST = 600


class Failure(Exception):
    """A refusal in one line; ``where`` is the place in the request, ``retry`` seconds until it may work."""

    def __init__(self, code: str, message: str, where: str = "", retry: int = 0) -> None:
        super().__init__(code, message, where, retry)
        self.code, self.where, self.retry = code, where, retry
        self.message = " ".join(message.split())[:LONGEST]

    @property
    def status(self) -> int:
        return STATUS[self.code]

    def to_dict(self) -> dict[str, Any]:
        found = {"code": self.code, "message": self.message}
        return {"error": found | ({"where": self.where} if self.where else {})}


def told(error: Exception) -> Failure:
    """What a job raised, as a refusal; what nobody foresaw is named a fault of ours."""
    match error:
        case Failure():
            return error
        case SpecError() | MissingExtra():
            message = str(error)
            place = message.partition(": ")[0] if ": " in message else ""
            return Failure("spec", message, place if len(place) < 80 else "")
        case MemoryError():
            return Failure("lost", "this needs more memory than one request has; ask for smaller sizes")
        case RecursionError() | OverflowError():
            return Failure("spec", "too large: this is nested too deeply, or its numbers are beyond all bounds")
        case ValueError():
            return Failure("spec", str(error))
    return Failure("fault", f"this is a fault of chainrule, please report it: {type(error).__name__}: {error}")
