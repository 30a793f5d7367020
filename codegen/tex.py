"""Finding a TeX engine and running it; what goes wrong comes back as one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from codegen.files import write

#: How long one run of the engine may take, in seconds.
PATIENCE = 120

ADVICE = (
    "no TeX engine was found, so no PDF was made; on Debian or Ubuntu `apt-get install texlive-latex-extra "
    "texlive-lang-cyrillic cm-super` brings pdflatex"
)


class TexError(ValueError):
    """A document that TeX refuses; the message is one line."""


def engine() -> str | None:
    """The path of pdflatex, or None when it is not installed."""
    return shutil.which("pdflatex")


def compile_pdf(source: Path) -> Path:
    """Compile ``source`` to a PDF beside it and return the PDF's path.

    The engine works in a folder of its own (no .aux and .log are left behind), cannot run programs, and its
    PDF carries no time of day.  Raises :class:`TexError` when there is no engine, when TeX stops, or when
    a character is missing from the fonts: a page with holes is not a report.
    """
    program = engine()
    if program is None:
        raise TexError(ADVICE)
    with tempfile.TemporaryDirectory(prefix="chainrule-tex-") as work:
        for _ in range(2):  # the second run knows the references of the first
            log = _run(program, source, Path(work))
        missing = re.search(r"Missing character: There is no (.+?) in font (\S+?)!", log)
        if missing:
            raise TexError(f"{source}: the font {missing[2]} has no character {missing[1]}")
        pdf = (Path(work) / source.name).with_suffix(".pdf").read_bytes()
    return write(source.with_suffix(".pdf"), pdf)


def _run(program: str, source: Path, work: Path) -> str:
    """One run of the engine; returns its log."""
    shutil.copy(source, work / source.name)
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "max_print_line": "10000",
        "openout_any": "p",
    }
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", source.name]
    try:
        done = subprocess.run(
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise TexError(f"{source}: TeX did not finish within {PATIENCE} seconds") from None
    log = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise TexError(f"{source}: TeX stopped: {first_error(log)}")
    return log


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
