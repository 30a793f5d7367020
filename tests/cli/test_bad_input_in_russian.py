"""Whoever asks a command for Russian is told in Russian what cannot be used; without that, in English as ever."""

from __future__ import annotations

import re

import pytest

from codegen.cli import asked_language, main

BAD = 'loss = "sqared"\n[inputs]\nx = "D"\n[nodes.p]\ninputs = ["x"]\nwidth = 1\n'
FORMULA = 'loss = "squared"\n[inputs]\nx = "D"\n[nodes.p]\nformula = "p[i] = x[i] @ w"\n'


@pytest.fixture
def told(tmp_path, capsys):
    """The one line that a command with these files says of its failure."""

    def run(*words: str, **files: str) -> str:
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        given = [str(tmp_path / word) if "." in word and "=" not in word else word for word in words]
        assert main(given) == 2
        found = capsys.readouterr().err.strip()
        assert "\n" not in found
        return found

    return run


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["derive", "a.toml"], {"a_toml": BAD}),
        (["derive", "a.toml"], {"a_toml": FORMULA}),
        (["derive", "a.toml"], {"a_toml": "x = "}),
        (["derive", "nothing.toml"], {}),
        (["derive", "one_neuron", "--wrt", "nobody"], {}),
        (["derive", "one_neuron", "--of", "jacobian", "--wrt", "nobody"], {}),
        (["report", "a.toml", "-o", "out.tex"], {"a_toml": BAD}),
        (["report", "one_neuron", "--blanks", "500", "-o", "out.tex"], {}),
        (["verify", "a.tex"], {"a_tex": "%! foo\n$$ a = b $$"}),
        (["verify", "a.tex", "--spec", "a.toml"], {"a_tex": "$$ a = b $$", "a_toml": BAD}),
    ],
)
def test_what_cannot_be_used_is_told_in_the_language_that_was_asked(told, words, files):
    assert re.search("[а-яё]{3}", told(*words, "--lang", "ru", **files))
    assert not re.search("[а-яё]", told(*words, **files))


def test_a_file_of_a_class_that_cannot_be_marked_is_told_in_russian(tmp_path, capsys):
    for name, text in (("a.tex", "%! foo\n$$ a = b $$"), ("b.tex", "$$ a = b $$")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    main(["verify", str(tmp_path / "a.tex"), str(tmp_path / "b.tex"), "--lang", "ru"])
    assert "нужно одно из слов" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        (["derive", "x", "--lang", "ru"], "ru"),
        (["derive", "x", "--lang=ru"], "ru"),
        (["derive", "x", "--lang", "en"], "en"),
        (["derive", "ru"], "en"),
        (["derive", "x", "--lang"], "en"),
        ([], "en"),
    ],
)
def test_the_language_is_known_before_anything_is_understood(words, lang):
    assert asked_language(words) == lang
