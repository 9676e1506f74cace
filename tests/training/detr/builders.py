"""Targets of small batches, for the tests of this room."""

import torch

from ovd.training.detr.criterion import to_set_targets
from ovd.training.losses.criterion import BatchTargets


def make_set_targets(xyxy, match, **changes):
    """Targets of one image of 100 x 100 pixels; everything is known unless changed."""
    count, phrases = len(match), len(match[0])
    values = {
        "xyxy": torch.tensor(xyxy, dtype=torch.float32).reshape(-1, 4),
        "image": torch.zeros(count, dtype=torch.int64),
        "soft_score": torch.ones(count),
        "is_ignored": torch.zeros(count, dtype=torch.bool),
        "match": torch.tensor(match),
        "ignore": torch.zeros((count, phrases), dtype=torch.bool),
        "negative": torch.ones((1, phrases)),
        "small_uncertain": torch.zeros((1, phrases), dtype=torch.bool),
    }
    return to_set_targets(BatchTargets(**(values | changes)), (100, 100))
