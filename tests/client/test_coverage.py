"""The clients against the specification: whatever the API does can be asked for in Python."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ovd.api.app import build_api
from ovd.client import AsyncClient, Client, calls, delivery_calls, job_calls, management_calls
from ovd.client.calls import Call

# Signs of life are for machines, sessions for browsers; streams are read by methods of their own.
LEFT_OUT = {
    "GET /health/live",
    "GET /health/ready",
    "POST /session",
    "DELETE /session",
    "GET /live",
    "GET /cameras/{name}/stream.mjpg",
}
VALUES: dict[str, Any] = {
    "str": "x",
    "int": 1,
    "float": 1.0,
    "bool": True,
    "Path": Path("x"),
    "Path | None": Path("x"),
    "float | None": 1.0,
    "Params": {},
    "Body": {},
}


def example(annotation: Any) -> Any:
    shown = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    if str(annotation) in ("pathlib.Path | None", "float | None"):
        return Path("x") if "Path" in str(annotation) else 1.0
    if shown in VALUES:
        return VALUES[shown]
    return [] if "list[" in str(annotation) else {}


def builders() -> Iterator[Callable[..., Call[Any]]]:
    for module in (calls, delivery_calls, job_calls, management_calls):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and "Call[" in str(inspect.signature(function).return_annotation):
                yield function


def requests() -> Iterator[tuple[str, str]]:
    for build in builders():
        parameters = inspect.signature(build).parameters.values()
        given = [
            example(parameter.annotation)
            for parameter in parameters
            if parameter.kind is not parameter.VAR_KEYWORD
        ]
        call = build(*given)
        yield call.method, call.path


def test_every_operation_has_a_call():
    asked = set(requests()) | {("POST", "/cameras/x/stop")}
    paths = build_api(None).openapi()["paths"]  # type: ignore[arg-type]
    missing = []
    for path, methods in paths.items():
        pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path).replace(".", r"\."))
        for method in map(str.upper, methods):
            known = any(verb == method and pattern.fullmatch(at) for verb, at in asked)
            if not known and f"{method} {path}" not in LEFT_OUT:
                missing.append(f"{method} {path}")

    assert missing == []


def test_both_clients_have_the_same_methods():
    def methods(client: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(function).parameters)
            for name, function in inspect.getmembers(client, inspect.isfunction)
            if not name.startswith("_")
        }

    assert methods(AsyncClient) == methods(Client)
