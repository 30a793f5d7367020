"""Programs as plain expressions, a new array for each line: ``a_z = x @ w_1.T + b_z``.

The way one writes NumPy first, and the only way in libraries that differentiate or compile what they are
given.  A :class:`Library` says what its functions are called; everything else is common to all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from codegen.arithmetic import ATOM, PRODUCT, SUM, arithmetic, bracketed, number_text
from codegen.compiler.contraction import Groups, product
from codegen.compiler.kernels import Carried, Contraction, Kernel, Loop, Made, Map, Reduction, View, labels_of
from codegen.compiler.passes.operations import constant
from codegen.compiler.program import Program, ProgramError
from codegen.targets.numpy.printer import factor_text, shape_text, size_text
from codegen.targets.numpy.steps import rows_name
from codegen.targets.numpy.workspace import alike
from codegen.targets.rendering import WIDTH
from codegen.targets.vocabulary import BROUGHT, VALUE_FUNCTIONS
from symbolic.errors import SpecError
from symbolic.language.affine import Affine, Index, subscript
from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Constant,
    Delta,
    Entry,
    Expr,
    Extent,
    Hyper,
    InRange,
    Mul,
    Number,
    Position,
    Pow,
    Tensor,
    Where,
)
from symbolic.language.terms import walk
from symbolic.words import Text


@dataclass(frozen=True)
class Library:
    """How a library of arrays is written."""

    name: str
    prefix: str
    #: The functions of formulas, primitive or kept by name, as the library calls them.
    functions: Mapping[str, str]
    #: Named functions of the spec that the library has itself; they are not written out.
    kept: frozenset[str] = frozenset()
    maximum: str = "max"  # the method that takes the maximum along an axis
    linear: str = ""  # x, w, b -> x wᵀ + b in one call
    cast: str = "astype"  # the method that gives an array another type
    like: str = ""  # keyword arguments that put a new array where the others are


def _same(prefix: str, *names: str) -> dict[str, str]:
    return {name: f"{prefix}.{name}" for name in names}


_COMMON = ("exp", "log", "sin", "cos", "tanh", "sign", "abs", "logaddexp")
NUMPY = Library(
    "numpy",
    "np",
    {**_same("np", *_COMMON), "atan": "np.arctan", "max": "np.maximum", "min": "np.minimum"}
    | {name: name for name in BROUGHT},
    frozenset({"tanh"}),
)
TORCH = Library(
    "torch",
    "torch",
    {
        **_same("torch", *_COMMON, "sigmoid", "relu", "erf", "lgamma", "digamma"), "trigamma": "torch.polygamma",
        "atan": "torch.atan", "max": "torch.maximum", "min": "torch.minimum",
        "softplus": "torch.nn.functional.softplus", "silu": "torch.nn.functional.silu",
    },
    frozenset({"sigmoid", "tanh", "relu", "softplus", "silu"}),
    maximum="amax",
    cast="to",
    linear="torch.nn.functional.linear",
    like="dtype=dtype, device=device",
)  # fmt: skip
JAX = Library(
    "jax",
    "jnp",
    {
        **_same("jnp", *_COMMON), "atan": "jnp.arctan", "max": "jnp.maximum", "min": "jnp.minimum",
        "erf": "jax.scipy.special.erf", "lgamma": "jax.scipy.special.gammaln",
        "digamma": "jax.scipy.special.digamma", "trigamma": "jax.scipy.special.polygamma",
        **_same("jax.nn", "sigmoid", "relu", "softplus", "silu"),
    },
    frozenset({"sigmoid", "tanh", "relu", "softplus", "silu"}),
)  # fmt: skip


class Written(NamedTuple):
    """A line of a program, the kernel that it belongs to, and the numbers of the equations that it computes."""

    text: str
    kernel: Kernel
    equations: tuple[int, ...] = ()


@dataclass
class ValuePrinter:
    """Prints the kernels of a lowered program; ``names`` gives the Python name of each array."""

    program: Program
    library: Library
    names: Mapping[str, str]
    used: set[str] = field(default_factory=set)
    #: What stands in the place of values that have no line of their own.
    inlined: dict[str, str] = field(default_factory=dict)

    def lines(self, kernels: Iterable[Kernel]) -> list[Written]:
        """``name = expression`` for each kernel; a product and its bias become one call where the library has it."""
        found: list[Written] = []
        pending = list(kernels)
        while pending:
            kernel = pending.pop(0)
            if isinstance(kernel, Loop):
                found += self.steps(kernel)
                continue
            joined = self.affine(kernel, pending[0]) if pending and self.library.linear else None
            if joined is not None:
                kernel = pending.pop(0)
            if self.is_there(kernel):
                continue
            text = joined or self.kernel(kernel)
            found.append(self.written(kernel, text))
        return found

    def written(self, kernel: Kernel, text: str) -> Written:
        return Written(f"{self.names[kernel.target.name]} = {text}", kernel, kernel.equations)

    def readable(self, kernels: Iterable[Kernel]) -> list[Written]:
        """As ``lines``; a sum that only the next formula reads stands in that."""
        found: list[Written] = []
        for kernel in kernels:
            if isinstance(kernel, Loop):
                found += self.steps(kernel)
                continue
            if self.is_there(kernel):
                continue
            text = self.kernel(kernel)
            if self.stands_inside(kernel):
                self.inlined[kernel.target.name] = text
            else:
                found.append(self.written(kernel, text))
        return found

    def stands_inside(self, kernel: Kernel) -> bool:
        """Whether a product or a sum is one operand of one formula, entry for entry, and no equation names it."""
        target, program = kernel.target, self.program
        if not isinstance(kernel, (Contraction, Reduction)) or any(d.target == target for d in program.equations):
            return False
        readers = [reader for reader in program.kernels if target in reader.reads]
        if len(readers) != 1 or not isinstance(readers[0], Map):
            return False
        entries = [entry for entry in _entries(readers[0].expr) if entry.tensor == target]
        same = len(entries) == 1 and labels_of(entries[0]) == readers[0].indices
        return same and readers[0].equations == kernel.equations

    def kernel(self, kernel: Kernel) -> str:
        match kernel:
            case Map():
                return self.map(kernel)
            case Contraction():
                return self.contraction(kernel)
            case Reduction():
                return self.reduction(kernel)
            case View():
                return self.window(kernel)
            case Made():
                return self.made(kernel)
        raise TypeError(f"not lowered: {kernel}")

    # -- loops --------------------------------------------------------------------------------------

    def steps(self, loop: Loop) -> list[Written]:
        """The memory of what steps write, and the loop, a line for each kernel of a step."""
        length, index = loop.index.extent, self.names[f"index {loop.target.name}"]
        begun: dict[str, list[str]] = {}
        starts: list[str] = []
        for carried in loop.carried:
            shape = shape_text((length + carried.pad, *carried.step.axes))
            labels = {i for e in _entries(carried.start) for i in labels_of(e)}
            constant_start = not labels
            begins = self.text(carried.start, ()) if constant_start else "0.0"
            rows = self.rows(carried)
            begun.setdefault(f"{self.call('full')}({shape}, {begins}{self.where})", []).append(rows)
            if not constant_start:
                beside = f"{size_text(length)}:" if loop.backwards else f":{carried.pad}"
                starts.append(f"{rows}[{beside}] = {self.text(carried.start, carried.indices)}")
        memory = [line for text, rows in begun.items() for line in alike(rows, text, WIDTH - 8)]
        steps = f"range({size_text(length)})"
        head = f"for {index} in {f'reversed({steps})' if loop.backwards else steps}:"
        self.names = {**self.names, **self.rows_of_a_step(loop, index)}
        body = [self.written(kernel, self.kernel(kernel)) for kernel in loop.body]
        return [
            *(Written(line, loop) for line in (*memory, *starts, head)),
            *(Written(f"    {line}", loop, equations) for line, _, equations in body),
        ]

    def rows_of_a_step(self, loop: Loop, index: str) -> dict[str, str]:
        """What a step calls a row, of an array that it reads or of one that it writes: the row itself."""
        own = {carried.whole: carried for carried in loop.carried}
        found = {}
        for part in loop.slices:
            if part.whole in own:
                place = _place(index, loop.offset(own[part.whole]) + part.shift)
                found[part.target.name] = f"{self.rows(own[part.whole])}[{place}]"
            else:
                found[part.target.name] = f"{self.names[part.whole.name]}[{index}]"
        for carried in loop.carried:
            found[carried.step.name] = f"{self.rows(carried)}[{_place(index, loop.offset(carried))}]"
        return found

    def rows(self, carried: Carried) -> str:
        return rows_name(carried, self.names)

    def is_there(self, kernel: Kernel) -> bool:
        """Whether a loop has made the whole array under its own name."""
        return isinstance(kernel, Made) and not kernel.carried.pad

    def made(self, kernel: Made) -> str:
        """The rows of all steps, or of those some steps away."""
        (loop,) = (k for k in self.program.kernels if isinstance(k, Loop) and k.target == kernel.source.tensor)
        first = loop.offset(kernel.carried) + kernel.shift
        return f"{self.rows(kernel.carried)}[{first}:{size_text(loop.index.extent + first)}]"

    def affine(self, first: Kernel, second: Kernel) -> str | None:
        """``linear(x, w, b)`` when the second kernel adds a vector to the first, a product of two matrices.

        What has several axes in place of the one that is summed over is flattened to a matrix.
        """
        match first, second:
            case Contraction(left=left, right=right), Map(expr=Add((Entry() as a, Entry() as b))):
                x, w = (left, right) if self.program.sample in labels_of(left) else (right, left)
                product_, bias = (a, b) if a.tensor == first.target else (b, a)
                rows, s = (*second.indices, None, None)[:2], first.over
                uses = sum(first.target in kernel.reads for kernel in self.program.kernels)
                if (
                    product_.tensor == first.target and labels_of(bias) == second.indices[1:] and uses == 1
                    and len(second.indices) == 2 and labels_of(x) == (rows[0], *s) and labels_of(w) == (rows[1], *s)
                ):  # fmt: skip
                    flat = ", ".join(self.view(e, (labels_of(e)[:1], s)) for e in (x, w))
                    return f"{self.library.linear}({flat}, {self.names[bias.tensor.name]})"
        return None

    # -- operands -----------------------------------------------------------------------------------

    def view(self, entry: Entry, groups: Groups) -> str:
        """The array with one axis for each group of indices, a new axis for an empty group."""
        labels = labels_of(entry)
        present = [group for group in groups if group]
        text = self.turned(self.names[entry.tensor.name], labels, tuple(index for g in present for index in g))
        if any(len(group) > 1 for group in present):
            text += f".reshape({', '.join('*'.join(factor_text(i.extent) for i in group) for group in present)})"
        if len(groups) > len(present):
            inner = [":" if group else "None" for group in groups]
            while inner and inner[0] == "None":  # put in front by broadcasting
                inner.pop(0)
            text += f"[{', '.join(inner)}]" if "None" in inner else ""
        return text

    def turned(self, text: str, labels: tuple[Index, ...], order: tuple[Index, ...]) -> str:
        places = [labels.index(index) for index in order]
        if places == sorted(places):
            return text
        if places == [1, 0]:
            return f"{text}.T"
        method = "permute" if self.library.name == "torch" else "transpose"
        return f"{text}.{method}({', '.join(map(str, places))})"

    # -- kernels ------------------------------------------------------------------------------------

    def map(self, kernel: Map) -> str:
        carried = {index for entry in _entries(kernel.expr) for index in labels_of(entry)}
        carried |= {i for node in _indicators(kernel.expr) for i in node}
        if kernel.indices and not carried:
            return f"{self.call('full')}({shape_text(kernel.target.axes)}, {self.text(kernel.expr, ())}{self.where})"
        text = self.text(kernel.expr, kernel.indices)
        if carried != set(kernel.indices):
            text = f"{self.call('broadcast_to')}({text}, {shape_text(kernel.target.axes)})"
        return text

    @property
    def where(self) -> str:
        return f", {self.library.like}" if self.library.like else ""

    def call(self, function: str) -> str:
        """A function of the library.  Raises ProgramError for one that modules are not known to call."""
        if function not in VALUE_FUNCTIONS:
            raise ProgramError(f"a module would call {function}, which codegen.targets.vocabulary does not list")
        return f"{self.library.prefix}.{function}"

    def contraction(self, kernel: Contraction) -> str:
        call = product(kernel)
        if call.operation == "einsum":
            indices = dict.fromkeys((*labels_of(kernel.left), *labels_of(kernel.right)))
            letters = {index: chr(ord("a") + k) for k, index in enumerate(indices)}
            spec = ",".join("".join(letters[i] for i in labels_of(e)) for e in (kernel.left, kernel.right))
            spec += "->" + "".join(letters[i] for i in kernel.indices)
            operands = f"{self.names[kernel.left.tensor.name]}, {self.names[kernel.right.tensor.name]}"
            return f'{self.call("einsum")}("{spec}", {operands})'
        left, right = self.matrix(kernel.left, call.left), self.matrix(kernel.right, call.right)
        text = f"{right} @ {left}" if call.swap else f"{left} @ {right}"
        if any(len(group) != 1 for group in call.out):
            text = f"({text}).reshape({', '.join(size_text(index.extent) for index in call.out_order)})"
        if call.out_order != kernel.indices:
            text = self.turned(text if text.startswith("(") else f"({text})", call.out_order, kernel.indices)
        return text

    def matrix(self, entry: Entry, groups: Groups) -> str:
        """As ``view``, but axes of length 1 in front are there too: ``@`` wants them."""
        if groups and not groups[0]:
            inner = ", ".join(":" if group else "None" for group in groups)
            return f"{self.view(entry, tuple(group for group in groups if group))}[{inner}]"
        return self.view(entry, groups)

    def reduction(self, kernel: Reduction) -> str:
        labels = labels_of(kernel.operand)
        axes = tuple(labels.index(index) for index in kernel.over)
        method = self.library.maximum if kernel.operation == "max" else kernel.operation
        name = self.names[kernel.operand.tensor.name]
        text = f"{name}.{method}({axes[0] if len(axes) == 1 else axes})" if kernel.indices else f"{name}.{method}()"
        return self.turned(text, tuple(i for i in labels if i not in kernel.over), kernel.indices)

    def window(self, kernel: View) -> str:
        """The source at computed positions; beyond its edge 0."""
        places, inside = [], []
        for sub, extent in zip(kernel.source.subscripts, kernel.source.tensor.axes, strict=True):
            place = self.positions(sub, kernel.indices)
            if kernel.padded and (sub.terms or sub.sizes):
                inside.append(f"({place} >= 0) & ({place} < {factor_text(extent)})")
                place = f"{place}.clip(0, {factor_text(extent)} - 1)"
            places.append(place)
        text = f"{self.names[kernel.source.tensor.name]}[{', '.join(places)}]"
        return f"{self.call('where')}({' & '.join(inside)}, {text}, 0.0)" if inside else text

    def positions(self, sub: Affine[Index], indices: tuple[Index, ...]) -> str:
        terms = [factor_text(sub.offset)] if sub.offset.number != 0 else []
        for index, coefficient in sub.terms:
            place = ", ".join(":" if other == index else "None" for other in indices)
            device = ", device=device" if self.library.name == "torch" else ""
            run = f"{self.call('arange')}({size_text(index.extent)}{device})[{place}]"
            terms.append(run if coefficient == 1 else f"{coefficient}*{run}")
        if not sub.terms:
            return terms[0] if terms else "0"
        return f"({' + '.join(terms)})" if len(terms) > 1 or sub.single is None else terms[0]

    # -- arithmetic ---------------------------------------------------------------------------------

    def text(self, expr: Expr, indices: tuple[Index, ...], tight: int = 0) -> str:
        """The arithmetic as Python writes it, operands aligned along the indices."""

        def inner(e: Expr, level: int = 0) -> str:
            return self.text(e, indices, level)

        def wrap(text: str, level: int) -> str:
            return bracketed(text, level, tight)

        match expr:
            case Number(value):
                return wrap(number_text(value), SUM if value < 0 or "/" in number_text(value) else ATOM)
            case Hyper(name, _):
                return self.names[f"hyper {name}"]
            case Constant():
                return "3.141592653589793"
            case Extent(size):
                shown = size_text(size)
                return wrap(shown, ATOM if shown.isalnum() else SUM if " " in shown else PRODUCT)
            case Entry(tensor) if tensor.name in self.inlined:
                shown = self.inlined[tensor.name]
                return wrap(shown, SUM if " @ " in shown else ATOM)
            case Entry():
                carried = set(labels_of(expr))
                return self.view(expr, tuple((index,) if index in carried else () for index in indices))
            case Add() | Mul() | Pow():
                return arithmetic(expr, tight, inner)
            case Call(function, arguments):
                return self.function(function.name, arguments, indices)
            case Position(index):
                return f"{self.positions(subscript(index), indices)}.{self.library.cast}({self.dtype})"
            case Compare() | Delta() | InRange():
                return f"{self.truth(expr, indices)}.{self.library.cast}({self.dtype})"
            case Where(condition, then, otherwise):
                return self.choice(condition, then, otherwise, indices)
        raise TypeError(f"not elementwise: {expr}")

    def truth(self, expr: Compare | Delta | InRange, indices: tuple[Index, ...]) -> str:
        """A comparison as the library makes it: to choose by.  Everything else computes with the number 0 or 1."""
        match expr:
            case Compare(relation, left, right):
                first = self.tensor(left, indices) if constant(right) else self.text(left, indices, SUM)
                return f"({first} {relation} {self.text(right, indices, SUM)})"
            case Delta(left=a, right=b):
                return f"({self.positions(a - b, indices)} == 0)"
            case InRange(subscript=sub, extent=extent):
                place = self.positions(sub, indices)
                return f"((0 <= {place}) & ({place} < {factor_text(extent)}))"

    @property
    def dtype(self) -> str:
        """The type of the numbers: that of the first input, which every function is given."""
        return f"{self.first}.dtype"

    @property
    def first(self) -> str:
        return self.names[first_input(self.program).name]

    def tensor(self, expr: Expr, indices: tuple[Index, ...]) -> str:
        """The arithmetic; a bare number, which would have the library's own type, as an array like the others."""
        text = self.text(expr, indices, 0 if constant(expr) else SUM)
        if not constant(expr) or any(isinstance(n, Call) and not hasattr(math, n.function.name) for n in walk(expr)):
            return text
        if self.library.name == "torch":
            return f"{self.first}.new_tensor({text})"
        return f"{self.call('asarray')}({text}, dtype={self.dtype})"

    def choice(self, condition: Compare, then: Expr, otherwise: Expr, indices: tuple[Index, ...]) -> str:
        first = self.tensor(then, indices) if constant(otherwise) else self.text(then, indices)
        return f"{self.call('where')}({self.truth(condition, indices)}, {first}, {self.text(otherwise, indices)})"

    def function(self, name: str, arguments: tuple[Expr, ...], indices: tuple[Index, ...]) -> str:
        texts = [self.text(a, indices) for a in arguments]
        self.used.add(name)
        if all(constant(a) for a in arguments):
            if hasattr(math, name):
                self.used.add("math")
                return f"math.{name}({', '.join(texts)})"
            texts = [self.tensor(a, indices) for a in arguments]
            return self.called(name, texts)
        if self.library.name == "torch" and len(texts) == 2 and any(constant(a) for a in arguments):
            (number,) = (t for t, a in zip(texts, arguments, strict=True) if constant(a))
            (array,) = (t for t, a in zip(texts, arguments, strict=True) if not constant(a))
            if name in ("max", "min"):
                return f"torch.clamp({array}, {'min' if name == 'max' else 'max'}={number})"
            return f"{self.library.functions[name]}({array}, {self.first}.new_tensor({number}))"
        return self.called(name, texts)

    def called(self, name: str, texts: Sequence[str]) -> str:
        """Raises SpecError where the target has no such function."""
        if name not in self.library.functions:
            raise SpecError(
                Text(
                    f"target {self.library.name} has no {name}; target numpy has",
                    f"для target {self.library.name} нет {name}; для numpy есть",
                )
            )
        function = self.library.functions[name]
        return f"{function}({', '.join(['1', *texts] if function.endswith('polygamma') else texts)})"


def first_input(program: Program) -> Tensor:
    """The data that every function is given, in both directions: the first input that is no constant."""
    return next(tensor for tensor in program.inputs if tensor.role == "input")


def names_of_loops(program: Program) -> dict[str, str]:
    """What a loop's index, its rows and its steps are to be called, by what they are asked for with."""
    found: dict[str, str] = {}
    for loop in (kernel for kernel in program.kernels if isinstance(kernel, Loop)):
        found[f"index {loop.target.name}"] = loop.index.name
        found |= {f"rows {one.whole.name}": f"{one.whole.name}_rows" for one in loop.carried if one.pad}
        found |= {one.whole.name: one.whole.name for one in loop.carried if not one.pad}
        found |= {part.target.name: part.target.name for part in loop.slices}
        found |= {kernel.target.name: kernel.target.name for kernel in loop.body}
    return found


def _place(index: str, shift: int) -> str:
    return index if not shift else f"{index} {'+' if shift > 0 else '-'} {abs(shift)}"


def _entries(expr: Expr) -> list[Entry]:
    if isinstance(expr, Entry):
        return [expr]
    return [entry for child in expr.children for entry in _entries(child)]


def _indicators(expr: Expr) -> list[tuple[Index, ...]]:
    """The indices of each indicator in the expression."""
    match expr:
        case Delta(left=a, right=b):
            return [tuple((a - b).keys)]
        case InRange(subscript=sub):
            return [tuple(sub.keys)]
        case Position(index):
            return [(index,)]
    return [found for child in expr.children for found in _indicators(child)]
