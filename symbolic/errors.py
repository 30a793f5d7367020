"""The errors a person can cause.  Each message is one line: where, what came, what would be right.

>>> wrong = SpecError(Text("width is missing", "нет ключа width")).at("nodes.z")
>>> str(wrong), wrong.said.text("ru")
('nodes.z: width is missing', 'nodes.z: нет ключа width')
"""

from __future__ import annotations

from symbolic.words import NOTHING, Text, same


class SpecError(ValueError):
    """A spec, a formula or an argument that cannot be used; ``str`` gives the English, ``said`` both languages."""

    def __init__(self, said: Text) -> None:
        self.said = said if isinstance(said, Text) else same(str(said))
        super().__init__(self.said)  # as the argument, so that a pickled error keeps both languages

    def at(self, place: Text | str) -> SpecError:
        """The same complaint with the place in front of it: a key, alike in both languages, or words."""
        return SpecError(NOTHING + place + ": " + self.said)


class CommandError(SpecError):
    """What only a command line or a file beside it can cause: said in English, as the command's own help is."""

    def __init__(self, said: str) -> None:
        super().__init__(same(str(said)))


class MissingExtra(ImportError):
    """An optional dependency that is not installed; the message says what to install."""
