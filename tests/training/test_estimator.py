"""The scikit-learn estimators: every check that scikit-learn has, and the tools people use them with."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from codegen import estimator
from codegen.targets.load import known_text, load, remember
from codegen.training.estimating import decided_size
from symbolic.network.network import Network

ROOT = Path(__file__).resolve().parents[2]
sklearn = pytest.importorskip("sklearn")

import joblib  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.datasets import load_diabetes, load_digits, load_iris  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.metrics import accuracy_score  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

#: Most of what is tested here needs no weights that are done.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LAYER = {"inputs": ["x"], "width": "H", "activation": "tanh"}
REGRESSION = {
    "name": "regression",
    "loss": "squared",
    "output": "p",
    "inputs": {"x": "D"},
    "nodes": {"z": LAYER, "p": {"inputs": ["z"], "width": 1}},
    "sizes": {"D": 3, "H": 10},
}
SEVERAL = {**REGRESSION, "name": "several", "nodes": {"z": LAYER, "p": {"inputs": ["z"], "width": "K"}}}
HINGE = {**REGRESSION, "name": "hinge", "loss": "hinge"}
DIGITS = {
    **REGRESSION,
    "name": "digits",
    "loss": "cross_entropy",
    "nodes": {
        "z": {**LAYER, "activation": "relu"},
        "p": {"inputs": ["z"], "width": "K", "activation": "softmax"},
    },
    "sizes": {"H": 100},
}


def labels(loss: str = "log_loss", width: object = "K") -> dict[str, object]:
    activation = "sigmoid" if loss == "log_loss" else "identity"
    layers = {"h": {"inputs": ["x"], "width": 8, "activation": "tanh"}}
    return {
        "name": "labels",
        "loss": loss,
        "output": "p",
        "inputs": {"x": "D"},
        "nodes": {**layers, "p": {"inputs": ["h"], "width": width, "activation": activation}},
    }


@pytest.mark.parametrize(
    ("spec", "settings"),
    [
        *(
            (spec, {})
            for spec in (
                "mlp_classifier",
                "regularized_neuron",
                "one_hidden_layer",
                REGRESSION,
                SEVERAL,
                HINGE,
                labels(),
            )
        ),
        *((spec, {"optimizer": "l-bfgs"}) for spec in ("regularized_neuron", REGRESSION)),
        *((spec, {"class_weight": "balanced"}) for spec in ("mlp_classifier", HINGE)),
    ],
    ids=lambda part: part if isinstance(part, str) else part.get("name") or "-".join(part.values()),
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks_pass_in_full(spec, settings):
    results = check_estimator(estimator(spec, **settings), on_fail=None, on_skip=None)
    assert len(results) > 50
    assert [r["check_name"] for r in results if r["status"] == "failed"] == []
    skipped = {r["check_name"] for r in results if r["status"] != "passed"}
    allowed = {
        "check_array_api_input",  # this one wants SCIPY_ARRAY_API=1 in the environment
        "check_classifiers_multilabel_output_format_decision_function",  # there are probabilities instead
    }
    assert skipped <= allowed


def test_iris_in_a_pipeline_and_a_grid_search():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), estimator("mlp_classifier", random_state=0, max_iter=60))
    search = GridSearchCV(
        pipeline,
        {"networkclassifier__sizes": [{"H": 2}, {"H": 16}], "networkclassifier__optimizer": ["adam", "rmsprop"]},
        cv=3,
    ).fit(X, y)
    assert search.best_score_ > 0.93
    best = search.best_params_["networkclassifier__sizes"]
    assert search.best_estimator_[-1].sizes_ == {"D": 4, **best, "K": 3}


def test_names_of_classes_come_back():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])
    fitted = estimator("mlp_classifier", random_state=0).fit(X, names[y])
    assert list(fitted.classes_) == list(names)
    assert (fitted.predict(X) == names[y]).mean() > 0.95
    np.testing.assert_allclose(fitted.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize("dump", [pickle.dumps, None], ids=["pickle", "joblib"])
def test_a_fitted_estimator_is_pickled_with_all_it_knows(dump):
    X, y = load_iris(return_X_y=True)
    fitted = estimator("mlp_classifier", random_state=0, max_iter=5).fit(X, y)
    if dump:
        again = pickle.loads(dump(fitted))
    else:
        joblib.dump(fitted, buffer := BytesIO())
        buffer.seek(0)
        again = joblib.load(buffer)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    one, other = fitted.partial_fit(X, y), again.partial_fit(X, y)
    np.testing.assert_array_equal(one.weights_, other.weights_)
    assert not hasattr(clone(fitted), "weights_")


def test_two_fits_at_once_do_not_disturb_each_other():
    X, y = load_iris(return_X_y=True)
    model = estimator("mlp_classifier", random_state=0, max_iter=50)
    with joblib.parallel_config("threading", n_jobs=2):
        two = cross_val_score(model, X, y, cv=4)
    np.testing.assert_array_equal(two, cross_val_score(model, X, y, cv=4))


def test_digits_are_read_at_least_as_well_as_by_scikit_learns_network_of_the_same_size():
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0, stratify=y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLPClassifier would like more iterations
        theirs = MLPClassifier((100,), max_iter=60, random_state=0).fit(X, y).score(X_test, y_test)
    ours = estimator(DIGITS, max_iter=60, random_state=0).fit(X, y).score(X_test, y_test)
    assert ours > 0.95
    assert ours > theirs - 0.015


def test_partial_fit_learns_in_pieces():
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    order = np.random.default_rng(0).permutation(150)
    model = estimator("mlp_classifier", random_state=0, learning_rate=0.05)
    for _ in range(30):
        for part in np.split(order, 3):
            model.partial_fit(X[part], y[part], classes=[0, 1, 2])
    assert model.score(X, y) > 0.95
    assert model.n_iter_ == 90


def test_several_outputs_and_several_inputs():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    Y = np.c_[X[:, 0] - X[:, 1], np.tanh(X[:, 2])]
    model = estimator(SEVERAL, random_state=0, optimizer="l-bfgs").fit(X, Y)
    assert model.predict(X).shape == Y.shape
    assert model.score(X, Y) > 0.97
    two = {
        **REGRESSION,
        "inputs": {"a": 1, "b": "D"},
        "nodes": {"z": {**LAYER, "inputs": ["a", "b"]}, "p": {"inputs": ["z"], "width": 1}},
    }
    model = estimator(two, random_state=0, optimizer="l-bfgs").fit(X, Y[:, 0])
    assert model.sizes_["D"] == 2
    assert model.score(X, Y[:, 0]) > 0.97


def test_class_weights_by_the_names_of_the_classes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] + rng.normal(size=200) > 0, "yes", "no")
    for spec in ("regularized_neuron", "mlp_classifier", HINGE):
        fitted = estimator(spec, class_weight={"yes": 100.0}, random_state=0).fit(X, y)
        assert (fitted.predict(X) == "yes").mean() > 0.9


def test_class_weights_of_classes_there_are_not_are_refused():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=r"class_weight: got 'setosa', expected one of the classes"):
        estimator("mlp_classifier", class_weight={"setosa": 1.0}).fit(X, y)
    part = estimator("mlp_classifier", class_weight={0: 1.0, 1: 1.0, 2: 3.0}, max_iter=2).fit(X[:100], y[:100])
    assert list(part.classes_) == [0, 1], "a fold may lack a class that has a weight"


def test_l_bfgs_has_no_partial_fit_and_no_learning_rate():
    X, y = load_iris(return_X_y=True)
    for kind in ("mlp_classifier", REGRESSION):
        assert not hasattr(estimator(kind, optimizer="l-bfgs"), "partial_fit")
        assert hasattr(estimator(kind), "partial_fit")
        with pytest.raises(ValueError, match=r"learning_rate: got 0\.3, but l-bfgs"):
            estimator(kind, optimizer="l-bfgs", learning_rate=0.3).fit(X, y)


def test_what_is_wrong_is_called_as_scikit_learn_calls_it():
    X, y = load_iris(return_X_y=True)
    for name, choice in {"n_iter_no_change": 0, "random_state": -1, "max_iter": -1, "clip": 0}.items():
        with pytest.raises(ValueError, match=f"^{name}: got {choice}"):
            estimator("mlp_classifier", **{name: choice}).fit(X, y)


def test_a_network_that_does_not_fit_the_data_says_so():
    X, y = load_iris(return_X_y=True)
    for model, target, part in [
        (estimator("mlp_classifier", sizes={"D": 3}), y, "4 features"),
        (estimator("mlp_classifier", sizes={"K": 4}), y, "outputs"),
        (estimator("regularized_neuron"), y, "two classes"),
        (estimator(REGRESSION, optimizer="adan"), y, "adan"),
        (estimator(REGRESSION, learning_rate=1e200, optimizer="sgd"), y, "learning_rate"),
    ]:
        with pytest.raises(ValueError, match=part):
            model.fit(X, target)
    assert estimator(Network.load("one_neuron")).spec == Network.load("one_neuron")


def test_without_scikit_learn_one_line_says_what_to_install():
    code = (
        "import sys; sys.modules['sklearn'] = sys.modules['sklearn.base'] = None\n"
        "from codegen import estimator\n"
        "try:\n    estimator('one_neuron')\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "codegen.estimator needs scikit-learn: pip install 'chainrule[sklearn]'\n"


# -- trainers that cannot fail silently ------------------------------------------------------------------


def test_the_limit_of_iterations_is_a_warning_and_convergence_is_none():
    X, y = load_iris(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match="after 3 epochs, the limit; give a higher max_iter"):
        estimator("mlp_classifier", max_iter=3, random_state=0).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = estimator("mlp_classifier", optimizer="momentum", max_iter=2000, random_state=0).fit(X, y)
        estimator("mlp_classifier", max_iter=3, tol=None, random_state=0).fit(X, y)
    assert done.n_iter_ < 2000


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_estimator_and_trainer_have_one_set_of_defaults(optimizer):
    X, y = load_iris(return_X_y=True)
    model = estimator("mlp_classifier", optimizer=optimizer, random_state=3).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = load(model.network_).Trainer(optimizer=optimizer, seed=3, **model.sizes_).fit(X, y)
    np.testing.assert_array_equal(model.weights_, trainer.w_)
    assert model.loss_curve_ == trainer.history_["loss"]


@pytest.mark.slow
def test_what_is_pickled_carries_its_module_and_imports_nothing_that_derives():
    program = """
        import pickle, sys
        fitted, fresh, X, y = pickle.load(sys.stdin.buffer)
        assert (fitted.predict(X) == fitted.predict(X)).all()
        fresh.fit(X, y)
        fitted.partial_fit(X, y)
        needless = {"sympy", "codegen.targets.numpy.emit", "codegen.compiler"} & {*sys.modules}
        assert not needless, f"what derives was imported: {needless}"
    """
    X, y = load_iris(return_X_y=True)
    fitted = estimator({**DIGITS, "sizes": {"H": 3}}, random_state=0, max_iter=2).fit(X, y)
    data = pickle.dumps((fitted, clone(fitted), X, y))
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)]
    done = subprocess.run(command, input=data, capture_output=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode()


def test_what_was_never_fitted_is_pickled_with_its_module_too():
    """A search over several processes hands out such an estimator: each would derive by itself."""
    network = Network.from_dict({**REGRESSION, "name": "never_fitted"})
    assert known_text(network) is None
    assert pickle.loads(pickle.dumps(estimator(network))).__getstate__()["_text"] == known_text(network)
    assert known_text(network) is not None
    assert pickle.loads(pickle.dumps(estimator("one_neuron").set_params(spec="no such spec"))).spec == "no such spec"


def test_a_text_of_another_spec_is_not_remembered():
    one, other = (Network.from_dict({**REGRESSION, "name": name}) for name in ("one", "other"))
    load(one)
    text = known_text(one)
    assert text is not None
    remember(other, text)
    assert other.hash == load(other).SPEC_HASH


@pytest.mark.parametrize("loss", ["log_loss", "hinge"])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_sample_may_have_several_labels(loss, sparse):
    X = np.random.default_rng(0).normal(size=(120, 3))
    Y = (np.c_[X[:, 0] > 0, X[:, 1] > 0, X[:, 0] + X[:, 2] > 1]).astype(int)
    given = pytest.importorskip("scipy.sparse").csr_matrix(Y) if sparse else Y
    model = estimator(labels(loss), learning_rate=0.02, max_iter=300, random_state=0).fit(X, given)
    found = model.predict(X)
    assert found.shape == Y.shape
    assert set(np.unique(found)) <= {0, 1}
    assert (found == Y).mean() > 0.9
    assert model.score(X, Y) > 0.8
    if loss == "log_loss":
        probable = model.predict_proba(X)
        assert np.array_equal(probable > 0.5, found == 1)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(X), found)
    with pytest.raises(ValueError, match="no class; leave it out"):
        estimator(labels(loss), class_weight={0: 2.0}).fit(X, Y)


def test_labels_of_another_number_or_of_several_classes_are_refused_in_one_line():
    X = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.raises(ValueError, match="y needs 3 outputs, but labels has 2"):
        estimator(labels(width=2)).fit(X, np.eye(3, dtype=int)[np.arange(20) % 3])
    with pytest.raises(ValueError, match="a 0 or a 1 for each label is needed"):
        estimator(labels()).fit(X, np.arange(40).reshape(20, 2) % 3)


def test_a_regressor_standardises_its_target_on_request():
    X, y = load_diabetes(return_X_y=True)
    spec = {**labels("squared", 1), "name": "line"}
    model = estimator(spec, optimizer="nesterov", standardize=True, standardize_target=True, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.5
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    assert 25 < model.predict(X).mean() < 346


def test_a_schedule_of_ones_own_and_a_watched_score_reach_the_trainer():
    X, y = load_iris(return_X_y=True)
    settings = {"validation_fraction": 0.2, "monitor": "score", "warm_up": 2, "max_iter": 5, "tol": None}
    model = estimator(
        "mlp_classifier", sizes={"H": 4}, schedule=lambda eta, epoch, epochs: eta / 2, standardize=True, **settings
    ).fit(X, y)
    assert model._trainer.history_["learning_rate"][:2] == [0.00125, 0.0025]
    assert len(model._trainer.history_["validation_score"]) == 5
    assert model.plot()._repr_png_()


def half(eta, epoch, epochs):
    return eta / 2


def test_a_metric_of_ones_own_sees_labels_and_outlives_pickling():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    settings = {"sizes": {"H": 4}, "validation_fraction": 0.2, "max_iter": 6, "tol": None, "random_state": 0}
    own = estimator("mlp_classifier", monitor=accuracy_score, schedule=half, **settings).fit(X, names)
    score = estimator("mlp_classifier", monitor="score", schedule=half, **settings).fit(X, names)
    assert own._trainer.history_ == score._trainer.history_
    again = pickle.loads(pickle.dumps(own)).partial_fit(X, names)
    assert np.array_equal(again.weights_, own.partial_fit(X, names).weights_)
    with pytest.raises(ValueError, match="monitor: got a function, but no samples are kept apart"):
        estimator("mlp_classifier", monitor=accuracy_score).fit(X, names)


@pytest.mark.parametrize(
    ("spec", "sizes", "decided"),
    [
        ("recurrent", None, {"T": 6, "D": 2}),
        ("recurrent", {"D": 3}, {"T": 4, "D": 3}),
        ("lstm", {"D": 4}, {"T": 3, "D": 4}),
        ("attention", {"T": 3}, {"T": 3, "D": 4}),
        ("conv1d", None, {"T": 12}),
        ("autoencoder", None, {"D": 12}),
    ],
)
def test_a_size_that_the_features_decide_need_not_be_given(spec, sizes, decided):
    network, given = Network.load(spec), {**(sizes or {})}
    numbers = network.resolve_sizes(**{**given, **decided_size(network, 12, given)})
    assert numbers.items() >= decided.items()


def test_features_that_fit_no_size_are_one_line_that_says_what_was_tried():
    with pytest.raises(
        ValueError, match=r"X has 13 features, but recurrent needs \d+ with T = 3, D = 2; give others as"
    ):
        estimator("recurrent").fit(np.zeros((4, 13)), np.zeros(4))


def test_what_is_the_same_for_all_samples_is_given_once_and_pickled():
    formula = {"formula": "p[i] = Sum(w[d]*c[d]*x[i,d], d)"}
    spec = {"name": "known", "loss": "squared", "inputs": {"x": "D"}, "nodes": {"p": formula}}
    spec = {**spec, "constants": {"c": {"width": ["D"]}}}
    X = np.random.default_rng(0).normal(size=(20, 3))
    model = estimator(spec, max_iter=2, constants={"c": [1.0, 2, 3]}).fit(X, X[:, 0])
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    with pytest.raises(ValueError, match="constants: got none for c"):
        estimator(spec).fit(X, X[:, 0])


def test_masked_entries_are_refused_in_one_line():
    X = np.ma.masked_greater(np.random.default_rng(0).normal(size=(20, 3)), 1)
    with pytest.raises(ValueError, match="got a masked array"):
        estimator("one_neuron").fit(X, np.zeros(20))
