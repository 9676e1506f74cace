"""Import of counts that other counters made at doors, such as cameras that count by themselves."""

from datetime import timedelta

from ovd.domain.names import name_key
from ovd.domain.sites import SiteRepository
from ovd.domain.sites.records import ImportedCount, SiteRecords
from ovd.domain.time_zones import load_zone
from ovd.errors import SiteError
from ovd.services.sites.imports.rows import Cells, read_rows

COLUMNS = ("door", "start", "minutes", "entered", "left")
LONGEST_MINUTES = 24 * 60


class CountImport:
    """Keeps counts that are imported, each marked with where it comes from."""

    def __init__(self, sites: SiteRepository, records: SiteRecords) -> None:
        """Work on a database.

        Args:
            sites: The sites.
            records: Their imported counts.
        """
        self._sites = sites
        self._records = records

    def add_file(
        self, name: str, text: str, source: str, tz: str = ""
    ) -> tuple[ImportedCount, ...]:
        """Keep the counts of a CSV file with the columns door, start, minutes, entered and left.

        They take the place of those of the same door that they overlap; the same file again
        changes nothing.

        Args:
            name: The site; each door of the file must be one whose counts are imported.
            text: The file.
            source: Where it comes from, for people.
            tz: Zone of times without an offset; empty takes that of the site.

        Returns:
            What was read.

        Raises:
            UnknownSiteError: If there is no site of that name.
            SiteError: If a line cannot be read, or names another door.
        """
        site = self._sites.find(name)
        zone = load_zone(tz) if tz else site.hours.zone
        doors = {name_key(door.name): door.name for door in site.doors if door.imported}

        def read(cells: Cells) -> ImportedCount:
            door = doors.get(name_key(cells.text("door")))
            if door is None:
                known = ", ".join(doors.values()) or "none"
                raise ValueError(
                    f"door is {cells.text('door')[:40]!r}; doors whose counts are imported: {known}"
                )
            minutes = cells.number("minutes")
            if not 0 < minutes <= LONGEST_MINUTES:
                raise ValueError(f"minutes is {minutes}; up to {LONGEST_MINUTES} are wanted")
            start_at = cells.moment("start")
            end_at = start_at + timedelta(minutes=float(minutes))
            counts = (cells.whole("entered"), cells.whole("left"))
            return ImportedCount(door, start_at, end_at, *counts, source)

        counts = tuple(read_rows(text, COLUMNS, zone, SiteError, read))
        if self._records.add_counts(site.name, counts):
            days = [count.start_at.astimezone(site.hours.zone).date() for count in counts]
            self._records.forget_days(site.name, min(days), max(days) + timedelta(days=1))
        return counts
