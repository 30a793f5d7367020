"""``python -m codegen`` is the command ``chainrule``."""

import sys
from collections.abc import Callable

from codegen.interrupts import quietly


def command() -> Callable[[], int]:
    """What is run once everything is imported."""
    from codegen.cli import main

    return main


if __name__ == "__main__":
    sys.exit(quietly(command))
