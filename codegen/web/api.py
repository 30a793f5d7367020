"""``/api/v1``: each endpoint is a job with the models of what it takes and gives.  The page asks the same endpoints."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from codegen.version import VERSION
from codegen.web import exercises, jobs, marks, models
from codegen.web.failures import Failure
from codegen.web.headers import LEFT, refusal, spoken
from codegen.web.settings import Settings
from codegen.web.workers import Job, Workers
from symbolic.network.wanted import wanted
from symbolic.words import Language, Text

#: Answers that are kept: so many, and so many characters of JSON together.
KEPT, KEPT_CHARACTERS = 512, 48_000_000


BUSY = Text(
    "too many requests of yours are waiting; try again in a moment",
    "слишком много ваших запросов в очереди; повторите чуть позже",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``POST /api/v1/NAME``, or GET where it takes nothing; ``part`` of the site that it belongs to."""

    name: str
    part: str
    job: Job
    takes: type[BaseModel] | None
    gives: type[BaseModel]
    about: str
    #: Whether the answer depends on the request alone, so that it can be kept.
    kept: bool = True


ENDPOINTS = (
    Endpoint("specs", "all", jobs.specs, None, models.Specs, "The built-in networks."),
    Endpoint("parse", "all", jobs.parse, models.SpecRequest, models.Parsed, "What a spec says."),
    Endpoint("derive", "derive", jobs.derive, models.DeriveRequest, models.Derived, "The gradient, line by line."),
    Endpoint("code", "derive", jobs.code, models.CodeRequest, models.Code, "The NumPy module, with keys."),
    Endpoint("check", "derive", jobs.check, models.CheckRequest, models.Checked, "The gradient against differences."),
    Endpoint("numbers", "derive", jobs.numbers, models.NumbersRequest, models.Numbers, "Each quantity as a number."),
    Endpoint("graph", "derive", jobs.graph, models.GraphRequest, models.Graph, "The graph as SVG."),
    Endpoint("train", "derive", jobs.train, models.TrainRequest, models.Trained, "A small training run."),
    Endpoint("download", "derive", jobs.download, models.DownloadRequest, models.Download, "A file: .tex .py .html."),
    Endpoint("mark", "mark", marks.mark, models.MarkRequest, models.Marked, "A hand derivation, marked line by line."),
    Endpoint("preview", "all", jobs.preview, models.PreviewRequest, models.Previewed, "LaTeX as MathML."),
    Endpoint(
        "exercise", "exercise", exercises.exercise, models.ExerciseRequest, models.Exercise, "A derivation with blanks."
    ),
    Endpoint(
        "exercise/check",
        "exercise",
        exercises.check,
        models.ExerciseCheckRequest,
        models.ExerciseChecked,
        "Answers for its blanks, judged; a score from 0 to 1.",
    ),
)


class Answers:
    """Answers that were given: the same question again costs nothing; the oldest go first."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def get(self, key: str) -> str | None:
        if key in self._found:
            self._found.move_to_end(key)
        return self._found.get(key)

    def keep(self, key: str, answer: str) -> None:
        self._characters += len(answer) - len(self._found.pop(key, ""))
        self._found[key] = answer
        while len(self._found) > KEPT or self._characters > KEPT_CHARACTERS:
            _, oldest = self._found.popitem(last=False)
            self._characters -= len(oldest)


class Api:
    """Asks the workers; counts who is waiting for what."""

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self.settings, self.workers = settings, workers
        self.answers = Answers()
        self._of_client: dict[str, int] = {}

    def offered(self) -> tuple[Endpoint, ...]:
        """The endpoints of the parts that this server has."""
        return tuple(e for e in ENDPOINTS if e.part == "all" or e.part in self.settings.parts)

    async def answer(self, endpoint: Endpoint, asked: dict[str, Any]) -> str:
        """The JSON of an answer, kept or made; raises Failure."""
        key = _key(endpoint, asked)
        if endpoint.kept and (found := self.answers.get(key)) is not None:
            return found
        result = await self.workers.run(endpoint.job, asked)
        text = json.dumps(result, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        if endpoint.kept:
            self.answers.keep(key, text)
        return text

    def handler(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """What answers ``endpoint`` over HTTP."""

        async def handle(request: Request) -> Response:
            client = request.client.host if request.client else ""
            asked: dict[str, Any] = {}
            try:
                asked = checked(endpoint, await request.body())
                tag = f'"{_key(endpoint, asked)}"'
                if request.headers.get("if-none-match") == tag:
                    return Response(status_code=304, headers={"etag": tag})
                self._enter(client)
                try:
                    text = await until_left(self.answer(endpoint, asked), request)
                finally:
                    self._leave(client)
            except Failure as failure:
                return refusal(failure, language(asked, request))
            return Response(text, media_type="application/json", headers={"etag": tag, "cache-control": "no-cache"})

        return handle

    def _enter(self, client: str) -> None:
        if self._of_client.get(client, 0) >= self.settings.limits.per_client:
            raise Failure("busy", BUSY, retry=2)
        self._of_client[client] = self._of_client.get(client, 0) + 1

    def _leave(self, client: str) -> None:
        self._of_client[client] -= 1
        if not self._of_client[client]:
            del self._of_client[client]

    async def health(self, request: Request) -> Response:
        busy = min(self.workers.pending, self.workers.count)
        return JSONResponse({"version": VERSION, "workers": self.workers.count, "busy": busy})


def checked(endpoint: Endpoint, body: bytes) -> dict[str, Any]:
    """The request as its model has it; Failure in one line that says which field does not fit."""
    if endpoint.takes is None:
        return {}
    try:
        # bounded by the gate in length; nesting ends in a RecursionError, which pydantic's parser reports
        return endpoint.takes.model_validate_json(body).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise Failure("not-json", _no_json(first["ctx"]["error"])) from None
        # between the names of fields pydantic puts those of its own types, such as constrained-str
        place = ".".join(str(part) for part in first["loc"] if str(part).isidentifier() or isinstance(part, int))
        said = Text(f"{place or 'request'}: ", f"{place or 'запрос'}: ") + wanted(first)
        raise Failure("request", said, place) from None


def _no_json(why: str) -> Text:
    """Where a body stops being JSON, from what the parser said of it."""
    place = re.search(r"line (\d+) column (\d+)$", why)
    where = f" (строка {place[1]}, столбец {place[2]})" if place else ""
    return Text("this is no JSON: ", "это не JSON") + Text(why, where)


def language(asked: Mapping[str, Any], request: Request) -> Language:
    """The language of a refusal: that of the request or, where it was not understood or has none, of its header."""
    return asked.get("lang") or spoken(request.headers.get("accept-language", ""))


async def until_left(work: Awaitable[str], request: Request) -> str:
    """The answer, or Failure as soon as nobody is there to read it: the work is given up then."""
    task = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Failure("left", LEFT)
        return task.result()
    finally:
        for one in (task, leaving):
            if not one.done():
                one.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _key(endpoint: Endpoint, asked: dict[str, Any]) -> str:
    text = json.dumps([VERSION, endpoint.name, asked], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]
