"""`ovd detect`: look for queries in images."""

import json
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
    MinScore,
    PrecisionName,
    Queries,
    RuntimeName,
    Tiles,
    VerifyBy,
    WeightsFolder,
    print_notes,
    read_queries,
    run_options,
    settings_with,
)
from ovd.cli.progress import track
from ovd.detection.tiling.choice import tile_images
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import DetectorInfo
from ovd.domain.query import Query
from ovd.errors import InputError
from ovd.services.counting.summary import describe_reading
from ovd.services.detect import DetectService
from ovd.video.images import load_image, save_image


def detect(  # noqa: PLR0913 -- one parameter per option of the command
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Images.")],
    query: Queries,
    min_score: MinScore = None,
    detector: DetectorName = None,
    verify: VerifyBy = None,
    weights: WeightsFolder = None,
    tiles: Tiles = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
    as_json: AsJson = False,
    save_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save annotated images here.")
    ] = None,
) -> None:
    """Look for queries in images.

    Example: ovd detect street.jpg -q person -q "traffic light" --json
    """
    if as_json and save_dir is not None:
        raise InputError("choose one of --json and --save-dir")
    how = run_options(runtime, precision, device) | {"tiles": tiles, "verify": verify}
    settings = settings_with(detector=detector, weights_dir=weights, **how)
    chosen = build_detector(settings)
    verification = build_verification(settings)
    reader = verified_reader(build_reader(chosen, settings.weights_dir), verification)
    queries = read_queries(reader, query, min_score)
    judged = verify_images(tile_images(chosen, settings.tiles), verification)
    service = DetectService(judged)
    outcomes: list[dict[str, object]] = []
    for path in track(images, "detecting", len(images)):
        image = load_image(path)
        found = next(service.detect([image], queries))
        if save_dir is not None:
            _save(save_dir / f"{path.stem}.ovd.jpg", image, found)
        outcomes.append(
            _describe_image(path, image, found)
            | _describe_answer(chosen.info, found, queries)
            | ({} if verification is None else {"judge": verification.recorded_as})
        )
        if not as_json:
            _print_image(path, found, queries)
    if as_json:
        typer.echo(json.dumps(outcomes, ensure_ascii=False))
        return
    print_notes(queries)
    if save_dir is not None:
        typer.echo(f"annotated images: {save_dir}")


def _save(path: Path, image: Image, found: Detections) -> None:
    from ovd.render.annotate import annotate

    save_image(path, annotate(image, found))


def _describe_answer(
    info: DetectorInfo, found: Detections, queries: tuple[Query, ...]
) -> dict[str, object]:
    return {
        "detector": info.name,
        "runtime": info.computation.runtime,
        "precision": info.computation.precision,
        "queries": [describe_reading(item) | _count_unjudged(found, item) for item in queries],
    }


def _count_unjudged(found: Detections, query: Query) -> dict[str, object]:
    """Return how many objects are not judged; no state can be judged in one image."""
    if query.text not in found.labels:
        return {}
    label_id = found.labels.index(query.text)
    unknown = found.candidates.count_unknown(label_id)
    considered = len(found.candidates.of_label(label_id))
    return {"pending": considered - unknown if query.state else 0, "unknown": unknown}


def _describe_image(path: Path, image: Image, found: Detections) -> dict[str, object]:
    height, width = image.shape[:2]
    return {
        "image": str(path),
        "width": width,
        "height": height,
        "detections": [
            {
                "label": found.labels[label_id],
                "score": round(float(score), 4),
                "box": dict(
                    zip(
                        ("xmin", "ymin", "xmax", "ymax"),
                        (round(float(value), 2) for value in box),
                        strict=True,
                    )
                ),
            }
            for box, score, label_id in zip(found.xyxy, found.score, found.label_id, strict=True)
        ],
    }


def _print_image(path: Path, found: Detections, queries: tuple[Query, ...]) -> None:
    counts = ", ".join(_count(found, query) for query in queries if query.text in found.labels)
    typer.echo(f"{path}: {counts or 'nothing that can be looked for'}")


def _count(found: Detections, query: Query) -> str:
    """Return a query and its count; what one image cannot tell has none."""
    if query.state is not None:
        return f"{query.text} not judged"
    label_id = found.labels.index(query.text)
    unknown = found.candidates.count_unknown(label_id)
    aside = f" ({unknown} unknown)" if unknown else ""
    return f"{query.text} {len(found.of_label(label_id))}{aside}"
