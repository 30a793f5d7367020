"""The header of comment lines that declares a model, and the same text made from a Network.

    %! sizes N d J
    %! index i = 1..N sample
    %! data x_i : R^d
    %! param w_{1,j} : R^d
    %! func \\sigma = sigmoid
    %! let z_j(x) = \\sigma(w_{1,j}^T x)

A model is always such a list of lines; ``declare`` reads them in order, and a later line may use what
an earlier one said.  Errors are SpecErrors that begin with the number of the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from symbolic.errors import SpecError
from symbolic.fuel import known_at_its_price, spend
from symbolic.marking.model.declaring import Builder, Model
from symbolic.marking.model.header_definitions import let_line
from symbolic.marking.model.header_functions import function_line
from symbolic.marking.model.header_lines import LONGEST, StrayIndex, calls_in, with_class
from symbolic.marking.model.header_quantities import quantity_line
from symbolic.marking.model.header_ranges import index_line, running_line, sizes_line
from symbolic.marking.model.layered import RUNNING, in_line, written_out
from symbolic.marking.model.worded_conventions import BY_ROWS, EINSTEIN, PADDED, PRIME
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

KEYWORDS = (
    "sizes", "index", "data", "param", "const", "matrix", "vector", "func", "let", "convention", "scalar",
    "layers", "steps",
)  # fmt: skip

#: The convention under which e_k, which nobody declares, is 1 in its k-th entry.
UNIT = "unit"
#: What a line of a header counts for.
STEPS = 100
#: Points of a header's definitions that its text may decide: (y - Xw)^2 as a vector or as a length.
OPEN_IN_HEADERS = ("squared", "matrix_power", "argument")


#: Lengths and indices are declared first, wherever they stand: everything else may use them.
_RANGES = {"sizes": 0, "size": 0, "index": 1, "indices": 1, "convention": 1}


def declare(lines: Iterable[tuple[int, str]]) -> Model:
    """Read the lines of a header: (number for messages, text after ``%!``)."""
    lines = tuple(lines)
    try:
        usual, open_points = _declared_in(lines, frozenset())
    except StrayIndex as stray:
        lines = with_class(lines, stray)
        try:
            usual, open_points = _declared_in(lines, frozenset())
        except SpecError:
            raise stray from None
    others: list[Model] = []
    for point in filter(open_points.__contains__, OPEN_IN_HEADERS):
        try:
            others.append(_declared_in(lines, frozenset({point}))[0])
        except SpecError:
            continue
    return replace(usual, others=tuple(others))


@known_at_its_price(32)
def model_of(header: tuple[tuple[int, str], ...]) -> Model:
    """The model of a header, the same one for the same lines: what is known of its sides and numbers goes with it."""
    return declare(header)


def _declared_in(lines: tuple[tuple[int, str], ...], preferred: frozenset[str]) -> tuple[Model, set[str]]:
    """The model in one reading, and the points that this reading leaves open."""
    builder = Builder(preferred=preferred, called=calls_in(line for _, line in lines))
    builder.typed = "\n".join(line.rpartition(":")[0] for _, line in lines if not line.startswith("let"))
    each_layer, builder.layers = written_out(lines)
    for number, line in sorted(each_layer, key=lambda line: _RANGES.get(line[1].split(" ")[0].rstrip(":"), 2)):
        spend(STEPS + len(builder.quantities))
        text = re.sub(r"(?<!\\)#.*", "", line).strip().rstrip(";").rstrip()
        if not text:
            continue
        if len(text) > LONGEST:
            raise SpecError(
                Text(
                    f"too long: {len(text)} characters; at most {LONGEST} are read as one line",
                    f"слишком длинно: {len(text)} символов; в одной строке читается не больше {LONGEST}",
                )
            ).at(in_line(number))
        keyword, _, rest = text.partition(" ")
        keyword = keyword.rstrip(":")
        reader = _READERS.get(keyword)
        if reader is None:
            raise SpecError(
                Text(
                    f"%! {keyword}: one of {', '.join(KEYWORDS)} was expected",
                    f"%! {keyword}: нужно одно из слов {', '.join(KEYWORDS)}",
                )
            ).at(in_line(number))
        try:
            reader(builder, rest.strip())
        except NotUnderstood as problem:
            raise SpecError(problem.said + Text(f" in {rest.strip()!r}", f" в {rest.strip()!r}")).at(
                in_line(number)
            ) from None
        except SpecError as problem:
            raise problem.at(in_line(number)) from None
    for name in builder.running:
        builder.indices.pop(name, None)
    model = Model(builder.known, builder.domains, tuple(text for _, text in lines), taken=frozenset(builder.taken))
    return model, builder.open


def _convention(builder: Builder, rest: str) -> None:
    if rest in ("row", "numerator", "transposed"):
        builder.row_convention = True
    elif rest in ("column", "shape", "denominator"):
        builder.row_convention = False
    elif rest == EINSTEIN:
        builder.sums_repeated = True
    elif rest == PRIME:
        builder.primes_transpose = True
    elif rest == PADDED:
        builder.padded = True
    elif rest == BY_ROWS:
        builder.softmax_by_rows = True
    elif rest == UNIT:
        builder.unit_vectors = True
    else:
        raise SpecError(
            Text(
                f"convention {rest}: one of row, column, {EINSTEIN}, {PRIME}, {PADDED}, {BY_ROWS}, {UNIT} was expected",
                f"convention {rest}: нужно одно из слов row, column, {EINSTEIN}, {PRIME}, {PADDED}, {BY_ROWS}, {UNIT}",
            )
        )


_READERS: dict[str, Callable[[Builder, str], None]] = {
    "sizes": sizes_line, "size": sizes_line, "index": index_line, "indices": index_line, "data": quantity_line("input"),
    "param": quantity_line("parameter"), "params": quantity_line("parameter"), "const": quantity_line("input"),
    "hyper": quantity_line("input"), "matrix": quantity_line("input"), "vector": quantity_line("input"),
    "scalar": quantity_line("input"), "func": function_line, "let": let_line, "convention": _convention,
    RUNNING: running_line,
}  # fmt: skip
