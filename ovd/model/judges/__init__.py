"""Judges of crops: `clip:ARCH/TAG` of open_clip, or a detector of the table by its name."""

from ovd.domain.ports.judging import CropJudge
from ovd.errors import UnknownModelError
from ovd.model.backends import BACKENDS, LoadOptions, load_backend

CLIP = "clip:"


def load_judge(name: str, options: LoadOptions) -> CropJudge:
    """Load a judge; nothing is downloaded.

    Args:
        name: `clip:ARCH/TAG`, `clip:local-dir:/path`, or a detector that takes any phrase.
        options: Folders, accepted licences, and how it is run.

    Raises:
        UnknownModelError: If there is no such judge.
        LicenceError: If its licence is not permissive and was not accepted.
        WeightsError: If its weights are missing, damaged or do not fit.
    """
    if name.startswith(CLIP):
        from ovd.model.judges.clip import load_clip_judge

        return load_clip_judge(name, options)
    spec = next((spec for spec in BACKENDS if spec.name == name and spec.hub is not None), None)
    if spec is None:
        known = ", ".join(spec.name for spec in BACKENDS if spec.hub is not None)
        raise UnknownModelError(
            f"no judge {name!r}; known: {CLIP}ARCH/TAG as open_clip lists them, {known}"
        )
    from ovd.model.judges.detector import DetectorJudge

    return DetectorJudge(load_backend(name, options))
