"""A camera, a row and a hostile text, as values for tests of the page's HTML."""

from dataclasses import replace
from datetime import timedelta

from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus
from ovd.services.reports.rows import ReportRow
from ovd.ui.html.camera_state import ShownCamera
from tests.builders import START, make_query

MARKUP = "<img src=x onerror=alert(1)>"
RUNNING = CameraStatus(
    camera="gate",
    uri="rtsp://10.0.0.9/stream1?token=***",
    state=RunStatus.RUNNING,
    error="",
    queries=(make_query("person"),),
    run_id=3,
    frames_counted=1234,
    frame_count=None,
    counted_fps=5.0,
    media_time_s=75.4,
    frame_age_s=0.2,
)
ROW = ReportRow(
    camera="gate",
    query="person",
    bucket_start=START,
    bucket_end=START + timedelta(minutes=1),
    observed_s=54.0,
    samples=540,
    mean_count=2.5,
    max_count=7,
    unique=None,
    crossed_in=None,
    crossed_out=None,
    coverage=0.9,
)
UNSEEN = replace(ROW, observed_s=0.0, samples=0, mean_count=None, max_count=None, coverage=0.0)


def shown_camera(status: CameraStatus | None) -> ShownCamera:
    return ShownCamera("gate", "clip.mp4", status)
