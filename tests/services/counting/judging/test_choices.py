import pytest

from ovd.domain.cameras import CameraOptions
from ovd.errors import ModelMissingError
from ovd.services.counting.judging.choices import Counting, CountingChoices
from ovd.services.counting.service import CountService
from tests.fakes import FakeDetector, FakeReader, FixedClock, MemoryStore


def make_counting(close=lambda: None):
    service = CountService(FakeDetector(), MemoryStore(), FixedClock())
    return Counting(service, FakeReader(), close=close)


class Loader:
    """Opens a counting for each choice, and remembers what was opened and closed."""

    def __init__(self, error=None):
        self.opened, self.closed, self._error = [], 0, error

    def __call__(self, options):
        if self._error is not None:
            raise self._error
        self.opened.append((options.detector, options.verify))
        return make_counting(self._close)

    def _close(self):
        self.closed += 1


def test_a_camera_that_chooses_nothing_is_counted_as_the_settings_say():
    own, loader = make_counting(), Loader()
    choices = CountingChoices(own, loader)

    assert choices.of(CameraOptions(sample_fps=5.0)) is own
    assert not loader.opened


def test_a_choice_is_loaded_once_for_all_cameras_that_make_it():
    loader = Loader()
    choices = CountingChoices(make_counting(), loader)

    first = choices.service_of(CameraOptions(detector="owlv2-base"))
    again = choices.service_of(CameraOptions(5.0, detector="owlv2-base"))
    other = choices.service_of(CameraOptions(verify="none"))

    assert first is again
    assert other is not first
    assert loader.opened == [("owlv2-base", ""), ("", "none")]


def test_what_cannot_be_loaded_is_tried_again():
    loader = Loader(ModelMissingError("not here"))
    choices = CountingChoices(make_counting(), loader)

    for _ in range(2):
        with pytest.raises(ModelMissingError):
            choices.of(CameraOptions(detector="owlv2-base"))


def test_what_was_loaded_is_closed():
    loader = Loader()
    choices = CountingChoices(make_counting(), loader)
    choices.of(CameraOptions(detector="owlv2-base"))

    choices.close()

    assert loader.closed == 1
    assert choices.threads == ()
