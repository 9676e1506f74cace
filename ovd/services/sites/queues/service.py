"""QueueService: the queues of sites now and in a period."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ovd.domain.names import name_key
from ovd.domain.ports import Clock, CountStore
from ovd.domain.records import CountSelection
from ovd.domain.sites import Queue, Site
from ovd.errors import TimeRangeError
from ovd.services.sites.queues.waits import (
    QueueNow,
    QueueSummary,
    QueueVisit,
    build_visits,
    queue_now,
    summarise_queue,
)
from ovd.services.sites.reading import Who, read_unobserved
from ovd.services.sites.spans import Span

LONGEST_RANGE = timedelta(days=93)
# Those who wait now joined within this time.
LOOK_BACK = timedelta(hours=3)


class QueueService:
    """Answers questions about the queues of sites."""

    def __init__(self, store: CountStore, clock: Clock) -> None:
        """Work on a database.

        Args:
            store: Sites, and what was counted.
            clock: The time.
        """
        self._store = store
        self._clock = clock

    def now(self, name: str) -> tuple[QueueNow, ...]:
        """Return the queues of a site now.

        Raises:
            UnknownSiteError: If there is no site of that name.
        """
        site, now = self._store.sites.find(name), self._clock.now()
        found = []
        for queue in site.queues:
            visits, unobserved = self._read(site, queue, now - LOOK_BACK, now)
            is_observed = not any(until >= now for _, until in unobserved)
            found.append(queue_now(queue, visits, now, is_observed))
        return tuple(found)

    def summarise(
        self, name: str, start_at: datetime, end_at: datetime
    ) -> tuple[QueueSummary, ...]:
        """Return the queues of a site in a period in short.

        Raises:
            UnknownSiteError: If there is no site of that name.
            TimeRangeError: If the range is empty or too long.
        """
        site = self._store.sites.find(name)
        end_at = min(end_at, self._clock.now())
        if not timedelta(0) < end_at - start_at <= LONGEST_RANGE:
            raise TimeRangeError(
                f"queues are told of a range of up to {LONGEST_RANGE.days} days that has begun"
            )
        found = []
        for queue in site.queues:
            visits, unobserved = self._read(site, queue, start_at, end_at)
            found.append(summarise_queue(queue, visits, (start_at, end_at), unobserved))
        return tuple(found)

    def _read(
        self, site: Site, queue: Queue, start_at: datetime, end_at: datetime
    ) -> tuple[Sequence[QueueVisit], list[Span]]:
        selection = CountSelection((queue.camera,), (site.query,), start_at, end_at)
        entries = [
            *self._store.zones.visitors(selection),
            *self._store.zones.zone_events(selection),
        ]
        last_seen: dict[Who, datetime] = {}
        for record in self._store.counts.tracks(selection):
            who = (name_key(record.camera), record.run_id, record.track.track_id)
            last_seen[who] = record.track.last_seen_at
        visits = build_visits(queue, entries, last_seen)
        unobserved = read_unobserved(self._store, selection, [queue.key], "polygon")
        return visits, unobserved[queue.key]
