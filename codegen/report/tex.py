"""Finding a TeX engine and running it; what goes wrong comes back as one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from codegen.files import write

#: How long one run of the engine may take, in seconds, and how many runs references may need.
PATIENCE = 180
RUNS = 3
#: What a document is called while TeX reads it: whatever its own name is, this one has no sign that means something.
_NAME = "document.tex"
#: The engines that a report compiles with, the first choice first.
ENGINES = ("pdflatex", "xelatex")

ADVICE = (
    "no TeX engine was found, so no PDF was made; on Debian or Ubuntu `apt-get install texlive-latex-extra "
    "texlive-pictures texlive-lang-cyrillic cm-super` brings pdflatex"
)


class TexError(ValueError):
    """A document that TeX refuses; the message is one line."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF and the log of the run that made it."""

    pdf: bytes
    log: str

    def overfull(self, tolerance: float = 0.0) -> list[str]:
        """What stands over the margin, or below the page, by more than so many points."""
        found = re.findall(r"Overfull \\([hv]box) \((\d+\.?\d*)pt too (?:wide|high)\)([^\n]*)", self.log)
        return [f"{kind} {points}pt{place}" for kind, points, place in found if float(points) > tolerance]


def engine(name: str | None = None) -> str | None:
    """The path of an engine, the first of :data:`ENGINES` that is installed when none is named; None without any.

    Raises :class:`TexError` for a name that is no engine, or one that is not installed.
    """
    if name is None:
        return next((path for path in map(shutil.which, ENGINES) if path), None)
    if name not in ENGINES:
        raise TexError(f"{name!r} is no engine of TeX that is known here; there are {', '.join(ENGINES)}")
    if (path := shutil.which(name)) is None:
        raise TexError(f"{name} is not installed; leave --engine out to take what there is")
    return path


def compile_pdf(source: Path, program: str | None = None) -> Path:
    """Compile ``source`` to a PDF beside it and return the PDF's path.

    Raises :class:`TexError` when there is no engine, when TeX stops, or when a character is missing from the
    fonts: a page with holes is not a report.
    """
    program = program or engine()
    if program is None:
        raise TexError(ADVICE)
    return write(source.with_suffix(".pdf"), typeset(source, program).pdf)


def typeset(source: Path, program: str) -> Typeset:
    """Run the engine as often as references need, in a folder of its own: no .aux and .log are left behind.

    It cannot run programs, nor read or write outside; its PDF carries no time of day.
    """
    with tempfile.TemporaryDirectory(prefix="chainrule-tex-") as work:
        for _ in range(RUNS):
            log = _run(program, source, Path(work))
            if not re.search(r"Rerun (?:to|LaTeX)", log):
                break
        missing = re.search(r"Missing character: There is no (.+?) in font (.+?)!", log)
        if missing:
            raise TexError(f"{source}: the font {missing[2]} has no character {missing[1]}")
        made = (Path(work) / _NAME).with_suffix(".pdf")
        if not made.is_file():
            raise TexError(f"{source}: {program} made no PDF; its log is {_kept(log, source)}")
        return Typeset(made.read_bytes(), log)


def _run(program: str, source: Path, work: Path) -> str:
    """One run of the engine; returns its log."""
    shutil.copy(source, work / _NAME)
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "max_print_line": "10000",
        "openin_any": "p",
        "openout_any": "p",
    }
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", _NAME]
    try:
        done = subprocess.run(
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise TexError(f"{source}: TeX did not finish within {PATIENCE} seconds") from None
    except OSError as error:
        raise TexError(f"{program} cannot be run: {error.strerror}") from None
    log = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise TexError(f"{source}: TeX stopped: {first_error(log)}; its log is {_kept(log, source)}")
    return log


def _kept(log: str, source: Path) -> str:
    """Where the log of a run that failed can be read: among the temporary files, not beside the document."""
    handle, path = tempfile.mkstemp(prefix=f"{source.stem}-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(log)
    return path


def first_error(log: str) -> str:
    """TeX's first complaint and the line of the source it points at, in one line.

    >>> first_error("This is pdfTeX\\n! Undefined control sequence.\\nl.12 \\\\foo\\n          bar")
    'Undefined control sequence. (line 12: \\\\foo)'
    """
    complaint = re.search(r"^! (.+)$", log, re.MULTILINE)
    if complaint is None:
        return (log.strip().splitlines() or ["it said nothing"])[-1]
    place = re.search(r"^l\.(\d+) ?(.*)$", log[complaint.start() :], re.MULTILINE)
    return complaint[1] + (f" (line {place[1]}: {place[2].strip()})" if place else "")
