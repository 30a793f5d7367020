"""``--target numba``: the NumPy module, with Q and its gradient compiled as one function of fused loops.

Everything else of the module is as it was: checks, prediction, value, training.  What an elementwise formula
needs is computed entry by entry in registers; only what a later loop or product reads is stored.
"""

from __future__ import annotations

from codegen.compiler.build import formulas
from codegen.compiler.complements import with_complements
from codegen.compiler.lower import lower
from codegen.compiler.passes import run
from codegen.compiler.passes.common import share
from codegen.compiler.passes.dead import drop_dead, in_sections
from codegen.compiler.passes.inline import sum_directly
from codegen.compiler.passes.layout import feature_major
from codegen.compiler.passes.products import arrange
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.program import Program
from codegen.targets.allowed import check_emitted
from codegen.targets.first_run import first_run
from codegen.targets.numba.loops import Loops, count_text
from codegen.targets.numpy.emit import DTypeName, environment, module_of
from codegen.targets.reserved import reserved
from codegen.targets.tidy import tidy
from codegen.targets.torch.emit import refuse_sizes
from codegen.targets.values import Library
from symbolic.derivation.adjoint import adjoint
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

_MATH = {name: f"math.{name}" for name in ("log", "sin", "cos", "atan", "erf")}
NUMBA = Library(
    "numba",
    "np",
    {**_MATH, "exp": "exponential", "tanh": "hyperbolic_tangent", "logaddexp": "log_add_exp",
     "abs": "abs", "sign": "np.sign", "max": "np.maximum", "min": "np.minimum"},
)  # fmt: skip
#: Functions that a loop may call.
CALLED = ("exponential", "log_add_exp", "hyperbolic_tangent", "matrix_product")
#: Names that the template uses beside arrays and sizes.
TAKEN = frozenset((*CALLED, "fused", "spoiled", "work", "parameters", "gradient", "start", "search", "few"))


#: In this order, as in ``codegen.compiler.passes``.
PASSES = (drop_dead, stable_forms, sum_directly, feature_major, lower, arrange, share, drop_dead, in_sections)


def compiled_program(network: Network) -> Program:
    """The program before it is split into single operations: a formula is one loop's body."""
    objective = with_complements(build_objective(network))
    program = formulas(network.name, objective, adjoint(objective).definitions)
    return run(program, PASSES)[0]


def emit_numba(network: Network, dtype: DTypeName) -> str:
    """The text of the module.  Raises SpecError for a generic function or for a size with a name that is taken."""
    refuse_sizes(network.size_names, TAKEN)
    program = compiled_program(network)
    loops = Loops(program, NUMBA, TAKEN | reserved(network.size_names))
    body = loops.body()
    data = (*program.inputs, program.target)
    in_numpy, runs = module_of(network, dtype, single=False)  # for a single sample compiled code is faster
    text = (
        environment()
        .get_template("numba.py.j2")
        .render(
            plain=in_numpy,
            sizes=network.size_names,
            data=[loops.names[tensor.name] for tensor in data],
            counts=[count_text(tensor.axes) for tensor in data],
            views=[*loops.parameters(), *loops.slopes(), *loops.arrays()],
            workspace=loops.workspace,
            body=body,
            result=loops.names[program.value],
            called=[name for name in CALLED if any(f"{name}(" in line for line in body)],
        )
    )
    plain, compiled = text.split("\n# -- compiled --\n")
    text = tidy(_joined(plain, compiled))
    check_emitted(text, "numba")
    first_run(text, network.name, "numba", runs, network.size_names, dtype)
    return text


def _joined(plain: str, compiled: str) -> str:
    """The compiled functions go before the workspace; decorators put them in the place of NumPy's.

    Nothing of theirs stands in a function of the NumPy module, where a node may be called like it.
    """
    for name, decorator in (("parameter_views", "flat"), ("gradient_views", "flat"), ("functions", "fused")):
        plain = plain.replace(f"\ndef {name}(", f"\n@with_{decorator}\ndef {name}(", 1)
    place = plain.index("@with_flat\ndef parameter_views(")
    head, rest = plain[:place], plain[place:]
    head = head.replace("\nimport numpy as np\n", "\nimport numba\nimport numpy as np\n", 1)
    if "math." in compiled:
        head = head.replace("\nimport json\n", "\nimport json\nimport math\n", 1)
    head = head.replace(", in NumPy alone.", ", in NumPy and Numba.", 1).replace(
        ", for float", ", for Numba and float", 1
    )
    return head + compiled.lstrip("\n") + "\n\n" + rest
