"""Drawing of detections into an image: boxes, tags, and a legend with the counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.render.palette import INK, WHITE, Rgb, query_colours, text_colour_on

_FONT = "sans"  # OpenCV's own; it has Hangul and needs no font of the system.
_REGULAR, _BOLD = 500, 700
_MAX_TAG_WIDTH = 0.6
_MAX_LEGEND_WIDTH = 0.4
_MAX_LEGEND_HEIGHT = 0.5
_SUBPIXEL_BITS = 3
_SHADE, _SHADE_LEVEL = 0.72, 20


@dataclass(frozen=True)
class _Scale:
    """Sizes in pixels that suit an image, from a thumbnail to 4K."""

    font: int
    line: int
    pad: int

    @classmethod
    def of(cls, image: Image) -> "_Scale":
        short = min(image.shape[:2])
        font = max(10, round(3 + 0.02 * short))
        return cls(font=font, line=max(2, round(short / 320)), pad=max(2, round(font * 0.3)))

    @property
    def row(self) -> int:
        """Return the height of a tag or a row of the legend, in pixels."""
        return self.font + 2 * self.pad


def annotate(
    image: Image,
    detections: Detections,
    *,
    colours: Sequence[Rgb] | None = None,
    marks: Sequence[str] | None = None,
    legend: bool = True,
) -> Image:
    """Draw detections into a copy of an image.

    Args:
        image: `(H, W, 3)` uint8 RGB; not modified.
        detections: In pixels of this image.
        colours: RGB of each of the detections' labels; by default those of `query_colours`.
        marks: Text after the label in the tag of each detection; by default its score.
        legend: Whether to list every label with its count in a corner, zeros included.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    colours = query_colours(detections.labels) if colours is None else colours
    canvas = np.ascontiguousarray(image).copy()
    drawing = _Canvas(canvas, _Scale.of(canvas))
    # The best detection is drawn last, on top; all tags lie above all boxes.
    order = np.argsort(detections.score, kind="stable")
    for index in order:
        drawing.draw_box(detections.xyxy[index], colours[detections.label_id[index]])
    for index in order[::-1]:
        label_id = int(detections.label_id[index])
        mark = f"{detections.score[index]:.2f}" if marks is None else marks[index]
        name, box = detections.labels[label_id], detections.xyxy[index]
        drawing.draw_tag(name, f" {mark}", box, colours[label_id])
    if legend and detections.labels:
        counts = np.bincount(detections.label_id, minlength=len(detections.labels))
        drawing.draw_legend(detections.labels, counts.tolist(), colours)
    return canvas


def encode_jpeg(image: Image, quality: int = 82) -> bytes:
    """Encode `(H, W, 3)` uint8 RGB as JPEG.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        quality: From 1 to 100.
    """
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


class _Canvas:
    """Draws into one image and keeps track of where its tags are."""

    def __init__(self, canvas: Image, scale: _Scale) -> None:
        self._canvas = canvas
        self._scale = scale
        self._height, self._width = canvas.shape[:2]
        self._font = cv2.FontFace(_FONT)
        self._tags: list[tuple[int, int, int, int]] = []

    def draw_box(self, xyxy: NDArray[np.float32], colour: Rgb) -> None:
        start, end = np.round(xyxy.reshape(2, 2) * (1 << _SUBPIXEL_BITS)).astype(int).tolist()
        dark = tuple(value // 4 for value in colour)
        for line, thickness in (
            (dark, self._scale.line + self._scale.line // 2),
            (colour, self._scale.line),
        ):
            cv2.rectangle(
                self._canvas, start, end, line, thickness, cv2.LINE_AA, shift=_SUBPIXEL_BITS
            )

    def draw_tag(self, name: str, score: str, xyxy: NDArray[np.float32], colour: Rgb) -> None:
        text = self._shorten(name, round(_MAX_TAG_WIDTH * self._width), _REGULAR) + score
        width = self._text_width(text, _REGULAR) + 2 * self._scale.pad
        left, top = self._place_tag(xyxy, width, self._scale.row)
        self._tags.append((left, top, left + width, top + self._scale.row))
        self._fill(left, top, width, self._scale.row, colour)
        self._write(text, left + self._scale.pad, top, text_colour_on(colour), _REGULAR)

    def _place_tag(self, xyxy: NDArray[np.float32], width: int, height: int) -> tuple[int, int]:
        """Return the top left corner of a free place for a tag: above the box, below or inside."""
        x0, y0, _, y1 = (round(float(value)) for value in xyxy)
        edge = self._scale.line // 2 + 1
        left = min(max(0, x0 - edge), max(0, self._width - width))
        tops = [y0 - height + edge, y0, y1, y1 - height]
        inside = [top for top in tops if 0 <= top <= self._height - height]
        occupied = np.array(self._tags, dtype=int).reshape(-1, 4)
        for top in inside:
            is_free = (
                (occupied[:, 0] >= left + width)
                | (occupied[:, 2] <= left)
                | (occupied[:, 1] >= top + height)
                | (occupied[:, 3] <= top)
            )
            if is_free.all():
                return left, top
        return left, inside[0] if inside else 0

    def draw_legend(
        self, labels: Sequence[str], counts: Sequence[int], colours: Sequence[Rgb]
    ) -> None:
        scale = self._scale
        max_width = round(_MAX_LEGEND_WIDTH * self._width)
        rows = list(self._legend_rows(labels, counts, colours))
        names = [self._shorten(name, max_width, _REGULAR) for name, _, _ in rows]
        name_width = max(self._text_width(name, _REGULAR) for name in names)
        count_width = max(self._text_width(count, _BOLD) for _, count, _ in rows)
        swatch = scale.font * 3 // 4
        gap = 2 * scale.pad
        width = gap + swatch + gap + name_width + 2 * gap + count_width + gap
        left = top = gap
        self._shade(left, top, width, scale.row * len(rows) + gap)
        for number, (name, (_, count, colour)) in enumerate(zip(names, rows, strict=True)):
            row_top = top + scale.pad + number * scale.row
            x = left + gap
            self._fill(x, row_top + (scale.row - swatch) // 2, swatch, swatch, colour)
            self._write(name, x + swatch + gap, row_top, WHITE, _REGULAR)
            right = left + width - gap - self._text_width(count, _BOLD)
            self._write(count, right, row_top, WHITE, _BOLD)

    def _legend_rows(
        self, labels: Sequence[str], counts: Sequence[int], colours: Sequence[Rgb]
    ) -> Iterator[tuple[str, str, Rgb]]:
        max_rows = max(1, round(_MAX_LEGEND_HEIGHT * self._height) // self._scale.row)
        shown = len(labels) if len(labels) <= max_rows else max_rows - 1
        for label, count, colour in list(zip(labels, counts, colours, strict=True))[:shown]:
            yield label, str(count), colour
        if shown < len(labels):
            yield f"+ {len(labels) - shown}", str(sum(counts[shown:])), INK

    def _shade(self, left: int, top: int, width: int, height: int) -> None:
        under = self._canvas[top : top + height, left : left + width]
        if under.size:
            under[:] = cv2.convertScaleAbs(under, alpha=1 - _SHADE, beta=_SHADE * _SHADE_LEVEL)

    def _fill(self, left: int, top: int, width: int, height: int, colour: Rgb) -> None:
        cv2.rectangle(self._canvas, (left, top, width, height), colour, cv2.FILLED)

    def _write(self, text: str, left: int, row_top: int, colour: Rgb, weight: int) -> None:
        baseline = row_top + self._scale.pad + round(0.82 * self._scale.font)
        cv2.putText(
            self._canvas, text, (left, baseline), colour, self._font, self._scale.font, weight
        )

    def _text_width(self, text: str, weight: int) -> int:
        size = cv2.getTextSize((0, 0), text, (0, 0), self._font, self._scale.font, weight)
        return int(size[2])

    def _shorten(self, text: str, max_width: int, weight: int) -> str:
        """Return the text as one printable line, no wider than `max_width` pixels."""
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if self._text_width(line, weight) <= max_width:
            return line
        keep = len(line) * max_width // max(1, self._text_width(line, weight))
        while keep > 1 and self._text_width(f"{line[:keep]}…", weight) > max_width:
            keep -= 1
        return f"{line[:keep]}…"
