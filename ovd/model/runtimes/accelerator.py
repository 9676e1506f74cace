"""Devices that torch can compute on."""


def describe_accelerator() -> str:
    """Return one line for people about the GPU and CPU that torch sees."""
    import torch

    cpu = f"CPU with {torch.get_num_threads()} threads"
    if not torch.cuda.is_available():
        return f"none that torch can use; computing on the {cpu}"
    return f"{torch.cuda.get_device_name(0)} (detectors run on the {cpu} so far)"
