"""Deriving is linear in depth: 1000 equal layers in at most 12 times the time of 100, and in less than 5 seconds."""

from __future__ import annotations

from deriving import deriving, expanded


def test_a_thousand_layers_are_derived_in_the_time_of_ten_times_a_hundred() -> None:
    deriving(10)  # imports, and the tables that all networks share
    for _ in range(3):  # another program may have had the processor's caches for a while
        hundred, thousand = min(deriving(100) for _ in range(2)), deriving(1000)
        if thousand <= 12 * hundred and thousand < 5:
            return
    raise AssertionError(f"100 layers took {hundred:.3f} s, 1000 layers {thousand:.3f} s")


def test_the_derivative_of_the_network_written_out_explodes_with_width_and_depth() -> None:
    sizes = {at: found.derivative for at in ((2, 2), (2, 4), (4, 2), (4, 3)) if (found := expanded(*at, cap=60))}
    assert sizes[2, 4] > 4 * sizes[2, 2]
    assert sizes[4, 3] > 4 * sizes[4, 2] > 4 * sizes[2, 2]
