"""The pages: HTML written by templates around the answers of the API; what a page shows again is a part of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from codegen.version import VERSION
from codegen.web.api import ENDPOINTS, Api, Endpoint, checked, language, until_left
from codegen.web.failures import Failure
from codegen.web.headers import refusal, spoken
from codegen.web.jobs import toml_of
from codegen.web.wording import PAGE
from symbolic.network.builtin import builtin_specs
from symbolic.words import LANGUAGES, Text

#: The network of the first page, and of a page without a name.
FIRST = "one_hidden_layer"
#: A first page waits so long for its formulas; after that it comes without, and asks for them itself.
PATIENCE = 4.0
BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}
#: What a page asks for as HTML, by the template that writes it.
PARTS = {"derive": "_derived.html.j2", "code": "_code.html.j2", "check": "_check.html.j2"}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Everything is text unless it is a formula or a drawing of ours, which a template marks ``safe``."""
    return Environment(
        loader=PackageLoader("codegen.web"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Pages:
    """Writes the pages of one server."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.parts = api.settings.parts

    async def start(self, request: Request) -> Response:
        """The root: the first part that this server has."""
        query = f"?{request.url.query}" if request.url.query else ""
        root = request.scope.get("root_path", "")
        if self.parts[0] == "derive":
            return await self.derive(request)
        return RedirectResponse(f"{root}/{self.parts[0]}{query}", 307)

    async def derive(self, request: Request) -> Response:
        """``/derive/NAME``: whole without any script, where its network is built in."""
        name = request.path_params.get("name", FIRST)
        if name not in builtin_specs():
            return self.missing(request)
        common = self.common(request)
        asked = {"spec": name, "lang": common["lang"]}
        found = await self._found(
            {
                "derived": (BY_NAME["derive"], asked | {"notation": common["notation"]}),
                "code": (BY_NAME["code"], asked),
                "checked": (BY_NAME["check"], asked),
            }
        )
        return self.page("derive.html.j2", request, name=name, toml=toml_of(name), **found)

    async def _found(self, wanted: Mapping[str, tuple[Endpoint, dict[str, Any]]]) -> dict[str, Any]:
        """The answers that come in time; None for those that do not, and the work goes on for the next who asks."""
        tasks = {
            key: asyncio.ensure_future(self.api.answer(one, checked(one, json.dumps(asked).encode())))
            for key, (one, asked) in wanted.items()
        }
        await asyncio.wait(tasks.values(), timeout=PATIENCE)
        found = {}
        for key, task in tasks.items():
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            in_time = task.done() and not task.cancelled() and task.exception() is None
            found[key] = json.loads(task.result()) if in_time else None
        return found

    async def mark(self, request: Request) -> Response:
        return self._named("mark.html.j2", request)

    async def exercise(self, request: Request) -> Response:
        return self._named("exercise.html.j2", request)

    async def about_api(self, request: Request) -> Response:
        shown = [
            (one.name, "GET" if one.takes is None else "POST", one.about, example(one)) for one in self.api.offered()
        ]
        return self.page("api.html.j2", request, endpoints=shown, address=str(request.base_url).rstrip("/"))

    def _named(self, template: str, request: Request) -> Response:
        name = request.path_params.get("name", FIRST)
        if name not in builtin_specs():
            return self.missing(request)
        return self.page(template, request, name=name, toml=toml_of(name))

    def missing(self, request: Request) -> Response:
        return self.page("error.html.j2", request, status=404)

    async def part(self, request: Request) -> Response:
        """``POST /parts/NAME``: what ``/api/v1/NAME`` answers, as HTML."""
        name = request.path_params["name"]
        if name not in PARTS or BY_NAME[name] not in self.api.offered():
            absent = Text(f"there is no part {name[:40]!r}", f"нет части {name[:40]!r}")
            return refusal(Failure("not-found", absent), spoken(request.headers.get("accept-language", "")))
        asked: dict[str, Any] = {}
        try:
            asked = checked(BY_NAME[name], await request.body())
            answer = json.loads(await until_left(self.api.answer(BY_NAME[name], asked), request))
        except Failure as failure:
            return refusal(failure, language(asked, request))
        html = environment().get_template(PARTS[name]).render(answer=answer, words=words(asked["lang"]))
        return HTMLResponse(html)

    def common(self, request: Request) -> dict[str, Any]:
        """What every page is told: its language and notation, from the address."""
        lang = request.query_params.get("lang", "")
        notation = request.query_params.get("notation", "")
        return {
            "lang": lang if lang in LANGUAGES else spoken(request.headers.get("accept-language", "")),
            "notation": notation if notation in ("lecture", "bishop") else "lecture",
        }

    def page(self, template: str, request: Request, status: int = 200, **values: Any) -> Response:
        common = self.common(request)
        html = (
            environment()
            .get_template(template)
            .render(
                **common,
                **values,
                words=words(common["lang"]),
                version=VERSION,
                parts=self.parts,
                networks=builtin_specs(),
                root=request.scope.get("root_path", ""),
                here=template.partition(".")[0],
            )
        )
        return HTMLResponse(html, status, headers={"content-language": common["lang"], "vary": "Accept-Language"})


def words(lang: str) -> dict[str, str]:
    return {key: text.text(lang) for key, text in PAGE.items()}


#: A request that works, for each endpoint that takes one.
_EXAMPLES: dict[str, dict[str, Any]] = {
    "derive": {"wrt": "w_1", "form": "chain"},
    "check": {"sizes": {"D": 5}},
    "numbers": {"sample": 2},
    "graph": {"backward": True},
    "train": {"data": "xor", "epochs": 300},
    "exercise": {"blanks": [2]},
    "exercise/check": {"blanks": [2], "answers": {"2": r"\sum_{i=1}^N -2(y_i - p_i) p_i (1 - p_i) z_i"}},
}


def example(endpoint: Endpoint) -> str:
    """The JSON of a request, to be tried."""
    if endpoint.takes is None:
        return ""
    if endpoint.name == "preview":
        return json.dumps({"latex": [r"\sum_{i=1}^N x_i"]})
    if endpoint.name == "mark":
        text = r"\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N 2(y_i - p_i) p_i (1 - p_i) x_i \]"
        return json.dumps({"spec": "one_neuron", "text": text, "diagnose": "first"})
    return json.dumps({"spec": FIRST, **_EXAMPLES.get(endpoint.name, {})})
