"""UploadFolder: uploaded videos and images, which are counted once."""

import re
import secrets
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ovd.domain.ports import SourceOpener, SourceOptions
from ovd.errors import ConflictError, InputError, NotFoundError, SourceError

MOST_UPLOADS = 200
MOST_PIXELS = 40_000_000
LONGEST_S = 24 * 3600.0
_ID = re.compile(r"[0-9a-f]{24}\.[a-z0-9]{1,5}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


@dataclass(frozen=True)
class Upload:
    """A checked file of the folder.

    Attributes:
        id: Its name in the folder, chosen by the server.
        size_hw: Height and width of its first frame in pixels.
        fps: Frames per second.
        length_s: Length in seconds; None where the file declares none.
        bytes: Size of the file.
    """

    id: str
    size_hw: tuple[int, int]
    fps: float
    length_s: float | None
    bytes: int


class UploadFolder:
    """Stores uploaded files under names of its own, and checks what they contain."""

    def __init__(
        self,
        folder: Path,
        open_source: Callable[[], SourceOpener],
        try_decoding: Callable[[Path], None] = lambda path: None,
        keep_free_bytes: int = 0,
    ) -> None:
        """Use a folder, which is created with the first file.

        Args:
            folder: Where the files are stored.
            open_source: Returns the opener with which they are checked.
            try_decoding: Decodes a file where that can do no harm before it is opened here; raises
                InputError where it cannot.
            keep_free_bytes: Space on the disk that files leave to counts: a disk that runs full
                would cost old ones.
        """
        self._folder = folder
        self._open_source = open_source
        self._try_decoding = try_decoding
        self._keep_free_bytes = keep_free_bytes

    def new_path(self, file_name: str, size: int = 0) -> Path:
        """Return the path to write the next file to.

        Args:
            file_name: Its name where it comes from.
            size: Its bytes.

        Raises:
            ConflictError: If the folder holds `MOST_UPLOADS` files, or the disk has no room.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free - size < self._keep_free_bytes:
            raise ConflictError("the disk of the server has no room for this file")
        if sum(1 for _ in self._folder.iterdir()) >= MOST_UPLOADS:
            raise ConflictError(f"{MOST_UPLOADS} uploads are kept already; delete some first")
        suffix = Path(file_name).suffix.lower()
        kept = suffix if _SUFFIX.fullmatch(suffix) else ".bin"
        return self._folder / f"{secrets.token_hex(12)}{kept}"

    def accept(self, path: Path) -> Upload:
        """Check a file that was written; one that is refused is removed.

        Raises:
            InputError: If it is no video or image, or too large or too long.
        """
        try:
            return self._check(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def path_of(self, upload_id: str) -> Path:
        """Return the file of an upload.

        Raises:
            NotFoundError: If there is none of that id.
        """
        path = self._folder / upload_id
        if not _ID.fullmatch(upload_id) or not path.is_file():
            raise NotFoundError("there is no upload of that id")
        return path

    def remove(self, upload_id: str) -> None:
        """Remove an upload.

        Raises:
            NotFoundError: If there is none of that id.
        """
        self.path_of(upload_id).unlink(missing_ok=True)

    def _check(self, path: Path) -> Upload:
        self._try_decoding(path)
        try:
            with closing(self._open_source()(str(path), "upload", SourceOptions())) as source:
                info = source.info
        except SourceError:
            raise InputError("the file is no video or image that can be read") from None
        height, width = info.size_hw
        if height * width > MOST_PIXELS:
            raise InputError(
                f"frames of at most {MOST_PIXELS / 1e6:.0f} megapixels are counted, got "
                f"{width} x {height}"
            )
        if info.length_s is not None and info.length_s > LONGEST_S:
            raise InputError(f"a clip of at most {LONGEST_S / 3600:.0f} hours is counted")
        return Upload(path.name, info.size_hw, info.fps, info.length_s, path.stat().st_size)
