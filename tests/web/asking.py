"""Asking a server that runs in this process, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from codegen.web.app import application
from codegen.web.settings import Limits, Settings, settings

#: Two workers that start slowly on a busy machine still answer.
PATIENT = Limits(seconds=60.0, memory=2 << 30)


def patient(**changes: Any) -> Settings:
    """Settings for tests: as given, and with time."""
    from dataclasses import replace

    limits = changes.pop("limits", PATIENT)
    return replace(settings(workers=changes.pop("workers", 1), **changes), limits=limits)


class Server:
    """One application with its workers, asked from ordinary functions."""

    def __init__(self, given: Settings) -> None:
        self.loop = asyncio.new_event_loop()
        self.app = application(given)
        self.api = self.app.state.api

    def do(self, work: Callable[[httpx.AsyncClient], Awaitable[Any]], host: str = "127.0.0.1") -> Any:
        async def whole() -> Any:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}", timeout=120) as client:
                return await work(client)

        return self.loop.run_until_complete(whole())

    def get(self, path: str, host: str = "127.0.0.1", **options: Any) -> httpx.Response:
        found: httpx.Response = self.do(lambda client: client.get(path, **options), host)
        return found

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        found: httpx.Response = self.do(lambda client: client.post(path, json=json, **options))
        return found

    def ask(self, name: str, **asked: Any) -> Any:
        """The answer of an endpoint; AssertionError with what was refused."""
        response = self.post(f"/api/v1/{name}", asked)
        assert response.status_code == 200, response.text
        return response.json()

    def close(self) -> None:
        self.api.workers.close()
        self.loop.close()
