import pytest

from ovd.text_files import read_text, read_toml


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_text_is_read_with_and_without_a_byte_order_mark(tmp_path, encoding):
    path = tmp_path / "문서.csv"
    path.write_text("frame,이름\n", encoding=encoding)

    assert read_text(path) == "frame,이름\n"


def test_toml_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path):
    path = tmp_path / "zones.toml"
    path.write_bytes(b'\xef\xbb\xbf[[zones]]\r\nname = "door"\r\n')

    assert read_toml(path) == {"zones": [{"name": "door"}]}


def test_text_of_another_encoding_is_refused(tmp_path):
    path = tmp_path / "old.toml"
    path.write_bytes("이름".encode("euc-kr"))

    with pytest.raises(UnicodeDecodeError):
        read_text(path)
