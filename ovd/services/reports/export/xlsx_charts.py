"""Native charts of Excel workbooks, and the sheets with their data."""

from typing import Any

from ovd.render.charts import CountSeries
from ovd.render.palette import css_colour
from ovd.services.reports.export.formulas import neutralise
from ovd.services.reports.export.series import MAX_BARS, chart_series, name_series
from ovd.services.reports.export.tables import Kind
from ovd.services.reports.export.xlsx_cells import Styles, excel_time, write_cell
from ovd.services.reports.summary import HOURS_OF_DAY, ReportSummary
from ovd.texts.report import ReportTexts

MAX_HEATMAPS = 8

_CHART_WH = (960, 360)
_DAY_S = 86400


class ChartSheets:
    """Three sheets: charts, their data, and a heatmap of the week."""

    def __init__(self, book: Any, styles: Styles, texts: ReportTexts) -> None:
        self._book, self._styles, self._texts = book, styles, texts
        self._charts = book.add_worksheet(texts.charts_sheet)
        self._heatmap = book.add_worksheet(texts.heat_map)
        self._data = book.add_worksheet(texts.data_sheet)

    def write(self, summary: ReportSummary) -> None:
        """Fill the sheets."""
        series = chart_series(summary)
        last = self._write_points(summary, series)
        first_bar = self._write_bars(summary, last + 2)
        if series:
            self._charts.insert_chart(1, 0, self._line_chart(summary, series, last))
            self._charts.insert_chart(21, 0, self._bar_chart(summary, first_bar))
        self._write_heatmap(summary)

    def _write_points(self, summary: ReportSummary, series: tuple[CountSeries, ...]) -> int:
        """Write one line per time, one column per series; return the last line."""
        data = self._data
        data.set_column(0, 0, 20)
        data.write_string(0, 0, f"{self._texts.start} ({summary.tz})", self._styles.head)
        for column, entry in enumerate(series, 1):
            data.write_string(0, column, neutralise(entry.name), self._styles.head)
        times = series[0].times if series else ()
        for line, time in enumerate(times, 1):
            write_cell(data, (line, 0), time, self._styles)
            for column, entry in enumerate(series, 1):
                write_cell(data, (line, column), entry.values[line - 1], self._styles)
        return len(times)

    def _write_bars(self, summary: ReportSummary, line: int) -> int:
        """Write names and means of the queries from a line on; return that line."""
        for number, total in enumerate(summary.ranking()[:MAX_BARS]):
            self._data.write_string(line + number, 0, neutralise(total.query))
            write_cell(self._data, (line + number, 1), total.mean_count, self._styles)
        return line

    def _line_chart(
        self, summary: ReportSummary, series: tuple[CountSeries, ...], last: int
    ) -> Any:
        # Only the scatter chart of Excel has an axis of hours; that of its line chart has days.
        chart = self._book.add_chart({"type": "scatter", "subtype": "straight"})
        sheet = self._texts.data_sheet
        for column, entry in enumerate(series, 1):
            line = {"color": css_colour(entry.colour), "width": 1.5}
            chart.add_series(
                {
                    "name": [sheet, 0, column],
                    "categories": [sheet, 1, 0, last, 0],
                    "values": [sheet, 1, column, last, column],
                    "line": line,
                    "marker": {"type": "none"},
                }
            )
        start, end = excel_time(summary.start_at), excel_time(summary.end_at)
        days = (summary.end_at.timestamp() - summary.start_at.timestamp()) / _DAY_S
        pattern = "yyyy-mm-dd" if days > HOURS_OF_DAY else "mm-dd hh:mm" if days > 1 else "hh:mm:ss"
        chart.set_title({"name": self._texts.over_time, "name_font": {"size": 14}})
        chart.set_x_axis({"min": start, "max": end, "num_format": pattern})
        chart.set_y_axis({"min": 0, "name": self._texts.count_axis})
        chart.set_legend({"position": "bottom"})
        chart.show_blanks_as("gap")
        chart.set_size({"width": _CHART_WH[0], "height": _CHART_WH[1]})
        return chart

    def _bar_chart(self, summary: ReportSummary, first: int) -> Any:
        last = first + min(MAX_BARS, len(summary.ranking())) - 1
        chart = self._book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": self._texts.mean,
                "categories": [self._texts.data_sheet, first, 0, last, 0],
                "values": [self._texts.data_sheet, first, 1, last, 1],
                "data_labels": {"value": True, "num_format": "0.00"},
                "gap": 60,
            }
        )
        chart.set_title({"name": self._texts.top_queries, "name_font": {"size": 14}})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"min": 0, "name": self._texts.count_axis})
        chart.set_legend({"none": True})
        chart.set_size({"width": _CHART_WH[0], "height": _CHART_WH[1]})
        return chart

    def _write_heatmap(self, summary: ReportSummary) -> None:
        sheet, styles = self._heatmap, self._styles
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, HOURS_OF_DAY, 6)
        note = self._texts.heat_map_note.format(tz=summary.tz)
        sheet.write_string(0, 0, note, styles.note)
        line = 2
        shown = summary.busiest(MAX_HEATMAPS)
        for entry, drawn in zip(shown, chart_series(summary), strict=True):
            sheet.write_string(line, 0, neutralise(name_series(entry, summary)), styles.heading)
            for hour in range(HOURS_OF_DAY):
                sheet.write_number(line, hour + 1, hour, styles.head)
            for number, day in enumerate(entry.heatmap, 1):
                sheet.write_string(line + number, 0, self._texts.weekdays[number - 1])
                for hour, mean in enumerate(day, 1):
                    write_cell(sheet, (line + number, hour), mean, styles, Kind.NUMBER)
            sheet.conditional_format(
                *(line + 1, 1, line + len(entry.heatmap), HOURS_OF_DAY),
                {
                    "type": "2_color_scale",
                    "min_color": "#f4f7fa",
                    "max_color": css_colour(drawn.colour),
                },
            )
            line += len(entry.heatmap) + 2
