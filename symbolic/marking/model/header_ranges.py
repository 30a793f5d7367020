"""Lines of a header that say lengths and indices: ``sizes N d``, ``index i = 1..N sample``."""

from __future__ import annotations

import re

from symbolic.errors import SpecError
from symbolic.language.affine import Affine, Index, Size
from symbolic.marking.meaning.declared import IndexName
from symbolic.marking.model.declaring import Builder
from symbolic.words import Text


def sizes_line(builder: Builder, rest: str) -> None:
    for item in re.findall(r"(\\?[A-Za-z]+\w*(?:_\{\w+\})?|\\ell)\s*(?:=\s*(\d+))?", rest):
        name, number = re.sub(r"[{}]", "", item[0]), item[1]
        builder.sizes[name] = Affine((), int(number)) if number else Affine.of(name.lstrip("\\"))
    if not builder.sizes:
        raise SpecError(Text("sizes: names such as N d J were expected", "sizes: нужны имена, например N d J"))


def index_line(builder: Builder, rest: str) -> None:
    found = re.fullmatch(
        r"(?P<names>.+?)\s*(?:=|:|\\in)\s*(?P<low>-?\d+)\s*(?:\.\.+|,?\s*\\l?dots\s*,?)\s*(?P<high>.+?)(?P<sample>\s+sample)?",
        rest,
    )
    if found is None:
        raise SpecError(
            Text(f"index {rest}: something like j = 1..J was expected", f"index {rest}: нужно что-то вроде j = 1..J")
        )
    low = int(found["low"])
    if re.fullmatch(r"\\?[A-Za-z]+\w*", found["high"]) and found["high"] not in builder.sizes:
        sizes_line(builder, found["high"])  # what an index runs to is a length, said or not
    extent = size_of(builder, found["high"]) - (low - 1)
    for name in re.split(r"[,\s]+", found["names"].strip()):
        builder.indices[name] = IndexName(Index(name, extent), low)
        if found["sample"]:
            builder.sample = builder.sample or builder.indices[name]
    if builder.sample is None and extent == Affine.of("N") and low == 1:
        builder.sample = builder.indices[re.split(r"[,\s]+", found["names"].strip())[0]]


def running_line(builder: Builder, rest: str) -> None:
    """An index that runs so far at one layer, and elsewhere as the place tells that it stands at."""
    before = {*builder.indices}
    index_line(builder, rest)
    builder.running |= {*builder.indices} - before


def size_of(builder: Builder, text: str) -> Size:
    """``d``, ``3``, ``d+1``."""
    total: Size = Affine((), 0)
    for sign, number, name in re.findall(
        r"([+-]?)\s*(?:(\d+)|(\\?[A-Za-z]\w*))", text.replace("{", "").replace("}", "")
    ):
        if name and name not in builder.sizes:
            raise SpecError(
                Text(
                    f"the size {name} is not declared (%! sizes {name})", f"размер {name} не объявлен (%! sizes {name})"
                )
            )
        part = builder.sizes[name] if name else Affine((), int(number))
        total = total + (-part if sign == "-" else part)
    if total == Affine((), 0):
        raise SpecError(Text(f"{text.strip()!r} is not a size", f"{text.strip()!r} — не размер"))
    return total
