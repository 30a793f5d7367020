"""Calls with other weights and another batch each time: what a first call says, they say too."""

from __future__ import annotations

import numpy as np
import pytest

from codegen.bench.problem import Problem
from codegen.targets.load import load
from symbolic.network.network import Network

NAMES = ("one_neuron", "one_hidden_layer", "mlp_classifier", "regularized_neuron")


def draws(name, samples):
    """A network and (w, X, Y), all others each time."""
    network = Network.load(name)
    problem = Problem(network, network.resolve_sizes(), samples)
    x, y = problem.data
    return network, [(w, arrays[x], arrays[y]) for arrays, w in problem.draws]


def first_call(network, w, X, Y):
    return load(network).Objective().value_and_gradient(w, X, Y)


def seen(objective, data):
    """The objective after three samples: by then it is ready for more of them."""
    for w, X, Y in data[:3]:
        objective.value_and_gradient(w, X, Y)
    assert objective._afresh is not None
    return objective


WAYS = {
    "as they are": lambda w, X, Y: (w, X, Y),
    "Fortran's order": lambda w, X, Y: (w, np.asfortranarray(X), Y),
    "a column": lambda w, X, Y: (w, X, Y.reshape(len(X), -1)),
    "every second number": lambda w, X, Y: (np.repeat(w, 2)[::2], np.repeat(X, 2, axis=0)[::2], Y),
    "lists between": lambda w, X, Y: (w, X.tolist(), Y),
}


@pytest.mark.parametrize("few", [2**14, 0])
@pytest.mark.parametrize("samples", [1, 5])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", WAYS)
def test_a_call_with_fresh_arrays_gives_what_a_new_objective_gives(name, samples, way, few, monkeypatch):
    network, data = draws(name, samples)
    monkeypatch.setattr(load(network), "FEW_PARAMETERS", few)
    objective, out = load(network).Objective(), np.empty(len(data[0][0]))
    kept = []
    for n, draw in enumerate(data * 2):
        given = WAYS[way](*draw) if n > 2 else draw
        q, g = first_call(network, *draw)
        found, slopes = objective.value_and_gradient(*given, out if n % 2 else None)
        assert found == pytest.approx(q, rel=1e-14)
        np.testing.assert_allclose(slopes, g, rtol=1e-13, atol=1e-15)
        kept += [] if n % 2 else [(slopes, g)]
        assert objective.value(*draw) == pytest.approx(q, rel=1e-14)
    for slopes, g in kept:
        np.testing.assert_allclose(slopes, g, rtol=1e-13, atol=1e-15)


def test_the_size_of_a_batch_may_change_and_the_same_arrays_may_come_again_with_other_numbers():
    network, large = draws("one_hidden_layer", 5)
    _, small = draws("one_hidden_layer", 2)
    objective, out = load(network).Objective(), np.empty(len(large[0][0]))
    for w, X, Y in (*large[:4], *small[:4], *large[4:], small[4], large[0]):
        for _ in range(3):
            w *= 1.01
            X += 0.01
            q, g = first_call(network, w, X, Y)
            found, slopes = objective.value_and_gradient(w, X, Y, out)
            assert found == pytest.approx(q, rel=1e-14)
            np.testing.assert_allclose(slopes, g, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("samples", [1, 5])
@pytest.mark.parametrize("spoiled", [0, 1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_is_not_finite_is_named_in_a_later_call_too(name, samples, spoiled):
    network, data = draws(name, samples)
    objective = seen(load(network).Objective(), data)
    given = [array.copy() for array in data[4]]
    given[spoiled].flat[-1] = np.nan
    out = np.zeros(objective.size)
    with pytest.raises(ValueError, match=f"^{'wXY'[spoiled]}: got nan"):
        objective.value_and_gradient(*given, out)
    assert spoiled == 0 or not out.any()  # w is looked at behind the work
    q, _ = first_call(network, *data[5])
    assert objective.value_and_gradient(*data[5], out)[0] == pytest.approx(q, rel=1e-14)


def test_what_does_not_fit_is_refused_in_a_later_call_too():
    network, data = draws("regularized_neuron", 5)
    objective = seen(load(network).Objective(), data)
    w, X, Y = data[4]
    short = r"^X: got shape"
    for given, out, expected in (
        ((w, X[:, :1], Y), None, short),
        ((w[:-1], X, Y), None, r"^w: got shape"),
        ((w, X, Y[:-1]), None, r"^Y: got"),
        ((w, X, 3 * np.ones_like(Y)), None, r"^Y: got values from 3 to 3"),
        ((w, X.astype(complex), Y), None, r"^X: "),
        ((w, X, Y), w, r"^out: got memory of w itself"),
        ((w, X, Y), np.empty(len(w) + 1), r"^out: got float64 of shape"),
        ((w, X, Y), np.empty(len(w), "f"), r"^out: got float32"),
    ):
        with pytest.raises(ValueError, match=expected):
            objective.value_and_gradient(*given, out)


def test_w_may_be_no_part_of_the_last_out():
    network, data = draws("one_hidden_layer", 5)
    objective, out = seen(load(network).Objective(), data), np.empty(len(data[0][0]))
    objective.value_and_gradient(*data[3], out)
    for w in (out, out[:]):
        with pytest.raises(ValueError, match=r"^out: got memory of w itself"):
            objective.value_and_gradient(w, *data[4][1:], out)


@pytest.mark.parametrize("few", [2**14, 0])
def test_w_may_own_the_memory_of_the_last_out(few, monkeypatch):
    network, data = draws("one_hidden_layer", 5)
    monkeypatch.setattr(load(network), "FEW_PARAMETERS", few)
    objective, whole = seen(load(network).Objective(), data), data[5][0].copy()
    for draw in data[3:5]:
        objective.value_and_gradient(*draw, whole[:])
    out = whole[:]
    for draw in data[3:5]:
        objective.value_and_gradient(*draw, out)
    with pytest.raises(ValueError, match=r"^out: got memory of w itself"):
        objective.value_and_gradient(whole, *data[5][1:], out)


@pytest.mark.parametrize("few", [2**14, 0])
def test_the_same_out_takes_each_gradient_and_a_strided_one_too(few, monkeypatch):
    network, data = draws("mlp_classifier", 5)
    monkeypatch.setattr(load(network), "FEW_PARAMETERS", few)
    objective = load(network).Objective()
    for out in (np.empty(objective.size), np.empty(2 * objective.size)[::2], np.empty((2, objective.size))[1]):
        for draw in data:
            q, g = first_call(network, *draw)
            found, slopes = objective.value_and_gradient(*draw, out)
            assert found == pytest.approx(q, rel=1e-14)
            assert slopes is out
            np.testing.assert_allclose(out, g, rtol=1e-13, atol=1e-15)


def test_two_vectors_in_turn_on_one_batch_are_not_bound_each_time(monkeypatch):
    network, data = draws("one_hidden_layer", 5)
    objective, out = load(network).Objective(), np.empty(len(data[0][0]))
    _, X, Y = data[0]
    prepared, long_ways = objective._prepare, []

    def counted(*given):
        long_ways.append(1)
        return prepared(*given)

    monkeypatch.setattr(objective, "_prepare", counted)
    for turn in range(40):
        w = data[turn % 2][0]
        q, _ = first_call(network, w, X, Y)
        assert objective.value_and_gradient(w, X, Y, out)[0] == pytest.approx(q, rel=1e-14)
    assert len(long_ways) < 10


def test_float32_goes_into_float64_and_not_the_other_way_round():
    network, data = draws("one_hidden_layer", 5)
    small = [tuple(array.astype("f") for array in draw) for draw in data]
    objective = seen(load(network).Objective(), data)
    for draw in small[3:]:
        q, g = first_call(network, *draw)
        found, slopes = objective.value_and_gradient(*draw)
        assert found == pytest.approx(q, rel=1e-14)
        np.testing.assert_allclose(slopes, g, rtol=1e-13)
    single = seen(load(network).Objective(dtype="float32"), small)
    w, X, Y = data[4]
    with pytest.raises(ValueError, match=r"^X: "):
        single.value_and_gradient(w, 1e300 * X, Y)


def test_the_very_same_arrays_again_are_bound_once_for_all():
    network, data = draws("one_hidden_layer", 5)
    objective, out = seen(load(network).Objective(), data), np.empty(len(data[0][0]))
    objective.value_and_gradient(*data[4], out)
    assert objective._seen_data is not data[4][1]
    objective.value_and_gradient(*data[4], out)
    assert objective._seen_data is data[4][1]


def test_an_objective_that_begins_to_search_for_infinite_numbers_finds_them():
    network, data = draws("one_hidden_layer", 5)
    objective = seen(load(network).Objective(check_finite=False), data)
    w, X, Y = (array.copy() for array in data[4])
    X[0, 0] = np.inf  # every neuron is at one of its ends: Q is finite
    assert np.isfinite(objective.value_and_gradient(w, X, Y)[0])
    objective._check_finite = True
    with pytest.raises(ValueError, match=r"^X: got inf"):
        objective.value_and_gradient(w, X, Y)


@pytest.mark.parametrize("way", ["Fortran's order", "a column"])
def test_the_very_same_arrays_again_are_not_checked_anew_where_they_have_to_be_converted(way, monkeypatch):
    network, data = draws("one_hidden_layer", 5)
    objective, out = load(network).Objective(), np.empty(len(data[0][0]))
    given = WAYS[way](*data[0])
    for _ in range(3):
        objective.value_and_gradient(*given, out)
    monkeypatch.setattr(objective, "_prepare", None)  # the long way is not taken any more
    for _ in range(3):
        given[1][0, 0] += 1.0
        q, g = objective.value_and_gradient(*given, out)
        expected, slopes = first_call(network, given[0], np.ascontiguousarray(given[1]), given[2])
        assert q == pytest.approx(expected, rel=1e-14)
        np.testing.assert_allclose(g, slopes, rtol=1e-13, atol=1e-15)
