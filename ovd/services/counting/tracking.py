"""Tracking objects through a run: which were seen, how many, and what they did at zones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import numpy as np

from ovd.domain.detections import Detections, Tracks
from ovd.domain.events import CountEvent, Gap, ZoneTally
from ovd.domain.frame import Frame
from ovd.domain.ports import CountStore
from ovd.domain.query import Query
from ovd.domain.records import Run, TrackSummary
from ovd.domain.tracking import Tracker, TrackerFactory
from ovd.domain.zones import Zone
from ovd.tracking.counters import build_counter

# What a killed process loses of the newest tracks is at most this long.
SAVE_EVERY = timedelta(seconds=10)
# After a longer gap every object is a new one.
LONGEST_GAP_S = 2.0


@dataclass(frozen=True, eq=False)
class Followed:
    """The results of tracking in one frame; the fields are those of `FrameResult`."""

    tracks: Tracks
    events: tuple[CountEvent, ...]
    zones: tuple[ZoneTally, ...]


@dataclass
class _Life:
    """The stored and unstored parts of one track."""

    first_at: datetime
    last_at: datetime
    score: float
    xyxy: tuple[float, float, float, float]
    confirmed: bool = False
    saved_at: datetime | None = None

    def record(self, track_id: int) -> TrackSummary:
        return TrackSummary(track_id, self.first_at, self.last_at, self.score, self.xyxy)


class _QueryFollower:
    """Follows the objects of one query."""

    def __init__(
        self, store: CountStore, run: Run, query: Query, tracker: Tracker, zones: Sequence[Zone]
    ) -> None:
        self.query = query
        self.unique = 0
        self._store = store
        self._run = run
        self._tracker = tracker
        self._zones = tuple(zones)
        self._counters = [build_counter(zone, query.text) for zone in zones]
        self._lives: dict[int, _Life] = {}
        self._watched: tuple[datetime, datetime] | None = None
        self._watch_saved_at: datetime | None = None

    def observe(self, detections: Detections, frame: Frame) -> tuple[Tracks, list[CountEvent]]:
        tracks = self._tracker.update(detections, frame)
        events = [event for counter in self._counters for event in counter.update(tracks, frame)]
        for place in range(len(tracks)):
            self._live(tracks, place, frame.captured_at)
        self._forget(tracks.ended)
        self._keep(events)
        self._watch(frame.captured_at)
        return tracks, events

    def read_as(self, query: Query) -> None:
        """Go on under another reading or threshold of the same text."""
        if query != self.query:
            self._save_watch()
            self.query = query
            self._watched = self._watch_saved_at = None

    def replace_zones(self, zones: Sequence[Zone]) -> None:
        """Go on with other zones; tracks and the counts of zones that stay are kept."""
        kept = dict(zip(self._zones, self._counters, strict=True))
        gone = [counter for zone, counter in kept.items() if zone not in zones]
        self._keep([event for counter in gone for event in counter.end_all()])
        self._save_watch()
        self._watched = self._watch_saved_at = None
        self._zones = tuple(zones)
        self._counters = [
            kept[zone] if zone in kept else build_counter(zone, self.query.text) for zone in zones
        ]

    def end(self) -> None:
        """End all tracks: the run ends, the query is removed, or a long gap begins."""
        self._tracker.end_all()
        self._keep([event for counter in self._counters for event in counter.end_all()])
        self._forget(tuple(self._lives))
        self._save_watch()
        self._watched = self._watch_saved_at = None

    def tallies(self) -> list[ZoneTally]:
        return [counter.tally() for counter in self._counters]

    def _live(self, tracks: Tracks, place: int, at: datetime) -> None:
        track_id, score = int(tracks.track_id[place]), float(tracks.detections.score[place])
        x0, y0, x1, y1 = map(float, tracks.detections.xyxy[place])
        life = self._lives.setdefault(track_id, _Life(at, at, score, (x0, y0, x1, y1)))
        life.last_at = max(at, life.last_at)
        if score > life.score:
            life.score, life.xyxy = score, (x0, y0, x1, y1)
        if tracks.confirmed[place] and not life.confirmed:
            life.confirmed = True
            self.unique += 1
        if life.confirmed and (life.saved_at is None or at - life.saved_at >= SAVE_EVERY):
            self._save(track_id, life)

    def _forget(self, ended: Sequence[int]) -> None:
        for track_id in ended:
            life = self._lives.pop(track_id, None)
            if life is not None and life.confirmed:
                self._save(track_id, life)

    def _save(self, track_id: int, life: _Life) -> None:
        if life.saved_at is None or life.saved_at < life.last_at:
            self._store.counts.add_track(self._run, self.query, life.record(track_id))
            life.saved_at = life.last_at

    def _keep(self, events: Sequence[CountEvent]) -> None:
        for event in events:
            self._store.zones.add_event(self._run, self.query, event)

    def _watch(self, at: datetime) -> None:
        first_at, last_at = self._watched or (at, at)
        self._watched = first_at, max(at, last_at)
        if self._watch_saved_at is None or at - self._watch_saved_at >= SAVE_EVERY:
            self._save_watch()

    def _save_watch(self) -> None:
        if self._watched is not None and self._watched[1] != self._watch_saved_at:
            self._store.zones.add_tracked_interval(
                self._run, self.query, self._zones, *self._watched
            )
            self._watch_saved_at = self._watched[1]


class Follower:
    """Follows the objects of one run: for each query a tracker, for each of its zones a counter.

    What is known of a track is dropped when it ends.
    """

    def __init__(
        self,
        store: CountStore,
        run: Run,
        zones: Sequence[Zone],
        make_tracker: TrackerFactory | None,
        interval_s: float,
    ) -> None:
        """Start a run without tracks.

        Args:
            store: Where tracks, events and tracked intervals are kept.
            run: The run they belong to.
            zones: Zones that are set for its camera.
            make_tracker: Makes the tracker of a query; None tracks nothing.
            interval_s: Seconds between two sampled frames.
        """
        self._store = store
        self._run = run
        self._zones = tuple(zones)
        self.make_tracker = make_tracker
        self._interval_s = interval_s
        self._ids: Iterator[int] = count(1)
        self._followers: dict[str, _QueryFollower] = {}

    def observe(self, frame: Frame, detections: Detections, queries: Sequence[Query]) -> Followed:
        """Follow the objects of a frame.

        Args:
            frame: The frame.
            detections: What was found in it; its labels are those of the queries, in order.
            queries: The supported queries.
        """
        if self.make_tracker is None:
            return Followed(Tracks.none(detections.labels), (), ())
        make = self.make_tracker
        for text in set(self._followers) - {query.text for query in queries}:
            self._followers[text].end()
        parts, events = [], []
        for label_id, query in enumerate(queries):
            tracks, happened = self._follower(query, make).observe(
                detections.of_label(label_id), frame
            )
            parts.append(tracks)
            events += happened
        tallies = [tally for q in queries for tally in self._followers[q.text].tallies()]
        return Followed(_join(parts, detections.labels), tuple(events), tuple(tallies))

    def replace_zones(self, zones: Sequence[Zone]) -> None:
        """Count at other zones from the next frame on; what is followed goes on."""
        self._zones = tuple(zones)
        for follower in self._followers.values():
            follower.replace_zones(self._zones)

    def skip(self, gap: Gap) -> None:
        """Take note of a gap; after a long one every object is new."""
        if gap.duration_s > LONGEST_GAP_S:
            for follower in self._followers.values():
                follower.end()

    def end(self) -> None:
        """Write what is known of tracks that have not ended."""
        for follower in self._followers.values():
            follower.end()

    def unique(self, query: str) -> int | None:
        """Return the number of confirmed tracks of a query; None if it was never tracked."""
        follower = self._followers.get(query)
        return None if follower is None else follower.unique

    def tallies(self) -> tuple[ZoneTally, ...]:
        """Return the counts of every zone for every tracked query."""
        return tuple(tally for f in self._followers.values() for tally in f.tallies())

    def _follower(self, query: Query, make: TrackerFactory) -> _QueryFollower:
        follower = self._followers.get(query.text)
        if follower is None:
            tracker = make(self._ids, self._interval_s)
            follower = _QueryFollower(self._store, self._run, query, tracker, self._zones)
            self._followers[query.text] = follower
        follower.read_as(query)
        return follower


def _join(parts: Sequence[Tracks], labels: tuple[str, ...]) -> Tracks:
    """The tracks of all queries as one, best score first."""
    if not parts:
        return Tracks.none(labels)
    found = Detections(
        np.concatenate([part.detections.xyxy for part in parts]),
        np.concatenate([part.detections.score for part in parts]),
        np.concatenate([part.detections.label_id for part in parts]),
        labels,
    )
    order = np.argsort(-found.score, kind="stable")
    return Tracks(
        Detections(found.xyxy[order], found.score[order], found.label_id[order], labels),
        np.concatenate([part.track_id for part in parts])[order],
        np.concatenate([part.confirmed for part in parts])[order],
        tuple(track_id for part in parts for track_id in part.ended),
    )
