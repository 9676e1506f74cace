"""Dense attention: every query reads every token (Vaswani et al., 2017)."""

import torch.nn.functional as F
from torch import Tensor, nn


class DenseAttention(nn.Module):
    """Scaled dot products of all queries with all keys, by heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{heads} heads do not divide a width of {width}")
        self.heads = heads
        self.queries = nn.Linear(width, width)
        self.keys = nn.Linear(width, width)
        self.values = nn.Linear(width, width)
        self.output = nn.Linear(width, width)
        for linear in (self.queries, self.keys, self.values, self.output):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(
        self, queries: Tensor, keys: Tensor, values: Tensor, allowed: Tensor | None = None
    ) -> Tensor:
        """Attend.

        Args:
            queries: `(B, Q, W)`, with their positions.
            keys: `(B, T, W)`, with theirs.
            values: `(B, T, W)`.
            allowed: `(Q, T)` bool, what a query may read; None for everything.

        Returns:
            `(B, Q, W)`.
        """
        found = F.scaled_dot_product_attention(
            self._split(self.queries(queries)),
            self._split(self.keys(keys)),
            self._split(self.values(values)),
            allowed,
        )
        attended: Tensor = self.output(found.transpose(1, 2).flatten(2))
        return attended

    def _split(self, x: Tensor) -> Tensor:
        """Reshape `(B, N, W)` to `(B, heads, N, W / heads)`."""
        return x.reshape(*x.shape[:-1], self.heads, -1).transpose(1, 2)


def count_operations(width: int, queries: int, tokens: int) -> int:
    """Return the multiply-adds of one image in `DenseAttention`.

    With width W, for Q queries and T tokens: `2 Q W^2 + 2 T W^2` for the four linear maps and
    `2 Q T W` for the products with keys and with values.
    """
    return 2 * (queries + tokens) * width**2 + 2 * queries * tokens * width
