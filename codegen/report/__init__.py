"""The report of a network: a LaTeX document, slides, a page for a browser, a sheet with blanks.

Everything in it is a view of what was derived and checked (``codegen.report.content``); templates hold no
mathematics.  The text is the same from run to run: it has no date and no path.
What only one medium needs is imported where it is written: exercises are marked, and marking takes long to load.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from codegen.files import folder, write
from codegen.report import tex
from codegen.report.blank_levels import LEVELS, Level
from codegen.report.blocks import Part
from codegen.report.content import CHOICE, Choice, Content, called, content
from codegen.report.document import DEFAULT, SECTIONS, document
from codegen.report.point import DIGITS, drawn, read
from symbolic import words
from symbolic.errors import SpecError
from symbolic.network.network import Described, Network
from symbolic.network.objective import build_objective
from symbolic.network.order import weights
from symbolic.notation.style import Style
from symbolic.words import Language, Text

__all__ = ["FORMATS", "Choice", "Options", "content", "report", "texts", "weights", "write_report"]

Format: TypeAlias = Literal["tex", "pdf", "slides", "html", "svg", "tikz", "dot", "moodle", "notebook"]
#: The widths of a fragment that formulas can be broken for, in millimetres.
NARROWEST, WIDEST = 90.0, 400.0
FORMATS: tuple[Format, ...] = get_args(Format)
#: What only draws the network.
PICTURES: tuple[Format, ...] = ("svg", "tikz", "dot")
#: What an exercise can be written as; the last two are exercises only.
EXERCISES: tuple[Format, ...] = ("tex", "pdf", "html", "moodle", "notebook")


@dataclass(frozen=True, slots=True)
class Options:
    """What is written and how.  ``blanks`` makes it a sheet; ``answers`` adds its key; ``title`` is plain text."""

    format: Format = "tex"
    lang: Language = "en"
    notation: str = "lecture"
    fragment: bool = False
    blanks: str | None = None
    answers: bool = False
    #: What a blank hides: a factor, a line, or all lines; and the seed that chooses where there is a choice.
    level: Level = "line"
    seed: int = 0
    title: str | None = None
    engine: str | None = None
    #: A worked example in numbers, drawn or from a file, with so many significant digits.
    numbers: bool = False
    data: Path | None = None
    digits: int = DIGITS
    #: Slides: each step of a derivation on a page of its own.
    overlays: bool = False
    #: The parts of the report, of ``SECTIONS``; none: all but the optimised program, the catalogue of
    #: optimizers and the errors of a recurrence step by step.
    sections: tuple[str, ...] = ()
    choice: Choice = CHOICE
    #: The width of lines in millimetres; none: the page's own, of a fragment that of LaTeX's article.
    width: float | None = None

    def __post_init__(self) -> None:
        """Refuse what does not go together."""
        if self.fragment and self.format != "tex":
            raise SpecError(
                Text(
                    f"a fragment is TeX to be read by another document; --fragment has no {self.format}",
                    f"фрагмент — это TeX для другого документа; с --fragment не бывает {self.format}",
                )
            )
        exercise = bool(self.blanks or self.answers)
        if exercise and (self.fragment or self.format not in EXERCISES):
            raise SpecError(
                Text(
                    f"a sheet with blanks has --format {', '.join(EXERCISES)}, and no --fragment",
                    f"лист с пропусками бывает с --format {', '.join(EXERCISES)} и без --fragment",
                )
            )
        if not exercise and (self.format in ("moodle", "notebook") or self.level != "line" or self.seed):
            raise SpecError(
                Text(
                    "an exercise says which lines are blanks: --blanks all, odd, even, last, random or 5,7-9",
                    "в упражнении нужно сказать, какие строки пропущены: --blanks all, odd, even, last, "
                    "random или 5,7-9",
                )
            )
        if self.level not in LEVELS:
            raise SpecError(
                Text(
                    f"level: got {self.level!r}, there are {', '.join(LEVELS)}",
                    f"level: дано {self.level!r}, а есть {', '.join(LEVELS)}",
                )
            )

        if strangers := [key for key in self.sections if key not in SECTIONS]:
            raise SpecError(
                Text(
                    f"sections: there is no {strangers[0]!r}; there are {', '.join(SECTIONS)}",
                    f"sections: раздела {strangers[0]!r} нет; есть {', '.join(SECTIONS)}",
                )
            )
        if self.width is not None and not self.fragment:
            raise SpecError(
                Text(
                    "--width is that of a fragment's lines; give it together with --fragment",
                    "--width — ширина строк фрагмента; задайте её вместе с --fragment",
                )
            )
        if self.width is not None and not NARROWEST <= self.width <= WIDEST:
            raise SpecError(
                Text(
                    f"--width: got {self.width:g} mm, {NARROWEST:g} to {WIDEST:g} mm are needed",
                    f"--width: дано {self.width:g} мм, а нужно от {NARROWEST:g} до {WIDEST:g} мм",
                )
            )

    @property
    def shown(self) -> tuple[str, ...]:
        """The sections that are written."""
        return self.sections or DEFAULT

    @property
    def compiled(self) -> bool:
        return self.format in ("pdf", "slides")


def report(network: Network, lang: Language = "en", notation: str = "lecture", fragment: bool = False) -> str:
    """The document's text."""
    return document(content(network, notation), lang, fragment, sections=DEFAULT)


def numbers_of(network: Network, style: Style, options: Options) -> Part:
    """The worked example of a network; ``SpecError`` says what in the file of its data cannot be used."""
    from codegen.report.numbers import example, worked

    objective = build_objective(network)
    if any(function.kind == "generic" for function in called(objective)):
        raise SpecError(
            Text(
                f"--numbers: a function of {network.name!r} has no formula, so it has no numbers",
                f"--numbers: у одной из функций сети {network.name!r} нет формулы, а потому нет и чисел",
            )
        )
    point = read(options.data, objective) if options.data is not None else drawn(objective)
    return example(worked(objective, point, style, options.digits))


def texts(shown: Content, options: Options) -> dict[str, str]:
    """The files to be written, by the end of their names."""
    suffix = "" if options.lang == "en" else f".{options.lang}"
    if options.blanks or options.answers:
        which = options.blanks or "all"
        if options.format not in ("tex", "pdf"):
            return exercises(shown, which, options)
        from codegen.report.exercise import items
        from codegen.report.sheet import sheet

        found = {}
        chosen = items(shown, which, options.level, options.seed, options.lang)
        if options.blanks:
            found[f".sheet{suffix}.tex"] = sheet(shown, chosen, options.lang, title=options.title)
        if options.answers:
            found[f".key{suffix}.tex"] = sheet(shown, chosen, options.lang, answers=True, title=options.title)
        return found
    match options.format:
        case "html":
            from codegen.report.page import page

            return {f"{suffix}.html": page(shown, options.lang, options.title, options.shown)}
        case "slides":
            from codegen.report.slides import slides

            return {f".slides{suffix}.tex": slides(shown, options.lang, options.title, options.overlays, options.shown)}
    end = f".fragment{suffix}.tex" if options.fragment else f"{suffix}.tex"
    sections, width = options.shown, options.width
    text = document(shown, options.lang, options.fragment, options.title, sections=sections, width=width)
    return {end: text}


def exercises(shown: Content, which: str, options: Options) -> dict[str, str]:
    """The files of an exercise that is no document of LaTeX, by the end of their names."""
    from codegen.report.exercise import items
    from codegen.report.exercise_files import moodle, notebook, webpage

    suffix = "" if options.lang == "en" else f".{options.lang}"
    offered = options.format in ("moodle", "html") and options.level != "factor"
    found = items(shown, which, options.level, options.seed, options.lang, choices=offered)
    title = options.title or words.SHEET_TITLE.format(name=shown.network.name).text(options.lang)
    match options.format:
        case "moodle":
            return {f".moodle{suffix}.xml": moodle(shown, found, options.lang, title)}
        case "notebook":
            made, end = notebook, "ipynb"
        case _:
            made, end = webpage, "html"
    files = {f".sheet{suffix}.{end}": made(shown, found, options.lang, title)} if options.blanks else {}
    if options.answers:
        files[f".key{suffix}.{end}"] = made(shown, found, options.lang, title, True)
    return files


def write_report(
    network: Described, output: Path | str, lang: Language = "en", pdf: bool = False, options: Options | None = None
) -> list[Path]:
    """Write the document, and its PDF when asked for; returns the files.

    ``options`` say more than ``lang`` and ``pdf`` and come before them.  Raises
    :class:`codegen.report.tex.TexError` when a PDF is wanted and there is no engine or it refuses.
    """
    network = Network.of(network)
    options = options or Options("pdf" if pdf else "tex", lang)
    program = None
    if options.compiled:
        program = tex.engine(options.engine) if options.engine else tex.engine()
        if program is None:
            raise tex.TexError(tex.ADVICE)
    if options.format in PICTURES:
        from codegen.report.export import pictures

        drawn = pictures(network, options.format, options.lang, options.notation)
        return [write(folder(Path(output)) / f"{network.name}{end}", text) for end, text in drawn.items()]
    page_with_keys = options.format == "html" and not (options.blanks or options.answers)
    shown = content(network, options.notation, options.choice, page_with_keys)
    if options.numbers or options.data is not None:
        shown = replace(shown, parts=(*shown.parts, numbers_of(network, shown.style, options)))
    written = texts(shown, options)
    files: list[Path] = []
    for end, text in written.items():
        source = write(folder(Path(output)) / f"{network.name}{end}", text)
        files.append(source)
        if options.compiled:
            files.append(tex.compile_pdf(source, program))
    return files
