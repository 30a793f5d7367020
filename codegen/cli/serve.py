"""`chainrule serve`: the page and its API on a port of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from symbolic.errors import CommandError, MissingExtra

Names = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="A name that this server answers to; repeatable.")
]
Origins = Annotated[
    list[str] | None, typer.Option(metavar="ORIGIN", help="A site whose pages may use the API; repeatable.")
]
Ancestors = Annotated[
    list[str] | None, typer.Option(metavar="ORIGIN", help="A site that may show this page in a frame; repeatable.")
]


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that do the work.")] = 2,
    public: Annotated[bool, typer.Option("--public", help="Serve strangers: less time and memory for each.")] = False,
    seconds: Annotated[
        float | None,
        typer.Option(help="Processor time that one request may take; 15 at home, 5 in public when left out."),
    ] = None,
    only: Annotated[str, typer.Option(metavar="PARTS", help="Only these parts, such as mark,exercise.")] = "",
    allow_host: Names = None,
    allow_origin: Origins = None,
    frame_ancestors: Ancestors = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The token that programs must send with API requests.")
    ] = None,
    root_path: Annotated[str, typer.Option(help="The path that a proxy serves this under.")] = "",
    forwarded_allow_ips: Annotated[
        str, typer.Option(metavar="IPS", help="Proxies that say truly who asks.")
    ] = "127.0.0.1",
) -> None:
    """Open the page: derive, mark and exercise in a browser."""
    missing = [name for name in ("starlette", "uvicorn", "pebble", "math_core") if not installed(name)]
    if missing:
        raise MissingExtra("chainrule serve needs the extra web: pip install 'chainrule[web]'")
    from codegen.web.listen import listen
    from codegen.web.settings import settings

    token = "" if token_file is None else token_file.read_text(encoding="utf-8").strip()
    if token_file is not None and len(token) < 16:
        raise CommandError(f"--token-file {token_file}: the token has {len(token)} characters; take 16 or more")
    listen(
        settings(
            host,
            port,
            workers,
            public=public,
            seconds=seconds,
            only=only,
            hosts=tuple(allow_host or ()),
            origins=tuple(allow_origin or ()),
            ancestors=tuple(frame_ancestors or ()),
            token=token,
            root_path=root_path,
            forwarded=forwarded_allow_ips,
        )
    )


def installed(name: str) -> bool:
    """Whether a package is there, without importing it."""
    from importlib.util import find_spec

    return find_spec(name) is not None
