"""Data-parallel training in several processes of one machine, on a CPU.

Threads synchronise at every layer and become slow when other programs use the cores; processes
synchronise once a step.
"""

import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.multiprocessing.spawn import ProcessContext, start_processes

from ovd.errors import SettingsError
from ovd.training.engine.run import RunOptions, train
from ovd.training.engine.trainer import ProcessGroup


def train_together(config_path: Path, folder: Path, options: RunOptions, processes: int) -> Path:
    """Train as `ovd.training.engine.run.train` does, in several processes.

    Args:
        config_path: TOML file.
        folder: Where state, weights and curve go.
        options: Where and how to compute; the device must be a CPU.
        processes: How many processes, this one included; each trains on different batches.

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
    with TemporaryDirectory() as rendezvous:
        workers = _start_workers(config_path, folder, options, (processes, f"{rendezvous}/file"))
        try:
            _join_process_group(0, processes, f"{rendezvous}/file")
            return train(config_path, folder, replace(options, group=ProcessGroup(0, processes)))
        finally:
            if torch.distributed.is_initialized():
                torch.distributed.destroy_process_group()
            torch.set_num_threads(threads)
            for process in workers.processes:
                process.join(timeout=10)
                process.terminate()


def _start_workers(
    config_path: Path, folder: Path, options: RunOptions, group: tuple[int, str]
) -> ProcessContext:
    quiet = RunOptions(options.device, options.command, options.text_encoder, options.weights_dir)
    context: ProcessContext = start_processes(  # type: ignore[no-untyped-call]
        _run_worker,
        (config_path, folder, quiet, *group),
        nprocs=group[0] - 1,
        join=False,
        start_method="spawn",
    )
    return context


def _run_worker(
    index: int, config_path: Path, folder: Path, options: RunOptions, size: int, rendezvous: str
) -> None:
    """Train in a process other than the first."""
    _join_process_group(index + 1, size, rendezvous)
    train(config_path, folder, replace(options, group=ProcessGroup(index + 1, size)))
    torch.distributed.destroy_process_group()


def _join_process_group(rank: int, size: int, rendezvous: str) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // size))
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=size
    )
