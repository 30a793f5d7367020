"""What may stand in an emitted module: one list for each target.

The printers take the names of functions from it, no array may be called like one of them, emission holds what
it wrote against it, and so does ``codegen.checking.vouch`` with a file that anybody may have edited since.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np

from codegen.parsing import below, every
from codegen.runtime.bundle import single_imports
from codegen.targets.skeleton import skeleton

#: Primitive functions of formulas as NumPy calls them; those of ``BROUGHT`` the module brings along.
UFUNCS: Mapping[str, str] = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "atan": "arctan", "abs": "absolute", "sign": "sign",
    "max": "maximum", "min": "minimum", "tanh": "tanh", "logaddexp": "logaddexp", "erf": "erf",
    "lgamma": "lgamma", "digamma": "digamma", "trigamma": "trigamma",
}  # fmt: skip
BROUGHT = frozenset(("erf", "lgamma", "digamma", "trigamma"))
#: The functions of NumPy that printers import.
NUMPY_FUNCTIONS = frozenset(
    (
        *(
            "add",
            "arange",
            "array",
            "copyto",
            "divide",
            "einsum",
            "empty",
            "greater",
            "greater_equal",
            "equal",
            "matmul",
        ),
        *("equal", "multiply", "negative", "power", "reciprocal", "sqrt", "subtract", "zeros"),
        *(name for name in UFUNCS.values() if name not in BROUGHT),
    )
)
#: Every elementwise function: arithmetic may be changed at will.  (``getattr`` would import what NumPy has put off.)
_ELEMENTWISE = frozenset(name for name, value in vars(np).items() if isinstance(value, np.ufunc))
#: Methods of arrays that only compute, and the functions of ``math``.
_COMPUTING = frozenset(
    (
        *("T", "all", "any", "astype", "copy", "cumsum", "dot", "fill", "item", "max", "mean", "min", "prod"),
        *(
            "concatenate",
            "polyval",
            "ravel",
            "reduce",
            "reshape",
            "sum",
            "transpose",
            "atan",
            *BROUGHT,
            "exp",
            "log",
            "pow",
            "tanh",
            "isfinite",
            "stack",
            "where",
        ),
    )
)
#: What PyTorch's modules call beside the functions of formulas: new arrays, other views, sums.
_TORCH = frozenset(
    (
        *("Function", "Generator", "Module", "Parameter", "Tensor", "amax", "apply", "asarray", "autograd"),
        *("clone", "detach", "gradcheck"),
        *("backward", "broadcast_to", "clamp", "clip", "device", "einsum", "erf", "full", "functional", "grad"),
        *("is_grad_enabled", "linear", "logaddexp", "manual_seed", "named_parameters", "needs_input_grad"),
        *("new_tensor", "nn", "no_grad", "parameters", "permute", "rand", "randint", "randn", "relu"),
        *("requires_grad", "requires_grad_", "save_for_backward", "saved_tensors", "sigmoid", "silu", "softplus"),
        *("to", "where", "abs", "atan", "cos", "exp", "log", "maximum", "minimum", "sign", "sin", "tanh"),
        *("digamma", "lgamma", "polygamma"),
    )
)
#: What the modules of PyTorch say beside that: their template is not held against anything.
_TORCH_MODULE = frozenset(
    (
        *("T", "append", "arange", "asarray", "clip", "data", "dtype", "exit", "eye", "float32", "float64", "items"),
        "stack",
        *("join", "reshape", "shape", "sizes", "sum", "tolist", "values", "view", "zeros", "zeros_like"),
        *("__init__", "__name__", "_data", "_operands", "_parameters", "_target"),
    )
)
_BUILTINS = frozenset(
    (
        *("abs", "ArithmeticError", "OverflowError", "RuntimeError", "TypeError", "ValueError", "__name__", "any"),
        *("bool", "dict", "enumerate", "float", "frozenset", "hasattr", "int", "isinstance", "len", "list", "map"),
        *(
            "max",
            "min",
            "next",
            "object",
            "range",
            "reversed",
            "set",
            "slice",
            "sorted",
            "staticmethod",
            "str",
            "sum",
            "super",
        ),
        *("tuple", "type", "zip"),
    )
)
#: Attributes of arrays that printers name, with those of views of the flat vectors.
_OF_ARRAYS = frozenset(("start", "stop", "shape", "flat", "size", "dtype", "clip"))
#: What the printer of plain expressions calls beside the functions of formulas: it makes arrays and sums.
VALUE_FUNCTIONS = frozenset(("arange", "asarray", "broadcast_to", "einsum", "full", "where"))
#: Names that printers write without importing them.
CALLED_BY_PRINTERS = frozenset(
    (
        *("abs", "bool", "float", "len", "max", "min", "np", "math", "numpy"),
        *("range", "reversed", "tuple", "zip", *NUMPY_FUNCTIONS),
    )
)


def _attributes(*sets: frozenset[str]) -> frozenset[str]:
    return frozenset(f".{name}" for names in sets for name in names)


#: What Python has by itself; an interactive session adds the last result, ``_``.
_PYTHON = frozenset(dir(builtins)) - {"_"}


@lru_cache(maxsize=3)
def words(target: str) -> frozenset[str]:
    """Imports, builtins, attributes and decorators of the modules of a target, but for the text of the runtime.

    In NumPy and Numba those are what the templates say and what printers may; the runtime is held against its own
    text instead.
    """
    if target == "torch":
        own = _attributes(_TORCH_MODULE, _TORCH, _COMPUTING)
        return own | {"@staticmethod", "from __future__ import annotations", "import torch", *_BUILTINS} | {
            f"import {name}" for name in ("argparse", "math", "sys")
        }  # fmt: skip
    templates = frozenset(word for _, word in _words(skeleton(target), lambda function: False))
    numpy = {f"from numpy import {name}" for name in NUMPY_FUNCTIONS | _ELEMENTWISE}
    return (
        _attributes(_COMPUTING, _OF_ARRAYS, VALUE_FUNCTIONS, NUMPY_FUNCTIONS, _ELEMENTWISE)
        | _BUILTINS
        | templates
        | numpy
    )


#: Modules that functions may name without touching anything: of these, single words are looked at.
_HARMLESS = frozenset(("math", "np", "torch", "numba"))


def strangers(
    tree: ast.Module,
    target: str,
    trusted: Callable[[ast.FunctionDef], bool] | None = None,
    also: frozenset[str] = frozenset(),
) -> Iterator[tuple[int, str]]:
    """(line, word) of everything that stands in no module of the target, but for what is inside trusted functions.

    Without ``trusted`` those are the functions that touch files or the command line, which templates write whole.
    ``also`` are further words.
    """
    if trusted is None:
        modules = modules_of(tree)

        def trusted(function: ast.FunctionDef) -> bool:
            return touches_the_system(function, modules)

    known = words(target) | also
    return ((line, word) for line, word in _words(tree, trusted) if word not in known)


def _words(tree: ast.AST, trusted: Callable[[ast.FunctionDef], bool]) -> Iterator[tuple[int, str]]:
    """Each word with its line; a variable of the functions around may be called like a builtin."""
    pending: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset())]
    while pending:
        node, own = pending.pop()
        match node:
            case ast.Import() | ast.ImportFrom():
                for line in single_imports(node):
                    yield node.lineno, line
            case ast.Attribute(attr=name):
                yield node.lineno, f".{name}"
            case ast.Name(name) if name in _PYTHON and name not in own:
                yield node.lineno, name
            case ast.FunctionDef() if trusted(node):
                continue
            case ast.FunctionDef() | ast.ClassDef():
                for decorator in node.decorator_list:
                    yield node.lineno, f"@{ast.unparse(decorator)}"
        if isinstance(node, ast.FunctionDef):
            outside = (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.decorator_list)
            pending += ((part, own) for part in outside)
            inner = own | _variables(node)
            pending += ((statement, inner) for statement in node.body)
        else:
            pending += ((child, own) for child in below(node))


def _variables(function: ast.FunctionDef) -> frozenset[str]:
    """The names that are a function's own wherever they stand in it: its arguments, and what it assigns to.

    Those of a comprehension or of a function inside are not: elsewhere in the function they are what they were.
    """
    every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    found, outer = {argument.arg for argument in every}, set[str]()
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, ast.Global | ast.Nonlocal):
            outer |= {*node.names}
        closed = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        pending += [] if isinstance(node, closed) else below(node)
    return frozenset(found - outer)


def modules_of(tree: ast.Module) -> set[str]:
    """The names under which whole modules are imported."""
    imports = (node for node in every(tree) if isinstance(node, ast.Import))
    return {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names}


def touches_the_system(function: ast.FunctionDef, modules: set[str]) -> bool:
    harmful = modules - _HARMLESS
    return any(isinstance(node, ast.Name) and node.id in harmful for node in every(function))
