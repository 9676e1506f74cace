from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from ovd.bundled import Bundle, bundled_dir
from ovd.domain.cameras import Camera, CameraAddress, CameraSettings
from ovd.domain.ports import SourceOptions
from ovd.errors import CameraError, InputError, OutputError, SourceOpenError
from ovd.texts.page import ENGLISH
from ovd.ui.camera_form import (
    CameraForm,
    FormKind,
    FormValues,
    kind_choices,
    sample_clips,
    sampling_choices,
)
from ovd.ui.page_state import read_page_state
from ovd.ui.session import Session, StartedSource
from ovd.ui.start_camera import start_again, start_camera
from tests.builders import make_frame, make_query
from tests.fakes import ListSource
from tests.stages import Stage

READY = Session(draft=(make_query("person"),))
SECRET = "rtsp://admin:hunter2@127.0.0.1/stream1"


def make_form(**values: object) -> FormValues:
    form: dict[str, object] = {
        "kind": FormKind.URL,
        "sample": "",
        "upload": None,
        "url": SECRET,
        "camera": "gate",
        "sample_fps": 5,
        "realtime": True,
        "loop": True,
        "anyway": True,
    }
    return FormValues(**(form | values))  # type: ignore[arg-type]


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """A stage whose streams are tried in its table, too."""
    stage.services = replace(stage.services, opener=stage._open)
    return stage


@pytest.fixture
def listed(stage: Stage) -> Stage:
    """A stage that knows the secret stream."""
    stage.sources[SECRET] = ListSource([make_frame(0)])
    return stage


def test_started_camera_is_looked_at(listed: Stage):
    session = start_camera(listed.services, READY, make_form())

    assert session.camera == "gate"
    assert not session.adding
    assert session.draft == ()
    assert [query.text for query in listed.services.fleet.status("gate").queries] == ["person"]


def test_camera_without_a_name_takes_that_of_the_source(listed: Stage):
    assert start_camera(listed.services, READY, make_form(camera=" ")).camera == "127.0.0.1"


def test_stream_is_neither_paced_nor_repeated(listed: Stage):
    start_camera(listed.services, READY, make_form(sample_fps=0))

    assert listed.opened == [(SECRET, "gate", SourceOptions())]


def test_file_is_read_as_the_form_says(stage: Stage):
    stage.sources["clip.mp4"] = ListSource([make_frame(0)])

    start_camera(stage.services, READY, make_form(kind=FormKind.SAMPLE, sample="clip.mp4"))

    options = SourceOptions(sample_fps=5, realtime=True, loop=True)
    assert stage.opened == [("clip.mp4", "gate", options)]


def test_password_is_not_in_the_text_of_a_session(listed: Stage):
    session = start_camera(listed.services, READY, make_form())

    assert session.started[0].uri == SECRET
    assert "hunter2" not in repr(session)


def test_nothing_starts_without_a_query(listed: Stage):
    with pytest.raises(InputError, match="at least one thing"):
        start_camera(listed.services, Session(), make_form())
    assert listed.opened == []


@pytest.mark.parametrize("url", ["", "  ", "/etc/passwd", "file:///etc/passwd", "clip.mp4"])
def test_address_field_opens_streams_only(stage: Stage, url: str):
    with pytest.raises(InputError, match="address of the stream"):
        start_camera(stage.services, READY, make_form(url=url))
    assert stage.opened == []


def test_source_that_cannot_be_opened_leaves_everything_as_it_was(stage: Stage):
    with pytest.raises(SourceOpenError):
        start_camera(stage.services, READY, make_form(url="rtsp://127.0.0.1/none"))

    assert stage.services.fleet.statuses() == ()
    assert stage.services.store.cameras.all() == ()


def test_stream_that_sends_an_image_is_started(listed: Stage):
    session = start_camera(listed.services, READY, make_form(anyway=False))

    assert session.camera == "gate"


def test_stream_that_does_not_answer_is_not_kept(stage: Stage):
    form = make_form(url="rtsp://127.0.0.1/typo", user="admin", password="hunter2", anyway=False)

    with pytest.raises(SourceOpenError, match=r"There is no video.*Nothing was added") as refused:
        start_camera(stage.services, READY, form)

    assert stage.opened[0][0] == "rtsp://admin:hunter2@127.0.0.1/typo"
    assert stage.services.store.cameras.all() == ()
    assert "hunter2" not in str(refused.value) + repr(form)


def test_user_and_password_have_fields_of_their_own(listed: Stage):
    form = make_form(url="rtsp://127.0.0.1/stream1", user="admin", password="hunter2")

    start_camera(listed.services, READY, form)

    assert listed.opened[0][0] == SECRET


def test_running_camera_is_not_started_twice(listed: Stage):
    class EndlessSource(ListSource):
        def __iter__(self):
            for index in count():
                if self.closed:
                    return
                yield make_frame(index)

    listed.sources[SECRET] = EndlessSource([make_frame(0)])
    start_camera(listed.services, READY, make_form())

    with pytest.raises(CameraError, match="already"):
        start_camera(listed.services, READY, make_form())


def test_upload_is_kept_in_the_data_folder(stage: Stage, tmp_path: Path):
    upload = tmp_path / "clip.mp4"
    upload.write_bytes(b"video")
    kept = tmp_path / "uploads" / "clip.mp4"
    stage.sources[str(kept)] = ListSource([make_frame(0)])

    session = start_camera(
        stage.services,
        READY,
        make_form(kind=FormKind.UPLOAD, upload=str(upload), camera=""),
    )

    assert kept.read_bytes() == b"video"
    assert session.camera == "clip"


def test_second_upload_of_one_name_does_not_replace_the_first(stage: Stage, tmp_path: Path):
    kept = tmp_path / "uploads"
    kept.mkdir()
    (kept / "clip.mp4").write_bytes(b"first")
    upload = tmp_path / "clip.mp4"
    upload.write_bytes(b"second")
    stage.sources[str(kept / "clip-2.mp4")] = ListSource([make_frame(0)])

    start_camera(stage.services, READY, make_form(kind=FormKind.UPLOAD, upload=str(upload)))

    assert (kept / "clip.mp4").read_bytes() == b"first"
    assert (kept / "clip-2.mp4").read_bytes() == b"second"


def test_upload_that_is_no_video_is_not_kept(stage: Stage, tmp_path: Path):
    upload = tmp_path / "notes.mp4"
    upload.write_bytes(b"no video")

    with pytest.raises(SourceOpenError, match=r"cannot open notes\.mp4: no such file"):
        start_camera(stage.services, READY, make_form(kind=FormKind.UPLOAD, upload=str(upload)))
    assert list((tmp_path / "uploads").iterdir()) == []


def test_upload_is_not_kept_without_a_query(stage: Stage, tmp_path: Path):
    upload = tmp_path / "clip.mp4"
    upload.write_bytes(b"video")

    with pytest.raises(InputError, match="at least one thing"):
        start_camera(stage.services, Session(), make_form(kind=FormKind.UPLOAD, upload=str(upload)))
    assert list((tmp_path / "uploads").iterdir()) == []


def test_upload_into_a_folder_that_cannot_be_written_says_so(stage: Stage, tmp_path: Path):
    upload = tmp_path / "clip.mp4"
    upload.write_bytes(b"video")
    (tmp_path / "uploads").write_text("a file, no folder")

    with pytest.raises(OutputError, match="cannot keep the upload"):
        start_camera(stage.services, READY, make_form(kind=FormKind.UPLOAD, upload=str(upload)))


def test_form_without_an_upload_asks_for_it(stage: Stage):
    with pytest.raises(InputError, match="video file"):
        start_camera(stage.services, READY, make_form(kind=FormKind.UPLOAD))


def test_camera_is_started_again_as_this_session_started_it(stage: Stage):
    stage.count("gate")
    options = SourceOptions(sample_fps=2)
    session = Session(camera="gate").with_started(StartedSource("gate", "gate", options))

    again = start_again(stage.services, session, SourceOptions())

    assert stage.opened[-1] == ("gate", "gate", options)
    assert stage.services.fleet.status("gate").run_id == 2
    assert not again.adding


def test_file_of_another_session_is_started_again_as_that_session_started_it(stage: Stage):
    repeated = SourceOptions(loop=True, realtime=True)
    stage.sources["list"] = ListSource([make_frame(0)])
    stage.services.fleet.start("gate", "list", [make_query()], repeated)

    start_again(stage.services, Session(camera="gate"), SourceOptions())

    assert stage.opened[-1] == ("list", "gate", repeated)


def add_stream(stage: Stage, full_uri: str | None) -> None:
    address = CameraAddress("rtsp://127.0.0.1/stream1", full_uri)
    stage.services.store.cameras.add(CameraSettings("gate", address, enabled=False))


def test_stream_whose_password_is_kept_is_started_again_by_anybody(listed: Stage):
    add_stream(listed, SECRET)
    session = Session(camera="gate", draft=(make_query("person"),))

    again = start_again(listed.services, session, SourceOptions())

    assert listed.opened == [(SECRET, "gate", SourceOptions())]
    assert not again.adding
    assert "hunter2" not in repr(again)


def test_stream_whose_password_is_not_known_has_to_be_completed_by_a_person(stage: Stage):
    add_stream(stage, None)
    session = Session(camera="gate", draft=(make_query("person"),))

    again = start_again(stage.services, session, SourceOptions())

    assert again.adding
    assert stage.opened == []
    state = read_page_state(stage.services.overview.now(), stage.services.fleet, again)
    assert CameraForm.prefill(state) == [
        "url",
        "rtsp://127.0.0.1/stream1",
        "gate",
    ]


def test_stream_that_refuses_the_kept_address_has_to_be_completed_by_a_person(stage: Stage):
    add_stream(stage, "rtsp://127.0.0.1/stream1")
    stage.refused.add("rtsp://127.0.0.1/stream1")
    session = Session(camera="gate", draft=(make_query("person"),))

    assert start_again(stage.services, session, SourceOptions()).adding


def test_samples_are_offered_by_name():
    assert ("pedestrians", str(bundled_dir(Bundle.SAMPLES) / "pedestrians.mp4")) in sample_clips()
    assert kind_choices(ENGLISH)[0] == ("Sample clip", "sample")


def test_sampling_offers_every_frame_first():
    assert sampling_choices(ENGLISH)[:2] == [("Every frame", 0), ("1 per second", 1)]


def test_only_what_belongs_to_the_kind_of_source_is_shown():
    shown = [update["visible"] for update in map(vars_of, CameraForm.show_kind("url"))]

    assert shown == [False, False, True, True, False, False]


def vars_of(component: object) -> dict[str, object]:
    return vars(component)


def test_reference_typed_in_the_browser_is_refused_for_unknown_addresses(stage: Stage):
    form = make_form(url="http://evil.example/{HOME}")

    with pytest.raises(InputError, match="ovd cameras add"):
        start_camera(stage.services, READY, form)

    assert stage.opened == []


def keep_camera_with_reference(stage: Stage) -> Camera:
    uri = "rtsp://viewer:{GATE_PASSWORD}@127.0.0.1/stream1"
    stage.sources[uri] = ListSource([make_frame(0)])
    return stage.services.store.cameras.record("gate", uri)


def test_reference_typed_in_the_browser_works_for_a_kept_camera(stage: Stage):
    camera = keep_camera_with_reference(stage)

    start_camera(stage.services, READY, make_form(url=camera.uri))

    assert stage.opened[0][0] == camera.uri


def test_stream_whose_address_has_references_is_started_again_by_anybody(stage: Stage):
    camera = keep_camera_with_reference(stage)
    session = Session(camera="gate", draft=(make_query("person"),))

    start_again(stage.services, session, SourceOptions())

    assert stage.opened[0][:2] == (camera.uri, "gate")
