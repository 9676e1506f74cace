"""The curve of a training run as a picture."""

import csv
from pathlib import Path

from ovd.errors import DatasetError

SHOWN = ("many", "single", "box", "presence", "iou", "rate")


def draw_curve(table: Path, picture: Path) -> None:
    """Draw the columns of a run's `curve.csv` over the images learned from, as a PNG.

    Raises:
        DatasetError: If the table holds no line, or something else.
    """
    from matplotlib.figure import Figure

    try:
        rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
        images = [int(row["images"]) for row in rows]
        columns = {name: [float(row[name]) for row in rows] for name in SHOWN}
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
    figure.savefig(picture, dpi=100)
