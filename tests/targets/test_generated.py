"""The interface of a generated module: Objective and Trainer, on good input and on bad."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest
from rarely import small_specs

from codegen import load
from symbolic.network.network import Network

one_neuron = load(Network.load("one_neuron"))
hidden = load(Network.load("one_hidden_layer"))
classifier = load(Network.load("mlp_classifier"))
graph = load(Network.load("scalar_graph"))


def sample(objective, N=8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, objective.sizes["D"])), rng.random(N)


# -- Objective -------------------------------------------------------------------------------------------


def test_the_layout_names_every_parameter_in_its_public_shape():
    objective = hidden.Objective(D=30, J=16)
    assert objective.layout == {
        "w_1": (slice(0, 480), (16, 30)),
        "b_z": (slice(480, 496), (16,)),
        "w_2": (slice(496, 512), (1, 16)),
        "b_p": (slice(512, 513), (1,)),
    }
    assert objective.size == 513


@pytest.mark.parametrize(("name", "as_it_lies"), [("lstm", True), ("one_hidden_layer", False)])
def test_parameters_are_read_as_they_lie_where_the_equations_have_them_so(name, as_it_lies):
    """In one line for all of them, else each in the shape that the equations have it in; views in either case."""
    module = load(Network.load(name))
    facts, objective = module.Objective.facts, module.Objective(**{k: v or 2 for k, v in module.SIZES.items()})
    given = tuple(shape for _, shape in objective.layout.values())
    assert (facts.plain_shapes(*objective.sizes.values()) == given) is as_it_lies
    flat = np.arange(float(objective.size))
    views = facts.gradient_views(flat, objective.layout, *objective.sizes.values())
    assert all(np.shares_memory(view, flat) for view in views)
    assert sorted(number for view in views for number in view.ravel()) == flat.tolist()


def test_unpack_gives_views():
    objective = hidden.Objective()
    w = objective.initial(seed=1)
    objective.unpack(w)["w_2"][0, 1] = 7.0
    assert w[objective.layout["w_2"][0]][1] == 7.0


def test_initial_weights_depend_on_the_seed_alone():
    objective = hidden.Objective()
    assert (objective.initial(3) == objective.initial(3)).all()
    assert (objective.initial(3) != objective.initial(4)).any()
    assert (objective.unpack(objective.initial(3))["b_z"] == 0).all()


def test_the_gradient_is_written_into_out_and_nowhere_else():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w = objective.initial()
    _, expected = objective.value_and_gradient(w, X, Y)
    out = np.full(objective.size, np.nan)
    q, g = objective.value_and_gradient(w, X, Y, out)
    assert g is out
    np.testing.assert_array_equal(out, expected)
    assert q == objective.value(w, X, Y)


def test_results_do_not_depend_on_what_was_computed_before():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w = objective.initial()
    q, g = objective.value_and_gradient(w, X, Y)
    p = objective.predict(w, X)
    other = objective.predict(w * 2, X * 3)
    objective.value_and_gradient(w * 5, X[:3], Y[:3])
    objective.value(w - 1, X, Y)
    assert not np.array_equal(p, other)
    np.testing.assert_array_equal(objective.predict(w, X), p)
    again, same = objective.value_and_gradient(w, X, Y)
    assert again == q
    np.testing.assert_array_equal(same, g)


def test_weights_and_data_changed_in_place_are_read_anew():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w, out = objective.initial(), np.empty(objective.size)
    objective.value_and_gradient(w, X, Y, out)
    w *= 2
    X += 1
    q, g = objective.value_and_gradient(w, X, Y, out)
    fresh = hidden.Objective()
    expected, slope = fresh.value_and_gradient(w.copy(), X.copy(), Y.copy())
    assert q == expected
    np.testing.assert_array_equal(g, slope)


def test_strided_data_and_other_dtypes_give_the_same_answer():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w = objective.initial()
    expected = objective.value_and_gradient(w, X, Y)
    wide = np.zeros((8, 6))
    wide[:, ::2] = X
    for given in (np.asfortranarray(X), wide[:, ::2], X.tolist()):
        q, g = objective.value_and_gradient(w, given, Y)
        assert q == pytest.approx(expected[0], rel=1e-14)
        np.testing.assert_allclose(g, expected[1], rtol=1e-12)
    strided = np.zeros(2 * objective.size)
    strided[::2] = w
    assert objective.value(strided[::2], X, Y) == expected[0]
    integers = (X * 10).astype(int)
    assert objective.value(w, integers, Y) == objective.value(w, integers.astype(float), Y)


def test_an_out_with_gaps_takes_the_gradient_and_nothing_else():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w = objective.initial()
    q, g = objective.value_and_gradient(w, X, Y)
    wide = np.full(2 * objective.size, np.nan)
    for _ in range(2):
        found, out = objective.value_and_gradient(w, X, Y, wide[::2])
        assert found == q
        np.testing.assert_array_equal(out, g)
        assert np.isnan(wide[1::2]).all()
        assert out.base is wide


def test_what_was_seen_last_is_never_taken_for_something_else():
    """Calls in any order, with the same and with other arrays, give what a new objective gives."""
    rng = np.random.default_rng(0)
    objective = hidden.Objective()
    samples = [sample(objective), sample(objective, seed=1)]
    weights, out = [objective.initial(0), objective.initial(1)], np.empty(objective.size)
    for _ in range(100):
        w, (X, Y), given = weights[rng.integers(2)], samples[rng.integers(2)], (out, None)[rng.integers(2)]
        match rng.integers(3):
            case 0:
                assert objective.value(w, X, Y) == hidden.Objective().value(w, X, Y)
            case 1:
                np.testing.assert_array_equal(objective.predict(w, X), hidden.Objective().predict(w, X))
            case _:
                q, g = objective.value_and_gradient(w, X, Y, given)
                expected = hidden.Objective().value_and_gradient(w, X, Y)
                assert q == expected[0]
                np.testing.assert_array_equal(g, expected[1])


def test_the_target_may_be_a_column():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w = objective.initial()
    assert objective.value(w, X, Y[:, None]) == objective.value(w, X, Y)


@pytest.mark.parametrize("module", [hidden, classifier, graph, one_neuron, load(Network.load("one_neuron"), "float32")])
def test_float32_stays_float32_and_near_float64(module):
    double, single = module.Objective(dtype=np.float64), module.Objective(dtype=np.float32)
    rng = np.random.default_rng(0)
    w = double.initial()
    X, Y = module.random_sample(double, 9, rng)
    q, g = double.value_and_gradient(w, X, Y)
    few = {name: x.astype(np.float32) for name, x in X.items()}
    q32, g32 = single.value_and_gradient(w.astype(np.float32), few, Y.astype(np.float32))
    assert g32.dtype == np.float32
    assert single.predict(w.astype(np.float32), few).dtype == np.float32
    assert q32 == pytest.approx(q, rel=1e-5)
    assert np.abs(g32 - g).max() <= 1e-4 * np.abs(g).max()


@pytest.mark.parametrize("N", [0, 1, 2])
def test_small_samples_give_finite_values(N):
    for module in (hidden, classifier, graph, one_neuron):
        objective = module.Objective()
        X, Y = module.random_sample(objective, N, np.random.default_rng(0))
        q, g = objective.value_and_gradient(objective.initial(), X, Y)
        assert np.isfinite(q)
        assert np.isfinite(g).all()
        assert len(objective.predict(objective.initial(), X)) == N


def test_one_sample_at_a_time_adds_up_to_the_whole():
    for module in (hidden, classifier, graph, one_neuron):
        objective = module.Objective()
        w = objective.initial(2)
        X, Y = module.random_sample(objective, 5, np.random.default_rng(0))
        q, g = objective.value_and_gradient(w, X, Y)
        out = np.empty(objective.size)
        parts = []
        for n in range(5):
            one, target = {k: x[n : n + 1] for k, x in X.items()}, Y[n : n + 1]
            given = one if len(one) > 1 else next(iter(one.values()))
            for _ in range(2):  # the second call knows its arrays, and takes the way for one sample
                part, slope = objective.value_and_gradient(w, given, target, out)
            parts.append((part, slope.copy()))
        assert sum(part for part, _ in parts) == pytest.approx(q, rel=1e-13)
        np.testing.assert_allclose(sum(slope for _, slope in parts), g, rtol=1e-11, atol=1e-14)


def test_one_sample_far_out_is_as_finite_as_many():
    objective = one_neuron.Objective()
    for scale in (1e3, -1e3, 1e6):
        X = np.full((1, objective.sizes["d"]), scale)
        w = np.ones(objective.size)
        q, g = objective.value_and_gradient(w, X, np.array([0.5]))
        many, slope = objective.value_and_gradient(w, np.repeat(X, 2, axis=0), np.array([0.5, 0.5]))
        assert q == many / 2
        np.testing.assert_array_equal(g, slope / 2)


def test_width_one_as_a_size_is_a_matrix_of_one_row():
    objective = hidden.Objective(D=1, J=1)
    X, Y = sample(objective)
    assert hidden.check_objective(objective).agrees
    assert objective.value(objective.initial(), X[:, 0], Y) == objective.value(objective.initial(), X, Y)


def test_two_objectives_in_two_threads_do_not_disturb_each_other():
    X, Y = sample(hidden.Objective(), N=50)
    expected = {seed: hidden.Objective().value_and_gradient(hidden.Objective().initial(seed), X, Y) for seed in (0, 1)}
    wrong: list[int] = []

    def work(seed):
        objective = hidden.Objective()
        w = objective.initial(seed)
        for _ in range(300):
            q, g = objective.value_and_gradient(w, X, Y)
            if q != expected[seed][0] or not np.array_equal(g, expected[seed][1]):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def refuse(call, *parts):
    with pytest.raises(ValueError, match=r"\S") as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message, message


def test_bad_data_is_refused_in_one_line():
    objective = hidden.Objective(D=3, J=4)
    X, Y = sample(objective)
    w = objective.initial()
    bad = X.copy()
    bad[2, 1] = np.nan
    refuse(lambda: objective.value(w, X[:, :2], Y), "X", "(8, 2)", "(N, 3)")
    refuse(lambda: objective.value(w, X, Y[:-1]), "Y", "(7,)", "(8,)")
    refuse(lambda: objective.value(w, bad, Y), "X", "nan", "[2, 1]")
    refuse(lambda: objective.value_and_gradient(w, bad, Y), "X", "nan", "[2, 1]")
    bad[2, 1] = np.inf
    refuse(lambda: objective.value_and_gradient(w, bad, Y), "X", "inf", "[2, 1]")
    refuse(lambda: objective.value_and_gradient(w, bad[2:3], Y[:1]), "X", "inf", "[0, 1]")
    refuse(lambda: objective.predict(w, bad), "X", "inf")
    refuse(lambda: objective.value_and_gradient(w, X, np.where(Y[3] == Y, np.inf, Y)), "Y", "inf", "[3]")
    refuse(lambda: objective.value(w, "text", Y), "X", "array")
    refuse(lambda: objective.value(w, X + 1j, Y), "X", "real")
    refuse(lambda: objective.value(w, {"z": X}, Y), "X", "z", "x")
    refuse(lambda: objective.value(w[:-1], X, Y), "w", "(20,)", "(21,)")
    refuse(lambda: graph.Objective().value(graph.Objective().initial(), X, Y), "dict", "u, v")


def test_data_spoiled_in_place_is_refused_too():
    for module, width in ((hidden, "D"), (one_neuron, "d")):
        for N in (1, 6):
            objective = module.Objective()
            rng = np.random.default_rng(0)
            X, Y = rng.normal(size=(N, objective.sizes[width])), rng.random(N)
            w, out = objective.initial(), np.empty(objective.size)
            objective.value_and_gradient(w, X, Y, out)
            for value in (np.nan, np.inf):
                spoiled = X[0, 0]
                X[0, 0] = value
                refuse(lambda: objective.value_and_gradient(w, X, Y, out), "X", str(value))  # noqa: B023
                X[0, 0], kept = spoiled, Y[0]
                Y[0] = value
                refuse(lambda: objective.value_and_gradient(w, X, Y, out), "Y", str(value))  # noqa: B023
                Y[0] = kept
            objective.value_and_gradient(w, X, Y, out)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", [(0, 0), (299, 49), (150, 7)])
def test_large_data_spoiled_in_place_shows_in_the_gradient(value, where):
    objective = classifier.Objective(D=50, H=8, K=3)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(300, 50)), np.eye(3)[rng.integers(3, size=300)]
    assert X.size > classifier.MANY
    w, out = objective.initial(), np.empty(objective.size)
    objective.value_and_gradient(w, X, Y, out)
    X[where] = value
    refuse(lambda: objective.value_and_gradient(w, X, Y, out), "X", str(value), str(list(where)))


def test_large_finite_numbers_raise_no_warning():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w, out = objective.initial(), np.empty(objective.size)
    X *= 1e200
    for _ in range(2):  # at the second call X is known
        objective.value_and_gradient(w, X, Y, out)
    assert np.isfinite(objective.value(w, X, Y))
    assert np.isfinite(objective.predict(w, X)).all()


def test_weights_that_are_no_finite_real_numbers_are_refused_in_one_line():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w = objective.initial()
    refuse(lambda: objective.value(w + 0j, X, Y), "w", "complex128")
    refuse(lambda: objective.value(None, X, Y), "w", "NoneType", "vector of 21 numbers")
    refuse(lambda: objective.value(w, X.astype(object), Y), "X", "array of object")
    w[3] = np.nan
    refuse(lambda: objective.value(w, X, Y), "w", "nan at [3]")
    refuse(lambda: objective.value_and_gradient(w, X, Y), "w", "nan at [3]")
    unchecked = hidden.Objective(check_finite=False)
    assert np.isnan(unchecked.value(w, X, Y))


def test_numbers_that_are_too_large_for_float32_are_found_and_nothing_warns():
    objective = hidden.Objective(dtype=np.float32)
    X, Y = sample(objective)
    w = objective.initial()
    X[2, 1] = 1e300
    refuse(lambda: objective.value(w, X, Y), "X", "inf at [2, 1]")
    neuron = load(Network.load("one_neuron"), "float32").Objective(d=1)
    w = np.array([1e20, 0], np.float32)
    q, _ = neuron.value_and_gradient(w, np.full((1, 1), 1e15, np.float32), np.ones(1, np.float32))
    assert q == 0
    refuse(lambda: hidden.Objective(dtype="foo"), "dtype", "'foo'", "float64 or float32")


def test_a_bad_out_is_refused_in_one_line():
    objective = hidden.Objective()
    X, Y = sample(objective)
    w = objective.initial()
    refuse(lambda: objective.value_and_gradient(w, X, Y, np.empty(3)), "out", "(3,)", "(21,)")
    refuse(lambda: objective.value_and_gradient(w, X, Y, np.empty(21, np.float32)), "out", "float32", "float64")
    fixed = np.empty(21)
    fixed.flags.writeable = False
    refuse(lambda: objective.value_and_gradient(w, X, Y, fixed), "out", "read-only")
    refuse(lambda: objective.value_and_gradient(w, X, Y, np.empty(40)[::2]), "out", "(20,)", "(21,)")
    refuse(lambda: objective.value_and_gradient(w, X, Y, [0.0] * 21), "out", "list")
    refuse(lambda: objective.value_and_gradient(w, X, Y, w), "out", "memory of w")


def test_bad_sizes_are_refused_in_one_line():
    refuse(lambda: hidden.Objective(Z=3), "Z", "D, J")
    refuse(lambda: hidden.Objective(D=0), "D", "0")
    refuse(lambda: hidden.Objective(D=2.5), "D", "2.5")
    refuse(lambda: hidden.Objective(dtype=np.int32), "dtype", "int32")


def test_targets_that_the_loss_cannot_take_are_refused():
    objective = classifier.Objective()
    X, Y = classifier.random_sample(objective, 4, np.random.default_rng(0))
    Y[1] *= 2
    refuse(lambda: objective.value(objective.initial(), X, Y), "Y", "row 1", "2")
    regularized = load(Network.load("regularized_neuron"))
    objective = regularized.Objective()
    X, Y = regularized.random_sample(objective, 4, np.random.default_rng(0))
    refuse(lambda: objective.value(objective.initial(), X, Y - 1), "Y", "-1")


@pytest.mark.parametrize("name", small_specs())
def test_every_array_of_a_float32_workspace_is_float32_or_truth_values(name):
    objective = load(Network.load(name), dtype="float32").Objective()
    seen, stack = {}, [function.args[0] for function in objective._workspace(5) if isinstance(function, partial)]
    while stack:
        for cell in stack.pop().__closure__ or ():
            if isinstance(cell.cell_contents, np.ndarray):
                seen[id(cell)] = cell.cell_contents.dtype
            elif hasattr(cell.cell_contents, "__closure__"):
                stack.append(cell.cell_contents)
    assert np.dtype("float32") in seen.values()
    assert set(seen.values()) <= {np.dtype("float32"), np.dtype("bool")}
