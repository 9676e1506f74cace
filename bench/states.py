"""Fall alarms on composed clips and on real footage.

    python -m bench.states --data ../shared/data [--clips 36] [--real samples/pedestrians.mp4]
    python -m bench.states --data ../shared/data --show FOLDER      writes frames to look at

Composed: people cut out of labelled images (GrabCut inside their boxes) move over images without
people. They fall by turning about their feet, or lie from the start; hard negatives walk, stand,
crouch (pressed together), sit or bend (real people of such a shape), or are cut by the lower edge
of the frame. Real footage is counted as it is; it holds no fall, so that every alarm is false.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import ovd
from ovd.bootstrap import build_opener
from ovd.datasets.coco import CocoImage, load_dataset
from ovd.domain.detections import Detections
from ovd.domain.frame import Frame, Image
from ovd.domain.ports import Detector, SourceOptions
from ovd.domain.query import Vocabulary
from ovd.services.counting.judging.judge import Judge
from ovd.settings import load_settings
from ovd.tracking.tracker import MotionTracker

QUERY = "fallen person"
FPS = 2.0
SECONDS = 11.0
FALL_AT_S = 4.0
ALARM_WITHIN_S = 5.0
SIZE_HW = (312, 416)
FALLS = ("fall", "lies from the start")
NEGATIVES = ("walks", "stands", "crouches", "sits or bends", "cut by the frame", "walks far away")
# A cut that leaves less of the box than this lost the person.
_LEAST_COVERED = 0.4
_LEAST_HEAD = 0.3
Alpha = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class CutOut:
    """A person: `(H, W, 3)` pixels and `(H, W)` alpha in [0, 1]."""

    image: Image
    alpha: Alpha


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of a kind; `alarm_from_s` is None where no alarm is right."""

    kind: str
    frames: list[Image]
    alarm_from_s: float | None


def main() -> None:
    """Make the clips, count the query in them and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=36)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    parser.add_argument("--show", type=Path)
    given = parser.parse_args()
    clips = list(make_clips(given.data, given.clips, given.seed))
    if given.show is not None:
        show(clips, given.show)
        return
    detector = ovd.open_detector()
    vocabulary = detector.encode([ovd.read_query(QUERY, detector)])
    measure_clips(detector, vocabulary, clips)
    for path in given.real:
        measure_real(detector, vocabulary, path)


def measure_clips(detector: Detector, vocabulary: Vocabulary, clips: Sequence[Clip]) -> None:
    """Print recall of falls within five seconds, and false alarms, by kind."""
    outcomes: dict[str, list[bool]] = {}
    for clip in clips:
        alarms = list(alarm_times(detector, vocabulary, clip.frames))
        start_s = clip.alarm_from_s
        if start_s is None:
            right = not alarms
        else:
            right = any(start_s <= at <= start_s + ALARM_WITHIN_S for at in alarms)
        outcomes.setdefault(clip.kind, []).append(right)
        first = f"{alarms[0]:.1f} s" if alarms else "none"
        print(f"{clip.kind:22} {'right' if right else 'WRONG'}  first alarm {first}", flush=True)
    for kind, results in outcomes.items():
        print(f"{kind:22} {sum(results)} of {len(results)} right")
    falls = [right for kind in FALLS for right in outcomes.get(kind, [])]
    others = [right for kind in NEGATIVES for right in outcomes.get(kind, [])]
    print(f"falls seen within {ALARM_WITHIN_S:g} s: {sum(falls)} of {len(falls)}")
    print(f"false alarms: {len(others) - sum(others)} in {len(others)} clips without a fall")


def measure_real(detector: Detector, vocabulary: Vocabulary, path: Path) -> None:
    """Print the false alarms of footage without a fall."""
    source = build_opener(load_settings())(str(path), "real", SourceOptions(sample_fps=FPS))
    judge = Judge(MotionTracker, 1 / FPS)
    alarms, last_s = 0, 0.0
    for item in source:
        if isinstance(item, Frame):
            found = detector.detect([item.image], vocabulary)[0]
            alarms += len(judge.observe(item, found, vocabulary).detections) > 0
            last_s = item.time_s
    source.close()
    print(f"{path}: {alarms} frames with an alarm in {last_s / 60:.2f} minutes")


def alarm_times(
    detector: Detector, vocabulary: Vocabulary, frames: Sequence[Image]
) -> Iterator[float]:
    """Yield the media times at which the query counts somebody."""
    judge = Judge(MotionTracker, 1 / FPS)
    for index, image in enumerate(frames):
        frame = _frame(image, index)
        found: Detections = detector.detect([image], vocabulary)[0]
        if len(judge.observe(frame, found, vocabulary).detections):
            yield frame.time_s


def make_clips(data: Path, count: int, seed: int) -> Iterator[Clip]:
    """Yield clips of all kinds in turn; a third of them are falls."""
    rng = np.random.default_rng(seed)
    images = load_dataset(data / "annotations" / "coco_val2017_val.json", data / "images").images
    upright = cut_outs(images, rng, lambda aspect: 2.2 <= aspect <= 3.6)
    bent = cut_outs(images, rng, lambda aspect: 0.95 <= aspect <= 1.45)
    roads = load_dataset(data / "annotations" / "coldwater_webcam_val.json", data / "images").images
    scenes = [_resized(ovd.load_image(road.path)) for road in roads[:12]]
    for number in range(count):
        third, rest = divmod(number, 3)
        negative = NEGATIVES[(2 * third + rest - 1) % len(NEGATIVES)]
        kind = FALLS[third % len(FALLS)] if rest == 0 else negative
        who = bent if kind == "sits or bends" else upright
        person = who[int(rng.integers(len(who)))]
        passer_by = upright[int(rng.integers(len(upright)))]
        yield make_clip(kind, scenes[int(rng.integers(len(scenes)))], person, passer_by, rng)


def make_clip(
    kind: str, scene: Image, person: CutOut, passer_by: CutOut, rng: np.random.Generator
) -> Clip:
    """Return one clip; somebody else walks through every one, near the upper third."""
    height = {"walks far away": 60.0}.get(kind, float(rng.uniform(110, 150)))
    ground = {"walks far away": 190.0}.get(kind, float(rng.uniform(250, 295)))
    start_x, speed = float(rng.uniform(120, 180)), float(rng.uniform(14, 26))
    frames = []
    for index in range(round(SECONDS * FPS)):
        time_s = index / FPS
        frame = scene.copy()
        _paste(frame, passer_by, Pose(400 - 25 * time_s, ground - 20, height * 0.93))
        moving_s = min(time_s, FALL_AT_S) if kind in ("fall", "crouches") else time_s
        x, angle, squeeze, foot = start_x + speed * moving_s, 0.0, 1.0, ground
        if kind == "fall":
            angle = 90 * float(np.clip((time_s - FALL_AT_S) / 0.7, 0, 1))
        elif kind == "lies from the start":
            x, angle = start_x, 90.0
        elif kind == "crouches":
            squeeze = 1 - 0.45 * float(np.clip((time_s - FALL_AT_S) / 0.7, 0, 1))
        elif kind in ("stands", "sits or bends"):
            x = start_x + 30
        elif kind == "cut by the frame":
            foot = SIZE_HW[0] + height * 0.55
        size = height * (0.62 if kind == "sits or bends" else 1.0) * squeeze
        _paste(frame, person, Pose(x, foot, size, angle, 1 / squeeze**0.3))
        frames.append(_with_noise(frame, rng))
    starts = {"fall": FALL_AT_S, "lies from the start": 0.0}
    return Clip(kind, frames, starts.get(kind))


def cut_outs(
    images: Sequence[CocoImage], rng: np.random.Generator, fits: Callable[[float], bool]
) -> list[CutOut]:
    """Return people of a shape, cut out of their images."""
    found: list[CutOut] = []
    for at in rng.permutation(len(images)):
        image = images[at]
        people = [box for box in image.boxes if box.name == "person" and not box.is_crowd]
        for box in people:
            x0, y0, x1, y1 = box.xyxy
            inside = x0 > 6 and y0 > 4 and x1 < image.size_hw[1] - 6 and y1 < image.size_hw[0] - 4
            if inside and y1 - y0 >= 110 and len(people) <= 4 and fits((y1 - y0) / (x1 - x0)):
                person = _cut_out(ovd.load_image(image.path), box.xyxy)
                if _is_whole(person):
                    found.append(person)
                break
        if len(found) == 14:
            break
    return found


def _is_whole(person: CutOut) -> bool:
    """Return whether the cut left enough of the person, and the head."""
    height, width = person.alpha.shape
    head = person.alpha[: height // 8, width // 4 : -width // 4]
    covered = person.alpha.mean()
    return bool(_LEAST_COVERED <= covered <= 0.95 and head.mean() >= _LEAST_HEAD)


def _cut_out(image: Image, xyxy: tuple[float, float, float, float]) -> CutOut:
    x0, y0, x1, y1 = (round(value) for value in xyxy)
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    cv2.setRNGSeed(1)
    model = np.zeros((2, 1, 65), dtype=np.float64)
    cv2.grabCut(
        np.ascontiguousarray(image[..., ::-1]), mask, (x0, y0, x1 - x0, y1 - y0), model[0],
        model[1], 4, cv2.GC_INIT_WITH_RECT,
    )  # fmt: skip
    front = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)[y0:y1, x0:x1]
    alpha = cv2.GaussianBlur(front, (3, 3), 0).astype(np.float32)
    return CutOut(image[y0:y1, x0:x1].copy(), alpha)


def _resized(image: Image) -> Image:
    return cv2.resize(image, SIZE_HW[::-1]).astype(np.uint8)


@dataclass(frozen=True)
class Pose:
    """A place of the feet in pixels, a height, a turn about the feet in degrees, a widening."""

    x: float
    foot_y: float
    height: float
    angle: float = 0.0
    widen: float = 1.0


def _paste(frame: Image, who: CutOut, pose: Pose) -> None:
    """Draw a person in a pose."""
    scale = pose.height / who.image.shape[0]
    width = who.image.shape[1] * scale * pose.widen
    turn = np.deg2rad(pose.angle)
    cos, sin = np.cos(turn), np.sin(turn)
    foot_y = pose.foot_y - sin * width / 2
    matrix = np.array(
        [
            [cos * scale * pose.widen, -sin * scale, pose.x - cos * width / 2 + sin * pose.height],
            [sin * scale * pose.widen, cos * scale, foot_y - sin * width / 2 - cos * pose.height],
        ]
    )
    size = (frame.shape[1], frame.shape[0])
    pixels = cv2.warpAffine(who.image, matrix, size, flags=cv2.INTER_AREA)
    alpha = cv2.warpAffine(who.alpha, matrix, size)[..., None]
    frame[:] = (alpha * pixels + (1 - alpha) * frame).astype(np.uint8)


def _with_noise(frame: Image, rng: np.random.Generator) -> Image:
    noise = rng.normal(0, 3, frame.shape)
    noisy: Image = np.clip(frame + noise, 0, 255).astype(np.uint8)
    return noisy


def _frame(image: Image, index: int) -> Frame:

    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=index / FPS)
    return Frame(image, index, index / FPS, at, "composed")


def show(clips: Sequence[Clip], folder: Path) -> None:
    """Write four frames of every clip as one image."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, clip in enumerate(clips):
        at = [8, round(FALL_AT_S * FPS) + 1, round(FALL_AT_S * FPS) + 4, len(clip.frames) - 1]
        strip = np.concatenate([clip.frames[index] for index in at], axis=1)
        cv2.imwrite(
            str(folder / f"{number:02}_{clip.kind.replace(' ', '_')}.png"), strip[..., ::-1]
        )


if __name__ == "__main__":
    main()
