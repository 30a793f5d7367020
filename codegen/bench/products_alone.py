"""The bound: the matrix products of our module and nothing else."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from codegen.bench.contestant import Contestant
from codegen.bench.problem import Array, Problem
from codegen.compiler.contraction import Groups, product
from codegen.compiler.kernels import Contraction, labels_of
from codegen.compiler.program import Program
from codegen.targets.numpy.emit import program_of
from symbolic.derivation.adjoint import adjoint
from symbolic.language.expr import Entry


def matrix_products(program: Program) -> list[Contraction]:
    """The products of matrices or of a matrix and a vector; sums and scalar products are none."""
    return [
        kernel
        for kernel in program.kernels
        if isinstance(kernel, Contraction)
        and kernel.indices
        and not {kernel.left.tensor.name, kernel.right.tensor.name} & program.constants
        and product(kernel).operation != "einsum"
    ]


#: A product of two matrices into a third, which the last function writes.
Product: TypeAlias = "tuple[bool, Array, Array, Array]"


def products_of(problem: Problem) -> list[Product]:
    """The matrix products of our module: whether it is one of two matrices, and operands of its shapes and layouts."""
    program = program_of(problem.network.name, problem.objective, adjoint(problem.objective).definitions)
    random = np.random.default_rng(0)
    arrays: dict[str, Array] = {}

    def operand(entry: Entry, groups: Groups) -> Array:
        name, labels = entry.tensor.name, labels_of(entry)
        if name not in arrays:
            arrays[name] = random.standard_normal(problem.shape(entry.tensor.axes)).astype(problem.dtype)
        order = [labels.index(index) for group in groups for index in group]
        turned = arrays[name].transpose(order)
        return turned.reshape(tuple(int(np.prod(problem.shape(tuple(i.extent for i in g)))) for g in groups))

    found: list[Product] = []
    for kernel in matrix_products(program):
        call = product(kernel)
        left, right = operand(kernel.left, call.left), operand(kernel.right, call.right)
        if call.swap:
            left, right = right, left
        found.append((call.operation == "dot", left, right, operand(kernel.entry, call.out)))
    return found


def floor(problem: Problem) -> Contestant:
    """The matrix products of our module alone."""
    calls: list[tuple[Callable[..., Any], tuple[Array, ...]]] = [
        (left.dot, (right, out)) if dot else (np.matmul, (left, right, out))
        for dot, left, right, out in products_of(problem)
    ]

    def run() -> None:
        for function, operands in calls:
            function(*operands)

    return Contestant("matrix products alone", run)


def floor_of_torch(problem: Problem) -> Contestant:
    """The same products by the library that PyTorch brings: what of its time is not its own doing."""
    torch = importlib.import_module("torch")
    calls = [tuple(map(torch.from_numpy, operands)) for _, *operands in products_of(problem)]

    def run() -> None:
        for left, right, out in calls:
            torch.matmul(left, right, out=out)

    return Contestant("torch's products alone", run)
