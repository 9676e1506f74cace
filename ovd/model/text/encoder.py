"""Text encoders: names -> unit-length text embeddings.

A shipped table knows the names that its detector knows; what it does not hold is left to a text
tower, which is loaded when it is first needed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ovd.errors import QueryError, WeightsError
from ovd.model.weights import LoadedWeights

CACHE_SIZE = 4096
NAMES_PER_BATCH = 32
NAMES_SHOWN = 8
LENGTHS = "lengths"
FITTED = "fitted_rows"


class TextEncoder(Protocol):
    """Makes text embeddings. Safe to share between threads."""

    @property
    def encoder_id(self) -> str:
        """Return which encoder and weights these are; embeddings of different ids do not mix."""
        ...

    def embed(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Embed each name, as `(N, E)` unit-length rows in the order given.

        Raises:
            QueryError: If a name cannot be encoded.
        """
        ...


class TableEncoder:
    """Looks names up in a table of embeddings that were computed elsewhere.

    Rows have unit length unless the table says otherwise: names that were fitted to a trained
    network need another to reach its scores.
    """

    def __init__(self, weights: LoadedWeights) -> None:
        """Take the table out of its file.

        Raises:
            WeightsError: If the file holds no table.
        """
        table = weights.tensors.get("text_embeds")
        if table is None or len(table) != len(weights.names):
            raise WeightsError(f"{weights.entry.file} holds no table of text embeddings")
        self._rows = unit_length(table.astype(np.float32)) * _lengths(weights)
        self._index = {name: row for row, name in enumerate(weights.names)}
        self._encoder_id = weights.encoder_id
        self._fitted = tuple(weights.names[row] for row in weights.tensors.get(FITTED, ()))

    @property
    def encoder_id(self) -> str:
        """Return which encoder made the table."""
        return self._encoder_id

    @property
    def fitted_names(self) -> tuple[str, ...]:
        """Return the names that were learned with the network as it is, in their order."""
        return self._fitted

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def embed(self, names: Sequence[str]) -> NDArray[np.float32]:
        """See `TextEncoder`; names are matched exactly, lower case as in the table."""
        unknown = [name for name in names if name not in self._index]
        if unknown:
            raise QueryError(
                f"no text embedding for {_listed(unknown)}; the table knows {_listed(self._index)}"
            )
        return self._rows[[self._index[name] for name in names]]


class TableWithTower:
    """Looks names up in a table, and asks a tower for those that it does not hold.

    The tower is loaded when it is first needed: most queries never are.
    """

    def __init__(self, table: TableEncoder, load: Callable[[], TextEncoder]) -> None:
        """Keep a table and what loads its tower.

        Args:
            table: Embeddings that the tower made.
            load: Loads the tower.
        """
        self._table = table
        self._load = load
        self._tower: TextEncoder | None = None
        self._lock = threading.Lock()

    @property
    def encoder_id(self) -> str:
        """Return which encoder made the table."""
        return self._table.encoder_id

    def embed(self, names: Sequence[str]) -> NDArray[np.float32]:
        """See `TextEncoder`; the first name that is not in the table takes a moment.

        Raises:
            WeightsError: If the tower is needed and cannot be loaded.
        """
        new = [name for name in dict.fromkeys(names) if name not in self._table]
        rows = dict(zip(new, self._load_once().embed(new), strict=True)) if new else {}
        return np.stack(
            [rows[name] if name in rows else self._table.embed([name])[0] for name in names]
        )

    def _load_once(self) -> TextEncoder:
        with self._lock:
            if self._tower is None:
                self._tower = self._load()
            return self._tower


class TowerEncoder:
    """Runs a text tower, and keeps the embeddings of the names used last."""

    def __init__(
        self,
        encode: Callable[[list[str]], NDArray[np.float32]],
        encoder_id: str,
        template: str = "a {}",
    ) -> None:
        """Wrap a text model.

        Args:
            encode: P sentences to `(P, E)` embeddings of any length.
            encoder_id: Which tower and weights these are.
            template: Sentence for a name.
        """
        self._encode = encode
        self._encoder_id = encoder_id
        self._template = template
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def encoder_id(self) -> str:
        """Return the name of the tower, and of its weights."""
        return self._encoder_id

    def embed(self, names: Sequence[str]) -> NDArray[np.float32]:
        """See `TextEncoder`; takes 0.1 s a name for a large tower, nothing for a cached one."""
        with self._lock:
            rows = {name: self._known[name] for name in names if name in self._known}
            new = [name for name in dict.fromkeys(names) if name not in rows]
            for start in range(0, len(new), NAMES_PER_BATCH):
                chunk = new[start : start + NAMES_PER_BATCH]
                embeds = self._encode([self._template.format(name) for name in chunk])
                rows.update(zip(chunk, unit_length(embeds), strict=True))
            self._remember(rows)
        return np.stack([rows[name] for name in names])

    def _remember(self, rows: dict[str, NDArray[np.float32]]) -> None:
        for name, row in rows.items():
            self._known[name] = row
            self._known.move_to_end(name)
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)


def _lengths(weights: LoadedWeights) -> NDArray[np.float32]:
    """Return the `(N, 1)` lengths that a table gives its rows, or 1 for all."""
    lengths = weights.tensors.get(LENGTHS)
    if lengths is None:
        return np.ones((1, 1), dtype=np.float32)
    if lengths.shape != (len(weights.names),):
        raise WeightsError(f"{weights.entry.file} holds {len(lengths)} lengths of text embeddings")
    rows: NDArray[np.float32] = lengths.astype(np.float32)[:, None]
    return rows


def unit_length(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale `(N, E)` rows to length 1."""
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _listed(names: Sequence[str] | dict[str, int]) -> str:
    shown = [repr(name) for name in list(names)[:NAMES_SHOWN]]
    return ", ".join(shown) + (
        f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    )
