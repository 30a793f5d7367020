"""How the page bears a class: many writers, few workers, each marking what he has written every two seconds.

    OMP_NUM_THREADS=1 python tests/benchmarks/serving.py [--writers 30] [--workers 2] [--seconds 60] [--wrong 0.3]

A server of its own is started.  Each writer writes the derivation of a built-in network, one more piece each time;
some make a slip, which is looked for when the verdict is there, as the page does.  Printed are the times of verdicts
and of diagnoses, what was lost, the first page when warm, and the memory of the workers at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent
NETWORKS = ("one_neuron", "one_hidden_layer", "regularized_neuron")


async def derivation(client: httpx.AsyncClient, name: str) -> list[str]:
    """The lines that somebody will write."""
    found = (await client.post("/api/v1/derive", json={"spec": name})).json()["chains"][0]
    return [found["goal"]["latex"], *(line["latex"] for line in found["lines"])]


async def writer(
    client: httpx.AsyncClient, lines: list[str], name: str, wrong: bool, until: float, times: dict[str, list[float]],
    statuses: Counter[int], number: int,
) -> None:  # fmt: skip
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, 2))
    step = 1
    while time.perf_counter() < until:
        shown = [*lines[: 1 + step]]
        if wrong and step == len(lines) - 1:
            shown[-1] = shown[-1].replace("-2", "2", 1)
        text = f"\\begin{{align*}} {' = '.join(shown)} \\quad % {number} {chance.random()}\n\\end{{align*}}"
        began = time.perf_counter()
        answer = await asked(client, "verdict", {"spec": name, "text": text, "diagnose": "none"}, times, statuses)
        if answer is not None and answer["first_wrong"] is not None:
            await asked(client, "diagnosis", {"spec": name, "text": text, "diagnose": "first"}, times, statuses)
        step = step % (len(lines) - 1) + 1
        await asyncio.sleep(max(0.0, 2 - (time.perf_counter() - began)))


async def asked(client, what, question, times, statuses):
    began = time.perf_counter()
    try:
        response = await client.post("/api/v1/mark", json=question)
    except httpx.HTTPError:
        statuses[0] += 1
        return None
    times[what].append(time.perf_counter() - began)
    statuses[response.status_code] += 1
    return response.json() if response.status_code == 200 else None


async def run(address: str, writers: int, seconds: float, wrong: float) -> None:
    limits = httpx.Limits(max_connections=2 * writers)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        lines = {name: await derivation(client, name) for name in NETWORKS}
        await client.get("/derive/one_hidden_layer")
        began = time.perf_counter()
        await client.get("/derive/one_hidden_layer")
        print(f"first page, warm: {time.perf_counter() - began:.3f} s")
        times: dict[str, list[float]] = {"verdict": [], "diagnosis": []}
        statuses: Counter[int] = Counter()
        until = time.perf_counter() + seconds
        names = [NETWORKS[k % len(NETWORKS)] for k in range(writers)]
        await asyncio.gather(
            *(
                writer(client, lines[name], name, k < wrong * writers, until, times, statuses, k)
                for k, name in enumerate(names)
            )
        )
    for what, found in times.items():
        if len(found) > 1:
            p95 = statistics.quantiles(found, n=20)[-1]
            middle, worst = statistics.median(found), max(found)
            print(f"{what}: {len(found)}, median {middle:.3f} s, p95 {p95:.3f} s, max {worst:.2f} s")
    print("statuses:", dict(statuses), "(0: no answer)")


def memory(parent: int) -> list[int]:
    """MiB of every process below the server."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                facts = (entry / "status").read_text()
            except OSError:
                continue
            if int(found_in(r"PPid:\s+(\d+)", facts)) in below(parent):
                found.append(int(found_in(r"VmRSS:\s+(\d+)", facts + "VmRSS: 0")) // 1024)
    return found


def found_in(pattern: str, text: str) -> str:
    """What the pattern takes."""
    match = re.search(pattern, text)
    assert match is not None, f"no {pattern} in {text!r}"
    return match[1]


def below(parent: int) -> set[int]:
    text = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, row.split())) for row in text.splitlines()[1:]]
    found = {parent}
    for _ in range(4):
        found |= {pid for pid, ppid in pairs if ppid in found}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--wrong", type=float, default=0.3)
    given = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "codegen", "serve", "--port", "0", "--workers", str(given.workers)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        assert server.stdout is not None
        address = found_in(r"(http://\S+)", server.stdout.readline()).rstrip("/")
        asyncio.run(run(address, given.writers, given.seconds, given.wrong))
        print("memory of the processes below the server, MiB:", sorted(memory(server.pid)))
    finally:
        server.terminate()
        server.wait(20)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
