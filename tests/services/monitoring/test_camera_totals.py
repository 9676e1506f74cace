from dataclasses import replace
from datetime import timedelta

from ovd.domain.events import Gap
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus
from ovd.services.events import CameraRemoved, FrameCounted, GapObserved, RunEnded
from ovd.services.monitoring.camera_totals import CameraNumbers, CameraTotals
from tests.builders import START, make_frame, make_query, make_result, make_run

PERSON = make_query("person")


def make_status(run_id: int = 1, **changes: object) -> CameraStatus:
    status = CameraStatus(
        camera="gate",
        uri="rtsp://cam",
        state=RunStatus.RUNNING,
        error="",
        queries=(PERSON,),
        run_id=run_id,
        frames_counted=0,
        frame_count=None,
        counted_fps=5.0,
        media_time_s=0.0,
        frame_age_s=0.1,
    )
    return replace(status, **changes)  # type: ignore[arg-type]


def make_totals() -> CameraTotals:
    return CameraTotals({PERSON: 3}.get)


def read(totals: CameraTotals, status: CameraStatus | None = None) -> CameraNumbers:
    return totals.read([status or make_status()])[0]


def count_frame(totals: CameraTotals, number: int, run_id: int = 1) -> None:
    run = make_run(run_id=run_id)
    totals.handle(FrameCounted(run, number, make_result(make_frame(number), {"person": 4})))


def test_frames_add_up_over_runs_also_where_events_were_dropped():
    totals = make_totals()

    count_frame(totals, 1)
    count_frame(totals, 5)
    count_frame(totals, 2, run_id=2)

    assert read(totals).frames == 7


def test_observed_objects_are_those_of_the_newest_frame():
    totals = make_totals()

    count_frame(totals, 1)

    [observed] = read(totals).observed
    assert (observed.query_id, observed.query, observed.count) == (3, "person", 4)


def test_nothing_is_observed_in_a_gap():
    totals = make_totals()
    count_frame(totals, 1)

    totals.handle(GapObserved(make_run(), Gap("gate", START, START + timedelta(seconds=9), "away")))

    assert (read(totals).observed, read(totals).gap_s) == ((), 9.0)


def test_nothing_is_observed_while_the_camera_is_away():
    totals = make_totals()
    count_frame(totals, 1)

    away = make_status(health=SourceHealth(SourceState.AWAY, "no answer"))

    assert read(totals, away).observed == ()
    assert not read(totals, away).up


def test_nothing_is_observed_after_the_run():
    totals = make_totals()
    count_frame(totals, 1)

    totals.handle(RunEnded(make_run(), RunStatus.STOPPED, ""))

    assert read(totals).observed == ()


def test_reconnects_of_earlier_runs_stay():
    totals = make_totals()
    first = SourceHealth(SourceState.GOOD, reconnects=2, frames_dropped=7)
    second = SourceHealth(SourceState.GOOD, reconnects=1, frames_dropped=1)

    read(totals, make_status(1, health=first))
    numbers = read(totals, make_status(2, health=second, restarts=1))

    assert (numbers.reconnects, numbers.dropped) == (4, 8)


def test_a_removed_camera_is_forgotten():
    totals = make_totals()
    count_frame(totals, 1)

    totals.handle(CameraRemoved("gate"))

    assert read(totals).frames == 0
