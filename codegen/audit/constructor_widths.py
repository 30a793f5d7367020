"""The sizes of the network that a constructor may be made with, where its names leave open which they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from codegen.audit.asked import Asked
from codegen.audit.recipes import width_called, widths
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, says
from codegen.audit.written_function import Function

#: Numbers of a constructor for which every choice of sizes is tried.
MOST_WIDTHS = 4


def other_widths(maker: Function | None, problem: Problem, asked: Asked) -> Iterator[Asked]:
    """Every choice of the network's sizes for the numbers that a constructor needs: what it holds tells the right one.

    ``ResNet(dim, hidden)``, ``CBOW(vocab_size, embed_dim)``: names that leave open which size they are.
    """
    given = [a for a in maker.arguments if not a.starred and a.name not in asked.fillers] if maker is not None else []
    of_images = {"h", "w"} <= {bare(a.name) for a in given}
    open_to = [a for a in given if _may_be_width(a.name, problem) or (of_images and bare(a.name) in ("h", "w"))]
    needed = [a.name for a in open_to if a.default is None]
    defaulted = [a.name for a in open_to if (a.default or "").isdigit()]
    for open_ in (needed, [*needed, *defaulted] if defaulted else []):
        if 0 < len(open_) <= MOST_WIDTHS:
            yield from with_every_size(problem, open_, asked)


def with_every_size(problem: Problem, names: Sequence[str], asked: Asked) -> Iterator[Asked]:
    axes = (axis.value(problem.sizes) for one in problem.objective.inputs for axis in one.axes[1:])
    sizes = list(dict.fromkeys([*problem.sizes.values(), *widths(problem), *axes]))
    for chosen in itertools.product(sizes, repeat=len(names)):
        given = {name: ("plain", size) for name, size in zip(names, chosen, strict=True)}
        yield replace(asked, fillers={**asked.fillers, **given})


def _may_be_width(name: str, problem: Problem) -> bool:
    letters = {size.lower() for size in problem.sizes}
    return says("some width", name) or name.lower() in letters or width_called(name, problem) is not None
