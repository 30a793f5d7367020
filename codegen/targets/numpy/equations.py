"""The numbered equations of a module, stated once above its functions; their lines end with the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codegen.compiler.program import Program
from codegen.targets.numpy.parts import Listing

EQUATIONS = "Equations, each computed for the whole sample at once; its number stands behind the lines that compute it"


def equations_of(program: Program) -> tuple[str, ...]:
    """The equations that the lines of a program refer to, each behind its number."""
    numbers = sorted({number for kernel in program.kernels for number in kernel.equations})
    return tuple(f"({number}) {program.equations[number - 1]}" for number in numbers)


def stated(own: Listing, further: Mapping[str, Listing]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The network's equations under their title; then those that ``further`` functions do not share with it."""
    yield EQUATIONS, own.equations
    for title, listing in further.items():
        if more := tuple(one for one in listing.equations if one not in own.equations):
            yield title, more
