from datetime import timedelta

import numpy as np
import pytest

from ovd.domain.frame import Frame
from ovd.services.counting.motion_gate import GateConfig, MotionGate
from tests.builders import START
from tests.clips import make_image

HW = (288, 384)
NOISE = np.random.default_rng(0)
SCENE = np.clip(NOISE.normal(120, 40, (*HW, 3)), 0, 255)


def scene(index, time_s=None, box=None, noise=4.0):
    """The same place with fresh sensor noise, and perhaps a dim person in it."""
    image = SCENE.copy()
    if box is not None:
        x0, y0, x1, y1 = box
        image[max(y0, 0) : y1, max(x0, 0) : x1] = 95
    image = np.clip(image + NOISE.normal(0, noise, image.shape), 0, 255).astype(np.uint8)
    seconds = index / 2 if time_s is None else time_s
    return Frame(image, index, seconds, START + timedelta(seconds=seconds), "gate")


def test_still_scene_with_sensor_noise_needs_one_look():
    gate = MotionGate(GateConfig())

    assert [gate.is_still(scene(index)) for index in range(10)] == [False] + [True] * 9


def test_scene_is_looked_at_again_after_a_while():
    gate = MotionGate(GateConfig(refresh_s=3.0))

    looks = [index for index in range(14) if not gate.is_still(scene(index))]

    assert looks == [0, 6, 12]


def test_small_dim_person_who_comes_in_a_pixel_at_a_time_is_looked_at():
    gate = MotionGate(GateConfig(refresh_s=1000.0))
    gate.is_still(scene(0))

    entered = next(
        shown
        for shown in range(1, 12)
        if not gate.is_still(scene(shown, box=(shown - 10, 100, shown, 124)))
    )

    assert entered <= 6


def test_change_that_creeps_adds_up():
    gate = MotionGate(GateConfig(refresh_s=1000.0))
    base = scene(0, noise=0.0)
    stills = []
    for index in range(20):
        image = np.clip(base.image.astype(np.int16) + index, 0, 255).astype(np.uint8)
        stills.append(gate.is_still(Frame(image, index, float(index), START, "gate")))

    assert stills.count(False) >= 2


@pytest.mark.parametrize("config", [None, GateConfig()])
def test_the_very_same_frame_needs_no_look(config):
    gate = MotionGate(config)
    first = Frame(make_image(0), 0, 0.0, START, "gate")
    held = Frame(first.image, 1, 100.0, START + timedelta(seconds=100), "gate")

    assert [gate.is_still(first), gate.is_still(held)] == [False, True]


def test_without_configuration_every_other_frame_is_looked_at():
    gate = MotionGate(None)

    assert not any(gate.is_still(scene(index, noise=0.0)) for index in range(3))


def test_frame_of_another_size_is_looked_at():
    gate = MotionGate(GateConfig())
    gate.is_still(Frame(make_image(0), 0, 0.0, START, "gate"))

    assert not gate.is_still(Frame(make_image(0, (48, 96)), 1, 0.1, START, "gate"))


def test_forgetful_gate_looks_again():
    gate = MotionGate(GateConfig())
    frame = scene(0)
    gate.is_still(frame)

    gate.forget()

    assert not gate.is_still(frame)
