"""Puts what lies beside the package in the checkout, weights and the sample clip, into the wheel.

Everything else about the build is in pyproject.toml. An editable install copies nothing: there
`ovd.bundled` finds the folders of the checkout.
"""

import tomllib
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
# Where `ovd.bundled` looks first.
BUNDLED = Path("ovd") / "data"
SAMPLES = ("pedestrians.mp4", "pedestrians.toml", "pedestrians.truth.csv", "SOURCES.md")


def bundled_files() -> list[Path]:
    """Return what is copied, relative to the checkout: no more than is read or must be told."""
    manifest = tomllib.loads((ROOT / "weights" / "manifest.toml").read_text(encoding="utf-8"))
    weights = ["manifest.toml", "README.md", *(entry["file"] for entry in manifest["weights"])]
    return [Path("weights") / name for name in weights] + [
        Path("samples") / name for name in SAMPLES
    ]


class BuildWithBundledFiles(build_py):
    """`build_py` that also copies the files of `bundled_files` below `ovd/data`."""

    def run(self) -> None:
        """Build the package, then copy; missing weights end the build."""
        super().run()
        if self.editable_mode:
            return
        for path in bundled_files():
            target = Path(self.build_lib) / BUNDLED / path
            self.mkpath(str(target.parent))
            self.copy_file(str(ROOT / path), str(target), preserve_mode=False)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return every file that the build makes, these included."""
        copied = [str(Path(self.build_lib) / BUNDLED / path) for path in bundled_files()]
        own = [] if self.editable_mode else copied
        return [*super().get_outputs(include_bytecode), *own]

    def get_source_files(self) -> list[str]:
        """Return what a source distribution must hold for this build to work from it."""
        return [*super().get_source_files(), *(str(path) for path in bundled_files())]


setup(cmdclass={"build_py": BuildWithBundledFiles})
