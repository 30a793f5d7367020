r"""Fragments: two of them stand in one document of LaTeX's own article at 11 pt, and nothing runs over its margins."""

from __future__ import annotations

import re

import pytest

from codegen.cli import main
from codegen.report import Choice, Options, content, tex, texts
from codegen.report.document import SECTIONS
from symbolic.errors import SpecError
from symbolic.network.network import Network

needs_tex = pytest.mark.skipif(tex.engine() is None, reason="no TeX")
_WANTED = r"\\usepackage(?:\[[^]]*\])?\{[^}]+\}|\\usetikzlibrary\{[^}]+\}|\\pgfplotsset\{[^}]+\}"


def fragment(name: str, **options) -> str:
    chosen = Options(fragment=True, **options)
    (text,) = texts(content(Network.load(name), choice=chosen.choice), chosen).values()
    return text


def own(*fragments: str, layout: str = "") -> str:
    """A document of one's own that has what a fragment says it wants, and nothing else."""
    packages = re.findall(_WANTED, fragments[0])
    head = [r"\documentclass[11pt]{article}\usepackage[T1]{fontenc}", layout, *packages, r"\begin{document}"]
    return "\n".join([*head, *fragments, r"\end{document}"])


@needs_tex
@pytest.mark.slow
def test_two_fragments_stand_in_an_article_within_its_margins_and_without_a_target_twice(tmp_path):
    path = tmp_path / "own.tex"
    path.write_text(own(fragment("one_neuron"), fragment("one_hidden_layer")), encoding="utf-8")
    done = tex.typeset(path, str(tex.engine()))
    assert done.overfull(2.0) == []
    assert "destination with the same identifier" not in done.log
    assert "name{" not in "".join(re.findall(r"pdfTeX warning.*", done.log))


@needs_tex
@pytest.mark.slow
def test_a_fragment_keeps_to_the_width_it_is_given(tmp_path):
    path = tmp_path / "own.tex"
    layout = r"\usepackage[textwidth=105mm]{geometry}"
    sections = ("network", "derivation", "backpropagation", "matrices", "gradients")
    path.write_text(own(fragment("scalar_graph", width=105.0, sections=sections), layout=layout), encoding="utf-8")
    assert tex.typeset(path, str(tex.engine())).overfull(2.0) == []


def test_a_page_may_end_inside_a_derivation():
    assert r"\allowdisplaybreaks" in fragment("one_neuron")


def test_a_report_has_the_sections_that_are_chosen_and_no_link_into_those_that_are_not():
    shown = content(Network.load("one_neuron"))
    for section in SECTIONS:
        (text,) = texts(shown, Options(sections=(section,))).values()
        assert text.count(r"\section{") == (section not in ("numbers", "steps"))
        targets = set(re.findall(r"\\chainruletarget\{([^}]+)\}", text))
        links = set(re.findall(r"\\chainrulelink\{([^#}]+)\}", text))
        links |= {f"rule:{name}" for name in re.findall(r"\\chainrulewhy\{([a-z-]+)\}", text)}
        assert links <= targets


def test_the_catalogue_of_optimizers_and_the_optimised_program_come_on_request():
    shown = content(Network.load("one_neuron"))
    (plain,), (whole,) = (texts(shown, Options(sections=s)).values() for s in ((), SECTIONS))
    for asked in ("Adagrad", "def functions"):
        assert asked not in plain
        assert asked in whole


def test_plain_numpy_stands_beside_the_equation_of_each_line():
    shown = content(Network.load("one_neuron"))
    (text,) = texts(shown, Options()).values()
    rows = re.findall(r"\\texttt\{(.*?)\} & \\rule\{0pt\}\{\w+\}(\\chainrulelink.*?) \\\\\[", text)
    cited = [line for line in shown.code if line.cites]
    beside = {line.text.split("=")[0].strip(): formula for line, (_, formula) in zip(cited, rows, strict=True)}
    assert r"$p_i = \sigma(a_{p,i})$" in beside["p"]
    assert r"$E_{p_i} = -2(y_i - p_i)$" in beside["E_p"]


def test_the_table_of_notation_has_what_the_chosen_sections_speak_of():
    shown = content(Network.load("one_hidden_layer"))
    short, long = (
        next(iter(texts(shown, Options(sections=("notation", *more))).values())) for more in ((), ("backpropagation",))
    )
    assert "weighted sum" not in short
    assert "error of" not in short
    assert "weighted sum" in long
    assert "error of" in long


def test_the_derivation_comes_before_the_tables():
    (text,) = texts(content(Network.load("one_neuron")), Options()).values()
    places = [text.index(rf"\section{{{title}}}") for title in ("Derivation", "Notation", "Rules used")]
    assert places == sorted(places)


def test_lemmas_are_full_short_or_only_cited():
    lines = {}
    for lemmas in ("full", "short", "cite"):
        shown = content(Network.load("one_neuron"), choice=Choice(lemmas=lemmas))
        lines[lemmas] = [len(chain.equation.right) for chain in shown.slopes]
    assert lines == {"full": [7], "short": [1], "cite": []}


def test_a_report_derives_what_is_chosen_in_the_form_that_is_chosen():
    shown = content(Network.load("one_hidden_layer"), choice=Choice(("w_1",), "backprop", "rule"))
    (chain,) = shown.derivations
    assert chain.derivation.wrt == "w_1"
    assert chain.derivation.form == "backprop"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sections", "network,poems"], "there is no 'poems'"),
        (["--width", "100"], "together with --fragment"),
        (["--fragment", "--width", "10"], "are needed"),
        (["--wrt", "q"], "is no parameter"),
    ],
)
def test_a_choice_that_there_is_not_is_one_line(tmp_path, capsys, options, said):
    assert main(["report", "one_neuron", "-o", str(tmp_path / "out"), *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_an_unknown_choice_of_lemmas_is_refused_by_name():
    with pytest.raises(SpecError, match="full, short, cite"):
        Choice(lemmas="some")
