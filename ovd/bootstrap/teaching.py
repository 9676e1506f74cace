"""Names taught by example: the bank of background, and who teaches."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovd.domain.ports import Detector
from ovd.domain.teaching.regions import RegionEncoder
from ovd.domain.teaching.taught_names import TaughtName, TaughtNames
from ovd.errors import StoreError, WeightsError
from ovd.model.weights import WeightsRole, has_weights, load_weights
from ovd.settings import Settings

if TYPE_CHECKING:
    from ovd.detection.taught.bank import BackgroundBank
    from ovd.detection.taught.teacher import NameTeacher
    from ovd.services.teaching import TeachingService

TaughtSource = Callable[[], Sequence[TaughtName]]
SQLITE = "sqlite:///"
# A server asks the database for new names at most so often.
FRESH_S = 2.0


def add_taught_names(
    detector: Detector, settings: Settings, taught: TaughtSource | None = None
) -> Detector:
    """Return a detector that also finds names taught by example.

    Args:
        detector: Returned as it is if it cannot show its regions.
        settings: Their database is read once where `taught` is None, if there is one.
        taught: Gives the names in use.
    """
    from ovd.detection.taught.detector import TaughtDetector

    if not isinstance(detector, RegionEncoder):
        return detector
    kept = read_taught_names(settings) if taught is None else ()

    @cache
    def bank() -> "BackgroundBank | None":
        if not has_weights(settings.weights_dir, detector.info.name, WeightsRole.REGION_BANK):
            return None
        try:
            return load_region_bank(settings.weights_dir, detector.info.name)
        except WeightsError:
            # A bank of older weights must not keep quoted words from being counted as before.
            return None

    return TaughtDetector(detector, detector, taught or (lambda: kept), bank)


def read_taught_names(settings: Settings) -> tuple[TaughtName, ...]:
    """Return the names in use of the settings' database; none where there is no database."""
    if not _may_hold_names(settings.db_url):
        return ()
    from ovd.bootstrap.stores import open_history

    try:
        with closing(open_history(settings)) as store:
            return store.taught_names.all()
    except StoreError:
        return ()


def read_taught_from(place: str | Path) -> tuple[TaughtName, ...]:
    """Return the names of a database URL, or of a file that `ovd teach export` wrote.

    Raises:
        TaughtNameError: If there is no such file, or it holds something else.
        StoreError: If the database cannot be read.
    """
    from ovd.bootstrap.stores import open_history
    from ovd.detection.taught.file import load_taught_names
    from ovd.settings import load_settings

    if "://" not in str(place):
        return load_taught_names(Path(place))
    with closing(open_history(load_settings(db=str(place)))) as store:
        return store.taught_names.all()


def _may_hold_names(url: str) -> bool:
    """Return whether a database may hold taught names; SQLAlchemy is not imported to find out."""
    if not url.startswith(SQLITE):
        return True
    path = Path(url.removeprefix(SQLITE))
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            names = "SELECT 1 FROM taught_names WHERE removed_at IS NULL LIMIT 1"
            return file.execute(names).fetchone() is not None
    except sqlite3.Error:
        return False


class FollowedNames:
    """The names in use of an open database, read again when what was read is old."""

    def __init__(self, names: TaughtNames, monotonic: Callable[[], float]) -> None:
        """Follow the names of a database by a clock in seconds."""
        self._names = names
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._read_at = -float("inf")
        self._kept: tuple[TaughtName, ...] = ()

    def __call__(self) -> Sequence[TaughtName]:
        """Return the names in use.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._lock:
            now = self._monotonic()
            if now - self._read_at >= FRESH_S:
                self._kept = self._names.all()
                self._read_at = now
            return self._kept

    def expire(self) -> None:
        """Read the names again when they are next asked for."""
        with self._lock:
            self._read_at = -float("inf")


def build_teacher(settings: Settings, network: Detector | None = None) -> "NameTeacher":
    """Return who teaches names to a detector, with its bank of background.

    Args:
        settings: Which detector, and where its weights are.
        network: The detector without what wraps it, if it is loaded already.

    Raises:
        WeightsError: If it cannot be taught, or a file is missing or damaged.
        OvdError: As `build_detector`.
    """
    from ovd.bootstrap.detectors import load_network
    from ovd.detection.taught.teacher import NameTeacher

    detector = load_network(settings) if network is None else network
    encoder = require_encoder(detector)
    bank = load_region_bank(settings.weights_dir, detector.info.name)
    return NameTeacher(encoder, detector.info, bank)


def build_teaching(
    settings: Settings, network: Detector, names: TaughtNames, changed: Callable[[], None]
) -> "TeachingService | None":
    """Return the service that teaches names; None for a detector that cannot be taught.

    Args:
        settings: Where its weights are.
        network: The detector without what wraps it.
        names: The names of the database.
        changed: Called when a name was taught or removed.
    """
    from ovd.services.teaching import TeachingService

    if not isinstance(network, RegionEncoder) or not has_weights(
        settings.weights_dir, network.info.name, WeightsRole.REGION_BANK
    ):
        return None
    return TeachingService(lambda: build_teacher(settings, network), names, changed)


def require_encoder(detector: Detector) -> RegionEncoder:
    """Return a detector as what shows its regions.

    Raises:
        WeightsError: If it does not.
    """
    if not isinstance(detector, RegionEncoder):
        raise WeightsError(
            f"the detector {detector.info.name!r} cannot be taught by example; choose another: "
            "ovd detectors"
        )
    return detector


def load_region_bank(weights_dir: Path, detector: str) -> "BackgroundBank":
    """Load the bank of background regions of a detector.

    Raises:
        WeightsError: If there is none, or it is damaged or belongs to another network.
    """
    from ovd.detection.taught.bank import BackgroundBank

    loaded = load_weights(weights_dir, detector, WeightsRole.REGION_BANK)
    network = load_weights(weights_dir, detector, WeightsRole.NETWORK)
    if loaded.encoder_id != network.entry.sha256:
        raise WeightsError(
            f"{loaded.entry.file} belongs to other weights than {network.entry.file}; make it "
            "again: python weights/make_region_bank.py DATA"
        )
    try:
        return BackgroundBank(
            loaded.tensors["codes"].astype(np.int8),
            loaded.tensors["scales"].astype(np.float32),
            loaded.tensors["image_id"].astype(np.int64),
            loaded.tensors["basis"].astype(np.float32),
            loaded.tensors["mean"].astype(np.float32),
            loaded.tensors["covariance"].astype(np.float32),
            loaded.encoder_id,
        )
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{loaded.entry.file} holds no bank of regions: {error}") from error
