"""The server: routes, the gate before them, the workers behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from codegen.web.api import Api, checked
from codegen.web.failures import Failure, fault
from codegen.web.headers import Gate, refusal, spoken
from codegen.web.openapi import PREFIX, openapi
from codegen.web.pages import BY_NAME, FIRST, Pages
from codegen.web.settings import Settings
from codegen.web.workers import Workers
from symbolic.words import Text, same

STATIC = Path(__file__).parent / "static"


def application(settings: Settings) -> Starlette:
    """The server as an ASGI application; its workers start and end with it."""
    workers = Workers(settings.workers, settings.limits)
    api = Api(settings, workers)
    pages = Pages(api)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        warming = asyncio.ensure_future(_warmed(api)) if "derive" in settings.parts else None
        try:
            yield
        finally:
            if warming is not None:
                warming.cancel()
            await asyncio.to_thread(workers.close)

    app = Starlette(
        routes=routes(settings, api, pages),
        middleware=[Middleware(Gate, settings=settings)],
        exception_handlers={HTTPException: _http_error(pages), 500: _fault},
        lifespan=lifespan,
    )
    app.state.api = api
    return app


def routes(settings: Settings, api: Api, pages: Pages) -> list[BaseRoute]:
    """The pages and endpoints of the parts that this server has."""
    found: list[BaseRoute] = [
        Route("/", pages.start),
        Route(f"{PREFIX}/health", api.health),
        Route("/parts/{name}", pages.part, methods=["POST"]),
    ]
    for endpoint in api.offered():
        method = "GET" if endpoint.takes is None else "POST"
        found.append(Route(f"{PREFIX}/{endpoint.name}", api.handler(endpoint), methods=[method]))
    by_part = {"derive": pages.derive, "mark": pages.mark, "exercise": pages.exercise}
    for part, page in by_part.items():
        if part in settings.parts:
            found += [Route(f"/{part}", page), Route(f"/{part}/{{name}}", page)]
    if "api" in settings.parts:
        description = openapi(api.offered())

        async def described(request: Request) -> Response:
            return JSONResponse(description)

        found += [Route("/api", pages.about_api), Route(f"{PREFIX}/openapi.json", described)]
    found.append(Mount("/static", StaticFiles(directory=STATIC)))
    return found


async def _warmed(api: Api) -> None:
    """The first page is ready before it is asked for."""
    for name in ("derive", "code", "check"):
        endpoint = BY_NAME[name]
        try:
            await api.answer(endpoint, checked(endpoint, f'{{"spec": "{FIRST}"}}'.encode()))
        except Failure:
            return


#: What Starlette says of a request in English alone.
_STATUS = {404: "такого адреса нет", 405: "этот адрес спрашивают иначе"}


def _http_error(pages: Pages) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if request.url.path.startswith(("/api/", "/parts/", "/static/")):
            code = {404: "not-found", 405: "method"}.get(error.status_code, "request")
            what = f"{request.method} {request.url.path[:80]}"
            why = Text(error.detail, _STATUS.get(error.status_code, error.detail))
            return refusal(Failure(code, same(f"{what}: ") + why), spoken(request.headers.get("accept-language", "")))
        return pages.missing(request)

    return handle


async def _fault(request: Request, error: Exception) -> Response:
    return refusal(fault(type(error).__name__), spoken(request.headers.get("accept-language", "")))
