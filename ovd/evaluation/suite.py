"""Survey of a detector over datasets of several sources: all numbers of `ovd eval`."""

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
    build_report,
    detect_dataset,
    report_json,
)
from ovd.evaluation.paraphrase import (
    ParaphraseRobustness,
    Wording,
    hypernym_robustness,
    paraphrased_names,
    synonym_robustness,
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
    """Evaluations beside the names of the datasets.

    Attributes:
        wording: Synonyms and hypernyms to evaluate as well; None for none.
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
        synonyms: Accuracy that remains with synonyms; None if not requested, or if nothing is
            found by the names themselves.
        hypernyms: The same with hypernyms.
        held_out: Scores of the novel names; None if not requested.
    """

    reports: dict[str, EvalReport]
    federated: dict[str, CocoScores]
    fixed: CocoScores
    counts: CountError | None
    synonyms: ParaphraseRobustness | None = None
    hypernyms: ParaphraseRobustness | None = None
    held_out: HoldOut | None = None


def survey(
    detector: Detector,
    reader: NameReader,
    datasets: Sequence[CocoDataset],
    options: SurveyOptions,
    on_image: Callable[[], None] = lambda: None,
) -> Survey:
    """Evaluate the names of each dataset on its images, and other words where requested.

    Args:
        detector: The detector to evaluate.
        reader: Reads names as query texts.
        datasets: At least one, with images and boxes.
        options: What else to evaluate.
        on_image: Called after each image, for a progress display; twice an image with a wording.

    Raises:
        DatasetError: If a dataset holds no object, two are of the same source, or a novel name
            has no box.
    """
    _require_distinct(datasets)
    runs = [detect_dataset(detector, reader, item, item.names, on_image) for item in datasets]
    wording = options.wording
    paraphrased = (
        list(_detect_paraphrased(detector, reader, datasets, wording, on_image)) if wording else []
    )
    names = {name for run in runs for name in run.names}
    return Survey(
        reports={run.dataset.source: build_report(detector, run) for run in runs},
        federated={run.dataset.source: source_scores(run) for run in runs},
        fixed=fixed_ap(runs),
        counts=_counts(runs, detector.info.default_min_score, names),
        synonyms=_measure_robustness(synonym_robustness, paraphrased, wording),
        hypernyms=_measure_robustness(hypernym_robustness, paraphrased, wording),
        held_out=_held_out(runs, options.novel) if options.novel else None,
    )


def survey_json(result: Survey) -> dict[str, object]:
    """Return the survey as `ovd eval --json` prints it.

    One dataset gives its report, several give one report each under `sources`. What was not
    requested is missing; null stands for scores without a labelled object.
    """
    reports = {source: report_json(report) for source, report in result.reports.items()}
    only = next(iter(reports.values())) if len(reports) == 1 else {"sources": reports}
    extra: dict[str, object] = {
        "federated_AP50": {
            source: _number(scores.ap50) for source, scores in result.federated.items()
        },
        "fixed_AP": _number(result.fixed.ap),
        "fixed_AP50": _number(result.fixed.ap50),
        "counts": result.counts
        and {
            "mean_absolute_error": result.counts.mean_absolute,
            "root_mean_square_error": result.counts.root_mean_square,
            "bias": result.counts.bias,
            "compared": result.counts.cells,
        },
    }
    for name, robustness in (("synonyms", result.synonyms), ("hypernyms", result.hypernyms)):
        if robustness is not None:
            extra[f"{name}_retention"] = {
                "AP": _number(robustness.ap),
                "AP50": _number(robustness.ap50),
            }
    if result.held_out is not None:
        extra["hold_out"] = {
            "novel_AP50": _number(result.held_out.novel_ap50),
            "base_AP50": _number(result.held_out.base_ap50),
            "per_label": {score.label: score.ap50 for score in result.held_out.novel},
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


def _detect_paraphrased(
    detector: Detector,
    reader: NameReader,
    datasets: Sequence[CocoDataset],
    wording: Wording,
    on_image: Callable[[], None],
) -> Iterator[DetectionRun]:
    for item in datasets:
        asked = paraphrased_names(item, wording)
        if asked:
            yield detect_dataset(detector, reader, item, asked, on_image)


def _measure_robustness(
    measure: Callable[[Sequence[DetectionRun], Wording], ParaphraseRobustness],
    paraphrased: Sequence[DetectionRun],
    wording: Wording | None,
) -> ParaphraseRobustness | None:
    if wording is None:
        return None
    try:
        return measure(paraphrased, wording)
    except DatasetError:
        return None


def _counts(runs: Sequence[DetectionRun], min_score: float, names: set[str]) -> CountError | None:
    try:
        return count_error(runs, min_score, names)
    except ValueError:
        return None


def _held_out(runs: Sequence[DetectionRun], novel: Sequence[str]) -> HoldOut:
    """Return novel against all other names, in the source with most of the novel ones."""
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
