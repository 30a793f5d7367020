"""A formula over whole arrays, as one expression of a library: operands are aligned along the indices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codegen.arithmetic import ATOM, PRODUCT, SUM, arithmetic, bracketed, number_text
from codegen.compiler.contraction import Groups
from codegen.compiler.kernels import labels_of
from codegen.compiler.passes.operations import constant
from codegen.compiler.program import Program, ProgramError
from codegen.targets.libraries import Library
from codegen.targets.numpy.printer import factor_text, size_text
from codegen.targets.vocabulary import VALUE_FUNCTIONS
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


@dataclass
class ArrayArithmetic:
    """Prints the formulas of a program; ``names`` gives the Python name of each array."""

    program: Program
    library: Library
    names: Mapping[str, str]
    used: set[str] = field(default_factory=set)
    #: What stands in the place of values that have no line of their own.
    inlined: dict[str, str] = field(default_factory=dict)

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

    # -- what the library has ------------------------------------------------------------------------

    @property
    def where(self) -> str:
        return f", {self.library.like}" if self.library.like else ""

    def call(self, function: str) -> str:
        """A function of the library.  Raises ProgramError for one that modules are not known to call."""
        if function not in VALUE_FUNCTIONS:
            raise ProgramError(f"a module would call {function}, which codegen.targets.vocabulary does not list")
        return f"{self.library.prefix}.{function}"


def first_input(program: Program) -> Tensor:
    """The data that every function is given, in both directions: the first input that is no constant."""
    return next(tensor for tensor in program.inputs if tensor.role == "input")
