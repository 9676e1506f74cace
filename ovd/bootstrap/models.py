"""The models that do not ship, the hub that they come from, and the judge of tracks."""

from ovd.bootstrap.detectors import load_options
from ovd.domain.ports import QueryReader
from ovd.domain.ports.judging import Verification
from ovd.language import VerifiedReader
from ovd.model.hub.client import HubClient, HubOptions
from ovd.services.models import ModelService
from ovd.settings import Settings, environment


def build_models(settings: Settings) -> ModelService:
    """Return the service that lists, downloads, adds and removes models."""
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
