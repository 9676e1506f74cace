import pytest

from ovd.errors import SourceOpenError
from ovd.video.uri import SourceUri

SECRET = "hunter2"


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https"])
@pytest.mark.parametrize(
    "login",
    [
        f"admin:p@top/{SECRET}",
        f"admin:/{SECRET}",
        f"admin:12/{SECRET}",
        f"admin:12?{SECRET}",
        f"admin:12#{SECRET}",
        f"admin:12?x={SECRET}",
        f"admin:p@{SECRET}",
        f"admin:p:{SECRET}",
        f"admin:p {SECRET}",
        f"admin:50%{SECRET}",
        f"ad/min:{SECRET}",
        f"ad min:{SECRET}",
        f"{SECRET}@example.com:pw",
        f"{SECRET}/",
    ],
)
def test_login_that_is_not_encoded_is_refused_without_repeating_it(scheme, login):
    with pytest.raises(SourceOpenError, match="%2F") as caught:
        SourceUri.parse(f"{scheme}://{login}@127.0.0.1:1/x")

    assert SECRET not in f"{caught.value!r} {caught.value.__context__!r}"
    assert "admin" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"admin:{SECRET}@cam.example/ch1",
        f"admin:{SECRET}@rtsp://cam.example/ch1",
        f"{SECRET}:pw@rtsp://cam.example/ch1",
        f"file://admin:{SECRET}@cam.example/ch1",
        f"rtsp:/admin:{SECRET}@cam.example/ch1",
    ],
)
def test_address_without_a_scheme_is_refused_without_repeating_it(text):
    with pytest.raises(SourceOpenError) as caught:
        SourceUri.parse(text)

    assert SECRET not in str(caught.value)


def test_encoded_login_is_used_and_not_shown():
    uri = SourceUri.parse("rtsp://me%40home:a%40%3A%2F%23%3F%2541%20b@cam.example:554/ch1")

    assert uri.address == "rtsp://me%40home:a%40%3A%2F%23%3F%2541%20b@cam.example:554/ch1"
    assert uri.redacted == "rtsp://cam.example:554/ch1"


@pytest.mark.parametrize("value", [f"{SECRET}/a", f"a/{SECRET}", f"a?{SECRET}", f"a;{SECRET}"])
def test_whole_value_of_a_secret_parameter_is_masked(value):
    uri = SourceUri.parse(f"http://cam.example/video?token={value}&fps=5")

    assert uri.redacted == "http://cam.example/video?token=***&fps=5"
