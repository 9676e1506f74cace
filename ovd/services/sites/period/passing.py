"""People who passed by in front of doors: capture rate and turn-in."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ovd.domain.events import ZoneEventKind
from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection
from ovd.domain.sites import Site
from ovd.services.reports.buckets import Interval
from ovd.services.sites.occupancy import Passage
from ovd.services.sites.reading import ZoneKey, read_unobserved, zone_key
from ovd.services.sites.spans import Span, cut_out, holds, total_s


@dataclass(frozen=True)
class PassingCount:
    """People at a door in the time in which it and the lines in front of it were observed.

    Attributes:
        entered: Entered through the door.
        passed: Passed by in front of it, in either direction.
        observed_s: Length of that time in seconds.
    """

    entered: int
    passed: int
    observed_s: float

    def __add__(self, other: "PassingCount") -> "PassingCount":
        """Return both together."""
        return PassingCount(
            self.entered + other.entered,
            self.passed + other.passed,
            self.observed_s + other.observed_s,
        )

    @property
    def rate(self) -> float | None:
        """Return how many entered by one who passed; None where no one passed."""
        return self.entered / self.passed if self.passed else None


@dataclass(frozen=True)
class PassingRecord:
    """Those who passed by, by line, and when lines were not observed."""

    passed: Mapping[ZoneKey, Sequence[datetime]] = field(default_factory=dict)
    unobserved: Mapping[ZoneKey, Sequence[Span]] = field(default_factory=dict)

    def count(
        self,
        site: Site,
        interval: Interval,
        passages: Sequence[Passage],
        gaps: Mapping[str, Sequence[Span]],
    ) -> dict[str, PassingCount]:
        """Return who entered and who passed in an interval, by door with lines for it.

        Args:
            site: The site.
            interval: The interval.
            passages: Passages in it.
            gaps: When doors were not observed, by door.
        """
        found = {}
        for door in site.doors:
            if not door.passing:
                continue
            missing = [span for line in door.passing for span in self.unobserved.get(line.key, ())]
            seen = cut_out([interval], [*missing, *gaps[door.name]])
            entered = sum(
                passage.door == door.name and passage.enters and holds(seen, passage.at)
                for passage in passages
            )
            passed = sum(
                bisect_left(times, ends) - bisect_left(times, begins)
                for times in (self.passed.get(line.key, ()) for line in door.passing)
                for begins, ends in seen
            )
            if seen:
                found[door.name] = PassingCount(entered, passed, total_s(seen))
        return found


def read_passing(
    store: CountStore, site: Site, start_at: datetime, end_at: datetime
) -> PassingRecord:
    """Return who passed by at the doors of a site in a range.

    Raises:
        StoreError: If the database cannot be read.
    """
    lines = {line.key: line for door in site.doors for line in door.passing}
    if not lines:
        return PassingRecord()
    cameras = tuple({line.camera for line in lines.values()})
    selection = CountSelection(cameras, (site.query,), start_at, end_at)
    passed: dict[ZoneKey, list[datetime]] = defaultdict(list)
    for event in store.zones.zone_events(selection):
        key = zone_key(event)
        if key in lines and event.kind in (ZoneEventKind.IN, ZoneEventKind.OUT):
            passed[key].append(event.at)
    return PassingRecord(passed, read_unobserved(store, selection, lines))
