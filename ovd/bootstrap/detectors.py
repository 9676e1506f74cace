"""Detectors and what reads queries for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ovd.bootstrap.teaching import TaughtSource, add_taught_names
from ovd.detection.relations import RelationDetector
from ovd.detection.taught.reader import TaughtReader
from ovd.domain.ports import Detector, DetectorInfo, NetworkOwner, QueryReader
from ovd.domain.spelling import SpellingModel
from ovd.language import PhraseReader, VocabularyReader
from ovd.language.spelling.neural import LazySpeller, SyllableSpeller
from ovd.model.runtimes.options import RuntimeOptions
from ovd.model.weights import WeightsRole, has_weights
from ovd.services.preview import QueryDetector
from ovd.settings import Settings

if TYPE_CHECKING:
    from ovd.model import LoadOptions

# Below the data folder; what lies in it can be made again.
RUNTIME_CACHE = Path("cache", "runtimes")


def runtime_options(settings: Settings) -> RuntimeOptions:
    """Return how the settings want networks to be computed."""
    return RuntimeOptions(
        runtime=settings.runtime,
        precision=settings.precision,
        device=settings.device,
        threads=settings.threads,
        cache_dir=settings.data_dir / RUNTIME_CACHE,
        encoder_keep=settings.encoder_keep,
    )


@dataclass(frozen=True)
class PreparedDetector:
    """A detector that reads queries, and whose network is opened when it is to detect.

    Attributes:
        unopened: The detector; its first image would open the network too.
        network: The same without what wraps it.
    """

    unopened: RelationDetector
    network: Detector

    def open(self) -> RelationDetector:
        """Open the network and return the detector; what its runtime needs is imported here.

        Raises:
            RuntimeUnavailableError: If no runtime works here.
        """
        open_network(self.network)
        return self.unopened


def prepare_detector(settings: Settings, taught: TaughtSource | None = None) -> PreparedDetector:
    """Load the detector that the settings name, except for its network.

    Args:
        settings: Which detector, and how it is run.
        taught: Names that were taught by example; None takes those of the settings' database.

    Raises:
        UnknownDetectorError: If there is none of that name.
        WeightsError: If its weights are missing or damaged.
    """
    from ovd.detection.colour import COLOUR_ATTRIBUTES, ColourDetector

    network = load_network(settings)
    judges_colours = network.info.judged_attributes >= COLOUR_ATTRIBUTES
    detector = add_taught_names(network, settings, taught)
    wrapped = RelationDetector(detector if judges_colours else ColourDetector(detector))
    return PreparedDetector(wrapped, network)


def build_detector(settings: Settings, taught: TaughtSource | None = None) -> RelationDetector:
    """Load the detector that the settings name, and open its network; see `prepare_detector`.

    Raises:
        UnknownDetectorError: If there is none of that name.
        WeightsError: If its weights are missing or damaged.
        RuntimeUnavailableError: If no runtime works here.
    """
    return prepare_detector(settings, taught).open()


def open_query_detector(settings: Settings, name: str) -> QueryDetector:
    """Load another detector than the settings name, with the reader of queries for it.

    Raises:
        UnknownDetectorError: If there is none of that name.
        WeightsError: If its weights are missing or damaged.
        RuntimeUnavailableError: If no runtime works here.
    """
    detector = build_detector(settings.model_copy(update={"detector": name}))
    return QueryDetector(detector, build_reader(detector, settings.weights_dir))


def load_network(settings: Settings) -> Detector:
    """Load the detector that the settings name, as it is without what wraps it.

    Raises:
        OvdError: As `prepare_detector`.
    """
    from ovd.model import load_detector

    return load_detector(settings.detector, load_options(settings))


def load_options(settings: Settings) -> "LoadOptions":
    """Return how the settings want detectors and judges to be loaded."""
    from ovd.model import LoadOptions

    return LoadOptions(
        settings.weights_dir,
        settings.text_encoder,
        runtime_options(settings),
        settings.models_folder,
        settings.captions,
        settings.licences,
    )


def open_network(detector: Detector) -> None:
    """Open the network of a detector that opens it later.

    Raises:
        RuntimeUnavailableError: If no runtime works here.
    """
    if isinstance(detector, NetworkOwner):
        detector.open_network()


def build_reader(detector: Detector, weights_dir: Path | None = None) -> QueryReader:
    """The reader of queries for what this detector knows and can judge.

    Args:
        detector: What will be asked.
        weights_dir: Where the learned speller lies, which is loaded when it is first needed; None
            corrects typos by rules only, as does a folder that has none.
    """
    return TaughtReader(lambda: detector.info, lambda info: _build_reader(info, weights_dir))


def build_reader_for(info: DetectorInfo, weights_dir: Path | None = None) -> QueryReader:
    """Return the reader of queries for a detector of which no more than this is known.

    Args:
        info: What the detector knows and can judge.
        weights_dir: As for `build_reader`.
    """
    return TaughtReader(lambda: info, lambda known: _build_reader(known, weights_dir))


def _build_reader(info: DetectorInfo, weights_dir: Path | None) -> QueryReader:
    if info.phrases:
        return PhraseReader(
            info.default_min_score,
            info.judged_attributes,
            _find_speller(weights_dir),
            info.judged_conditions,
        )
    return VocabularyReader(
        info.known_names,
        info.default_min_score,
        info.judged_attributes,
        info.open_vocabulary,
        _find_speller(weights_dir),
        info.judged_conditions,
    )


def _find_speller(weights_dir: Path | None) -> SpellingModel | None:
    if weights_dir is None or not has_weights(weights_dir, "speller", WeightsRole.SPELLER):
        return None

    def load() -> SpellingModel:
        from ovd.model.spelling.speller import load_speller

        return SyllableSpeller(load_speller(weights_dir))

    return LazySpeller(load)
