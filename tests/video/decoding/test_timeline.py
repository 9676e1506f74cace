import pytest

from ovd.video.decoding.timeline import MediaTimeline


def place_all(stamps, declared_s=None, origin_s=0.0):
    """Media times of frames whose packets are decoded in the order in which they are shown."""
    timeline = MediaTimeline(origin_s, 0.1, declared_s)
    times = []
    for stamp in stamps:
        origin = timeline.place_packet(stamp, stamp)
        times.append(timeline.place_frame(None if stamp is None else stamp - origin))
    return timeline, times


def test_timeline_starts_at_its_origin_and_keeps_variable_steps():
    _, times = place_all([5.0, 5.1, 7.6, 7.64], origin_s=5.0)

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


def test_timeline_whose_first_frame_cannot_be_seen_starts_late():
    timeline = MediaTimeline(2.0, 0.1, None)
    timeline.place_packet(2.0, 2.0)
    origin = timeline.place_packet(2.5, 2.5)

    assert timeline.place_frame(2.5 - origin) == pytest.approx(0.5)


def test_timeline_goes_on_after_the_last_packet_where_stamps_start_again():
    part = [number / 10 for number in range(20)]

    timeline, times = place_all(part * 3)

    assert times == pytest.approx([number / 10 for number in range(60)])
    assert timeline.end_s == pytest.approx(6.0)


def test_timeline_keeps_the_length_of_packets_that_were_not_decoded():
    timeline = MediaTimeline(0.0, 0.1, None)
    for number in range(30):
        timeline.place_packet(number / 10, number / 10)

    origin = timeline.place_packet(0.0, 0.0)

    assert timeline.place_frame(0.0 - origin) == pytest.approx(3.0)
