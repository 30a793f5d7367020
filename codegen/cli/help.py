"""``chainrule help TOPIC``: the reference, printed from the tables it describes."""

from __future__ import annotations

from typing import Annotated

import typer

from symbolic.errors import CommandError


def help_command(
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="One of spec, losses, activations, header, derivation.")
    ],
) -> None:
    """The reference: what can be written, and what is read.

    In a spec, as a loss, as an activation, in a header; what the JSON of a derivation says.
    """
    from symbolic.reference import TOPICS

    if topic not in TOPICS:
        raise CommandError(f"help {topic}: no such topic; the topics are {', '.join(TOPICS)}")
    print(TOPICS[topic]())
