"""The entries of the table of detectors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ovd.domain.ports import Detector
from ovd.errors import LicenceError, WeightsError
from ovd.model.hub.snapshot import SnapshotLock, find_lock
from ovd.model.runtimes.options import Captions, RuntimeOptions
from ovd.model.runtimes.selection import NetworkSource
from ovd.model.weights import WeightsRole, read_manifest

PERMISSIVE = frozenset({"Apache-2.0", "MIT", "BSD-3-Clause"})


@dataclass(frozen=True)
class LoadOptions:
    """Options for loading a detector.

    Attributes:
        weights_dir: Folder of the manifest and the weights.
        text_encoder: A text tower as `ovd.model.text.tower.load_tower` reads it, or None for
            the table of embeddings that ships with the detector.
        run: Runtime, precision, device and threads of its network.
        models_dir: Folder of the models that do not ship, each in a folder of its name.
        captions: Whether a model that fuses texts with the image is asked for each query by
            itself, or for all at once, which is faster and makes scores depend on each other.
        accepted_licences: Names of licences, beside the permissive ones, that the user accepted.
    """

    weights_dir: Path
    text_encoder: str | None = None
    run: RuntimeOptions = field(default_factory=RuntimeOptions)
    models_dir: Path = Path("models")
    captions: Captions = Captions.EACH
    accepted_licences: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HubSource:
    """The origin of a model that does not ship.

    Attributes:
        repository: Its name at the hub. Which revision is decided by the first download, and kept
            in the lock file beside the weights.
        cited: Page that names the repository and its licence.
        model_type: Architecture, as `config.json` calls it.
        marks: Values in `config.json` by dotted key that tell it from others of its architecture.
        published: Accuracy as its authors publish it.
        gated: Whether the hub asks for an account.
    """

    repository: str
    cited: str
    model_type: str
    marks: tuple[tuple[str, int], ...] = ()
    published: str = ""
    gated: bool = False


@dataclass(frozen=True)
class BackendSpec:
    """One entry of the table: what is known of a detector before it is loaded.

    Attributes:
        name: Name by which users choose it.
        licence: SPDX identifier of its network's weights.
        parameters: Parameters of its network, that of the text encoder left out.
        input_sizes: Heights and widths in pixels that its input may have.
        revision: Version of the weights at their origin; empty where the checksum in the manifest
            is their only version.
        independent_scores: Whether the score of a query is the same whatever else is asked for.
        embedded: Whether its weights ship with ovd.
        load: Imports and loads it.
        open_source: Reads its network only, from a weights folder, for measuring.
        hub: Where it comes from, if it does not ship.
        default_min_score: Threshold of queries without one, for a model that does not ship.
        template: Sentence in which it is asked for a name, with `{}`.
        fuses_text: Whether it reads texts together with the image; see `Captions`.
    """

    name: str
    licence: str
    parameters: int
    input_sizes: tuple[tuple[int, int], ...]
    revision: str
    independent_scores: bool
    embedded: bool
    load: Callable[[LoadOptions], Detector]
    open_source: Callable[[Path], NetworkSource]
    hub: HubSource | None = None
    default_min_score: float = 0.35
    template: str = "{}"
    fuses_text: bool = False

    @property
    def is_permissive(self) -> bool:
        """Return whether its licence lets everyone use it for everything."""
        return self.licence in PERMISSIVE

    def require_licence(self, accepted: frozenset[str]) -> None:
        """Refuse a licence that is neither permissive nor accepted.

        Raises:
            LicenceError: If so; names it and says how to accept it.
        """
        if not self.is_permissive and self.licence not in accepted:
            where = f" ({self.hub.cited})" if self.hub is not None else ""
            raise LicenceError(
                f"the model {self.name!r} is under the {self.licence}, which is not a permissive "
                f"licence; read it{where} and, if it allows your use, accept it by its name: "
                f'OVD_ACCEPTED_LICENCES="{self.licence}"'
            )

    def locked(self, models_dir: Path) -> SnapshotLock | None:
        """Return the lock of its folder, if it is a model that does not ship and is there."""
        if self.hub is None:
            return None
        lock = find_lock(models_dir / self.name)
        return lock if lock is not None and lock.model == self.name else None

    def is_installed(self, weights_dir: Path, models_dir: Path) -> bool:
        """Return whether its weights are there; nothing is imported, no weights are read."""
        return self.network_checksum(weights_dir, models_dir) is not None

    def network_checksum(self, weights_dir: Path, models_dir: Path) -> str | None:
        """Return the checksum of its weights by manifest or lock, hexadecimal.

        None where it is not installed; nothing but the manifest or the lock is read.
        """
        if self.hub is not None:
            lock = self.locked(models_dir)
            return None if lock is None else lock.checksum
        try:
            entries = read_manifest(weights_dir)
        except WeightsError:
            return None
        own = (
            entry.sha256
            for entry in entries
            if entry.role is WeightsRole.NETWORK
            and self.name in entry.used_by
            and (weights_dir / entry.file).is_file()
        )
        return next(own, None)
