"""A simulated mall: people with true visits, doors that miss some of them, cameras that fail."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np

from ovd.services.sites.occupancy import Correction, DoorRecord, Passage, RoomCount, Unobserved

DOORS = ("front", "back", "garage")
OPENS_H, CLOSES_H = 9, 20
RESET = time(4)
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class MallOptions:
    """Errors of the doors.

    Attributes:
        visitors: Visitors a day.
        missed_in: Share of entries that is not counted.
        missed_out: Share of exits that is not counted.
        doubled: Share of passages that is counted twice.
        outages_per_day: Outages of a door's camera a day; 20 to 40 minutes each.
    """

    visitors: int = 800
    missed_in: float = 0.04
    missed_out: float = 0.08
    doubled: float = 0.01
    outages_per_day: float = 0.0


class Mall:
    """Days of visits, and what the doors counted of them."""

    def __init__(self, days: int, seed: int, options: MallOptions | None = None) -> None:
        self._random = np.random.default_rng(seed)
        self.options = options or MallOptions()
        self.start_at = FIRST + timedelta(hours=RESET.hour)
        self.end_at = self.start_at + days * _DAY
        self.truth: list[Passage] = []
        self.counted: list[Passage] = []
        self.unobserved: list[Unobserved] = []
        for day in range(days):
            self._outages(FIRST + day * _DAY)
            self._visits(FIRST + day * _DAY)

    def record(self, room_every_min: int = 0) -> DoorRecord:
        """Return what is known; with counts of a camera that sees all, where wanted."""
        days = (self.end_at - self.start_at).days
        rooms = []
        if room_every_min:
            step = timedelta(minutes=room_every_min)
            at = self.start_at
            while at < self.end_at:
                noisy = max(0.0, self._random.normal(self.inside(at), 1 + 0.1 * self.inside(at)))
                rooms.append(RoomCount(at, noisy))
                at += step
        return DoorRecord(
            self.start_at,
            self.end_at,
            DOORS,
            sorted(self.counted, key=lambda passage: passage.at),
            self.unobserved,
            [Correction(self.start_at + day * _DAY) for day in range(days)],
            rooms,
        )

    def inside(self, at: datetime) -> int:
        """Return how many people are truly inside."""
        return sum(1 if passage.enters else -1 for passage in self.truth if passage.at <= at)

    def open_hours(self, after_days: int = 0) -> list[datetime]:
        """Return every full hour of the opening hours, from a day on."""
        days = (self.end_at - self.start_at).days
        return [
            FIRST + day * _DAY + timedelta(hours=hour)
            for day in range(after_days, days)
            for hour in range(OPENS_H + 1, CLOSES_H + 1)
        ]

    def _outages(self, day: datetime) -> None:
        for door in DOORS:
            if self._random.random() < self.options.outages_per_day / len(DOORS):
                begins = day + timedelta(hours=self._random.uniform(OPENS_H, CLOSES_H - 1))
                length = timedelta(minutes=self._random.uniform(20, 40))
                self.unobserved.append(Unobserved(door, begins, begins + length))

    def _visits(self, day: datetime) -> None:
        for _ in range(self.options.visitors):
            middle = (OPENS_H + CLOSES_H) / 2
            hour = min(max(self._random.normal(middle, 2.5), OPENS_H), CLOSES_H - 0.6)
            enters_at = day + timedelta(hours=hour)
            stay_min = min(self._random.lognormal(3.2, 0.6), 60 * (CLOSES_H + 0.4 - hour))
            self._pass(Passage(enters_at, self._door(), True))
            leaves_at = enters_at + timedelta(minutes=stay_min)
            self._pass(Passage(leaves_at, self._door(), False))

    def _door(self) -> str:
        return DOORS[int(self._random.integers(len(DOORS)))]

    def _pass(self, passage: Passage) -> None:
        self.truth.append(passage)
        options = self.options
        missed = options.missed_in if passage.enters else options.missed_out
        gone = any(
            gap.door == passage.door and gap.start_at <= passage.at < gap.end_at
            for gap in self.unobserved
        )
        if gone or self._random.random() < missed:
            return
        self.counted.append(passage)
        if self._random.random() < options.doubled:
            self.counted.append(passage)
