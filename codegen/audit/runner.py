"""The other process: loads a person's file, does what the jobs say, writes what came of it.  NumPy and nothing of ours.

It is started as a script in a folder of its own (``codegen.audit.isolation``).  ``request.json`` holds the path of the
file and the jobs; ``result.jsonl`` gets a line for the loading and a line for each job, so that what was done before
a crash is there.  Values travel as JSON: ``["a", dtype, shape, numbers]`` an array, ``["l" | "t" | "o", values]`` a
list, a tuple, an object array, ``["d", pairs]`` a dict, ``["n", pairs]`` an object with attributes, ``["v", plain]``,
``["m", path]`` something of the module, ``["r", number, path]`` (part of) what an earlier step gave.
"""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

#: Packages that would hand our own gradient back to us.
OURS = frozenset(("codegen", "symbolic", "generated", "chainrule"))
#: Packages that no gradient needs, and that take seconds to import.
DRAWING = frozenset(("matplotlib", "pylab", "seaborn", "IPython", "plotly"))
LOADING = 8.0  # seconds, then assignments that call functions of the file are left out
LARGEST = 200_000  # numbers that one job may give back
DEEPEST = 6
STEPS_TRACED = 3_000
ROUNDS = "__rounds__"


class OutOfTime(BaseException):
    """Not an Exception: a person's ``except Exception`` lets it pass."""


def _ring(*_: Any) -> None:
    raise OutOfTime


class _Refusing(importlib.abc.MetaPathFinder):
    """What must not be imported."""

    def find_spec(self, name: str, *_: Any) -> None:
        if name.partition(".")[0] in OURS:
            raise ModuleNotFoundError(f"{name} is not there for code that is audited")


class _Absent(types.ModuleType):
    """A module that is not installed: importing it is no fault, using it is."""

    __path__: list[str] = []  # noqa: RUF012 (what makes a module a package)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Missing(f"{self.__name__}.{name}")


class _Missing:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Missing(f"{self._name}.{name}")

    def __call__(self, *given: Any, **_: Any) -> Any:
        if len(given) == 1 and callable(given[0]):  # a decorator
            return given[0]
        raise ModuleNotFoundError(f"{self._name} was called, and {self._name.partition('.')[0]} is not installed")


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: an empty module for each that is not installed."""

    def __init__(self, wanted: set[str]) -> None:
        self.wanted, self.names = wanted, list[str]()

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in self.wanted:
            return None
        self.names.append(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Absent(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


class _Definitions(importlib.machinery.SourceFileLoader):
    """The file without what it does: imports, functions, classes and assignments; one that fails is passed."""

    calls = True

    def definitions(self, data: Any, path: Any) -> types.CodeType:
        tree = data if isinstance(data, ast.Module) else ast.parse(data)
        own = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        tree.body = [_Shortened().visit(kept) for node in tree.body for kept in self._kept(node, own)]
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)

    def get_code(self, fullname: str) -> types.CodeType:  # no cached bytecode is read or written
        path = self.get_filename(fullname)
        return self.definitions(self.get_data(path), path)

    def _kept(self, node: ast.stmt, own: set[str]) -> Iterator[ast.stmt]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)) or (
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ):
            yield node
        elif (
            isinstance(node, (ast.Import, ast.ImportFrom, ast.Try))
            or (isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and (self.calls or not _calls(node, own)))
            or (self.calls and _puts_together(node))
        ):
            yield _passed_over(node)
        elif isinstance(node, ast.If) and "__name__" not in ast.unparse(node.test):
            for inner in (*node.body, *node.orelse):
                if not isinstance(inner, (ast.For, ast.While, ast.With)):
                    yield from self._kept(inner, own)


class _Shortened(ast.NodeTransformer):
    """``for _ in range(…)`` asks how many rounds there are: a loop that trains ends after those that a job says."""

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        match node.iter:
            case ast.Call(func=ast.Name("range"), args=args, keywords=[]):
                node.iter = ast.copy_location(ast.Call(ast.Name(ROUNDS, ast.Load()), args, []), node.iter)
        return node


@dataclass
class Rounds:
    """``range`` for loops: one longer than all that the network has is training, and is cut to ``rounds``."""

    rounds: int = 1
    longest: int = 50

    def __call__(self, *given: Any) -> range:
        whole = range(*given)
        return whole if len(whole) <= self.longest else whole[: self.rounds]


def imported(path: str) -> set[str]:
    """The packages that a file imports itself, and that may be missing."""
    names: set[str] = set()
    with open(path, "rb") as source:
        tree = ast.parse(source.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names - {*OURS, "numpy", "", *sys.stdlib_module_names}


def _calls(node: ast.AST, own: set[str]) -> bool:
    found = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(isinstance(function, ast.Name) and function.id in own for function in found)


def _puts_together(node: ast.stmt) -> bool:
    """``net.add(Dense(3, 4))``: a step that puts a model together, and does nothing with it."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(), attr=name))):
            return name.strip("_") in _PUTTING_TOGETHER
    return False


_PUTTING_TOGETHER = ("add", "append", "extend", "use", "compile", "add_layer", "addLayer", "set", "insert", "build")


def _passed_over(node: ast.stmt) -> ast.stmt:
    handler = ast.ExceptHandler(type=ast.Name("Exception", ast.Load()), name=None, body=[ast.Pass()])
    return ast.copy_location(ast.Try(body=[node], handlers=[handler], orelse=[], finalbody=[]), node)


def load(path: str) -> types.ModuleType:
    """The person's file as a module, without its script part."""
    loader = _Definitions("audited", path)
    for calls in (True, False):
        loader.calls = calls
        spec = importlib.util.spec_from_file_location("audited", path, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        setattr(module, ROUNDS, Rounds())
        sys.modules["audited"] = module
        signal.setitimer(signal.ITIMER_REAL, LOADING)
        try:
            loader.exec_module(module)
        except OutOfTime:
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return module
    raise TimeoutError("the file itself does not come to an end when it is imported")


# ------------------------------------------------------------------ chance


class _InOrder:
    """What draws at random, but leaves the order of a sample as it is: nobody could say after which member it steps."""

    @staticmethod
    def permutation(x: Any, axis: int = 0) -> Any:
        return np.arange(x) if isinstance(x, (int, np.integer)) else np.array(x)

    permuted = permutation

    @staticmethod
    def shuffle(x: Any, *_: Any, **__: Any) -> None:
        return None


class _Generator(_InOrder, np.random.Generator):  # type: ignore[misc]
    pass


class _RandomState(_InOrder, np.random.RandomState):
    made: ClassVar[list[_RandomState]] = []

    def __init__(self, seed: Any = None) -> None:
        super().__init__(0 if seed is None else seed)
        self.start = self.get_state()
        self.made.append(self)


class Chance:
    """Everything that is drawn at random in this process: the same at each job, whatever the file seeds."""

    def __init__(self) -> None:
        self.made: list[tuple[Any, Any]] = []
        self.of_file = 0, 0
        self.default_rng = np.random.default_rng
        np.random.default_rng = self._generator
        np.random.RandomState = _RandomState  # type: ignore[misc]
        np.random.permutation, np.random.shuffle = _InOrder.permutation, _InOrder.shuffle
        random.shuffle = _InOrder.shuffle

    def _generator(self, seed: Any = None) -> Any:
        if isinstance(seed, np.random.Generator):
            return seed
        made = _Generator(self.default_rng(0 if seed is None else seed).bit_generator)
        self.made.append((made.bit_generator, made.bit_generator.state))
        return made

    def again(self) -> None:
        """From the beginning, with what the file made when it was loaded; what a job made is gone with it."""
        np.random.seed(0)
        random.seed(0)
        del self.made[self.of_file[0] :], _RandomState.made[self.of_file[1] :]
        for bits, state in self.made:
            bits.state = state
        for one in _RandomState.made:
            one.set_state(one.start)

    def loaded(self) -> None:
        """What has been made so far is the file's."""
        self.of_file = len(self.made), len(_RandomState.made)


class AsLoaded:
    """The variables of the file as they were when it was loaded: no job finds what another one left."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module = module
        self.kept: dict[str, Any] | None = {
            name: value
            for name, value in vars(module).items()
            if not name.startswith("__") and name != ROUNDS and not isinstance(value, _NOT_COPIED)
        }
        self._copied()

    def _copied(self) -> dict[str, Any]:
        """Copies in which what was one array is one array; none where something cannot be copied."""
        try:
            return copy.deepcopy(self.kept) or {}
        except Exception:
            self.kept = None
            return {}

    def again(self) -> None:
        vars(self.module).update(self._copied())


#: Code, and what draws at random: that begins again by itself.
_NOT_COPIED = (
    *(type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, np.ufunc),
    *(np.random.Generator, np.random.RandomState),
)


# ------------------------------------------------------------------ values


class _Namespace:
    """An object with attributes that can be read like a dict too."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.__dict__.update(pairs)


class Job:
    """One sequence of steps; what each gave is kept for those that follow."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module = module
        self.given: list[Any] = []
        self.budget = LARGEST

    def value(self, coded: Any) -> Any:
        kind, *rest = coded
        match kind:
            case "a":
                dtype, shape, numbers = rest
                return np.array(numbers, dtype=dtype).reshape(shape)
            case "l":
                return [self.value(item) for item in rest[0]]
            case "t":
                return tuple(self.value(item) for item in rest[0])
            case "o":
                array = np.empty(len(rest[0]), dtype=object)
                for place, item in enumerate(rest[0]):
                    array[place] = self.value(item)
                return array
            case "d":
                return {key: self.value(item) for key, item in rest[0]}
            case "n":
                return _Namespace([(key, self.value(item)) for key, item in rest[0]])
            case "v":
                return rest[0]
            case "m":
                return follow(self.module, rest[0])
            case "r":
                return follow(self.given[rest[0]], rest[1])
        raise ValueError(kind)

    def step(self, step: dict[str, Any]) -> Any:
        """Do one step; what it has to show, or None."""
        match step["do"]:
            case "let":
                self.given.append(self.value(step["value"]))
            case "call":
                function = self.value(step["function"])
                positional = [self.value(value) for value in step["args"]]
                named = {name: self.value(value) for name, value in step["kwargs"].items()}
                self.given.append(function(*positional, **named))
            case "set":
                assign(self.value(step["on"]), step["path"], self.value(step["value"]))
                self.given.append(None)
            case "look":
                self.given.append(None)
                return [leaf for leaf in self._seen(self.value(step["on"])) if "shape" in leaf or "type" in leaf]
        return list(self.leaves(self.given[-1], (), set())) if step.get("show") else None

    def _seen(self, value: Any) -> Iterator[dict[str, Any]]:
        """What a value holds; of the file itself, its own variables."""
        if value is not self.module:
            return self.leaves(value, (), set())
        own = [(f".{name}", held) for name, held in vars(value).items() if not name.startswith("__")]
        return self._inside(own, (), set())

    def leaves(self, value: Any, path: tuple[Any, ...], seen: set[int]) -> Iterator[dict[str, Any]]:
        """The arrays and numbers inside a value, each with its path."""
        if value is None or isinstance(value, (str, bytes, type, types.FunctionType, types.ModuleType, _Missing)):
            return
        if isinstance(value, (bool, int, float, np.number, np.bool_, np.ndarray)) or _is_numbers(value):
            array = np.asarray(value)
            if array.dtype == object:
                yield from self._inside(enumerate(array.reshape(-1)), path, seen)
            elif array.dtype.kind in "biuf":
                self.budget -= array.size
                if self.budget < 0:
                    raise MemoryError(f"more than {LARGEST} numbers were returned")
                flat = [float(number) for number in array.reshape(-1)]
                yield {"path": list(path), "shape": list(array.shape), "numbers": flat, "kind": array.dtype.kind}
                if path and isinstance(value, list) and array.ndim == 1:  # or it is one number for each layer
                    for place, number in enumerate(flat):
                        yield {"path": [*path, place], "shape": [], "numbers": [number], "kind": array.dtype.kind}
            return
        if id(value) in seen or len(path) > DEEPEST:
            return
        seen.add(id(value))
        if isinstance(value, dict):
            yield from self._inside(value.items(), path, seen)
        elif isinstance(value, (list, tuple)):
            yield from self._inside(enumerate(value), path, seen)
        elif type(value).__module__ == "audited" or isinstance(value, (_Namespace, types.SimpleNamespace)):
            yield {"path": list(path), "type": type(value).__name__}
            yield from self._inside(((f".{key}", item) for key, item in _attributes(value)), path, seen)
        elif not callable(value):
            yield {"path": list(path), "type": type(value).__name__}

    def _inside(self, pairs: Any, path: tuple[Any, ...], seen: set[int]) -> Iterator[dict[str, Any]]:
        for key, item in list(pairs):
            if isinstance(key, (str, int, np.integer)):
                yield from self.leaves(item, (*path, key if isinstance(key, str) else int(key)), seen)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    names = [*getattr(value, "__dict__", {}), *(s for s in getattr(type(value), "__slots__", ()) if isinstance(s, str))]
    for name in names:
        if not name.startswith("__") and hasattr(value, name):
            yield name, getattr(value, name)


def _is_numbers(value: Any) -> bool:
    """Whether it is a list of plain numbers, or of lists of such: an array that is not called one."""
    if not isinstance(value, list) or not value:
        return False
    plain = all(isinstance(item, (int, float, np.number)) for item in value)
    if plain or not all(isinstance(item, list) and _is_numbers(item) for item in value):
        return plain
    return len({len(item) for item in value}) == 1


def follow(value: Any, path: Sequence[Any]) -> Any:
    """The part of a value that a path leads to: ``.name`` an attribute, anything else an item."""
    for key in path:
        value = getattr(value, key[1:]) if isinstance(key, str) and key.startswith(".") else value[key]
    return value


def assign(value: Any, path: Sequence[Any], new: Any) -> None:
    """Put something in the place that a path leads to: into the array there, if it has the shape.

    ``params["W1"]`` and the ``W`` of a layer may be one array, and stay one.
    """
    holder, key = follow(value, path[:-1]), path[-1]
    if isinstance(new, np.ndarray) and _takes(there := _there(holder, key), new):
        there[...] = new
        return
    if isinstance(key, str) and key.startswith("."):
        setattr(holder, key[1:], new)
    elif isinstance(holder, tuple):
        raise TypeError("a tuple cannot be changed")
    else:
        holder[key] = new


def _there(holder: Any, key: Any) -> Any:
    try:
        return follow(holder, [key])
    except (AttributeError, LookupError, TypeError):
        return None


def _takes(there: Any, new: Any) -> bool:
    """Whether an array can hold these numbers as they are."""
    alike = type(there) is np.ndarray and there.shape == new.shape and there.dtype == new.dtype
    return alike and bool(there.flags.writeable)


# ------------------------------------------------------------------ what happens line by line


class Trace:
    """Which line of the file gave which array to which name."""

    def __init__(self, file: str) -> None:
        self.file, self.left = file, STEPS_TRACED
        self.records: list[dict[str, Any]] = []

    def __call__(self, frame: types.FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if frame.f_code.co_filename != self.file:
            return None
        before: dict[str, Any] = {name: _print(value) for name, value in self._names(frame)}
        line = [frame.f_lineno]

        def inside(frame: types.FrameType, event: str, _: Any) -> Callable[..., Any]:
            if self.left > 0:
                for name, value in self._names(frame):
                    mark = _print(value)
                    if mark is not None and before.get(name) != mark:
                        before[name] = mark
                        self.left -= 1
                        array = np.asarray(value)
                        flat = [float(number) for number in array.reshape(-1)]
                        self.records.append(
                            {"line": line[0], "name": name, "shape": list(array.shape), "numbers": flat}
                        )
            line[0] = frame.f_lineno
            return inside

        return inside

    @staticmethod
    def _names(frame: types.FrameType) -> Iterator[tuple[str, Any]]:
        for name, value in list(frame.f_locals.items()):
            yield name, value
            if name == "self":
                yield from ((f"self.{key}", item) for key, item in _attributes(value))
            elif isinstance(value, dict):
                yield from ((f"{name}[{key!r}]", item) for key, item in list(value.items()) if isinstance(key, str))
            elif isinstance(value, list):
                yield from ((f"{name}[{place}]", item) for place, item in enumerate(value[:20]))


def _print(value: Any) -> bytes | None:
    """What tells an array from another one, or None for what is no small array of numbers."""
    if isinstance(value, (np.ndarray, np.floating, float)) and np.asarray(value).dtype.kind == "f":
        array = np.asarray(value)
        return array.tobytes() + str(array.shape).encode() if array.size <= 400 else None
    return None


# ------------------------------------------------------------------ the jobs


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
    sys.meta_path.insert(0, _Refusing())
    sys.path.append(os.path.dirname(request["file"]))
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGALRM, _ring)
    np.seterr(all="ignore")

    def tell(record: dict[str, Any]) -> None:
        out.write(json.dumps(record) + "\n")
        out.flush()

    chance = Chance()
    chance.again()
    try:
        wanted = imported(request["file"])
        drawing, stand_ins = _StandIns(wanted & DRAWING), _StandIns(wanted - DRAWING)
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
