"""Figures of sites as lines of text, for a terminal; a dash is what is not known."""

from collections.abc import Iterator, Sequence

from ovd.services.sites.period.passing import PassingCount
from ovd.services.sites.period.summary import NoStay, PeriodSummary
from ovd.services.sites.queues.waits import QueueNow, QueueSummary

_NO_STAY = {
    NoStay.FEW: "too few passages",
    NoStay.UNOBSERVED: "less than 90 % of the opening hours were observed",
    NoStay.UNBALANCED: "entered and left differ by more than 10 %",
}


def summary_lines(summary: PeriodSummary) -> Iterator[str]:
    """Yield a period of a site in short."""
    total, zone = summary.total, summary.site.hours.zone
    first, last = (at.astimezone(zone) for at in (total.start_at, total.end_at))
    yield f"{summary.site.name}  {first:%Y-%m-%d %H:%M} - {last:%Y-%m-%d %H:%M}  {zone.key}"
    yield f"entered     {_number(total.entered)} ({total.entered_outside} while closed)"
    yield f"left        {_number(total.left)} ({total.left_outside} while closed)"
    yield f"open hours  {total.open_s / 3600:.1f}, observed {_share(total.open_coverage)}"
    yield f"inside      {_number(summary.mean_people)} on average, {_number(total.most)} at most"
    reason = f" ({_NO_STAY[summary.no_stay]})" if summary.no_stay else ""
    yield f"mean stay   {_length(summary.mean_stay_s)}{reason}"
    for word, hour in (("best", summary.best), ("worst", summary.worst)):
        if hour is not None:
            start_at = hour.start_at.astimezone(zone)
            yield f"{word:<12}{start_at:%Y-%m-%d %H:%M}  {hour.entered} entered"
    if summary.passing is not None:
        yield f"captured    {_capture(summary.passing)}"
    if summary.sales is not None:
        amount = f"{summary.sales.amount:,.2f} {summary.site.currency}".strip()
        yield f"sales       {summary.sales.count} transactions, {amount}"
        per_visitor = summary.sales_per_visitor
        of = "-" if per_visitor is None else f"{per_visitor:.2f}"
        yield f"conversion  {_share(summary.conversion)}, {of} by visitor"
    for door in summary.doors:
        turn_in = f", turn-in {_capture(door.passing)}" if door.passing else ""
        yield (
            f"door        {door.name}: {_number(door.entered)} in, {_number(door.left)} out, "
            f"{_share(door.share)} of all, observed {_share(door.coverage)}{turn_in}"
        )


def comparison_lines(summaries: Sequence[PeriodSummary]) -> Iterator[str]:
    """Yield one line for each site, with a header."""
    yield f"{'':20}  entered  by open hour  by m2  conversion  by visitor  open observed"
    for each in summaries:
        area, entered = each.site.area_m2, each.entered_open
        per_m2 = "-" if not area or entered is None else f"{entered / area:.2f}"
        by_hour, by_visitor = (
            "-" if value is None else f"{value:.2f}"
            for value in (each.visitors_per_open_hour, each.sales_per_visitor)
        )
        yield (
            f"{each.site.name:20}  {_number(entered):>7}  {by_hour:>12}  {per_m2:>5}  "
            f"{_share(each.conversion):>10}  {by_visitor:>10}  "
            f"{_share(each.total.open_coverage):>13}"
        )


def queue_lines(now: Sequence[QueueNow], period: Sequence[QueueSummary]) -> Iterator[str]:
    """Yield each queue, as it is now and as it was in a period."""
    for current, past in zip(now, period, strict=True):
        expected = _length(current.expected_wait_s)
        yield f"{current.queue.name}  {_number(current.length)} waiting, expected {expected}"
        abandoned = "" if past.abandoned is None else f", {past.abandoned} gave up"
        yield f"  {_number(past.joined)} joined, {past.served} served{abandoned}, {past.lost} lost"
        yield (
            f"  wait p50 {_length(past.wait_p50_s)}, p90 {_length(past.wait_p90_s)}, longest "
            f"{_length(past.longest_s)}, observed {_share(past.coverage)}"
        )


def _capture(count: PassingCount) -> str:
    return f"{_share(count.rate)} ({count.entered} of {count.passed} who passed)"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _length(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"
