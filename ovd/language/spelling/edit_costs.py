"""Edit costs: how unlikely it is to type one word for another.

The channel of a noisy-channel corrector (Kernighan, Church and Gale, 1990): edits weighted by the
place of the keys. Costs are negative natural logarithms of rough probabilities. Korean is compared
by the keys that type it, so that one table of neighbours serves both scripts.
"""

from ovd.language.spelling.keyboard import NEIGHBOURS

SPACE = 3.0
PHONETIC = 4.0
LAYOUT = 3.5
SHIFT = 2.0

_TRANSPOSITION = 4.0
_SUBSTITUTION_OF_NEIGHBOUR = 4.2
_SUBSTITUTION_OF_VOWEL = 4.6
_SUBSTITUTION = 6.2
_DELETION = 4.4
_INSERTION = 5.2
_INSERTION_OF_NEIGHBOUR = 4.4
_DOUBLED_KEY = 3.6
_FIRST_KEY_EXTRA = 1.0
_VOWELS = frozenset("aeiouy")


def edit_cost(typed: str, meant: str) -> float:
    """Return the cost of the cheapest edits from `meant` to `typed`; 0 for equal words.

    Args:
        typed: Lower-case keys as typed.
        meant: Lower-case keys of the word that may be meant.
    """
    before: list[float] = []
    above = [0.0]
    for at in range(1, len(meant) + 1):
        above.append(above[-1] + _deletion_cost(meant, at))
    for row in range(1, len(typed) + 1):
        costs = [above[0] + _insertion_cost(typed, row, meant, 0)]
        for column in range(1, len(meant) + 1):
            costs.append(
                min(
                    above[column] + _insertion_cost(typed, row, meant, column),
                    costs[column - 1] + _deletion_cost(meant, column),
                    above[column - 1] + _substitution_cost(typed, row, meant, column),
                    before[column - 2] + _TRANSPOSITION
                    if _is_transposition(typed, row, meant, column)
                    else float("inf"),
                )
            )
        before, above = above, costs
    return above[-1]


def _deletion_cost(meant: str, at: int) -> float:
    if at > 1 and meant[at - 1] == meant[at - 2]:
        return _DOUBLED_KEY
    return _DELETION + (_FIRST_KEY_EXTRA if at == 1 else 0.0)


def _insertion_cost(typed: str, row: int, meant: str, column: int) -> float:
    key = typed[row - 1]
    if row > 1 and key == typed[row - 2]:
        return _DOUBLED_KEY
    beside = meant[max(column - 1, 0) : column + 1]
    near = any(key in NEIGHBOURS.get(other, "") for other in beside)
    return (_INSERTION_OF_NEIGHBOUR if near else _INSERTION) + (
        _FIRST_KEY_EXTRA if row == 1 else 0.0
    )


def _substitution_cost(typed: str, row: int, meant: str, column: int) -> float:
    key, other = typed[row - 1], meant[column - 1]
    if key == other:
        return 0.0
    first = _FIRST_KEY_EXTRA if row == 1 else 0.0
    if key in NEIGHBOURS.get(other, ""):
        return _SUBSTITUTION_OF_NEIGHBOUR + first
    return (_SUBSTITUTION_OF_VOWEL if {key, other} <= _VOWELS else _SUBSTITUTION) + first


def _is_transposition(typed: str, row: int, meant: str, column: int) -> bool:
    return (
        row > 1
        and column > 1
        and typed[row - 1] == meant[column - 2]
        and typed[row - 2] == meant[column - 1]
    )
