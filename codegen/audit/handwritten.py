"""What a person's file says before it is run: its functions and classes, keys, numbers and globals."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from codegen.audit.inside.training_loop import with_script
from codegen.audit.keys_written import text_keys
from codegen.audit.unwritten_constructors import as_class, constructor_of, is_named_tuple
from codegen.audit.wordings import is_gradient_name, is_weight_name, says
from codegen.audit.written_function import Function, FunctionNode
from codegen.files import content_of
from symbolic.errors import CommandError


@dataclass(frozen=True)
class Handwritten:
    """A person's file, read and not run."""

    path: Path
    text: str
    tree: ast.Module

    @cached_property
    def functions(self) -> dict[str, Function]:
        return {
            node.name: Function(node.name, node) for node in _statements(self.tree) if isinstance(node, FunctionNode)
        }

    @cached_property
    def classes(self) -> dict[str, dict[str, Function]]:
        """The methods of each class by name, those of bases in the same file included."""
        found: dict[str, dict[str, Function]] = {}
        for node in _statements(self.tree):
            if isinstance(node, ast.ClassDef):
                methods: dict[str, Function] = {}
                for base in node.bases:
                    methods |= found.get(ast.unparse(base), {})
                if any("dataclass" in ast.unparse(one) for one in node.decorator_list) or is_named_tuple(node):
                    methods["__init__"] = Function("__init__", constructor_of(node), node.name)
                methods |= {n.name: Function(n.name, n, node.name) for n in node.body if isinstance(n, FunctionNode)}
                found[node.name] = methods
        return found

    def lineage(self, owner: str) -> Iterator[ast.ClassDef]:
        """A class and its bases in the file."""
        nodes = {node.name: node for node in _statements(self.tree) if isinstance(node, ast.ClassDef)}
        waiting = [owner]
        while waiting:
            node = nodes.pop(waiting.pop(0), None)
            if node is not None:
                yield node
                waiting += map(ast.unparse, node.bases)

    @cached_property
    def made_at_the_top(self) -> dict[str, frozenset[str]]:
        """The variables of the module that hold objects of its classes, and which classes."""
        found: dict[str, frozenset[str]] = {}
        for name, value in (pair for node in _statements(self.tree) for pair in _assigned(node)):
            calls = (n.func for n in ast.walk(value) if isinstance(n, ast.Call))
            named = frozenset(f.id for f in calls if isinstance(f, ast.Name) and f.id in self.classes)
            if named:
                found[name] = named
        return found

    @cached_property
    def dicts_at_the_top(self) -> frozenset[str]:
        """The variables of the module that begin as dicts: ``model = {}``."""
        pairs = (pair for node in _statements(self.tree) for pair in _assigned(node))
        return frozenset(
            name for name, value in pairs if isinstance(value, ast.Dict) or ast.unparse(value).startswith("dict(")
        )

    @cached_property
    def text_keys(self) -> tuple[str, ...]:
        return text_keys(self.tree)

    @cached_property
    def key_stems(self) -> frozenset[str]:
        """The beginnings of keys that are put together: ``'W' + str(l)``, ``f"W{l}"``, ``"W%d" % l``."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Subscript):
                continue
            match node.slice:
                case ast.BinOp(left=ast.Constant(value=str(stem)), op=ast.Add() | ast.Mod()):
                    found.add(stem.split("%")[0])
                case ast.JoinedStr(values=[ast.Constant(value=str(stem)), ast.FormattedValue(), *_]):
                    found.add(stem)
                case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(stem)), attr="format")):
                    found.add(stem.split("{")[0])
        return frozenset(found)

    @cached_property
    def rates(self) -> tuple[float, ...]:
        """The numbers that names of rates stand for: ``learning_rate = 0.1``."""
        found = [
            float(node.value.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, (int, float))
            and any(says("rate", ast.unparse(target).removeprefix("self.")) for target in node.targets)
        ]
        return tuple(dict.fromkeys(found))

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """The numbers at which gradients may be cut off, where the file cuts something: ``np.clip(dW, -5, 5)``."""
        clips = any("clip" in name for name in map(_said, ast.walk(self.tree)) if name is not None)
        return tuple(number for number in self.numbers if number > 0) if clips else ()

    @cached_property
    def counts_from_one(self) -> bool:
        """Whether class numbers seem to begin with 1: ``np.eye(k)[y - 1]``, ``y == c + 1``, ``np.arange(1, k + 1)``."""
        for node in ast.walk(self.tree):
            match node:
                case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=1)):
                    if any(says("target", name) for name in map(_said, ast.walk(left)) if name is not None):
                        return True
                case ast.Compare(left=left, comparators=[ast.BinOp(op=ast.Add(), right=ast.Constant(value=1))]):
                    if any(says("target", name) for name in map(_said, ast.walk(left)) if name is not None):
                        return True
                case ast.Call(func=ast.Attribute(attr="arange"), args=[ast.Constant(value=1), *_]):
                    return True
        return False

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """The numbers that stand in the file, without repetition."""
        found = [n.value for n in ast.walk(self.tree) if isinstance(n, ast.Constant)]
        return tuple(dict.fromkeys(float(v) for v in found if isinstance(v, (int, float)) and not isinstance(v, bool)))

    def scales_parameters(self, name: str) -> bool:
        """Whether a number multiplies parameters and nothing else somewhere: ``alpha * np.sign(self.w)``."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
                continue
            for number, other in ((node.left, node.right), (node.right, node.left)):
                if any(_said(part) == name for part in _factors(number)):
                    found = {said for part in ast.walk(other) if (said := _said(part)) is not None}
                    found -= {"self", "np", "numpy", *_FUNCTIONS_OF_ENTRIES}
                    if found and all(is_weight_name(one) and not is_gradient_name(one) for one in found):
                        return True
        return False

    def function(self, title: str) -> Function:
        """A function by name, or ``Class.method``; ``SpecError`` names what there is."""
        owner, dot, name = title.rpartition(".")
        known = self.classes.get(owner, {}) if dot else self.functions
        if name not in known:
            raise CommandError(f"{self.path} has no function {title}; it has {self.listing()}")
        return known[name]

    def meant(self, called: str, title: str) -> str:
        """The function of ``loss(X, y)`` beside ``--method Net.loss``, or of ``net.loss(X, y)`` alone."""
        last = called.rpartition(".")[2]
        if not called or title.rpartition(".")[2] == last:
            return title
        methods = [f"{owner}.{last}" for owner, known in self.classes.items() if last in known]
        return methods[0] if len(methods) == 1 and last not in self.functions else called

    def listing(self) -> str:
        """What could be audited here."""
        methods = [f"{c}.{m}" for c, ms in self.classes.items() for m in ms if not m.startswith("__")]
        return ", ".join([*self.functions, *methods][:30]) or "none"

    def reach(self, function: Function) -> list[Function]:
        """The function and all of the file that it calls, directly or not."""
        found, waiting = {function.title: function}, [function]
        while waiting:
            current = waiting.pop()
            for name in current.calls:
                others = [self.functions.get(name)] + [methods.get(name) for methods in self.classes.values()]
                for other in others:
                    if other is not None and other.title not in found:
                        found[other.title] = other
                        waiting.append(other)
        return list(found.values())

    def sums_over_samples(self, function: Function) -> bool:
        """Whether the code is for many samples, by what it does: sums and means along an axis."""
        for one in self.reach(function):
            for node in ast.walk(one.node):
                if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                    whole = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) not in ("np", "numpy")
                    axis = any(k.arg in ("axis", "keepdims") for k in node.keywords) or len(node.args) > (
                        0 if whole else 1
                    )
                    if name in ("sum", "mean", "average") and axis:
                        return True
        return False

    def globals_of(self, function: Function) -> list[str]:
        """Names of the module that the function and what it calls read, in the order of the file."""
        wanted: set[str] = set()
        for one in self.reach(function):
            wanted |= one.free_names
        known = {*self.functions, *self.classes, *_imported(self.tree), *dir(builtins)}
        wanted -= known
        order: dict[str, None] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and node.id in wanted:
                order[node.id] = None
        return list(order)


def read_file(path: Path) -> Handwritten:
    """Parse a file; ``SpecError``, one line, for what is no Python."""
    if not path.is_file():
        raise CommandError(f"{path}: there is no such file")
    try:
        text = content_of(path).decode("utf-8-sig")
        return Handwritten(path, text, with_script(ast.parse(text)))
    except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError, MemoryError) as problem:
        why = str(problem).partition("\n")[0] or "it is nested too deeply"
        raise CommandError(f"{path} is not Python: {why}") from None


_FUNCTIONS_OF_ENTRIES = ("sign", "sum", "square", "abs", "power", "linalg", "norm", "dot", "T", "copy")


def _said(node: ast.AST) -> str | None:
    """The name that stands here, or the attribute of it."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    """What a product, a quotient or a power is made of."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Those of the module, also inside ``if`` and ``try``."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if (made := as_class(node)) is not None:
            yield made
        if isinstance(node, (ast.If, ast.Try)):
            waiting = [*node.body, *node.orelse, *waiting]


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The variables that a statement assigns to, each with what it gets: ``fc1, fc2 = Linear(4, 6), Linear(6, 3)``."""
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        match target, node.value:
            case ast.Name(id=name), value:
                yield name, value
            case ast.Tuple(elts=names) | ast.List(elts=names), ast.Tuple(elts=values) | ast.List(elts=values):
                pairs = zip(names, values, strict=False)
                yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))


def _imported(tree: ast.Module) -> set[str]:
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
