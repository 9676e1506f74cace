from datetime import timedelta

import pytest

from ovd.domain.detections import Tracks
from ovd.domain.events import FrameResult, Gap, QueryCount, ZoneEventKind
from ovd.domain.records import RunStatus
from ovd.domain.zones import LineZone, PolygonZone
from ovd.errors import ZoneError
from ovd.services.cameras.trial import KEPT_S, RecentTracks
from ovd.services.events import CameraRemoved, FrameCounted, GapObserved, RunEnded, RunStarted
from tests.builders import make_frame, make_query, make_run, make_tracks

RUN = make_run()
DOWN = LineZone("door", ((1.0, 0.5), (0.0, 0.5)))
LOWER_HALF = PolygonZone("hall", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))


def see(recent: RecentTracks, index: int, tracks: Tracks) -> None:
    frame = make_frame(index, size_hw=(100, 100))
    counts = (QueryCount(make_query("person"), len(tracks), 0.9),)
    result = FrameResult(frame, tracks.detections, counts, 0.1, tracks)
    recent.handle(FrameCounted(RUN, index + 1, result))


def walk(recent: RecentTracks, tops: list[float], first: int = 0) -> None:
    """Let one object go through the image; `tops` are the upper edges of its boxes."""
    for index, top in enumerate(tops, start=first):
        see(recent, index, make_tracks((40.0, top, 50.0, top + 20.0), ids=[1]))


@pytest.fixture
def recent() -> RecentTracks:
    recent = RecentTracks()
    recent.handle(RunStarted(RUN))
    return recent


def test_crossings_of_recent_tracks_are_counted_at_a_new_line(recent: RecentTracks):
    walk(recent, [0.0, 10.0, 20.0, 40.0, 60.0])

    trial = recent.try_zones("gate", [DOWN, LOWER_HALF], 60.0)

    line, area = trial.tallies
    assert trial.frames == 5
    assert (line.query, sum(line.event_counts.values())) == ("person", 1)
    assert (area.event_counts[ZoneEventKind.ENTER], area.inside) == (1, 1)


def test_line_that_is_swapped_counts_the_other_way(recent: RecentTracks):
    walk(recent, [0.0, 10.0, 20.0, 40.0, 60.0])
    swapped = LineZone("door", tuple(reversed(DOWN.points_norm)))

    [one], [other] = (recent.try_zones("gate", [zone], 60.0).tallies for zone in (DOWN, swapped))

    assert one.event_counts[ZoneEventKind.IN] == other.event_counts[ZoneEventKind.OUT]
    assert one.event_counts[ZoneEventKind.OUT] == other.event_counts[ZoneEventKind.IN]


def test_only_the_wanted_seconds_are_tried(recent: RecentTracks):
    walk(recent, [0.0, 10.0, 20.0, 40.0, 60.0, 70.0, 75.0])

    [line] = recent.try_zones("gate", [DOWN], 0.15).tallies

    assert sum(line.event_counts.values()) == 0


def test_tracks_of_long_ago_are_not_kept(recent: RecentTracks):
    see(recent, 0, make_tracks((0.0, 0.0, 9.0, 9.0)))
    see(recent, round(10 * KEPT_S) + 5, make_tracks((0.0, 0.0, 9.0, 9.0)))

    assert recent.try_zones("gate", [], KEPT_S).frames == 1


def test_object_inside_leaves_in_a_long_gap_and_at_the_end(recent: RecentTracks):
    walk(recent, [60.0, 60.0])
    now = make_frame(2).captured_at
    recent.handle(GapObserved(RUN, Gap("gate", now, now + timedelta(seconds=10), "away")))
    walk(recent, [60.0, 60.0], first=120)
    recent.handle(RunEnded(RUN, RunStatus.DONE, ""))

    [area] = recent.try_zones("gate", [LOWER_HALF], 120.0).tallies

    assert (area.event_counts[ZoneEventKind.ENTER], area.event_counts[ZoneEventKind.EXIT]) == (2, 2)


def test_camera_without_tracks_has_no_trial(recent: RecentTracks):
    walk(recent, [0.0, 10.0])
    recent.handle(CameraRemoved("gate"))

    assert recent.try_zones("gate", [DOWN], 60.0).frames == 0


def test_two_zones_of_one_name_are_refused(recent: RecentTracks):
    with pytest.raises(ZoneError):
        recent.try_zones("gate", [DOWN, DOWN], 60.0)
