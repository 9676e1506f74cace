"""The models that do not ship, and the hub that they come from."""

from ovd.model.hub.client import HubClient, HubOptions
from ovd.services.models import ModelService
from ovd.settings import Settings, environment


def build_models(settings: Settings) -> ModelService:
    """Return the service that lists, downloads, adds and removes models."""
    client = HubClient(HubOptions.of(dict(environment())))
    return ModelService(settings.models_folder, client, settings.licences)
