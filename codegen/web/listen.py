"""Listening: a socket, uvicorn, and one line that says where the page is."""

from __future__ import annotations

import socket
import sys
from types import ModuleType

import uvicorn

from codegen.web.app import application
from codegen.web.settings import Settings
from symbolic.errors import CommandError


def listen(settings: Settings) -> None:
    """Serve until Ctrl-C.  ``SpecError`` when the address cannot be had."""
    # New processes run the program that started this one, unless it is none: workers need nothing of it.
    sys.modules["__main__"] = ModuleType("__main__")
    listener = bound(settings)
    host, port = settings.host, listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    print(f"chainrule: http://{shown}:{port}/  (Ctrl-C ends it)", flush=True)
    config = uvicorn.Config(
        application(settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        root_path=settings.root_path,
        forwarded_allow_ips=settings.forwarded,
        proxy_headers=True,
        timeout_keep_alive=20,
        limit_concurrency=1_000,
        h11_max_incomplete_event_size=32 * 1024,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[listener])


def bound(settings: Settings) -> socket.socket:
    """A socket that listens there, so that the port is known before the first request."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host.strip("[]"), settings.port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise CommandError(f"--port {settings.port} of {settings.host}: {reason}; take another with --port") from None
    return listener
