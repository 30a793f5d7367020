"""``--target numba``: the NumPy module, with Q and its gradient compiled as one function of fused loops.

Everything else of the module is as it was: checks, prediction, value, training.  What an elementwise formula
needs is computed entry by entry in registers; only what a later loop or product reads is stored.  A network
whose values are vectors and matrices can be compiled so; others are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from codegen.build import formulas
from codegen.contraction import Groups, product
from codegen.emit import DTypeName, check_text, emit, environment
from codegen.lower import lower
from codegen.names import reserved
from codegen.numpy_printer import factor_text, shape_text
from codegen.passes.common import share
from codegen.passes.dead import drop_dead, in_sections
from codegen.passes.inline import sum_directly
from codegen.passes.layout import feature_major
from codegen.passes.products import arrange
from codegen.passes.stable import stable_forms
from codegen.program import Contraction, Kernel, Map, Program, Reduction, View, labels_of
from codegen.tidy import tidy
from codegen.torch_target import cited_lines
from codegen.values import Library, ValuePrinter
from symbolic.adjoint import adjoint
from symbolic.affine import Index
from symbolic.errors import SpecError
from symbolic.expr import Add, Call, Compare, Entry, Expr, Mul, Pow, Where
from symbolic.network import Network
from symbolic.objective import build_objective
from symbolic.terms import walk

_MATH = {name: f"math.{name}" for name in ("log", "sin", "cos", "atan", "erf")}
NUMBA = Library(
    "numba",
    "np",
    {**_MATH, "exp": "exponential", "tanh": "hyperbolic_tangent", "logaddexp": "log_add_exp",
     "abs": "abs", "sign": "np.sign", "max": "np.maximum", "min": "np.minimum"},
)  # fmt: skip
TAKEN = frozenset(
    {"numba", "fused", "exponential", "log_add_exp", "squares", "hyperbolic_tangent", "power_of_e", "total", "work"}
)

#: Consecutive kernels that go into one loop over the indices, or one kernel that is none.
Group: TypeAlias = "tuple[tuple[Index, ...], list[Kernel]]"


def compiled_program(network: Network) -> Program:
    """The program before it is split into single operations: a formula is one loop's body."""
    objective = build_objective(network)
    program = formulas(network.name, objective, adjoint(objective).definitions)
    for one in (drop_dead, stable_forms, sum_directly, feature_major, lower, arrange, share, drop_dead, in_sections):
        program = one(program)
    for kernel in program.kernels:
        odd = isinstance(kernel, View) or len(kernel.indices) > 2
        if isinstance(kernel, Contraction) and kernel.indices:
            call = product(kernel)
            odd = odd or call.operation != "dot" or any(len(g) != 1 for g in (*call.left, *call.right, *call.out))
        if odd or any(type(node).__name__ in ("Delta", "InRange") for node in walk(kernel.formula)):
            raise SpecError(
                f"{network.name}: {kernel.target.name} is more than a matrix or a product of two, which the target "
                f"numba cannot compile; use --target numpy"
            )
    return program


def emit_numba(network: Network, dtype: DTypeName) -> str:
    """The text of the module.  Raises SpecError for a network that has more than vectors and matrices."""
    program = compiled_program(network)
    if clash := sorted(TAKEN & {*network.size_names}):
        raise SpecError(f"sizes: {clash[0]} means something else in a module; give this size another name")
    lines = _Loops(program, _names(program, network.size_names))
    body, arrays = lines.body(), lines.arrays()
    read = [t for t in program.parameters if any(t in kernel.reads for kernel in program.kernels)]
    text = (
        environment()
        .get_template("numba.py.j2")
        .render(
            plain=emit(network, dtype),
            sizes=network.size_names,
            given=[lines.names[t.name] for t in (*read, *program.inputs, program.target)],
            parameters=len(read),
            slopes=[lines.names[g] for g in program.gradients],
            arrays=arrays,
            body=body,
            result=lines.names[program.value],
            log_add_exp=any("log_add_exp(" in line for line in body),
        )
    )
    before, mark, after = text.partition("\n# -- compiled --\n")
    assert mark
    text = tidy(_joined(before, after, network))
    check_text(text, also=frozenset({"numba"}))
    return text


def _joined(plain: str, compiled: str, network: Network) -> str:
    """The compiled functions go before the workspace; ``both`` of the workspace calls them."""
    place = plain.index("def parameter_views(")
    head, rest = plain[:place], plain[place:]
    head = head.replace("\nimport numpy as np\n", "\nimport numba\nimport numpy as np\n", 1)
    if "\nimport math\n" not in head:
        head = head.replace("\nimport json\n", "\nimport json\nimport math\n", 1)
    head = head.replace(", in NumPy alone.", ", in NumPy and Numba.", 1).replace(
        ", for float", ", for Numba and float", 1
    )
    views, both = compiled.split("\n# -- both --\n")
    start = rest.index("    def both(")
    stop = rest.index("\n\ndef ", start)
    return head + views.lstrip("\n") + "\n\n" + rest[:start] + both.lstrip("\n") + "\n" + rest[stop:]


def _names(program: Program, sizes: Sequence[str]) -> dict[str, str]:
    taken, names = {*reserved(sizes), *TAKEN, *sizes}, {}
    for tensor in (*program.given, *(kernel.target for kernel in program.kernels)):
        name = tensor.name
        while name in taken:
            name += "_"
        taken.add(name)
        names[tensor.name] = name
    for node in (n for d in program.equations for n in walk(d.formula) if type(n).__name__ == "Hyper"):
        names[f"hyper {node.name}"] = repr(float(node.value))  # type: ignore[attr-defined]
    return names


@dataclass
class _Loops:
    """Prints a program as loops; ``names`` gives the Python name of each array."""

    program: Program
    names: dict[str, str]
    local: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.groups = self.grouped()
        stored = {t.name for t in self.program.given} | set(self.program.gradients)
        home = {k.target.name: n for n, (_, kernels) in enumerate(self.groups) for k in kernels}
        readers: dict[str, set[int]] = {}
        for n, (_, kernels) in enumerate(self.groups):
            for kernel in kernels:
                for tensor in kernel.reads:
                    readers.setdefault(tensor.name, set()).add(n)
        for kernel in self.program.kernels:
            name = kernel.target.name
            if isinstance(kernel, Map) and name not in stored and readers.get(name, set()) <= {home[name]}:
                self.local.add(name)  # read in its own loop alone: a number
            if not kernel.indices and name not in stored:
                self.local.add(name)

    def grouped(self) -> list[Group]:
        """Consecutive elementwise kernels over the same axes; one may read another's entry, not its neighbours'."""
        groups: list[Group] = []
        for kernel in self.program.kernels:
            if isinstance(kernel, Map) and kernel.indices and groups and groups[-1][0] == kernel.indices:
                own = {k.target.name for k in groups[-1][1]}
                if all(labels_of(e) == kernel.indices for e in _entries(kernel.expr) if e.tensor.name in own):
                    groups[-1][1].append(kernel)
                    continue
            groups.append((kernel.indices if isinstance(kernel, Map) else (), [kernel]))
        return groups

    def arrays(self) -> list[tuple[str, str, str]]:
        """Name, number of entries and shape of each array that is stored."""
        kept = [
            k for k in self.program.kernels
            if k.indices and k.target.name not in self.local and k.target.name not in self.program.gradients
        ]  # fmt: skip
        return [
            (self.names[k.target.name], "*".join(factor_text(a) for a in k.target.axes), shape_text(k.target.axes))
            for k in kept
        ]

    def body(self) -> list[str]:
        found: list[str] = []
        seen: set[int] = set()
        for indices, kernels in self.groups:
            found += cited_lines(self.program, kernels, seen)
            if indices:
                found += self.loop(indices, kernels)
            else:
                found += self.alone(kernels[0])
        return found

    def loop(self, indices: tuple[Index, ...], kernels: Iterable[Kernel]) -> list[str]:
        lines = self.ranges(indices)
        indent = "    " * len(indices)
        for kernel in kernels:
            assert isinstance(kernel, Map)
            lines.append(f"{indent}{self.place(kernel.entry)} = {self.scalar(kernel.expr)}")
        return lines

    def alone(self, kernel: Kernel) -> list[str]:
        match kernel:
            case Map():
                return [f"{self.place(kernel.entry)} = {self.scalar(kernel.expr)}"]
            case Reduction():
                return self.reduced(kernel)
            case Contraction() if not kernel.indices and len(kernel.over) > 1:
                return self.scalar_product(kernel)
            case Contraction():
                call = product(kernel)
                left, right = self.matrix(kernel.left, call.left), self.matrix(kernel.right, call.right)
                left, right = (right, left) if call.swap else (left, right)
                if not kernel.indices:
                    return [f"{self.place(kernel.entry)} = np.dot({left}, {right})"]
                return [f"np.dot({left}, {right}, {self.matrix(kernel.entry, call.out)})"]
        raise TypeError(f"not lowered: {kernel}")

    def scalar_product(self, kernel: Contraction) -> list[str]:
        """Σ over all entries of two matrices."""
        left, right = self.place(kernel.left), self.place(kernel.right)
        return [
            "total = 0.0",
            *self.ranges(kernel.over),
            f"{'    ' * len(kernel.over)}total += {left}*{right}",
            f"{self.place(kernel.entry)} = total",
        ]

    def ranges(self, indices: tuple[Index, ...]) -> list[str]:
        return [f"{'    ' * n}for {self.letter(i)} in range({factor_text(i.extent)}):" for n, i in enumerate(indices)]

    def reduced(self, kernel: Reduction) -> list[str]:
        """The rows in the outer loops, the sum or maximum in the inner ones."""
        order = (*kernel.indices, *kernel.over)
        outer = len(kernel.indices)
        loops = self.ranges(order)
        operand, start = self.place(kernel.operand), "0.0" if kernel.operation == "sum" else "-np.inf"
        step = f"total += {operand}" if kernel.operation == "sum" else f"total = np.maximum(total, {operand})"
        return [
            *loops[:outer],
            f"{'    ' * outer}total = {start}",
            *loops[outer:],
            f"{'    ' * len(order)}{step}",
            f"{'    ' * outer}{self.place(kernel.entry)} = total",
        ]

    def matrix(self, entry: Entry, groups: Groups) -> str:
        labels = labels_of(entry)
        turned = tuple(index for group in groups for index in group) != labels
        return f"{self.names[entry.tensor.name]}{'.T' if turned else ''}"

    def place(self, entry: Entry) -> str:
        """The entry as an element, or as the number that stands for it."""
        name = self.names[entry.tensor.name]
        if entry.tensor.name in self.local:
            return name
        return f"{name}[{', '.join(self.letter(i) for i in labels_of(entry)) or '()'}]"

    def letter(self, index: Index) -> str:
        return f"{index.name}_"

    def scalar(self, expr: Expr) -> str:
        return _Numbers(self.program, NUMBA, self.names, loops=self).text(expr, ())


@dataclass
class _Numbers(ValuePrinter):
    """Arithmetic of single entries."""

    loops: _Loops | None = None

    def text(self, expr: Expr, indices: tuple[Index, ...], tight: int = 0) -> str:
        assert self.loops is not None
        match expr:
            case Entry():
                return self.loops.place(expr)
            case Where(condition, then, otherwise):
                return f"({self.text(then, ())} if {self.condition(condition, ())} else {self.text(otherwise, ())})"
            case Compare():
                return f"(1.0 if {self.condition(expr, ())} else 0.0)"
            case Pow(base, exponent) if exponent == 2 and isinstance(base, (Entry, Add, Mul, Call)):
                inner = self.text(base, (), self.ATOM)
                return f"{inner}*{inner}" if tight < self.POWER else f"({inner}*{inner})"
        return super().text(expr, indices, tight)


def _entries(expr: Expr) -> list[Entry]:
    return [node for node in walk(expr) if isinstance(node, Entry)]
