"""The speed of an emitted module beside whatever else is installed: ``chainrule bench``.

All contestants run in one process and take turns, round by round, so that a change of the machine's speed
meets all of them; the figures are medians over the rounds, and their ratios to ours.  Every contestant that
gives a gradient is first held against ours.

Each call has other weights and another batch than the one before, as in training; beside it stands the time of a call
with the very same arrays again, which shows what a library remembers of them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: How many threads a library of matrix products takes is read when it is imported.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Row:
    """One contestant: seconds for one value and gradient, of fresh arrays and of the same ones again; bytes that a call
    takes at its peak and gives back, and bytes that are kept from call to call, the gradient among them (None: not
    known)."""

    name: str
    seconds: float
    taken: int | None = None
    kept: int | None = None
    repeated: float | None = None

    @property
    def peak(self) -> int | None:
        """Bytes at the peak in all."""
        return None if self.taken is None else self.taken + (self.kept or 0)


@dataclass(frozen=True)
class Table:
    """What was measured for one network."""

    title: str
    rows: tuple[Row, ...]

    def row(self, name: str) -> Row | None:
        return next((row for row in self.rows if row.name == name), None)

    def ratio(self, name: str, to: str = "chainrule") -> float | None:
        """How many times the time of ``to`` a contestant takes; None when one of them did not run."""
        one, other = self.row(name), self.row(to)
        return one.seconds / other.seconds if one and other else None

    def to_dict(self) -> dict[str, Any]:
        rows = [
            {
                "name": row.name,
                "seconds": row.seconds,
                "repeated_seconds": row.repeated,
                "ratio": self.ratio(row.name),
                "peak_bytes": row.peak,
                "taken_bytes": row.taken,
                "kept_bytes": row.kept,
            }
            for row in self.rows
        ]
        return {"title": self.title, "rows": rows}

    def __str__(self) -> str:
        heads = f"{'fresh arrays':>14}{'the same again':>16}{'chainrule = 1':>15}{'peak memory':>14}{'of it kept':>13}"
        lines = [self.title, f"  {'':22}{heads}"]
        for row in self.rows:
            kibibytes = ["" if n is None else f"{n / 1024:,.0f} KiB" for n in (row.peak, row.kept)]
            again = "" if row.repeated is None else shown(row.repeated)
            times = f"{shown(row.seconds):>14}{again:>16}{self.ratio(row.name) or 0:>15.2f}"
            text = f"  {row.name:22}{times}{kibibytes[0]:>14}{kibibytes[1]:>13}"
            lines.append(text.rstrip())
        return "\n".join(lines)


def shown(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"


def bench(network: Any, sizes: Mapping[str, int], samples: int, dtype: str = "float64", rounds: int = 100) -> Table:
    """Time one value and gradient of the network by every contestant.

    Raises RuntimeError when a contestant's gradient is not ours: one of the two is then wrong.
    """
    from codegen.bench.peers import contestants
    from codegen.bench.problem import Problem

    problem = Problem(network, network.resolve_sizes(**sizes), samples, dtype)
    found = contestants(problem)
    hold_together(found, 1e-6 if dtype == "float64" else 1e-3)
    times = iter(interleaved([call for one in found for call in (one.fresh or one.call, one.call)], rounds))
    rows = []
    for one, (seconds, repeated) in zip(found, zip(times, times, strict=True), strict=True):
        taken, kept = (quietly(one.memory), None) if one.memory else traced(problem, one)
        rows.append(Row(one.name, seconds, taken, kept, repeated if one.fresh else None))
    numbers = "".join(f", {name} = {number}" for name, number in problem.sizes.items())
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    title = f"{network.name}{numbers}, N = {samples}, {dtype}, {threads} thread{'' if threads == '1' else 's'}"
    return Table(title, tuple(rows))


def hold_together(found: Sequence[Any], tolerance: float) -> None:
    """Compare Q and the gradient of all contestants that give them."""
    import numpy as np

    results = {one.name: one.result(one.call()) for one in found}
    expected = results["chainrule"]
    assert expected is not None
    for name, result in results.items():
        if result is None:
            continue
        scale = float(np.abs(expected[1]).max()) or 1.0
        gradient_error = float(np.abs(result[1] - expected[1]).max()) / scale
        value_error = abs(result[0] - expected[0]) / max(abs(expected[0]), 1e-30)
        if not (gradient_error <= tolerance and value_error <= tolerance):
            raise RuntimeError(
                f"{name}: Q = {result[0]:g} against {expected[0]:g}, gradient off by {gradient_error:.1e}"
            )


def interleaved(calls: Sequence[Callable[[], Any]], rounds: int, least: float = 5e-4) -> list[float]:
    """The median time of each call; in every round each of them runs in turn for at least ``least`` seconds.

    A turn begins with one call that no clock sees: it brings back what the others have pushed out of the caches, which
    nobody does between two steps of a training.
    """
    counts = []
    for call in calls:
        call()
        count, taken = 1, timed(call, 1)
        while taken < least:
            count = max(2 * count, int(count * least / max(taken, 1e-9)))
            taken = timed(call, count)
        counts.append(count)
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for own, call, count in zip(times, calls, counts, strict=True):
            call()
            own.append(timed(call, count) / count)
    return [statistics.median(own) for own in times]


def timed(call: Callable[[], Any], count: int) -> float:
    repeat = range(count)
    start = time.perf_counter()
    for _ in repeat:
        call()
    return time.perf_counter() - start


def quietly(memory: Callable[[], int | None]) -> int | None:
    """Ask a library for its memory; what its compiled parts write to stderr about it goes nowhere."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        return memory()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def traced(problem: Any, one: Any) -> tuple[int | None, int | None]:
    """Bytes that a call takes and gives back, and bytes that are kept from call to call; NumPy's arrays are traced.

    Ours is made anew for it: its workspace is what it keeps.  Of the floor and of compiled code nothing is known.
    """
    from codegen.bench.peers import ours

    if one.name in ("matrix products alone", "torch's products alone", "chainrule, numba"):
        return None, None
    call = one.call
    problem.arrays, problem.weights  # noqa: B018  made before the tracing begins
    tracemalloc.start()
    try:
        if one.name == "chainrule":
            call = ours(problem).call
        call()
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        call()
        return tracemalloc.get_traced_memory()[1] - kept, kept
    finally:
        tracemalloc.stop()


# -- the networks of the promise --------------------------------------------------------------------


def dense(name: str, widths: Sequence[int], activation: str, output: str, loss: str) -> dict[str, Any]:
    """The spec of a chain of layers."""
    nodes: dict[str, Any] = {}
    for k, width in enumerate(widths[1:], start=1):
        last = k == len(widths) - 1
        nodes["p" if last else f"z_{k}"] = {
            "inputs": ["x" if k == 1 else f"z_{k - 1}"],
            "width": width,
            "activation": output if last else activation,
        }
    return {"name": name, "loss": loss, "output": "p", "inputs": {"x": widths[0]}, "nodes": nodes}


#: Name, spec, number of samples.
WORKLOADS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("neuron", dense("neuron", (30, 1), "sigmoid", "sigmoid", "log_loss"), 1),
    ("small", dense("small", (30, 16, 1), "sigmoid", "sigmoid", "squared"), 32),
    ("classifier", dense("classifier", (784, 128, 10), "sigmoid", "softmax", "cross_entropy"), 128),
    ("large", dense("large", (784, 512, 512, 10), "sigmoid", "softmax", "cross_entropy"), 512),
    ("deep", dense("deep", (64,) * 21, "tanh", "tanh", "squared"), 64),
)


def workload(name: str) -> tuple[Any, int]:
    """The network of that name and its number of samples."""
    from symbolic.network.network import Network

    spec, samples = next((spec, samples) for own, spec, samples in WORKLOADS if own == name)
    return Network.from_dict(spec), samples


# -- a process of its own ---------------------------------------------------------------------------


def in_own_process(arguments: Sequence[str], threads: int) -> int:
    """Run this module in a new process, where the number of threads can still be chosen; its exit status."""
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    flags = f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()} intra_op_parallelism_threads={threads}"
    environment["XLA_FLAGS"] = f"{environment.get('XLA_FLAGS', '')} {flags}".strip()
    return subprocess.run(
        [sys.executable, "-m", "codegen.bench.bench", *arguments], env=environment, check=False
    ).returncode


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table of one network, or those of all workloads."""
    import json

    from codegen.bench.machine import described, libraries, machine
    from codegen.training.progress import working
    from symbolic.errors import SpecError
    from symbolic.network.network import Network

    parser = argparse.ArgumentParser(prog="chainrule bench", description=__doc__)
    parser.add_argument("spec", nargs="?")
    parser.add_argument("--size", action="append", default=[])
    parser.add_argument("-n", "--samples", type=int)
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    names = [name for name, _, _ in WORKLOADS]
    tables: list[Table] = []
    try:
        sizes = {name: int(number) for name, _, number in (text.partition("=") for text in given.size)}
        if not given.json:
            print(described(), flush=True)
        for name in names if given.spec is None else [given.spec]:
            network, samples = workload(name) if name in names else (Network.load(name), 128)
            with working(f"timing {network.name}"):
                table = bench(network, sizes, given.samples or samples, given.dtype, given.rounds)
            tables.append(table)
            if not given.json:
                print(table, flush=True)
    except (SpecError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1 if isinstance(error, RuntimeError) else 2
    if given.json:
        found = {"machine": machine(), "libraries": libraries(), "tables": [table.to_dict() for table in tables]}
        print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
