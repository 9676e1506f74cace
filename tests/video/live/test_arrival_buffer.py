from datetime import timedelta

import pytest

from ovd.domain.events import Gap
from ovd.video.live.arrival_buffer import CALM_S, MOST_WAITING, PATIENCE_S, Arrival, ArrivalBuffer
from ovd.video.live.capture import LiveFrame
from tests.builders import START, make_frame

INTERVAL_S = 0.5
LATE_S = PATIENCE_S + 1.0


def arrive(buffer, *times_s):
    """Images that arrive at these seconds."""
    for time_s in times_s:
        frame = LiveFrame((64, 96), lambda: make_frame().image)
        at = START + timedelta(seconds=time_s)
        buffer.put(Arrival(frame, round(time_s / INTERVAL_S), time_s, at))


def lose(buffer, start_s, end_s, reason="hung up"):
    start, end = (START + timedelta(seconds=time_s) for time_s in (start_s, end_s))
    buffer.put_gap(Gap("gate", start, end, reason))


def take_all(buffer):
    """Times of the arrivals and lengths of the gaps that wait, in order."""
    found = []
    while (item := buffer.take(0.0)[0]) is not None:
        found.append(item.time_s if isinstance(item, Arrival) else f"gap {item.duration_s:g} s")
    return found


@pytest.fixture
def buffer():
    return ArrivalBuffer()


def test_arrival_buffer_loses_no_sample_while_nobody_looks_for_two_seconds(buffer):
    arrive(buffer, 0.0, 0.5, 1.0, 1.5, 2.0)

    assert take_all(buffer) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert buffer.dropped == 0


def test_arrival_buffer_drops_all_but_the_newest_once_one_waited_too_long(buffer):
    arrive(buffer, 0.0, 1.0, PATIENCE_S + 0.1)

    assert take_all(buffer) == [PATIENCE_S + 0.1]
    assert buffer.dropped == 2


def test_arrival_buffer_holds_few_frames_of_a_fast_camera(buffer):
    times_s = [number / 100 for number in range(MOST_WAITING + 1)]

    arrive(buffer, *times_s)

    assert take_all(buffer) == times_s[-1:]
    assert buffer.dropped == MOST_WAITING


def test_arrival_buffer_holds_only_the_newest_for_whoever_could_not_keep_up(buffer):
    arrive(buffer, 0.0, LATE_S)
    take_all(buffer)

    arrive(buffer, LATE_S + 0.5, LATE_S + 1.0)

    assert take_all(buffer) == [LATE_S + 1.0]


def test_arrival_buffer_is_patient_again_after_a_calm_while(buffer):
    arrive(buffer, 0.0, LATE_S)
    take_all(buffer)
    arrive(buffer, LATE_S + CALM_S)

    arrive(buffer, LATE_S + 0.5 + CALM_S)

    assert take_all(buffer) == [LATE_S + CALM_S, LATE_S + 0.5 + CALM_S]


def test_arrival_buffer_keeps_gaps_in_their_place(buffer):
    arrive(buffer, 0.0)
    lose(buffer, 0.0, 1.0)
    arrive(buffer, 1.0)

    assert take_all(buffer) == [0.0, "gap 1 s", 1.0]


def test_arrival_buffer_joins_gaps_between_which_every_frame_was_dropped(buffer):
    lose(buffer, 0.0, 1.0)
    arrive(buffer, 1.0)
    lose(buffer, 2.0, LATE_S + 1.0)
    arrive(buffer, LATE_S + 1.0)

    assert take_all(buffer) == [f"gap {LATE_S + 1.0:g} s", LATE_S + 1.0]
    assert buffer.dropped == 1


def test_arrival_buffer_ends_when_what_waits_has_been_taken(buffer):
    arrive(buffer, 0.0, 0.5)
    buffer.end()

    assert [buffer.take(0.0)[1] for _ in range(2)] == [False, True]
