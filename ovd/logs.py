"""Log lines for people or programs, with the ids of what they are about."""

import contextvars
import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
Fields = Mapping[str, str | int | float]

_FIELDS: contextvars.ContextVar[Fields] = contextvars.ContextVar(
    "ovd_log_fields", default=MappingProxyType({})
)
_CREDENTIALS = re.compile(r"(?<=://)\S*@")


def redact(text: str) -> str:
    """Return the text with user and password removed from every address in it."""
    return _CREDENTIALS.sub("", text)


@contextmanager
def log_fields(**fields: str | int | float) -> Iterator[None]:
    """Add fields, such as `camera` or `run_id`, to every line logged inside the block."""
    token = _FIELDS.set({**_FIELDS.get(), **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)


def current_fields() -> Fields:
    """Return the fields of lines that are logged here and now."""
    return _FIELDS.get()


def configure_logging(form: LogFormat = "text", level: LogLevel = "warning") -> None:
    """Log to stderr from now on; replaces how lines were written before.

    Args:
        form: `text` for people, `json` for one object per line.
        level: Lowest level of lines of ovd; other packages log warnings and errors only.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    for former in tuple(root.handlers):
        if type(former) is logging.StreamHandler:
            root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    set_level(level)


def set_level(level: LogLevel) -> None:
    """Change the lowest level of lines of ovd that are logged."""
    logging.getLogger("ovd").setLevel(level.upper())


def _fields_of(record: logging.LogRecord) -> Fields:
    extra = getattr(record, "fields", None)
    return {**_FIELDS.get(), **extra} if isinstance(extra, Mapping) else _FIELDS.get()


class TextFormatter(logging.Formatter):
    """Writes level, logger, message, and the fields in brackets."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the base class's name
        """Return the first line of a record."""
        fields = " ".join(f"{name}={value}" for name, value in _fields_of(record).items())
        line = redact(super().formatMessage(record))
        return f"{line} [{fields}]" if fields else line


class JsonFormatter(logging.Formatter):
    """Writes one JSON object per record: `time`, `level`, `logger`, `message`, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; credentials in addresses are removed."""
        about: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        about |= _fields_of(record)
        if record.exc_info:
            about["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(about, ensure_ascii=False, default=str)
