import io
from base64 import b64encode

import pytest
from PIL import Image

from ovd.errors import InputError
from ovd.render.logos import LARGEST_FILE, decode_logo, fit_logo, size_of_logo


def make_image(size: tuple[int, int], kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#146a79").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_logo_is_made_small_and_keeps_its_proportions(kind: str):
    assert size_of_logo(fit_logo(make_image((1800, 300), kind))) == (600, 100)


def test_small_logo_keeps_its_size():
    assert size_of_logo(fit_logo(make_image((120, 40)))) == (120, 40)


@pytest.mark.parametrize(
    "content", [b"<svg/>", b"", b"\x89PNG\r\n\x1a\n", make_image((9, 9), "GIF")]
)
def test_what_is_no_png_or_jpeg_is_refused(content: bytes):
    with pytest.raises(InputError, match="PNG or JPEG"):
        fit_logo(content)


def test_file_that_is_too_large_is_refused():
    with pytest.raises(InputError, match="at most 2 MB"):
        fit_logo(b"0" * (LARGEST_FILE + 1))


def test_base64_is_read_and_an_empty_text_is_no_logo():
    assert size_of_logo(decode_logo(b64encode(make_image((30, 20))).decode())) == (30, 20)
    assert decode_logo("") == b""


def test_text_that_is_no_base64_is_refused():
    with pytest.raises(InputError, match="base64"):
        decode_logo("not base64!")
