"""Marking code: it runs apart, only when asked, and what is wrong with it is one line."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.audit import isolation
from codegen.audit.another_user import Account, give, nobody, works
from codegen.audit.auditing import audit
from codegen.audit.isolation import isolates, printable, run_jobs
from codegen.audit.waiting import in_notebook
from symbolic.errors import SpecError
from symbolic.network.network import Network

RIGHT = """
import numpy as np
def sigma(u):
    return 1 / (1 + np.exp(-u))
def gradient(X, Y, w_1, b_z, w_2, b_p):
    z = sigma(X @ w_1.T + b_z)
    p = sigma(z @ w_2.T + b_p)[:, 0]
    e = (-2 * (Y - p) * p * (1 - p))[:, None]
    ez = e * w_2 * z * (1 - z)
    return {"w_1": ez.T @ X, "b_z": ez.sum(axis=0), "w_2": e.T @ z, "b_p": e.sum(axis=0)}
"""


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.load("one_hidden_layer")


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.py"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_right_gradient_agrees_by_every_parameter_and_says_how_it_was_read(network: Network, tmp_path: Path) -> None:
    found = audit(f"{written(tmp_path, RIGHT)}:gradient", network, run=True)
    assert found.agrees
    assert [f.parameter for f in found.findings] == ["w_1", "b_z", "w_2", "b_p"]
    record = found.to_dict("ru")
    assert record["understood"]
    assert record["points"] >= 20
    json.dumps(record)


@pytest.mark.parametrize(
    ("old", "new", "parameter", "said"),
    [
        pytest.param("ez.T @ X", "X.T @ ez", "w_1", "transposed", marks=pytest.mark.slow),
        ("ez.sum(axis=0)", "ez", "b_z", "not summed over the sample"),
        pytest.param("ez.sum(axis=0)", "ez.sum(axis=1)", "b_z", "wrong axis", marks=pytest.mark.slow),
        ("e.T @ z", "e.T @ z / len(X)", "w_2", "mean over the sample"),
    ],
)
def test_a_slip_is_named_at_its_parameter(
    network: Network, tmp_path: Path, old: str, new: str, parameter: str, said: str
) -> None:
    found = audit(f"{written(tmp_path, RIGHT.replace(old, new))}:gradient", network, run=True)
    findings = {f.parameter: f for f in found.findings}
    assert not findings[parameter].agrees
    assert said in str(findings[parameter].sentence) + str(found.slip)


@pytest.mark.slow
def test_each_parameter_has_its_own_factor(network: Network, tmp_path: Path) -> None:
    text = RIGHT.replace("ez.T @ X", "-ez.T @ X").replace("ez.sum", "2 * ez.sum").replace("e.T @ z", "e.T @ z / 2")
    found = {f.parameter: f for f in audit(f"{written(tmp_path, text)}:gradient", network, run=True).findings}
    assert {name: one.agrees for name, one in found.items()} == {"w_1": False, "b_z": False, "w_2": False, "b_p": True}
    assert "the sign of" in str(found["w_1"].sentence)
    assert "a factor 2 too many" in str(found["b_z"].sentence)
    assert "factor" in str(found["w_2"].sentence)


def test_code_is_not_run_unless_the_person_says_so(network: Network, tmp_path: Path) -> None:
    file = written(tmp_path, f"def gradient(w, X, Y):\n    open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(SpecError, match="--run"):
        audit(f"{file}:gradient", network)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def gradient(X, Y, w_1, b_z, w_2, b_p):\n    raise RuntimeError('no')\n", "failed: RuntimeError: no"),
        ("def other(w, X, Y):\n    return w\n", "no function gradient"),
        ("def gradient(w, X, Y:\n", "not Python"),
        ("def gradient(X, Y, w_1, b_z, w_2, b_p):\n    while True: pass\n", "did not return"),
        (
            "def gradient(X, Y, w_1, b_z, w_2, b_p, spam, eggs):\n    return spam * eggs(X)\n",
            "say how it is called with --call",
        ),
        ("class V: pass\ndef gradient(X, Y, w_1, b_z, w_2, b_p):\n    return V()\n", "class V"),
    ],
)
def test_code_that_cannot_be_used_is_one_clear_line(network: Network, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SpecError, match=said) as caught:
        audit(f"{written(tmp_path, text)}:gradient", network, run=True, timeout=4)
    assert "\n" not in str(caught.value)


def test_a_refusal_says_what_came_and_what_would_be_right(network: Network, tmp_path: Path) -> None:
    text = "import numpy as np\ndef gradient(X, Y, w_1, b_z, w_2, b_p):\n    return np.zeros((11, 13))\n"
    with pytest.raises(SpecError) as caught:
        audit(f"{written(tmp_path, text)}:gradient", network, run=True)
    assert "(11, 13) came" in str(caught.value)
    assert "b_p (1,) was expected" in str(caught.value)
    assert "--call" in str(caught.value)


def test_a_sample_keeps_its_order_whatever_shuffles_it_and_chance_is_the_same_at_each_job(tmp_path: Path) -> None:
    text = """
import random
import numpy as np
rng = np.random.default_rng()
def shuffled():
    x, y = np.arange(6.0), list(range(6))
    rng.shuffle(x)
    random.shuffle(y)
    np.random.shuffle(x)
    found = [x, np.array(y), rng.permutation(6), np.random.permutation(x), np.random.RandomState(3).permutation(6)]
    return np.abs(np.array(found) - np.arange(6.0)).max()
def drawn():
    return rng.normal() + np.random.normal() + random.random() + np.random.RandomState().normal()
"""
    results = run_jobs(written(tmp_path, text), [job(name) for name in ("shuffled", "drawn", "drawn")], 20).results
    order, first, second = (r["shown"][0][0]["numbers"][0] for r in results)
    assert order == 0
    assert first == second


def test_a_loop_that_trains_ends_after_the_rounds_of_the_job_and_one_over_the_data_does_not(tmp_path: Path) -> None:
    text = """
class Trainer:
    epochs = 10**9
    def fit(self):
        done = 0
        for _ in range(self.epochs):
            for _ in range(7):
                done += 1
        return float(done)
def fit():
    return Trainer().fit()
"""
    jobs = [{**job("fit"), "rounds": rounds, "longest": 50} for rounds in (1, 2)]
    results = run_jobs(written(tmp_path, text), jobs, 20).results
    assert [r["shown"][0][0]["numbers"][0] for r in results] == [7, 14]


@pytest.mark.slow
def test_weights_that_the_code_sets_itself_are_not_overwritten_unseen(tmp_path: Path) -> None:
    text = """
import numpy as np
class Model:
    def fit(self, X, y, lr=0.1, epochs=100):
        self.w, self.b = np.zeros(X.shape[1]), 0.0
        for _ in range(epochs):
            e = X @ self.w + self.b - y
            self.w = self.w - lr * SIGN * X.T @ e
            self.b = self.b - lr * e.sum()
        return self
"""
    line = Network.from_dict(
        {"name": "l", "loss": "half_squared", "inputs": {"x": 3}, "nodes": {"p": {"inputs": ["x"], "width": 1}}}
    )
    right = audit(f"{written(tmp_path, text.replace('SIGN', '1'))}:Model", line, run=True)
    assert right.agrees
    assert "it sets its own weights" in right.text()
    wrong = audit(f"{written(tmp_path, text.replace('SIGN', '-1'))}:Model", line, run=True)
    assert not wrong.agrees
    assert "sign" in wrong.text()


@pytest.mark.slow
def test_steps_with_a_memory_are_refused_rather_than_called_wrong(tmp_path: Path) -> None:
    text = """
import numpy as np
class Model:
    def fit(self, X, y, lr=0.1, momentum=0.9, epochs=100):
        self.w, self.b, v, c = np.zeros(X.shape[1]), 0.0, 0.0, 0.0
        for _ in range(epochs):
            e = X @ self.w + self.b - y
            v, c = momentum * v + X.T @ e, momentum * c + e.sum()
            self.w, self.b = self.w - lr * v, self.b - lr * c
"""
    nodes = {"p": {"inputs": ["x"], "width": 1}}
    line = Network.from_dict({"name": "line", "loss": "half_squared", "inputs": {"x": 3}, "nodes": nodes})
    with pytest.raises(SpecError, match="momentum"):
        audit(f"{written(tmp_path, text)}:Model", line, run=True)


def job(call: str) -> dict[str, object]:
    return {"steps": [{"do": "call", "function": ["m", [f".{call}"]], "args": [], "kwargs": {}, "show": True}]}


@pytest.mark.parametrize("ours", ["codegen", "symbolic", "chainrule", "generated"])
def test_our_own_gradient_cannot_be_imported_by_the_code(tmp_path: Path, ours: str) -> None:
    file = written(tmp_path, f"def f():\n    import {ours}\n    return 1.0\n")
    (result,) = run_jobs(file, [job("f")], 10).results
    assert "ModuleNotFoundError" in result["error"]


def test_no_file_that_the_code_can_see_lies_beside_our_packages(tmp_path: Path) -> None:
    text = """
import os, sys
def f():
    seen = [*sys.path, *sys.argv, *(getattr(m, "__file__", None) or "" for m in list(sys.modules.values()))]
    seen += [frame.f_code.co_filename for frame in sys._current_frames().values()]
    # but for NumPy's own environment, which README puts into the tree
    above = {os.path.realpath(p) for p in seen if p and "site-packages" not in os.path.realpath(p)}
    for _ in range(12):
        above |= {os.path.dirname(p) for p in above}
    return float(sum(os.path.isfile(os.path.join(p, "codegen", "audit", "isolation.py")) for p in above))
"""
    (result,) = run_jobs(written(tmp_path, text), [job("f")], 10).results
    assert result["shown"][0][0]["numbers"] == [0.0]


def test_the_process_has_no_environment_no_input_and_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "1")
    text = """
import os, sys
import numpy as np
def environment():
    return float("SECRET_OF_MINE" in os.environ)
def read():
    return float(len(sys.stdin.read()))
def memory():
    return np.ones(10**9)
def files():
    return len([open(os.devnull) for _ in range(500)])
def empty():
    return float(len([n for n in os.listdir(".") if n not in ("request.json", "result.jsonl")]))
"""
    names = ["environment", "read", "memory", "files", "empty"]
    results = run_jobs(written(tmp_path, text), [job(name) for name in names], 20).results
    shown = [r["error"].split(":")[0] if "error" in r else r["shown"][0][0]["numbers"][0] for r in results]
    assert shown[0] == 0
    assert shown[1] == 0
    assert "Memory" in str(shown[2])
    assert shown[3] == "OSError"
    assert shown[4] == 0


def test_children_of_the_code_end_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "late"
    text = f"""
import subprocess, sys
def f():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1); open({str(mark)!r}, 'w')"])
    return 1.0
"""
    run_jobs(written(tmp_path, text), [job("f")], 10)
    import time

    time.sleep(2)
    assert not mark.exists()


def as_nobody() -> Account:
    account = nobody()
    if account is None:
        pytest.skip("only root can be another user")
    return account


def test_a_root_can_have_a_command_run_by_nobody(tmp_path: Path) -> None:
    account, folder = as_nobody(), Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    (folder / "ours").write_text("ours")
    (folder / "ours").chmod(0o600)
    assert works(
        ["/bin/sh", "-c", f"test $(id -u) = {account.user} && test $(id -G) = {account.group}"], Path("/"), account
    )
    assert not works(["/bin/cat", str(folder / "ours")], Path("/"), account)
    give(folder, account)
    assert works(["/bin/cat", str(folder / "ours")], Path("/"), account)
    shutil.rmtree(folder)


@pytest.mark.parametrize("closed", [True, False])
def test_code_runs_as_nobody_where_nobody_can_read_it_and_else_it_is_said_that_it_could_read_what_is_roots(
    tmp_path: Path, closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_nobody()
    if closed:
        monkeypatch.setattr(isolation, "works", lambda *asked: False)
    file = written(tmp_path, "import os\ndef f():\n    return float(open('/proc/self/uid_map').read().split()[1])\n")
    ran = run_jobs(file, [job("f")], 20)
    assert "shown" in ran.results[0]
    assert ran.ran_as in (["root"] if closed else ["root", "nobody"])
    assert ("root" in isolates(20, ran.ran_as).en) == (ran.ran_as == "root")


@pytest.fixture(params=["apart", "without unshare"])
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[frozenset[str]]:
    """What stands around the code here, with mounts of its own and without."""
    if request.param == "without unshare":
        monkeypatch.setattr("codegen.audit.isolation.shutil.which", lambda name: None)
    isolation._walls.cache_clear()
    yield isolation._walls().standing
    isolation._walls.cache_clear()


def test_the_code_writes_nowhere_but_in_its_own_folder(tmp_path: Path, walls: frozenset[str]) -> None:
    if "writing" not in walls:
        pytest.skip("this system has neither Landlock nor unshare for everybody")
    (tmp_path / "mine").write_text("mine")
    text = f"""
import os
def over():
    open({str(tmp_path / "mine")!r}, "w").close()
def new():
    open({str(tmp_path / "new")!r}, "w").close()
def gone():
    os.remove({str(tmp_path / "mine")!r})
def cut():
    os.truncate({str(tmp_path / "mine")!r}, 0)
def moved():
    os.rename({str(tmp_path / "mine")!r}, "here")
def folder():
    os.mkdir({str(tmp_path / "folder")!r})
def link():
    os.symlink("/", {str(tmp_path / "link")!r})
def own():
    with open("own", "w") as file:
        return float(file.write("four"))
"""
    names = ["over", "new", "gone", "cut", "moved", "folder", "link", "own"]
    results = run_jobs(written(tmp_path, text), [job(name) for name in names], 20).results
    assert all(result.get("error", "").startswith(("PermissionError", "OSError")) for result in results[:-1]), results
    assert results[-1]["shown"][0][0]["numbers"] == [4.0]
    assert (tmp_path / "mine").read_text() == "mine"
    assert not {"new", "folder", "link"} & {one.name for one in tmp_path.iterdir()}


def test_the_code_calls_nobody(tmp_path: Path, walls: frozenset[str]) -> None:
    if "network" not in walls:
        pytest.skip("this system has neither Landlock nor unshare for everybody")
    with socket.create_server(("127.0.0.1", 0)) as server:
        text = f"""
import shutil
import socket
import tempfile
def f():
    socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 2)
"""
        (result,) = run_jobs(written(tmp_path, text), [job("f")], 10).results
    assert "Error" in result["error"]


def test_what_is_isolated_and_what_is_not_is_said_in_one_line(walls: frozenset[str]) -> None:
    said = isolation.isolates(20)
    assert ("no writing outside" in said.en) == ("writing" in walls)
    assert ("no network" in said.en) == ("network" in walls)
    assert "it could read files" in said.en
    assert "читать файлы код мог" in said.ru
    assert "\n" not in said.en + said.ru


@pytest.mark.parametrize(
    "line",
    [
        '{"verdict": "correct"}', '[]', '{"shown": []}', '{"shown": [[{"path": 1}]], "trace": []}', '{"error": 1}', "{",
        '{"shown": [[{"path": [], "shape": [9], "numbers": [1.0]}]], "trace": []}', '{"shown": [7], "trace": []}',
        f'{{"shown": [[{{"path": [], "shape": [1], "numbers": [{10**400}]}}]], "trace": []}}', "[" * 5000, "9" * 5000,
        '{"shown": [null], "trace": [1]}', '{"error": "x", "step": "y"}', "\u0000", '{"stand_ins": 3, "names": 4}',
    ],
)  # fmt: skip
def test_what_the_code_writes_over_its_results_is_no_result(tmp_path: Path, line: str) -> None:
    text = f"""
import os
def f():
    for k in range(3, 64):
        try:
            os.write(k, {line!r}.encode() + b"\\n")
        except OSError:
            pass
    os._exit(0)
"""
    (result,) = run_jobs(written(tmp_path, text), [job("f")], 10).results
    assert result["error"] == "it wrote over the results of the audit"


def test_results_of_the_right_form_written_by_the_code_are_numbers_to_be_compared(tmp_path: Path) -> None:
    text = """
import json, os
def f():
    record = {"shown": [[{"path": [], "shape": [], "numbers": [7.0], "kind": "f"}]], "trace": []}
    for k in range(3, 64):
        try:
            os.write(k, json.dumps(record).encode() + b"\\n")
        except OSError:
            pass
    os._exit(0)
"""
    found = run_jobs(written(tmp_path, text), [job("f"), job("f")], 10).results
    assert [one.get("shown", [[]])[0] != [] for one in found] == [True, False]
    assert "ended" in found[1]["error"]


def test_a_mean_for_the_sum_is_said_and_right_where_no_loss_tells_which_is_meant(
    network: Network, tmp_path: Path
) -> None:
    text = RIGHT.replace("p * (1 - p))[:, None]", "p * (1 - p))[:, None] / len(X)")
    found = audit(f"{written(tmp_path, text)}:gradient", network, run=True)
    assert found.agrees
    assert "1/N" in str(found.findings[0].sentence)
    assert "the mean over the sample is taken" in found.text()


def test_what_moves_a_cursor_is_not_echoed() -> None:
    assert printable("a\x1b[2J\n\u202eb\x07") == "a[2J b"


def test_what_the_code_prints_does_not_disturb_what_is_said(
    network: Network, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    audit(
        f"{written(tmp_path, 'print(1)' + chr(10) + RIGHT.replace('    e =', '    print(p); e ='))}:gradient",
        network,
        run=True,
    )
    assert capfd.readouterr().out == ""


def test_the_script_part_of_a_file_is_not_run_and_missing_packages_are_stood_in_for(
    network: Network, tmp_path: Path
) -> None:
    text = "import no_such_package_anywhere as n\nimport matplotlib.pyplot as plt\n" + RIGHT + "\nwhile True: pass\n"
    found = audit(f"{written(tmp_path, text)}:gradient", network, run=True)
    assert found.agrees
    assert any("no_such_package_anywhere" in str(note) for note in found.notes)


@pytest.mark.slow
def test_relu_without_its_derivative_is_named_whatever_the_widths() -> None:
    nodes = {
        "g": {"inputs": ["x"], "width": 2, "activation": "relu"},
        "h": {"inputs": ["g"], "width": 1, "activation": "relu"},
        "p": {"inputs": ["h"], "width": 1},
    }
    network = Network.from_dict({"name": "small", "loss": "half_squared", "inputs": {"x": 2}, "nodes": nodes})
    found = audit(f"{Path(__file__).parent / 'small_relu.py'}:gradient", network, run=True)
    assert not found.agrees
    assert "relu′ of g is left out" in found.text()


@pytest.mark.slow
def test_the_flat_vector_of_the_generated_module_is_understood(tmp_path: Path) -> None:
    text = """
import numpy as np
def gradient(w, X, Y):
    T, U, C = X.shape[1], 3, 2
    k, b, v, c = w[:6].reshape(2, 3), w[6:8], w[8:10], w[10]
    windows = np.stack([X[:, t:t + U] for t in range(T - U + 1)], axis=1)
    z = np.tanh(windows @ k.T + b)
    e = -2 * (Y - (z.mean(1) @ v + c))
    d = e[:, None, None] * v / z.shape[1] * (1 - z**2)
    return np.concatenate([np.einsum("itc,itu->cu", d, windows).ravel(), d.sum((0, 1)), e @ z.mean(1), [e.sum()]])
"""
    assert audit(f"{written(tmp_path, text)}:gradient", Network.load("conv1d"), run=True).agrees


def test_a_call_that_is_said_is_what_is_called(network: Network, tmp_path: Path) -> None:
    text = RIGHT.replace("gradient(X, Y, w_1, b_z, w_2, b_p)", "gradient(eggs, spam, a, c, e_, f)")
    for old, new in (
        ("X @ w_1.T", "eggs @ a"),
        ("b_z)", "c)"),
        ("w_2.T + b_p", "e_.T + f"),
        ("(Y - p)", "(spam - p)"),
        ("* w_2 *", "* e_ *"),
    ):
        text = text.replace(old, new)
    text = text.replace("ez.T @ X", "eggs.T @ ez")
    text = (
        text.replace('{"w_1": ', "(")
        .replace('"b_z": ', "")
        .replace('"w_2": ', "")
        .replace('"b_p": ', "")
        .replace("axis=0)}", "axis=0))")
    )
    call = "gradient(x, y, a=w_1.T, c=b_z, e_=w_2, f=b_p) -> dw_1.T, db_z, dw_2, db_p"
    assert audit(f"{written(tmp_path, text)}:gradient", network, run=True, call=call).agrees


@pytest.mark.parametrize(
    "call", ["gradient(x, y, a=w_9)", "gradient(", "7", "gradient(x, y, a=open('f'))", "gradient(**x)"]
)
def test_a_call_that_says_nothing_is_one_line(network: Network, tmp_path: Path, call: str) -> None:
    with pytest.raises(SpecError, match="--call") as caught:
        audit(f"{written(tmp_path, RIGHT)}:gradient", network, run=True, call=call)
    assert "\n" not in str(caught.value)


def test_a_function_of_a_notebook_is_audited(network: Network, tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["text"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "1 + 1"]},
        {"cell_type": "code", "source": RIGHT.splitlines(keepends=True)},
    ]
    (tmp_path / "book.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    with in_notebook(f"{tmp_path / 'book.ipynb'}:gradient") as target:
        assert audit(target, network, run=True).agrees
    with pytest.raises(SpecError, match="no notebook"), in_notebook(f"{written(tmp_path, 'x')}:gradient"):
        pass
