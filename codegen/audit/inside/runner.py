"""The other process: loads a person's file, does what the jobs say, writes what came of it.  NumPy and nothing of ours.

It is started in a folder of its own (``codegen.audit.isolation``).  ``request.json`` holds the path of the
file and the jobs; ``result.jsonl`` gets a line for the loading and a line for each job, so that what was done before
a crash is there.  Values travel as JSON: ``["a", dtype, shape, numbers]`` an array, ``["l" | "t" | "o", values]`` a
list, a tuple, an object array, ``["d", pairs]`` a dict, ``["n", pairs]`` an object with attributes, ``["v", plain]``,
``["m", path]`` something of the module, ``["r", number, path]`` (part of) what an earlier step gave.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import types
from typing import Any

import numpy as np

from .absent import DRAWING, Refusing, StandIns, imported
from .chance import Chance
from .loading import ROUNDS, AsLoaded, OutOfTime, Rounds, load, ring
from .one_job import Job
from .trace import Trace
from .walls import build


def run(module: types.ModuleType, job: dict[str, Any], seconds: float, file: str) -> dict[str, Any]:
    """What the steps of one job show, or the error that ended it and the step it came from."""
    work, shown = Job(module), []
    trace = Trace(file) if job.get("trace") else None
    place = 0
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        sys.settrace(trace)
        for place, step in enumerate(job["steps"]):  # noqa: B007 (said when a step fails)
            shown.append(work.step(step))
    except OutOfTime:
        return {"error": f"did not return within {seconds:g} s", "step": place, "slow": True}
    except BaseException as error:  # the person's code may raise anything, SystemExit too
        return {"error": f"{type(error).__name__}: {error}"[:400], "step": place, "line": _line(error, file)}
    finally:
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"shown": shown, "trace": trace.records if trace else []}


def _line(error: BaseException, file: str) -> int | None:
    found, here = None, error.__traceback__
    while here is not None:
        if here.tb_frame.f_code.co_filename == file:
            found = here.tb_lineno
        here = here.tb_next
    return found


def main() -> None:
    with open("request.json", encoding="utf-8") as source:
        request = json.load(source)
    out = open("result.jsonl", "w", encoding="utf-8")  # noqa: SIM115 (open as long as the process is)
    build(os.getcwd())
    sys.meta_path.insert(0, Refusing())
    sys.path.append(os.path.dirname(request["file"]))
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGALRM, ring)
    np.seterr(all="ignore")

    def tell(record: dict[str, Any]) -> None:
        out.write(json.dumps(record) + "\n")
        out.flush()

    chance = Chance()
    chance.again()
    try:
        wanted = imported(request["file"])
        drawing, stand_ins = StandIns(wanted & DRAWING), StandIns(wanted - DRAWING)
        sys.meta_path.insert(1, drawing)
        sys.meta_path.append(stand_ins)
        module = load(request["file"])
        chance.loaded()
    except BaseException as error:
        tell({"error": f"{type(error).__name__}: {error}"[:400], "line": _line(error, request["file"])})
        return
    names = {name: type(value).__name__ for name, value in vars(module).items() if not name.startswith("__")}
    tell({"loaded": True, "stand_ins": sorted({n.partition(".")[0] for n in stand_ins.names}), "names": names})
    slow = 0
    start = AsLoaded(module)
    for job in request["jobs"]:
        chance.again()
        start.again()
        setattr(module, ROUNDS, Rounds(job.get("rounds", 1), job.get("longest", 50)))
        record = run(module, job, request["seconds"], request["file"])
        tell(record)
        slow += bool(record.get("slow"))
        if slow > request["patience"]:
            break


if __name__ == "__main__":
    main()
