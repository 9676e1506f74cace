import pytest

from ovd.video.timeline import MediaTimeline


def place_all(stamps, declared_s=None):
    timeline = MediaTimeline(0.1, declared_s)
    return timeline, [timeline.place(stamp) for stamp in stamps]


def test_timeline_starts_at_zero_and_keeps_variable_steps():
    _, times = place_all([5.0, 5.1, 7.6, 7.64])

    assert times == pytest.approx([0.0, 0.1, 2.6, 2.64])


def test_timeline_counts_by_the_frame_rate_where_stamps_are_missing():
    _, times = place_all([None, None, None])

    assert times == pytest.approx([0.0, 0.1, 0.2])


def test_timeline_steps_over_a_repeated_stamp():
    _, times = place_all([0.0, 0.1, 0.1, 0.3])

    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3])


@pytest.mark.parametrize("wild", [-500.0, 9e9])
def test_timeline_goes_on_through_an_absurd_stamp(wild):
    timeline, times = place_all([0.0, 0.1, wild, wild + 0.1, 0.4, 0.5])

    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=1e-4)
    assert timeline.jumped


def test_timeline_believes_no_step_longer_than_the_file():
    _, times = place_all([0.0, 0.1, 1800.0], declared_s=60.0)

    assert times == pytest.approx([0.0, 0.1, 0.2])


def test_timeline_anchored_before_the_first_frame_starts_late():
    timeline = MediaTimeline(0.1, None)

    timeline.anchor(2.0)

    assert timeline.place(2.5) == pytest.approx(0.5)
