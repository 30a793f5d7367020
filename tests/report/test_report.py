"""The report as LaTeX: everything in it, links that lead somewhere, no text that TeX would act upon."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reading import links, targets

from codegen.cli import main
from codegen.report import Options, content, report, tex, texts, training, write_report
from codegen.report.document import SECTIONS
from codegen.report.graph import MOST_LAYERS, drawing
from codegen.report.sharing import structure
from codegen.report.sheet import unconfirmed
from codegen.report.sheet_lines import chosen, lines
from codegen.report.source import computation
from codegen.report.step_sizes import error_curve
from codegen.targets.numpy.emit import emit
from symbolic import words
from symbolic.derivation.derive import derive
from symbolic.errors import SpecError
from symbolic.network.network import Network
from symbolic.notation.style import LECTURE

needs_tex = pytest.mark.skipif(tex.engine() is None, reason=tex.ADVICE)
LECTURES = "one_hidden_layer"
HOSTILE = ["a_b", "50%", r"\input{/etc/passwd}", "<script>", "x^2 & y#", "{", "~$", "Ёлка"]


@pytest.fixture(scope="module")
def shown():
    return content(Network.load(LECTURES))


@pytest.fixture(scope="module")
def english(shown):
    return texts(shown, Options(sections=SECTIONS))[".tex"]


@pytest.fixture(scope="module")
def russian(shown):
    return texts(shown, Options(lang="ru", sections=SECTIONS))[".ru.tex"]


def deep(layers: int) -> Network:
    """So many equal layers behind each other."""
    nodes: dict[str, dict] = {
        f"z{k}": {"inputs": ["x" if k == 1 else f"z{k - 1}"], "width": "J", "activation": "tanh"}
        for k in range(1, layers + 1)
    }
    nodes["p"] = {"inputs": [f"z{layers}"], "width": 1}
    sizes = {"D": 2, "J": 3}
    return Network.from_dict(
        {"name": "deep", "loss": "squared", "output": "p", "inputs": {"x": "D"}, "nodes": nodes, "sizes": sizes}
    )


def test_a_loss_with_two_targets_says_of_both_that_they_are_given():
    spec = {
        "name": "c", "loss": "L[i] = d[i]*(t[i] - p[i])**2", "inputs": {"x": 2}, "target": {"t": 1, "d": 1},
        "nodes": {"p": {"inputs": ["x"], "width": 1}},
    }  # fmt: skip
    said = [str(one.meaning.words) for one in content(Network.from_dict(spec)).quantities]
    assert said.count(str(words.TARGET)) == 2
    assert said.count(str(words.INPUT)) == 1


# --- what is in it ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_report_has_every_part_in_its_own_language(english, russian, lang):
    text, other = (english, "ru") if lang == "en" else (russian, "en")
    for heading in (
        words.THE_NETWORK,
        words.NOTATION,
        words.THE_OBJECTIVE,
        words.RULES_USED,
        words.DERIVATION,
        words.BACKPROPAGATION_HEADING,
        words.MATRIX_HEADING,
        words.FINAL_GRADIENTS,
        words.CODE_HEADING,
        words.EVIDENCE_HEADING,
        training.HEADING,
    ):
        assert rf"\section{{{heading.text(lang)}}}" in text
        assert rf"{{{heading.text(other)}}}" not in text


def test_the_russian_report_says_nothing_in_english(russian):
    body = russian.split(r"\begin{document}")[1]
    body = "\n".join(line for line in body.splitlines() if not line.startswith(r"\chainrulesource"))
    said = [*vars(words).values(), *vars(training).values()]
    for text in (v for v in said if isinstance(v, words.Text) and v.en != v.ru):
        if " " in text.en and "{" not in text.en:
            assert text.en not in body


def test_the_lectures_terms_are_used(russian):
    for term in ("функция потерь", "Прямой ход", "Обратное распространение ошибки", "производная композиции функций"):
        assert term in russian


def test_the_lectures_formulas_are_there_each_with_its_reason(english):
    assert r"z_i^j &= \sigma(w_{1,j}^T x_i)" in english
    row = r"\sum_{i=1}^N \frac{\partial L}{\partial p} \sum_{s=1}^J \frac{\partial p}{\partial z_s}"
    assert row in english
    assert re.search(
        r"&= \\sum.*&& \\chainrulewhy\{chain-several-inputs\}\{derivative of a composition, several inputs~\(R\d+\)\}",
        english,
    )


def test_every_factor_of_the_matrix_form_has_its_shape(english):
    english = english.replace(r"\,", "")  # what keeps the shapes under neighbours apart
    assert (
        r"\underbrace{\frac{\partial Q}{\partial W_1}}_{J \times D} &= "
        r"\underbrace{E_{A_z}^T}_{J \times N} \underbrace{X}_{N \times D}"
    ) in english
    assert r"\underbrace{b_p}_{1 \times 1} \underbrace{\mathbf{1}}_{N \times 1}" in english


@pytest.mark.parametrize("name", [LECTURES, "layer_norm", "mlp_classifier"])
def test_shapes_of_neighbours_fit(name):
    text = report(Network.load(name)).replace(r"\,", "")
    pairs = re.findall(r"_\{(\w+) \\times (\w+)\} \\underbrace\{[^=&\n]*?\}_\{(\w+) \\times (\w+)\}", text)
    assert pairs
    assert all(columns == rows or "1" in (rows, columns) for _, columns, rows, _ in pairs), pairs


def test_every_rule_is_stated_once_and_every_link_leads_somewhere(english, russian):
    for text in (english, russian):
        found = targets(text)
        assert len(found) == len(set(found)), "a target has one place"
        assert links(text) <= set(found)
        cited = {link for link in links(text) if link.startswith("rule:")}
        assert len(cited) > 5
        assert cited == {target for target in found if target.startswith("rule:")}, "and what is stated is used"


def test_the_steps_have_the_identifiers_of_the_json(english):
    network = Network.load("one_hidden_layer")
    found: Any = derive(network, "w_1").to_dict()
    steps = [step["id"] for step in found["steps"]]
    assert steps[0] == "e:w_1/chain/1"
    assert all(rf"\chainruletarget{{{name}}}{{}}" in english for name in steps)


def test_equations_have_the_numbers_of_the_program_and_lead_there_and_back(english):
    source = "\n".join(computation(emit(Network.load(LECTURES)), "plain"))
    numbers = {int(n) for n in re.findall(r"# \((\d+)\)", source)}
    assert len(numbers) > 10
    for n in numbers:
        assert rf"\tag{{\chainruletarget{{equation:{n}}}{{}}\chainrulelink{{line:{n}}}{{{n}}}}}" in english
        (row,) = re.findall(rf"\\texttt{{[^\n]*\\chainruletarget{{line:{n}}}[^\n]*", english)
        assert rf"\chainrulelink{{equation:{n}}}{{({n})}}" in row


def test_the_drawing_has_forward_arrows_and_backward_errors(english):
    pictures = re.findall(r"\\begin\{tikzpicture\}\[chainrule.*?\\end\{tikzpicture\}", english, re.DOTALL)
    forward, backward = pictures[0], pictures[-1]
    assert forward.count(r"\draw[chainrule forward]") == 4
    assert r"\draw[chainrule error]" not in forward
    assert backward.count(r"\draw[chainrule error]") == 2
    assert "$E_p$" in backward
    assert "$E_z$" in backward


def test_layers_stand_in_the_order_of_computation():
    for name in ("scalar_graph", "layer_norm", "attention"):
        picture = drawing(Network.load(name), LECTURE)
        for arrow in picture.arrows:
            assert picture.place(arrow.source).column <= picture.place(arrow.goal).column
        spots = [(place.column, place.row) for place in picture.places]
        assert len(spots) == len(set(spots)), "no two nodes in one place"


def test_the_error_falls_with_the_step_and_rises_again():
    curve = error_curve(Network.load(LECTURES))
    assert curve is not None
    for points, lowest in ((curve.central, 1e-8), (curve.one_sided, 1e-5)):
        errors = [error for _, error in points]
        best = errors.index(min(errors))
        assert errors[best] < lowest
        assert errors[0] > 100 * errors[best] < errors[-1], "both ends are high: a V"


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_other_notation_is_used_throughout(lang):
    shown = content(Network.load(LECTURES), "bishop")
    for text in (texts(shown, Options(lang=lang, notation="bishop")).values(),):
        (whole,) = text
        assert r"w_{ji}^{(1)}" in whole
        assert r"\delta_{nj}" in whole
        formulas = "\n".join(line for line in whole.splitlines() if not line.startswith(r"\chainrulesource"))
        assert "w_{1,j}" not in formulas


# --- deep networks ------------------------------------------------------------------------------


def test_a_deep_network_shows_one_layer_and_names_those_that_share_it():
    text = report(deep(12))
    assert text.count("The same derivation, with other names, holds for") >= 2
    assert r"\dots" in text
    shorter = len(report(deep(9)).splitlines())
    assert len(text.splitlines()) < shorter + 12, "not every layer is written out"
    assert r"\cdots" in text, "nor drawn"


def test_a_drawing_leaves_out_the_middle_of_a_deep_network():
    picture = drawing(deep(30), LECTURE)
    assert len({place.column for place in picture.places}) <= MOST_LAYERS
    assert [place.kind for place in picture.places].count("gap") == 1


def test_structure_tells_names_from_shape():
    assert structure("E_z[i, j]*w[j, d]") == structure("E_s[i, k]*u[k, l]")
    assert structure("tanh(a[i])") != structure("sigmoid(a[i])"), "functions are no names"
    assert structure("a[i]*b[i]") != structure("a[i]*a[i]")


def test_a_network_with_a_function_that_has_no_formula_is_derived_without_a_program():
    nodes = {"p": {"inputs": ["x"], "width": 1, "activation": "generic"}}
    network = Network.from_dict({"name": "h", "loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": nodes})
    for format in ("tex", "html", "slides"):
        (text,) = texts(content(network), Options(format)).values()
        assert "h" in text
    text = report(network)
    assert str(words.NO_FORMULA) in text
    assert rf"\section{{{words.EVIDENCE_HEADING}}}" not in text


# --- text is text -------------------------------------------------------------------------------


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_comes_out_as_text(shown, title):
    text = texts(shown, Options(title=title))[".tex"]
    assert r"\input" not in text
    heading = re.search(r"\\Large (.*)\}\n\\end\{center\}", text)
    assert heading is not None
    assert not re.search(r"(?<!\\)[%#&$_^~]", heading[1].replace(r"\ensuremath", ""))


@needs_tex
def test_titles_that_look_like_commands_are_set(tmp_path, shown):
    path = tmp_path / "t.tex"
    path.write_text(texts(shown, Options(title=" ".join(HOSTILE), blanks="last"))[".sheet.tex"], encoding="utf-8")
    assert tex.typeset(path, str(tex.engine())).pdf.startswith(b"%PDF")


def test_names_of_nodes_are_set_as_text():
    network = Network.from_dict(
        {
            "name": "a_b",
            "loss": "squared",
            "output": "out_put",
            "inputs": {"input_x": 2},
            "nodes": {"out_put": {"inputs": ["input_x"], "width": 1, "weights": "w_50"}},
        }
    )
    text = report(network)
    assert r"\texttt{a\_b}" in text
    assert not re.search(r"\\texttt\{[^}]*[^\\]_", text)


# --- engines ------------------------------------------------------------------------------------


@needs_tex
@pytest.mark.parametrize(("engine", "lang"), [("pdflatex", "en"), ("xelatex", "ru")])
def test_a_report_is_set_by_either_engine_within_its_margins(tmp_path, english, russian, engine, lang):
    try:
        program = tex.engine(engine)
    except tex.TexError:
        pytest.skip(f"{engine} is not installed")
    path = tmp_path / "report.tex"
    path.write_text(english if lang == "en" else russian, encoding="utf-8")
    assert tex.typeset(path, str(program)).overfull(2.0) == []


@needs_tex
def test_a_fragment_is_read_by_a_document_of_ones_own(tmp_path, shown):
    fragment = texts(shown, Options(fragment=True))[".fragment.tex"]
    assert r"\documentclass" not in fragment
    assert r"\begin{document}" not in fragment
    packages = re.findall(
        r"\\usepackage(?:\[[^]]*\])?\{[^}]+\}|\\usetikzlibrary\{[^}]+\}|\\pgfplotsset\{[^}]+\}", fragment
    )
    own = [
        r"\documentclass[11pt]{article}\usepackage[T1]{fontenc}\usepackage[margin=22mm,a4paper]{geometry}",
        *packages,
        r"\begin{document}",
        fragment,
        r"\end{document}",
    ]
    path = tmp_path / "own.tex"
    path.write_text("\n".join(own), encoding="utf-8")
    assert tex.typeset(path, str(tex.engine())).overfull(2.0) == []


def test_an_engine_that_is_none_is_named_with_those_there_are():
    with pytest.raises(tex.TexError, match=r"'word' is no engine of TeX.*pdflatex, xelatex"):
        tex.engine("word")


def test_an_overfull_box_is_found_in_a_log():
    log = "Overfull \\hbox (12.5pt too wide) in paragraph at lines 3--4\nOverfull \\vbox (1.5pt too high) detected"
    typeset = tex.Typeset(b"", log)
    assert typeset.overfull(2.0) == ["hbox 12.5pt in paragraph at lines 3--4"]
    assert len(typeset.overfull()) == 2


# --- the teaching kit ---------------------------------------------------------------------------


def filled(sheet: str, key: str) -> str:
    """The sheet with every blank replaced by what the key has in that row."""
    answers = {number: formula for formula, number in re.findall(r"&= (.*?) && \\text\{\\key\{(\d+)\}", key)}
    return re.sub(r"(?<== )\\blank\{(\d+)\}", lambda blank: answers[blank[1]], sheet)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_filled_sheet_is_marked_correct_and_its_numbers_are_those_of_the_marking(shown, lang):
    from symbolic.marking import verify

    written = texts(shown, Options(lang=lang, blanks="all", answers=True))
    sheet, key = written.values()
    numbers = [int(n) for n in re.findall(r"= \\blank\{(\d+)\}", sheet)]
    assert numbers == [line.number for line in lines(shown)]
    empty = verify(shown.network, sheet)
    assert [line.number for line in empty.lines if line.verdict == "not understood"] == numbers
    marking = verify(shown.network, filled(sheet, key))
    assert marking.verdict == "correct"
    assert [line.number for line in marking.lines][-1] == numbers[-1]


@pytest.mark.parametrize("notation", ["lecture", "bishop"])
@pytest.mark.parametrize("name", ["one_neuron", "regularized_neuron", LECTURES])
def test_the_key_itself_is_marked_correct(name, notation):
    assert unconfirmed(content(Network.load(name), notation)) == []


def test_a_sheet_says_which_lines_verify_cannot_confirm(shown, monkeypatch):
    monkeypatch.setattr(sys.modules["codegen.report.sheet"], "unconfirmed", lambda content, lang: [5, 7])
    (text,) = texts(shown, Options(blanks="all")).values()
    assert re.search(r"^% These lines verify does not read .*: 5, 7;", text, re.MULTILINE)


def test_a_wrong_answer_is_found_under_its_number(shown):
    from symbolic.marking import verify

    sheet, key = texts(shown, Options(blanks="even", answers=True)).values()
    wrong = filled(sheet, key.replace("-2(y_i - p_i) p_i (1 - p_i) z_i", "2(y_i - p_i) p_i (1 - p_i) z_i"))
    marking = verify(shown.network, wrong)
    assert marking.verdict == "wrong"
    assert marking.first_wrong in {int(n) for n in re.findall(r"= \\blank\{(\d+)\}", sheet)}


def test_lines_to_hide_are_chosen_by_name_or_by_number(shown):
    every = lines(shown)
    numbers = [line.number for line in every]
    first = numbers[0]
    assert chosen("all", every) == set(numbers)
    assert chosen("odd", every) | chosen("even", every) == set(numbers)
    assert not chosen("odd", every) & chosen("even", every)
    assert len(chosen("last", every)) == len(shown.derivations)
    assert chosen(f"{first},{first + 2}-{first + 3}", every) == {first, first + 2, first + 3}
    for wrong in ("some", "1,,2", "-3", f"{numbers[-1] + 1}", "0"):
        with pytest.raises(SpecError, match="blanks: "):
            chosen(wrong, every)


# --- files and options --------------------------------------------------------------------------


def test_files_are_named_for_what_they_are(shown):
    assert list(texts(shown, Options("html"))) == [".html"]
    assert list(texts(shown, Options("html", "ru"))) == [".ru.html"]
    assert list(texts(shown, Options("slides"))) == [".slides.tex"]
    assert list(texts(shown, Options(blanks="all"))) == [".sheet.tex"]
    assert list(texts(shown, Options(blanks="all", answers=True))) == [".sheet.tex", ".key.tex"]
    assert list(texts(shown, Options(answers=True))) == [".key.tex"]


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "html", "--fragment"),
        ("--format", "slides", "--blanks", "all"),
        ("--blanks", "0"),
        ("--blanks", "9999999999"),
        ("--format", "pdf", "--engine", "word"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_one_line_and_write_nothing(tmp_path, capsys, options):
    assert main(["report", "one_neuron", "-o", str(tmp_path / "out"), *options]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["tex", "html", "moodle", "notebook"])
@pytest.mark.parametrize("level", ["factor", "line"])
def test_lines_of_an_exercise_count_from_1_in_every_form(shown, form, level):
    (first,) = texts(shown, Options(form, blanks="1", level=level)).values()
    (every,) = texts(shown, Options(form, blanks="1-2", level=level)).values()
    assert first != every
    with pytest.raises(SpecError, match="there is no line 0 to hide; the lines are 1 to"):
        texts(shown, Options(form, blanks="0", level=level))


def test_a_report_is_the_same_from_run_to_run(english):
    assert report(Network.load(LECTURES)) == report(Network.load(LECTURES))


def test_a_drawing_is_the_same_whatever_the_order_of_sets():
    program = (
        "from codegen.report.graph import drawing; from symbolic.network.network import Network; "
        "from symbolic.notation.style import LECTURE; print(drawing(Network.load('attention'), LECTURE))"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(drawn) == 1


def test_write_report_says_what_it_wrote(tmp_path):
    (path,) = write_report(Network.load("one_neuron"), tmp_path, options=Options("html", "ru"))
    assert path.name == "one_neuron.ru.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_sizes_of_the_command_line_are_the_reports(tmp_path, capsys):
    spec = tmp_path / "free.toml"
    spec.write_text('loss = "squared"\noutput = "p"\ninputs = { x = "D" }\n[nodes.p]\ninputs = ["x"]\nwidth = 1\n')
    assert main(["report", str(spec), "-o", str(tmp_path)]) == 2
    assert "no number for D" in capsys.readouterr().err
    assert main(["report", str(spec), "-o", str(tmp_path), "--size", "D=6"]) == 0
    assert "$D = 6$" in (tmp_path / "free.tex").read_text(encoding="utf-8")


def test_options_are_only_words():
    assert replace(Options(), format="pdf").compiled
    assert not Options("html").compiled


# --- notebooks ----------------------------------------------------------------------------------


def test_networks_derivations_and_markings_show_themselves_as_latex():
    from symbolic.derivation.derive import derive
    from symbolic.marking import verify

    network = Network.load(LECTURES)
    derivation = derive(network, "w_2")
    marking = verify(network, derivation.latex())
    for shown in (network, derivation, marking):
        text = shown._repr_latex_()
        assert text.count(r"\begin{") == text.count(r"\end{") >= 1
        assert text.count("$") % 2 == 0
        assert "∂" not in text, "LaTeX, not Unicode"
