"""The time series of a report in the form that charts draw: names, colours, points."""

from ovd.render.charts import CountSeries
from ovd.render.palette import Rgb, query_colours
from ovd.render.report_charts import Bar
from ovd.services.reports.comparison import Comparison
from ovd.services.reports.summary import ReportSummary, SeriesPoint, SeriesSummary

MAX_LINES = 8
MAX_BARS = 12
MANY_CAMERAS: Rgb = (20, 106, 121)


def name_series(entry: SeriesSummary, summary: ReportSummary) -> str:
    """Return the query text, with the camera if the report has several."""
    return entry.query if len(summary.cameras) == 1 else f"{entry.query} · {entry.camera}"


def chart_series(summary: ReportSummary) -> tuple[CountSeries, ...]:
    """Return the means over time of the busiest series."""
    shown = summary.busiest(MAX_LINES)
    names = [name_series(entry, summary) for entry in shown]
    return tuple(
        _to_series(name, colour, entry.points)
        for name, colour, entry in zip(names, query_colours(names), shown, strict=True)
    )


def baseline_series(comparison: Comparison, before: str) -> tuple[CountSeries, ...]:
    """Return the baselines of `chart_series`, shifted to the time of the report.

    Args:
        comparison: The report and what it is compared with.
        before: Word that is added to the names.
    """
    moved_by = comparison.current.start_at.replace(tzinfo=None) - (
        comparison.baseline.start_at.replace(tzinfo=None)
    )
    known = {_pairing(entry, comparison): entry for entry in comparison.baseline.series}
    shown = comparison.current.busiest(MAX_LINES)
    return tuple(
        CountSeries(
            f"{series.name} ({before})",
            series.colour,
            tuple(point.start_at + moved_by for point in points),
            tuple(point.totals.mean_count for point in points),
            dotted=True,
        )
        for series, entry in zip(chart_series(comparison.current), shown, strict=True)
        for points in [_points_of(known.get(_pairing(entry, comparison)))]
        if points
    )


def query_bars(summary: ReportSummary, comparison: Comparison | None) -> list[Bar]:
    """Return the means of the queries over all cameras, highest first.

    They have the colours of the lines where each query has one line, else all have the same.
    """
    totals = summary.ranking()[:MAX_BARS]
    before = {t.query: t.mean_count for t in comparison.baseline.ranking()} if comparison else {}
    colours = query_colours([total.query for total in totals])
    if len(summary.cameras) > 1:
        colours = (MANY_CAMERAS,) * len(totals)
    return [
        Bar(total.query, colour, total.mean_count, before.get(total.query))
        for total, colour in zip(totals, colours, strict=True)
    ]


def _points_of(entry: SeriesSummary | None) -> tuple[SeriesPoint, ...]:
    return entry.points if entry else ()


def _pairing(entry: SeriesSummary, comparison: Comparison) -> tuple[str, str]:
    return ("" if comparison.compares_cameras else entry.camera), entry.query


def _to_series(
    name: str, colour: tuple[int, int, int], points: tuple[SeriesPoint, ...]
) -> CountSeries:
    return CountSeries(
        name,
        colour,
        tuple(point.start_at for point in points),
        tuple(point.totals.mean_count for point in points),
    )
