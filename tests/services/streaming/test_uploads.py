import shutil
from pathlib import Path

import pytest

from ovd.domain.ports import FrameSource, SourceOptions
from ovd.errors import ConflictError, InputError, NotFoundError, SourceOpenError
from ovd.services.streaming import uploads
from ovd.services.streaming.uploads import UploadFolder


def open_nothing(uri: str, camera: str, options: SourceOptions) -> FrameSource:
    raise SourceOpenError(f"cannot open {uri}: no video")


def make_folder(path: Path, keep_free_bytes: int = 0) -> UploadFolder:
    return UploadFolder(path, lambda: open_nothing, keep_free_bytes=keep_free_bytes)


@pytest.mark.parametrize(
    ("sent", "suffix"),
    [("a.MP4", ".mp4"), ("../../etc/passwd", ".bin"), ("a.mp4\0.jpg", ".jpg"), ("a.<b>", ".bin")],
)
def test_name_of_a_file_is_made_by_the_server(tmp_path: Path, sent: str, suffix: str):
    path = make_folder(tmp_path).new_path(sent)

    assert (path.parent, path.suffix, len(path.stem)) == (tmp_path, suffix, 24)


def test_no_more_files_than_allowed_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MOST_UPLOADS", 2)
    folder = make_folder(tmp_path)
    for _ in range(2):
        folder.new_path("a.mp4").touch()

    with pytest.raises(ConflictError, match="delete some"):
        folder.new_path("a.mp4")


def test_file_that_would_fill_the_disk_is_refused(tmp_path: Path):
    free = shutil.disk_usage(tmp_path).free
    folder = make_folder(tmp_path, keep_free_bytes=free // 2)

    folder.new_path("a.mp4", free // 4)
    with pytest.raises(ConflictError, match="no room"):
        folder.new_path("a.mp4", free // 4 * 3)


def test_refused_file_is_removed(tmp_path: Path):
    folder = make_folder(tmp_path)
    path = folder.new_path("a.mp4")
    path.write_bytes(b"text")

    with pytest.raises(InputError):
        folder.accept(path)

    assert not path.exists()


@pytest.mark.parametrize("upload_id", ["", "..", "../x.mp4", "a" * 24 + ".mp4", "A" * 24 + ".mp4"])
def test_other_files_are_no_uploads(tmp_path: Path, upload_id: str):
    with pytest.raises(NotFoundError):
        make_folder(tmp_path / "uploads").path_of(upload_id)
