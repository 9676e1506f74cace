"""`ovd eval`: average precision of a detector on COCO-format boxes."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import build_detector, build_reader
from ovd.cli.options import AsJson, DetectorName, settings_with
from ovd.cli.progress import open_progress
from ovd.training.coco import load_dataset
from ovd.training.evaluate import EvalReport, report_json
from ovd.training.evaluate import evaluate as evaluate_detector


def evaluate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET.json", help="COCO-format boxes.")],
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the images.")],
    detector: DetectorName = None,
    as_json: AsJson = False,
) -> None:
    """Average precision of a detector on COCO-format boxes.

    Each category of the file is queried by its name; one that the detector has not learned scores 0
    and is listed.

    Example: ovd eval annotations/val.json --images images --json
    """
    coco = load_dataset(dataset, images)
    chosen = build_detector(settings_with(detector=detector))
    with open_progress() as progress:
        task = progress.add_task("evaluating", total=len(coco.images))
        report = evaluate_detector(
            chosen, build_reader(chosen), coco, lambda: progress.advance(task)
        )
    if as_json:
        typer.echo(json.dumps(report_json(report), ensure_ascii=False))
    else:
        _print_report(report)


def _print_report(report: EvalReport) -> None:
    speed = "" if report.ms_per_image is None else f", {report.ms_per_image:.1f} ms an image"
    typer.echo(f"{report.detector}: {report.images} images{speed}")
    rows: list[tuple[str, float | None, float | None]] = [
        ("all", report.scores.ap, report.scores.ap50)
    ]
    rows += [(score.label, score.ap, score.ap50) for score in report.scores.per_label]
    width = max(len(label) for label, _, _ in rows)
    typer.echo(f"{'label':{width}}     AP   AP50")
    for label, ap, ap50 in rows:
        typer.echo(f"{label:{width}}  {_percent(ap)}  {_percent(ap50)}")
    if report.unsupported:
        typer.echo(f"not learned, scored 0: {', '.join(report.unsupported)}")


def _percent(value: float | None) -> str:
    return "    -" if value is None else f"{100 * value:5.1f}"
