"""What README.md shows must work as it is written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ovd.video import open_source
from ovd.video.images import save_image

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.weights


def test_python_example_of_the_readme_finds_people(tmp_path: Path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    source = open_source(str(ROOT / "samples" / "pedestrians.mp4"), "campus")
    save_image(tmp_path / "street.jpg", next(iter(source)).image)
    source.close()

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{example}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) >= 1
