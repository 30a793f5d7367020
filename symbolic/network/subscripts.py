"""What stands between the square brackets of a formula: indices and sizes with whole coefficients."""

from __future__ import annotations

from symbolic.language.affine import Affine, Size, Subscript, size
from symbolic.language.expr import ZERO, Expr, Tensor
from symbolic.language.terms import certainly_below, delta, ends
from symbolic.network.syntax import Node, branches, head, nodes, refuse, tokens
from symbolic.words import Text

#: Sizes and subscripts are small numbers.
LARGEST = 10**9

_SUBSCRIPT = Text(
    "a subscript combines indices, sizes and whole numbers, as in t + u, 2*t - 1 or T - 1 - t",
    "нижний индекс составляют из индексов, размеров и целых чисел, как в t + u, 2*t - 1 или T - 1 - t",
)


def affine(text: str, tree: Node, rule: Text = _SUBSCRIPT, data: dict[str, Node] | None = None) -> Affine[str]:
    """A combination of names with whole coefficients, ``2*t + u - 1``; refused with the rule otherwise.

    Where ``data`` is given, an entry may stand in it as a name does, ``y[i] + 1``: it is put there under a key that no
    name is.
    """
    match tree.data:
        case "sum":
            first, *rest = (affine(text, branch, rule, data) for branch in branches(tree))
            for sign, term in zip(tokens(tree, "SIGN"), rest, strict=True):
                first = first - term if sign == "-" else first + term
            return first
        case "product" if all(sign == "*" for sign in tokens(tree, "TIMES")):
            result: Affine[str] = Affine((), 1)
            for branch in branches(tree):
                factor = affine(text, branch, rule, data)
                scale, other = (factor, result) if result.number is None else (result, factor)
                if scale.number is None:
                    refuse(text, branch, rule)
                result = other * scale.number
                if abs(result.constant) > LARGEST or any(abs(c) > LARGEST for _, c in result.terms):
                    refuse(
                        text,
                        branch,
                        Text(
                            f"the number is too large; at most {LARGEST}", f"слишком большое число; не больше {LARGEST}"
                        ),
                    )
            return result
        case "signed":
            value = affine(text, branches(tree)[0], rule, data)
            return -value if len(tokens(tree, "SIGN")) % 2 else value
        case "power" if len(tree.children) == 1:
            return affine(text, branches(tree)[0], rule, data)
        case "group":
            return affine(text, branches(tree)[0], rule, data)
        case "entry" if data is not None:
            key = f"#{len(data)}"
            data[key] = tree
            return Affine.of(key)
        case "name":
            return Affine.of(str(head(tree)))
        case "number" if head(tree).isdigit() and len(head(tree)) <= 10:
            return Affine((), int(head(tree)))
    refuse(text, tree, rule)


def with_sizes(combination: Affine[str], sizes: frozenset[str]) -> Affine[str]:
    """The same with the names of sizes apart from those of indices."""
    terms = tuple((key, c) for key, c in combination.terms if key not in sizes)
    return Affine(terms, combination.constant, tuple((key, c) for key, c in combination.terms if key in sizes))


def in_subscripts(tree: Node) -> set[str]:
    """The names in the square brackets of a piece of a formula."""
    places = (place for part in nodes(tree) if part.data == "entry" for place in branches(part))
    return {str(head(part)) for place in places for part in nodes(place) if part.data == "name"}


def equal_places(difference: Subscript) -> Expr:
    """[difference = 0]: a Kronecker δ, or 0 where the ranges decide it."""
    low, high = ends(difference)
    if certainly_below(high, size(0)) or certainly_below(size(0), low):
        return ZERO
    plus = tuple((index, c) for index, c in difference.terms if c > 0)
    left: Subscript = Affine(plus) if plus else difference
    return delta(left, left - difference)


def out_of_range(sub: Subscript, tensor: Tensor, axis: Size) -> Text:
    """What to write when a subscript leaves its axis: the index needs a shorter range, or the axis a number."""
    told = Text(
        f"the subscript {sub} of {tensor} may leave its range 0 … {axis - 1} for some sizes",
        f"индекс {sub} у {tensor} может при некоторых размерах выйти из области 0 … {axis - 1}",
    )
    if sub.number is None:
        shorter = Text(
            "the index needs a shorter range, by the width of the node or by its ranges",
            "индексу нужна область короче — через ширину узла или его ranges",
        )
        return Text(
            f'{told}; {shorter}, as in Sum(w[u]*x[i,t+u], u) with x = "T", width = "T - 1", ranges = {{ u = 2 }}',
            f'{told.ru}; {shorter.ru}, как в Sum(w[u]*x[i,t+u], u) с x = "T", width = "T - 1", ranges = {{ u = 2 }}',
        )
    if sub.number < 0:
        return Text(
            f"{told}; subscripts count from 0, and none counts from the end",
            f"{told.ru}; индексы считаются с 0, отсчёта с конца нет",
        )
    return Text(
        f"{told}; give the axis at least {sub.number + 1} entries, as a number or as a sum such as T + {sub.number}",
        f"{told.ru}; у оси должно быть не меньше {sub.number + 1} элементов: числом или суммой вида T + {sub.number}",
    )
