"""The pages run: their files are written, their commands typed, their Python executed, and the outputs compared.

Where the outputs have changed for good, ``python -m tests.test_readme`` rewrites those of the commands.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.cli import main

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
#: README and the pages of the rooms.
PAGES = [
    README,
    *(path for room in ("symbolic", "codegen", "generated") for path in sorted((ROOT / room).rglob("README.md"))),
]
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """(language, file name or "", text) of every fenced block, in order."""
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield found[1], found[2] or "", found[3]


def sessions(text: str) -> Iterator[tuple[str, str]]:
    """(command, expected output) of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def masked(text: str) -> str:
    """The text without what rounding decides: the size and the place of the largest error."""
    return re.sub(r"\d\.\de-\d+ at \S+", "(error)", text)


def shows(expected: str, printed: str) -> bool:
    """Whether a page shows what a command prints; three dots stand for any of it."""
    return doctest.OutputChecker().check_output(masked(expected), masked(printed), FLAGS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_of_a_page_does_what_it_says(page, tmp_path, monkeypatch, capsys):
    if page.is_relative_to(ROOT / "generated"):
        (tmp_path / "generated").symlink_to(ROOT / "generated")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for language, file, text in blocks(page):
        if file:
            (tmp_path / file).write_text(text, encoding="utf-8")
        elif language == "console":
            for command, expected in sessions(text):
                program, *arguments = shlex.split(command)
                assert program == "chainrule"
                main(arguments)
                out, err = capsys.readouterr()
                assert shows(expected, out + err), f"$ {command}\n{out}{err}"
        elif language == "pycon":
            test = doctest.DocTestParser().get_doctest(text, names, page.name, str(page), 0)
            complaints: list[str] = []
            doctest.DocTestRunner(optionflags=FLAGS).run(test, out=complaints.append, clear_globs=False)
            names.update(test.globs)
            assert not complaints, "".join(complaints)
        elif language == "python":
            ast.parse(text)  # it needs an extra, a cluster or a model of its own
        else:
            assert language in ("sh", "text"), f"a block of {language!r} that nothing tests"


@pytest.mark.parametrize("heading", ["Set up", "Run", "Test"])
def test_the_commands_of_a_fresh_machine_are_where_ci_looks_for_them(heading):
    section = re.search(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert section
    commands = re.findall(r"^```sh\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)
    assert len("".join(commands).splitlines()) == (2 if heading == "Set up" else 1)


def rewritten(page: Path) -> str:
    """The page with what its commands print today."""

    def today(found: re.Match[str]) -> str:
        if found[2]:
            Path(found[2]).write_text(found[3], encoding="utf-8")
        if found[1] != "console":
            return found[0]
        lines = []
        for command, expected in sessions(found[3]):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                main(shlex.split(command)[1:])
            kept = shows(expected, printed.getvalue())  # what is abridged by dots stays so
            text = expected if kept else printed.getvalue()
            lines += [f"$ {command}", *(line.rstrip() for line in text.splitlines())]
        return "\n".join(["```console", *lines, "```"])

    with tempfile.TemporaryDirectory() as work, contextlib.chdir(work):
        if page.is_relative_to(ROOT / "generated"):
            Path("generated").symlink_to(ROOT / "generated")
        return BLOCK.sub(today, page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(rewritten(page), encoding="utf-8")
