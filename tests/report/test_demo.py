"""The demo does what it says, and its reports are documents that TeX sets without a hole."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from rarely import rarely, small_specs

from codegen import demo
from codegen.cli import main
from codegen.report import report, tex
from codegen.training.data import Columns, read
from symbolic.network.network import Network

needs_tex = pytest.mark.skipif(tex.engine() is None, reason=tex.ADVICE)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The folder and the printed text of one run."""
    folder = tmp_path_factory.mktemp("demo")
    printed: list[str] = []
    assert demo.run(folder, say=printed.append)
    return folder, "\n".join(printed)


def test_the_demo_says_where_everything_lies(shown):
    folder, text = shown
    suffixes = ("csv", "pdf", "py", "tex") if tex.engine() else ("csv", "py", "tex")
    expected = {f"{name}.{suffix}" for name in ("one_neuron", "one_hidden_layer") for suffix in suffixes}
    assert {path.name for path in folder.iterdir()} == expected
    for name in expected:
        assert str(folder / name) in text


@pytest.mark.slow
def test_the_demo_shows_the_derivations_of_the_lecture(shown):
    for goal in ("∂Q(w)/∂w", "∂Q/∂w₂", "∂Q/∂w₁,ⱼ", "= σ(u) (1 − σ(u))"):
        assert goal in shown[1]


@pytest.mark.slow
def test_the_demo_checks_and_trains_with_a_loss_that_falls_at_every_step(shown):
    assert shown[1].count("agrees with differences") == 2
    fallen = re.findall(r"Q = (\S+) → (\S+), falling at every step", shown[1])
    assert len(fallen) == 2
    assert all(float(after) < 0.05 * float(before) for before, after in fallen)


def test_the_data_in_the_folder_are_the_data_that_were_learned(shown):
    for problem in demo.PROBLEMS:
        data = read(shown[0] / f"{problem.network}.csv", Columns({"x": None}, 1))
        assert np.array_equal(np.asarray(data.X), problem.X)
        assert np.array_equal(data.Y, problem.Y)


def test_a_step_that_is_too_long_is_not_called_falling(tmp_path, monkeypatch):
    from dataclasses import replace

    monkeypatch.setattr(demo, "PROBLEMS", (replace(demo.PROBLEMS[0], step=50.0, steps=20),))
    monkeypatch.setattr(tex, "engine", lambda: None)
    printed: list[str] = []
    assert not demo.run(tmp_path, say=printed.append)
    assert "NOT falling" in "\n".join(printed)
    assert tex.ADVICE in printed, "and it says how to get a TeX engine"


@pytest.mark.parametrize("engine", ["#!/bin/sh\necho broken; exit 1\n", "#!/bin/sh\nexit 0\n", "no program at all\n"])
def test_a_demo_that_finds_a_broken_tex_goes_on_without_pdf_and_says_so_in_one_line(tmp_path, monkeypatch, engine):
    program = tmp_path / "bin" / "pdflatex"
    program.parent.mkdir()
    program.write_text(engine)
    program.chmod(0o755)
    monkeypatch.setattr(tex, "engine", lambda name=None: str(program))
    monkeypatch.setattr(demo, "PROBLEMS", demo.PROBLEMS[:1])
    printed: list[str] = []
    assert demo.run(tmp_path / "out", say=printed.append)
    (said,) = (text for text in printed if text.startswith("no PDF was made: "))
    assert "\n" not in said
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".tex", ".py", ".csv"}


def test_a_report_holds_no_date_and_no_place(monkeypatch, tmp_path):
    text = report(Network.load("one_neuron"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert report(Network.load("one_neuron")) == text
    assert not re.search(r"/tmp|/work|/home|\b20\d\d-\d\d|\\today", text)


@needs_tex
@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("name", rarely(["one_neuron", "one_hidden_layer", "mlp_classifier"], ["one_hidden_layer"]))
@pytest.mark.slow
def test_a_report_compiles_with_every_character_there(tmp_path, name, lang, capsys):
    assert main(["report", name, "-o", str(tmp_path), "--format", "pdf", "--lang", lang]) == 0
    _, pdf = capsys.readouterr().out.split()
    with open(pdf, "rb") as file:
        assert file.read(5) == b"%PDF-"
    assert len(list(tmp_path.iterdir())) == 2, "no .aux, no .log"


@needs_tex
def test_what_tex_refuses_is_one_line_that_says_where(tmp_path):
    path = tmp_path / "bad.tex"
    path.write_text("\\documentclass{article}\n\\begin{document}\n\\nonsense\n\\end{document}\n")
    with pytest.raises(
        tex.TexError, match=r"bad\.tex: TeX stopped: Undefined control sequence\. \(line 3: .nonsense\)"
    ):
        tex.compile_pdf(path)
    assert [p.name for p in tmp_path.iterdir()] == ["bad.tex"]


@needs_tex
def test_a_missing_character_is_refused_not_left_out(tmp_path):
    path = tmp_path / "hole.tex"
    path.write_text(
        "\\documentclass{article}\n\\begin{document}\n{\\fontencoding{OT1}\\selectfont\\char200}\n\\end{document}\n"
    )
    with pytest.raises(tex.TexError, match="has no character"):
        tex.compile_pdf(path)


@needs_tex
def test_tex_cannot_run_programs(tmp_path):
    path, marker = tmp_path / "run.tex", tmp_path / "ran"
    path.write_text(
        f"\\documentclass{{article}}\n\\begin{{document}}\n\\immediate\\write18{{touch {marker}}}x\n\\end{{document}}\n"
    )
    tex.compile_pdf(path)
    assert not marker.exists()


def test_without_tex_a_pdf_is_refused_in_one_line_and_the_text_still_comes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tex, "engine", lambda: None)
    assert main(["report", "one_neuron", "-o", str(tmp_path), "--format", "pdf"]) == 2
    assert tex.ADVICE in capsys.readouterr().err
    assert main(["report", "one_neuron", "-o", str(tmp_path)]) == 0


@pytest.mark.parametrize("name", rarely(small_specs(), ["one_neuron", "conv1d"]))
def test_every_built_in_network_has_a_report(name):
    text = report(Network.load(name))
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") >= 3
