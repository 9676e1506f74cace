from dataclasses import dataclass
from typing import cast

from av.video.frame import VideoFrame

from ovd.video.decoding.damage import DamageMonitor


@dataclass(frozen=True)
class FakeFrame:
    key_frame: bool = False
    is_corrupt: bool = False


def believes(monitor, order, key_frame=False, is_corrupt=False):
    return monitor.believes(cast(VideoFrame, FakeFrame(key_frame, is_corrupt)), order)


def test_frames_are_believed_until_there_is_damage():
    monitor = DamageMonitor(10.0)

    assert believes(monitor, 0)
    monitor.damage(1)
    assert monitor.broken
    assert not believes(monitor, 2)


def test_frames_sent_before_the_damage_are_believed_when_their_turn_comes():
    monitor = DamageMonitor(10.0)
    monitor.damage(5)

    assert believes(monitor, 4)
    assert not believes(monitor, 6)


def test_key_frame_sent_after_the_damage_ends_it():
    monitor = DamageMonitor(10.0)
    monitor.damage(5)

    assert not believes(monitor, 5, key_frame=True)
    assert believes(monitor, 6, key_frame=True)
    assert not monitor.broken


def test_frames_that_may_lean_on_a_corrupt_one_are_not_believed():
    monitor = DamageMonitor(10.0)
    monitor.damage(9)

    assert not believes(monitor, 3, is_corrupt=True)
    assert not believes(monitor, 4)
    assert believes(monitor, 2)


def test_frames_are_believed_again_after_ten_seconds_without_a_key_frame():
    monitor = DamageMonitor(10.0)
    monitor.damage(0)

    judged = [believes(monitor, order) for order in range(1, 102)]

    assert judged.index(True) == 99
