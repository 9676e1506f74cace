"""Train the spelling network to correct misspelled phrases."""

import copy
import csv
import hashlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from ovd.errors import WeightsError
from ovd.language.spelling.dictionary import Frequency, load_dictionary
from ovd.model.spelling.edits import Alphabet
from ovd.model.spelling.network import SpellingNetwork
from ovd.model.spelling.shape import SpellingConfig
from ovd.model.spelling.speller import Speller
from ovd.training.config import load_config
from ovd.training.engine.checkpoint import Progress, load_state, save_state, save_weights
from ovd.training.engine.device import find_device
from ovd.training.speller.clean_phrases import Split, load_clean_phrases
from ovd.training.speller.examples import (
    IGNORED,
    ExampleMaker,
    Mixture,
    SpellingBatch,
    join_examples,
)

LATIN = " abcdefghijklmnopqrstuvwxyz0123456789'-/&."
HANGUL = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ"
STATE_FILE, WEIGHTS_FILE, CURVE_FILE = "state.pt", "weights.safetensors", "curve.csv"
CURVE_COLUMNS = ("step", "rate", "edit_loss", "wrong_loss", "corrected", "kept", "examples_per_s")
_POOL_BATCHES = 8
_MAX_NORM = 1.0


@dataclass(frozen=True)
class SpellingData:
    """Select the sources of phrases in addition to the lexicon that ships with ovd.

    Attributes:
        names: `.npz` file with an array `names` of objects; empty for none.
        captions: File of captions for noun phrases; empty for none.
        mixture: Shares of clean phrases.
    """

    names: str = ""
    captions: str = ""
    mixture: Mixture = field(default_factory=Mixture)


@dataclass(frozen=True)
class SpellingSchedule:
    """Configure the length of training and the learning rate.

    Attributes:
        steps: Optimizer steps in all.
        batch: Examples per step.
        rate: Highest learning rate.
        warmup_steps: Steps over which it rises.
        decay_share: Share of all steps at the end over which it falls linearly to 0.
        ema_steps: Memory of the averaged weights in steps.
        wrong_weight: Weight of the loss of typo detection; that of the edits is 1.
        weight_decay: Of AdamW.
        log_steps: Steps between two lines of the curve.
        save_steps: Steps between two checkpoints.
        dev_examples: Number of phrases of the dev split that each line of the curve is measured on.
        seed: Of everything random.
        bfloat16: Whether to multiply in bfloat16, which a processor with AMX does 1.6 times faster.
    """

    steps: int = 4000
    batch: int = 128
    rate: float = 2e-3
    warmup_steps: int = 200
    decay_share: float = 0.3
    ema_steps: int = 150
    wrong_weight: float = 0.3
    weight_decay: float = 0.01
    log_steps: int = 100
    save_steps: int = 500
    dev_examples: int = 200
    seed: int = 0
    bfloat16: bool = False

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.ema_steps, self.log_steps, self.save_steps) < 1:
            raise ValueError("steps, batch and all that is counted in steps must be at least 1")


@dataclass(frozen=True)
class SpellerConfig:
    """Configure a whole training run."""

    data: SpellingData = field(default_factory=SpellingData)
    model: SpellingConfig = field(default_factory=SpellingConfig)
    schedule: SpellingSchedule = field(default_factory=SpellingSchedule)


class SpellerTrainer:
    """Holds the training state and takes the steps.

    Attributes:
        network: What is trained.
        averaged: Its weights, averaged over the last steps: what is measured and shipped.
        step: Steps done.
    """

    def __init__(self, config: SpellerConfig, device: torch.device) -> None:
        torch.manual_seed(config.schedule.seed)
        self._schedule = config.schedule
        self._device = device
        self.network = SpellingNetwork(Alphabet(LATIN + HANGUL), config.model).to(device)
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=config.schedule.rate,
            betas=(0.9, 0.98),
            weight_decay=config.schedule.weight_decay,
        )
        self.step = 0

    @property
    def rate(self) -> float:
        """Return the learning rate of the next step."""
        schedule = self._schedule
        rising = (self.step + 1) / max(schedule.warmup_steps, 1)
        falling = (schedule.steps - self.step) / max(schedule.decay_share * schedule.steps, 1.0)
        return schedule.rate * min(1.0, rising, falling)

    def learn(self, batch: SpellingBatch) -> tuple[float, float]:
        """Take one step; return the losses of the edits and of typo detection."""
        self.network.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate
        with (
            torch.autocast(self._device.type, torch.bfloat16, enabled=self._schedule.bfloat16),
            sdpa_kernel(SDPBackend.MATH),
        ):
            edit_loss, wrong_loss = spelling_losses(self.network, batch.to(self._device))
        self._optimizer.zero_grad(set_to_none=True)
        (edit_loss + self._schedule.wrong_weight * wrong_loss).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), _MAX_NORM)
        self._optimizer.step()
        self.step += 1
        self._average()
        return edit_loss.item(), wrong_loss.item()

    def _average(self) -> None:
        """Update the averaged weights; the decay grows over the first steps."""
        share = 1 / min(self._schedule.ema_steps, 10 + self.step)
        with torch.no_grad():
            for own, new in zip(self.averaged.parameters(), self.network.parameters(), strict=True):
                own.lerp_(new, share)

    def save(self, folder: Path, facts: dict[str, object]) -> None:
        """Write the state to resume from and the weights."""
        state = {
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        examples = self.step * self._schedule.batch
        save_state(folder / STATE_FILE, state, Progress(self.step, examples))
        facts = facts | {"names": list(LATIN + HANGUL), "step": self.step}
        save_weights(folder / WEIGHTS_FILE, {"network": self.averaged}, facts)

    def resume(self, folder: Path) -> None:
        """Resume from a state that `save` wrote.

        Raises:
            WeightsError: If it cannot be read.
        """
        state, progress = load_state(folder / STATE_FILE)
        try:
            self.network.load_state_dict(cast("dict[str, Any]", state["network"]))
            self.averaged.load_state_dict(cast("dict[str, Any]", state["averaged"]))
            self._optimizer.load_state_dict(cast("dict[str, Any]", state["optimizer"]))
        except (KeyError, RuntimeError, ValueError) as error:
            raise WeightsError(
                f"{folder / STATE_FILE} is of another run; train into another folder: {error}"
            ) from error
        self.step = progress.step


def spelling_losses(network: SpellingNetwork, batch: SpellingBatch) -> tuple[Tensor, Tensor]:
    """Return the mean cross entropy of a batch's edits and that of typo detection."""
    states, wrong = network.read(batch.symbols)
    logits = network.score(states, batch.positions, batch.last_edits, batch.written)
    edit_loss = F.cross_entropy(logits.flatten(0, 1), batch.edits.flatten(), ignore_index=IGNORED)
    return edit_loss, F.binary_cross_entropy_with_logits(wrong, batch.is_wrong)


def train_speller(config_path: Path, folder: Path, device: str = "cpu", command: str = "") -> Path:
    """Train, or resume from the state in `folder`.

    Args:
        config_path: TOML file of a `SpellerConfig`; its paths are relative to where the run starts.
        folder: Where state, weights and curve go.
        device: What torch calls it, such as `cpu` or `cuda`.
        command: How the run was started, to be kept with the weights.

    Returns:
        The file of weights.

    Raises:
        SettingsError: If the configuration is wrong, or torch knows no such device.
        DatasetError: If the data cannot be read.
        WeightsError: If the state to go on from cannot be read.
    """
    config = load_config(config_path, SpellerConfig)
    data, schedule = config.data, config.schedule
    phrases = load_clean_phrases(
        Path(data.names) if data.names else None,
        Path(data.captions) if data.captions else None,
        load_dictionary().at_least(Frequency.SELDOM),
    )
    maker = ExampleMaker(phrases, data.mixture)
    trainer = SpellerTrainer(config, find_device(device))
    if (folder / STATE_FILE).exists():
        trainer.resume(folder)
    facts: dict[str, object] = {
        "command": command,
        "config": asdict(config),
        "config_sha256": hashlib.sha256(config_path.read_bytes()).hexdigest(),
        "torch": version("torch"),
    }
    curve = _Curve(folder / CURVE_FILE, maker, schedule)
    for batch in _batches(maker, schedule, trainer.step):
        curve.add(*trainer.learn(batch))
        if trainer.step % schedule.log_steps == 0:
            curve.write(trainer)
        if trainer.step % schedule.save_steps == 0 or trainer.step == schedule.steps:
            trainer.save(folder, facts)
    return folder / WEIGHTS_FILE


def _batches(
    maker: ExampleMaker, schedule: SpellingSchedule, start: int
) -> Iterator[SpellingBatch]:
    """Yield batches from step `start` on, each of texts of similar length; the same on resuming."""
    alphabet = Alphabet(LATIN + HANGUL)
    for step in range(start, schedule.steps):
        pool, index = divmod(step, _POOL_BATCHES)
        if index == 0 or step == start:
            seed = f"{schedule.seed} {pool}"
            examples = maker.make(seed, schedule.batch * _POOL_BATCHES, Split.TRAIN)
            examples.sort(key=lambda example: len(example.typed))
            order = torch.randperm(
                _POOL_BATCHES, generator=torch.Generator().manual_seed(schedule.seed + pool)
            ).tolist()
        first = order[index] * schedule.batch
        yield join_examples(examples[first : first + schedule.batch], alphabet)


class _Curve:
    """Writes the curve: mean losses since the line before, and accuracy on the dev split."""

    def __init__(self, path: Path, maker: ExampleMaker, schedule: SpellingSchedule) -> None:
        self._path = path
        self._batch = schedule.batch
        self._dev = maker.make("dev", schedule.dev_examples, Split.DEV)
        self._losses: list[tuple[float, float]] = []
        self._started = time.perf_counter()
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow(CURVE_COLUMNS)

    def add(self, edit_loss: float, wrong_loss: float) -> None:
        self._losses.append((edit_loss, wrong_loss))

    def write(self, trainer: SpellerTrainer) -> None:
        speed = len(self._losses) * self._batch / (time.perf_counter() - self._started)
        edit_loss, wrong_loss = (sum(part) / len(part) for part in zip(*self._losses, strict=True))
        corrected, kept = self._dev_scores(Speller(trainer.averaged.to_scorer()))
        row = (trainer.rate, edit_loss, wrong_loss, corrected, kept, speed)
        with self._path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow([trainer.step, *(f"{value:.5g}" for value in row)])
        self._losses, self._started = [], time.perf_counter()

    def _dev_scores(self, speller: Speller) -> tuple[float, float]:
        """Return the shares of typos corrected and of clean phrases kept."""
        right: dict[bool, list[bool]] = {True: [], False: []}
        for example in self._dev:
            found = speller.correct(example.typed)
            meant = example.typed if found is None else found.text
            right[example.typed == example.meant].append(meant == example.meant)
        return (
            sum(right[False]) / max(len(right[False]), 1),
            sum(right[True]) / max(len(right[True]), 1),
        )
