"""``python -m codegen.generate`` writes the modules of the built-in networks to ``generated/``."""

from __future__ import annotations

import sys
from pathlib import Path

from codegen.files import write
from codegen.targets.numpy.emit import emit
from symbolic.network.network import Network, builtin_specs

#: Where the committed modules live: beside this package.
GENERATED = Path(__file__).resolve().parent.parent / "generated"


def modules() -> dict[str, str]:
    """The text of every module, by the name of its file."""
    return {f"{name}.py": emit(Network.load(name)) for name in builtin_specs()}


def main() -> int:
    """Write what differs; print one line for each file."""
    for name, text in modules().items():
        path = GENERATED / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            print(f"{path}: as it was")
        else:
            print(f"{write(path, text)}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
