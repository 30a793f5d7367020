"""A grid search with the estimator: one process against two, and the first prediction of an unpickled estimator.

    OMP_NUM_THREADS=1 python tests/benchmarks/grid_search.py [--times 3] [--data digits]

Twelve fits and the last one, medians of so many runs, the two kinds taken in turn.
"""

from __future__ import annotations

import argparse
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from sklearn import datasets
from sklearn.model_selection import GridSearchCV

from codegen import estimator

#: A fresh process, imports done: seconds until the first prediction is there, and whether anything was derived.
FIRST = """
import pickle, sys, time
import numpy, sklearn.base, codegen.training.estimator
file = open(sys.argv[1], "rb")
began = time.perf_counter()
model, X = pickle.load(file)
model.predict(X)
print(time.perf_counter() - began, "symbolic.derivation" in sys.modules)
"""


def search(data: str, jobs: int) -> GridSearchCV:
    X, y = getattr(datasets, f"load_{data}")(return_X_y=True)
    model = estimator("mlp_classifier", sizes={"H": 20}, max_iter=60, tol=None, standardize=True, random_state=0)
    grid = {"learning_rate": [0.003, 0.01], "batch_size": [32, 64]}
    return GridSearchCV(model, grid, cv=3, n_jobs=jobs).fit(X, y)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--data", choices=["iris", "digits", "wine"], default="digits")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    X, _ = getattr(datasets, f"load_{options.data}")(return_X_y=True)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(options.times):
        for jobs, taken in seconds.items():
            began = time.perf_counter()
            found = search(options.data, jobs)
            taken.append(time.perf_counter() - began)
    medians = {jobs: statistics.median(taken) for jobs, taken in seconds.items()}
    print(f"{options.data}, 12 fits: " + ", ".join(f"n_jobs={jobs} {taken:.2f} s" for jobs, taken in medians.items()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pickle"
        path.write_bytes(pickle.dumps((found.best_estimator_, X)))
        told = [
            subprocess.run([sys.executable, "-c", FIRST, path], capture_output=True, text=True, check=True).stdout
            for _ in range(options.times)
        ]
    first = statistics.median(float(line.split()[0]) for line in told)
    derived = any(line.split()[1] == "True" for line in told)
    print(f"unpickled: {1000 * first:.0f} ms to the first prediction, {'derived again' if derived else 'not derived'}")


if __name__ == "__main__":
    main()
