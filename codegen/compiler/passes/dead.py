"""Dead code and order."""

from __future__ import annotations

from codegen.compiler.program import Program


def drop_dead(program: Program) -> Program:
    """Leave out every kernel that no result needs."""
    needed = program.needed(*program.results)
    return program.with_kernels(kernel for kernel in program.kernels if kernel.target.name in needed)


def in_sections(program: Program) -> Program:
    """Constants first, then what a prediction needs, then the value, then the gradient."""
    return program.with_kernels(kernel for section in program.sections for kernel in section)
