"""The pages in Debian's Chromium, as a reader has them: pointer, keyboard, phone, print, a server that goes away."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/run installs Debian's"),
]
#: A busy machine with two workers: milliseconds until something that must come has come.
WAIT = 60_000
RIGHT = r"\[ \frac{\partial Q}{\partial w} = \sum_{i=1}^N -2(y_i - p_i) p_i (1 - p_i) x_i \]"
WRONG = RIGHT.replace("-2", "2")
EDITED = 'name = "mine"\nloss = "squared"\n[inputs]\nx = 2\n[nodes.p]\ninputs = ["x"]\nwidth = 1\nactivation = "tanh"\n'


def started() -> tuple[subprocess.Popen[str], str]:
    """A server of its own on a free port, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "codegen", "serve", "--port", "0", "--seconds", "120"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    address = re.search(r"http://\S+", process.stdout.readline())
    assert address, "the server says where it is"
    return process, address[0].rstrip("/")


def stopped(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(20)
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    process, address = started()
    yield address
    stopped(process)


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def visit(browser, site):
    """Open a path; whatever the console says, and every request to another host, is a failure at the end."""
    contexts, said, strangers = [], [], []

    def opened(path: str = "/derive/one_hidden_layer?lang=en", **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request", lambda r: strangers.append(r.url) if not r.url.startswith((site, "blob:", "data:")) else None
        )
        page.goto(site + path)
        if "/derive" in path:
            page.wait_for_selector("#equations .linkable")
            page.wait_for_selector(".code .linkable")
        return page

    opened.said = said  # type: ignore[attr-defined]
    yield opened
    for context in contexts:
        context.close()
    assert not strangers
    assert not [one for one in said if "status of 4" not in one and "ERR_CONNECTION_REFUSED" not in one]


def lit(page, selector: str) -> int:
    return page.locator(f"{selector} .lit, {selector}.lit").count()


def link_of(page, key: str):
    return page.locator(f'#equations [data-key="{key}"]').first


def write(page, text: str) -> None:
    page.fill("#text", "")
    page.locator("#text").press_sequentially(text)


def mark_is(page, name: str, number: int = 1) -> None:
    page.wait_for_selector(f'.mark-line.{name}[data-number="{number}"]')


def test_hover_lights_formula_code_and_graph(visit):
    page = visit()
    link_of(page, "v:z").hover()
    page.wait_for_selector("#graph g.lit")
    assert lit(page, "#equations") > 3
    assert page.locator(".code .row.lit").count() == 1, "the line that defines it"
    assert page.locator(".code .row.reads").count() == 3, "and those that read it"
    assert "z" in page.locator("#pinned").inner_text()
    link_of(page, "v:w_1").hover()
    page.wait_for_selector('#graph g.lit[data-key~="v:w_1"]', state="attached")
    assert page.locator(".code .row.reads").count() > 0


def test_focus_does_what_hover_does(visit):
    page = visit()
    page.locator("#equations .stop").first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".code .row.lit")
    assert page.locator("#graph g.lit").count() > 0


def test_pin_and_escape(visit):
    page = visit()
    link_of(page, "v:z").click()
    page.mouse.move(5, 5)
    assert lit(page, "#equations") > 0
    assert page.locator("#pinned").is_visible()
    page.keyboard.press("Escape")
    assert lit(page, "#equations") == 0
    assert page.locator("#pinned").is_hidden()


@pytest.mark.parametrize("name", ["one_hidden_layer", "scalar_graph"])
def test_every_key_lights_all_three_media(visit, name):
    page = visit(f"/derive/{name}?lang=en")
    dead = page.evaluate(
        """() => {
          const keys = (e, n) => (e.getAttribute(n) ?? "").split(" ").filter(Boolean);
          const has = (s, key) => [...document.querySelectorAll(s)].some(
            (e) => keys(e, "data-key").includes(key) || keys(e, "data-uses").includes(key));
          const found = new Set([...document.querySelectorAll("math .linkable")].flatMap((e) => keys(e, "data-key")));
          if (found.size < 8) return ["too few links"];
          return [...found].filter((key) => !(has("#graph g", key) && has(".code .row", key) && has("math *", key)));
        }"""
    )
    assert dead == []


def test_spec_error_keeps_the_old_result(visit):
    page = visit()
    page.click("#spec-fold summary")
    page.fill("#spec", page.input_value("#spec").replace('width = "J"', 'widht = "J"'))
    page.wait_for_selector("#spec-error:not([hidden])")
    assert "did you mean width" in page.inner_text("#spec-error")
    assert page.locator("#results.old #equations").count() == 1
    assert page.locator("#spec-fold .backdrop .slip").inner_text() == 'widht = "J"'
    page.fill("#spec", EDITED)
    page.wait_for_selector("#results:not(.old)")
    page.wait_for_selector("#spec-error", state="hidden")
    assert page.input_value("#network") == ""


def test_typing_a_minus_mends_the_line(visit):
    page = visit("/mark/one_neuron?lang=en")
    write(page, WRONG)
    mark_is(page, "wrong")
    place = WRONG.index("2(y")
    page.evaluate(f"document.querySelector('#text').setSelectionRange({place}, {place})")
    page.keyboard.type("-")
    mark_is(page, "right")
    assert "Every line is right" in page.inner_text("#summary")


def test_underline_stands_under_the_wrong_token(visit):
    page = visit("/mark/one_neuron?lang=en")
    write(page, WRONG)
    page.wait_for_selector(".backdrop .slip")
    assert page.locator(".backdrop .slip").first.inner_text() == "2"
    offset = page.evaluate(
        """() => {
          const type = (e) => { const c = getComputedStyle(e); return [c.font, c.padding, c.lineHeight].join(); };
          return type(document.querySelector("#text")) === type(document.querySelector("#h-text ~ .editor .backdrop"));
        }"""
    )
    assert offset


def test_no_red_while_typing(visit):
    page = visit("/mark/one_neuron?lang=en")
    page.evaluate(
        """() => { window.reds = 0; window.last = 0;
          document.querySelector("#text").addEventListener("input", () => { window.last = performance.now(); });
          new MutationObserver(() => {
            const red = document.querySelector(".mark-line.wrong, .m-wrong");
            if (red && performance.now() - window.last < 900) window.reds++;
          }).observe(document.body, { subtree: true, childList: true, attributes: true }); }"""
    )
    for piece in re.findall(r".{1,6}", WRONG):
        page.locator("#text").press_sequentially(piece)
        page.wait_for_timeout(120)
    mark_is(page, "wrong")
    assert page.evaluate("window.reds") == 0


def test_burst_sends_one_last_request(visit):
    page = visit("/mark/one_neuron?lang=en")
    page.wait_for_timeout(300)
    asked = []
    page.on("request", lambda r: asked.append(r.url) if r.url.endswith("/mark") and r.method == "POST" else None)
    page.locator("#text").press_sequentially(RIGHT, delay=5)
    mark_is(page, "right")
    assert len(asked) <= 3


def test_unread_command_is_named_in_place(visit):
    page = visit("/mark/one_neuron?lang=en")
    write(page, RIGHT.replace(" x_i", r" \foo x_i"))
    mark_is(page, "unread")
    page.wait_for_selector(".backdrop .slip")
    assert page.locator(".backdrop .slip").first.inner_text().startswith(r"\foo")
    assert r"\foo" in page.inner_text(".mark-line.unread .sentence")


def test_take_the_repair_and_undo(visit):
    page = visit("/mark/one_neuron?lang=en")
    write(page, WRONG)
    page.click(".mark-line .repair button")
    mark_is(page, "right")
    assert page.input_value("#text") != WRONG
    page.focus("#text")
    page.keyboard.press("Control+z")
    assert page.input_value("#text") == WRONG


def test_repeated_line_is_no_step(visit):
    page = visit("/mark/one_neuron?lang=en")
    line = RIGHT.split("= \\sum")[1].removesuffix("\\]")
    write(page, RIGHT.replace("\\]", f"= \\sum{line}\\]"))
    mark_is(page, "unchanged", 2)
    assert "no step" in page.inner_text('.mark-line[data-number="2"]')


def exercise_link(page) -> str:
    """The link that a teacher gives away."""
    page.wait_for_selector(".sheet-line.chosen")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#share")
    page.wait_for_selector("#share:text-is('copied')")
    return page.evaluate("navigator.clipboard.readText()")


def test_exercise_link_opens_on_another_machine(visit, site):
    link = exercise_link(visit("/exercise/one_neuron?lang=en"))
    page = visit(link.removeprefix(site))
    page.wait_for_selector(".sheet-line.blank input")
    assert page.locator("#teacher").is_hidden()
    number = int(page.locator(".sheet-line.blank").first.get_attribute("data-number"))
    answers = page.evaluate(
        """async () => {
          const asked = { method: "POST", headers: { "Content-Type": "application/json" } };
          asked.body = JSON.stringify({ spec: "one_neuron", blanks: [] });
          return (await (await fetch("/api/v1/exercise", asked)).json()).lines.map((line) => line.latex);
        }"""
    )
    field = page.locator(".sheet-line.blank input").first
    field.fill("3 + ")
    page.wait_for_selector(".state.not-read")
    field.fill(answers[number - 1])
    page.wait_for_selector(".state.right")
    assert page.inner_text("#progress").startswith("1 of ")


def test_answers_are_not_in_the_link(visit):
    from codegen.web.addresses import state

    link = exercise_link(visit("/exercise/one_neuron?lang=en"))
    found = state(link.partition("#")[2])
    assert set(found) == {"spec", "wrt", "blanks", "hints", "title"}
    assert "frac" not in str(found)


def test_copy_latex(visit):
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#derivation .copy").first.click()
    page.wait_for_selector("#derivation .copy:text-is('copied')")
    assert page.evaluate("navigator.clipboard.readText()").startswith("\\begin{align*}")


def test_downloads(visit):
    page = visit()
    for kind, sign in (("tex", "align*"), ("py", "class Objective"), ("html", "<!doctype html>"), ("toml", "[inputs]")):
        with page.expect_download() as waiting:
            page.select_option("#download", kind)
        path = waiting.value.path()
        assert waiting.value.suggested_filename == f"one_hidden_layer.{kind}"
        assert sign in path.read_text(encoding="utf-8")


def test_curve_on_hover(visit):
    page = visit()
    page.fill("#train [name=epochs]", "60")
    page.click("#train button")
    page.wait_for_selector(".curve-card svg")
    page.locator(".curve-card svg").hover()
    assert re.match(r"epoch \d+: Q = ", page.inner_text(".curve-card figcaption"))
    assert page.locator(".run canvas").count() == 1


@pytest.mark.parametrize("path", ["/derive/one_hidden_layer", "/mark/one_neuron", "/exercise/one_neuron", "/api"])
def test_390_px_has_no_sideways_scroll(visit, path):
    page = visit(f"{path}?lang=ru", viewport={"width": 390, "height": 844}, has_touch=True)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_dark_and_print(visit):
    page = visit(color_scheme="dark")
    light = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(light) == "rgb(20, 23, 27)"
    page.emulate_media(media="print")
    assert page.evaluate(light) == "rgb(255, 255, 255)"
    assert page.locator(".bar").first.is_hidden()
    assert page.locator("#derivation .line").first.is_visible()


def test_tab_order_and_one_stop_per_list(visit):
    page = visit()
    stops = page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input, textarea, summary, [tabindex]")]
          .filter((e) => e.closest("main") && e.id !== "content" && e.tabIndex >= 0 && e.checkVisibility())
          .map((e) => (e.closest("[data-roving]") ? "list" : e.tagName))"""
    )
    assert stops.count("list") == 2  # the derivation, the equations
    assert len(stops) < 29
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_status_is_polite(visit):
    page = visit("/mark/one_neuron?lang=en")
    assert page.locator("[aria-live=assertive], [role=alert]").count() == 0
    assert page.locator("#summary").get_attribute("role") == "status"


def test_mathml_in_the_accessibility_tree(visit):
    page = visit()
    session = page.context.new_cdp_session(page)
    roles = {node["role"]["value"] for node in session.send("Accessibility.getFullAXTree")["nodes"] if "role" in node}
    assert {"MathMLFraction", "MathMLIdentifier"} <= roles
    assert page.locator("summary math, button math, [role=math]").count() == 0


def test_no_script_from_text(visit):
    page = visit("/mark/one_neuron?lang=en")
    write(page, r"\[ <img src=x onerror=alert(1)> = <script>alert(2)</script> \]")
    page.wait_for_selector(".mark-line")
    assert page.locator("main img, main script, main [onerror]").count() == 0
    page = visit()
    page.click("#spec-fold summary")
    page.fill("#spec", EDITED.replace("mine", "<img src=x onerror=alert(1)>"))
    page.wait_for_selector("#spec-error:not([hidden])")
    assert page.locator("main img").count() == 0


def test_no_third_party_request(visit):
    """The fixture counts every request to another host."""
    for path in ("/derive/one_neuron", "/mark", "/exercise", "/api"):
        visit(path).wait_for_timeout(300)


def test_console_is_silent(visit):
    for path in ("/derive/one_neuron", "/mark", "/exercise/one_neuron", "/api"):
        visit(path).wait_for_timeout(800)
    assert visit.said == []


def test_server_stopped_keeps_the_text(browser):
    process, address = started()
    try:
        page = browser.new_context().new_page()
        page.set_default_timeout(WAIT)
        page.goto(f"{address}/mark/one_neuron?lang=en")
        write(page, RIGHT)
        mark_is(page, "right")
        stopped(process)
        page.locator("#text").press_sequentially(" ")
        page.wait_for_selector("#summary:has-text('No answer')")
        assert page.input_value("#text") == RIGHT + " "
        assert page.evaluate("localStorage.getItem('chainrule:mark:one_neuron')") == RIGHT + " "
        page.context.close()
    finally:
        if process.poll() is None:
            stopped(process)


def test_russian_has_no_english_sentence(visit):
    names = {
        "chainrule",
        "English",
        "Copy",
        "LaTeX",
        "NumPy",
        "TOML",
        "Bishop",
        "API",
        "xor",
        "adam",
        "sgd",
        "momentum",
    }
    for path in ("/derive/one_hidden_layer?lang=ru", "/mark/one_neuron?lang=ru", "/exercise/one_neuron?lang=ru"):
        page = visit(path)
        page.wait_for_timeout(600)
        shown = page.evaluate(
            """() => { const copy = document.body.cloneNode(true);
              for (const e of copy.querySelectorAll("math, code, pre, option, script, textarea")) e.remove();
              return copy.textContent; }"""
        )
        sentences = re.findall(r"[A-Za-z]{3,}(?: [A-Za-z]{2,}){2,}", shown)
        assert not [s for s in sentences if not set(s.split()) & names], sentences
