"""`ovd doctor`: what works on this machine."""

import json
import platform
import socket
from collections.abc import Callable
from importlib.metadata import version

import av
import typer

from ovd.bootstrap import build_detector, open_store, runtime_options
from ovd.cli.options import (
    AsJson,
    Database,
    DetectorName,
    DeviceName,
    PrecisionName,
    RuntimeName,
    run_options,
    settings_with,
)
from ovd.domain.ports import DetectorInfo
from ovd.errors import OvdError
from ovd.model.backends import find_backend
from ovd.model.runtimes.ranking import ranking_key, read_ranking
from ovd.model.weights import verify_weights
from ovd.settings import Settings

PACKAGES = (
    "torch",
    "torchvision",
    "open_clip_torch",
    "opencv-python",
    "av",
    "gradio",
    "SQLAlchemy",
)


def doctor(
    db: Database = None,
    detector: DetectorName = None,
    runtime: RuntimeName = None,
    precision: PrecisionName = None,
    device: DeviceName = None,
    as_json: AsJson = False,
) -> None:
    """Tell what works on this machine: weights, detector, codecs, database, port, GPU.

    Exits with 1 when something that counting needs does not work.

    Example: ovd doctor
    """
    how = run_options(runtime, precision, device)
    settings = settings_with(db=db, detector=detector, **how)
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("python", _check_packages),
        ("weights", _check_weights),
        ("detector", _check_detector),
        ("video", _check_video),
        ("database", _check_database),
        ("port", _check_port),
        ("gpu", _check_gpu),
    )
    outcomes = [_run(name, check, settings) for name, check in checks]
    if as_json:
        typer.echo(json.dumps(outcomes, ensure_ascii=False))
    else:
        for outcome in outcomes:
            mark = "ok  " if outcome["ok"] else "FAIL"
            typer.echo(f"{mark}  {outcome['check']:9} {outcome['detail']}")
    if not all(outcome["ok"] for outcome in outcomes):
        raise typer.Exit(1)


def _run(name: str, check: Callable[[Settings], str], settings: Settings) -> dict[str, str | bool]:
    try:
        return {"check": name, "ok": True, "detail": check(settings)}
    except OvdError as error:
        return {"check": name, "ok": False, "detail": f"[{error.code}] {error}"}


def _check_packages(settings: Settings) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{platform.python_version()} on {platform.machine()}; {versions}"


def _check_weights(settings: Settings) -> str:
    files = verify_weights(settings.weights_dir)
    size = sum(entry.size for entry in files) / 1e6
    return f"{len(files)} files, {size:.1f} MB, all checksums right"


def _check_detector(settings: Settings) -> str:
    detector = build_detector(settings)
    computed = detector.info.computation
    ranking = read_ranking(runtime_options(settings).cache_dir, _ranking_key(settings))
    measured = ", ".join(f"{item.runtime} {item.precision} {item.ms:.0f} ms" for item in ranking)
    notes = "".join(f"; {note}" for note in computed.notes)
    return (
        f"{detector.info.name} loads and knows {_known(detector.info)}; computed "
        f"with {computed.runtime} in {computed.precision}{notes}; "
        + (f"measured: {measured}" if measured else "not measured, ovd bench does that")
    )


def _known(info: DetectorInfo) -> str:
    return "any noun phrase" if info.phrases else f"{len(info.known_names)} names"


def _ranking_key(settings: Settings) -> str:
    source = find_backend(settings.detector).open_source(settings.weights_dir)
    return ranking_key(source.checksum, runtime_options(settings))


def _check_video(settings: Settings) -> str:
    if "libx264" in av.codecs_available:
        return "reads H.264, writes H.264 MP4"
    return "reads video; this build of PyAV has no libx264, so --save-video does not work"


def _check_database(settings: Settings) -> str:
    store = open_store(settings)
    try:
        cameras, runs = len(store.cameras.all(include_removed=True)), len(store.runs.all())
    finally:
        store.close()
    return f"opens and is up to date: {cameras} cameras, {runs} runs"


def _check_port(settings: Settings) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return f"{settings.host}:{settings.port} is taken ({error.strerror}); serve with --port"
    return f"{settings.host}:{settings.port} is free"


def _check_gpu(settings: Settings) -> str:
    from ovd.model.runtimes.processor import describe_accelerator

    return describe_accelerator()
