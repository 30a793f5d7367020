"""What modules say by themselves: their templates, filled with a network of nothing."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache

from codegen.runtime.bundle import HANDED
from codegen.targets.numpy.parts import NOTHING, NOTHING_ALONE, NOTHING_PLAIN, DataText
from codegen.targets.rendering import environment
from codegen.updates.one_pass import steps_in_one_pass

#: The template of each target whose modules have a runtime.
TEMPLATES = {"numpy": "module.py.j2", "numba": "numba.py.j2"}


@lru_cache(maxsize=2)
def skeleton(target: str = "numpy") -> ast.Module:
    """A network without parameters, equations and sizes: all that its module names is the templates' own.

    It is the module with two sets of functions, and that with one behind it.
    """
    template = environment().get_template(TEMPLATES[target])
    compiled = {
        **{"in_loops": True, "sizes": (), "data": ["slopes"], "counts": [], "views": (), "workspace": "0", "body": ()},
        **{"optimizers": steps_in_one_pass() if target == "numba" else {}},
        **{"result": "out", "called": ("exponential", "log_add_exp", "hyperbolic_tangent", "matrix_product")},
    }
    heavier = replace(NOTHING, inputs=(DataText("shown", "weights", "(N,)"),))
    texts = (
        template.render(
            code=NOTHING,
            **weights,
            hessian=NOTHING,
            methods=(),
            with_methods=True,
            alone=NOTHING_ALONE,
            plain=NOTHING_PLAIN,
            value_equation="",
            truncate=None,
            equations=(),
            imports=("empty",),
            name="nothing",
            summary=(),
            spec_hash="",
            version="",
            dtype="float64",
            defaults={},
            handed=HANDED,
            hypers=[],
            **compiled,
        )
        for weights in ({"weighted": heavier, "seeded": None}, {"weighted": None, "seeded": heavier})
    )
    return ast.Module([statement for text in texts for statement in ast.parse(text).body], [])
