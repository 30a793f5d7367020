"""Reading the corpus: a file has its network in its docstring, its slips in ``# slip f: old => new => words``.

What a person says of a call stands in ``# call f: f(W, X, y)`` and ``# set Class.f: centres=c``.
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symbolic.network.network import Network

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Slip:
    file: Path
    target: str
    old: str
    new: str
    words: tuple[str, ...]

    @property
    def line(self) -> int:
        return self.place()[1]

    def place(self) -> tuple[int, int]:
        """Where the old text stands, in the function or class or else before it: its offset, the line."""
        text = self.file.read_text(encoding="utf-8")
        lines = [len(line) + 1 for line in text.splitlines()]
        _, *body = ast.parse(text).body
        nodes = [n for n in body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        owner = next((n for n in nodes if n.name == self.target.partition(".")[0]), None)
        at = text.find(self.old, sum(lines[: owner.lineno - 1])) if owner is not None else -1
        if at < 0:
            at = text.index(self.old, sum(lines[: body[0].lineno - 1]))
        return at, text.count("\n", 0, at) + 1

    def text(self) -> str:
        text, (at, _) = self.file.read_text(encoding="utf-8"), self.place()
        return text[:at] + self.new + text[at + len(self.old) :]

    def __str__(self) -> str:
        return f"{self.file.stem}:{self.target}: {self.new}"


def files() -> list[Path]:
    return sorted(CORPUS.glob("*.py"))


def network_of(file: Path) -> Network:
    return Network.from_dict(tomllib.loads(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""))


def slips(file: Path) -> list[Slip]:
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# slip "):
            target, _, rest = line.removeprefix("# slip ").partition(": ")
            old, new, words = rest.split(" => ")
            found.append(Slip(file, target, old, new, tuple(words.split("|"))))
    return found


def said(file: Path, target: str) -> dict[str, Any]:
    """What is said of the call: its ``call`` and ``settings``."""
    lines = file.read_text(encoding="utf-8").splitlines()
    calls, settings = (
        [line.removeprefix(f"# {word} {target}: ") for line in lines if line.startswith(f"# {word} {target}: ")]
        for word in ("call", "set")
    )
    return {"call": calls[0] if calls else None, "settings": settings}


def targets(file: Path) -> list[str]:
    """What is right in a file, in the order of its slips."""
    named = [
        line.removeprefix("# right ").strip()
        for line in file.read_text("utf-8").splitlines()
        if line.startswith("# right ")
    ]
    return list(dict.fromkeys([*named, *(slip.target for slip in slips(file))]))
