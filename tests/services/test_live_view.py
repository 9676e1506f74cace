import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ovd.domain.events import Gap
from ovd.domain.ports import HistoryPoint
from ovd.domain.records import Camera, Run, RunStatus
from ovd.services.events import CameraRemoved, FrameCounted, GapObserved, RunEnded, RunStarted
from ovd.services.live_view import LiveView
from tests.builders import START, make_frame, make_result

RUN = Run(7, Camera(1, "gate", "list", START), "fake", "0" * 64, START, None, RunStatus.RUNNING)
WAIT_S = 10.0


def counted(number: int, run: Run = RUN) -> FrameCounted:
    return FrameCounted(run, number, make_result(make_frame(number), {"person": number}))


@pytest.fixture
def view() -> LiveView:
    made = LiveView()
    made.handle(RunStarted(RUN))
    return made


def test_nothing_is_known_of_a_camera_before_its_first_frame(view: LiveView):
    assert view.latest("gate") is None
    assert view.history("door") == ()


def test_newest_frame_and_recent_counts_are_kept(view: LiveView):
    frames = [counted(1), counted(2)]
    for frame in frames:
        view.handle(frame)

    latest = view.latest("gate")
    assert latest is not None
    assert (latest.sequence, latest.result) == (2, frames[1].result)
    assert [point.counts for point in view.history("gate")] == [(("person", 1),), (("person", 2),)]


def test_objects_that_were_not_judged_are_kept_with_the_counts(view: LiveView):
    event = counted(1)
    (count,) = event.result.counts
    entry = replace(count, pending=2, unknown=3)
    view.handle(replace(event, result=replace(event.result, counts=(entry,))))

    (point,) = view.history("gate")
    assert (point.counts, point.unjudged) == ((("person", 1),), (("person", 5),))


def test_gap_is_a_point_without_counts(view: LiveView):
    later = make_frame(9)
    view.handle(GapObserved(RUN, Gap("gate", START, later.captured_at, "stalled")))

    (point,) = view.history("gate")
    assert (point.at, point.counts) == (START, ())


def test_waiting_ends_with_a_newer_frame(view: LiveView):
    view.handle(counted(1))

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(view.wait_newer, "gate", 1, WAIT_S)
        view.handle(counted(2))
        newer = waiting.result(WAIT_S)

    assert newer is not None
    assert newer.sequence == 2


def test_waiting_ends_with_the_run(view: LiveView):
    view.handle(counted(1))
    view.handle(RunEnded(RUN, RunStatus.DONE, ""))

    assert view.wait_newer("gate", 1, WAIT_S) is None
    assert view.latest("gate") is not None


def test_waiting_gives_up_when_the_time_is_up(view: LiveView):
    assert view.wait_newer("gate", 0, 0.01) is None
    assert view.wait_newer("door", 0, 0.01) is None


def test_history_goes_on_over_a_restart(view: LiveView):
    view.handle(counted(1))
    view.handle(RunEnded(RUN, RunStatus.FAILED, "disk full"))
    again = replace(RUN, id=8)
    view.handle(RunStarted(again))
    view.handle(counted(1, again))

    assert len(view.history("gate")) == 2


def test_removed_camera_is_forgotten(view: LiveView):
    view.handle(counted(1))

    view.handle(CameraRemoved("gate"))

    assert (view.latest("gate"), view.history("gate")) == (None, ())


def test_readers_are_not_held_up_by_somebody_who_waits(view: LiveView):
    with ThreadPoolExecutor(1) as pool:
        started = threading.Event()
        waiting = pool.submit(lambda: (started.set(), view.wait_newer("gate", 0, WAIT_S)))
        assert started.wait(WAIT_S)

        assert view.latest("gate") is None
        view.handle(RunEnded(RUN, RunStatus.DONE, ""))
        waiting.result(WAIT_S)


def test_history_of_a_camera_begins_with_what_the_database_has():
    asked = []

    def recall(camera: str, queries, until):
        asked.append((camera, list(queries), until))
        return [HistoryPoint(START, (("person", 9),))]

    view = LiveView(recall)
    for number in (1, 2):
        view.handle(counted(number))

    assert asked == [("gate", ["person"], make_frame(1).captured_at)]
    assert [dict(point.counts)["person"] for point in view.history("gate")] == [9, 1, 2]
