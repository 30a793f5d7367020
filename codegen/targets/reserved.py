"""Names that arrays and sizes of a module may not have."""

from __future__ import annotations

import keyword
from collections.abc import Iterable

from codegen.targets.vocabulary import NUMPY_FUNCTIONS

#: Builtins that emitted text may never name.
FORBIDDEN_NAMES = frozenset(
    (
        *("eval", "exec", "compile", "__import__", "globals", "locals", "vars", "getattr", "setattr", "delattr"),
        "breakpoint",
    )
)
#: Names that the template uses in the function that holds the workspace.
TEMPLATE_NAMES = frozenset(
    (
        *("N", "dtype", "np", "numpy", "flat", "layout", "functions", "predict", "value", "gradient", "both", "alone"),
        *("weights", "slopes", "window", "padded", "parameter_views", "gradient_views", "as_strided", "self", "out"),
        *("X", "Y", "Objective", "Trainer", "Diverged", "OptimizerState", "argparse", "json", "math", "os", "sys"),
        *("tempfile", "zipfile", "OrderedDict", "main", "SPEC", "SPEC_HASH", "VERSION", "DTYPE", "SIZES", "BIASES"),
        *("isfinite", "copy_context", "partial", "alone_function", "log_add_exp", "OPTIMIZERS", "SETTINGS"),
        *("check_finite", "MANY", "shown", "finite", "quiet", "numbers", "checked_sizes", "part"),
        *("abs", "bool", "float", "int", "len", "max", "min", "object", "range", "sum", "tuple"),
        *("dict", "list", "str", "slice", "erf"),
        # the arguments of Trainer, beside which the sizes stand
        *("optimizer", "epochs", "batch_size", "learning_rate", "schedule", "settings", "clip", "initializer"),
        *("frozen", "class_weight", "validation_fraction", "patience", "seed"),
        "help",  # and the option of its command
        *NUMPY_FUNCTIONS,
        *FORBIDDEN_NAMES,
    )
)


def reserved(sizes: Iterable[str]) -> set[str]:
    """Names that no array may have."""
    return {*TEMPLATE_NAMES, *keyword.kwlist, *sizes}
