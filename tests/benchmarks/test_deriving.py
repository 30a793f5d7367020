"""What is written out explodes; that deriving is linear is counted in tests/test_depth.py and timed by deriving.py."""

from __future__ import annotations

import pytest
from deriving import expanded


@pytest.mark.slow
def test_the_derivative_of_the_network_written_out_explodes_with_width_and_depth() -> None:
    sizes = {at: found.derivative for at in ((2, 2), (2, 4), (4, 2), (4, 3)) if (found := expanded(*at, cap=60))}
    assert sizes[2, 4] > 4 * sizes[2, 2]
    assert sizes[4, 3] > 4 * sizes[4, 2] > 4 * sizes[2, 2]
