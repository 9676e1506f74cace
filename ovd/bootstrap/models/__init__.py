"""The models that do not ship, the hub that they come from, and the judge of tracks."""

from typing import TYPE_CHECKING

from ovd.bootstrap.detectors import load_options
from ovd.domain.ports import Detector, QueryReader
from ovd.domain.ports.judging import Verification
from ovd.language import VerifiedReader
from ovd.services.counting.judging.images import VerifyingDetector
from ovd.settings import Settings, environment

if TYPE_CHECKING:
    from ovd.services.models import ModelService


def build_models(settings: Settings) -> "ModelService":
    """Return the service that lists, downloads, adds and removes models."""
    from ovd.model.hub.client import HubClient, HubOptions
    from ovd.services.models import ModelService

    client = HubClient(HubOptions.of(dict(environment())))
    return ModelService(settings.models_folder, client, settings.licences)


def build_verification(settings: Settings) -> Verification | None:
    """Load the judge of the settings; None where they name none.

    Raises:
        UnknownModelError: If there is no such judge.
        LicenceError: If its licence is not permissive and was not accepted.
        WeightsError: If its weights are missing or damaged.
    """
    if not settings.verify:
        return None
    from ovd.model.judges import load_judge

    judge = load_judge(settings.verify, load_options(settings))
    chosen = settings.verify_min_score
    min_score = judge.default_min_score if chosen is None else chosen
    return Verification(judge, min_score, settings.verify_per_s)


def verified_reader(reader: QueryReader, verification: Verification | None) -> QueryReader:
    """Return a reader for which the judge decides what the detector cannot."""
    return reader if verification is None else VerifiedReader(reader, verification.judge.name)


def verify_images(
    detector: Detector, verification: Verification | None, scored: bool = False
) -> Detector:
    """Return a detector whose objects are judged image by image; itself without a judge.

    Args:
        detector: Proposes objects.
        verification: The judge; None for none.
        scored: Whether all that the detector proposes at its own threshold is kept with its
            combined score, to be measured, whatever that is.
    """
    if verification is None:
        return detector
    if scored:
        return VerifyingDetector(detector, verification, detector.info.default_min_score, 0.0)
    return VerifyingDetector(detector, verification)
