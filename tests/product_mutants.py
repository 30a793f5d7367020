"""Mutants of the product: one line of it is made wrong at random, and the quick tests of its room should fail.

    python -m tests.product_mutants 200 [--seed 0] [--room language …]

prints each mutant that survived, and how many there were.  A room's quick tests are one case of each test in its folder
under tests/, and the examples in its docstrings.  The tree is copied first; nothing here is changed.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("symbolic", "codegen")
#: Seconds for the tests of one mutant: one that goes round for ever is found too.
PATIENCE = 600

_SWAPPED: dict[type[ast.AST], str] = {
    **{ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*"},
    **{ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="},
    **{ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is", ast.And: "or", ast.Or: "and"},
}


@dataclass(frozen=True)
class Mutant:
    """One line of a file, as it is and made wrong."""

    file: Path
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        place = self.file.relative_to(ROOT)
        return f"{place}:{self.line}\n  - {self.before.strip()}\n  + {self.after.strip()}"

    @property
    def room(self) -> str:
        """The folder of tests that should see it."""
        return self.file.relative_to(ROOT).parts[1]

    def written(self, tree: Path) -> None:
        """Put it into a copy of the tree."""
        goal = tree / self.file.relative_to(ROOT)
        lines = goal.read_text(encoding="utf-8").split("\n")
        lines[self.line - 1] = self.after
        goal.write_text("\n".join(lines), encoding="utf-8")


def mutant_of(file: Path, dice: random.Random) -> Mutant | None:
    """A mutant of a file that is still Python, and another program than the file; None where there is none."""
    text = file.read_text(encoding="utf-8")
    lines, tree = text.split("\n"), ast.parse(text)
    changes = [change for node in _values(tree) for change in _changes(node)]
    dice.shuffle(changes)
    for line, start, end, new in changes:
        raw = lines[line - 1].encode()
        after = (raw[:start] + new.encode() + raw[end:]).decode()
        try:
            made = ast.parse("\n".join([*lines[: line - 1], after, *lines[line:]]))
        except SyntaxError:
            continue
        if ast.dump(made) != ast.dump(tree):
            return Mutant(file, line, lines[line - 1], after)
    return None


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """What is computed when the code runs: no annotation, no text, and no ``strict=True``, which only asserts."""
    for name, inner in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            for child in inner if isinstance(inner, list) else [inner]:
                if isinstance(child, ast.AST) and not (isinstance(child, ast.keyword) and child.arg == "strict"):
                    yield child
                    yield from _values(child)


def _changes(node: ast.AST) -> Iterator[tuple[int, int, int, str]]:
    """(line, first byte, last byte, what stands there then) for each way to make a node wrong on one line."""

    def between(left: ast.expr, right: ast.expr, operator: ast.AST) -> Iterator[tuple[int, int, int, str]]:
        if type(operator) in _SWAPPED and left.end_lineno == right.lineno and left.end_col_offset is not None:
            yield right.lineno, left.end_col_offset, right.col_offset, f" {_SWAPPED[type(operator)]} "

    match node:
        case ast.BinOp(left, operator, right):
            yield from between(left, right, operator)
        case ast.Compare(left, [operator], [right]):
            yield from between(left, right, operator)
        case ast.BoolOp(operator, [left, right]):
            yield from between(left, right, operator)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand) if node.lineno == operand.lineno:
            yield node.lineno, node.col_offset, operand.col_offset, ""
        case ast.Constant(bool() | int() as value) if (
            node.lineno == node.end_lineno and node.end_col_offset is not None
        ):
            new = str(not value) if isinstance(value, bool) else str(value + 1)
            yield node.lineno, node.col_offset, node.end_col_offset, new
        case ast.Return(ast.expr() as value) if node.lineno == value.end_lineno and value.end_col_offset is not None:
            yield node.lineno, value.col_offset, value.end_col_offset, "None"


def drawn(count: int, seed: int, rooms: Sequence[str] = ()) -> list[Mutant]:
    """So many mutants at random, of rooms that have tests: first a file, by its length, then a line of it."""
    tested = {folder.name for folder in (ROOT / "tests").iterdir() if folder.is_dir()}
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    files = [f for f in files if len(f.relative_to(ROOT).parts) > 2 and f.relative_to(ROOT).parts[1] in tested]
    files = [f for f in files if not rooms or f.relative_to(ROOT).parts[1] in rooms]
    dice, found = random.Random(seed), list[Mutant]()
    while len(found) < count:
        (file,) = dice.choices(files, [f.stat().st_size for f in files])
        mutant = mutant_of(file, dice)
        if mutant is not None:
            found.append(mutant)
    return found


def survives(mutant: Mutant, tree: Path) -> bool:
    """Whether the quick tests of its room pass in a copy of the tree that has it."""
    mutant.written(tree)
    python = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-W", "ignore"]
    own = "/".join(mutant.file.relative_to(ROOT).parts[:2])  # its examples are tests too
    words = [*python, "--one", "--override-ini", "testpaths=", "--rootdir", str(tree), f"tests/{mutant.room}", own]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(words, cwd=tree, env=environment, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return False
    finally:
        shutil.copyfile(mutant.file, tree / mutant.file.relative_to(ROOT))
    return done.returncode == 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make lines of the product wrong; say which ones no test sees.")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--room", nargs="*", default=())
    asked = parser.parse_args(argv)
    alive = 0
    with tempfile.TemporaryDirectory(prefix="chainrule-mutants-") as work:
        tree = Path(work) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        for mutant in drawn(asked.count, asked.seed, asked.room):
            if survives(mutant, tree):
                alive += 1
                print(f"survived: {mutant}", flush=True)
    print(f"{asked.count} mutants, {asked.count - alive} killed, {alive} survived")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
