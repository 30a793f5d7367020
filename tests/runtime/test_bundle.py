"""The runtime of emitted modules: one text, in a file of its own or behind a network, that needs NumPy alone."""

from __future__ import annotations

import ast
import importlib
import pydoc
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from codegen import emit
from codegen.checking.vouch import load_file
from codegen.generate import ROOT, lowered
from codegen.runtime import bundle
from codegen.targets.numpy.methods import METHODS
from codegen.targets.package import package_of
from symbolic.errors import SpecError
from symbolic.network.builtin import builtin_specs
from symbolic.network.network import Network

NETWORK = Network.load("one_neuron")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with the two files of a package."""
    folder = tmp_path / "nets"
    folder.mkdir()
    for name, text in zip(("one_neuron.py", bundle.FILE), package_of(emit(NETWORK)), strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, check=False)


def test_every_module_of_the_runtime_is_in_the_bundle_and_none_is_there_twice():
    there = {path.stem for path in (ROOT / "codegen" / "runtime").glob("*.py")}
    assert there == {*bundle.MODULES, "__init__", "bundle"}
    names = [*bundle.defined(ast.parse(bundle.runtime().body).body)]
    assert len(names) == len({*names})


@pytest.mark.parametrize("name", bundle.MODULES)
def test_a_module_of_the_runtime_imports_numpy_python_and_modules_before_it(name):
    before = {f"codegen.runtime.{module}" for module in bundle.MODULES[: bundle.MODULES.index(name)]}
    for line in bundle.parts_of(bundle.source(name)).imports:
        module = line.split()[1]
        assert module in before or module.split(".")[0] in {"numpy", *sys.stdlib_module_names}
        assert " as " not in line or line == "import numpy as np"


def test_steps_and_schedules_are_what_the_descriptions_lower_to():
    for path, text in lowered().items():
        assert path.read_text(encoding="utf-8") == text, "run `python -m codegen.generate`, then read the diff"


def test_a_bundle_taken_apart_is_the_network_and_the_runtime():
    network, beside = package_of(emit(NETWORK))
    apart = bundle.out_of_package(network)
    assert apart is not None
    assert bundle.bundled(apart) == emit(NETWORK)
    whole = bundle.taken_apart(emit(NETWORK))
    assert whole is not None
    assert whole.runtime == bundle.runtime().body
    assert bundle.taken_apart(network) is None
    assert bundle.out_of_package(emit(NETWORK)) is None
    assert beside == bundle.runtime_text()


def test_a_bundle_begins_with_the_network_and_its_plain_function():
    text = emit(NETWORK)
    first = next(node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    assert first.name == "plain"
    assert text.index("def functions(") < text.index(bundle.RUNTIME) < text.index("class Objective(")


def test_a_package_of_two_files_runs_where_it_is_copied_and_checks_itself(package):
    done = run("-m", "nets.one_neuron", cwd=package.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("the gradient is the slope of Q\n")


def test_a_package_is_vouched_for_with_the_runtime_beside_it_and_with_no_other(package):
    module = load_file(package / "one_neuron.py")
    assert module.Objective(d=2).size == 3
    beside = package / bundle.FILE
    beside.write_text(beside.read_text(encoding="utf-8").replace("1e8 *", "1e9 *"), encoding="utf-8")
    with pytest.raises(SpecError, match=r"runtime\.py is not the runtime of this chainrule"):
        load_file(package / "one_neuron.py")
    beside.unlink()
    with pytest.raises(SpecError, match=r"runtime\.py is not the runtime of this chainrule"):
        load_file(package / "one_neuron.py")


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("np.savez(file", "np.save(file", "runtime is not the one of this chainrule"),
        ("    return Q, (", "    np.save('x', w)\n    return Q, (", r"\.save is used"),
        ("    _objective_type = Objective", "    _objective_type = print(1)", "something is done while it is imported"),
        ("FACTS = Facts(", "FACTS = Facts(*open('x'),", "something is done while it is imported"),
        ("def main(", "os.remove('x')\n\n\ndef main(", "something is done while it is imported"),
        ("    return check_command(Objective, argv)", "    os.remove('x')", r"\.remove is used"),
    ],
)
@pytest.mark.slow
def test_a_bundle_that_was_changed_is_refused_but_for_its_arithmetic(tmp_path, before, after, complaint):
    text, file = emit(NETWORK), tmp_path / "changed.py"
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(SpecError, match=complaint):
        load_file(file)
    file.write_text(text.replace("E_p = -2.0*(y - p)", "E_p = -3.0*(y - p)"), encoding="utf-8")
    assert load_file(file).SPEC == "one_neuron"


@pytest.mark.parametrize("name", builtin_specs())
def test_help_says_what_every_method_does_in_under_200_lines(name):
    module = importlib.import_module(f"generated.{name}")
    shown = pydoc.plain(pydoc.render_doc(module))
    assert len(shown.splitlines()) < 200
    for name in ("value_and_gradient", "predict", "fit", "resume", "save", "plain"):
        assert name in shown


USER = """
    import numpy as np
    from copied import Diverged, Objective, Trainer, plain

    objective = Objective(D=3, J=4, dtype="float32")
    w = objective.initial(seed=0)
    X, Y = np.zeros((5, 3)), np.zeros(5)
    q, g = objective.value_and_gradient(w, X, Y)
    total: float = q + objective.value(w, X, Y)
    slope: float = g[0]
    rows = {name: part.stop for name, (part, shape) in objective.layout.items()}
    views = {name: view.shape for name, view in objective.unpack(w).items()}
    trainer = Trainer(optimizer="adam", epochs=2, batch_size=4, seed=0, D=3, J=4)
    try:
        outputs = trainer.fit(X, Y).predict(X)
    except Diverged:
        raise
    score: float = trainer.score(X, Y)
    trainer.save("run.npz")
    again: Trainer = Trainer.load("run.npz")
    value, slopes = plain(np.zeros((4, 3)), np.zeros(4), np.zeros(4), np.zeros(()), X, Y)
"""


@pytest.mark.slow
def test_a_program_beside_a_copied_module_is_typed_strictly(tmp_path):
    (tmp_path / "copied.py").write_text(emit(Network.load("one_hidden_layer")), encoding="utf-8")
    (tmp_path / "user.py").write_text(textwrap.dedent(USER), encoding="utf-8")
    assert not faults_of_types(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["bundled", "in a package"])
def test_emitted_modules_are_typed_strictly_in_every_form(tmp_path, form):
    with_methods = emit(Network.load("deep_mlp"), methods=tuple(METHODS))
    texts = {"scalar_graph": emit(Network.load("scalar_graph")), "deep_mlp": with_methods}  # rows of a stack, loops
    if form == "in a package":
        texts = {name: package_of(text)[0] for name, text in texts.items()}
        texts |= {"convnet": package_of(emit(Network.load("convnet")))[0], "runtime": bundle.runtime_text()}
    folder = tmp_path / "nets"
    folder.mkdir()
    for name, text in {"__init__": "", **texts}.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    assert not faults_of_types(tmp_path)


def faults_of_types(folder: Path) -> str:
    """What mypy, told to be strict, says of the modules there; nothing when there is nothing wrong."""
    done = run("-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), ".", cwd=folder)
    return done.stdout if done.returncode else ""
