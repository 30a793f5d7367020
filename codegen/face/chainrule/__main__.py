"""``python -m chainrule`` is the command ``chainrule``."""

import sys
from collections.abc import Callable

from chainrule import refuse_strangers


def main() -> int:
    """Run the command that was typed and return its exit status; a package that is not ours is one line."""
    try:
        refuse_strangers()
    except ImportError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return 2
    from codegen.interrupts import quietly

    return quietly(command)


def command() -> Callable[[], int]:
    """What is run once everything is imported."""
    from codegen.cli import main

    return main


if __name__ == "__main__":
    sys.exit(main())
