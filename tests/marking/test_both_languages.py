"""Whatever the checker says about a line it cannot read, it says in the person's language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import symbolic.marking
from symbolic.marking import verify
from symbolic.network.network import Network

ROOM = Path(symbolic.marking.__file__).parent
REFUSALS = {"NotUnderstood", "ShapeError", "Undeclared"}
#: A word of English, outside a {place} and no command of LaTeX.
WORD = re.compile(r"(?<![\\\w])[a-z]{4,}\b")
#: Names that are the same in every language.
ALIKE = {"diag", "softmax", "tanh"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield f"{file.relative_to(ROOM)}:{node.lineno}", node


def words(value: ast.expr) -> str:
    """The words of a sentence without what is filled in."""
    if isinstance(value, ast.JoinedStr):
        return "".join(str(part.value) for part in value.values if isinstance(part, ast.Constant))
    return re.sub(r"\{\w*\}", "", str(value.value)) if isinstance(value, ast.Constant) else ""


def test_no_refusal_is_a_plain_string() -> None:
    sites = [(place, node.args[0]) for place, node in calls() if node.func.id in REFUSALS and node.args]  # type: ignore[attr-defined]
    assert len(sites) > 90
    assert [place for place, said in sites if isinstance(said, (ast.Constant, ast.JoinedStr, ast.BinOp))] == []


def test_every_english_sentence_has_a_russian_one_beside_it() -> None:
    texts = [(place, node.args) for place, node in calls() if node.func.id == "Text" and len(node.args) == 2]  # type: ignore[attr-defined]
    english = [
        (place, english, russian) for place, (english, russian) in texts if set(WORD.findall(words(english))) - ALIKE
    ]
    assert len(english) > 150
    assert [place for place, _, russian in english if not re.search("[а-яё]", words(russian))] == []


@pytest.mark.parametrize(
    "line",
    [
        r"\frac{\partial Q}{\partial w_1} = \sum",
        r"\frac{\partial Q}{\partial w_1} = \sqrt[3]{x_i}",
        r"\frac{\partial Q}{\partial w_1} = x_{",
        r"\frac{\partial Q}{\partial w_1} = \left( x_i",
        r"\frac{\partial Q}{\partial w_1} = \hbar",
        r"\frac{\partial Q}{\partial w_1} = \begin{tabular} x \end{tabular}",
        r"\frac{\partial Q}{\partial w_1} = x_{i,,}",
        r"\frac{\partial Q}{\partial w_1} = ",
        r"\frac{\partial Q}{\partial w_1} \approx x_i",
        r"\frac{\partial Q}{\partial w_1} = unknown(x)",
    ],
)
def test_a_line_that_is_not_read_is_answered_in_russian(line: str) -> None:
    marking = verify(Network.load("one_hidden_layer"), f"$$ {line} $$")
    lines = marking.to_dict("ru")["lines"]
    unread = [found for found in lines if found["verdict"] == "not understood"]
    assert unread
    assert all(re.search("[а-яё]{3}", found["note"].partition(": ")[2]) for found in unread), unread
