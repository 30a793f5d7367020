"""What every report says of any network: Q over the sample is minimised, what an error is, the general scheme."""

from __future__ import annotations

from codegen.report import lecture_words
from codegen.report.blocks import Block, Chain, Said, Shown, say
from symbolic.derivation import laws
from symbolic.derivation.equations import equation_of
from symbolic.derivation.scheme import FAMILIES, general_scheme
from symbolic.notation.arrange import arrange_definition
from symbolic.notation.boxes import COMMA, DOTS, EQUALS, TO, Box, Row, Script, joined, sign
from symbolic.notation.glyphs import FUNCTIONS
from symbolic.notation.quantity_boxes import entry_box
from symbolic.notation.style import LECTURE, STYLES
from symbolic.notation.subscript_boxes import name_box


def minimised(regularized: bool = False, notation: str = "lecture") -> Box:
    """Q(w) = Σ L(y_i, a(x_i; w)) (+ R(w)) → min_w."""
    definition = laws.training_objective(regularized, notation)
    left, right = arrange_definition(definition, laws.law_style(STYLES[notation]))
    return Row((left, EQUALS, right, TO, Script(FUNCTIONS["min"], name_box("w"))))


def what_an_error_is(notation: str = "lecture") -> Box:
    """E_α = ∂Q/∂α; Bishop's δ_j = ∂Q/∂a_j."""
    definition, style = laws.what_an_error_is(notation)
    left, right = arrange_definition(definition, style, ranges=False)
    return Row((left, EQUALS, right))


def scheme() -> tuple[Block, ...]:
    """α, β, γ: layer by layer, back to a weight."""
    found = general_scheme()
    assert found.variable is not None
    first, second = (joined((*(_numbered(name, k) for k in (1, 2)), DOTS), COMMA) for name, _ in FAMILIES[:2])
    weight = entry_box(found.variable, LECTURE)
    said = say(lecture_words.SCHEME_SAYS, alpha=first, beta=second, Q=name_box("Q"), w=weight)
    return said, Chain(equation_of(found))


def _numbered(name: str, number: int) -> Box:
    return Script(name_box(name), sign(str(number)))


def error_laws() -> tuple[Block, ...]:
    """E_α = ∂Q/∂α, and what it is good for: ∂Q/∂w_α = E_α ∂α/∂w_α."""
    law = laws.error_law()
    (error,) = law.definitions
    equation = equation_of(law)
    return (
        say(lecture_words.BACKWARD_SAYS, Q=name_box("Q"), alpha=name_box("alpha")),
        Shown((arrange_definition(error, LECTURE.knowing(law.known)),)),
        Said(lecture_words.BACKWARD_WEIGHT),
        Shown(((equation.left, equation.right[-1]),)),
    )
