"""Detectors."""

from fastapi import APIRouter

from ovd.api.context import Context, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.records import DetectorAnswer

router = APIRouter(tags=["catalogue"])


@router.get("/detectors")
def list_detectors(context: Context, who: Viewer) -> Items[DetectorAnswer]:
    """List the detectors, and whether they can be used here."""
    from ovd.model.backends import BACKENDS

    services = context.services
    return Items[DetectorAnswer](
        items=[
            DetectorAnswer(
                name=spec.name,
                licence=spec.licence,
                parameters=spec.parameters,
                installed=spec.is_installed(
                    services.settings.weights_dir, services.settings.models_folder
                ),
                embedded=spec.embedded,
                independent_scores=spec.independent_scores,
                in_use=spec.name == services.settings.detector,
            )
            for spec in BACKENDS
        ]
    )
