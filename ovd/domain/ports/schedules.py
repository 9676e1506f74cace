"""Port of schedules: reports that people want made repeatedly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ovd.domain.ports.notify import JsonValue


@dataclass(frozen=True)
class ScheduleRecord:
    """A schedule of the database.

    Attributes:
        name: Unique, whatever its case.
        definition: Its values, as in `[[schedules]]` of `ovd.toml`, without the name.
        enabled: Whether reports are made.
        created_at: When it was added, aware UTC.
    """

    name: str
    definition: Mapping[str, JsonValue]
    enabled: bool
    created_at: datetime


class ScheduleRepository(Protocol):
    """Schedules of the database. Names match without case.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def all(self) -> tuple[ScheduleRecord, ...]:
        """Return the schedules by name."""
        ...

    def add(self, record: ScheduleRecord) -> None:
        """Add a schedule.

        Raises:
            ScheduleError: If there is one of that name.
        """
        ...

    def replace(self, record: ScheduleRecord) -> None:
        """Replace the schedule of a name.

        Raises:
            ScheduleError: If there is none.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove the schedule of a name.

        Raises:
            ScheduleError: If there is none.
        """
        ...
