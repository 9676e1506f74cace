"""`ovd train-speller`: train the network that corrects spelling."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def train_speller(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to train, how long.")],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where weights, state and curve go.")
    ] = Path("speller"),
    device: Annotated[str, typer.Option(help="What to compute on, as torch calls it.")] = "cpu",
) -> None:
    """Train the network that corrects spelling, or go on where DIR left off.

    Example: ovd train-speller configs/speller.toml --out scratch/speller
    """
    from ovd.training.speller import trainer

    command = shlex.join(["ovd", *sys.argv[1:]])
    typer.echo(trainer.train_speller(config, out, device, command))
