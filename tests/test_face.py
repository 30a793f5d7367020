"""``import chainrule``: every name in one place, imported when it is used; nothing of a stranger is taken for ours."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule
import codegen
import symbolic
from symbolic.lazily import HOMES

ROOT = Path(__file__).parent.parent
PATH = os.pathsep.join([str(ROOT), str(ROOT / "codegen" / "face")])
LAZY = {
    "chainrule": (chainrule, chainrule.HOMES),
    "symbolic": (symbolic, vars(symbolic)[HOMES]),
    "codegen": (codegen, vars(codegen)[HOMES]),
}
#: What no command needs before it does its work.
HEAVY = {"sympy", "mpmath", "numpy", "lark", "jinja2", "pydantic", "scipy", "torch", "sklearn", "matplotlib"}


def python(*arguments: str, cwd: Path = ROOT, path: str = PATH) -> subprocess.CompletedProcess[str]:
    """A Python of its own, which finds the packages by ``path`` and what lies in ``cwd`` before them."""
    environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("package", LAZY)
def test_every_public_name_is_there_and_is_what_a_type_checker_sees(package):
    module, homes = LAZY[package]
    assert set(homes) <= set(module.__all__)
    assert list(module.__all__) == sorted(module.__all__)
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None
    declared = {}
    (stubs,) = (node for node in ast.parse(Path(str(module.__file__)).read_text()).body if isinstance(node, ast.If) and
                isinstance(node.test, ast.Name))  # fmt: skip
    for line in stubs.body:
        assert isinstance(line, ast.ImportFrom)
        for alias in line.names:
            declared[alias.asname or alias.name] = (str(line.module), alias.name)
    assert set(declared) == set(homes)
    for name, (home, what) in declared.items():
        seen = getattr(__import__(home, fromlist=[what]), what)
        assert getattr(module, name) is seen, f"{package}.{name}"


def test_what_is_not_public_is_an_attribute_error():
    for module, _ in LAZY.values():
        with pytest.raises(AttributeError, match="no attribute 'derivve'"):
            module.derivve  # noqa: B018


@pytest.mark.slow
def test_a_submodule_does_not_take_the_place_of_a_public_name():
    script = "import symbolic.marking.judge, codegen.targets.numpy.emit, codegen.targets.load\n"
    script += (
        "from symbolic import verify\nfrom codegen import emit, load\nassert all(map(callable, (verify, emit, load)))"
    )
    done = python("-c", script)
    assert done.returncode == 0, done.stderr


def test_importing_the_packages_imports_nothing_heavy():
    script = "import chainrule, symbolic, codegen, sys\nprint(*{name.split('.')[0] for name in sys.modules})"
    done = python("-c", script)
    assert not HEAVY & set(done.stdout.split()), done.stderr


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["derive", "--help"], {"pydantic"}),  # typer reads the options of a command by it
        (["train", "--help"], {"pydantic"}),
        (["specs"], {"pydantic"}),
    ],
)
def test_a_command_that_only_says_something_imports_no_engine(arguments, needed):
    script = f"import sys\nfrom codegen.cli import main\nmain({arguments!r})\n"
    script += "print('MODULES', *{name.split('.')[0] for name in sys.modules})"
    done = python("-c", script)
    said, _, modules = done.stdout.partition("MODULES")
    assert said.strip(), done.stderr
    assert HEAVY & set(modules.split()) <= needed


@pytest.mark.parametrize("name", chainrule.ROOMS)
@pytest.mark.parametrize("text", ["", "raise RuntimeError('not me')"])
def test_another_package_of_the_same_name_is_one_line(tmp_path, name, text):
    (tmp_path / f"{name}.py").write_text(text)
    done = python("-m", "chainrule", "--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"chainrule: Python finds another package called {name!r}")
    assert str(tmp_path / f"{name}.py") in line
    used = python("-c", "from chainrule import Network", cwd=tmp_path)
    assert used.stderr.splitlines()[-1] == line.replace("chainrule: ", "ImportError: ", 1)


def test_python_m_chainrule_is_the_command():
    done = python("-m", "chainrule", "--version")
    assert (done.stdout, done.returncode) == (f"chainrule {chainrule.__version__}\n", 0), done.stderr


def test_what_a_person_sees_at_the_prompt_is_one_readable_line():
    network = chainrule.Network.load("one_hidden_layer")
    derivation = chainrule.derive(network, "w_1")
    marking = chainrule.verify(network, r"$\frac{\partial Q}{\partial w_2} = 0$")
    shown = [
        network,
        *network.nodes,
        *network.parameters,
        derivation,
        *derivation.every_step(),
        *(step.rule for step in derivation.steps),
        *derivation.lines,
        *derivation.definitions,
        marking,
        *marking.lines,
        chainrule.check(network),
    ]
    for one in shown:
        text = repr(one)
        assert len(text) <= 200, text
        assert not [mark for mark in ("\n", " object at 0x", "terms=") if mark in text], text
    assert repr(derivation.result).startswith("<Sum: Sum(-2*(y[i] - p[i])*p[i]")
    assert repr(derivation.steps[-1]).startswith("<Step substitution: ")


def test_the_help_of_train_names_every_optimizer():
    from codegen.cli.train import NAMES
    from codegen.runtime.steps import OPTIMIZERS

    assert NAMES.split(", ") == [*OPTIMIZERS, "l-bfgs"]


#: What takes a network, and what is called of it.
OF_A_NETWORK = {
    "check": lambda network: chainrule.check(network).agrees,
    "derive": lambda network: chainrule.derive(network).latex(),
    "emit": chainrule.emit,
    "hessian": lambda network: chainrule.hessian(network).latex(),
    "hessian_vector_product": lambda network: chainrule.hessian_vector_product(network).latex(),
    "jacobian": lambda network: chainrule.jacobian(network).latex(),
    "load": lambda network: chainrule.load(network).SPEC_HASH,
    "verify": lambda network: chainrule.verify(network, r"\frac{\partial Q}{\partial w} = 0").verdict,
}


@pytest.mark.parametrize("name", OF_A_NETWORK)
def test_a_network_may_be_given_as_what_says_it(name):
    network, path = chainrule.Network.load("one_neuron"), ROOT / "symbolic/network/specs/one_neuron.toml"
    expected = OF_A_NETWORK[name](network)
    for said in ("one_neuron", network.to_dict(), path):
        assert OF_A_NETWORK[name](said) == expected
    with pytest.raises(chainrule.SpecError, match=r"^network: got int, expected a Network, a dict, the name"):
        OF_A_NETWORK[name](3)


@pytest.mark.parametrize("target", ["numpy", "numba", "torch"])
def test_emit_and_load_take_a_target(target):
    text = chainrule.emit("one_neuron", target=target, dtype="float32")
    assert "import torch" in text if target == "torch" else f"import {target}" in text
    assert chainrule.load("one_neuron", target=target).SPEC == "one_neuron"
    assert codegen.emit("one_neuron", "float32", target=target) == text


def test_what_a_target_does_not_know_is_one_line():
    with pytest.raises(chainrule.SpecError, match=r"^target is 'jax'; it must be one of numpy, torch, numba$"):
        chainrule.load("one_neuron", target="jax")
    with pytest.raises(chainrule.SpecError, match=r"^methods is of the target numpy, not of numba$"):
        chainrule.load("one_neuron", target="numba", methods=["jacobian"])
