"""All tables of this folder's README anew, as Markdown, with the machine that they are of; under eight minutes.

    python tests/benchmarks/tables.py [--only value training] [--rounds 40] > tables.md

Every figure is a ratio of medians of one interleaved run, or seconds where it says so.  What is not installed is left
out.  A machine with other work is told by its load: ratios hold there as far as the work meets all contestants alike.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.compiler import measured  # noqa: E402

from codegen.bench.bench import THREAD_VARIABLES, WORKLOADS, interleaved, shown, workload  # noqa: E402
from codegen.bench.machine import described  # noqa: E402

ENVIRONMENT = {
    **os.environ,
    **dict.fromkeys(THREAD_VARIABLES, "1"),
    "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "codegen/face"))),
}
#: Features, hidden neurons, classes; the samples of a step; the samples of an epoch.
TRAINED = (((784, 128, 10), 128, 6000), ((64, 64, 10), 32, 3000))
SHEETS = 100


def run(*command: str) -> str:
    """What a process of its own prints; Python's where no other program is named."""
    done = subprocess.run([sys.executable, *command], env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return done.stdout


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def head(*cells: str) -> str:
    return f"{row(*cells)}\n{'|---' * len(cells)}|"


def value(rounds: int) -> Iterator[str]:
    """Value and gradient of five networks, fresh arrays at each call."""
    tables = {name: measured(name, 1, "float64", rounds) for name, _, _ in WORKLOADS}
    yield "One value and gradient, fresh weights and a fresh batch at each call, float64, one thread; chainrule = 1:\n"
    yield head("", *(f"{name}, N = {samples}" for name, _, samples in WORKLOADS))
    names = dict.fromkeys(one.name for table in tables.values() for one in table.rows)
    for name in names:
        ratios = [table.ratio(name) for table in tables.values()]
        yield row(name, *("" if ratio is None else f"{ratio:.2f}" for ratio in ratios))
    ours = [table.row("chainrule") for table in tables.values()]
    yield row("chainrule's median", *(shown(one.seconds) if one else "" for one in ours))
    again = [one.seconds / one.repeated if one and one.repeated else 0 for one in ours]
    yield row("chainrule, fresh to the same arrays again", *(f"{ratio:.2f}" for ratio in again))


def arrays(rounds: int) -> Iterator[str]:
    """What other arrays cost, 30-16-1 with 32 samples; in this process."""
    yield "30-16-1, N = 32, float64: a call with other arrays, the same weights and the same arrays again = 1:\n"
    found = json.loads(run(__file__, "--arrays-alone", "--rounds", str(10 * rounds)))
    yield head("arrays", "ratio")
    for name, seconds in found.items():
        yield row(name, f"{seconds / found['the same again']:.2f}")


def arrays_alone(rounds: int) -> dict[str, float]:
    """The median seconds of a call with each kind of arrays; each kind has an objective of its own."""
    import numpy as np

    from codegen import load

    network, N = workload("small")
    module = load(network)
    objective = module.Objective()
    rng = np.random.default_rng(0)
    w, X, Y = objective.initial(seed=0), rng.random((N, 30)), rng.random(N)
    out = np.empty_like(w)
    ws = [objective.initial(seed=k) for k in range(8)]
    batches = [(rng.random((N, 30)), rng.random(N)) for _ in range(8)]
    column, fortran = Y.reshape(-1, 1), np.asfortranarray(X)
    single, target = X.astype(np.float32), Y.astype(np.float32)
    operands: dict[str, list[tuple[Any, ...]]] = {
        "the same again": [(w, X, Y, out)],
        "the same again, no out": [(w, X, Y)],
        "fresh weights and batch": [(one, *batch, out) for one, batch in zip(ws, batches, strict=True)],
        "fresh weights and batch, no out": [(one, *batch) for one, batch in zip(ws, batches, strict=True)],
        "Y of shape (N, 1)": [(w, X, column, out)],
        "X in Fortran's order": [(w, fortran, Y, out)],
        "float32 into float64": [(w, single, target, out)],
    }
    calls = {name: in_turn(module.Objective().value_and_gradient, turns) for name, turns in operands.items()}
    return dict(zip(calls, interleaved(list(calls.values()), rounds), strict=True))


def in_turn(call: Callable[..., Any], turns: list[tuple[Any, ...]]) -> Callable[[], Any]:
    """The call with one tuple of arguments after the other."""
    arguments = cycle(turns)
    return lambda: call(*next(arguments))


def training(rounds: int) -> Iterator[str]:
    """An epoch with Adam."""
    yield "An epoch with Adam, float32, one thread, processor time; chainrule = 1:\n"
    yield head("", *(f"{'-'.join(map(str, widths))}, batch {batch}" for widths, batch, _ in TRAINED))
    found = []
    for widths, batch, samples in TRAINED:
        asked = ("--widths", *map(str, widths), "--batch", str(batch), "--samples", str(samples))
        script = str(Path(__file__).with_name("training.py"))
        found.append(json.loads(run(script, *asked, "--rounds", str(max(rounds // 8, 3)), "--json")))
    for name in dict.fromkeys(name for times in found for name in times):
        yield row(name, *(f"{times[name] / times['chainrule']:.2f}" if name in times else "" for times in found))


FIRST_CALL = """
import sys, time
import numba, numpy as np
start = time.perf_counter()
import module
objective = module.Objective(D=30, J=16)
w, X, Y = objective.initial(seed=0), np.ones((32, 30)), np.ones(32) / 2
before = time.perf_counter()
objective.value_and_gradient(w, X, Y)
print(before - start, time.perf_counter() - before)
"""


def compiled(_: int) -> Iterator[str]:
    """The first call of a module of the target numba, in a first and in a second process."""
    yield "one_hidden_layer, target numba: seconds of a process, once Numba and NumPy are imported:\n"
    yield head("process", "import", "first call")
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "module.py")
        run("-m", "codegen", "emit", "one_hidden_layer", "--target", "numba", "-o", place)
        for which in ("first, which compiles", "second, which reads it back"):
            imported, called = map(
                float, run("-c", f"import sys; sys.path.insert(0, {folder!r})\n{FIRST_CALL}").split()
            )
            yield row(which, f"{imported:.2f}", f"{called:.2f}")


def marking(_: int) -> Iterator[str]:
    """A class of sheets on one core and on two."""
    from marking.corpus import CASES

    sheets = list(islice((text for case in CASES for text in (case.right(), *(w[0] for w in case.wrongs()))), SHEETS))
    yield f"A class of {len(sheets)} sheets, right ones and such with one slip, `chainrule verify --jobs N`:\n"
    yield head("jobs", "seconds")
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number:03}.tex" for number in range(len(sheets))]
        for file, text in zip(files, sheets, strict=True):
            file.write_text(text, encoding="utf-8")
        for jobs in ("1", "2"):
            start = time.perf_counter()
            command = [sys.executable, "-m", "codegen", "verify", *map(str, files), "--jobs", jobs, "--csv"]
            subprocess.run(command, env=ENVIRONMENT, check=False, capture_output=True)
            yield row(jobs, f"{time.perf_counter() - start:.0f}")


SECTIONS: dict[str, Callable[[int], Iterator[str]]] = {
    "value": value,
    "arrays": arrays,
    "training": training,
    "compiled": compiled,
    "marking": marking,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--arrays-alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.arrays_alone:
        print(json.dumps(arrays_alone(given.rounds)))
        return 0
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"{described()}\nProcesses that ran or waited when this began, on average: {load}.", flush=True)
    for name in given.only:
        print(flush=True)
        for line in SECTIONS[name](given.rounds):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
