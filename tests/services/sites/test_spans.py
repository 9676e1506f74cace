from datetime import timedelta

from ovd.services.sites.spans import cut_out, find_holes, merge, overlap_s, total_s
from tests.builders import START


def span(first: float, last: float):
    return START + timedelta(seconds=first), START + timedelta(seconds=last)


def test_intervals_that_touch_or_overlap_are_one():
    assert merge([span(5, 9), span(0, 5), span(7, 8), span(20, 20)]) == [span(0, 9)]


def test_what_is_left_outside_of_others():
    assert cut_out([span(0, 10), span(20, 30)], [span(2, 4), span(8, 22)]) == [
        span(0, 2),
        span(4, 8),
        span(22, 30),
    ]
    assert cut_out([span(0, 10)], [span(-5, 15)]) == []


def test_short_holes_are_none():
    found = find_holes([span(0, 10), span(12, 20)], *span(0, 60), largest=timedelta(seconds=5))

    assert list(found) == [span(20, 60)]


def test_lengths_are_summed():
    assert total_s([span(0, 10), span(20, 25)]) == 15
    assert overlap_s([span(0, 10)], [span(5, 7), span(9, 30)]) == 3
