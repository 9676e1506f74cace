"""The assignment problem: pairs of rows and columns whose costs add up to the least.

The method is that of shortest augmenting paths (Jonker and Volgenant 1987) for rectangular
matrices, as Crouse describes it ("On implementing 2D rectangular assignment algorithms", 2016).
Written for matrices of some ten to some hundred rows, so that a package of 140 MB is not needed
for it.
"""

import numpy as np
from numpy.typing import NDArray

_FREE = -1


def assign_least_cost(
    cost: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of least total cost, one for each row or each column, whichever are fewer.

    Args:
        cost: `(R, C)`, finite.

    Returns:
        `(min(R, C),)` rows in ascending order, and the column of each.

    Raises:
        ValueError: If a cost is not finite.
    """
    if not np.isfinite(cost).all():
        raise ValueError("costs must be finite")
    if cost.shape[0] > cost.shape[1]:
        columns, rows = assign_least_cost(cost.T)
        order = np.argsort(rows)
        return rows[order], columns[order]
    column_of = _augment_all(np.ascontiguousarray(cost, dtype=np.float64))
    return np.arange(len(cost)), column_of


def _augment_all(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the column of each row of a matrix that has no more rows than columns."""
    count, width = cost.shape
    row_price, column_price = np.zeros(count), np.zeros(width)
    column_of = np.full(count, _FREE)
    row_of = np.full(width, _FREE)
    for start in range(count):
        shortest = np.full(width, np.inf)
        before = np.full(width, _FREE)
        done = np.zeros(width, dtype=bool)
        visited = [start]
        row, least = start, 0.0
        while True:
            through = least + cost[row] - row_price[row] - column_price
            nearer = ~done & (through < shortest)
            shortest[nearer] = through[nearer]
            before[nearer] = row
            column = int(np.argmin(np.where(done, np.inf, shortest)))
            least = float(shortest[column])
            done[column] = True
            row = int(row_of[column])
            if row == _FREE:
                break
            visited.append(row)
        row_price[start] += least
        others = np.array(visited[1:], dtype=np.int64)
        row_price[others] += least - shortest[column_of[others]]
        column_price[done] -= least - shortest[done]
        while True:
            row = int(before[column])
            row_of[column] = row
            column_of[row], column = column, int(column_of[row])
            if row == start:
                break
    return column_of
