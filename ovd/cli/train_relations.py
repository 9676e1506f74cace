"""`ovd train-relations`: fit the models of relations between persons and objects."""

from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import build_detector
from ovd.cli.options import settings_with


def train_relations(
    annotations: Annotated[
        list[Path], typer.Argument(metavar="LABELS.json...", help="COCO-format files.")
    ],
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of their images.")],
    out: Annotated[Path, typer.Option(metavar="FILE.toml", help="Parameters to write.")],
    limit: Annotated[int, typer.Option(help="Images of each file to detect in, at most.")] = 400,
) -> None:
    """Fit what decides whether a person wears, carries or rides an object.

    Example: ovd train-relations site.json --images images --out relations.toml
    """
    from ovd.training.relations.training import train_relations as fit

    fit(annotations, images, out, build_detector(settings_with()).inner, limit)
