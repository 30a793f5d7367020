"""A header for a text that has none: what its formulas and its words say of letters, shapes and ranges.

A guess, and shown as one: a person can copy it into the file and correct it.  Ranks come first (number, vector,
matrix), from letters, transposes, norms and sums; then lengths, by asking that every product and sum fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import (
    OF_UPDATES,
    BigSum,
    Call,
    Deriv,
    Mul,
    Name,
    Node,
    Num,
    Script,
    capital,
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
from symbolic.marking.model.guessed_indices import FROM_ZERO, find_indices
from symbolic.marking.model.guessed_keys import (
    counts_objects,
    has_counted_value,
    is_differential,
    is_index,
    is_labelled_apart,
    is_primed,
    key_of,
    running_of,
)
from symbolic.marking.model.guessed_lengths import SINGLE, Lengths, as_row, find_biases, is_row, may_be_row, shape_of
from symbolic.marking.model.guessed_members import find_members, lengths_said, rename_lengths
from symbolic.marking.model.guessed_queries import queries
from symbolic.marking.model.guessed_ranks import find_ranks
from symbolic.marking.model.guessed_step_lines import first_step, in_order, letters_in, starts, taken_at_units
from symbolic.marking.model.guessed_steps import is_of_numbered
from symbolic.marking.model.guessed_text import (
    LOGISTIC,
    TIMES,
    Guess,
    definitions_of,
    formals_of,
    length,
    lengths_of,
    letters_of_length,
    names_in,
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

_PARAMETERS = ("w", "W", "b", r"\theta", r"\beta", "v", "u", "V", "U", r"\Theta")
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
    variables, numbered = _variables(guess), numbers_of_classes(guess)
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
        if name.base in guess.functions or name.base in lengths_of(guess):
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
    stated = [size for shape in guess.shapes.values() for size in shape.split(TIMES)]
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
        sample = " sample" if any(counts_objects(guess, letter, upper) for letter in letters) else ""
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


def join_definitions(guess: Guess, lengths: Lengths) -> None:
    """A name has the shape of what it is defined as."""
    for name, body in definitions_of(guess):
        found = shape_of(guess, lengths, body)
        own = shape_of(guess, lengths, name)
        unsure = not lengths.settled and may_be_row(lengths, found)
        if unsure and "1" in own:
            continue
        if not unsure and is_row(guess, lengths, found):
            own = as_row(guess, name, own)
        if own != ("1", "1") and found != ("1", "1"):
            lengths.join(own[0], found[0])
            lengths.join(own[1], found[1])


def at_any_step(guess: Guess, item: Script) -> Script:
    """The l of w^{l+1}, of which no plain w^l stands in the text."""
    letter = item.terms[0][0] if len(item.terms) == 1 else ""
    return Affine.of(letter) if letter in guess.steps else item


def join_rows_said(guess: Guess, lengths: Lengths) -> None:
    """``k_1, …, k_M are the rows of K``: it has M rows, as long as each."""
    for vector in names_of(guess):
        matrix = Name(capital(vector.base))
        columns = guess.of_rows.get(matrix.base) if vector.base.islower() else None
        scripts = (*vector.subs, *vector.sups)
        upper = guess.indices.get(scripts[0].single or "") if len(scripts) == 1 else None
        if columns is None or not upper or guess.ranks.get(key_of(guess, matrix)) != 2:
            continue
        long, shape = shape_of(guess, lengths, vector)[0], shape_of(guess, lengths, matrix)
        lengths.join(shape[columns], upper)
        lengths.join(shape[not columns], long)


def join_gradients(guess: Guess, lengths: Lengths) -> None:
    """The rows of the U of ``∂J/∂v = U (p - y)``, of which nothing else is known, are as many as v has entries."""
    for first, *sides in guess.chains:
        by = first.by if isinstance(first, Deriv) and not guess.ranks.get(typeset(first.of)) else None
        own = shape_of(guess, lengths, by) if isinstance(by, Name) else ("1", "1")
        for found in (shape_of(guess, lengths, side) for side in sides if "1" in own and own[0] != "1"):
            if found[1] == "1" and lengths.find(found[0]).startswith("?") != lengths.find(own[0]).startswith("?"):
                lengths.join(own[0], found[0])


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


def is_given_beside(guess: Guess, name: Name) -> bool:
    """Whether a name is no value that the text defines, though others of its letter are."""
    return is_before_the_first(guess, name) or is_labelled_apart(guess, name) or is_in_own_formula(guess, name)


def is_in_own_formula(guess: Guess, name: Name) -> bool:
    """The μ_0 of ``μ = M e + μ_0``."""
    number = name.subs[0].number if len(name.subs) == 1 and not name.sups else None
    own = [body for made, body in definitions_of(guess) if made.base == name.base and made.bare]
    return number is not None and name in names_in(guess, own)


def is_before_the_first(guess: Guess, name: Name) -> bool:
    """The a^{(0)} of which a^{(1)} and a^{(2)} are made, each by a line of its own: it is given."""

    def numbers(one: Name) -> list[int | None]:
        return [item.number for item in (*one.subs, *one.sups)]

    made = [numbers(other) for other, _ in definitions_of(guess) if other.base == name.base]
    own = numbers(name)
    if len(own) != 1 or own[0] is None or not made or guess.steps:
        return False
    return all(len(one) == 1 and one[0] is not None and own[0] < one[0] for one in made)


def is_numbered_entry(guess: Guess, name: Name) -> bool:
    """The V_{12} of a V whose shape is known, and no w_0 beside w of which the text says w_0 ∈ ℝ, or counts from 1."""
    if key_of(guess, name) in guess.numbers or (name.subs[:1] == (FROM_ZERO,) and not guess.from_zero):
        return False
    key, numbers = typeset(Name(name.base)), [item.number for item in name.subs]
    shape = guess.shapes.get(key, "").split(TIMES) if guess.stated.get(key) == 0 else []
    places = len(str(numbers[0])) if len(numbers) == 1 else len(numbers)  # V_{12} has two
    return bool(numbers) and None not in numbers and places == len(shape) and not name.sups


def is_constant_entry(guess: Guess, name: Name) -> bool:
    """The x_0 of ``x_0 = 1`` beside vectors x."""
    one = any(sides == [name, Num(Fraction(1))] for sides in guess.chains)
    number = name.subs[0].number if len(name.subs) == 1 and not name.sups else None
    return one and number == 0 and guess.ranks.get(typeset(Name(name.base))) == 1


def is_unknown_function(guess: Guess, name: Name) -> bool:
    """The L of ``let L be the loss``: what is differentiated and by which nothing is, is no datum.

    A datum's derivatives are all 0, and any claim about them would be true.
    """
    derivatives = [n for sides in guess.chains for side in sides for n in walk(side) if isinstance(n, Deriv)]
    of = [n.of.function if isinstance(n.of, Call) else n.of for n in derivatives]
    taken = any(isinstance(n, Name) and n.base == name.base and len(n.subs) == len(name.subs) for n in of)
    own = not name.sups and all(is_index(guess, item) for item in name.subs)
    return own and taken and all(n.base != name.base for d in derivatives for n in names_in(guess, [d.by]))


def running(guess: Guess, name: Name) -> tuple[int, int]:
    """How many indices stand at a name, below and above: x^{(i)} says more than the x of a function of x.

    Of as many, letters that run say more than the number or the class that one of them is: u_k than u_1 and u_o.
    """
    scripts = (*name.subs, *(item for item in name.sups if is_index(guess, item)))
    return len(scripts), sum(is_index(guess, item) and item.single not in guess.classes for item in scripts)


def part_of(guess: Guess, lengths: Lengths, name: Name, quantities: dict[str, Name]) -> str:
    """The key of the x_i that are the columns of the matrix X, or its rows, as its products tell; empty where none are.

    Of objects the matrix is made of the vectors.
    """
    key, matrix = typeset(Name(name.base.lower())), key_of(guess, name)
    vector = quantities.get(key)
    if name.base.islower() or name.subs or vector is None or len(vector.subs) != 1 or vector.sups:
        return ""
    if guess.ranks.get(key) != 1 or guess.ranks.get(matrix) != 2 or guess.shapes.get(matrix):
        return ""
    if not (upper := guess.indices.get(vector.subs[0].single or "")):
        return ""
    count, long = lengths.find(upper), lengths.find(shape_of(guess, lengths, vector)[0])
    shape = tuple(map(lengths.find, shape_of(guess, lengths, name)))
    rows = shape == (count, long) and not stacked(guess, name, quantities)
    return key if count != long and (rows or shape == (long, count)) else ""


def stacked(guess: Guess, name: Name, quantities: dict[str, Name]) -> bool:
    """Whether it is the matrix whose rows are vectors of the text: X beside x_n, of no shape or of as many rows."""
    row = quantities.get(typeset(Name(name.base.lower())))
    if name.base in guess.generic:
        return False
    if name.base.islower() or name.subs or row is None or guess.ranks.get(key_of(guess, row)) != 1:
        return False
    rows = guess.shapes.get(key_of(guess, name), "").partition(TIMES)[0]
    over = [s.single or "" for s in (*row.subs, *row.sups)]
    return any(
        counts_objects(guess, letter, upper) and rows in ("", upper)
        for letter in over
        if (upper := guess.indices.get(letter, ""))
    )


def inside(guess: Guess, name: Name, quantities: dict[str, Name]) -> bool:
    """Whether it is an entry of a matrix of the text: a_{kj} beside A."""
    matrix = quantities.get(typeset(Name(capital(name.base))))
    entry = name.base.islower() and len(name.subs) == 2 and all(is_index(guess, item) for item in name.subs)
    return entry and matrix is not None and guess.ranks.get(key_of(guess, matrix)) == 2


def is_only_formal(guess: Guess, base: str) -> bool:
    """The t of ``φ(x; t) = …``, which is put in at t_j: bare it stands in no other line."""
    lines = [sides for sides in guess.chains if any(name == Name(base) for name in names_in(guess, sides))]
    own = all(typeset(Name(base)) in formals_of(sides) for sides in lines)
    return own and any(name.base == base and name.subs for name in names_of(guess))


def _variables(guess: Guess) -> set[str]:
    """By what is differentiated, what the defined functions name as arguments, or letters that are usually weights."""
    found: set[str] = set()
    for sides in guess.chains:
        for side in sides:
            for node in walk(side):
                if isinstance(node, Deriv):
                    by: Node = node.by
                    while not isinstance(by, Name) and by.children:
                        by = by.children[0]
                    if isinstance(by, Name) and by.base != "?":
                        found.add(by.base)
    given = {
        name.base
        for name in names_of(guess)
        for item in (*name.subs, *name.sups)
        if item.single and counts_objects(guess, item.single, guess.indices.get(item.single, ""))
    }
    own = {base for base in guess.formals if is_only_formal(guess, base)}
    found |= set(guess.formals) - given - own  # what differs from object to object is no parameter
    found -= set(guess.defined)
    return found or {base for base in _PARAMETERS if any(n.base == base for n in names_of(guess))}
