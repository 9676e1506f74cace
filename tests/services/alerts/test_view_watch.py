from dataclasses import replace

import numpy as np
import pytest

from ovd.domain.frame import Image
from ovd.domain.ports import LiveFrame
from ovd.services.alerts.view_watch import CHECK_S, ReferenceViews
from tests.builders import make_frame, make_result
from tests.memory_alerts import MemoryViews
from tests.services.alerts.scene import StepClock

SCENE = np.kron(np.random.default_rng(1).integers(0, 255, (60, 80, 1)), np.ones((8, 8, 3)))
SCENE = SCENE.astype(np.uint8)
ELSEWHERE = np.roll(SCENE, 200, axis=1)


class Watched:
    def __init__(self) -> None:
        self.clock = StepClock()
        self.views = MemoryViews()
        self.sequence = 0
        self.image = SCENE
        self.watch = ReferenceViews(self.views, self.latest, self.clock)

    def latest(self, _: str) -> LiveFrame:
        self.sequence += 1
        frame = replace(make_frame(self.sequence), image=self.image)
        return LiveFrame(self.sequence, make_result(frame, {}))

    def see(self, image: Image) -> bool | None:
        self.image = image
        self.clock.passed_s += CHECK_S
        return self.watch.is_moved("gate")


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_first_image_becomes_the_reference(watched: Watched):
    assert watched.see(SCENE) is False
    assert list(watched.views.kept) == ["gate"]


def test_camera_is_moved_once_two_images_say_so(watched: Watched):
    seen = [watched.see(image) for image in (SCENE, ELSEWHERE, SCENE, ELSEWHERE, ELSEWHERE)]

    assert seen == [False, False, False, False, True]
    assert watched.see(SCENE) is False


def test_images_are_compared_now_and_then_only(watched: Watched):
    watched.see(SCENE)

    for _ in range(10):
        watched.watch.is_moved("gate")

    assert watched.sequence == 1


def test_new_reference_is_taken_once_the_old_one_is_removed(watched: Watched):
    for image in (SCENE, ELSEWHERE, ELSEWHERE):
        watched.see(image)

    watched.views.remove("gate")

    assert watched.see(ELSEWHERE) is False
