"""Ranges pass between indices and parameters until nothing new is learnt; then all must be known."""

from __future__ import annotations

from symbolic.language.affine import Size, size
from symbolic.language.expr import Tensor
from symbolic.language.sample import SAMPLES
from symbolic.network.bounds import learn, refuse_count
from symbolic.network.syntax import refuse
from symbolic.network.visiting import Search
from symbolic.words import NOTHING, Text, same


def settle(search: Search) -> None:
    """Pass ranges between indices and parameters until nothing new is learnt; then all must be known."""
    axes: dict[str, list[Size | None]] = {}
    for name, uses in search.uses.items():
        declared = search.context.parameters.get(name)
        axes[name] = [None] * len(uses[0].alone) if declared is None else list(declared)
        for use in uses:
            refuse_count(search.text, use.place, name, len(use.alone), axes[name])
    while _exchange(search, axes):
        pass
    _take_capitals(search)
    while _exchange(search, axes):
        pass
    if search.counted is not None and all(b is search.found.sample or b.extent != SAMPLES for b in search.everything):
        told = Text(
            "N is the number of samples, and this formula works on one; it belongs where samples are summed over",
            "N — число объектов выборки, а эта формула работает с одним; место N там, где по объектам суммируют",
        )
        refuse(search.text, search.counted, Text(f"{told}, as in Sum(a[n], n)/N", f"{told.ru}, как в Sum(a[n], n)/N"))
    for bound in search.everything:
        if bound.extent is None:
            remedy = Text("a width or ", "width или ") if bound in search.found.left else NOTHING
            hint = Text(
                f'give the node {remedy}ranges = {{ {bound.name} = "…" }}',
                f'задайте узлу {remedy.ru}ranges = {{ {bound.name} = "…" }}',
            )
            refuse(
                search.text,
                bound.place,
                Text(
                    f"the range of the index {bound.name} cannot be inferred; {hint}",
                    f"область индекса {bound.name} вывести нельзя; {hint.ru}",
                ),
            )
    for name, found in axes.items():
        if SAMPLES in found:
            at = found.index(SAMPLES) + 1
            told = Text(
                f"subscript {at} of {name} runs over the samples; a parameter is the same for all of them",
                f"индекс номер {at} у {name} пробегает выборку, а параметр один для всех объектов",
            )
            refuse(search.text, search.uses[name][0].place, told)
        search.found.parameters[name] = Tensor(name, tuple(_known(search, name, axis) for axis in found), "parameter")


def _take_capitals(search: Search) -> None:
    """An index whose range nothing tells runs over the size that is its letter's capital: k over K."""
    for bound in search.everything:
        capital = bound.name[:1].upper() + bound.name[1:]
        if bound.extent is None and capital != bound.name and capital in search.context.sizes:
            bound.extent, bound.source = size(capital), same("sizes")


def _exchange(search: Search, axes: dict[str, list[Size | None]]) -> bool:
    learnt = False
    for name, uses in search.uses.items():
        for use in uses:
            for position, bound in enumerate(use.alone):
                axis = axes[name][position]
                if bound is None or bound.extent == axis:
                    continue
                if name in search.context.parameters and bound.extent is not None and axis is not None:
                    learn(search.text, bound, axis, same(name), use.place)  # may be shorter: nothing new is learnt
                    continue
                if axis is None:
                    axes[name][position] = bound.extent
                else:
                    learn(search.text, bound, axis, same(name), use.place)
                learnt = True
    return learnt


def _known(search: Search, name: str, axis: Size | None) -> Size:
    if axis is None:
        place = search.uses[name][0].place
        hint = Text(
            f'give the node parameters = {{ {name} = ["…"] }}', f'задайте узлу parameters = {{ {name} = ["…"] }}'
        )
        refuse(
            search.text,
            place,
            Text(f"an axis of {name} cannot be inferred; {hint}", f"ось у {name} вывести нельзя; {hint.ru}"),
        )
    return axis
