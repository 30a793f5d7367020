"""Large arrays are compared at sizes that fit and, where derivatives are many, at single places."""

from __future__ import annotations

import numpy as np

from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.evidence.evidence import Verdict, compare
from symbolic.evidence.question import pose
from symbolic.evidence.sampling import PLACES, at_places, draw_sizes, extents, slopes
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Delta, Entry, Fold, Partial, Tensor, mul, neg, total

I, H, V = Index("i", size(24)), Index("h", size(12)), Index("v", size(8))
A, S = Index("a", size(2)), Index("s", size(5))
WIDE, POOLED, NARROW = (Tensor(name, (index.extent,)) for name, index in (("c", I), ("m", H), ("d", V)))
KERNEL = Tensor("w", (S.extent,), "parameter")


def pooled():
    """m[h] = max_a c[2h + a], d[v] = Σ_s w[s] m[v + s]: 24 places, 12 of them, 8 of those."""
    read = WIDE[(subscript(H) * 2 + subscript(A),)]
    convolved = total(mul(KERNEL[(S,)], POOLED[(subscript(V) + subscript(S),)]), S)
    return Definition(POOLED, (H,), Fold("max", read, A)), Definition(NARROW, (V,), convolved)


def test_sizes_that_hang_together_are_small_and_leave_room_for_what_is_read():
    known = pooled()
    question, names = pose(total(NARROW[(V,)], V), WIDE[(I,)], known)
    needs = extents(question)
    for seed in range(20):
        sizes = draw_sizes(question, needs, np.random.default_rng(seed))
        assert needs.fit(sizes)
        number = {names.sizes[name]: value for name, value in sizes.items()}
        assert number["8"] + number["5"] - 1 <= number["12"]
        assert 2 * number["12"] <= number["24"] <= 20


def test_a_derivative_by_the_entry_at_a_place_is_that_place_of_the_whole_derivative():
    known = pooled()
    random = np.random.default_rng(0)
    values = {WIDE: random.normal(size=24), KERNEL: random.normal(size=5)}
    instance = Instance({}, values, known)
    whole = evaluate(Partial(NARROW[(V,)], WIDE[(I,)]), instance)
    for place in (0, 7, 23):
        alone = evaluate(Partial(NARROW[(V,)], Entry(WIDE, (subscript(place),))), instance)
        np.testing.assert_array_equal(
            alone.array, whole.array[place] if whole.indices[0] == I else whole.array[:, place]
        )


def test_where_slopes_are_many_both_sides_are_compared_at_places_of_all_free_indices():
    big, j, k = Tensor("x", (size("J"), size("K"))), Index("j", size("J")), Index("k", size("K"))
    question, _ = pose(Partial(total(big[(j, k)], j, k), big[(j, k)]), Delta(subscript(j), subscript(j)))
    few = dict.fromkeys(extents(question).names, 2)
    many = dict.fromkeys(extents(question).names, 20)
    assert at_places(question, few, np.random.default_rng(0)) == (question,)
    asked = at_places(question, many, np.random.default_rng(0))
    assert len(asked) == PLACES
    assert slopes(question, many) == 20**4
    entries = [one.left.by for one in asked if isinstance(one.left, Partial) and isinstance(one.left.by, Entry)]
    assert len(entries) == PLACES
    assert all(not isinstance(sub, Index) for entry in entries for sub in entry.subscripts)


def test_what_is_wrong_at_most_places_is_refuted_there_too():
    j, k = Index("j", size(28)), Index("k", size(28))
    image, weights = Tensor("x", (j.extent, k.extent)), Tensor("w", (j.extent, k.extent), "parameter")
    of = total(mul(weights[(j, k)], image[(j, k)]), j, k)
    slope = Partial(of, weights[(j, k)])
    assert compare(slope, image[(j, k)]).verdict == Verdict.PROVED
    assert compare(slope, neg(image[(j, k)])).verdict == Verdict.REFUTED
    assert compare(slope, image[(k, j)]).verdict == Verdict.REFUTED
