"""A bias as one more weight, where that costs nothing: in a unit of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from codegen.compiler.kernels import Contraction, Kernel, Map, Reduction, Rows, Stack, labels_of
from codegen.compiler.program import Program
from symbolic.language.affine import Index, size
from symbolic.language.expr import ONE, Add, Entry, Expr, Tensor, add
from symbolic.language.names import unused
from symbolic.language.terms import walk


@dataclass(frozen=True)
class _Unit:
    """Σ_j w[j]·z[j,i] + b: the product of weights and values, and the sum that adds the bias."""

    product: Contraction
    sum: Map
    weights: Tensor
    bias: Tensor
    values: Entry


def bias_as_row(program: Program) -> Program:
    """Σ_j w[j]·z[j,i] + b as one product: a row of ones below z makes b one more weight (Bishop, PRML, §5.1).

    For a unit of its own, whose weights and bias lie side by side in the flat vector; the same product the
    other way gives both derivatives at once.
    """
    for unit in tuple(_units(program)):
        program = _with_row(program, unit)
    return program


def _units(program: Program) -> Iterator[_Unit]:
    uses = Counter(node.tensor.name for k in program.kernels for node in walk(k.formula) if isinstance(node, Entry))
    beside = zip(program.parameters, program.parameters[1:], strict=False)
    following = {one: other for one, other in beside if not {one, other} & program.layers.keys()}
    products = {kernel.target: kernel for kernel in program.kernels if isinstance(kernel, Contraction)}
    for kernel in program.kernels:
        if isinstance(kernel, Map) and isinstance(kernel.expr, Add) and kernel.indices == (program.sample,):
            entries = [term for term in kernel.expr.terms if isinstance(term, Entry)]
            found = (
                products[term.tensor] for term in entries if term.tensor in products and uses[term.tensor.name] == 1
            )
            units = (unit for product in found for unit in _sides(program, product, kernel, following))
            yield from islice((unit for unit in units if Entry(unit.bias) in entries), 1)  # there is one bias to take


def _sides(program: Program, product: Contraction, sum: Map, following: Mapping[Tensor, Tensor]) -> Iterator[_Unit]:
    """The product seen with either side as the weights, where it has the shapes."""
    for weights, values in ((product.left, product.right), (product.right, product.left)):
        bias = following.get(weights.tensor)
        made = isinstance(program.by_name.get(values.tensor.name), Map)
        vector = labels_of(weights) == product.over and labels_of(values) == (*product.over, program.sample)
        if bias is not None and not bias.axes and made and vector:
            yield _Unit(product, sum, weights.tensor, bias, values)


def _with_row(program: Program, unit: _Unit) -> Program:
    """The program with this unit's bias among its weights."""
    (weights_entry,) = (e for e in (unit.product.left, unit.product.right) if e.tensor == unit.weights)
    weights = _stack(program, f"{unit.weights.name}_and_{unit.bias.name}", (weights_entry, Entry(unit.bias)))
    values = _stack(program, f"{unit.values.tensor.name}_and_one", (unit.values, ONE), program.sample)
    product = replace(unit.product, left=weights.entry, right=values.entry, over=values.indices[:1])
    rest = add(*(term for term in _terms(unit.sum.expr) if term != Entry(unit.bias)))
    alone = rest == unit.product.entry
    if alone:
        numbers = tuple(sorted({*unit.product.equations, *unit.sum.equations}))
        product = replace(product, target=unit.sum.target, indices=unit.sum.indices, equations=numbers)
    backward = _backward(program, unit, values)
    kernels: list[Kernel] = []
    for kernel in program.kernels:
        if kernel is unit.product:
            stacks = (weights, values)
            kernels += [*(stack for stack in stacks if stack not in program.kernels), product]
        elif kernel is unit.sum:
            kernels += [] if alone else [replace(unit.sum, expr=rest)]
        elif kernel.target.name in backward:
            kernels += backward.pop(kernel.target.name)
        else:
            kernels.append(kernel)
    return program.with_kernels(kernels)


def _terms(expr: Expr) -> tuple[Expr, ...]:
    return expr.terms if isinstance(expr, Add) else (expr,)


def _stack(program: Program, name: str, parts: tuple[Entry, Expr], *others: Index) -> Stack:
    """The stack of these parts that there is, or a new one."""
    whole = program.stacked.get(parts[0].tensor.name)
    return whole or Stack.named(unused(name, program.array_names()), parts, *others)


def _backward(program: Program, unit: _Unit, values: Stack) -> dict[str, list[Kernel]]:
    """What replaces the kernels of ∂Q/∂w and ∂Q/∂b: one product in the place of the first of them, seen as two."""
    places = dict(zip(program.parameters, program.gradients, strict=False))
    if unit.weights not in places or unit.bias not in places:
        return {}
    by_weights, by_bias = program.by_name[places[unit.weights]], program.by_name[places[unit.bias]]
    if not isinstance(by_weights, Contraction) or len(by_weights.indices) != 1:
        return {}
    (index,) = by_weights.indices
    seed = _summed(by_bias, program)
    if seed is None or {by_weights.left, by_weights.right} != {seed, unit.values.tensor[index, program.sample]}:
        return {}
    row = values.indices[0]
    name = unused(f"{by_weights.target.name}_and_{unit.bias.name}", program.array_names())
    target = Tensor(name, (row.extent,), by_weights.target.role)
    numbers = tuple(sorted({*by_weights.equations, *by_bias.equations}))
    both = Contraction(target, (row,), seed, values.entry, (program.sample,), equations=numbers)
    parts: list[Kernel] = [
        both,
        Rows(by_weights.target, (index,), both.entry, size(0), index.extent, equations=by_weights.equations),
        Rows(by_bias.target, (), both.entry, index.extent, None, equations=by_bias.equations),
    ]
    first, second = sorted((by_weights, by_bias), key=program.kernels.index)
    return {first.target.name: parts, second.target.name: []}


def _summed(kernel: Kernel, program: Program) -> Entry | None:
    """E[i] where the kernel is Σ_i E[i], as a sum or as the product with a vector of ones."""
    match kernel:
        case Reduction(operand=operand, over=(index,)) if index == program.sample and not kernel.indices:
            return operand
        case Contraction(left=left, right=right, over=(index,)) if index == program.sample and not kernel.indices:
            ones = program.by_name.get(right.tensor.name)
            return left if isinstance(ones, Map) and ones.expr == ONE else None
    return None
