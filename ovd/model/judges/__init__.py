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
    require_judge(name)
    from ovd.model.judges.detector import DetectorJudge

    return DetectorJudge(load_backend(name, options))


def require_judge(name: str) -> None:
    """Refuse the name of a detector that cannot be a judge: it must take any phrase.

    Raises:
        UnknownModelError: If so; names those that can.
    """
    known = tuple(spec.name for spec in BACKENDS if spec.hub is not None)
    if name not in known:
        raise UnknownModelError(
            f"no judge {name!r}; known: {CLIP}ARCH/TAG as open_clip lists them, {', '.join(known)}"
        )
