"""Intervals of time as pairs of start and end, and what lists of them have in common."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def find_holes(
    spans: Iterable[Span], start_at: datetime, end_at: datetime, largest: timedelta
) -> Iterator[Span]:
    """Return the parts of a range that no interval covers.

    Args:
        spans: The intervals, in order of their starts.
        start_at: Start of the range.
        end_at: Its end, exclusive.
        largest: Holes up to this length are none.
    """
    until = start_at
    for begins, ends in spans:
        if begins - until > largest:
            yield until, min(begins, end_at)
        until = max(until, ends)
        if until >= end_at:
            return
    if end_at - until > largest:
        yield until, end_at


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return intervals as those that neither overlap nor touch, in order."""
    merged: list[Span] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        elif begins < ends:
            merged.append((begins, ends))
    return merged


def cut_out(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return what is left of intervals outside of others."""
    left: list[Span] = []
    holes = merge(others)
    for begins, ends in merge(spans):
        for since, until in holes:
            if until <= begins or since >= ends:
                continue
            if since > begins:
                left.append((begins, since))
            begins = max(begins, until)
        if begins < ends:
            left.append((begins, ends))
    return left


def total_s(spans: Iterable[Span]) -> float:
    """Return the length of intervals in seconds."""
    return sum((ends - begins).total_seconds() for begins, ends in spans)


def overlap_s(spans: Sequence[Span], others: Sequence[Span]) -> float:
    """Return the seconds that two lists of intervals have in common."""
    return sum(
        max(0.0, (min(ends, until) - max(begins, since)).total_seconds())
        for begins, ends in spans
        for since, until in others
    )


def holds(spans: Iterable[Span], at: datetime) -> bool:
    """Return whether a time lies in one of the intervals."""
    return any(begins <= at < ends for begins, ends in spans)
