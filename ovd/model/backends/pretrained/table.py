"""Entries of the models that do not ship; see docs/models.md for how to add one.

Thresholds are those of the authors' examples; they are not calibrated on cameras.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ovd.domain.ports import Detector
from ovd.errors import ModelMissingError, RuntimeUnavailableError
from ovd.model.backends.spec import BackendSpec, HubSource, LoadOptions
from ovd.model.runtimes.selection import NetworkSource

_DOCS = "https://huggingface.co/docs/transformers/model_doc/"
_LVIS = "LVIS minival AP"
# Swin-T and Swin-B by the width of their first stage.
_TINY, _BASE = (("backbone_config.embed_dim", 96),), (("backbone_config.embed_dim", 128),)
_SHORT_SIDE_800 = ((800, 1333),)


def _load(name: str, options: LoadOptions) -> Detector:
    from ovd.model.backends.pretrained.loading import load_pretrained

    return load_pretrained(_find(name), options)


def _load_sam3(options: LoadOptions) -> Detector:
    raise ModelMissingError(
        "SAM 3 is listed so that its licence can be judged; this version of ovd does not run it. "
        "Take another model: ovd detectors"
    )


def _find(name: str) -> BackendSpec:
    return next(spec for spec in PRETRAINED if spec.name == name)


def _open_nothing(name: str, weights_dir: Path) -> NetworkSource:
    raise RuntimeUnavailableError(
        f"the detector {name!r} is computed by PyTorch only, so there are no runtimes to compare"
    )


def _entry(
    name: str,
    parameters: int,
    input_sizes: tuple[tuple[int, int], ...],
    hub: HubSource,
    asked: tuple[float, str, bool],
) -> BackendSpec:
    """Return the entry of a model under Apache-2.0; `asked` is threshold, template and fusing."""
    min_score, template, fuses_text = asked
    load: Callable[[LoadOptions], Detector] = partial(_load, name)
    return BackendSpec(
        name=name,
        licence="Apache-2.0",
        parameters=parameters,
        input_sizes=input_sizes,
        revision="",
        independent_scores=True,
        embedded=False,
        load=load,
        open_source=partial(_open_nothing, name),
        hub=hub,
        default_min_score=min_score,
        template=template,
        fuses_text=fuses_text,
    )


_OWL = "a photo of a {}"
PRETRAINED: tuple[BackendSpec, ...] = (
    _entry(
        "owlvit-base",
        153_231_879,
        ((768, 768),),
        HubSource(
            "google/owlvit-base-patch32",
            _DOCS + "owlvit",
            "owlvit",
            published=f"{_LVIS} 19.3 (arXiv 2205.06230)",
        ),
        (0.1, _OWL, False),
    ),
    _entry(
        "owlv2-base",
        154_966_792,
        ((960, 960),),
        HubSource(
            "google/owlv2-base-patch16-ensemble",
            _DOCS + "owlv2",
            "owlv2",
            (("vision_config.hidden_size", 768),),
        ),
        (0.2, _OWL, False),
    ),
    _entry(
        "owlv2-large",
        437_610_760,
        ((1008, 1008),),
        HubSource(
            "google/owlv2-large-patch14-ensemble",
            _DOCS + "owlv2",
            "owlv2",
            (("vision_config.hidden_size", 1024),),
            f"{_LVIS} 54.4 for L/14 (arXiv 2306.09683)",
        ),
        (0.2, _OWL, False),
    ),
    _entry(
        "omdet-turbo-tiny",
        115_406_806,
        ((640, 640),),
        HubSource(
            "omlab/omdet-turbo-swin-tiny-hf",
            _DOCS + "omdet-turbo",
            "omdet-turbo",
            published=f"{_LVIS} 30.3 (arXiv 2403.06892)",
        ),
        (0.3, "{}", True),
    ),
    _entry(
        "grounding-dino-tiny",
        172_250_626,
        _SHORT_SIDE_800,
        HubSource(
            "IDEA-Research/grounding-dino-tiny",
            _DOCS + "grounding-dino",
            "grounding-dino",
            _TINY,
            f"{_LVIS} 28.8 (arXiv 2303.05499)",
        ),
        (0.35, "{}", True),
    ),
    _entry(
        "grounding-dino-base",
        232_315_264,
        _SHORT_SIDE_800,
        HubSource(
            "IDEA-Research/grounding-dino-base",
            _DOCS + "grounding-dino",
            "grounding-dino",
            _BASE,
        ),
        (0.35, "{}", True),
    ),
    _entry(
        "mm-grounding-dino-tiny",
        172_250_628,
        _SHORT_SIDE_800,
        HubSource(
            "openmmlab-community/mm_grounding_dino_tiny_o365v1_goldg_grit_v3det",
            _DOCS + "mm-grounding-dino",
            "mm-grounding-dino",
            _TINY,
            f"{_LVIS} 41.4 (arXiv 2401.02361)",
        ),
        (0.3, "{}", True),
    ),
    _entry(
        "llmdet-tiny",
        172_250_628,
        _SHORT_SIDE_800,
        HubSource(
            "iSEE-Laboratory/llmdet_tiny",
            _DOCS + "mm-grounding-dino",
            "mm-grounding-dino",
            _TINY,
            f"{_LVIS} 44.7 (arXiv 2501.18954)",
        ),
        (0.3, "{}", True),
    ),
    _entry(
        "llmdet-base",
        232_315_266,
        _SHORT_SIDE_800,
        HubSource(
            "iSEE-Laboratory/llmdet_base",
            _DOCS + "mm-grounding-dino",
            "mm-grounding-dino",
            _BASE,
            f"{_LVIS} 48.3 (arXiv 2501.18954)",
        ),
        (0.3, "{}", True),
    ),
    BackendSpec(
        name="sam3",
        licence="SAM License",
        parameters=848_000_000,
        input_sizes=((1008, 1008),),
        revision="",
        independent_scores=True,
        embedded=False,
        load=_load_sam3,
        open_source=partial(_open_nothing, "sam3"),
        hub=HubSource(
            "facebook/sam3", _DOCS + "sam3", "sam3_video", published="LVIS box AP 53.6", gated=True
        ),
        default_min_score=0.5,
    ),
)
