"""What a server is told when it starts: where it listens, whom it serves, and what one request may cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbolic.errors import CommandError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
#: The parts of the site that ``--only`` can name; the API of a part goes with it.
PARTS = ("derive", "mark", "exercise", "api")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost: seconds of processor time, bytes of memory and of body, and how many may wait."""

    seconds: float
    memory: int
    body: int = 64 * 1024
    waiting: int = 64
    per_client: int = 64


AT_HOME = Limits(seconds=15.0, memory=2 << 30)
IN_PUBLIC = Limits(seconds=5.0, memory=1 << 30, waiting=32, per_client=32)


@dataclass(frozen=True, slots=True)
class Settings:
    """One server.  ``token`` guards the API for machines; ``hosts`` are the names it answers to."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    public: bool = False
    parts: tuple[str, ...] = PARTS
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()
    token: str = ""
    root_path: str = ""
    forwarded: str = "127.0.0.1"
    limits: Limits = AT_HOME

    @property
    def allowed_hosts(self) -> list[str]:
        """Names for the Host header: at home loopback alone, so that no other site can rebind its name to us."""
        if self.hosts:
            return [*self.hosts, *sorted(LOOPBACK)]
        return ["*"] if self.public else [*sorted(LOOPBACK), self.host]


def settings(
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 2,
    *,
    public: bool = False,
    seconds: float | None = None,
    only: str = "",
    hosts: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
    ancestors: tuple[str, ...] = (),
    token: str = "",
    root_path: str = "",
    forwarded: str = "127.0.0.1",
) -> Settings:
    """The settings of a command line; ``SpecError`` says which option does not fit."""
    if host not in LOOPBACK and not public:
        raise CommandError(
            f"--host {host}: others could reach this server; say --public, which keeps strangers' work small"
        )
    if not 1 <= workers <= 64:
        raise CommandError(f"--workers {workers}: give a whole number from 1 to 64")
    if not 0 <= port <= 65535:
        raise CommandError(f"--port {port}: give a whole number from 0 to 65535")
    if seconds is not None and not 0.1 <= seconds <= 3600:
        raise CommandError(f"--seconds {seconds:g}: give a number from 0.1 to 3600")
    limits = IN_PUBLIC if public else AT_HOME
    parts = tuple(part.strip() for part in only.split(",") if part.strip()) or PARTS
    if strangers := sorted(set(parts) - set(PARTS)):
        raise CommandError(f"--only {strangers[0]}: there is no such part; the parts are {', '.join(PARTS)}")
    for option, given in (("--allow-origin", origins), ("--frame-ancestors", ancestors)):
        for origin in given:
            if not origin.startswith(("https://", "http://")) or any(c in origin for c in " ;,'\"\r\n"):
                raise CommandError(f"{option} {origin!r}: give one origin, such as https://moodle.example.org")
    return Settings(
        host, port, workers, public, parts, hosts, origins, ancestors, token, root_path, forwarded,
        limits if seconds is None else replace(limits, seconds=seconds),
    )  # fmt: skip
