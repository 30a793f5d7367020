"""A column times a row of one number, by a product or by copying: the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from codegen.runtime.arrays import FEW_SPREAD, spread


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("number", [-1.0, 1.0, 2.5])
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 7), (16, 32), (64, FEW_SPREAD // 64), (64, FEW_SPREAD // 64 + 1), (3, 0)]
)
def test_each_row_is_one_number(shape, number, dtype):
    rows, columns = shape
    column = np.random.default_rng(0).standard_normal(rows).astype(dtype)
    column[0] = np.inf
    out = np.empty(shape, dtype)
    spread(column[:, None], np.full((1, columns), number, dtype), out)
    np.testing.assert_array_equal(out, np.tile((column * dtype(number))[:, None], columns))


def test_only_few_numbers_are_a_product():
    """Beyond them a product takes twice the time of copying."""
    calls = []

    class Column(np.ndarray):
        def dot(self, *given):
            calls.append(given)
            return np.ndarray.dot(self, *given)

    for columns in (FEW_SPREAD // 64, FEW_SPREAD // 64 + 1):
        spread(np.ones((64, 1)).view(Column), np.ones((1, columns)), np.empty((64, columns)))
    assert len(calls) == 1
