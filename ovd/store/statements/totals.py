"""The statements that sum counts: from rollups where whole intervals are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from itertools import groupby
from operator import add, attrgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    cast,
    extract,
    func,
    select,
)

from ovd.domain.records import CountSelection, CountTotal
from ovd.store.schema.tables import FrameCountRow, RollupRow, RunRow
from ovd.store.statements.reading import CountedPair, counted_pairs, in_range
from ovd.store.statements.time_grid import (
    BUCKETS,
    STEPS_S,
    Grid,
    ceil_time,
    floor_time,
    from_epoch_s,
    start_of,
)

_ROWS_PER_FETCH = 1000
_BUCKET_OF = {step_s: bucket for bucket, step_s in BUCKETS.items()}
# Added before dividing, so that no time is negative: SQL would round it towards zero.
_FAR_S = 1_000_000 * 86400

# The first is a time, or the number of an interval on the grid.
_Sums = tuple[Any, float, int, int, int, int, int]


@dataclass(frozen=True)
class _Reader:
    """Reads the totals of one camera and query on a grid; see `CountStore.totals`."""

    connection: Connection
    pair: CountedPair
    grid: Grid

    def read(self, selection: CountSelection) -> Iterator[CountTotal]:
        """Totals in order: whole intervals from the coarsest rollups that fit, the rest from finer.

        Pieces of one interval follow each other and are added up.
        """
        lengths_s = () if selection.run_ids else _fitting_rollups(self.grid)
        pieces = self._pieces(selection, lengths_s)
        for _, totals in groupby(pieces, key=attrgetter("start_at")):
            yield reduce(add, totals)

    def _pieces(
        self, selection: CountSelection, lengths_s: tuple[int, ...]
    ) -> Iterator[CountTotal]:
        if not lengths_s:
            yield from self._totals(self._counts(selection))
            return
        length_s, finer_s = lengths_s[0], lengths_s[1:]
        start_at, end_at = selection.start_at, selection.end_at
        first_whole = None if start_at is None else ceil_time(start_at, length_s)
        end_whole = None if end_at is None else floor_time(end_at, length_s)
        if first_whole is not None and end_whole is not None and first_whole >= end_whole:
            yield from self._pieces(selection, finer_s)
            return
        if first_whole != start_at:
            yield from self._pieces(replace(selection, end_at=first_whole), finer_s)
        yield from self._totals(self._rollups(first_whole, end_whole, length_s))
        if end_whole != end_at:
            yield from self._pieces(replace(selection, start_at=end_whole), finer_s)

    def _totals(self, statement: Select[*_Sums]) -> Iterator[CountTotal]:
        streaming = self.connection.execution_options(yield_per=_ROWS_PER_FETCH)
        camera, query = self.pair.camera, self.pair.query
        with streaming.execute(statement) as rows:
            for start, observed_s, *sums in rows:
                yield CountTotal(camera, query, self._start(start), observed_s, *sums)

    def _start(self, found: datetime | int) -> datetime:
        """Start of an interval: as it was stored, or from its number on the grid."""
        if isinstance(found, datetime):
            return found
        return from_epoch_s(found * self.grid.step_s - self.grid.offset_s - _FAR_S)

    def _start_column(
        self, start: SQLColumnExpression[datetime], length_s: int
    ) -> SQLColumnExpression[Any]:
        """Return the column to group by, from starts of UTC intervals of `length_s` seconds."""
        if length_s == self.grid.step_s:
            return start
        epoch_s = cast(extract("epoch", start), BigInteger)
        return (epoch_s + self.grid.offset_s + _FAR_S) // self.grid.step_s

    def _counts(self, selection: CountSelection) -> Select[*_Sums]:
        length_s = max(step_s for step_s in STEPS_S if self.grid.is_made_of(step_s))
        start = start_of(FrameCountRow.captured_at, length_s, self.connection.dialect.name)
        statement: Select[*_Sums] = (
            select(
                self._start_column(start, length_s).label("start"),
                func.sum(FrameCountRow.observed_s),
                func.count(),
                func.sum(FrameCountRow.count),
                func.max(FrameCountRow.count),
                func.sum(FrameCountRow.pending),
                func.sum(FrameCountRow.unknown),
            )
            .where(FrameCountRow.query_id.in_(self.pair.query_ids), *in_range(selection))
            .group_by("start")
            .order_by("start")
        )
        if not selection.run_ids:
            return statement.where(FrameCountRow.camera_id == self.pair.camera_id)
        runs = select(RunRow.id).where(
            RunRow.camera_id == self.pair.camera_id, RunRow.id.in_(selection.run_ids)
        )
        return statement.where(FrameCountRow.run_id.in_(runs))

    def _rollups(
        self, start_at: datetime | None, end_at: datetime | None, length_s: int
    ) -> Select[*_Sums]:
        conditions: list[ColumnElement[bool]] = []
        if start_at is not None:
            conditions.append(RollupRow.bucket_start >= start_at)
        if end_at is not None:
            conditions.append(RollupRow.bucket_start < end_at)
        return (
            select(
                self._start_column(RollupRow.bucket_start, length_s).label("start"),
                func.sum(RollupRow.observed_s),
                cast(func.sum(RollupRow.samples), BigInteger),
                cast(func.sum(RollupRow.count_sum), BigInteger),
                func.max(RollupRow.count_max),
                cast(func.sum(RollupRow.pending_sum), BigInteger),
                cast(func.sum(RollupRow.unknown_sum), BigInteger),
            )
            .where(
                RollupRow.camera_id == self.pair.camera_id,
                RollupRow.query_id.in_(self.pair.query_ids),
                RollupRow.bucket == _BUCKET_OF[length_s],
                RollupRow.samples > 0,
                *conditions,
            )
            .group_by("start")
            .order_by("start")
        )


def _fitting_rollups(grid: Grid) -> tuple[int, ...]:
    """Lengths of the rollups that a grid can be summed from, coarsest first."""
    return tuple(sorted(filter(grid.is_made_of, _BUCKET_OF), reverse=True))


def read_totals(
    connection: Connection, selection: CountSelection, grid: Grid
) -> Iterator[CountTotal]:
    """Sum counts per camera, query text and interval of a grid; see `CountStore.totals`.

    One statement per camera and query: each follows an index and none sorts all counts at once.
    """
    for pair in counted_pairs(connection, selection):
        yield from _Reader(connection, pair, grid).read(selection)
