"""The distribution: what a wheel holds, and what it says of itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from codegen.version import VERSION

ROOT = Path(__file__).parent.parent
#: Where each top-level package of the wheel lies in the tree; the face has a folder inside another's.
PACKAGES = {
    "chainrule": "codegen/face/chainrule",
    "symbolic": "symbolic",
    "codegen": "codegen",
    "generated": "generated",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of the tree, by the build backend alone: no network, no pip."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    for package in ("symbolic", "codegen", "generated", "tests"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    (tree / "scratch").mkdir()  # what discovery must not find
    (tree / "scratch" / "__init__.py").touch()
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, str(out)],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("*.whl")
    assert path.name == f"chainrule-{VERSION}-py3-none-any.whl"
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_packages_and_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {*PACKAGES, f"chainrule-{VERSION}.dist-info"}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_file_of_a_package(wheel, package):
    home = ROOT / PACKAGES[package]
    face = ROOT / "codegen" / "face"
    here = {
        f"{package}/{path.relative_to(home).as_posix()}"
        for path in home.rglob("*")
        if path.is_file()
        and not {"__pycache__", ".mypy_cache"} & set(path.parts)
        and (home.is_relative_to(face) or not path.is_relative_to(face))
    }
    there = {name for name in wheel.namelist() if name.startswith(f"{package}/")}
    assert there == here


def test_the_wheel_says_how_to_start_it_and_what_it_needs(wheel):
    about = wheel.read(f"chainrule-{VERSION}.dist-info/METADATA").decode()
    assert "Requires-Python: >=3.11" in about
    assert "License-Expression: MIT" in about
    for version in ("3.11", "3.12", "3.13"):
        assert f"Classifier: Programming Language :: Python :: {version}\n" in about
    extras = {line.split(": ")[1] for line in about.splitlines() if line.startswith("Provides-Extra: ")}
    assert extras == {"test", "plot", "scipy", "sklearn", "distributed", "exchange", "parquet", "numba", "web"}
    scripts = wheel.read(f"chainrule-{VERSION}.dist-info/entry_points.txt").decode()
    assert "chainrule = chainrule.__main__:main" in scripts


def test_every_runtime_import_is_a_declared_dependency():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {line.split(">")[0] for line in declared}
    assert names == {"sympy", "mpmath", "numpy", "jinja2", "pydantic", "typer", "rich", "lark"}


def test_what_is_installed_for_the_checks_is_written_down_and_within_the_bounds():
    lines = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    locked = {name.lower(): version for name, _, version in (line.partition("==") for line in lines if "==" in line)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (line for lines in project["optional-dependencies"].values() for line in lines)
    for line in (*project["dependencies"], *extras):
        wanted = Requirement(line)
        if wanted.name != "chainrule":
            assert locked[wanted.name.lower()] in wanted.specifier, line
