"""What slips of the fingers cost: how unlikely it is to type one word for another.

The channel of a noisy-channel corrector (Kernighan, Church and Gale, 1990): edits weighted by the
place of the keys. Costs are negative natural logarithms of rough probabilities. Korean is compared
by the keys that type it, so that one table of neighbours serves both scripts.
"""

from ovd.language.spelling.keyboard import NEIGHBOURS

SPACE = 3.0
SOUND = 4.0
LAYOUT = 3.5
SHIFT = 2.0

_SWAPPED = 4.0
_NEIGHBOUR = 4.2
_VOWEL = 4.6
_OTHER = 6.2
_MISSING = 4.4
_STRAY = 5.2
_STRAY_NEIGHBOUR = 4.4
_DOUBLING = 3.6
_FIRST = 1.0
_VOWELS = frozenset("aeiouy")


def slip_cost(typed: str, meant: str) -> float:
    """Cost of the cheapest way from the keys of `meant` to those of `typed`; 0 for equal words.

    Args:
        typed: Lower-case keys as typed.
        meant: Lower-case keys of the word that may be meant.
    """
    before: list[float] = []
    above = [0.0]
    for at in range(1, len(meant) + 1):
        above.append(above[-1] + _missing(meant, at))
    for row in range(1, len(typed) + 1):
        costs = [above[0] + _stray(typed, row, meant, 0)]
        for column in range(1, len(meant) + 1):
            costs.append(
                min(
                    above[column] + _stray(typed, row, meant, column),
                    costs[column - 1] + _missing(meant, column),
                    above[column - 1] + _exchanged(typed, row, meant, column),
                    before[column - 2] + _SWAPPED
                    if _is_swap(typed, row, meant, column)
                    else float("inf"),
                )
            )
        before, above = above, costs
    return above[-1]


def _missing(meant: str, at: int) -> float:
    if at > 1 and meant[at - 1] == meant[at - 2]:
        return _DOUBLING
    return _MISSING + (_FIRST if at == 1 else 0.0)


def _stray(typed: str, row: int, meant: str, column: int) -> float:
    key = typed[row - 1]
    if row > 1 and key == typed[row - 2]:
        return _DOUBLING
    beside = meant[max(column - 1, 0) : column + 1]
    near = any(key in NEIGHBOURS.get(other, "") for other in beside)
    return (_STRAY_NEIGHBOUR if near else _STRAY) + (_FIRST if row == 1 else 0.0)


def _exchanged(typed: str, row: int, meant: str, column: int) -> float:
    key, other = typed[row - 1], meant[column - 1]
    if key == other:
        return 0.0
    first = _FIRST if row == 1 else 0.0
    if key in NEIGHBOURS.get(other, ""):
        return _NEIGHBOUR + first
    return (_VOWEL if {key, other} <= _VOWELS else _OTHER) + first


def _is_swap(typed: str, row: int, meant: str, column: int) -> bool:
    return (
        row > 1
        and column > 1
        and typed[row - 1] == meant[column - 2]
        and typed[row - 2] == meant[column - 1]
    )
