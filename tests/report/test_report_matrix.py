"""Every built-in network in every format and language; minutes long, so it runs only when asked: ``-m slow``."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from rarely import small_specs
from reading import Page, links, targets

from codegen.report import FORMATS, Options, content, tex, texts
from codegen.report.sheet import unconfirmed
from symbolic.network.network import Network

pytestmark = pytest.mark.slow
LANGUAGES = ("en", "ru")


@pytest.fixture(scope="module", params=small_specs())
def shown(request):
    return content(Network.load(request.param))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("format", FORMATS)
def test_every_network_is_written_in_every_format_and_language(shown, format, lang, tmp_path):
    blanks = "last" if format in ("moodle", "notebook") else ""
    (text,) = texts(shown, Options(format, lang, blanks=blanks)).values()
    match format:
        case "moodle":
            assert ElementTree.fromstring(text).tag == "quiz"
        case "notebook":
            assert json.loads(text)["nbformat"] == 4
        case "html":
            page = Page(text)
            assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
        case "tex":
            assert links(text) <= set(targets(text))
        case _:
            path = tmp_path / "report.tex"
            path.write_text(text, encoding="utf-8")
            assert tex.typeset(path, str(tex.engine("pdflatex"))).overfull(2.0) == []


@pytest.mark.parametrize("notation", ["lecture", "bishop"])
@pytest.mark.parametrize("name", ["one_hidden_layer", "layer_norm"])
def test_xelatex_and_the_other_notation_keep_the_margins_too(name, notation, tmp_path):
    found = content(Network.load(name), notation)
    path = tmp_path / "report.tex"
    path.write_text(texts(found, Options("pdf", "ru", notation))[".ru.tex"], encoding="utf-8")
    assert tex.typeset(path, str(tex.engine("xelatex"))).overfull(2.0) == []


@pytest.mark.parametrize("notation", ["lecture", "bishop"])
@pytest.mark.parametrize("name", ["mlp_classifier", "scalar_graph"])
def test_verify_marks_the_key_of_a_sheet_correct(name, notation):
    assert unconfirmed(content(Network.load(name), notation)) == []
