"""Networks and weights of other libraries, in and out."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pytest

from codegen import load
from codegen.training import weights as exchange
from symbolic.errors import MissingExtra, SpecError
from symbolic.network.network import Network

torch = pytest.importorskip("torch")
nn = torch.nn


def model_of(*layers, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(*layers).double()


def compared(model, loss, theirs, Y, N=6, features=3):
    """Q, gradient and output of the network of a model, each with PyTorch's."""
    X = np.random.default_rng(0).normal(size=(N, features))
    network = Network.from_torch(model, loss)
    objective = load(network).Objective()
    w = exchange.from_state_dict(objective, model.state_dict())
    q, g = objective.value_and_gradient(w, X, Y)
    model.zero_grad()
    expected = theirs(model, torch.from_numpy(X), Y)
    expected.backward()
    slopes = np.concatenate([parameter.grad.numpy().ravel() for parameter in model.parameters()])
    assert q == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(g, slopes, rtol=1e-10, atol=1e-13)
    return network


def regression(loss):
    return lambda model, X, Y: loss(model(X), torch.from_numpy(Y))


def classes(loss):
    return lambda model, X, Y: loss(model(X), torch.from_numpy(Y.argmax(1)))


REAL = np.random.default_rng(1).normal(size=(6, 2))
BINARY = (REAL > 0).astype(float)
ONE_HOT = np.eye(4)[[0, 3, 1, 1, 2, 0]]
ACTIVATIONS = [
    nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.LeakyReLU(), nn.LeakyReLU(0.2), nn.ELU(), nn.ELU(0.7), nn.Softplus(),
    nn.Softplus(beta=2), nn.SiLU(), nn.GELU(), nn.GELU("tanh"), nn.ReLU6(), nn.Hardtanh(-0.5, 0.25), nn.Softsign(),
    nn.Tanhshrink(), nn.LogSigmoid(), nn.Mish(),
]  # fmt: skip


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_every_activation_is_torchs_own(activation):
    model = model_of(nn.Linear(3, 5), activation, nn.Linear(5, 2))
    compared(model, "squared", regression(nn.MSELoss(reduction="sum")), REAL)


LOSSES = [nn.MSELoss(), nn.MSELoss(reduction="sum"), nn.L1Loss(), nn.HuberLoss(), nn.SmoothL1Loss()]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("outputs", [1, 2])
def test_losses_of_regression_are_torchs_own(loss, outputs):
    model = model_of(nn.Linear(3, 4, bias=False), nn.Tanh(), nn.Linear(4, outputs))
    compared(model, loss, regression(loss), REAL[:, :outputs])


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_losses_of_classes_are_torchs_own(reduction):
    body = nn.Linear(3, 5), nn.Tanh()
    loss = nn.CrossEntropyLoss(reduction=reduction)
    compared(model_of(*body, nn.Linear(5, 4)), loss, classes(loss), ONE_HOT)
    loss = nn.NLLLoss(reduction=reduction)
    compared(model_of(*body, nn.Linear(5, 4), nn.LogSoftmax(dim=1)), loss, classes(loss), ONE_HOT)
    loss = nn.BCEWithLogitsLoss(reduction=reduction)
    compared(model_of(*body, nn.Linear(5, 2)), loss, regression(loss), BINARY)
    loss = nn.BCELoss(reduction=reduction)
    compared(model_of(*body, nn.Linear(5, 1), nn.Sigmoid()), loss, regression(loss), BINARY[:, :1])


def test_nested_models_and_activations_alone_are_taken_in_their_order():
    model = model_of(
        nn.Flatten(), nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Softplus()), nn.Identity(), nn.Linear(4, 4),
        nn.Linear(4, 3), nn.Softmax(dim=1), nn.LeakyReLU(0.3), nn.Linear(3, 2),
    )  # fmt: skip
    network = compared(model, "squared", regression(nn.MSELoss(reduction="sum")), REAL)
    assert [node.name for node in network.nodes] == ["z_1", "z_2", "z_3", "z_4", "z_5", "p"]


def test_weights_come_back_into_the_model():
    model = model_of(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).float()
    objective = load(Network.from_torch(model)).Objective()
    w = objective.initial(seed=5)
    model.load_state_dict(exchange.to_state_dict(objective, w, model.state_dict()))
    X = np.random.default_rng(0).normal(size=(5, 3))
    with torch.no_grad():
        out = model(torch.from_numpy(X).float()).numpy()[:, 0]
    np.testing.assert_allclose(out, objective.predict(w, X), rtol=1e-5)
    np.testing.assert_allclose(exchange.from_state_dict(objective, model.state_dict()), w, rtol=1e-6)
    plain = exchange.arrays(objective, w)
    again = exchange.to_state_dict(objective, w, plain)
    assert list(again) == list(objective.layout)
    np.testing.assert_array_equal(exchange.from_arrays(objective, dict(reversed(plain.items()))), w)


def hooked(register, place=1):
    model = model_of(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    getattr(model[place], register)(lambda *_: None)
    return model


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("width", [4, 1])
def test_a_layer_that_stands_in_two_places_has_one_set_of_weights(bias, width):
    shared, act = nn.Linear(width, width, bias=bias), nn.Tanh()
    model = model_of(nn.Linear(3, width), act, shared, act, shared, nn.Softsign(), nn.Linear(width, 2), act)
    network = compared(model, "squared", regression(nn.MSELoss(reduction="sum")), REAL)
    assert len(network.parameters) == 5 + bias
    objective = load(network).Objective()
    w = objective.initial(seed=4)
    state = exchange.to_state_dict(objective, w, model.state_dict())
    assert list(state) == list(model.state_dict())
    torch.testing.assert_close(state["2.weight"], state["4.weight"], rtol=0, atol=0)
    np.testing.assert_array_equal(exchange.from_state_dict(objective, state), w)
    state["4.weight"] = state["4.weight"] + 1
    with pytest.raises(SpecError, match=r"\d arrays"):
        exchange.from_state_dict(objective, state)


def test_a_shared_last_layer_takes_logits_too():
    shared = nn.Linear(3, 3)
    model = model_of(shared, nn.Tanh(), shared)
    loss = nn.CrossEntropyLoss(reduction="sum")
    compared(model, loss, classes(loss), ONE_HOT[:, :3] + ONE_HOT[:, 3:] * [1, 0, 0])


def tied():
    """Layers with one tensor of weights, but a bias each."""
    model = model_of(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
    model[2].weight = model[0].weight
    return model


REFUSED = {
    "one tensor for their weights": lambda: Network.from_torch(tied()),
    "ignore_index=1": lambda: Network.from_torch(model_of(nn.Linear(3, 4)), nn.CrossEntropyLoss(ignore_index=1)),
    "threshold=2": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.Softplus(threshold=2.0))),
    "(forward_hooks)": lambda: Network.from_torch(hooked("register_forward_hook")),
    "(forward_pre_hooks)": lambda: Network.from_torch(hooked("register_forward_pre_hook", 0)),
    "(backward_hooks)": lambda: Network.from_torch(hooked("register_full_backward_hook", 2)),
    "no counterpart": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.BatchNorm1d(4))),
    "no Linear": lambda: Network.from_torch(model_of(nn.Flatten())),
    "before the first Linear": lambda: Network.from_torch(model_of(nn.Tanh(), nn.Linear(3, 1))),
    "follows a layer of width 4": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.Linear(5, 1))),
    "takes logits": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.Softmax(1)), nn.CrossEntropyLoss()),
    "goes with NLLLoss": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.LogSoftmax(1))),
    "output of LogSoftmax": lambda: Network.from_torch(model_of(nn.Linear(3, 4)), nn.NLLLoss()),
    "only be the last": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.LogSoftmax(1), nn.Linear(4, 1))),
    "is no number": lambda: Network.from_torch(model_of(nn.Linear(3, 1)), nn.MSELoss(reduction="none")),
    "model.eval": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.Dropout(0.5))),
    "KLDivLoss": lambda: Network.from_torch(model_of(nn.Linear(3, 4)), nn.KLDivLoss(reduction="sum")),
    "label_smoothing": lambda: Network.from_torch(model_of(nn.Linear(3, 4)), nn.CrossEntropyLoss(label_smoothing=0.1)),
    "weights of classes": lambda: Network.from_torch(model_of(nn.Linear(3, 4)), nn.CrossEntropyLoss(torch.ones(4))),
    "delta=2": lambda: Network.from_torch(model_of(nn.Linear(3, 4)), nn.HuberLoss(delta=2.0)),
    "dimension 0": lambda: Network.from_torch(model_of(nn.Linear(3, 4), nn.Softmax(0))),
}


@pytest.mark.parametrize("part", REFUSED)
def test_what_a_spec_cannot_say_is_refused_by_name(part):
    with pytest.raises(SpecError) as caught:
        REFUSED[part]()
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_dropout_of_a_model_that_is_evaluated_is_left_out():
    model = model_of(nn.Linear(3, 4), nn.Dropout(0.5), nn.Tanh(), nn.Linear(4, 2)).eval()
    compared(model, "squared", regression(nn.MSELoss(reduction="sum")), REAL)


# -- scikit-learn ----------------------------------------------------------------------------------------


def fitted(kind, Y, **settings):
    neural = pytest.importorskip("sklearn.neural_network")
    X = np.random.default_rng(0).normal(size=(40, 3))
    settings |= {"hidden_layer_sizes": (5, 4), "max_iter": 15, "solver": "lbfgs", "alpha": 0.3, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(neural, kind)(**settings).fit(X, Y), X


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier_of_scikit_learn_has_the_same_loss_and_the_same_probabilities(activation, classes):
    labels = np.random.default_rng(1).integers(classes, size=40)
    model, X = fitted("MLPClassifier", labels, activation=activation)
    objective = load(Network.from_sklearn(model)).Objective()
    w = exchange.from_sklearn(objective, model)
    Y = labels.astype(float) if classes == 2 else np.eye(3)[labels]
    assert objective.value(w, X, Y) / 40 == pytest.approx(model.loss_, rel=1e-9)
    p = objective.predict(w, X)
    np.testing.assert_allclose(p if classes > 2 else np.c_[1 - p, p], model.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_regressor_of_scikit_learn_has_the_same_loss_and_takes_weights_back(outputs):
    Y = np.random.default_rng(1).normal(size=(40, outputs))
    model, X = fitted("MLPRegressor", Y[:, 0] if outputs == 1 else Y)
    objective = load(Network.from_sklearn(model)).Objective()
    w = exchange.from_sklearn(objective, model)
    assert objective.value(w, X, Y) / 40 == pytest.approx(model.loss_, rel=1e-9)
    other = objective.initial(seed=3)
    exchange.to_sklearn(objective, other, model)
    np.testing.assert_allclose(model.predict(X), objective.predict(other, X), rtol=1e-10)
    np.testing.assert_array_equal(exchange.from_sklearn(objective, model), other)


def test_a_model_that_was_not_fitted_is_refused():
    neural = pytest.importorskip("sklearn.neural_network")
    with pytest.raises(SpecError, match="after fit"):
        Network.from_sklearn(neural.MLPClassifier())
    with pytest.raises(SpecError, match="fit it first"):
        exchange.from_sklearn(load(Network.load("one_neuron")).Objective(), neural.MLPClassifier())


# -- safetensors -----------------------------------------------------------------------------------------


def test_safetensors_come_back_bit_for_bit(tmp_path):
    pytest.importorskip("safetensors")
    for dtype in ("float64", "float32"):
        objective = load(Network.load("mlp_classifier")).Objective(dtype=dtype)
        w = objective.initial(seed=2)
        path = exchange.save_safetensors(tmp_path / "w.safetensors", objective, w)
        again = exchange.load_safetensors(path, objective)
        assert again.dtype == w.dtype
        np.testing.assert_array_equal(again, w)
        assert [one.name for one in tmp_path.iterdir()] == ["w.safetensors"]


def test_safetensors_with_another_bit_are_refused(tmp_path):
    pytest.importorskip("safetensors")
    objective = load(Network.load("mlp_classifier")).Objective()
    path = exchange.save_safetensors(tmp_path / "w.safetensors", objective, objective.initial(0))
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    rng = np.random.default_rng(0)
    for place in (*range(header), *rng.integers(header, len(whole), 50)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(SpecError, match="is damaged" if place >= header else None):
            exchange.load_safetensors(path, objective)


def test_safetensors_of_torch_are_read_in_the_order_of_the_layers(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    layers = [part for _ in range(11) for part in (nn.Linear(3, 3), nn.Tanh())]
    model = model_of(*layers)
    objective = load(Network.from_torch(model)).Objective()
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    numpy.save_file(state, tmp_path / "w.safetensors")
    w = exchange.load_safetensors(tmp_path / "w.safetensors", objective)
    np.testing.assert_array_equal(w, exchange.from_state_dict(objective, model.state_dict()))


def same_shapes(*names):
    """A network of square layers, and its weights under other names: the weights of all layers, then the biases."""
    model = model_of(*[nn.Linear(3, 3) for _ in names])
    state: dict = {}
    for k, name in enumerate(names):
        weight, bias = (f"{name}.weight", f"{name}.bias") if "{}" not in name else map(name.format, "wb")
        state |= {weight: model[k].weight.detach().numpy(), bias: model[k].bias.detach().numpy()}
    objective = load(Network.from_torch(model)).Objective()
    return objective, state, exchange.from_state_dict(objective, model.state_dict())


@pytest.mark.parametrize(
    "names",
    [("fc2", "fc10"), ("block1.fc9", "block1.fc10", "block2.fc1"), ("{}_1", "{}_2"), ("L1_{}", "L2_{}")],
    ids=str,
)
def test_numbers_inside_names_are_numbers(tmp_path, names):
    numpy = pytest.importorskip("safetensors.numpy")
    objective, state, w = same_shapes(*names)
    numpy.save_file(state, tmp_path / "w.safetensors")
    np.testing.assert_array_equal(exchange.load_safetensors(tmp_path / "w.safetensors", objective), w)


@pytest.mark.parametrize("names", [("enc", "mid", "dec"), ("fc", "fc2"), ("a1", "b2")], ids=str)
def test_layers_of_equal_shape_whose_names_have_no_numbers_need_an_order(tmp_path, names):
    numpy = pytest.importorskip("safetensors.numpy")
    objective, state, w = same_shapes(*names)
    path = tmp_path / "w.safetensors"
    numpy.save_file(state, path)
    with pytest.raises(
        SpecError, match=r"have the same shape, and nothing tells which is which; give order="
    ) as caught:
        exchange.load_safetensors(path, objective)
    assert "\n" not in str(caught.value)
    np.testing.assert_array_equal(exchange.load_safetensors(path, objective, order=list(state)), w)
    with pytest.raises(SpecError, match="order names"):
        exchange.load_safetensors(path, objective, order=list(state)[1:])


def test_shapes_that_differ_tell_layers_apart(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    model = model_of(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    keys = ("enc.weight", "enc.bias", "dec.weight", "dec.bias")
    state = dict(zip(keys, (tensor.numpy() for tensor in model.state_dict().values()), strict=True))
    numpy.save_file(state, tmp_path / "w.safetensors")
    objective = load(Network.from_torch(model)).Objective()
    w = exchange.load_safetensors(tmp_path / "w.safetensors", objective)
    np.testing.assert_array_equal(w, exchange.from_state_dict(objective, model.state_dict()))


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_halves_become_the_type_of_the_network(tmp_path, kind):
    save = pytest.importorskip("safetensors.torch").save_file
    model = model_of(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).to(getattr(torch, kind))
    objective = load(Network.from_torch(model)).Objective()
    expected = np.concatenate([tensor.double().numpy().ravel() for tensor in model.state_dict().values()])
    w = exchange.from_state_dict(objective, model.state_dict())
    np.testing.assert_array_equal(w, expected)
    again = exchange.to_state_dict(objective, w, model.state_dict())
    assert all(torch.equal(again[name], tensor) for name, tensor in model.state_dict().items())
    save(model.state_dict(), tmp_path / "w.safetensors")
    np.testing.assert_array_equal(exchange.load_safetensors(tmp_path / "w.safetensors", objective), expected)


def test_weights_that_are_no_real_numbers_are_refused():
    objective = load(Network.load("one_hidden_layer")).Objective()
    arrays = exchange.arrays(objective, objective.initial())
    for kind in (complex, str):
        with pytest.raises(SpecError, match=r"w_1 holds .* values, but real numbers are needed"):
            exchange.from_arrays(objective, {**arrays, "w_1": arrays["w_1"].astype(kind)})


def test_safetensors_that_do_not_fit_are_refused(tmp_path):
    pytest.importorskip("safetensors")
    one, other = (load(Network.load(name)).Objective() for name in ("mlp_classifier", "one_hidden_layer"))
    path = exchange.save_safetensors(tmp_path / "w.safetensors", one, one.initial())
    with pytest.raises(SpecError, match=r"weights of mlp_classifier .* expected one_hidden_layer"):
        exchange.load_safetensors(path, other)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SpecError, match="not the whole of one"):
        exchange.load_safetensors(path, one)


def test_weights_of_the_wrong_number_or_shape_are_refused():
    objective = load(Network.load("one_hidden_layer")).Objective()
    arrays = exchange.arrays(objective, objective.initial())
    with pytest.raises(SpecError, match=r"3 arrays .* has 4"):
        exchange.from_arrays(objective, dict(list(arrays.items())[1:]))
    with pytest.raises(SpecError, match=r"w_1 has the shape \(3, 4\), but w_1 needs \(4, 3\)"):
        exchange.from_arrays(objective, {**arrays, "w_1": arrays["w_1"].T})
    with pytest.raises(SpecError, match="finite"):
        exchange.from_arrays(objective, {**arrays, "b_p": [np.nan]})


def test_without_safetensors_one_line_says_what_to_install(tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    objective = load(Network.load("one_neuron")).Objective()
    monkeypatch.setattr(importlib, "import_module", missing)
    monkeypatch.setattr(exchange, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'chainrule\[exchange\]'"):
        exchange.save_safetensors(tmp_path / "w.safetensors", objective, objective.initial())
