"""The weekly report as one A4 page."""

from collections.abc import Sequence
from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from ovd.render.charts import INK, MUTED
from ovd.render.print_charts import draw_heatmap
from ovd.render.print_fonts import BOLD, REGULAR, escape_markup, load_fonts, plain_label
from ovd.services.sites.weekly.sentences import WeekSentences
from ovd.services.sites.weekly.week import DAYS, SiteWeek, visitors
from ovd.texts.languages import Language
from ovd.texts.site_report import SITE_REPORT_TEXTS

_MARGIN = 16 * mm
_WIDTH, _HEIGHT = A4
_ROOM = _WIDTH - 2 * _MARGIN
_ACCENT, _PALE, _BAND = HexColor("#146a79"), HexColor("#bcd9de"), HexColor("#f4f6f9")
_COLOUR = (20, 106, 121)
_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=13, textColor=HexColor(INK))
_NOTE = ParagraphStyle("note", _BODY, fontSize=8, leading=11, textColor=HexColor(MUTED))
_HEADING = ParagraphStyle("heading", _BODY, fontName=BOLD, fontSize=11.5, leading=16, spaceBefore=7)
_TITLE = ParagraphStyle("title", _BODY, fontName=BOLD, fontSize=17, leading=22)
_FIGURE = ParagraphStyle("figure", _BODY, fontName=BOLD, fontSize=18, leading=24)
_BOX_HEIGHT = 58
_DAYS_HEIGHT = 110


def write_week(week: SiteWeek, language: Language) -> bytes:
    """Return the report of a week as a PDF of one page."""
    load_fonts()
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4, lang=language.value)
    canvas.setCreator("ovd")
    page = _Page(canvas, WeekSentences(week, language))
    canvas.setTitle(plain_label(page.words.title()))
    page.draw(week, language)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


class _Page:
    """A page that is filled from top to bottom."""

    def __init__(self, canvas: Canvas, words: WeekSentences) -> None:
        self._canvas = canvas
        self.words = words
        self._y = _HEIGHT - _MARGIN

    def draw(self, week: SiteWeek, language: Language) -> None:
        """Draw the whole page."""
        texts = SITE_REPORT_TEXTS[language]
        self._text(self.words.title(), _TITLE)
        self._text(self.words.subtitle(), _NOTE)
        self._boxes(list(self.words.highlights()))
        self._text(texts.by_day, _HEADING)
        names = [texts.weekdays[(week.first.weekday() + day) % DAYS] for day in range(DAYS)]
        now = [day.visitors for day in week.days] + [None] * (DAYS - len(week.days))
        self._drawing(draw_days(names, now, week.days_before, texts.no_data))
        self._text(texts.legend, _NOTE)
        self._text(texts.by_hour, _HEADING)
        heatmap = by_weekday_and_hour(week)
        if any(value is not None for day in heatmap for value in day):
            self._drawing(
                draw_heatmap(heatmap, colour=_COLOUR, weekdays=texts.weekdays, width=_ROOM)
            )
        self._text(texts.by_hour_note, _NOTE)
        for heading, lines in self.words.sections():
            self._text(heading, _HEADING)
            for line in lines:
                self._text(line, _BODY)

    def _text(self, text: str, style: ParagraphStyle) -> None:
        paragraph = Paragraph(escape_markup(text), style)
        _, height = paragraph.wrap(_ROOM, self._y)
        self._y -= style.spaceBefore
        if self._y - height < _MARGIN:
            return  # one page it stays: what comes last is least
        self._y -= height
        paragraph.drawOn(self._canvas, _MARGIN, self._y)

    def _boxes(self, boxes: Sequence[tuple[str, str, str]]) -> None:
        width = _ROOM / len(boxes)
        self._y -= _BOX_HEIGHT + 12
        for index, (name, value, detail) in enumerate(boxes):
            x = _MARGIN + index * width
            self._canvas.setFillColor(_BAND)
            self._canvas.rect(x, self._y, width - 5, _BOX_HEIGHT + 6, stroke=0, fill=1)
            top = self._y + _BOX_HEIGHT + 2
            for text, style in ((name, _NOTE), (value, _FIGURE), (detail, _NOTE)):
                paragraph = Paragraph(escape_markup(text), style)
                _, height = paragraph.wrap(width - 17, _BOX_HEIGHT)
                top -= height
                paragraph.drawOn(self._canvas, x + 7, top)
        self._y -= 8

    def _drawing(self, drawing: Drawing) -> None:
        self._y -= drawing.height + 4
        renderPDF.draw(drawing, self._canvas, _MARGIN, self._y)


def draw_days(
    names: Sequence[str], now: Sequence[int | None], before: Sequence[int | None], no_data: str
) -> Drawing:
    """Draw the visitors of each day beside those of the week before, which are paler."""
    drawing = Drawing(_ROOM, _DAYS_HEIGHT)
    most = max([count for count in (*now, *before) if count is not None], default=1) or 1
    step, floor = _ROOM / len(names), 16
    height = _DAYS_HEIGHT - floor - 14
    for index, name in enumerate(names):
        x = index * step
        for offset, count, colour in ((0.08, before[index], _PALE), (0.44, now[index], _ACCENT)):
            if count is not None:
                tall = height * count / most
                box = Rect(x + offset * step, floor, 0.34 * step, tall)
                box.fillColor, box.strokeColor = colour, None
                drawing.add(box)
        count = now[index]
        told = plain_label(no_data if count is None else f"{count:,}")
        y = floor + 3 + (0 if count is None else height * count / most)
        drawing.add(_label(x + 0.61 * step, y, told))
        drawing.add(_label(x + 0.43 * step, 3, plain_label(name)))
    return drawing


def by_weekday_and_hour(week: SiteWeek) -> list[list[float | None]]:
    """Return visitors by weekday from Monday and hour; None where closed or not observed."""
    zone = week.site.hours.zone
    grid: list[list[float | None]] = [[None] * 24 for _ in range(DAYS)]
    for hour in week.hours:
        count = visitors(hour)
        if count is not None and hour.open_s:
            local = hour.start_at.astimezone(zone)
            grid[local.weekday()][local.hour] = (grid[local.weekday()][local.hour] or 0) + count
    return grid


def _label(x: float, y: float, text: str) -> String:
    label = String(x, y, text)
    label.fontName, label.fontSize, label.textAnchor = REGULAR, 8, "middle"
    label.fillColor = HexColor(INK)
    return label
