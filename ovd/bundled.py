"""Facts of this release: its version, and the files that ship with it and are no code."""

from enum import StrEnum
from pathlib import Path

VERSION = "0.2.0"
PACKAGE = Path(__file__).resolve().parent


class Bundle(StrEnum):
    """A folder that ships with ovd."""

    WEIGHTS = "weights"
    SAMPLES = "samples"


def bundled_dir(bundle: Bundle, package: Path = PACKAGE) -> Path:
    """Return the folder of files that ship with ovd; whoever reads them says what is missing.

    Args:
        bundle: Which folder.
        package: Where the code of ovd lies. In an installed wheel the folder lies in its `data`,
            in a checkout (and an editable install) beside it.
    """
    installed = package / "data" / bundle.value
    return installed if installed.is_dir() else package.parent / bundle.value
