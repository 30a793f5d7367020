"""How Q and its gradient on a Dask cluster grow with workers and with the sample.

    OMP_NUM_THREADS=1 python tests/benchmarks/workers.py [--workers 1 2] [--samples 1000 10000 100000] [--rounds 7]

The network is 100-64-1 with tanh.  Each figure is the median of one evaluation; "one process" is the module itself,
on the same data in the memory of this process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))
os.environ["PYTHONPATH"] = sys.path[0]  # the workers import codegen too

import numpy as np

from codegen import load
from codegen.training.distributed import distribute
from symbolic.network.network import Network

NETWORK = Network.from_dict(
    {
        "name": "regression",
        "loss": "squared",
        "output": "p",
        "inputs": {"x": 100},
        "nodes": {
            "z": {"inputs": ["x"], "width": 64, "activation": "tanh"},
            "p": {"inputs": ["z"], "width": 1},
        },
    }
)


def median(call: Callable[[], object], rounds: int) -> float:
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> int:
    from dask.distributed import Client, LocalCluster

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--samples", type=int, nargs="+", default=[1_000, 10_000, 100_000, 400_000])
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    objective = load(NETWORK).Objective()
    w, rng = objective.initial(), np.random.default_rng(0)
    data = {N: (rng.normal(size=(N, 100)), rng.normal(size=N)) for N in given.samples}
    alone = {N: median(lambda: objective.value_and_gradient(w, *data[N]), given.rounds) for N in data}  # noqa: B023
    far: dict[tuple[int, int], float] = {}
    for workers in given.workers:
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
            Client(cluster) as client,
        ):
            for N, (X, Y) in data.items():
                Q = distribute(objective, client, X, Y)
                far[workers, N] = median(lambda: Q.value_and_gradient(w), given.rounds)  # noqa: B023
    print("| samples | one process | " + " | ".join(f"{k} worker{'s' * (k > 1)}" for k in given.workers) + " |")
    print("|---|---|" + "---|" * len(given.workers))
    for N, seconds in alone.items():
        rest = " | ".join(f"{1e3 * far[k, N]:.1f} ms ({seconds / far[k, N]:.2f}×)" for k in given.workers)
        print(f"| {N} | {1e3 * seconds:.1f} ms | {rest} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
