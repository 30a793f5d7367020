"""Parameters of equal layers that a product takes as one matrix: copied side by side, for a view of them is none.

The parts of one layer lie in the flat vector among others of that layer.  A product for each layer by itself finds them
where they are; one for all layers at once, a[l,j] = Σ_d u[l,j,d] x[d], needs the rows of all u below each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from codegen.compiler.kernels import Contraction, Kernel, Map, labels_of
from codegen.compiler.program import Program
from symbolic.language.affine import Index
from symbolic.language.expr import Entry, Tensor
from symbolic.language.names import unused


def layers_side_by_side(program: Program) -> Program:
    """Parameters of equal layers, and their derivatives, in arrays of their own where one product takes them all."""
    if not program.layers:
        return program
    taken = program.array_names()
    copies: dict[Tensor, Tensor] = {}
    kernels: list[Kernel] = []
    for kernel in program.kernels:
        kernels += _apart(kernel, program, copies, taken) if isinstance(kernel, Contraction) else (kernel,)
    return program.with_kernels(kernels) if len(kernels) > len(program.kernels) else program


def _apart(kernel: Contraction, program: Program, copies: dict[Tensor, Tensor], taken: set[str]) -> Iterator[Kernel]:
    """The product, with a copy before it of what it reads, and one behind it of what it writes, where need be."""
    sides = []
    for side in (kernel.left, kernel.right):
        if side.tensor in program.layers and not _layer_by_layer(kernel, labels_of(side)[0]):
            if side.tensor not in copies:
                copies[side.tensor] = replace(
                    side.tensor, name=unused(f"{side.tensor.name}_together", taken), role="value"
                )
                indices = labels_of(side)
                yield Map(copies[side.tensor], indices, side, equations=kernel.equations)
            side = Entry(copies[side.tensor], side.subscripts)
        sides.append(side)
    left, right = sides
    parameter = dict(zip(program.gradients, program.parameters, strict=False)).get(kernel.target.name)
    if parameter not in program.layers or _layer_by_layer(kernel, kernel.indices[0]):
        yield replace(kernel, left=left, right=right)
        return
    whole = replace(kernel.target, name=unused(f"{kernel.target.name}_together", taken))
    yield replace(kernel, target=whole, left=left, right=right)
    yield Map(kernel.target, kernel.indices, whole[kernel.indices], equations=kernel.equations)


def _layer_by_layer(kernel: Contraction, index: Index) -> bool:
    """Whether the product is one for each value of the index by itself."""
    return all(index in labels for labels in (kernel.indices, labels_of(kernel.left), labels_of(kernel.right)))
