"""``chainrule help TOPIC``: the reference, printed from the tables it describes."""

from __future__ import annotations

from typing import Annotated

import typer

from symbolic.errors import SpecError
from symbolic.reference import TOPICS


def help_command(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help=f"One of {', '.join(TOPICS)}.")],
) -> None:
    """What can be written in a spec, as a loss, as an activation, or in the header of a derivation."""
    if topic not in TOPICS:
        raise SpecError(f"help {topic}: no such topic; the topics are {', '.join(TOPICS)}")
    print(TOPICS[topic]())
