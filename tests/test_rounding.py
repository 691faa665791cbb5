from __future__ import annotations

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coterie.rounding import round9


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_nine_digits_survive_json_and_a_second_rounding(value):
    rounded = round9(value)
    assert math.isclose(rounded, value, rel_tol=5.1e-9, abs_tol=0.0) or rounded == value
    assert json.loads(json.dumps(rounded)) == rounded
    assert round9(rounded) == rounded
    assert round9(np.array([value]))[0] == rounded


def test_known_values_and_shapes():
    assert round9(2 / 3) == 0.666666667
    assert math.copysign(1.0, round9(-0.0)) == 1.0
    assert round9(np.arange(6.0).reshape(2, 3) / 7).shape == (2, 3)
