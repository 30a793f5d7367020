"""What one function of a person's file says before it is run: its arguments, what it reads, calls and returns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from codegen.audit.wordings import is_backward, is_gradient_name, telling

FunctionNode = ast.FunctionDef


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a function; ``default`` is its source text, None where there is none."""

    name: str
    default: str | None = None
    starred: bool = False
    by_name: bool = False
    annotation: str | None = None

    @property
    def may_be_number(self) -> bool:
        """Whether no default says that it is something else: None, a switch, a text, several numbers."""
        return self.default is None or not re.match(r"None|True|False|['\"([{]", self.default)


@dataclass(frozen=True)
class Function:
    """A function or a method of a person's file."""

    name: str
    node: FunctionNode
    owner: str | None = None

    @property
    def title(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name

    @cached_property
    def is_static(self) -> bool:
        return any("staticmethod" in ast.unparse(d) for d in self.node.decorator_list)

    @cached_property
    def is_property(self) -> bool:
        return any("property" in ast.unparse(d) for d in self.node.decorator_list)

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """Without ``self``."""
        given = self.node.args
        plain = [*given.posonlyargs, *given.args]
        defaults = [None] * (len(plain) - len(given.defaults)) + [ast.unparse(d) for d in given.defaults]
        found = [Argument(a.arg, d, annotation=_annotation(a)) for a, d in zip(plain, defaults, strict=True)]
        if self.owner and not self.is_static:
            found = found[1:]
        found += [
            Argument(a.arg, None if d is None else ast.unparse(d), by_name=True, annotation=_annotation(a))
            for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        ]
        if given.vararg:
            found.append(Argument(given.vararg.arg, "()", starred=True))
        if given.kwarg:
            found.append(Argument(given.kwarg.arg, "{}", starred=True, by_name=True))
        return tuple(found)

    @cached_property
    def returns(self) -> tuple[ast.expr, ...]:
        """What its return statements return, those of functions inside it left out."""
        return tuple(node.value for node in _own(self.node) if isinstance(node, ast.Return) and node.value is not None)

    @cached_property
    def returned_function(self) -> tuple[Function, tuple[int, ...]] | None:
        """The function inside it that it returns, and where: ``return gradients``, ``return fun, jac`` at (1,)."""
        inside = {node.name: node for node in self.node.body if isinstance(node, FunctionNode)}
        found: list[tuple[Function, tuple[int, ...]]] = []
        for value in self.returns:
            parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
            names = [part.id for part in parts if isinstance(part, ast.Name) and part.id in inside]
            if not names or len(names) < len(parts):
                return None
            last = next((n for n in reversed(names) if is_backward(n) or is_gradient_name(n)), names[-1])
            place = () if parts == [value] else (names.index(last),)
            found.append((Function(last, inside[last]), place))
        return found[0] if found else None

    @cached_property
    def returned_names(self) -> dict[tuple[int | str, ...], str]:
        """The name of each part of what it returns, by its path: ``return loss, (dW, db)`` has (1, 0): "dW"."""
        found: dict[tuple[int | str, ...], str] = {}
        for value in self.returns:
            found |= dict(_named(value, (), self._locals))
        return found

    @cached_property
    def _locals(self) -> dict[str, ast.expr]:
        """The last thing that is assigned to each plain name, to look through ``grads = [dW, db]; return grads``."""
        return {
            target.id: node.value
            for node in _own(self.node)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value, (ast.Tuple, ast.List, ast.Dict))
        }

    @cached_property
    def calls(self) -> frozenset[str]:
        """The names of what it calls: functions of the file, and methods."""
        found = [node.func for node in ast.walk(self.node) if isinstance(node, ast.Call)]
        names = {f.id for f in found if isinstance(f, ast.Name)}
        return frozenset(names | {f.attr for f in found if isinstance(f, ast.Attribute)})

    @cached_property
    def unpacked(self) -> dict[str, tuple[str, ...]]:
        """``W1, b1 = params`` by the name of what is unpacked."""
        found: dict[str, tuple[str, ...]] = {}
        for node in _own(self.node):
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                if isinstance(target, (ast.Tuple, ast.List)) and isinstance(node.value, ast.Name):
                    names = tuple(item.id for item in target.elts if isinstance(item, ast.Name))
                    if len(names) == len(target.elts):
                        found[node.value.id] = names
        return found

    def reads_options(self, name: str) -> bool:
        """Whether an argument is a dict of which every key may be missing: ``param.get("eps", 1e-5)`` and no more."""
        gets = [
            node.func.value
            for node in ast.walk(self.node)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
            if len(node.args) == 2
        ]
        return 0 < self._times_read(name) == sum(isinstance(one, ast.Name) and one.id == name for one in gets)

    def scales_a_step(self, name: str) -> bool:
        """Whether an argument is a factor of what something is changed by, and no more: ``w = w + N*change``."""
        scaled = 0
        for node in ast.walk(self.node):
            match node:
                case ast.AugAssign(op=ast.Add() | ast.Sub(), value=value):
                    scaled += _times_factor(value, name)
                case ast.Assign(targets=[target], value=value) if ast.unparse(target) in ast.unparse(value):
                    scaled += _times_factor(value, name)
        return 0 < self._times_read(name) == scaled

    def reads(self, name: str) -> bool:
        return self._times_read(name) > 0

    def _times_read(self, name: str) -> int:
        return sum(
            isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(self.node)
        )

    @cached_property
    def free_names(self) -> frozenset[str]:
        """Names that it reads and never sets: globals of the module, and functions."""
        loaded: set[str] = set()
        stored = {a.name for a in self.arguments} | {"self"}
        declared: set[str] = set()
        for node in ast.walk(self.node):
            if isinstance(node, ast.Name):
                (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
            elif isinstance(node, (ast.Global,)):
                declared |= set(node.names)
            elif isinstance(node, ast.arg):
                stored.add(node.arg)
        augmented = {
            n.target.id for n in ast.walk(self.node) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)
        }
        return frozenset((loaded - stored) | declared | (augmented & declared))


def _annotation(argument: ast.arg) -> str | None:
    """The type that it is said to have, as it stands; what stands in quotes without them."""
    match argument.annotation:
        case None:
            return None
        case ast.Constant(value=str() as text):
            return text
    return ast.unparse(argument.annotation)


def _times_factor(value: ast.expr, name: str) -> int:
    """How often a variable stands as a factor in an expression."""
    products = [node for node in ast.walk(value) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)]
    sides = [side for node in products for side in (node.left, node.right)]
    return sum(isinstance(side, ast.Name) and side.id == name for side in sides)


def _own(function: FunctionNode) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it, in the order of the text."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        yield node
        waiting = [*ast.iter_child_nodes(node), *waiting]


def _named(
    value: ast.expr, path: tuple[int | str, ...], known: dict[str, ast.expr]
) -> Iterator[tuple[tuple[int | str, ...], str]]:
    match value:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for place, part in enumerate(parts):
                yield from _named(part, (*path, place), known)
        case ast.Dict(keys=keys, values=values):
            for key, part in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, (str, int)):
                    yield from _named(part, (*path, key.value), known)
        case ast.Name(id=name):
            yield path, name
            if name in known and not isinstance(known[name], ast.Name):
                yield from _named(known[name], path, {k: v for k, v in known.items() if k != name})
        case ast.Attribute():
            yield path, telling(ast.unparse(value).removeprefix("self.").split("."))
        case ast.ListComp(generators=[ast.comprehension(iter=ast.Name(id=of)), *_]):  # [w.grad for w in weights]
            innermost = [node.elt for node in ast.walk(value) if isinstance(node, ast.ListComp)][-1]
            yield path, telling([of, innermost.attr]) if isinstance(innermost, ast.Attribute) else of
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            yield path, name
        case ast.BinOp(left=ast.Name(id=name), op=ast.Div()):  # g_w / n
            yield path, name
        case ast.BinOp() | ast.Call() | ast.UnaryOp():
            if found := re.match(r"\(*((?:d|grad_?|nabla_?)\w+)", ast.unparse(value)):
                yield path, found.group(1)
