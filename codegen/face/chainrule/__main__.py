"""``python -m chainrule`` is the command ``chainrule``."""

import signal
import sys
import threading
from collections.abc import Callable

from chainrule import refuse_strangers


def main() -> int:
    """Run the command that was typed and return its exit status; a package that is not ours is one line."""
    ours = threading.current_thread() is threading.main_thread()
    held = ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if held:  # Ctrl-C shows no traceback, here and while everything is imported
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        refuse_strangers()
    except ImportError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return 2
    from codegen.interrupts import quietly

    if held:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return quietly(command)


def command() -> Callable[[], int]:
    """What is run once everything is imported."""
    from codegen.cli import main

    return main


if __name__ == "__main__":
    sys.exit(main())
