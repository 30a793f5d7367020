"""Other libraries' networks as specs: a PyTorch ``Sequential``, scikit-learn's ``MLPClassifier`` and ``MLPRegressor``.

The objects are known by the names of their classes and by their attributes; neither library is imported.
What cannot be said in a spec is refused with a ``SpecError`` that names it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from symbolic.errors import SpecError
from symbolic.words import Text

#: A spec as a dict.
Spec = dict[str, Any]


def _leaky(slope: float) -> str:
    return "leaky_relu" if slope == 0.01 else f"where(u > 0, u, {_text(slope)}*u)"


def _elu(alpha: float) -> str:
    return "elu" if alpha == 1 else f"where(u > 0, u, {_text(alpha)}*(exp(u) - 1))"


def _softplus(beta: float, threshold: float) -> str:
    if threshold < 20:  # above that, u and log(1 + exp(u)) differ by less than 1e-8
        raise SpecError(
            Text(
                f"Softplus(threshold={threshold:g}) is another function: u itself above the threshold; take 20",
                f"Softplus(threshold={threshold:g}) — другая функция: выше порога это само u; возьмите 20",
            )
        )
    return "softplus" if beta == 1 else f"log(1 + exp({_text(beta)}*u))/{_text(beta)}"


def _gelu(approximate: str) -> str:
    return "gelu" if approximate == "none" else "u/2*(1 + tanh(sqrt(2/pi)*(u + 0.044715*u**3)))"


def _text(number: float) -> str:
    """A number as a formula has it, its sign in parentheses."""
    return repr(float(number)) if number >= 0 else f"({float(number)!r})"


#: PyTorch's activations: the name of the class, and the formula of an object of it.
ACTIVATIONS: dict[str, Callable[[Any], str]] = {
    "Sigmoid": lambda _: "sigmoid",
    "Tanh": lambda _: "tanh",
    "ReLU": lambda _: "relu",
    "LeakyReLU": lambda m: _leaky(m.negative_slope),
    "ELU": lambda m: _elu(m.alpha),
    "Softplus": lambda m: _softplus(m.beta, m.threshold),
    "SiLU": lambda _: "silu",
    "GELU": lambda m: _gelu(m.approximate),
    "ReLU6": lambda _: "min(max(u, 0), 6)",
    "Hardtanh": lambda m: f"min(max(u, {_text(m.min_val)}), {_text(m.max_val)})",
    "Softsign": lambda _: "u/(1 + abs(u))",
    "Tanhshrink": lambda _: "u - tanh(u)",
    "LogSigmoid": lambda _: "-log(1 + exp(-u))",
    "Mish": lambda _: "u*tanh(log(1 + exp(u)))",
    "Softmax": lambda _: "softmax",
    "LogSoftmax": lambda _: "log_softmax",
}
#: What changes nothing once a model is evaluated.
NOTHING = ("Identity", "Dropout", "Flatten")

#: Where a module keeps what else is called when it is applied or differentiated.
HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")

#: PyTorch's losses of one output, in y and p; an output counts 1/K of a mean.
LOSSES = {
    "MSELoss": "(y - p)**2",
    "L1Loss": "abs(y - p)",
    "HuberLoss": "where(abs(y - p) <= 1, (y - p)**2/2, abs(y - p) - 1/2)",
    "SmoothL1Loss": "where(abs(y - p) <= 1, (y - p)**2/2, abs(y - p) - 1/2)",
    "BCELoss": "-(y*log(p) + (1 - y)*log(1 - p))",
    "BCEWithLogitsLoss": "-(y*log(p) + (1 - y)*log(1 - p))",
}
#: The same when there is one output, or a sum over them.
NAMES = {
    "MSELoss": "squared",
    "L1Loss": "absolute",
    "HuberLoss": "huber",
    "SmoothL1Loss": "huber",
    "BCELoss": "log_loss",
    "BCEWithLogitsLoss": "log_loss",
}


@dataclass
class _Layer:
    """A linear map with an activation, or an activation alone, which has no width of its own."""

    width: int
    activation: str = "identity"
    bias: bool = True
    linear: bool = True
    shared: str = ""  # the ending of the names of weights that other layers have too


def torch_spec(model: Any, loss: Any = None, name: str = "network") -> Spec:
    """The spec of a ``torch.nn.Sequential`` of linear layers and activations.

    ``loss`` is a loss of ours, by name or formula, or an object of ``torch.nn``; when it is None, cross_entropy
    for a model that ends in a softmax, else squared.
    """
    features, layers = _torch_layers(model)
    kind = type(loss).__name__
    last = layers[-1]
    if kind in ("CrossEntropyLoss", "BCEWithLogitsLoss"):
        if last.activation != "identity":
            raise SpecError(
                Text(
                    f"{kind} takes logits, but the model ends in {last.activation}; leave that out",
                    f"{kind} принимает логиты, а модель оканчивается на {last.activation}; уберите это",
                )
            )
        last.activation = "softmax" if kind == "CrossEntropyLoss" else "sigmoid"
    if last.activation == "log_softmax":
        if kind != "NLLLoss":
            raise SpecError(
                Text(
                    "a model that ends in LogSoftmax goes with NLLLoss; give loss=torch.nn.NLLLoss()",
                    "модель, которая оканчивается на LogSoftmax, бывает с NLLLoss; задайте loss=torch.nn.NLLLoss()",
                )
            )
        last.activation = "softmax"
    elif kind == "NLLLoss":
        raise SpecError(
            Text(
                "NLLLoss takes the output of LogSoftmax, which the model does not end in",
                "NLLLoss принимает выход LogSoftmax, а модель на него не оканчивается",
            )
        )
    if any(layer.activation == "log_softmax" for layer in layers):
        raise SpecError(
            Text(
                "LogSoftmax inside a model has no place in a spec; it can only be the last",
                "LogSoftmax внутри модели в описании сети записать нельзя; он может быть только последним",
            )
        )
    said = _torch_loss(loss, last)
    return _chain(name, features, _apart(layers), *said)


def _apart(layers: list[_Layer]) -> list[_Layer]:
    """Layers with shared weights are formulas, and their activations stand alone."""
    return [
        part
        for layer in layers
        for part in (
            (replace(layer, activation="identity"), _Layer(layer.width, layer.activation, linear=False))
            if layer.shared and layer.activation != "identity"
            else (layer,)
        )
    ]


def _torch_layers(model: Any) -> tuple[int, list[_Layer]]:
    """The number of inputs, and the layers."""
    features, layers = 0, list[_Layer]()
    modules = list(_modules(model))
    times = _times(modules)
    shared: dict[tuple[int, int], str] = {}
    for module in modules:
        kind = type(module).__name__
        if kind == "Linear":
            if features and layers and layers[-1].width != module.in_features:
                raise SpecError(
                    Text(
                        f"{module} follows a layer of width {layers[-1].width}",
                        f"{module} идёт после слоя ширины {layers[-1].width}",
                    )
                )
            features = features or int(module.in_features)
            layer = _Layer(int(module.out_features), bias=module.bias is not None)
            if times[own := _own(module)] > 1:
                layer.shared = shared.setdefault(own, f"shared_{len(shared) + 1}")
            layers.append(layer)
        elif kind in ACTIVATIONS:
            if not layers:
                raise SpecError(
                    Text(
                        f"{kind} comes before the first Linear, so the number of inputs is not known",
                        f"{kind} стоит до первого Linear, и число входов неизвестно",
                    )
                )
            if kind.endswith("Softmax") and module.dim not in (1, -1, None):
                raise SpecError(
                    Text(
                        f"{kind} runs over dimension {module.dim}; in a spec it runs over the outputs, dim=1",
                        f"{kind} берётся по оси {module.dim}; в описании сети он берётся по выходам, dim=1",
                    )
                )
            activation = ACTIVATIONS[kind](module)
            if layers[-1].activation == "identity":
                layers[-1].activation = activation
            else:
                layers.append(_Layer(layers[-1].width, activation, linear=False))
        elif kind not in NOTHING:
            known = ", ".join(("Linear", *ACTIVATIONS, *NOTHING))
            raise SpecError(
                Text(
                    f"{kind} has no counterpart here; a model can be made of {known}",
                    f"для {kind} здесь нет соответствия; модель составляют из {known}",
                )
            )
        elif kind == "Dropout" and module.p and module.training:
            raise SpecError(
                Text(
                    "Dropout is random while a model is trained; call model.eval() to leave it out",
                    "Dropout случаен, пока модель обучается; вызовите model.eval(), и он отпадёт",
                )
            )
    if not layers:
        raise SpecError(Text("the model has no Linear layer", "в модели нет слоя Linear"))
    return features, layers


def _own(linear: Any) -> tuple[int, int]:
    """What tells the weights and the bias of a layer from those of others."""
    return id(linear.weight), id(linear.bias)


def _times(modules: list[Any]) -> Counter[tuple[int, int]]:
    """How often each pair of weights and bias is applied."""
    times = Counter(_own(module) for module in modules if type(module).__name__ == "Linear")
    for part, what in enumerate(("weights", "bias")):
        uses = Counter(own[part] for own in times if own[part] != id(None))
        if any(number > 1 for number in uses.values()):
            raise SpecError(
                Text(
                    f"two Linear layers have one tensor for their {what}, but not for the rest; share all or none",
                    f"у двух слоёв Linear общий тензор ({what}), а остальное — разное; сделайте общим всё или ничего",
                )
            )
    return times


def _modules(model: Any) -> Iterator[Any]:
    """What a model applies one after the other; a module that stands in two places comes twice."""
    hooks = [name for name, value in vars(model).items() if name.endswith("_hooks") and name in HOOKS and value]
    if hooks:
        raise SpecError(
            Text(
                f"{type(model).__name__} has hooks ({hooks[0][1:]}), which may change its output; remove them",
                f"у {type(model).__name__} есть перехватчики ({hooks[0][1:]}), которые могут менять выход; уберите их",
            )
        )
    if type(model).__name__ != "Sequential":
        yield model
        return
    for module in model:
        yield from _modules(module)


def _torch_loss(loss: Any, last: _Layer) -> tuple[str, str]:
    """Our loss, and the reduction."""
    if loss is None:
        return ("cross_entropy" if last.activation == "softmax" else "squared"), "sum"
    if isinstance(loss, str):
        return loss, "sum"
    kind, reduction = type(loss).__name__, getattr(loss, "reduction", "none")
    if reduction not in ("mean", "sum"):
        raise SpecError(
            Text(
                f"{kind}(reduction={reduction!r}) is no number; take 'mean' or 'sum'",
                f"{kind}(reduction={reduction!r}) — не число; возьмите 'mean' или 'sum'",
            )
        )
    if getattr(loss, "weight", None) is not None or getattr(loss, "pos_weight", None) is not None:
        raise SpecError(
            Text(
                f"{kind} with weights of classes: leave them out, and give them to the Trainer",
                f"{kind} с весами классов: уберите их и передайте в Trainer",
            )
        )
    if getattr(loss, "label_smoothing", 0):
        raise SpecError(
            Text(
                "CrossEntropyLoss with label_smoothing: leave it out, and smooth the targets",
                "CrossEntropyLoss с label_smoothing: уберите его и сгладьте сами правильные ответы",
            )
        )
    if getattr(loss, "ignore_index", -100) != -100:
        raise SpecError(
            Text(
                f"{kind}(ignore_index={loss.ignore_index}): leave it out, and give such samples the weight 0",
                f"{kind}(ignore_index={loss.ignore_index}): уберите его, а таким объектам дайте вес 0",
            )
        )
    for option in ("delta", "beta"):
        if getattr(loss, option, 1.0) != 1.0:
            raise SpecError(
                Text(
                    f"{kind}({option}={getattr(loss, option)}): write its formula in y and p instead",
                    f"{kind}({option}={getattr(loss, option)}): запишите вместо этого формулу от y и p",
                )
            )
    if kind in ("CrossEntropyLoss", "NLLLoss"):
        return "cross_entropy", reduction
    if kind not in LOSSES:
        raise SpecError(
            Text(
                f"{kind} has no counterpart here; give a formula in y and p, or one of {', '.join(LOSSES)}",
                f"для {kind} здесь нет соответствия; задайте формулу от y и p или одну из {', '.join(LOSSES)}",
            )
        )
    if reduction == "mean" and last.width > 1:
        return f"({LOSSES[kind]})/{last.width}", reduction
    return NAMES[kind], reduction


def _chain(name: str, features: int, layers: list[_Layer], loss: str, reduction: str) -> Spec:
    """One layer after the other: z_1, z_2, … and p."""
    nodes: dict[str, Any] = {}
    before, incoming = "x", features
    for number, layer in enumerate(layers, start=1):
        node = "p" if number == len(layers) else f"z_{number}"
        if layer.shared:
            nodes[node] = {"formula": _linear(node, before, layer, incoming), "width": layer.width}
        elif layer.linear:
            nodes[node] = {"inputs": [before], "width": layer.width, "activation": layer.activation}
            if not layer.bias:
                nodes[node]["bias"] = False
        else:
            nodes[node] = {"formula": _applied(node, before, layer), "width": layer.width}
        before, incoming = node, layer.width
    return {
        "name": name,
        "loss": loss,
        "output": "p",
        "reduction": reduction,
        "inputs": {"x": features},
        "nodes": nodes,
    }


def _linear(node: str, before: str, layer: _Layer, incoming: int) -> str:
    """The formula of a layer whose weights and bias other layers have too."""
    j, k = "j" if layer.width != 1 else "", "k" if incoming != 1 else ""
    axes = ",".join(filter(None, (j, k)))
    weights = f"w_{layer.shared}" + (f"[{axes}]" if axes else "")
    product = f"{weights}*{before}[{','.join(filter(None, ('i', k)))}]"
    total = f"Sum({product}, k)" if k else product
    bias = (f" + b_{layer.shared}" + ("[j]" if j else "")) if layer.bias else ""
    return f"{node}[{','.join(filter(None, ('i', j)))}] = {total}{bias}"


def _applied(node: str, before: str, layer: _Layer) -> str:
    """The formula of a node that is an activation alone."""
    at = "[i,j]" if layer.width != 1 else "[i]"
    if layer.activation == "softmax":
        return f"{node}{at} = softmax({before}{at}, j)"
    if layer.activation.isidentifier():
        return f"{node}{at} = {layer.activation}({before}{at})"
    return f"{node}{at} = " + "".join(f"{before}{at}" if word == "u" else word for word in _words(layer.activation))


def _words(formula: str) -> Iterator[str]:
    """The formula cut into names and what stands between them."""
    word = ""
    for char in formula:
        if char.isalnum() or char in "_.":
            word += char
            continue
        yield word
        yield char
        word = ""
    yield word


#: scikit-learn's activations.
SKLEARN = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "softmax": "softmax"}


def sklearn_spec(model: Any, name: str = "network") -> Spec:
    """The spec of a fitted MLPClassifier or MLPRegressor.

    Q is the loss that scikit-learn minimises times the number of samples: a sum over them, and α/2·Σw² over the
    weights without the biases.
    """
    kind = type(model).__name__
    if not hasattr(model, "coefs_"):
        raise SpecError(
            Text(
                f"this {kind} has no coefs_: a spec can be made of an MLPClassifier or MLPRegressor after fit",
                f"у {kind} нет coefs_: описание сети получают из MLPClassifier или MLPRegressor после fit",
            )
        )
    activation, last = model.activation, model.out_activation_
    for used in (activation, last):
        if used not in SKLEARN:
            raise SpecError(
                Text(
                    f"{kind}: the activation {used!r} has no counterpart here",
                    f"{kind}: для функции активации {used!r} здесь нет соответствия",
                )
            )
    widths = [int(coefs.shape[1]) for coefs in model.coefs_]
    layers = [_Layer(width, SKLEARN[activation]) for width in widths]
    layers[-1].activation = SKLEARN[last]
    loss = {"softmax": "cross_entropy", "sigmoid": "log_loss"}.get(layers[-1].activation, "half_squared")
    if loss == "half_squared" and widths[-1] > 1:
        loss = f"(y - p)**2/{2 * widths[-1]}"
    spec = _chain(name, int(model.coefs_[0].shape[0]), layers, loss, "sum")
    if model.alpha:
        spec["regularizer"] = {"l2": float(model.alpha) / 2, "bias": False}
    return spec
