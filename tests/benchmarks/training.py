"""An epoch with Adam: ours, in NumPy and compiled by Numba, against PyTorch, JAX, scikit-learn.

    OMP_NUM_THREADS=1 python tests/benchmarks/training.py [--widths 784 128 10] [--batch 128] [--samples 60000]
                                                          [--rounds 5] [--dtype float32] [--json] [--split]

Each round trains every contestant for one epoch, one after the other in this process; the figures are medians of the
processor's time, so that a busy machine does not count, and their ratios to ours.  The process keeps to as many
processors as there are threads: JAX would take more.  A contestant that is not installed is left out.  ``--split``
says instead where our own time goes, in microseconds of a batch.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-int(os.environ["OMP_NUM_THREADS"]) :])
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import numpy as np  # noqa: E402

from codegen import load  # noqa: E402
from symbolic.network.network import Network  # noqa: E402

RATE = 0.001


@dataclass(frozen=True)
class Task:
    """A classifier with one hidden layer: the features, the hidden neurons, the classes, the samples of a step."""

    features: int
    hidden: int
    classes: int
    batch: int

    @property
    def widths(self) -> tuple[int, int, int]:
        return self.features, self.hidden, self.classes

    @property
    def network(self) -> Network:
        nodes = {
            "z": {"inputs": ["x"], "width": self.hidden, "activation": "relu"},
            "p": {"inputs": ["z"], "width": self.classes, "activation": "softmax"},
        }
        spec = {"name": "classifier", "loss": "cross_entropy", "reduction": "mean", "output": "p"}
        return Network.from_dict({**spec, "inputs": {"x": self.features}, "nodes": nodes})


MNIST = Task(784, 128, 10, 128)
#: task -> contestant -> so many times our time: the better one of ours, in NumPy or compiled.
TO_REACH: dict[Task, dict[str, float]] = {
    MNIST: {"PyTorch eager": 1.5, "JAX jitted step": 1.2, "scikit-learn MLPClassifier": 2.0},
    Task(64, 64, 10, 32): {"PyTorch eager": 8.0, "scikit-learn MLPClassifier": 4.0},
}
OURS = "chainrule", "chainrule, numba"

Epoch = Callable[[], float]


def sample(task: Task, N: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Images of a prototype of each class with a fifth of the pixels lit, as in MNIST, and noise.

    A tenth of the labels is wrong: a loss that falls to 0 would leave gradients too small for normal numbers,
    which processors are slow with.
    """
    rng = np.random.default_rng(0)
    labels = rng.integers(task.classes, size=N)
    shape = task.classes, task.features
    prototypes = rng.random(shape) * (rng.random(shape) < 0.2)
    X = (prototypes[labels] + 0.5 * rng.random((N, task.features))).astype(dtype)
    return X, np.where(rng.random(N) < 0.1, rng.integers(task.classes, size=N), labels)


def ours(task: Task, X: np.ndarray, labels: np.ndarray, dtype: str, target: str = "numpy") -> Epoch:
    module = load(task.network, target=target)
    trainer = module.Trainer(optimizer="adam", batch_size=task.batch, learning_rate=RATE, dtype=dtype)

    def epoch() -> float:
        trainer.partial_fit(X, labels)
        return trainer.history_["loss"][-1]

    return epoch


def torch_eager(task: Task, X: np.ndarray, labels: np.ndarray, dtype: str, **settings: Any) -> Epoch:
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    first, last = torch.nn.Linear(task.features, task.hidden), torch.nn.Linear(task.hidden, task.classes)
    model = torch.nn.Sequential(first, torch.nn.ReLU(), last)
    model = model.to(getattr(torch, dtype))
    adam = torch.optim.Adam(model.parameters(), lr=RATE, **settings)
    loss = torch.nn.CrossEntropyLoss()
    x, y = torch.from_numpy(X), torch.from_numpy(labels)

    def epoch() -> float:
        total = 0.0
        order = torch.randperm(len(x))
        for start in range(0, len(x), task.batch):
            rows = order[start : start + task.batch]
            adam.zero_grad()
            q = loss(model(x[rows]), y[rows])
            q.backward()
            adam.step()
            total += q.item() * len(rows)
        return total / len(x)

    return epoch


def jax_jitted(task: Task, X: np.ndarray, labels: np.ndarray, dtype: str) -> Epoch:
    import jax
    import jax.numpy as jnp

    if dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(0)

    def weights(m: int, n: int) -> jax.Array:
        return jnp.asarray(rng.uniform(-1, 1, (n, m)) / n**0.5, dtype)

    features, hidden, classes = task.widths
    w = [weights(hidden, features), jnp.zeros(hidden, dtype), weights(classes, hidden), jnp.zeros(classes, dtype)]
    state = (w, [jnp.zeros_like(v) for v in w], [jnp.zeros_like(v) for v in w], jnp.asarray(0.0, dtype))

    def loss(w: list, x: jax.Array, y: jax.Array) -> jax.Array:
        logits = jax.nn.relu(x @ w[0] + w[1]) @ w[2] + w[3]
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()

    def step(state: tuple, x: jax.Array, y: jax.Array) -> tuple:
        w, m, v, t = state
        q, g = jax.value_and_grad(loss)(w, x, y)
        t = t + 1
        m = [0.9 * a + 0.1 * b for a, b in zip(m, g, strict=True)]
        v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g, strict=True)]
        up, down = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
        w = [a - RATE * (b * up) / (jnp.sqrt(c * down) + 1e-8) for a, b, c in zip(w, m, v, strict=True)]
        return (w, m, v, t), q

    jitted = jax.jit(step, donate_argnums=0)
    holder = [state]

    def epoch() -> float:
        total = []
        order = rng.permutation(len(X))
        for start in range(0, len(X), task.batch):
            rows = order[start : start + task.batch]
            holder[0], q = jitted(holder[0], X[rows], labels[rows])
            total.append((q, len(rows)))
        return float(sum(float(q) * n for q, n in total)) / len(X)

    return epoch


def scikit_learn(task: Task, X: np.ndarray, labels: np.ndarray, dtype: str) -> Epoch:
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier((task.hidden,), batch_size=task.batch, learning_rate_init=RATE, alpha=0.0, max_iter=1)

    def epoch() -> float:
        model.partial_fit(X, labels, classes=np.arange(task.classes))
        return float(model.loss_)

    return epoch


CONTESTANTS: dict[str, Callable[[Task, np.ndarray, np.ndarray, str], Epoch]] = {
    "chainrule": ours,
    "chainrule, numba": partial(ours, target="numba"),
    "PyTorch eager": torch_eager,
    "PyTorch eager, Adam fused": partial(torch_eager, fused=True),
    "JAX jitted step": jax_jitted,
    "scikit-learn MLPClassifier": scikit_learn,
}


def measure(task: Task, N: int, rounds: int, dtype: str) -> tuple[dict[str, float], dict[str, float]]:
    """The median seconds of an epoch, and the loss of the last one, for each contestant that is installed."""
    X, labels = sample(task, N, dtype)
    epochs: dict[str, Epoch] = {}
    for name, make in CONTESTANTS.items():
        try:
            epochs[name] = make(task, X, labels, dtype)
        except ImportError as error:
            print(f"{name}: left out, {error.name} is not installed", file=sys.stderr)
    for epoch in epochs.values():  # what is compiled or imported once is no part of an epoch
        epoch()
    times: dict[str, list[float]] = {name: [] for name in epochs}
    losses: dict[str, float] = {}
    for _ in range(rounds):
        for name, epoch in epochs.items():
            start = time.process_time()
            losses[name] = epoch()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(found) for name, found in times.items()}, losses


def split(task: Task, N: int, rounds: int, dtype: str) -> dict[str, float]:
    """The microseconds that each part of a step takes in the middle of an epoch, and the two large products alone."""
    X, labels = sample(task, N, dtype)
    module = load(task.network)
    trainer = module.Trainer(optimizer="adam", batch_size=task.batch, learning_rate=RATE, dtype=dtype).partial_fit(
        X, labels
    )
    objective, data = trainer._sample(X, labels, None)
    w, g = trainer._w, module.aligned(trainer._w)
    update, names, _, _ = module.OPTIMIZERS["adam"]
    block = module.BLOCK // w.itemsize
    vectors = (w, g, *(trainer._state[name] for name in names), np.empty_like(w))
    blocks = [[vector[k : k + block] for vector in vectors] for k in range(0, len(w), block)]
    batch = [module.aligned(array[: task.batch]) for array in data]
    both = objective._workspace(task.batch)[2]
    views = objective._parameter_views(w), objective._gradient_views(g)
    W, E = w[: task.hidden * task.features].reshape(task.hidden, -1), np.ones((task.hidden, task.batch), dtype)
    forward, backward = np.empty((task.hidden, task.batch), dtype), np.empty_like(W)

    def products() -> None:
        W.dot(batch[0].T, forward)
        E.dot(batch[0], backward)

    def optimizer() -> None:
        trainer.step_ += 1
        for parts in blocks:
            update(*parts, RATE, trainer.step_)
        if trainer.step_ % module.SWEEP == 0:
            module.sweep(trainer._state.values())

    parts: dict[str, Callable[[], object]] = {
        "rows of the batch": lambda: [np.take(a, rows, 0, b, "clip") for a, b in zip(data, batch, strict=True)],
        "Q and its gradient": lambda: both(views[0], *batch, views[1]),
        "length of the gradient": lambda: g.dot(g),
        "Adam": optimizer,
    }
    times: dict[str, list[float]] = {name: [] for name in (*parts, "of Q and gradient: two products")}
    for seed in range(rounds):
        order = np.random.default_rng(seed).permutation(N)
        for start in range(0, N - task.batch, task.batch):
            rows = order[start : start + task.batch]
            for name, part in parts.items():
                begin = time.perf_counter()
                part()
                times[name].append(time.perf_counter() - begin)
        for _ in range(N // task.batch):
            begin = time.perf_counter()
            products()
            times["of Q and gradient: two products"].append(time.perf_counter() - begin)
    return {name: 1e6 * statistics.median(found) for name, found in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", type=int, nargs=3, default=MNIST.widths)
    parser.add_argument("--batch", type=int, default=MNIST.batch)
    parser.add_argument("--samples", type=int, default=60000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument("--split", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    features, hidden, classes = given.widths
    task = Task(features, hidden, classes, given.batch)
    if given.split:
        print(f"{given.samples} samples, {given.dtype}\n\n| of a batch of {task.batch} | µs |\n|---|---|")
        for name, microseconds in split(task, given.samples, given.rounds, given.dtype).items():
            print(f"| {name} | {microseconds:.0f} |")
        return 0
    times, losses = measure(task, given.samples, given.rounds, given.dtype)
    if given.json:
        print(json.dumps(times))
        return 0
    best = min(times[name] for name in OURS if name in times)
    print(f"{given.samples} samples, {given.dtype}, {os.environ['OMP_NUM_THREADS']} thread, {given.rounds} rounds\n")
    print("| an epoch of | seconds | chainrule = 1 | to our best | to reach | loss |\n|---|---|---|---|---|---|")
    missed = 0
    for name, seconds in times.items():
        wanted = TO_REACH.get(task, {}).get(name)
        missed += wanted is not None and seconds / best < wanted
        ratios = f"{seconds / times['chainrule']:.2f} | {seconds / best:.2f}"
        print(f"| {name} | {seconds:.3f} | {ratios} | {wanted or ''} | {losses[name]:.4f} |")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
