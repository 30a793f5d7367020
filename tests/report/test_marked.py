"""Marked documents: nothing of a person's source reaches TeX or a page but what was read, and each file is its own."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.cli import main
from codegen.report.marked import mark_files
from codegen.report.marked_class import as_csv, record, table
from codegen.report.marked_files import names, write_marked
from codegen.report.marked_tex import tex
from codegen.report.tex import compile_pdf, engine
from symbolic.marking import Marking, verify_text
from symbolic.marking.judge import with_tokens
from symbolic.marking.marking import Diagnosis, MarkedLine
from symbolic.marking.show.drawn import drawing, formula
from symbolic.marking.show.marked_page import html
from symbolic.marking.show.notebook import marking_latex
from symbolic.marking.text.reader import read
from symbolic.words import Text, same

HEADER = r"""%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! let p = w^T x
%! let Q = (y - p)^2
"""
RIGHT = HEADER + r"$$ \frac{\partial Q}{\partial w} = -2 (y - p) x $$"
WRONG = HEADER + r"$$ \frac{\partial Q}{\partial w} = 2 (y - p) x $$"
#: Commands that do something, each where a reader of formulas throws an argument away or keeps words.
PLACES = (
    r"-2 (y - p) \phantom{%s} x", r"-2 (y - p) \hspace{%s} x", r"-2 (y - p) x \label{%s}", r"-2 (y - p) x \tag{%s}",
    r"\color{%s} -2 (y - p) x", r"\textcolor{%s}{-2} (y - p) x", r"-2 (y - p) x %s", r"-2 (y - p) \text{%s} x",
    r"\underbrace{-2 (y - p)}_{%s} x", r"\underbrace{-2 (y - p)}_{\text{%s}} x", r"-2 (y - p) \hat{%s} x",
    r"-2 (y - p) \mathrm{%s} x", r"\colorbox{%s}{-2} (y - p) x", r"-2 (y - p) \vphantom{%s} x",
)  # fmt: skip
DEEDS = (
    r"\input{/etc/passwd}", r"\checkmark", r"\write18{touch forged}", r"\immediate\openout\x=forged",
    r"\loop\iftrue\repeat", r"\catcode`\$=12", r"^^5cinput{/etc/passwd}", r"\csname input\endcsname{/etc/passwd}",
    r"\def\chainrulewrong{\chainruleright}", r"\directlua{os.exit()}", r"\special{html:<script>}", r"\end{document}",
    r"}$\input{/etc/passwd}${", r"\verb|x|", r"\href{javascript:x}{y}", r"\usepackage{x}", r"\renewcommand{\x}{y}",
)  # fmt: skip
#: Every command that a marked document may hold beside those of its own template.
DRAWN = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)


def hostile() -> list[str]:
    return [place % deed for place in PLACES for deed in DEEDS]


def body(document: str) -> str:
    return document[document.index(r"\begin{document}") :]


#: What makes a mark, reads, writes, runs or defines: what no document of ours holds behind its preamble.
FORBIDDEN = re.compile(
    r"\\(?:checkmark|input|include|write|immediate|openout|openin|read|loop|repeat|catcode|csname|def|let|directlua|"
    r"special|verb|href|usepackage|renewcommand|newcommand|phantom|vphantom|hspace|label|tag|color|colorbox|textcolor)"
    r"(?![A-Za-z])|\^\^"
)


def of_ours(text: str) -> str:
    """A notebook's text without the marks that are ours."""
    return re.sub(r"\\color\{\w+\}\{(?:\\checkmark|\\times|\?)\}", "", text)


@pytest.mark.parametrize("deed", DEEDS)
def test_no_command_of_a_person_reaches_tex(deed):
    lines = (rf"$$ \frac{{\partial Q}}{{\partial w}} = {place % deed} $$" for place in PLACES)
    marking = verify_text(HEADER + "\n\n".join(lines), "none")
    text = body(tex(marking, "en", deed))
    assert not FORBIDDEN.search(text.replace(r"\textbackslash{}", "")), text
    assert text.count(r"\end{document}") == 1
    assert "<script" not in html(marking, "en", deed)
    assert not FORBIDDEN.search(of_ours(marking_latex(marking)))


def test_sentences_that_quote_a_source_bring_no_command_along():
    quoted = r"line 3: $\input{/etc/passwd}$ and \write18{x} $"
    line = MarkedLine(1, "x", "refuted", note=same(quoted), diagnosis=Diagnosis("other", same(quoted), r"\input{y}"))
    marking = Marking((line,), notes=(same(quoted),), passed_over=(same(quoted),), guessed=(quoted,))
    for text in (body(tex(marking)), marking_latex(marking)):
        assert not FORBIDDEN.search(of_ours(text).replace(r"\textbackslash{}", "")), text


@pytest.mark.skipif(engine() is None, reason="no TeX engine")
def test_a_document_of_hostile_lines_becomes_a_pdf_and_no_mark_is_forged(tmp_path):
    lines = [f"= {line}" for line in hostile()]
    source = HEADER + "\n".join(rf"$$ \frac{{\partial Q}}{{\partial w}} {line} $$" for line in lines[:60])
    marking = verify_text(source, "none")
    strange = MarkedLine(1, "x\u202e\u0000✓ Ж 漢 \ud800".encode("utf-8", "replace").decode(), "not understood")
    every = Marking((*marking.lines, strange), passed_over=(Text("✓ $x", "✓ $x"),))
    path = tmp_path / "~%# -hw.tex"
    path.write_text(tex(every, "en", "~%# -hw.tex"), encoding="utf-8")
    assert compile_pdf(path).read_bytes().startswith(b"%PDF")
    held = sum(line.holds and line.verdict != "given" for line in marking.lines)
    assert body(path.read_text()).count(r"\chainruleright") == held
    assert not [file for file in tmp_path.iterdir() if "forged" in file.name]


@given(st.text(st.sampled_from("ab1 {}()[]^_'&\\|$%#~<>\n✓σ\u202e") | st.characters(codec="utf-8"), max_size=40))
@settings(max_examples=120, deadline=None)
def test_what_is_drawn_is_balanced_and_made_of_known_commands(text):
    found = formula(text)
    if found is None:
        return
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", found.latex.replace(r"\\", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert "$" not in re.sub(r"\\\$", "", found.latex)
    assert "%" not in re.sub(r"\\%", "", found.latex)


def test_the_formulas_of_the_corpus_are_drawn_from_what_was_read():
    from marking.test_corpus import EVERY

    undrawn = [
        line.latex
        for case in EVERY
        for document in [read(case.right())]
        for number, chain in enumerate(document.chains)
        for line in with_tokens(
            [MarkedLine(1, document.text(s.span), "proved", number, span=s.span) for s in chain.sides[1:]],
            chain,
            document,
        )
        if drawing(line.tokens) is None
    ]
    assert not undrawn


def test_a_drawing_keeps_what_was_typed():
    drawn = formula(r"\sum_{i=1}^{N} \left(\frac{a}{b}\right)^T x_i' \hat{y}_{1,j}")
    assert drawn is not None
    assert drawn.latex == r"\sum_{i=1}^{N}\left(\frac{a}{b}\right)^{T}x_{i}^{\prime}\hat{y}_{1,j}"
    assert "<munderover>" in drawn.mathml


def test_a_remark_behind_a_percent_sign_is_no_part_of_a_line():
    source = HEADER + "$$ \\frac{\\partial Q}{\\partial w} = -2 (y - p) % the slope $ }\n x $$"
    line = verify_text(source).lines[0]
    assert line.latex == "-2 (y - p) x"
    assert "slope" not in body(tex(Marking((line,))))


def test_left_sides_are_shown():
    marking = verify_text(RIGHT)
    assert marking.to_dict()["lines"][0]["left"] == r"\frac{\partial Q}{\partial w}"
    assert str(marking).startswith(r"✓  1  \frac{\partial Q}{\partial w} = -2 (y - p) x")
    assert r"$\displaystyle \frac{\partial Q}{\partial w}$ ${}={}$" in tex(marking)
    assert html(marking).count("<math") >= 2


def files(folder: Path, **sources: str | bytes) -> list[Path]:
    found = []
    for name, source in sources.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        found.append(path)
    return found


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_bad_file_costs_its_row_and_no_other(tmp_path, jobs):
    paths = files(tmp_path, a_tex=RIGHT, b_tex=b"\xff\xfe", c_tex=WRONG, d_tex=HEADER + "%! nonsense\n$x=x$")
    paths.insert(2, tmp_path / "missing.tex")
    found = mark_files(paths, None, jobs)
    assert [one.marking.verdict if one.marking else "" for one in found] == ["correct", "", "", "wrong", ""]
    assert "UTF-8" in found[1].trouble.en
    assert "No such file" in found[2].trouble.en
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [row["kind"] for row in rows] == ["", "", "", "sign", ""]
    assert [row["in line"] for row in rows] == ["", "", "", "7", ""]
    assert "error" in record(found)["files"][str(paths[1])]
    assert len(table(found, "ru").splitlines()) == 6


def test_a_fault_of_ours_costs_a_row_too(tmp_path, monkeypatch):
    def fails(source: str) -> Marking:
        raise ZeroDivisionError("x")

    paths = files(tmp_path, a_tex=RIGHT, b_tex=RIGHT)
    monkeypatch.setattr("codegen.report.marked.verify_text", fails)
    assert ["fault of chainrule" in one.trouble.en for one in mark_files(paths, None)] == [True, True]


def test_each_file_has_a_document_of_its_own_and_none_is_written_over(tmp_path):
    paths = files(tmp_path, a__hw_tex=RIGHT, b__hw_tex=WRONG, hw_md=RIGHT, hw_html=RIGHT)
    paths += files(tmp_path, **{"hw-marked_tex": WRONG, "Hw_tex": RIGHT})
    before = [path.read_bytes() for path in paths]
    found = mark_files(paths, None)
    for format in ("tex", "html"):
        written = write_marked(found, tmp_path, format, "en", pytest.fail)
        assert len({str(path).casefold() for path in written}) == len(paths)
        assert all(path.is_file() for path in written)
    assert [path.read_bytes() for path in paths] == before


def test_names_of_documents_are_told_apart_by_folders():
    paths = [Path("one/hw.tex"), Path("two/hw.tex"), Path("three/other.tex")]
    assert names(paths, Path("out"), ".html") == ["one-hw", "two-hw", "other"]


STRANGE = ("Кот ё.tex", '~%"#&{}.tex', "-x.tex", "😀.tex", "=1+1.tex", "a\nb.tex", "a" * 250 + ".t", "..tex")


def test_files_of_any_name_are_marked(tmp_path, monkeypatch, capsys):
    for name in STRANGE:
        (tmp_path / name).write_text(RIGHT, encoding="utf-8")
    (tmp_path / os.fsdecode(b"\xff.tex")).write_text(RIGHT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    every = sorted(os.listdir("."))
    for format in ("tex", "html"):
        assert main(["verify", "--report", "out", "--format", format, "--json", "--", *every]) == 0
    shown = json.loads(capsys.readouterr().out.split("\n}\n")[0] + "}")
    assert len(shown["files"]) == len(every)
    assert len(os.listdir("out")) == 2 * len(every)
    assert main(["verify", "--csv", "--", *every]) == 0
    cells = [row[0] for row in csv.reader(io.StringIO(capsys.readouterr().out))]
    assert not [cell for cell in cells if cell.startswith(("=", "-", "+", "@"))]


@pytest.mark.skipif(engine() is None, reason="no TeX engine")
def test_what_tex_refuses_costs_no_marks(tmp_path, capsys, monkeypatch):
    paths = files(tmp_path, a_tex=RIGHT)
    monkeypatch.setattr("codegen.report.marked_tex.drawing", lambda tokens: formula("x") and _broken())
    found = mark_files(paths, None)
    written = write_marked(found, tmp_path / "out", "pdf", "en", pytest.fail)
    assert [path.suffix for path in written] == [".tex", ".pdf"]


def _broken():
    from symbolic.marking.show.drawn import Drawn

    return Drawn(r"\frac{", "")


def test_nothing_that_is_echoed_moves_the_cursor(tmp_path, capsys):
    (tmp_path / "a.tex").write_text(HEADER + "$$ p = \x1b[2J\u202e + x $$", encoding="utf-8")
    main(["verify", str(tmp_path / "a.tex")])
    main(["verify", str(tmp_path / "\x1b[2J.tex")])
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "\u202e" not in said.out
