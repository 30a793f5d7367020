"""A header for a text that has none: what its formulas and its words say of letters, shapes and ranges.

A guess, and shown as one: a person can copy it into the file and correct it.  Ranks come first (number, vector,
matrix), from letters, transposes, norms and sums; then lengths, by asking that every product and sum fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import (
    OF_UPDATES,
    BigSum,
    Call,
    Mul,
    Name,
    Script,
    walk,
    word_above,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_analogues import analogues
from symbolic.marking.model.guessed_bound import with_own_dots, with_own_letters
from symbolic.marking.model.guessed_classes import numbers_of_classes
from symbolic.marking.model.guessed_columns import find_columns, is_column
from symbolic.marking.model.guessed_diagonals import find_diagonals, find_hollow
from symbolic.marking.model.guessed_entries import (
    find_entries,
    find_examples,
    find_generic,
    find_ranges_said,
    is_entry,
    is_row_of_matrix,
)
from symbolic.marking.model.guessed_functions import (
    functions_of_numbers,
    named_slopes,
    of_any_number,
    own_functions,
    private_letters,
)
from symbolic.marking.model.guessed_in_numbers import lifted, named_in_numbers
from symbolic.marking.model.guessed_indices import find_indices
from symbolic.marking.model.guessed_joins import join_definitions, join_gradients, join_rows_said
from symbolic.marking.model.guessed_keys import (
    counts_objects,
    has_counted_value,
    is_differential,
    is_index,
    is_primed,
    key_of,
    running_of,
)
from symbolic.marking.model.guessed_lengths import SINGLE, Lengths, find_biases, shape_of
from symbolic.marking.model.guessed_members import find_members, lengths_said, rename_lengths
from symbolic.marking.model.guessed_quantities import (
    inside,
    is_constant_entry,
    is_given_beside,
    is_numbered_entry,
    is_unknown_function,
    part_of,
    running,
    stacked,
    variables_of,
)
from symbolic.marking.model.guessed_queries import queries
from symbolic.marking.model.guessed_ranks import find_ranks
from symbolic.marking.model.guessed_step_lines import first_step, in_order, letters_in, starts, taken_at_units
from symbolic.marking.model.guessed_steps import is_of_numbered
from symbolic.marking.model.guessed_text import (
    LOGISTIC,
    TIMES,
    Guess,
    length,
    lengths_of,
    letters_of_length,
    names_of,
)
from symbolic.marking.model.guessed_unsaid import named_behind, of_lengths_alone, told_by_defined, unsaid
from symbolic.marking.model.guessed_words import read_text
from symbolic.marking.model.header import UNIT
from symbolic.marking.model.said_of_values import one_hot_in_words
from symbolic.marking.model.text_definitions import is_known_function
from symbolic.marking.model.worded_conventions import conventions_in_words
from symbolic.marking.text.minimised import OPTIMA
from symbolic.marking.text.reader import Document
from symbolic.marking.text.token_kinds import is_letter

_WIDTHS = ("d", "h", "k", "m", "n", "p", "q", "r")


#: What shows that a text has matrices or vectors at all.
_SHAPED = re.compile(
    r"\\top\b|\\intercal|\^\s*\{?T\b|ᵀ|\\odot|⊙|\\\||\\[lr]?Vert|‖|\|\||\\mathbf|\\boldsymbol|\\bm\b|\\vec\b|\\mathbb\{?R\}?\s*\^|ℝ"
    r"|\\langle|\bmatri|\bvector|матриц|вектор|\\operatorname\{(?:tr|diag)|\\(?:Tr|tr|det|diag)\b|transpose",
    re.IGNORECASE,
)


#: What says that e_k is a vector of the standard basis.
_UNITS = re.compile(
    r"\bunit\b|\bbasis\b|\bone-?hot\b|\bстандартн\w+ базис|\bбазис|\bединичн|\bорт(?:ы|ов|а)?\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a guess takes for granted: whether i = 1..n may count objects, whether a capital that nobody defines is a
    matrix, whether a letter below that nothing runs over is a label, u_o beside u_k, and not one of the values,
    whether the j of a Σ without bounds is another one than the j at other places, and whether v · h is the inner
    product of two vectors."""

    objects: bool = True
    capitals: bool = True
    labels: bool = False
    apart: bool = False
    dots: bool = False


def guesses(document: Document) -> Iterator[tuple[Kind, Callable[[], tuple[str, ...]]]]:
    """The headers that a text may have, the likeliest first, each yet to be made; those together that differ in labels.

    Capitals may be numbers only in a text without a sign of vectors.
    """
    kinds = [Kind(), Kind(objects=False)]
    if has_dots_of_letters(document):
        kinds.insert(1, Kind(dots=True))
    if not _SHAPED.search(document.source):
        kinds.append(Kind(capitals=False))
    kinds += [replace(kind, apart=True) for kind in kinds]
    for kind in kinds:
        for one in (kind, replace(kind, labels=True)):
            yield one, partial(guessed_header, document, one)


def has_dots_of_letters(document: Document) -> bool:
    """Whether a dot stands between two letters: ``v · h``."""
    tokens = [token for chain in document.chains for side in chain.sides for token in side.tokens]
    return any(
        dot.is_command(r"\cdot") and is_letter(before) and is_letter(behind)
        for before, dot, behind in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def guessed_header(document: Document, kind: Kind = Kind()) -> tuple[str, ...]:
    """The lines of a header that fits the text; none when there is nothing to go by."""
    guess = Guess(kind.objects, capitals=kind.capitals, dots=kind.dots)
    read_text(guess, document)
    guess.chains = with_own_dots(guess.chains)
    if kind.apart:
        guess.chains, before = with_own_letters(guess.chains), guess.chains
        if guess.chains == before:
            return ()  # there is no such sum
    if not guess.chains:
        return ()
    guess.lengths_said = lengths_said(document)
    find_indices(guess, kind.labels)
    if kind.labels and not guess.labels:
        return ()  # there is no such letter
    likewise = [*analogues(guess), *named_in_numbers(guess), *lifted(guess)]
    guess.chains += likewise
    find_examples(guess)
    find_generic(guess)
    guess.by_entries = functions_of_numbers(guess)
    find_members(guess, document)
    rename_lengths(guess)
    find_ranges_said(guess)
    diagonals = find_diagonals(guess)
    find_entries(guess)
    if not kind.objects:
        find_columns(guess)
    find_ranks(guess, document)
    said = tuple(_lines(guess, document))
    lines = (*said, *(f"let {typeset(left)} = {typeset(right)}" for left, right in likewise))
    told = {line.partition(" = ")[0] for line in lines}
    return (*lines, *(one.line for one in diagonals if one.line.partition(" = ")[0] not in told))


def _lines(guess: Guess, document: Document) -> Iterator[str]:
    lengths = Lengths(guess.open)
    find_biases(guess, lengths)
    join_definitions(guess, lengths)
    join_definitions(guess, lengths)
    lengths.settled = True
    join_definitions(guess, lengths)
    join_rows_said(guess, lengths)
    for base, of in guess.generic.items():
        lengths.join(shape_of(guess, lengths, Name(base))[0], shape_of(guess, lengths, of)[0])
    for first, _, *others in (sides for sides in guess.chains if len(sides) > 2):
        own = shape_of(guess, lengths, first) if isinstance(first, Name) else ("1", "1")
        for found in (shape_of(guess, lengths, side) for side in others if own[0] != "1"):
            if ("1" in found) == ("1" in own) and found[0] != "1":  # o = V^T a = Σ_i a_i v_i
                lengths.join(own[0], found[0])
    for sides in guess.chains:
        for side in sides:
            shape_of(guess, lengths, side)
    join_gradients(guess, lengths)
    variables, numbered = variables_of(guess), numbers_of_classes(guess)
    undefined = unsaid(guess) | named_behind(guess) | of_lengths_alone(guess) | told_by_defined(guess)
    functions = own_functions(guess)
    slopes = named_slopes(guess)
    private = private_letters(guess, functions)
    quantities: dict[str, Name] = {}
    for name in names_of(guess):
        if (
            typeset(name) in private
            or name.base in undefined
            or name in guess.updated
            or word_above(name) in OF_UPDATES
        ):
            continue
        if name.base in guess.functions or name.base in lengths_of(guess) or typeset(name) in lengths_stated(guess):
            continue
        if name.bare and name.base in guess.lengths_said - {*guess.defined}:
            continue  # n/2 ln det Σ beside an X ∈ ℝ^{n×d}
        if name.base in guess.defined and not is_given_beside(guess, name):
            continue
        if (
            (name.base in guess.indices and name.bare)
            or name.base in ("I", "?")
            or name.base in guess.sets
            or rf"\{name.base}" in OPTIMA
            or (name.base == "e" and (not running_of(guess, name) or has_unit_vectors(guess, document.source)))
            or (is_known_function(name) and name.base != LOGISTIC)  # tanh' = 1 - tanh², of any number
            or (name.base == r"\pi" and not any(is_index(guess, item) for item in name.subs))
            or (name.base == r"\delta" and len(name.subs) == 2)
            or (name.base == LOGISTIC and guess.applies_logistic)
            or (name.base in guess.featured and name.bare)
            or len(name.base.strip("\\")) > 24
        ):
            continue
        written = guess.stated.get(key_of(guess, name), 0 if name.base in guess.mirrored else None)
        if is_entry(guess, name) and written is not None and len(name.subs) > written:  # only x_i of an x ∈ ℝ^d
            quantities.setdefault(key_of(guess, name), Name(name.base, name.subs[:written]))
        if key_of(guess, name) in guess.whole and has_counted_value(guess, name):
            quantities.setdefault(key_of(guess, name), Name(name.base))  # z_1, one of the z_k
            continue
        if is_entry(guess, name) or is_differential(guess, name) or is_unknown_function(guess, name):
            continue
        if is_numbered_entry(guess, name) or is_constant_entry(guess, name):
            continue
        if name.primes and any(sides[0] == name for sides in guess.chains if len(sides) > 1):
            continue  # x' = A x + b
        rows = is_row_of_matrix(guess, name)
        indexed = () if rows else tuple(s for s in name.subs if is_index(guess, s) or not s.terms or s.single)
        known = quantities.get(key_of(guess, name))
        if rows and known is not None:
            continue
        if known is None or running(guess, known) < running(guess, name):
            primes = name.primes if is_primed(guess, name) else 0
            subs, sups = (tuple(at_any_step(guess, item) for item in items) for items in (indexed, name.sups))
            quantities[key_of(guess, name)] = Name(name.base, subs, sups, primes)
    for key in [k for k, n in quantities.items() if is_column(guess, n) or is_of_numbered(guess, n, quantities)]:
        del quantities[key]
    for key in [part for n in quantities.values() if (part := part_of(guess, lengths, n, quantities))]:
        quantities.pop(key, None)  # the checker takes it from its matrix
    for key in [k for k, n in quantities.items() if stacked(guess, n, quantities) or inside(guess, n, quantities)]:
        del quantities[key]  # the checker makes the one of its rows, and takes the other from its matrix
    picked = picking(guess, lengths, quantities, one_hot_in_words(document.source))
    for key, _ in picked:
        del quantities[key]
    widths: dict[str, str] = {}
    taken = {*lengths_of(guess), *guess.indices, *(n.base for n in quantities.values()), *guess.defined}
    taken |= {
        letter for shape in guess.shapes.values() for size in shape.split(TIMES) for letter in letters_of_length(size)
    }
    if guess.differentials:
        taken.add("d")  # of dW
    fresh = iter([letter for letter in _WIDTHS if letter not in taken] + [f"n_{k}" for k in range(1, 20)])

    def width(length: str) -> str:
        root = lengths.find(length)
        if root == SINGLE:
            return "1"
        if not root.startswith("?"):
            return root
        if root not in widths:
            widths[root] = next(fresh)
        return widths[root]

    def kind(key: str) -> str:
        shape, rank = guess.shapes.get(key, ""), guess.ranks.get(key, 0)
        if shape:
            whole = TIMES in shape or len(letters_of_length(shape)) > 1 or re.search("[+-]", shape)
            return f"R^{{{shape.replace(TIMES, ' x ')}}}" if whole else f"R^{shape}"
        sizes = [width(length) for length in guess.whole.get(key) or [f"?{key}.{k}" for k in range(rank)]]
        if key in guess.rows:
            sizes, rank = ["1", *sizes], 2
        braced = rank == 2 or re.search("[ +-]", "".join(sizes)) is not None
        return f"R^{{{' x '.join(sizes)}}}" if braced else f"R^{sizes[0]}" if rank else "R"

    hollow = find_hollow(guess)
    for key in [k for k, name in quantities.items() if name.base in hollow and key_of(guess, name) == name.base]:
        del quantities[key]
    declared = [
        f"{'param' if name.base in variables else 'data'} {typeset(name)} : {kind(key)}"
        if key not in numbered
        else f"data {typeset(name)} : class 1..{lengths.find(numbered[key])}"
        for key, name in quantities.items()
    ]
    apart = ((key, name) for key, name in queries(guess).items() if key in quantities and not quantities[key].bare)
    declared += [f"data {typeset(name)} : {kind(key)}" for key, name in apart]
    declared += [f"data {typeset(name)} : {kind(key)}" for key, name in starts(guess).items()]
    declared += [f"data {typeset(name)} : binary" for name in guess.sets.values()]
    stated = lengths_stated(guess)
    counted = [lengths.find(upper) for letter, upper in guess.indices.items() if upper and letter not in guess.steps]
    lengths_used = dict.fromkeys(
        part for one in (*counted, *stated, *widths.values()) for part in letters_of_length(one)
    )
    yield from conventions_in_words(document.source)
    if has_unit_vectors(guess, document.source):
        yield f"convention {UNIT}"
    if lengths_used:
        yield "sizes " + " ".join(lengths_used)
    by_upper: dict[str, list[str]] = {}
    for letter, upper in guess.indices.items():
        if letter in guess.steps:
            yield f"{guess.steps[letter]} {letter} = {first_step(guess, Affine.of(letter))}..{upper}"
        elif letter not in guess.classes:
            by_upper.setdefault(lengths.find(upper), []).append(letter)
    for upper, letters in by_upper.items():
        counts = any(counts_objects(guess, letter, upper) for letter in letters) and not only_in_pairs(guess, letters)
        sample = " sample" if counts else ""
        yield f"index {', '.join(letters)} = {range_of(guess, letters, upper)}{sample}"
    yield from declared
    yield from (line for one in hollow.values() for line in one.lines)
    for letter in guess.classes:
        yield f"data {letter} : class 1..{lengths.find(guess.indices[letter])}"
    for _, definition in picked:
        yield definition
    shown = {first.function.base for first, _ in functions if isinstance(first, Call)}
    for base in guess.functions:
        if base not in slopes and base not in shown:
            below = f"_{guess.numbered_functions[base]}" if base in guess.numbered_functions else ""
            yield f"func {base}{below} = {guess.called.get(base, 'generic')}"
    for slope, called in slopes.values():
        yield f"let {typeset(called)} = {typeset(slope)}"
    used = {name.base for name in names_of(guess)} | {*guess.indices, *guess.defined}
    for left, right in (of_any_number(sides, {*quantities}, used) for sides in functions):
        yield f"let {typeset(left)} = {typeset(right)}"
    yield from in_order(guess)
    yield from taken_at_units(guess)


def lengths_stated(guess: Guess) -> dict[str, None]:
    r"""The n and the d_k of an ``A \in \mathbb{R}^{n \times d_k}``."""
    return dict.fromkeys(size for shape in guess.shapes.values() for size in shape.split(TIMES))


def only_in_pairs(guess: Guess, letters: Sequence[str]) -> bool:
    """Whether every name has two of the letters below it where it has one: rows and columns of S_{ij}, A_{ik}."""
    lengths = lengths_of(guess) | lengths_stated(guess).keys()
    names = (name for name in names_of(guess) if typeset(name) not in lengths)
    counts = [sum(item.single in letters for item in name.subs) for name in names]
    return 1 not in counts and any(count > 1 for count in counts)


def at_any_step(guess: Guess, item: Script) -> Script:
    """The l of w^{l+1}, of which no plain w^l stands in the text."""
    letter = item.terms[0][0] if len(item.terms) == 1 else ""
    return Affine.of(letter) if letter in guess.steps else item


def range_of(guess: Guess, letters: Sequence[str], upper: str) -> str:
    """From 1 to the length, or from 0 to before it where a sum over one of these letters begins there."""
    return f"0..{length(upper) + -1}" if {*letters} & guess.from_zero else f"1..{upper}"


def has_unit_vectors(guess: Guess, source: str) -> bool:
    """Whether e_k is 1 in its k-th entry: a sum of g_k e_k over k would be g itself, if no word says that it is meant.

    Then the e_k are numbers or vectors of the text like others.
    """
    if "e" in guess.defined or not any(n.base == "e" and running_of(guess, n) for n in names_of(guess)):
        return False
    summed = (
        isinstance(part, Name) and part.base == "e" and {*node.indices} & {*letters_in(part)}
        for sides in guess.chains
        for side in sides
        for node in walk(side)
        if isinstance(node, BigSum)
        for part in (node.body.factors if isinstance(node.body, Mul) else (node.body,))
    )
    return _UNITS.search(source) is not None or not any(summed)


def picking(
    guess: Guess, lengths: Lengths, quantities: dict[str, Name], one_hot: frozenset[str]
) -> list[tuple[str, str]]:
    """The vector with one 1 beside the letter of a class, y beside o: its key, and what it is, y_k = [k = o]."""
    if len(guess.classes) != 1:
        return []
    (letter,) = guess.classes
    upper = guess.indices[letter]
    index = next((other for other, size in guess.indices.items() if size == upper and other != letter), "")
    vectors = [(k, n) for k, n in quantities.items() if n.base in one_hot and n.bare and guess.ranks.get(k) == 1]
    alike = [(k, n) for k, n in vectors if lengths.find(f"?{k}.0") == lengths.find(upper)]
    vectors = alike or vectors  # the one-hot word that goes in is not that of the class
    if not index and vectors:
        taken = {*guess.indices, *lengths_of(guess), *(name.base for name in names_of(guess))}
        index = next((letter for letter in "kjilm" if letter not in taken), "")
        guess.indices[index] = upper
    if not index:
        return []
    return [(key, f"let {typeset(name)}_{index} = [{index} = {letter}]") for key, name in vectors]
