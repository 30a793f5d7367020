"""The errors a person can cause.  Each message is one line: where, what came, what would be right."""

from __future__ import annotations


class SpecError(ValueError):
    """A spec, a formula or a command's argument that cannot be used."""


class MissingExtra(ImportError):
    """An optional dependency that is not installed; the message says what to install."""
