import os
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
import pytest

from ovd.errors import SourceOpenError
from ovd.video.decoding.container import Timeouts
from ovd.video.network.blocked import require_no_nearer
from ovd.video.network.http_file import HttpFile, open_http_container
from ovd.video.uri import SourceUri
from tests.clips import make_steady_clip
from tests.video.network.range_server import FileServer, serve_file

CONTENT = bytes(range(256)) * 20_000
TIMEOUTS = Timeouts(5.0, 5.0)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve_file(FileServer(CONTENT)) as server:
        yield server


def open_file(server: FileServer, path: str = "/clip.bin") -> HttpFile:
    return HttpFile(SourceUri.parse(f"http://127.0.0.1:{server.port}{path}"), TIMEOUTS)


def read_all(file: HttpFile, size: int = 50_000) -> bytes:
    content = b""
    while part := file.read(size):
        assert len(part) <= size
        content += part
    return content


def test_file_is_read_to_its_end_in_one_answer(server: FileServer):
    file = open_file(server)

    assert read_all(file) == CONTENT
    assert file.tell() == len(CONTENT)
    assert len(server.asked) == 1


@pytest.mark.parametrize("place", [0, 7, 70_000, 2_000_000, len(CONTENT) - 1])
def test_any_part_of_the_file_is_read(server: FileServer, place: int):
    file = open_file(server)
    file.read(10)

    file.seek(place)

    assert file.read(5) == CONTENT[place : place + 5]
    assert file.seek(-3, os.SEEK_END) == len(CONTENT) - 3
    assert read_all(file) == CONTENT[-3:]
    assert file.seek(0, os.SEEK_CUR) == len(CONTENT)


def test_only_a_far_part_is_asked_for(server: FileServer):
    file = open_file(server)
    file.seek(60_000)
    file.read(1)
    file.seek(4_000_000)
    file.read(1)

    assert [wanted for _, _, wanted in server.asked] == ["", "bytes=4000000-"]


def test_host_without_parts_is_read_from_the_beginning_only(server: FileServer):
    server.gives_parts = False
    file = open_file(server)

    assert not file.seekable()
    assert read_all(file) == CONTENT


def test_file_that_breaks_off_is_an_error(server: FileServer):
    server.cut_off_at = 100_000
    file = open_file(server)

    with pytest.raises(av.error.FFmpegError):
        read_all(file)


def test_video_whose_index_is_at_its_end_is_opened(tmp_path: Path):
    clip = tmp_path / "late.mkv"
    with serve_file(FileServer(make_steady_clip(clip).read_bytes())) as server:
        uri = SourceUri.parse(f"http://127.0.0.1:{server.port}/late.mkv")
        with open_http_container(uri, TIMEOUTS) as container:
            frames = sum(1 for _ in container.decode(video=0))

    assert frames == 20


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("8.8.8.8", "192.168.1.2"),
        ("8.8.8.8", "127.0.0.1"),
        ("192.168.1.2", "127.0.0.1"),
        ("192.168.1.2", "169.254.1.1"),
        ("2606:4700::1", "::ffff:10.0.0.1"),
        ("fd00::1", "::1"),
    ],
)
def test_redirect_to_a_nearer_address_is_refused(first: str, then: str):
    with pytest.raises(SourceOpenError, match="redirects"):
        require_no_nearer(then, first)


@pytest.mark.parametrize(
    ("first", "then"),
    [("8.8.8.8", "1.1.1.1"), ("192.168.1.2", "10.0.0.9"), ("10.0.0.9", "1.1.1.1")],
)
def test_other_redirects_are_followed(first: str, then: str):
    require_no_nearer(then, first)
