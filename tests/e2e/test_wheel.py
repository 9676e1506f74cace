"""A wheel in an empty environment, used outside the checkout.

The environment sees the packages that the wheel asks for, as links to those installed here, and
nothing else: no checkout, no tools. `make test-long` lets pip fetch them instead.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

from bench.installed import chosen, needed, top_entries
from ovd.video import open_source
from ovd.video.images import save_image

pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
LARGEST_WHEEL = 95_000_000
BUILD = (
    "import sys; from setuptools import build_meta; "
    "print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"
)


def output_of(
    command: list[str | Path], folder: Path, environment: dict[str, str] | None = None
) -> str:
    """What a command that must succeed prints."""
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Installation:
    """An environment that holds ovd, and a folder of a user of it."""

    python: Path
    site_packages: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": f"{self.python.parent}:{os.defpath}"}

    def ovd(self, *arguments: str) -> str:
        return output_of([self.python.parent / "ovd", *arguments], self.home, self.environment)


def build(source: Path, kind: str, target: Path) -> Path:
    """The archive that setuptools builds of a source folder."""
    target.mkdir(exist_ok=True)
    printed = output_of([sys.executable, "-c", BUILD, f"build_{kind}", target], source)
    return target / printed.splitlines()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a source distribution, as a packager would."""
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    listed = output_of(["git", "ls-files", "-co", "--exclude-standard", "-z"], ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    archive = build(source, "sdist", folder / "dist")
    shutil.unpack_archive(archive, folder / "unpacked")
    (unpacked,) = (folder / "unpacked").iterdir()
    return build(unpacked, "wheel", folder / "dist")


def link(package: Distribution, site_packages: Path) -> None:
    for name in top_entries(package):
        installed = Path(str(package.locate_file(name)))
        if installed.exists() and not (site_packages / name).exists():
            (site_packages / name).symlink_to(installed)


@pytest.fixture(
    scope="module",
    params=[
        "links",
        pytest.param("registry", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ],
)
def installation(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
    fetched = request.param == "registry"
    # What is used is compiled when it is imported; to compile all takes as long as to install it.
    source = (
        ["--no-compile", *shlex.split(os.environ.get("PIP_ARGS", ""))]
        if fetched
        else ["--no-deps", "--no-index"]
    )
    output_of([*pip, *source, wheel], folder)
    (site_packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    if not fetched:
        (metadata,) = site_packages.glob("ovd-*.dist-info")
        for package in needed(chosen(PathDistribution(metadata).requires or ())).values():
            link(package, site_packages)
    home = folder / "home"
    home.mkdir()
    return Installation(python, site_packages, home)


@pytest.fixture
def demo(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603
        [installation.python.parent / "ovd", "demo", "--port", "0"],
        cwd=installation.home,
        env=installation.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.terminate()
    try:
        process.communicate(timeout=30)
    finally:
        process.kill()


def test_wheel_is_not_larger_than_promised(wheel: Path):
    assert wheel.stat().st_size < LARGEST_WHEEL


def test_wheel_holds_every_file_of_the_package(installation: Installation):
    kept = {
        path.relative_to(ROOT)
        for path in (ROOT / "ovd").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {path for path in kept if not (installation.site_packages / path).is_file()} == set()


def test_environment_sees_neither_the_checkout_nor_the_tools(installation: Installation):
    code = "import importlib.util as u, ovd; print(ovd.__file__, u.find_spec('pytest'))"

    printed = output_of(
        [installation.python, "-c", code], installation.home, installation.environment
    )

    assert printed.split() == [
        str(installation.site_packages / "ovd" / "__init__.py"),
        "None",
    ]


def test_main_job_is_done_outside_the_checkout(installation: Installation):
    samples = installation.site_packages / "ovd" / "data" / "samples"
    clip = str(samples / "pedestrians.mp4")

    version = installation.ovd("--version")
    verified = installation.ovd("weights", "verify")
    counted = installation.ovd(
        *("count", clip, "-q", "person", "--fps", "1", "--duration", "3", "--json")
    )
    installation.ovd("report", "--bucket", "1s", "--out", "counts.csv")

    assert version.startswith("ovd ")
    assert "ok" in verified
    assert json.loads(counted)["queries"][0]["mean"] > 1
    assert "person" in (installation.home / "counts.csv").read_text(encoding="utf-8")


def test_detect_finds_people_outside_the_checkout(installation: Installation):
    source = open_source(str(ROOT / "samples" / "pedestrians.mp4"), "campus")
    save_image(installation.home / "frame.jpg", next(iter(source)).image)
    source.close()

    printed = installation.ovd("detect", "frame.jpg", "-q", "person", "--json")

    assert len(json.loads(printed)[0]["detections"]) >= 1


def test_demo_counts_outside_the_checkout(demo: subprocess.Popen[str]):
    assert demo.stdout is not None

    lines = iter(demo.stdout.readline, "")

    assert any("person" in line and "frames" in line for line in lines)
