"""``python -m codegen.generate`` writes what is made from tables: ``generated/``, and the reference in the rooms."""

from __future__ import annotations

import sys
from pathlib import Path

from codegen.files import write
from codegen.runtime.bundle import FILE, runtime_text
from codegen.targets.numpy.emit import emit
from codegen.targets.package import package_of
from codegen.updates.lowered import schedules_text, steps_text
from symbolic.network.builtin import builtin_specs
from symbolic.network.network import Network
from symbolic.reference import TOPICS

#: Where the committed modules live: beside this package.
ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "generated"

#: The pages of reference, and what stands above the tables of each: (folder, title, introduction, topics).
PAGES = (
    (
        "symbolic/network/specs",
        "Specs",
        "The built-in networks are the TOML files beside this page; `chainrule specs` prints them.",
        {"Keys": "spec", "Losses and regularisers": "losses", "Activations": "activations"},
    ),
    (
        "symbolic/marking",
        "Marking",
        "A file for `chainrule verify` may declare its own model in a header; without one, `--spec` names a network.",
        {"The header": "header"},
    ),
    (
        "symbolic/derivation",
        "Derivations",
        "`chainrule derive SPEC --format json`, and `derivation.to_dict()`, say everything there is to know.",
        {"JSON": "derivation"},
    ),
)


def module(name: str) -> str:
    """The text of the module of a built-in network, without the runtime."""
    return package_of(emit(Network.load(name)))[0]


def modules() -> dict[str, str]:
    """The text of every module, by the name of its file; the runtime stands beside them once."""
    return {FILE: runtime_text(), **{f"{name}.py": module(name) for name in builtin_specs()}}


def lowered() -> dict[Path, str]:
    """The modules of the runtime that are made of descriptions, by their place."""
    folder = ROOT / "codegen" / "runtime"
    return {folder / "steps.py": steps_text(), folder / "schedules.py": schedules_text()}


def pages() -> dict[Path, str]:
    """The text of every page of reference, by its place."""
    found = {}
    for folder, title, introduction, topics in PAGES:
        parts = [
            f"# {title}",
            introduction,
            "Printed from the tables by `python -m codegen.generate`; not to be edited.",
        ]
        for heading, topic in topics.items():
            parts += [f"## {heading}", TOPICS[topic]()]
        found[ROOT / folder / "README.md"] = "\n\n".join(parts) + "\n"
    return found


def main() -> int:
    """Write what differs; print one line for each file."""
    for path, text in {**lowered(), **{GENERATED / name: text for name, text in modules().items()}, **pages()}.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            print(f"{path}: as it was")
        else:
            print(f"{write(path, text)}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
