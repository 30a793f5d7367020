"""Whatever network is drawn, its module, its formulas, PyTorch and differences agree on Q and its gradient."""

from __future__ import annotations

from agreement import assert_all_agree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import specs


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(spec=specs(), seed=st.integers(0, 10_000), N=st.integers(1, 4))
def test_value_and_gradient_of_a_drawn_network_agree_with_pytorch_and_with_differences(spec, seed, N):
    assert_all_agree(spec, seed, N)
