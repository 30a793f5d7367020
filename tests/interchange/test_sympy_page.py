"""The page for people who come from SymPy does what it says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "symbolic" / "interchange" / "README.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_every_example_of_the_page_runs():
    text = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    complaints: list[str] = []
    found = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=complaints.append)
    assert found.attempted > 20
    assert not complaints, "".join(complaints)
