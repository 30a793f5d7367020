"""`chainrule derive`: a derivation step by step."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from codegen.cli.options import Lang, Language, Notation, Spec, bounded, show_json, terminal_width
from codegen.collecting import never_collected
from codegen.training.progress import working
from symbolic.errors import CommandError

if TYPE_CHECKING:
    from symbolic.derivation.record import Derivation
    from symbolic.network.network import Network


class Form(StrEnum):
    chain = "chain"
    expanded = "expanded"
    backprop = "backprop"
    matrix = "matrix"


class Detail(StrEnum):
    line = "line"
    rule = "rule"


class Quantity(StrEnum):
    gradient = "gradient"
    hessian = "hessian"
    hessian_vector = "hessian-vector"
    jacobian = "jacobian"
    per_sample = "per-sample"
    by_input = "by-input"
    hessian_diagonal = "hessian-diagonal"


class DeriveFormat(StrEnum):
    text = "text"
    latex = "latex"
    json = "json"
    sympy = "sympy"


Width = Annotated[
    int | None,
    typer.Option("--width", min=40, metavar="N", help="Characters in a line of text; the terminal's when left out."),
]


@never_collected()
def derive_command(
    spec: Spec,
    wrt: Annotated[str | None, typer.Option(metavar="NAME", help="The parameter; all weights when left out.")] = None,
    form: Annotated[Form | None, typer.Option(help="How much is substituted; the lecture's way when left out.")] = None,
    detail: Annotated[Detail, typer.Option(help="The lecture's lines, or every rule.")] = Detail.line,
    of: Annotated[Quantity, typer.Option(help="The gradient, or a derivative past it.")] = Quantity.gradient,
    lang: Lang = Language.en,
    notation: Annotated[Notation, typer.Option(help="How quantities are written.")] = Notation.lecture,
    format: Annotated[DeriveFormat, typer.Option(help="What is printed.")] = DeriveFormat.text,
    width: Width = None,
) -> None:
    """Derive ∂Q/∂w step by step, with the reason of every step."""
    with bounded(spec) as network:
        with working("deriving") as tell:
            derivations = derived(network, wrt, form, detail, of, tell)
        show_derivations(derivations, format, lang, notation, alone=wrt is not None, width=width)


def derived(
    network: Network, wrt: str | None, form: Form | None, detail: Detail, of: Quantity, tell: Callable[[str], None]
) -> list[Derivation]:
    """The derivations that are asked for; ``tell`` hears which one is being made."""
    from symbolic.derivation.derive import derive, too_many_to_read
    from symbolic.derivation.second_order import (
        gradient_by,
        hessian,
        hessian_diagonal,
        hessian_vector_product,
        jacobian,
        per_sample_gradient,
    )
    from symbolic.network.budget import enough_to_derive
    from symbolic.network.order import weights

    if of is Quantity.gradient:
        enough_to_derive(network)
        names = weights(network) if wrt is None else [wrt]
        if (why := too_many_to_read(network, form and form.value, detail.value, len(names))) is not None:
            raise why
        found = []
        for name in names:
            tell(f"deriving ∂Q/∂{name}")
            found.append(derive(network, name, form=form and form.value, detail=detail.value))
        return found
    if form is not None:
        raise CommandError(f"--form: {form.value} is a form of the gradient; leave it out for --of {of.value}")
    past_the_gradient = {
        Quantity.hessian: hessian,
        Quantity.hessian_vector: hessian_vector_product,
        Quantity.jacobian: jacobian,
        Quantity.per_sample: per_sample_gradient,
        Quantity.by_input: gradient_by,
        Quantity.hessian_diagonal: hessian_diagonal,
    }
    return [past_the_gradient[of](network, wrt).in_detail(detail.value)]


def show_derivations(
    derivations: list[Derivation],
    format: DeriveFormat,
    lang: Language,
    notation: Notation,
    *,
    alone: bool,
    width: int | None = None,
) -> None:
    """Print derivations of one network; as JSON one object, that of the derivation when it was asked for alone."""
    from symbolic.derivation.lines import latex_document, text_document

    match format:
        case DeriveFormat.json if alone:
            show_json(derivations[0].to_dict(lang.value))
        case DeriveFormat.json:
            found = [derivation.to_dict(lang.value) for derivation in derivations]
            show_json({"network": derivations[0].network, "derivations": found})
        case DeriveFormat.latex:
            print(latex_document(derivations, lang.value, notation.value))
        case DeriveFormat.sympy:
            from symbolic.interchange.script import sympy_script

            named = ", ".join(str(derivation.goal) for derivation in derivations)
            print(sympy_script(derivations, f"{named} of {derivations[0].network or 'the general scheme'}."), end="")
        case DeriveFormat.text:
            print(text_document(derivations, lang.value, notation.value, width or terminal_width()))
