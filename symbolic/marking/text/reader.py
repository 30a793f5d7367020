"""A LaTeX source as chains of '=': which formulas stand in it, and where.

A *chain* is ``side = side = …``; a *link* is one '=' with the side after it.  Chains may run over rows of
an ``align``, with '=' at the end of a row, at the start of the next, or both.  Text between formulas
is skipped as text; in a formula nothing is dropped in silence: what is left out (index ranges such as
``j = 1, …, M``, the set of the sample, ``→ min``) is kept as a :class:`Remark`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from symbolic.marking.text.active_branches import with_active_branches
from symbolic.marking.text.adjoint_bars import with_adjoint_bars
from symbolic.marking.text.arguments_below import with_arguments_below
from symbolic.marking.text.braces import braced
from symbolic.marking.text.bracket_names import with_named_brackets
from symbolic.marking.text.capitals import with_names_in_capitals
from symbolic.marking.text.cases_in_words import with_cases_in_words
from symbolic.marking.text.chains import Chain, Remark, Side, chain_tokens
from symbolic.marking.text.class_probabilities import with_class_probabilities
from symbolic.marking.text.compositions import with_written_compositions
from symbolic.marking.text.cutting import NOTHING_BEFORE, chains_of, is_condition
from symbolic.marking.text.densities import with_called_divergence, with_normal_densities
from symbolic.marking.text.double_names import with_single_names
from symbolic.marking.text.functions_of_a_dot import with_functions_of_a_dot
from symbolic.marking.text.gradients_by_letter import with_gradients_by_letter
from symbolic.marking.text.gram_matrices import with_entries_for_kernels
from symbolic.marking.text.increments import with_differentials_for_increments
from symbolic.marking.text.index_sets import with_index_sets
from symbolic.marking.text.joined_pieces import with_joined_pieces
from symbolic.marking.text.labelled_functions import without_labels_of_functions
from symbolic.marking.text.labels_of_optima import with_stars_for_labels
from symbolic.marking.text.listed_diagonals import with_vectors_on_diagonals
from symbolic.marking.text.macros import Expanded, blanked_at, expanded
from symbolic.marking.text.minimised import with_posed_problems
from symbolic.marking.text.moments import without_moment
from symbolic.marking.text.named_arguments import with_named_arguments
from symbolic.marking.text.named_products import with_named_products
from symbolic.marking.text.named_summands import with_named_summands
from symbolic.marking.text.nested_families import with_flat_families
from symbolic.marking.text.numbered_lines import with_lines_for_each_number
from symbolic.marking.text.overloaded_functions import with_names_of_their_own
from symbolic.marking.text.plain_notation import as_plain_text
from symbolic.marking.text.plain_steps import with_plain_steps
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.regions import DISPLAYS, regions, without
from symbolic.marking.text.rows import statements
from symbolic.marking.text.set_aside import without_model
from symbolic.marking.text.shared_conditions import with_own_conditions
from symbolic.marking.text.shared_functions import with_shared_functions
from symbolic.marking.text.signs_as_labels import with_letters_for_signs
from symbolic.marking.text.small_transposes import with_transposes
from symbolic.marking.text.surroundings import (
    lines_in_words,
    looks_like_a_formula,
    notebook_text,
    with_symbols_in_code,
    without_code,
    without_prose,
)
from symbolic.marking.text.tables_of_values import with_tables
from symbolic.marking.text.tokens import Token, tokenize
from symbolic.marking.text.worded_definitions import with_worded_definitions
from symbolic.marking.text.worded_gradients import with_worded_gradients
from symbolic.marking.text.worded_preactivations import with_named_preactivations
from symbolic.marking.text.worded_ranges import worded_ranges
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Document:
    """A source cut into its header and its chains."""

    source: str
    header: tuple[tuple[int, str], ...] = ()
    chains: tuple[Chain, ...] = ()
    remarks: tuple[Remark, ...] = field(default=())
    #: What the person typed, before commands were written out, and what of it was not read.
    typed: str = ""
    expanded: Expanded = field(default_factory=lambda: Expanded(""))
    passed_over: tuple[Text, ...] = ()

    def place(self, span: Span) -> tuple[int, int]:
        """Line and column of the start of a span, both from 1."""
        at = self.expanded.place(span[0])
        before = self.typed[:at]
        return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1

    def text(self, span: Span) -> str:
        """A piece as the person typed it, without remarks behind a %."""
        start, last = self.expanded.place(span[0]), self.expanded.place(max(span[1] - 1, span[0]))
        sized = _SIZED.search(self.typed, max(start - _LONGEST_SIZE, 0), start)
        start = sized.start() if sized is not None else start  # \left( … \right) is one pair
        whole = self.typed[start : last + 1] if span[1] > span[0] else ""
        if self.expanded.origin and (end := _end_of_call(self.typed, last)) > last:
            whole = self.typed[start:end]
        return " ".join(_COMMENT.sub(r"\1", whole).split())

    def before(self, span: Span) -> str:
        """The words before a piece, without the signs that open it."""
        return re.sub(
            r"(?:\\\[|\$+|\\\(|\\begin\{\w+\*?\}|[\s{}&,:]|\\(?:text|mbox|quad|qquad|,|left|[bB]igg?l?))+$",
            "",
            self.near(span),
        )

    def near(self, span: Span) -> str:
        """What stands just before a piece, as it stands."""
        return self.source[max(span[0] - _NEAR, 0) : span[0]]

    def behind(self, span: Span) -> str:
        """What follows a piece."""
        return self.source[span[1] : span[1] + _NEAR]


_INNER = re.compile(r"\\(?:begin|end)\s*\{(?:" + DISPLAYS + r"|array)\*?\}(?:\[[a-z]\])?(?:\{[^}]*\})?")
#: So many characters before a formula may say something about it.
_NEAR = 400
_SYSTEM = re.compile(
    r"\s*\\begin\{[dr]?cases\}(?P<rows>(?:(?!\\begin\{[dr]?cases\}).)*)\\end\{[dr]?cases\}[\s.,]*", re.DOTALL
)
_SIZED = re.compile(r"\\(?:left|[bB]igg?[lm]?)\s*\Z")
_LONGEST_SIZE = 12
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")


def read(source: str, whole: bool = True) -> Document:
    """Cut a source into header lines and chains.  Raises nothing: problems stay with their sides.

    ``whole``: False for a formula of a header, whose names mean what other lines of it say.
    """
    typed = notebook_text(source)
    written = expanded(with_symbols_in_code(typed))
    source = written.text
    header = tuple(
        (number, line.lstrip()[2:].strip())
        for number, line in enumerate(source.splitlines(), 1)
        if line.lstrip().startswith("%!")
    )
    text = _COMMENT.sub(lambda m: m.group(1) + " " * (len(m.group()) - len(m.group(1))), source)
    start = text.find(r"\begin{document}")
    end = text.find(r"\end{document}")
    first = start + len(r"\begin{document}") if start >= 0 else 0
    last = end if end >= 0 else len(text)
    text, passed, fenced = without_code(text)
    plain = not fenced and next(regions(text, first, last), None) is None
    in_plain_text = plain
    if plain:
        text = without_prose(text, first, last)
    else:
        passed += formulas_outside(text, first, last, fenced)
    displays = sorted([*_regions(text, first, last, bool(fenced)), *((span, False) for span in fenced)])
    plain = plain and r"\\" not in text
    chains: list[Chain] = []
    remarks: list[Remark] = []
    hints: list[tuple[Token, ...]] = []
    ranges = [*worded_ranges(text)]
    lasting: tuple[tuple[Token, ...], ...] = ()
    for span, inline in displays:
        if inline and any(start <= span[0] < end for start, end in ranges):
            remarks.append(Remark("range", span))
            continue
        for chain in _chains(text, span, remarks, plain, inline):
            if inline and is_condition(tokens := chain_tokens(chain)):
                lasting = (tokens,) if is_lasting(text, tokens) else ()
                hints = [*(() if lasting else hints), tokens]  # what is assumed takes the place of another case
                if chains and _CONDITION_WORDS.fullmatch(text[chains[-1].sides[-1].span[1] : tokens[0].span[0]]):
                    chains[-1] = replace(chains[-1], hints=(*chains[-1].hints, tokens))
            if inline and len(chain.sides) == 1 and not is_set(text, chain):
                remarks.append(Remark("inline", chain.sides[0].span))
            else:
                beside, said = chain.beside or inline, _said_before(text, hints, chain) if inline else tuple(hints)
                if inline and not said and chains and chains[-1].inline:
                    between = text[chains[-1].sides[-1].span[1] : chain.sides[0].span[0]]
                    said = chains[-1].hints if _NEXT_ITEM.fullmatch(between) else said
                said = (*said, *(one for one in lasting if one not in said)) if not inline else said
                chains.append(replace(chain, inline=inline, beside=beside, hints=said))
                if inline and said and said[-1] != chain_tokens(chain):
                    hints = []  # its condition was that formula's own
        if not inline:
            hints = []
    if plain:
        chains = [*with_conditions_in_words(source, chains)]
    passed_over = lines_in_words(source, passed)
    pieces = with_cases_in_words(text, with_own_conditions(with_written_compositions(joined(chains))))
    chains = with_worded_definitions(source if in_plain_text else text, with_joined_pieces(text, pieces))
    chains = with_normal_densities(with_named_arguments(text, chains))
    chains = with_named_preactivations(text, with_worded_gradients(text, with_named_brackets(text, chains)))
    if whole and not header:
        chains = with_stars_for_labels(with_letters_for_signs(without_labels_of_functions(chains)))
        chains = with_lines_for_each_number(text, with_functions_of_a_dot(text, chains))
        chains = with_names_of_their_own(text, with_transposes(chains))
        chains = with_named_products(with_differentials_for_increments(chains))
        chains = with_entries_for_kernels(source, chains, " ".join(line for _, line in header))
        chains = with_tables(with_shared_functions(without_moment(with_vectors_on_diagonals(chains))))
    chains = with_gradients_by_letter(source, with_adjoint_bars(with_active_branches(source, chains)))
    chains = with_names_in_capitals([with_called_divergence(chain) for chain in chains])
    chains = with_flat_families(with_index_sets(with_arguments_below(with_class_probabilities(chains))))
    every = with_plain_steps(with_named_summands(with_posed_problems(with_single_names(chains))))
    return Document(source, header, tuple(every), tuple(remarks), typed, written, passed_over)


#: ``and for j ≠ k the penalty says nothing:``, before a formula of plain text; ``when L > 0:`` before several.
_IN_CASE = r"\b(?:for|if|when|при|если|для|когда)\s+"
_UNEQUAL = re.compile(rf"{_IN_CASE}(?P<said>[a-z]\s*(?:≠|!=)\s*[a-z])(?![\w(])", re.IGNORECASE)
_BEYOND = re.compile(rf"{_IN_CASE}(?P<said>[a-z]\w?\s*[<>≤≥]\s*-?\d)\s*:", re.IGNORECASE)
_ENDS_CASE = re.compile(
    r"\b(?:otherwise|else|иначе|в противном случае)\b|" + _IN_CASE + r"\w+\s*[<>≤≥=≠]", re.IGNORECASE
)


def with_conditions_in_words(source: str, chains: list[Chain]) -> Iterator[Chain]:
    """Each chain with the conditions that the words between it and the one before make."""
    behind = 0
    lasting: tuple[tuple[Token, ...], ...] = ()
    for chain in chains:
        start = chain.sides[0].span[0]
        if _ENDS_CASE.search(source, behind, start):
            lasting = ()
        spans = [[m.span("said") for m in said.finditer(source, behind, start)] for said in (_UNEQUAL, _BEYOND)]
        here, beyond = (tuple(tuple(tokenize(source, *span)) for span in found) for found in spans)
        lasting = beyond or lasting
        yield replace(chain, hints=(*chain.hints, *here, *lasting))
        behind = chain.sides[-1].span[1]


#: Behind a condition under which several displays stand: ``When $L > 0$:``, and ``Let $m > 0$. Then``.
_OF_A_LIST = re.compile(r"\s*(?:\$|\\\))\s*:\s*(?:\n|\$\$|\\\[|\\begin)")
_ASSUMED = re.compile(
    r"\b(?:let|suppose|assume|assuming|пусть|предположим|допустим|положим)(?:\s+(?:that|now|что|теперь)){0,2}"
    r"\s+(?:\$|\\\()\s*\Z",
    re.IGNORECASE,
)
_CONCLUDED = re.compile(r"\s*(?:\$|\\\))\s*[.,;:]?\s+(?:then|тогда)\b", re.IGNORECASE)


def is_lasting(text: str, condition: Sequence[Token]) -> bool:
    """Whether a condition counts for all displays behind it, until another one is said."""
    start, end = condition[0].span[0], condition[-1].span[1]
    assumed = _ASSUMED.search(text, max(start - _NEAR, 0), start) and _CONCLUDED.match(text, end)
    return bool(assumed or _OF_A_LIST.match(text, end))


#: What sets the name before it: $w \\leftarrow w - \\dots$.
_ARROW = re.compile(r"(?:\\leftarrow|\\gets|\\longleftarrow)[\s&]*$")


def is_set(text: str, chain: Chain) -> bool:
    """Whether a formula stands behind an arrow."""
    start = chain.sides[0].span[0]
    return _ARROW.search(text, max(start - 24, 0), start) is not None


def _said_before(text: str, hints: list[tuple[Token, ...]], chain: Chain) -> tuple[tuple[Token, ...], ...]:
    """The condition that the words put just before a formula: for k ≠ l: …"""
    if not hints or len(chain.sides) < 2:
        return ()
    last = hints[-1]
    between = text[last[-1].span[1] : chain.sides[0].span[0]]
    before = text[max(last[0].span[0] - _NEAR, 0) : last[0].span[0]]
    return (last,) if _CONDITIONAL.search(before) and _JUST_AFTER.fullmatch(between) else ()


#: Before a condition: for $k \ne l$, where $\xi_i > 0$, on objects with $\xi_i > 0$.
_CONDITIONAL = re.compile(
    r"\b(?:for|if|when(?:ever)?|where(?:ver)?|case|provided|while|with|при|если|для|случа\w+|где|когда|пока|с)\W*(?:\$|\\\()?\s*$",
    re.IGNORECASE,
)
#: Between two items of a list, which stand under one condition: bullets, or an "and".
_NEXT_ITEM = re.compile(
    r"(?:\$|\\\))?(?:[\s.,;]*\n\s*(?:[-*•]|\\item|\(?\w[.)])|\s*,?\s*(?:and|as well as|и|а также))\s*(?:\$|\\\()?",
    re.IGNORECASE,
)
_JUST_AFTER = re.compile(
    r"\s*(?:\$|\\\))?[\s,:;—–-]*(?:we (?:have|get|find|obtain)|then|it is|so|имеем|получаем|то)?[\s,:]*(?:\$|\\\()?\s*",
    re.IGNORECASE,
)
#: What stands between a formula and the condition that the words behind it make: the sentence goes on.
_CONDITION_WORDS = re.compile(
    r"[\s,;]*(?:\\\]|\$\$?|\\end\{\w+\*?\}|\\\))?[\s,(]*(?:if|when|for|where|whenever|provided|with|at|если|при|для|когда)"
    r"(?:\s+(?:all|any|the case|все|всех))?[\s:]*(?:\$|\\\()?\s*"
)


def joined(chains: list[Chain]) -> list[Chain]:
    """A display that begins with '=' goes on with the chain before it."""
    found: list[Chain] = []
    for chain in chains:
        first = chain.sides[0]
        goes_on = not first.tokens and first.problem is not None and first.problem.said == NOTHING_BEFORE
        if goes_on and found and len(chain.sides) > 1:
            found[-1] = replace(found[-1], sides=(*found[-1].sides, *chain.sides[1:]))
        else:
            found.append(chain)
    return found


def formulas_outside(text: str, first: int, last: int, fenced: list[Span]) -> list[Span]:
    """Lines that look like formulas and stand in no delimiters."""
    inside = sorted([*(region.whole for region in regions(text, first, last)), *fenced])
    found: list[Span] = []
    place, behind = first, 0
    for line in text[first:last].splitlines(keepends=True):
        span = (place, place + len(line.rstrip()))
        while behind < len(inside) and inside[behind][1] <= span[0]:
            behind += 1
        apart = behind == len(inside) or inside[behind][0] >= span[1]
        if apart and looks_like_a_formula(line):
            found.append(span)
        place += len(line)
    return found


def _end_of_call(text: str, at: int) -> int:
    """Behind a command that was written out, with its arguments."""
    call = re.compile(r"\\[A-Za-z]+\*?(?:\s*\[[^\]]*\])?").match(text, at)
    if call is None:
        return at
    end = call.end()
    while text[end : end + 1] == "{" and (behind := braced(text, end)) is not None:
        end = behind
    return end


def _regions(text: str, first: int, last: int, fenced: bool = False) -> list[tuple[Span, bool]]:
    """Where the mathematics is; the whole text when nothing marks it."""
    found: list[tuple[Span, bool]] = []
    for region in regions(text, first, last):
        start, end = region.inside
        if "alignat" in region.name:
            options = re.compile(r"\s*\{\d+\}|\s*\[[a-z]\]").match(text, start, end)
            start = options.end() if options else start
        found.append(((start, end), region.kind in ("inline", "parens")))
    if not found and not fenced and text[first:last].strip():
        return [((first, last), False)]
    displayed = [region for region in found if not region[1]]
    if not displayed and len(found) == 1 and not re.search(r"[A-Za-zА-Яа-я]{4,}", without(text[first:last])):
        return [(found[0][0], False)]  # a single $…$ is the whole submission
    return found


def _chains(text: str, span: Span, remarks: list[Remark], plain: bool = False, inline: bool = False) -> list[Chain]:
    """The chains of one display; in plain text without any LaTeX a line is a row."""
    blank = _INNER.sub(lambda m: " " * len(m.group()), text[span[0] : span[1]])
    if (system := _SYSTEM.fullmatch(blank)) is not None:  # a brace before several equations
        equations = blank[system.start("rows") : system.end("rows")]
        if all("=" in equation for equation in re.split(r"\\\\", equations) if equation.strip()):
            blank = " " * system.start("rows") + equations + " " * (len(blank) - system.end("rows"))
    if blank != text[span[0] : span[1]]:
        text = text[: span[0]] + blank + text[span[1] :]
    if plain:
        text = _ASIDE.sub(lambda m: f"{' ' * len(m['prose'])}\n{m['aside']}\n", text)
        text = re.sub(r":(?=[ \t]*$)", " ", text, flags=re.MULTILINE)
    try:
        tokens = tokenize(text, *span)
    except NotUnderstood as problem:
        line = line_of(text, span, problem.span[0])
        if not plain or line == span:
            return _salvaged(text, span, remarks, problem)
        others = _chains(blanked_at(text, [line]), span, remarks, plain)
        every = [*_salvaged(text, line, remarks, problem), *others]
        return sorted(every, key=lambda chain: chain.sides[0].span)
    if plain:
        tokens = as_plain_text(text, tokens)
        pairs = zip(tokens, [None, *tokens], strict=False)
        breaks = {k for k, (t, before) in enumerate(pairs) if before and "\n" in text[before.span[1] : t.span[0]]}
        rows = [[Token("row", "\n", t.span), t] if k in breaks else [t] for k, t in enumerate(tokens)]
        tokens = [token for row in rows for token in row]
    meant = (without_model(one, remarks) if inline else one for one in statements(tokens))
    return [chain for statement in meant for chain in chains_of(statement, remarks)]


def line_of(text: str, span: Span, at: int) -> Span:
    """The line of a piece in which a place is."""
    before, behind = text.rfind("\n", span[0], at), text.find("\n", at, span[1])
    return (before + 1 if before >= 0 else span[0], behind if behind >= 0 else span[1])


#: What prose says in brackets: W symmetric (w_ij = w_ji).
_ASIDE = re.compile(r"^(?P<prose>[^=(\n]*[^\W\d_]{4,}[ \t]*)\((?P<aside>[^()=\n]*=[^()=\n]*)\)", re.MULTILINE)


def _salvaged(text: str, span: Span, remarks: list[Remark], problem: NotUnderstood) -> list[Chain]:
    """A display with a character no formula has: cut at '=' signs by hand, so that the other links are read."""
    sides: list[Side] = []
    start = span[0]
    cuts = list(re.finditer(r"=[\s&]*(?:\\\\)?[\s&]*=?", text[span[0] : span[1]]))
    for low, high in [(span[0] + m.start(), span[0] + m.end()) for m in cuts] + [(span[1], span[1])]:
        piece = (start, low)
        try:
            tokens = [t for t in tokenize(text, *piece) if not t.is_sign("&") and t.kind != "row"]
            sides.append(Side(tuple(tokens), piece))
        except NotUnderstood as found:
            sides.append(Side((), piece, found))
        start = high
    return [Chain(tuple(sides))] if len(sides) > 1 else [Chain((Side((), span, problem),))]
