"""What every report says of any network: Q over the sample is minimised, and what an error is."""

from __future__ import annotations

from symbolic.derivation import laws
from symbolic.notation.arrange import arrange_definition
from symbolic.notation.boxes import EQUALS, TO, Box, Row, Script
from symbolic.notation.glyphs import FUNCTIONS
from symbolic.notation.style import STYLES, name_box


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
