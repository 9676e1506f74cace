"""Read what rules are about from the counts of one frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import is_

from ovd.domain.alerts import AlertRule, Condition, Direction
from ovd.domain.events import FrameResult, QueryCount, ZoneEventKind, ZoneTally
from ovd.domain.names import name_key
from ovd.domain.query import Query
from ovd.services.alerts.judging import Amount

KINDS = {
    Direction.IN: (ZoneEventKind.IN, ZoneEventKind.ENTER),
    Direction.OUT: (ZoneEventKind.OUT, ZoneEventKind.EXIT),
    Direction.ANY: tuple(ZoneEventKind),
}


@dataclass(frozen=True)
class Series:
    """A number that rules are about; rules with the same one are judged together.

    Attributes:
        query: Key of the query's text or reading.
        zone: Key of the zone's name; empty for the whole image.
        direction: Direction of crossings; None for a count.
    """

    query: str
    zone: str
    direction: Direction | None

    @classmethod
    def of(cls, rule: AlertRule) -> "Series":
        """Return the series of a rule that counts objects."""
        direction = rule.direction if rule.when is Condition.CROSSED else None
        return cls(name_key(rule.query), name_key(rule.zone), direction)


@dataclass(frozen=True)
class SeriesValue:
    """The value of a series in one frame.

    Attributes:
        amount: The number; None where the frame does not hold it.
        crossed_at: Times of crossings that the frame tells of.
    """

    amount: Amount | None
    crossed_at: tuple[datetime, ...] = ()


NOT_COUNTED = SeriesValue(None)


class QueryPlaces:
    """Finds counts of frames by the keys of their queries' texts and readings; texts win.

    Where they stand is remembered for as long as the same queries are counted.
    """

    def __init__(self) -> None:
        """Know no query yet."""
        self._queries: tuple[Query, ...] = ()
        self._places: dict[str, int] = {}

    def find(self, counts: Sequence[QueryCount]) -> Mapping[str, int]:
        """Return the places of counts of one frame by key."""
        queries = tuple(count.query for count in counts)
        same = len(queries) == len(self._queries) and all(map(is_, queries, self._queries))
        if not same:
            numbered = list(enumerate(queries))[::-1]
            readings = {name_key(query.read_as): place for place, query in numbered}
            self._places = readings | {name_key(query.text): place for place, query in numbered}
            self._queries = queries
        return self._places


class FrameValues:
    """The counts of one frame by series."""

    def __init__(self, result: FrameResult, places: QueryPlaces) -> None:
        """Take the counts of a frame.

        Args:
            result: The frame.
            places: Remembers where queries stand; the same for all frames of a camera.
        """
        self._result = result
        self._places = places.find(result.counts)

    def read(self, series: Series) -> SeriesValue:
        """Return the value of a series in this frame."""
        place = self._places.get(series.query)
        if place is None:
            return NOT_COUNTED
        count = self._result.counts[place]
        if not series.zone:
            return SeriesValue(_amount_of(count))
        tally = self._find_tally(series.zone, count.query.text)
        if tally is None:
            return NOT_COUNTED
        if series.direction is not None:
            return SeriesValue(Amount.exactly(0), self._find_crossings(series, tally))
        return NOT_COUNTED if tally.inside is None else SeriesValue(Amount.exactly(tally.inside))

    def _find_tally(self, zone: str, query_text: str) -> ZoneTally | None:
        found = (
            tally
            for tally in self._result.zones
            if tally.query == query_text and name_key(tally.zone.name) == zone
        )
        return next(found, None)

    def _find_crossings(self, series: Series, tally: ZoneTally) -> tuple[datetime, ...]:
        if series.direction is None:
            return ()
        return tuple(
            event.at
            for event in self._result.events
            if event.query == tally.query
            and event.zone.name == tally.zone.name
            and event.kind in KINDS[series.direction]
        )


def _amount_of(count: QueryCount) -> Amount:
    """Return a count with what was not judged as the room above it."""
    return Amount(count.count, count.count + count.pending + count.unknown)
