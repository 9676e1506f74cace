import socket

import pytest

from ovd.domain.events import Gap
from ovd.domain.ports import FrameSource, SourceOptions
from ovd.errors import (
    AddressError,
    CredentialsError,
    OpenFailure,
    OvdError,
    SourceLostError,
    SourceOpenError,
)
from ovd.services.cameras.testing import CameraTester, OpenProblem, name_problem
from tests.builders import START, make_frame
from tests.fakes import FixedClock, ListSource


def make_tester(source: FrameSource) -> CameraTester:
    def open_source(uri: str, camera: str, options: SourceOptions) -> FrameSource:
        return source

    return CameraTester(open_source, FixedClock())


def test_first_frame_is_returned_and_the_source_closed():
    source = ListSource([Gap("gate", START, START, "x"), make_frame(0), make_frame(1)], live=True)

    opened = make_tester(source).open("rtsp://192.0.2.7/1", "gate")

    assert (opened.frame.index, opened.info.live, opened.took_s) == (0, True, 0.0)
    assert source.closed


@pytest.mark.parametrize("error", [None, SourceLostError("it hung up")])
def test_camera_that_sends_no_frame_is_an_error(error: OvdError | None):
    source = ListSource([], error=error, live=True)

    with pytest.raises(SourceOpenError) as refused:
        make_tester(source).open("rtsp://192.0.2.7/1", "gate")

    assert refused.value.failure is OpenFailure.AWAY
    assert source.closed


def test_problems_have_names():
    unknown = SourceOpenError("no such host")
    unknown.__cause__ = socket.gaierror()

    assert name_problem(SourceOpenError("x", OpenFailure.REFUSED)) is OpenProblem.REFUSED
    assert name_problem(AddressError("x")) is OpenProblem.ADDRESS
    assert name_problem(CredentialsError("x")) is OpenProblem.CREDENTIALS
    assert name_problem(unknown) is OpenProblem.HOST
    assert {failure.value for failure in OpenFailure} < {problem.value for problem in OpenProblem}
