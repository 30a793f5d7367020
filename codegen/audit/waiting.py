"""Files that change while one looks, and functions that stand in the cells of a notebook."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codegen.files import content_of
from symbolic.errors import CommandError

PAUSE = 0.5


def changes(path: Path, pause: float = PAUSE) -> Iterator[None]:
    """Once at the start, and then whenever the file is another one; ends with Ctrl-C.  ``pause``: seconds."""
    last: tuple[int, int] | None = None
    try:
        while True:
            try:
                state = path.stat()
            except OSError:
                if last is None:
                    raise CommandError(f"{path}: there is no such file") from None
                time.sleep(pause)  # an editor puts another file in its place
                continue
            if (state.st_mtime_ns, state.st_size) != last:
                last = state.st_mtime_ns, state.st_size
                yield
            time.sleep(pause)
    except KeyboardInterrupt:
        return


@contextmanager
def in_notebook(target: str) -> Iterator[str]:
    """``FILE.ipynb:function``, or ``FILE.ipynb``, as a file with its code cells.

    Lines that are no Python (``%``, ``!``) are left out.
    ``SpecError``, one line, for what is no notebook.
    """
    path, colon, name = (target, "", "") if target.endswith(".ipynb") else target.rpartition(":")
    try:
        record = json.loads(content_of(Path(path)))
        cells = [cell for cell in record["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
    except FileNotFoundError:
        raise CommandError(f"{path}: there is no such file") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise CommandError(f"{path} is no notebook: a .ipynb file was expected") from None
    lines = [line if line.lstrip()[:1] not in ("%", "!") else "pass" for s in sources for line in [*s.splitlines(), ""]]
    with tempfile.TemporaryDirectory(prefix="chainrule-notebook-") as folder:
        file = Path(folder) / (Path(path).stem + ".py")
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield f"{file}{colon}{name}"
