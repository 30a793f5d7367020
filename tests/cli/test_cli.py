"""The command line: what is printed where, the exit status, and that a mistake is one line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from codegen.cli import main
from codegen.version import VERSION
from symbolic.network.builtin import builtin_specs

ROOT = Path(__file__).parents[2]
NETWORK = """
loss = "squared"
[inputs]
x = "D"
[nodes.z]
inputs = ["x"]
width = "J"
activation = "tanh"
[nodes.p]
inputs = ["z"]
width = 1
[sizes]
J = 3
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(NETWORK)
    return path


@pytest.fixture
def run(capsys):
    """Run a command; gives (status, stdout, stderr)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(a) for a in arguments])
        return status, *capsys.readouterr()

    return run


def one_line(err: str) -> bool:
    return err.startswith("chainrule: ") and err.endswith("\n") and err.count("\n") == 1 and "Traceback" not in err


def test_version_and_help_are_not_errors(run):
    assert run("--version") == (0, f"chainrule {VERSION}\n", "")
    status, out, err = run("--help")
    assert (status, err) == (0, "")
    for command in ("specs", "derive", "report", "emit", "check", "verify", "train", "demo"):
        assert command in out
    assert "..." not in out.split("Commands:")[1]  # what a command does is said whole


def test_specs_lists_the_built_in_networks(run):
    status, out, _ = run("specs")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines() if not line.startswith(" ")] == list(builtin_specs())
    assert re.search(r"^one_neuron +The lecture's neuron: p = σ", out, re.MULTILINE)


def test_specs_shows_the_nodes_of_one(run):
    status, out, _ = run("specs", "one_hidden_layer")
    assert status == 0
    assert "  z : J = sigmoid(w_1 x + b_z)\n" in out


def test_derive_prints_mathematics_that_a_terminal_shows(run):
    status, out, err = run("derive", "one_neuron")
    assert (status, err) == (0, "")
    assert "∂Q(w)/∂w" in out
    assert "σ(u) (1 − σ(u))" in out
    assert max(map(len, out.splitlines())) <= 160


def test_derive_without_a_name_derives_every_weight_from_the_output_backwards(run):
    _, out, _ = run("derive", "one_hidden_layer", "--format", "json")
    assert [d["wrt"] for d in json.loads(out)["derivations"]] == ["w_2", "w_1"]


def test_derive_gives_latex_and_json_of_the_same_steps(run):
    _, latex, _ = run("derive", "one_hidden_layer", "--wrt", "w_1", "--format", "latex", "--lang", "ru")
    assert r"\begin{align*}" in latex
    assert "производная композиции" in latex
    _, text, _ = run("derive", "one_hidden_layer", "--wrt", "w_1", "--format", "json")
    derivation = json.loads(text)
    assert derivation["steps"][0]["line"]["latex"].replace(" ", "") in latex.replace(" ", "")


def test_what_lies_past_the_gradient_is_derived_too(run):
    for quantity in ("hessian", "hessian-vector", "jacobian"):
        status, out, err = run("derive", "one_neuron", "--of", quantity)
        assert (status, err) == (0, ""), quantity
    assert "∂p/∂xᵈ" in out or "∂p/∂x" in out
    status, out, err = run("derive", "one_neuron", "--of", "hessian", "--form", "chain")
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_the_general_scheme_is_unrolled_as_deep_as_asked(run):
    _, out, _ = run("scheme", "--depth", "3")
    assert "∂γᵣ(δ₁, δ₂, …)/∂wⱼ = …" in out
    status, out, err = run("scheme", "--depth", "0")
    assert (status, out, err) == (2, "", "chainrule: depth: got 0, the general scheme is unrolled 1 to 5 layers deep\n")


def test_emit_prints_the_module_or_writes_it_whole(run, spec, tmp_path):
    _, printed, _ = run("emit", spec)
    status, out, _ = run("emit", spec, "-o", tmp_path / "new" / "small.py")
    assert (status, out) == (0, f"{tmp_path / 'new' / 'small.py'}\n")
    assert (tmp_path / "new" / "small.py").read_text() == printed
    assert os.listdir(tmp_path / "new") == ["small.py"], "no draft is left behind"


@pytest.mark.slow
def test_a_package_is_the_module_and_the_runtime_beside_it(run, spec, tmp_path):
    folder = tmp_path / "nets"
    status, out, err = run("emit", spec, "--package", folder)
    assert (status, err) == (0, "")
    assert out.split() == [str(folder / "small.py"), str(folder / "runtime.py")]
    assert run("check", folder / "small.py", "--size", "D=2")[0] == 0
    assert run("emit", spec, "--package", folder)[0] == 0


def test_a_package_that_cannot_be_is_refused_before_anything_is_written(run, spec, tmp_path):
    folder = tmp_path / "nets"
    folder.mkdir()
    (folder / "runtime.py").write_text("print('mine')\n")
    for arguments, told in (
        (("--package", folder), "no runtime of chainrule"),
        (("--package", spec), "is a file"),
        (("--package", folder, "-o", tmp_path / "small.py"), "one of them"),
        (("--package", tmp_path / "other", "--target", "torch"), "no runtime"),
    ):
        status, out, err = run("emit", spec, *arguments)
        assert (status, out) == (2, "")
        assert one_line(err)
        assert told in err
    assert [*folder.iterdir()] == [folder / "runtime.py"]
    assert not (tmp_path / "other").exists()


def test_emit_says_what_each_pass_did_and_leaves_out_what_is_named(run, spec):
    status, module, report = run("emit", spec, "--passes")
    assert status == 0
    assert [line.split()[0] for line in report.splitlines()][-1] == "share_memory"
    assert "the same memory" in module
    status, without, report = run("emit", spec, "--passes", "--without", "share_memory")
    assert status == 0
    assert "share_memory" not in report
    assert "the same memory" not in without
    status, out, err = run("emit", spec, "--without", "lower")
    assert (status, out) == (2, "")
    assert one_line(err)
    assert "lower is no pass that can be left out; these can: drop_dead, " in err
    status, _, err = run("emit", spec, "--target", "torch", "--passes")
    assert (status, one_line(err)) == (2, True)


def test_an_emitted_module_runs_where_there_is_only_numpy(run, spec, tmp_path):
    run("emit", spec, "-o", tmp_path / "small.py")
    program = "import numpy, small; o = small.Objective(D=2, J=3); print(o.size)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("13\n", "")


def test_check_says_where_it_looked_and_json_is_one_object(run, spec):
    status, out, err = run("check", spec, "--size", "D=2")
    assert (status, err) == (0, "")
    assert "complex step" in out
    status, out, err = run("check", spec, "--size", "D=2", "--size", "J=4", "--json")
    record = json.loads(out)
    assert (status, err, record["agrees"]) == (0, "", True)
    assert record["sizes"] == {"D": 2, "J": 4}
    assert [p["name"] for p in record["parameters"]] == ["w_z", "b_z", "w_p", "b_p"]


SMALL_ERROR = (
    "        gradient(weights, x, y, slopes)\n        for part",
    "        gradient(weights, x, y, slopes)\n        slopes[0][1] *= 1.001\n        for part",
)


@pytest.fixture
def emitted(run, tmp_path):
    """Write a module, with one text in it replaced; gives its path."""

    def emitted(old: str = "", new: str = "", network: object = "one_neuron") -> Path:
        path = tmp_path / "copy.py"
        run("emit", network, "-o", path)
        source = path.read_text()
        assert old in source
        path.write_text(source.replace(old, new, 1) if old else source)
        return path

    return emitted


def test_check_of_an_emitted_file_agrees_and_knows_its_network(run, emitted):
    status, out, _ = run("check", emitted())
    assert status == 0
    assert "complex step" in out


def test_check_of_an_emitted_file_finds_an_entry_that_is_wrong_by_a_tenth_of_a_percent(run, emitted):
    status, out, err = run("check", emitted(*SMALL_ERROR), "--json")
    record = json.loads(out)
    assert (status, err, record["agrees"]) == (1, "", False)
    assert [(p["name"], p["worst"]) for p in record["parameters"] if not p["agrees"]] == [("w", "w[0,1]")]
    assert record["second_opinion"]["worst"] == "w[0,1]"


@pytest.mark.slow
def test_a_module_is_checked_against_the_spec_in_its_folder_else_against_itself(run, emitted, spec):
    right = emitted(network=spec).read_text()
    module = emitted(*SMALL_ERROR, network=spec)
    wrong = module.read_text()
    (spec.parent / "another.toml").write_text("[project]\nversion = 1\n")
    for text, expected in ((right, 0), (wrong, 1)):
        module.write_text(text)
        status, out, _ = run("check", module, "--size", "D=2")
        assert (status, "complex step" in out) == (expected, True)
    spec.unlink()
    for text, expected in ((right, 0), (wrong, 1)):
        module.write_text(text)
        status, out, _ = run("check", module, "--size", "D=2")
        assert (status, "no second opinion" in out) == (expected, True)


def test_check_does_not_run_a_file_that_was_not_emitted(run, tmp_path):
    path, marker = tmp_path / "mine.py", tmp_path / "ran"
    path.write_text(f"open({str(marker)!r}, 'w')\n")
    status, out, err = run("check", path)
    assert (status, out) == (2, "")
    assert one_line(err)
    assert not marker.exists()


SHAPES = "def shapes(d: int) -> dict[str, tuple[int, ...]]:"
HARM = {
    "an import": ("import argparse", "import argparse\nimport subprocess"),
    "an import inside": (SHAPES, f"{SHAPES}\n    import shutil"),
    "something at import": ("def shapes(d: int)", "print(1)\n\n\ndef shapes(d: int)"),
    "a default that is a call": ("def shapes(d: int)", "def shapes(d: int, x=open('ran', 'w'))"),
    "a builtin": (SHAPES, f"{SHAPES}\n    open('ran', 'w')"),
    "the system": (SHAPES, f"{SHAPES}\n    os.unlink('ran')"),
    "the system by another name": (SHAPES, f"{SHAPES}\n    o = os\n    o.system('touch ran')"),
    "an array that writes": (SHAPES, f"{SHAPES}\n    np.zeros(1).tofile('ran')"),
    "a pickle": (SHAPES, f"{SHAPES}\n    np.load('ran', allow_pickle=True)"),
    "an edited save": ("os.replace(draft, path)", "os.unlink(path)"),
    "a decorator": ("def shapes(d: int)", "@print\ndef shapes(d: int)"),
    "the header": ("Emitted by chainrule", "Made by hand"),
}


@pytest.mark.parametrize("harm", HARM)
def test_check_does_not_run_a_module_that_does_more_than_emitted_ones(run, emitted, monkeypatch, tmp_path, harm):
    monkeypatch.chdir(tmp_path)
    status, out, err = run("check", emitted(*HARM[harm]))
    assert (status, out) == (2, "")
    assert one_line(err)
    assert "is not run" in err
    assert not (tmp_path / "ran").exists()


HAND = r"""
%! sizes N d
%! index i = 1..N sample
%! data x_i : R^d
%! data y_i : R
%! param w : R^d
%! let Q(w) = \sum_{i=1}^N (y_i - w^T x_i)^2
$$ \frac{\partial Q}{\partial w} = \sum_{i=1}^N -2 (y_i - w^T x_i) x_i $$
"""


@pytest.mark.parametrize(("sign", "status"), [("-2", 0), ("2", 1)])
def test_verify_marks_a_hand_derivation_and_its_status_is_the_mark(run, tmp_path, sign, status):
    (tmp_path / "hand.tex").write_text(HAND.replace("-2", sign))
    found, out, err = run("verify", tmp_path / "hand.tex", "--json")
    assert (found, err) == (status, "")
    assert json.loads(out)["verdict"] == ("wrong" if status else "correct")


def test_verify_asks_for_a_model_in_one_line(run, tmp_path):
    (tmp_path / "hand.tex").write_text("$$ 1 = 1 $$")
    status, out, err = run("verify", tmp_path / "hand.tex")
    assert (status, out) == (2, "")
    assert one_line(err)


def test_train_learns_from_a_table_and_saves_what_it_learned(run, spec, tmp_path):
    random = np.random.default_rng(0)
    X = random.normal(size=(50, 2))
    rows = "\n".join(f"{a},{b},{np.tanh(a - b)}" for a, b in X)
    (tmp_path / "data.csv").write_text(f"a,b,y\n{rows}\n")
    status, out, err = run("train", spec, tmp_path / "data.csv", "--epochs", 50, "-o", tmp_path / "w.npz")
    assert (status, err) == (0, "")
    before, after = (float(part.split()[0]) for part in out.split("Q = ")[1].split("before, "))
    assert after < before / 2
    assert (tmp_path / "w.npz").exists()
    np.savez(tmp_path / "data.npz", X=X, Y=np.tanh(X[:, 0] - X[:, 1]))
    assert run("train", spec, tmp_path / "data.npz", "--epochs", 1, "-o", tmp_path / "v.npz")[0] == 0


BAD = [
    ("",),
    ("nonsense",),
    ("derive",),
    ("derive", "one_neuron", "--colour"),
    ("derive", "no_such_network"),
    ("derive", "one_neuron", "--wrt", "b"),
    ("derive", "one_neuron", "--form", "round"),
    ("emit", "one_neuron", "--dtype", "int8"),
    ("emit", "one_neuron", "-o", "/proc/no/such/folder.py"),
    ("check", "one_hidden_layer", "--size", "D"),
    ("check", "one_hidden_layer", "--size", "D=0"),
    ("check", "one_hidden_layer", "--size", "D=two"),
    ("check", "one_hidden_layer", "--size", "Z=3"),
    ("check", "one_hidden_layer", "--size", "D=2", "--size", "D=3"),
    ("check", "missing.py"),
    ("train", "one_neuron", "missing.csv"),
    ("train", "one_neuron", "data.txt"),
    ("train", "one_neuron", "missing.csv", "--epochs", "0"),
    ("report", "one_neuron"),
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_a_mistake_is_one_line_on_stderr_and_status_2(run, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert one_line(err), err
    assert os.listdir(tmp_path) == [], "nothing is written"


BAD_SPECS = {
    "unknown activation": NETWORK.replace('"tanh"', '"sigmoidal"'),
    "negative width": NETWORK.replace("width = 1", "width = -1"),
    "its own ancestor": NETWORK.replace('inputs = ["x"]', 'inputs = ["p"]'),
    "an input nobody uses": NETWORK.replace('x = "D"', 'x = "D"\nv = 2'),
    "not TOML": NETWORK + "]",
    "unknown key": 'colour = "red"\n' + NETWORK,
}


@pytest.mark.parametrize("mistake", BAD_SPECS)
def test_a_spec_that_cannot_be_used_is_refused_before_anything_is_written(run, tmp_path, mistake):
    (tmp_path / "bad.toml").write_text(BAD_SPECS[mistake])
    for command in (
        ("derive", tmp_path / "bad.toml"),
        ("emit", tmp_path / "bad.toml", "-o", tmp_path / "out" / "bad.py"),
        ("report", tmp_path / "bad.toml", "-o", tmp_path / "out"),
    ):
        status, out, err = run(*command)
        assert (status, out) == (2, "")
        assert one_line(err), err
    assert os.listdir(tmp_path) == ["bad.toml"]


def test_a_size_without_a_number_is_asked_for(run, spec):
    status, _, err = run("check", spec)
    assert status == 2
    assert one_line(err)
    assert "no number for D" in err


BAD_TABLES = {
    "nan": ("a,b,y\n1,2,3\n1,nan,3\n", "line 3, column 'b'"),
    "a word": ("a,b,y\n1,2,x\n", "line 2, column 'y'"),
    "a short line": ("a,b,y\n1,2\n", "line 2"),
    "no header": ("1,2,3\n4,5,6\n", "header"),
    "no samples": ("a,b,y\n", "line"),
    "too few columns": ("a\n1\n", "column"),
}


@pytest.mark.parametrize("mistake", BAD_TABLES)
def test_a_table_that_cannot_be_used_says_which_line(run, spec, tmp_path, mistake):
    text, place = BAD_TABLES[mistake]
    (tmp_path / "data.csv").write_text(text)
    status, out, err = run("train", spec, tmp_path / "data.csv", "-o", tmp_path / "w.npz")
    assert (status, out) == (2, "")
    assert one_line(err), err
    assert place in err
    assert not (tmp_path / "w.npz").exists()


def test_an_existing_file_survives_a_command_that_fails(run, spec, tmp_path):
    (tmp_path / "keep.py").write_text("keep me")
    (tmp_path / "bad.toml").write_text(BAD_SPECS["unknown activation"])
    assert run("emit", tmp_path / "bad.toml", "-o", tmp_path / "keep.py")[0] == 2
    assert (tmp_path / "keep.py").read_text() == "keep me"
    assert run("emit", spec, "-o", tmp_path)[0] == 2, "a folder is not overwritten"


def test_a_link_and_a_pipe_are_written_through_not_replaced(run, spec, tmp_path):
    (tmp_path / "real.py").touch()
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    assert run("emit", spec, "-o", tmp_path / "link.py")[0] == 0
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real.py").read_text().startswith('"""small')
    assert run("emit", spec, "-o", os.devnull)[0] == 0
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only where there is a disk that is always full")
def test_a_device_that_is_full_is_named(run):
    status, _, err = run("emit", "one_neuron", "-o", "/dev/full")
    assert status == 2
    assert err == "chainrule: /dev/full: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only where there is a disk that is always full")
@pytest.mark.slow
def test_a_full_disk_is_one_line():
    command = f"{sys.executable} -m codegen derive one_neuron > /dev/full"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert one_line(done.stderr)


@pytest.mark.slow
def test_a_terminal_without_greek_letters_still_shows_something():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "codegen", "derive", "one_neuron"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u03c3" in done.stdout


@pytest.mark.slow
def test_a_reader_who_leaves_early_gets_no_complaint():
    command = f"{sys.executable} -m codegen derive one_hidden_layer | head -1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_an_interrupt_ends_with_130_and_silence(run, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("symbolic.derivation.derive.derive", interrupted)
    assert run("derive", "one_neuron") == (130, "", "")


def test_a_fault_of_ours_is_one_line_too(run, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise AssertionError("two\nlines")

    monkeypatch.setattr("symbolic.derivation.derive.derive", broken)
    status, out, err = run("derive", "one_neuron")
    assert (status, out) == (2, "")
    assert one_line(err)
    assert "two lines" in err
