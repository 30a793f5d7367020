r"""Names that are made like others: x̂_{uj} beside ``\hat x_{ui} = p_u^\top q_i``, where u, i and j are no indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import Name, Node, Script, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_text import Guess, definitions_of, names_of


def analogues(guess: Guess) -> list[list[Node]]:
    """Definitions that no line has, for names that differ from a defined one in their labels alone."""
    said = {typeset(name) for name, _ in definitions_of(guess)}
    said |= {typeset(sides[0]) for sides in guess.chains if isinstance(sides[0], Name)}
    found: dict[str, list[Node]] = {}
    for name, body in definitions_of(guess):
        for other in names_of(guess):
            labels = renaming(guess, name, other)
            if labels and typeset(other) not in {*said, *found} and {*labels} & {*letters_below(body)}:
                found[typeset(other)] = [replace(other, span=(0, 0)), relabelled(body, labels)]
    return [*found.values()]


def renaming(guess: Guess, name: Name, other: Name) -> Mapping[str, str]:
    """Which label of the one stands in the place of which of the other; empty where they do not differ in labels."""
    alike = name.base == other.base and name.sups == other.sups and name.primes == other.primes
    if not alike or len(name.subs) != len(other.subs) or name.below is not None or other.below is not None:
        return {}
    pairs = [(one.single or "", another.single or "") for one, another in zip(name.subs, other.subs, strict=True)]
    if not all(is_label(guess, one) and is_label(guess, another) for one, another in pairs):
        return {}
    labels = dict(pairs)
    same = name.subs == other.subs or len({*labels.values()}) < len(labels)
    return {} if same else labels


def is_label(guess: Guess, letter: str) -> bool:
    return len(letter) == 1 and letter not in guess.indices


def letters_below(node: Node) -> Iterator[str]:
    return (item.single or "" for part in walk(node) if isinstance(part, Name) for item in part.subs)


def relabelled(node: Node, labels: Mapping[str, str]) -> Node:
    """The tree with other labels below its names."""
    if isinstance(node, Name):
        return replace(node, subs=tuple(relabelled_script(item, labels) for item in node.subs))
    return node.rebuild(tuple(relabelled(child, labels) for child in node.children)) if node.children else node


def relabelled_script(item: Script, labels: Mapping[str, str]) -> Script:
    letter = item.single
    return Affine.of(labels[letter]) if letter is not None and letter in labels else item
