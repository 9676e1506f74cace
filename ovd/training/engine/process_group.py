"""Several processes of one machine that train one network together, on a CPU.

Threads that wait for each other at every layer crawl when others use the cores too; processes that
meet once a step do not.
"""

import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.multiprocessing.spawn import ProcessContext, start_processes

from ovd.errors import SettingsError
from ovd.training.engine.run import RunOptions, train
from ovd.training.engine.trainer import Team


def train_together(config_path: Path, folder: Path, options: RunOptions, processes: int) -> Path:
    """Train as `ovd.training.engine.run.train` does, in several processes.

    Args:
        config_path: TOML file.
        folder: Where state, weights and curve go.
        options: Where and how to compute; the device must be a CPU.
        processes: How many processes, this one included; each sees other batches.

    Returns:
        The file of averaged weights.

    Raises:
        SettingsError: If there are more processes than cores, or the device is no CPU.
        OvdError: As `train`.
    """
    cores = os.cpu_count() or 1
    if processes == 1:
        return train(config_path, folder, options)
    if not 1 <= processes <= cores or options.device != "cpu":
        raise SettingsError(
            f"wanted 1 to {cores} processes, one per core, on the device cpu; got {processes} on "
            f"{options.device}"
        )
    threads = torch.get_num_threads()
    with TemporaryDirectory() as meeting:
        others = _start_others(config_path, folder, options, (processes, f"{meeting}/team"))
        try:
            _join_team(0, processes, f"{meeting}/team")
            return train(config_path, folder, replace(options, team=Team(0, processes)))
        finally:
            if torch.distributed.is_initialized():
                torch.distributed.destroy_process_group()
            torch.set_num_threads(threads)
            for process in others.processes:
                process.join(timeout=10)
                process.terminate()


def _start_others(
    config_path: Path, folder: Path, options: RunOptions, team: tuple[int, str]
) -> ProcessContext:
    quiet = RunOptions(options.device, options.command, options.text_encoder, options.weights_dir)
    context: ProcessContext = start_processes(  # type: ignore[no-untyped-call]
        _member,
        (config_path, folder, quiet, *team),
        nprocs=team[0] - 1,
        join=False,
        start_method="spawn",
    )
    return context


def _member(
    index: int, config_path: Path, folder: Path, options: RunOptions, size: int, meeting: str
) -> None:
    """Train in a process other than the first."""
    _join_team(index + 1, size, meeting)
    train(config_path, folder, replace(options, team=Team(index + 1, size)))
    torch.distributed.destroy_process_group()


def _join_team(rank: int, size: int, meeting: str) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // size))
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=size
    )
