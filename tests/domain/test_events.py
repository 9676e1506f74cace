from datetime import timedelta

import pytest

from ovd.domain.events import Gap
from tests.builders import START


def test_gap_tells_its_length():
    assert Gap("gate", START, START + timedelta(seconds=3), "stalled").duration_s == 3.0


def test_gap_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end before"):
        Gap("gate", START, START - timedelta(seconds=1), "stalled")


def test_gap_refuses_a_naive_time():
    with pytest.raises(ValueError, match="timezone-aware"):
        Gap("gate", START.replace(tzinfo=None), START, "stalled")
