"""The statements that sum counts: from rollups where whole stretches are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, cast, func, select

from ovd.domain.records import CountSelection, CountTotal
from ovd.store.reading import CountedPair, counted_pairs, in_range
from ovd.store.stretches import BUCKETS, STEPS_S, ceil_time, floor_time, start_of
from ovd.store.tables import FrameCountRow, RollupRow, RunRow

_ROWS_PER_FETCH = 1000
_BUCKET_OF = {step_s: bucket for bucket, step_s in BUCKETS.items()}
_FINER_S = dict(zip(STEPS_S[1:], STEPS_S, strict=False))

_Sums = tuple[datetime, float, int, int, int]


@dataclass(frozen=True)
class _Reader:
    connection: Connection
    pair: CountedPair

    def read(self, selection: CountSelection, step_s: int) -> Iterator[CountTotal]:
        """Totals of one camera and query: whole stretches from rollups, the rest from finer."""
        if step_s not in _BUCKET_OF or selection.run_ids:
            yield from self._totals(self._counts(selection, step_s))
            return
        start_at, end_at = selection.start_at, selection.end_at
        first_whole = None if start_at is None else ceil_time(start_at, step_s)
        end_whole = None if end_at is None else floor_time(end_at, step_s)
        if first_whole is not None and end_whole is not None and first_whole > end_whole:
            yield from self._read_cut(selection, step_s)
            return
        if first_whole != start_at:
            yield from self._read_cut(replace(selection, end_at=first_whole), step_s)
        yield from self._totals(self._rollups(first_whole, end_whole, step_s))
        if end_whole != end_at:
            yield from self._read_cut(replace(selection, start_at=end_whole), step_s)

    def _read_cut(self, selection: CountSelection, step_s: int) -> Iterator[CountTotal]:
        """Totals of a stretch of which only a part was asked for."""
        finer = self.read(selection, _FINER_S[step_s])
        for start_at, totals in groupby(finer, lambda total: floor_time(total.start_at, step_s)):
            inside = list(totals)
            yield replace(
                inside[0],
                start_at=start_at,
                observed_s=sum(total.observed_s for total in inside),
                samples=sum(total.samples for total in inside),
                count_sum=sum(total.count_sum for total in inside),
                count_max=max(total.count_max for total in inside),
            )

    def _totals(self, statement: Select[*_Sums]) -> Iterator[CountTotal]:
        streaming = self.connection.execution_options(yield_per=_ROWS_PER_FETCH)
        camera, query = self.pair.camera, self.pair.query
        with streaming.execute(statement) as rows:
            for row in rows:
                yield CountTotal(camera, query, *row)

    def _counts(self, selection: CountSelection, step_s: int) -> Select[*_Sums]:
        start = start_of(FrameCountRow.captured_at, step_s, self.connection.dialect.name)
        statement = (
            select(
                start.label("start"),
                func.sum(FrameCountRow.observed_s),
                func.count(),
                func.sum(FrameCountRow.count),
                func.max(FrameCountRow.count),
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
        self, start_at: datetime | None, end_at: datetime | None, step_s: int
    ) -> Select[*_Sums]:
        conditions: list[ColumnElement[bool]] = []
        if start_at is not None:
            conditions.append(RollupRow.bucket_start >= start_at)
        if end_at is not None:
            conditions.append(RollupRow.bucket_start < end_at)
        return (
            select(
                RollupRow.bucket_start,
                func.sum(RollupRow.observed_s),
                cast(func.sum(RollupRow.samples), BigInteger),
                cast(func.sum(RollupRow.count_sum), BigInteger),
                func.max(RollupRow.count_max),
            )
            .where(
                RollupRow.camera_id == self.pair.camera_id,
                RollupRow.query_id.in_(self.pair.query_ids),
                RollupRow.bucket == _BUCKET_OF[step_s],
                RollupRow.samples > 0,
                *conditions,
            )
            .group_by(RollupRow.bucket_start)
            .order_by(RollupRow.bucket_start)
        )


def read_totals(
    connection: Connection, selection: CountSelection, step_s: int
) -> Iterator[CountTotal]:
    """Sum counts per camera, query text and UTC stretch; see `CountStore.totals`.

    One statement per camera and query: each follows an index and none sorts all counts at once.

    Raises:
        ValueError: If `step_s` is none of `STEPS_S`.
    """
    if step_s not in STEPS_S:
        raise ValueError(f"step_s must be one of {STEPS_S}, got {step_s}")
    for pair in counted_pairs(connection, selection):
        yield from _Reader(connection, pair).read(selection, step_s)
