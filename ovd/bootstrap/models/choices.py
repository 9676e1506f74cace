"""Other detectors and judges than those of the settings, for the cameras that choose them."""

from dataclasses import replace

from ovd.bootstrap.counting import build_counter
from ovd.bootstrap.detectors import build_reader, prepare_detector
from ovd.bootstrap.models import build_verification, verified_reader
from ovd.bootstrap.teaching import TaughtSource
from ovd.detection.relations import RelationDetector
from ovd.detection.shared import SharedDetector
from ovd.domain.cameras import NO_JUDGE, CameraOptions
from ovd.domain.ports import CountStore, Detector
from ovd.errors import ModelMissingError
from ovd.model.backends import find_backend
from ovd.model.judges import CLIP, require_judge
from ovd.services.counting.judging.choices import Counting, CountingChoices
from ovd.services.events import EventHub
from ovd.settings import Settings
from ovd.video.clock import SystemClock


def build_choices(
    settings: Settings,
    own: Counting,
    detector: Detector,
    events: EventHub,
    taught: TaughtSource,
) -> CountingChoices:
    """Return what gives each camera its detector and judge.

    Args:
        settings: What a camera that chooses only one of both takes for the other.
        own: What counts all other cameras.
        detector: The detector of the settings, which a camera that chooses a judge only shares.
        events: Told of what is counted.
        taught: Names that were taught by example.
    """

    def open_other(options: CameraOptions) -> Counting:
        chosen = choose(settings, options)
        if chosen.detector == settings.detector:
            return count_by(chosen, detector, own.service.store, events)
        shared = SharedDetector(prepare_detector(chosen, taught).open().inner, SystemClock())
        try:
            other = count_by(chosen, RelationDetector(shared), own.service.store, events)
        except BaseException:
            shared.close()
            raise
        return replace(other, threaded=(shared,), close=shared.close)

    return CountingChoices(own, open_other)


def require_choice(settings: Settings, options: CameraOptions) -> None:
    """Refuse a detector or judge that is unknown or not here, before a camera is to use it.

    Raises:
        UnknownDetectorError: If there is no such detector.
        UnknownModelError: If there is no such judge.
        LicenceError: If its licence was not accepted.
        ModelMissingError: If it is not on this machine; the message says how to get it.
    """
    if options.detector:
        _require_here(settings, options.detector)
    judge = options.verify
    if judge in ("", NO_JUDGE) or judge.startswith(CLIP):
        return
    require_judge(judge)
    _require_here(settings, judge)


def _require_here(settings: Settings, name: str) -> None:
    spec = find_backend(name)
    spec.require_licence(settings.licences)
    if not spec.is_installed(settings.weights_dir, settings.models_folder):
        raise ModelMissingError(
            f"the model {name!r} is not on this machine; get it with: ovd weights pull {name}"
        )


def choose(settings: Settings, options: CameraOptions) -> Settings:
    """Return the settings with what a camera chooses."""
    judge = {"": settings.verify, NO_JUDGE: ""}.get(options.verify, options.verify)
    changes = {"detector": options.detector or settings.detector, "verify": judge}
    return settings.model_copy(update=changes)


def count_by(
    settings: Settings, detector: Detector, store: CountStore, events: EventHub
) -> Counting:
    """Return what counts with a detector and the judge of the settings.

    Raises:
        OvdError: If the judge cannot be used.
    """
    verification = build_verification(settings)
    reader = verified_reader(build_reader(detector, settings.weights_dir), verification)
    counter = build_counter(
        detector, store, events, settings.skip_still, settings.tiles, verification
    )
    return Counting(counter, reader, verification)
