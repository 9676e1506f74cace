"""The curve of a training run: its CSV table, and a plot of it."""

import csv
import math
import time
from pathlib import Path

import numpy as np

from ovd.errors import DatasetError
from ovd.training.engine.checkpoint import Progress
from ovd.training.losses.criterion import Losses

PLOTTED_COLUMNS = ("many", "single", "box", "presence", "iou", "rate")
CURVE_COLUMNS = (
    "step", "images", "rate", "loss", "many", "single", "box", "presence", "captions", "distill",
    "anchors", "iou", "images_per_s",
)  # fmt: skip
# A curve that an earlier version began keeps its header: its name of a column, and today's.
EARLIER_COLUMNS = {"said": "captions"}


class CurveWriter:
    """Writes the curve; each line holds means since the line before."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it; an existing one keeps its columns."""
        self._path = path
        self._rows: list[tuple[float, ...]] = []
        self._started, self._images = time.perf_counter(), -1
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow(CURVE_COLUMNS)
        with path.open(newline="", encoding="utf-8") as file:
            self._columns = next(csv.reader(file), CURVE_COLUMNS)

    def add(self, losses: Losses, anchor_loss: float) -> None:
        """Record the losses of one step, unless one of them is not finite."""
        parts = (
            losses.many, losses.single, losses.box, losses.presence, losses.captions,
            losses.distill, anchor_loss,
        )  # fmt: skip
        row = (sum(parts), *parts, losses.mean_iou)
        if all(math.isfinite(value) for value in row):
            self._rows.append(row)

    def write(self, progress: Progress, rate: float) -> None:
        """Write a line, `rate` being the share of the full learning rate."""
        now = time.perf_counter()
        speed = 0.0
        if self._images >= 0:
            speed = (progress.images - self._images) / (now - self._started)
        self._started, self._images = now, progress.images
        if not self._rows:
            return
        means = np.mean(self._rows, axis=0)
        self._rows = []
        with self._path.open("a", newline="", encoding="utf-8") as file:
            values = [f"{value:.4f}" for value in (rate, *means, speed)]
            row: dict[str, object] = dict(
                zip(CURVE_COLUMNS, (progress.step, progress.images, *values), strict=True)
            )
            row |= {old: row[name] for old, name in EARLIER_COLUMNS.items()}
            csv.DictWriter(file, self._columns, extrasaction="ignore").writerow(row)


def draw_curve(table: Path, image_path: Path) -> None:
    """Draw the columns of a run's `curve.csv` over the images learned from, as a PNG.

    Raises:
        DatasetError: If the table holds no line, or something else.
    """
    from matplotlib.figure import Figure

    try:
        rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
        images = [int(row["images"]) for row in rows]
        columns = {name: [float(row[name]) for row in rows] for name in PLOTTED_COLUMNS}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{table} is no training curve: {error}") from error
    if not rows:
        raise DatasetError(f"the training curve {table} has no line yet")
    figure = Figure(figsize=(9, 5), layout="constrained")
    for axes, (name, values) in zip(figure.subplots(2, 3).flat, columns.items(), strict=True):
        axes.plot(images, values, linewidth=1.2)
        axes.set_title(name)
        axes.set_xlabel("images")
        axes.grid(alpha=0.3)
    figure.savefig(image_path, dpi=100)
