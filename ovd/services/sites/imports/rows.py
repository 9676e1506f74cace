"""Rows of CSV files with a header, and everything that is wrong with them, by line."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from zoneinfo import ZoneInfo

from ovd.errors import OvdError

MOST_ROWS = 500_000
MOST_PROBLEMS = 10
_DELIMITERS = ",;\t|"
Row = TypeVar("Row")
Fail = Callable[[str], OvdError]


@dataclass(frozen=True)
class Cells:
    """The cells of one line by column.

    Attributes:
        line: Its number in the file.
        cells: By name of the column, trimmed.
        delimiter: What divides cells in the file.
        zone: The zone of times without an offset.
    """

    line: int
    cells: Mapping[str, str]
    delimiter: str
    zone: ZoneInfo

    def text(self, column: str) -> str:
        """Return a cell; empty where the file has no such column."""
        return self.cells.get(column, "")

    def moment(self, column: str) -> datetime:
        """Return a time, aware UTC.

        Raises:
            ValueError: If it is none.
        """
        text = self.text(column)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"{column} is {text[:40]!r}; a time such as 2026-03-02T14:30 is wanted"
            ) from None
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)

    def number(self, column: str) -> Decimal:
        """Return a number; with a decimal comma where cells are not divided by commas.

        Raises:
            ValueError: If it is none.
        """
        text = self.text(column)
        plain = text if self.delimiter == "," else text.replace(",", ".")
        try:
            value = Decimal(plain)
        except InvalidOperation:
            raise ValueError(f"{column} is {text[:40]!r}; a number is wanted") from None
        if not value.is_finite():
            raise ValueError(f"{column} is {text[:40]!r}; a number is wanted")
        return value

    def whole(self, column: str) -> int:
        """Return a whole number.

        Raises:
            ValueError: If it is none.
        """
        value = self.number(column)
        if value != int(value):
            raise ValueError(f"{column} is {self.text(column)[:40]!r}; a whole number is wanted")
        return int(value)


def read_rows(
    text: str, columns: Sequence[str], zone: ZoneInfo, fail: Fail, read: Callable[[Cells], Row]
) -> list[Row]:
    """Return what `read` makes of each line; nothing where a single one is wrong.

    Args:
        text: A CSV file with a header; cells are divided by comma, semicolon, tab or bar.
        columns: The columns that must be there.
        zone: The zone of times without an offset.
        fail: Makes the error of a message.
        read: Makes a row of the cells of a line; a ValueError says what is wrong with it.

    Raises:
        OvdError: What `fail` makes of the first problems, each with the number of its line.
    """
    rows: list[Row] = []
    problems: list[str] = []
    for cells in _cells(text, columns, zone, fail):
        if len(rows) >= MOST_ROWS:
            raise fail(f"the file has more than {MOST_ROWS} lines; import it in parts")
        try:
            rows.append(read(cells))
        except (ValueError, OvdError) as error:
            problems.append(f"line {cells.line}: {error}")
    if problems:
        more = len(problems) - MOST_PROBLEMS
        rest = f"; and {more} lines more" if more > 0 else ""
        raise fail(f"nothing was imported: {'; '.join(problems[:MOST_PROBLEMS])}{rest}")
    if not rows:
        raise fail("the file has no line below its header")
    return rows


def _cells(text: str, columns: Sequence[str], zone: ZoneInfo, fail: Fail) -> Iterator[Cells]:
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter)
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        missing = [column for column in columns if column not in header]
        if missing:
            raise fail(
                f"the header has no column {missing[0]!r}; wanted: {', '.join(columns)}; "
                f"got: {', '.join(header)[:120] or 'nothing'}"
            )
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
                yield Cells(reader.line_num, cells, delimiter, zone)
    except csv.Error as error:
        raise fail(f"line {reader.line_num} is no CSV: {error}") from None
