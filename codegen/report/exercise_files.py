"""Exercises for a course: questions for Moodle, a notebook that marks itself, a page for a browser."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from html import escape
from typing import Any

from codegen.report.content import Content
from codegen.report.exercise import BOX, Item
from codegen.version import VERSION
from symbolic import words
from symbolic.marking.show.drawn import formula
from symbolic.network.network import Network
from symbolic.notation.latex import draw
from symbolic.notation.mathml import math
from symbolic.words import Language, Text

_ASKED = Text("What stands in the box?", "Что стоит в рамке?")
_NEXT = Text("Which line follows?", "Какая строка следует?")
_RIGHT = Text("Right.", "Верно.")
_ANSWER = Text("answer", "ответ")
_WRITE = Text("Write the line in LaTeX.", "Запишите строку в LaTeX.")
_FILL = Text(
    "Write each answer in LaTeX between the quotes and run the cell: it is marked at once.",
    "Впишите каждый ответ в LaTeX между кавычками и выполните ячейку: он проверяется сразу.",
)
_NETWORK = Text("The network", "Сеть")


def moodle(content: Content, found: Sequence[Item], lang: Language, title: str) -> str:
    """Moodle XML: a question for each blank, of choices where wrong ones were found, else with a text to be graded."""
    questions = [_question(content, item, lang, title) for item in found if item.hidden]
    category = (
        f'<question type="category"><category><text>{_xml(f"$course$/{_named(title)}")}</text></category></question>'
    )
    body = "\n".join([category, *questions])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n<!-- chainrule {VERSION} -->\n{body}\n</quiz>\n'


def _named(title: str) -> str:
    """A category's name; a slash would begin another one."""
    return " ".join(title.replace("/", "-").split())


def _xml(text: str) -> str:
    return escape("".join(char for char in text if char in "\n\t" or ord(char) >= 32), quote=True)


def _html(text: str) -> str:
    """A text of HTML inside XML."""
    return f'format="html"><text>{_xml(text)}</text>'


def _tex(latex: str) -> str:
    return escape(rf"\({latex}\)", quote=False)


def _stem(content: Content, item: Item, lang: Language) -> str:
    network = "".join(f"<p>{_tex(f'{draw(left)} = {draw(right)}')}</p>" for left, right in content.definitions)
    before = "" if item.first else f" = {item.before}"
    asked = (_NEXT if item.shown == BOX else _ASKED).text(lang)
    reason = f"<p>{escape(item.reason, quote=False)}</p>" if item.reason else ""
    return f"{network}<p>{_tex(f'{item.goal}{before} = {item.shown}')}</p>{reason}<p>{asked}</p>"


def _question(content: Content, item: Item, lang: Language, title: str) -> str:
    name = f"<name><text>{_xml(f'{title}: {item.number}')}</text></name>"
    stem = f"<questiontext {_html(_stem(content, item, lang))}</questiontext>"
    if not item.choices:
        asked = f"<p>{_tex(item.answer)}</p>"
        return (
            f'<question type="essay">{name}{stem}<defaultgrade>1</defaultgrade>'
            f"<responseformat>plain</responseformat><graderinfo {_html(asked)}</graderinfo></question>"
        )
    answers = [_choice(item.among, 100, _RIGHT.text(lang))]
    answers += [_choice(choice.latex, 0, choice.said(lang)) for choice in item.choices]
    return (
        f'<question type="multichoice">{name}{stem}<defaultgrade>1</defaultgrade><single>true</single>'
        f"<shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>{''.join(answers)}</question>"
    )


def _choice(latex: str, grade: int, said: str) -> str:
    feedback = f"<feedback {_html(escape(said, quote=False))}</feedback>"
    return f'<answer fraction="{grade}" {_html(f"<p>{_tex(latex)}</p>")}{feedback}</answer>'


def notebook(content: Content, found: Sequence[Item], lang: Language, title: str, answers: bool = False) -> str:
    """A Jupyter notebook: the lines as text, a cell for each blank, marked by ``chainrule`` where it is run."""
    network = "\n".join(f"$${draw(left)} = {draw(right)}$$" for left, right in content.definitions)
    cells = [
        _markdown(f"# {_plain(title)}\n\n{_FILL.text(lang)}\n\n## {_NETWORK.text(lang)}\n\n{network}"),
        _code(_SETUP.format(spec=repr(_spec(content.network)), lang=lang)),
    ]
    for item in found:
        left = f"{item.goal} = " if item.first else "= "
        shown = item.shown if item.hidden else item.right
        cells.append(_markdown(f"({item.number}) $\\displaystyle {left}{shown}$ {_plain(item.reason)}"))
        if item.hidden:
            given = item.answer if answers else ""
            before = item.goal if item.first else f"{item.goal} = {item.before}"
            cells.append(_code(f"check({before!r}, {item.shown!r}, answer={given!r})"))
    book = {
        "cells": cells,
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    for number, cell in enumerate(cells):
        cell["id"] = f"line-{number}"
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


_SETUP = """import chainrule

network = chainrule.Network.from_dict({spec})


def check(before, shown, answer):
    line = answer if shown == r"\\square" else shown.replace(r"\\square", f"({{answer}})")
    if not answer.strip():
        return "…"
    marking = chainrule.verify(network, f"$$ {{before}} = {{line}} $$", "first")
    found = marking.lines[-1].to_dict("{lang}")
    return found["verdict"], found.get("diagnosis", found.get("note", found.get("rule", "")))"""


def _spec(network: Network) -> dict[str, Any]:
    return network.to_dict()


def _plain(text: str) -> str:
    """Words in Markdown, where nothing in them means anything."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()#+!<>|$" else char for char in text)


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }


def webpage(content: Content, found: Sequence[Item], lang: Language, title: str, answers: bool = False) -> str:
    """A page without scripts: lines and blanks, choices where wrong ones were found; answers unfold in the key."""
    network = "".join(
        f"<p>{math(left)} <math><mo>=</mo></math> {math(right)}</p>" for left, right in content.definitions
    )
    rows = "".join(_line(item, lang, answers) for item in found)
    name = escape(title)
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{name}</title><style>{_STYLE}</style><h1>{name}</h1><p>{words.SHEET_TASK.text(lang)}</p>"
        f"<h2>{_NETWORK.text(lang)}</h2>{network}<h2>{words.DERIVATION.text(lang)}</h2>{rows}</html>\n"
    )


_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    ".line{margin:.8rem 0;overflow-x:auto}.number{display:inline-block;min-width:2rem;opacity:.6}"
    ".why{opacity:.7;font-size:.9em;margin-left:1rem}label{display:block;margin:.2rem 0 .2rem 2rem}"
    ".blank{display:inline-block;border:1px solid;min-width:12rem;height:1.8rem;vertical-align:middle}"
)


def _line(item: Item, lang: Language, answers: bool) -> str:
    left = f"{_drawn(item.goal)} = " if item.first else "= "
    shown = _drawn(item.right) if not item.hidden else _blank(item)
    why = f'<span class="why">{escape(item.reason)}</span>' if item.reason else ""
    more = _offered(item) if item.hidden else ""
    if item.hidden and answers:
        more += f"<details><summary>{_ANSWER.text(lang)}</summary>{_drawn(item.answer)}</details>"
    return f'<div class="line"><span class="number">{item.number}</span>{left}{shown}{why}{more}</div>'


def _blank(item: Item) -> str:
    return '<span class="blank"></span>' if item.shown == BOX else _drawn(item.shown)


def _offered(item: Item) -> str:
    """The choices, the right one among them; where is decided by the line and not by chance."""
    if not item.choices:
        return ""
    offered = [item.among, *(choice.latex for choice in item.choices)]
    random.Random(f"{item.number} {item.right}").shuffle(offered)
    name = f"line-{item.number}"
    return "".join(f'<label><input type="radio" name="{name}"> {_drawn(one)}</label>' for one in offered)


def _drawn(latex: str) -> str:
    drawn = formula(latex)
    return f"<code>{escape(latex)}</code>" if drawn is None else f'<math displaystyle="true">{drawn.mathml}</math>'
