"""Deliveries: small files that tell which reports were delivered."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_SENDING = "sending"


@dataclass(frozen=True)
class Delivered:
    """The last delivery of a schedule.

    Attributes:
        period: The period that was reported.
        at: When, aware UTC.
    """

    period: str
    at: datetime


class Deliveries:
    """Remembers in small files what was delivered, so that a restart does not do it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def first_seen(self, name: str, now: datetime) -> datetime:
        """When a schedule was first run; what was due before is not made up for."""
        file = self._folder / name / "since"
        try:
            return datetime.fromisoformat(file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(now.isoformat(), encoding="ascii")
            part.replace(file)
            return now

    def is_marked(self, name: str, mark: str) -> bool:
        """Return whether a mark was set."""
        return (self._folder / name / mark).exists()

    def mark(self, name: str, mark: str) -> bool:
        """Set a mark; False if it was set already, also by another process at this moment."""
        try:
            (self._folder / name / mark).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def unmark(self, name: str, mark: str) -> None:
        """Take a mark back."""
        (self._folder / name / mark).unlink(missing_ok=True)

    def forget_before(self, name: str, period: str) -> None:
        """Remove the marks of earlier periods."""
        for file in (self._folder / name).iterdir():
            if file.name[:1].isdigit() and file.name < period:
                file.unlink(missing_ok=True)

    def last(self, name: str) -> Delivered | None:
        """Return the last delivery of a schedule, None before the first."""
        folder = self._folder / name
        marks = [
            file
            for file in (folder.iterdir() if folder.is_dir() else ())
            if file.name[:1].isdigit() and not file.name.endswith(_SENDING)
        ]
        if not marks:
            return None
        newest = max(marks, key=lambda file: file.stat().st_mtime)
        at = datetime.fromtimestamp(newest.stat().st_mtime, UTC)
        return Delivered(newest.name.partition(".")[0], at)

    def forget(self, name: str) -> None:
        """Forget a schedule that was removed."""
        shutil.rmtree(self._folder / name, ignore_errors=True)
