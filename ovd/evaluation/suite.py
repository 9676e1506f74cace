"""A survey of a detector over datasets of several sources: everything that `ovd eval` can tell."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ovd.datasets.coco import CocoDataset
from ovd.domain.ports import Detector
from ovd.errors import DatasetError
from ovd.evaluation.coco_metrics import CocoScores
from ovd.evaluation.detection import (
    DetectionRun,
    EvalReport,
    NameReader,
    detect_dataset,
    report_json,
    report_of,
)
from ovd.evaluation.paraphrase import (
    Retention,
    Wording,
    hypernym_retention,
    synonym_retention,
    worded_names,
)
from ovd.evaluation.protocols import (
    CountError,
    HoldOut,
    count_error,
    fixed_ap,
    hold_out,
    source_scores,
)


@dataclass(frozen=True)
class SurveyOptions:
    """What is asked beside the names of the datasets.

    Attributes:
        wording: Synonyms and wider words to ask for as well; None for none.
        novel: Names that the detector was trained without, to be scored apart.
    """

    wording: Wording | None = None
    novel: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """Accuracy over all datasets.

    Attributes:
        reports: COCO scores of each dataset by its source.
        federated: Scores of each source over what it labels exhaustively.
        fixed: Fixed AP over the names of all sources (Dave et al., 2021).
        counts: Counts at the default threshold against the labels; None where none can be
            compared.
        synonyms: What is left of the accuracy with other words; None if not asked, or if nothing
            is found by the names themselves.
        hypernyms: The same with wider words.
        held_out: Scores of the novel names; None if not asked.
    """

    reports: dict[str, EvalReport]
    federated: dict[str, CocoScores]
    fixed: CocoScores
    counts: CountError | None
    synonyms: Retention | None = None
    hypernyms: Retention | None = None
    held_out: HoldOut | None = None


def survey(
    detector: Detector,
    reader: NameReader,
    datasets: Sequence[CocoDataset],
    options: SurveyOptions,
    on_image: Callable[[], None] = lambda: None,
) -> Survey:
    """Look for the names of each dataset in its images, and for other words where wanted.

    Args:
        detector: What is evaluated.
        reader: Reads names as it reads what users type.
        datasets: At least one, with images and boxes.
        options: What else to ask.
        on_image: Called after each image, for a progress display; twice an image with a wording.

    Raises:
        DatasetError: If a dataset holds no object, two are of the same source, or a novel name
            has no box.
    """
    _require_distinct(datasets)
    runs = [detect_dataset(detector, reader, item, item.names, on_image) for item in datasets]
    wording = options.wording
    worded = list(_worded(detector, reader, datasets, wording, on_image)) if wording else []
    names = {name for run in runs for name in run.names}
    return Survey(
        reports={run.dataset.source: report_of(detector, run) for run in runs},
        federated={run.dataset.source: source_scores(run) for run in runs},
        fixed=fixed_ap(runs),
        counts=_counts(runs, detector.info.default_min_score, names),
        synonyms=_retained(synonym_retention, worded, wording),
        hypernyms=_retained(hypernym_retention, worded, wording),
        held_out=_held_out(runs, options.novel) if options.novel else None,
    )


def survey_json(found: Survey) -> dict[str, object]:
    """The survey as `ovd eval --json` prints it.

    Of one dataset its report, as it is; of several one report each under `sources`. What was not
    asked is missing; null is what no labelled object could tell.
    """
    reports = {source: report_json(report) for source, report in found.reports.items()}
    only = next(iter(reports.values())) if len(reports) == 1 else {"sources": reports}
    extra: dict[str, object] = {
        "federated_AP50": {
            source: _number(scores.ap50) for source, scores in found.federated.items()
        },
        "fixed_AP": _number(found.fixed.ap),
        "fixed_AP50": _number(found.fixed.ap50),
        "counts": found.counts
        and {
            "mean_absolute_error": found.counts.mean_absolute,
            "root_mean_square_error": found.counts.root_mean_square,
            "bias": found.counts.bias,
            "compared": found.counts.cells,
        },
    }
    for name, retention in (("synonyms", found.synonyms), ("hypernyms", found.hypernyms)):
        if retention is not None:
            extra[f"{name}_retention"] = {
                "AP": _number(retention.ap),
                "AP50": _number(retention.ap50),
            }
    if found.held_out is not None:
        extra["hold_out"] = {
            "novel_AP50": _number(found.held_out.novel_ap50),
            "base_AP50": _number(found.held_out.base_ap50),
            "per_label": {score.label: score.ap50 for score in found.held_out.novel},
        }
    return {**only, **extra}


def _require_distinct(datasets: Sequence[CocoDataset]) -> None:
    seen: set[str] = set()
    for dataset in datasets:
        if dataset.source in seen:
            raise DatasetError(
                f"two of the files call themselves {dataset.source!r} (info.source); their numbers "
                "could not be told apart"
            )
        seen.add(dataset.source)


def _worded(
    detector: Detector,
    reader: NameReader,
    datasets: Sequence[CocoDataset],
    wording: Wording,
    on_image: Callable[[], None],
) -> Iterator[DetectionRun]:
    for item in datasets:
        asked = worded_names(item, wording)
        if asked:
            yield detect_dataset(detector, reader, item, asked, on_image)


def _retained(
    measure: Callable[[Sequence[DetectionRun], Wording], Retention],
    worded: Sequence[DetectionRun],
    wording: Wording | None,
) -> Retention | None:
    if wording is None:
        return None
    try:
        return measure(worded, wording)
    except DatasetError:
        return None


def _counts(runs: Sequence[DetectionRun], min_score: float, names: set[str]) -> CountError | None:
    try:
        return count_error(runs, min_score, names)
    except ValueError:
        return None


def _held_out(runs: Sequence[DetectionRun], novel: Sequence[str]) -> HoldOut:
    """Novel against all other names, in the source that has most of the novel ones."""
    run = max(runs, key=lambda run: len(set(run.names) & set(novel)))
    missing = [name for name in novel if name not in run.names]
    if missing:
        raise DatasetError(
            f"no box of {', '.join(missing)} in {run.dataset.source}; novel names must be "
            "categories of one of the files"
        )
    return hold_out(run, novel, [name for name in run.names if name not in novel])


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
