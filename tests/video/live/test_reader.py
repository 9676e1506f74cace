import threading

from ovd.errors import OpenFailure, SourceError, SourceLostError, SourceOpenError
from ovd.video.clock import SystemClock
from ovd.video.live.policy import BackOff
from ovd.video.live.reader import CameraReader

# Pauses of a camera that answers grow from nothing to longer than any test.
BACK_OFF = BackOff(first_s=1e-6, ceiling_s=1000.0, silent_s=0.0, jitter=0.0)


class Counting:
    """Listens, and tells when there were so many losses."""

    def __init__(self, wanted: int) -> None:
        self.losses: list[SourceError] = []
        self.enough = threading.Event()
        self._wanted = wanted

    def connected(self, fps: float) -> None:
        raise AssertionError("nobody connected")

    def received(self, image: object) -> None:
        raise AssertionError("nothing was sent")

    def lost(self, error: SourceError) -> None:
        self.losses.append(error)
        if len(self.losses) == self._wanted:
            self.enough.set()

    def refused(self, error: SourceError) -> None:
        self.lost(error)


def start(failure: OpenFailure, listener: Counting) -> CameraReader:
    def connect():
        raise SourceOpenError("no camera", failure)

    return CameraReader("read gate", connect, BACK_OFF, SystemClock(), listener)


def test_address_where_nobody_answers_is_asked_again_without_growing_pauses():
    listener = Counting(60)
    reader = start(OpenFailure.SILENT, listener)

    # Doubled 60 times, the first pause would be longer than the universe is old.
    assert listener.enough.wait(20)
    reader.stop()


def test_camera_that_answers_without_frames_is_left_in_peace_longer_and_longer():
    listener = Counting(40)
    reader = start(OpenFailure.AWAY, listener)

    assert not listener.enough.wait(2)
    assert len(listener.losses) > 5
    reader.stop()


def test_bug_while_connecting_is_logged_without_credentials_and_tried_again(caplog):
    listener = Counting(2)

    def connect():
        raise ZeroDivisionError("rtsp://user:secret@gate/1")

    reader = CameraReader("read gate", connect, BACK_OFF, SystemClock(), listener)
    assert listener.enough.wait(20)
    reader.stop()

    assert str(listener.losses[0]) == "reading failed: ZeroDivisionError: rtsp://gate/1"
    assert "read gate failed" in caplog.text
    assert "secret" not in caplog.text


def test_recording_is_not_tried_again():
    listener = Counting(2)
    reader = start(OpenFailure.RECORDED, listener)

    assert not listener.enough.wait(0.2)
    assert len(listener.losses) == 1
    reader.stop()


def test_refused_password_is_not_tried_again():
    listener = Counting(2)
    reader = start(OpenFailure.REFUSED, listener)

    assert not listener.enough.wait(0.2)
    assert len(listener.losses) == 1
    assert not isinstance(listener.losses[0], SourceLostError)
    reader.stop()
