"""The machine that figures come from, and whose products of matrices each contestant computes with."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import re
from typing import Any


def machine() -> str:
    """The processor, its cores, and the versions of Python and NumPy, in one line."""
    import numpy as np

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{processor()}, {cores} core{'s' * (cores != 1)}, {versions}"


def processor() -> str:
    """What the system calls the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.processor() or platform.machine()


def libraries() -> dict[str, str]:
    """What multiplies matrices for NumPy, for compiled code, and for each peer that is installed, by its package."""
    found = {"NumPy": _built_with("numpy")}
    if importlib.util.find_spec("numba") and importlib.util.find_spec("scipy"):
        found["numba"] = f"SciPy's {_built_with('scipy')}"  # numba calls what SciPy was built with
    if importlib.util.find_spec("torch"):
        text = importlib.import_module("torch").__config__.show()
        known = re.search(r"Math Kernel Library Version (\S+)", text)
        named = re.search(r"BLAS_INFO=(\w+)", text)
        found["torch"] = f"MKL {known.group(1)}" if known else named.group(1) if named else "its own"
    if importlib.util.find_spec("jax"):
        found["jax"] = "XLA's own"
    return found


def _built_with(package: str) -> str:
    """The library and its version, as the package says itself."""
    module: Any = importlib.import_module(package)
    blas = module.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return " ".join(str(blas[key]) for key in ("name", "version") if blas.get(key))


def described() -> str:
    """The lines that stand above tables."""
    multiplied = "; ".join(f"{name} by {library}" for name, library in libraries().items())
    return f"On {machine()}.\nProducts of matrices: {multiplied}."
