"""Ctrl-C while a command is still being imported, or has ended: the process ends, and no traceback is shown."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

from codegen.collecting import hardly_collected


@hardly_collected()
def quietly(find: Callable[[], Callable[[], int]]) -> int:
    """The exit status of the command that ``find`` imports; Ctrl-C is the command's own while it runs."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return find()()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    run = find()
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        status = run()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    except KeyboardInterrupt:
        return 130
    return status
