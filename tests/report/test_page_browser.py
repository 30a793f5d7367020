"""The report's page in Debian's Chromium."""

from __future__ import annotations

import shutil

import pytest

from codegen.report import Options, content, texts
from symbolic.network.network import Network

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/run installs Debian's"),
]
UNFOLD = "for (const one of document.querySelectorAll('details')) one.open = true"


@pytest.mark.parametrize("name", ["one_hidden_layer", "scalar_graph", "attention", "mixture_density", "lstm"])
def test_a_phone_scrolls_long_formulas_and_never_the_page(name, tmp_path):
    (text,) = texts(content(Network.load(name)), Options("html", lang="ru")).values()
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto((tmp_path / "page.html").as_uri())
        folded = page.evaluate("document.scrollingElement.scrollWidth")
        page.evaluate(UNFOLD)
        unfolded = page.evaluate("document.scrollingElement.scrollWidth")
        browser.close()
    assert (folded, unfolded) == (390, 390)
