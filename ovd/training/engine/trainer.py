"""The training loop: steps, averaged weights, checkpoints, curve; resumes exactly."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ovd.errors import TrainingDivergedError, WeightsError
from ovd.model.ovdense import use_channels_last
from ovd.model.text.adapter import TextAdapter
from ovd.model.trainable import ParameterRole, TrainableModel
from ovd.training.config import TrainConfig
from ovd.training.data.loader import TrainingBatch
from ovd.training.engine.checkpoint import Progress, load_state, save_state, save_weights
from ovd.training.engine.curve import CurveWriter
from ovd.training.engine.objective import Objective
from ovd.training.losses.criterion import Losses
from ovd.training.text.sentence_features import SentenceEncoder
from ovd.training.text.text_space import TextAnchors, add_noise

MAX_NONFINITE_STEPS = 10
RANK_STRIDE = 1_000_003
FINAL_RATE = 0.01
STATE_FILE = "state.pt"
WEIGHTS_FILE = "weights.safetensors"
CURVE_FILE = "curve.csv"


@dataclass(frozen=True)
class ProcessGroup:
    """Processes that train one network together on different batches.

    Attributes:
        rank: Number of this process, from 0.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    def average(self, gradients: list[Tensor]) -> None:
        """Replace the gradients in place by their mean over all processes."""
        if self.size == 1:
            return
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        torch.distributed.all_reduce(flat)
        flat.div_(self.size)
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()

    def share(self, module: nn.Module) -> None:
        """Broadcast the weights of the first process to all."""
        if self.size > 1:
            for tensor in module.state_dict().values():
                torch.distributed.broadcast(tensor, 0)


class AveragedWeights:
    """Exponential moving average of a module's parameters and buffers."""

    def __init__(self, module: nn.Module, memory_steps: int) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self._memory_steps = memory_steps

    def update(self, module: nn.Module, step: int) -> None:
        """Update the average with `module`; the decay grows over the first steps."""
        share = 1 / min(self._memory_steps, 10 + step)
        own, new = self.module.state_dict(), module.state_dict()
        moving = [name for name, tensor in own.items() if tensor.is_floating_point()]
        torch._foreach_lerp_(
            [own[name] for name in moving], [new[name].detach() for name in moving], share
        )


@dataclass(frozen=True, eq=False)
class TextInputs:
    """Sentence features and text anchors of a run.

    Attributes:
        encoder: Sentence features of phrases.
        anchors: Phrases whose embeddings are known.
    """

    encoder: SentenceEncoder
    anchors: TextAnchors | None = None


class Trainer:
    """Holds the training state and takes the steps.

    Attributes:
        network: The detector.
        adapter: The trainable end of the text tower.
        progress: Steps and images done.
    """

    def __init__(
        self,
        config: TrainConfig,
        network: TrainableModel,
        adapter: TextAdapter,
        objective: Objective,
        text_inputs: TextInputs,
        place: tuple[torch.device, ProcessGroup],
    ) -> None:
        """Prepare the modules, their averages and the optimizer.

        Args:
            config: The run.
            network: What to train.
            adapter: What to train with it.
            objective: Computes the network's losses.
            text_inputs: Sentence features and text anchors.
            place: The device, and this process among those that train together.
        """
        self._config = config
        device, self._group = place
        self.network = network.to(device)
        use_channels_last(self.network)
        self.adapter = adapter.to(device)
        self._encoder, self._anchors = text_inputs.encoder, text_inputs.anchors
        self._objective = objective
        self._device = device
        for module in (self.network, self.adapter):
            self._group.share(module)
        self.network.freeze_backbone(config.model.frozen_blocks)
        memory = config.schedule.ema_steps
        self._averaged = {
            "network": AveragedWeights(self.network, memory),
            "adapter": AveragedWeights(self.adapter, memory),
        }
        self._optimizer = torch.optim.AdamW(_groups(self.network, self.adapter, config))
        self._generator = torch.Generator()
        self._nonfinite_steps = 0
        self.progress = Progress()

    def step(self, batch: TrainingBatch) -> tuple[Losses, float]:
        """Take one optimizer step on a batch.

        Returns:
            The losses and the text anchors' loss.

        Raises:
            TrainingDivergedError: If the loss was not finite many times in a row.
        """
        self.network.train()
        schedule = self._config.schedule
        rate = rate_factor(self.progress.images, self._config)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["full_rate"]
        self._generator.manual_seed(
            schedule.seed + RANK_STRIDE * (self.progress.step * self._group.size + self._group.rank)
        )
        losses, anchor_loss = self._losses(batch)
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(losses.total + anchor_loss)
        self._apply_gradients(batch)
        step = self.progress.step + 1
        self._averaged["network"].update(self.network, step)
        self._averaged["adapter"].update(self.adapter, step)
        self.progress = Progress(step, self.progress.images + len(batch.images) * self._group.size)
        return losses, anchor_loss.item()

    def _losses(self, batch: TrainingBatch) -> tuple[Losses, Tensor]:
        features = self._encoder.encode(batch.targets.phrases)
        noisy = add_noise(features, self._generator, self._config.text.noise)
        texts = self.adapter(noisy.to(self._device))
        return self._objective(batch, texts, self.progress.images), self._anchor_loss()

    def _anchor_loss(self) -> Tensor:
        if self._anchors is None:
            return torch.zeros((), device=self._device)
        text = self._config.text
        loss = self._anchors.loss(self.adapter, self._generator, text.anchor_count)
        return text.anchor_weight * loss

    def _apply_gradients(self, batch: TrainingBatch) -> None:
        """Take the optimizer step, unless the mean gradient is not finite."""
        parameters = [p for group in self._optimizer.param_groups for p in group["params"]]
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self._group.average([parameter.grad for parameter in parameters])
        norm = nn.utils.clip_grad_norm_(parameters, self._config.schedule.max_norm)
        if torch.isfinite(norm):
            self._nonfinite_steps = 0
            self._optimizer.step()
            return
        self._nonfinite_steps += 1
        if self._nonfinite_steps >= MAX_NONFINITE_STEPS:
            names = ", ".join(batch.file_names)
            raise TrainingDivergedError(
                f"the loss was not finite {MAX_NONFINITE_STEPS} times in a row, last for {names}; "
                "resume from the last checkpoint with a lower schedule.rate"
            )

    def save(self, folder: Path, facts: Mapping[str, object]) -> None:
        """Write the state to resume from and the averaged weights."""
        state = {
            "network": self.network.state_dict(),
            "adapter": self.adapter.state_dict(),
            "averaged_network": self._averaged["network"].module.state_dict(),
            "averaged_adapter": self._averaged["adapter"].module.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        save_state(folder / STATE_FILE, state, self.progress)
        modules = {name: averaged.module for name, averaged in self._averaged.items()}
        facts = {**facts, "step": self.progress.step, "images": self.progress.images}
        save_weights(folder / WEIGHTS_FILE, modules, facts)

    def resume(self, folder: Path) -> None:
        """Resume from a state that `save` wrote.

        Raises:
            WeightsError: If it cannot be read.
        """
        state, self.progress = load_state(folder / STATE_FILE)
        try:
            self.network.load_state_dict(state["network"])
            self.adapter.load_state_dict(state["adapter"])
            self._averaged["network"].module.load_state_dict(state["averaged_network"])
            self._averaged["adapter"].module.load_state_dict(state["averaged_adapter"])
            self._optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise WeightsError(
                f"{folder / STATE_FILE} was written by a run of another architecture; choose "
                f"another folder or the configuration of that run: {error}"
            ) from error


def rate_factor(images: int, config: TrainConfig) -> float:
    """Return the learning rate as a share of the full one: warm-up, constant, linear decay."""
    schedule = config.schedule
    rising = (images + schedule.batch) / max(schedule.warmup_images, 1)
    decay = schedule.decay_share * schedule.images
    falling = (schedule.images - images) / max(decay, 1.0)
    return max(FINAL_RATE, min(1.0, rising, falling))


def _do_nothing() -> None:
    """Ignore that a checkpoint is due: only the first process writes."""


def ignore_progress(progress: Progress) -> None:
    """Ignore the progress of a run."""


@dataclass(frozen=True)
class RunCallbacks:
    """Callbacks of a run.

    Attributes:
        save: Called when a checkpoint is due, and at the end.
        on_step: Called after each step.
    """

    save: Callable[[], None] = _do_nothing
    on_step: Callable[[Progress], None] = ignore_progress


def run_steps(
    trainer: Trainer,
    batches: Iterator[TrainingBatch],
    config: TrainConfig,
    folder: Path,
    callbacks: RunCallbacks,
) -> None:
    """Train until the schedule's images are done, writing the curve and checkpoints.

    Args:
        trainer: Takes the steps.
        batches: Batches from the trainer's next step on.
        config: Its plan sets when to log and to save.
        folder: Where the curve goes.
        callbacks: Callbacks.
    """
    next_save = trainer.progress.images + config.plan.save_images
    curve = CurveWriter(folder / CURVE_FILE)
    while trainer.progress.images < config.schedule.images:
        losses, anchor_loss = trainer.step(next(batches))
        curve.add(losses, anchor_loss)
        callbacks.on_step(trainer.progress)
        if trainer.progress.step % config.plan.log_steps == 0:
            curve.write(trainer.progress, rate_factor(trainer.progress.images, config))
        if trainer.progress.images >= next_save:
            next_save += config.plan.save_images
            callbacks.save()
    callbacks.save()


def _groups(
    network: TrainableModel, adapter: TextAdapter, config: TrainConfig
) -> list[dict[str, object]]:
    """Group parameters by learning rate and weight decay."""
    schedule = config.schedule
    factors = {
        ParameterRole.BACKBONE: schedule.backbone_factor,
        ParameterRole.INHERITED: schedule.inherited_factor,
        ParameterRole.NEW: 1.0,
    }
    grouped: dict[tuple[float, float], list[nn.Parameter]] = {}
    rated = [
        *(
            (factors[network.role_of(name)], parameter)
            for name, parameter in network.named_parameters()
            if parameter.requires_grad
        ),
        *((config.text.rate_factor, parameter) for parameter in adapter.parameters()),
    ]
    for factor, parameter in rated:
        decay = schedule.weight_decay if parameter.ndim > 1 else 0.0
        grouped.setdefault((factor, decay), []).append(parameter)
    return [
        {"params": parameters, "weight_decay": decay, "full_rate": factor * schedule.rate}
        for (factor, decay), parameters in grouped.items()
    ]
