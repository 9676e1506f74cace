"""`ovd eval`: accuracy of a detector on COCO-format boxes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import (
    build_detector,
    build_reader,
    build_verification,
    verified_reader,
    verify_images,
)
from ovd.cli.options import (
    AsJson,
    DetectorName,
    DeviceName,
    EncoderKeep,
    PrecisionName,
    RuntimeName,
    Tiles,
    VerifyBy,
    WeightsFolder,
    run_options,
    settings_with,
)
from ovd.cli.progress import open_progress
from ovd.datasets.coco import load_dataset
from ovd.detection.tiling.choice import tile_images
from ovd.errors import DatasetError
from ovd.evaluation.detection import EvalReport
from ovd.evaluation.paraphrase import load_wording
from ovd.evaluation.suite import Survey, SurveyOptions, survey, survey_json

Synonyms = Annotated[
    Path | None,
    typer.Option(metavar="FILE.json", help="Also ask in other words: synonyms and wider words."),
]
HoldOut = Annotated[
    str, typer.Option(metavar="NAME,...", help="Names it was trained without, scored apart.")
]


def evaluate(  # noqa: PLR0913 -- one parameter per option of the command
    datasets: Annotated[
        list[Path], typer.Argument(metavar="DATASET.json...", help="COCO-format boxes.")
    ],
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the images.")],
    detector: DetectorName = None,
    synonyms: Synonyms = None,
    verify: VerifyBy = None,
    weights: WeightsFolder = None,
    tiles: Tiles = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
    encoder_keep: EncoderKeep = None,
    hold_out: HoldOut = "",
    as_json: AsJson = False,
) -> None:
    """Accuracy of a detector on COCO-format boxes.

    Each category of a file is queried by its name; one that the detector has not learned scores 0
    and is listed. Of several files each is a source of its own, and fixed AP and counts are over
    all.

    Example: ovd eval annotations/val.json --images images --json
    """
    sources = [load_dataset(path, images) for path in datasets]
    options = SurveyOptions(
        load_wording(synonyms) if synonyms else None,
        tuple(name.strip() for name in hold_out.split(",") if name.strip()),
    )
    if any(not item.names for item in sources):
        raise DatasetError("a file without categories has nothing to be asked for")
    how = run_options(runtime, precision, device)
    how |= {"detector": detector, "tiles": tiles, "verify": verify}
    settings = settings_with(encoder_keep=encoder_keep, weights_dir=weights, **how)
    proposing = tile_images(build_detector(settings), settings.tiles)
    verification = build_verification(settings)
    chosen = verify_images(proposing, verification, scored=True)
    with open_progress() as progress:
        total = (2 if synonyms else 1) * sum(len(item.images) for item in sources)
        task = progress.add_task("evaluating", total=total)
        reader = verified_reader(build_reader(proposing), verification)
        found = survey(chosen, reader, sources, options, lambda: progress.advance(task))
    if verification is not None:
        found = _name_judge(found, verification.recorded_as)
    if as_json:
        typer.echo(json.dumps(survey_json(found), ensure_ascii=False))
    else:
        _print_survey(found)


def _name_judge(found: Survey, judge: str) -> Survey:
    """Return a survey whose reports name the judge beside the detector."""
    reports = {
        source: replace(report, detector=f"{report.detector}+{judge}")
        for source, report in found.reports.items()
    }
    return replace(found, reports=reports)


def _print_survey(found: Survey) -> None:
    for source, report in found.reports.items():
        _print_report(source, report)
    if len(found.reports) > 1:
        typer.echo(
            f"all sources, fixed AP {_percent(found.fixed.ap)}, AP50 {_percent(found.fixed.ap50)}"
        )
    if found.counts is not None:
        error = found.counts
        typer.echo(
            f"counts at the default threshold: {error.mean_absolute:.2f} off on average, "
            f"bias {error.bias:+.2f}, over {error.cells} counts"
        )
    for name, retention in (("synonyms", found.synonyms), ("wider words", found.hypernyms)):
        if retention is not None:
            typer.echo(f"with {name}: {retention.ap:.3f} of the AP is left")
    if found.held_out is not None:
        typer.echo(
            f"held out names: AP50 {_percent(found.held_out.novel_ap50)}, "
            f"the others {_percent(found.held_out.base_ap50)}"
        )


def _print_report(source: str, report: EvalReport) -> None:
    speed = "" if report.ms_per_image is None else f", {report.ms_per_image:.1f} ms an image"
    typer.echo(f"{report.detector} on {source}: {report.images} images{speed}")
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
