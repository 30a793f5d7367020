r"""The one table of notation: how each quantity is written, in every medium.

Everything is counted from 1 in print (the language counts from 0): a subscript ``t + u`` prints as t+u-1.

=====================  =============================  =====================  =========================
quantity               expression                     LECTURE                BISHOP
=====================  =============================  =====================  =========================
parameter              w_1[j,d]                       w_{1,jd}               w_{ji}^{(1)}
its row j, a vector    w_1[j,·]                       w_{1,j}                w_j^{(1)}
linear form            Σ_d w_1[j,d]·x[i,d] + b_z[j]   w_{1,j}^T x_i          \sum_{i=0}^D w_{ji}^{(1)} x_{ni}
bias on its own        b_z[j]                         w_{1,j0} (w_{z,j0})    w_{j0}^{(1)} (w_{j0}^{(z)})
input: object, entry   x[i,·], x[i,d]                 x_i, x_i^d             x_n, x_{ni}
value and target       z[i,·], z[i,j]                 z_i, z_i^j             z_n, z_{nj}
without the sample     x[i,d], z[i,j]                 x^d, z_j               x_i, z_j
pre-activation         a_z[i,j]                       a_{z,i}^j              a_{nj}
entry number 3         x[i,2], z[i,2]                 x_i^{(3)}, z_i^{(3)}   x_{n3}, z_{n3}
E of a value           E_z[i,j]                       E_{z_i^j}, E_{z_j}     \partial E/\partial z_{nj}
E of a pre-activation  E_a_z[i,j]                     E_{a_{z,i}^j}          \delta_{nj}
gradient               E_w_1[j,d]                     \partial Q/\partial w_{1,jd}
output, target         p[i,k], y[i,k]                 p_i^k, y_i^k           y_{nk}, t_{nk}
sample, input index    i, d                           i, d                   n, i
Kronecker's delta      δ[j,k]                         \delta_{jk}            I_{jk}
=====================  =============================  =====================  =========================

An upper index is a letter or stands in parentheses; a power is a number, and what has an upper index
is parenthesised first: (x_i^d)^2.  Fictitious notation has x_i^0 = 1, z_i^0 = 1 and w_0 = b.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbolic.language.affine import Subscript
from symbolic.language.expr import Entry, Role, Slope, Stack, Tensor
from symbolic.notation.boxes import (
    ATOM,
    DIFFERENTIAL,
    POWER,
    PRODUCT,
    SPACE,
    TRANSPOSED,
    Box,
    Fence,
    Fraction,
    Glyph,
    Keyed,
    Row,
    Script,
    indices,
    joined,
    sign,
)
from symbolic.notation.glyphs import name_parts
from symbolic.notation.style import Style, visible_subscripts, written_name, zeroth_of
from symbolic.notation.subscript_boxes import name_box, subscript_box


def quantity_key(tensor: Tensor) -> str:
    """The key of a quantity in every medium: ``e:z`` for E_z and ∂Q/∂z, ``v:z`` for z, w, x and y themselves."""
    if tensor.role == "adjoint" and tensor.name.startswith("E_"):
        return adjoint_key(tensor.name.removeprefix("E_"))
    return f"v:{tensor.name}"


def adjoint_key(name: str) -> str:
    return f"e:{name}"


def keyed(box: Box, key: str, style: Style) -> Box:
    """The box with its key, where the style asks for keys."""
    return Keyed(box, key) if style.keys else box


def entry_box(entry: Entry, style: Style) -> Box:
    """An entry of a tensor by the table above."""
    return keyed(_entry_box(entry, style.unkeyed()), quantity_key(entry.tensor), style)


def _entry_box(entry: Entry, style: Style) -> Box:
    if isinstance(entry.tensor, Stack) and (part := entry.tensor.part_of(entry)) is not None:
        return entry_box(part, style)
    name, role = entry.tensor.name, entry.tensor.role
    if role == "adjoint" and name.startswith("E_"):
        return _adjoint_box(entry, style)
    if role == "tangent" and name.startswith("R_"):
        return Row((Glyph(r"\mathcal{R}", "R"), Fence(entry_box(_moved(entry, style), style), r"{", r"}")), ATOM)
    slope = entry.tensor if isinstance(entry.tensor, Slope) else dict(style.slopes).get(name)
    if slope is not None:
        return _slope_box(entry, slope, style)
    if role == "direction" and name.startswith("v_"):
        return Script(sign("v"), entry_box(_moved(entry, style), style))
    visible = visible_subscripts(entry, style)
    subs = tuple(subscript_box(sub, style) for sub in visible)
    owner = zeroth_of(entry, style)
    if owner is not None:
        return NOTATIONS[style.notation](owner, role, visible, (*subs, sign("0")), style)
    return NOTATIONS[style.notation](written_name(name, style), role, visible, subs, style)


def _slope_box(entry: Entry, slope: Slope, style: Style) -> Box:
    """∂ₓu, the slope of a value by an input of the same sample, with the indices of both."""
    inner = len(entry.subscripts) - len(slope.by.axes) + 1
    below, own = Tensor(slope.by.name, slope.by.axes[1:], slope.by.role), entry.subscripts[:inner]
    of = slope.of if len(own) == len(slope.of.axes) else replace(slope.of, axes=slope.of.axes[1:])
    lower = entry_box(Entry(below, entry.subscripts[inner:]), style.without_sample())
    return Row((Script(DIFFERENTIAL, lower), SPACE, entry_box(Entry(of, own), style)), PRODUCT)


def transposed(box: Box) -> Box:
    """w^T; what already has an upper index keeps it: w_j^{(1)T}."""
    match box:
        case Keyed(body, key):
            return Keyed(transposed(body), key)
        case Script(base, lower, upper):
            return Script(base, lower, TRANSPOSED if upper is None else Row((upper, TRANSPOSED)))
    return Script(box, None, TRANSPOSED)


def kronecker_box(left: Subscript, right: Subscript, style: Style) -> Box:
    """δ_{jk}; Bishop's δ are errors, he writes the entries of the identity matrix, I_{jk}."""
    base = sign("I") if style.notation == "bishop" else Glyph(r"\delta", "δ")
    return Script(base, indices((subscript_box(left, style), subscript_box(right, style))))


def objective_box(style: Style) -> Box:
    """What is minimised, by its letter: Q, or Bishop's E."""
    return name_box(written_name(style.objective, style))


def _lecture(name: str, role: Role, visible: tuple[Subscript, ...], subs: tuple[Box, ...], style: Style) -> Box:
    base, words = name_parts(name)
    upper: tuple[Box, ...] = ()
    if role not in ("parameter", "direction"):
        sampled = bool(visible) and visible[0].single == style.sample
        if sampled or role == "input":
            first = 1 if sampled else 0
            numbered = any(map(_is_number, visible[first:]))
            subs, upper = subs[:first], subs[first:]
            upper = (Fence(indices(upper)),) if numbered else upper
    groups = [*words, *([indices(subs)] if subs else [])]
    lower = joined(groups, sign(",")) if groups else None
    return Script(base, lower, indices(upper) if upper else None) if lower or upper else base


def _is_number(sub: Subscript) -> bool:
    """Whether it is one number: 3, or the D of x^{(D)}, which bears the name of the extent that it ends."""
    return sub.number is not None or (sub.single is not None and sub.single.name == str(sub.single.extent))


def _bishop(name: str, role: Role, visible: tuple[Subscript, ...], subs: tuple[Box, ...], style: Style) -> Box:
    base, words = name_parts(name)
    lower = indices(subs) if subs else None
    upper = Fence(joined(words, sign(","))) if words else None
    return Script(base, lower, upper) if lower or upper else base


#: The seam for another notation: one function that writes a name with its visible subscripts.
NOTATIONS: dict[str, Callable[[str, Role, tuple[Subscript, ...], tuple[Box, ...], Style], Box]] = {
    "lecture": _lecture,
    "bishop": _bishop,
}


def _adjoint_box(entry: Entry, style: Style) -> Box:
    """E_α; ∂Q/∂w for a parameter; Bishop's δ for a pre-activation, which a linear output is too."""
    name = entry.tensor.name.removeprefix("E_")
    role = _role(name, entry.tensor, style)
    is_delta = style.notation == "bishop" and (name.startswith("a_") or name in style.linear_outputs)
    if not style.sample_in_derivatives and role != "parameter" and not is_delta:
        style = style.without_sample()
    inner = entry_box(Entry(Tensor(name, entry.tensor.axes, role), entry.subscripts), style)
    if is_delta and role == "value":
        assert isinstance(inner, Script | Glyph)
        delta = Glyph(r"\delta", "δ")
        return replace(inner, base=delta) if isinstance(inner, Script) else delta
    if role == "parameter" or style.notation == "bishop":
        return Fraction(Row((DIFFERENTIAL, objective_box(style)), POWER), Row((DIFFERENTIAL, inner), POWER))
    return Script(sign("E"), inner)


def _moved(entry: Entry, style: Style) -> Entry:
    """The α of R{α}, the w of its direction v_w."""
    name = entry.tensor.name[2:]
    role: Role = "adjoint" if name.startswith("E_") else _role(name, entry.tensor, style)
    return Entry(Tensor(name, entry.tensor.axes, role), entry.subscripts)


def _role(name: str, adjoint: Tensor, style: Style) -> Role:
    if name in style.inputs:
        return "input"
    known = style.sample.extent not in adjoint.axes if style.parameters is None else name in style.parameters
    return "parameter" if known else "value"
