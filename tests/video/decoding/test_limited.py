import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from ovd.errors import InputError
from ovd.video.decoding.limited import require_decodable
from tests.clips import make_steady_clip


def test_clip_and_image_are_decoded(tmp_path: Path):
    image = tmp_path / "a.png"
    PilImage.fromarray(np.zeros((20, 30, 3), np.uint8)).save(image)

    require_decodable(make_steady_clip(tmp_path / "clip.mp4"))
    require_decodable(image)


@pytest.mark.parametrize(
    "content", [b"", b"no video", b"\x00\x00\x00\x18ftypmp42" + b"\xff" * 4000]
)
def test_file_that_is_no_video_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)

    with pytest.raises(InputError, match="can be read"):
        require_decodable(path)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
@pytest.mark.parametrize("harm", ["bytearray(8 << 30)", "open('file', 'w').write('x' * 100_000)"])
def test_limits_hold(tmp_path: Path, harm: str):
    code = (
        "import signal; from ovd.video.decoding.limited import limit_resources;"
        f"limit_resources(); {harm}"
    )
    command = [sys.executable, "-c", code]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True)  # noqa: S603

    assert done.returncode != 0
