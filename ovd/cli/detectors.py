"""`ovd detectors`: which detectors there are."""

import json

import typer

from ovd.cli.options import AsJson, settings_with
from ovd.model.backends import BACKENDS, BackendSpec


def detectors(as_json: AsJson = False) -> None:
    """List the detectors: licence, size, input, and whether they can be used here.

    Example: ovd detectors
    """
    weights_dir = settings_with().weights_dir
    rows = [_describe(spec, installed=spec.is_installed(weights_dir)) for spec in BACKENDS]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for spec, row in zip(BACKENDS, rows, strict=True):
        sizes = ", ".join(f"{width} x {height}" for height, width in spec.input_sizes)
        scores = "independent" if spec.independent_scores else "depend on the other queries"
        facts = (
            f"{spec.parameters / 1e6:.1f} M parameters",
            f"input {sizes}",
            spec.licence,
            "installed" if row["installed"] else "not installed",
            "ships with ovd" if spec.embedded else "does not ship with ovd",
            f"scores of queries {scores}",
        )
        typer.echo(f"{spec.name}  {'; '.join(facts)}")


def _describe(spec: BackendSpec, *, installed: bool) -> dict[str, object]:
    return {
        "name": spec.name,
        "licence": spec.licence,
        "parameters": spec.parameters,
        "input": [{"width": width, "height": height} for height, width in spec.input_sizes],
        "revision": spec.revision,
        "installed": installed,
        "embedded": spec.embedded,
        "independent_scores": spec.independent_scores,
    }
