"""`chainrule serve`: what does not fit is one line, and what is missing is named with its remedy."""

from __future__ import annotations

import socket

import pytest

from codegen.cli import main, serve


def refused(capsys, *arguments: str) -> str:
    assert main(["serve", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_without_the_extra_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr(serve, "installed", lambda name: False)
    assert "pip install 'chainrule[web]'" in refused(capsys)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "--public"),
        (["--workers", "0"], "--workers 0"),
        (["--only", "train"], "the parts are derive, mark, exercise, api"),
        (["--allow-origin", "moodle"], "https://moodle.example.org"),
        (["--token-file", "/nowhere/token"], "/nowhere/token"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_line(capsys, arguments, said):
    assert said in refused(capsys, *arguments)


def test_a_short_token_is_refused(capsys, tmp_path):
    (tmp_path / "token").write_text("short\n")
    assert "take 16 or more" in refused(capsys, "--token-file", str(tmp_path / "token"))


def test_a_port_that_is_taken_is_told():
    from codegen.web.listen import bound
    from codegen.web.settings import settings
    from symbolic.errors import SpecError

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SpecError, match="take another with --port"):
            bound(settings(port=other.getsockname()[1]))
