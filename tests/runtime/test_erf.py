"""erf to the last digit, block by block, in place, in either type."""

import math

import numpy as np
import pytest

from codegen.runtime.arrays import ERF_BLOCK, erf

WIDE = np.concatenate(
    [np.linspace(-7, 7, 2 * ERF_BLOCK + 3), np.geomspace(1e-300, 1, 500), [0.0, -0.0, np.inf, -np.inf]]
)


def exact(values: np.ndarray) -> np.ndarray:
    return np.array([math.erf(float(v)) for v in values])


@pytest.mark.parametrize(("dtype", "digits"), [(np.float64, 4e-16), (np.float32, 3e-7)])
def test_erf_keeps_the_type_and_its_digits(dtype, digits):
    u = WIDE.astype(dtype)
    found = erf(u)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, exact(u), rtol=digits, atol=np.finfo(dtype).smallest_normal)


def test_erf_may_write_where_it_reads_and_into_a_view():
    u = WIDE[:600].reshape(20, 30).copy()
    wanted = erf(u)
    view = np.zeros((30, 20)).T
    erf(u, view)
    np.testing.assert_array_equal(view, wanted)
    erf(u, u)
    np.testing.assert_array_equal(u, wanted)


def test_erf_of_one_number_and_of_nothing():
    assert erf(np.array(0.3)) == math.erf(0.3)
    assert erf(np.empty((0, 3))).shape == (0, 3)
    assert np.isnan(erf(np.array([np.nan, 1.0]))[0])
