"""What stands between the square brackets of a formula: indices and sizes with whole coefficients."""

from __future__ import annotations

from symbolic.language.affine import Affine
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
