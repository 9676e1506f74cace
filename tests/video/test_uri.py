import pytest

from ovd.errors import SourceOpenError
from ovd.video.uri import SourceUri, UriKind, keeps_address

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "kind", "camera"),
    [
        ("clips/gate.mp4", UriKind.FILE, "gate"),
        ("file:///clips/back%20yard.avi", UriKind.FILE, "back yard"),
        ("12:30.mp4", UriKind.FILE, "12:30"),
        ("yard.JPG", UriKind.IMAGE, "yard"),
        ("rtsp://10.0.0.5:554/ch1", UriKind.RTSP, "10.0.0.5"),
        ("RTSPS://cam.example/ch1", UriKind.RTSP, "cam.example"),
        ("https://cam.example/video", UriKind.HTTP, "cam.example"),
        ("webcam:0", UriKind.WEBCAM, "webcam-0"),
    ],
)
def test_parse_tells_kinds_apart_and_names_the_camera(text, kind, camera):
    uri = SourceUri.parse(text)

    assert (uri.kind, uri.default_camera) == (kind, camera)


def test_parse_recognises_a_folder_by_looking(tmp_path):
    folder = tmp_path / "stills.mp4"
    folder.mkdir()

    uri = SourceUri.parse(str(folder))

    assert (uri.kind, uri.default_camera) == (UriKind.FOLDER, "stills.mp4")


@pytest.mark.parametrize(
    "text",
    [
        f"rtsp://admin:{SECRET}@cam.example:554/ch1",
        f"http://cam.example/video?token={SECRET}",
        f"http://cam.example/video?channel=1&API_Key={SECRET}&fps=5",
        f"http://cam.example/cgi?user=me&pwd={SECRET}",
        f"http://cam.example/cgi?u=me&p={SECRET}",
        f"http://cam.example/?X-Amz-Signature={SECRET}",
        f"rtsp://cam.example/user=me_password={SECRET}_channel=1.sdp",
        f"http://proxy.example/?src=rtsp://me:{SECRET}@cam.example/ch1",
        f"http://proxy.example/?src=rtsp%3A%2F%2Fme%3A{SECRET}%40cam.example",
        f"http://me:{SECRET}@cam.example/#{SECRET}",
    ],
)
def test_uri_shows_no_credential_anywhere(text):
    uri = SourceUri.parse(text)

    assert SECRET not in f"{uri} {uri!r} {uri.redacted} {uri.default_camera}"
    assert SECRET in uri.address


def test_redacted_keeps_what_is_no_secret():
    uri = SourceUri.parse("rtsp://me:pw@[2001:db8::1]:8554/ch1?channel=2&subtype=0")

    assert uri.redacted == "rtsp://[2001:db8::1]:8554/ch1?channel=2&subtype=0"


@pytest.mark.parametrize(
    "text", ["", "   ", "x" * 5000, "a\0b", "ftp://host/x.mp4", "webcam:front", "webcam:"]
)
def test_parse_refuses_what_names_no_source(text):
    with pytest.raises(SourceOpenError):
        SourceUri.parse(text)


@pytest.mark.parametrize(
    ("text", "shown", "complete"),
    [
        ("rtsp://{U}:{P}@h/1", "rtsp://{U}:{P}@h/1", True),
        ("rtsp://admin:{P}@h/1?token={T}", "rtsp://admin:{P}@h/1?token={T}", True),
        ("rtsp://h/1", "rtsp://h/1", True),
        ("rtsp://me:pass@h/1", "rtsp://h/1", False),
        ("rtsp://{U}:pass@h/1", "rtsp://h/1", False),
        ("http://h/1?token=abc", "http://h/1?token=***", False),
        ("webcam:0", "webcam:0", True),
    ],
)
def test_references_are_shown_and_secrets_are_not(text, shown, complete):
    source = SourceUri.parse(text)

    assert (source.redacted, source.complete) == (shown, complete)


def test_secrets_take_the_places_of_references_encoded():
    source = SourceUri.parse("rtsp://{U}:{P}@h/{U}?token={T}")

    opened = source.with_secrets({"U": "me", "P": "a/b@c", "T": "t t"})

    assert opened.address == "rtsp://me:a%2Fb%40c@h/{U}?token=t%20t"
    assert str(opened) == str(source)


def test_reference_without_a_value_is_named():
    with pytest.raises(SourceOpenError, match="no variable CAM_PASS"):
        SourceUri.parse("rtsp://admin:{CAM_PASS}@h/1").with_secrets({})


@pytest.mark.parametrize("recording", ["clip.mp4", "shots", "yard.jpg"])
@pytest.mark.parametrize(
    "stream", ["rtsp://10.0.0.5/ch1", "rtsps://u:{PW}@cam/1", "http://cam.example/v", "webcam:0"]
)
def test_address_of_a_stream_outlasts_a_recording(stream: str, recording: str):
    assert keeps_address(stream, recording)
    assert not keeps_address(recording, stream)


def test_recording_from_the_web_gives_way_to_the_next_and_a_camera_does_not():
    assert not keeps_address("http://nvr.example/08.mp4", "http://nvr.example/09.mp4")
    assert keeps_address("rtsp://10.0.0.5/ch1", "http://nvr.example/09.mp4")


def test_file_gives_way_to_the_next_and_what_is_no_address_to_anything():
    assert not keeps_address("08.mp4", "09.mp4")
    assert not keeps_address("", "09.mp4")
