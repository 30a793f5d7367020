"""Kernels as NumPy statements: one call each, the last argument takes the result.

Operands are seen through views (transposed, reshaped, with a new axis); a :class:`Printer` names each view
once and says from what it is made, so that the emitter can make it where its array is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from codegen.arithmetic import ATOM, SUM, arithmetic, bracketed, number_text
from codegen.compiler.contraction import Groups, product
from codegen.compiler.kernels import Contraction, Kernel, Made, Map, Reduction, Rows, Stack, View, labels_of
from codegen.compiler.passes.operations import constant, negated
from codegen.compiler.program import Program, ProgramError
from codegen.targets.vocabulary import NUMPY_FUNCTIONS, UFUNCS
from symbolic.language.affine import Affine, Index, Size, subscript
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
    Where,
    mul,
)
from symbolic.language.names import unused

NUMBER_NAMES = {
    "0.0": "zero", "1.0": "one", "2.0": "two", "0.5": "half", "-1.0": "minus_one", "-2.0": "minus_two",
}  # fmt: skip
#: NumPy wants the result of these by keyword.
KEYWORD_OUT = frozenset({"maximum", "minimum"})
#: The functions that compare.
COMPARISONS = {">": "greater", ">=": "greater_equal", "==": "equal"}
#: Functions that NumPy lacks; the template brings them along.
OWN_FUNCTIONS = frozenset({"digamma", "erf", "gather", "lgamma", "rows", "scatter", "spread", "trigamma"})


def size_text(size: Size) -> str:
    """``T - U + 1``, ``2*D``: a Python expression."""
    text = ""
    for key, c in sorted((*size.terms, *size.sizes), key=lambda term: term[1] < 0):
        body = key if abs(c) == 1 else f"{abs(c)}*{key}"
        text = f"{text} {'-' if c < 0 else '+'} {body}" if text else (f"-{body}" if c < 0 else body)
    if not text:
        return str(size.constant)
    return f"{text} {'-' if size.constant < 0 else '+'} {abs(size.constant)}" if size.constant else text


def factor_text(size: Size) -> str:
    text = size_text(size)
    return f"({text})" if " " in text else text


def shape_text(axes: tuple[Size, ...]) -> str:
    inner = ", ".join(size_text(axis) for axis in axes)
    return f"({inner},)" if len(axes) == 1 else f"({inner})"


@dataclass(frozen=True)
class DerivedView:
    """A view with a name: ``name = text``, where the text starts with ``base``, the name of an array."""

    name: str
    base: str
    text: str


@dataclass
class Printer:
    """Prints the kernels of one program; ``names`` gives the Python name of each array."""

    program: Program
    names: dict[str, str]
    reserve: set[str]
    views: dict[str, DerivedView] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    numbers: dict[str, str] = field(default_factory=dict)

    # -- operands -----------------------------------------------------------------------------------

    def name(self, name: str) -> str:
        return self.names[name]

    def call(self, function: str) -> str:
        """The name of a NumPy function, noted for the import line."""
        if function not in NUMPY_FUNCTIONS | OWN_FUNCTIONS:
            raise ProgramError(f"a module would call {function}, which codegen.targets.vocabulary does not list")
        self.used.add(function)
        return function

    def view(self, entry: Entry, groups: Groups, matrix: bool = False) -> str:
        """The array of a simple entry with one axis for each group of indices.

        An empty group is a new axis; NumPy adds those in front by itself, except where a ``matrix`` is wanted.
        """
        base = self.name(entry.tensor.name)
        labels = labels_of(entry)
        present = [group for group in groups if group]
        stored = sorted(present, key=lambda group: labels.index(group[0]))
        text, suffix = base, ""
        if any(len(group) > 1 for group in stored):
            sizes = ["*".join(factor_text(index.extent) for index in group) for group in stored]
            text, suffix = f"{text}.reshape({', '.join(sizes)})", "_flat" if len(stored) == 1 else "_matrix"
        if stored != present:
            order = [stored.index(group) for group in present]
            if order == [1, 0]:
                text, suffix = f"{text}.T", f"{suffix}_T"
            else:
                text, suffix = f"{text}.transpose({', '.join(map(str, order))})", f"{suffix}_turned"
        while groups and not groups[0] and not matrix:
            groups = groups[1:]
        if len(groups) > len(present):
            text += f"[{', '.join(':' if group else 'None' for group in groups)}]"
            suffix += "_spread" if len(groups) > 2 else "_row" if not groups[0] else "_column"
        merged = any(len(group) > 1 for group in stored)
        if merged and isinstance(self.program.by_name.get(entry.tensor.name), View):
            return text  # a window merges no axes without a copy, which is made when it is read
        return self.derived(base, text, suffix)

    def derived(self, base: str, text: str, suffix: str) -> str:
        """The name under which the view is known; an array itself needs none."""
        if text == base:
            return base
        if text not in self.views:
            self.views[text] = DerivedView(unused(f"{base}{suffix}", self.reserve), base, text)
        return self.views[text].name

    def operand(self, expr: Expr, indices: tuple[Index, ...]) -> str:
        """An atom of an elementwise operation over the given indices."""
        if constant(expr):
            return self.number(self.scalar(expr))
        if isinstance(expr, Compare):  # where(mask > 0, ...): the mask itself
            expr = expr.left
        assert isinstance(expr, Entry)
        if not expr.subscripts:
            return self.name(expr.tensor.name)
        carried = set(labels_of(expr))
        return self.view(expr, tuple((index,) if index in carried else () for index in indices))

    def number(self, text: str) -> str:
        """The name of a number that is kept as an array without axes, which a ufunc takes twice as fast."""
        if text not in self.numbers:
            self.call("array")
            self.numbers[text] = unused(NUMBER_NAMES.get(text, "factor"), self.reserve)
        return self.numbers[text]

    # -- kernels ------------------------------------------------------------------------------------

    def statements(self, kernel: Kernel) -> list[str]:
        match kernel:
            case Map():
                return self.map(kernel)
            case Contraction():
                return [self.contraction(kernel)]
            case Reduction():
                return [self.reduction(kernel)]
            case View():
                return self.window(kernel)
            case Stack() | Rows() | Made():
                return []
        raise TypeError(f"not lowered: {kernel}")

    def assigned(self, kernel: Kernel, expression: str) -> str:
        """A scalar is a plain number; the gradient by a scalar parameter is written where it belongs."""
        name = self.name(kernel.target.name)
        written = kernel.target.name in self.program.written
        return f"{name}[()] = {expression}" if written else f"{name} = {expression}"

    def map(self, kernel: Map) -> list[str]:
        out = self.name(kernel.target.name)
        if (lookup := self.program.lookups.get(kernel.target.name)) is not None:
            return [f"{out} = {self.call('rows')}({self.name(lookup.data.tensor.name)})"]
        if not kernel.indices:
            return [self.assigned(kernel, self.scalar(kernel.expr))]
        expr = _two_factors(kernel.expr)

        def arg(e: Expr) -> str:
            return self.operand(e, kernel.indices)

        def ufunc(function: str, *operands: Expr) -> list[str]:
            last = f"out={out}" if function in KEYWORD_OUT else out
            return [f"{self.call(function)}({', '.join(map(arg, operands))}, {last})"]

        match expr:
            case Entry() if self.name(expr.tensor.name) == out and labels_of(expr) == kernel.indices:
                return []
            case Entry():
                return [f"{self.call('copyto')}({out}, {arg(expr)})"]
            case _ if constant(expr):
                return [f"{out}.fill({self.scalar(expr)})"]
            case Add((left, right)):
                minus = negated(right)
                return ufunc("add", left, right) if minus is None else ufunc("subtract", left, minus)
            case Mul((left, Pow(base, exponent))) if exponent == -1:
                return ufunc("divide", left, base)
            case Mul((left, right)):
                minus = negated(expr)
                return ufunc("multiply", left, right) if minus is None else ufunc("negative", minus)
            case Pow(base, exponent):
                if exponent == 2:
                    return ufunc("multiply", base, base)
                if exponent in (-1, Fraction(1, 2)):
                    return ufunc("reciprocal" if exponent == -1 else "sqrt", base)
                return [f"{self.call('power')}({arg(base)}, {float(exponent)!r}, {out})"]
            case Call(function, arguments):
                return ufunc(UFUNCS[function.name], *arguments)
            case Compare(relation, left, right):
                return ufunc(COMPARISONS[relation], left, right)
            case Where(condition, then, otherwise) if constant(condition):
                return [f"{self.call('copyto')}({out}, {arg(then)} if {self.test(condition)} else {arg(otherwise)})"]
            case Where(condition, then, otherwise):
                lines = [] if arg(otherwise) == out else [f"{self.call('copyto')}({out}, {arg(otherwise)})"]
                return [*lines, f"{self.call('copyto')}({out}, {arg(then)}, where={arg(condition)})"]
            case Delta() | InRange():
                return [f"{self.call('copyto')}({out}, {self.indicator(expr, kernel.indices)})"]
            case Position(index):
                return [f"{self.call('copyto')}({out}, {self.positions(subscript(index), kernel.indices)})"]
        raise TypeError(f"not a single operation: {kernel}")

    def indicator(self, expr: Delta | InRange, indices: tuple[Index, ...]) -> str:
        if isinstance(expr, Delta):
            difference = expr.left - expr.right
            return f"{self.positions(difference, indices)} == 0"
        text = self.positions(expr.subscript, indices)
        return f"(0 <= {text}) & ({text} < {factor_text(expr.extent)})"

    def positions(self, sub: Affine[Index], indices: tuple[Index, ...]) -> str:
        """The value of a subscript for all values of the indices, from aranges along their axes."""
        terms = [factor_text(sub.offset)] if sub.offset.number != 0 else []
        for index, coefficient in sub.terms:
            place = ", ".join(":" if other == index else "None" for other in indices)
            run = f"{self.call('arange')}({size_text(index.extent)})[{place}]"
            terms.append(run if coefficient == 1 else f"{coefficient}*{run}")
        return f"({' + '.join(terms)})"

    def looked_up(self, kernel: Contraction) -> str | None:
        """Rows that are taken or added to; None where nothing is looked up."""
        indicator = next((t for t in kernel.reads if t.name in self.program.lookups), None)
        if indicator is None:
            return None
        lookup = self.program.lookups[indicator.name]
        use = lookup.use(kernel, indicator)
        assert use is not None
        operation, other = use
        inner = tuple(i for i in labels_of(other) if i != lookup.row and i not in lookup.places)
        first = {"gather": (lookup.row,), "scatter": lookup.places}[operation]
        last = {"gather": lookup.places, "scatter": (lookup.row,)}[operation]
        source = self.view(other, tuple((index,) for index in (*first, *inner)))
        out = self.view(kernel.entry, tuple((index,) for index in (*last, *inner)))
        return f"{self.call(operation)}({source}, {self.name(indicator.name)}, {out})"

    def contraction(self, kernel: Contraction) -> str:
        if (text := self.looked_up(kernel)) is not None:
            return text
        call = product(kernel)
        scalar = not kernel.indices and kernel.target.name not in self.program.written
        if call.operation == "einsum":
            indices = dict.fromkeys((*labels_of(kernel.left), *labels_of(kernel.right)))
            letters = {index: chr(ord("a") + k) for k, index in enumerate(indices)}
            spec = ",".join("".join(letters[i] for i in labels_of(e)) for e in (kernel.left, kernel.right))
            spec += "->" + "".join(letters[i] for i in kernel.indices)
            operands = f"{self.name(kernel.left.tensor.name)}, {self.name(kernel.right.tensor.name)}"
            return f'{self.call("einsum")}("{spec}", {operands}, out={self.name(kernel.target.name)})'
        outer = not kernel.over
        left, right = self.view(kernel.left, call.left, outer), self.view(kernel.right, call.right, outer)
        if call.swap:
            left, right = right, left
        if scalar:
            return f"{self.name(kernel.target.name)} = {left}.dot({right})"
        out = self.view(kernel.entry, call.out)
        if outer and self.repeats_a_number(kernel.right):
            return f"{self.call('spread')}({left}, {right}, {out})"
        if call.operation == "dot":
            return f"{left}.dot({right}, {out})"
        return f"{self.call('matmul')}({left}, {right}, {out})"

    def repeats_a_number(self, row: Entry) -> bool:
        """Whether all its numbers are the same one."""
        made = self.program.by_name.get(row.tensor.name)
        return isinstance(made, Map) and constant(made.expr)

    def reduction(self, kernel: Reduction) -> str:
        labels = labels_of(kernel.operand)
        axes = [labels.index(index) for index in kernel.over]
        kept = tuple(index for index in labels if index not in kernel.over)
        function = self.call({"max": "maximum", "prod": "multiply"}.get(kernel.operation, "add"))
        operand = self.name(kernel.operand.tensor.name)
        if not kernel.indices:
            return self.assigned(kernel, f"{function}.reduce({operand}, axis=None)")
        if kept != kernel.indices:
            order = (*kernel.indices, *kernel.over)
            operand = self.view(kernel.operand, tuple((index,) for index in order))
            axes = list(range(len(kernel.indices), len(order)))
        axis = str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"
        return f"{function}.reduce({operand}, {axis}, out={self.name(kernel.target.name)})"

    def window(self, kernel: View) -> list[str]:
        """What has to be done at each call: a padded view copies its source into the middle of the zeros."""
        if kernel.padded:
            name, source = self.name(kernel.target.name), self.name(kernel.source.tensor.name)
            return [f"{self.call('copyto')}({name}_inside, {source}[{name}_seen])"]
        return []

    def scalar_function(self, name: str) -> str:
        """What computes a function of numbers."""
        return self.call(UFUNCS.get(name, name))

    # -- scalars ------------------------------------------------------------------------------------

    def scalar(self, expr: Expr, tight: int = 0) -> str:
        """A Python expression for something without indices."""

        def wrap(text: str, level: int) -> str:
            return bracketed(text, level, tight)

        match expr:
            case Number(value):
                return wrap(number_text(value), ATOM if value >= 0 and "/" not in number_text(value) else SUM)
            case Hyper(name, _):
                return self.name(f"hyper {name}")
            case Constant():
                return "3.141592653589793"
            case Extent(size):
                return wrap(size_text(size), SUM if " " in size_text(size) else ATOM)
            case Entry(tensor, ()):
                return self.name(tensor.name)
            case Pow(base, exponent) if exponent == Fraction(1, 2):
                return f"{self.scalar_function('sqrt')}({self.scalar(base)})"
            case Pow(base, exponent) if exponent.denominator != 1:
                return f"{self.scalar_function('power')}({self.scalar(base)}, {float(exponent)!r})"
            case Add() | Mul() | Pow():
                return arithmetic(expr, tight, self.scalar)
            case Call(function, arguments):
                return f"{self.scalar_function(function.name)}({', '.join(self.scalar(a) for a in arguments)})"
            case Compare():
                return f"float({self.test(expr)})"
            case Where(condition, then, otherwise):
                return f"({self.scalar(then)} if {self.test(condition)} else {self.scalar(otherwise)})"
        raise TypeError(f"not a scalar: {expr}")

    def test(self, condition: Compare) -> str:
        """A comparison of numbers, to choose by."""
        return f"{self.scalar(condition.left)} {condition.relation} {self.scalar(condition.right)}"


def _two_factors(expr: Expr) -> Expr:
    """The constant factors of a product as one, so that -2·u/N is one multiplication."""
    if not isinstance(expr, Mul) or len(expr.factors) <= 2:
        return expr
    scale = mul(*(f for f in expr.factors if constant(f)))
    (other,) = (f for f in expr.factors if not constant(f))
    return Mul((scale, other))
