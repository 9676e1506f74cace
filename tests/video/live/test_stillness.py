import numpy as np
import pytest

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.live import SourceState
from ovd.video.live.stillness import (
    BLIND_LENS,
    FROZEN_IMAGE,
    StillnessMonitor,
    is_blind,
    same_image,
)
from tests.builders import make_frame
from tests.clips import make_image

BLACK = np.zeros((64, 96, 3), dtype=np.uint8)


def frames_of(*images):
    """One frame a second; a number makes an image of its own."""
    frames = []
    for index, given in enumerate(images):
        image = make_image(given) if isinstance(given, int) else given
        base = make_frame(index, fps=1.0)
        frames.append(Frame(image.copy(), index, base.time_s, base.captured_at, "gate"))
    return frames


def judge(watch, frames):
    return [item for frame in frames for item in watch.admit(frame)]


def indices(items):
    return [item.index if isinstance(item, Frame) else item.reason for item in items]


def test_watch_passes_on_frames_that_differ():
    watch = StillnessMonitor("gate", 3.0)

    assert indices(judge(watch, frames_of(0, 1, 2))) == [0, 1, 2]


def test_watch_holds_equal_frames_back_until_the_image_changes():
    watch = StillnessMonitor("gate", 10.0)
    frames = frames_of(0, 0, 0, 1)

    assert indices(judge(watch, frames[:3])) == [0]
    assert indices(watch.admit(frames[3])) == [1, 2, 3]


def test_watch_shares_the_image_of_equal_frames():
    watch = StillnessMonitor("gate", 10.0)

    first, second, _ = judge(watch, frames_of(0, 0, 1))

    assert second.image is first.image


def test_frame_that_stands_still_too_long_is_a_gap_from_the_last_change_to_the_next():
    watch = StillnessMonitor("gate", 3.0)
    frames = frames_of(0, 1, 1, 1, 1, 1, 1, 2)

    before = judge(watch, frames[:7])
    state = watch.state
    gap, after = watch.admit(frames[7])

    assert indices(before) == [0, 1]
    assert state is SourceState.FROZEN
    assert gap == Gap("gate", frames[1].captured_at, frames[7].captured_at, FROZEN_IMAGE)
    assert after.index == 7
    assert watch.state is SourceState.GOOD


def test_watch_without_limit_never_calls_a_frame_frozen():
    watch = StillnessMonitor("gate", 0.0)
    frames = frames_of(*[0] * 100, 1)

    assert len(judge(watch, frames)) == 101


def test_blind_frames_are_a_gap_at_once():
    watch = StillnessMonitor("gate", 3.0)
    frames = frames_of(0, BLACK, BLACK, 1)

    items = judge(watch, frames)

    assert indices(items) == [0, BLIND_LENS, 3]
    assert (items[1].started_at, items[1].ended_at) == (
        frames[0].captured_at,
        frames[3].captured_at,
    )


def test_lens_that_is_covered_from_the_start_is_a_gap_from_the_start():
    watch = StillnessMonitor("gate", 3.0)
    frames = frames_of(BLACK, BLACK, 1)

    gap, _ = judge(watch, frames)

    assert (gap.started_at, gap.ended_at) == (frames[0].captured_at, frames[2].captured_at)


def test_scene_that_is_uncovered_unchanged_is_seen_again():
    watch = StillnessMonitor("gate", 30.0)

    assert indices(judge(watch, frames_of(0, BLACK, 0))) == [0, BLIND_LENS, 2]


def test_frame_that_froze_and_went_dark_is_one_gap():
    watch = StillnessMonitor("gate", 2.0)

    items = judge(watch, frames_of(0, 0, 0, 0, BLACK, BLACK, 1))

    assert indices(items) == [0, FROZEN_IMAGE, 6]


def test_flush_gives_what_was_held_and_ends_gaps_at_the_last_frame():
    watch, frozen = StillnessMonitor("gate", 10.0), StillnessMonitor("gate", 2.0)
    frames = frames_of(0, 0, 0, 0)
    judge(watch, frames)
    judge(frozen, frames)

    assert indices(watch.flush()) == [1, 2, 3]
    (gap,) = frozen.flush()
    assert (gap.started_at, gap.ended_at) == (frames[0].captured_at, frames[3].captured_at)


def test_after_a_flush_the_same_image_is_seen_afresh():
    watch = StillnessMonitor("gate", 2.0)
    frames = frames_of(0, 0, 0, 0)
    judge(watch, frames[:2])
    list(watch.flush())

    assert indices(judge(watch, frames[2:])) == [2]


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_covered_lens_is_blind_in_spite_of_sensor_noise(level):
    noise = np.random.default_rng(0).normal(level, 8, (360, 640, 3))

    assert is_blind(np.clip(noise, 0, 255).astype(np.uint8))


def test_dim_scene_is_not_blind():
    image = np.full((360, 640, 3), 4, dtype=np.uint8)
    image[:, 200:320] = 24

    assert not is_blind(image)


def test_frames_of_other_sizes_differ():
    assert not same_image(make_image(0), make_image(0, (32, 48)))
