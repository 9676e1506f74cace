"""The selection of the history view: period, measure, comparison; and how choices change it."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from ovd.errors import InputError
from ovd.services.history.periods import Period, find_interval
from ovd.services.history.reading import Baseline
from ovd.services.reports.buckets import FIRST_YEAR, LAST_YEAR, Interval

_SHORTEST_S = 60.0
# Between `camera` and the name of the camera in the choice of a comparison.
OF_CAMERA = ":"


class Measure(StrEnum):
    """A number that the chart shows of each bucket."""

    MEAN = "mean"
    MAX = "max"
    UNIQUE = "unique"
    IN = "in"
    OUT = "out"
    INSIDE = "inside"
    DWELL = "dwell"


@dataclass(frozen=True)
class HistorySelection:
    """The choices of the history view, of the camera of the page.

    Attributes:
        period: A period by name.
        custom: Start and end of `Period.CUSTOM`, aware; None until one was chosen.
        measure: What the chart shows.
        baseline: What it is compared with.
        other: The camera that it is compared with.
        hidden: Queries whose lines are not drawn; of those that were removed, whose are.
        query: The query of the heat map; empty takes the first.
        camera: A camera other than that of the page, such as a removed one; empty for none.
        number: How often it was changed, so that an answer that comes late is known as such.
    """

    period: Period = Period.TODAY
    custom: Interval | None = None
    measure: Measure = Measure.MEAN
    baseline: Baseline = Baseline.NONE
    other: str = ""
    hidden: frozenset[str] = frozenset()
    query: str = ""
    camera: str = ""
    number: int = 0

    def interval(self, now: datetime, zone: ZoneInfo) -> Interval:
        """Return start and end of what is shown."""
        if self.period is Period.CUSTOM and self.custom is not None:
            return self.custom
        return find_interval(self.period, now, zone)

    def changed(self, change: str, zone: ZoneInfo) -> "HistorySelection":
        """Return the selection after a choice of the page.

        Args:
            change: A JSON object with any of `camera`, `period`, `measure`, `baseline`, `query`,
                `toggle` (a query whose line is shown or hidden), or `start` and `end`, which are
                milliseconds since 1970 or local times.
            zone: Zone of local times.

        Raises:
            InputError: If it is something else, or the end does not follow the start.
        """
        values = _parse(change)
        selection = replace(self, number=self.number + 1)
        try:
            if "start" in values:
                custom = _parse_interval(values["start"], values.get("end"), zone)
                selection = replace(selection, period=Period.CUSTOM, custom=custom)
            if "period" in values:
                selection = replace(selection, period=Period(str(values["period"])))
            if "measure" in values:
                selection = replace(selection, measure=Measure(str(values["measure"])))
            if "baseline" in values:
                kind, _, other = str(values["baseline"]).partition(OF_CAMERA)
                selection = replace(selection, baseline=Baseline(kind), other=other)
        except ValueError as error:
            raise InputError(f"the history cannot show this: {error}; choose again") from error
        if "toggle" in values:
            selection = replace(selection, hidden=selection.hidden ^ {str(values["toggle"])})
        if "query" in values:
            selection = replace(selection, query=str(values["query"]))
        if "camera" in values:
            selection = replace(selection, camera=str(values["camera"]))
        return selection


def _parse(change: str) -> dict[str, str | int | float | None]:
    try:
        values = json.loads(change)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise InputError(f"a JSON object is wanted, not {change!r}; load the page anew")
    return values


def _parse_interval(start: object, end: object, zone: ZoneInfo) -> Interval:
    start_at, end_at = _parse_time(start, zone), _parse_time(end, zone)
    if (end_at - start_at).total_seconds() < _SHORTEST_S:
        raise InputError(
            f"the end {end_at.astimezone(zone):%Y-%m-%d %H:%M} is not a minute or more after the "
            f"start {start_at.astimezone(zone):%Y-%m-%d %H:%M}; choose a later end"
        )
    return Interval(start_at, end_at)


def _parse_time(value: object, zone: ZoneInfo) -> datetime:
    try:
        if isinstance(value, int | float):
            moment = datetime.fromtimestamp(value / 1000, UTC).replace(second=0, microsecond=0)
        else:
            moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        if not FIRST_YEAR < moment.year < LAST_YEAR:
            raise ValueError(f"the year {moment.year}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InputError(
            f"a date and time such as 2026-03-01T09:00 is wanted, not {value!r}; choose both"
        ) from error
