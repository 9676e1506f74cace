"""Build the convolutions that the ghost network is made of, without norms: they are folded in."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LEAK = 0.1


class Conv(nn.Module):
    """Convolve with a bias and, unless told otherwise, a leaky ReLU behind it.

    Padding is half of the kernel on every side, so that cell i of a map of stride s looks at the
    surroundings of pixel `s i`.
    """

    def __init__(
        self,
        channels: tuple[int, int],
        kernel: int = 1,
        stride: int = 1,
        *,
        depthwise: bool = False,
        leaky: bool = True,
    ) -> None:
        """Make one with weights that keep the size of what goes through.

        Args:
            channels: How many go in and come out.
            kernel: Side of the square kernel, odd.
            stride: 1 or 2.
            depthwise: Whether every channel is convolved by itself.
            leaky: Whether an activation follows.
        """
        super().__init__()
        groups = channels[0] if depthwise else 1
        self.conv = nn.Conv2d(*channels, kernel, stride, kernel // 2, groups=groups)
        self.leaky = leaky
        nn.init.kaiming_normal_(self.conv.weight, a=LEAK if leaky else 1.0)
        nn.init.zeros_(self.conv.get_parameter("bias"))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H', W')`."""
        y: Tensor = self.conv(x)
        return F.leaky_relu(y, LEAK, inplace=True) if self.leaky else y


def separable(channels: tuple[int, int], stride: int = 1) -> nn.Sequential:
    """Make a depthwise 5 x 5 and a pointwise convolution, both with an activation."""
    return nn.Sequential(
        Conv((channels[0], channels[0]), 5, stride, depthwise=True),
        Conv(channels),
    )


def interleave(first: Tensor, second: Tensor) -> Tensor:
    """Join two maps `(B, C, H, W)`, their channels in turn; memory stays channels last."""
    pairs = torch.stack((first.permute(0, 2, 3, 1), second.permute(0, 2, 3, 1)), dim=4)
    return pairs.flatten(3).permute(0, 3, 1, 2)
