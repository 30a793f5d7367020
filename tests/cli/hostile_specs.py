"""Specs that are short and mean hours of work, each with every command: what they cost, and what is said of them.

``python -m tests.cli.hostile_specs [WORD …]`` prints a line for each try, and the figures of all of them; with words,
those cases alone whose name or command has one.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

#: What a try may take: seconds of processor time, beyond what the command takes with one neuron, and megabytes.
SECONDS, MEGABYTES = 5.0, 500
#: A try that does not end is ended after so many seconds of processor time.
PATIENCE = 20
ENDED = (-signal.SIGXCPU, -signal.SIGKILL)


def neuron(activation: str, loss: str = "squared", **more: Any) -> dict[str, Any]:
    node = {"inputs": ["x"], "width": 1, "activation": activation}
    return {"name": "c", "loss": loss, "inputs": {"x": 2}, "nodes": {"p": node}, **more}


def formula(text: str, x: Any = 2, **more: Any) -> dict[str, Any]:
    return {"name": "c", "loss": "squared", "inputs": {"x": x}, "nodes": {"p": {"formula": text, **more}}}


def dense(depth: int, activation: str = "tanh") -> dict[str, Any]:
    """Every node is fed by all before it."""
    layer = {"width": 2, "activation": activation}
    nodes = {f"h{k}": {"inputs": [f"h{j}" for j in range(k)], **layer} for k in range(1, depth + 1)}
    return {"name": "c", "loss": "squared", "output": f"h{depth}", "inputs": {"h0": 2}, "nodes": nodes}


def fan_in(count: int) -> dict[str, Any]:
    """One node with so many inputs, each a node of its own."""
    layers = {f"h{k}": {"inputs": ["x"], "width": 2, "activation": "tanh"} for k in range(count)}
    last = {"inputs": [*layers], "width": 1}
    return {"name": "c", "loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": {**layers, "p": last}}


def chain(count: int, activation: str = "tanh") -> dict[str, Any]:
    layer = {"width": 2, "activation": activation}
    nodes = {f"h{k}": {"inputs": [f"h{k - 1}" if k else "x"], **layer} for k in range(count)}
    return {"name": "c", "loss": "squared", "output": f"h{count - 1}", "inputs": {"x": 2}, "nodes": nodes}


def activations(count: int) -> dict[str, Any]:
    """Layers behind each other, each with a function of its own."""
    layer = {"width": 2}
    own = [f"u/(1 + exp(-{k}*u))" for k in range(2, count + 2)]
    nodes = {f"h{k}": {"inputs": [f"h{k - 1}" if k else "x"], **layer, "activation": own[k]} for k in range(count)}
    return {"name": "c", "loss": "squared", "output": f"h{count - 1}", "inputs": {"x": 2}, "nodes": nodes}


def ladder(depth: int, count: int) -> dict[str, Any]:
    """Layers of so many neurons of width 1, each fed by all of the layer before."""
    nodes: dict[str, Any] = {}
    before = ["x"]
    for layer in range(depth):
        names = [f"h{layer}_{k}" for k in range(count)]
        nodes |= {name: {"inputs": before, "width": 1, "activation": "tanh"} for name in names}
        before = names
    nodes["p"] = {"inputs": before, "width": 1}
    return {"name": "c", "loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": nodes}


def inputs(count: int) -> dict[str, Any]:
    """One neuron of so many inputs."""
    names = [f"x{k}" for k in range(count)]
    node = {"inputs": names, "width": 1, "activation": "tanh"}
    return {"name": "c", "loss": "squared", "inputs": dict.fromkeys(names, 2), "nodes": {"p": node}}


def nested(outer: str, times: int, inner: str = "u") -> str:
    return outer * times + inner + ")" * (times * outer.count("("))


_LETTERS = "abcdefghjklm"

SPECS: Mapping[str, dict[str, Any]] = {
    "one neuron": neuron("sigmoid"),
    "powers to 499": neuron(" + ".join(f"u**{k}" for k in range(2, 500))),
    "powers to 60": neuron(" + ".join(f"u**{k}" for k in range(2, 61))),
    "45 nested exp": neuron(nested("exp(", 45)),
    "30 nested tanh": neuron(nested("tanh(", 30)),
    "20 nested softplus": neuron(nested("log(1 + exp(", 20)),
    "8 nested exp": neuron(nested("exp(", 8)),
    "40 nested fractions": neuron(nested("1/(1 + ", 40)),
    "u to the u ten times": neuron("u" + "**u" * 10),
    "u to the u three times": neuron("u" + "**u" * 3),
    "90 tanh": neuron(" + ".join(f"tanh({k}*u)" for k in range(2, 92))),
    "60 factors": neuron("*".join(f"(u + {k})" for k in range(1, 61))),
    "12 factors": neuron("*".join(f"(u + {k})" for k in range(1, 13))),
    "40 quotients": neuron(" + ".join(f"1/(u**2 + {k})" for k in range(1, 41))),
    "20 cases": neuron(nested("where(u > 0, u**2, ", 20)),
    "30 max": neuron(nested("max(u**2, ", 30)),
    "a power of a power": neuron("((((u**9)**9)**9)**3)"),
    "an exact power": neuron("(u + 1)**999"),
    "a sum to a power": neuron("(1 + u + u**2 + u**3 + u**4 + u**5)**200"),
    "1e308 squared": neuron("1e308*1e308*u"),
    "a long loss": neuron("identity", loss=" + ".join(f"(y - p)**{k}" for k in range(2, 200))),
    "a nested loss": neuron("sigmoid", loss=nested("log(1 + exp(", 15, "y - p")),
    "fan-in 30": fan_in(30),
    "fan-in 100": fan_in(100),
    "all before, 12": dense(12),
    "all before, 30": dense(30),
    "400 layers": chain(400),
    "100 layers of gelu": chain(100, "gelu"),
    "3000 layers": chain(3000),
    "a sum over 12 indices": formula(
        f"p[i] = Sum(tanh({'*'.join(f'w_{k}[{k}]' for k in _LETTERS)}*x[i,a]), {', '.join(_LETTERS)})",
        width=1, ranges=dict.fromkeys(_LETTERS[1:], 2),
    ),
    "12 nested sums": formula(
        "p[i] = " + "".join(f"Sum(tanh(w_{k}[{k}]*" for k in _LETTERS) + "x[i,a]"
        + "".join(f"), {k})" for k in reversed(_LETTERS)),
        width=1, ranges=dict.fromkeys(_LETTERS[1:], 2),
    ),
    "a tensor of 8 indices": formula(
        f"p[i] = Sum(w[{','.join(_LETTERS[:8])}]*x[i,{','.join(_LETTERS[:8])}], {', '.join(_LETTERS[:8])})",
        x=[3] * 8, width=1,
    ),
    "a tensor of 8 wide indices": formula(
        f"p[i] = Sum(w[{','.join(_LETTERS[:8])}]*x[i,{','.join(_LETTERS[:8])}], {', '.join(_LETTERS[:8])})",
        x=[30] * 8, width=1,
    ),
    "10 contractions": formula(
        "p[i] = " + " * ".join(f"Sum(w_{k}[{k}]*x[i,{k}], {k})" for k in _LETTERS[:10]), width=1
    ),
    "30 contractions": formula(
        "p[i] = " + " * ".join(f"Sum(w_{k}[j]*x[i,j], j)" for k in range(30)), width=1
    ),
    "a product over an index": formula("p[i] = Prod(Prod(Prod(w[j]*x[i,j] + k + m, j), k), m)", width=1,
                                       ranges={"k": 3, "m": 3}),
    "a ladder": ladder(6, 10),
    "100 inputs": inputs(100),
    "1000 layers": chain(1000),
    "25 nested abs": neuron(nested("abs(u - ", 25)),
    "25 nested erf": neuron(nested("erf(", 25)),
    "a log of 149 exp": neuron("log(" + " + ".join(f"exp({k}*u)" for k in range(1, 150)) + ")"),
    "a tower of 2": neuron("2**2**2**2**2**2*u"),
    "3000 brackets": neuron(nested("(", 3000)),
    "a penalty of 99 tanh": neuron("tanh", regularizer={"formula": " + ".join(f"tanh({k}*w)" for k in range(1, 100))}),
    "200 activations of their own": activations(200),
    "wide": {**neuron("tanh"), "inputs": {"x": "D"}, "sizes": {"D": 10**8}},
    "300 inputs": inputs(300),
    "40 nested sqrt": neuron(nested("sqrt(1 + ", 40)),
    "40 nested roots": neuron(nested("sqrt(", 40)),
    "a product of 60 sums": neuron("*".join(f"(u + {k}*tanh(u))" for k in range(60))),
    "a penalty of powers": neuron("tanh", regularizer={"formula": " + ".join(f"w**{k}" for k in range(2, 150))}),
}  # fmt: skip

COMMANDS: Mapping[str, Sequence[str]] = {
    "derive": ("derive", "SPEC"),
    "by rules": ("derive", "SPEC", "--form", "expanded", "--detail", "rule"),
    "emit": ("emit", "SPEC"),
    "check": ("check", "SPEC"),
    "report": ("report", "SPEC", "-o", "OUT", "--format", "html"),
    "hessian": ("derive", "SPEC", "--of", "hessian"),
    "train": ("train", "SPEC", "DATA", "--epochs", "1", "-o", "WEIGHTS"),
}


@dataclass(frozen=True)
class Try:
    """One command with one spec: what it said on stderr, and what it took."""

    spec: str
    command: str
    status: int | None
    seconds: float
    megabytes: float
    said: str

    @property
    def faults(self) -> Iterator[str]:
        """What is wrong with it: nothing, as a rule."""
        if self.status is None:
            yield f"did not end in {PATIENCE:g} s"
        elif self.status not in (0, 1, 2):
            yield f"status {self.status}"
        if self.seconds > SECONDS + idle(self.command) and "takes long" not in self.said:
            yield f"took {self.seconds:.1f} s, and {idle(self.command):.1f} s with one neuron"
        if self.megabytes > MEGABYTES:
            yield f"took {self.megabytes:.0f} MB"
        if self.status == 2 and "takes long" in self.said:
            yield f"was refused after {self.seconds:.1f} s"
        elif self.status == 2 and (not self.said.startswith("chainrule: ") or self.said.count("\n") > 1):
            yield f"said {self.said[-300:]!r}"
        if "fault of chainrule" in self.said or "Traceback" in self.said:
            yield f"said {self.said[-300:]!r}"

    def __str__(self) -> str:
        told = "; ".join(self.faults) or "as it should"
        said = self.said.strip()[:110]
        return (
            f"{self.spec}, {self.command}: {self.seconds:.1f} s, {self.megabytes:.0f} MB, {self.status}: {told}: {said}"
        )


#: A process says at its end how much memory it took at most: what the system counts for it begins with the process
#: that started it, which may be a large one.
PEAK = """import atexit, re
atexit.register(lambda: open("peak", "w").write(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]))
"""


@cache
def idle(command: str) -> float:
    """The seconds of a command with one neuron: imports, above all."""
    return tried("one neuron", command).seconds


def tried(spec: str, command: str) -> Try:
    """Run one command with one spec in a process of its own."""
    from json import dumps

    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "c.toml").write_text(toml(SPECS[spec]), encoding="utf-8")
        (folder / "data.csv").write_text("a,b,y\n" + "0.5,0.25,1\n0.1,0.2,0\n" * 4, encoding="utf-8")
        places = {"SPEC": "c.toml", "OUT": "out", "DATA": "data.csv", "WEIGHTS": "w.npz"}
        argv = [places.get(part, part) for part in COMMANDS[command]]
        run = f"{PEAK}import sys; from codegen.cli import main; sys.exit(main({dumps(argv)}))"
        root = Path(__file__).parent.parent.parent
        with (folder / "err").open("w+b") as err:
            process = subprocess.Popen(
                [sys.executable, "-c", run], cwd=folder, stderr=err, stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE)),
            )  # fmt: skip
            _, code, used = os.wait4(process.pid, 0)
            status = process.returncode = os.waitstatus_to_exitcode(code)
            err.seek(0)
            said = err.read().decode("utf-8", "replace")
        peak = int((folder / "peak").read_text()) if (folder / "peak").exists() else used.ru_maxrss
    return Try(spec, command, None if status in ENDED else status, used.ru_utime + used.ru_stime, peak / 1024, said)


def toml(spec: Mapping[str, Any]) -> str:
    """A spec of plain values as TOML."""
    from json import dumps

    def value(one: Any) -> str:
        if isinstance(one, Mapping):
            return "{ " + ", ".join(f"{dumps(key)} = {value(inner)}" for key, inner in one.items()) + " }"
        return dumps(one)

    tables = {key: one for key, one in spec.items() if isinstance(one, Mapping)}
    lines = [f"{key} = {value(one)}" for key, one in spec.items() if key not in tables]
    for key, table in tables.items():
        lines += [f"[{key}]", *(f"{dumps(name)} = {value(one)}" for name, one in table.items())]
    return "\n".join(lines) + "\n"


def main(words: Sequence[str]) -> int:
    tries = failures = 0
    for spec in SPECS:
        for command in COMMANDS:
            if words and not any(word in spec or word == command for word in words):
                continue
            one = tried(spec, command)
            tries += 1
            failures += any(one.faults)
            print(one, flush=True)
    print(f"{tries} tries, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
