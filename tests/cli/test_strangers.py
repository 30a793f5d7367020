"""Files of unknown hand, over commands and kinds of files: one line and status 0, 1 or 2, never a fault of ours."""

from __future__ import annotations

import random
from pathlib import Path

import hostile_specs
import pytest

from codegen.cli import main
from symbolic.network import budget
from symbolic.network.builtin import builtin_specs

SPEC = """name = "s"
loss = "squared"
output = "p"
[inputs]
x = {width}
[nodes.p]
inputs = ["x"]
width = 1
activation = "{activation}"
[sizes]
D = 3
"""


def spec(folder: Path, activation: str = "sigmoid", width: str = '"D"') -> str:
    path = folder / "s.toml"
    path.write_text(SPEC.replace("{activation}", activation).replace("{width}", width), encoding="utf-8")
    return str(path)


def one_line(err: str) -> bool:
    return err.startswith("chainrule: ") and err.count("\n") == 1 and "fault of chainrule" not in err


@pytest.mark.parametrize("activation", ["9e299*9e299*u", "1e308*1e308*u"])
@pytest.mark.parametrize("command", ["derive", "emit"])
def test_a_number_without_end_is_refused_in_one_line(tmp_path, capsys, command, activation):
    assert main([command, spec(tmp_path, activation)]) == 2
    assert one_line(capsys.readouterr().err)


@pytest.mark.slow
@pytest.mark.parametrize("command", hostile_specs.COMMANDS)
@pytest.mark.parametrize("name", hostile_specs.SPECS)
def test_a_spec_that_means_hours_of_work_ends_soon_and_says_why(name, command):
    assert [*hostile_specs.tried(name, command).faults] == []


@pytest.mark.parametrize("command", ["emit", "check"])
def test_functions_inside_of_functions_that_are_too_long_when_written_out_are_refused(tmp_path, capsys, command):
    path = tmp_path / "c.toml"
    path.write_text(hostile_specs.toml(hostile_specs.SPECS["12 nested sums"]), encoding="utf-8")
    assert main([command, str(path)]) == 2
    err = capsys.readouterr().err
    assert one_line(err)
    assert err.startswith("chainrule: too long")


@pytest.mark.parametrize("command", ["derive", "emit", "check", "report", "train"])
def test_every_command_with_a_spec_has_one_budget(tmp_path, capsys, command, monkeypatch):
    monkeypatch.setattr(budget, "A_NETWORK", 200)
    monkeypatch.setattr(budget, "A_DEFINITION", 1)
    (tmp_path / "d.csv").write_text("a,b,c,y\n1,2,3,0\n", encoding="utf-8")
    more = {"report": ["-o", str(tmp_path / "out")], "train": [str(tmp_path / "d.csv"), "-o", str(tmp_path / "w.npz")]}
    # no other test asks for this activation, so that nothing of it is remembered
    assert main([command, spec(tmp_path, f"tanh(u) + {len(command)}*u/7"), *more.get(command, [])]) == 2
    err = capsys.readouterr().err
    assert one_line(err)
    assert "too long" in err


def damaged(content: bytes, dice: random.Random) -> bytes:
    """The content with a few bytes changed, cut off, or said twice."""
    found = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(found)) if found else 0
        match dice.randrange(4):
            case 0:
                found[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del found[at : at + dice.randint(1, 30)]
            case 2:
                found[at:at] = found[at : at + 40]
            case _:
                found[at:at] = dice.choice([b"{", b"}", b"$", b"\\", b"[", b"9" * 40, b"\x00", b"\xff", "Ж".encode()])
    return bytes(found)


HAND = rb"""%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! let p = w^T x
%! let Q = (y - p)^2
$$ \frac{\partial Q}{\partial w} = -2 (y - p) x $$
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_no_fault_of_ours(tmp_path, capsys, seed):
    dice = random.Random(seed)
    name = dice.choice(builtin_specs())
    toml = next(Path("symbolic/network/specs").glob(f"{name}.toml")).read_bytes()
    files = {"a.toml": damaged(toml, dice), "a.tex": damaged(HAND, dice), "a.csv": damaged(b"x,y\n1,2\n3,4\n", dice)}
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    for command in (
        ["derive", "a.toml", "--form", "backprop"],
        ["emit", "a.toml"],
        ["verify", "a.tex"],
        ["verify", "a.tex", "--report", "out", "--format", "html"],
        ["train", "one_neuron", "a.csv", "--epochs", "1"],
    ):
        whole = [str(tmp_path / part) if part in (*files, "out") else part for part in command]
        status = main(whole)
        err = capsys.readouterr().err
        assert status in (0, 1, 2), (command, seed)
        assert "fault of chainrule" not in err, (command, seed, err)
        assert "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no file without an end")
@pytest.mark.parametrize("command", ["derive /dev/zero", "train one_neuron d.csv -o w.npz", "check zero.py"])
def test_a_file_without_an_end_is_refused_in_one_line(tmp_path, capsys, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    for name in ("d.csv", "zero.py"):
        Path(name).symlink_to("/dev/zero")
    assert main(command.split()) == 2
    assert one_line(capsys.readouterr().err)


def test_code_that_python_cannot_parse_for_its_depth_is_refused_in_one_line(tmp_path, capsys):
    (tmp_path / "a.py").write_text(f"def f(X, y, w, b):\n    return {'-' * 20_000}X\n", encoding="utf-8")
    assert main(["audit", f"{tmp_path / 'a.py'}:f", "--spec", "one_neuron", "--run"]) == 2
    assert one_line(capsys.readouterr().err)


def test_a_value_that_grows_without_end_is_said_and_no_warning_of_numpy_is(tmp_path, capfd):
    text = 'name = "s"\nloss = "squared"\noutput = "h30"\n[inputs]\nh0 = 2\n'
    for k in range(1, 31):
        text += f'[nodes.h{k}]\nformula = "h{k}[i,a] = h{k - 1}[i,a]*h{k - 1}[i,a]"\n'
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "s.toml")]) == 2
    assert one_line(capfd.readouterr().err)


@pytest.mark.parametrize("command", ["emit", "check"])
def test_a_width_that_would_fill_the_memory_is_refused_before_anything_is_drawn(tmp_path, capsys, command):
    text = SPEC.replace("{activation}", "tanh").replace("{width}", "2").replace("width = 1", "width = 1000000000")
    (tmp_path / "s.toml").write_text(text.partition("[sizes]")[0], encoding="utf-8")
    assert main([command, str(tmp_path / "s.toml")]) == 2
    err = capsys.readouterr().err
    assert one_line(err)
    assert err.startswith("chainrule: too large: with widths that are numbers")


def test_a_spec_of_a_million_inputs_is_refused_before_it_is_read(tmp_path, capsys):
    inputs = "".join(f"x{k} = 2\n" for k in range(100_000))
    (tmp_path / "s.toml").write_text(f'name = "s"\n[inputs]\n{inputs}', encoding="utf-8")
    assert main(["report", str(tmp_path / "s.toml"), "-o", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert one_line(err)
    assert "more than 500 kB" in err


def test_a_neuron_of_a_thousand_inputs_is_refused_before_the_work(tmp_path, capsys):
    (tmp_path / "s.toml").write_text(hostile_specs.toml(hostile_specs.inputs(1000)), encoding="utf-8")
    assert main(["check", str(tmp_path / "s.toml")]) == 2
    assert one_line(capsys.readouterr().err)


def test_a_check_of_ten_thousand_layers_is_refused_before_they_are_emitted(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("codegen.checking.trial.load", lambda network: pytest.fail("emitted"))
    repeated = '[blocks.b]\nrepeat = 10000\n[blocks.b.nodes]\n"h{l}" = { inputs = ["h{l-1}"], width = 2 }\n'
    text = f'name = "s"\nloss = "squared"\noutput = "h10000"\n[inputs]\nh0 = 2\n{repeated}'
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "s.toml")]) == 2
    err = capsys.readouterr().err
    assert one_line(err)
    assert "too long: 10000 nodes" in err


def test_a_name_that_is_long_is_not_said_as_a_whole(tmp_path, capsys):
    (tmp_path / "s.toml").write_text(f'name = "{"é" * 3000}"\n', encoding="utf-8")
    assert main(["emit", str(tmp_path / "s.toml")]) == 2
    err = capsys.readouterr().err
    assert one_line(err)
    assert len(err) < 500
