"""The report of a network as one LaTeX document: model, derivations, gradients, evidence, code.

Everything in it is a view of what was derived; the template holds no mathematics.  The text is the same
from run to run: it has no date and no path.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from codegen import tex
from codegen.check import CheckReport
from codegen.emit import emit
from codegen.escape import code_line, escape
from codegen.files import folder, write
from codegen.trial import check_network
from codegen.version import VERSION
from symbolic import words
from symbolic.adjoint import adjoint
from symbolic.derivation import Derivation
from symbolic.deriving import derive
from symbolic.expr import Definition
from symbolic.latex import definitions_latex
from symbolic.network import Network
from symbolic.objective import Objective, build_objective
from symbolic.show import FICTITIOUS, latex_lines, stated_rules
from symbolic.words import Language, Text

#: babel's options; the last language is the document's.
BABEL = {"en": "english", "ru": "russian"}
ENCODINGS = {"en": "T2A,T1", "ru": "T1,T2A"}

TITLE = Text("The gradient of the network {name}", "Градиент нейронной сети {name}")
HEADS = (
    Text("parameter", "параметр"),
    Text("shape", "размер"),
    Text("relative error, at most", "относительная ошибка, не больше"),
    Text("at", "где"),
)
SETTING = Text(
    "At a random point ({sizes}, seed {seed}) every entry of the gradient is compared with central differences of $Q$.",
    "В случайной точке ({sizes}, seed {seed}) каждый элемент градиента сравнивается с центральными разностями $Q$.",
)
SECOND = Text(
    "Second opinion ({method}): relative error at most ${error}$.",
    "Второе мнение ({method}): относительная ошибка не больше ${error}$.",
)
METHODS = {
    "complex step": Text("complex step", "комплексный шаг"),
    "differences with 50 digits": Text("differences with 50 digits", "разности с 50 знаками"),
}


def environment() -> Environment:
    """The environment of LaTeX templates: ``<< value >>`` and ``%% statement``; undefined names are errors."""
    return Environment(
        loader=PackageLoader("codegen"),
        undefined=StrictUndefined,
        autoescape=False,  # values arrive as LaTeX: formulas from the printer, text through ``escape``
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        line_statement_prefix="%%",
        line_comment_prefix="%#",
    )


def report(network: Network, lang: Language = "en") -> str:
    """The document's text."""
    objective = build_objective(network)
    derivations = [derive(network, name) for name in weights(network)]
    template = environment().get_template("report.tex.j2")
    return template.render(
        version=escape(VERSION),
        encodings=ENCODINGS[lang],
        babel=BABEL[lang],
        title=TITLE.format(name=rf"\texttt{{{escape(network.name)}}}").text(lang),
        pdf_title=escape(network.name),
        remark=FICTITIOUS.text(lang) if any(p.bias for p in network.parameters) else "",
        words={
            "network": words.THE_NETWORK.text(lang),
            "rules": words.RULES_USED.text(lang),
            "derivation": words.DERIVATION.text(lang),
            "gradients": words.BACKPROPAGATION_HEADING.text(lang),
            "evidence": words.EVIDENCE_HEADING.text(lang),
            "code": words.CODE_HEADING.text(lang),
        },
        network=across_pages(definitions_latex(derivations[0].definitions if derivations else objective.definitions)),
        rules=laws(derivations, lang),
        derivations=[latex_lines(d, lang) for d in (*lemmas(derivations), *derivations)],
        gradients=across_pages(definitions_latex(everything(objective)), numbered=True),
        evidence=evidence(check_network(network), lang),
        code=[code_line(line) for line in computation(emit(network))],
    )


def weights(network: Network) -> list[str]:
    """The parameters worth a derivation of their own, in the lecture's order, from the output backwards.

    A bias goes with its weights, as their component 0; a network of biases alone shows those.
    """
    names = [p.name for p in network.parameters if not p.bias] or [p.name for p in network.parameters]
    return list(reversed(names))


def lemmas(derivations: Iterable[Derivation]) -> tuple[Derivation, ...]:
    """What the derivations derive beforehand, each once."""
    found = {lemma.goal: lemma for derivation in derivations for lemma in derivation.lemmas}
    return tuple(found.values())


def laws(derivations: Iterable[Derivation], lang: Language) -> list[str]:
    """The rules that the derivations cite, each once, as rows of a display: the name, then the law."""
    cited = dict.fromkeys(rule for derivation in derivations for rule in stated_rules(derivation))
    return [rf"&\text{{{escape(rule.name.text(lang))}}} && {rule.statement}" for rule in cited]


def computation(source: str) -> list[str]:
    """The lines of an emitted module that compute: the function that holds predict, value and gradient."""
    core = next(
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "functions"
    )
    return source.splitlines()[core.lineno - 1 : core.end_lineno]


def across_pages(aligned: str, numbered: bool = False) -> str:
    """The same rows as a display of their own, which may be broken between pages.

    The numbers are those that the emitted code cites: the definitions in their order, then the E.
    """
    return aligned.replace("{aligned}", "{align}" if numbered else "{align*}")


def everything(objective: Objective) -> tuple[Definition, ...]:
    """The network's definitions, then every E_α in the order of backpropagation."""
    return (*objective.definitions, *adjoint(objective).definitions)


def evidence(checked: CheckReport, lang: Language) -> dict[str, Any]:
    """The gradient check as rows of a table."""
    sizes = ", ".join(f"${escape(name)} = {number}$" for name, number in checked.about["sizes"].items())
    rows = [
        [rf"\texttt{{{escape(p.name)}}}", shape(p.shape), f"${scientific(p.error)}$", rf"\texttt{{{escape(p.worst)}}}"]
        for p in checked.parameters
    ]
    notes = []
    if checked.second:
        method = METHODS[checked.second.method].text(lang)
        notes.append(SECOND.format(method=method, error=scientific(checked.second.error)).text(lang))
    return {
        "setting": SETTING.format(sizes=sizes, seed=checked.about["seed"]).text(lang),
        "heads": [head.text(lang) for head in HEADS],
        "rows": rows,
        "notes": notes,
    }


def shape(lengths: Iterable[int]) -> str:
    return "$" + (r" \times ".join(map(str, lengths)) or "1") + "$"


def scientific(number: float) -> str:
    r"""A small number as TeX writes it.

    >>> scientific(2.5e-11)
    '2.5 \\cdot 10^{-11}'
    """
    mantissa, exponent = f"{number:.1e}".split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if number else "0"


def write_report(network: Network, output: Path, lang: Language = "en", pdf: bool = False) -> list[Path]:
    """Write the document, and its PDF when asked for; returns the files.

    Raises :class:`codegen.tex.TexError` when a PDF is wanted and there is no engine or it refuses.
    """
    text = report(network, lang)
    if pdf and tex.engine() is None:
        raise tex.TexError(tex.ADVICE)
    suffix = "" if lang == "en" else f".{lang}"
    source = write(folder(output) / f"{network.name}{suffix}.tex", text)
    return [source, tex.compile_pdf(source)] if pdf else [source]
