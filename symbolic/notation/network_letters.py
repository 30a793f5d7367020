"""The letters that a notation gives to the quantities of one network, so that no two are written alike."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase

from symbolic.language.affine import Index
from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor
from symbolic.language.terms import SPARE_NAMES, retensor, tensors
from symbolic.notation.separate import letters_of, named_letters


def bishop_names(definitions: tuple[Definition, ...], found: tuple[Tensor, ...]) -> tuple[tuple[str, str], ...]:
    """Bishop's y for the output, t for the target, a for every pre-activation whose index tells it apart."""
    names: dict[str, str] = {}
    for loss in (d for d in definitions if d.kind == "loss"):
        targets = [t.name for t in tensors(loss.formula) if t.role == "target"]
        outputs = [t.name for t in tensors(loss.formula) if t.role == "value"]
        others = {t.name for t in found} - {*targets, *outputs}
        if len(targets) == len(outputs) == 1 and not others & {"t", "y"}:
            names |= {targets[0]: "t", outputs[0]: "y"}
    sums = [d for d in definitions if d.kind == "preactivation"]
    if len({tuple(i.name for i in d.indices) for d in sums}) == len(sums) and all(t.name != "a" for t in found):
        names |= {d.target.name: "a" for d in sums}
    return tuple(names.items())


def minimised_letters(definitions: tuple[Definition, ...], found: tuple[Tensor, ...]) -> tuple[tuple[str, str], ...]:
    """Bishop's E for what is minimised, and E_n for the share of one object, where nothing else is an E."""
    minimised = {d.target.name for d in definitions if d.kind in ("objective", "loss")}
    taken = any("E" in letters_of(t.name) for t in found if t.name not in minimised)
    return () if taken else tuple((name, "E") for name in sorted(minimised))


def linear_outputs(definitions: tuple[Definition, ...]) -> frozenset[str]:
    """What the loss reads, where no function makes it and its indices tell it apart from every pre-activation."""
    read = {t for d in definitions if d.kind == "loss" for t in tensors(d.formula)}
    indices = [tuple(i.name for i in d.indices) for d in definitions if d.kind == "preactivation"]
    return frozenset(
        d.target.name
        for d in definitions
        if d.kind == "node" and d.target in read and tuple(i.name for i in d.indices) not in indices
    )


def letters_in(definitions: Iterable[Definition], found: Iterable[Tensor], names: dict[str, str]) -> frozenset[str]:
    """The letters of all quantities as this notation writes them, of functions and of sizes."""
    written = (letters_of(names.get(tensor.name, tensor.name)) for tensor in found)
    others = (named_letters(retensor(d.formula, {t: Tensor("") for t in tensors(d.formula)})) for d in definitions)
    sizes = (letters_of(key) for tensor in found for axis in tensor.axes for key in axis.keys)
    return frozenset().union(*written, *others, *sizes)


def free_in(definitions: Iterable[Definition]) -> list[Index]:
    """The indices that are free in the definitions, each once."""
    return list(dict.fromkeys(index for d in definitions for index in d.indices))


def written_apart(
    indices: Iterable[Index], letters: frozenset[str], written: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """The letters of indices, none of them one of a quantity; two letters change places, so no two ever meet."""
    table = dict(written)
    names = [index.name for index in indices]
    for name in names:
        if (shown := table.get(name, name)) not in letters:
            continue
        used = {*letters, *(table.get(other, other) for other in names)}
        spare = next(one for one in (*SPARE_NAMES, *ascii_lowercase, *ascii_uppercase) if one not in used)
        holder = next((one for one, two in table.items() if two == spare), spare)
        table[name], table[holder] = spare, shown
    return tuple(table.items())
