import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.optimize import linear_sum_assignment

from ovd.domain.matching.assignment import assign_least_cost

COSTS = st.one_of(st.floats(-50, 50), st.integers(-3, 3).map(float), st.just(1e6))
MATRICES = arrays(
    np.float64, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=8), elements=COSTS
)


@given(MATRICES)
def test_total_cost_is_that_of_the_reference(cost):
    found = assign_least_cost(cost)

    assert cost[found].sum() == pytest.approx(cost[linear_sum_assignment(cost)].sum())


@given(MATRICES)
def test_as_many_pairs_as_the_shorter_side_has_and_none_twice(cost):
    rows, columns = assign_least_cost(cost)

    assert len(set(columns.tolist())) == len(rows) == len(columns) == min(cost.shape)
    assert rows.tolist() == sorted(set(rows.tolist()))


def test_cost_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite"):
        assign_least_cost(np.array([[1.0, np.inf]]))
