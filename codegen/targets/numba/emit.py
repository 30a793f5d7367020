"""``--target numba``: the NumPy module, with Q and its gradient compiled as one function of fused loops.

Everything else of the module is as it was: checks, prediction, value, training.  What an elementwise formula
needs is computed entry by entry in registers; only what a later loop or product reads is stored.
"""

from __future__ import annotations

from functools import lru_cache

from codegen.compiler.build import formulas
from codegen.compiler.lower import lower
from codegen.compiler.passes import run
from codegen.compiler.passes.common import share
from codegen.compiler.passes.dead import drop_dead, in_sections
from codegen.compiler.passes.inline import sum_directly
from codegen.compiler.passes.layout import feature_major
from codegen.compiler.passes.products import arrange
from codegen.compiler.passes.side_by_side import layers_side_by_side
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.passes.steps import steps_as_numbers
from codegen.compiler.program import Program
from codegen.targets.first_run import first_run
from codegen.targets.libraries import Library
from codegen.targets.numba.layered import count_text
from codegen.targets.numba.loops import Loops
from codegen.targets.numpy.emit import DTypeName, module_of, to_compile
from codegen.targets.reserved import names_around, refuse_sizes, reserved
from codegen.targets.skeleton import skeleton
from codegen.updates.one_pass import steps_in_one_pass
from symbolic.derivation.adjoint import adjoint
from symbolic.network.network import Network

_MATH = {name: f"math.{name}" for name in ("log", "sin", "cos", "atan", "erf")}
NUMBA = Library(
    "numba",
    "np",
    {**_MATH, "exp": "exponential", "tanh": "hyperbolic_tangent", "logaddexp": "log_add_exp",
     "abs": "abs", "sign": "np.sign", "max": "np.maximum", "min": "np.minimum"},
)  # fmt: skip
#: Functions that a loop may call.
CALLED = ("exponential", "log_add_exp", "hyperbolic_tangent", "matrix_product")


#: In this order, as in ``codegen.compiler.passes``.
PASSES = (
    drop_dead, stable_forms, sum_directly, feature_major, lower, steps_as_numbers,
    arrange, share, layers_side_by_side, drop_dead, in_sections,
)  # fmt: skip


def compiled_program(network: Network) -> Program:
    """The program before it is split into single operations: a formula is one loop's body."""
    objective = to_compile(network)
    program = formulas(network.name, objective, adjoint(objective).definitions)
    return run(program, PASSES)[0]


@lru_cache(maxsize=1)
def template_words() -> frozenset[str]:
    """Names that the compiled half of a module uses beside arrays and sizes; ``start`` is where a view begins."""
    return names_around(skeleton("numba"), "search") | {*CALLED, "start"}


def emit_numba(network: Network, dtype: DTypeName) -> str:
    """The text of the module.  Raises SpecError for a generic function or for a size with a name that is taken."""
    taken = template_words()
    refuse_sizes(network.size_names, taken)
    program = compiled_program(network)
    loops = Loops(program, NUMBA, taken | reserved((*network.size_names, *dict(program.depths))))
    body = loops.body()
    data = (*program.inputs, program.target)
    compiled = {
        "sizes": network.size_names,
        "data": [loops.names[tensor.name] for tensor in data],
        "counts": [count_text(tensor.axes) for tensor in data],
        "views": [*loops.parameters(), *loops.slopes(), *loops.arrays()],
        "workspace": loops.workspace,
        "body": body,
        "result": loops.names[program.value],
        "optimizers": steps_in_one_pass(),
        "called": [name for name in CALLED if any(f"{name}(" in line for line in body)],
        "in_loops": any("math." in line for line in body) or any("log_add_exp(" in line for line in body),
    }
    # without a way for a single sample: compiled code is faster
    made = module_of(network, dtype, single=False, target="numba", more=compiled)
    first_run(made.tried, network.name, "numba", made.runs, network.size_names, dtype)
    return made.text
