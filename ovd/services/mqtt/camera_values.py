"""CameraValues: retained values of one camera, published only when they change."""

import json
from collections.abc import Callable
from datetime import datetime

from ovd.domain.ports.mqtt import Broker
from ovd.services.mqtt.discovery import REFRESH_S
from ovd.services.mqtt.observations import CountedNow, CrossedNow, Observation
from ovd.services.mqtt.shapes import CameraShape, QueryTopics

ONLINE, OFFLINE, STOPPED = "online", "offline", "stopped"


class CameraValues:
    """Publishes status and counts of a camera.

    While it is not online, no count is known: the topic of the number is emptied, and the JSON
    says null.
    """

    def __init__(self, broker: Broker, shape: CameraShape, now_s: Callable[[], float]) -> None:
        """Say that nothing is known yet, which replaces values of an earlier process.

        Args:
            broker: Where to publish.
            shape: The camera and its topics.
            now_s: Clock of refreshes, in seconds.
        """
        self.shape = shape
        self._broker = broker
        self._now_s = now_s
        self._status = ""
        self._told: dict[str, CountedNow | None] = {}
        self._told_at: dict[str, float] = {}
        self.set_status(OFFLINE)

    @property
    def online(self) -> bool:
        """Return whether counts of the camera are known."""
        return self._status == ONLINE

    def change_shape(self, shape: CameraShape) -> None:
        """Take other queries and zones; topics that are gone are emptied."""
        for topic in set(self.shape.value_topics) - set(shape.value_topics):
            self._broker.retain(topic, "")
        kept = {query.slug for query in shape.queries}
        self._told = {slug: told for slug, told in self._told.items() if slug in kept}
        self.shape = shape
        if not self.online:
            self._forget_counts()

    def set_status(self, status: str) -> None:
        """Publish whether the camera is observed."""
        if status != self._status:
            self._status = status
            if status != ONLINE:
                self._forget_counts()
            self._broker.retain(self.shape.status, status)

    def publish(self, observation: Observation) -> None:
        """Publish counts that changed, or were not published for a while."""
        counted = {item.read_as: item for item in reversed(observation.counts)}
        for query in self.shape.queries:
            item = counted.get(query.read_as)
            if item is None:
                continue
            age_s = self._now_s() - self._told_at.get(query.slug, -REFRESH_S)
            if item != self._told.get(query.slug) or age_s >= REFRESH_S:
                self._publish_count(query, item, observation.captured_at)

    def publish_total(self, crossed: CrossedNow, total_in: int, total_out: int) -> None:
        """Publish the totals of crossings of a zone."""
        for topics in self.shape.zones:
            if topics.name == crossed.zone and topics.query.query == crossed.query:
                self._broker.retain(topics.crossed_in, str(total_in))
                self._broker.retain(topics.crossed_out, str(total_out))

    def remove(self) -> None:
        """Remove every value of the camera."""
        for topic in (*self.shape.value_topics, self.shape.status):
            self._broker.retain(topic, "")

    def _publish_count(self, query: QueryTopics, item: CountedNow, at: datetime) -> None:
        before = self._told.get(query.slug)
        self._told[query.slug] = item
        self._told_at[query.slug] = self._now_s()
        if before is not None and before.count == item.count:
            self._broker.refresh(query.count)
        else:
            self._broker.retain(query.count, str(item.count))
        self._broker.retain(query.state, _describe(query, item, at))

    def _forget_counts(self) -> None:
        for query in self.shape.queries:
            self._told[query.slug] = None
            self._told_at.pop(query.slug, None)
            self._broker.retain(query.count, "")
            self._broker.retain(query.state, _describe(query, None, None))


def _describe(query: QueryTopics, item: CountedNow | None, at: datetime | None) -> str:
    """Return the JSON of a count; of one that is not known, null."""
    content: dict[str, object] = {
        "count": None if item is None else item.count,
        "observed": item is not None,
        "captured_at": None if at is None else at.isoformat(),
        "query": query.query,
        "read_as": query.read_as,
    }
    if item is not None:
        content |= {"pending": item.pending, "unknown": item.unknown}
    return json.dumps(content, ensure_ascii=False)
