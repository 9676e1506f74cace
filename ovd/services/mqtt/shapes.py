"""CameraShape: the topics of a camera."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class QueryTopics:
    """The topics of a query of a camera.

    Attributes:
        slug: Its topic level.
        query: Its text as typed.
        read_as: Its reading.
        base: Topic that `count` and `state` are below.
    """

    slug: str
    query: str
    read_as: str
    base: str

    @property
    def count(self) -> str:
        """Return the topic of the number alone; empty while it is not known."""
        return f"{self.base}/count"

    @property
    def state(self) -> str:
        """Return the topic of the number with its time, as JSON."""
        return f"{self.base}/state"


@dataclass(frozen=True)
class ZoneTopics:
    """The topics of a zone for a query.

    Attributes:
        slug: Topic level of the zone.
        name: Name of the zone.
        query: The query.
        base: Topic that `in` and `out` are below.
    """

    slug: str
    name: str
    query: QueryTopics
    base: str

    @property
    def crossed_in(self) -> str:
        """Return the topic of how many came in since ovd started."""
        return f"{self.base}/in"

    @property
    def crossed_out(self) -> str:
        """Return the topic of how many went out since ovd started."""
        return f"{self.base}/out"


@dataclass(frozen=True)
class CameraShape:
    """A camera and its topics.

    Attributes:
        camera_id: Its key in the database.
        name: Its name.
        prefix: Topic that everything of ovd is below.
        slug: Its topic level.
        queries: What is counted at it.
        zones: Its zones, once for each query.
    """

    camera_id: int
    name: str
    prefix: str
    slug: str
    queries: tuple[QueryTopics, ...] = ()
    zones: tuple[ZoneTopics, ...] = field(default=())

    @property
    def base(self) -> str:
        """Return the topic that everything of this camera is below."""
        return f"{self.prefix}/{self.slug}"

    @property
    def status(self) -> str:
        """Return the topic of its status: online, offline or stopped."""
        return f"{self.base}/status"

    @property
    def command(self) -> str:
        """Return the topic of commands to it: ON or OFF."""
        return f"{self.base}/set"

    @property
    def value_topics(self) -> tuple[str, ...]:
        """Return the topics of its values, without its status."""
        of_queries = [topic for query in self.queries for topic in (query.count, query.state)]
        of_zones = [topic for zone in self.zones for topic in (zone.crossed_in, zone.crossed_out)]
        return (*of_queries, *of_zones)


def presence_topic(prefix: str) -> str:
    """Return the topic of whether ovd is there."""
    return f"{prefix}/available"


def alert_topic(prefix: str, rule_slug: str) -> str:
    """Return the topic of the alerts of a rule."""
    return f"{prefix}/alerts/{rule_slug}"
