"""``python -m tests.benchmarks.deriving``: the time to derive a gradient, against depth; beside it sympy.diff.

chainrule derives each layer once and names its error E, so the work grows in proportion to the depth.  SymPy is
given the same network with one symbol for every weight, Q written out in them, and asked for the derivative by
one weight of the first layer: Q, and with it the derivative, grows like width ** depth.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from codegen.targets.numpy.emit import emit
from symbolic.derivation.adjoint import adjoint
from symbolic.derivation.derive import derive
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

DEPTHS = (10, 100, 300, 1000)
#: (width, depth) for SymPy.
SMALL = (
    *((2, depth) for depth in (2, 4, 6, 8, 10)),
    *((4, depth) for depth in (1, 2, 3, 4, 5)),
    *((8, depth) for depth in (1, 2, 3)),
    *((16, depth) for depth in (1, 2)),
)


def tower(depth: int, name: str = "tower") -> Network:
    """Equal tanh layers of width J on top of each other, the last one the output."""
    nodes = {
        f"z{at}": {"inputs": [f"z{at - 1}" if at else "x"], "width": "J", "activation": "tanh"} for at in range(depth)
    }
    return Network.from_dict({"name": name, "loss": "squared", "inputs": {"x": "J"}, "nodes": nodes, "sizes": {"J": 3}})


_RUNS = count()


def seconds(work: Callable[[], Any]) -> float:
    """Processor time of one call, with the garbage collector at rest, as ``timeit`` measures."""
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.enable()


def deriving(depth: int) -> float:
    """The time for the definitions of Q, for all E, and for ∂Q/∂w of the first layer, every step checked.

    Each run has a network of its own, because equal networks share one derivation.
    """
    network = tower(depth, f"tower_{next(_RUNS)}")

    def work() -> None:
        adjoint(build_objective(network))
        derive(network, "w_z0", form="backprop")

    return seconds(work)


def unknown(depth: int) -> float:
    """The time of a process that has derived no network of these layers yet: what was derived is remembered."""
    with multiprocessing.get_context("fork").Pool(1) as fresh:
        return fresh.apply(deriving, (depth,))


@dataclass(frozen=True)
class Expanded:
    """What SymPy needed: time, and operations in Q and in one derivative; None when it ran out of time or memory."""

    seconds: float
    objective: int
    derivative: int


def expanded(width: int, depth: int, cap: float) -> Expanded | None:
    """``sympy.diff`` of the scalarised network, in a process of its own that ends after ``cap`` seconds."""
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_expand, args=(width, depth, there), daemon=True)
    process.start()
    try:
        return here.recv() if here.poll(cap) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


def _expand(width: int, depth: int, answer: Any) -> None:
    import sympy  # here, so that only this process pays for it

    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    values = list(sympy.symbols(f"x:{width}"))
    target = sympy.symbols(f"y:{width}")
    weights = [[sympy.symbols(f"w{at}_{j}_:{width}") for j in range(width)] for at in range(depth)]
    start = time.process_time()
    for layer in weights:
        values = [sympy.tanh(sum(w * v for w, v in zip(row, values, strict=True))) for row in layer]
    q = sum((y - p) ** 2 for y, p in zip(target, values, strict=True))
    derivative = sympy.diff(q, weights[0][0][0])
    needed = time.process_time() - start
    answer.send(Expanded(needed, int(sympy.count_ops(q)), int(sympy.count_ops(derivative))))


def main() -> None:
    parser = argparse.ArgumentParser(description="Time to derive a gradient, against depth.")
    parser.add_argument("--cap", type=float, default=10.0, help="seconds after which SymPy is stopped")
    parser.add_argument("--emit", action="store_true", help="emit the modules too")
    arguments = parser.parse_args()
    deriving(2)  # the first call imports and fills the tables that all networks share
    print("chainrule: every E, and ∂Q/∂w of the first layer with its steps checked")
    print(f"{'layers':>8} {'seconds':>9} {'ms/layer':>9}" + (f" {'emit, s':>9} {'bytes':>9}" if arguments.emit else ""))
    times: dict[int, float] = {}
    for depth in DEPTHS:
        needed = times[depth] = min(unknown(depth) for _ in range(2))
        line = f"{depth:>8} {needed:>9.3f} {1000 * needed / depth:>9.2f}"
        if arguments.emit:
            network = tower(depth)
            line += f" {seconds(partial(emit, network)):>9.2f} {len(emit(network)):>9}"
        print(line, flush=True)
    ratio, thousand = times[1000] / times[100], times[1000]
    holds = "holds" if ratio <= 12 and thousand < 5 else "is broken"
    print(f"1000 layers take {ratio:.1f} times the time of 100; at most 12 times and 5 s: {holds}")
    print("\nsympy.diff of the network written out, by one weight of the first layer")
    print(f"{'width':>6} {'depth':>6} {'seconds':>9} {'operations in Q':>16} {'in ∂Q/∂w':>12} {'chainrule, s':>13}")
    for width, depth in SMALL:
        found, ours = expanded(width, depth, arguments.cap), min(unknown(depth) for _ in range(2))
        left = f"{width:>6} {depth:>6} "
        if found is None:
            left += f"{'> ' + format(arguments.cap, 'g'):>9} {'':>16} {'':>12}"
        else:
            left += f"{found.seconds:>9.3f} {found.objective:>16} {found.derivative:>12}"
        print(f"{left} {ours:>13.3f}", flush=True)


if __name__ == "__main__":
    main()
