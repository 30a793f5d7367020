"""``chainrule audit``: a person's NumPy gradient against the derived one, parameter by parameter, in words.

``FILE.py:function``, ``FILE.py:Class.method``, ``FILE.py:Class``, or ``FILE.py`` for the loop at the top of a script.
How arguments, arrays and data are laid out is searched for: shapes decide, with sizes that are all different.  What is
right in some reading is right; the reading is printed.  The code runs in a process of its own, and only after the
person has said so (``run=True``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codegen.audit.asked import asked_of, functions_named, located
from codegen.audit.handwritten import read_file
from codegen.audit.inside.training_loop import SCRIPT
from codegen.audit.made_by_file import OtherSizes
from codegen.audit.outcome import Audit
from codegen.audit.session import Session
from codegen.audit.suspects import Patience
from codegen.audit.trials import Problem, problem_for
from symbolic.errors import CommandError
from symbolic.network.network import Described, Network

TIME_LIMIT = 30.0


def audit(
    target: Any,
    network: Described,
    *,
    run: bool = False,
    seed: int = 0,
    timeout: float = TIME_LIMIT,
    call: str | None = None,
    settings: Sequence[str] = (),
) -> Audit:
    """Compare ``FILE.py:function`` (or a Python function, whose file is read) with the derived gradient.

    ``call``: ``'f(X, y, W1=w_h.T) -> dW1.T, db1'`` where shapes leave it open; ``settings``: ``'W1=w_h.T'`` for
    attributes.  ``timeout``: seconds for each process.  Raises SpecError, one line, when the code cannot be used, or
    when ``run`` is false: it is somebody's code.
    """
    network = Network.of(network)
    file, title = located(target)
    source = read_file(file)
    asked = asked_of(call, settings, network)
    for filler in (*asked.positional, *asked.fillers.values(), *asked.settings.values()):
        for made in functions_named(filler):
            known = {*source.functions, *source.classes, *(name for one in source.classes.values() for name in one)}
            if made not in known:
                raise CommandError(f"--call {call!r}: the file has no function {made}; it has {source.listing()}")
    name = source.meant(asked.function, title) or SCRIPT
    if not (title or call or SCRIPT in source.functions):
        raise CommandError(f"{target!r}: FILE.py:function was expected: no loop at the top of the file takes steps")
    if name not in source.classes:
        source.function(name)
    if not run:
        said = "--run" if isinstance(target, str) else "run=True"
        raise CommandError(f"{file.name}:{name}: auditing runs this code; say so with {said}")
    problems: list[CommandError] = []
    found: list[Audit] = []
    patience = Patience()
    for problem in _problems(network):
        try:
            found.append(Session(source, problem, name, asked, seed, timeout, patience).audit())
        except CommandError as trouble:
            problems.append(trouble)
        if found and (found[-1].agrees or found[-1].slip is not None):
            return found[-1]
    if not found:
        raise min(problems, key=lambda trouble: isinstance(trouble, OtherSizes))
    return max(found, key=lambda one: sum(finding.agrees for finding in one.findings))


def _problems(network: Network) -> list[Problem]:
    """With sizes all different; then with those of the spec, for code that has its sizes written in it."""
    found = [problem_for(network)]
    if network.sizes and set(network.sizes) >= set(network.size_names):
        own = problem_for(network, {})
        if dict(own.sizes) != dict(found[0].sizes):
            found.append(own)
    return found
