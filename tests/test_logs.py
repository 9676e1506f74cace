import json
import logging

import pytest

from ovd.logs import JsonFormatter, TextFormatter, configure_logging, log_fields


def make_record(message: str = "lost %s", *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("ovd.video", logging.WARNING, "f.py", 1, message, arguments, None)


def test_json_line_has_the_ids_of_what_it_is_about():
    with log_fields(camera="gate", run_id=7), log_fields(request_id="abc"):
        line = json.loads(JsonFormatter().format(make_record("lost %s", "it")))

    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "ovd.video",
        "message": "lost it",
        "camera": "gate",
        "run_id": 7,
        "request_id": "abc",
    }


def test_fields_end_with_their_block():
    with log_fields(camera="gate"):
        pass

    assert "camera" not in json.loads(JsonFormatter().format(make_record("x")))


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_line_never_holds_credentials_of_an_address(formatter: logging.Formatter):
    line = formatter.format(make_record("cannot open %s", "rtsp://anna:secret@cam/1"))

    assert "secret" not in line
    assert "rtsp://cam/1" in line


def test_json_traceback_stays_on_one_line_without_credentials():
    record = make_record("failed")
    try:
        raise ValueError("rtsp://anna:secret@cam")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert "secret" not in line
    assert "ValueError" in json.loads(line)["traceback"]


def test_text_line_shows_fields_in_brackets():
    with log_fields(camera="gate"):
        assert TextFormatter().format(make_record("x")) == "WARNING ovd.video: x [camera=gate]"


def test_level_holds_for_ovd_only(capsys: pytest.CaptureFixture[str]):
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        configure_logging("json", "info")
        logging.getLogger("ovd.web").info("ours")
        logging.getLogger("httpx").info("theirs")
    finally:
        root.handlers, root.level = before
        logging.getLogger("ovd").setLevel(logging.NOTSET)

    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["ours"]
