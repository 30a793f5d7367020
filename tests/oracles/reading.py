"""Reading what reports are written in: links of LaTeX, elements of a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: Elements without an end.
VOID = {"meta", "br", "mspace", "path", "circle", "rect", "polyline"}


class Page(HTMLParser):
    """A page taken apart: its ids, where its links lead, its text, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def targets(tex: str) -> list[str]:
    """Where links of a LaTeX document may lead."""
    return re.findall(r"\\chainruletarget\{([^}]+)\}", tex)


def links(tex: str) -> set[str]:
    """Where its links do lead, those of the reasons too."""
    return {
        *re.findall(r"\\chainrulelink\{([^}#]+)\}", tex),
        *(f"rule:{name}" for name in re.findall(r"\\chainrulewhy\{([a-z-]+)\}", tex)),
    }


def normal(text: str) -> str:
    """A formula without white space, growing parentheses and alignment; one token has no braces of its own."""
    text = re.sub(r"\\left|\\right(?!arrow)|\\,|&|\\\\$", "", text)
    text = re.sub(r"([_^])\{(\w|\\[A-Za-z]+)\}", r"\1\2", text)
    return re.sub(r"\s+", "", text)
