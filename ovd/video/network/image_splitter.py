"""ImageSplitter: cuts JPEG and PNG images out of a stream of bytes, whatever lies between them."""

import re

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_BEGINNING = re.compile(re.escape(_JPEG) + b"|" + re.escape(_PNG))
# Ends of coded data: markers that are no stuffing and no restart.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FILL, _SOI, _EOI, _SOS = 0xFF, 0xD8, 0xD9, 0xDA
_END = b"\xff\xd9"
_STANDALONE = (0x01, *range(0xD0, 0xD8))
_PNG_CHUNK = 12
_LARGEST_IMAGE = 64_000_000


class ImageSplitter:
    """Finds whole images by their own structure, so that no boundary or length need be right.

    Cameras send motion JPEG with missing, wrong or repeated boundaries, with wrong lengths, or as
    JPEGs one after the other. An embedded thumbnail is part of its image.

    Attributes:
        broken: How many images were cut off by the next one.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._place = 0
        self._coded = False
        self.broken = 0

    def feed(self, data: bytes) -> None:
        """Add what was received."""
        self._data += data

    def next(self) -> bytes | None:
        """Return the next image that is complete, None if more is to be received first."""
        while self._find_beginning():
            is_png = self._data.startswith(_PNG)
            end = self._png_end() if is_png else self._jpeg_end()
            if end is None and len(self._data) <= _LARGEST_IMAGE:
                return None
            if end is None or end < 0:
                self.broken += 1
                self._drop(max(len(_JPEG), -(end or 0)))
                continue
            image = bytes(self._data[:end])
            self._drop(end)
            return image
        return None

    def _find_beginning(self) -> bool:
        found = _BEGINNING.search(self._data)
        if found is None:
            self._drop(max(0, len(self._data) - len(_PNG)))
            return False
        if found.start():
            self._drop(found.start())
        return True

    def _drop(self, size: int) -> None:
        if size:
            del self._data[:size]
            self._place, self._coded = 0, False

    def _jpeg_end(self) -> int | None:
        """Return the length of the JPEG, None if unknown yet, or minus where it is cut off."""
        data = self._data
        self._place = self._place or 2
        while True:
            if self._coded:
                found = _MARKER.search(data, self._place)
                if found is None:
                    self._place = max(self._place, len(data) - 1)
                    return None
                self._place, self._coded = found.start(), False
            while self._place + 1 < len(data) and data[self._place + 1] == _FILL:
                self._place += 1
            if self._place + 4 > len(data) and data[self._place : self._place + 2] != _END:
                return None
            marker = data[self._place + 1]
            if data[self._place] != _FILL:
                # A length may have led past the beginning of the next image.
                return -1
            if marker == _SOI:
                return -self._place
            if marker == _EOI:
                return self._place + 2
            if marker in _STANDALONE:
                self._place += 2
                continue
            self._place += 2 + int.from_bytes(data[self._place + 2 : self._place + 4], "big")
            self._coded = marker == _SOS

    def _png_end(self) -> int | None:
        self._place = self._place or len(_PNG)
        while self._place + 8 <= len(self._data):
            length = int.from_bytes(self._data[self._place : self._place + 4], "big")
            kind = bytes(self._data[self._place + 4 : self._place + 8])
            if length > _LARGEST_IMAGE or not kind.isalpha():
                return -self._place
            end = self._place + _PNG_CHUNK + length
            if end > len(self._data):
                return None
            self._place = end
            if kind == b"IEND":
                return end
        return None
