"""What stands around every answer: who may ask, how much they may send, and what a browser may do with it.

Plain ASGI, so that a client that leaves is noticed: a wrapper of Starlette's kind would hide it.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codegen.web.failures import Failure
from codegen.web.settings import Settings
from symbolic.words import LANGUAGES, Language, Text

NO_JSON = Text(
    "send JSON, with the header Content-Type: application/json",
    "пошлите JSON с заголовком Content-Type: application/json",
)
NO_TOKEN = Text(
    "send the header Authorization: Bearer TOKEN, with this server's token",
    "пошлите заголовок Authorization: Bearer TOKEN с токеном этого сервера",
)
TOO_LARGE = Text(
    "a request may have {most} bytes; this one has {count}", "в запросе может быть {most} байт, а в этом {count}"
)
LEFT = Text("the client has left", "клиент ушёл")
SLOW = Text("the request took longer than 30 s to arrive", "запрос приходил дольше 30 с")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def security_headers(settings: Settings) -> Mapping[str, str]:
    """The same on every answer, errors included."""
    ancestors = " ".join(settings.ancestors) or "'none'"
    return {
        "content-security-policy": CSP.format(ancestors=ancestors),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin" if not settings.origins else "cross-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }


class Gate:
    """Refuses before the work: a strange host, a body that is large or no JSON, a site that is not allowed."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.headers = security_headers(settings)
        self.hosts = set(settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    sent.setdefault(name, value)
                if origin in self.settings.origins:
                    sent["access-control-allow-origin"] = origin
                    sent["vary"] = "Origin"
            await send(message)

        try:
            self.admit(scope, headers, origin)
            body = await whole_body(receive, self.settings.limits.body) if scope["method"] == "POST" else None
        except Failure as failure:
            await refusal(failure, spoken(headers.get("accept-language", "")))(scope, receive, with_headers)
            return
        if scope["method"] == "OPTIONS" and origin in self.settings.origins:
            allowed = {"access-control-allow-methods": "GET, POST", "access-control-max-age": "600"}
            allowed["access-control-allow-headers"] = "content-type, authorization"
            await JSONResponse(None, 200, allowed)(scope, receive, with_headers)
            return
        await self.app(scope, receive if body is None else again(body, receive), with_headers)

    def admit(self, scope: Scope, headers: Headers, origin: str) -> None:
        """Raises Failure for a request that is not let in; nothing of its body has been read."""
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname if host and host.isprintable() else None
        if "*" not in self.hosts and name not in self.hosts:
            raise Failure(
                "host",
                Text(
                    f"this server does not answer to the name {host[:80]!r}",
                    f"этот сервер не отвечает на имя {host[:80]!r}",
                ),
            )
        if scope["method"] != "POST":
            return
        if origin and origin not in self.settings.origins and urlsplit(origin).netloc != host:
            raise Failure(
                "origin",
                Text(
                    f"{origin[:80]} may not ask this server; it is started with --allow-origin for that",
                    f"{origin[:80]} не может спрашивать этот сервер; для этого его запускают с --allow-origin",
                ),
            )
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Failure("not-json-type", NO_JSON)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.settings.limits.body:
            raise Failure("too-large", TOO_LARGE.format(most=self.settings.limits.body, count=length[:20]))
        if (
            self.settings.token
            and scope["path"].startswith(("/api/", "/parts/"))
            and not self.same_site(headers, origin, host)
        ):
            given = headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self.settings.token.encode()):
                raise Failure("token", NO_TOKEN)

    @staticmethod
    def same_site(headers: Headers, origin: str, host: str) -> bool:
        """Whether our own page asks: a browser says so, and no page of another site can."""
        return headers.get("sec-fetch-site") == "same-origin" and urlsplit(origin).netloc == host


async def whole_body(receive: Receive, most: int) -> bytes:
    """The body, read up to ``most`` bytes; Failure for more, or for one that drips in over half a minute."""
    parts: list[bytes] = []
    size, began = 0, time.monotonic()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Failure("left", LEFT)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise Failure("too-large", TOO_LARGE.format(most=most, count=Text("more", "больше")))
        if not message.get("more_body", False):
            return b"".join(parts)
        if time.monotonic() - began > 30:
            raise Failure("time", SLOW)


def again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, once more; afterwards whatever the client does, such as leaving."""
    sent = False

    async def receive_again() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return receive_again


def spoken(accepted: str) -> Language:
    """The language of a client that has not said one: Russian if it comes before English in Accept-Language."""
    tongues = [part.split(";")[0].strip()[:2].lower() for part in accepted.split(",")]
    return next((known for tongue in tongues for known in LANGUAGES if tongue == known), "en")


def refusal(failure: Failure, lang: Language) -> JSONResponse:
    """A failure as an answer."""
    headers: dict[str, Any] = {"cache-control": "no-store"}
    if failure.retry or failure.status == 503:
        headers["retry-after"] = str(failure.retry or 1)
    return JSONResponse(failure.to_dict(lang), failure.status, headers)
