from datetime import timedelta

import pytest

from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.zones import LineZone, PolygonZone
from ovd.tracking.counters import LineCounter, PolygonCounter, build_counter
from tests.builders import START, make_frame, make_tracks

# In a image of 64 x 48: from the top to the bottom, so that the left side is "in".
LINE = LineZone("door", ((0.5, 0.0), (0.5, 1.0)))
HALF_LINE = LineZone("door", ((0.5, 0.0), (0.5, 0.5)))
HALL = PolygonZone("hall", ((0.25, 0.25), (0.75, 0.25), (0.75, 1.0), (0.25, 1.0)))


def walk(counter, *feet, confirmed=True, ids=None, start=0) -> list[CountEvent]:
    """Let one box of 4 x 10 stand with its feet at each place in turn."""
    events: list[CountEvent] = []
    for index, (x, y) in enumerate(feet, start=start):
        tracks = make_tracks((x - 2, y - 10, x + 2, y), ids=ids, confirmed=[confirmed])
        events += counter.update(tracks, make_frame(index))
    return events


def test_line_is_crossed_in_and_out():
    counter = LineCounter(LINE, "person")

    events = walk(counter, (40, 30), (24, 30), (40, 30))

    assert [event.kind for event in events] == [ZoneEventKind.IN, ZoneEventKind.OUT]
    assert [event.frame_index for event in events] == [1, 2]
    assert counter.tally().event_counts == {ZoneEventKind.IN: 1, ZoneEventKind.OUT: 1}
    assert (counter.tally().inside, counter.tally().mean_dwell_s) == (None, None)


def test_exchanged_ends_exchange_in_and_out():
    counter = LineCounter(LineZone("door", LINE.points_norm[::-1]), "person")

    (event,) = walk(counter, (40, 30), (24, 30))

    assert event.kind is ZoneEventKind.OUT


def test_jittering_box_on_a_line_counts_once():
    counter = LineCounter(LINE, "person")

    events = walk(counter, (40, 30), *[(31.5, 30), (32.5, 30)] * 50, (24, 30))

    assert [event.kind for event in events] == [ZoneEventKind.IN]


def test_jittering_box_that_turns_back_does_not_count():
    assert walk(LineCounter(LINE, "person"), (40, 30), (31.5, 30), (32.5, 30), (40, 30)) == []


@pytest.mark.parametrize(("y", "crossings"), [(20, 1), (30, 0)])
def test_only_between_its_ends_a_line_is_crossed(y, crossings):
    assert len(walk(LineCounter(HALF_LINE, "person"), (40, y), (24, y))) == crossings


def test_far_step_counts_where_it_passes_the_line():
    assert len(walk(LineCounter(HALF_LINE, "person"), (63, 10), (1, 30))) == 1
    assert walk(LineCounter(HALF_LINE, "person"), (63, 30), (1, 40)) == []


def test_crossing_is_reported_once_the_track_is_confirmed():
    counter = LineCounter(LINE, "person")

    before = walk(counter, (40, 30), (24, 30), confirmed=False)
    (event,) = walk(counter, (20, 30), start=2)

    assert before == []
    assert (event.frame_index, event.at) == (1, START + timedelta(seconds=0.1))


def test_track_that_ends_unconfirmed_has_no_events():
    counter = LineCounter(LINE, "person")
    walk(counter, (40, 30), (24, 30), confirmed=False)

    events = counter.update(make_tracks(ended=(1,)), make_frame(2))

    assert events == ()
    assert counter.tally().event_counts == {ZoneEventKind.IN: 0, ZoneEventKind.OUT: 0}


def test_polygon_counts_objects_inside_and_their_dwell_time():
    counter = PolygonCounter(HALL, "person")

    (entry,) = walk(counter, (5, 30), (32, 30), (32, 31))
    inside = counter.tally()
    (leaving,) = walk(counter, (32, 32), (60, 30), start=3)

    assert (entry.kind, entry.frame_index, inside.inside) == (ZoneEventKind.ENTER, 1, 1)
    assert inside.mean_dwell_s is None
    assert (leaving.kind, leaving.dwell_s) == (ZoneEventKind.EXIT, pytest.approx(0.3))
    assert counter.tally().inside == 0
    assert counter.tally().mean_dwell_s == pytest.approx(0.3)


def test_jittering_box_on_an_edge_enters_once():
    events = walk(PolygonCounter(HALL, "person"), (32, 30), *[(15.5, 30), (16.5, 30)] * 50)

    assert [event.kind for event in events] == [ZoneEventKind.ENTER]


def test_track_lost_inside_exits_at_its_last_detection():
    counter = PolygonCounter(HALL, "person")
    walk(counter, (32, 30), (32, 31))

    (event,) = counter.update(make_tracks(ended=(1,)), make_frame(30))

    assert (event.kind, event.dwell_s) == (ZoneEventKind.EXIT, pytest.approx(0.1))
    assert event.at == START + timedelta(seconds=0.1)


def test_end_of_a_run_empties_a_polygon():
    counter = PolygonCounter(HALL, "person")
    walk(counter, (32, 30), (32, 31))

    assert [event.kind for event in counter.end_all()] == [ZoneEventKind.EXIT]
    assert counter.end_all() == ()
    assert counter.tally().inside == 0


def test_thin_polygon_can_be_entered():
    strip = PolygonZone("strip", ((0.0, 0.5), (1.0, 0.5), (1.0, 0.54), (0.0, 0.54)))

    assert len(walk(PolygonCounter(strip, "person"), (32, 25))) == 1


@pytest.mark.parametrize("zone", [LINE, HALL])
def test_nothing_is_kept_of_tracks_that_ended(zone):
    counter = build_counter(zone, "person")
    for track_id in range(1, 50):
        walk(counter, (40, 30), (24, 30), ids=[track_id])
        counter.update(make_tracks(ended=(track_id,)), make_frame(9))

    kept = [value for value in vars(counter).values() if isinstance(value, dict)]

    assert [len(value) for value in kept if value is not counter._event_counts] == [0] * (
        len(kept) - 1
    )
