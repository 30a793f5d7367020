"""Value and gradient of the five networks that speed is promised for: ours against the bound and every peer.

    python tests/benchmarks/compiler.py [--threads 1] [--dtype float64] [--rounds 100]

Prints the tables of ``chainrule bench`` and, under each, which promise holds.  Exit status 1 when one does not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from codegen.bench.bench import THREAD_VARIABLES, WORKLOADS, Row, Table  # noqa: E402
from codegen.bench.machine import described  # noqa: E402

#: network -> contestant -> how many times our time it takes at least, if the promise holds; arrays are fresh at each
#: call, but where we are held against the products alone: what they are given plays no part.
TO_REACH: dict[str, dict[str, float]] = {
    "neuron": {"plain NumPy": 2.0, "jax.jit": 6.0, "torch eager": 40.0},
    "small": {
        "matrix products alone": 1 / 3.0, "plain NumPy": 1 / 0.6, "torch eager": 15.0,
        "jax.jit": 3.0, "scikit-learn": 6.0,
    },
    "classifier": {"matrix products alone": 1 / 1.06, "torch eager": 1.2, "jax.jit": 1.06},
    "large": {
        "matrix products alone": 1 / 1.06, "plain NumPy": 1.0, "torch eager": 1.0, "jax.jit": 1.0, "scikit-learn": 1.0,
    },
    "deep": {"plain NumPy": 2.0, "jax.jit": 1.0, "torch eager": 1.0},
}  # fmt: skip


#: network -> how many times as long as a call with the same arrays again one with fresh arrays takes at most.
FRESH: dict[str, float] = {"small": 1.3}


def measured(name: str, threads: int, dtype: str, rounds: int) -> Table:
    """The table of one network, from a process of its own."""
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads)), "PYTHONPATH": str(ROOT)}
    command = ["bench", name, "--threads", str(threads), "--dtype", dtype, "--rounds", str(rounds), "--json"]
    run = subprocess.run(
        [sys.executable, "-m", "codegen", *command], env=environment, check=True, capture_output=True, text=True
    )
    (table,) = json.loads(run.stdout)["tables"]
    keys = ("name", "seconds", "taken_bytes", "kept_bytes", "repeated_seconds")
    rows = tuple(Row(*(row[key] for key in keys)) for row in table["rows"])
    return Table(table["title"], rows)


def verdicts(name: str, table: Table) -> list[tuple[bool, str]]:
    """For each promise whose peer ran: whether it holds, and in words."""
    found = []
    for peer, least in TO_REACH[name].items():
        ratio, ours = table.ratio(peer), table.row("chainrule")
        if ratio is not None and ours is not None:
            if peer == "matrix products alone" and ours.repeated:
                ratio *= ours.seconds / ours.repeated
            text = f"{peer}: {ratio:.2f} times our time, to reach {least:.2f}"
            if least < 1:
                text = f"{1 / ratio:.2f} times the {peer}, to reach {1 / least:.2f}"
            found.append((ratio >= least, text))
    row = table.row("chainrule")
    if name in FRESH and row and row.repeated:
        ratio = row.seconds / row.repeated
        text = f"fresh arrays: {ratio:.2f} times the same ones again, to reach {FRESH[name]:.2f}"
        found.append((ratio <= FRESH[name], text))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument("--rounds", type=int, default=100)
    given = parser.parse_args()
    kept = True
    print(described(), flush=True)
    for name, _, _ in WORKLOADS:
        table = measured(name, given.threads, given.dtype, given.rounds)
        print(table)
        for holds, text in verdicts(name, table):
            print(f"  {'holds ' if holds else 'MISSED'}  {text}", flush=True)
            kept &= holds
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
