"""What README.md and docs/python.md show must work as it is written."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ovd.video import open_source
from ovd.video.images import save_image

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "samples" / "pedestrians.mp4"
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the files that the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    source = open_source(str(CLIP), "campus")
    save_image(folder / "street.jpg", next(iter(source)).image)
    source.close()
    shutil.copyfile(CLIP, folder / "clip.mp4")
    return folder


def examples_of(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def run(example: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{example}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_python_example_of_the_readme_finds_people(folder):
    (example,) = examples_of("README.md")

    done = run(example, folder)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) >= 1


@pytest.mark.parametrize("index", range(4))
def test_examples_of_the_python_guide_run(folder, index):
    examples = examples_of("docs/python.md")

    done = run(examples[index], folder)

    assert len(examples) == 4
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
