"""The lecture written down: as a document, as slides, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from codegen.files import folder, write
from codegen.report import blocks_html, blocks_tex, tex
from codegen.report.document import BABEL, ENCODINGS, WHY_WIDTH, environment
from codegen.report.lecture import lecture
from codegen.report.lecture_words import TITLE
from codegen.report.page import environment as environment_of_pages
from codegen.report.slides import WHY_WIDTH as WHY_WIDTH_OF_SLIDES
from codegen.version import VERSION
from symbolic import words
from symbolic.words import Language

Format: TypeAlias = Literal["pdf", "slides", "html", "tex"]
#: The name of its files, without what they end in.
NAME = "lecture"


def lecture_text(format: Format = "tex", lang: Language = "ru", overlays: bool = False) -> str:
    """The whole lecture in one language: LaTeX, or for ``html`` a page."""
    parts = lecture()
    title = TITLE.text(lang)
    if format == "html":
        template = environment_of_pages().get_template("lecture.html.j2")
        shown = [blocks_html.part(one, lang) for one in parts]
        spoken = {"becomes": words.BECOMES.text(lang), "steps": words.STEPS.text(lang)}
        return template.render(lang=lang, version=VERSION, title=title, parts=shown, words=spoken)
    setting = {"version": VERSION, "encodings": ENCODINGS[lang], "babel": BABEL[lang], "title": title}
    if format == "slides":
        template = environment().get_template("lecture-slides.tex.j2")
        frames = list(blocks_tex.frames(parts, lang))
        return template.render(**setting, why_width=WHY_WIDTH_OF_SLIDES, overlays=overlays, frames=frames).lstrip()
    template = environment().get_template("lecture.tex.j2")
    return template.render(**setting, why_width=WHY_WIDTH, body=blocks_tex.article(parts, lang)).lstrip()


def write_lecture(
    output: Path, format: Format = "pdf", lang: Language = "ru", *, overlays: bool = False, engine: str | None = None
) -> list[Path]:
    """Write it into the folder ``output``, and its PDF where the format has one; the paths.

    Raises :class:`codegen.report.tex.TexError` when a PDF is wanted and there is no engine or it refuses.
    """
    compiled = format in ("pdf", "slides")
    program = tex.engine(engine) if compiled else None
    if compiled and program is None:
        raise tex.TexError(tex.ADVICE)
    suffix = "" if lang == "ru" else f".{lang}"
    end = {"html": ".html", "slides": ".slides.tex"}.get(format, ".tex")
    base = f"{NAME}{suffix}{end}" if format != "slides" else f"{NAME}.slides{suffix}.tex"
    source = write(folder(output) / base, lecture_text(format, lang, overlays))
    return [source, tex.compile_pdf(source, program)] if compiled else [source]
