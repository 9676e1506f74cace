"""ShapeBuilder: works out the topics of a camera from what is counted at it."""

from collections.abc import Callable, Sequence

from ovd.domain.cameras import Camera
from ovd.domain.ports import CameraStatus
from ovd.domain.ports.mqtt import TopicKind, TopicName
from ovd.domain.query import Query
from ovd.domain.zones import Zone
from ovd.errors import QueryError
from ovd.services.mqtt.shapes import CameraShape, QueryTopics, ZoneTopics
from ovd.services.mqtt.slugs import TopicSlugs


class ShapeBuilder:
    """Builds the shape of a camera; zones are read again for every run, for which they hold."""

    def __init__(
        self,
        prefix: str,
        slugs: TopicSlugs,
        zones_of: Callable[[Camera], Sequence[Zone]],
        read_queries: Callable[[Camera], Sequence[Query]],
    ) -> None:
        """Prepare to build.

        Args:
            prefix: Topic that everything is below.
            slugs: Gives out topic levels.
            zones_of: Reads the zones of a camera.
            read_queries: Reads the queries of a camera that is not in the fleet.
        """
        self._prefix = prefix
        self._slugs = slugs
        self._zones_of = zones_of
        self._read_queries = read_queries
        self._zones: dict[int, tuple[tuple[int, int], tuple[str, ...]]] = {}

    def build(self, camera: Camera, status: CameraStatus | None) -> CameraShape:
        """Return the topics of a camera.

        Args:
            camera: The camera.
            status: How it stands in the fleet; None where it is not there.

        Raises:
            StoreError: If the database cannot be used.
        """
        slugs = self._slugs
        slug = slugs.camera(camera.id, camera.name)
        base = f"{self._prefix}/{slug}"
        queries = tuple(
            _query_topics(base, slugs.query(camera.id, query.read_as), query.text, query.read_as)
            for query in _distinct(self._queries(camera, status))
        )
        run_id = 0 if status is None else status.run_id
        zones = [(slugs.zone(camera.id, name), name) for name in self._zone_names(camera, run_id)]
        return self._shape(camera.id, camera.name, slug, queries, zones)

    def former(self) -> tuple[CameraShape, ...]:
        """Return the topics of all cameras that ever were, with all that was counted at them."""
        return tuple(self._former(name) for name in self._slugs.cameras)

    def _former(self, camera: TopicName) -> CameraShape:
        base, camera_id = f"{self._prefix}/{camera.slug}", camera.camera_id
        queries = tuple(
            _query_topics(base, name.slug, name.text, name.text)
            for name in self._slugs.of_camera(TopicKind.QUERY, camera_id)
        )
        zones = [
            (name.slug, name.text) for name in self._slugs.of_camera(TopicKind.ZONE, camera_id)
        ]
        return self._shape(camera_id, camera.text, camera.slug, queries, zones)

    def _shape(
        self,
        camera_id: int,
        name: str,
        slug: str,
        queries: tuple[QueryTopics, ...],
        zones: Sequence[tuple[str, str]],
    ) -> CameraShape:
        topics = tuple(
            ZoneTopics(zone_slug, zone, query, f"{self._prefix}/{slug}/{zone_slug}/{query.slug}")
            for zone_slug, zone in zones
            for query in queries
        )
        return CameraShape(camera_id, name, self._prefix, slug, queries, topics)

    def _queries(self, camera: Camera, status: CameraStatus | None) -> Sequence[Query]:
        if status is not None and status.queries:
            return status.queries
        try:
            return self._read_queries(camera)
        except QueryError:  # it has none that could be counted
            return ()

    def _zone_names(self, camera: Camera, run_id: int) -> tuple[str, ...]:
        key = (run_id, camera.revision)
        kept = self._zones.get(camera.id)
        if kept is None or kept[0] != key:
            kept = (key, tuple(zone.name for zone in self._zones_of(camera)))
            self._zones[camera.id] = kept
        return kept[1]


def _query_topics(base: str, slug: str, query: str, read_as: str) -> QueryTopics:
    return QueryTopics(slug, query, read_as, f"{base}/{slug}")


def _distinct(queries: Sequence[Query]) -> tuple[Query, ...]:
    """Return one supported query of each reading: those that read alike are one series."""
    readings = {query.read_as: query for query in reversed(queries) if query.supported}
    return tuple(reversed(readings.values()))
