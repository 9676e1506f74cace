"""Every accuracy number of docs/lab/accuracy.md, for one or several detectors, as Markdown.

Example: python -m bench.accuracy embedded --data DATA > accuracy.md

DATA holds `annotations/SOURCE_val.json`, `images/` and `synonyms.json`.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from ovd.bootstrap import build_detector, build_reader
from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.datasets.name_lists import CLEAN_NAMES, NEW_WORDS
from ovd.domain.frame import Frame
from ovd.domain.ports import Detector, QueryReader, SourceOptions
from ovd.evaluation.coco_metrics import CocoScores
from ovd.evaluation.colour_ranking import (
    SHIRT_COLOURS,
    VEHICLE_COLOURS,
    ColourRanking,
    ColourTask,
    colour_ranking,
    coloured_queries,
    only_coloured,
)
from ovd.evaluation.detection import DetectionRun, NameReader, detect_dataset, score_run
from ovd.evaluation.paraphrase import (
    LiteralReader,
    ParaphraseRobustness,
    Wording,
    hypernym_robustness,
    load_wording,
    paraphrased_names,
    synonym_robustness,
)
from ovd.evaluation.protocols import (
    MIN_OBJECTS,
    CleanComparison,
    CountError,
    FalseCounts,
    HoldOut,
    compare_clean,
    count_error,
    false_counts,
    fixed_ap,
    hold_out,
    pooled_scores,
    source_scores,
)
from ovd.settings import load_settings
from ovd.video import open_source

COCO_SOURCE = "coco_val2017"
PERSON = "person"
# The sample clip shows people, a car and a van, but none of the others.
WATCHED = (PERSON, "car", "cell phone", "bird", "cat", "dog", "bear")
Cell = float | int | str | None
Scores = TypeVar("Scores")
# The name of a measure, and what reads it from the scores of a detector.
Measure: TypeAlias = tuple[str, Callable[[Scores], float | None]]
RED_OR_WHITE = replace(VEHICLE_COLOURS, colours=("red", "white"))


@dataclass(frozen=True)
class Clip:
    """The counts on a clip at the detector's own threshold.

    Attributes:
        frames: Frames in which objects were counted.
        mean_counts: Mean count of each of `WATCHED`.
        with_people: Share of frames with at least one person.
        absent: Counts of things that the clip does not show.
        unsupported: How many of these the detector has not learned.
    """

    frames: int
    mean_counts: dict[str, float]
    with_people: float
    absent: FalseCounts
    unsupported: int


@dataclass(frozen=True)
class DetectorScores:
    """All scores of one detector.

    Attributes:
        name: The detector.
        ms_per_image: Median over the sources of their median detection time.
        plain: COCO scores per source, as `ovd eval` prints them.
        federated: The same where a label counts only on images that were labelled for it.
        clean: COCO names in sources that are not COCO.
        new_words: Names that COCO does not have.
        fixed: Fixed AP over all names of all sources.
        held_out: Scores of the names kept from training, of COCO alone.
        counting: Error of counts at the detector's own threshold.
        synonyms: Accuracy that synonyms keep.
        literal: The same with the lexicon off: the text encoder by itself; None if not asked for.
        hypernyms: Accuracy that wider words keep.
        colours: Colour rankings by title.
        clip: Counts on the sample clip.
    """

    name: str
    ms_per_image: float
    plain: dict[str, CocoScores]
    federated: dict[str, CocoScores]
    clean: CleanComparison
    new_words: CocoScores
    fixed: CocoScores
    held_out: HoldOut
    counting: CountError
    synonyms: ParaphraseRobustness
    literal: ParaphraseRobustness | None
    hypernyms: ParaphraseRobustness
    colours: dict[str, ColourRanking]
    clip: Clip


def measure(
    detector: Detector,
    data: Sequence[CocoDataset],
    wording: Wording,
    frames: Sequence[Frame],
    *,
    with_literal: bool,
) -> DetectorScores:
    """Run every protocol: passes over the data for names and for other words, then the rest."""
    reader = build_reader(detector)
    runs = [detect_dataset(detector, reader, item, item.names) for item in data]
    paraphrased = detect_paraphrased(detector, reader, data, wording)
    literal = (
        detect_paraphrased(detector, LiteralReader(detector), data, wording) if with_literal else []
    )
    times = [run.ms_per_image for run in runs if run.ms_per_image is not None]
    return DetectorScores(
        name=detector.info.name,
        ms_per_image=statistics.median(times),
        plain={run.dataset.source: score_run(run) for run in runs},
        federated={run.dataset.source: source_scores(run) for run in runs},
        clean=compare_clean(runs),
        new_words=pooled_scores(runs, NEW_WORDS),
        fixed=fixed_ap(runs),
        held_out=hold_out(next(run for run in runs if run.dataset.source == COCO_SOURCE)),
        counting=count_error(runs, detector.info.default_min_score, CLEAN_NAMES),
        synonyms=synonym_robustness(paraphrased, wording),
        literal=synonym_robustness(literal, wording) if with_literal else None,
        hypernyms=hypernym_robustness(paraphrased, wording),
        colours=rank_colours_of(detector, reader, data)
        | (
            {
                f"{title}, by text alone": ranking
                for title, ranking in rank_colours_of(
                    detector, LiteralReader(detector), data
                ).items()
            }
            if with_literal
            else {}
        ),
        clip=count_clip(detector, reader, wording.absent, frames),
    )


def detect_paraphrased(
    detector: Detector, reader: NameReader, data: Sequence[CocoDataset], wording: Wording
) -> list[DetectionRun]:
    """Return detections of names, their synonyms and wider words, for every source with them."""
    return [
        detect_dataset(detector, reader, item, asked)
        for item in data
        if (asked := paraphrased_names(item, wording))
    ]


def rank_colours_of(
    detector: Detector, reader: NameReader, data: Sequence[CocoDataset]
) -> dict[str, ColourRanking]:
    """Rank the colours of vehicles and of shirts."""

    def runs(task: ColourTask) -> list[DetectionRun]:
        return [
            detect_dataset(detector, reader, only_coloured(item, task), asked)
            for item in data
            if (asked := coloured_queries(item, task))
        ]

    vehicles = runs(VEHICLE_COLOURS)
    return {
        "vehicles, red or white": colour_ranking(vehicles, RED_OR_WHITE),
        "vehicles, seven colours": colour_ranking(vehicles, VEHICLE_COLOURS),
        "shirts, seven colours": colour_ranking(runs(SHIRT_COLOURS), SHIRT_COLOURS),
    }


def count_clip(
    detector: Detector, reader: QueryReader, absent: Sequence[str], frames: Sequence[Frame]
) -> Clip:
    """Count persons and absent objects on a clip as `ovd count` does."""
    queries = [reader.read(name) for name in (*WATCHED, *absent)]
    supported = [query for query in queries if query.supported]
    vocabulary = detector.encode(supported)
    found = [detector.detect([frame.image], vocabulary)[0] for frame in frames]
    people = [len(item.of_label(item.labels.index(PERSON))) for item in found]
    known = [query.text for query in supported if query.text in absent]
    return Clip(
        frames=len(frames),
        mean_counts=dict(false_counts(found, WATCHED).per_label),
        with_people=statistics.fmean(count > 0 for count in people),
        absent=false_counts(found, known),
        unsupported=len(absent) - len(known),
    )


def coco_rows(scores_of: Callable[[Scores], CocoScores]) -> list[Measure[Scores]]:
    """Return the measures of the COCO part, read from the scores that `scores_of` picks."""
    return [
        ("COCO part: AP", lambda m: scores_of(m).ap),
        ("COCO part: AP50", lambda m: scores_of(m).ap50),
        ("COCO part: AP small", lambda m: scores_of(m).ap_small),
        ("COCO part: AP medium", lambda m: scores_of(m).ap_medium),
        ("COCO part: AP large", lambda m: scores_of(m).ap_large),
    ]


def print_measures(
    title: str, columns: Mapping[str, Scores], measures: Sequence[Measure[Scores]]
) -> None:
    """Print one line per measure, one column per title in `columns`."""
    rows = [(name, *(value(item) for item in columns.values())) for name, value in measures]
    print_table(title, ("measure", *columns), rows)


def _coco_part(measured: DetectorScores) -> CocoScores:
    return measured.plain[COCO_SOURCE]


def _colour_accuracy(title: str, measured: DetectorScores) -> float | None:
    return measured.colours[title].pairwise


def _literal_ap(measured: DetectorScores) -> float | None:
    return None if measured.literal is None else measured.literal.ap


def print_headline(all_measured: Sequence[DetectorScores]) -> None:
    """Print one line per measure, one column per detector."""
    rows: list[Measure[DetectorScores]] = [
        *coco_rows(_coco_part),
        (f"clean comparison: AP50, pairs of {MIN_OBJECTS}+", lambda m: m.clean.mean_ap50),
        ("clean comparison: AP50, all pairs", lambda m: m.clean.mean_ap50_all),
        ("new words: AP50", lambda m: m.new_words.ap50),
        ("all names, fixed AP", lambda m: m.fixed.ap),
        ("all names, fixed AP50", lambda m: m.fixed.ap50),
        ("OV-COCO novel names: AP50", lambda m: m.held_out.novel_ap50),
        ("OV-COCO base names: AP50", lambda m: m.held_out.base_ap50),
        ("synonym retention: AP", lambda m: m.synonyms.ap),
        (
            "synonym retention without the lexicon: AP",
            lambda m: m.literal.ap if m.literal else None,
        ),
        ("hypernym retention: AP", lambda m: m.hypernyms.ap),
        ("counts: mean absolute error", lambda m: m.counting.mean_absolute),
        ("counts: bias", lambda m: m.counting.bias),
        ("clip: persons per frame", lambda m: m.clip.mean_counts[PERSON]),
        ("clip: frames with a person", lambda m: m.clip.with_people),
        ("clip: false counts per frame and query", lambda m: m.clip.absent.per_frame_and_query),
        ("ms per image", lambda m: m.ms_per_image),
    ]
    rows += [
        (f"colour, {title}: ranked right", partial(_colour_accuracy, title))
        for title in all_measured[0].colours
    ]
    print_measures("All measures", {m.name: m for m in all_measured}, rows)


def print_details(measured: DetectorScores) -> None:
    """Print the details behind the headline numbers of one detector."""
    print_table(
        f"{measured.name}: sources",
        ("source", "AP", "AP50", "AP small", "federated AP50"),
        [
            (source, scores.ap, scores.ap50, scores.ap_small, measured.federated[source].ap50)
            for source, scores in measured.plain.items()
        ],
    )
    print_table(
        f"{measured.name}: clean comparison",
        ("source", "label", "objects", "AP50"),
        [(p.source, p.score.label, p.score.objects, p.score.ap50) for p in measured.clean.pairs],
    )
    print_table(
        f"{measured.name}: new words",
        ("word", "objects", "AP", "AP50"),
        [(s.label, s.objects, s.ap, s.ap50) for s in measured.new_words.per_label],
    )
    for title, retention in (("synonyms", measured.synonyms), ("hypernyms", measured.hypernyms)):
        print_table(
            f"{measured.name}: {title}",
            ("name", "objects", "AP50 by name", "AP50 by other words"),
            [
                (
                    row.name,
                    row.objects,
                    row.reference_ap50,
                    ", ".join(f"{word.label} {word.ap50 or 0.0:.2f}" for word in row.paraphrased),
                )
                for row in retention.rows
            ],
        )
    print_table(
        f"{measured.name}: colours",
        ("boxes with a colour", "boxes", "missed", "ranked right", "best of all"),
        [(title, r.boxes, r.missed, r.pairwise, r.top1) for title, r in measured.colours.items()],
    )
    clip = measured.clip
    print_table(
        f"{measured.name}: mean counts on {clip.frames} frames",
        ("query", "mean count"),
        list(clip.mean_counts.items()),
    )
    print_table(
        f"{measured.name}: absent things on {clip.frames} frames ({clip.unsupported} not learned)",
        ("query", "false counts per frame"),
        [item for item in clip.absent.per_label.items() if item[1] > 0],
    )


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a Markdown table; a missing number is a dash."""
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(format_cell(cell) for cell in row)} |")


def format_cell(cell: Cell) -> str:
    """Format a fraction with three decimals, a larger number with one."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return (
            f"{cell:.4f}" if abs(cell) < 0.1 else f"{cell:.3f}" if abs(cell) < 10 else f"{cell:.1f}"
        )
    return str(cell)


def load_data(folder: Path, limit: int | None) -> list[CocoDataset]:
    """Load the val split of every source with boxes, at most `limit` images each."""
    paths = sorted((folder / "annotations").glob("*_val.json"))
    if not paths:
        raise SystemExit(f"no annotations/SOURCE_val.json in {folder}")
    data = [load_dataset(path, folder / "images") for path in paths]
    bounded = [replace(item, images=item.images[:limit]) for item in data]
    return [item for item in bounded if any(image.boxes for image in item.images)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("detectors", nargs="+", metavar="DETECTOR")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data")
    parser.add_argument("--clip", default="samples/pedestrians.mp4")
    parser.add_argument("--clip-fps", type=float, default=2.0, help="frames counted per second")
    parser.add_argument(
        "--literal",
        action="store_true",
        help="also hand synonyms to the text encoder without the lexicon; one more pass",
    )
    parser.add_argument("--limit", type=int, help="only the first LIMIT images of each source")
    arguments = parser.parse_args()
    data = load_data(arguments.data, arguments.limit)
    wording = load_wording(arguments.data / "synonyms.json")
    source = open_source(arguments.clip, "clip", SourceOptions(sample_fps=arguments.clip_fps))
    frames = [item for item in source if isinstance(item, Frame)]
    source.close()
    all_measured = [
        measure(
            build_detector(load_settings(detector=name)),
            data,
            wording,
            frames,
            with_literal=arguments.literal,
        )
        for name in arguments.detectors
    ]
    images = sum(len(item.images) for item in data)
    print(f"{images} images of {len(data)} sources, {len(frames)} frames of {arguments.clip}")
    print_headline(all_measured)
    for measured in all_measured:
        print_details(measured)


if __name__ == "__main__":
    main()
