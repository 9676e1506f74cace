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
        facts = (
            f"{spec.parameters / 1e6:.1f} M parameters",
            f"input {sizes}",
            spec.licence,
            f"computed with {row['runtime']} in {row['precision']} on {row['device']}"
            if row["installed"]
            else "not installed",
            "ships with ovd" if spec.embedded else "does not ship with ovd",
            f"scores of queries {scores}",
        )
        typer.echo(f"{spec.name}  {'; '.join(facts)}")


def _describe(spec: BackendSpec, settings: Settings) -> dict[str, object]:
    checksum = spec.network_checksum(settings.weights_dir)
    expected = checksum and expect_candidate(checksum, runtime_options(settings))
    return {
        "name": spec.name,
        "licence": spec.licence,
        "parameters": spec.parameters,
        "input": [{"width": width, "height": height} for height, width in spec.input_sizes],
        "revision": spec.revision,
        "installed": checksum is not None,
        "embedded": spec.embedded,
        "independent_scores": spec.independent_scores,
        "runtime": expected.spec.runtime if expected else None,
        "precision": expected.precision if expected else None,
        "device": expected.device if expected else None,
    }
