"""Remarks on notation: what the lines of a derivation leave unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbolic.derivation.equations import Row, rows
from symbolic.derivation.record import Because, Derivation
from symbolic.derivation.written_in import also_by_components, as_matrices, base_style
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Letter, Partial, Symbol
from symbolic.language.terms import free_indices, walk
from symbolic.notation.style import Style, vectors, zeroth_of
from symbolic.words import Text

#: So many biases are named in a sentence about them.
MOST_BIASES = 3
FICTITIOUS = Text(
    "A weight vector with no bias beside it holds its bias as component 0, and component 0 of its input is 1.",
    "Вектор весов, рядом с которым нет сдвига, содержит его как компоненту 0, а компонента 0 его входа равна 1 "
    "(фиктивный вход).",
)
NO_BIAS = Text(" There is no bias with {weights}.", " Без сдвига: {weights}.")
BIASES_APART = Text(
    "Whole matrices have no component 0; there a bias is a vector of its own: {biases}.",
    "В матричной записи компоненты 0 нет, сдвиг — отдельный вектор: {biases}.",
)
ONE_OBJECT = Text(
    "The index {i} of the object is not written inside a derivative of one value by another, in an error {E},"
    " and where an error is derived.",
    "Индекс объекта {i} не пишется внутри производной одной величины по другой, в ошибке {E} и при выводе ошибки.",
)


def remarks_on_notation(derivation: Derivation, notation: str | Style) -> tuple[Because, ...]:
    """What the lines leave unsaid: where the biases are, and the index of the object."""
    style = base_style(derivation, notation)
    found = [] if as_matrices(derivation) else list(remarks_on_biases(derivation.known, style))
    entries = not as_matrices(derivation) or also_by_components(derivation, style)
    if entries and any(_leaves_the_object_out(row) for row in _every_row(derivation, style)):
        found.append(Because(ONE_OBJECT, (("i", Letter(style.sample)), ("E", Symbol("E")))))
    return tuple(found)


def remarks_on_biases(definitions: Iterable[Definition], style: Style) -> Iterator[Because]:
    """Whether biases are written as component 0 of a weight vector, and which vectors have none."""
    held, bare = vectors(tuple(definitions), style)
    if not held:
        return
    names = {f"w{place}": Symbol(tensor.name) for place, tensor in enumerate(bare)}
    said = NO_BIAS.format(weights=", ".join(f"{{{place}}}" for place in names)) if bare else Text("", "")
    yield Because(FICTITIOUS + said, tuple(names.items()))


def biases_of_matrices(definitions: Iterable[Definition], style: Style) -> Iterator[Because]:
    """Which letter a bias has in matrices, for each that index notation writes as component 0."""
    biases = {n: n for d in definitions for n in walk(d.formula) if isinstance(n, Entry) and zeroth_of(n, style)}
    if not biases:
        return
    shown = list({bias.tensor: bias for bias in biases}.values())
    pairs = [(f"b{place}", f"w{place}", bias) for place, bias in enumerate(shown[:MOST_BIASES])]
    listed = ", ".join(f"{{{apart}}} ({{{zeroth}}})" for apart, zeroth, _ in pairs)
    said = BIASES_APART.format(biases=listed + (", …" if len(shown) > MOST_BIASES else ""))
    formulas = [(place, formula) for apart, zeroth, bias in pairs for place, formula in _two_names(apart, zeroth, bias)]
    yield Because(said, tuple(formulas))


def _two_names(apart: str, zeroth: str, bias: Entry) -> tuple[tuple[str, Expr], tuple[str, Expr]]:
    return (apart, Symbol(bias.tensor.name)), (zeroth, bias)


def _every_row(derivation: Derivation, notation: Style) -> Iterator[Row]:
    for chain in (*derivation.lemmas, derivation):
        yield from rows(chain, notation)[1]


def _leaves_the_object_out(row: Row) -> bool:
    """Whether a quantity of one object stands in the line without its index."""
    sample = row.style.sample
    if not row.style.sample_shown:
        return any(sample in free_indices(node) for node in walk(row.expr) if isinstance(node, Entry))
    return not row.style.sample_in_derivatives and any(
        sample in free_indices(node) for node in walk(row.expr) if _is_derivative_of_a_value(node)
    )


def _is_derivative_of_a_value(node: Expr) -> bool:
    if isinstance(node, Entry):
        return node.tensor.role == "adjoint"
    return isinstance(node, Partial) and isinstance(node.of, Entry)
