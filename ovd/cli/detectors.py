"""`ovd detectors`: which detectors there are."""

import json

import typer

from ovd.bootstrap import runtime_options
from ovd.cli.options import AsJson, settings_with
from ovd.model.backends import BACKENDS, BackendSpec
from ovd.model.runtimes.selection import expect_candidate
from ovd.settings import Settings


def detectors(as_json: AsJson = False) -> None:
    """List the detectors: licence, size, input, whether they are here and what computes them.

    Example: ovd detectors
    """
    settings = settings_with()
    rows = [_describe(spec, settings) for spec in BACKENDS]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for spec, row in zip(BACKENDS, rows, strict=True):
        sizes = ", ".join(f"{width} x {height}" for height, width in spec.input_sizes)
        scores = "independent" if spec.independent_scores else "depend on the other queries"
        if spec.fuses_text:
            scores += ", unless OVD_CAPTIONS=together asks for all at once"
        missing = f"not installed (ovd weights pull {spec.name})" if spec.hub else "not installed"
        facts = (
            f"{spec.parameters / 1e6:.1f} M parameters",
            f"input {sizes}",
            spec.licence if spec.is_permissive else f"{spec.licence} (not accepted by default)",
            f"computed with {row['runtime']} in {row['precision']} on {row['device']}"
            if row["installed"]
            else missing,
            "ships with ovd" if spec.embedded else "does not ship with ovd",
            f"scores of queries {scores}",
        )
        typer.echo(f"{spec.name}  {'; '.join(facts)}")


def _describe(spec: BackendSpec, settings: Settings) -> dict[str, object]:
    checksum = spec.network_checksum(settings.weights_dir, settings.models_folder)
    expected = None
    if checksum is not None and spec.hub is None:
        expected = expect_candidate(checksum, runtime_options(settings))
    lock = spec.locked(settings.models_folder)
    runtime, precision = ("eager", "float32") if lock else (None, None)
    return {
        "name": spec.name,
        "licence": spec.licence,
        "parameters": spec.parameters,
        "input": [{"width": width, "height": height} for height, width in spec.input_sizes],
        "revision": lock.revision if lock else spec.revision,
        "installed": checksum is not None,
        "embedded": spec.embedded,
        "independent_scores": spec.independent_scores,
        "runtime": expected.spec.runtime if expected else runtime,
        "precision": expected.precision if expected else precision,
        "device": expected.device if expected else (settings.device if lock else None),
        "any_phrase": spec.hub is not None,
        "needs_acceptance": not spec.is_permissive,
        "repository": spec.hub.repository if spec.hub else "",
        "cited": spec.hub.cited if spec.hub else "",
        "published": spec.hub.published if spec.hub else "",
    }
