import pytest

from ovd.errors import SourceOpenError
from ovd.video.decoding.container import Timeouts, open_container
from ovd.video.uri import SourceUri

SECRET = "hunter2"


def test_open_container_keeps_the_password_out_of_the_whole_error_chain():
    uri = SourceUri.parse(f"rtsp://admin:{SECRET}@127.0.0.1:9/ch1?token={SECRET}")

    with pytest.raises(SourceOpenError, match="connection refused") as caught:
        open_container(uri, Timeouts(open_s=2))

    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__


def test_open_container_names_a_host_that_does_not_exist():
    with pytest.raises(SourceOpenError, match=r"no-such-host\.invalid.*cannot be reached"):
        open_container(SourceUri.parse("http://no-such-host.invalid/video"), Timeouts(open_s=2))


def test_open_container_refuses_a_folder_like_device(tmp_path):
    with pytest.raises(SourceOpenError, match="no regular file"):
        open_container(SourceUri.parse("/dev/null"), Timeouts())
