"""The report of a distillation: a page with numbers, and pictures of what the teacher labelled."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ovd.domain.detections import Detections
from ovd.render.annotate import annotate
from ovd.texts.distillation import DistillationTexts, distillation_texts
from ovd.training.distill.files import write_text
from ovd.training.distill.frames import KeptFrame
from ovd.training.distill.labelling import FrameLabels
from ovd.training.distill.measuring import Accuracy
from ovd.training.distill.outcome import KnownNames, NameOutcome, Outcome
from ovd.training.distill.plan import DistillPlan
from ovd.video.images import load_image, save_image

REPORT, PICTURES = "report.html", "pictures"
MOST_PICTURES = 24
WIDTH_PX = 480
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .8rem; border-bottom: 1px solid #8886; }
th, td { white-space: nowrap; }
small { display: block; opacity: .75; font-weight: 400; }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
img { width: 100%; height: auto; border-radius: .3rem; }
code { background: #8882; padding: .2rem .4rem; border-radius: .3rem; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True, eq=False)
class LabelledFrames:
    """Frames to show.

    Attributes:
        frames: In the order of their time.
        labels: By file name.
        folder: Where the frames lie.
        min_scores: Threshold of each name.
    """

    frames: tuple[KeptFrame, ...]
    labels: FrameLabels
    folder: Path
    min_scores: dict[str, float]

    def found(self, frame: KeptFrame) -> Detections:
        """Return the labels of a frame as detections."""
        names = tuple(self.min_scores)
        sure = [
            item
            for item in self.labels[frame.file_name]
            if item.score >= self.min_scores.get(item.name, 2.0)
        ]
        sure.sort(key=lambda item: -item.score)
        return Detections(
            np.array([item.xyxy for item in sure], dtype=np.float32).reshape(-1, 4),
            np.array([item.score for item in sure], dtype=np.float32),
            np.array([names.index(item.name) for item in sure], dtype=np.int64),
            names,
        )


def write_report(
    folder: Path, plan: DistillPlan, outcome: Outcome, shown: LabelledFrames, language: str
) -> None:
    """Write the page, and the images that it shows beside it.

    Args:
        folder: Where to.
        plan: What was distilled.
        outcome: What became of it.
        shown: Labelled frames.
        language: Language of the page.

    Raises:
        OutputError: If something cannot be written.
    """
    texts = distillation_texts(language)
    title = html.escape(texts.title.format(teacher=plan.teacher.partition("@")[0]))
    parts = [
        f'<!doctype html><html lang="{texts.language}"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>",
        _paragraph(
            texts.summary.format(
                frames=outcome.frames, source=plan.source, held_out=outcome.held_out_frames
            )
        ),
        f'<div class="table"><table>{_head(texts)}',
        *(_row(item, texts) for item in outcome.names),
        f"</table></div>{_paragraph(texts.measure_detail)}",
        *_known(outcome.known, texts),
        _use(outcome, texts),
        f"<h2>{html.escape(texts.pictures)}</h2>{_paragraph(texts.pictures_detail)}",
        '<div class="images">',
        *_pictures(folder, shown),
        "</div></html>",
    ]
    write_text(folder / REPORT, "\n".join(parts))


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _head(texts: DistillationTexts) -> str:
    columns = (
        (texts.name, ""),
        (texts.verdict, ""),
        (texts.labels, texts.labels_detail),
        (texts.steady, texts.steady_detail),
        (texts.ap50_before, ""),
        (texts.ap50_after, ""),
        (texts.count_before, ""),
        (texts.count_after, ""),
    )
    cells = "".join(
        f"<th scope=col>{html.escape(name)}"
        + (f"<small>{html.escape(detail)}</small>" if detail else "")
        for name, detail in columns
    )
    return f"<tr>{cells}"


def _row(item: NameOutcome, texts: DistillationTexts) -> str:
    cells = (
        texts.verdicts[item.verdict.value],
        f"{item.learned_from} + {item.held_out}",
        f"{item.steadiness.found} / {item.steadiness.tried}",
        _ap50(item.before),
        _ap50(item.after),
        _count_error(item.before),
        _count_error(item.after),
    )
    values = "".join(f"<td>{html.escape(value)}" for value in cells)
    return f"<tr><th scope=row>{html.escape(item.name)}{values}"


def _ap50(accuracy: Accuracy | None) -> str:
    return "-" if accuracy is None else f"{accuracy.ap50:.2f}"


def _count_error(accuracy: Accuracy | None) -> str:
    return "-" if accuracy is None else f"{accuracy.count_error:.2f}"


def _known(known: KnownNames | None, texts: DistillationTexts) -> Iterator[str]:
    if known is None:
        return
    if known.changed_frames:
        yield _paragraph(texts.known_changed.format(frames=known.changed_frames))
    else:
        yield _paragraph(texts.known_same.format(compared=known.compared))
    if known.before is not None and known.after is not None:
        yield _paragraph(
            texts.known_measured.format(before=f"{known.before:.2f}", after=f"{known.after:.2f}")
        )


def _use(outcome: Outcome, texts: DistillationTexts) -> str:
    if outcome.weights is None:
        return _paragraph(texts.not_written)
    command = html.escape(f"ovd serve --weights {outcome.weights}")
    return f"<p>{html.escape(texts.use)}: <code>{command}</code></p>"


def _pictures(folder: Path, shown: LabelledFrames) -> Iterator[str]:
    """Write images of the frames with most labels, and yield the tags that show them."""
    ranked = sorted(shown.frames, key=lambda frame: -len(shown.found(frame)))[:MOST_PICTURES]
    for frame in sorted(ranked, key=lambda frame: frame.file_name):
        image = load_image(shown.folder / frame.file_name)
        drawn = annotate(image, shown.found(frame), legend=False)
        height, width = drawn.shape[:2]
        size = (WIDTH_PX, max(1, round(height * WIDTH_PX / width)))
        small = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
        save_image(folder / PICTURES / frame.file_name, np.asarray(small, dtype=np.uint8))
        names = ", ".join(
            f"{name} {len(shown.found(frame).of_label(number))}"
            for number, name in enumerate(shown.min_scores)
        )
        source = f"{PICTURES}/{frame.file_name}"
        sides = f'width="{size[0]}" height="{size[1]}"'
        yield f'<img src="{source}" alt="{html.escape(names)}" {sides}>'
