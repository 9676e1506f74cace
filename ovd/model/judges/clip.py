"""ClipJudge: compares crops with texts by a model of open_clip.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021). A
crop's similarity with the text competes with that with plain texts that fit anything, so that the
score is a probability among them; models with a bias (SigLIP) give one without.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PilImage
from safetensors import SafetensorError

from ovd.domain.frame import Image
from ovd.errors import LicenceError, UnknownModelError, WeightsError
from ovd.model.backends.spec import LoadOptions
from ovd.model.text import torchvision_compat

CLIP, LOCAL_DIR = "clip:", "local-dir:"
TEMPLATE = "a photo of a {}"
PLAIN = ("a photo of an object", "a photo of a person", "a photo", "background")
# Weights by their tags whose licence is MIT or Apache-2.0; open_clip and its model cards say so.
PERMISSIVE_TAGS = ("openai", "laion", "datacomp", "commonpool", "webli", "meta")
RESEARCH_ONLY = ("mobileclip", "dfn", "nllb")
DEFAULT_MIN_SCORE = 0.5


class ClipJudge:
    """Implements `CropJudge`; texts are encoded once."""

    def __init__(
        self, name: str, model: Any, transform: Callable[[Any], torch.Tensor], tokenizer: Any
    ) -> None:
        """Wrap a loaded model, its preparation of images and its tokenizer."""
        self._name = name
        self._model = model
        self._transform = transform
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._texts: dict[str, torch.Tensor] = {}
        bias = getattr(model, "logit_bias", None)
        self._bias = None if bias is None else float(bias)

    @property
    def name(self) -> str:
        """Return its name, as in `--verify`."""
        return self._name

    @property
    def default_min_score(self) -> float:
        """Return the probability from which an object counts."""
        return DEFAULT_MIN_SCORE

    def judge(self, crops: Sequence[Image], texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of each crop for its text; see `CropJudge`."""
        pixels = torch.stack([self._transform(PilImage.fromarray(crop)) for crop in crops])
        with torch.inference_mode():
            images = _unit(self._model.encode_image(pixels).float())
            wanted = torch.stack([self._encode(TEMPLATE.format(text)) for text in texts])
            scale = float(self._model.logit_scale.exp())
            own = scale * (images * wanted).sum(dim=1)
            if self._bias is not None:
                return _to_array((own + self._bias).sigmoid())
            plain = torch.stack([self._encode(text) for text in PLAIN])
            logits = torch.cat([own[:, None], scale * images @ plain.T], dim=1)
            return _to_array(logits.softmax(dim=1)[:, 0])

    def _encode(self, text: str) -> torch.Tensor:
        with self._lock:
            known = self._texts.get(text)
        if known is None:
            known = _unit(self._model.encode_text(self._tokenizer([text])).float())[0]
            with self._lock:
                self._texts[text] = known
        return known


def load_clip_judge(name: str, options: LoadOptions) -> ClipJudge:
    """Load a model of open_clip whose weights are on this machine.

    Args:
        name: `clip:ARCH/TAG`, whose weights open_clip or `hf download` fetched earlier, or
            `clip:local-dir:/path`.
        options: Which licences were accepted.

    Raises:
        UnknownModelError: If open_clip has no such model.
        LicenceError: If its weights are for research only, or of an unknown licence.
        WeightsError: If they are not here or cannot be loaded.
    """
    torchvision_compat.install()
    place = name.removeprefix(CLIP)
    if place.startswith(LOCAL_DIR):
        folder = Path(place.removeprefix(LOCAL_DIR)).expanduser()
        if not (folder / "open_clip_config.json").is_file():
            raise WeightsError(f"{folder} holds no open_clip model: no open_clip_config.json")
        return _open(name, f"{LOCAL_DIR}{folder}", None)
    model, _, tag = place.rpartition("/")
    require_licence(name, model, tag, options.accepted_licences)
    return _open(name, model, _find_weights(name, model, tag))


def require_licence(name: str, model: str, tag: str, accepted: frozenset[str]) -> None:
    """Refuse weights that are not known to be under a permissive licence.

    Raises:
        LicenceError: If so, and the name of the judge was not accepted.
    """
    lower = f"{model}/{tag}".lower()
    research = next((word for word in RESEARCH_ONLY if word in lower), None)
    if name in accepted or (research is None and tag.lower().startswith(PERMISSIVE_TAGS)):
        return
    why = "are for research only" if research else "are under a licence that ovd does not know"
    raise LicenceError(
        f"the weights of {name} {why}; take others, such as {CLIP}ViT-B-32/laion2b_s34b_b79k or "
        f"{CLIP}PE-Core-S-16-384/meta, or, if their licence allows your use, accept them by name: "
        f'OVD_ACCEPTED_LICENCES="{name}"'
    )


def _find_weights(name: str, model: str, tag: str) -> Path:
    import huggingface_hub
    import open_clip  # type: ignore[import-untyped]

    source = open_clip.pretrained.get_pretrained_cfg(model, tag)
    if not source:
        raise UnknownModelError(
            f"open_clip has no weights {tag!r} of a model {model!r}; write {CLIP}ARCH/TAG as "
            "open_clip.list_pretrained() lists them"
        )
    repository, _, file = source.get("hf_hub", "").partition("/")
    repository, _, file = f"{repository}/{file}".rpartition("/")
    names = [file] if file else ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"]
    for candidate in names:
        found = huggingface_hub.try_to_load_from_cache(repository, candidate)
        if isinstance(found, str):
            return Path(found)
    raise WeightsError(
        f"the weights of the judge {name} are not on this machine, and ovd downloads nothing by "
        f"itself: run `hf download {repository} {names[0]}` once"
    )


def _open(name: str, model: str, weights: Path | None) -> ClipJudge:
    import open_clip

    try:
        built, _, transform = open_clip.create_model_and_transforms(
            model,
            pretrained=None if weights is None else str(weights),
            require_pretrained=True,
        )
        tokenizer = open_clip.get_tokenizer(model)
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise WeightsError(f"cannot load the judge {name}: {error}") from error
    return ClipJudge(name, built.eval(), transform, tokenizer)


def _unit(embeds: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(embeds, dim=-1)


def _to_array(scores: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = scores.float().cpu().numpy()
    return array
