"""Loading of a snapshot folder by transformers. Nothing is downloaded, and no code of it is run."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ovd.domain.ports import Computation, DetectorInfo
from ovd.errors import (
    MissingExtraError,
    ModelMismatchError,
    NoMemoryError,
    RuntimeUnavailableError,
    UnknownRuntimeError,
)
from ovd.model.backends.pretrained.detector import PretrainedDetector
from ovd.model.backends.pretrained.network import PhraseNetwork
from ovd.model.backends.spec import BackendSpec, HubSource, LoadOptions
from ovd.model.hub.memory import free_memory
from ovd.model.hub.snapshot import SnapshotLock, read_lock, require_fitting, verify_snapshot
from ovd.model.runtimes.eager import limit_threads
from ovd.model.runtimes.options import Captions, Device, Precision, Runtime, RuntimeOptions
from ovd.model.text import torchvision_compat

# Room for activations, beside the weights.
WORKING_BYTES = 600_000_000
TOGETHER = "texts are asked together: a score depends on the other queries (captions=each: not)"


def load_pretrained(spec: BackendSpec, options: LoadOptions) -> PretrainedDetector:
    """Find the folder of a model; its network is loaded when it is first needed.

    Raises:
        ModelMissingError: If it is not there.
        ModelMismatchError: If the folder holds another model.
        UnknownRuntimeError: If a runtime other than PyTorch is wanted.
    """
    _require_eager(spec.name, options.run)
    folder = options.models_dir / spec.name
    lock = read_lock(folder, spec.name)
    hub = _hub(spec)
    require_fitting(folder, spec.name, hub.model_type)
    together = spec.fuses_text and options.captions is Captions.TOGETHER
    info = DetectorInfo(
        name=spec.name,
        weights_sha256=lock.checksum,
        known_names=(),
        default_min_score=spec.default_min_score,
        open_vocabulary=True,
        phrases=True,
        independent_scores=not together,
        computation=Computation(notes=(TOGETHER,) if together else ()),
    )

    def open_network() -> tuple[PhraseNetwork, Computation]:
        return _open(spec, folder, lock, options)

    return PretrainedDetector(info, open_network)


def _open(
    spec: BackendSpec, folder: Path, lock: SnapshotLock, options: LoadOptions
) -> tuple[PhraseNetwork, Computation]:
    require_memory(spec.name, lock.size)
    verify_snapshot(folder, lock)
    limit_threads(options.run.threads)
    model, processor = read_snapshot(spec.name, folder)
    device, notes = choose_device(options.run.device)
    try:
        model.to(device)
    except RuntimeError as error:
        raise RuntimeUnavailableError(f"the GPU cannot hold {spec.name!r}: {error}") from error
    network = _FAMILIES[_hub(spec).model_type](model, processor, spec.template, options.captions)
    return network, Computation("eager", "float32", notes)


def require_memory(name: str, size: int) -> None:
    """Refuse to load a model that this machine has no memory for.

    Raises:
        NoMemoryError: If so.
    """
    needed, free = size + WORKING_BYTES, free_memory()
    if free is not None and free < needed:
        raise NoMemoryError(
            f"the model {name!r} needs about {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB "
            "are free; end other programs or take a smaller one: ovd detectors"
        )


def read_snapshot(name: str, folder: Path) -> tuple[Any, Any]:
    """Return the model and the processor of a folder, by transformers.

    Raises:
        ModelMismatchError: If files are missing, damaged or of another model.
        MissingExtraError: If a package is missing.
    """
    torchvision_compat.install()
    import transformers
    from safetensors import SafetensorError

    library: Any = transformers
    library.utils.logging.disable_progress_bar()
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        model, report = library.AutoModelForZeroShotObjectDetection.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
        processor = library.AutoProcessor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except ImportError as error:
        raise MissingExtraError(
            f"{name!r} needs a package that is not installed ({str(error).strip().splitlines()[0]})"
            "; install it with: pip install 'ovd[pretrained]'"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelMismatchError(
            f"{folder} cannot be loaded as {name!r}: {reason}; get it again with: "
            f"ovd weights pull {name}"
        ) from error
    finally:
        logger.setLevel(level)
    missing = sorted(report["missing_keys"])
    if missing:
        raise ModelMismatchError(
            f"{folder} lacks {len(missing)} weights of {name!r}, such as {missing[0]}; get it "
            f"again with: ovd weights pull {name}"
        )
    return model.eval(), processor


def choose_device(wanted: Device) -> tuple[torch.device, tuple[str, ...]]:
    """Return where a model is computed, and a note where that is not what was wanted.

    Raises:
        RuntimeUnavailableError: If a GPU is wanted and there is none.
    """
    usable = torch.cuda.is_available()
    if wanted is Device.CUDA and not usable:
        raise RuntimeUnavailableError("PyTorch finds no GPU that it can use")
    return torch.device("cuda" if usable and wanted is not Device.CPU else "cpu"), ()


def _require_eager(name: str, run: RuntimeOptions) -> None:
    if run.runtime not in (Runtime.AUTO, Runtime.EAGER):
        raise UnknownRuntimeError(
            f"the detector {name!r} is computed by PyTorch only: runtime auto or eager, got "
            f"{run.runtime}"
        )
    if run.precision not in (Precision.AUTO, Precision.FLOAT32):
        raise UnknownRuntimeError(
            f"the detector {name!r} is computed in float32 only, got {run.precision}"
        )


def _hub(spec: BackendSpec) -> HubSource:
    assert spec.hub is not None, "the table gives every model of this folder an origin"
    return spec.hub


def _open_owl(model: Any, processor: Any, template: str, captions: Captions) -> PhraseNetwork:
    from ovd.model.backends.pretrained.owl import OwlNetwork

    return OwlNetwork(model, processor, template, pads=model.config.model_type == "owlv2")


def _open_omdet(model: Any, processor: Any, template: str, captions: Captions) -> PhraseNetwork:
    from ovd.model.backends.pretrained.omdet import OmDetNetwork

    return OmDetNetwork(model, processor, template, captions)


def _open_grounding(model: Any, processor: Any, template: str, captions: Captions) -> PhraseNetwork:
    from ovd.model.backends.pretrained.grounding_dino import GroundingDinoNetwork

    return GroundingDinoNetwork(model, processor, template, captions)


_FAMILIES: dict[str, Callable[[Any, Any, str, Captions], PhraseNetwork]] = {
    "owlvit": _open_owl,
    "owlv2": _open_owl,
    "omdet-turbo": _open_omdet,
    "grounding-dino": _open_grounding,
    "mm-grounding-dino": _open_grounding,
}
