"""The work behind each request: plain data in, plain data out, top-level functions, so that a worker can do it.

Every spec is text or a table, never a path, and is held against a budget before any work is done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from codegen.report.linked import linked
from codegen.report.page import evidence as evidence_part
from codegen.runtime.check import Opinion
from codegen.targets.numpy.emit import emit
from codegen.web.deriving import derivation_data
from codegen.web.keys import statements
from codegen.web.sample_values import numbers_data
from symbolic import words
from symbolic.derivation.adjoint import adjoint
from symbolic.errors import SpecError
from symbolic.fuel import at_most
from symbolic.network.budget import A_NETWORK, STRANGERS, enough_for, within, within_sizes, within_text
from symbolic.network.builtin import builtin_specs, builtin_text
from symbolic.network.network import Network
from symbolic.network.nodes import written
from symbolic.network.objective import build_objective
from symbolic.notation.style import STYLES
from symbolic.words import Text

Asked = Mapping[str, Any]


def network_of(spec: Any) -> Network:
    """The network of a built-in name, a TOML text or a table; ``SpecError`` for what is none or is too large."""
    if isinstance(spec, str):
        if spec.strip() in builtin_specs():
            return Network.load(spec.strip())
        if not spec.strip():
            raise SpecError(
                Text(
                    "spec: nothing here yet; begin with an example, or with an [inputs] and a [nodes.p] table",
                    "spec: здесь пока пусто; начните с примера или с таблиц [inputs] и [nodes.p]",
                )
            )
        if "=" not in spec and "[" not in spec:
            raise SpecError(
                Text(
                    f"spec: {spec.strip()[:60]!r} is no built-in network and no TOML text",
                    f"spec: {spec.strip()[:60]!r} — не встроенная сеть и не текст TOML",
                )
            )
    within_text(spec if isinstance(spec, str) else str(spec), STRANGERS)
    with at_most(A_NETWORK):
        network = Network.from_toml(spec) if isinstance(spec, str) else Network.from_dict(spec)
        within(network, STRANGERS)
    return network


def specs(asked: Asked) -> dict[str, Any]:
    """The built-in networks."""
    found = [Network.load(name) for name in builtin_specs()]
    return {
        "specs": [
            {
                "name": one.name,
                "hash": one.hash,
                "inputs": {entry.name: written(entry.width) for entry in one.inputs},
                "sizes": one.sizes,
            }
            for one in found
        ]
    }


def parse(asked: Asked) -> dict[str, Any]:
    """What a spec says, without deriving anything."""
    network = network_of(asked["spec"])
    return {
        "hash": network.hash,
        "name": network.name,
        "summary": network.summary(),
        "parameters": [
            {"name": p.name, "shape": " × ".join(map(str, p.tensor.axes)) or "1"} for p in network.parameters
        ],
        "sizes": network.sizes,
        "missing_sizes": [name for name in network.size_names if name not in network.sizes],
        "toml": toml_of(asked["spec"]),
    }


def toml_of(spec: Any) -> str:
    """The text of a spec: its own, or that of the built-in one; empty for a table."""
    if not isinstance(spec, str):
        return ""
    return builtin_text(spec.strip()) if spec.strip() in builtin_specs() else spec


def derive(asked: Asked) -> dict[str, Any]:
    """Every formula of the page."""
    network = network_of(asked["spec"])
    with enough_for(network):
        return derivation_data(
            network,
            wrt=asked["wrt"],
            form=asked["form"],
            detail=asked["detail"],
            notation=asked["notation"],
            lang=asked["lang"],
        )


def code(asked: Asked) -> dict[str, Any]:
    """The emitted module, each line with the equations and quantities that it is about."""
    network = network_of(asked["spec"])
    objective = build_objective(network)
    with enough_for(network):
        source = emit(network, asked["dtype"])
        lines = statements(source, (*objective.definitions, *adjoint(objective).definitions))
    return {
        "source": source,
        "lines": [
            {
                "number": one.number,
                "text": one.text,
                "equations": list(one.equations),
                "defines": list(one.defines),
                "uses": list(one.uses),
                "folded": one.folded,
            }
            for one in lines
        ],
    }


def check(asked: Asked) -> dict[str, Any]:
    """The gradient of the module against finite differences and the complex step."""
    from codegen.checking.trial import check_network

    network = network_of(asked["spec"])
    within_sizes(network, asked["sizes"], STRANGERS)
    with enough_for(network):
        report = check_network(network, asked["sizes"], asked["seed"])
    shown = evidence_part(report, asked["lang"])
    return {
        "parameters": [
            {
                "name": p.name,
                "shape": " × ".join(map(str, p.shape)) or "1",
                "error": float(p.error) if p.error == p.error else None,
                "worst": p.worst,
            }
            for p in report.parameters
        ],
        "setting": shown["setting"],
        "second": "" if report.second is None else _second(report.second, asked["lang"]),
        "notes": shown["notes"],
        "agrees": report.agrees,
    }


def _second(opinion: Opinion, lang: str) -> str:
    return f"{words.METHODS[opinion.method].text(lang)}: {opinion.error:.1e}"


def numbers(asked: Asked) -> dict[str, Any]:
    """What each quantity is at one object of a random sample."""
    network = network_of(asked["spec"])
    within_sizes(network, asked["sizes"], STRANGERS)
    return {"values": numbers_data(network, asked["sizes"], asked["seed"], asked["sample"])}


def graph(asked: Asked) -> dict[str, Any]:
    """The drawing of the network alone."""
    from codegen.report.graph import drawing
    from codegen.report.svg import picture

    network = network_of(asked["spec"])
    objective = build_objective(network)
    shown = drawing(network, STYLES[asked["notation"]].knowing(objective.definitions))
    label = words.THE_GRAPH_BACKWARD if asked["backward"] else words.THE_GRAPH
    links = linked(objective, shown)
    return {"svg": picture(shown, label.text(asked["lang"]), asked["backward"], links)}


def train(asked: Asked) -> dict[str, Any]:
    """A small run: the loss curve, and p over the plane where the network has two inputs."""
    from codegen.web.fitting import trained

    network = network_of(asked["spec"])
    within_sizes(network, asked["sizes"], STRANGERS)
    return trained(network, asked)


def preview(asked: Asked) -> dict[str, Any]:
    """A person's LaTeX as MathML, empty where it cannot be read."""
    from codegen.web.preview import previewed

    return {"mathml": [previewed(text) for text in asked["latex"]]}


def download(asked: Asked) -> dict[str, Any]:
    """A file of the derivation: LaTeX, the module, the report as a page, or the spec itself."""
    network = network_of(asked["spec"])
    with enough_for(network):
        text = _file(network, asked)
    return {"name": f"{re.sub(r'[^A-Za-z0-9_]', '_', network.name)}.{asked['format']}", "text": text}


def _file(network: Network, asked: Asked) -> str:
    from codegen.report.content import content
    from codegen.report.page import page
    from symbolic.derivation.derive import derive as derive_one
    from symbolic.derivation.lines import latex_document
    from symbolic.network.order import weights

    match asked["format"]:
        case "py":
            return emit(network)
        case "html":
            network.resolve_sizes()
            return page(content(network, asked["notation"]), asked["lang"])
        case "toml":
            return toml_of(asked["spec"])
    names = weights(network) if asked["wrt"] is None else [asked["wrt"]]
    found = [derive_one(network, name, asked["form"], asked["detail"]) for name in names]
    return latex_document(found, asked["lang"], asked["notation"])
