"""The page for a browser: well formed, self-contained, foldable, in both colours, and safe."""

from __future__ import annotations

import re

import pytest
from reading import Page

from codegen.report import Options, content, texts
from codegen.report.blocks import Chain
from symbolic.network.network import Network
from symbolic.notation.latex import draw as latex


@pytest.fixture(scope="module")
def shown():
    return content(Network.load("one_hidden_layer"))


def written(shown, **options) -> str:
    (text,) = texts(shown, Options("html", **options)).values()
    return text


@pytest.fixture(scope="module")
def page(shown):
    return written(shown)


def test_every_element_is_closed_and_every_link_leads_somewhere(page):
    found = Page(page)
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert all(link.startswith("#") for link in found.links)


def test_nothing_comes_from_a_network_and_nothing_runs(page):
    found = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(found.tags)
    assert not any(name.startswith("on") for name, _ in found.attributes)
    assert not any(name in ("src", "srcset", "data", "action") for name, _ in found.attributes)
    assert "default-src 'none'" in page
    urls = re.findall(r"(?:https?:)?//[a-z][^\s\"'<]*", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    assert set(urls) <= {"http://www.w3.org/1999/xhtml"}
    assert "url(" not in re.sub(r"url\(#head-\w+\)", "", page)


def test_steps_unfold_on_a_click_and_show_their_rule(page, shown):
    scheme = next(one for one in shown.laws if isinstance(one, Chain))
    found = (*shown.slopes, *shown.derivations, scheme, *shown.errors)
    chains, steps = len(found), sum(len(one.equation.right) for one in found)
    assert page.count('<details class="steps"') == chains
    assert page.count('<details class="inner"') == steps
    assert "derivative of a composition (R" in Page(page).text
    assert "proved exactly" in page


def test_formulas_are_mathml_and_drawings_svg(page):
    tags = Page(page).tags
    assert tags.count("math") > 80
    assert tags.count("svg") == 5, "the graph twice, the neurons, σ with its slope, the errors of differences"
    assert "munderover" in tags


def test_no_formula_stands_where_a_screen_reader_hears_none(page):
    summaries = re.findall(r"<summary>(.*?)</summary>", page, flags=re.DOTALL)
    assert summaries
    assert not [text for text in summaries if "<math" in text]


def test_what_belongs_together_is_lit_together_without_a_script(shown):
    """The equation of E_z, its line of NumPy, its derivation and its node carry one key, and a rule lights them."""
    keyed = written(content(shown.network, keyed=True))
    assert ':root:has([data-key~="e:z"]:is(:hover, :focus-visible)) [data-key~="e:z"]' in keyed
    places = ('<div class="equation" id="equation-12"', '<div class="code-row"', '<div class="chain"', "<g", "<mrow")
    for place in places:
        assert re.search(rf'{place}[^>]* data-key="(?:[^"]* )?e:z[" ]', keyed), place
    found = Page(keyed)
    assert len(found.ids) == len(set(found.ids))
    assert "e:w_1/chain/3" in found.ids, "a line has the identifier that it has in JSON"


def test_keys_change_no_formula(shown):
    keyed, plain = content(shown.network, keyed=True), shown
    for one, other in zip(keyed.matrices, plain.matrices, strict=True):
        assert [latex(part) for part in one[:2]] == [latex(part) for part in other[:2]]


def test_russian_is_set_in_typefaces_that_have_it(shown):
    style = written(shown, lang="ru").partition("<style>")[2].partition("</style>")[0]
    (fonts,) = re.findall(r":lang\(ru\) body { font-family: (.*?); }", style)
    assert "Latin Modern" not in fonts


def test_both_colours_are_declared(page):
    assert 'name="color-scheme" content="light dark"' in page
    assert "@media (prefers-color-scheme: dark)" in page


def test_equations_and_lines_of_code_lead_to_each_other(page, shown):
    ids = Page(page).ids
    cited = {number for line in shown.code for number in line.cites}
    assert len(cited) > 10
    for number in cited:
        assert f"line-{number}" in ids
        assert f"equation-{number}" in ids


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", 'a" onload="x', "a_b & 50%", r"\input{/etc/passwd}"])
def test_a_title_comes_out_as_text(shown, title):
    found = Page(written(shown, title=title))
    assert title in found.text
    assert "script" not in found.tags
    assert "onload" not in dict(found.attributes)


def test_the_russian_page_is_russian(shown):
    text = written(shown, lang="ru")
    assert '<html lang="ru">' in text
    for english in ("derivative of", "proved", "becomes", "Rules used", "random point", "relative error"):
        assert english not in text
    assert "доказано точно" in text


def test_bishops_letters_are_used_on_the_page(shown):
    bishop = content(shown.network, "bishop")
    assert Page(written(bishop, notation="bishop")).text.count("δ") > 5
