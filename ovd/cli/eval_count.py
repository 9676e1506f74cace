"""`ovd eval-count`: counts, tracks and crossings on a clip against truth labelled by hand."""

import json
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import build_counter, build_detector, build_opener, build_reader, open_store
from ovd.cli.counting import drive, stopped_by_signals
from ovd.cli.options import (
    AsJson,
    DetectorName,
    DeviceName,
    MinScore,
    PrecisionName,
    RuntimeName,
    SampleFps,
    Tiles,
    read_queries,
    require_supported,
    run_options,
    settings_with,
)
from ovd.datasets.mot import TruthFrame, load_truth, require_inside
from ovd.domain.ports import Detector, SourceOptions
from ovd.domain.query import Query
from ovd.evaluation.counting import CountEvaluation, CountEvaluator
from ovd.settings import Settings
from ovd.tracking.zone_file import ZoneTruth, load_zones

CAMERA = "evaluation"


def eval_count(  # noqa: PLR0913 -- one parameter per option of the command
    clip: Annotated[Path, typer.Argument(metavar="CLIP", help="The labelled video.")],
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH.csv", help="True boxes: frame,id,x,y,w,h.")
    ],
    query: Annotated[str, typer.Option("-q", "--query", metavar="TEXT", help="What was labelled.")],
    fps: SampleFps = None,
    zones: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Lines with true crossings; default: CLIP's .toml."),
    ] = None,
    first_frame: Annotated[
        int, typer.Option(help="Number of the first frame in TRUTH.csv: 0, or 1 as in MOT.")
    ] = 0,
    detector: DetectorName = None,
    tiles: Tiles = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
    min_score: MinScore = None,
    as_json: AsJson = False,
) -> None:
    """Compare counts, tracks and line crossings with labels made by hand.

    Nothing is kept: the clip is counted into a database of its own, which is removed.

    Example: ovd eval-count samples/pedestrians.mp4 samples/pedestrians.truth.csv -q person --fps 5
    """
    frames = load_truth(truth, first_frame)
    beside = clip.with_suffix(".toml")
    places = load_zones(zones or beside) if zones or beside.exists() else ()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ovd.db'}"
        settings = settings_with(
            detector=detector, db=url, tiles=tiles, **run_options(runtime, precision, device)
        )
        chosen = build_detector(settings)
        queries = read_queries(build_reader(chosen), [query], min_score)
        require_supported(queries, chosen.info.name)
        options = SourceOptions(sample_fps=fps)
        report = _evaluate(settings, chosen, queries[:1], (clip, options), (frames, places))
    if as_json:
        facts = {"clip": clip.name, "detector": chosen.info.name, "query": query, "fps": fps}
        typer.echo(json.dumps(facts | _describe(report), ensure_ascii=False))
    else:
        _print_report(report)


def _evaluate(
    settings: Settings,
    detector: Detector,
    queries: tuple[Query, ...],
    source: tuple[Path, SourceOptions],
    truth: tuple[dict[int, TruthFrame], tuple[ZoneTruth, ...]],
) -> CountEvaluation:
    frames, zones = truth
    evaluator = CountEvaluator(frames)
    with ExitStack() as stack:
        opened = build_opener(settings)(str(source[0]), CAMERA, source[1])
        clip = stack.enter_context(closing(opened))
        require_inside(frames, clip.info.size_hw)
        store = stack.enter_context(closing(open_store(settings)))
        counter = build_counter(detector, store, tiles=settings.tiles)
        places = [zone.zone for zone in zones]
        run = stack.enter_context(counter.open_run(clip, CAMERA, queries, places))
        stack.enter_context(stopped_by_signals(run))
        for result in drive(run, clip.info):
            evaluator.add(result)
    return evaluator.compare(run.summary().zones, zones)


def _describe(report: CountEvaluation) -> dict[str, object]:
    return {
        "frames_compared": report.frames_compared,
        "frames_labelled": report.frames_labelled,
        "count": _rounded(vars(report.counts)),
        "tracking": _rounded(vars(report.tracking)),
        "unique": {
            "true": report.true_unique,
            "counted": report.counted_unique,
            "error": report.counted_unique - report.true_unique,
        },
        "lines": [
            {
                "zone": line.name,
                "true_in": line.true_in,
                "in": line.counted_in,
                "true_out": line.true_out,
                "out": line.counted_out,
            }
            for line in report.lines
        ],
    }


def _rounded(values: dict[str, float | int | None]) -> dict[str, float | int | None]:
    return {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _print_report(report: CountEvaluation) -> None:
    counts, tracking = report.counts, report.tracking
    typer.echo(f"{report.frames_compared} of {report.frames_labelled} labelled frames compared")
    typer.echo(f"count per frame: MAE {counts.mae:.2f}, RMSE {counts.rmse:.2f}, ", nl=False)
    typer.echo(f"bias {counts.bias:+.2f}")
    typer.echo(
        f"tracks: IDF1 {_percent(tracking.idf1)}, MOTA {_percent(tracking.mota)} "
        f"({tracking.missed} of {tracking.true_boxes} boxes missed, {tracking.false} false, "
        f"{tracking.switches} switches)"
    )
    typer.echo(f"different objects: {report.counted_unique}, in truth {report.true_unique}")
    for line in report.lines:
        typer.echo(
            f"line {line.name}: in {line.counted_in} (truth {_known(line.true_in)}), "
            f"out {line.counted_out} (truth {_known(line.true_out)})"
        )


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"


def _known(count: int | None) -> str:
    return "unknown" if count is None else str(count)
